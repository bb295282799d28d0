//! Writes the next state of a collection: a run of what changed, and older runs kept or merged.

use std::path::PathBuf;
use std::sync::Arc;

use backstay_model::{Collection, CollectionSummary, ContentHash, Record};

use crate::apply::{Applied, Applier, Origin, Tally, Unmentioned};
use crate::compact::compact;
use crate::description::{Description, RunRef};
use crate::met::{Met, Walk};
use crate::overlay::Overlay;
use crate::run::{PartCache, Run};
use crate::run_writer::RunWriter;
use crate::seen::Known;
use crate::sort::{KEPT, Line, Op, Sorter};
use crate::{CollectionReader, Lookup, MAX_ID, RecordsError, Result, RunSink, ShortHash, seal, slug, tiers};

/// What the pushed records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything there is: records of the previous snapshot that are not pushed are gone.
    Full,
    /// Only what changed: records not mentioned stay as they are.
    Delta,
}

/// Sizes. The defaults are measured; tests use small ones to reach every path with few records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Largest shard in bytes; a larger record has one of its own.
    pub shard_bytes: usize,
    /// Entries of a keys part, at most 16,384.
    pub part_entries: usize,
    /// Records between two signposts for jumping to a record by number.
    pub rank_every: u64,
    /// Memory for sorting in bytes.
    pub sort_bytes: usize,
    /// Records of a previous snapshot up to which a table in memory (20 bytes each) finds the unchanged ones.
    pub table_records: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        let (shard_bytes, sort_bytes) = (2 << 20, 32 << 20);
        Self {
            shard_bytes,
            part_entries: crate::part::MAX_ENTRIES,
            rank_every: 8192,
            sort_bytes,
            table_records: 2_500_000,
        }
    }
}

/// How to write.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where temporary files go; the system's place if none. They have no name and vanish with the process.
    pub temporary: Option<PathBuf>,
    /// Sizes.
    pub tuning: Tuning,
}

/// What [`CollectionWriter::finish`] wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// For `metadata.json`; has the numbers of changes too.
    pub summary: CollectionSummary,
    /// Path of the description, to open the collection with.
    pub path: String,
    /// Ids that were pushed more than once, counted per extra push. The last push counts.
    pub duplicates: u64,
    /// Runs of the collection now.
    pub runs: usize,
    /// Runs of before that were merged into one.
    pub merged: usize,
}

/// Takes the records of one collection in any order and writes its part of the snapshot.
pub struct CollectionWriter<'a> {
    sink: &'a dyn RunSink,
    options: Options,
    mode: Mode,
    collection: Collection,
    dir: String,
    previous: Option<CollectionReader>,
    met: Option<Met>,
    /// Finds unchanged records where there is no table of them.
    kept: Option<Kept>,
    sorter: Sorter,
    stream: Option<Stream<'a>>,
}

/// How [`CollectionWriter::keep`] looks into the previous snapshot.
enum Kept {
    /// By any id: what is not given stays anyway.
    Any(Lookup),
    /// Along the ids.
    Ahead(Walk),
}

/// Input that comes in order goes straight to the run.
struct Stream<'a> {
    applier: Applier<'a>,
    last: String,
}

impl<'a> CollectionWriter<'a> {
    /// Begins the next state of `collection`.
    ///
    /// `previous` is the collection in the previous snapshot, the one whose directories `sink` can keep; it may have had
    /// another name there. Its runs are compared by their keys alone.
    ///
    /// # Errors
    /// When the keys of `previous` cannot be read or are damaged.
    pub fn new(
        collection: Collection,
        previous: Option<&CollectionReader>,
        mode: Mode,
        sink: &'a dyn RunSink,
        options: Options,
    ) -> Result<Self> {
        let previous = previous.cloned();
        let met = match &previous {
            Some(previous) if mode == Mode::Full && (1..=options.tuning.table_records).contains(&previous.count()) => {
                Some(Met::new(previous.clone())?)
            }
            _ => None,
        };
        let sorter = Sorter::new(options.tuning.sort_bytes, options.temporary.clone());
        let dir = format!("databases/{}", slug(&collection.name));
        Ok(Self {
            sink,
            options,
            mode,
            collection,
            dir,
            previous,
            met,
            kept: None,
            sorter,
            stream: None,
        })
    }

    /// Takes the record over from the previous snapshot, unread, if that holds it with this content; `false`: it has to be
    /// pushed. In [`Mode::Delta`] such a record stays anyway. Ids may come in any order; of a collection of more than
    /// [`Tuning::table_records`] read in [`Mode::Full`] only those above all ids before can be taken over.
    ///
    /// # Errors
    /// As [`CollectionWriter::push`], and when the keys of the previous snapshot cannot be read.
    pub fn keep(&mut self, id: &str, hash: ContentHash) -> Result<bool> {
        self.check_id(id)?;
        let hash = ShortHash::of(hash);
        if let Some(met) = &mut self.met {
            return met.keep(id, hash);
        }
        let Some(previous) = &self.previous else { return Ok(false) };
        let kept = match (self.kept.take(), self.mode) {
            (Some(kept), _) => kept,
            (None, Mode::Delta) => Kept::Any(previous.lookup()),
            (None, Mode::Full) => Kept::Ahead(Walk::new(previous)?),
        };
        // What the new run has passed already is written or gone.
        let passed = self.stream.as_ref().is_some_and(|stream| id <= stream.last.as_str());
        let same = !passed
            && match self.kept.insert(kept) {
                Kept::Any(lookup) => lookup.find(id)? == Some(hash),
                Kept::Ahead(walk) => walk.is_at(id, hash)?,
            };
        if same {
            // Overtakes what was pushed for the id before, and is itself overtaken by what comes later.
            let put = Some((hash, Line::Written(KEPT)));
            self.take(&Op { id, put })?;
        }
        Ok(same)
    }

    /// Adds a record. Of several with one id the last one counts.
    ///
    /// # Errors
    /// When the id is empty or too long, or temporary space or the sink fails. After an error the writer is of no use.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the writer takes the record over; how it keeps it is its own business"
    )]
    pub fn push(&mut self, record: Record) -> Result<()> {
        self.check_id(&record.id)?;
        if let Some(met) = &mut self.met
            && met.meet(&record.id, Some(ShortHash::of(record.hash)))? == Known::Unchanged
        {
            return Ok(());
        }
        self.take(&Op::put(&record))
    }

    /// Notes that there is no record with this id.
    ///
    /// # Errors
    /// As [`CollectionWriter::push`].
    pub fn delete(&mut self, id: &str) -> Result<()> {
        self.check_id(id)?;
        if let Some(met) = &mut self.met {
            met.meet(id, None)?;
        }
        self.take(&Op { id, put: None })
    }

    fn check_id(&self, id: &str) -> Result<()> {
        if id.is_empty() {
            return Err(RecordsError::EmptyId {
                collection: self.collection.name.clone(),
            });
        }
        if id.len() > MAX_ID {
            let collection = self.collection.name.clone();
            return Err(RecordsError::LongId {
                collection,
                length: id.len(),
                limit: MAX_ID,
            });
        }
        Ok(())
    }

    fn take(&mut self, change: &Op<'_>) -> Result<()> {
        if let Some(stream) = &mut self.stream
            && change.id > stream.last.as_str()
        {
            stream.last.clear();
            stream.last.push_str(change.id);
            return stream.applier.apply(change);
        }
        self.sorter.add(change);
        if !self.sorter.is_full() {
            return Ok(());
        }
        // What is missing is known at the end only.
        if self.stream.is_none() && self.met.is_none() && self.sorter.is_ascending() {
            return self.start_stream();
        }
        self.sorter.spill()
    }

    fn start_stream(&mut self) -> Result<()> {
        let unmentioned = if self.mode == Mode::Full {
            Unmentioned::Gone
        } else {
            Unmentioned::Stay
        };
        let out = self
            .run_writer(self.next_run())
            .with_copy(Overlay::new(self.options.temporary.as_deref())?);
        let mut applier = self.applier(out, unmentioned)?;
        let mut last = String::new();
        self.sorter.drain_memory(&mut |op| {
            last.clear();
            last.push_str(op.id);
            applier.apply(&op)
        })?;
        self.stream = Some(Stream { applier, last });
        Ok(())
    }

    fn next_run(&self) -> u64 {
        self.previous.as_ref().map_or(1, |previous| previous.description().next_run)
    }

    fn run_writer(&self, number: u64) -> RunWriter<'a> {
        RunWriter::new(self.sink, &self.dir, number, self.options.tuning)
    }

    fn applier(&self, out: RunWriter<'a>, unmentioned: Unmentioned) -> Result<Applier<'a>> {
        Applier::new(
            out,
            self.previous.as_ref(),
            unmentioned,
            Origin::Previous,
            self.options.tuning.rank_every,
        )
    }

    /// Writes the rest: the new run, merged runs where due, the description.
    ///
    /// # Errors
    /// When the previous snapshot cannot be read, temporary space fails, or the sink does.
    pub fn finish(mut self) -> Result<Outcome> {
        let mut state = match self.stream.take() {
            Some(stream) => State::new(&self, stream.applier.finish(!self.sorter.is_empty())?),
            None => self.apply_sorted()?,
        };
        if !self.sorter.is_empty() {
            self.apply_late(&mut state)?;
        }
        let before = self.previous.as_ref().map_or(0, CollectionReader::count);
        let counts = state.tally.counts(before);
        let merged = if counts.is_same() { 0 } else { self.tidy(&mut state)? };
        self.keep_runs(&state)?;
        let runs = state.runs.iter().map(|(_, run)| run.clone()).collect();
        let description = Description {
            collection: self.collection.clone(),
            runs,
            ..state.description
        };
        let described = seal::write(&description);
        let (content, _) = described.map_err(|source| RecordsError::Describe {
            collection: self.dir.clone(),
            source,
        })?;
        let path = format!("{}.json", self.dir);
        self.sink.put(&path, content)?;
        let summary = CollectionSummary {
            name: self.collection.name,
            slug: self.dir.trim_start_matches("databases/").to_owned(),
            records: description.records,
            checksum: description.checksum,
            changes: counts,
        };
        let duplicates = self.sorter.duplicates() + state.table_duplicates;
        Ok(Outcome {
            summary,
            path,
            duplicates,
            runs: description.runs.len(),
            merged,
        })
    }

    fn apply_sorted(&mut self) -> Result<State> {
        let mut duplicates = 0;
        let nothing_there = self.sorter.is_empty() && self.met.as_ref().is_none_or(Met::none);
        if self.mode == Mode::Full && nothing_there {
            let previous = self.previous.as_ref().map(CollectionReader::description);
            return Ok(State::new(self, Applied::emptied(previous)));
        }
        let unmentioned = match (self.mode, self.met.take()) {
            (Mode::Delta, _) => Unmentioned::Stay,
            (Mode::Full, None) => Unmentioned::Gone,
            (Mode::Full, Some(met)) => {
                duplicates = met.duplicates();
                // If nothing is missing, only the keys around changes have to be read.
                if met.all() {
                    Unmentioned::Stay
                } else {
                    Unmentioned::GoneUnlessSeen(met.into_seen())
                }
            }
        };
        let mut applier = self.applier(self.run_writer(self.next_run()), unmentioned)?;
        self.sorter.drain(&mut |op| applier.apply(&op))?;
        let mut state = State::new(self, applier.finish(false)?);
        state.table_duplicates = duplicates;
        Ok(state)
    }

    /// Applies what came out of order after the stream had begun, as a second run on top of the first.
    fn apply_late(&mut self, state: &mut State) -> Result<()> {
        let dir = self.dir.clone();
        let mut runs = self
            .previous
            .as_ref()
            .map_or_else(Vec::new, |previous| previous.run_list().to_vec());
        if let (Some(copy), Some((_, reference))) = (state.copy.take(), state.runs.get(runs.len())) {
            runs.push(Arc::new(Run::new(
                Arc::new(copy),
                Arc::new(PartCache::default()),
                &dir,
                reference.clone(),
            )));
        }
        let middle = CollectionReader::of_runs(&format!("{dir}.json"), state.description_with_runs(), runs);
        let origin = match &self.previous {
            Some(previous) => Origin::Other(previous.merged("")?),
            None => Origin::Nothing,
        };
        let out = self.run_writer(state.description.next_run);
        let every = self.options.tuning.rank_every;
        let mut applier = Applier::new(out, Some(&middle), Unmentioned::Stay, origin, every)?;
        self.sorter.drain(&mut |op| applier.apply(&op))?;
        state.add(applier.finish(false)?);
        Ok(())
    }

    /// Drops runs of which nothing is visible and merges older runs where due; returns how many were merged.
    fn tidy(&self, state: &mut State) -> Result<usize> {
        if state.description.records == 0 && state.runs.iter().all(|(old, _)| *old) {
            state.runs.clear();
            return Ok(0);
        }
        let mut oldest = true;
        state.runs.retain(|(old, run)| {
            let needless = *old && run.visible == 0 && (oldest || run.tombstones == 0);
            oldest &= needless;
            !needless
        });
        let old: Vec<RunRef> = state
            .runs
            .iter()
            .filter(|(old, _)| *old)
            .map(|(_, run)| run.clone())
            .collect();
        let count = tiers::to_merge(&old);
        let Some(previous) = self.previous.as_ref().filter(|_| count > 1) else {
            return Ok(0);
        };
        let from = old.len() - count;
        let is_merged = |run: &&Arc<Run>| old[from..].iter().any(|old| old.name == run.reference.name);
        let runs: Vec<Arc<Run>> = previous.run_list().iter().filter(is_merged).cloned().collect();
        let out = self.run_writer(state.description.next_run);
        state.description.next_run += 1;
        let visible = old[from..].iter().map(|run| run.visible).sum();
        let merged = compact(&runs, from == 0, out)?.map(|run| (false, RunRef { visible, ..run }));
        state.runs.splice(from..old.len(), merged);
        Ok(count)
    }

    fn keep_runs(&self, state: &State) -> Result<()> {
        let Some(previous) = &self.previous else { return Ok(()) };
        let from = previous.path().strip_suffix(".json").unwrap_or(previous.path());
        for (_, run) in state.runs.iter().filter(|(old, _)| *old) {
            self.sink
                .keep(&format!("{from}/{}", run.name), &format!("{}/{}", self.dir, run.name))?;
        }
        Ok(())
    }
}

/// What will become the new description.
struct State {
    description: Description,
    /// Whether a run is from the previous snapshot, and the run.
    runs: Vec<(bool, RunRef)>,
    copy: Option<Overlay>,
    tally: Tally,
    table_duplicates: u64,
}

impl State {
    fn new(writer: &CollectionWriter<'_>, applied: Applied) -> Self {
        let previous = writer.previous.as_ref().map(CollectionReader::description);
        let mut description = Description::empty(writer.collection.clone());
        description.next_run = writer.next_run();
        let runs = previous.map_or_else(Vec::new, |p| p.runs.iter().map(|run| (true, run.clone())).collect());
        let mut state = Self {
            description,
            runs,
            copy: None,
            tally: Tally::default(),
            table_duplicates: 0,
        };
        state.add(applied);
        state
    }

    /// Adds the run of some changes.
    fn add(&mut self, applied: Applied) {
        for ((_, run), visible) in self.runs.iter_mut().zip(applied.visible) {
            run.visible = visible;
        }
        if let Some(run) = applied.run {
            self.runs.push((false, run));
            self.description.next_run += 1;
        }
        self.description.records = applied.records;
        self.description.checksum = applied.checksum.text();
        self.description.ranks = applied.ranks;
        self.copy = applied.copy;
        self.tally = self.tally.plus(applied.tally);
    }

    fn description_with_runs(&self) -> Description {
        Description {
            runs: self.runs.iter().map(|(_, run)| run.clone()).collect(),
            ..self.description.clone()
        }
    }
}
