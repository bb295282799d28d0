//! Content a test keeps: small things in memory, large ones in a temporary file, so that a test of a large source does not
//! need its size in memory.

use std::{
    fs::File,
    io::{self, Cursor, Read, Write},
    path::Path,
    sync::Arc,
};

use backstay_model::{ContentHash, ContentHasher};
use backstay_source::ReadSeek;
use bytes::Bytes;
use tempfile::TempPath;

/// Content up to this size stays in memory.
const IN_MEMORY: u64 = 256 * 1024;

/// Bytes, cheap to clone. A temporary file goes away with the last clone.
#[derive(Debug, Clone)]
pub enum Content {
    /// In memory.
    Memory(Bytes),
    /// In a temporary file.
    File(Arc<TempPath>),
}

impl Content {
    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::Memory(Bytes::new())
    }

    /// Keeps all that `reader` gives and says how much it was. `expected` decides where it is kept.
    ///
    /// # Errors
    /// The reader's, or the temporary file's.
    pub fn keep(reader: &mut dyn Read, expected: u64) -> io::Result<(Self, u64)> {
        if expected <= IN_MEMORY {
            let mut bytes = Vec::new();
            // A reader that gives more than it promised must not fill the memory: one byte more shows it.
            let size = reader.take(expected + 1).read_to_end(&mut bytes)?;
            return Ok((Self::Memory(bytes.into()), size as u64));
        }
        let mut file = tempfile::NamedTempFile::new()?;
        let mut limited = reader.take(expected + 1);
        let mut buffer = vec![0; 1 << 20];
        let mut size = 0;
        loop {
            match limited.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => {
                    file.write_all(&buffer[..n])?;
                    size += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok((Self::File(Arc::new(file.into_temp_path())), size))
    }

    /// A reader of it.
    ///
    /// # Errors
    /// When the temporary file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Self::File(path) => Box::new(File::open(path.as_ref() as &Path)?),
        })
    }

    /// All of it.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn bytes(&self) -> io::Result<Bytes> {
        Ok(match self {
            Self::Memory(bytes) => bytes.clone(),
            Self::File(path) => std::fs::read(path.as_ref() as &Path)?.into(),
        })
    }

    /// The hash of it.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn hash(&self) -> io::Result<ContentHash> {
        hash_of(&mut self.open()?)
    }
}

/// Hashes all that `reader` gives.
pub(crate) fn hash_of(reader: &mut dyn Read) -> io::Result<ContentHash> {
    let mut hasher = ContentHasher::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
