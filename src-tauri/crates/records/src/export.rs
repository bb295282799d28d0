//! A whole collection as one sorted NDJSON, in pieces of many lines that are passed on as they lie in the shards.

use std::sync::Arc;

use bytes::Bytes;

use crate::line;
use crate::merged::Merged;
use crate::run::Run;
use crate::{Fault, Result};

/// Most bytes in a piece, unless one line is larger.
const PIECE: u64 = 1 << 20;

/// The lines of a collection in order of their ids, in pieces.
///
/// Lines are what the shards hold (`FORMAT.md`, "Lines"): each is checked to be whole and to be the one its key names. Their
/// content is not hashed: a vault has verified every byte it gives out already, and hashing once more would double the cost
/// of an export. Where a store does not verify, [`crate::CollectionReader::scan`] does.
pub struct Lines {
    runs: Vec<Arc<Run>>,
    keys: Merged,
    /// Per run, the shard that is being read: where it begins, and its content.
    shards: Vec<(u64, Bytes)>,
    /// The current entry belongs to the next piece.
    waiting: bool,
}

impl Lines {
    pub(crate) fn new(runs: Vec<Arc<Run>>, keys: Merged) -> Self {
        let shards = vec![(0, Bytes::new()); runs.len()];
        Self {
            runs,
            keys,
            shards,
            waiting: false,
        }
    }

    /// The next whole lines with their line breaks; none at the end.
    ///
    /// # Errors
    /// When keys or lines cannot be read or are damaged; what comes behind that is of no use.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        if !std::mem::take(&mut self.waiting) && !self.keys.step_live()? {
            return Ok(None);
        }
        let first = self.keys.place();
        self.load(first.run, first.start)?;
        let (begin, shard) = &self.shards[first.run];
        let from = (first.start - begin) as usize;
        let mut to = from;
        loop {
            let place = self.keys.place();
            let joins = place.run == first.run && place.start == begin + to as u64;
            let fits = to == from || place.start.saturating_add(place.len) <= first.start.saturating_add(PIECE);
            if !(joins && fits) || to == shard.len() {
                self.waiting = true;
                break;
            }
            let damaged = |fault| self.runs[place.run].damaged_line(place.start, fault);
            let end = usize::try_from(place.len).ok().and_then(|len| to.checked_add(len));
            let text = end.and_then(|end| shard.get(to..end)).ok_or_else(|| damaged(Fault::Short))?;
            line::check_frame(text, self.keys.id().unwrap_or_default()).map_err(damaged)?;
            to += text.len();
            if !self.keys.step_live()? {
                break;
            }
        }
        Ok(Some(shard.slice(from..to)))
    }

    /// Makes sure that the shard with this position of the run is at hand.
    fn load(&mut self, run: usize, position: u64) -> Result<()> {
        let (begin, shard) = &self.shards[run];
        if (*begin..begin + shard.len() as u64).contains(&position) {
            return Ok(());
        }
        // The one before goes first, or two would be in memory.
        self.shards[run] = (0, Bytes::new());
        let begin = position - self.runs[run].file_at(position)?.1;
        let length = self.runs[run].left_in_shard(begin)?;
        self.shards[run] = (begin, self.runs[run].read(begin, length)?);
        Ok(())
    }
}
