//! Everything a bundle can be refused for, as facts that name the entry.

use std::{io, path::PathBuf};

use backstay_model::ErrorKind;

use crate::NameFault;

/// Results of this crate.
pub type Result<T, E = BundleError> = std::result::Result<T, E>;

/// What can go wrong with a bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file or directory does not exist.
    #[error("there is no bundle at {}", path.display())]
    NotFound {
        /// Where.
        path: PathBuf,
    },
    /// Something else than a bundle.
    #[error("{} is not a bundle: {reason}", path.display())]
    NotABundle {
        /// Where.
        path: PathBuf,
        /// What it lacks.
        reason: &'static str,
    },
    /// Something lies where the bundle should be written.
    #[error("{} exists already; nothing was written", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// A directory that is no bundle lies where one should be replaced.
    #[error("{} is not a bundle and is not replaced; nothing was written", path.display())]
    NotReplaced {
        /// Where.
        path: PathBuf,
    },
    /// The bundle changed while it was being read.
    #[error("{} was changed while it was being read", path.display())]
    Changed {
        /// Where.
        path: PathBuf,
    },
    /// The archive ends too early, or its parts do not lie where it says.
    #[error("the archive is damaged or cut off: {reason}")]
    Structure {
        /// What is wrong.
        reason: &'static str,
    },
    /// An entry's name could lead out of the bundle or means different things on different systems.
    #[error("the entry {entry:?} is refused: its name {fault}")]
    Name {
        /// The name, odd bytes escaped.
        entry: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// Two entries with one name.
    #[error("the entry {entry:?} is there twice")]
    Duplicate {
        /// The name.
        entry: String,
    },
    /// Two entries that are one on systems that ignore case or the form of accents.
    #[error("the entry {entry:?} differs from another one only by case or the form of its letters")]
    Clash {
        /// The later name.
        entry: String,
    },
    /// A path is a file and a directory.
    #[error("the entry {entry:?} is both a file and a directory")]
    FileAndDirectory {
        /// The path.
        entry: String,
    },
    /// A link, device or pipe.
    #[error("the entry {entry:?} is neither a plain file nor a directory")]
    NotPlain {
        /// The name.
        entry: String,
    },
    /// Encrypted by the archiver.
    #[error("the entry {entry:?} is encrypted by the archiver")]
    Encrypted {
        /// The name.
        entry: String,
    },
    /// Packed in a way bundles do not use.
    #[error("the entry {entry:?} is packed with method {method}, which bundles do not use")]
    Method {
        /// The name.
        entry: String,
        /// The method's number.
        method: u16,
    },
    /// Two entries share bytes of the archive.
    #[error("the entry {entry:?} overlaps another one")]
    Overlap {
        /// The name.
        entry: String,
    },
    /// The two descriptions of an entry contradict each other.
    #[error("the entry {entry:?} is described in two ways: {reason}")]
    Header {
        /// The name.
        entry: String,
        /// What differs.
        reason: &'static str,
    },
    /// More entries than allowed.
    #[error("the bundle has {count} entries; {limit} are allowed")]
    TooMany {
        /// How many it says.
        count: u64,
        /// The limit.
        limit: u64,
    },
    /// One entry is larger than allowed.
    #[error("the entry {entry:?} unpacks to {size} bytes; {limit} are allowed")]
    TooLarge {
        /// The name.
        entry: String,
        /// What it says.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// All entries together are larger than allowed.
    #[error("the bundle unpacks to more than {limit} bytes")]
    TooLargeInAll {
        /// The limit.
        limit: u64,
    },
    /// An entry (or all together) grows too much when it is unpacked.
    #[error("{entry:?} unpacks to {size} bytes from {packed}: that is how archives look that are made to fill a disk")]
    Ratio {
        /// The name; `the bundle` for all together.
        entry: String,
        /// Unpacked bytes.
        size: u64,
        /// Packed bytes.
        packed: u64,
    },
    /// An entry has more or fewer bytes than announced, or cannot be unpacked.
    #[error("the entry {entry:?} does not hold the {size} bytes it announces")]
    Size {
        /// The name.
        entry: String,
        /// Announced bytes.
        size: u64,
    },
    /// An entry's content does not fit its checksum.
    #[error("the entry {entry:?} is damaged: its content does not fit its checksum")]
    Checksum {
        /// The name.
        entry: String,
    },
    /// An entry that `checksums` does not name.
    #[error("the entry {entry:?} is not among the checksums")]
    Unlisted {
        /// The name.
        entry: String,
    },
    /// An entry that is missing.
    #[error("the entry {entry:?} is missing")]
    Missing {
        /// The name.
        entry: String,
    },
    /// A line of `checksums` or of the list of files is not as it should be.
    #[error("line {line} of {file} is not as it should be: {reason}")]
    BadLine {
        /// Which file.
        file: String,
        /// Line number, from 1.
        line: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// `metadata.json` or a description cannot be read.
    #[error("{file} cannot be understood")]
    BadJson {
        /// Which file.
        file: String,
        /// Why.
        #[source]
        error: serde_json::Error,
    },
    /// Made by a newer Backstay.
    #[error("the bundle was made by a newer Backstay (format {found}, this program knows {known})")]
    Newer {
        /// Its format version.
        found: u64,
        /// The newest known one.
        known: u32,
    },
    /// Stopped on request.
    #[error("stopped on request")]
    Cancelled,
    /// What is to be written cannot be read; the entry was left out and the bundle can go on.
    #[error("the content of {entry:?} cannot be read")]
    Content {
        /// The entry.
        entry: String,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Reading or writing the bundle failed.
    #[error("{} cannot be read or written", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl BundleError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::NotABundle { .. } | Self::Encrypted { .. } | Self::Method { .. } | Self::Newer { .. } => ErrorKind::Unsupported,
            Self::Exists { .. } | Self::NotReplaced { .. } => ErrorKind::Refused,
            Self::Changed { .. } => ErrorKind::Changed,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::TooMany { .. } | Self::TooLarge { .. } | Self::TooLargeInAll { .. } | Self::Ratio { .. } => ErrorKind::Limit,
            Self::Content { error, .. } | Self::Io { error, .. } => io_kind(error),
            Self::Structure { .. }
            | Self::Name { .. }
            | Self::Duplicate { .. }
            | Self::Clash { .. }
            | Self::FileAndDirectory { .. }
            | Self::NotPlain { .. }
            | Self::Overlap { .. }
            | Self::Header { .. }
            | Self::Size { .. }
            | Self::Checksum { .. }
            | Self::Unlisted { .. }
            | Self::Missing { .. }
            | Self::BadLine { .. }
            | Self::BadJson { .. } => ErrorKind::Damaged,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Newer { .. } => "Install a newer Backstay.",
            Self::Exists { .. } => "Choose another name, or say --overwrite.",
            Self::NotReplaced { .. } => "Only a bundle or an empty directory is replaced: choose another name.",
            Self::NotABundle { .. } => "`backstay export SNAPSHOT FILE` makes bundles.",
            Self::Changed { .. } => "Nothing was changed. Run it again when nobody writes to it.",
            _ => match self.kind() {
                ErrorKind::Damaged => "Nothing of it was used. Take another copy of the bundle, or export it again.",
                ErrorKind::Limit => "Nothing of it was used. Ask whoever made it what it holds.",
                ErrorKind::Full => "Free some space there, or choose another place. Nothing half done was left behind.",
                ErrorKind::Auth => "Choose a place that you may read and write.",
                _ => return None,
            },
        })
    }
}

/// The class of an input/output error.
fn io_kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Auth,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => ErrorKind::Full,
        _ => ErrorKind::Io,
    }
}
