//! Restores: request, plan, result.

use backstay_model::{ConflictPolicy, Gap, PlanHeader, PlanStep, Selection, TargetSpec, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SnapshotRef;

/// Which snapshot to restore from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestoreSource {
    /// This one.
    Snapshot(SnapshotRef),
    /// The newest of a source at a time (or now).
    Source {
        /// The source.
        source: String,
        /// The point in time.
        at: Option<DateTime<Utc>>,
        /// Only in this vault.
        vault: Option<String>,
    },
}

/// Asks for a restore plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreRequest {
    /// From where.
    pub from: RestoreSource,
    /// What.
    pub selection: Selection,
    /// To where.
    pub target: TargetSpec,
    /// What to do about conflicts.
    pub policy: ConflictPolicy,
    /// Decisions for single items: `COLLECTION/ID` or a path, and what to do.
    #[serde(default)]
    pub decisions: Vec<(String, ConflictPolicy)>,
}

/// A restore plan, as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanReply {
    /// The plan.
    pub plan: PlanHeader,
    /// Where it lies.
    pub path: String,
    /// The first steps.
    pub steps: Vec<PlanStep>,
    /// There are more steps than shown.
    pub more: bool,
}

/// Goes on with a restore that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResumeRequest {
    /// Id (or its beginning) of the run.
    pub run: String,
}

/// Takes a restore back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoRequest {
    /// Id (or its beginning) of the run.
    pub run: String,
    /// What to do with items that were changed after the restore (default: leave them and name them).
    pub policy: ConflictPolicy,
}

/// How a restore ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestoreReply {
    /// The run.
    pub run: String,
    /// *Complete* when every step that had to be written was written and reads back right.
    pub verdict: Verdict,
    /// The plan that ran.
    pub plan: PlanHeader,
    /// Where it was restored to, for people.
    pub target: String,
    /// Steps written.
    pub written: u64,
    /// What could not be brought back, by name.
    pub gaps: Vec<Gap>,
    /// Reading back.
    pub read_back: ReadBack,
    /// Safety snapshot of what was overwritten; `backstay undo RUN` uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_snapshot: Option<String>,
    /// Whether the run can be undone.
    pub can_undo: bool,
}

/// Comparison of the target with the backup after a restore.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadBack {
    /// Items read again.
    pub checked: u64,
    /// Items equal to the backup.
    pub equal: u64,
    /// `equal / checked` in percent, 100 when nothing was to be checked.
    pub score: f64,
    /// The first differences, by name.
    pub differences: Vec<ReadBackDifference>,
}

/// One item that reads back differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadBackDifference {
    /// `COLLECTION/ID` or path.
    pub subject: String,
    /// What is different.
    pub message: String,
}
