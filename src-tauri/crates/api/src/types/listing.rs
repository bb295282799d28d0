//! Tables of records for the window: sorted and filtered once, then read by page; folders, previews, search.

use backstay_model::{ChangeKind, Field, FileKind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SnapshotRef;

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum FilterKind {
    /// Contains the text, any case.
    Contains,
    /// Is this text or number.
    Is,
    /// Is not this text or number.
    IsNot,
    /// Is greater (numbers as numbers, else text order).
    Greater,
    /// Is less.
    Less,
    /// Has no value.
    Empty,
    /// Has a value.
    NotEmpty,
}

/// A filter on one field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldFilter {
    /// The field's name (a member of the record's JSON).
    pub field: String,
    /// How it compares.
    pub kind: FilterKind,
    /// With what, as text.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub value: String,
}

/// Sorts by one field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SortBy {
    /// The field's name.
    pub field: String,
    /// From the greatest to the least.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub descending: bool,
}

/// Opens a table of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ListingOpenRequest {
    /// Snapshot, `live:SOURCE` or `bundle:PATH`.
    pub at: SnapshotRef,
    /// The collection.
    pub collection: String,
    /// Only records that contain this text (any case).
    #[serde(default)]
    pub search: Option<String>,
    /// All of these must hold.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub filters: Vec<FieldFilter>,
    /// Order; absent: the collection's own.
    #[serde(default)]
    pub sort: Option<SortBy>,
}

/// An opened table of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ListingReply {
    /// Names the listing in the calls that follow.
    pub listing: String,
    /// Rows.
    pub total: u64,
    /// Records of the collection without search and filters.
    pub of: u64,
    /// The collection's fields, in its order; of collections without a schema those of the first records.
    pub fields: Vec<Field>,
    /// The field that names a record for people (a title), if one stands out.
    pub title: Option<String>,
}

/// Reads rows of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RowsRequest {
    /// The listing. A listing that is no longer known gives the error `notFound`: open it again.
    pub listing: String,
    /// First row.
    pub offset: u64,
    /// Number of rows, at most 1000.
    pub limit: u64,
    /// Only these fields; empty: all.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub fields: Vec<String>,
}

/// One row: what a table shows of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Row {
    /// The record's id.
    pub id: String,
    /// When the service says it changed.
    pub changed: Option<DateTime<Utc>>,
    /// Values by field. Long texts are cut to 300 characters; numbers that JavaScript would change (beyond 2^53, or with more
    /// digits than a double holds) come as text; binary values as their first bytes and their length.
    #[ts(type = "{ [key: string]: unknown }")]
    pub values: serde_json::Map<String, serde_json::Value>,
    /// Number of attachments.
    pub assets: u64,
    /// It vanished from the live source since the list was opened; only its id is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<_>", optional)]
    pub gone: bool,
}

/// Rows of a listing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RowsReply {
    /// In order from the offset on.
    pub rows: Vec<Row>,
}

/// Asks for the row number of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct LocateRequest {
    /// The listing.
    pub listing: String,
    /// The record.
    pub id: String,
}

/// The row number of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct LocateReply {
    /// From 0; absent when the listing does not show it.
    pub index: Option<u64>,
}

/// Counts the records of collections that do not know their number; slow for large tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CountRequest {
    /// Snapshot, `live:SOURCE` or `bundle:PATH`.
    pub at: SnapshotRef,
    /// The collection.
    pub collection: String,
}

/// A number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct CountReply {
    /// Records.
    pub records: u64,
}

/// Lists what lies directly in a folder of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct FolderRequest {
    /// Snapshot, `live:SOURCE` or `bundle:PATH`.
    pub at: SnapshotRef,
    /// Path below `files/`; empty: the top.
    pub path: String,
    /// First entry.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub offset: u64,
    /// Number of entries, at most 10 000.
    pub limit: u64,
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct FolderEntry {
    /// Path below `files/`.
    pub path: String,
    /// Last part of the path, for people (escapes resolved).
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// Last change.
    pub modified: Option<DateTime<Utc>>,
}

/// Entries of a folder: folders first, then by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct FolderReply {
    /// Entries.
    pub entries: Vec<FolderEntry>,
    /// Entries in all.
    pub total: u64,
}

/// Reads the beginning of a file of a snapshot, to show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewRequest {
    /// Snapshot, `live:SOURCE` or `bundle:PATH`.
    pub at: SnapshotRef,
    /// Path in the snapshot (`files/…`, `assets/…`); `files/` may be left out.
    pub path: String,
}

/// What a file can be shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum PreviewKind {
    /// Text.
    Text,
    /// An image the window can draw.
    Image,
    /// Nothing the window draws.
    Binary,
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PreviewReply {
    /// What it is shown as.
    pub kind: PreviewKind,
    /// Media type, by content.
    pub media_type: String,
    /// Bytes of the whole file.
    pub size: u64,
    /// Text (at most 512 KiB).
    pub text: Option<String>,
    /// Image, Base64 (at most 16 MiB; larger ones are `binary`).
    pub base64: Option<String>,
    /// There is more text than shown.
    pub truncated: bool,
}

/// Saves a file of a snapshot on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveRequest {
    /// Snapshot, `live:SOURCE` or `bundle:PATH`.
    pub at: SnapshotRef,
    /// Path in the snapshot.
    pub path: String,
    /// Where to.
    pub to: String,
    /// Replace what lies there.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub overwrite: bool,
}

/// A saved file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveReply {
    /// Where it lies now.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

/// A record's text, exactly as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordTextReply {
    /// The JSON text, byte for byte.
    pub text: String,
}

/// Searches what was ever saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SearchRequest {
    /// Text, any case.
    pub text: String,
    /// Only in this source.
    #[serde(default)]
    pub source: Option<String>,
    /// Also in earlier points in time, through what changed between them.
    pub earlier: bool,
    /// Only what is gone today.
    #[serde(default)]
    #[ts(as = "Option<_>", optional)]
    pub only_gone: bool,
    /// At most this many hits.
    pub limit: u64,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SearchHit {
    /// Source.
    pub source: String,
    /// Collection, or `files`.
    pub collection: String,
    /// Record id or path.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The text around the first match.
    pub excerpt: String,
    /// Newest snapshot that holds the matching version.
    pub snapshot: String,
    /// Its vault.
    pub vault: String,
    /// Time of that snapshot.
    pub time: DateTime<Utc>,
    /// It is in the newest snapshot of the source.
    pub now: bool,
    /// What became of it afterwards, if it is not in the newest snapshot.
    pub fate: Option<ChangeKind>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchReply {
    /// Newest first.
    pub hits: Vec<SearchHit>,
    /// There are more.
    pub more: bool,
    /// Snapshots looked into.
    pub snapshots: u64,
    /// What could not be searched, in words.
    pub problems: Vec<String>,
}
