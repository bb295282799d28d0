//! One state of a memory source as views that stay as they are while the source goes on.

use std::{io::Read, sync::Arc};

use backstay_model::{AssetRef, Collection, ContentHash, FileEntry, Record};
use backstay_source::{FileView, ReadSeek, RecordView, Result};

use crate::Taken;

/// A state, shared.
#[derive(Debug)]
pub(super) struct Frozen(pub(super) Arc<Taken>);

impl RecordView for Frozen {
    fn collections(&self) -> Result<Vec<Collection>> {
        self.0.collections()
    }
    fn count(&self, collection: &str) -> Result<u64> {
        self.0.count(collection)
    }
    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.0.get(collection, id)
    }
    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        self.0.open_asset(collection, record, asset)
    }
    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        self.0.page(collection, offset, limit)
    }
    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        self.0.scan(collection, after)
    }
}

impl FileView for Frozen {
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        self.0.walk(below)
    }
    fn stat(&self, path: &str) -> Result<Option<FileEntry>> {
        self.0.stat(path)
    }
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>> {
        self.0.open(path)
    }
    fn hash(&self, path: &str) -> Result<ContentHash> {
        self.0.hash(path)
    }
}
