//! A bundle, opened: its table of files, its metadata.

use std::{path::Path, sync::atomic::AtomicBool};

use backstay_model::SnapshotMeta;

use crate::{BundleFacts, Content, Limits, METADATA, Result, metadata, table::Table};

/// One file of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BundleEntry<'a> {
    /// Its path in the bundle.
    pub name: &'a str,
    /// Its size in bytes.
    pub size: u64,
}

/// A bundle that passed the gate.
pub struct Bundle {
    table: Table,
    meta: SnapshotMeta,
    facts: BundleFacts,
}

impl Bundle {
    /// Opens the bundle at `path`: looks at every entry's name, kind, size and place, and reads metadata and checksums. Takes
    /// time and memory by the number of entries; content is looked at when it is asked for.
    ///
    /// # Errors
    /// Why it is refused. Nothing of it was used then, and nothing was written anywhere.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let table = Table::open(path, limits)?;
        let (meta, facts) = metadata::read(&table.bytes(METADATA)?)?;
        Ok(Self { table, meta, facts })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.table.path
    }

    /// Whether it is a directory; else a ZIP.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.table.is_directory()
    }

    /// What the snapshot says about itself.
    #[must_use]
    pub fn meta(&self) -> &SnapshotMeta {
        &self.meta
    }

    /// What was taken of the snapshot.
    #[must_use]
    pub fn facts(&self) -> &BundleFacts {
        &self.facts
    }

    /// SHA-256 of its `checksums`, hexadecimal: two bundles with one identity hold the same files.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.table.identity
    }

    /// The limits it was opened with.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.table.limits
    }

    /// Bytes it takes on disk (of a directory: of all its files).
    #[must_use]
    pub fn length(&self) -> u64 {
        self.table.length()
    }

    /// Bytes of all files, unpacked.
    #[must_use]
    pub fn unpacked(&self) -> u64 {
        self.table.unpacked()
    }

    /// Whether it still is the file or directory that was opened, as far as size and time tell.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn is_unchanged(&self) -> Result<bool> {
        self.table.is_unchanged()
    }

    /// Files whose path begins with `prefix` (all for the empty text), sorted by their bytes.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = BundleEntry<'a>> + 'a {
        self.table.below(prefix).map(|(name, size)| BundleEntry { name, size })
    }

    /// The file called `name`.
    #[must_use]
    pub fn find<'a>(&self, name: &'a str) -> Option<BundleEntry<'a>> {
        self.table.find(name).map(|size| BundleEntry { name, size })
    }

    /// Whether there is a directory called `name` that has an entry of its own.
    #[must_use]
    pub fn has_directory(&self, name: &str) -> bool {
        self.table.has_directory(name)
    }

    /// Position of the file called `name` among all files.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.table.index(name)
    }

    /// All of a small file.
    ///
    /// # Errors
    /// When there is none, it is larger than metadata may be, or it is damaged.
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        self.table.bytes(name)
    }

    /// The content of a file, after all of it was read and compared with its checksum. `stop` ends that early.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn content(&self, name: &str, stop: Option<&AtomicBool>) -> Result<Content> {
        self.table.content(name, stop)
    }

    /// Gives the content of a file to `each`, piece by piece, without keeping it. Only when this succeeds was it the right one.
    ///
    /// # Errors
    /// When there is none, it is damaged, or `each` fails.
    pub fn stream(&self, name: &str, stop: Option<&AtomicBool>, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.table.stream(name, stop, each)
    }
}
