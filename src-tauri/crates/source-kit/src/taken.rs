//! What a run gave, as a test wants to look at it; readable through the same views as a live source or a snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Seek as _, SeekFrom},
};

use backstay_model::{AssetRef, Collection, ContentHash, ErrorKind, FileEntry, FileKind, Gap, Record, WorkspaceMeta};
use backstay_source::{FeedMode, FileView, ReadSeek, RecordView, Result, SourceError};

use crate::Content;

/// A file, directory or link that was given.
#[derive(Debug, Clone)]
pub struct TakenFile {
    /// As it was announced.
    pub entry: FileEntry,
    /// Its content; empty for anything but a file.
    pub content: Content,
}

/// A collection that was given.
#[derive(Debug, Clone)]
pub struct TakenCollection {
    /// As it was announced.
    pub collection: Collection,
    /// How it was announced.
    pub mode: FeedMode,
    /// Whether it was ended. If not, `records` are those of the previous run.
    pub ended: bool,
    /// Its records by id, after the changes.
    pub records: BTreeMap<String, Record>,
    /// Number of changes that were given in this run.
    pub given: u64,
}

/// Everything one run gave to a [`crate::DirSink`].
#[derive(Debug, Clone, Default)]
pub struct Taken {
    pub(crate) files: BTreeMap<Vec<u8>, TakenFile>,
    /// Collections by name.
    pub collections: BTreeMap<String, TakenCollection>,
    /// Assets by SHA-256 (hexadecimal).
    pub assets: BTreeMap<String, Content>,
    /// Names of the assets whose content was read, in the order they came.
    pub assets_read: Vec<String>,
    /// Records taken over by `keep_record`, as `COLLECTION/ID`.
    pub records_kept: BTreeSet<String>,
    /// Workspaces in the order they came.
    pub workspaces: Vec<WorkspaceMeta>,
    /// Gaps in the order they came.
    pub gaps: Vec<Gap>,
    /// Paths taken over by `keep`.
    pub kept: BTreeSet<String>,
    /// Paths whose content was read.
    pub read: BTreeSet<String>,
    /// Paths of files found unchanged without reading.
    pub unchanged: BTreeSet<String>,
    /// Directories left, in order.
    pub left: Vec<String>,
    /// Last totals announced: items, bytes.
    pub total: (Option<u64>, Option<u64>),
    /// Breaches of the contract by the connector, in words. A good connector leaves this empty.
    pub breaches: Vec<String>,
}

/// A key that sorts paths as a walk gives them: depth first, names by their bytes.
#[must_use]
pub fn path_order(path: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(path.len());
    for part in path.split('/') {
        if !key.is_empty() {
            // Less than any byte of a name, so that a directory's content follows it before its longer-named siblings.
            key.push(0);
        }
        key.extend_from_slice(&FileEntry::unescape(part));
    }
    key
}

impl Taken {
    /// What was given at `path`.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&TakenFile> {
        self.files.get(&path_order(path))
    }

    /// All that was given below `files/`, in walk order.
    pub fn files(&self) -> impl Iterator<Item = &TakenFile> {
        self.files.values()
    }

    /// All paths, in walk order.
    #[must_use]
    pub fn paths(&self) -> Vec<&str> {
        self.files.values().map(|f| f.entry.path.as_str()).collect()
    }

    /// The content at `path`; `None` when nothing was given there.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn bytes(&self, path: &str) -> io::Result<Option<bytes::Bytes>> {
        self.file(path).map(|f| f.content.bytes()).transpose()
    }

    /// The gap of `subject`, if one was named.
    #[must_use]
    pub fn gap(&self, subject: &str) -> Option<&Gap> {
        self.gaps.iter().find(|g| g.subject == subject)
    }

    fn of(&self, collection: &str) -> Result<&TakenCollection> {
        self.collections
            .get(collection)
            .ok_or_else(|| SourceError::new(ErrorKind::NotFound, collection, "is no collection of this state"))
    }

    fn need(&self, path: &str) -> Result<&TakenFile> {
        self.file(path)
            .ok_or_else(|| SourceError::new(ErrorKind::NotFound, path, "does not exist"))
    }
}

impl RecordView for Taken {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(self.collections.values().map(|c| c.collection.clone()).collect())
    }

    fn count(&self, collection: &str) -> Result<u64> {
        Ok(self.of(collection)?.records.len() as u64)
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        Ok(self.of(collection)?.records.get(id).cloned())
    }

    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        let (offset, limit) = (clamp(offset), clamp(limit));
        Ok(self
            .of(collection)?
            .records
            .values()
            .skip(offset)
            .take(limit)
            .cloned()
            .collect())
    }

    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let subject = format!("{collection}/{}: {}", record.id, asset.name);
        let known = asset.sha256.as_ref().and_then(|hash| self.assets.get(hash));
        let content = known.ok_or_else(|| SourceError::new(ErrorKind::NotFound, &subject, "has no content"))?;
        let mut reader = content.open().map_err(|e| SourceError::io(&subject, e))?;
        let size = reader.seek(SeekFrom::End(0)).map_err(|e| SourceError::io(&subject, e))?;
        reader.rewind().map_err(|e| SourceError::io(&subject, e))?;
        Ok((size, Box::new(reader)))
    }

    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, Excluded);
        let records = self.of(collection)?.records.range::<str, _>((from, Unbounded));
        Ok(Box::new(records.map(|(_, record)| Ok(record.clone()))))
    }
}

impl FileView for Taken {
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        let Some(below) = below else {
            return Ok(Box::new(self.files.values().map(|f| Ok(f.entry.clone()))));
        };
        let start = path_order(below);
        let range = self.files.range(start.clone()..);
        Ok(Box::new(
            range
                .take_while(move |(key, _)| **key == start || key.strip_prefix(&start[..]).is_some_and(|k| k.starts_with(&[0])))
                .map(|(_, f)| Ok(f.entry.clone())),
        ))
    }

    fn stat(&self, path: &str) -> Result<Option<FileEntry>> {
        Ok(self.file(path).map(|f| f.entry.clone()))
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>> {
        let file = self.need(path)?;
        if file.entry.kind != FileKind::File {
            return Err(SourceError::new(ErrorKind::Unsupported, path, "is not a file"));
        }
        file.content.open().map_err(|e| SourceError::io(path, e))
    }

    fn hash(&self, path: &str) -> Result<ContentHash> {
        let file = self.need(path)?;
        match &file.entry.kind {
            FileKind::Symlink(target) => Ok(ContentHash::of(target.as_bytes())),
            _ => file.content.hash().map_err(|e| SourceError::io(path, e)),
        }
    }
}

fn clamp(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
