//! A place in memory, for tests that need thousands of vaults.

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::RwLock;

use super::{FileKind, Place, PlaceError, PlaceResult};
use crate::Id;

/// A repository in memory.
#[derive(Debug, Default)]
pub struct MemoryPlace {
    files: RwLock<HashMap<(FileKind, Id), Bytes>>,
}

impl MemoryPlace {
    /// Replaces or removes a file behind the repository's back.
    pub fn tamper(&self, kind: FileKind, id: &Id, change: impl FnOnce(Vec<u8>) -> Option<Vec<u8>>) {
        let mut files = self.files.write();
        let old = files.remove(&(kind, *id)).unwrap_or_default();
        if let Some(new) = change(old.to_vec()) {
            files.insert((kind, *id), Bytes::from(new));
        }
    }

    fn get(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        self.files
            .read()
            .get(&(kind, *id))
            .cloned()
            .ok_or(PlaceError::NotFound { kind, id: *id })
    }
}

impl Place for MemoryPlace {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn create(&self) -> PlaceResult<()> {
        Ok(())
    }

    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>> {
        let files = self.files.read();
        Ok(files
            .iter()
            .filter(|((k, _), _)| *k == kind)
            .map(|((_, id), c)| (*id, c.len() as u64))
            .collect())
    }

    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        self.get(kind, id)
    }

    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()> {
        let content = self.get(kind, id)?;
        let end = offset + length as u64;
        buffer.clear();
        if end > content.len() as u64 {
            return Err(PlaceError::TooShort { kind, id: *id, end });
        }
        buffer.extend_from_slice(&content[usize::try_from(offset).unwrap_or(usize::MAX)..][..length]);
        Ok(())
    }

    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>> {
        Ok(self.files.read().get(&(kind, *id)).map(|c| c.len() as u64))
    }

    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        let mut files = self.files.write();
        match files.get(&(kind, *id)) {
            Some(old) if old.as_ref() != content => Err(PlaceError::Occupied { kind, id: *id }),
            Some(_) => Ok(()),
            None => {
                files.insert((kind, *id), Bytes::copy_from_slice(content));
                Ok(())
            }
        }
    }

    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()> {
        self.files.write().remove(&(kind, *id));
        Ok(())
    }
}
