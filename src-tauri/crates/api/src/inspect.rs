//! What lies at a path that a person dropped on the window or gave as an argument, told by a look at its first bytes.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use backstay_model::PlanHeader;

use crate::{
    App, foreign,
    types::{ForeignInfo, PathKind},
};

/// Longest first line that is read to recognise a file: the header of a plan with a long selection.
const LINE: u64 = 4 << 20;
/// Longest tail of an archive in which its list of files is looked for: one of some 100,000 names.
const LISTED: u64 = 16 << 20;
/// The name at the top of every bundle.
const METADATA: &[u8] = b"metadata.json";

/// What the path is, and which other program's file. What cannot be read counts as [`PathKind::Unknown`].
pub(crate) fn kind(app: &App, path: &Path) -> (PathKind, Option<ForeignInfo>) {
    match own(path) {
        PathKind::Unknown => match foreign::recognise(app, path) {
            Some(found) => (PathKind::Foreign, Some(found.info(Vec::new()))),
            None => (PathKind::Unknown, None),
        },
        known => (known, None),
    }
}

fn own(path: &Path) -> PathKind {
    let Ok(meta) = std::fs::metadata(path) else {
        return PathKind::Missing;
    };
    if meta.is_dir() {
        return folder(path);
    }
    if !meta.is_file() {
        return PathKind::Unknown;
    }
    file(path).unwrap_or(PathKind::Unknown)
}

/// The disk a path lies on, or would lie on.
pub(crate) struct Room {
    /// Bytes free.
    pub(crate) free: Option<u64>,
    /// Names the disk.
    pub(crate) disk: Option<String>,
}

/// Looks at the nearest folder above that exists.
pub(crate) fn room(path: &Path) -> Room {
    let there = path.ancestors().find(|above| above.exists());
    Room {
        free: there.and_then(|above| fs4::available_space(above).ok()),
        disk: there.and_then(disk),
    }
}

#[cfg(unix)]
fn disk(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    Some(std::fs::metadata(path).ok()?.dev().to_string())
}

/// Elsewhere the letter of the drive.
#[cfg(not(unix))]
fn disk(path: &Path) -> Option<String> {
    let first = std::fs::canonicalize(path).ok()?.components().next()?;
    Some(first.as_os_str().to_string_lossy().into_owned())
}

fn folder(path: &Path) -> PathKind {
    let has = |name: &str| path.join(name).exists();
    // A repository as restic lays it out: its configuration and the folders every one has.
    if has("config")
        && ["data", "keys", "snapshots", "index"]
            .iter()
            .all(|name| path.join(name).is_dir())
    {
        return PathKind::Vault;
    }
    if is_our_metadata(&path.join("metadata.json")) {
        return PathKind::Bundle;
    }
    PathKind::Folder
}

/// Whether it is the `metadata.json` of a snapshot, and not some other program's file of that name.
fn is_our_metadata(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut text = Vec::new();
    if file.take(LINE).read_to_end(&mut text).is_err() {
        return false;
    }
    let found = serde_json::from_slice::<serde_json::Value>(&text);
    found.is_ok_and(|meta| meta.get("formatVersion").is_some() && meta.get("sourceKind").is_some())
}

fn file(path: &Path) -> std::io::Result<PathKind> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head)?;
    if head == b"SQLite format 3\0" {
        return Ok(PathKind::Sqlite);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(if lists_metadata(&mut file)? {
            PathKind::Bundle
        } else {
            PathKind::Unknown
        });
    }
    if !head.trim_ascii_start().starts_with(b"{") {
        return Ok(PathKind::Unknown);
    }
    file.seek(SeekFrom::Start(0))?;
    json(file)
}

/// Whether the list of files at the end of an archive names a `metadata.json` at the top. The list itself is judged when the
/// bundle is opened; here it is only recognised.
fn lists_metadata(file: &mut File) -> std::io::Result<bool> {
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(size.saturating_sub(LISTED)))?;
    let mut tail = Vec::new();
    file.take(LISTED).read_to_end(&mut tail)?;
    // An entry of the list: its signature, 42 bytes with the name's length at 24, the name (APPNOTE, 4.3.12).
    let named = |at: usize| {
        let length = tail
            .get(at + 28..at + 30)
            .map(|two| usize::from(u16::from_le_bytes([two[0], two[1]])));
        length == Some(METADATA.len()) && tail.get(at + 46..at + 46 + METADATA.len()) == Some(METADATA)
    };
    Ok(tail
        .windows(4)
        .enumerate()
        .any(|(at, four)| four == b"PK\x01\x02" && named(at)))
}

fn json(file: File) -> std::io::Result<PathKind> {
    let mut reader = BufReader::new(file.take(LINE));
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    if serde_json::from_slice::<PlanHeader>(&line).is_ok() {
        return Ok(PathKind::Plan);
    }
    reader.read_to_end(&mut line)?;
    let whole = serde_json::from_slice::<serde_json::Value>(&line);
    Ok(if whole.is_ok_and(|json| is_settings(&json)) {
        PathKind::Settings
    } else {
        PathKind::Unknown
    })
}

/// Whether it is what `settings.export` writes.
fn is_settings(json: &serde_json::Value) -> bool {
    json.get("backstaySettings").is_some()
}
