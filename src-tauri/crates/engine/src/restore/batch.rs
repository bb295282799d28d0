//! Reading the sides of records for a plan, many at a time: a target on the other side of a network is asked once for hundreds of
//! records, and what is the same on both sides is not read at all.

use std::cmp::Ordering;

use backstay_model::{Record, StepAction};
use backstay_source::{Print, RecordView};

use super::{
    matching::{ById, Matching},
    plan::{Known, Planner},
};
use crate::{EngineError, Result};

/// Records read at once.
const BATCH: usize = 500;
/// Bytes of records read at once, as far as their sizes are known.
const BATCH_BYTES: u64 = 8 << 20;
/// Taken for the size of a record whose size is not known.
const GUESS: u64 = 4 << 10;

/// The sides of one collection.
pub(super) struct Sides<'a> {
    pub known: Known<'a>,
    pub backup: &'a dyn RecordView,
    pub live: Option<&'a dyn RecordView>,
    /// The newest backup.
    pub base: Option<&'a dyn RecordView>,
}

/// One record that was met.
struct Met {
    id: String,
    /// Something is live.
    there: bool,
    /// Both sides have the same.
    same: bool,
    /// Its content decides whether it was chosen.
    open: bool,
}

/// Records waiting to be read.
#[derive(Default)]
struct Waiting {
    met: Vec<Met>,
    bytes: u64,
}

impl Waiting {
    fn clear(&mut self) {
        self.met.clear();
        self.bytes = 0;
    }

    fn push(&mut self, met: Met, bytes: Option<u64>) -> bool {
        self.met.push(met);
        self.bytes += bytes.unwrap_or(GUESS);
        self.met.len() >= BATCH || self.bytes >= BATCH_BYTES
    }
}

impl Planner<'_> {
    /// Records chosen by their ids.
    pub(super) fn some_records(&mut self, sides: &Sides<'_>, ids: &[String]) -> Result<()> {
        let name = sides.known.name;
        let mut waiting = Waiting::default();
        for some in ids.chunks(BATCH) {
            let ids: Vec<&str> = some.iter().map(String::as_str).collect();
            let sizes = self.input.backup.sizes(name, &ids)?;
            for (id, size) in ids.into_iter().zip(sizes) {
                if self.input.picked.except.record(name, id) {
                    continue;
                }
                let met = Met {
                    id: id.to_owned(),
                    there: true,
                    same: false,
                    open: false,
                };
                if waiting.push(met, size) {
                    self.read(sides, &waiting, None)?;
                    waiting.clear();
                }
            }
        }
        self.read(sides, &waiting, None)
    }

    /// Both sides in order, side by side; only what differs is read.
    pub(super) fn whole_collection(&mut self, sides: &Sides<'_>, matching: Option<&Matching>) -> Result<()> {
        let name = sides.known.name;
        let mut there = sides.live.map(|live| live.prints(name)).transpose()?;
        let mut step = || there.as_mut().and_then(Iterator::next).transpose();
        let mut next: Option<Print> = step()?;
        let mut waiting = Waiting::default();
        for print in sides.backup.prints(name)? {
            let print = print?;
            self.job.cancel.check()?;
            self.meter.add(1, 0, name);
            let by_id = matching.map_or(ById::Chosen, |matching| matching.by_id(&print.id));
            if by_id == ById::Left || self.input.picked.except.record(name, &print.id) {
                continue;
            }
            let order = |live: &Print| sides.backup.compare_ids(name, &live.id, &print.id);
            while next.as_ref().is_some_and(|live| order(live) == Ordering::Less) {
                next = step()?;
            }
            let found = next.as_ref().filter(|live| order(live) == Ordering::Equal);
            let (there, same) = (found.is_some(), found.is_some_and(|live| live.hash == print.hash));
            let open = by_id == ById::Content;
            if same && !open {
                self.totals.counts.add(StepAction::Same);
                continue;
            }
            let Print { id, bytes, .. } = print;
            if waiting.push(Met { id, there, same, open }, bytes) {
                self.read(sides, &waiting, matching)?;
                waiting.clear();
            }
        }
        self.read(sides, &waiting, matching)
    }

    /// Reads what waits, and plans it.
    fn read(&mut self, sides: &Sides<'_>, waiting: &Waiting, matching: Option<&Matching>) -> Result<()> {
        self.job.cancel.check()?;
        let name = sides.known.name;
        let ids: Vec<&str> = waiting.met.iter().map(|met| met.id.as_str()).collect();
        let mut met = Vec::with_capacity(ids.len());
        for (one, backup) in waiting.met.iter().zip(sides.backup.get_many(name, &ids)?) {
            let chosen = match (matching, &backup) {
                (Some(matching), Some(backup)) if one.open => matching.holds(backup)?,
                _ => true,
            };
            match (chosen, one.same) {
                (false, _) => {}
                (true, true) => self.totals.counts.add(StepAction::Same),
                (true, false) => met.push((one, backup)),
            }
        }
        let live = on_side(sides.live, name, &met, |number| met[number].0.there)?;
        let differs = |number: usize| {
            let (live, backup) = (live[number].as_ref(), met[number].1.as_ref());
            live.is_some_and(|live| backup.is_none_or(|backup| backup.hash != live.hash))
        };
        let base = on_side(sides.base, name, &met, differs)?;
        for (((one, backup), live), base) in met.iter().zip(&live).zip(&base) {
            self.record(sides, &one.id, backup.as_ref(), live.as_ref(), base.as_ref())?;
        }
        Ok(())
    }
}

/// The records of one side that are wanted, in the order they were met.
fn on_side(
    view: Option<&dyn RecordView>,
    name: &str,
    met: &[(&Met, Option<Record>)],
    wanted: impl Fn(usize) -> bool,
) -> Result<Vec<Option<Record>>> {
    let mut found = vec![None; met.len()];
    let Some(view) = view else { return Ok(found) };
    let at: Vec<usize> = (0..met.len()).filter(|number| wanted(*number)).collect();
    if at.is_empty() {
        return Ok(found);
    }
    let ids: Vec<&str> = at.iter().map(|number| met[*number].0.id.as_str()).collect();
    for (number, record) in at.iter().zip(view.get_many(name, &ids)?) {
        found[*number] = record;
    }
    Ok(found)
}

/// The collection of the backup that a plan is about.
pub(super) fn no_view(name: &str) -> EngineError {
    EngineError::NoCollection {
        name: name.to_owned(),
        known: Vec::new(),
    }
}
