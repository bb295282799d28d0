//! What can go wrong between a state and the screen, as facts.

use std::{io, path::PathBuf};

use backstay_model::ErrorKind;
use backstay_source::SourceError;

/// What can go wrong while listing, showing and saving.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    /// The file of a listing cannot be written or read.
    #[error("the cache at {} cannot be used", path.display())]
    Cache {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The file of a listing is not as it was written.
    #[error("the cache file {} is damaged", path.display())]
    CacheDamaged {
        /// Which file.
        path: PathBuf,
    },
    /// A listing is larger than all caches may be.
    #[error("this list would take more than the {limit} bytes that caches may take")]
    CacheFull {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The place to save to is taken.
    #[error("{} exists already; it was left as it is", path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
    },
    /// A folder lies where a file is to be saved.
    #[error("{} is a folder; nothing was written", path.display())]
    FolderInTheWay {
        /// Where.
        path: PathBuf,
    },
    /// A file cannot be saved there.
    #[error("{} cannot be written", path.display())]
    Save {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl BrowseError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Cache { error, .. } | Self::Save { error, .. } => SourceError::io("", io::Error::from(error.kind())).kind,
            Self::CacheDamaged { .. } => ErrorKind::Internal,
            Self::CacheFull { .. } => ErrorKind::Full,
            Self::Occupied { .. } | Self::FolderInTheWay { .. } => ErrorKind::Refused,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::CacheFull { .. } => Some("Allow more in the settings, or narrow the list with a filter.".to_owned()),
            Self::Occupied { .. } => Some("Choose another name, or allow it to be replaced.".to_owned()),
            _ => None,
        }
    }
}
