//! Reads everything a collection consists of and checks it against its keys, counts and checksum.

use crate::checksum::Checksum;
use crate::merged::{Merged, Place};
use crate::{CollectionReader, Fault, RecordsError, Result, line};

/// What a check has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Live records.
    pub records: u64,
    /// Lines read and checked, those that newer runs have replaced included.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Lines read at once, in bytes and number.
const SPAN: u64 = 1 << 20;
const BATCH: usize = 4096;

impl CollectionReader {
    /// Reads and checks every record of every run, and recomputes counts, signposts and checksum from them.
    ///
    /// # Errors
    /// The first damage found, or why the store could not be read.
    pub fn verify(&self) -> Result<Verified> {
        let mut verified = self.verify_lines()?;
        let damaged = || RecordsError::damaged(self.path(), 0, Fault::Counts);
        let description = self.description();
        let mut signposts = description.ranks.iter().peekable();
        let mut visible = vec![0_u64; description.runs.len()];
        let mut sum = Checksum::default();
        let mut keys = self.merged("")?;
        while keys.step_live()? {
            let Some(id) = keys.id() else { break };
            while let Some((_, rank)) = signposts.next_if(|(from, _)| from.as_str() <= id) {
                if *rank != verified.records {
                    return Err(damaged());
                }
            }
            sum.add(id, keys.hash());
            visible[keys.place().run] += 1;
            verified.records += 1;
        }
        let counts = description.runs.iter().map(|run| run.visible).eq(visible);
        let rest = signposts.all(|(_, rank)| *rank == verified.records);
        if verified.records != self.count() || sum != self.sum()? || !counts || !rest {
            return Err(damaged());
        }
        Ok(verified)
    }

    fn verify_lines(&self) -> Result<Verified> {
        let mut verified = Verified::default();
        for run in self.run_list() {
            let mut keys = Merged::open(std::slice::from_ref(run), "", false)?;
            let (mut batch, mut bytes, mut tombstones) = (Vec::new(), 0, 0);
            let mut more = true;
            while more {
                more = keys.step()?;
                if more && keys.is_live() {
                    bytes += keys.place().len;
                    batch.extend(crate::fetch::Wanted::of(&keys));
                } else if more {
                    tombstones += 1;
                }
                if more && bytes < SPAN && batch.len() < BATCH {
                    continue;
                }
                let places: Vec<Place> = batch.iter().map(|wanted| wanted.place).collect();
                let lines = crate::fetch::fetch_lines(std::slice::from_ref(run), &places)?;
                for (wanted, bytes) in batch.iter().zip(lines) {
                    let fault = |fault| run.damaged_line(wanted.place.start, fault);
                    line::read(&bytes, &wanted.id, wanted.hash).map_err(fault)?;
                }
                verified.lines += batch.len() as u64;
                verified.bytes += bytes;
                batch.clear();
                bytes = 0;
            }
            run.verify_shards()?;
            if tombstones != run.reference.tombstones {
                return Err(RecordsError::damaged(&run.dir, 0, Fault::Counts));
            }
        }
        Ok(verified)
    }
}
