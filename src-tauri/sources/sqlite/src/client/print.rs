//! Fingerprints: what tells, without opening a database, that it is what it was at the last backup.

use std::{
    fs::Metadata,
    io::Read,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{Header, RawFile, classify};
use crate::error::{Error, Result};

/// Times closer to the present than this do not prove that a file is unchanged: a later write could get the same time. The
/// clocks of most file systems tick in at most 10 ms, those of FAT and some network shares in up to 2 s.
const FINE: Duration = Duration::from_millis(50);
const COARSE: Duration = Duration::from_secs(2);

/// State of a database and its companions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Print {
    /// The file itself.
    pub main: Side,
    /// Change counter of the header.
    pub change_counter: u32,
    /// Schema cookie of the header.
    pub schema_cookie: u32,
    /// The write-ahead log, when there is one with content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal: Option<Side>,
    /// Salts of the log's header, as hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wal_salts: Option<String>,
    /// The rollback journal, when there is one with content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<Side>,
    /// The newest time was too near for the times to prove anything.
    #[serde(default)]
    pub racy: bool,
}

/// Identity, size and times (nanoseconds since 1970) of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// Last change of content.
    pub modified: i64,
    /// Last change of content or attributes.
    pub changed: i64,
}

impl Side {
    fn of(meta: &Metadata) -> Self {
        let (device, inode, changed) = identity(meta);
        Self {
            device,
            inode,
            size: meta.len(),
            modified: meta.modified().map_or(0, nanos),
            changed,
        }
    }

    /// Whether a write after `now` could get the same times.
    fn is_near(&self, now: i64) -> bool {
        let near = |time: i64| {
            let window = if time % 10_000_000 == 0 { COARSE } else { FINE };
            time > now.saturating_sub(window.as_nanos() as i64)
        };
        near(self.modified) || near(self.changed)
    }

    /// The file at `path`, when it has content.
    pub fn at(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok()?;
        (meta.len() > 0).then(|| Self::of(&meta))
    }
}

impl Print {
    /// Takes the fingerprint of the database at `path`, and its header.
    ///
    /// # Errors
    /// When it is no database, or cannot be read.
    pub fn take(path: &Path) -> Result<(Self, Header)> {
        let io = |e| Error::io(path.display().to_string(), e);
        let now = SystemTime::now();
        let wal_path = side(path, "-wal");
        let wal = Side::at(&wal_path);
        let journal = Side::at(&side(path, "-journal"));
        let mut file = RawFile::open(path).map_err(io)?;
        let header = classify(path, &mut file, wal.is_none() && journal.is_none())?;
        let main = Side::of(&file.metadata().map_err(io)?);
        let sides = [Some(&main), wal.as_ref(), journal.as_ref()];
        let racy = sides.into_iter().flatten().any(|side| side.is_near(nanos(now)));
        let print = Self {
            main,
            change_counter: header.change_counter,
            schema_cookie: header.schema_cookie,
            wal_salts: wal.as_ref().and_then(|_| salts(&wal_path)),
            wal,
            journal,
            racy,
        };
        Ok((print, header))
    }

    /// Whether nothing was written between taking `self` (later) and `before`.
    pub fn proves_unchanged_since(&self, before: &Self) -> bool {
        !before.racy && self.same_as(before)
    }

    /// Whether both describe the same state, as far as times tell.
    pub fn same_as(&self, other: &Self) -> bool {
        let mut mine = self.clone();
        mine.racy = other.racy;
        mine == *other
    }

    /// The newest time of content, in nanoseconds since 1970.
    pub fn modified(&self) -> i64 {
        self.wal
            .as_ref()
            .map_or(self.main.modified, |w| w.modified.max(self.main.modified))
    }
}

/// The salts of a write-ahead log: they change when it is begun anew.
fn salts(path: &Path) -> Option<String> {
    let mut file = RawFile::open(path).ok()?;
    let mut header = [0; 32];
    file.read_exact(&mut header).ok()?;
    Some(hex::encode(&header[16..24]))
}

/// The companion of a database file: its path with `suffix` added.
pub fn side(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn nanos(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |n| -n),
    }
}

#[cfg(unix)]
fn identity(meta: &Metadata) -> (u64, u64, i64) {
    use std::os::unix::fs::MetadataExt;
    let changed = meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec());
    (meta.dev(), meta.ino(), changed)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64, i64) {
    (0, 0, 0)
}
