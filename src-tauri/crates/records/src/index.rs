//! `run.json`: where the keys and records of one run lie.

use serde::{Deserialize, Serialize};

use crate::part::MAX_PART;

/// The content of `databases/<slug>/<run>/run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunIndex {
    /// Format version.
    pub format: u32,
    /// Entries: records and tombstones.
    pub entries: u64,
    /// Tombstones among them.
    pub tombstones: u64,
    /// Size of each shard in bytes.
    pub shards: Vec<u64>,
    /// The keys parts in order of their ids.
    pub keys: Vec<PartRef>,
}

/// One keys part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartRef {
    /// Greater than every id of the parts before, not greater than any id of this one.
    pub from: String,
    /// Its entries.
    pub entries: u64,
    /// Where the line of its first record begins, counted from the beginning of the first shard.
    pub start: u64,
    /// Size of its file in bytes.
    pub bytes: u64,
}

impl RunIndex {
    /// Whether the numbers fit together.
    pub(crate) fn is_sound(&self) -> bool {
        let bytes = self.shards.iter().try_fold(0_u64, |sum, size| sum.checked_add(*size));
        let entries = self.keys.iter().try_fold(0_u64, |sum, part| sum.checked_add(part.entries));
        let starts = self
            .keys
            .windows(2)
            .all(|pair| pair[0].start <= pair[1].start && pair[0].from < pair[1].from);
        bytes.is_some_and(|bytes| self.keys.last().is_none_or(|part| part.start <= bytes))
            && entries == Some(self.entries)
            && self.tombstones <= self.entries
            && self.keys.first().is_none_or(|part| part.start == 0)
            && self.keys.iter().all(|part| part.bytes <= MAX_PART && part.entries > 0)
            && starts
    }
}

/// Path of a shard inside its run; a thousand in a directory, because directories are read whole.
pub(crate) fn shard_path(number: usize) -> String {
    format!("{:04}/{:04}.ndjson", number / 1000, number % 1000)
}

/// Path of a keys part inside its run.
pub(crate) fn part_path(number: usize) -> String {
    format!("keys/{number:06}")
}

/// Path of the index inside its run.
pub(crate) const RUN_INDEX: &str = "run.json";
