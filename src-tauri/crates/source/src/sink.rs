//! Where a connector puts what it finds during a backup.

use std::io::Read;

use backstay_model::{Change, Collection, ContentHash, FileEntry, Gap, RawJson, Record, WorkspaceMeta};

use crate::{Cancel, Result};

/// Takes everything a backup run finds. Calls may come from several threads at once.
///
/// An error from the sink means that the vault side failed or the job was cancelled: the connector stops and returns it.
pub trait Sink: Sync {
    /// Announces a collection before its records.
    ///
    /// # Errors
    /// See the trait.
    fn begin_collection(&self, collection: &Collection, mode: FeedMode) -> Result<()>;

    /// Records of a collection, in any order, in batches of some hundreds.
    ///
    /// # Errors
    /// See the trait.
    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()>;

    /// The collection is finished. One that was begun and never ended is kept as it was in the previous snapshot, and
    /// the run is partial.
    ///
    /// # Errors
    /// See the trait.
    fn end_collection(&self, collection: &str) -> Result<()>;

    /// A file, directory or link. `open` is called only when the content is needed: not when the previous snapshot has
    /// the same path with the same size, times and inode. The reader must deliver exactly `entry.size` bytes.
    /// After an error of the *reader* the path may be offered again.
    ///
    /// # Errors
    /// The reader's error as it came, or see the trait.
    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored>;

    /// Everything below the directory `path` was given: its memory can be freed.
    ///
    /// # Errors
    /// See the trait.
    fn leave_directory(&self, path: &str) -> Result<()>;

    /// Takes the file or directory at `path` over from the previous snapshot without reading it. `false` when it holds
    /// no such path.
    ///
    /// # Errors
    /// See the trait.
    fn keep(&self, path: &str) -> Result<bool>;

    /// Binary content of a record, stored once per content; gives the SHA-256 (hexadecimal) for the reference.
    /// The reader must deliver exactly `size` bytes.
    ///
    /// # Errors
    /// The reader's error as it came, or see the trait.
    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String>;

    /// In a [`FeedMode::Full`] collection: takes the record over from the previous snapshot unread, with its attachments, when
    /// that holds it with this content hash. `false`: it has to be given. In a [`FeedMode::Delta`] collection, where such a record
    /// stays anyway, the answer is the same.
    ///
    /// # Errors
    /// See the trait.
    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        let _ = (collection, id, hash);
        Ok(false)
    }

    /// Whether the previous snapshot has a live record with this id.
    ///
    /// # Errors
    /// See the trait.
    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        let _ = (collection, id);
        Ok(false)
    }

    /// The record as the previous snapshot has it: tells which attachments are known already.
    ///
    /// # Errors
    /// See the trait.
    fn previous(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        let _ = (collection, id);
        Ok(None)
    }

    /// Takes binary content over from the previous snapshot, or notices that this run stored it already. `false`: it has to be
    /// given with [`Sink::asset`].
    ///
    /// # Errors
    /// See the trait.
    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        let _ = sha256;
        Ok(false)
    }

    /// Facts about a workspace whose files were stored.
    fn workspace(&self, meta: WorkspaceMeta);

    /// Something that should be in the snapshot and is not. The run goes on and will be *partial*.
    fn gap(&self, gap: Gap);

    /// A fact about the run worth keeping that is no gap.
    fn note(&self, text: &str) {
        let _ = text;
    }

    /// Bytes of `what` that were read and that no other call shows (yet): the reading of a file from which records come later.
    fn seen(&self, bytes: u64, what: &str) {
        let _ = (bytes, what);
    }

    /// How much there is to do, as soon as it is known. Never a guess.
    fn total(&self, items: Option<u64>, bytes: Option<u64>);

    /// The flag to look at in long work.
    fn cancel(&self) -> &Cancel;
}

/// Whether the records given are all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedMode {
    /// All records: ids not given no longer exist.
    Full,
    /// Only what changed since the cursor.
    Delta,
}

/// What the vault should know about a file's content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileHint {
    /// Nothing: cut by content, trust size, times and inode to tell a file is unchanged.
    #[default]
    Plain,
    /// A file of pages of this many bytes that change in place (a database): cut into fixed blocks on page borders.
    /// Always read; the connector itself calls [`Sink::keep`] when nothing changed.
    Pages(u32),
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It was read.
    Read,
    /// It was taken over from the previous snapshot.
    Unchanged,
}

/// What a connector returns after a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Where the next incremental run goes on.
    pub cursor: Option<RawJson>,
    /// Version of the service, library or format, in its words.
    pub api_version: Option<String>,
}
