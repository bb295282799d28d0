//! What can go wrong with SQLite files, as named facts, and how each looks from outside.

use std::{fmt, io, path::Path};

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use rusqlite::ErrorCode;

/// What every fallible call inside this connector returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A fact about a subject (a path, a collection, a record).
#[derive(Debug)]
pub struct Error {
    /// What it is about.
    pub subject: String,
    /// What is the matter with it.
    pub fact: Fact,
}

/// What can be the matter. The text is the rest of a sentence that begins with the subject.
#[derive(Debug, thiserror::Error)]
pub enum Fact {
    /// The path leads nowhere.
    #[error("does not exist")]
    Missing,
    /// A file of 0 bytes carries a database's name.
    #[error("is empty (0 bytes): not a SQLite database")]
    Empty,
    /// The first 16 bytes are not SQLite's.
    #[error("is not a SQLite database: it does not begin with \"SQLite format 3\"")]
    NotSqlite,
    /// Not SQLite's first bytes, and the content looks random.
    #[error("is encrypted or not SQLite: it begins with random-looking bytes")]
    Encrypted,
    /// The header cannot be right.
    #[error("has a damaged header: {detail}")]
    BadHeader {
        /// Which field, and what it says.
        detail: String,
    },
    /// Shorter than its header says.
    #[error("is truncated: its header tells of {expected} bytes, the file has {actual}")]
    Truncated {
        /// Page size times page count.
        expected: u64,
        /// Size of the file.
        actual: u64,
    },
    /// The integrity check found damage.
    #[error("is damaged: {}", .lines.join("; "))]
    Corrupt {
        /// First lines of the check's report.
        lines: Vec<String>,
    },
    /// Someone else held it all the time.
    #[error("is locked by another program (waited {seconds} s)")]
    Busy {
        /// How long we waited.
        seconds: u64,
    },
    /// It kept changing in mid-copy.
    #[error("kept changing while it was copied")]
    KeptChanging,
    /// It is not what the plan was made against.
    #[error("is not what the plan was made against any more: nothing was written")]
    Changed,
    /// It exists, and must not be overwritten.
    #[error("exists already: nothing was written")]
    Exists,
    /// The files of another process are open on it.
    #[error("is open in another program ({holders}): nothing was written")]
    InUse {
        /// Names and process ids, as far as known.
        holders: String,
    },
    /// The temporary folder is too small.
    #[error("needs {needed} bytes in the temporary folder {folder}, which has {free} left")]
    NoRoom {
        /// Where the copy would go.
        folder: String,
        /// What it needs.
        needed: u64,
        /// What there is.
        free: u64,
    },
    /// Not readable or writable by us.
    #[error("may not be read or written (permission denied)")]
    NoPermission,
    /// No such table, view or database.
    #[error("is no collection of this source")]
    NoCollection,
    /// An id that no row can have.
    #[error("is no id of a row: {detail}")]
    BadId {
        /// What is wrong with it.
        detail: String,
    },
    /// A value that is not one of ours.
    #[error("holds a value that is not in the connector's notation: {detail}")]
    BadValue {
        /// Which, and why.
        detail: String,
    },
    /// The table at the target lacks columns.
    #[error("lacks the columns {}: nothing was written", .columns.join(", "))]
    MissingColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// Another row stands in the way.
    #[error("cannot be written: {constraint}; the row {other} is in the way")]
    TakenByOther {
        /// SQLite's words.
        constraint: String,
        /// Id of the other row, or `(unknown)`.
        other: String,
    },
    /// A constraint of the table refuses the row.
    #[error("is refused by the table: {constraint}")]
    Constraint {
        /// SQLite's words.
        constraint: String,
    },
    /// Rows would point to rows that are not there.
    #[error("would leave rows without the rows they refer to: {}; nothing was written", .rows.join("; "))]
    ForeignKeys {
        /// `table rowid → parent`, the first of them.
        rows: Vec<String>,
    },
    /// This kind of object or step cannot be written.
    #[error("{why}")]
    Unsupported {
        /// Why not.
        why: String,
    },
    /// Writing it would do harm.
    #[error("{why}")]
    Refused {
        /// Why.
        why: String,
    },
    /// A setting makes no sense.
    #[error("{why}")]
    Setting {
        /// Why.
        why: String,
    },
    /// The job was stopped.
    #[error("stopped on request")]
    Cancelled,
    /// What was written does not read back the same.
    #[error("does not read back as written")]
    ReadBack,
    /// SQLite reports something else.
    #[error("cannot be used: {0}")]
    Sql(#[source] rusqlite::Error),
    /// Reading or writing failed.
    #[error("cannot be read or written: {0}")]
    Io(#[source] io::Error),
    /// What a reader or sink above reported.
    #[error("{}", .0.message)]
    Above(Box<SourceError>),
}

impl Fact {
    /// The fact about `path`.
    pub fn at(self, path: &Path) -> Error {
        self.on(path.display().to_string())
    }

    /// The fact about `subject`.
    pub fn on(self, subject: impl Into<String>) -> Error {
        Error {
            subject: subject.into(),
            fact: self,
        }
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing | Self::NoCollection => ErrorKind::NotFound,
            Self::Empty
            | Self::NotSqlite
            | Self::Encrypted
            | Self::BadHeader { .. }
            | Self::Truncated { .. }
            | Self::Corrupt { .. }
            | Self::ReadBack => ErrorKind::Damaged,
            Self::Busy { .. } | Self::InUse { .. } => ErrorKind::Locked,
            Self::KeptChanging | Self::Changed | Self::Exists => ErrorKind::Changed,
            Self::TakenByOther { .. } | Self::Constraint { .. } | Self::ForeignKeys { .. } | Self::Refused { .. } => {
                ErrorKind::Refused
            }
            Self::NoRoom { .. } => ErrorKind::Full,
            Self::NoPermission => ErrorKind::Auth,
            Self::BadId { .. } | Self::Setting { .. } => ErrorKind::Usage,
            Self::BadValue { .. } => ErrorKind::Damaged,
            Self::MissingColumns { .. } | Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Sql(error) => sql_kind(error),
            Self::Io(error) => SourceError::io("", io::Error::from(error.kind())).kind,
            Self::Above(error) => error.kind,
        }
    }

    /// What to do next, for people.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Empty | Self::NotSqlite => "If it is no database, leave it out with --exclude.",
            Self::Encrypted => {
                "An encrypted database can only be backed up as a plain file: add its folder as a source of kind `folder`."
            }
            Self::Truncated { .. } | Self::Corrupt { .. } | Self::BadHeader { .. } => {
                "Earlier snapshots are safe: restore the last good one, or try `sqlite3 FILE .recover`."
            }
            Self::Busy { .. } | Self::InUse { .. } => "Close the program that uses it, then try again.",
            Self::KeptChanging => "Try again when the program is less busy.",
            Self::Changed => "Make a new plan.",
            Self::Exists => "Choose another place, or restore in place.",
            Self::NoRoom { .. } => "Free some space, or choose another folder with --temp-dir.",
            Self::NoPermission => "Run Backstay as a user who may read it, or change its permissions.",
            Self::ForeignKeys { .. } => "Restore the rows they refer to as well.",
            Self::MissingColumns { .. } => {
                "The table was changed since the backup: restore the whole file to a new place instead."
            }
            _ => return None,
        })
    }
}

/// The class of an error of SQLite that has no fact of its own.
fn sql_kind(error: &rusqlite::Error) -> ErrorKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::TooBig) => ErrorKind::Limit,
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => ErrorKind::Io,
        Some(_) => ErrorKind::Unsupported,
        None => ErrorKind::Internal,
    }
}

impl Error {
    /// An error of SQLite on `subject`, as the fact it stands for.
    pub fn sql(subject: impl Into<String>, error: rusqlite::Error) -> Self {
        let fact = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fact::Busy { seconds: 0 },
            Some(ErrorCode::NotADatabase) => Fact::NotSqlite,
            Some(ErrorCode::DatabaseCorrupt) => Fact::Corrupt {
                lines: vec![error.to_string()],
            },
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => Fact::NoPermission,
            Some(ErrorCode::DiskFull) => Fact::Io(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Fact::Sql(error),
        };
        fact.on(subject)
    }

    /// An input/output error on `subject`, as the fact it stands for.
    pub fn io(subject: impl Into<String>, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Fact::Missing.on(subject),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Fact::NoPermission.on(subject),
            _ => match error.downcast::<SourceError>() {
                Ok(above) => above.into(),
                Err(error) => Fact::Io(error).on(subject),
            },
        }
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.fact.kind()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.fact)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fact.source_below()
    }
}

impl Fact {
    fn source_below(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self)
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self {
            subject: error.subject.clone(),
            fact: Fact::Above(Box::new(error)),
        }
    }
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        if let Fact::Above(above) = error.fact {
            return *above;
        }
        let mut out = Self::new(error.kind(), error.subject.clone(), error.fact.to_string());
        if let Some(hint) = error.fact.hint() {
            out = out.hint(hint);
        }
        if matches!(error.fact, Fact::Busy { .. } | Fact::KeptChanging) {
            out = out.temporary(Some(1_000));
        }
        match error.fact {
            Fact::Sql(cause) => out.caused_by(cause),
            Fact::Io(cause) => out.caused_by(cause),
            _ => out,
        }
    }
}
