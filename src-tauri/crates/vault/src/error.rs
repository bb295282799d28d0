//! Everything that can go wrong with a vault, as facts.

use std::io;
use std::sync::Arc;

use backstay_model::ErrorKind;
use serde::{Deserialize, Serialize};

use crate::Id;
use crate::lock::LockInfo;
use crate::maintain::report::Problem;
use crate::place::{FileKind, PlaceError};

/// Shorthand for results of this crate.
pub type Result<T, E = VaultError> = std::result::Result<T, E>;

/// In which way stored bytes are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Damage {
    /// Shorter than what it must hold at least, or than recorded.
    #[error("it is cut short")]
    Truncated,
    /// The seal (Poly1305) does not fit: changed bytes, or another key.
    #[error("its seal is broken")]
    Seal,
    /// The SHA-256 does not fit its name.
    #[error("its content does not fit its name")]
    Hash,
    /// It does not decompress to what was recorded.
    #[error("it cannot be decompressed")]
    Compression,
    /// It decrypts, but is not the JSON it should be.
    #[error("its structure is not understood")]
    Structure,
}

/// What can go wrong with a vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The place failed.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// There is no repository.
    #[error("there is no vault at {place}")]
    NoRepository {
        /// Where it was looked for.
        place: String,
    },
    /// There is a repository already, and creating would destroy it.
    #[error("there is already a vault at {place}; nothing was changed")]
    AlreadyExists {
        /// Where.
        place: String,
    },
    /// The repository is of a version this program cannot handle.
    #[error("the vault has format version {version}; this program handles 1 and 2")]
    UnsupportedVersion {
        /// Version in its configuration.
        version: u32,
    },
    /// The configuration file is damaged.
    #[error("the vault's configuration is damaged: {damage}")]
    ConfigDamaged {
        /// How.
        damage: Damage,
    },
    /// No key file opens with this password, although all could be read.
    #[error("wrong password")]
    WrongPassword,
    /// No intact key file opens with this password, and some are damaged: the right one may be among them.
    #[error("no intact key opens with this password, and {} of the key files are damaged", damaged.len())]
    KeysDamaged {
        /// The damaged key files.
        damaged: Vec<Id>,
    },
    /// The master key given does not belong to this repository.
    #[error("the stored master key does not open this vault")]
    WrongMasterKey,
    /// The secret text given is not a master key.
    #[error("the text is not a master key")]
    NotAMasterKey,
    /// A key file with this id does not exist.
    #[error("there is no key {id:?}")]
    KeyNotFound {
        /// Which.
        id: Id,
    },
    /// Removing it would leave the vault without a key.
    #[error("{id:?} is the last key; nobody could open the vault any more")]
    LastKey {
        /// Which.
        id: Id,
    },
    /// The key is the one this vault was opened with.
    #[error("{id:?} is the key in use")]
    KeyInUse {
        /// Which.
        id: Id,
    },
    /// A file of the repository is damaged.
    #[error("{kind} file {id:?} is damaged: {damage}")]
    FileDamaged {
        /// Kind of file.
        kind: FileKind,
        /// Which.
        id: Id,
        /// How.
        damage: Damage,
    },
    /// A blob is damaged in every pack that holds it.
    #[error("blob {id:?} in pack {pack:?} is damaged: {damage}")]
    BlobDamaged {
        /// The blob.
        id: Id,
        /// The pack read last.
        pack: Id,
        /// How.
        damage: Damage,
    },
    /// A blob is in no pack that can be found.
    #[error("blob {id:?} is missing")]
    BlobMissing {
        /// The blob.
        id: Id,
    },
    /// A directory listing is not understood.
    #[error("directory {id:?} is damaged: {damage}")]
    TreeDamaged {
        /// The tree blob.
        id: Id,
        /// How.
        damage: Damage,
    },
    /// No snapshot has this name.
    #[error("there is no snapshot {name:?}")]
    SnapshotNotFound {
        /// As given.
        name: String,
    },
    /// Several snapshots begin with these digits.
    #[error("{matches} snapshots begin with {prefix:?}")]
    SnapshotAmbiguous {
        /// As given.
        prefix: String,
        /// How many.
        matches: usize,
    },
    /// The path is not in the snapshot or directory.
    #[error("{path:?} is not in the snapshot")]
    PathNotFound {
        /// As given.
        path: String,
    },
    /// Something else than a regular file was to be read.
    #[error("{name:?} is not a file")]
    NotAFile {
        /// Its name.
        name: String,
    },
    /// Something else than a directory was to be listed.
    #[error("{path:?} is not a directory")]
    NotADirectory {
        /// Its path or name.
        path: String,
    },
    /// Someone holds a lock that stands in the way.
    #[error("the vault is locked by {holder}")]
    Locked {
        /// Who, when, where.
        holder: Box<LockInfo>,
    },
    /// A lock file cannot be read, so nobody knows what it forbids.
    #[error("lock {id:?} cannot be read: {damage}")]
    LockDamaged {
        /// Which.
        id: Id,
        /// How.
        damage: Damage,
    },
    /// The lock of this run was removed or expired.
    #[error("the lock of this run was removed or has expired")]
    LockLost,
    /// The source of a file failed while it was read.
    #[error("reading {path:?} failed: {source}")]
    Source {
        /// Path in the snapshot.
        path: String,
        /// What the reader said.
        source: io::Error,
    },
    /// A file's reader delivered another number of bytes than promised.
    #[error("{path:?} was to have {promised} bytes, but {delivered} were read")]
    SizeChanged {
        /// Path in the snapshot.
        path: String,
        /// Size given.
        promised: u64,
        /// Size read; reading stops one byte beyond what was promised.
        delivered: u64,
    },
    /// A path cannot be stored: empty, with `.`, `..`, an empty part or a NUL byte.
    #[error("{path:?} is not a path that can be stored")]
    BadPath {
        /// As given.
        path: String,
    },
    /// A path was given twice, or as file and directory.
    #[error("{path:?} was given twice")]
    DuplicatePath {
        /// As given.
        path: String,
    },
    /// Something was added to a directory after it had been finished.
    #[error("{path:?} lies in a directory that was finished before")]
    DirectoryFinished {
        /// As given.
        path: String,
    },
    /// A file is larger than the chunking chosen for it allows.
    #[error("{path:?} has {size} bytes; as one blob it may have {limit}")]
    TooLargeForOneBlob {
        /// As given.
        path: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The snapshot was not saved, because something is missing that the caller did not name as a gap.
    #[error("not saved: {path:?} is missing ({missing} in all)")]
    Vetoed {
        /// The first that is missing.
        path: String,
        /// How many.
        missing: usize,
    },
    /// Writing failed before, so that nothing can be saved any more.
    #[error("not saved: {0}")]
    Poisoned(Arc<VaultError>),
    /// Stopped by request.
    #[error("cancelled")]
    Cancelled,
    /// Packs this snapshot needs were removed while it was being written.
    #[error("not saved: {count} packs it needs were removed meanwhile (first {first:?})")]
    PacksVanished {
        /// How many.
        count: usize,
        /// One of them.
        first: Id,
    },
    /// A pack just written reads back differently.
    #[error("pack {pack:?} reads back differently than it was written: {damage}")]
    WriteNotFaithful {
        /// Which.
        pack: Id,
        /// How.
        damage: Damage,
    },
    /// Something needed is missing or damaged, so that nothing may be removed.
    #[error("refused, because the vault is damaged: {problem}")]
    Unsound {
        /// The first problem met.
        problem: Box<Problem>,
    },
    /// The vault changed since the plan was made.
    #[error("the vault changed since the plan was made")]
    PlanOutdated,
    /// A library failed in a way that is not expected.
    #[error("{what} failed: {message}")]
    Engine {
        /// What was tried.
        what: &'static str,
        /// What the library said.
        message: String,
    },
}

impl VaultError {
    /// The class of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Place(e) => e.kind(),
            Self::NoRepository { .. } | Self::KeyNotFound { .. } | Self::SnapshotNotFound { .. } | Self::PathNotFound { .. } => {
                ErrorKind::NotFound
            }
            Self::AlreadyExists { .. } | Self::LastKey { .. } | Self::KeyInUse { .. } | Self::Vetoed { .. } => ErrorKind::Refused,
            Self::UnsupportedVersion { .. } => ErrorKind::Unsupported,
            Self::ConfigDamaged { .. }
            | Self::KeysDamaged { .. }
            | Self::FileDamaged { .. }
            | Self::BlobDamaged { .. }
            | Self::BlobMissing { .. }
            | Self::TreeDamaged { .. }
            | Self::Unsound { .. }
            | Self::WriteNotFaithful { .. } => ErrorKind::Damaged,
            Self::WrongPassword | Self::WrongMasterKey | Self::NotAMasterKey => ErrorKind::Auth,
            Self::SnapshotAmbiguous { .. }
            | Self::NotAFile { .. }
            | Self::NotADirectory { .. }
            | Self::BadPath { .. }
            | Self::DuplicatePath { .. }
            | Self::DirectoryFinished { .. } => ErrorKind::Usage,
            Self::Locked { .. } | Self::LockDamaged { .. } | Self::LockLost => ErrorKind::Locked,
            Self::Source { .. } => ErrorKind::Io,
            Self::SizeChanged { .. } | Self::PacksVanished { .. } | Self::PlanOutdated => ErrorKind::Changed,
            Self::TooLargeForOneBlob { .. } => ErrorKind::Limit,
            Self::Poisoned(e) => e.kind(),
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Engine { .. } => ErrorKind::Internal,
        }
    }
}
