//! The end of a run: everything stored and verified, then the snapshot.

use std::collections::BTreeSet;

use chrono::Utc;

use super::Writer;
use super::options::{SnapshotDraft, WriteStats, Written};
use crate::{Result, Snapshot, SnapshotSummary, VaultError};

impl Writer {
    /// Stores what is still under way, makes sure that everything the snapshot needs is there, and saves it.
    ///
    /// # Errors
    /// No snapshot is saved when storing failed ([`VaultError::Poisoned`]), the run was cancelled, a file failed that
    /// `draft` does not name as a gap ([`VaultError::Vetoed`]), the lock was lost and someone else is at work
    /// ([`VaultError::Locked`]), or packs vanished ([`VaultError::PacksVanished`]).
    pub fn commit(mut self, draft: SnapshotDraft) -> Result<Written> {
        self.session.check()?;
        self.check_gaps(&draft)?;
        let tree = self.finish(b"")?;
        self.pipeline.finish();
        self.session.check()?;
        self.hold_lock()?;
        self.session.check_packs()?;
        self.session.check()?;
        let stats = self.stats();
        let host = self.session.vault.host();
        let mut snapshot = Snapshot {
            id: Default::default(),
            time: draft.time,
            parent: draft.parent,
            tree,
            summary: Some(summary(&draft, &stats)),
            paths: if draft.paths.is_empty() {
                vec!["/".to_owned()]
            } else {
                draft.paths
            },
            hostname: draft.hostname.unwrap_or_else(|| host.hostname.clone()),
            username: draft.username.unwrap_or_else(|| host.username.clone()),
            uid: host.uid,
            gid: host.gid,
            tags: draft.tags,
            original: None,
            label: draft.label,
            description: draft.description,
            program_version: draft.program,
        };
        let vault = &self.session.vault;
        snapshot.save(&**vault.place(), vault.master_key(), vault.config().version)?;
        Ok(Written { snapshot, stats })
    }

    /// Refuses when a file failed that the caller does not know of.
    fn check_gaps(&self, draft: &SnapshotDraft) -> Result<()> {
        let known: BTreeSet<&Vec<u8>> = draft.gaps.iter().collect();
        let missing: Vec<Vec<u8>> = self.gaps().into_iter().filter(|path| !known.contains(path)).collect();
        match missing.first() {
            Some(first) => {
                let path = String::from_utf8_lossy(first).into_owned();
                Err(VaultError::Vetoed {
                    path,
                    missing: missing.len(),
                })
            }
            None => Ok(()),
        }
    }

    /// Makes sure that the lock protects what follows. One that was lost is taken anew; if that succeeds, nobody is
    /// removing anything now, and what was removed meanwhile shows when the packs are looked at.
    fn hold_lock(&mut self) -> Result<()> {
        if !self.lock.is_held()? {
            tracing::warn!("the lock was lost while the backup was running");
            self.lock = self.session.vault.lock_shared()?;
        }
        Ok(())
    }
}

fn summary(draft: &SnapshotDraft, stats: &WriteStats) -> SnapshotSummary {
    SnapshotSummary {
        backup_start: Some(draft.started.unwrap_or(draft.time)),
        backup_end: Some(Utc::now()),
        files_new: stats.files,
        files_unmodified: stats.files_reused,
        dirs_new: stats.dirs,
        dirs_unmodified: stats.dirs_reused,
        data_blobs: stats.data_blobs,
        tree_blobs: stats.tree_blobs,
        data_added: stats.bytes_new,
        data_added_packed: stats.bytes_stored,
        total_files_processed: stats.files + stats.files_reused,
        total_bytes_processed: stats.bytes_read,
        ..SnapshotSummary::default()
    }
}
