//! What can go wrong with stored collections: named facts with the file and the place in it.

use std::error::Error;
use std::fmt;

use backstay_model::ErrorKind;

/// What is wrong with a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The file ends before its content does.
    Short,
    /// The file goes on after its content.
    Long,
    /// The seal (checksum) over the file does not match.
    Seal,
    /// The file does not begin as files of its kind do.
    Magic,
    /// It is not JSON, or not with the fields that belong there.
    Json,
    /// A number lies outside what the format allows.
    Number,
    /// An id is not UTF-8, empty or too long.
    Id,
    /// Ids are not in ascending order.
    Order,
    /// A record's line is not for the id its key names.
    WrongId,
    /// A record's line does not have the form of one.
    Line,
    /// A record's content does not have the hash its key names.
    Hash,
    /// The check value over a line's other fields does not match.
    Check,
    /// Counts or checksums of a collection do not match what its runs hold.
    Counts,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "it ends too early",
            Self::Long => "it goes on after its end",
            Self::Seal => "its seal does not match",
            Self::Magic => "it is not a file of this kind",
            Self::Json => "it is not the JSON that belongs there",
            Self::Number => "a number is out of range",
            Self::Id => "an id is not valid",
            Self::Order => "ids are not in order",
            Self::WrongId => "the record there has another id",
            Self::Line => "the line is not a record",
            Self::Hash => "the record does not match its hash",
            Self::Check => "the record's fields do not match their check value",
            Self::Counts => "counts or checksum do not match the content",
        })
    }
}

/// A failure of the place runs are read from or written to.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct StoreError {
    /// Path inside the snapshot.
    pub path: String,
    /// Its class.
    pub kind: ErrorKind,
    /// The cause.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// A failure with a cause.
    pub fn new(path: impl Into<String>, kind: ErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            path: path.into(),
            kind,
            source: source.into(),
        }
    }

    /// The class of an IO error.
    pub fn io(path: &str, error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorKind::NotFound,
            std::io::ErrorKind::PermissionDenied => ErrorKind::Auth,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::Full,
            std::io::ErrorKind::UnexpectedEof => ErrorKind::Damaged,
            _ => ErrorKind::Io,
        };
        Self::new(path, kind, error)
    }
}

/// Why reading or writing a collection failed.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored file is damaged.
    #[error("{path} is damaged at byte {offset}: {fault}")]
    Damaged {
        /// Path inside the snapshot.
        path: String,
        /// Offset in it in bytes.
        offset: u64,
        /// What is wrong.
        fault: Fault,
    },
    /// A collection was written by a newer Backstay.
    #[error("{path} has format {found}; this program reads up to {known}")]
    NewerFormat {
        /// Path of its description.
        path: String,
        /// Its format version.
        found: u32,
        /// The newest version this program reads.
        known: u32,
    },
    /// A source gave a record without an id.
    #[error("a record of {collection} has an empty id")]
    EmptyId {
        /// The collection.
        collection: String,
    },
    /// A source gave a record with an id beyond the limit.
    #[error("a record of {collection} has an id of {length} bytes; the limit is {limit}")]
    LongId {
        /// The collection.
        collection: String,
        /// Length of the id in bytes.
        length: usize,
        /// [`MAX_ID`](crate::MAX_ID).
        limit: usize,
    },
    /// A record was taken over from the previous snapshot and then was not there: a fault of this program.
    #[error("record {id} was to stay as it was and is not in the previous snapshot")]
    NotKept {
        /// Its id.
        id: String,
    },
    /// Temporary space for sorting could not be used.
    #[error("temporary space for sorting: {0}")]
    Temporary(#[source] std::io::Error),
    /// A description could not be turned into JSON.
    #[error("description of {collection}: {source}")]
    Describe {
        /// The collection.
        collection: String,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
}

impl RecordsError {
    /// The class of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind,
            Self::Damaged { .. } => ErrorKind::Damaged,
            Self::NewerFormat { .. } => ErrorKind::Unsupported,
            Self::EmptyId { .. } | Self::LongId { .. } => ErrorKind::Limit,
            Self::Temporary(error) if error.kind() == std::io::ErrorKind::StorageFull => ErrorKind::Full,
            Self::Temporary(_) => ErrorKind::Io,
            Self::Describe { .. } | Self::NotKept { .. } => ErrorKind::Internal,
        }
    }

    pub(crate) fn damaged(path: &str, offset: u64, fault: Fault) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            offset,
            fault,
        }
    }
}

/// Result of reading or writing a collection.
pub type Result<T> = std::result::Result<T, RecordsError>;
