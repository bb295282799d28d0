//! Signposts for jumping to record number N: an id every few thousand records and how many records come before it.
//!
//! They are kept exact from the changes alone: a signpost's number moves by what was added and removed before its id. A new
//! signpost is set where many records were added in a row. So a jump reads one keys part per run and steps over at most a
//! few thousand keys, however many runs there are and however records were deleted.

use crate::{CollectionReader, Result};

/// Signposts on longer ids are not set: the list is part of every snapshot.
const LONGEST: usize = 256;
/// At most about this many signposts.
const MOST: u64 = 2048;

/// Carries the signposts of the previous snapshot over to the next one, while changes pass in order of ids.
pub(crate) struct Ranks {
    previous: Option<CollectionReader>,
    passed: usize,
    out: Vec<(String, u64)>,
    /// Added minus removed so far.
    effect: i64,
    /// Records added since the last signpost.
    since: u64,
    every: u64,
}

impl Ranks {
    pub(crate) fn new(previous: Option<CollectionReader>, every: u64) -> Self {
        Self {
            previous,
            passed: 0,
            out: Vec::new(),
            effect: 0,
            since: 0,
            every,
        }
    }

    /// Sets the old signposts up to `id` (all for none).
    fn pass(&mut self, id: Option<&str>) {
        let Some(previous) = &self.previous else { return };
        for (from, rank) in &previous.description().ranks[self.passed..] {
            if id.is_some_and(|id| from.as_str() > id) {
                return;
            }
            self.out.push((from.clone(), rank.saturating_add_signed(self.effect)));
            self.passed += 1;
            self.since = 0;
        }
    }

    /// A record with this id, above all before, is added.
    pub(crate) fn added(&mut self, id: &str) -> Result<()> {
        self.pass(Some(id));
        if self.since >= self.every && id.len() <= LONGEST {
            let before = self.previous.as_ref().map_or(Ok(0), |previous| previous.rank(id))?;
            self.out.push((id.to_owned(), before.saturating_add_signed(self.effect)));
            self.since = 0;
        }
        self.since += 1;
        self.effect += 1;
        Ok(())
    }

    /// The record with this id, above all before, is removed.
    pub(crate) fn removed(&mut self, id: &str) {
        self.pass(Some(id));
        self.effect -= 1;
    }

    /// The signposts of the new snapshot, which has `records` records; those too close to the one before are left out.
    pub(crate) fn finish(mut self, records: u64) -> Vec<(String, u64)> {
        self.pass(None);
        let distance = (self.every.max(records / MOST) / 2).max(1);
        let mut last = 0;
        self.out.retain(|(_, rank)| {
            let keep = *rank >= last + distance && *rank < records;
            if keep {
                last = *rank;
            }
            keep
        });
        self.out
    }
}
