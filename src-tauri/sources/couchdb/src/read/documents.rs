//! The documents of a database: asked for in batches, several at a time, judged against what the feed said, and given to the sink.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use backstay_model::{Change, ErrorKind, Gap, Record};
use backstay_source::{FeedMode, Sink, SourceError};
use crossbeam_channel::{Receiver, Sender, bounded};

use super::{
    again::Again,
    assets::{Assets, Filled, Stored},
    database::Job,
    failure::Failure,
    judge::{Judged, judge},
    row::Row,
    sorted::List,
};
use crate::{
    client::{Database, DatabaseInfo, Fetched, Wanted},
    convert::{Document, Leaf, Part},
};

/// Documents asked for at once.
const BATCH: usize = 500;
/// Bytes of documents that are asked for at once, by what the server says is their average.
const BATCH_BYTES: u64 = 8 << 20;
/// Bytes of records that are given at once, and of documents that wait for their attachments.
const HELD: usize = 4 << 20;
/// How often a document is asked for that changes, or of which something is missing.
const ROUNDS: u32 = 3;

/// Which records may be taken over from the snapshot before, when it has them with the same revisions.
pub(super) enum Keeping {
    /// None.
    Nothing,
    /// All but these.
    But(BTreeSet<String>),
    /// Those with one live leaf: the others were written with another wish about tombstones. None of these.
    Plain(BTreeSet<String>),
}

impl Keeping {
    fn may(&self, row: &Row) -> bool {
        match self {
            Self::Nothing => false,
            // A document whose leaves are not known may have any.
            _ if row.revs.is_empty() => false,
            Self::But(ids) => !ids.contains(&row.id),
            Self::Plain(ids) => row.is_plain() && !ids.contains(&row.id),
        }
    }
}

/// Reads the documents of one database.
pub(super) struct Reading<'a> {
    database: &'a Database,
    sink: &'a dyn Sink,
    tombstones: bool,
    mode: FeedMode,
    keeping: Keeping,
    again: &'a Again,
    workers: usize,
    batch: usize,
    stored: Stored,
    failed: AtomicBool,
}

struct Batch {
    part: Part,
    rows: Vec<Row>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(job: &'a Job<'_>, mode: FeedMode, keeping: Keeping, again: &'a Again, info: &DatabaseInfo) -> Self {
        let bytes = info.sizes.and_then(|sizes| sizes.external.or(sizes.active).or(sizes.file));
        let average = bytes.unwrap_or(0) / info.doc_count.max(1);
        let by_size = usize::try_from(BATCH_BYTES / average.max(1)).unwrap_or(BATCH);
        Self {
            database: &job.database,
            sink: job.sink,
            tombstones: job.config.deleted,
            mode,
            keeping,
            again,
            workers: job.workers.max(1),
            batch: by_size.clamp(10, BATCH),
            stored: Stored::default(),
            failed: AtomicBool::new(false),
        }
    }

    /// Reads what the list names.
    pub(super) fn all(&self, list: &List) -> Result<(), Failure> {
        let (give, take) = bounded::<Batch>(self.workers);
        // Few documents are shared out among all workers.
        let batch = (list.len() / (self.workers * 2)).clamp(25, BATCH).min(self.batch);
        let mut results = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.workers)
                .map(|_| {
                    let take = take.clone();
                    scope.spawn(move || self.work(&take))
                })
                .collect();
            drop(take);
            let mut results = vec![self.share_out(list, batch, &give)];
            drop(give);
            results.extend(
                workers
                    .into_iter()
                    .map(|worker| worker.join().unwrap_or_else(|_| Err(fell()))),
            );
            results
        });
        let worst = results.iter().position(|result| matches!(result, Err(Failure::Run(_))));
        match worst.or_else(|| results.iter().position(Result::is_err)) {
            Some(at) => results.swap_remove(at),
            None => Ok(()),
        }
    }

    fn share_out(&self, list: &List, batch: usize, give: &Sender<Batch>) -> Result<(), Failure> {
        let mut open = [(Part::Documents, Vec::new()), (Part::Design, Vec::new())];
        let mut gone = [(Part::Documents, Vec::new()), (Part::Design, Vec::new())];
        for entry in list.from(0) {
            if self.failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let (id, packed) = entry.map_err(Failure::temporary)?;
            let row = Row::unpack(&id, &packed);
            let at = usize::from(Part::of_id(&id) == Part::Design);
            let collection = open[at].0.collection(self.database.name());
            if row.deleted && !self.tombstones {
                if self.mode == FeedMode::Delta && self.sink.had(&collection, &id)? {
                    gone[at].1.push(Change::Delete(id));
                }
                if gone[at].1.len() >= BATCH {
                    self.sink.records(&collection, std::mem::take(&mut gone[at].1))?;
                }
                continue;
            }
            if self.keeping.may(&row) && self.sink.keep_record(&collection, &id, row.hash())? {
                continue;
            }
            open[at].1.push(row);
            if open[at].1.len() >= batch && !self.send(give, open[at].0, &mut open[at].1) {
                return Ok(());
            }
        }
        for (part, mut rows) in open {
            if !rows.is_empty() && !self.send(give, part, &mut rows) {
                return Ok(());
            }
        }
        for (part, gone) in gone.into_iter().filter(|(_, gone)| !gone.is_empty()) {
            self.sink.records(&part.collection(self.database.name()), gone)?;
        }
        Ok(())
    }

    /// `false` when no worker is left: one of them says why.
    fn send(&self, give: &Sender<Batch>, part: Part, rows: &mut Vec<Row>) -> bool {
        let rows = std::mem::take(rows);
        give.send(Batch { part, rows }).is_ok()
    }

    fn work(&self, take: &Receiver<Batch>) -> Result<(), Failure> {
        for batch in take {
            if self.failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let collection = batch.part.collection(self.database.name());
            let mut work = Work {
                reading: self,
                collection: &collection,
                out: Vec::new(),
                bytes: 0,
                held: Vec::new(),
                held_bytes: 0,
                repeat: Vec::new(),
                round: 1,
                failure: None,
            };
            if let Err(failure) = work.batch(batch.rows) {
                self.failed.store(true, Ordering::Relaxed);
                return Err(failure);
            }
        }
        Ok(())
    }
}

fn fell() -> Failure {
    Failure::Run(SourceError::new(ErrorKind::Internal, "Reading documents", "ended by itself"))
}

/// One batch on its way.
struct Work<'a> {
    reading: &'a Reading<'a>,
    collection: &'a str,
    out: Vec<Change>,
    bytes: usize,
    /// Documents that wait for their attachments, so that no answer stands still meanwhile.
    held: Vec<(Row, Document)>,
    held_bytes: usize,
    /// To be asked for again, with the leaves that came.
    repeat: Vec<(Row, Vec<Leaf>)>,
    round: u32,
    failure: Option<Failure>,
}

impl Work<'_> {
    fn batch(&mut self, rows: Vec<Row>) -> Result<(), Failure> {
        let mut asked: Vec<(Row, Vec<Leaf>)> = rows.into_iter().map(|row| (row, Vec::new())).collect();
        for round in 1..=ROUNDS {
            if asked.is_empty() {
                break;
            }
            self.round = round;
            self.ask(asked)?;
            self.settle()?;
            asked = std::mem::take(&mut self.repeat);
        }
        self.flush()
    }

    fn ask(&mut self, asked: Vec<(Row, Vec<Leaf>)>) -> Result<(), Failure> {
        let database = self.reading.database;
        let ids: Vec<(String, Vec<String>)> = asked
            .iter()
            .map(|(row, _)| {
                // As the feed told; what is missing then is asked for as it is now.
                let revs = if self.round == 1 { row.revs.clone() } else { Vec::new() };
                (row.id.clone(), revs)
            })
            .collect();
        let wanted: Vec<Wanted<'_>> = ids.iter().map(|(id, revs)| Wanted { id, revs }).collect();
        let mut asked: Vec<Option<(Row, Vec<Leaf>)>> = asked.into_iter().map(Some).collect();
        let result = database.fetch(&wanted, &mut |fetched| {
            let Some((row, leaves)) = asked.get_mut(fetched.index).and_then(Option::take) else {
                return Ok(());
            };
            self.fetched(row, leaves, fetched).map_err(|failure| {
                self.failure = Some(failure);
                SourceError::new(ErrorKind::Cancelled, "the answer", "is not wanted any more")
            })
        });
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(result?),
        }
    }

    fn fetched(&mut self, row: Row, before: Vec<Leaf>, fetched: Fetched) -> Result<(), Failure> {
        let last = self.round >= 2;
        match judge(&row.id, &row.revs, before, fetched.leaves, last) {
            Judged::Whole { document, lost } => {
                for (rev, reason) in &lost {
                    self.gap(
                        &row.id,
                        ErrorKind::NotFound,
                        format!("The revision {rev} cannot be read: {reason}"),
                    );
                }
                self.whole(row, document)
            }
            Judged::Ask(leaves) => {
                self.repeat.push((row, leaves));
                Ok(())
            }
            Judged::Gone => self.gone(&row.id),
            Judged::Broken { kind, reason } => {
                self.gap(&row.id, kind, reason);
                self.as_before(&row.id)
            }
        }
    }

    fn gap(&self, id: &str, kind: ErrorKind, message: String) {
        self.reading.again.note(id);
        self.reading.sink.gap(Gap {
            subject: self.reading.database.part(id),
            kind,
            message,
        });
    }

    fn whole(&mut self, row: Row, document: Document) -> Result<(), Failure> {
        let document = match self.reading.tombstones {
            true => document,
            false => match document.without_tombstones() {
                Some(document) => document,
                None => return self.gone(&row.id),
            },
        };
        if document.attachments().next().is_none() {
            return self.give(document.record());
        }
        self.held_bytes += document.leaves().iter().map(|leaf| leaf.text.as_bytes().len()).sum::<usize>();
        self.held.push((row, document));
        if self.held_bytes > HELD {
            // Rather a slow answer than memory without bounds.
            return self.settle();
        }
        Ok(())
    }

    /// Brings in the attachments of the documents that wait.
    fn settle(&mut self) -> Result<(), Failure> {
        self.held_bytes = 0;
        for (row, document) in std::mem::take(&mut self.held) {
            let assets = Assets {
                database: self.reading.database,
                sink: self.reading.sink,
                stored: &self.reading.stored,
                collection: self.collection,
            };
            let mut record = document.record();
            match assets.fill(&document, &mut record, self.round == ROUNDS)? {
                Filled::Whole => self.give(record)?,
                Filled::Missing => {
                    self.reading.again.note(&row.id);
                    self.give(record)?;
                }
                Filled::Moved => self.repeat.push((Row::unknown(&row.id), Vec::new())),
            }
        }
        Ok(())
    }

    fn give(&mut self, record: Record) -> Result<(), Failure> {
        self.bytes += record.data.as_bytes().len() + record.id.len() + 64;
        self.out.push(Change::Upsert(record));
        if self.bytes > HELD {
            return self.flush();
        }
        Ok(())
    }

    fn gone(&mut self, id: &str) -> Result<(), Failure> {
        let reading = self.reading;
        if reading.mode == FeedMode::Delta && reading.sink.had(self.collection, id)? {
            self.out.push(Change::Delete(id.to_owned()));
        }
        Ok(())
    }

    /// A document that cannot be read stays as it was in the snapshot before; in a run over changes it does so by itself.
    fn as_before(&mut self, id: &str) -> Result<(), Failure> {
        let sink = self.reading.sink;
        if self.reading.mode == FeedMode::Full
            && let Some(before) = sink.previous(self.collection, id)?
        {
            sink.keep_record(self.collection, id, before.hash)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.bytes = 0;
        if self.out.is_empty() {
            return Ok(());
        }
        Ok(self.reading.sink.records(self.collection, std::mem::take(&mut self.out))?)
    }
}
