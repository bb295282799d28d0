//! Figures for the dashboard: how each source did over time, and all together.

use backstay_model::Verdict;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Health;

/// Asks for figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct FiguresRequest {
    /// Of so many days, today included (default 30, at most 730).
    pub days: Option<u32>,
    /// Only of this source.
    pub source: Option<String>,
}

/// How the runs of a time ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RunCounts {
    /// Complete.
    pub complete: u64,
    /// With gaps.
    pub partial: u64,
    /// Failed.
    pub failed: u64,
    /// Stopped by a person; these count neither for nor against.
    pub cancelled: u64,
}

/// One day of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DayPoint {
    /// The local day (`2026-11-20`).
    pub day: String,
    /// How its backups ended.
    pub runs: RunCounts,
    /// The worst of them.
    pub worst: Option<Verdict>,
    /// Bytes the newest snapshot of the day holds.
    pub size: Option<u64>,
    /// Bytes the vaults grew by.
    pub stored: u64,
    /// Things added, changed and removed.
    pub changes: (u64, u64, u64),
    /// The longest backup of the day, in seconds.
    pub seconds: Option<f64>,
    /// Age of the newest good backup at the end of the day (now, for today), in minutes: what could have been lost.
    pub age_minutes: Option<u64>,
}

/// A source in figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SourceFigures {
    /// Its name.
    pub source: String,
    /// Its kind.
    pub kind: String,
    /// How it is.
    pub health: Health,
    /// Its newest good backup is older than promised.
    pub overdue: bool,
    /// A guard holds it.
    pub held: bool,
    /// End of its last good backup.
    pub last_good: Option<DateTime<Utc>>,
    /// Its next backup by a plan.
    pub next: Option<DateTime<Utc>>,
    /// Longest age promised, in minutes.
    pub promise_minutes: Option<u64>,
    /// How its backups of these days ended.
    pub runs: RunCounts,
    /// Share of its backups that ended complete, in percent; absent without any.
    pub success_percent: Option<f64>,
    /// What could be lost now, in minutes: the age of its newest good backup (RPO).
    pub rpo_minutes: Option<u64>,
    /// Seconds its last full drill took (RTO).
    pub rto_seconds: Option<f64>,
    /// When that was.
    pub drilled: Option<DateTime<Utc>>,
    /// How that ended.
    pub drill_verdict: Option<Verdict>,
    /// Its last drills: when, and seconds; oldest first, at most 30.
    pub drills: Vec<(DateTime<Utc>, f64)>,
    /// Day by day, oldest first; days without anything are left out.
    pub days: Vec<DayPoint>,
}

/// Figures of all, and of each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct FiguresReply {
    /// The first day (`2026-10-22`).
    pub from: String,
    /// The last day: today.
    pub to: String,
    /// By name.
    pub sources: Vec<SourceFigures>,
    /// How all backups of these days ended.
    pub runs: RunCounts,
    /// Share of all backups that ended complete, in percent.
    pub success_percent: Option<f64>,
    /// The oldest newest-good backup of all sources, in minutes: most you could lose now.
    pub rpo_minutes: Option<u64>,
    /// Sum of the last full drills, in seconds; absent when some source was never tried.
    pub rto_seconds: Option<f64>,
    /// Sources that were never tried.
    pub never_drilled: u64,
    /// Moments of timetables that are over, and of them those that were kept.
    pub moments: (u64, u64),
    /// Bytes of all vaults, as last counted.
    pub used: Option<u64>,
}
