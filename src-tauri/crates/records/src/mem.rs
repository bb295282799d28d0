//! A snapshot in memory: for tests, and the smallest example of the two traits.

use std::collections::BTreeMap;
use std::sync::Arc;

use backstay_model::ErrorKind;
use bytes::Bytes;
use parking_lot::Mutex;

use crate::{RunSink, RunStore, StoreError};

/// A snapshot's files in memory; a sink and a store at once.
#[derive(Debug, Default)]
pub struct MemStore {
    files: Mutex<BTreeMap<String, Bytes>>,
    previous: Option<Arc<MemStore>>,
}

impl MemStore {
    /// An empty first snapshot.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty snapshot that can [`keep`](RunSink::keep) what `previous` holds.
    #[must_use]
    pub fn after(previous: Arc<Self>) -> Self {
        Self {
            files: Mutex::default(),
            previous: Some(previous),
        }
    }

    /// All files, sorted by path.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Bytes> {
        self.files.lock().clone()
    }

    /// Replaces one file, or removes it.
    pub fn set(&self, path: &str, content: Option<Bytes>) {
        let mut files = self.files.lock();
        match content {
            Some(content) => files.insert(path.to_owned(), content),
            None => files.remove(path),
        };
    }
}

fn missing(path: &str) -> StoreError {
    StoreError::new(path, ErrorKind::NotFound, "no such file in the snapshot")
}

impl RunStore for MemStore {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError> {
        let files = self.files.lock();
        let file = files.get(path).ok_or_else(|| missing(path))?;
        let range = usize::try_from(offset)
            .ok()
            .and_then(|from| Some(from..from.checked_add(len)?));
        match range {
            Some(range) if range.end <= file.len() => Ok(file.slice(range)),
            _ => Err(StoreError::new(
                path,
                ErrorKind::Damaged,
                "the file is shorter than it should be",
            )),
        }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, StoreError> {
        let start = format!("{dir}/");
        let files = self.files.lock();
        let below = files.range(start.clone()..).map_while(|(path, _)| path.strip_prefix(&start));
        let mut names: Vec<String> = below.map(|rest| rest.split('/').next().unwrap_or(rest).to_owned()).collect();
        names.dedup();
        Ok(names)
    }

    fn size(&self, path: &str) -> Result<u64, StoreError> {
        self.files
            .lock()
            .get(path)
            .map(|file| file.len() as u64)
            .ok_or_else(|| missing(path))
    }
}

impl RunSink for MemStore {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        if self.files.lock().insert(path.to_owned(), content).is_some() {
            return Err(StoreError::new(path, ErrorKind::Internal, "the file was put twice"));
        }
        Ok(())
    }

    fn keep(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let start = format!("{from}/");
        let previous = self.previous.as_ref().ok_or_else(|| missing(from))?.files.lock();
        let kept = previous
            .range(start.clone()..)
            .map_while(|(path, content)| Some((path.strip_prefix(&start)?, content)));
        let kept: Vec<_> = kept
            .map(|(rest, content)| (format!("{to}/{rest}"), content.clone()))
            .collect();
        if kept.is_empty() {
            return Err(missing(from));
        }
        self.files.lock().extend(kept);
        Ok(())
    }
}
