//! What can go wrong, as codes: the window and scripts decide on these, never on text.

use serde::{Deserialize, Serialize};

/// The class of an error. One class has one exit code, part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// The caller asked for something that makes no sense (exit 2).
    Usage,
    /// The thing named does not exist (exit 5).
    NotFound,
    /// Refused to protect data: needs a confirmation, or a guard stands in the way (exit 4).
    Refused,
    /// Wrong password, token or missing permission (exit 6).
    Auth,
    /// The window's own lock stands in the way: its passphrase is needed (never from the command line).
    AppLocked,
    /// Someone else holds it: a lock, a busy database (exit 7).
    Locked,
    /// Stored data is damaged or not what it claims to be (exit 8).
    Damaged,
    /// The thing changed while it was being read or since the plan was made.
    Changed,
    /// No space is left, or a quota is reached.
    Full,
    /// A service or disk is out of reach.
    Unreachable,
    /// A limit of the service or the format.
    Limit,
    /// The source, target or format cannot do it.
    Unsupported,
    /// Stopped by the person (exit 130).
    Cancelled,
    /// The process that did the work ended in the middle (killed, power cut).
    Interrupted,
    /// Reading or writing failed for another reason.
    Io,
    /// A fault of Backstay itself.
    Internal,
}

impl ErrorKind {
    /// The process exit code for this class (the contract is in `docs/CLI.md`).
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Refused => 4,
            Self::NotFound => 5,
            Self::Auth => 6,
            Self::Locked => 7,
            Self::Damaged => 8,
            Self::Cancelled => 130,
            _ => 1,
        }
    }
}

/// Whether trying again can help. Connectors classify; the layers around them act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Retry {
    /// Trying again gives the same answer.
    Final,
    /// May work later; wait at least this many milliseconds if given.
    After(Option<u64>),
}
