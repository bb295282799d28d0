//! One server, or some of its databases, as a source; its parts are in the modules for reading and writing.

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::{Capabilities, ConsistentSnapshot, ErrorKind, RawJson, TargetSpec};
use backstay_source::{
    Cancel, Conflicts, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Secrets, Sink, Source,
    SourceConfig, SourceError,
};

use crate::{
    client::Server,
    config::CouchConfig,
    conflicts::CouchConflicts,
    convert::Names,
    place,
    read::{self, LiveView},
    write::{WriteOptions, Writer},
};

/// A server with the databases its settings choose, or a place where these go by other names.
pub(crate) struct CouchSource {
    server: Server,
    config: CouchConfig,
    names: Names,
    /// How a restore writes here.
    options: WriteOptions,
    /// It was asked for as the target of a restore, which may hold databases that are not chosen.
    target: bool,
    conflicts: CouchConflicts,
}

impl CouchSource {
    /// Understands the settings; the server is not asked yet.
    pub(crate) fn open(config: &SourceConfig, secrets: &dyn Secrets) -> Result<Self> {
        let config = CouchConfig::read(config, secrets)?;
        let server = Server::new(&config)?;
        Ok(Self::new(server, config, Names::Same, None))
    }

    fn new(server: Server, config: CouchConfig, names: Names, options: Option<WriteOptions>) -> Self {
        Self {
            conflicts: CouchConflicts::new(&server, &names),
            server,
            config,
            names,
            target: options.is_some(),
            options: options.unwrap_or_default(),
        }
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

    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        read::probe(&self.server, &self.config, cancel)
    }

    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        read::run(&self.server, &self.config, cursor, sink)
    }

    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        cancel.check()?;
        Ok(Some(Box::new(LiveView::new(
            &self.server,
            &self.config,
            &self.names,
            self.options,
            self.target,
            cancel,
        ))))
    }

    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }

    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.at_with(target, &BTreeMap::new())
    }

    fn at_with(&self, target: &TargetSpec, options: &BTreeMap<String, String>) -> Result<Arc<dyn Source>> {
        let (config, names) = place::find(&self.config, target)?;
        let server = if config.url == self.config.url {
            self.server.clone()
        } else {
            Server::new(&config)?
        };
        Ok(Arc::new(Self::new(server, config, names, Some(WriteOptions::read(options)?))))
    }

    fn conflicts(&self) -> Option<&dyn Conflicts> {
        Some(&self.conflicts)
    }

    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        let server = self.server.with_cancel(cancel);
        Ok(Box::new(Writer::open(&server, &self.names, self.options, schema)?))
    }

    fn file_writer(&self, _: &Cancel) -> Result<Box<dyn FileWriter>> {
        Err(SourceError::new(ErrorKind::Unsupported, "CouchDB", "has no files"))
    }
}
