//! `databases/<slug>.json`: what a collection is, and the list of its runs.

use backstay_model::Collection;
use serde::{Deserialize, Serialize};

use crate::{RecordsError, Result, RunStore, seal};

/// Version of the run format this crate writes; it reads this and every older one.
pub(crate) const FORMAT: u32 = 1;

/// The content of `databases/<slug>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    /// Format version of the runs.
    pub format: u32,
    /// Name, title, kind, schema, raw.
    pub collection: Collection,
    /// Number of live records.
    pub records: u64,
    /// Checksum over the live records, 32 hexadecimal digits.
    pub checksum: String,
    /// Number the next run gets.
    pub next_run: u64,
    /// Runs, oldest first.
    pub runs: Vec<RunRef>,
    /// Signposts for jumping to a record by number: an id and the number of live records before it, both ascending.
    pub ranks: Vec<(String, u64)>,
}

/// One run in the list of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunRef {
    /// Name of its directory.
    pub name: String,
    /// Entries in it: records and tombstones.
    pub entries: u64,
    /// Tombstones among them.
    pub tombstones: u64,
    /// Records in it that no newer run has replaced or deleted.
    pub visible: u64,
    /// Bytes of its records.
    pub bytes: u64,
    /// Seal of its `run.json`.
    pub seal: String,
}

/// The version alone, which must be readable whatever else a newer format changes.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Description {
    /// An empty collection.
    pub(crate) fn empty(collection: Collection) -> Self {
        Self {
            format: FORMAT,
            collection,
            records: 0,
            checksum: "0".repeat(32),
            next_run: 1,
            runs: Vec::new(),
            ranks: Vec::new(),
        }
    }

    /// Reads and checks the file at `path`.
    pub(crate) fn read(store: &dyn RunStore, path: &str) -> Result<Self> {
        let (Version { format }, _) = seal::read(store, path)?;
        if format > FORMAT {
            return Err(RecordsError::NewerFormat {
                path: path.to_owned(),
                found: format,
                known: FORMAT,
            });
        }
        let (description, _) = seal::read::<Self>(store, path)?;
        let known = description
            .runs
            .iter()
            .try_fold(0_u64, |sum, run| sum.checked_add(run.visible));
        let ascending = description
            .ranks
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1);
        let consistent = known == Some(description.records)
            && ascending
            && description.ranks.last().is_none_or(|last| last.1 < description.records)
            && description.runs.iter().all(|run| is_name(&run.name));
        if !consistent {
            return Err(RecordsError::damaged(path, 0, crate::Fault::Counts));
        }
        Ok(description)
    }
}

/// Names of runs become parts of paths: only digits.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 20 && name.bytes().all(|b| b.is_ascii_digit())
}
