//! A source that fails on a script: faults at chosen points of a run, each saying afterwards whether it fired.

mod target;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use backstay_model::{
    Capabilities, Change, Collection, ContentHash, ErrorKind, FileEntry, FileKind, Gap, RawJson, Record, TargetSpec,
    WorkspaceMeta,
};
use backstay_source::{
    Cancel, Conflicts, FeedMode, FileHint, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source,
    SourceError, Stored,
};

use target::{ScriptedView, ScriptedWriter};

/// One planned fault. Counting begins at 1, over the whole run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The source fails when it should give this record.
    FailAtRecord(u64, ErrorKind),
    /// The source fails when it should give this file.
    FailAtFile(u64, ErrorKind),
    /// Reading content fails after this many bytes of all files together.
    FailAtByte(u64),
    /// Somebody cancels the job when this record comes.
    CancelAtRecord(u64),
    /// Somebody cancels the job when this file comes.
    CancelAtFile(u64),
    /// The content of this file ends this many bytes early.
    Truncate(u64, u64),
    /// This file is announced with this many bytes more than it has.
    Overstate(u64, u64),
    /// The source fails when it should give this attachment.
    FailAtAsset(u64, ErrorKind),
    /// Writing this record fails; of a target out of reach, or of a job that was cancelled, nobody knows then whether it was
    /// written: it was.
    FailAtWrite(u64, ErrorKind),
    /// Records at the target have lost an attachment's content: this one, counted over all that are opened.
    LoseAsset(u64),
    /// Every read of content waits this long.
    Slow(Duration),
}

/// Another source, with faults.
pub struct ScriptedSource {
    inner: Arc<dyn Source>,
    script: Arc<Script>,
}

#[derive(Debug, Default)]
struct Script {
    faults: Vec<(Fault, AtomicBool)>,
    records: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    assets: AtomicU64,
    writes: AtomicU64,
    opened: AtomicU64,
}

impl ScriptedSource {
    /// `inner` with these faults. Counters run on from one run to the next.
    #[must_use]
    pub fn new(inner: Arc<dyn Source>, faults: Vec<Fault>) -> Self {
        let faults = faults.into_iter().map(|f| (f, AtomicBool::new(false))).collect();
        Self {
            inner,
            script: Arc::new(Script {
                faults,
                ..Script::default()
            }),
        }
    }

    /// Faults that did not happen: a test that planned them proved nothing.
    #[must_use]
    pub fn unfired(&self) -> Vec<Fault> {
        let faults = self.script.faults.iter();
        faults
            .filter(|(_, fired)| !fired.load(Ordering::Relaxed))
            .map(|(f, _)| f.clone())
            .collect()
    }
}

impl Script {
    /// Faults for which `decide` gives something, marked as fired.
    fn fire<T>(&self, decide: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.faults.iter().find_map(|(fault, fired)| {
            let answer = decide(fault)?;
            fired.store(true, Ordering::Relaxed);
            Some(answer)
        })
    }
}

fn scripted(kind: ErrorKind, at: &str) -> SourceError {
    SourceError::new(kind, at, "failed by script")
}

struct ScriptedSink<'a> {
    inner: &'a dyn Sink,
    script: &'a Arc<Script>,
}

impl Sink for ScriptedSink<'_> {
    fn begin_collection(&self, collection: &Collection, mode: FeedMode) -> Result<()> {
        self.inner.begin_collection(collection, mode)
    }

    fn records(&self, collection: &str, mut batch: Vec<Change>) -> Result<()> {
        let from = self.script.records.fetch_add(batch.len() as u64, Ordering::Relaxed);
        let within = |n: u64| (n > from && n <= from + batch.len() as u64).then(|| n - from - 1);
        let cancel = self
            .script
            .fire(|f| if let Fault::CancelAtRecord(n) = f { within(*n) } else { None });
        let fail = self.script.fire(|f| match f {
            Fault::FailAtRecord(n, kind) => within(*n).map(|at| (at, *kind)),
            _ => None,
        });
        if cancel.is_some() {
            self.inner.cancel().cancel();
        }
        let Some((at, kind)) = fail else {
            return self.inner.records(collection, batch);
        };
        batch.truncate(usize::try_from(at).unwrap_or(usize::MAX));
        self.inner.records(collection, batch)?;
        Err(scripted(kind, collection))
    }

    fn end_collection(&self, collection: &str) -> Result<()> {
        self.inner.end_collection(collection)
    }

    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        if entry.kind != FileKind::File {
            return self.inner.file(entry, hint, open);
        }
        let number = self.script.files.fetch_add(1, Ordering::Relaxed) + 1;
        let is = |n: &u64| (*n == number).then_some(());
        if self
            .script
            .fire(|f| if let Fault::CancelAtFile(n) = f { is(n) } else { None })
            .is_some()
        {
            self.inner.cancel().cancel();
        }
        let fail = self.script.fire(|f| match f {
            Fault::FailAtFile(n, kind) if *n == number => Some(*kind),
            _ => None,
        });
        if let Some(kind) = fail {
            return Err(scripted(kind, &entry.path));
        }
        let more = self.script.fire(|f| match f {
            Fault::Overstate(n, more) if *n == number => Some(*more),
            _ => None,
        });
        let mut announced = entry.clone();
        announced.size += more.unwrap_or(0);
        let mut opened = || -> Result<Box<dyn Read + Send>> {
            let inner = open()?;
            let cut = self.script.fire(|f| match f {
                Fault::Truncate(n, less) if *n == number => Some(entry.size.saturating_sub(*less)),
                _ => None,
            });
            let script = Arc::clone(self.script);
            Ok(Box::new(ScriptedReader {
                inner: inner.take(cut.unwrap_or(u64::MAX)),
                script,
            }))
        };
        self.inner.file(&announced, hint, &mut opened)
    }

    fn leave_directory(&self, path: &str) -> Result<()> {
        self.inner.leave_directory(path)
    }
    fn keep(&self, path: &str) -> Result<bool> {
        self.inner.keep(path)
    }
    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        let number = self.script.assets.fetch_add(1, Ordering::Relaxed) + 1;
        let fail = self.script.fire(|f| match f {
            Fault::FailAtAsset(n, kind) if *n == number => Some(*kind),
            _ => None,
        });
        match fail {
            Some(kind) => Err(scripted(kind, name)),
            None => self.inner.asset(name, size, content),
        }
    }
    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        self.inner.keep_record(collection, id, hash)
    }
    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        self.inner.had(collection, id)
    }
    fn previous(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.inner.previous(collection, id)
    }
    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        self.inner.keep_asset(sha256)
    }
    fn workspace(&self, meta: WorkspaceMeta) {
        self.inner.workspace(meta);
    }
    fn gap(&self, gap: Gap) {
        self.inner.gap(gap);
    }
    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.inner.total(items, bytes);
    }
    fn cancel(&self) -> &Cancel {
        self.inner.cancel()
    }
}

struct ScriptedReader {
    inner: io::Take<Box<dyn Read + Send>>,
    script: Arc<Script>,
}

impl Read for ScriptedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(wait) = self
            .script
            .fire(|f| if let Fault::Slow(wait) = f { Some(*wait) } else { None })
        {
            thread::sleep(wait);
        }
        let before = self.script.bytes.load(Ordering::Relaxed);
        let failing = self.script.fire(|f| {
            if let Fault::FailAtByte(n) = f {
                (before >= *n).then_some(())
            } else {
                None
            }
        });
        if failing.is_some() {
            return Err(io::Error::other("failed by script"));
        }
        // Up to the fault, everything is delivered.
        let until = self
            .script
            .faults
            .iter()
            .filter_map(|(f, _)| if let Fault::FailAtByte(n) = f { Some(*n) } else { None });
        let most = until
            .map(|n| n - before)
            .min()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let n = self.inner.read(&mut buffer[..most])?;
        self.script.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Source for ScriptedSource {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.inner.probe(cancel)
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let script = &self.script;
        self.inner.changes(cursor, &ScriptedSink { inner: sink, script })
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        let script = &self.script;
        Ok(self.inner.live_records(cancel)?.map(|inner| {
            Box::new(ScriptedView {
                inner,
                script: Arc::clone(script),
            }) as Box<dyn RecordView>
        }))
    }
    fn at_with(&self, target: &TargetSpec, options: &BTreeMap<String, String>) -> Result<Arc<dyn Source>> {
        self.inner.at_with(target, options)
    }
    fn conflicts(&self) -> Option<&dyn Conflicts> {
        self.inner.conflicts()
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.inner.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.inner.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        let inner = self.inner.record_writer(schema, cancel)?;
        let script = Arc::clone(&self.script);
        Ok(Box::new(ScriptedWriter { inner, script }))
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.inner.file_writer(cancel)
    }
}
