//! Small vaults for the maintenance tests, with a plain copy of what they hold, and restic as the judge.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use backstay_vault::maintain::check::{CheckOptions, check};
use backstay_vault::maintain::report::{CheckReport, Depth};
use backstay_vault::place::MemoryPlace;
use backstay_vault::{
    Chunking, CreateOptions, FileAttrs, FileKind, Host, Id, KeyCost, LocalPlace, Place, Snapshot, SnapshotDraft, Unlock, Vault,
    WriterOptions,
};
use chrono::{DateTime, Utc};
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse";

/// Path to content.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A vault in a temporary folder that goes with it.
pub struct Scratch {
    pub folder: TempDir,
    pub vault: Vault,
}

impl Scratch {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Arc::new(LocalPlace::new(folder.path().join("vault")));
        Self {
            vault: create(place),
            folder,
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub fn local(&self) -> LocalPlace {
        LocalPlace::new(self.path())
    }

    /// The vault opened anew, so that nothing is remembered.
    pub fn reopen(&self) -> Vault {
        open(Arc::new(self.local()))
    }
}

pub fn create(place: Arc<dyn Place>) -> Vault {
    let options = CreateOptions {
        host: Host::current(),
        cost: KeyCost::Cheap,
    };
    Vault::create(place, PASSWORD, &options).unwrap()
}

pub fn open(place: Arc<dyn Place>) -> Vault {
    Vault::open(place, &Unlock::Password(PASSWORD.to_owned())).unwrap()
}

/// A vault in memory.
pub fn in_memory() -> (Arc<MemoryPlace>, Vault) {
    let place = Arc::new(MemoryPlace::default());
    let vault = create(place.clone());
    (place, vault)
}

/// Saves a snapshot of `files`.
pub fn save(vault: &Vault, files: &Files, time: DateTime<Utc>) -> Snapshot {
    save_with(
        vault,
        files,
        time,
        WriterOptions {
            threads: Some(1),
            ..WriterOptions::default()
        },
    )
}

pub fn save_with(vault: &Vault, files: &Files, time: DateTime<Utc>, options: WriterOptions) -> Snapshot {
    let writer = vault.writer(options).unwrap();
    for (path, content) in files {
        let attrs = FileAttrs {
            modified: Some(time),
            ..FileAttrs::default()
        };
        let mut reader = content.as_slice();
        writer
            .put_file(path, &attrs, content.len() as u64, &mut reader, Chunking::Fixed(64 << 10))
            .unwrap();
    }
    writer.commit(SnapshotDraft::new(time)).unwrap().snapshot
}

/// Everything a snapshot holds, or why it cannot be read.
pub fn load(vault: &Vault, id: &Id) -> Result<Files, backstay_vault::VaultError> {
    let reader = vault.reader()?;
    let snapshot = vault.snapshot(id)?;
    let mut files = Files::new();
    for entry in reader.walk(&snapshot, "")? {
        if let Some(error) = entry.error {
            return Err(error);
        }
        if entry.node.is_file() {
            let mut content = vec![0; usize::try_from(entry.node.size).unwrap()];
            reader.read_at(&entry.node, 0, &mut content)?;
            files.insert(String::from_utf8(entry.path).unwrap(), content);
        }
    }
    Ok(files)
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut all = Vec::with_capacity(length + 8);
    while all.len() < length {
        all.extend_from_slice(&step());
    }
    all.truncate(length);
    all
}

pub fn files(list: &[(&str, Vec<u8>)]) -> Files {
    list.iter()
        .map(|(path, content)| ((*path).to_owned(), content.clone()))
        .collect()
}

pub fn time(day: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + i64::from(day) * 86_400, 0).unwrap()
}

pub fn checked(vault: &Vault, depth: Depth) -> CheckReport {
    check(
        vault,
        &CheckOptions {
            depth,
            paths_per_snapshot: 100,
            now: Utc::now(),
        },
        &(),
    )
    .unwrap()
}

/// Bytes of all files of a kind.
pub fn bytes(vault: &Vault, kind: FileKind) -> u64 {
    vault.place().list(kind).unwrap().iter().map(|(_, size)| size).sum()
}

pub fn ids(vault: &Vault, kind: FileKind) -> Vec<Id> {
    let mut ids: Vec<Id> = vault.place().list(kind).unwrap().into_iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids
}

pub fn restic_output(repository: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new("restic")
        .args(["--no-cache", "--repo"])
        .arg(repository)
        .args(arguments)
        .env("RESTIC_PASSWORD", PASSWORD)
        .envs(environment.iter().copied())
        .output()
        .expect("restic is installed")
}

/// Runs restic; it must succeed.
pub fn restic_in(repository: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = restic_output(repository, arguments, environment);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "restic {arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

pub fn restic(repository: &Path, arguments: &[&str]) -> String {
    restic_in(repository, arguments, &[])
}

pub fn restic_json(repository: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&restic(repository, arguments)).unwrap()
}

/// restic reads everything and finds nothing wrong; nor do we.
pub fn assert_sound(scratch: &Scratch) {
    let text = restic(&scratch.path(), &["check", "--read-data"]);
    assert!(text.contains("no errors were found"), "{text}");
    let report = checked(&scratch.reopen(), Depth::ReadAll);
    assert!(report.is_sound(), "{:#?}", report.problems);
}
