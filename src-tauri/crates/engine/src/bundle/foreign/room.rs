//! Room on the disk, looked for before it is used: a small file can unpack to very much.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use backstay_model::ErrorKind;
use backstay_source::{Result, SourceError};

/// Looked at after this many bytes.
const EVERY: u64 = 32 << 20;

/// The disk a file goes to.
pub(super) struct Room {
    directory: PathBuf,
    reserve: u64,
    since: AtomicU64,
}

impl Room {
    /// Leaves `reserve` bytes free on the disk of `path`.
    pub(super) fn new(path: &Path, reserve: u64) -> Self {
        Self {
            directory: path.parent().unwrap_or(path).to_owned(),
            reserve,
            // The first bytes are looked at as well.
            since: AtomicU64::new(EVERY),
        }
    }

    /// Says that `bytes` are about to be written.
    ///
    /// # Errors
    /// [`ErrorKind::Full`] when less than the reserve would be left.
    pub(super) fn take(&self, bytes: u64) -> Result<()> {
        if self.since.fetch_add(bytes, Ordering::Relaxed) + bytes < EVERY {
            return Ok(());
        }
        self.since.store(0, Ordering::Relaxed);
        let Ok(free) = fs4::available_space(&self.directory) else {
            return Ok(());
        };
        if free >= self.reserve.saturating_add(bytes) {
            return Ok(());
        }
        Err(SourceError::new(
            ErrorKind::Full,
            self.directory.display().to_string(),
            format!("has no room for what the file holds: {free} bytes are free. Nothing of the file was taken"),
        )
        .hint("A small compressed file can unpack to very much: look where it comes from. Else make room and try again."))
    }
}
