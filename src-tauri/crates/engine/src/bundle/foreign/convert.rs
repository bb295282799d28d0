//! A file of another program becomes a bundle: whole or not at all, what is missing in it named.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use backstay_bundle::{BUNDLE_FORMAT, BundleFacts, BundleWriter, Finished, Format, Target};
use backstay_model::{CollectionSummary, ErrorKind, FORMAT_VERSION, RawJson, SnapshotMeta, Stage, Verdict};
use backstay_source::{Connector, ForeignFormat, SourceError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    room::Room,
    sink::{ConvertSink, Taken},
};
use crate::{EngineError, Job, Meter, Result, snapshot::METADATA};

/// Member of `extra` in the metadata of a converted file.
pub const FOREIGN: &str = "foreign";
/// Bytes that stay free on the disk a file is converted to.
pub const RESERVE: u64 = 256 << 20;
/// Begins the ids of sources that are known from files only.
const ID_PREFIX: &str = "file";

/// What is known of a file that was converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignFacts {
    /// The format's short name.
    pub format: String,
    /// The format's name for people.
    pub title: String,
    /// SHA-256 of the file, hexadecimal.
    pub identity: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What the file says about itself, in sentences.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl ForeignFacts {
    /// The facts in the metadata of a bundle; `None` for one that was never anything else.
    #[must_use]
    pub fn of(meta: &SnapshotMeta) -> Option<Self> {
        serde_json::from_slice(meta.extra.get(FOREIGN)?.as_bytes()).ok()
    }
}

/// Everything a conversion needs.
pub struct ConvertInput<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its format.
    pub format: &'static ForeignFormat,
    /// The connector that reads it.
    pub connector: &'a dyn Connector,
    /// SHA-256 of the file, as [`file_identity`] gives it.
    pub identity: &'a str,
    /// The bundle to make.
    pub to: &'a Path,
    /// Bytes to leave free where it is made ([`RESERVE`]).
    pub reserve: u64,
}

/// SHA-256 of a file, hexadecimal: what tells whether it is still the same.
///
/// # Errors
/// When it cannot be read, or the job is cancelled.
pub fn file_identity(path: &Path, job: &Job<'_>) -> Result<String> {
    let failed = |error| SourceError::io(path.display().to_string(), error);
    let meter = Meter::new(job.reporter);
    let mut file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    meter.stage(Stage::Preparing, None, Some(size));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        job.cancel.check()?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex::encode(hasher.finalize())),
            Ok(read) => {
                hasher.update(&buffer[..read]);
                meter.add(0, read as u64, &name);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error).into()),
        }
    }
}

/// Converts the file into a bundle.
///
/// # Errors
/// When the file is damaged, changes meanwhile, there is no room, or the job is cancelled: nothing is left behind.
pub fn convert(input: &ConvertInput<'_>, job: &Job<'_>) -> Result<Finished> {
    let subject = input.path.display().to_string();
    let foreign = input.connector.foreign().ok_or_else(|| EngineError::NoConnector {
        kind: input.connector.kind().to_owned(),
    })?;
    let before = std::fs::metadata(input.path).map_err(|error| SourceError::io(subject.as_str(), error))?;
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Reading, None, Some(before.len()));
    let out = BundleWriter::create(Target {
        path: input.to.to_owned(),
        format: Format::Zip,
        overwrite: true,
    })?;
    let room = Room::new(input.to, input.reserve);
    let spill = super::super::spill::Spill::new().map_err(EngineError::Temp)?;
    let sink = ConvertSink::new(out, &spill, room, job, &meter);
    foreign.read(input.path, input.format, &sink)?;
    let taken = sink.finish()?;
    let after = std::fs::metadata(input.path).map_err(|error| SourceError::io(subject.as_str(), error))?;
    if (before.len(), before.modified().ok()) != (after.len(), after.modified().ok()) {
        return Err(SourceError::new(
            ErrorKind::Changed,
            subject,
            "changed while it was being read. Nothing of it was taken",
        )
        .into());
    }
    meter.stage(Stage::Finishing, None, None);
    job.cancel.check()?;
    let modified = before.modified().map(DateTime::<Utc>::from).unwrap_or(DateTime::UNIX_EPOCH);
    put_away(input, before.len(), modified, taken, job, spill)
}

fn put_away(
    input: &ConvertInput<'_>,
    bytes: u64,
    modified: DateTime<Utc>,
    taken: Taken,
    job: &Job<'_>,
    spill: super::super::spill::Spill,
) -> Result<Finished> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Writing, Some(taken.records), None);
    let mut out = taken.out;
    let store: std::sync::Arc<dyn backstay_records::RunStore> = std::sync::Arc::new(spill);
    let mut collections = Vec::new();
    for (name, path) in &taken.collections {
        job.cancel.check()?;
        let reader = backstay_records::CollectionReader::open(&store, path).map_err(EngineError::Records)?;
        collections.push(super::super::export::put_collection(
            &mut out, name, &reader, job.cancel, &meter,
        )?);
    }
    let facts = ForeignFacts {
        format: input.format.name.to_owned(),
        title: input.format.title.to_owned(),
        identity: input.identity.to_owned(),
        bytes,
        notes: taken.notes,
    };
    let raw = RawJson::from_value(&facts).map_err(|error| EngineError::Unwritable { what: METADATA, error })?;
    let mut meta = SnapshotMeta {
        gaps: taken.gaps,
        assets: taken.assets,
        extra: BTreeMap::from([(FOREIGN.to_owned(), raw)]),
        ..about(input, modified, collections)
    };
    if !meta.gaps.is_empty() {
        meta.verdict = Verdict::Partial;
    }
    BundleFacts {
        format: BUNDLE_FORMAT,
        snapshot: None,
        selection: Vec::new(),
    }
    .put(&mut meta)?;
    Ok(out.finish(&meta)?)
}

/// What the bundle says about itself, as far as nothing is missing.
fn about(input: &ConvertInput<'_>, modified: DateTime<Utc>, collections: Vec<CollectionSummary>) -> SnapshotMeta {
    let name = collections.iter().map(|c| c.name.as_str()).min_by_key(|name| name.len());
    let name = name.map_or_else(|| input.format.name.to_owned(), ToOwned::to_owned);
    let kind = input.connector.kind();
    SnapshotMeta {
        format_version: FORMAT_VERSION,
        program: concat!("backstay ", env!("CARGO_PKG_VERSION")).to_owned(),
        // Files of one name are one history: backups that were made day by day.
        source_id: format!("{ID_PREFIX}-{kind}-{}", backstay_records::slug(&name)),
        source_name: name,
        source_kind: kind.to_owned(),
        connector_version: input.connector.version(),
        api_version: None,
        started: modified,
        finished: modified,
        verdict: Verdict::Complete,
        gaps: Vec::new(),
        collections,
        files: 0,
        file_bytes: 0,
        assets: 0,
        workspaces: Vec::new(),
        cursor: None,
        audit_head: None,
        extra: BTreeMap::new(),
    }
}
