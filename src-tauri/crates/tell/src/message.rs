//! What is told, the same for every channel.

use backstay_model::{ErrorKind, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// A run failed.
    Failed,
    /// A run ended with gaps.
    Partial,
    /// A run that was due did not happen.
    Overdue,
    /// A guard stopped retention: mass deletion, an emptied collection, a changed schema, lost coverage.
    Guard,
    /// A restore drill failed.
    DrillFailed,
    /// A vault is damaged.
    Damaged,
    /// Too many of a plan's recent runs failed.
    FailureRate,
    /// Backstay itself has not run.
    Watchdog,
    /// A run waits because the network is metered, and asks whether to go on.
    MeteredAsk,
    /// What was told before is over.
    Recovered,
    /// A run ended complete.
    Complete,
    /// Somebody tries the channel.
    Test,
}

/// One message. Contains no secrets; texts are for people and already in their language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Message {
    /// What happened.
    pub event: Event,
    /// One line.
    pub title: String,
    /// A few sentences, plain text.
    pub body: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Name of the computer.
    pub host: String,
    /// Name of the plan.
    pub plan: Option<String>,
    /// Name of the source.
    pub source: Option<String>,
    /// Name of the vault.
    pub vault: Option<String>,
    /// Id of the run.
    pub run: Option<String>,
    /// How the run ended.
    pub verdict: Option<Verdict>,
    /// Things missing from the run.
    pub gaps: u64,
    /// Class of the error.
    pub code: Option<ErrorKind>,
    /// What one message is made for, the same every time: a later message of the same cause replaces the earlier one.
    pub cause: String,
    /// Time of the newest complete backup.
    pub last_good: Option<DateTime<Utc>>,
}
