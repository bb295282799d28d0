//! One server, or some of its databases, as a source; its parts are in the modules for reading and writing.

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::{Capabilities, ConsistentSnapshot, ErrorKind, RawJson, TargetSpec};
use backstay_source::{
    Cancel, Conflicts, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Secrets, Sink, Source,
    SourceConfig, SourceError,
};

/// A server with the databases its settings choose.
pub(crate) struct CouchSource {}

fn soon<T>() -> Result<T> {
    Err(SourceError::new(ErrorKind::Unsupported, "CouchDB", "is being built"))
}

impl CouchSource {
    /// Understands the settings; the server is not asked yet.
    pub(crate) fn open(_: &SourceConfig, _: &dyn Secrets) -> Result<Self> {
        Ok(Self {})
    }
}

impl Source for CouchSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            records: true,
            change_feed: true,
            attachments: true,
            create: true,
            update: true,
            delete: true,
            conflicts: true,
            replicates: true,
            selectors: true,
            consistent: ConsistentSnapshot::PerItem,
            ..Capabilities::default()
        }
    }
    fn probe(&self, _: &Cancel) -> Result<Probe> {
        soon()
    }
    fn changes(&self, _: Option<&RawJson>, _: &dyn Sink) -> Result<Outcome> {
        soon()
    }
    fn live_records(&self, _: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        soon()
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.at_with(target, &BTreeMap::new())
    }
    fn at_with(&self, _: &TargetSpec, _: &BTreeMap<String, String>) -> Result<Arc<dyn Source>> {
        soon()
    }
    fn conflicts(&self) -> Option<&dyn Conflicts> {
        None
    }
    fn record_writer(&self, _: &dyn RecordView, _: &Cancel) -> Result<Box<dyn RecordWriter>> {
        soon()
    }
    fn file_writer(&self, _: &Cancel) -> Result<Box<dyn FileWriter>> {
        Err(SourceError::new(ErrorKind::Unsupported, "CouchDB", "has no files"))
    }
}
