//! The content of one entry, whole and verified before the first byte is handed out.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

/// An entry's content with random access.
#[derive(Debug, Clone)]
pub struct Content {
    bytes: Bytes,
    at: u64,
}

#[derive(Debug, Clone)]
enum Bytes {
    Memory(Arc<[u8]>),
    /// A part of a file: of the archive, of a temporary file, or all of a file of a directory.
    File {
        file: Arc<File>,
        start: u64,
        size: u64,
    },
}

impl Content {
    pub(crate) fn memory(bytes: Vec<u8>) -> Self {
        Self {
            bytes: Bytes::Memory(bytes.into()),
            at: 0,
        }
    }

    pub(crate) fn file(file: Arc<File>, start: u64, size: u64) -> Self {
        Self {
            bytes: Bytes::File { file, start, size },
            at: 0,
        }
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.bytes {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File { size, .. } => *size,
        }
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let want = left.min(buffer.len());
        let read = match &self.bytes {
            _ if want == 0 => 0,
            Bytes::Memory(bytes) => {
                let at = usize::try_from(self.at).unwrap_or(usize::MAX);
                buffer[..want].copy_from_slice(&bytes[at..at + want]);
                want
            }
            Bytes::File { file, start, .. } => {
                let read = read_at(file, &mut buffer[..want], start + self.at)?;
                if read == 0 {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the bundle became shorter"));
                }
                read
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the start of the file"))?;
        Ok(self.at)
    }
}

/// Reads at a position without moving the file's own: one file serves many readers.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buffer, at);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buffer, at);
}
