//! Writing a state into a bundle: whole or not at all, what cannot be read named.

use std::{
    collections::{BTreeMap, HashSet},
    io::{self, Read},
    sync::Arc,
};

use backstay_bundle::{
    BUNDLE_FORMAT, BundleError, BundleFacts, BundleWriter, EntryOptions, Finished, MANIFEST, ManifestWriter, Target,
};
use backstay_model::{
    ChangeCounts, CollectionSummary, ErrorKind, FileEntry, FileKind, Gap, Record, Selection, SnapshotMeta, Stage, Verdict,
};
use backstay_records::{CollectionReader, CollectionWriter, Lines, Mode, Options, RunStore, slug};
use backstay_source::{Cancel, FileView, SourceError};
use backstay_vault::{Node, Reader, Snapshot};
use bytes::Bytes;

use super::{
    OpenedBundle,
    collection::{Described, FORMAT, description_path, records_path, unreadable},
    open::EXTRAS,
    spill::Spill,
};
use crate::{
    EngineError, Job, Meter, Result, State,
    restore::{Ids, Picked, pick},
    snapshot::METADATA,
};

/// Digits of the hash in the name of an asset.
const HASH_DIGITS: usize = 64;

/// What a state was opened from: assets and pages lie beside it.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// A snapshot of a vault.
    Snapshot {
        /// Its vault.
        reader: &'a Reader,
        /// Which.
        snapshot: &'a Snapshot,
    },
    /// Another bundle.
    Bundle(&'a OpenedBundle),
}

/// Everything an export needs.
pub struct ExportInput<'a> {
    /// What is written.
    pub state: &'a State,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// What of it; everything if nothing is selected.
    pub selection: &'a Selection,
    /// Where it goes.
    pub target: Target,
}

/// A bundle that was written.
#[derive(Debug)]
pub struct ExportDone {
    /// The bundle.
    pub finished: Finished,
    /// What it says about itself.
    pub meta: SnapshotMeta,
    /// What could not be read now; the gaps of the snapshot itself are in `meta` only.
    pub gaps: Vec<Gap>,
    /// Records in it.
    pub records: u64,
    /// Files in it, without links and directories.
    pub files: u64,
}

/// Writes a bundle.
///
/// # Errors
/// When something is in the way of the target, the selection matches nothing, or the job is cancelled: nothing is left behind.
pub fn export(input: ExportInput<'_>, job: &Job<'_>) -> Result<ExportDone> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Preparing, None, None);
    let meta = input.state.meta.clone().ok_or(EngineError::Foreign {
        snapshot: match input.origin {
            Origin::Snapshot { snapshot, .. } => snapshot.id.to_hex(),
            Origin::Bundle(bundle) => bundle.bundle().path().display().to_string(),
        },
    })?;
    let picked = pick(input.state, input.selection)?;
    let stored = input.state.stored_collections()?;
    if let (Some(_), Some(mixed)) = (&picked.files, picked.collections.keys().find(|name| !stored.contains(name))) {
        return Err(EngineError::MixedSelection {
            collection: mixed.clone(),
        });
    }
    let whole = *input.selection == Selection::default();
    let items = whole.then(|| meta.files + meta.assets + meta.collections.iter().map(|c| c.records).sum::<u64>());
    meter.stage(Stage::Writing, items, None);
    let mut exporter = Exporter {
        state: input.state,
        origin: input.origin,
        whole,
        job,
        meter: &meter,
        out: BundleWriter::create(input.target)?,
        collections: Vec::new(),
        kept: HashSet::new(),
        wanted: HashSet::new(),
        gaps: Vec::new(),
        records: 0,
        files: 0,
        file_bytes: 0,
        assets: 0,
    };
    exporter.collections(&picked)?;
    exporter.all_files(&picked)?;
    exporter.extras()?;
    job.cancel.check()?;
    meter.stage(Stage::Finishing, None, None);
    exporter.finish(meta, input.selection)
}

struct Exporter<'a> {
    state: &'a State,
    origin: Origin<'a>,
    /// Nothing was left out by selection.
    whole: bool,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    out: BundleWriter,
    collections: Vec<CollectionSummary>,
    /// Paths of files written.
    kept: HashSet<String>,
    /// Assets that selected records refer to.
    wanted: HashSet<String>,
    gaps: Vec<Gap>,
    records: u64,
    files: u64,
    file_bytes: u64,
    assets: u64,
}

impl Exporter<'_> {
    fn gap(&mut self, gap: Gap) {
        self.job.reporter.gap(&gap);
        self.gaps.push(gap);
    }

    /// Passes an error on, unless it is about damaged content: that becomes a gap and the export goes on.
    fn missing(&mut self, subject: &str, error: EngineError) -> Result<()> {
        let error = match error {
            EngineError::Bundle(BundleError::Content { entry, error }) => match error.downcast::<SourceError>() {
                Ok(error) => EngineError::Source(error),
                Err(error) => EngineError::Bundle(BundleError::Content { entry, error }),
            },
            other => other,
        };
        if !matches!(error.kind(), ErrorKind::Damaged | ErrorKind::NotFound) {
            return Err(error);
        }
        self.gap(Gap {
            subject: subject.to_owned(),
            kind: error.kind(),
            message: error.to_string(),
        });
        Ok(())
    }

    fn collections(&mut self, picked: &Picked) -> Result<()> {
        for (name, ids) in &picked.collections {
            self.job.cancel.check()?;
            if let Err(error) = self.collection(name, ids) {
                self.missing(name, error)?;
            }
        }
        Ok(())
    }

    fn collection(&mut self, name: &str, ids: &Ids) -> Result<()> {
        let stored = self.state.stored.as_ref().and_then(|runs| runs.reader(name)).cloned();
        let reader = match (stored, ids) {
            (Some(reader), Ids::All) => {
                self.note_assets(&reader)?;
                reader
            }
            _ => self.gathered(name, ids)?,
        };
        let summary = put_collection(&mut self.out, name, &reader, self.job.cancel, self.meter)?;
        self.records += summary.records;
        self.collections.push(summary);
        Ok(())
    }

    /// Remembers the assets of a collection, where not all are taken anyway.
    fn note_assets(&mut self, reader: &CollectionReader) -> Result<()> {
        let any = self.state.meta.as_ref().is_some_and(|meta| meta.assets > 0);
        if self.whole || !any {
            return Ok(());
        }
        for record in reader.scan("").map_err(unreadable)? {
            self.job.cancel.check()?;
            self.note(&record.map_err(unreadable)?);
        }
        Ok(())
    }

    fn note(&mut self, record: &Record) {
        self.wanted
            .extend(record.assets.iter().filter_map(|asset| asset.sha256.clone()));
    }

    /// Records that are selected one by one, or derived from files, as a sorted collection.
    fn gathered(&mut self, name: &str, ids: &Ids) -> Result<CollectionReader> {
        let mut collection = self.state.collection(name)?;
        collection.records = None;
        let view = self.state.view(name)?;
        let spill = Arc::new(Spill::new().map_err(EngineError::Temp)?);
        let writer = CollectionWriter::new(collection, None, Mode::Full, &*spill, Options::default());
        let mut writer = writer.map_err(unreadable)?;
        let mut push = |record: Record| -> Result<()> {
            self.job.cancel.check()?;
            self.wanted
                .extend(record.assets.iter().filter_map(|asset| asset.sha256.clone()));
            writer.push(record).map_err(unreadable)
        };
        match ids {
            Ids::All => {
                for record in view.scan(name, None)? {
                    push(record?)?;
                }
            }
            Ids::Some(ids) => {
                for id in ids {
                    view.get(name, id)?.map_or(Ok(()), &mut push)?;
                }
            }
            Ids::Matching(matching) => matching.each(view, name, self.job.cancel, &mut push)?,
        }
        let path = writer.finish().map_err(unreadable)?.path;
        let store: Arc<dyn RunStore> = spill;
        CollectionReader::open(&store, &path).map_err(unreadable)
    }

    fn all_files(&mut self, picked: &Picked) -> Result<()> {
        let (Some(paths), Some(files)) = (&picked.files, self.state.files.clone()) else {
            return Ok(());
        };
        let mut list = ManifestWriter::new()?;
        let mut starts: Vec<Option<&str>> = paths.iter().map(|path| Some(path.as_str())).collect();
        starts.sort_by(|a, b| crate::compare_paths(a.unwrap_or_default(), b.unwrap_or_default()));
        if starts.is_empty() {
            starts.push(None);
        }
        let mut above = HashSet::new();
        for start in starts {
            self.parents(&*files, start, &mut above, &mut list)?;
            for entry in files.walk(start)? {
                self.job.cancel.check()?;
                match entry {
                    Ok(entry) => self.entry(&*files, &entry, &mut list)?,
                    Err(error) => self.missing(&error.subject.clone(), error.into())?,
                }
            }
        }
        let list = list.finish()?;
        let options = EntryOptions {
            size: list.size(),
            ..EntryOptions::default()
        };
        self.out.file(MANIFEST, &options, &mut || Ok(Box::new(list.clone())))?;
        Ok(())
    }

    /// The directories above a selected path: without them it would have no place.
    fn parents(
        &mut self,
        files: &dyn FileView,
        start: Option<&str>,
        above: &mut HashSet<String>,
        list: &mut ManifestWriter,
    ) -> Result<()> {
        let path = start.unwrap_or_default();
        for (at, _) in path.match_indices('/') {
            if above.insert(path[..at].to_owned())
                && let Some(entry) = files.stat(&path[..at])?
            {
                self.entry(files, &entry, list)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, files: &dyn FileView, entry: &FileEntry, list: &mut ManifestWriter) -> Result<()> {
        let place = list.place(&entry.path);
        let options = EntryOptions {
            size: entry.size,
            mode: entry.meta.mode,
            modified: entry.meta.modified,
            sparse: entry.meta.sparse,
        };
        match &entry.kind {
            FileKind::Directory => self.out.directory(&place.path(), &options)?,
            FileKind::Symlink(_) | FileKind::Other => {}
            FileKind::File => {
                let (cancel, meter) = (self.job.cancel.clone(), self.meter);
                let written = self.out.file(&place.path(), &options, &mut || {
                    let content = files.open(&entry.path).map_err(io::Error::other)?;
                    Ok(Box::new(Exact {
                        content: Box::new(content),
                        left: entry.size,
                        path: &entry.path,
                        stop: &cancel,
                        meter,
                    }))
                });
                if let Err(error) = written {
                    return self.missing(&entry.path, error.into());
                }
                self.files += 1;
                self.file_bytes += entry.size;
                self.kept.insert(entry.path.clone());
            }
        }
        self.meter.add(1, 0, &entry.path);
        Ok(list.add(entry, &place)?)
    }

    /// Assets, pages, blocks: files that are called in the bundle as in the snapshot.
    fn extras(&mut self) -> Result<()> {
        for top in EXTRAS {
            match self.origin {
                Origin::Snapshot { reader, snapshot } => {
                    let root = reader.root(snapshot);
                    let Some(directory) = reader.find_below(&root, top)?.filter(Node::is_directory) else {
                        continue;
                    };
                    for found in reader.walk_below(&directory) {
                        let path = format!("{top}/{}", String::from_utf8_lossy(&found.path));
                        if let Some(error) = found.error {
                            self.missing(&path, error.into())?;
                        } else if found.node.is_file() {
                            let open = || {
                                let content = reader.open(&found.node);
                                content
                                    .map(|c| Box::new(c) as Box<dyn Read>)
                                    .map_err(|error| of_vault(&path, error))
                            };
                            self.extra(&path, found.node.size, &open)?;
                        }
                    }
                }
                Origin::Bundle(opened) => {
                    let bundle = opened.bundle();
                    for entry in bundle.below(&format!("{top}/")) {
                        let open = || {
                            let content = bundle.content(entry.name, None);
                            content
                                .map(|c| Box::new(c) as Box<dyn Read>)
                                .map_err(|error| io::Error::other(super::files::of_bundle(entry.name, error)))
                        };
                        self.extra(entry.name, entry.size, &open)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn extra(&mut self, path: &str, size: u64, open: &dyn Fn() -> io::Result<Box<dyn Read>>) -> Result<()> {
        self.job.cancel.check()?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let hash = name.get(..HASH_DIGITS).unwrap_or_default();
        let asset = path.starts_with("assets/");
        // Pages belong to records by their names; what belongs to a selection is known of assets only.
        let taken = self.whole || (asset && self.wanted.contains(hash));
        if !taken {
            return Ok(());
        }
        let options = EntryOptions {
            size,
            ..EntryOptions::default()
        };
        let (cancel, meter) = (self.job.cancel.clone(), self.meter);
        let written = self.out.file(path, &options, &mut || {
            Ok(Box::new(Exact {
                content: open()?,
                left: size,
                path,
                stop: &cancel,
                meter,
            }))
        });
        if let Err(error) = written {
            return self.missing(path, error.into());
        }
        self.assets += u64::from(asset);
        self.meter.add(1, 0, path);
        Ok(())
    }

    fn finish(self, mut meta: SnapshotMeta, selection: &Selection) -> Result<ExportDone> {
        let before: BTreeMap<&str, ChangeCounts> = meta.collections.iter().map(|c| (c.name.as_str(), c.changes)).collect();
        let mut collections = self.collections;
        for collection in &mut collections {
            collection.changes = before.get(collection.name.as_str()).copied().unwrap_or_default();
        }
        meta.collections = collections;
        (meta.files, meta.file_bytes, meta.assets) = (self.files, self.file_bytes, self.assets);
        meta.workspaces.retain(|workspace| self.kept.contains(&workspace.path));
        meta.gaps.extend(self.gaps.iter().cloned());
        if !meta.gaps.is_empty() {
            meta.verdict = Verdict::Partial;
        }
        if !self.whole || !self.gaps.is_empty() {
            // Going on from there would take what is not here for known.
            meta.cursor = None;
        }
        let (snapshot, selected) = match self.origin {
            Origin::Snapshot { snapshot, .. } => (Some(snapshot.id.to_hex()), Vec::new()),
            Origin::Bundle(opened) => {
                let facts = opened.bundle().facts();
                (facts.snapshot.clone(), facts.selection.clone())
            }
        };
        let facts = BundleFacts {
            format: BUNDLE_FORMAT,
            snapshot,
            selection: if self.whole { selected } else { selection.only.clone() },
        };
        facts.put(&mut meta)?;
        debug_assert_eq!(backstay_bundle::METADATA, METADATA);
        let finished = self.out.finish(&meta)?;
        Ok(ExportDone {
            finished,
            meta,
            gaps: self.gaps,
            records: self.records,
            files: self.files,
        })
    }
}

/// Writes a collection as it lies in a bundle: a description, and one sorted NDJSON.
pub(super) fn put_collection(
    out: &mut BundleWriter,
    name: &str,
    reader: &CollectionReader,
    cancel: &Cancel,
    meter: &Meter<'_>,
) -> Result<CollectionSummary> {
    let slug = slug(name);
    let path = records_path(&slug);
    let options = EntryOptions {
        size: reader.bytes(),
        ..EntryOptions::default()
    };
    out.file(&path, &options, &mut || {
        let lines = reader.lines().map_err(|error| of_records(name, error))?;
        Ok(Box::new(LineReader {
            name,
            lines,
            piece: Bytes::new(),
            stop: cancel,
            meter,
        }))
    })?;
    let described = Described {
        format: FORMAT,
        collection: reader.collection().clone(),
        records: reader.count(),
        checksum: reader.checksum().to_owned(),
    };
    let json = serde_json::to_vec_pretty(&described).map_err(|error| EngineError::Unwritable {
        what: "a collection's description",
        error,
    })?;
    out.bytes(&description_path(&slug), &json)?;
    Ok(CollectionSummary {
        name: name.to_owned(),
        slug,
        records: described.records,
        checksum: described.checksum,
        changes: ChangeCounts::default(),
    })
}

fn of_records(name: &str, error: backstay_records::RecordsError) -> io::Error {
    io::Error::other(SourceError::new(error.kind(), name, format!("cannot be read: {error}")).caused_by(error))
}

fn of_vault(path: &str, error: backstay_vault::VaultError) -> io::Error {
    io::Error::other(crate::snapshot::files::stored(path, error))
}

/// The lines of a collection as a reader.
struct LineReader<'a> {
    name: &'a str,
    lines: Lines,
    piece: Bytes,
    stop: &'a Cancel,
    meter: &'a Meter<'a>,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.stop.check().map_err(io::Error::other)?;
            let Some(piece) = self.lines.next_piece().map_err(|error| of_records(self.name, error))? else {
                return Ok(0);
            };
            let records = piece.iter().filter(|byte| **byte == b'\n').count();
            self.meter.add(records as u64, piece.len() as u64, self.name);
            self.piece = piece;
        }
        let part = self.piece.split_to(self.piece.len().min(buffer.len()));
        buffer[..part.len()].copy_from_slice(&part);
        Ok(part.len())
    }
}

/// Content that must have the size it was announced with, counted as it is read.
struct Exact<'a> {
    content: Box<dyn Read + 'a>,
    left: u64,
    path: &'a str,
    stop: &'a Cancel,
    meter: &'a Meter<'a>,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        let read = self
            .content
            .read(buffer)
            .map_err(|error| match error.downcast::<backstay_vault::VaultError>() {
                Ok(error) => of_vault(self.path, error),
                Err(error) => error,
            })?;
        self.meter.add(0, read as u64, self.path);
        let end = read == 0 && !buffer.is_empty();
        match self.left.checked_sub(read as u64) {
            Some(left) if !(end && left > 0) => {
                self.left = left;
                Ok(read)
            }
            _ => Err(io::Error::other(SourceError::new(
                ErrorKind::Damaged,
                self.path,
                "has another size than the snapshot says",
            ))),
        }
    }
}
