//! What a drill is asked for, and what it found.

use std::path::PathBuf;

use backstay_model::{Gap, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How much a drill restores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum DrillScope {
    /// Everything: its time is the recovery time.
    #[default]
    Everything,
    /// One record of each collection, and of a source without databases one file of each top folder: quick, and proves that each
    /// can be brought back at all.
    OneRecordEach,
}

/// What a drill is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillRequest {
    /// How much.
    pub scope: DrillScope,
    /// The folder in which the scratch place is made (and the folder itself, if missing). What earlier drills of processes that
    /// died left there is removed first.
    pub scratch: PathBuf,
    /// Most bytes the scratch place may take; `None` for what the disk has.
    pub limit_bytes: Option<u64>,
}

/// How things were brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum DrillWay {
    /// Into a place of the same kind, by the connector that would restore it.
    SamePlace,
    /// Into files (JSON lines), because the source is a service.
    Files,
}

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillDone {
    /// *Complete*: everything came back the same. *Partial*: all but what no restore can bring back. *Failed*: something is
    /// damaged, missing or different.
    pub verdict: Verdict,
    /// The snapshot, hexadecimal.
    pub snapshot: String,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// How much was restored.
    pub scope: DrillScope,
    /// How.
    pub way: DrillWay,
    /// Seconds until everything was back: the recovery time. Comparing is not part of it.
    pub seconds: f64,
    /// Seconds the comparison took.
    pub compare_seconds: f64,
    /// Bytes of content brought back.
    pub bytes: u64,
    /// Records brought back.
    pub records: u64,
    /// Files brought back.
    pub files: u64,
    /// Records and files compared.
    pub compared: u64,
    /// The first hundred that differ: which, and why.
    pub differing: Vec<Gap>,
    /// How many differ.
    pub differing_count: u64,
    /// Share of what is the same, in percent.
    pub score: f64,
}
