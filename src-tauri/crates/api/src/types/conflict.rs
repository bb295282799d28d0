//! Records that have several versions at once: finding them, looking at them, choosing.

use backstay_model::{AssetRef, FieldChange, Gap, RawJson, Verdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Lists records in conflict of a live source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct ConflictsRequest {
    /// The source.
    pub source: String,
    /// Only in this collection; absent: in all of them, in the order of their names.
    pub collection: Option<String>,
    /// Where an earlier page ended ([`ConflictsReply::next`]).
    pub after: Option<ConflictPlace>,
    /// At most this many (default 100, at most 1000).
    pub limit: Option<u64>,
}

/// A place in the list of conflicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictPlace {
    /// The collection.
    pub collection: String,
    /// Where in it; absent: at its beginning.
    #[serde(default)]
    pub after: Option<String>,
}

/// Some records in conflict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictsReply {
    /// By collection, then id.
    pub conflicts: Vec<ConflictRow>,
    /// Where the next page begins; absent at the end.
    pub next: Option<ConflictPlace>,
    /// Collections that could not be looked at, and why.
    pub gaps: Vec<Gap>,
}

/// A record in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictRow {
    /// Its collection.
    pub collection: String,
    /// Its id.
    pub id: String,
    /// Revision of the version the service shows.
    pub rev: Option<String>,
    /// When that changed, if the service tells it.
    pub changed: Option<DateTime<Utc>>,
    /// Number of live versions.
    pub versions: u64,
}

/// Names a record of a live source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictRef {
    /// The source.
    pub source: String,
    /// The collection.
    pub collection: String,
    /// The record's id.
    pub id: String,
}

/// A record with all its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictReply {
    /// The source.
    pub source: String,
    /// The collection.
    pub collection: String,
    /// The record's id.
    pub id: String,
    /// Names what was looked at: settling is refused when the record is no longer that.
    pub expect: String,
    /// All versions, the one the service shows first. One alone: the record is not (or no longer) in conflict.
    pub versions: Vec<ConflictVersion>,
    /// The vault in which all versions are saved before one is chosen; absent: there is none, and settling is refused.
    pub vault: Option<String>,
}

/// One version of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictVersion {
    /// Its revision.
    pub rev: String,
    /// The service shows this one.
    pub winner: bool,
    /// When it changed, if the service tells it.
    pub changed: Option<DateTime<Utc>>,
    /// Its content, without what belongs to the service alone (revisions).
    pub data: RawJson,
    /// Its attachments.
    pub assets: Vec<AssetRef>,
    /// What is different in it, beside the version the service shows (`before`); empty for that one.
    pub differences: Vec<FieldChange>,
}

/// Makes one version of a record the only one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictSettleRequest {
    /// The source.
    pub source: String,
    /// The collection.
    pub collection: String,
    /// The record's id.
    pub id: String,
    /// What stays.
    pub keep: ConflictKeep,
    /// What was looked at ([`ConflictReply::expect`]).
    pub expect: String,
}

/// What stays of a record in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ConflictKeep {
    /// The version with this revision.
    Rev(String),
    /// One version with fields of others.
    Fields(ConflictFields),
    /// This content.
    Data(ConflictData),
}

/// A version with fields of others in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictFields {
    /// Revision of the version to begin with; its attachments stay.
    pub from: String,
    /// Fields taken from other versions. A field the other version does not have is left out.
    pub fields: Vec<ConflictField>,
}

/// A field and the version it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictField {
    /// JSON Pointer (RFC 6901), as in [`ConflictVersion::differences`].
    pub field: String,
    /// Revision of the version.
    pub rev: String,
}

/// Content put together by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictData {
    /// The content as JSON text: numbers keep all their digits.
    pub json: String,
    /// Revision of the version whose attachments stay.
    pub from: String,
}

/// What became of a record in conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ConflictSettleReply {
    /// The run; `backstay undo RUN` takes it back.
    pub run: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Revision the record has now.
    pub rev: Option<String>,
    /// Versions that are gone.
    pub removed: u64,
    /// Safety snapshot that holds all versions.
    pub safety_snapshot: String,
    /// Whether the run can be undone.
    pub can_undo: bool,
}
