//! The bytes of one file of a state, from the snapshot's tree or the live source, with errors as they were.

use std::io::{self, Read};

use backstay_model::{FileEntry, FileKind};
use backstay_source::SourceError;
use backstay_vault::{Node, Reader, Snapshot, VaultError};
use chrono::{DateTime, Utc};

use crate::{EngineError, Result, State};

/// A file that was opened.
pub struct Content {
    /// Its bytes.
    pub bytes: Box<dyn Read + Send>,
    /// How many.
    pub size: u64,
    /// Time of the last change.
    pub modified: Option<DateTime<Utc>>,
}

impl Content {
    /// Opens the file at `path` of a snapshot: anywhere in its tree, or below `files/`.
    ///
    /// # Errors
    /// [`EngineError::NoFile`]; when it cannot be read.
    pub fn stored(reader: &Reader, snapshot: &Snapshot, path: &str) -> Result<Self> {
        for path in [path.to_owned(), format!("files/{path}")] {
            let found = reader.find(snapshot, FileEntry::unescape(&path))?;
            if let Some(node) = found.filter(Node::is_file) {
                return Ok(Self {
                    bytes: Box::new(reader.open(&node)?),
                    size: node.size,
                    modified: node.attrs.modified,
                });
            }
        }
        Err(EngineError::NoFile { path: path.to_owned() })
    }

    /// Opens the file at `path` of a live source or a bundle; `files/` may stand before it.
    ///
    /// # Errors
    /// [`EngineError::NoFile`]; when it cannot be read.
    pub fn of(state: &State, path: &str) -> Result<Self> {
        let missing = || EngineError::NoFile { path: path.to_owned() };
        let files = state.files.as_ref().ok_or_else(missing)?;
        let whole = files.stat(path)?.map(|entry| (path, entry));
        let (path, entry) = match (whole, path.strip_prefix("files/")) {
            (None, Some(rest)) => files.stat(rest)?.map(|entry| (rest, entry)),
            (whole, _) => whole,
        }
        .filter(|(_, entry)| entry.kind == FileKind::File)
        .ok_or_else(missing)?;
        Ok(Self {
            bytes: Box::new(files.open(path)?),
            size: entry.size,
            modified: entry.meta.modified,
        })
    }
}

/// What an error of reading really is: streams carry the error of the vault or the source inside.
#[must_use]
pub fn read_error(path: &str, error: io::Error) -> EngineError {
    match error.downcast::<VaultError>() {
        Ok(error) => error.into(),
        Err(error) => match error.downcast::<SourceError>() {
            Ok(error) => error.into(),
            Err(error) => SourceError::io(path, error).into(),
        },
    }
}
