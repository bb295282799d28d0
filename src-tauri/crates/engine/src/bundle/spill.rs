//! Runs in one temporary file without a name: a bundle's records, sorted and with keys, as a snapshot has them.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Mutex, MutexGuard},
};

use backstay_model::ErrorKind;
use backstay_records::{RunSink, RunStore, StoreError};
use bytes::Bytes;

/// Files of a snapshot tree in one temporary file; it vanishes with the process.
pub(super) struct Spill(Mutex<Inner>);

struct Inner {
    file: File,
    places: BTreeMap<String, (u64, usize)>,
    end: u64,
}

impl Spill {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(Mutex::new(Inner {
            file: tempfile::tempfile()?,
            places: BTreeMap::new(),
            end: 0,
        })))
    }

    fn lock(&self, path: &str) -> Result<MutexGuard<'_, Inner>, StoreError> {
        self.0
            .lock()
            .map_err(|_| StoreError::new(path, ErrorKind::Internal, "the temporary file is broken"))
    }

    fn place(&self, path: &str) -> Result<(MutexGuard<'_, Inner>, u64, usize), StoreError> {
        let inner = self.lock(path)?;
        match inner.places.get(path).copied() {
            Some((start, size)) => Ok((inner, start, size)),
            None => Err(StoreError::new(path, ErrorKind::NotFound, "it is not in the bundle")),
        }
    }
}

impl RunSink for Spill {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        let mut inner = self.lock(path)?;
        let end = inner.end;
        let written = inner
            .file
            .seek(SeekFrom::Start(end))
            .and_then(|_| inner.file.write_all(&content));
        written.map_err(|error| StoreError::io(path, error))?;
        inner.places.insert(path.to_owned(), (end, content.len()));
        inner.end += content.len() as u64;
        Ok(())
    }

    fn keep(&self, from: &str, _: &str) -> Result<(), StoreError> {
        Err(StoreError::new(from, ErrorKind::NotFound, "there is no previous snapshot"))
    }
}

impl RunStore for Spill {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError> {
        let (mut inner, start, size) = self.place(path)?;
        if offset.checked_add(len as u64).is_none_or(|end| end > size as u64) {
            return Err(StoreError::new(path, ErrorKind::Damaged, "it is shorter than it should be"));
        }
        let mut content = vec![0; len];
        let read = inner
            .file
            .seek(SeekFrom::Start(start + offset))
            .and_then(|_| inner.file.read_exact(&mut content));
        read.map_err(|error| StoreError::io(path, error))?;
        Ok(Bytes::from(content))
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, StoreError> {
        let start = format!("{dir}/");
        let inner = self.lock(dir)?;
        let below = inner
            .places
            .range(start.clone()..)
            .map_while(|(path, _)| path.strip_prefix(&start));
        let mut names: Vec<String> = below.map(|rest| rest.split('/').next().unwrap_or(rest).to_owned()).collect();
        names.dedup();
        Ok(names)
    }

    fn size(&self, path: &str) -> Result<u64, StoreError> {
        Ok(self.place(path)?.2 as u64)
    }
}
