//! The connector and its source, as the contract wants them.

use std::{path::Path, sync::Arc};

use backstay_model::{Capabilities, ConsistentSnapshot, RawJson, SnapshotMeta, TargetSpec};
use backstay_source::{
    Cancel, Connector, FileView, FileWriter, OptionSpec, Outcome, Probe, RecordView, RecordWriter, Result, Secrets, Sink, Source,
    SourceConfig,
};

use crate::{
    client::Print,
    config::{Config, OPTIONS},
    list::{Survey, has_database},
    read::{LiveFiles, Run, records},
    write::{Files, RowWriter},
};

/// The kind of source: SQLite files and LiveStore workspaces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sqlite;

impl Connector for Sqlite {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn title(&self) -> &'static str {
        "SQLite and LiveStore"
    }

    fn summary(&self) -> &'static str {
        "One SQLite database, or all databases and LiveStore workspaces in a folder, also while programs write to them"
    }

    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }

    fn version(&self) -> u32 {
        1
    }

    fn open(&self, config: &SourceConfig, _secrets: &dyn Secrets) -> Result<Arc<dyn Source>> {
        let config = Arc::new(Config::read(config)?);
        Ok(Arc::new(Workspaces { config }))
    }

    fn offers(&self, path: &Path) -> Option<serde_json::Map<String, serde_json::Value>> {
        let text = path.to_str().filter(|_| has_database(path))?;
        Some([("path".to_owned(), text.into())].into_iter().collect())
    }

    fn stored_records(&self, files: Arc<dyn FileView>, meta: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>> {
        Ok(Some(Box::new(records::stored(&files, meta)?)))
    }
}

/// One source: a file, or a folder of them.
struct Workspaces {
    config: Arc<Config>,
}

impl Source for Workspaces {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            records: true,
            files: true,
            create: true,
            update: true,
            delete: true,
            transactions: true,
            consistent: ConsistentSnapshot::PerFile,
            ..Capabilities::default()
        }
    }

    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        let survey = Survey::take(&self.config, cancel, |_| None)?;
        let mut probe = Probe {
            version: Some(format!("SQLite {}", rusqlite::version())),
            bytes: Some(0),
            ..Probe::default()
        };
        for found in &survey.listing.found {
            match Print::take(&found.path) {
                Ok((print, _)) => {
                    let bytes = print.main.size + print.wal.as_ref().map_or(0, |w| w.size);
                    probe.found.push(format!("{} ({bytes} bytes)", found.rel));
                    probe.bytes = probe.bytes.map(|sum| sum + bytes);
                }
                Err(e) if survey.listing.folder => probe.warnings.push(e.to_string()),
                Err(e) => return Err(e.into()),
            }
        }
        probe
            .warnings
            .extend(survey.listing.gaps.iter().map(|g| format!("{} {}", g.subject, g.message)));
        if survey.listing.found.is_empty() {
            let path = self.config.path.display();
            probe
                .warnings
                .push(format!("{path} holds no databases (*.db, *.sqlite, *.sqlite3)"));
        }
        Ok(probe)
    }

    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        Run::new(&self.config, cursor, sink)?.go()
    }

    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(Some(Box::new(records::live(&self.config, cancel)?)))
    }

    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(Some(Arc::new(LiveFiles::new(self.config.clone(), cancel.clone()))))
    }

    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        let config = match target {
            TargetSpec::InPlace | TargetSpec::Source(_) => self.config.clone(),
            TargetSpec::New(path) => Arc::new(self.config.elsewhere(path.into())),
        };
        Ok(Arc::new(Self { config }))
    }

    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Ok(Box::new(RowWriter::new(self.config.clone(), schema, cancel.clone())?))
    }

    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(Files::new(self.config.clone(), cancel.clone())))
    }
}
