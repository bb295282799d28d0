//! Progress of a long job, as numbers. How it looks is the printer's business.

use serde::{Deserialize, Serialize};

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Opening vault and source, taking locks.
    Preparing,
    /// Reading the source and storing it.
    Reading,
    /// Comparing.
    Comparing,
    /// Saving what will be overwritten.
    Saving,
    /// Writing to the target.
    Writing,
    /// Reading back and checking.
    Verifying,
    /// Writing index and snapshot, releasing locks.
    Finishing,
}

/// State of a job at one moment. Counters only grow within a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Progress {
    /// Current stage.
    pub stage: Option<Stage>,
    /// What is being worked on, for people.
    pub current: String,
    /// Items (records, files, steps, packs) done.
    pub items: u64,
    /// Items in all, if known; never a guess.
    pub items_total: Option<u64>,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all, if known; never a guess.
    pub bytes_total: Option<u64>,
}
