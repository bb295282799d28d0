//! Backups, runs and the audit trail.

use backstay_model::{CollectionSummary, ErrorKind, Gap, RunKind, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Backs up sources into vaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct BackupRequest {
    /// Names of sources.
    #[ts(as = "Option<_>", optional)]
    pub sources: Vec<String>,
    /// Every source there is.
    #[ts(as = "Option<_>", optional)]
    pub all: bool,
    /// Vaults; the source's own or the default one when empty.
    #[ts(as = "Option<_>", optional)]
    pub vaults: Vec<String>,
    /// Tags for the snapshot.
    #[ts(as = "Option<_>", optional)]
    pub tags: Vec<String>,
}

/// How backups ended, one report for each source and vault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct BackupReply {
    /// The worst verdict.
    pub verdict: Verdict,
    /// Each run.
    pub runs: Vec<BackupReport>,
}

/// How one backup ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct BackupReport {
    /// The run.
    pub run: String,
    /// Source.
    pub source: String,
    /// Vault.
    pub vault: String,
    /// Verdict.
    pub verdict: Verdict,
    /// The snapshot; absent when none was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Start.
    pub started: DateTime<Utc>,
    /// Seconds it took.
    pub seconds: f64,
    /// What is missing, by name.
    pub gaps: Vec<Gap>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<crate::ApiError>,
    /// Files in the snapshot.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Collections stored as records.
    pub collections: Vec<CollectionSummary>,
    /// Bytes read from the source.
    pub read_bytes: u64,
    /// Bytes added to the vault.
    pub stored_bytes: u64,
    /// Files taken over unread because nothing changed.
    pub unchanged_files: u64,
    /// Guards that tripped: retention stands still for this source until a person answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub held: Vec<super::HoldRow>,
}

/// Lists runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct RunsRequest {
    /// One run, by the beginning of its id.
    pub id: Option<String>,
    /// Only of this source.
    pub source: Option<String>,
    /// Only of this kind.
    pub kind: Option<RunKind>,
    /// Only those that ended so.
    pub verdict: Option<Verdict>,
    /// Only of this plan.
    pub plan: Option<String>,
    /// At most this many, newest first.
    #[ts(as = "Option<_>", optional)]
    pub limit: u64,
}

/// One run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct RunRow {
    /// Id.
    pub id: String,
    /// What it did.
    pub kind: RunKind,
    /// Source, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Vault, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// Snapshot written or read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Start.
    pub started: DateTime<Utc>,
    /// End; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<DateTime<Utc>>,
    /// Verdict; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<(ErrorKind, String)>,
    /// How many things are missing, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaps: Option<u64>,
    /// Bytes the vault grew by, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<u64>,
    /// The plan that ran it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// It is a restore that can be undone.
    pub can_undo: bool,
    /// It is a restore that was interrupted and can be resumed.
    pub can_resume: bool,
}

/// One run with its gaps and events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RunDetail {
    /// The run.
    pub run: RunRow,
    /// Items done.
    pub items: u64,
    /// Bytes read or written.
    pub bytes: u64,
    /// Bytes added to the vault.
    pub stored_bytes: u64,
    /// What is missing, by name.
    pub gaps: Vec<Gap>,
    /// What happened, in order.
    pub events: Vec<(DateTime<Utc>, String)>,
}

/// Runs, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct RunsReply {
    /// Newest first.
    pub runs: Vec<RunRow>,
    /// Details, when one run was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<RunDetail>,
}

/// Pages through the audit trail: oldest first, from `after` on; or newest first what fits, when anything is asked of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct AuditRequest {
    /// Entries after this number.
    #[ts(as = "Option<_>", optional)]
    pub after: u64,
    /// At most this many.
    #[ts(as = "Option<_>", optional)]
    pub limit: u64,
    /// Newest first, and only entries before this number.
    pub before: Option<u64>,
    /// Stands somewhere in actor, action, object or details; Latin letters in any case.
    pub text: Option<String>,
    /// The action begins with it (`plan.`).
    pub action: Option<String>,
    /// The object is called so; Latin letters in any case.
    pub object: Option<String>,
    /// Done by this user.
    pub actor: Option<String>,
    /// At or after.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// One entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// Number, from 1, without holes.
    pub seq: u64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who (user of the operating system).
    pub actor: String,
    /// With which program.
    pub program: String,
    /// What was done (`vault.create`).
    pub action: String,
    /// To what.
    pub object: String,
    /// Details.
    #[ts(type = "unknown")]
    pub detail: serde_json::Value,
    /// Hash of the entry before.
    pub previous: String,
    /// Hash of this entry.
    pub hash: String,
}

/// A page of the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AuditReply {
    /// In order; newest first when anything was asked of them.
    pub entries: Vec<AuditRow>,
    /// Entries in all, whatever was asked.
    pub total: u64,
    /// More entries fit: the next page begins `before` this number. Only when anything was asked of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// How the audit trail stops fitting together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum AuditBreakKind {
    /// The entry's content does not fit its hash.
    Changed,
    /// The entry is missing, or another one stands in its place.
    Missing,
    /// The entry does not seal the one before it.
    Unlinked,
    /// The entry and all after it were cut off the end.
    Cut,
    /// The entry is not the one that snapshots know.
    Rewritten,
    /// The entry cannot be read.
    Unreadable,
}

/// Where the audit trail stops fitting together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditBreak {
    /// How.
    pub kind: AuditBreakKind,
    /// Number of the first entry that does not fit.
    pub entry: u64,
}

/// Whether the audit trail is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AuditVerifyReply {
    /// Nothing was changed, cut, moved or put in.
    pub intact: bool,
    /// Entries checked.
    pub entries: u64,
    /// Hash of the last entry.
    pub head: String,
    /// Heads found in snapshots and confirmed.
    pub confirmed_by_snapshots: u64,
    /// Where it stops fitting together, unless it is intact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<AuditBreak>,
    /// What is wrong, in words.
    pub problems: Vec<String>,
}
