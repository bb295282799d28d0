//! Where the next incremental run goes on.

use std::collections::BTreeMap;

use backstay_model::RawJson;
use serde::{Deserialize, Serialize};

use crate::client::{DatabaseInfo, Seq, ServerInfo};

/// The form this program writes. Another one is not understood, which leads to a full run.
const FORM: u32 = 1;

/// The cursor of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    form: u32,
    /// By database.
    pub databases: BTreeMap<String, At>,
}

/// How far a database was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct At {
    /// Position in the changes feed.
    pub seq: Seq,
    /// Position of the newest purge: purges are not in the feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge_seq: Option<Seq>,
    /// When the database was made, where the server says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// Documents the server counted there; `None` when it was never quiet enough to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<u64>,
    /// Tombstones were wanted.
    #[serde(default)]
    pub deleted: bool,
    /// Documents of which something is missing in the snapshot: the feed will not name them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<String>,
    /// There are too many of those: everything has to be read again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_again: bool,
}

impl Cursor {
    pub(super) fn new(databases: BTreeMap<String, At>) -> Self {
        Self { form: FORM, databases }
    }

    /// Reads a cursor; one that is not understood is none.
    pub(super) fn read(cursor: Option<&RawJson>) -> Option<Self> {
        let cursor: Self = serde_json::from_slice(cursor?.as_bytes()).ok()?;
        (cursor.form == FORM).then_some(cursor)
    }
}

/// When a database was made, for telling it from another one of the same name. PouchDB Server says when it was started instead, and
/// some releases of CouchDB say nothing (`0`).
pub(super) fn made(server: &ServerInfo, info: &DatabaseInfo) -> Option<String> {
    server.couchdb.as_ref()?;
    info.instance_start_time.clone().filter(|time| time != "0")
}

/// Whether two positions are surely different ones. The same position may be written in several ways on a cluster, but the number it
/// begins with is the sum over its shards.
pub(super) fn moved(a: &Seq, b: &Seq) -> bool {
    a != b && (a.rough().is_none() || a.rough() != b.rough())
}
