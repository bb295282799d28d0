//! Reads the lines of records, neighbours together.

use std::collections::VecDeque;
use std::sync::Arc;

use backstay_model::Record;
use bytes::Bytes;

use crate::merged::{Merged, Place};
use crate::run::Run;
use crate::{Fault, Result, ShortHash, line};

/// Lines at most this far apart are read at once.
const GAP: u64 = 32 << 10;
/// Most bytes read at once, unless one record is larger.
const SPAN: u64 = 1 << 20;
/// Most records of a stream that are read ahead.
const AHEAD: usize = 2048;

/// A record that is to be read.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub id: String,
    pub hash: ShortHash,
    pub place: Place,
}

impl Wanted {
    /// The record the cursor stands on.
    pub(crate) fn of(keys: &Merged) -> Option<Self> {
        Some(Self {
            id: keys.id()?.to_owned(),
            hash: keys.hash(),
            place: keys.place(),
        })
    }
}

/// Reads the lines of `places`, unchecked, in the order given.
pub(crate) fn fetch_lines(runs: &[Arc<Run>], places: &[Place]) -> Result<Vec<Bytes>> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_unstable_by_key(|i| (places[*i].run, places[*i].start));
    let mut lines = vec![Bytes::new(); places.len()];
    let mut rest = order.as_slice();
    while let Some(first) = rest.first() {
        let first = places[*first];
        let run = &runs[first.run];
        let limit = first.start.saturating_add(run.left_in_shard(first.start)?);
        let mut end = first.start.saturating_add(first.len);
        let joins = |end: u64, place: &Place| {
            place.run == first.run
                && place.start < limit
                && place.start <= end.saturating_add(GAP)
                && place.start.saturating_add(place.len) <= first.start.saturating_add(SPAN)
        };
        let mut count = 1;
        while let Some(next) = rest.get(count).map(|i| places[*i]).filter(|next| joins(end, next)) {
            end = end.max(next.start.saturating_add(next.len));
            count += 1;
        }
        let bytes = run.read(first.start, end - first.start)?;
        for i in &rest[..count] {
            let from = (places[*i].start - first.start) as usize;
            lines[*i] = bytes.slice(from..from + places[*i].len as usize);
        }
        rest = &rest[count..];
    }
    Ok(lines)
}

/// Reads and checks records, in the order given.
pub(crate) fn fetch(runs: &[Arc<Run>], wanted: Vec<Wanted>) -> Result<Vec<Record>> {
    let places: Vec<Place> = wanted.iter().map(|wanted| wanted.place).collect();
    let lines = fetch_lines(runs, &places)?;
    let read = |(wanted, line): (Wanted, Bytes)| {
        let damaged = |fault: Fault| runs[wanted.place.run].damaged_line(wanted.place.start, fault);
        line::read(&line, &wanted.id, wanted.hash).map_err(damaged)
    };
    wanted.into_iter().zip(lines).map(read).collect()
}

/// A stream of records in order of their ids.
pub struct Scan {
    runs: Vec<Arc<Run>>,
    keys: Merged,
    ready: VecDeque<Record>,
    ended: bool,
}

impl Scan {
    pub(crate) fn new(runs: Vec<Arc<Run>>, keys: Merged) -> Self {
        Self {
            runs,
            keys,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    fn fill(&mut self) -> Result<()> {
        let (mut wanted, mut bytes) = (Vec::new(), 0);
        while wanted.len() < AHEAD && bytes < SPAN {
            if !self.keys.step_live()? {
                self.ended = true;
                break;
            }
            bytes += self.keys.place().len;
            wanted.extend(Wanted::of(&self.keys));
        }
        self.ready.extend(fetch(&self.runs, wanted)?);
        Ok(())
    }
}

impl Iterator for Scan {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty()
            && !self.ended
            && let Err(error) = self.fill()
        {
            self.ended = true;
            return Some(Err(error));
        }
        self.ready.pop_front().map(Ok)
    }
}
