//! A file being written whose last part can still be changed: headers are filled in after the content they describe, and what
//! failed is taken out again, mostly without a call to the system.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

/// Bytes held back.
const HELD: usize = 256 << 10;

/// A file written from its beginning to its end.
pub(super) struct Held {
    file: File,
    /// Where `bytes` begin in the file.
    start: u64,
    bytes: Vec<u8>,
}

impl Held {
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            start: 0,
            bytes: Vec::with_capacity(HELD),
        }
    }

    /// Writes at the end.
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > HELD {
            self.flush()?;
        }
        if bytes.len() > HELD {
            self.start += bytes.len() as u64;
            return self.file.write_all(bytes);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes over what was written at `at`; `bytes` end where something was written, too.
    pub(super) fn patch(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if let Some(held) = at.checked_sub(self.start).and_then(|from| usize::try_from(from).ok())
            && let Some(part) = self.bytes.get_mut(held..held + bytes.len())
        {
            part.copy_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(bytes)?;
        self.file.seek(SeekFrom::Start(self.start)).map(drop)
    }

    /// Goes back to `end`: what was written after it is written over.
    pub(super) fn back(&mut self, end: u64) -> io::Result<()> {
        match end.checked_sub(self.start).and_then(|held| usize::try_from(held).ok()) {
            Some(held) => self.bytes.truncate(held),
            None => {
                self.bytes.clear();
                self.file.seek(SeekFrom::Start(end))?;
                self.start = end;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.bytes)?;
        self.start += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }

    /// The file, with everything in it.
    pub(super) fn finish(mut self) -> io::Result<File> {
        self.flush()?;
        Ok(self.file)
    }
}

/// Counts what goes through it.
pub(super) struct Counting<'a> {
    pub out: &'a mut Held,
    pub count: u64,
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.put(bytes)?;
        self.count += bytes.len() as u64;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
