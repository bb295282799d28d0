//! Writing a state into files of other programs: one for each unit (a database with its parts), each whole or not at all.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use backstay_bundle::BundleError;
use backstay_model::{AssetRef, Collection, ErrorKind, Gap, Record, Selection, Stage, Verdict};
use backstay_source::{Connector, ForeignFiles, ForeignFormat, RecordView, SourceError};
use flate2::{Compression, write::GzEncoder};
use tempfile::{Builder, NamedTempFile, TempDir};

use crate::{
    EngineError, Job, Meter, Result, RunsView, State,
    restore::{Ids, pick},
};

/// Ending of files that are compressed.
const PACKED: &str = ".gz";
/// Missing attachments that are named; all are counted.
const NAMED: usize = 10_000;
/// Bytes written at once.
const BUFFER: usize = 256 << 10;

/// Where the files go.
#[derive(Debug, Clone)]
pub struct ForeignTarget {
    /// A file for one unit (compressed when its name ends with `.gz`), a directory for several.
    pub path: PathBuf,
    /// A file that lies there may be replaced.
    pub overwrite: bool,
}

/// Everything an export needs.
pub struct ForeignInput<'a> {
    /// What is written.
    pub state: &'a State,
    /// Its kind.
    pub connector: &'a dyn Connector,
    /// The format.
    pub format: &'static ForeignFormat,
    /// That attachments are left out is meant, where the format has none.
    pub without_attachments: bool,
    /// What of the state; everything if nothing is selected.
    pub selection: &'a Selection,
    /// Where it goes.
    pub target: ForeignTarget,
}

/// Files that were written.
#[derive(Debug)]
pub struct ForeignDone {
    /// The file or directory.
    pub path: PathBuf,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// What is missing in them.
    pub gaps: Vec<Gap>,
}

/// Writes the files.
///
/// # Errors
/// When something is in the way of the target, the selection matches nothing that can be written, or the job is cancelled: nothing is
/// left behind.
pub fn export_foreign(input: &ForeignInput<'_>, job: &Job<'_>) -> Result<ForeignDone> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Preparing, None, None);
    let cannot = || {
        let kind = input.connector.title();
        SourceError::new(
            ErrorKind::Unsupported,
            kind,
            format!("is not written as {}", input.format.title),
        )
    };
    let foreign = input.connector.foreign().ok_or_else(cannot)?;
    let runs = input.state.stored.as_ref().ok_or_else(cannot)?;
    let picked = pick(input.state, input.selection)?;
    let mut units: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in picked.collections.keys() {
        units.entry(unit(name)).or_default().push(name.clone());
    }
    let view = Chosen {
        runs,
        chosen: &picked.collections,
        format: input.format,
        meant: input.without_attachments,
        job,
        meter: &meter,
        gaps: Mutex::default(),
    };
    view.told(input.state);
    let whole = *input.selection == Selection::default();
    let items = input.state.meta.as_ref().filter(|_| whole);
    meter.stage(
        Stage::Writing,
        items.map(|meta| meta.collections.iter().map(|c| c.records).sum()),
        None,
    );
    let writing = Writing {
        foreign,
        input,
        view: &view,
    };
    let (bytes, files, records) = match units.len() {
        0 => return Err(cannot().into()),
        1 => {
            let (bytes, records) = writing.one(&units)?;
            (bytes, 1, records)
        }
        _ => writing.several(&units)?,
    };
    Ok(ForeignDone {
        path: input.target.path.clone(),
        bytes,
        files,
        records,
        gaps: view.into_gaps(),
    })
}

/// The unit a collection is a part of: names of parts go on with `/@`.
fn unit(collection: &str) -> &str {
    collection.split_once("/@").map_or(collection, |(unit, _)| unit)
}

struct Writing<'a> {
    foreign: &'a dyn ForeignFiles,
    input: &'a ForeignInput<'a>,
    view: &'a Chosen<'a>,
}

fn failed(path: &Path, error: io::Error) -> EngineError {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => BundleError::Exists { path: path.to_owned() }.into(),
        _ => SourceError::io(path.display().to_string(), error).into(),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn temporary_prefix(path: &Path) -> String {
    format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy())
}

impl Writing<'_> {
    /// Writes the only unit into the file that was named.
    fn one(&self, units: &BTreeMap<&str, Vec<String>>) -> Result<(u64, u64)> {
        let path = &self.input.target.path;
        let at = |error| failed(path, error);
        match fs::symlink_metadata(path) {
            Ok(there) if !self.input.target.overwrite || !there.is_file() => {
                return Err(BundleError::Exists { path: path.clone() }.into());
            }
            _ => {}
        }
        let prefix = temporary_prefix(path);
        let file = Builder::new()
            .prefix(&prefix)
            .suffix(".partial")
            .tempfile_in(parent(path))
            .map_err(at)?;
        let collections = units.values().next().map(Vec::as_slice).unwrap_or_default();
        let packed = path.to_string_lossy().to_ascii_lowercase().ends_with(PACKED);
        let done = self.write(file.as_file(), path, collections, packed)?;
        self.name(file, path)?;
        Ok(done)
    }

    fn name(&self, file: NamedTempFile, path: &Path) -> Result<()> {
        let named = if self.input.target.overwrite {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        named.map(|_| ()).map_err(|error| failed(path, error.error))
    }

    /// Writes each unit into a file of its own, in a directory that appears when all are whole.
    fn several(&self, units: &BTreeMap<&str, Vec<String>>) -> Result<(u64, u64, u64)> {
        let path = &self.input.target.path;
        let at = |error| failed(path, error);
        if let Ok(there) = fs::symlink_metadata(path) {
            let empty = there.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
            if !empty {
                return Err(BundleError::Exists { path: path.clone() }.into());
            }
        }
        let prefix = temporary_prefix(path);
        let directory: TempDir = Builder::new()
            .prefix(&prefix)
            .suffix(".partial")
            .tempdir_in(parent(path))
            .map_err(at)?;
        let (mut bytes, mut records) = (0, 0);
        for (unit, collections) in units {
            let name = format!("{}.{}", unit.replace('/', "%2F"), self.input.format.extension);
            let inside = directory.path().join(name);
            let file = File::create_new(&inside).map_err(|error| failed(&inside, error))?;
            let (more, count) = self.write(&file, &inside, collections, false)?;
            bytes += more;
            records += count;
        }
        let made = directory.keep();
        if let Err(error) = fs::rename(&made, path) {
            let _ = fs::remove_dir_all(&made);
            return Err(at(error));
        }
        Ok((bytes, units.len() as u64, records))
    }

    fn write(&self, file: &File, path: &Path, collections: &[String], packed: bool) -> Result<(u64, u64)> {
        let at = |error| failed(path, error);
        let mut out = BufWriter::with_capacity(BUFFER, file);
        let count = if packed {
            let mut encoder = GzEncoder::new(&mut out, Compression::default());
            let count = self.fill(&mut encoder, collections)?;
            encoder.finish().map_err(at)?;
            count
        } else {
            self.fill(&mut out, collections)?
        };
        out.flush().map_err(at)?;
        drop(out);
        file.sync_all().map_err(at)?;
        Ok((file.metadata().map_err(at)?.len(), count))
    }

    fn fill(&self, out: &mut dyn Write, collections: &[String]) -> Result<u64> {
        let cancel = self.view.job.cancel;
        Ok(self.foreign.write(self.input.format, self.view, collections, out, cancel)?)
    }
}

/// The records that were selected; what is missing of them is noted as they go by.
struct Chosen<'a> {
    runs: &'a RunsView,
    chosen: &'a BTreeMap<String, Ids>,
    format: &'static ForeignFormat,
    meant: bool,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    gaps: Mutex<(Vec<Gap>, u64)>,
}

impl Chosen<'_> {
    /// The file has no place to say what the backup lacks: whoever writes it hears it.
    fn told(&self, state: &State) {
        if let Some(meta) = state.meta.as_ref().filter(|meta| meta.verdict != Verdict::Complete) {
            for gap in &meta.gaps {
                self.gap(gap.clone());
            }
        }
    }

    fn gap(&self, gap: Gap) {
        let Ok(mut gaps) = self.gaps.lock() else { return };
        if gaps.0.len() >= NAMED {
            gaps.1 += 1;
            return;
        }
        self.job.reporter.gap(&gap);
        gaps.0.push(gap);
    }

    fn into_gaps(self) -> Vec<Gap> {
        let (mut gaps, more) = self.gaps.into_inner().unwrap_or_default();
        if more > 0 {
            gaps.push(Gap {
                subject: format!("{more} further attachments"),
                kind: ErrorKind::Unsupported,
                message: "are missing in the file too".to_owned(),
            });
        }
        gaps
    }

    fn seen(&self, collection: &str, record: &Record) {
        self.meter.add(1, record.data.as_bytes().len() as u64, collection);
        for asset in &record.assets {
            let (kind, message) = match (self.format.attachments, &asset.sha256) {
                (true, Some(_)) => continue,
                (true, None) => (ErrorKind::NotFound, "is not in the backup"),
                (false, _) if self.meant => continue,
                (false, _) => (ErrorKind::Unsupported, "is an attachment, which was left out of the file"),
            };
            self.gap(Gap {
                subject: format!("{collection}/{}/{}", record.id, asset.name),
                kind,
                message: message.to_owned(),
            });
        }
    }
}

impl RecordView for Chosen<'_> {
    fn collections(&self) -> backstay_source::Result<Vec<Collection>> {
        let mut all = self.runs.collections()?;
        all.retain(|collection| self.chosen.contains_key(&collection.name));
        Ok(all)
    }

    fn count(&self, collection: &str) -> backstay_source::Result<u64> {
        match self.chosen.get(collection) {
            Some(Ids::Some(ids)) => Ok(ids.len() as u64),
            _ => self.runs.count(collection),
        }
    }

    fn get(&self, collection: &str, id: &str) -> backstay_source::Result<Option<Record>> {
        self.runs.get(collection, id)
    }

    fn page(&self, collection: &str, offset: u64, limit: u64) -> backstay_source::Result<Vec<Record>> {
        self.runs.page(collection, offset, limit)
    }

    fn scan<'a>(
        &'a self,
        collection: &str,
        after: Option<&str>,
    ) -> backstay_source::Result<Box<dyn Iterator<Item = backstay_source::Result<Record>> + 'a>> {
        let name = collection.to_owned();
        let records: Box<dyn Iterator<Item = backstay_source::Result<Record>> + 'a> = match self.chosen.get(collection) {
            Some(Ids::Some(ids)) => {
                let name = name.clone();
                Box::new(ids.iter().filter_map(move |id| self.runs.get(&name, id).transpose()))
            }
            Some(Ids::Matching(_)) => {
                let message = "is chosen by a question, which an export does not ask";
                return Err(SourceError::new(ErrorKind::Unsupported, collection, message));
            }
            Some(Ids::All) | None => self.runs.scan(collection, after)?,
        };
        Ok(Box::new(records.inspect(move |record| {
            if let Ok(record) = record {
                self.seen(&name, record);
            }
        })))
    }

    fn open_asset(
        &self,
        collection: &str,
        record: &Record,
        asset: &AssetRef,
    ) -> backstay_source::Result<(u64, Box<dyn Read + Send>)> {
        let opened = self.runs.open_asset(collection, record, asset);
        if let Err(error) = &opened
            && matches!(error.kind, ErrorKind::NotFound | ErrorKind::Damaged)
        {
            self.gap(error.to_gap());
        }
        opened
    }
}
