//! Where a connector's findings go during a backup: into a vault's writer, compared with the previous snapshot.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use backstay_model::{
    Change, Collection, CollectionSummary, ContentHash, ErrorKind, FileEntry, FileKind, Gap, Record, WorkspaceMeta,
};
use backstay_records::{CollectionWriter, Lookup, Mode};
use backstay_source::{Cancel, FeedMode, FileHint, FileView as _, Result, Sink, SourceError, Stored};
use backstay_vault::{Chunking, FileAttrs, Node, VaultError, Writer};

use super::{assets::Assets, previous::Previous, runs::RunsInto};
use crate::{Job, Meter, snapshot::files::unescape};

pub(crate) struct VaultSink<'a> {
    writer: &'a Writer,
    previous: Option<&'a Previous>,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    runs: &'a RunsInto<'a>,
    open: Mutex<BTreeMap<String, CollectionWriter<'a>>>,
    assets: Assets<'a>,
    /// What the previous snapshot has, by collection.
    lookups: Mutex<BTreeMap<String, Lookup>>,
    /// Some record was taken over unread.
    kept: AtomicBool,
    found: Mutex<Found>,
    files: AtomicU64,
    file_bytes: AtomicU64,
    unchanged: AtomicU64,
}

/// What a run found, besides content.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub collections: Vec<CollectionSummary>,
    pub workspaces: Vec<WorkspaceMeta>,
    pub gaps: Vec<Gap>,
    /// Attachments in the snapshot.
    pub assets: u64,
    pub files: u64,
    pub file_bytes: u64,
    pub unchanged_files: u64,
    /// Not every record was given: unchanged ones of a change feed, those of a collection that broke off.
    pub not_all: bool,
    /// Some collection was begun and not ended.
    pub broke_off: bool,
    /// Paths that failed and why, as long as they were not stored later.
    failed: BTreeMap<String, Gap>,
}

/// Opens the content of a file, when it is needed.
type Open<'a> = &'a mut dyn FnMut() -> Result<Box<dyn Read + Send>>;

impl<'a> VaultSink<'a> {
    pub(crate) fn new(runs: &'a RunsInto<'a>, job: &'a Job<'a>, meter: &'a Meter<'a>) -> Self {
        Self {
            writer: runs.writer,
            previous: runs.previous,
            job,
            meter,
            runs,
            open: Mutex::default(),
            assets: Assets::new(
                runs.writer,
                runs.attrs,
                runs.previous.and_then(|previous| previous.assets.as_ref()),
            ),
            lookups: Mutex::default(),
            kept: AtomicBool::new(false),
            found: Mutex::default(),
            files: AtomicU64::new(0),
            file_bytes: AtomicU64::new(0),
            unchanged: AtomicU64::new(0),
        }
    }

    /// Ends the run: collections that were begun and not ended stand as they were, by name.
    pub(crate) fn finish(self) -> Result<Found> {
        let open = std::mem::take(&mut *lock(&self.open)?);
        for (name, _) in open {
            let gap = Gap {
                subject: name.clone(),
                kind: ErrorKind::Interrupted,
                message: "was not read to its end".to_owned(),
            };
            self.gap(gap);
            let kept = self.runs.keep_collection(&name)?;
            let mut found = lock(&self.found)?;
            found.collections.extend(kept);
            (found.not_all, found.broke_off) = (true, true);
        }
        let mut found = self.found.into_inner().map_err(|_| poisoned())?;
        if let (true, Some(previous)) = (found.not_all || self.kept.into_inner(), self.previous) {
            self.assets.carry_over(previous.meta.assets, &mut |gap| {
                self.job.reporter.gap(&gap);
                found.gaps.push(gap);
            })?;
        }
        found.assets = self.assets.count()?;
        let failed = std::mem::take(&mut found.failed);
        for (path, gap) in failed {
            // Whatever a connector forgets to name is named all the same.
            if !found
                .gaps
                .iter()
                .any(|known| known.subject == path || known.subject == gap.subject)
            {
                self.job.reporter.gap(&gap);
                found.gaps.push(gap);
            }
        }
        found.collections.sort_by(|a, b| a.name.cmp(&b.name));
        found.workspaces.sort_by(|a, b| a.path.cmp(&b.path));
        found.files = self.files.into_inner();
        found.file_bytes = self.file_bytes.into_inner();
        found.unchanged_files = self.unchanged.into_inner();
        Ok(found)
    }

    fn count(&self, entry: &FileEntry, unchanged: bool) {
        self.meter.add(1, entry.size, &entry.path);
        if matches!(entry.kind, FileKind::File) {
            self.files.fetch_add(1, Ordering::Relaxed);
            self.file_bytes.fetch_add(entry.size, Ordering::Relaxed);
            self.unchanged.fetch_add(u64::from(unchanged), Ordering::Relaxed);
        }
    }

    /// The previous snapshot's node for a file that looks the same to the last detail.
    fn same_as_before(&self, entry: &FileEntry) -> Result<Option<Node>> {
        let Some(files) = self.previous.and_then(|previous| previous.files.as_ref()) else {
            return Ok(None);
        };
        // A directory that is damaged in the vault says nothing: the file is read and stored again.
        let Ok(Some(node)) = files.node(&entry.path) else {
            return Ok(None);
        };
        let before = node.file_meta();
        let same = node.is_file()
            && node.size == entry.size
            && entry.meta.modified.is_some()
            && before.modified == entry.meta.modified
            && before.attributes_changed == entry.meta.attributes_changed
            && before.inode == entry.meta.inode;
        Ok(same.then_some(node))
    }

    /// Stores a file, directory or link.
    fn store(&self, entry: &FileEntry, hint: FileHint, open: Open<'_>) -> Result<Stored> {
        let failed = |error| source_error(&entry.path, error);
        match &entry.kind {
            FileKind::Directory => {
                self.writer
                    .put_dir(in_files(&entry.path), &FileAttrs::from(&entry.meta))
                    .map_err(failed)?;
            }
            FileKind::Symlink(target) => {
                let attrs = FileAttrs::from(&entry.meta);
                self.writer
                    .put_symlink(in_files(&entry.path), &attrs, unescape(target))
                    .map_err(failed)?;
            }
            FileKind::Other => {
                return Err(SourceError::new(
                    ErrorKind::Unsupported,
                    &entry.path,
                    "is neither a file, a directory nor a link",
                ));
            }
            FileKind::File => {
                if hint == FileHint::Plain
                    && let Some(node) = self.same_as_before(entry)?
                {
                    let now = Node {
                        attrs: FileAttrs::from(&entry.meta),
                        ..node
                    };
                    // Content that is no longer whole in the vault is simply read and stored again.
                    if self.writer.reuse(in_files(&entry.path), &now).is_ok() {
                        self.count(entry, true);
                        return Ok(Stored::Unchanged);
                    }
                }
                let mut reader = match open() {
                    Ok(reader) => reader,
                    Err(error) => {
                        self.failed(entry, &error)?;
                        return Err(error);
                    }
                };
                self.put_content(entry, hint, &mut *reader)?;
                self.files.fetch_add(1, Ordering::Relaxed);
                self.file_bytes.fetch_add(entry.size, Ordering::Relaxed);
                self.meter.add(1, 0, &entry.path);
                return Ok(Stored::Read);
            }
        }
        self.count(entry, false);
        Ok(Stored::Read)
    }

    /// Remembers that a path could not be read; forgotten again when it is stored after all.
    fn failed(&self, entry: &FileEntry, error: &SourceError) -> Result<()> {
        if !matches!(error.kind, ErrorKind::Cancelled | ErrorKind::Full) {
            lock(&self.found)?.failed.insert(entry.path.clone(), error.to_gap());
        }
        Ok(())
    }

    fn put_content(&self, entry: &FileEntry, hint: FileHint, reader: &mut (dyn Read + Send)) -> Result<()> {
        let chunking = match hint {
            FileHint::Plain => Chunking::ContentDefined,
            FileHint::Pages(page) => Chunking::Fixed(page),
        };
        let path = in_files(&entry.path);
        let mut reader = Counted {
            inner: reader,
            meter: self.meter,
            path: &entry.path,
        };
        let stored = self
            .writer
            .put_file(&path, &FileAttrs::from(&entry.meta), entry.size, &mut reader, chunking);
        match stored {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = source_error(&entry.path, error);
                self.failed(entry, &error)?;
                Err(error)
            }
        }
    }
}

/// Path in the snapshot of a path below `files/`.
pub(crate) fn in_files(path: &str) -> Vec<u8> {
    let mut raw = b"files/".to_vec();
    raw.extend_from_slice(&unescape(path));
    raw
}

fn lock<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| poisoned())
}

pub(super) fn poisoned() -> SourceError {
    SourceError::new(ErrorKind::Internal, "the backup", "was stopped by a fault in another thread")
}

/// An error of the vault's writer as the connector sees it; the reader's own error comes back as it was.
pub(crate) fn source_error(subject: &str, error: VaultError) -> SourceError {
    match error {
        VaultError::Source { source, .. } => match source.downcast::<SourceError>() {
            Ok(own) => own,
            Err(error) => SourceError::io(subject, error),
        },
        VaultError::SizeChanged { .. } => {
            SourceError::new(ErrorKind::Changed, subject, "changed its size while it was being read").caused_by(error)
        }
        error => {
            let kind = error.kind();
            SourceError::new(kind, subject, format!("cannot be stored: {error}")).caused_by(error)
        }
    }
}

impl Sink for VaultSink<'_> {
    fn begin_collection(&self, collection: &Collection, mode: FeedMode) -> Result<()> {
        let mode = match mode {
            FeedMode::Full => Mode::Full,
            FeedMode::Delta => Mode::Delta,
        };
        let writer = self.runs.begin(collection, mode)?;
        let mut open = lock(&self.open)?;
        let mut found = lock(&self.found)?;
        // What came first would be lost without a word.
        if open.contains_key(&collection.name) || found.collections.iter().any(|c| c.name == collection.name) {
            return Err(SourceError::new(ErrorKind::Internal, &collection.name, "was begun twice"));
        }
        found.not_all |= mode == Mode::Delta;
        open.insert(collection.name.clone(), writer);
        Ok(())
    }

    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()> {
        self.job.cancel.check()?;
        let mut open = lock(&self.open)?;
        let writer = open
            .get_mut(collection)
            .ok_or_else(|| SourceError::new(ErrorKind::Internal, collection, "got records before it was begun"))?;
        let (mut items, mut bytes) = (0, 0);
        for change in batch {
            items += 1;
            let pushed = match change {
                Change::Upsert(record) => {
                    bytes += record.data.as_bytes().len() as u64;
                    writer.push(record)
                }
                Change::Delete(id) => writer.delete(&id),
            };
            pushed.map_err(|error| super::runs::records_error(collection, error))?;
        }
        drop(open);
        self.meter.add(items, bytes, collection);
        Ok(())
    }

    fn end_collection(&self, collection: &str) -> Result<()> {
        let Some(writer) = lock(&self.open)?.remove(collection) else {
            return Ok(());
        };
        let summary = self.runs.finish(collection, writer)?;
        lock(&self.found)?.collections.push(summary);
        Ok(())
    }

    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        self.job.cancel.check()?;
        let stored = self.store(entry, hint, open)?;
        lock(&self.found)?.failed.remove(&entry.path);
        Ok(stored)
    }

    fn leave_directory(&self, path: &str) -> Result<()> {
        self.writer
            .finish_dir(in_files(path))
            .map_err(|error| source_error(path, error))
    }

    fn keep(&self, path: &str) -> Result<bool> {
        let Some(files) = self.previous.and_then(|previous| previous.files.as_ref()) else {
            return Ok(false);
        };
        let Ok(Some(node)) = files.node(path) else { return Ok(false) };
        if self.writer.reuse(in_files(path), &node).is_err() {
            return Ok(false);
        }
        for entry in files.walk(Some(path))? {
            self.count(&entry?, true);
        }
        lock(&self.found)?.failed.remove(path);
        Ok(true)
    }

    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        let hash = self.assets.put(name, size, content, &mut || self.job.cancel.check())?;
        self.meter.add(1, size, name);
        Ok(hash)
    }

    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        self.job.cancel.check()?;
        self.assets.keep(sha256)
    }

    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        self.job.cancel.check()?;
        let mut open = lock(&self.open)?;
        let writer = open
            .get_mut(collection)
            .ok_or_else(|| SourceError::new(ErrorKind::Internal, collection, "was asked about before it was begun"))?;
        let kept = writer
            .keep(id, hash)
            .map_err(|error| super::runs::records_error(collection, error))?;
        drop(open);
        if kept {
            // Its attachments stay with it.
            self.kept.store(true, Ordering::Relaxed);
            self.meter.add(1, 0, collection);
        }
        Ok(kept)
    }

    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        self.job.cancel.check()?;
        let Some(reader) = self.previous.and_then(|previous| previous.runs.reader(collection)) else {
            return Ok(false);
        };
        let mut lookups = lock(&self.lookups)?;
        let lookup = lookups.entry(collection.to_owned()).or_insert_with(|| reader.lookup());
        let found = lookup
            .find(id)
            .map_err(|error| super::runs::records_error(collection, error))?;
        Ok(found.is_some())
    }

    fn previous(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.job.cancel.check()?;
        let Some(reader) = self.previous.and_then(|previous| previous.runs.reader(collection)) else {
            return Ok(None);
        };
        // A record that is damaged in the vault says nothing: it is read and stored again.
        match reader.get(id) {
            Err(error) if error.kind() == ErrorKind::Damaged => Ok(None),
            other => other.map_err(|error| super::runs::records_error(collection, error)),
        }
    }

    fn workspace(&self, meta: WorkspaceMeta) {
        if let Ok(mut found) = self.found.lock() {
            found.workspaces.push(meta);
        }
    }

    fn gap(&self, gap: Gap) {
        self.job.reporter.gap(&gap);
        if let Ok(mut found) = self.found.lock() {
            found.gaps.push(gap);
        }
    }

    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.meter.total(items, bytes);
    }

    fn cancel(&self) -> &Cancel {
        self.job.cancel
    }
}

/// Counts bytes as they are read.
struct Counted<'a> {
    inner: &'a mut (dyn Read + Send),
    meter: &'a Meter<'a>,
    path: &'a str,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.meter.add(0, read as u64, self.path);
        Ok(read)
    }
}
