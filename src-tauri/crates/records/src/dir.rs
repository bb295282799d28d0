//! A snapshot as a plain directory: what `restic restore` gives, and what a directory bundle is.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use bytes::Bytes;

use crate::{RunSink, RunStore, StoreError};

/// A directory that holds the tree of one snapshot.
#[derive(Debug, Clone)]
pub struct DirStore {
    root: PathBuf,
    previous: Option<PathBuf>,
}

impl DirStore {
    /// The snapshot tree below `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            previous: None,
        }
    }

    /// As [`DirStore::new`]; what is kept is copied from the tree below `previous`.
    #[must_use]
    pub fn after(root: impl Into<PathBuf>, previous: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            previous: Some(previous.into()),
        }
    }

    /// The place of `path`. A path that could lead out of the root is refused: collection names end up in paths.
    fn place(&self, path: &str) -> Result<PathBuf, StoreError> {
        inside(&self.root, path)
    }
}

fn inside(root: &Path, path: &str) -> Result<PathBuf, StoreError> {
    let odd = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0', ':']);
    if path.split('/').any(odd) {
        return Err(StoreError::new(
            path,
            ErrorKind::Damaged,
            "the path leads out of the snapshot",
        ));
    }
    Ok(root.join(path))
}

impl RunStore for DirStore {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError> {
        let io = |error| StoreError::io(path, error);
        let mut file = File::open(self.place(path)?).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        if offset.checked_add(len as u64).is_none_or(|end| end > size) {
            return Err(StoreError::new(
                path,
                ErrorKind::Damaged,
                "the file is shorter than it should be",
            ));
        }
        file.seek(SeekFrom::Start(offset)).map_err(io)?;
        let mut content = vec![0; len];
        file.read_exact(&mut content).map_err(io)?;
        Ok(Bytes::from(content))
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, StoreError> {
        let io = |error| StoreError::io(dir, error);
        let entries = match fs::read_dir(self.place(dir)?) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.map_err(io)?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn size(&self, path: &str) -> Result<u64, StoreError> {
        Ok(fs::metadata(self.place(path)?)
            .map_err(|error| StoreError::io(path, error))?
            .len())
    }
}

impl RunSink for DirStore {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        let io = |error| StoreError::io(path, error);
        let place = self.place(path)?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(io)?;
        }
        let mut file = File::options().write(true).create_new(true).open(place).map_err(io)?;
        file.write_all(&content).map_err(io)
    }

    fn keep(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let previous = self.previous.as_ref();
        let previous = previous.ok_or_else(|| StoreError::new(from, ErrorKind::NotFound, "there is no previous snapshot"))?;
        copy_tree(&inside(previous, from)?, &self.place(to)?).map_err(|error| StoreError::io(from, error))
    }
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
