//! Keys, checks, retention, repair.

use backstay_model::{ErrorKind, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::VaultRow;

/// A vault in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct VaultInfoReply {
    /// The vault.
    pub vault: VaultRow,
    /// Snapshots in it.
    pub snapshots: u64,
    /// Newest snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<DateTime<Utc>>,
    /// Bytes of all its files.
    pub bytes: u64,
    /// Number of packs.
    pub packs: u64,
    /// Keys that open it.
    pub keys: u64,
    /// Locks held, in words.
    pub locks: Vec<String>,
    /// Damaged index or snapshot files met on the way, in words.
    pub problems: Vec<String>,
}

/// One key of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct KeyRow {
    /// Id.
    pub id: String,
    /// Who added it.
    pub user: String,
    /// On which machine.
    pub host: String,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<DateTime<Utc>>,
    /// The vault was opened with it just now.
    pub in_use: bool,
}

/// All keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KeysReply {
    /// Oldest first.
    pub keys: Vec<KeyRow>,
}

/// Form of the recovery kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum KitFormat {
    /// A page to print.
    Html,
    /// Plain text.
    Text,
}

/// The recovery kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct KitReply {
    /// The document.
    pub content: String,
}

/// Locks removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct UnlockReply {
    /// Locks removed, in words.
    pub removed: Vec<String>,
    /// Locks left because their owner is alive, in words.
    pub kept: Vec<String>,
}

/// Checks a vault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct VerifyRequest {
    /// The vault.
    pub vault: String,
    /// Share of the packs to read, in percent; `None` checks the structure only, 100 reads everything.
    pub read_data: Option<f64>,
}

/// One thing that is wrong with a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ProblemRow {
    /// What it is, as a code (`missingPack`, `damagedBlob`, …).
    pub problem: String,
    /// In words.
    pub message: String,
    /// Only worth knowing; no data is at risk.
    pub harmless: bool,
    /// Snapshots and paths that cannot be read fully because of it.
    pub affects: Vec<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct VerifyReply {
    /// The run.
    pub run: String,
    /// The vault.
    pub vault: String,
    /// *Complete* when nothing is wrong, *failed* when data is damaged.
    pub verdict: Verdict,
    /// Class of the worst problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ErrorKind>,
    /// Snapshots checked.
    pub snapshots: u64,
    /// Packs in the vault.
    pub packs: u64,
    /// Packs read fully.
    pub packs_read: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// What is wrong.
    pub problems: Vec<ProblemRow>,
}

/// Keep rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct KeepSpec {
    /// The newest N.
    pub last: Option<u32>,
    /// The newest of each of the last N hours that have one.
    pub hourly: Option<u32>,
    /// … days.
    pub daily: Option<u32>,
    /// … weeks.
    pub weekly: Option<u32>,
    /// … months.
    pub monthly: Option<u32>,
    /// … years.
    pub yearly: Option<u32>,
    /// Everything within this time of the newest (`30d`, `1y6m`, `12h`).
    pub within: Option<String>,
    /// Everything with one of these tags.
    #[ts(as = "Option<_>", optional)]
    pub tags: Vec<String>,
    /// Everything.
    #[ts(as = "Option<_>", optional)]
    pub forever: bool,
    /// Drops only what is older than this (`90d`); alone: keeps everything younger.
    pub older_than: Option<String>,
    /// `30d-hourly-12m-daily` or `30d-12w-12m`; the other rules add to it.
    pub preset: Option<String>,
}

/// Removes snapshots of a source by rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ForgetRequest {
    /// The source.
    pub source: String,
    /// Only in this vault.
    #[serde(default)]
    pub vault: Option<String>,
    /// What to keep.
    pub keep: KeepSpec,
    /// Only show what would go and what it would free.
    pub dry_run: bool,
    /// Free the space at once.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub prune: bool,
}

/// One snapshot under retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ForgetRow {
    /// The snapshot.
    pub id: String,
    /// Its vault.
    pub vault: String,
    /// Its time.
    pub time: DateTime<Utc>,
    /// It stays.
    pub keep: bool,
    /// Why it stays.
    pub reasons: Vec<String>,
}

/// What retention did or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ForgetReply {
    /// Every snapshot of the source, newest first.
    pub snapshots: Vec<ForgetRow>,
    /// Snapshots removed (or that would be).
    pub removed: u64,
    /// Bytes that removal makes free at the next prune.
    pub frees: u64,
    /// Nothing was changed.
    pub dry_run: bool,
    /// What the prune did, if one was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub pruned: Vec<PruneReply>,
}

/// Frees space in a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PruneRequest {
    /// The vault.
    pub vault: String,
    /// Only show.
    pub dry_run: bool,
    /// Unused bytes tolerated in the vault, in percent.
    #[serde(default)]
    pub max_unused: Option<u8>,
}

/// What a prune did or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct PruneReply {
    /// The vault.
    pub vault: String,
    /// Bytes of packs that were deleted.
    pub deleted_bytes: u64,
    /// Bytes that were rewritten.
    pub repacked_bytes: u64,
    /// Bytes freed in all.
    pub freed_bytes: u64,
    /// Bytes of unused data left.
    pub unused_left: u64,
    /// Packs deleted.
    pub packs_deleted: u64,
    /// Nothing was changed.
    pub dry_run: bool,
}

/// Mends a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RepairRequest {
    /// The vault.
    pub vault: String,
    /// Only show.
    pub dry_run: bool,
    /// Set the originals of snapshots that had to be written anew aside; otherwise they stay beside the new ones.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub replace_snapshots: bool,
}

/// What a repair did or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct RepairReply {
    /// The vault.
    pub vault: String,
    /// Steps, in words.
    pub steps: Vec<String>,
    /// What could not be brought back, by name.
    pub lost: Vec<String>,
    /// Folder in the vault that damaged files were moved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
    /// Nothing was changed.
    pub dry_run: bool,
}
