//! `files.ndjson`: every file, directory and link of a source in the order of a walk, with what a file system knows about it.
//!
//! Links, times, modes and odd names stand here as data, so that an archive holds nothing but plain files with plain names.

use std::{
    cmp::Ordering,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    sync::{Arc, atomic::AtomicBool},
};

use backstay_model::{FileEntry, FileKind, FileMeta};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Bundle, BundleError, Content, FILES, MANIFEST, Namer, Result};

/// Lines between two signposts for finding a path.
const EVERY: u64 = 64;

/// What an entry is, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    File,
    Directory,
    Link,
}

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    path: String,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(default)]
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gid: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sparse: bool,
}

/// A file, directory or link of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// What it is. Inode, device and time of the attributes' change mean nothing in a bundle and are not kept.
    pub entry: FileEntry,
    /// Where the content of a file lies in the bundle.
    pub place: Option<String>,
}

/// Where an entry goes in the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// The path in the bundle.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{FILES}/{}", self.0)
    }
}

/// Collects the list while files are written.
pub struct ManifestWriter {
    lines: BufWriter<File>,
    size: u64,
    namer: Namer,
}

impl ManifestWriter {
    /// Begins a list, in a temporary file.
    ///
    /// # Errors
    /// When there is no space for one.
    pub fn new() -> Result<Self> {
        Ok(Self {
            lines: BufWriter::new(tempfile::tempfile().map_err(temporary)?),
            size: 0,
            namer: Namer::default(),
        })
    }

    /// Where the entry at `path` goes. Call it once for each entry, in the order of a walk.
    pub fn place(&mut self, path: &str) -> Place {
        Place(self.namer.place(path))
    }

    /// Adds an entry to the list. Sockets and devices are none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, entry: &FileEntry, place: &Place) -> Result<()> {
        let (kind, target) = match &entry.kind {
            FileKind::File => (Kind::File, None),
            FileKind::Directory => (Kind::Directory, None),
            FileKind::Symlink(target) => (Kind::Link, Some(target.clone())),
            FileKind::Other => return Ok(()),
        };
        let line = Line {
            path: entry.path.clone(),
            place: (kind == Kind::File && place.0 != entry.path).then(|| place.0.clone()),
            kind,
            target,
            size: if kind == Kind::File { entry.size } else { 0 },
            modified: entry.meta.modified,
            mode: entry.meta.mode,
            uid: entry.meta.uid,
            gid: entry.meta.gid,
            sparse: entry.meta.sparse,
        };
        let mut text = serde_json::to_vec(&line).map_err(|error| BundleError::BadJson {
            file: MANIFEST.to_owned(),
            error,
        })?;
        text.push(b'\n');
        self.size += text.len() as u64;
        self.lines.write_all(&text).map_err(temporary)
    }

    /// The whole list, to be read several times, and its size in bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<Content> {
        let file = self.lines.into_inner().map_err(|error| temporary(error.into_error()))?;
        Ok(Content::file(Arc::new(file), 0, self.size))
    }
}

fn temporary(error: std::io::Error) -> BundleError {
    BundleError::Io {
        path: "a temporary file".into(),
        error,
    }
}

/// The list of a bundle's files.
pub struct Manifest {
    content: Content,
    line_bytes: u64,
    /// Every so many lines: the path of the line and where it begins.
    posts: Vec<(String, u64)>,
}

impl Manifest {
    /// Reads the list of a bundle and compares it with what lies in the bundle: every file is named once, every name has its
    /// file. `None` when the bundle has no files at all.
    ///
    /// # Errors
    /// When it is damaged or contradicts the bundle.
    pub fn open(bundle: &Bundle, stop: Option<&AtomicBool>) -> Result<Option<Self>> {
        if bundle.find(MANIFEST).is_none() {
            let stray = bundle.below("files/").next();
            return match stray {
                Some(entry) => Err(BundleError::Unlisted {
                    entry: entry.name.to_owned(),
                }),
                None => Ok(None),
            };
        }
        let mut manifest = Self {
            content: bundle.content(MANIFEST, stop)?,
            line_bytes: bundle.limits().line_bytes,
            posts: Vec::new(),
        };
        let posts = Checker::new(bundle).run(manifest.lines(0))?;
        manifest.posts = posts;
        Ok(Some(manifest))
    }

    fn lines(&self, from: u64) -> Lines {
        let mut content = self.content.clone();
        // Positions are those of lines that were read: seeking to them cannot fail.
        let _ = content.seek(SeekFrom::Start(from));
        Lines {
            content: BufReader::with_capacity(64 << 10, content),
            at: from,
            line_bytes: self.line_bytes,
            number: 0,
            failed: false,
        }
    }

    /// All entries in the order of a walk, from `path` on.
    pub fn from(&self, path: &str) -> impl Iterator<Item = Result<ManifestEntry>> + use<> {
        let post = self
            .posts
            .partition_point(|(known, _)| compare_paths(known, path) != Ordering::Greater);
        let at = if path.is_empty() || post == 0 {
            0
        } else {
            self.posts[post - 1].1
        };
        let path = path.to_owned();
        self.lines(at)
            .map(|line| line.map(|(_, line)| line.into_entry()))
            .skip_while(move |entry| match entry {
                Ok(entry) => !path.is_empty() && compare_paths(&entry.entry.path, &path) == Ordering::Less,
                Err(_) => false,
            })
    }

    /// The entry at `path`.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn find(&self, path: &str) -> Result<Option<ManifestEntry>> {
        let found = self.from(path).next().transpose()?;
        Ok(found.filter(|found| found.entry.path == path))
    }
}

impl Line {
    fn into_entry(self) -> ManifestEntry {
        let place = (self.kind == Kind::File).then(|| format!("{FILES}/{}", self.place.as_ref().unwrap_or(&self.path)));
        ManifestEntry {
            entry: FileEntry {
                path: self.path,
                kind: match self.kind {
                    Kind::File => FileKind::File,
                    Kind::Directory => FileKind::Directory,
                    Kind::Link => FileKind::Symlink(self.target.unwrap_or_default()),
                },
                size: self.size,
                meta: FileMeta {
                    modified: self.modified,
                    mode: self.mode,
                    uid: self.uid,
                    gid: self.gid,
                    sparse: self.sparse,
                    ..FileMeta::default()
                },
            },
            place,
        }
    }
}

/// Lines of the list, with the position of each.
struct Lines {
    content: BufReader<Content>,
    at: u64,
    line_bytes: u64,
    number: u64,
    failed: bool,
}

impl Lines {
    fn line(&mut self) -> Result<Option<(u64, Line)>> {
        self.number += 1;
        let number = self.number;
        let bad = |reason| BundleError::BadLine {
            file: MANIFEST.to_owned(),
            line: number,
            reason,
        };
        let mut text = Vec::new();
        let limit = self.line_bytes;
        let read = self.content.by_ref().take(limit).read_until(b'\n', &mut text);
        let read = read.map_err(|_| bad("it cannot be read"))?;
        if read == 0 {
            return Ok(None);
        }
        if text.pop() != Some(b'\n') {
            return Err(bad("it has no end"));
        }
        let line = serde_json::from_slice(&text).map_err(|_| bad("it is not JSON of a file"))?;
        let at = self.at;
        self.at += read as u64;
        Ok(Some((at, line)))
    }
}

impl Iterator for Lines {
    type Item = Result<(u64, Line)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.line().transpose();
        self.failed = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Checks a list against the bundle it lies in.
struct Checker<'a> {
    bundle: &'a Bundle,
    /// Directories above the last entry.
    above: Vec<String>,
    last: String,
    seen: Vec<bool>,
    posts: Vec<(String, u64)>,
}

impl<'a> Checker<'a> {
    fn new(bundle: &'a Bundle) -> Self {
        Self {
            bundle,
            above: Vec::new(),
            last: String::new(),
            seen: vec![false; bundle.below("").count()],
            posts: Vec::new(),
        }
    }

    fn run(mut self, lines: impl Iterator<Item = Result<(u64, Line)>>) -> Result<Vec<(String, u64)>> {
        for (number, line) in (0_u64..).zip(lines) {
            let (at, line) = line?;
            self.line(&line).map_err(|reason| BundleError::BadLine {
                file: MANIFEST.to_owned(),
                line: number + 1,
                reason,
            })?;
            if number.is_multiple_of(EVERY) {
                self.posts.push((line.path.clone(), at));
            }
            if line.kind == Kind::Directory {
                self.above.push(line.path.clone());
            }
            self.last = line.path;
        }
        for entry in self.bundle.below("files/") {
            if self.bundle.index(entry.name).is_none_or(|at| !self.seen[at]) {
                return Err(BundleError::Unlisted {
                    entry: entry.name.to_owned(),
                });
            }
        }
        Ok(self.posts)
    }

    fn line(&mut self, line: &Line) -> Result<(), &'static str> {
        if !line.path.split('/').all(is_name) {
            return Err("its path leads elsewhere");
        }
        if !self.last.is_empty() && compare_paths(&self.last, &line.path) != Ordering::Less {
            return Err("it is not in its place");
        }
        let parent = line.path.rsplit_once('/').map(|(parent, _)| parent);
        while self
            .above
            .last()
            .is_some_and(|above| parent != Some(above) && !is_below(&line.path, above))
        {
            self.above.pop();
        }
        if parent != self.above.last().map(String::as_str) {
            return Err("its directory is missing");
        }
        if (line.kind == Kind::Link) != line.target.is_some() || (line.kind != Kind::File && line.size != 0) {
            return Err("its kind and its members contradict each other");
        }
        if line.kind != Kind::File {
            return Ok(());
        }
        let place = format!("{FILES}/{}", line.place.as_ref().unwrap_or(&line.path));
        let found = self.bundle.find(&place).ok_or("its content is missing")?;
        if found.size != line.size {
            return Err("its content has another size");
        }
        let seen = self.bundle.index(&place).and_then(|at| self.seen.get_mut(at));
        if seen.is_none_or(|seen| std::mem::replace(seen, true)) {
            return Err("its content belongs to another file, too");
        }
        Ok(())
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a part of a path is the name of a file, in the one way it may be written.
fn is_name(part: &str) -> bool {
    let bytes = FileEntry::unescape(part);
    let odd = bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') || bytes.contains(&0);
    !odd && FileEntry::escape(&bytes) == part
}

/// The order of a walk: part by part, by the bytes of the names.
fn compare_paths(a: &str, b: &str) -> Ordering {
    let parts = |path: &str| path.split('/').map(FileEntry::unescape).collect::<Vec<_>>();
    parts(a).cmp(&parts(b))
}
