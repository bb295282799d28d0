//! What a caller chooses, gives and gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use crate::{Id, Snapshot};

/// How a file is cut into blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// Blocks of this many bytes: for databases, whose pages change in place.
    Fixed(u32),
    /// Where the content itself says (FastCDC, 1 MiB on average): for everything that is edited or appended to.
    ContentDefined,
    /// One blob; at most 512 MiB.
    Whole,
}

/// How packs are verified after they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// Size and header are read back and compared: finds what was cut, mixed up or not written at all. The right thing
    /// on disks, where reading back comes from the system's memory and says nothing about the disk; that is what checks
    /// are for.
    #[default]
    Header,
    /// Everything is read back and hashed: for places that may alter what they are given.
    Whole,
}

/// How to write.
#[derive(Debug, Clone)]
pub struct WriterOptions {
    /// Level of zstd, 1 to 19.
    pub level: i32,
    /// Size in bytes at which a pack of content is closed. Packs of directories are a quarter of it.
    pub pack_size: usize,
    /// How packs are verified.
    pub verify: Verify,
    /// Threads that compress and seal; by default as many as there are processors, 8 at most.
    pub threads: Option<usize>,
    /// Ends the work when set.
    pub cancel: Option<Arc<AtomicBool>>,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            level: 3,
            pack_size: 16 << 20,
            verify: Verify::default(),
            threads: None,
            cancel: None,
        }
    }
}

/// What a snapshot says besides its content.
#[derive(Debug, Clone)]
pub struct SnapshotDraft {
    /// The moment it stands for.
    pub time: DateTime<Utc>,
    /// When the run began; by default `time`.
    pub started: Option<DateTime<Utc>>,
    /// The snapshot before it.
    pub parent: Option<Id>,
    /// Paths shown for it; by default `/`.
    pub paths: Vec<String>,
    /// Computer; by default this one.
    pub hostname: Option<String>,
    /// User; by default this one.
    pub username: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Label.
    pub label: String,
    /// Description.
    pub description: Option<String>,
    /// Program and version.
    pub program: String,
    /// Files the caller knows to be missing. Any other failed file prevents the snapshot.
    pub gaps: Vec<Vec<u8>>,
}

impl SnapshotDraft {
    /// A snapshot of `time` without anything special.
    #[must_use]
    pub fn new(time: DateTime<Utc>) -> Self {
        Self {
            time,
            started: None,
            parent: None,
            paths: vec!["/".to_owned()],
            hostname: None,
            username: None,
            tags: Vec::new(),
            label: String::new(),
            description: None,
            program: concat!("backstay ", env!("CARGO_PKG_VERSION")).to_owned(),
            gaps: Vec::new(),
        }
    }
}

/// A snapshot that was saved, and what it cost.
#[derive(Debug, Clone)]
pub struct Written {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Numbers of the run.
    pub stats: WriteStats,
}

/// Numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteStats {
    /// Files read and stored.
    pub files: u64,
    /// Files taken over.
    pub files_reused: u64,
    /// Directories written.
    pub dirs: u64,
    /// Directories taken over whole.
    pub dirs_reused: u64,
    /// Bytes read from files.
    pub bytes_read: u64,
    /// New blobs of content.
    pub data_blobs: u64,
    /// New blobs of directories.
    pub tree_blobs: u64,
    /// Bytes in new blobs.
    pub bytes_new: u64,
    /// Bytes they occupy, compressed and sealed.
    pub bytes_stored: u64,
    /// Packs written.
    pub packs: u64,
}

/// The same, counting.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) files: AtomicU64,
    pub(super) files_reused: AtomicU64,
    pub(super) dirs: AtomicU64,
    pub(super) dirs_reused: AtomicU64,
    pub(super) bytes_read: AtomicU64,
    pub(super) data_blobs: AtomicU64,
    pub(super) tree_blobs: AtomicU64,
    pub(super) bytes_new: AtomicU64,
    pub(super) bytes_stored: AtomicU64,
    pub(super) packs: AtomicU64,
}

impl Counters {
    pub(super) fn get(&self) -> WriteStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WriteStats {
            files: get(&self.files),
            files_reused: get(&self.files_reused),
            dirs: get(&self.dirs),
            dirs_reused: get(&self.dirs_reused),
            bytes_read: get(&self.bytes_read),
            data_blobs: get(&self.data_blobs),
            tree_blobs: get(&self.tree_blobs),
            bytes_new: get(&self.bytes_new),
            bytes_stored: get(&self.bytes_stored),
            packs: get(&self.packs),
        }
    }
}
