//! What can go wrong with a folder, as named facts. Every text begins with the path it is about, so that it can become the
//! subject of a [`SourceError`] or the name of a gap.

use std::io;

use backstay_model::ErrorKind;
use backstay_source::SourceError;
use rustix::io::Errno;

/// A fact about a folder that stops or limits a job.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The settings name no folder.
    #[error("path is missing")]
    NoPath,
    /// The settings name a folder relative to wherever the program happens to run.
    #[error("{path} is not a full path")]
    RelativePath {
        /// As given.
        path: String,
    },
    /// A pattern is not gitignore syntax.
    #[error("{pattern} is not a usable pattern: {reason}")]
    BadPattern {
        /// As given.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// The file with exclude lines cannot be read.
    #[error("{path} (the exclude-file) cannot be read")]
    ExcludeFile {
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder does not exist.
    #[error("{path} does not exist")]
    MissingRoot {
        /// Its path.
        path: String,
    },
    /// The path of the source is a file.
    #[error("{path} is not a folder")]
    NotAFolder {
        /// Its path.
        path: String,
    },
    /// Nothing is there.
    #[error("{path} does not exist")]
    Missing {
        /// Its path.
        path: String,
    },
    /// Was listed and could not be found a moment later.
    #[error("{path} disappeared while being read")]
    Gone {
        /// Its path.
        path: String,
    },
    /// Was one kind of thing when listed and another when read.
    #[error("{path} became something else while being read")]
    BecameOther {
        /// Its path.
        path: String,
    },
    /// Changed during every attempt to read it, and is stored as it was read last.
    #[error("{path} kept changing while being read; it is stored as last read, which may mix two states")]
    Unsettled {
        /// Its path.
        path: String,
    },
    /// Became shorter during every attempt, so that no state of it could be stored.
    #[error("{path} kept shrinking while being read; {}", if *.kept { "its previous version is kept" } else { "it is not stored" })]
    Shrinking {
        /// Its path.
        path: String,
        /// Whether the previous snapshot's version stands in for it.
        kept: bool,
    },
    /// A socket, pipe or device.
    #[error("{path} is a {what}, which holds no data and is not stored")]
    Special {
        /// Its path.
        path: String,
        /// `socket`, `pipe` or `device`.
        what: &'static str,
    },
    /// A path that would lead out of the folder, or is no path at all.
    #[error("{path} is not a path inside the folder")]
    BadPath {
        /// As given.
        path: String,
    },
    /// A parent is a link; following it could lead anywhere.
    #[error("{path} lies behind the link {link}, which is not followed")]
    BehindLink {
        /// The path asked for.
        path: String,
        /// The part of it that is a link.
        link: String,
    },
    /// A directory lies where something else should go.
    #[error("{path} is a directory, and something else should go there")]
    DirectoryInTheWay {
        /// Its path.
        path: String,
    },
    /// Something that is no directory lies where a directory is needed.
    #[error("{path} is not a directory, and a directory should be there")]
    NotADirectory {
        /// Its path.
        path: String,
    },
    /// Something is there, and nothing was expected.
    #[error("{path} exists by now")]
    Exists {
        /// Its path.
        path: String,
    },
    /// Other content is there than was expected.
    #[error("{path} is no longer what it was when the plan was made")]
    Moved {
        /// Its path.
        path: String,
    },
    /// A directory to be removed holds something.
    #[error("{path} is not empty")]
    NotEmpty {
        /// Its path.
        path: String,
    },
    /// The content to restore is not as long as announced.
    #[error("{path} should have {expected} bytes, and its backup gave {got}")]
    WrongLength {
        /// Its path.
        path: String,
        /// Announced size.
        expected: u64,
        /// Bytes that came (counting stops one past the announced size).
        got: u64,
    },
    /// The content to restore could not be read.
    #[error("{path} could not be read from the backup")]
    Content {
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another restore is writing the same file.
    #[error("{path} is being restored by another program")]
    Busy {
        /// Its path.
        path: String,
    },
    /// A folder cannot do this.
    #[error("{path} {what}")]
    Unsupported {
        /// What was asked of.
        path: String,
        /// The rest of the sentence.
        what: &'static str,
    },
    /// The operating system does not allow it.
    #[error("{path} may not be {action} (permission denied)")]
    NoPermission {
        /// Its path.
        path: String,
        /// `read` or `written`.
        action: &'static str,
        /// The error below.
        #[source]
        source: io::Error,
    },
    /// The disk takes no writes.
    #[error("{path} cannot be written: the disk is read-only")]
    ReadOnly {
        /// Its path.
        path: String,
        /// The error below.
        #[source]
        source: io::Error,
    },
    /// No space is left, or a quota is reached.
    #[error("{path} does not fit: no space is left")]
    Full {
        /// Its path.
        path: String,
        /// The error below.
        #[source]
        source: io::Error,
    },
    /// The file system does not take such a name or size.
    #[error("{path} has a name or size this disk does not take")]
    BeyondLimits {
        /// Its path.
        path: String,
        /// The error below.
        #[source]
        source: io::Error,
    },
    /// Anything else the operating system answered.
    #[error("{path} could not be {action}: {source}")]
    Io {
        /// Its path.
        path: String,
        /// `read` or `written`.
        action: &'static str,
        /// The error below.
        #[source]
        source: io::Error,
    },
}

impl FolderError {
    /// An error of the operating system while reading `path`.
    pub(crate) fn read(path: &str, error: Errno) -> Self {
        Self::system(path, "read", error.into())
    }

    /// An error of the operating system while writing `path`.
    pub(crate) fn write(path: &str, error: Errno) -> Self {
        Self::system(path, "written", error.into())
    }

    /// Classifies an error of the operating system.
    pub(crate) fn system(path: &str, action: &'static str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::PermissionDenied => Self::NoPermission { path, action, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path, source },
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidFilename => Self::BeyondLimits { path, source },
            _ => Self::Io { path, action, source },
        }
    }

    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPath | Self::RelativePath { .. } | Self::BadPattern { .. } | Self::NotAFolder { .. } => ErrorKind::Usage,
            Self::MissingRoot { .. } | Self::Missing { .. } => ErrorKind::NotFound,
            Self::ExcludeFile { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::ExcludeFile { .. } | Self::Io { .. } | Self::Content { .. } => ErrorKind::Io,
            Self::Gone { .. } | Self::BecameOther { .. } | Self::Unsettled { .. } | Self::Shrinking { .. } => ErrorKind::Changed,
            Self::DirectoryInTheWay { .. } | Self::NotADirectory { .. } | Self::Exists { .. } | Self::Moved { .. } => {
                ErrorKind::Changed
            }
            Self::Special { .. } | Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::BadPath { .. } | Self::BehindLink { .. } | Self::NotEmpty { .. } => ErrorKind::Refused,
            Self::WrongLength { .. } => ErrorKind::Damaged,
            Self::Busy { .. } => ErrorKind::Locked,
            Self::NoPermission { .. } | Self::ReadOnly { .. } => ErrorKind::Auth,
            Self::Full { .. } => ErrorKind::Full,
            Self::BeyondLimits { .. } => ErrorKind::Limit,
        }
    }

    /// What the error is about.
    fn subject(&self) -> &str {
        match self {
            Self::NoPath => "path",
            Self::BadPattern { pattern, .. } => pattern,
            Self::RelativePath { path }
            | Self::ExcludeFile { path, .. }
            | Self::MissingRoot { path }
            | Self::NotAFolder { path }
            | Self::Missing { path }
            | Self::Gone { path }
            | Self::BecameOther { path }
            | Self::Unsettled { path }
            | Self::Shrinking { path, .. }
            | Self::Special { path, .. }
            | Self::BadPath { path }
            | Self::BehindLink { path, .. }
            | Self::DirectoryInTheWay { path }
            | Self::NotADirectory { path }
            | Self::Exists { path }
            | Self::Moved { path }
            | Self::NotEmpty { path }
            | Self::WrongLength { path, .. }
            | Self::Content { path, .. }
            | Self::Busy { path }
            | Self::Unsupported { path, .. }
            | Self::NoPermission { path, .. }
            | Self::ReadOnly { path, .. }
            | Self::Full { path, .. }
            | Self::BeyondLimits { path, .. }
            | Self::Io { path, .. } => path,
        }
    }

    /// What to do next.
    fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoPath => "Give the folder with path.",
            Self::RelativePath { .. } => "Give the whole path from / on, so that scheduled runs find it too.",
            Self::BadPattern { .. } => "Patterns are written as in a .gitignore file.",
            Self::MissingRoot { .. } => "Mount the disk it lies on, or correct the path of the source. Earlier backups are safe.",
            Self::NotAFolder { .. } => {
                "Give the folder it lies in as path, and its name with a slash before it (/notes.txt) as include."
            }
            Self::Special { .. } => "Exclude it, or set skip-special to leave out all such files by rule.",
            Self::BehindLink { .. } => "Remove or rename the link, or restore to another place.",
            Self::DirectoryInTheWay { .. } | Self::NotADirectory { .. } => "Rename what is there, or restore to another place.",
            Self::Exists { .. } | Self::Moved { .. } => "Make a new plan; nothing was written.",
            Self::ReadOnly { .. } | Self::Full { .. } => "Nothing was left half-written. Restore to another disk, or make room.",
            _ => return None,
        })
    }
}

impl From<FolderError> for SourceError {
    fn from(error: FolderError) -> Self {
        let subject = error.subject().to_owned();
        let text = error.to_string();
        let message = text.strip_prefix(&subject).unwrap_or(&text).trim_start().to_owned();
        let mut converted = SourceError::new(error.kind(), subject, message);
        if let Some(hint) = error.hint() {
            converted = converted.hint(hint);
        }
        match error {
            FolderError::Content { source, .. } => match source.downcast::<SourceError>() {
                // The vault's own words are better than ours.
                Ok(vault) => vault,
                Err(source) => converted.caused_by(source),
            },
            other => converted.caused_by(other),
        }
    }
}
