//! What the tests of this crate share: vaults in scratch folders, content, and the real restic.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use backstay_vault::place::{FileKind, LocalPlace, Place};
use backstay_vault::{CreateOptions, FileAttrs, Id, KeyCost, Node, Reader, Snapshot, Vault, WriterOptions};
use chrono::{DateTime, Utc};

pub const PASSWORD: &str = "a test password";

/// A vault in a scratch folder.
pub struct Scratch {
    pub dir: tempfile::TempDir,
    pub vault: Vault,
}

pub fn cheap() -> CreateOptions {
    CreateOptions {
        cost: KeyCost::Cheap,
        ..CreateOptions::default()
    }
}

impl Scratch {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Arc::new(LocalPlace::new(dir.path().join("vault")));
        let vault = Vault::create(place, PASSWORD, &cheap()).unwrap();
        Self { dir, vault }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("vault")
    }

    /// The same place under a second name.
    pub fn place(&self) -> LocalPlace {
        LocalPlace::new(self.path())
    }

    /// The vault as another process would open it.
    pub fn reopen(&self) -> Vault {
        self.on(Arc::new(self.place()))
    }

    /// The vault through another place.
    pub fn on(&self, place: Arc<dyn Place>) -> Vault {
        Vault::open(place, &backstay_vault::Unlock::MasterKey(self.vault.master_key().clone())).unwrap()
    }

    pub fn restic(&self, args: &[&str]) -> Output {
        restic(&self.path(), args)
    }

    /// Runs restic and expects success; gives what it printed.
    pub fn restic_ok(&self, args: &[&str]) -> String {
        let output = self.restic(args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "restic {args:?}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// `restic check --read-data` finds nothing wrong.
    pub fn check(&self) {
        let text = self.restic_ok(&["check", "--read-data"]);
        assert!(text.contains("no errors were found"), "{text}");
    }

    /// Restores a snapshot with restic; gives the folder.
    pub fn restore(&self, snapshot: &Id) -> PathBuf {
        let target = self.dir.path().join(format!("restored-{}", snapshot.short()));
        self.restic_ok(&["restore", &snapshot.to_hex(), "--target", target.to_str().unwrap()]);
        target
    }

    pub fn files(&self, kind: FileKind) -> Vec<PathBuf> {
        let place = self.place();
        place.list(kind).unwrap().iter().map(|(id, _)| place.path(kind, id)).collect()
    }
}

pub fn restic(repository: &Path, args: &[&str]) -> Output {
    Command::new("restic")
        .args(["--no-cache", "--repo"])
        .arg(repository)
        .args(args)
        .env("RESTIC_PASSWORD", PASSWORD)
        .output()
        .expect("restic is installed (apt install restic)")
}

/// Bytes that look random and are always the same for a seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    out.truncate(length);
    out
}

/// Text that compresses.
pub fn words(seed: u64, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 16);
    for byte in noise(seed, length / 3 + 8) {
        let word = ["alpha", "beta", "gamma", "delta", "eps", "zeta", "eta", "theta"][usize::from(byte & 7)];
        out.extend_from_slice(word.as_bytes());
        out.push(if byte & 0x70 == 0 { b'\n' } else { b' ' });
    }
    out.truncate(length);
    out
}

/// A moment that tests agree on.
pub fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000 + seconds, 120_000_000).unwrap()
}

pub fn attrs() -> FileAttrs {
    FileAttrs {
        mode: Some(0o640),
        modified: Some(moment(-77)),
        ..FileAttrs::default()
    }
}

/// Small packs, so that little data makes several.
pub fn small_packs() -> WriterOptions {
    WriterOptions {
        pack_size: 64 << 10,
        ..WriterOptions::default()
    }
}

pub fn draft(seconds: i64) -> backstay_vault::SnapshotDraft {
    backstay_vault::SnapshotDraft::new(moment(seconds))
}

pub fn content(reader: &Reader, node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    reader.open(node).unwrap().read_to_end(&mut out).unwrap();
    out
}

pub fn content_at(vault: &Vault, snapshot: &Snapshot, path: &str) -> Vec<u8> {
    let reader = vault.reader().unwrap();
    let node = reader
        .find(snapshot, path)
        .unwrap()
        .unwrap_or_else(|| panic!("{path} is missing"));
    content(&reader, &node)
}

/// A reader that delivers at most `step` bytes at a time and fails after `fails_at` bytes.
pub struct Slow<'a> {
    pub data: &'a [u8],
    pub step: usize,
    pub fails_at: Option<usize>,
    pub given: usize,
}

impl<'a> Slow<'a> {
    pub fn new(data: &'a [u8], step: usize) -> Self {
        Self {
            data,
            step,
            fails_at: None,
            given: 0,
        }
    }
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fails_at.is_some_and(|at| self.given >= at) {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "the source hung up"));
        }
        let take = self.step.min(buffer.len()).min(self.data.len() - self.given);
        buffer[..take].copy_from_slice(&self.data[self.given..self.given + take]);
        self.given += take;
        Ok(take)
    }
}
