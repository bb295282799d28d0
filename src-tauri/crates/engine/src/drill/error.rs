//! Why a drill is not possible.

use std::{io, path::PathBuf};

use backstay_model::ErrorKind;
use backstay_source::SourceError;

/// Why a drill is not possible.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// The disk has too little room.
    #[error("a restore drill needs {need} bytes in {}, where {free} are free; nothing was written", place.display())]
    NoRoom {
        /// Where the scratch place would lie.
        place: PathBuf,
        /// Bytes it would take.
        need: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// It would take more than it may.
    #[error("a restore drill needs {need} bytes in {}, where it may take {limit}; nothing was written", place.display())]
    OverLimit {
        /// Where the scratch place would lie.
        place: PathBuf,
        /// Bytes it would take.
        need: u64,
        /// Bytes it may take.
        limit: u64,
    },
    /// The scratch place cannot be made or used.
    #[error("{} cannot be used as a scratch place", path.display())]
    Scratch {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The scratch place holds what a drill brought back, and cannot be removed.
    #[error("the scratch place {} cannot be removed", path.display())]
    NotRemoved {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The snapshot is of another kind of source.
    #[error("the snapshot is of the kind {snapshot:?}, the connector of the kind {connector:?}")]
    OtherKind {
        /// The snapshot's.
        snapshot: String,
        /// The connector's.
        connector: String,
    },
}

impl DrillError {
    /// The class.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoRoom { .. } | Self::OverLimit { .. } => ErrorKind::Full,
            Self::Scratch { error, .. } | Self::NotRemoved { error, .. } => {
                SourceError::io("", io::Error::from(error.kind())).kind
            }
            Self::OtherKind { .. } => ErrorKind::Usage,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoRoom { .. } => {
                Some("Choose a scratch folder on another disk, or drill one record of each collection.".to_owned())
            }
            Self::OverLimit { .. } => Some("Allow more, or drill one record of each collection.".to_owned()),
            Self::NotRemoved { path, .. } => Some(format!("Remove {} by hand: it holds restored data.", path.display())),
            Self::Scratch { .. } | Self::OtherKind { .. } => None,
        }
    }
}
