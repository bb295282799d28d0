//! Places: where the files of a repository lie.

#[cfg(any(test, feature = "testing"))]
mod faulty;
mod local;
#[cfg(any(test, feature = "testing"))]
mod memory;

use std::fmt;
use std::io;

use backstay_model::ErrorKind;
use bytes::Bytes;

use crate::Id;

#[cfg(any(test, feature = "testing"))]
pub use faulty::{Fault, FaultyPlace, Fired, Op};
pub use local::LocalPlace;
#[cfg(any(test, feature = "testing"))]
pub use memory::MemoryPlace;

/// The kinds of files in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// The one configuration file (its id is [`Id::CONFIG`]).
    Config,
    /// One per password.
    Key,
    /// One per running job.
    Lock,
    /// One per snapshot.
    Snapshot,
    /// What is in which pack.
    Index,
    /// Content and directories.
    Pack,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Config, Self::Key, Self::Lock, Self::Snapshot, Self::Index, Self::Pack];
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Config => "config",
            Self::Key => "key",
            Self::Lock => "lock",
            Self::Snapshot => "snapshot",
            Self::Index => "index",
            Self::Pack => "pack",
        })
    }
}

/// Why a place did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file does not exist.
    #[error("{kind} file {id:?} does not exist")]
    NotFound {
        /// Kind of file.
        kind: FileKind,
        /// Which.
        id: Id,
    },
    /// The file has fewer bytes than were asked for.
    #[error("{kind} file {id:?} ends before byte {end}")]
    TooShort {
        /// Kind of file.
        kind: FileKind,
        /// Which.
        id: Id,
        /// End of the range asked for.
        end: u64,
    },
    /// Another file has this name already; it was left as it is.
    #[error("{kind} file {id:?} exists with other content")]
    Occupied {
        /// Kind of file.
        kind: FileKind,
        /// Which.
        id: Id,
    },
    /// No space is left.
    #[error("no space left at {place}")]
    Full {
        /// Where.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// The place may not be written or read.
    #[error("no permission at {place}: {source}")]
    Denied {
        /// Where.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// The place as a whole cannot be reached: unplugged, unmounted, offline.
    #[error("{place} is out of reach: {source}")]
    Unreachable {
        /// Where.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else.
    #[error("{place}: {source}")]
    Io {
        /// Where.
        place: String,
        /// What the system said.
        source: io::Error,
    },
}

impl PlaceError {
    /// The class of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::TooShort { .. } | Self::Occupied { .. } => ErrorKind::Damaged,
            Self::Full { .. } => ErrorKind::Full,
            Self::Denied { .. } => ErrorKind::Auth,
            Self::Unreachable { .. } => ErrorKind::Unreachable,
            Self::Io { .. } => ErrorKind::Io,
        }
    }

    /// Whether the file asked for is missing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

/// Result of an operation on a place.
pub type PlaceResult<T> = Result<T, PlaceError>;

/// A leftover file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Its path below the place.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Where a repository lies. All methods may be called from several threads at once.
///
/// A place promises: a file appears under its name whole or not at all, a file written is safe against a crash of the
/// system, and what was written is seen by the next listing.
pub trait Place: Send + Sync + fmt::Debug {
    /// The place in words, without secrets.
    fn location(&self) -> String;

    /// Makes the place ready for a new repository.
    ///
    /// # Errors
    /// When it cannot be written.
    fn create(&self) -> PlaceResult<()>;

    /// All files of a kind with their size in bytes, in any order. Files with foreign names (leftover temporary ones)
    /// are left out. A kind without any file gives an empty list.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>>;

    /// A whole file.
    ///
    /// # Errors
    /// When it does not exist or cannot be read.
    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes>;

    /// `length` bytes from `offset` on, into the empty `buffer` (so that its memory is used again).
    ///
    /// # Errors
    /// When it does not exist, is shorter ([`PlaceError::TooShort`]) or cannot be read.
    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()>;

    /// Size in bytes, `None` when the file does not exist.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>>;

    /// Writes a file at once. The same content again is no error.
    ///
    /// # Errors
    /// When it cannot be written, or exists with other content.
    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()>;

    /// Removes a file. A missing file is no error.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()>;

    /// Files between those of the repository that are none: leftovers of writes that were cut off. Places where a cut
    /// write leaves nothing have none.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn strays(&self) -> PlaceResult<Vec<Stray>> {
        Ok(Vec::new())
    }

    /// Removes a file that [`Self::strays`] named. A missing file is no error; anything else is refused.
    ///
    /// # Errors
    /// When it cannot be removed, or is no stray.
    fn remove_stray(&self, _path: &str) -> PlaceResult<()> {
        Ok(())
    }

    /// Moves a damaged file out of the repository into `folder` beside it, where it can still be looked at. `false`
    /// where the place cannot do that; the file then stays.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_aside(&self, _kind: FileKind, _id: &Id, _folder: &str) -> PlaceResult<bool> {
        Ok(false)
    }
}
