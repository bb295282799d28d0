//! Snapshots, and what is in them.

use backstay_model::{Collection, FieldChange, FileKind, Record, RecordChange, SnapshotMeta, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How a request names a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SnapshotRef {
    /// Id, beginning of an id, `latest`, or `SOURCE@latest`, `SOURCE@2026-11-20T14:00`.
    pub snapshot: String,
    /// Only in this vault; otherwise all vaults are searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
}

/// Lists snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct SnapshotsRequest {
    /// Only of this source.
    pub source: Option<String>,
    /// Only in this vault.
    pub vault: Option<String>,
    /// Only the one that shows the state at this time, for each source and vault.
    pub at: Option<DateTime<Utc>>,
    /// Also the safety copies made before restores.
    #[ts(as = "Option<_>", optional)]
    pub all: bool,
}

/// One snapshot in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SnapshotRow {
    /// Full id.
    pub id: String,
    /// Vault.
    pub vault: String,
    /// When reading began.
    pub time: DateTime<Utc>,
    /// Source name; for snapshots of other programs their paths.
    pub source: String,
    /// Stable id of the source, if Backstay wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Verdict, if Backstay wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Machine.
    pub host: String,
    /// Tags.
    pub tags: Vec<String>,
    /// It is a safety copy made before a restore.
    pub safety: bool,
    /// It is pinned under this name: no retention removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Bytes the run read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Bytes it added to the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<u64>,
}

/// Snapshots found, newest last, and what stood in the way of finding more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotsReply {
    /// Oldest first.
    pub snapshots: Vec<SnapshotRow>,
    /// Vaults that could not be read and damaged snapshot files, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub problems: Vec<String>,
}

/// Everything a snapshot says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ShowReply {
    /// The snapshot.
    pub snapshot: SnapshotRow,
    /// Its metadata; absent for snapshots of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<SnapshotMeta>,
    /// Its collections.
    pub collections: Vec<Collection>,
}

/// Lists collections, records of a collection, or files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LsRequest {
    /// Snapshot, or `live:SOURCE`.
    pub at: SnapshotRef,
    /// A collection, `files`, or `files/<path>`; all collections when absent.
    #[serde(default)]
    pub collection: Option<String>,
    /// First item.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub offset: u64,
    /// Number of items.
    pub limit: u64,
    /// Only items that contain this text (any case).
    #[serde(default)]
    pub search: Option<String>,
}

/// One file in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct FileRow {
    /// Path below `files/`.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// Last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<DateTime<Utc>>,
}

/// What a list shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LsReply {
    /// Collections, when no collection was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub collections: Vec<Collection>,
    /// Records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub records: Vec<Record>,
    /// Found by a search over several collections: the collection of each record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub record_collections: Vec<String>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub files: Vec<FileRow>,
    /// Items in all, if known without reading everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// There are more items after these.
    #[serde(default)]
    pub more: bool,
}

/// Reads one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct GetRequest {
    /// Snapshot, or `live:SOURCE`.
    pub at: SnapshotRef,
    /// Its collection.
    pub collection: String,
    /// Its id.
    pub id: String,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordReply {
    /// Its collection.
    pub collection: String,
    /// The record.
    pub record: Record,
    /// Content hash, hexadecimal.
    pub hash: String,
}

/// Reads one file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CatRequest {
    /// Snapshot.
    pub at: SnapshotRef,
    /// Path in the snapshot (`files/notes.txt`, `metadata.json`); `files/` may be left out.
    pub path: String,
}

/// All versions of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HistoryRequest {
    /// Source.
    pub source: String,
    /// Collection, or `files`.
    pub collection: String,
    /// Record id, or path.
    pub id: String,
    /// Only in this vault.
    #[serde(default)]
    pub vault: Option<String>,
}

/// One version of a record: what it became in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct HistoryVersion {
    /// First snapshot with this version.
    pub snapshot: String,
    /// Its vault.
    pub vault: String,
    /// Its time.
    pub time: DateTime<Utc>,
    /// Content hash; absent when the record is gone in this snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Against the version before.
    pub fields: Vec<FieldChange>,
    /// Number of consecutive snapshots that hold it.
    pub snapshots: u64,
}

/// All versions of one record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryReply {
    /// Oldest first.
    pub versions: Vec<HistoryVersion>,
    /// Snapshots that could not be read, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub problems: Vec<String>,
}

/// Compares two snapshots, or a snapshot with the live source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct DiffRequest {
    /// Earlier side.
    pub before: SnapshotRef,
    /// Later side; `live` means the snapshot's source as it is now.
    pub after: SnapshotRef,
    /// Only this collection.
    #[serde(default)]
    pub collection: Option<String>,
    /// Only numbers.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub summary: bool,
    /// At most this many differences are listed (all are counted).
    pub limit: u64,
}

/// Differences.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct DiffReply {
    /// Numbers by collection.
    pub collections: Vec<CollectionCounts>,
    /// Differences, if asked for.
    pub changes: Vec<RecordChange>,
    /// Some differences are counted but not listed.
    pub truncated: bool,
}

/// Numbers of one collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CollectionCounts {
    /// Its name.
    pub collection: String,
    /// Numbers.
    pub counts: backstay_model::ChangeCounts,
}
