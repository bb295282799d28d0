//! Mends a vault as far as possible, never making it worse.
//!
//! First a plan, from a check; performing it under an exclusive lock checks anew and refuses if something else would be
//! done. Nothing that might hold something is deleted: damaged files are set aside in a folder beside the repository's
//! own, where the place can do that, and are removed only where all they held was saved.

mod perform;
mod plan;
mod rewrite;

use backstay_model::Stage;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::check::CheckOptions;
use super::report::{CheckReport, Depth, SnapshotLoss};
use super::{Steps, Watch};
use crate::{Id, Result, Vault, VaultError};

/// Tag of a snapshot rewritten without what was lost.
pub const TAG_REPAIRED: &str = "repaired";

/// How to repair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairOptions {
    /// How much to read in search of damage. What looks damaged from outside is read in any case.
    pub depth: Depth,
    /// Set the originals of rewritten snapshots aside. Otherwise they stay beside the rewritten ones, and the vault
    /// keeps being reported as damaged.
    pub replace_snapshots: bool,
    /// Lost paths listed for each snapshot.
    pub paths_per_snapshot: usize,
    /// The time: names the folder for what is set aside, and tells stale locks.
    pub now: DateTime<Utc>,
}

/// One thing a repair does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RepairStep {
    /// Removes a lock whose owner is gone.
    RemoveStaleLock {
        /// The lock.
        lock: Id,
    },
    /// Removes a leftover temporary file.
    RemoveStray {
        /// Its path in the vault.
        path: String,
        /// Bytes.
        bytes: u64,
    },
    /// Sets a key file aside that opens nothing. Other keys stay.
    SetAsideKey {
        /// The file.
        key: Id,
    },
    /// Sets an unreadable index file aside.
    SetAsideIndex {
        /// The file.
        index: Id,
    },
    /// Sets an unreadable snapshot file aside. Nothing says what it held.
    SetAsideSnapshot {
        /// The file.
        snapshot: Id,
    },
    /// Sets a snapshot aside that an earlier repair wrote anew.
    SetAsideOriginal {
        /// The snapshot.
        snapshot: Id,
    },
    /// Enters a pack into the index from its own header.
    IndexPack {
        /// The pack.
        pack: Id,
        /// Blobs in it.
        blobs: u64,
    },
    /// Takes a pack that is not there out of the index.
    ForgetPack {
        /// The pack.
        pack: Id,
        /// Blobs the index places in it.
        blobs: u64,
    },
    /// Copies what is good in a damaged pack into a new one, and sets the damaged one aside.
    SalvagePack {
        /// The pack.
        pack: Id,
        /// Blobs saved.
        saved: u64,
        /// Blobs lost.
        lost: u64,
    },
    /// Writes a snapshot anew without the paths that are lost; it gets the tags `repaired` and `partial`.
    RewriteSnapshot {
        /// The snapshot.
        snapshot: Id,
        /// How many paths are missing from the new one.
        lost: u64,
        /// The original is set aside.
        replace: bool,
    },
    /// Sets a snapshot aside whose topmost directory is lost, so that nothing of it can be listed. Only done where
    /// originals are replaced.
    LoseSnapshot {
        /// The snapshot.
        snapshot: Id,
    },
}

impl std::fmt::Display for RepairStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RemoveStaleLock { lock } => write!(f, "remove the lock {lock:?}: its owner is gone"),
            Self::RemoveStray { path, bytes } => write!(f, "remove the leftover file {path} ({bytes} bytes)"),
            Self::SetAsideKey { key } => write!(f, "set the damaged key file {key:?} aside"),
            Self::SetAsideIndex { index } => write!(f, "set the damaged index file {index:?} aside"),
            Self::SetAsideSnapshot { snapshot } => write!(f, "set the damaged snapshot file {snapshot:?} aside"),
            Self::SetAsideOriginal { snapshot } => write!(f, "set snapshot {snapshot:?} aside: it was written anew before"),
            Self::IndexPack { pack, blobs } => write!(f, "enter pack {pack:?} with {blobs} blobs into the index again"),
            Self::ForgetPack { pack, blobs } => write!(f, "take the missing pack {pack:?} with {blobs} blobs out of the index"),
            Self::SalvagePack { pack, saved, lost } => {
                write!(
                    f,
                    "copy {saved} good blobs of the damaged pack {pack:?} into a new one ({lost} are lost)"
                )
            }
            Self::RewriteSnapshot { snapshot, lost, replace } => {
                let original = if *replace { "set aside" } else { "kept" };
                write!(
                    f,
                    "write snapshot {snapshot:?} anew without {lost} lost paths (the original is {original})"
                )
            }
            Self::LoseSnapshot { snapshot } => {
                write!(f, "set snapshot {snapshot:?} aside: nothing of it can be read any more")
            }
        }
    }
}

/// What a repair would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairPlan {
    /// How it was computed.
    pub options: RepairOptions,
    /// In the order they are done.
    pub steps: Vec<RepairStep>,
    /// What cannot be brought back.
    pub losses: Vec<SnapshotLoss>,
    /// What the check found.
    pub check: CheckReport,
}

impl RepairPlan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Repaired {
    /// What was planned, and done.
    pub plan: RepairPlan,
    /// Old and new id of each snapshot written anew.
    pub rewritten: Vec<(Id, Id)>,
    /// Folder for what was set aside, below the vault's own; `None` when nothing was, or the place cannot do it.
    pub folder: Option<String>,
}

/// Computes a repair, without writing anything: no lock is taken, since locks left behind may be what is wrong.
///
/// # Errors
/// [`VaultError::Locked`] when somebody is at work exclusively, or the place fails.
pub fn plan_repair(vault: &Vault, options: RepairOptions, watch: &dyn Watch) -> Result<RepairPlan> {
    for lock in vault.locks()? {
        if let Ok(info) = lock.info
            && info.exclusive
            && !info.is_stale(options.now, vault.host())
        {
            return Err(VaultError::Locked { holder: Box::new(info) });
        }
    }
    Ok(plan::work_out(&Access::new(vault), options, watch)?.plan)
}

/// Repairs under an exclusive lock. With `expected`, a plan shown before, it refuses if it would now do something else.
///
/// # Errors
/// [`VaultError::Locked`], [`VaultError::PlanOutdated`], [`VaultError::LockLost`], or the place fails; what was readable
/// stays so.
pub fn repair(vault: &Vault, options: RepairOptions, expected: Option<&RepairPlan>, watch: &dyn Watch) -> Result<Repaired> {
    let access = Access::new(vault);
    // Locks left behind go first: they would keep this one from being taken.
    let stale = access.locks.remove_stale(options.now)?;
    let lock = vault.lock_exclusive()?;
    let mut worked = plan::work_out(&access, options, watch)?;
    let unlocked = stale.into_iter().map(|lock| RepairStep::RemoveStaleLock { lock: lock.id });
    worked.plan.steps.splice(0..0, unlocked);
    if expected.is_some_and(|expected| !same_steps(&expected.steps, &worked.plan.steps)) {
        return Err(VaultError::PlanOutdated);
    }
    perform::perform(&access, worked, &lock, &Steps::new(watch, Stage::Writing))
}

/// A repair stopped in the middle leaves less to do; what is done must have been shown.
fn same_steps(shown: &[RepairStep], now: &[RepairStep]) -> bool {
    now.iter().all(|step| shown.contains(step))
}

pub(crate) fn check_options(options: &RepairOptions) -> CheckOptions {
    CheckOptions {
        depth: options.depth,
        paths_per_snapshot: options.paths_per_snapshot,
        now: options.now,
    }
}
