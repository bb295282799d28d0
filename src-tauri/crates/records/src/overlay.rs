//! The keys of a run that is not in a snapshot yet, in temporary space that no other program sees.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use backstay_model::ErrorKind;
use bytes::Bytes;
use parking_lot::Mutex;

use crate::{RecordsError, Result, RunStore, StoreError};

/// A few files in one unlinked temporary file.
pub(crate) struct Overlay {
    file: Mutex<File>,
    places: HashMap<String, (u64, u64)>,
    end: u64,
}

impl Overlay {
    pub(crate) fn new(temporary: Option<&Path>) -> Result<Self> {
        let file = temporary_file(temporary).map_err(RecordsError::Temporary)?;
        Ok(Self {
            file: Mutex::new(file),
            places: HashMap::new(),
            end: 0,
        })
    }

    pub(crate) fn add(&mut self, path: &str, content: &[u8]) -> Result<()> {
        self.file.get_mut().write_all(content).map_err(RecordsError::Temporary)?;
        self.places.insert(path.to_owned(), (self.end, content.len() as u64));
        self.end += content.len() as u64;
        Ok(())
    }

    fn find(&self, path: &str) -> std::result::Result<(u64, u64), StoreError> {
        let missing = || StoreError::new(path, ErrorKind::NotFound, "not among the temporary keys");
        self.places.get(path).copied().ok_or_else(missing)
    }
}

/// A temporary file without a name.
pub(crate) fn temporary_file(dir: Option<&Path>) -> std::io::Result<File> {
    match dir {
        Some(dir) => tempfile::tempfile_in(dir),
        None => tempfile::tempfile(),
    }
}

impl RunStore for Overlay {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> std::result::Result<Bytes, StoreError> {
        let (start, size) = self.find(path)?;
        if offset.checked_add(len as u64).is_none_or(|end| end > size) {
            return Err(StoreError::new(
                path,
                ErrorKind::Damaged,
                "the file is shorter than it should be",
            ));
        }
        let mut content = vec![0; len];
        let mut file = self.file.lock();
        let read = file
            .seek(SeekFrom::Start(start + offset))
            .and_then(|_| file.read_exact(&mut content));
        read.map_err(|error| StoreError::io(path, error))?;
        Ok(Bytes::from(content))
    }

    fn list(&self, _dir: &str) -> std::result::Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn size(&self, path: &str) -> std::result::Result<u64, StoreError> {
        Ok(self.find(path)?.1)
    }
}
