//! The bytes on the disk: read whole, replaced in one step, by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::{Result, SecretsError};

/// How long to wait for another process's change; one takes well under a second.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look again.
const POLL: Duration = Duration::from_millis(10);
/// How the names of unfinished files begin.
const UNFINISHED: &str = ".secrets-";

/// The encrypted file.
pub(super) struct Sealed {
    path: PathBuf,
}

impl Sealed {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content, if the file exists.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    /// Waits until no other process changes the file. The lock is a file beside it, since the file itself is replaced.
    pub(super) fn lock(&self) -> Result<File> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options
            .open(self.path.with_extension("lock"))
            .map_err(|error| self.io(error))?;
        let start = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(self.io(error)),
                Err(TryLockError::WouldBlock) if start.elapsed() >= PATIENCE => {
                    return Err(SecretsError::Busy { path: self.path.clone() });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(POLL),
            }
        }
    }

    /// Replaces the content in one step; it is on the disk when this returns. Callers hold the lock.
    pub(super) fn replace(&self, sealed: &[u8]) -> Result<()> {
        self.tidy();
        let file = self.prepare(sealed)?;
        file.persist(&self.path).map_err(|error| self.io(error.error))?;
        self.sync_directory()
    }

    /// Writes the new content beside the file, whole and on the disk (mode 0600, as every file of this kind).
    fn prepare(&self, sealed: &[u8]) -> Result<NamedTempFile> {
        let made = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .suffix(".tmp")
            .tempfile_in(self.directory());
        let mut file = made.map_err(|error| self.io(error))?;
        file.write_all(sealed)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|error| self.io(error))?;
        Ok(file)
    }

    /// Removes what a process left that died while it wrote. Their content is encrypted; a failure here costs only space.
    fn tidy(&self) {
        let entries = fs::read_dir(self.directory()).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(UNFINISHED) && name.ends_with(".tmp") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn directory(&self) -> &Path {
        self.path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    }

    fn sync_directory(&self) -> Result<()> {
        // Windows cannot open a directory as a file; NTFS journals renames by itself.
        if cfg!(unix) {
            File::open(self.directory())
                .and_then(|directory| directory.sync_all())
                .map_err(|error| self.io(error))?;
        }
        Ok(())
    }

    fn io(&self, source: io::Error) -> SecretsError {
        SecretsError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_between_writing_and_renaming_leaves_the_old_state() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Sealed::new(dir.path().join("secrets.age"));
        sealed.replace(b"old").unwrap();
        // As a killed process leaves it: written, synced, not renamed.
        let left = sealed.prepare(b"new").unwrap().keep().unwrap().1;
        assert!(left.exists(), "the fault was injected");
        assert_eq!(sealed.read().unwrap().unwrap(), b"old");
        sealed.replace(b"next").unwrap();
        assert_eq!(sealed.read().unwrap().unwrap(), b"next");
        assert!(!left.exists(), "what was left is tidied away");
    }
}
