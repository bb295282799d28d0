//! What a check found, as values: every kind of damage has a name, and every lost blob names the snapshots and paths it hurts.

use serde::{Deserialize, Serialize};

use crate::pack::BlobKind;
use crate::place::PlaceError;
use crate::{Damage, Id, VaultError};

/// How much a check reads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Depth {
    /// Everything but the content of data packs: config, keys, snapshots, index, all trees, the list and headers of packs.
    Structural,
    /// In addition a random share of all packs is read in full.
    Sample {
        /// Share of the packs in percent, above 0 and up to 100. At least one pack is read.
        percent: f64,
        /// Chooses the packs; the same seed on the same vault chooses the same. `None`: a random one, told in the report.
        seed: Option<u64>,
    },
    /// Every byte of every pack.
    ReadAll,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Harmless and normal after an interrupted run; the next prune cleans it.
    Information,
    /// Nothing is lost, but it should be looked at.
    Warning,
    /// Stored data or the way to it is damaged.
    Damage,
}

/// Why a file or blob cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Flaw {
    /// Its bytes are wrong in this way.
    Damaged(Damage),
    /// It is not there.
    Absent,
    /// Reading it failed, with this answer of the system.
    Unreadable(String),
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Damaged(damage) => damage.fmt(f),
            Self::Absent => f.write_str("it is not there"),
            Self::Unreadable(answer) => write!(f, "reading failed: {answer}"),
        }
    }
}

impl Flaw {
    /// What an error met while reading one file says about that file.
    pub(super) fn of(error: &VaultError) -> Self {
        match error {
            VaultError::FileDamaged { damage, .. } | VaultError::ConfigDamaged { damage } => Self::Damaged(*damage),
            VaultError::Place(PlaceError::NotFound { .. }) => Self::Absent,
            VaultError::Place(PlaceError::TooShort { .. }) => Self::Damaged(Damage::Truncated),
            other => Self::Unreadable(other.to_string()),
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Problem {
    /// The config cannot be read.
    ConfigDamaged {
        /// Why.
        flaw: Flaw,
    },
    /// A key file cannot be used; its password no longer opens the vault.
    KeyDamaged {
        /// The file.
        key: Id,
        /// Why.
        flaw: Flaw,
    },
    /// A snapshot file cannot be read.
    SnapshotDamaged {
        /// The snapshot.
        snapshot: Id,
        /// Why.
        flaw: Flaw,
    },
    /// An index file cannot be read.
    IndexDamaged {
        /// The file.
        index: Id,
        /// Why.
        flaw: Flaw,
    },
    /// A pack that the index names is not there.
    PackMissing {
        /// The pack.
        pack: Id,
        /// How many blobs the index places in it.
        blobs: u64,
    },
    /// A pack has another size than its blobs and header take.
    PackSize {
        /// The pack.
        pack: Id,
        /// Bytes by the index.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// A pack's own header cannot be read.
    PackHeaderDamaged {
        /// The pack.
        pack: Id,
        /// Why.
        flaw: Flaw,
    },
    /// A pack's own header and the index disagree.
    PackHeaderDiffers {
        /// The pack.
        pack: Id,
    },
    /// A pack's bytes are not those it was named after.
    PackDamaged {
        /// The pack.
        pack: Id,
        /// Why.
        flaw: Flaw,
    },
    /// A blob cannot be read from its pack.
    BlobDamaged {
        /// The blob.
        blob: Id,
        /// Its kind.
        kind: BlobKind,
        /// The pack.
        pack: Id,
        /// Why.
        flaw: Flaw,
    },
    /// A snapshot needs a blob that no index knows.
    BlobMissing {
        /// The blob.
        blob: Id,
        /// Its kind.
        kind: BlobKind,
    },
    /// A directory's blob was read, but is no directory.
    TreeNotUnderstood {
        /// The tree blob.
        tree: Id,
    },
    /// A file's stated size is not that of its content; restic would restore it wrongly.
    FileSize {
        /// The tree blob that holds the file.
        tree: Id,
        /// The file's name in it.
        name: String,
        /// Bytes stated.
        stated: u64,
        /// Bytes stored.
        stored: u64,
    },
    /// A file left over by an interrupted write, or one that does not belong in the vault.
    StrayFile {
        /// Its path in the vault.
        path: String,
        /// Bytes.
        bytes: u64,
    },
    /// A lock whose owner is gone.
    StaleLock {
        /// The lock.
        lock: Id,
    },
    /// A pack that no index names, left by an interrupted run or not yet indexed by a running one.
    PackUnreferenced {
        /// The pack.
        pack: Id,
        /// Bytes.
        bytes: u64,
    },
    /// A pack that snapshots need, but that no readable index file names. Its content is there; a repair enters it again.
    PackNotIndexed {
        /// The pack.
        pack: Id,
        /// How many needed blobs only it holds.
        blobs: u64,
    },
    /// Blobs stored more than once.
    Duplicates {
        /// How many copies too many.
        blobs: u64,
        /// Their bytes.
        bytes: u64,
    },
}

impl Problem {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::PackUnreferenced { .. } | Self::Duplicates { .. } | Self::StaleLock { .. } => Severity::Information,
            Self::StrayFile { .. } => Severity::Warning,
            _ => Severity::Damage,
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ConfigDamaged { flaw } => write!(f, "config: {flaw}"),
            Self::KeyDamaged { key, flaw } => write!(f, "key {key:?}: {flaw}"),
            Self::SnapshotDamaged { snapshot, flaw } => write!(f, "snapshot {snapshot:?}: {flaw}"),
            Self::IndexDamaged { index, flaw } => write!(f, "index file {index:?}: {flaw}"),
            Self::PackMissing { pack, blobs } => write!(f, "pack {pack:?} with {blobs} blobs is missing"),
            Self::PackSize { pack, expected, found } => {
                write!(f, "pack {pack:?} has {found} bytes instead of {expected}")
            }
            Self::PackHeaderDamaged { pack, flaw } => write!(f, "header of pack {pack:?}: {flaw}"),
            Self::PackHeaderDiffers { pack } => write!(f, "header of pack {pack:?} and index disagree"),
            Self::PackDamaged { pack, flaw } => write!(f, "pack {pack:?}: {flaw}"),
            Self::BlobDamaged { blob, pack, flaw, .. } => write!(f, "blob {blob:?} in pack {pack:?}: {flaw}"),
            Self::BlobMissing { blob, .. } => write!(f, "blob {blob:?} is in no index"),
            Self::TreeNotUnderstood { tree } => write!(f, "directory {tree:?} is not understood"),
            Self::FileSize {
                tree,
                name,
                stated,
                stored,
            } => {
                write!(
                    f,
                    "file {name:?} in directory {tree:?} is said to have {stated} bytes, but has {stored}"
                )
            }
            Self::StrayFile { path, .. } => write!(f, "{path} does not belong to the vault"),
            Self::StaleLock { lock } => write!(f, "lock {lock:?} was left behind"),
            Self::PackUnreferenced { pack, .. } => write!(f, "pack {pack:?} is in no index"),
            Self::PackNotIndexed { pack, .. } => write!(f, "pack {pack:?} is needed, but in no index"),
            Self::Duplicates { blobs, .. } => write!(f, "{blobs} blobs are stored twice"),
        }
    }
}

/// A path of a snapshot that cannot be read in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LostPath {
    /// Path in the snapshot, parts joined by `/`, names escaped as [`backstay_model::FileEntry::escape`] does; empty for
    /// the root.
    pub path: String,
    /// The first lost blob of it.
    pub blob: Id,
    /// A directory of which nothing below can be listed.
    pub directory: bool,
}

/// What a snapshot lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotLoss {
    /// The snapshot.
    pub snapshot: Id,
    /// Number of its files and directories that are hurt.
    pub count: u64,
    /// The first of them, in order of path.
    pub paths: Vec<LostPath>,
}

/// The answer of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// What was asked for, with the seed that was used.
    pub depth: Depth,
    /// Snapshots that could be read.
    pub snapshots: u64,
    /// Packs in the vault.
    pub packs: u64,
    /// Packs read in full.
    pub packs_read: u64,
    /// Bytes of packs read in full.
    pub bytes_read: u64,
    /// Trees walked.
    pub trees: u64,
    /// Everything found, up to a limit.
    pub problems: Vec<Problem>,
    /// Findings beyond the limit.
    pub omitted: u64,
    /// The worst of all findings, also of those omitted; `None`: nothing was found.
    pub worst: Option<Severity>,
    /// Snapshots with lost content, oldest first.
    pub losses: Vec<SnapshotLoss>,
}

impl CheckReport {
    /// Nothing is damaged, as far as this check looked. Warnings and information may be there.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.worst != Some(Severity::Damage)
    }
    /// Nothing at all was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.worst.is_none()
    }
}

/// Collects findings: the worst is always known, the list is bounded.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) problems: Vec<Problem>,
    pub(super) omitted: u64,
    pub(super) worst: Option<Severity>,
}

/// Findings listed one by one. A vault whose disk is dying may have millions.
const LISTED: usize = 10_000;

impl Findings {
    pub(super) fn add(&mut self, problem: Problem) {
        self.worst = self.worst.max(Some(problem.severity()));
        if self.problems.len() < LISTED {
            self.problems.push(problem);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds what was collected elsewhere.
    pub(super) fn absorb(&mut self, other: Self) {
        self.omitted += other.omitted;
        self.worst = self.worst.max(other.worst);
        other.problems.into_iter().for_each(|problem| self.add(problem));
    }
}
