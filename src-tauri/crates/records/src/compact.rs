//! Merges runs into one. Records keep their bytes; what a newer of these runs replaced is left behind.

use std::sync::Arc;

use crate::description::RunRef;
use crate::fetch::{Wanted, fetch_lines};
use crate::merged::Merged;
use crate::run::Run;
use crate::run_writer::RunWriter;
use crate::{Result, line};

/// Lines read ahead, in bytes and number.
const AHEAD_BYTES: u64 = 1 << 20;
const AHEAD: usize = 4096;

/// Merges `runs` (oldest first, neighbours in their collection) into `out`. Tombstones are dropped if no older run is left
/// that they could hide something of (`oldest`).
pub(crate) fn compact(runs: &[Arc<Run>], oldest: bool, mut out: RunWriter<'_>) -> Result<Option<RunRef>> {
    let mut keys = Merged::open(runs, "", false)?;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while keys.step()? {
        if keys.is_live() || !oldest {
            bytes += keys.place().len;
            batch.extend(Wanted::of(&keys));
        }
        if bytes >= AHEAD_BYTES || batch.len() >= AHEAD {
            copy(runs, &batch, &mut out)?;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    copy(runs, &batch, &mut out)?;
    if out.entries() == 0 {
        return Ok(None);
    }
    Ok(Some(out.finish()?.0))
}

/// Copies a batch. Every line is checked first, so that damage is found here and not sealed anew.
fn copy(runs: &[Arc<Run>], batch: &[Wanted], out: &mut RunWriter<'_>) -> Result<()> {
    let places: Vec<_> = batch
        .iter()
        .map(|wanted| wanted.place)
        .filter(|place| place.len > 0)
        .collect();
    let mut lines = fetch_lines(runs, &places)?.into_iter();
    for Wanted { id, hash, place } in batch {
        if place.len == 0 {
            out.tombstone(id)?;
        } else if let Some(bytes) = lines.next() {
            line::read(&bytes, id, *hash).map_err(|fault| runs[place.run].damaged_line(place.start, fault))?;
            out.record(id, *hash, |out| out.extend_from_slice(&bytes))?;
        }
    }
    Ok(())
}
