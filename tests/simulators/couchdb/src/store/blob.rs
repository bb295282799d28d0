//! Bytes of attachments: small ones in memory, large ones in a temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempPath;

/// Beyond this many bytes an attachment goes into a file.
const IN_MEMORY: usize = 256 << 10;

/// Stored bytes, shared by every revision that has them.
#[derive(Debug, Clone)]
pub(crate) enum Blob {
    Memory(Bytes),
    /// The file goes when the last revision with it does.
    File(Arc<TempPath>, u64),
}

impl Blob {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, length) => *length,
        }
    }

    /// Reads `length` bytes from `from` on.
    pub(crate) fn reader(&self, from: u64, length: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Memory(bytes) => {
                let size = bytes.len() as u64;
                let (from, to) = (from.min(size), from.saturating_add(length).min(size));
                let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
                Box::new(io::Cursor::new(bytes.slice(from..to)))
            }
            Self::File(path, _) => {
                let mut file = File::open(&***path)?;
                file.seek(SeekFrom::Start(from))?;
                // The path is held so that the file outlives a revision that is dropped meanwhile.
                Box::new(Held {
                    file: file.take(length),
                    _path: Arc::clone(path),
                })
            }
        })
    }

    pub(crate) fn whole(&self) -> io::Result<Box<dyn Read + Send>> {
        self.reader(0, self.len())
    }
}

struct Held {
    file: io::Take<File>,
    _path: Arc<TempPath>,
}

impl Read for Held {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.file.read(out)
    }
}

/// Takes bytes in, moving to a file when there are many.
#[derive(Debug, Default)]
pub(crate) struct BlobWriter {
    memory: Vec<u8>,
    file: Option<(File, TempPath)>,
    length: u64,
}

impl BlobWriter {
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if let Some((file, _)) = &mut self.file {
            return file.write_all(bytes);
        }
        self.memory.extend_from_slice(bytes);
        if self.memory.len() > IN_MEMORY {
            let (mut file, path) = tempfile::Builder::new().prefix("couchdb-standin-").tempfile()?.into_parts();
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some((file, path));
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Blob {
        match self.file {
            Some((_, path)) => Blob::File(Arc::new(path), self.length),
            None => Blob::Memory(self.memory.into()),
        }
    }
}
