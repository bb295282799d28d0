//! Runs and how they end.

use serde::{Deserialize, Serialize};

use crate::ErrorKind;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum RunKind {
    /// Source to vault.
    Backup,
    /// Snapshot to source or file.
    Restore,
    /// Takes a restore back.
    Undo,
    /// Checks a vault.
    Check,
    /// Removes snapshots by rule.
    Forget,
    /// Frees space.
    Prune,
    /// Mends a vault.
    Repair,
    /// Writes a bundle.
    Export,
    /// Restores on trial into a scratch place and compares.
    Drill,
    /// Collection to collection, at the source.
    Replicate,
    /// Chooses between versions of records at the source.
    Settle,
}

/// How a run ended. There is no fifth way, and only `Complete` is a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Everything asked for was done.
    Complete,
    /// Something is missing; the gaps name it.
    Partial,
    /// Nothing usable came of it.
    Failed,
    /// Stopped by the person.
    Cancelled,
}

/// One thing that is missing from a run, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// What is missing: a path, a collection, `collection/id`, a workspace.
    pub subject: String,
    /// Why, as a code.
    pub kind: ErrorKind,
    /// Why, in a sentence, without secrets.
    pub message: String,
}
