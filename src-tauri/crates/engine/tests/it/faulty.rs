//! A target that breaks at a chosen write: with an error, or as a process dies, before or after the write took effect.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_model::{Capabilities, ErrorKind, FileEntry, RawJson, TargetSpec};
use backstay_source::{
    Cancel, Expect, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source, SourceError, WriteStep,
    Written,
};
use backstay_source_kit::MemorySource;

/// How it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The write fails with this error and does nothing.
    Error(ErrorKind),
    /// The process dies before the write.
    DieBefore,
    /// The process dies after the write, before its result is recorded.
    DieAfter,
    /// Somebody cancels the job after the write.
    Cancel,
}

#[derive(Clone)]
struct Fuse {
    at: u64,
    how: Break,
    count: Arc<AtomicU64>,
    cancel: Cancel,
}

/// The memory source as a target that breaks at its `at`-th write (from 1; a commit counts as one).
pub struct Faulty {
    inner: MemorySource,
    fuse: Fuse,
}

impl Faulty {
    pub fn new(inner: &MemorySource, at: u64, how: Break, cancel: &Cancel) -> Self {
        let fuse = Fuse {
            at,
            how,
            count: Arc::default(),
            cancel: cancel.clone(),
        };
        Self {
            inner: inner.clone(),
            fuse,
        }
    }

    pub fn fired(&self) -> bool {
        self.fuse.count.load(Ordering::Relaxed) >= self.fuse.at
    }
}

impl Fuse {
    fn through<T>(&self, write: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.count.fetch_add(1, Ordering::Relaxed) + 1 != self.at {
            return write();
        }
        match self.how {
            Break::Error(kind) => Err(SourceError::new(kind, "the target", "broke by script")),
            Break::DieBefore => std::panic::resume_unwind(Box::new("died by script")),
            Break::DieAfter => {
                let _ = write();
                std::panic::resume_unwind(Box::new("died by script"))
            }
            Break::Cancel => {
                let done = write();
                self.cancel.cancel();
                done
            }
        }
    }
}

struct Records(Box<dyn RecordWriter>, Fuse);

impl RecordWriter for Records {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        self.1.through(|| self.0.write(collection, step, expect))
    }
    fn commit(&mut self) -> Result<()> {
        self.1.through(|| self.0.commit())
    }
}

struct Files(Box<dyn FileWriter>, Fuse);

impl FileWriter for Files {
    fn put(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written> {
        self.1.through(|| self.0.put(entry, content, expect))
    }
    fn put_beside(&mut self, entry: &FileEntry, content: &mut dyn Read) -> Result<Written> {
        self.1.through(|| self.0.put_beside(entry, content))
    }
    fn remove(&mut self, path: &str, expect: Expect) -> Result<Written> {
        self.1.through(|| self.0.remove(path, expect))
    }
    fn finish(&mut self) -> Result<()> {
        self.1.through(|| self.0.finish())
    }
}

impl Source for Faulty {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.inner.probe(cancel)
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        self.inner.changes(cursor, sink)
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        self.inner.live_records(cancel)
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.inner.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.inner.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Ok(Box::new(Records(
            self.inner.record_writer(schema, cancel)?,
            self.fuse.clone(),
        )))
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(Files(self.inner.file_writer(cancel)?, self.fuse.clone())))
    }
}
