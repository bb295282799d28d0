//! Collections and their schemas.

use serde::{Deserialize, Serialize};

use crate::RawJson;

/// A named set of records with a schema: a table, a data source, a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Collection {
    /// Stable name, unique in the source; may contain `/` (workspace before table). Used in `--only NAME[/ID]`.
    pub name: String,
    /// What people call it, where that differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is at the source.
    pub kind: CollectionKind,
    /// Its fields.
    pub schema: Schema,
    /// Number of records, if known without reading them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// The service's own description, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawJson>,
}

/// What a collection is at its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum CollectionKind {
    /// Records that can be read and, if the source can write, restored.
    Table,
    /// Computed from other collections: listed and readable, never restored.
    View,
    /// Kept by the source for itself (virtual tables' shadow tables): in the stored file, not restored by record.
    Internal,
    /// Records that can be restored, but only when they are named: what a service keeps for its own running (replication
    /// checkpoints), which would mislead it elsewhere or later.
    Aside,
}

/// The fields of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// Fields in the source's order.
    pub fields: Vec<Field>,
    /// Names of the fields whose values make the record's id; empty when the id is the source's own (a rowid, a UUID).
    #[serde(default)]
    pub key: Vec<String>,
}

/// One field of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Name, unique in the schema.
    pub name: String,
    /// The type in the source's words (`INTEGER`, `rich_text`).
    pub kind: String,
    /// The source computes it; a restore skips and names it.
    #[serde(default)]
    pub computed: bool,
}
