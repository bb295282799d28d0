//! A sink that keeps everything it is given and watches that the connector holds to the contract.

use std::{
    collections::{BTreeMap, HashSet, btree_map::Entry},
    io::{self, Read},
    sync::Arc,
};

use backstay_model::{Change, Collection, ContentHash, ErrorKind, FileEntry, FileKind, Gap, Record, WorkspaceMeta};
use backstay_source::{Cancel, FeedMode, FileHint, Result, Sink, SourceError, Stored};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::{Content, Taken, TakenCollection, TakenFile, path_order};

/// Keeps everything a run gives: content up to 256 KiB in memory, larger content in temporary files. Answers
/// [`Sink::file`] and [`Sink::keep`] from a previous run as the engine does.
#[derive(Debug, Default)]
pub struct DirSink {
    previous: Option<Arc<Taken>>,
    cancel: Cancel,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: Taken,
    /// Collections that were begun and are not ended yet.
    open: BTreeMap<String, TakenCollection>,
    /// Directories left, to look up fast.
    left: HashSet<String>,
}

impl DirSink {
    /// A sink of a first run.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A sink of a run after `previous`.
    #[must_use]
    pub fn after(previous: Arc<Taken>) -> Self {
        Self {
            previous: Some(previous),
            ..Self::default()
        }
    }

    /// Uses `cancel` as the job's flag.
    #[must_use]
    pub fn with_cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// What the run gave. Collections that were begun and not ended are as in the previous run, marked as not ended.
    #[must_use]
    pub fn finish(self) -> Taken {
        let State { mut taken, open, .. } = self.state.into_inner();
        let delta = taken.collections.values().any(|c| c.mode == FeedMode::Delta) || !open.is_empty();
        if let (true, Some(previous)) = (delta, &self.previous) {
            // Records that were not given refer to them.
            for (hash, content) in &previous.assets {
                taken.assets.entry(hash.clone()).or_insert_with(|| content.clone());
            }
        }
        for (name, mut unfinished) in open {
            unfinished.ended = false;
            let previous = self.previous.as_ref().and_then(|p| p.collections.get(&name));
            unfinished.records = previous.map(|p| p.records.clone()).unwrap_or_default();
            taken.collections.insert(name, unfinished);
        }
        taken
    }

    fn breach(&self, what: String) {
        self.state.lock().taken.breaches.push(what);
    }

    /// The previous state of a plain file, when nothing tells that it changed.
    fn same_as_before(&self, entry: &FileEntry, hint: FileHint) -> Option<Content> {
        let before = self.previous.as_ref()?.file(&entry.path)?;
        let (old, new) = (&before.entry.meta, &entry.meta);
        let same = hint == FileHint::Plain
            && before.entry.kind == FileKind::File
            && before.entry.size == entry.size
            && old.modified == new.modified
            && old.attributes_changed == new.attributes_changed
            && old.inode == new.inode;
        same.then(|| before.content.clone())
    }

    fn check_place(&self, entry: &FileEntry) {
        let path = &entry.path;
        if path.split('/').any(|p| p.is_empty() || p == "." || p == "..") {
            self.breach(format!("{path}: not a path below the source"));
        }
        if entry.kind == FileKind::Other {
            self.breach(format!("{path}: neither file, directory nor link; must be a gap"));
        }
        let state = self.state.lock();
        let mut above = path.as_str();
        let mut late = None;
        // A few levels up are enough to notice, and very deep trees stay affordable.
        for _ in 0..8 {
            let Some((parent, _)) = above.rsplit_once('/') else { break };
            if state.left.contains(parent) {
                late = Some(parent.to_owned());
            }
            above = parent;
        }
        drop(state);
        if let Some(parent) = late {
            self.breach(format!("{path}: given after {parent} was left"));
        }
    }

    fn insert(&self, entry: &FileEntry, content: Content, stored: Stored) {
        let mut state = self.state.lock();
        let taken = &mut state.taken;
        if entry.kind == FileKind::File {
            match stored {
                Stored::Read => taken.read.insert(entry.path.clone()),
                Stored::Unchanged => taken.unchanged.insert(entry.path.clone()),
            };
        }
        let file = TakenFile {
            entry: entry.clone(),
            content,
        };
        if taken.files.insert(path_order(&entry.path), file).is_some() {
            taken.breaches.push(format!("{}: given twice", entry.path));
        }
    }
}

impl Sink for DirSink {
    fn begin_collection(&self, collection: &Collection, mode: FeedMode) -> Result<()> {
        self.cancel.check()?;
        let name = collection.name.clone();
        let before = self.previous.as_ref().and_then(|p| p.collections.get(&name));
        let records = match mode {
            FeedMode::Full => BTreeMap::new(),
            FeedMode::Delta => before.map(|p| p.records.clone()).unwrap_or_default(),
        };
        let begun = TakenCollection {
            collection: collection.clone(),
            mode,
            ended: true,
            records,
            given: 0,
        };
        let mut state = self.state.lock();
        let twice = state.taken.collections.contains_key(&name) || state.open.insert(name.clone(), begun).is_some();
        if twice {
            state.taken.breaches.push(format!("{name}: begun twice"));
        }
        Ok(())
    }

    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()> {
        self.cancel.check()?;
        let mut state = self.state.lock();
        let State { taken, open, .. } = &mut *state;
        let Some(begun) = open.get_mut(collection) else {
            taken.breaches.push(format!("{collection}: records outside of begin and end"));
            return Ok(());
        };
        for change in batch {
            begun.given += 1;
            match change {
                Change::Upsert(record) if record.id.is_empty() => {
                    taken.breaches.push(format!("{collection}: a record with an empty id"));
                }
                // Stored as it is, such a record could never be read back: its bytes do not match its hash.
                Change::Upsert(record) if !record.canonical && record.hash != ContentHash::of(record.data.as_bytes()) => {
                    taken
                        .breaches
                        .push(format!("{collection}/{}: a hash that is not of its data", record.id));
                }
                Change::Upsert(record) => match begun.records.entry(record.id.clone()) {
                    Entry::Occupied(_) if begun.mode == FeedMode::Full => {
                        taken.breaches.push(format!("{collection}/{}: given twice", record.id));
                    }
                    Entry::Occupied(mut old) => {
                        old.insert(record);
                    }
                    Entry::Vacant(slot) => {
                        slot.insert(record);
                    }
                },
                Change::Delete(id) => {
                    begun.records.remove(&id);
                }
            }
        }
        Ok(())
    }

    fn end_collection(&self, collection: &str) -> Result<()> {
        self.cancel.check()?;
        let mut state = self.state.lock();
        match state.open.remove(collection) {
            Some(done) => {
                state.taken.collections.insert(collection.to_owned(), done);
            }
            None => state.taken.breaches.push(format!("{collection}: ended without begin")),
        }
        Ok(())
    }

    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        self.cancel.check()?;
        self.check_place(entry);
        if entry.kind != FileKind::File {
            self.insert(entry, Content::empty(), Stored::Read);
            return Ok(Stored::Read);
        }
        if let Some(content) = self.same_as_before(entry, hint) {
            self.insert(entry, content, Stored::Unchanged);
            return Ok(Stored::Unchanged);
        }
        let mut reader = open()?;
        let content = keep_exactly(&entry.path, entry.size, &mut reader)?;
        self.insert(entry, content, Stored::Read);
        Ok(Stored::Read)
    }

    fn leave_directory(&self, path: &str) -> Result<()> {
        self.cancel.check()?;
        let mut state = self.state.lock();
        if !state.left.insert(path.to_owned()) {
            state.taken.breaches.push(format!("{path}: left twice"));
        }
        state.taken.left.push(path.to_owned());
        Ok(())
    }

    fn keep(&self, path: &str) -> Result<bool> {
        self.cancel.check()?;
        let Some(previous) = &self.previous else { return Ok(false) };
        let start = path_order(path);
        let found: Vec<_> = previous
            .files
            .range(start.clone()..)
            .take_while(|(key, _)| **key == start || key.strip_prefix(&start[..]).is_some_and(|k| k.starts_with(&[0])))
            .map(|(key, file)| (key.clone(), file.clone()))
            .collect();
        if found.is_empty() {
            return Ok(false);
        }
        let mut state = self.state.lock();
        state.taken.files.extend(found);
        state.taken.kept.insert(path.to_owned());
        Ok(true)
    }

    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        self.cancel.check()?;
        let content = keep_exactly(name, size, content)?;
        let mut hasher = Sha256::new();
        io::copy(
            &mut content.open().map_err(|e| SourceError::io(name, e))?,
            &mut HashWriter(&mut hasher),
        )
        .map_err(|e| SourceError::io(name, e))?;
        let hash = hex::encode(hasher.finalize());
        let mut state = self.state.lock();
        state.taken.assets.insert(hash.clone(), content);
        state.taken.assets_read.push(name.to_owned());
        Ok(hash)
    }

    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        self.cancel.check()?;
        let before = self
            .previous
            .as_ref()
            .and_then(|p| p.collections.get(collection)?.records.get(id));
        let Some(record) = before.filter(|record| record.hash == hash).cloned() else {
            return Ok(false);
        };
        let mut state = self.state.lock();
        let State { taken, open, .. } = &mut *state;
        let Some(begun) = open.get_mut(collection) else {
            taken
                .breaches
                .push(format!("{collection}: a record kept outside of begin and end"));
            return Ok(false);
        };
        for asset in record.assets.iter().filter_map(|asset| asset.sha256.as_ref()) {
            let content = self.previous.as_ref().and_then(|p| p.assets.get(asset)).cloned();
            taken.assets.extend(content.map(|content| (asset.clone(), content)));
        }
        begun.records.insert(id.to_owned(), record);
        taken.records_kept.insert(format!("{collection}/{id}"));
        Ok(true)
    }

    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        Ok(self.previous(collection, id)?.is_some())
    }

    fn previous(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.cancel.check()?;
        let before = self
            .previous
            .as_ref()
            .and_then(|p| p.collections.get(collection)?.records.get(id));
        Ok(before.cloned())
    }

    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        self.cancel.check()?;
        let mut state = self.state.lock();
        if state.taken.assets.contains_key(sha256) {
            return Ok(true);
        }
        let before = self.previous.as_ref().and_then(|p| p.assets.get(sha256)).cloned();
        let kept = before.is_some();
        state.taken.assets.extend(before.map(|content| (sha256.to_owned(), content)));
        Ok(kept)
    }

    fn workspace(&self, meta: WorkspaceMeta) {
        self.state.lock().taken.workspaces.push(meta);
    }

    fn gap(&self, gap: Gap) {
        self.state.lock().taken.gaps.push(gap);
    }

    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.state.lock().taken.total = (items, bytes);
    }

    fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

/// Reads content that must have exactly `size` bytes.
fn keep_exactly(subject: &str, size: u64, reader: &mut dyn Read) -> Result<Content> {
    let (content, got) = Content::keep(reader, size).map_err(|e| reader_error(subject, e))?;
    if got == size {
        return Ok(content);
    }
    let message = format!(
        "was announced with {size} bytes and has {}",
        if got > size { "more" } else { "less" }
    );
    Err(SourceError::new(ErrorKind::Changed, subject, message))
}

/// The reader's error as it came: connectors may carry their own error through [`io::Error`].
fn reader_error(subject: &str, error: io::Error) -> SourceError {
    match error.downcast::<SourceError>() {
        Ok(own) => own,
        Err(error) => SourceError::io(subject, error),
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
