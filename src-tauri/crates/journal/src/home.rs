//! The home directory: where the state database and its companions lie, readable by their owner only.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::{JournalError, Result};

/// Backstay's home directory. Where it is comes from `--home`, `BACKSTAY_HOME` or the system's conventions: the caller decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// Takes `path`, making it (and what is missing above it) if it does not exist. What is made is for its owner only
    /// (mode 0700); a directory that was there keeps its mode.
    ///
    /// # Errors
    /// [`JournalError::Home`] when it cannot be made or is not a directory.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let home = |source| JournalError::Home {
            path: path.clone(),
            source,
        };
        let mut make = fs::DirBuilder::new();
        make.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
        make.create(&path).map_err(home)?;
        let path = path.canonicalize().map_err(home)?;
        if !path.is_dir() {
            return Err(JournalError::Home {
                path,
                source: io::ErrorKind::NotADirectory.into(),
            });
        }
        Ok(Self(path))
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The state database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("state.db")
    }

    /// The copy kept before the state database was brought to `version`.
    #[must_use]
    pub fn copy_before(&self, version: i64) -> PathBuf {
        self.0.join(format!("state.db.before-v{version}"))
    }

    /// Opens a file in the home directory for reading and writing, made with mode 0600 if missing, never shortened.
    pub(crate) fn open_private(&self, name: &str) -> Result<File> {
        let path = self.0.join(name);
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => JournalError::ReadOnly { path },
            io::ErrorKind::StorageFull => JournalError::Full { path },
            _ => JournalError::Home { path, source },
        })
    }

    /// Makes a rename or a new file in the home directory survive a power cut.
    pub(crate) fn sync(&self) -> Result<()> {
        // Windows cannot open a directory as a file; NTFS journals renames by itself.
        if cfg!(unix) {
            let done = File::open(&self.0).and_then(|directory| directory.sync_all());
            done.map_err(|source| JournalError::Home {
                path: self.0.clone(),
                source,
            })?;
        }
        Ok(())
    }
}
