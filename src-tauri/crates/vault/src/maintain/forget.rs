//! Removes snapshots, and tells beforehand how much space that would free.

use std::collections::HashSet;

use backstay_model::Stage;
use serde::{Deserialize, Serialize};

use super::access::{Access, TreeReader};
use super::prune::{PruneOptions, PrunePlan, plan_for};
use super::stock::Stock;
use super::table::Marks;
use super::walk::Walk;
use super::{Steps, Watch, lock_to_read};
use crate::place::FileKind;
use crate::{Id, Result, Vault, VaultError};

/// What forgetting some snapshots and pruning after it would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForgetPreview {
    /// The snapshots that would go; ones that do not exist are left out.
    pub snapshots: Vec<Id>,
    /// Snapshots that stay.
    pub remaining: u64,
    /// Blobs that only the snapshots going need.
    pub blobs: u64,
    /// Bytes they occupy. A prune frees them but for what its options leave.
    pub bytes: u64,
    /// Bytes of packs that the prune after it would free, including what is unneeded already.
    pub freed_bytes: u64,
    /// That prune.
    pub prune: PrunePlan,
}

/// Computes what forgetting `going` would free. Reads snapshots, index and directories, no content. Takes a shared lock.
///
/// # Errors
/// As [`super::prune::plan_prune`].
pub fn preview_forget(vault: &Vault, going: &[Id], options: PruneOptions, watch: &dyn Watch) -> Result<ForgetPreview> {
    let _lock = lock_to_read(vault)?;
    let access = Access::new(vault);
    let steps = Steps::new(watch, Stage::Comparing);
    let stock = access.sound_stock()?;
    let going: HashSet<Id> = going.iter().copied().collect();
    steps.begin(stock.snapshots.len() as u64);
    let used = access.needed(&stock, |id| !going.contains(id), &steps)?;
    let (blobs, bytes) = access.needed_only_by(&stock, &going, &used, &steps)?;
    let prune = plan_for(&stock, &used, options);
    let gone = |id: &Id| going.contains(id);
    Ok(ForgetPreview {
        snapshots: stock.snapshots.iter().map(|(id, _)| *id).filter(gone).collect(),
        remaining: stock.snapshots.iter().filter(|(id, _)| !gone(id)).count() as u64,
        blobs,
        bytes,
        freed_bytes: prune.freed_bytes,
        prune,
    })
}

impl Access {
    /// Number and stored bytes of the blobs that some of `going` need and nobody in `used`. What is damaged in them does
    /// not matter any more.
    fn needed_only_by(&self, stock: &Stock, going: &HashSet<Id>, used: &Marks, steps: &Steps<'_>) -> Result<(u64, u64)> {
        let trees = TreeReader::new(self, &stock.table)?;
        let mut walk = Walk::new(&stock.table, &trees);
        for (_, head) in stock.snapshots.iter().filter(|(id, _)| going.contains(id)) {
            if !walk.mark(head.tree, &mut |_| {}, &|| steps.go_on()) {
                return Err(VaultError::Cancelled);
            }
            steps.done(1, 0);
        }
        let rows = (0..stock.table.blobs.len()).filter(|row| walk.used.has(*row) && !used.has(*row));
        Ok(rows.fold((0, 0), |(blobs, bytes), row| {
            (blobs + 1, bytes + stock.table.blobs[row].stored())
        }))
    }
}

/// What a forget did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forgotten {
    /// Snapshots removed.
    pub removed: Vec<Id>,
    /// Snapshots that were gone already.
    pub absent: Vec<Id>,
}

/// Removes snapshots. Their content stays until the next prune. Asked again after an interruption it goes on.
///
/// A shared lock is enough: others may add meanwhile, and nothing they could rely on goes. On a full disk it goes without,
/// since this is how space is won.
///
/// # Errors
/// When an exclusive lock stands in the way or the place fails; snapshots not yet removed are untouched.
pub fn forget(vault: &Vault, snapshots: &[Id], watch: &dyn Watch) -> Result<Forgotten> {
    let _lock = lock_to_read(vault)?;
    let steps = Steps::new(watch, Stage::Writing);
    steps.begin(snapshots.len() as u64);
    let mut forgotten = Forgotten::default();
    for id in snapshots {
        if !steps.go_on() {
            return Err(VaultError::Cancelled);
        }
        if vault.place().size(FileKind::Snapshot, id)?.is_some() {
            vault.place().remove(FileKind::Snapshot, id)?;
            forgotten.removed.push(*id);
        } else {
            forgotten.absent.push(*id);
        }
        steps.done(1, 0);
    }
    Ok(forgotten)
}
