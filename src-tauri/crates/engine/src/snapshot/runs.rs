//! The records of a snapshot as a [`RecordView`] over its sorted runs.

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::{AssetRef, ChangeKind, Collection, ErrorKind, Record};
use backstay_records::{CollectionReader, Keys, RecordsError, RunStore, StoreError};
use backstay_source::{Print, RecordView, Result, SourceError};
use backstay_vault::{Node, Reader};
use bytes::Bytes;

use super::{
    assets::{AssetContent, AssetStore},
    files::unescape,
};

/// All collections a snapshot stores as runs.
pub struct RunsView {
    collections: BTreeMap<String, CollectionReader>,
    /// Where the attachments of its records lie.
    assets: Option<Arc<dyn AssetStore>>,
}

impl RunsView {
    /// Opens the collections described by the files `databases/*.json`.
    ///
    /// # Errors
    /// When the directory or a description cannot be read.
    pub fn open(store: &Arc<dyn RunStore>) -> Result<Self, RecordsError> {
        let mut collections = BTreeMap::new();
        for name in store.list("databases")? {
            if name.ends_with(".json") {
                let reader = CollectionReader::open(store, &format!("databases/{name}"))?;
                collections.insert(reader.collection().name.clone(), reader);
            }
        }
        Ok(Self {
            collections,
            assets: None,
        })
    }

    /// Opens attachments of records from there.
    #[must_use]
    pub fn with_assets(mut self, assets: Arc<dyn AssetStore>) -> Self {
        self.assets = Some(assets);
        self
    }

    /// Whether the collection is here.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.collections.contains_key(name)
    }

    /// Whether there is no collection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.collections.is_empty()
    }

    /// The reader of one collection.
    #[must_use]
    pub fn reader(&self, name: &str) -> Option<&CollectionReader> {
        self.collections.get(name)
    }

    fn need(&self, name: &str) -> Result<&CollectionReader> {
        self.reader(name)
            .ok_or_else(|| SourceError::new(ErrorKind::NotFound, name, "is no collection of this snapshot"))
    }

    /// Compares a collection with the same one in a later snapshot: runs both share are skipped, the rest is told apart
    /// by keys, no content is read.
    ///
    /// # Errors
    /// When keys cannot be read, or `found` fails.
    pub fn diff(
        &self,
        later: &Self,
        name: &str,
        found: &mut dyn FnMut(ChangeKind, &str) -> crate::Result<()>,
    ) -> crate::Result<()> {
        for change in self.need(name)?.diff(later.need(name)?)? {
            let backstay_records::Difference { id, change } = change?;
            found(change, &id)?;
        }
        Ok(())
    }
}

/// Ids and hashes of a stored collection; ends after an error.
struct Prints {
    name: String,
    keys: Option<Keys>,
}

impl Iterator for Prints {
    type Item = Result<Print>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.keys.as_mut()?.next_key().map(|key| {
            key.map(|key| Print {
                id: key.id.to_owned(),
                hash: key.hash.bits(),
                bytes: Some(key.bytes),
            })
        });
        let next = next.map_err(|error| damaged(&self.name, error)).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.keys = None;
        }
        next
    }
}

fn damaged(name: &str, error: RecordsError) -> SourceError {
    SourceError::new(error.kind(), name, format!("cannot be read: {error}")).caused_by(error)
}

impl RecordView for RunsView {
    fn collections(&self) -> Result<Vec<Collection>> {
        let with_count = |reader: &CollectionReader| Collection {
            records: Some(reader.count()),
            ..reader.collection().clone()
        };
        Ok(self.collections.values().map(with_count).collect())
    }

    fn count(&self, collection: &str) -> Result<u64> {
        Ok(self.need(collection)?.count())
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.need(collection)?.get(id).map_err(|error| damaged(collection, error))
    }

    fn get_many(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        let found = self.need(collection)?.get_many(ids);
        found.map_err(|error| damaged(collection, error))
    }

    fn prints<'a>(&'a self, collection: &str) -> Result<Box<dyn Iterator<Item = Result<Print>> + 'a>> {
        let keys = self.need(collection)?.keys("").map_err(|error| damaged(collection, error))?;
        Ok(Box::new(Prints {
            name: collection.to_owned(),
            keys: Some(keys),
        }))
    }

    fn marks(&self, collection: &str, stride: u64, found: &mut dyn FnMut(&str) -> Result<()>) -> Result<u64> {
        let failed = |error| damaged(collection, error);
        let mut keys = self.need(collection)?.keys("").map_err(failed)?;
        let mut count = 0_u64;
        while let Some(key) = keys.next_key().map_err(failed)? {
            count += 1;
            if count.is_multiple_of(stride.max(1)) {
                found(key.id)?;
            }
        }
        Ok(count)
    }

    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<AssetContent> {
        let subject = format!("{collection}/{}: {}", record.id, asset.name);
        let Some(hash) = &asset.sha256 else {
            let message = "could not be fetched when the backup was made, so its content is not there";
            return Err(SourceError::new(ErrorKind::NotFound, subject, message));
        };
        let found = match &self.assets {
            Some(assets) => assets.open(hash, &subject)?,
            None => None,
        };
        let missing = |what: &str| {
            let hint = "`backstay verify` shows what is damaged, `backstay repair` mends what can be mended.";
            SourceError::new(ErrorKind::Damaged, &subject, what).hint(hint)
        };
        let (size, content) = found.ok_or_else(|| missing("its content is missing in the backup"))?;
        if asset.size.is_some_and(|announced| announced != size) {
            return Err(missing("its content in the backup has another size than the record says"));
        }
        Ok((size, content))
    }

    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.need(collection)?
            .page(offset, limit)
            .map_err(|error| damaged(collection, error))
    }

    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        let name = collection.to_owned();
        let scan = self
            .need(collection)?
            .scan(after.unwrap_or_default())
            .map_err(|error| damaged(collection, error))?;
        let after = after.map(ToOwned::to_owned);
        let records = scan.filter(move |record| match (record, &after) {
            (Ok(record), Some(after)) => record.id != *after,
            _ => true,
        });
        Ok(Box::new(
            records.map(move |record| record.map_err(|error| damaged(&name, error))),
        ))
    }
}

/// A vault's snapshot as the place runs are read from.
pub struct VaultStore {
    reader: Reader,
    root: Node,
}

impl VaultStore {
    /// Reads below the snapshot's root directory.
    #[must_use]
    pub fn new(reader: Reader, root: Node) -> Self {
        Self { reader, root }
    }

    fn find(&self, path: &str) -> Result<Node, StoreError> {
        let found = self
            .reader
            .find_below(&self.root, unescape(path))
            .map_err(|e| StoreError::new(path, e.kind(), e))?;
        found.ok_or_else(|| StoreError::new(path, ErrorKind::NotFound, "it is not in the snapshot"))
    }
}

impl RunStore for VaultStore {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError> {
        let failed = |e: backstay_vault::VaultError| StoreError::new(path, e.kind(), e);
        let file = self.reader.file(&self.find(path)?).map_err(failed)?;
        if offset.checked_add(len as u64).is_none_or(|end| end > file.len()) {
            return Err(StoreError::new(
                path,
                ErrorKind::Damaged,
                "it is shorter than its description says",
            ));
        }
        let bytes = file.bytes_at(offset, len).map_err(failed)?;
        if bytes.len() < len {
            return Err(StoreError::new(path, ErrorKind::Damaged, "it ends too early"));
        }
        Ok(bytes)
    }

    fn list(&self, dir: &str) -> Result<Vec<String>, StoreError> {
        let failed = |e: backstay_vault::VaultError| StoreError::new(dir, e.kind(), e);
        let found = self.reader.find_below(&self.root, unescape(dir)).map_err(failed)?;
        let Some(node) = found.filter(Node::is_directory) else {
            return Ok(Vec::new());
        };
        Ok(self
            .reader
            .list(&node)
            .map_err(failed)?
            .iter()
            .map(Node::escaped_name)
            .collect())
    }

    fn size(&self, path: &str) -> Result<u64, StoreError> {
        Ok(self.find(path)?.size)
    }
}
