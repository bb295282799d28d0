//! One stored run, opened: its index, its keys parts on demand, and a cursor over its entries.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::description::RunRef;
use crate::index::{RUN_INDEX, RunIndex, part_path, shard_path};
use crate::part::Part;
use crate::{Fault, RecordsError, Result, RunStore, ShortHash, seal};

/// Keys parts kept decoded per open collection; at most 2 MiB each, typically 0.8.
const KEPT_PARTS: usize = 24;

/// The keys parts used last, over all runs of a collection.
#[derive(Debug, Default)]
pub(crate) struct PartCache(Mutex<VecDeque<(String, usize, Arc<Part>)>>);

impl PartCache {
    fn get(&self, run: &str, number: usize) -> Option<Arc<Part>> {
        let mut kept = self.0.lock();
        let at = kept.iter().position(|(name, n, _)| *n == number && name == run)?;
        let entry = kept.remove(at)?;
        let part = Arc::clone(&entry.2);
        kept.push_front(entry);
        Some(part)
    }

    fn put(&self, run: &str, number: usize, part: &Arc<Part>) {
        let mut kept = self.0.lock();
        kept.truncate(KEPT_PARTS - 1);
        kept.push_front((run.to_owned(), number, Arc::clone(part)));
    }
}

/// A run's index and where each shard ends, counted from the beginning of the first.
struct Loaded {
    index: RunIndex,
    ends: Vec<u64>,
}

/// One run of a collection.
pub(crate) struct Run {
    store: Arc<dyn RunStore>,
    cache: Arc<PartCache>,
    /// Directory in the snapshot.
    pub dir: String,
    pub reference: RunRef,
    loaded: OnceLock<Loaded>,
}

impl Run {
    pub(crate) fn new(store: Arc<dyn RunStore>, cache: Arc<PartCache>, collection_dir: &str, reference: RunRef) -> Self {
        let dir = format!("{collection_dir}/{}", reference.name);
        Self {
            store,
            cache,
            dir,
            reference,
            loaded: OnceLock::new(),
        }
    }

    fn loaded(&self) -> Result<&Loaded> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let path = format!("{}/{RUN_INDEX}", self.dir);
        let (index, seal) = seal::read::<RunIndex>(self.store.as_ref(), &path)?;
        let known = (index.entries, index.tombstones) == (self.reference.entries, self.reference.tombstones);
        if seal != self.reference.seal || !known || !index.is_sound() {
            return Err(RecordsError::damaged(&path, 0, Fault::Counts));
        }
        let mut end = 0;
        let ends = index.shards.iter().map(|size| {
            end += size;
            end
        });
        let loaded = Loaded {
            ends: ends.collect(),
            index,
        };
        Ok(self.loaded.get_or_init(|| loaded))
    }

    pub(crate) fn index(&self) -> Result<&RunIndex> {
        Ok(&self.loaded()?.index)
    }

    /// The number of the part that holds `id`, if any does.
    pub(crate) fn part_of(&self, id: &str) -> Result<usize> {
        Ok(self
            .index()?
            .keys
            .partition_point(|part| part.from.as_str() <= id)
            .saturating_sub(1))
    }

    /// The keys part of this number, which must exist; kept for next time if `remember`.
    pub(crate) fn part(&self, number: usize, remember: bool) -> Result<Arc<Part>> {
        if let Some(part) = self.cache.get(&self.reference.name, number) {
            return Ok(part);
        }
        let loaded = self.loaded()?;
        let path = format!("{}/{}", self.dir, part_path(number));
        let damaged = |offset: usize, fault| RecordsError::damaged(&path, offset as u64, fault);
        let entry = loaded.index.keys.get(number).ok_or_else(|| damaged(0, Fault::Counts))?;
        let size = usize::try_from(entry.bytes).map_err(|_| damaged(0, Fault::Long))?;
        if self.store.size(&path)? != entry.bytes {
            return Err(damaged(0, Fault::Counts));
        }
        let bytes = self.store.read_at(&path, 0, size)?;
        let part = Part::decode(&bytes, entry.start).map_err(|(offset, fault)| damaged(offset, fault))?;
        let next = loaded.index.keys.get(number + 1);
        let end = next.map_or_else(|| loaded.ends.last().copied().unwrap_or(0), |next| next.start);
        if part.len() as u64 != entry.entries || part.end() != end {
            return Err(damaged(0, Fault::Counts));
        }
        let below_next = next.is_none_or(|next| part.id(part.len() - 1) < next.from.as_str());
        if part.id(0) < entry.from.as_str() || !below_next {
            return Err(damaged(0, Fault::Order));
        }
        let part = Arc::new(part);
        if remember {
            self.cache.put(&self.reference.name, number, &part);
        }
        Ok(part)
    }

    /// Shard and offset in it of a position counted from the beginning of the first shard.
    fn shard_at(&self, position: u64) -> Result<(usize, u64, u64)> {
        let ends = &self.loaded()?.ends;
        let shard = ends.partition_point(|end| *end <= position);
        let begin = if shard == 0 { 0 } else { ends[shard - 1] };
        let end = ends.get(shard).copied();
        let end = end.ok_or_else(|| RecordsError::damaged(&format!("{}/{RUN_INDEX}", self.dir), 0, Fault::Counts))?;
        Ok((shard, position - begin, end - position))
    }

    /// Path and offset of a position.
    pub(crate) fn file_at(&self, position: u64) -> Result<(String, u64)> {
        let (shard, offset, _) = self.shard_at(position)?;
        Ok((format!("{}/{}", self.dir, shard_path(shard)), offset))
    }

    /// Bytes from `position` to the end of its shard.
    pub(crate) fn left_in_shard(&self, position: u64) -> Result<u64> {
        Ok(self.shard_at(position)?.2)
    }

    /// `len` bytes of one shard.
    pub(crate) fn read(&self, position: u64, len: u64) -> Result<Bytes> {
        let (shard, offset, left) = self.shard_at(position)?;
        let path = format!("{}/{}", self.dir, shard_path(shard));
        let len = usize::try_from(len).ok().filter(|len| *len as u64 <= left);
        let len = len.ok_or_else(|| RecordsError::damaged(&path, offset, Fault::Short))?;
        Ok(self.store.read_at(&path, offset, len)?)
    }

    /// Checks that every shard has the size the index names, so that no byte is beyond every record.
    pub(crate) fn verify_shards(&self) -> Result<()> {
        for (number, size) in self.index()?.shards.iter().enumerate() {
            let path = format!("{}/{}", self.dir, shard_path(number));
            let found = self.store.size(&path)?;
            if found != *size {
                return Err(RecordsError::damaged(
                    &path,
                    found.min(*size),
                    if found < *size { Fault::Short } else { Fault::Long },
                ));
            }
        }
        Ok(())
    }

    /// Error for a line of this run.
    pub(crate) fn damaged_line(&self, position: u64, fault: Fault) -> RecordsError {
        match self.file_at(position) {
            Ok((path, offset)) => RecordsError::Damaged { path, offset, fault },
            Err(error) => error,
        }
    }
}

/// Goes through the entries of one run in order of their ids.
pub(crate) struct RunCursor {
    pub run: Arc<Run>,
    number: usize,
    part: Option<Arc<Part>>,
    at: usize,
    remember: bool,
}

impl RunCursor {
    /// At the first entry with an id not below `from`.
    pub(crate) fn open(run: Arc<Run>, from: &str, remember: bool) -> Result<Self> {
        let number = run.part_of(from)?;
        let mut cursor = Self {
            run,
            number,
            part: None,
            at: 0,
            remember,
        };
        cursor.load()?;
        if let Some(part) = &cursor.part {
            cursor.at = if part.id(0) >= from { 0 } else { part.lower_bound(0, from) };
        }
        cursor.settle()?;
        Ok(cursor)
    }

    fn load(&mut self) -> Result<()> {
        let exists = self.number < self.run.index()?.keys.len();
        self.part = if exists {
            Some(self.run.part(self.number, self.remember)?)
        } else {
            None
        };
        self.at = 0;
        Ok(())
    }

    /// Moves to the next part when this one is used up.
    fn settle(&mut self) -> Result<()> {
        while self.part.as_ref().is_some_and(|part| self.at >= part.len()) {
            self.number += 1;
            self.load()?;
        }
        Ok(())
    }

    pub(crate) fn advance(&mut self) -> Result<()> {
        self.at += 1;
        self.settle()
    }

    /// Moves forward to the first entry with an id not below `id`.
    pub(crate) fn seek(&mut self, id: &str) -> Result<()> {
        if self.id().is_none_or(|current| current >= id) {
            return Ok(());
        }
        let number = self.run.part_of(id)?;
        if number > self.number {
            self.number = number;
            self.load()?;
            if self.id().is_none_or(|current| current >= id) {
                return Ok(());
            }
        }
        if let Some(part) = &self.part {
            self.at = part.lower_bound(self.at, id);
        }
        self.settle()
    }

    pub(crate) fn id(&self) -> Option<&str> {
        Some(self.part.as_ref()?.id(self.at))
    }

    pub(crate) fn hash(&self) -> ShortHash {
        self.part.as_ref().map_or_else(ShortHash::default, |part| part.hash(self.at))
    }

    /// Position and length of the current line; length 0 for a tombstone.
    pub(crate) fn line(&self) -> (u64, u64) {
        self.part.as_ref().map_or((0, 0), |part| part.line(self.at))
    }
}
