//! Real folders and databases, backed up by their connectors into a vault in memory.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_engine::{
    Job, Reporter, Silent,
    backup::{BackupDone, BackupInput, backup},
    guard::SnapshotView,
};
use backstay_source::{Cancel, Connector, Secrets, Source, SourceConfig};
use backstay_vault::{
    CreateOptions, FileKind, Id, KeyCost, Place, Snapshot, Vault,
    place::{MemoryPlace, PlaceResult},
};
use bytes::Bytes;

use crate::bench::Ticking;

/// Counts what is read of packs.
#[derive(Debug, Default)]
pub struct Counting {
    pub inner: MemoryPlace,
    reads: AtomicU64,
}

impl Counting {
    fn count(&self, kind: FileKind) {
        self.reads.fetch_add(u64::from(kind == FileKind::Pack), Ordering::Relaxed);
    }
}

impl Place for Counting {
    fn location(&self) -> String {
        self.inner.location()
    }
    fn create(&self) -> PlaceResult<()> {
        self.inner.create()
    }
    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>> {
        self.inner.list(kind)
    }
    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        self.count(kind);
        self.inner.read(kind, id)
    }
    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()> {
        self.count(kind);
        self.inner.read_range(kind, id, offset, length, buffer)
    }
    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>> {
        self.inner.size(kind, id)
    }
    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        self.inner.write(kind, id, content)
    }
    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()> {
        self.inner.remove(kind, id)
    }
}

struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _: &str, _: &str) -> backstay_source::Result<Option<String>> {
        Ok(None)
    }
}

/// The connector of a kind.
pub fn connector(kind: &str) -> Option<Arc<dyn Connector>> {
    backstay_registry::connectors().into_iter().find(|one| one.kind() == kind)
}

/// A folder to work in, a vault, and what the program knows.
pub struct Disk {
    pub dir: tempfile::TempDir,
    pub place: Arc<Counting>,
    pub vault: Vault,
    pub cancel: Cancel,
    clock: Ticking,
}

impl Disk {
    pub fn new() -> Self {
        let place = Arc::new(Counting::default());
        let cheap = CreateOptions {
            cost: KeyCost::Cheap,
            ..CreateOptions::default()
        };
        let vault = Vault::create(place.clone(), "a test password", &cheap).unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            place,
            vault,
            cancel: Cancel::default(),
            clock: Ticking::default(),
        }
    }

    pub fn job(&self) -> Job<'_> {
        self.job_for(&Silent)
    }

    pub fn job_for<'a>(&'a self, reporter: &'a dyn Reporter) -> Job<'a> {
        Job {
            cancel: &self.cancel,
            clock: &self.clock,
            reporter,
        }
    }

    /// A path below the folder.
    pub fn path(&self, rel: &str) -> PathBuf {
        self.dir.path().join(rel)
    }

    /// Writes a file, and the folders it needs.
    pub fn write(&self, rel: &str, content: &[u8]) {
        let path = self.path(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Runs SQL in a database, made if missing.
    pub fn sql(&self, rel: &str, sql: &str) {
        let path = self.path(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.execute_batch(sql).unwrap();
    }

    pub fn source(&self, kind: &str, path: &Path) -> Arc<dyn Source> {
        let config = SourceConfig {
            id: "s-1".to_owned(),
            name: "Things".to_owned(),
            options: serde_json::json!({ "path": path.to_str().unwrap() }),
        };
        connector(kind).unwrap().open(&config, &NoSecrets).unwrap()
    }

    pub fn backup(&self, kind: &str, rel: &str) -> BackupDone {
        let input = BackupInput {
            source: &*self.source(kind, &self.path(rel)),
            connector: &connector(kind).unwrap(),
            source_id: "s-1",
            source_name: "Things",
            vault: &self.vault,
            tags: &[],
            audit_head: None,
        };
        backup(&input, &self.job()).unwrap()
    }

    pub fn view(&self, snapshot: &Snapshot) -> SnapshotView {
        SnapshotView::open(&self.vault.reader().unwrap(), snapshot, &connector).unwrap()
    }

    /// The snapshot before, as a guard sees it.
    pub fn before(&self, now: &Snapshot) -> Option<SnapshotView> {
        let reader = self.vault.reader().unwrap();
        SnapshotView::before(&reader, &self.vault.snapshots().unwrap(), now, &connector)
    }

    /// How many pieces of packs are read meanwhile.
    pub fn reads_during(&self, work: impl FnOnce()) -> u64 {
        let before = self.place.reads.load(Ordering::Relaxed);
        work();
        self.place.reads.load(Ordering::Relaxed) - before
    }
}
