//! Restores: request, plan, result.

use std::collections::BTreeMap;

use backstay_model::{ConflictPolicy, Gap, PlanHeader, PlanStep, Selection, StepAction, TargetSpec, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{OptionRow, SnapshotRef};

/// Which snapshot to restore from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
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
    #[ts(as = "Option<_>", optional)]
    pub decisions: Vec<(String, ConflictPolicy)>,
    /// How the target is to be written, by names of the kind's restore options (`true` for switches); never a secret.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub options: BTreeMap<String, String>,
}

/// A restore plan, as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
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
    /// Collections of the backup that come back only when they are named: what a service keeps for its own running, which would mislead
    /// it elsewhere or later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub asides: Vec<String>,
}

/// Goes on with a restore that was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ResumeRequest {
    /// Id (or its beginning) of the run.
    pub run: String,
}

/// Takes a restore back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct UndoRequest {
    /// Id (or its beginning) of the run.
    pub run: String,
    /// What to do with items that were changed after the restore (default: leave them and name them).
    pub policy: ConflictPolicy,
}

/// How a restore ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ReadBackDifference {
    /// `COLLECTION/ID` or path.
    pub subject: String,
    /// What is different.
    pub message: String,
}

/// Pages through the steps of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct StepsRequest {
    /// The plan's file, as [`PlanReply::path`] names it.
    pub path: String,
    /// First step of those that fit.
    pub offset: u64,
    /// Number of steps, at most 1000.
    pub limit: u64,
    /// Only steps that do this.
    #[serde(default)]
    pub action: Option<StepAction>,
    /// Only steps whose subject or fields contain this text (any case).
    #[serde(default)]
    pub search: Option<String>,
}

/// Steps of a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct StepsReply {
    /// In the plan's order.
    pub steps: Vec<PlanStep>,
    /// Steps that fit in all.
    pub total: u64,
}

/// Asks where a snapshot could be restored to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct TargetsRequest {
    /// Snapshot or `bundle:PATH`.
    pub at: SnapshotRef,
}

/// Where a snapshot could be restored to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct TargetsReply {
    /// A new place that is free now, to start from.
    pub suggested: String,
    /// Where it came from, for people (a path); absent when the source is not known here.
    pub origin: Option<String>,
    /// Why it cannot go back to where it came from, if so.
    pub no_in_place: Option<String>,
    /// What the source can do.
    pub capabilities: Option<backstay_model::Capabilities>,
    /// Kind of source the snapshot is of.
    pub kind: String,
    /// A new place is a name (`notes`, `restored-*` for several), not a path: [`TargetsReply::suggested`] is one.
    pub named_places: bool,
    /// Sources of the kind that are set up here, by name; the one it came from among them.
    pub sources: Vec<TargetSource>,
    /// How a restore into this kind of source can be told to write.
    pub options: Vec<OptionRow>,
}

/// A source a snapshot could be restored into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct TargetSource {
    /// Its name.
    pub name: String,
    /// Where it lies, for people (an address, a path).
    pub place: Option<String>,
    /// The snapshot is of this source.
    pub origin: bool,
    /// What it can do; absent when its settings cannot be understood.
    pub capabilities: Option<backstay_model::Capabilities>,
    /// Why it cannot be written, if so.
    pub problem: Option<String>,
}

/// Copies a plan to where a person wants to keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanSaveRequest {
    /// The plan's file.
    pub path: String,
    /// Where to.
    pub to: String,
}
