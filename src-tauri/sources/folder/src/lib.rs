//! Plain folders of files as a source.
//!
//! A backup walks the folder and gives every file, directory and link below it to the engine; what cannot be read, or
//! changed while it was read, is named. A restore writes files whole or not at all and never through a link. What a user or
//! the next developer should know about the edges is in `QUIRKS.md`.
//!
//! Content hashes of what is no file ([`backstay_source::FileView::hash`], [`backstay_source::Expect::Content`]): a link has
//! the hash of its (escaped) text, a directory the hash of nothing.

mod client;
mod config;
mod convert;
mod error;
mod list;
mod read;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_model::{Capabilities, ConsistentSnapshot, RawJson, SnapshotMeta, TargetSpec};
use backstay_source::{
    Cancel, Connector, FileView, FileWriter, OptionSpec, Outcome, Probe, RecordView, RecordWriter, Result, Secrets, Sink, Source,
    SourceConfig,
};

pub use config::{FolderConfig, OPTIONS};
pub use error::FolderError;

use self::{
    list::{Lister, Rules},
    read::LiveFiles,
    write::FolderWriter,
};

/// The kind `folder`.
#[derive(Debug, Clone, Copy, Default)]
pub struct FolderConnector;

impl Connector for FolderConnector {
    fn kind(&self) -> &'static str {
        "folder"
    }

    fn title(&self) -> &'static str {
        "Folder"
    }

    fn summary(&self) -> &'static str {
        "Any folder of files, with everything below it that is not excluded."
    }

    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }

    fn version(&self) -> u32 {
        1
    }

    fn open(&self, config: &SourceConfig, _secrets: &dyn Secrets) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(FolderSource::new(FolderConfig::from_source(config)?)?))
    }

    fn offers(&self, path: &Path) -> Option<serde_json::Map<String, serde_json::Value>> {
        let text = path.to_str().filter(|_| path.is_dir())?;
        Some([("path".to_owned(), text.into())].into_iter().collect())
    }

    fn stored_records(&self, _files: Arc<dyn FileView>, _meta: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

/// One folder.
#[derive(Debug, Clone)]
pub struct FolderSource {
    config: Arc<FolderConfig>,
}

impl FolderSource {
    /// A folder with settings.
    ///
    /// # Errors
    /// [`FolderError::BadPattern`]. The folder itself, and the exclude-file, are not looked at yet.
    pub fn new(config: FolderConfig) -> std::result::Result<Self, FolderError> {
        Rules::of_settings(&config)?;
        Ok(Self {
            config: Arc::new(config),
        })
    }

    fn rules(&self) -> std::result::Result<Arc<Rules>, FolderError> {
        Rules::load(&self.config).map(Arc::new)
    }
}

impl Source for FolderSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            files: true,
            create: true,
            update: true,
            delete: true,
            consistent: ConsistentSnapshot::PerItem,
            ..Capabilities::default()
        }
    }

    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        read::probe(&self.config, &self.rules()?, cancel)
    }

    fn changes(&self, _cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let lister = Lister::new(Arc::clone(&self.config), self.rules()?, sink.cancel().clone());
        read::run(lister, sink)?;
        Ok(Outcome::default())
    }

    fn live_records(&self, _cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }

    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(Some(Arc::new(LiveFiles {
            config: Arc::clone(&self.config),
            rules: self.rules()?,
            cancel: cancel.clone(),
        })))
    }

    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        let TargetSpec::New(path) = target else {
            return Ok(Arc::new(self.clone()));
        };
        // Used at once, so that it may be relative to where the person stands.
        let root = std::path::absolute(PathBuf::from(path)).map_err(|_| FolderError::NoPath)?;
        Ok(Arc::new(Self::new(FolderConfig::elsewhere(root))?))
    }

    fn record_writer(&self, _schema: &dyn RecordView, _cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        let path = self.config.root.display().to_string();
        let what = "is a folder of files and takes no records";
        Err(FolderError::Unsupported { path, what }.into())
    }

    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(FolderWriter::open(self.config.root.clone(), cancel.clone())?))
    }
}
