//! The memory source as a service: it counts what it is asked, has an opinion about what comes back, and can be told what to give.

use std::{
    io::Read,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_model::{AssetRef, Capabilities, Collection, RawJson, Record, TargetSpec};
use backstay_source::{
    Cancel, Expect, FileView, FileWriter, Outcome, Planned, Probe, RecordView, RecordWriter, Result, Sink, Source, Weighed,
    WriteStep, Written,
};
use backstay_source_kit::MemorySource;

/// What was asked.
#[derive(Default)]
pub struct Asked {
    pub one: AtomicU64,
    pub many: AtomicU64,
    pub weighed: AtomicU64,
    /// Sizes of the batches written.
    pub written: Mutex<Vec<usize>>,
    pub undoes: AtomicU64,
}

pub type Weigh = fn(&Record, Option<&Record>) -> Weighed;
pub type Differs = fn(&Record, &Record) -> Option<String>;

/// A service around a memory source.
pub struct Service {
    pub inner: MemorySource,
    pub asked: Arc<Asked>,
    pub weigh: Weigh,
    pub differs: Differs,
}

fn by_hash(backup: &Record, live: Option<&Record>) -> Weighed {
    Weighed {
        same: live.is_some_and(|live| live.hash == backup.hash),
        ..Weighed::default()
    }
}

impl Service {
    pub fn new(inner: &MemorySource) -> Self {
        Self {
            inner: inner.clone(),
            asked: Arc::default(),
            weigh: by_hash,
            differs: |backup, live| (live.hash != backup.hash).then(|| "is other".to_owned()),
        }
    }
}

struct View {
    inner: Box<dyn RecordView>,
    asked: Arc<Asked>,
    weigh: Weigh,
    differs: Differs,
}

impl RecordView for View {
    fn collections(&self) -> Result<Vec<Collection>> {
        self.inner.collections()
    }
    fn count(&self, collection: &str) -> Result<u64> {
        self.inner.count(collection)
    }
    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.asked.one.fetch_add(1, Ordering::Relaxed);
        self.inner.get(collection, id)
    }
    fn get_many(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        self.asked.many.fetch_add(1, Ordering::Relaxed);
        self.inner.get_many(collection, ids)
    }
    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        self.inner.page(collection, offset, limit)
    }
    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        self.inner.scan(collection, after)
    }
    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        self.inner.open_asset(collection, record, asset)
    }
    fn weigh(&self, _: &str, backup: &Record, live: Option<&Record>) -> Result<Weighed> {
        self.asked.weighed.fetch_add(1, Ordering::Relaxed);
        assert!(
            live.is_none_or(|live| live.hash != backup.hash),
            "asked about what is the same"
        );
        Ok((self.weigh)(backup, live))
    }
    fn differs(&self, _: &str, backup: &Record, live: &Record) -> Result<Option<String>> {
        Ok((self.differs)(backup, live))
    }
}

struct Writer(Box<dyn RecordWriter>, Arc<Asked>);

impl RecordWriter for Writer {
    fn write(&mut self, _: &str, _: &WriteStep, _: Expect) -> Result<Written> {
        panic!("a service is never asked to write one by one")
    }
    fn undoes(&mut self) {
        self.1.undoes.fetch_add(1, Ordering::Relaxed);
        self.0.undoes();
    }
    fn write_many(&mut self, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        self.1.written.lock().unwrap().push(steps.len());
        assert!(steps.iter().all(|step| step.collection == steps[0].collection));
        self.0.write_many(steps, content)
    }
    fn commit(&mut self) -> Result<()> {
        self.0.commit()
    }
}

impl Source for Service {
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
        let inner = self.inner.live_records(cancel)?;
        Ok(inner.map(|inner| {
            Box::new(View {
                inner,
                asked: Arc::clone(&self.asked),
                weigh: self.weigh,
                differs: self.differs,
            }) as Box<dyn RecordView>
        }))
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.inner.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.inner.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        let inner = self.inner.record_writer(schema, cancel)?;
        Ok(Box::new(Writer(inner, Arc::clone(&self.asked))))
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.inner.file_writer(cancel)
    }
}

type Work = Box<dyn Fn(&dyn Sink) -> Result<()> + Send + Sync>;

/// A source that gives what a test says.
pub struct Told(pub Work);

impl Source for Told {
    fn capabilities(&self) -> Capabilities {
        MemorySource::default().capabilities()
    }
    fn probe(&self, _: &Cancel) -> Result<Probe> {
        Ok(Probe::default())
    }
    fn changes(&self, _: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        (self.0)(sink)?;
        Ok(Outcome {
            cursor: None,
            api_version: None,
        })
    }
    fn live_records(&self, _: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, _: &TargetSpec) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(MemorySource::default()))
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        MemorySource::default().record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        MemorySource::default().file_writer(cancel)
    }
}
