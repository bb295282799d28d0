//! A kind of source, and one source of that kind.

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc};

use backstay_model::{Capabilities, ContentHash, ContentHasher, ErrorKind, RawJson, SnapshotMeta, TargetSpec};
use serde::{Deserialize, Serialize};

use crate::{
    Cancel, Conflicts, FileView, FileWriter, ForeignFiles, Outcome, RecordView, RecordWriter, Replicator, Result, Selector, Sink,
    SourceError,
};

/// A kind of source (`sqlite`, `folder`, …). The registry lists one value of each.
pub trait Connector: Send + Sync {
    /// Short name, used in commands and metadata.
    fn kind(&self) -> &'static str;
    /// Name for people.
    fn title(&self) -> &'static str;
    /// What it protects, in a sentence.
    fn summary(&self) -> &'static str;
    /// The settings a source of this kind has; command line and window are built from them.
    fn options(&self) -> &'static [OptionSpec];
    /// Version of the connector's conventions, kept in snapshots.
    fn version(&self) -> u32;

    /// How a restore into a source of this kind can be told to write ([`Source::at_with`]). No secrets.
    fn restore_options(&self) -> &'static [OptionSpec] {
        &[]
    }

    /// Understands a question in the kind's own language.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when it cannot be understood, [`ErrorKind::Unsupported`] when the kind has no such language.
    fn selector(&self, text: &str) -> Result<Box<dyn Selector>> {
        let _ = text;
        Err(SourceError::new(
            ErrorKind::Unsupported,
            self.title(),
            "sources have no language to choose records with",
        ))
    }

    /// Replication between two sources of this kind; `None` when it has none.
    fn replicator(&self) -> Option<&dyn Replicator> {
        None
    }

    /// Files of other programs that hold what this kind of source protects; `None` when there are none.
    fn foreign(&self) -> Option<&dyn ForeignFiles> {
        None
    }

    /// Makes a source from its settings. Looks at the settings only: what they point to is looked at by
    /// [`Source::probe`].
    ///
    /// # Errors
    /// [`backstay_model::ErrorKind::Usage`] for settings that make no sense.
    fn open(&self, config: &SourceConfig, secrets: &dyn Secrets) -> Result<Arc<dyn Source>>;

    /// Records that are not stored as runs but read on demand from the files of a snapshot (SQLite tables).
    /// `None` when this kind has no such records.
    ///
    /// # Errors
    /// When the stored files cannot be understood.
    fn stored_records(&self, files: Arc<dyn FileView>, meta: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>>;

    /// The settings with which a source of this kind would protect what lies at `path`; `None` when it is nothing for this
    /// kind. Asked about anything a person drops on the window, so it looks briefly and changes nothing. Connectors are asked in
    /// the registry's order, the more special ones first.
    fn offers(&self, path: &Path) -> Option<serde_json::Map<String, serde_json::Value>> {
        let _ = path;
        None
    }

    /// Identity of a file's content: equal for a live file, its stored copy and what a restore makes of it, even where a
    /// consistent copy differs in bytes that are no content (change counters in a database's header).
    /// [`FileView::hash`] of this kind's live files must agree with it.
    ///
    /// # Errors
    /// When `content` cannot be read.
    fn file_hash(&self, content: &mut dyn Read) -> Result<ContentHash> {
        let mut hasher = ContentHasher::default();
        std::io::copy(content, &mut hasher).map_err(|error| SourceError::io("the file", error))?;
        Ok(hasher.finish())
    }
}

/// One setting of a kind of source.
#[derive(Debug, Clone, Copy, Serialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct OptionSpec {
    /// Name, also of the command-line option (`path`, `exclude`).
    pub name: &'static str,
    /// What its value is called in help texts.
    pub value: &'static str,
    /// What it means, in a sentence.
    pub help: &'static str,
    /// Must be given.
    pub required: bool,
    /// May be given several times (then a JSON list).
    pub multiple: bool,
    /// Takes no value (then JSON `true`).
    pub flag: bool,
    /// Goes into the keychain, never into the state database.
    pub secret: bool,
    /// Its value is a path on this computer.
    pub path: bool,
    /// The values it can have; empty: any.
    pub choices: &'static [&'static str],
}

impl OptionSpec {
    /// An optional text without a name, to build others from.
    pub const TEXT: Self = Self {
        name: "",
        value: "",
        help: "",
        required: false,
        multiple: false,
        flag: false,
        secret: false,
        path: false,
        choices: &[],
    };
}

/// Name, id and settings of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct SourceConfig {
    /// Stable id of the source.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its settings: an object whose members are named as in [`Connector::options`].
    #[ts(type = "unknown")]
    pub options: serde_json::Value,
}

impl SourceConfig {
    /// The text of the option `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.as_str()
    }

    /// The texts of the repeatable option `name`; a single text counts as one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.options.get(name) {
            Some(serde_json::Value::Array(items)) => items.iter().filter_map(|v| v.as_str()).collect(),
            Some(serde_json::Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// Whether the flag `name` is set.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.options.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false)
    }
}

/// Where connectors get secrets from, when they need them.
pub trait Secrets: Sync {
    /// The secret option `name` of the source `id`.
    ///
    /// # Errors
    /// When the keychain cannot be read.
    fn get(&self, id: &str, name: &str) -> Result<Option<String>>;
}

/// What a probe found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct Probe {
    /// Version of the service, library or format, in its words.
    pub version: Option<String>,
    /// What can be reached, by name (workspaces, databases, top folders), with a size or count in words.
    pub found: Vec<String>,
    /// What can be reached and chosen one by one, where the kind has settings for that.
    #[serde(default)]
    pub parts: Vec<ProbePart>,
    /// Bytes a first backup would read, if known.
    pub bytes: Option<u64>,
    /// Things the person should know before relying on it.
    pub warnings: Vec<String>,
}

/// Something that can be reached and chosen by itself: a database of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct ProbePart {
    /// Its name, as the settings take it.
    pub name: String,
    /// Number of records, if the source tells it.
    pub records: Option<u64>,
    /// Size in bytes, if the source tells it.
    pub bytes: Option<u64>,
    /// The settings choose it.
    pub chosen: bool,
    /// Why it cannot be read, in a sentence.
    pub problem: Option<String>,
}

/// One source: something that is protected.
pub trait Source: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Tests credentials and reach, without changing anything.
    ///
    /// # Errors
    /// When the source cannot be reached or read at all.
    fn probe(&self, cancel: &Cancel) -> Result<Probe>;

    /// Streams what there is (or, with a change feed and a cursor, what changed) into `sink`. Things that cannot be read are
    /// reported with [`Sink::gap`] and the rest goes on; an error means that nothing usable came.
    ///
    /// # Errors
    /// When the source as a whole cannot be read, the sink failed, or the job was cancelled.
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome>;

    /// The live records; `None` when the source has none.
    ///
    /// # Errors
    /// When the source cannot be reached.
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>>;

    /// The live files; `None` when the source has none.
    ///
    /// # Errors
    /// When the source cannot be reached.
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>>;

    /// Looks at another place as if it were this source: what lies at `target`. A place that does not exist has
    /// empty views.
    ///
    /// # Errors
    /// When the target cannot be read, or makes no sense for this kind of source.
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>>;

    /// [`Source::at`] with values for the kind's [`Connector::restore_options`] (`true` for flags): live views of it weigh
    /// records, and writers of it write them, by these.
    ///
    /// # Errors
    /// As [`Source::at`]; [`ErrorKind::Usage`] for an option the kind does not have.
    fn at_with(&self, target: &TargetSpec, options: &BTreeMap<String, String>) -> Result<Arc<dyn Source>> {
        match options.keys().next() {
            None => self.at(target),
            Some(name) => Err(SourceError::new(
                ErrorKind::Usage,
                name,
                "is no option of a restore into this kind of source",
            )),
        }
    }

    /// Records with several versions at once; `None` when the kind has no such thing.
    fn conflicts(&self) -> Option<&dyn Conflicts> {
        None
    }

    /// Opens the source for writing records. `schema` is the view the records come from: a new place takes its tables
    /// from there.
    ///
    /// # Errors
    /// When the source cannot be written, or does not take records.
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>>;

    /// Opens the source for writing files.
    ///
    /// # Errors
    /// When the source cannot be written, or does not take files.
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>>;
}
