//! A collection of a snapshot, to read: count, find, page, scan.

use std::sync::Arc;

use backstay_model::{Collection, Record};

use crate::checksum::Checksum;
use crate::description::Description;
use crate::export::Lines;
use crate::fetch::{Scan, Wanted, fetch};
use crate::merged::Merged;
use crate::run::{PartCache, Run};
use crate::{Result, RunStore, ShortHash};

/// One collection of one snapshot. Cloning is cheap; all methods can be called from several threads.
#[derive(Clone)]
pub struct CollectionReader(Arc<Inner>);

struct Inner {
    path: String,
    description: Description,
    runs: Vec<Arc<Run>>,
}

impl CollectionReader {
    /// Opens the collection described at `path` (`databases/<slug>.json`). Reads the description only; the rest is read when
    /// it is asked for.
    ///
    /// # Errors
    /// When the description cannot be read, is damaged or of a newer format.
    pub fn open(store: &Arc<dyn RunStore>, path: &str) -> Result<Self> {
        let description = Description::read(store.as_ref(), path)?;
        Ok(Self::with(store, path, description))
    }

    fn with(store: &Arc<dyn RunStore>, path: &str, description: Description) -> Self {
        let dir = path.strip_suffix(".json").unwrap_or(path);
        let cache = Arc::new(PartCache::default());
        let run = |reference: &crate::description::RunRef| {
            Arc::new(Run::new(Arc::clone(store), Arc::clone(&cache), dir, reference.clone()))
        };
        let runs = description.runs.iter().map(run).collect();
        Self::of_runs(path, description, runs)
    }

    /// A collection of runs opened elsewhere.
    pub(crate) fn of_runs(path: &str, description: Description, runs: Vec<Arc<Run>>) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            description,
            runs,
        }))
    }

    /// Name, title, kind and schema.
    #[must_use]
    pub fn collection(&self) -> &Collection {
        &self.0.description.collection
    }

    /// Path of the description this was opened with.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Number of live records.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.description.records
    }

    /// Bytes of all records as stored, replaced ones included: not less than the live ones take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.description.runs.iter().map(|run| run.bytes).sum()
    }

    /// Checksum over the live records (FORMAT.md, "Collection checksum"), 32 hexadecimal digits.
    #[must_use]
    pub fn checksum(&self) -> &str {
        &self.0.description.checksum
    }

    /// Number of runs.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.0.runs.len()
    }

    /// The record with this id, if it exists.
    ///
    /// # Errors
    /// When keys or the record cannot be read or are damaged.
    pub fn get(&self, id: &str) -> Result<Option<Record>> {
        match self.find(id)? {
            Some(wanted) => Ok(fetch(&self.0.runs, vec![wanted])?.pop()),
            None => Ok(None),
        }
    }

    /// Where the record with this id lies, if it exists.
    pub(crate) fn find(&self, id: &str) -> Result<Option<Wanted>> {
        for (number, run) in self.0.runs.iter().enumerate().rev() {
            let cursor = crate::run::RunCursor::open(Arc::clone(run), id, true)?;
            if cursor.id() != Some(id) {
                continue;
            }
            let (start, len) = cursor.line();
            let place = crate::merged::Place { run: number, start, len };
            return Ok((len > 0).then(|| Wanted {
                id: id.to_owned(),
                hash: cursor.hash(),
                place,
            }));
        }
        Ok(None)
    }

    /// The records with these ids, in the order of `ids`; keys and neighbouring records are read together.
    ///
    /// # Errors
    /// When keys or a record cannot be read or are damaged.
    pub fn get_many(&self, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        let mut found = vec![None; ids.len()];
        let (mut wanted, mut at) = (Vec::new(), Vec::new());
        self.each(ids, &mut |number, keys| {
            wanted.extend(Wanted::of(keys));
            at.push(number);
        })?;
        for (number, record) in at.into_iter().zip(fetch(&self.0.runs, wanted)?) {
            found[number] = Some(record);
        }
        Ok(found)
    }

    /// Lengths in bytes of the stored lines of the records with these ids, in the order of `ids`; `None` where there is no
    /// such record. Reads no record.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn sizes(&self, ids: &[&str]) -> Result<Vec<Option<u64>>> {
        let mut sizes = vec![None; ids.len()];
        self.each(ids, &mut |number, keys| sizes[number] = Some(keys.place().len))?;
        Ok(sizes)
    }

    /// Goes to each of these ids that is there, in their order by bytes; tells its number in `ids`.
    fn each(&self, ids: &[&str], found: &mut dyn FnMut(usize, &Merged)) -> Result<()> {
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_unstable_by_key(|number| ids[*number]);
        let Some(first) = order.first() else { return Ok(()) };
        let mut keys = Merged::open(&self.0.runs, ids[*first], true)?;
        for number in order {
            keys.seek(ids[number])?;
            if keys.id() == Some(ids[number]) && keys.is_live() {
                found(number, &keys);
            }
        }
        Ok(())
    }

    /// Up to `limit` records from record number `offset` (from 0) on, in order of their ids (compared byte by byte).
    ///
    /// # Errors
    /// When keys or records cannot be read or are damaged.
    pub fn page(&self, offset: u64, limit: usize) -> Result<Vec<Record>> {
        let mut keys = self.keys_at(offset)?;
        let mut wanted = Vec::new();
        while wanted.len() < limit && keys.step_live()? {
            wanted.extend(Wanted::of(&keys));
        }
        fetch(&self.0.runs, wanted)
    }

    /// All records with an id not below `from` (all for the empty text), in order of their ids, as a stream.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged. Later failures end the stream with an error.
    pub fn scan(&self, from: &str) -> Result<Scan> {
        Ok(Scan::new(self.0.runs.clone(), self.merged(from)?))
    }

    /// All records from record number `offset` on, as a stream.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged. Later failures end the stream with an error.
    pub fn scan_at(&self, offset: u64) -> Result<Scan> {
        Ok(Scan::new(self.0.runs.clone(), self.keys_at(offset)?))
    }

    /// The lines of all records in order of their ids, many at a time: one sorted NDJSON, for exports.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn lines(&self) -> Result<Lines> {
        Ok(Lines::new(self.0.runs.clone(), self.merged("")?))
    }

    /// Ids and hashes without content, from the first id not below `from`.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn keys(&self, from: &str) -> Result<Keys> {
        Ok(Keys(self.merged(from)?))
    }

    /// Number of live records with an id below `id`.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn rank(&self, id: &str) -> Result<u64> {
        let ranks = &self.0.description.ranks;
        let at = ranks.partition_point(|(from, _)| from.as_str() <= id);
        let (from, mut rank) = if at == 0 {
            ("", 0)
        } else {
            (ranks[at - 1].0.as_str(), ranks[at - 1].1)
        };
        let mut keys = Merged::open(&self.0.runs, from, true)?;
        while keys.step_live()? && keys.id().is_some_and(|current| current < id) {
            rank += 1;
        }
        Ok(rank)
    }

    /// A cursor that yields record number `offset` next.
    fn keys_at(&self, offset: u64) -> Result<Merged> {
        let ranks = &self.0.description.ranks;
        let at = ranks.partition_point(|(_, rank)| *rank <= offset);
        let (from, rank) = if at == 0 {
            ("", 0)
        } else {
            (ranks[at - 1].0.as_str(), ranks[at - 1].1)
        };
        let mut keys = Merged::open(&self.0.runs, from, true)?;
        for _ in rank..offset {
            if !keys.step_live()? {
                break;
            }
        }
        Ok(keys)
    }

    pub(crate) fn merged(&self, from: &str) -> Result<Merged> {
        Merged::open(&self.0.runs, from, false)
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    pub(crate) fn run_list(&self) -> &[Arc<Run>] {
        &self.0.runs
    }

    pub(crate) fn sum(&self) -> Result<Checksum> {
        let text = &self.0.description.checksum;
        Checksum::parse(text).ok_or_else(|| crate::RecordsError::damaged(&self.0.path, 0, crate::Fault::Number))
    }
}

/// One key: a record without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// Id of the record.
    pub id: &'a str,
    /// Shortened hash of its content.
    pub hash: ShortHash,
    /// Length of its stored line in bytes.
    pub bytes: u64,
}

/// A stream of keys in order of their ids.
pub struct Keys(Merged);

impl Keys {
    /// The next key; none at the end. (Not an `Iterator`: a key borrows from the stream, so that none is copied.)
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn next_key(&mut self) -> Result<Option<Key<'_>>> {
        if !self.0.step_live()? {
            return Ok(None);
        }
        let (hash, bytes) = (self.0.hash(), self.0.place().len);
        Ok(self.0.id().map(|id| Key { id, hash, bytes }))
    }
}
