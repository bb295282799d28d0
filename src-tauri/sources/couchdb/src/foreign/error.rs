//! What is wrong with a file of another program: where, what was not done, and what to do.

use std::io;

use backstay_model::ErrorKind;
use backstay_source::SourceError;

/// A file that cannot be read, or records that a file cannot hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForeignError {
    /// A line breaks off or is no JSON, and nothing says that the program which wrote it went on properly.
    #[error("is damaged in line {line}, at byte {byte} of it: {reason}. Nothing of the file was taken")]
    BrokenLine {
        /// Number of the line, from 1.
        line: u64,
        /// Byte in the line, from 1.
        byte: u64,
        /// What is wrong there.
        reason: Flaw,
    },
    /// A line is JSON and yet nothing that stands in such a file.
    #[error("has in line {line} neither documents nor a header or marker of couchbackup. Nothing of the file was taken")]
    StrangeLine {
        /// Number of the line, from 1.
        line: u64,
    },
    /// A document that no database can have.
    #[error("has in line {line} a document that {reason}. Nothing of the file was taken")]
    BadDocument {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong with it, as the rest of a sentence.
        reason: String,
    },
    /// One document, without its attachments, is larger than any server takes.
    #[error("has in line {line} a document of more than {limit} bytes. Nothing of the file was taken")]
    TooLarge {
        /// Number of the line, from 1.
        line: u64,
        /// The bytes that are read at most.
        limit: usize,
    },
    /// The answer of a server without the documents.
    #[error("lists ids and no documents (line {line}). Nothing of the file was taken")]
    NoDocuments {
        /// Number of the line, from 1.
        line: u64,
    },
    /// The compressed data is damaged.
    #[error("cannot be unpacked: {reason}. Nothing of the file was taken")]
    Packed {
        /// What the unpacker said.
        reason: String,
    },
    /// Records with and without revisions cannot stand in one file of couchbackup.
    #[error("cannot be written: the document {id:?} has {} revision, others are different", if *.has { "a" } else { "no" })]
    Mixed {
        /// The document.
        id: String,
        /// It has a revision.
        has: bool,
    },
    /// What is taken from the file has no room.
    #[error("needs more room than there is: {free} bytes are free for temporary files. Nothing of the file was taken")]
    NoRoom {
        /// Bytes that are free.
        free: u64,
    },
    /// What takes the content failed.
    #[error(transparent)]
    Sink(#[from] SourceError),
    /// The file or a temporary one cannot be read or written.
    #[error("cannot be read: {error}")]
    Io {
        /// Why.
        #[source]
        error: io::Error,
    },
}

/// What is wrong at one place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// The line ends in the middle.
    #[error("it ends in the middle of a value")]
    Ends,
    /// A byte that cannot stand there.
    #[error("this is no JSON")]
    NoJson,
    /// The content of an attachment is no base64.
    #[error("the content of an attachment is no base64")]
    NoBase64,
    /// The content of an attachment is no text.
    #[error("the content of an attachment is no text")]
    NoText,
    /// Something follows the documents.
    #[error("something follows the documents")]
    Follows,
    /// Values within values beyond reason.
    #[error("values are nested too deeply")]
    Deep,
}

impl ForeignError {
    /// The class.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::BrokenLine { .. } | Self::StrangeLine { .. } | Self::BadDocument { .. } | Self::Packed { .. } => {
                ErrorKind::Damaged
            }
            Self::TooLarge { .. } | Self::NoDocuments { .. } | Self::Mixed { .. } => ErrorKind::Unsupported,
            Self::NoRoom { .. } => ErrorKind::Full,
            Self::Sink(error) => error.kind,
            Self::Io { error } => SourceError::io("", io::Error::from(error.kind())).kind,
        }
    }

    /// What to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::BrokenLine { .. } => Some(
                "If the backup was interrupted, finish it with couchbackup --resume and its log; else take an older file, or make a new backup.",
            ),
            Self::StrangeLine { .. } | Self::BadDocument { .. } => {
                Some("Take the file as it was written: nothing may be added to it or removed from it.")
            }
            Self::NoDocuments { .. } => Some("Ask the server for _all_docs?include_docs=true."),
            Self::Packed { .. } => Some("Copy the file again from where it came; else take an older one."),
            Self::Mixed { .. } => Some("Write them as documents, one a line: --format ndjson."),
            Self::NoRoom { .. } => {
                Some("A small compressed file can unpack to very much: look where it comes from. Else make room and try again.")
            }
            Self::TooLarge { .. } | Self::Sink(_) | Self::Io { .. } => None,
        }
    }

    /// The error about the file at `path`.
    pub(crate) fn about(self, path: &str) -> SourceError {
        let error = match self {
            Self::Io { error } => return SourceError::io(path, error),
            Self::Sink(error) => return error,
            other => other,
        };
        let made = SourceError::new(error.kind(), path, error.to_string());
        match error.hint() {
            Some(hint) => made.hint(hint),
            None => made,
        }
    }
}

impl From<io::Error> for ForeignError {
    fn from(error: io::Error) -> Self {
        Self::Io { error }
    }
}
