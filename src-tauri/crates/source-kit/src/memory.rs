//! A source that lives in memory, with the capabilities a test wants: for tests of everything above connectors.

mod source;
mod view;
mod write;

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::{
    AssetRef, Capabilities, Collection, CollectionKind, ContentHash, FileEntry, FileKind, FileMeta, RawJson, Record, Schema,
};
use backstay_source::FeedMode;
use bytes::Bytes;
use chrono::DateTime;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::{Content, Taken, TakenCollection, TakenFile, path_order};

/// Collections, records with assets, and files in memory. Clones are the same source.
#[derive(Debug, Clone)]
pub struct MemorySource {
    capabilities: Capabilities,
    /// Has unchanged records taken over instead of giving them.
    keeps: bool,
    state: Arc<Mutex<State>>,
    /// Sources at other places, made when first looked at.
    places: Arc<Mutex<BTreeMap<String, MemorySource>>>,
}

#[derive(Debug, Default)]
struct State {
    /// The present, shared with the views that were taken of it.
    now: Arc<Taken>,
    /// What was touched, in order: the change feed. A cursor is a position in it.
    log: Vec<(String, String)>,
    /// Ticks with every change; also the clock of file times, in seconds.
    version: u64,
}

impl Default for MemorySource {
    fn default() -> Self {
        Self::new(Capabilities {
            records: true,
            files: true,
            attachments: true,
            create: true,
            update: true,
            delete: true,
            ..Capabilities::default()
        })
    }
}

impl MemorySource {
    /// An empty source that says it can do this. `change_feed` and `transactions` change what it does.
    #[must_use]
    pub fn new(capabilities: Capabilities) -> Self {
        Self {
            capabilities,
            keeps: false,
            state: Arc::default(),
            places: Arc::default(),
        }
    }

    /// The default source with a change feed.
    #[must_use]
    pub fn with_feed() -> Self {
        let mut source = Self::default();
        source.capabilities.change_feed = true;
        source
    }

    /// The default source as a service that tells hashes without content: unchanged records are taken over unread.
    #[must_use]
    pub fn with_keeping() -> Self {
        Self {
            keeps: true,
            ..Self::default()
        }
    }

    /// The default source whose writes count together.
    #[must_use]
    pub fn with_transactions() -> Self {
        let mut source = Self::default();
        source.capabilities.transactions = true;
        source
    }

    fn change(&self, work: impl FnOnce(&mut Taken, u64)) {
        let mut state = self.state.lock();
        state.version += 1;
        let version = state.version;
        work(Arc::make_mut(&mut state.now), version);
    }

    fn touched(&self, collection: &str, id: &str) {
        self.state.lock().log.push((collection.to_owned(), id.to_owned()));
    }

    /// Makes a collection, empty unless it exists.
    pub fn collection(&self, name: &str) {
        self.change(|now, _| {
            now.collections.entry(name.to_owned()).or_insert_with(|| empty(name));
        });
    }

    /// Makes a collection of this kind, empty unless it exists.
    pub fn collection_of_kind(&self, name: &str, kind: CollectionKind) {
        self.collection(name);
        self.change(|now, _| {
            if let Some(collection) = now.collections.get_mut(name) {
                collection.collection.kind = kind;
            }
        });
    }

    /// Removes a collection with its records.
    pub fn drop_collection(&self, name: &str) {
        self.change(|now, _| {
            now.collections.remove(name);
        });
    }

    /// Puts a record; makes the collection if needed.
    pub fn put(&self, collection: &str, id: &str, data: RawJson) {
        self.put_record(collection, Record::new(id, data));
    }

    /// Puts a record with all its facts.
    pub fn put_record(&self, collection: &str, record: Record) {
        let id = record.id.clone();
        self.change(|now, _| insert(now, collection, record));
        self.touched(collection, &id);
    }

    /// Removes a record.
    pub fn delete(&self, collection: &str, id: &str) {
        self.change(|now, _| {
            if let Some(collection) = now.collections.get_mut(collection) {
                collection.records.remove(id);
            }
        });
        self.touched(collection, id);
    }

    /// Attaches a file to a record that exists.
    pub fn attach(&self, collection: &str, id: &str, name: &str, content: impl Into<Bytes>) {
        let content = content.into();
        let sha256 = hex::encode(Sha256::digest(&content));
        self.change(|now, _| {
            let record = now.collections.get_mut(collection).and_then(|c| c.records.get_mut(id));
            if let Some(record) = record {
                record.assets.push(AssetRef {
                    name: name.to_owned(),
                    sha256: Some(sha256.clone()),
                    size: Some(content.len() as u64),
                    media_type: None,
                });
                // A new attachment is a change of content.
                let hash = ContentHash::of(&[record.data.as_bytes(), sha256.as_bytes()].concat());
                *record = record.clone().with_canonical_hash(hash);
                now.assets.insert(sha256, Content::Memory(content));
            }
        });
        self.touched(collection, id);
    }

    /// Loses the content of an attachment, as if it were damaged at the source.
    pub fn lose_content(&self, sha256: &str) {
        self.change(|now, _| {
            now.assets.remove(sha256);
        });
    }

    /// Puts a file, and the directories it needs.
    pub fn file(&self, path: &str, content: impl Into<Bytes>) {
        let content = content.into();
        self.change(|now, version| {
            let mut at = 0;
            while let Some(slash) = path[at..].find('/') {
                at += slash + 1;
                let parent = &path[..at - 1];
                let directory = || file_of(entry_of(parent, FileKind::Directory, 0, version), Bytes::new());
                now.files.entry(path_order(parent)).or_insert_with(directory);
            }
            let entry = entry_of(path, FileKind::File, content.len() as u64, version);
            now.files.insert(path_order(path), file_of(entry, content));
        });
    }

    /// Removes a file or an empty directory.
    pub fn remove_file(&self, path: &str) {
        self.change(|now, _| {
            now.files.remove(&path_order(path));
        });
    }

    /// The present state.
    #[must_use]
    pub fn now(&self) -> Arc<Taken> {
        Arc::clone(&self.state.lock().now)
    }
}

fn empty(name: &str) -> TakenCollection {
    TakenCollection {
        collection: Collection {
            name: name.to_owned(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: None,
        },
        mode: FeedMode::Full,
        ended: true,
        records: BTreeMap::new(),
        given: 0,
    }
}

fn insert(now: &mut Taken, collection: &str, record: Record) {
    let into = now
        .collections
        .entry(collection.to_owned())
        .or_insert_with(|| empty(collection));
    into.records.insert(record.id.clone(), record);
}

fn file_of(entry: FileEntry, content: Bytes) -> TakenFile {
    TakenFile {
        entry,
        content: Content::Memory(content),
    }
}

fn entry_of(path: &str, kind: FileKind, size: u64, version: u64) -> FileEntry {
    let modified = i64::try_from(version)
        .ok()
        .and_then(|v| DateTime::from_timestamp(1_700_000_000 + v, 0));
    FileEntry {
        path: path.to_owned(),
        kind,
        size,
        meta: FileMeta {
            modified,
            attributes_changed: modified,
            mode: Some(0o644),
            links: 1,
            ..FileMeta::default()
        },
    }
}
