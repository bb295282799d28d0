//! Reading a state, live or stored, in the same words: records by id, by number or in order; files by path.

use std::{
    cmp::Ordering,
    io::{Read, Seek},
};

use backstay_model::{AssetRef, Collection, ContentHash, ErrorKind, FileEntry, FileKind, Record};

use crate::{Result, SourceError};

/// Records of one state of a source. Every iterator streams; nothing loads a whole collection.
pub trait RecordView: Send {
    /// All collections, sorted by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn collections(&self) -> Result<Vec<Collection>>;

    /// Whether there is a collection with this name. A place that goes by another name than the collections it stands for (one
    /// database restored under a new name) knows it by whichever is asked for, without listing it.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn has(&self, collection: &str) -> Result<bool> {
        Ok(self.collections()?.iter().any(|known| known.name == collection))
    }

    /// Number of records of a collection.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn count(&self, collection: &str) -> Result<u64>;

    /// The record with this id.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>>;

    /// Up to `limit` records from number `offset` on, in the collection's order.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>>;

    /// All records in the collection's order, after the id `after` (or from the start).
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>>;

    /// Ids and content hashes in the collection's order: [`RecordView::scan`] without content, where that is cheaper.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    #[allow(clippy::type_complexity)] // an iterator of pairs; a name for it would hide more than it tells
    fn keys<'a>(&'a self, collection: &str) -> Result<Box<dyn Iterator<Item = Result<(String, ContentHash)>> + 'a>> {
        Ok(Box::new(
            self.scan(collection, None)?.map(|record| record.map(|r| (r.id, r.hash))),
        ))
    }

    /// Ids and the beginnings of content hashes in the collection's order: [`RecordView::keys`] where comparing two versions of one
    /// record is all that is wanted. Stored records tell these without being read.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn prints<'a>(&'a self, collection: &str) -> Result<Box<dyn Iterator<Item = Result<Print>> + 'a>> {
        Ok(Box::new(self.keys(collection)?.map(|key| {
            key.map(|(id, hash)| Print {
                id,
                hash: Print::short(hash),
                bytes: None,
            })
        })))
    }

    /// Tells the ids of the records with the numbers `stride - 1`, `2 * stride - 1`, … in the collection's order, from which
    /// [`RecordView::scan`] can go on later; gives the number of records. Reads everything once, without content where that is
    /// cheaper.
    ///
    /// # Errors
    /// When there is no such collection, it cannot be read, or `found` fails.
    fn marks(&self, collection: &str, stride: u64, found: &mut dyn FnMut(&str) -> Result<()>) -> Result<u64> {
        let mut count = 0_u64;
        for key in self.keys(collection)? {
            let (id, _) = key?;
            count += 1;
            if count.is_multiple_of(stride.max(1)) {
                found(&id)?;
            }
        }
        Ok(count)
    }

    /// The records with these ids, in the order of `ids`: [`RecordView::get`] for many, where that is cheaper in one go.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn get_many(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        ids.iter().map(|id| self.get(collection, id)).collect()
    }

    /// The binary content `asset` of a record of this view, and its size in bytes.
    ///
    /// # Errors
    /// When it is not there (any more) or cannot be read.
    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let _ = record;
        Err(SourceError::new(
            ErrorKind::Unsupported,
            format!("{collection}: {}", asset.name),
            "cannot be read from here",
        ))
    }

    /// Asked of a *target's* live view when a restore is planned: what bringing `backup` back would mean where `live` is.
    /// Not asked when both have the same hash.
    ///
    /// # Errors
    /// When the target cannot be read.
    fn weigh(&self, collection: &str, backup: &Record, live: Option<&Record>) -> Result<Weighed> {
        let _ = collection;
        Ok(Weighed {
            same: live.is_some_and(|live| live.hash == backup.hash),
            ..Weighed::default()
        })
    }

    /// Asked of a *target's* live view after a restore wrote `backup`: how what is there now differs from what the restore was
    /// to bring about, as the rest of a sentence that begins with the record; `None` when it is right.
    ///
    /// # Errors
    /// When the target cannot be read.
    fn differs(&self, collection: &str, backup: &Record, live: &Record) -> Result<Option<String>> {
        let _ = collection;
        Ok((live.hash != backup.hash).then(|| "has other content than the backup".to_owned()))
    }

    /// The collection's order: by the bytes of the ids unless a connector says otherwise.
    fn compare_ids(&self, collection: &str, a: &str, b: &str) -> Ordering {
        let _ = collection;
        a.as_bytes().cmp(b.as_bytes())
    }
}

/// A record without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Print {
    /// Its id.
    pub id: String,
    /// [`Print::short`] of its content hash.
    pub hash: u64,
    /// About how many bytes it has, where that is known.
    pub bytes: Option<u64>,
}

impl Print {
    /// The first 56 bits of a content hash as a number: two versions of one record are taken for the same with a chance of
    /// 2^-56.
    #[must_use]
    pub fn short(hash: ContentHash) -> u64 {
        hash.0.iter().take(7).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// What a target says about a record that would be brought back to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighed {
    /// Nothing needs to be written.
    pub same: bool,
    /// Why it cannot be brought back, as a sentence.
    pub impossible: Option<String>,
    /// What a person should know about how it comes back, in sentences.
    pub notes: Vec<String>,
}

/// A file's content with random access.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Files of one state of a source.
pub trait FileView: Send + Sync {
    /// Everything in depth-first order, a directory before its content, names sorted by their bytes. `below` limits it to a
    /// directory or file (included).
    ///
    /// # Errors
    /// When the state cannot be read.
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>>;

    /// What lies directly in the directory `dir` (the empty path is the top), in any order.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn children(&self, dir: &str) -> Result<Vec<FileEntry>> {
        let mut entries = Vec::new();
        for entry in self.walk((!dir.is_empty()).then_some(dir))? {
            let entry = entry?;
            let below = match dir {
                "" => Some(entry.path.as_str()),
                dir => entry.path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/')),
            };
            if below.is_some_and(|name| !name.contains('/')) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// What lies at `path`.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn stat(&self, path: &str) -> Result<Option<FileEntry>>;

    /// The content of the file at `path`.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>>;

    /// A hash of the file's content: equal for equal content, in every view of every source.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn hash(&self, path: &str) -> Result<ContentHash>;

    /// What [`crate::Expect::Content`] means for an entry: the content's hash of a file, the hash of a link's text, and a
    /// fixed value for a directory (whose entries are steps of their own).
    ///
    /// # Errors
    /// As [`FileView::hash`].
    fn identity(&self, entry: &FileEntry) -> Result<ContentHash> {
        match &entry.kind {
            FileKind::File => self.hash(&entry.path),
            FileKind::Symlink(target) => Ok(ContentHash::of(target.as_bytes())),
            FileKind::Directory | FileKind::Other => Ok(ContentHash::of(b"")),
        }
    }
}
