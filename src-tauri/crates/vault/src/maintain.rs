//! Keeping a vault well: retention, forget, prune, check, repair, recovery kit.
//!
//! All of it works on places, packs and index files directly, under the locks restic honours, with memory bounded by the
//! number of blobs and not by their content.

mod access;
pub mod check;
#[cfg(test)]
mod crafted;
pub mod forget;
pub mod kit;
mod loss;
mod packer;
pub mod prune;
pub mod repair;
pub mod report;
pub mod retention;
mod stock;
mod table;
mod walk;

use std::sync::atomic::{AtomicU64, Ordering};

use backstay_model::{Progress, Stage};

use crate::lock::LockGuard;
use crate::{PlaceError, Result, Vault, VaultError};

/// The lock of a job that only reads. Where nothing can be written there is none to be had, and none is needed against
/// those who come the same way.
fn lock_to_read(vault: &Vault) -> Result<Option<LockGuard>> {
    match vault.lock_shared() {
        Ok(lock) => Ok(Some(lock)),
        Err(VaultError::Place(PlaceError::Denied { .. } | PlaceError::Full { .. })) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Who watches a long job, and may stop it. Asked from several threads.
pub trait Watch: Sync {
    /// Told now and then how far the job is.
    fn progress(&self, _progress: &Progress) {}
    /// Asked often; `true` ends the job with [`crate::VaultError::Cancelled`] at the next safe point.
    fn cancelled(&self) -> bool {
        false
    }
}

impl Watch for () {}

/// Counts steps of a job for its watcher.
pub(crate) struct Steps<'a> {
    watch: &'a dyn Watch,
    stage: Stage,
    items: AtomicU64,
    total: AtomicU64,
    bytes: AtomicU64,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(watch: &'a dyn Watch, stage: Stage) -> Self {
        Self {
            watch,
            stage,
            items: AtomicU64::new(0),
            total: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// A part of the job with this many items begins.
    pub(crate) fn begin(&self, total: u64) {
        self.items.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// So many items and bytes are done.
    pub(crate) fn done(&self, items: u64, bytes: u64) {
        let items = self.items.fetch_add(items, Ordering::Relaxed) + items;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.watch.progress(&Progress {
            stage: Some(self.stage),
            current: String::new(),
            items,
            items_total: Some(self.total.load(Ordering::Relaxed)).filter(|total| *total > 0),
            bytes,
            bytes_total: None,
        });
    }

    /// Whether to go on.
    pub(crate) fn go_on(&self) -> bool {
        !self.watch.cancelled()
    }
}
