//! `metadata.json`: what a snapshot says about itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ChangeCounts, Gap, RawJson, Verdict};

/// Version of the layout described in FORMAT.md. Readers accept this and every older version.
pub const FORMAT_VERSION: u32 = 1;

/// The content of `metadata.json` at the root of every snapshot and bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SnapshotMeta {
    /// Layout version ([`FORMAT_VERSION`]).
    pub format_version: u32,
    /// Program and version that wrote it.
    pub program: String,
    /// The source's stable id.
    pub source_id: String,
    /// The source's name at that time.
    pub source_name: String,
    /// Connector that wrote it (`sqlite`, `folder`, …).
    pub source_kind: String,
    /// Version of the connector's own conventions.
    pub connector_version: u32,
    /// Version of the service's API or library, in its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Start of the run.
    pub started: DateTime<Utc>,
    /// When reading the source ended.
    pub finished: DateTime<Utc>,
    /// *Complete* or *partial*; other runs leave no snapshot.
    pub verdict: Verdict,
    /// What is missing, by name.
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// Collections stored as records, by name.
    #[serde(default)]
    pub collections: Vec<CollectionSummary>,
    /// Number of files below `files/`.
    #[serde(default)]
    pub files: u64,
    /// Their size in bytes.
    #[serde(default)]
    pub file_bytes: u64,
    /// Number of assets below `assets/`.
    #[serde(default)]
    pub assets: u64,
    /// Workspaces or databases in it, with their own metadata.
    #[serde(default)]
    pub workspaces: Vec<WorkspaceMeta>,
    /// Where the next incremental run goes on; the connector's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<RawJson>,
    /// Head of the audit chain when the run started, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_head: Option<String>,
    /// Anything newer versions wrote.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, RawJson>,
}

/// One collection of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CollectionSummary {
    /// Its name.
    pub name: String,
    /// Its directory below `databases/` (its schema is `<slug>.json` beside it).
    pub slug: String,
    /// Number of live records.
    pub records: u64,
    /// Order-independent checksum of all live records (FORMAT.md, "Collection checksum"), hexadecimal.
    pub checksum: String,
    /// What this run changed in it.
    pub changes: ChangeCounts,
}

/// One workspace (SQLite file or LiveStore store) of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct WorkspaceMeta {
    /// Id of the instance: a LiveStore's store id, else the name of its folder or file.
    pub instance_id: String,
    /// Whose workspace it is, if the source knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// When the copy was taken.
    pub timestamp: DateTime<Utc>,
    /// Size of the database in bytes.
    pub database_size: u64,
    /// `full`: the copy is whole. `unchanged`: the file had not changed since the previous snapshot, whose copy stands here.
    pub backup_type: String,
    /// Version of the workspace's own format: LiveStore storage format, else SQLite `user_version`.
    pub version: String,
    /// `sha256:` and the SHA-256 of the database file, hexadecimal.
    pub checksum: String,
    /// Path below `files/`.
    pub path: String,
}
