//! Guards that tripped, what went, restore drills, coverage and pins.

use backstay_engine::{coverage::CoverageRow, guard::Trip};
use backstay_model::{ErrorKind, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A guard that tripped: retention (and sync) for this source stand still until a person answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HoldRow {
    /// Its id.
    pub id: String,
    /// The source.
    pub source: String,
    /// The vault whose snapshots were compared.
    pub vault: Option<String>,
    /// What tripped.
    pub trip: Trip,
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The run that saw it.
    pub run: Option<String>,
    /// The snapshot that run wrote.
    pub snapshot: Option<String>,
    /// The snapshot before: the last one that has what went.
    pub before: Option<String>,
    /// When that one was made.
    pub before_time: Option<DateTime<Utc>>,
    /// When a person answered.
    pub released: Option<DateTime<Utc>>,
    /// Who.
    pub released_by: Option<String>,
    /// What they said.
    pub note: Option<String>,
}

/// Asks for guards that tripped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct HoldsRequest {
    /// Only of this source.
    pub source: Option<String>,
    /// Also those that were answered.
    #[ts(as = "Option<_>", optional)]
    pub all: bool,
}

/// Guards that tripped, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HoldsReply {
    /// Newest first.
    pub holds: Vec<HoldRow>,
}

/// Asks for what went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HoldReviewRequest {
    /// The guard that tripped, by id.
    pub hold: String,
    /// Where the page before ended.
    #[serde(default)]
    pub from: Option<String>,
    /// At most this many.
    pub limit: u32,
}

/// One thing that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct GoneRow {
    /// Its collection; absent for files.
    pub collection: Option<String>,
    /// Its id or path.
    pub id: String,
    /// A few words of its content.
    pub summary: Option<String>,
}

/// A collection against the limit of its guard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct GuardBar {
    /// Its name.
    pub collection: String,
    /// Records before.
    pub before: u64,
    /// Records now.
    pub now: u64,
    /// Records that went.
    pub gone: u64,
    /// From this many on the guard trips.
    pub limit: u64,
}

/// What went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HoldReviewReply {
    /// The guard that tripped.
    pub hold: HoldRow,
    /// A page of what went.
    pub rows: Vec<GoneRow>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Collections against their limits (first page only).
    pub bars: Vec<GuardBar>,
}

/// Answers a guard: it was intended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HoldReleaseRequest {
    /// The guard that tripped, by id.
    pub hold: String,
    /// The number that went, as the person typed it: proof that it was read.
    #[serde(default)]
    pub confirm: Option<u64>,
    /// Why, for the audit trail.
    #[serde(default)]
    pub note: Option<String>,
    /// Pin the last snapshot that has what went.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub pin: bool,
}

/// Pins a snapshot: no retention removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PinRequest {
    /// Which, in the words of [`SnapshotRef`](super::SnapshotRef).
    pub snapshot: String,
    /// Only in this vault.
    #[serde(default)]
    pub vault: Option<String>,
    /// What to remember it by; absent takes the pin away.
    #[serde(default)]
    pub name: Option<String>,
}

/// Asks for a restore drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DrillRunRequest {
    /// The source whose newest snapshot is tried.
    pub source: String,
    /// From this vault (default: the first it goes to).
    #[serde(default)]
    pub vault: Option<String>,
    /// This snapshot instead of the newest.
    #[serde(default)]
    pub snapshot: Option<String>,
    /// One record of each collection instead of everything.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub one_each: bool,
}

/// A restore drill that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DrillRow {
    /// The run.
    pub run: String,
    /// The source.
    pub source: String,
    /// The vault.
    pub vault: String,
    /// The snapshot.
    pub snapshot: String,
    /// One record of each collection only.
    pub one_each: bool,
    /// When it began.
    pub started: DateTime<Utc>,
    /// Seconds until everything was back: the recovery time.
    pub seconds: f64,
    /// Bytes restored.
    pub bytes: u64,
    /// Records restored.
    pub records: u64,
    /// Files restored.
    pub files: u64,
    /// Records and files compared with the backup.
    pub compared: u64,
    /// Of them, those that differ.
    pub differing: u64,
    /// *Complete* only when everything is back and the same.
    pub verdict: Verdict,
    /// Why it failed.
    pub reason: Option<(ErrorKind, String)>,
    /// The first differences, by name (only in the reply of the drill itself).
    pub differences: Vec<String>,
}

/// Asks for the drills of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DrillsRequest {
    /// The source.
    pub source: String,
    /// At most this many (default 100).
    #[serde(default)]
    pub limit: Option<u32>,
}

/// The drills of a source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DrillsReply {
    /// Newest first.
    pub drills: Vec<DrillRow>,
    /// A drill should not take longer (minutes), by the strictest of its plans.
    pub target_minutes: Option<u32>,
    /// When the next one is due by a plan.
    pub next: Option<DateTime<Utc>>,
    /// Age of the newest good backup at the end of each of the last 30 days, in minutes, oldest first (day, minutes).
    pub ages: Vec<(String, u64)>,
    /// Longest age promised, in minutes.
    pub promise_minutes: Option<u64>,
}

/// What the credentials see, against what is saved, against last time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct CoverageReply {
    /// What needs the person first.
    pub rows: Vec<CoverageRow>,
    /// The newest backup that was compared.
    pub snapshot: Option<String>,
    /// When it was made.
    pub time: Option<DateTime<Utc>>,
    /// Why the source cannot be looked at now, if so; the rows are then the backup's.
    pub problem: Option<crate::ApiError>,
}
