//! Where runs are read from and written to. This crate knows neither vaults nor archives, only these two traits.
//!
//! Paths are relative to the root of a snapshot, with `/` between their parts: `databases/users/000001/run.json`.

use bytes::Bytes;

use crate::StoreError;

/// One snapshot's files, to read.
pub trait RunStore: Send + Sync {
    /// Exactly `len` bytes of the file at `path`, from `offset`. Fewer bytes than asked for is an error; an
    /// implementation looks at the file's size before it reserves memory.
    ///
    /// # Errors
    /// When the file does not exist, ends before `offset + len`, or cannot be read.
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError>;

    /// Names (not paths) of the entries of the directory `dir`, sorted; empty when there is no such directory.
    ///
    /// # Errors
    /// When the directory cannot be read.
    fn list(&self, dir: &str) -> Result<Vec<String>, StoreError>;

    /// Size in bytes of the file at `path`.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    fn size(&self, path: &str) -> Result<u64, StoreError>;
}

/// The snapshot being written.
pub trait RunSink: Sync {
    /// Adds a file. Each path is put once; the order of paths is not sorted. Content is at most a few MiB, except for a
    /// single record that is larger.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError>;

    /// The directory `from` of the *previous* snapshot reappears in this one as `to`, with everything in it, unread.
    ///
    /// # Errors
    /// When the previous snapshot has no such directory.
    fn keep(&self, from: &str, to: &str) -> Result<(), StoreError>;
}
