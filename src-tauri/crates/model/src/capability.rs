//! What a connector can do, as declared facts instead of failures.

use serde::{Deserialize, Serialize};

/// What a source can do. Screens and tests choose by this record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// Has collections of records.
    pub records: bool,
    /// Has files.
    pub files: bool,
    /// The service tells what changed since a cursor; without it every record is read and compared by hash.
    pub change_feed: bool,
    /// Records have attachments.
    pub attachments: bool,
    /// Records can be created.
    pub create: bool,
    /// Records can be changed.
    pub update: bool,
    /// Records can be deleted.
    pub delete: bool,
    /// Deleted records can be taken out of a trash.
    pub trash: bool,
    /// Several writes succeed or fail together.
    pub transactions: bool,
    /// Records can have several versions at once, between which a person has to choose.
    pub conflicts: bool,
    /// Collections can be replicated to another source of the same kind.
    pub replicates: bool,
    /// Records can be chosen by a question in the service's own language.
    pub selectors: bool,
    /// How far one run sees one moment.
    pub consistent: ConsistentSnapshot,
}

/// How consistent the content of one run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ConsistentSnapshot {
    /// Every item is right by itself; items may be of different moments within the run.
    #[default]
    PerItem,
    /// Every file or database is of one moment.
    PerFile,
    /// The whole source is of one moment.
    Whole,
}
