//! The kind of source, as the registry lists it.

use std::sync::Arc;

use backstay_model::SnapshotMeta;
use backstay_source::{
    Connector, FileView, ForeignFiles, OptionSpec, RecordView, Replicator, Result, Secrets, Selector, Source, SourceConfig,
};

use crate::{config, foreign::Files, replicate::Protocol, select, source::CouchSource, write};

/// CouchDB databases.
#[derive(Debug, Clone, Copy, Default)]
pub struct CouchDb;

impl Connector for CouchDb {
    fn kind(&self) -> &'static str {
        "couchdb"
    }
    fn title(&self) -> &'static str {
        "CouchDB"
    }
    fn summary(&self) -> &'static str {
        "Databases of a CouchDB, Cloudant or PouchDB server: documents with all revisions in conflict, attachments, design documents and settings."
    }
    fn options(&self) -> &'static [OptionSpec] {
        config::OPTIONS
    }
    fn restore_options(&self) -> &'static [OptionSpec] {
        write::OPTIONS
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, config: &SourceConfig, secrets: &dyn Secrets) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(CouchSource::open(config, secrets)?))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn selector(&self, text: &str) -> Result<Box<dyn Selector>> {
        select::parse(text)
    }
    fn replicator(&self) -> Option<&dyn Replicator> {
        Some(&Protocol)
    }
    fn foreign(&self) -> Option<&dyn ForeignFiles> {
        Some(&Files)
    }
}
