//! Where the content of a file goes while it is converted: records into sorted runs, contents of attachments into the bundle.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Mutex, MutexGuard},
};

use backstay_bundle::{BundleWriter, EntryOptions};
use backstay_model::{Change, Collection, ErrorKind, FileEntry, Gap, WorkspaceMeta};
use backstay_records::{CollectionWriter, Mode, Options};
use backstay_source::{Cancel, FeedMode, FileHint, Result, Sink, SourceError, Stored};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{super::spill::Spill, room::Room};
use crate::{Job, Meter, snapshot::assets::asset_path};

/// Contents up to this size wait in memory for their hash, which is their name.
const IN_MEMORY: u64 = 4 << 20;

/// Takes what a file holds.
pub(super) struct ConvertSink<'a> {
    spill: &'a Spill,
    room: Room,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    inner: Mutex<Inner<'a>>,
}

struct Inner<'a> {
    open: BTreeMap<String, CollectionWriter<'a>>,
    assets: HashSet<String>,
    taken: Taken,
}

/// What a file held.
pub(super) struct Taken {
    /// The bundle, with the contents of attachments in it.
    pub out: BundleWriter,
    /// Collections by name, and where they lie.
    pub collections: BTreeMap<String, String>,
    pub gaps: Vec<Gap>,
    pub notes: Vec<String>,
    pub records: u64,
    pub assets: u64,
}

impl<'a> ConvertSink<'a> {
    pub(super) fn new(out: BundleWriter, spill: &'a Spill, room: Room, job: &'a Job<'a>, meter: &'a Meter<'a>) -> Self {
        let taken = Taken {
            out,
            collections: BTreeMap::new(),
            gaps: Vec::new(),
            notes: Vec::new(),
            records: 0,
            assets: 0,
        };
        Self {
            spill,
            room,
            job,
            meter,
            inner: Mutex::new(Inner {
                open: BTreeMap::new(),
                assets: HashSet::new(),
                taken,
            }),
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Inner<'a>>> {
        self.inner.lock().map_err(|_| fault())
    }

    /// What was taken.
    pub(super) fn finish(self) -> Result<Taken> {
        let inner = self.inner.into_inner().map_err(|_| fault())?;
        match inner.open.keys().next() {
            None => Ok(inner.taken),
            Some(name) => Err(SourceError::new(ErrorKind::Interrupted, name, "was not read to its end")),
        }
    }
}

fn fault() -> SourceError {
    SourceError::new(ErrorKind::Internal, "the file", "was not converted: a thread failed")
}

fn unstored(name: &str, error: backstay_records::RecordsError) -> SourceError {
    SourceError::new(error.kind(), name, format!("cannot be kept: {error}")).caused_by(error)
}

/// Content that is read twice: for its hash, and into the bundle.
enum Held {
    Memory(Bytes),
    File(File),
}

impl Held {
    fn again(&self) -> io::Result<Box<dyn Read>> {
        match self {
            Self::Memory(bytes) => Ok(Box::new(io::Cursor::new(bytes.clone()))),
            Self::File(file) => {
                let mut again = file.try_clone()?;
                again.seek(SeekFrom::Start(0))?;
                Ok(Box::new(again))
            }
        }
    }
}

impl ConvertSink<'_> {
    /// Takes the content in; gives it with its hash.
    fn hold(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<(Held, String)> {
        let failed = |error| SourceError::io(name, error);
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        let mut memory = Vec::new();
        let mut file = match size > IN_MEMORY {
            true => Some(tempfile::tempfile().map_err(failed)?),
            false => None,
        };
        let mut total = 0_u64;
        loop {
            self.job.cancel.check()?;
            let read = content.read(&mut buffer).map_err(failed)?;
            if read == 0 {
                break;
            }
            total += read as u64;
            hasher.update(&buffer[..read]);
            match &mut file {
                Some(file) => file.write_all(&buffer[..read]).map_err(failed)?,
                None if total > size => break,
                None => memory.extend_from_slice(&buffer[..read]),
            }
        }
        if total != size {
            return Err(SourceError::new(ErrorKind::Changed, name, "has another size than announced"));
        }
        let held = file.map_or_else(|| Held::Memory(Bytes::from(memory)), Held::File);
        Ok((held, hex::encode(hasher.finalize())))
    }
}

impl Sink for ConvertSink<'_> {
    fn begin_collection(&self, collection: &Collection, _: FeedMode) -> Result<()> {
        let name = collection.name.clone();
        let writer = CollectionWriter::new(collection.clone(), None, Mode::Full, self.spill, Options::default());
        let writer = writer.map_err(|error| unstored(&name, error))?;
        let mut inner = self.lock()?;
        if inner.open.contains_key(&name) || inner.taken.collections.contains_key(&name) {
            return Err(SourceError::new(ErrorKind::Internal, name, "was begun twice"));
        }
        inner.open.insert(name, writer);
        Ok(())
    }

    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()> {
        self.job.cancel.check()?;
        let mut inner = self.lock()?;
        let writer = inner.open.get_mut(collection);
        let writer =
            writer.ok_or_else(|| SourceError::new(ErrorKind::Internal, collection, "got records before it was begun"))?;
        let items = batch.len() as u64;
        for change in batch {
            let pushed = match change {
                Change::Upsert(record) => {
                    self.room.take(record.data.as_bytes().len() as u64)?;
                    writer.push(record)
                }
                Change::Delete(id) => writer.delete(&id),
            };
            pushed.map_err(|error| unstored(collection, error))?;
        }
        inner.taken.records += items;
        drop(inner);
        self.meter.add(items, 0, collection);
        Ok(())
    }

    fn end_collection(&self, collection: &str) -> Result<()> {
        let mut inner = self.lock()?;
        if let Some(writer) = inner.open.remove(collection) {
            let path = writer.finish().map_err(|error| unstored(collection, error))?.path;
            inner.taken.collections.insert(collection.to_owned(), path);
        }
        Ok(())
    }

    fn file(&self, entry: &FileEntry, _: FileHint, _: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        Err(SourceError::new(
            ErrorKind::Unsupported,
            &entry.path,
            "is a file within a file, which cannot be converted",
        ))
    }

    fn leave_directory(&self, _: &str) -> Result<()> {
        Ok(())
    }

    fn keep(&self, _: &str) -> Result<bool> {
        Ok(false)
    }

    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        self.room.take(size)?;
        let (held, hash) = self.hold(name, size, content)?;
        let mut inner = self.lock()?;
        if inner.assets.insert(hash.clone()) {
            let options = EntryOptions {
                size,
                ..EntryOptions::default()
            };
            let put = inner.taken.out.file(&asset_path(&hash, name), &options, &mut || held.again());
            put.map_err(|error| SourceError::new(error.kind(), name, format!("cannot be kept: {error}")).caused_by(error))?;
            inner.taken.assets += 1;
        }
        Ok(hash)
    }

    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        Ok(self.lock()?.assets.contains(sha256))
    }

    fn workspace(&self, _: WorkspaceMeta) {}

    fn gap(&self, gap: Gap) {
        self.job.reporter.gap(&gap);
        if let Ok(mut inner) = self.inner.lock() {
            inner.taken.gaps.push(gap);
        }
    }

    fn note(&self, text: &str) {
        self.job.reporter.note(text);
        if let Ok(mut inner) = self.inner.lock() {
            inner.taken.notes.push(text.to_owned());
        }
    }

    fn seen(&self, bytes: u64, what: &str) {
        self.meter.add(0, bytes, what);
    }

    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.meter.total(items, bytes);
    }

    fn cancel(&self) -> &Cancel {
        self.job.cancel
    }
}
