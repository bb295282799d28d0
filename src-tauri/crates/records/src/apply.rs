//! Turns sorted changes into a new run, by comparing them with the keys of the previous snapshot.

use backstay_model::ChangeCounts;

use crate::checksum::Checksum;
use crate::description::{Description, RunRef};
use crate::merged::Merged;
use crate::met::Seen;
use crate::overlay::Overlay;
use crate::ranks::Ranks;
use crate::run_writer::RunWriter;
use crate::sort::Op;
use crate::{CollectionReader, RecordsError, Result, ShortHash};

/// What becomes of records of the previous snapshot that no change speaks of.
pub(crate) enum Unmentioned {
    /// They stay.
    Stay,
    /// They are gone at the source.
    Gone,
    /// They are gone unless the source gave them unchanged.
    GoneUnlessSeen(Seen),
}

/// What the numbers of changes refer to.
pub(crate) enum Origin {
    /// The state the changes are applied to.
    Previous,
    /// A state with no records.
    Nothing,
    /// Another state.
    Other(Merged),
}

/// What came of the changes.
pub(crate) struct Applied {
    /// The new run, if it holds anything.
    pub run: Option<RunRef>,
    /// Its keys, if a copy was asked for.
    pub copy: Option<Overlay>,
    /// Live records.
    pub records: u64,
    pub checksum: Checksum,
    pub ranks: Vec<(String, u64)>,
    /// For each previous run, how many of its records are still visible.
    pub visible: Vec<u64>,
    pub tally: Tally,
}

impl Applied {
    /// Every record is gone: needs no tombstones, as no run is left.
    pub(crate) fn emptied(previous: Option<&Description>) -> Self {
        let removed = previous.map_or(0, |previous| previous.records);
        let tally = Tally {
            removed: i64::try_from(removed).unwrap_or(i64::MAX),
            ..Tally::default()
        };
        let visible = previous.map_or_else(Vec::new, |previous| vec![0; previous.runs.len()]);
        Self {
            run: None,
            copy: None,
            records: 0,
            checksum: Checksum::default(),
            ranks: Vec::new(),
            visible,
            tally,
        }
    }
}

/// Numbers of changes; may be negative while a correction is being made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    added: i64,
    changed: i64,
    removed: i64,
}

impl Tally {
    fn count(&mut self, before: Option<ShortHash>, after: Option<ShortHash>, by: i64) {
        match (before, after) {
            (None, Some(_)) => self.added += by,
            (Some(_), None) => self.removed += by,
            (Some(before), Some(after)) if before != after => self.changed += by,
            _ => {}
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let (added, changed) = (self.added + other.added, self.changed + other.changed);
        Self {
            added,
            changed,
            removed: self.removed + other.removed,
        }
    }

    /// As numbers of a comparison with a state of `before` records.
    pub(crate) fn counts(self, before: u64) -> ChangeCounts {
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        let (added, changed, removed) = (number(self.added), number(self.changed), number(self.removed));
        ChangeCounts {
            added,
            changed,
            removed,
            unchanged: before.saturating_sub(changed + removed),
        }
    }
}

/// Applies changes in ascending order of ids.
pub(crate) struct Applier<'a> {
    out: RunWriter<'a>,
    previous: Option<Merged>,
    unmentioned: Unmentioned,
    origin: Origin,
    records: u64,
    checksum: Checksum,
    ranks: Ranks,
    visible: Vec<u64>,
    tally: Tally,
    scratch: String,
}

impl<'a> Applier<'a> {
    pub(crate) fn new(
        out: RunWriter<'a>,
        previous: Option<&CollectionReader>,
        unmentioned: Unmentioned,
        origin: Origin,
        rank_every: u64,
    ) -> Result<Self> {
        let mut merged = previous.map(|previous| previous.merged("")).transpose()?;
        if let Some(merged) = &mut merged
            && !matches!(unmentioned, Unmentioned::Stay)
        {
            merged.step()?;
        }
        Ok(Self {
            out,
            previous: merged,
            unmentioned,
            origin,
            records: previous.map_or(0, CollectionReader::count),
            checksum: previous.map_or(Ok(Checksum::default()), CollectionReader::sum)?,
            ranks: Ranks::new(previous.cloned(), rank_every),
            visible: previous.map_or_else(Vec::new, |p| p.description().runs.iter().map(|run| run.visible).collect()),
            tally: Tally::default(),
            scratch: String::new(),
        })
    }

    /// Applies one change.
    pub(crate) fn apply(&mut self, op: &Op<'_>) -> Result<()> {
        let Op { id, put } = op;
        let old = self.find(id)?;
        let new = put.as_ref().map(|(hash, _)| *hash);
        self.count(id, old.map(|(hash, _)| hash), new)?;
        match (old, put) {
            (Some((hash, _)), Some((same, _))) if hash == *same => return Ok(()),
            (None, None) => return Ok(()),
            (_, Some((_, line))) if line.is_kept() => {
                return Err(RecordsError::NotKept { id: (*id).to_owned() });
            }
            (old, Some((hash, line))) => {
                if old.is_none() {
                    self.ranks.added(id)?;
                    self.records += 1;
                }
                self.checksum.add(id, *hash);
                self.out.record(id, *hash, |out| line.write(out))?;
            }
            (Some(_), None) => {
                self.ranks.removed(id);
                self.records = self.records.saturating_sub(1);
                self.out.tombstone(id)?;
            }
        }
        if let Some((hash, run)) = old {
            self.checksum.remove(id, hash);
            self.visible[run] = self.visible[run].saturating_sub(1);
        }
        Ok(())
    }

    /// The record of this id in the previous snapshot: its hash and run.
    fn find(&mut self, id: &str) -> Result<Option<(ShortHash, usize)>> {
        if !matches!(self.unmentioned, Unmentioned::Stay) {
            self.pass(Some(id))?;
        }
        let Some(previous) = &mut self.previous else { return Ok(None) };
        previous.seek(id)?;
        if previous.id() != Some(id) {
            return Ok(None);
        }
        let found = previous.is_live().then(|| (previous.hash(), previous.place().run));
        if !matches!(self.unmentioned, Unmentioned::Stay) {
            if let (Some(_), Unmentioned::GoneUnlessSeen(seen)) = (found, &mut self.unmentioned) {
                seen.next(id);
            }
            // It is mentioned now.
            previous.step()?;
        }
        Ok(found)
    }

    fn count(&mut self, id: &str, old: Option<ShortHash>, new: Option<ShortHash>) -> Result<()> {
        let before = match &mut self.origin {
            Origin::Previous => old,
            Origin::Nothing => None,
            Origin::Other(origin) => {
                origin.seek(id)?;
                (origin.id() == Some(id) && origin.is_live()).then(|| origin.hash())
            }
        };
        self.tally.count(before, old, -1);
        self.tally.count(before, new, 1);
        Ok(())
    }

    /// Decides about the records of the previous snapshot below `until` (all for none) that were not mentioned.
    fn pass(&mut self, until: Option<&str>) -> Result<()> {
        loop {
            let Some(previous) = &mut self.previous else { return Ok(()) };
            let Some(id) = previous.id().filter(|id| until.is_none_or(|until| *id < until)) else {
                return Ok(());
            };
            let gone = previous.is_live()
                && match &mut self.unmentioned {
                    Unmentioned::Stay => false,
                    Unmentioned::Gone => true,
                    Unmentioned::GoneUnlessSeen(seen) => !seen.next(id),
                };
            if gone {
                self.scratch.clear();
                self.scratch.push_str(id);
                let (hash, run) = (previous.hash(), previous.place().run);
                self.tally.count(Some(hash), None, 1);
                self.ranks.removed(&self.scratch);
                self.records = self.records.saturating_sub(1);
                self.checksum.remove(&self.scratch, hash);
                self.visible[run] = self.visible[run].saturating_sub(1);
                self.out.tombstone(&self.scratch)?;
            }
            previous.step()?;
        }
    }

    /// Ends the run. `more`: another run will be laid on top of it, which has to see its tombstones.
    pub(crate) fn finish(mut self, more: bool) -> Result<Applied> {
        if !matches!(self.unmentioned, Unmentioned::Stay) {
            self.pass(None)?;
        }
        let needless = self.out.entries() == 0 || !more && self.records == 0 && self.out.is_unsent();
        let (run, copy) = if needless {
            (None, None)
        } else {
            let (run, copy) = self.out.finish()?;
            (Some(run), copy)
        };
        let ranks = self.ranks.finish(self.records);
        let Self {
            records,
            checksum,
            visible,
            tally,
            ..
        } = self;
        Ok(Applied {
            run,
            copy,
            records,
            checksum,
            ranks,
            visible,
            tally,
        })
    }
}
