//! How far a failure reaches.

use backstay_model::ErrorKind;
use backstay_source::SourceError;

use crate::error::CouchError;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Failure {
    /// One database cannot be read; the others may.
    Database(SourceError),
    /// The run is over: the vault's side failed, or the job was cancelled.
    Run(SourceError),
}

impl From<CouchError> for Failure {
    fn from(error: CouchError) -> Self {
        match error {
            CouchError::Taker(error) => Self::Run(error),
            error if error.kind() == ErrorKind::Cancelled => Self::Run(error.into()),
            error => Self::Database(error.into()),
        }
    }
}

/// Errors of the sink, and of looking at the flag.
impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Run(error)
    }
}

impl Failure {
    /// A temporary file failed.
    pub(super) fn temporary(error: std::io::Error) -> Self {
        Self::Run(SourceError::io("A temporary file", error))
    }
}

/// Errors after which asking on is in vain: the server is gone, or does not know who asks.
pub(super) fn is_of_all(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unreachable | ErrorKind::Auth)
}
