//! What can go wrong with the state database, as named facts that say what to do next.

use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use chrono::{DateTime, Utc};
use rusqlite::ErrorCode;

use crate::audit::AuditFault;
use crate::owner::Holder;

/// Why something on the state database failed. Nothing half-done stays behind: every change is one transaction.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The home directory cannot be made or used.
    #[error("cannot use the home directory {path}: {source}")]
    Home {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk or the files below the home directory do not let us write.
    #[error(
        "{path} cannot be written (read-only disk or missing permission); nothing was changed. Make it writable or choose another --home"
    )]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// No space is left.
    #[error("no space is left to write {path}; nothing was changed. Free some space and try again")]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Another process held the database longer than we wait.
    #[error("{path} is busy: another process holds it. Try again when it has finished")]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// Written by a newer Backstay.
    #[error(
        "{path} was written by a newer Backstay (state version {found}, this program knows {known}); it was not touched. Use the newer program"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// An SQLite file of some other program lies where the state database belongs.
    #[error("{path} is not a state database of Backstay; it was not touched. Choose another --home")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error(
        "the state database {path} is damaged ({detail}). Backups are not affected. Move it away (keep it) and add the vaults \
         again: every snapshot describes its source; or use a copy named state.db.before-v…"
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Bringing an older state database up to date failed; it was left as it was.
    #[error("cannot bring {path} from state version {from} to {to}; it was left as it was, a copy is in {copy}: {source}")]
    Migration {
        /// The database.
        path: PathBuf,
        /// Version it has.
        from: i64,
        /// Version it should have got.
        to: i64,
        /// The copy made before.
        copy: PathBuf,
        /// What went wrong.
        source: Box<rusqlite_migration::Error>,
    },
    /// Another process runs the jobs of this home directory.
    #[error("{home} is in use by {holder}; nothing was started. Wait for it or stop it")]
    Owned {
        /// The home directory.
        home: PathBuf,
        /// Who, as far as it can be read.
        holder: Holder,
    },
    /// A name is not allowed.
    #[error("\"{name}\" cannot be used as a name: {reason}")]
    Name {
        /// The name asked for.
        name: String,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// A name is taken (names that differ only in case are the same).
    #[error("there is already a {what} named \"{name}\"")]
    NameTaken {
        /// `source`, `vault`, `plan` or `channel`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Sources are assigned to the vault and to no other.
    #[error("vault \"{name}\" is the only one of {}; give them another first", sources.join(", "))]
    VaultInUse {
        /// The vault.
        name: String,
        /// Names of the sources.
        sources: Vec<String>,
    },
    /// Plans go to the vault and to no other.
    #[error("vault \"{name}\" is the only one of the plans {}; give them another first", plans.join(", "))]
    VaultInPlans {
        /// The vault.
        name: String,
        /// Names of the plans.
        plans: Vec<String>,
    },
    /// The thing named is not in the state database.
    #[error("there is no {what} \"{name}\"")]
    NotFound {
        /// `source`, `vault`, `run`, `restore`, `plan`, `hold`, `channel`, `slot`, `message`.
        what: &'static str,
        /// How it was asked for.
        name: String,
    },
    /// The beginning of an id fits more than one run or hold.
    #[error("\"{prefix}\" is the beginning of {count} {what} ids; give more of it")]
    Ambiguous {
        /// `run` or `hold`.
        what: &'static str,
        /// What was given.
        prefix: String,
        /// How many it fits (counted up to 100).
        count: u64,
    },
    /// The same job is already running.
    #[error("run {run} is doing this already")]
    AlreadyRunning {
        /// Its id.
        run: String,
    },
    /// The run has ended; its row does not change any more.
    #[error("run {run} has ended")]
    RunEnded {
        /// Its id.
        run: String,
    },
    /// The slot has ended; its record does not change any more.
    #[error("the slot of {due} of task {task} has ended")]
    SlotEnded {
        /// Id of the plan.
        plan: String,
        /// The task.
        task: String,
        /// When it was due.
        due: DateTime<Utc>,
    },
    /// The hold was answered before.
    #[error("hold {hold} was released by {by} already")]
    HoldReleased {
        /// Its short id.
        hold: String,
        /// Who answered.
        by: String,
    },
    /// The run is of a kind or in a state that cannot be continued.
    #[error("run {run} cannot be resumed: {reason}")]
    NotResumable {
        /// Its id.
        run: String,
        /// Why.
        reason: &'static str,
    },
    /// A step that was already written was to be written again.
    #[error("step {index} of run {run} is already written")]
    StepWritten {
        /// The run.
        run: String,
        /// The step's number.
        index: u64,
    },
    /// A result came for a step whose intent was never recorded.
    #[error("step {index} of run {run} has no recorded intent")]
    NoIntent {
        /// The run.
        run: String,
        /// The step's number.
        index: u64,
    },
    /// The audit log does not fit together.
    #[error("the audit log was tampered with or damaged: {0}")]
    Audit(AuditFault),
    /// What was given as a head of the audit log is none.
    #[error("\"{text}\" is no head of an audit log (NUMBER:HASH, 64 hexadecimal digits)")]
    AuditHead {
        /// What was given.
        text: String,
    },
    /// Writing an export failed.
    #[error("cannot write the export: {0}")]
    Export(std::io::Error),
    /// SQLite failed in another way.
    #[error("{path}: {source}")]
    Database {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// SQLite failed; classified when it leaves a transaction ([`JournalError::at`]).
    #[error(transparent)]
    #[doc(hidden)]
    Raw(#[from] rusqlite::Error),
}

impl JournalError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Home { source, .. } => io_kind(source),
            Self::ReadOnly { .. } => ErrorKind::Auth,
            Self::Full { .. } => ErrorKind::Full,
            Self::Busy { .. } | Self::Owned { .. } | Self::AlreadyRunning { .. } => ErrorKind::Locked,
            Self::Newer { .. } => ErrorKind::Unsupported,
            Self::NotOurs { .. }
            | Self::NameTaken { .. }
            | Self::VaultInUse { .. }
            | Self::VaultInPlans { .. }
            | Self::HoldReleased { .. }
            | Self::NotResumable { .. } => ErrorKind::Refused,
            Self::Damaged { .. } | Self::Audit(_) => ErrorKind::Damaged,
            Self::Name { .. } | Self::Ambiguous { .. } | Self::AuditHead { .. } => ErrorKind::Usage,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::RunEnded { .. } | Self::SlotEnded { .. } | Self::StepWritten { .. } | Self::NoIntent { .. } => {
                ErrorKind::Internal
            }
            Self::Export(source) => io_kind(source),
            Self::Migration { .. } | Self::Database { .. } | Self::Raw(_) => ErrorKind::Io,
        }
    }

    /// Names the database in an error of SQLite and sorts it into its class.
    pub(crate) fn at(self, path: &Path) -> Self {
        let Self::Raw(source) = self else { return self };
        let path = path.to_owned();
        match &source {
            rusqlite::Error::SqliteFailure(failure, text) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
                ErrorCode::DiskFull => Self::Full { path },
                _ if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full { path },
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::ReadOnly { path },
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged {
                    path,
                    detail: text.clone().unwrap_or_else(|| failure.to_string()),
                },
                _ => Self::Database { path, source },
            },
            // A value no version of this program writes: someone else did, or a bit turned.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Damaged {
                path,
                detail: source.to_string(),
            },
            _ => Self::Database { path, source },
        }
    }
}

/// The class of an error of the system.
pub(crate) fn io_kind(error: &std::io::Error) -> ErrorKind {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => ErrorKind::Auth,
        Kind::StorageFull | Kind::QuotaExceeded => ErrorKind::Full,
        Kind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Io,
    }
}
