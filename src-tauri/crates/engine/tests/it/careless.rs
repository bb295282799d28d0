//! A place on this computer that takes records, and loses one and garbles another without a word.

use std::sync::Arc;

use backstay_model::{Capabilities, RawJson, Record, SnapshotMeta, TargetSpec};
use backstay_source::{
    Cancel, Connector, Expect, FileView, FileWriter, OptionSpec, Outcome, Probe, RecordView, RecordWriter, Result, Secrets, Sink,
    Source, SourceConfig, WriteStep, Written,
};
use backstay_source_kit::MemorySource;

use crate::bench::json;

/// The connector and its source; careless if told so.
pub struct Careless(pub MemorySource, pub bool);

impl Connector for Careless {
    fn kind(&self) -> &'static str {
        "memory"
    }
    fn title(&self) -> &'static str {
        "Careless"
    }
    fn summary(&self) -> &'static str {
        "Says that it wrote"
    }
    fn options(&self) -> &'static [OptionSpec] {
        &[OptionSpec {
            name: "path",
            value: "DIR",
            help: "A place.",
            required: true,
            multiple: false,
            flag: false,
            secret: false,
            path: true,
            choices: &[],
        }]
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, _: &SourceConfig, _: &dyn Secrets) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(Self(self.0.clone(), self.1)))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

impl Source for Careless {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.0.probe(cancel)
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        self.0.changes(cursor, sink)
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        self.0.live_records(cancel)
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.0.live_files(cancel)
    }
    fn at(&self, _: &TargetSpec) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(Self(MemorySource::default(), self.1)))
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Ok(Box::new(Loses(self.0.record_writer(schema, cancel)?, self.1)))
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.0.file_writer(cancel)
    }
}

struct Loses(Box<dyn RecordWriter>, bool);

impl RecordWriter for Loses {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        let WriteStep::Create(record) = step else {
            return self.0.write(collection, step, expect);
        };
        match record.id.as_str() {
            "n0007" if self.1 => Ok(Written {
                new_id: None,
                hash: Some(record.hash),
            }),
            "n0008" if self.1 => {
                let other = Record::new("n0008", json("8"));
                self.0.write(collection, &WriteStep::Create(other), expect)
            }
            _ => self.0.write(collection, step, expect),
        }
    }
    fn commit(&mut self) -> Result<()> {
        self.0.commit()
    }
}
