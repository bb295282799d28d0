//! A kind of source as a service has it: places are names, records can have several versions, collections can be replicated.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use backstay_api::{Connector, OptionSpec};
use backstay_model::{Capabilities, ContentHash, ErrorKind, Gap, RawJson, Record, SnapshotMeta, TargetSpec};
use backstay_source::{
    Cancel, ConflictPage, Conflicts, Endpoint, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Replication,
    ReplicationProgress, ReplicationWatch, Replicator, Result, Secrets, ServerReplication, Sink, Source, SourceConfig,
    SourceError, Via, Written,
};
use backstay_source_kit::MemorySource;
use serde_json::{Value, json};

/// What all sources of the kind share.
#[derive(Default)]
pub struct Shared {
    memory: Mutex<BTreeMap<String, MemorySource>>,
    /// The options restores wrote with.
    pub options: Mutex<Vec<BTreeMap<String, String>>>,
    /// The other end of replications is out of reach.
    pub down: AtomicBool,
    /// Replications that run at this moment, and the most at once.
    pub running: AtomicU64,
    /// How often a replication began.
    pub begun: AtomicU64,
    /// Ids the service was told to stop.
    pub stopped: Mutex<Vec<String>>,
}

impl Shared {
    pub fn at(&self, url: &str) -> MemorySource {
        self.memory.lock().unwrap().entry(url.to_owned()).or_default().clone()
    }

    pub fn put(&self, url: &str, id: &str, data: Value) {
        self.at(url).put_record("c", record(id, &data));
    }

    pub fn ids(&self, url: &str) -> Vec<String> {
        let now = self.at(url).now();
        now.collections
            .get("c")
            .map(|c| c.records.keys().cloned().collect())
            .unwrap_or_default()
    }
}

fn record(id: &str, data: &Value) -> Record {
    let rev = data["_rev"].as_str().map(ToOwned::to_owned);
    Record {
        rev,
        ..Record::new(id, RawJson::from_value(data).unwrap())
    }
}

/// The kind.
#[derive(Default)]
pub struct Twin(pub Arc<Shared>);

const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "url",
        required: true,
        ..OptionSpec::TEXT
    },
    OptionSpec {
        name: "password",
        secret: true,
        ..OptionSpec::TEXT
    },
];

const HOW: &[OptionSpec] = &[
    OptionSpec {
        name: "how",
        choices: &["same", "new"],
        ..OptionSpec::TEXT
    },
    OptionSpec {
        name: "loud",
        flag: true,
        ..OptionSpec::TEXT
    },
];

impl Connector for Twin {
    fn kind(&self) -> &'static str {
        "twin"
    }
    fn title(&self) -> &'static str {
        "Twin"
    }
    fn summary(&self) -> &'static str {
        "Services a test made up"
    }
    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }
    fn restore_options(&self) -> &'static [OptionSpec] {
        HOW
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, config: &SourceConfig, _: &dyn Secrets) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(TwinSource {
            memory: self.0.at(config.text("url").unwrap_or_default()),
            shared: self.0.clone(),
        }))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn replicator(&self) -> Option<&dyn Replicator> {
        Some(self)
    }
}

struct TwinSource {
    memory: MemorySource,
    shared: Arc<Shared>,
}

impl Source for TwinSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            conflicts: true,
            replicates: true,
            ..self.memory.capabilities()
        }
    }
    fn probe(&self, _: &Cancel) -> Result<Probe> {
        Ok(Probe::default())
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        self.memory.changes(cursor, sink)
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        self.memory.live_records(cancel)
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.at_with(target, &BTreeMap::new())
    }
    fn at_with(&self, target: &TargetSpec, options: &BTreeMap<String, String>) -> Result<Arc<dyn Source>> {
        self.shared.options.lock().unwrap().push(options.clone());
        let memory = match target {
            TargetSpec::New(name) => {
                assert!(!name.starts_with('/'), "a name was made a path: {name}");
                self.shared.at(name)
            }
            _ => self.memory.clone(),
        };
        Ok(Arc::new(Self {
            memory,
            shared: self.shared.clone(),
        }))
    }
    fn conflicts(&self) -> Option<&dyn Conflicts> {
        Some(self)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        self.memory.record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.memory.file_writer(cancel)
    }
}

fn versions_of(whole: &Record) -> Vec<Record> {
    let mut data = whole.data.value().unwrap();
    let others = data.as_object_mut().unwrap().shift_remove("_conflicts");
    let others = others.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    std::iter::once(&data)
        .chain(&others)
        .map(|one| record(&whole.id, one))
        .collect()
}

impl Conflicts for TwinSource {
    fn list(&self, collection: &str, after: Option<&str>, limit: usize, _: &Cancel) -> Result<ConflictPage> {
        let now = self.memory.now();
        let missing = || SourceError::new(ErrorKind::NotFound, collection, "does not exist");
        let records = &now.collections.get(collection).ok_or_else(missing)?.records;
        let mut torn: Vec<(Record, u64)> = records
            .values()
            .filter(|record| after.is_none_or(|after| record.id.as_str() > after))
            .map(|record| (record.clone(), versions_of(record).len() as u64))
            .filter(|(_, versions)| *versions > 1)
            .collect();
        let more = torn.len() > limit;
        torn.truncate(limit);
        let next = torn.last().filter(|_| more).map(|(record, _)| record.id.clone());
        Ok(ConflictPage { found: torn, next })
    }
    fn own_fields(&self) -> &'static [&'static str] {
        &["_rev", "_conflicts"]
    }
    fn versions(&self, collection: &str, id: &str) -> Result<Vec<Record>> {
        let now = self.memory.now();
        Ok(now
            .collections
            .get(collection)
            .and_then(|c| c.records.get(id))
            .map(versions_of)
            .unwrap_or_default())
    }
    fn settle(&self, collection: &str, id: &str, data: &RawJson, _: &str, expect: ContentHash) -> Result<Written> {
        let now = self.memory.now();
        let live = &now.collections[collection].records[id];
        if live.hash != expect {
            return Err(SourceError::new(ErrorKind::Changed, id, "was changed meanwhile"));
        }
        let mut data = data.value().unwrap();
        data["_rev"] = json!("9-settled");
        let settled = record(id, &data);
        let hash = settled.hash;
        self.memory.put_record(collection, settled);
        Ok(Written {
            new_id: None,
            hash: Some(hash),
        })
    }
}

impl Replicator for Twin {
    fn replicate(
        &self,
        from: &Endpoint<'_>,
        to: &Endpoint<'_>,
        what: &Replication,
        watch: &dyn ReplicationWatch,
    ) -> Result<ReplicationProgress> {
        if what.via == Via::Server {
            return Err(SourceError::new(
                ErrorKind::Unsupported,
                "the service",
                "does not replicate by itself",
            ));
        }
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        if self.0.down.load(Ordering::SeqCst) {
            return Err(SourceError::new(ErrorKind::Unreachable, "the service", "does not answer"));
        }
        assert_eq!(self.0.running.fetch_add(1, Ordering::SeqCst), 0, "the same twice");
        let (reads, writes) = (
            self.0.at(from.config.text("url").unwrap()),
            self.0.at(to.config.text("url").unwrap()),
        );
        let mut progress = ReplicationProgress {
            via: Via::Here,
            ..ReplicationProgress::default()
        };
        loop {
            for record in reads.now().collections[from.collection].records.values() {
                let there = writes
                    .now()
                    .collections
                    .get(to.collection)
                    .is_some_and(|c| c.records.contains_key(&record.id));
                if there {
                    continue;
                }
                progress.checked += 1;
                if record.id == "bad" {
                    if progress.failed == 0 {
                        progress.failed = 1;
                        watch.gap(Gap {
                            subject: format!("{}/bad", to.collection),
                            kind: ErrorKind::Refused,
                            message: "was refused".to_owned(),
                        });
                    }
                } else {
                    progress.written += 1;
                    writes.put_record(to.collection, record.clone());
                }
            }
            progress.idle = true;
            watch.progress(&progress);
            if !what.continuous || watch.cancel().is_cancelled() || self.0.down.load(Ordering::SeqCst) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        if self.0.down.load(Ordering::SeqCst) {
            return Err(SourceError::new(ErrorKind::Unreachable, "the service", "does not answer"));
        }
        Ok(progress)
    }

    fn on_server(&self, at: &SourceConfig, _: &dyn Secrets) -> Result<Vec<ServerReplication>> {
        if at.text("url") == Some("mute") {
            return Err(SourceError::new(ErrorKind::Unreachable, "mute", "does not answer"));
        }
        Ok(vec![ServerReplication {
            id: "own".to_owned(),
            from: "a".to_owned(),
            to: "b".to_owned(),
            continuous: true,
            state: "running".to_owned(),
            ..ServerReplication::default()
        }])
    }

    fn stop_on_server(&self, _: &SourceConfig, _: &dyn Secrets, id: &str) -> Result<()> {
        self.0.stopped.lock().unwrap().push(id.to_owned());
        Ok(())
    }
}
