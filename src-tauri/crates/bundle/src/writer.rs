//! Writing a bundle: into a temporary place beside the target, with a checksum of every file, and under its name only when it is
//! whole.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use backstay_model::SnapshotMeta;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use crate::{
    BundleError, CHECKSUMS, METADATA, Result, checksums,
    directory::DirectoryOut,
    partial::{self, Claim},
    zip::{Head, ZipOut},
};

/// Content that deflate shrinks by more than this is stored instead: a gate could not tell it from an archive made to fill a
/// disk.
const RATIO: u64 = 100;
/// Content up to this size may shrink by any factor: its headers alone keep the archive's ratio low.
const RATIO_FROM: u64 = 4 << 10;
/// Endings of files that are compressed already.
const PACKED: &[&str] = &[
    "7z", "avif", "br", "bz2", "docx", "flac", "gif", "gz", "heic", "jpeg", "jpg", "m4a", "mkv", "mov", "mp3", "mp4", "odt",
    "ogg", "opus", "pdf", "png", "pptx", "rar", "webm", "webp", "xlsx", "xz", "zip", "zst",
];

/// Opens content; it may have to be read twice.
pub(crate) type Source<'a> = &'a mut dyn Read;
/// Opens the content of an entry.
pub type Open<'a> = &'a mut dyn FnMut() -> io::Result<Box<dyn Read + 'a>>;

/// What kind of bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One ZIP file.
    Zip,
    /// A directory.
    Directory,
}

/// Where a bundle goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its final place.
    pub path: PathBuf,
    /// Its kind.
    pub format: Format,
    /// A bundle that lies there may be replaced.
    pub overwrite: bool,
}

/// What is known of an entry besides name and content.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntryOptions {
    /// Size in bytes, as far as it is known.
    pub size: u64,
    /// Permission bits, for people who unpack the archive by hand.
    pub mode: Option<u32>,
    /// Time of the last change, likewise.
    pub modified: Option<DateTime<Utc>>,
    /// The content has holes.
    pub sparse: bool,
}

/// A finished bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of its `checksums`, hexadecimal: names its content.
    pub identity: String,
    /// Bytes it takes (of a directory: of all its files).
    pub bytes: u64,
    /// Files in it.
    pub files: u64,
}

/// What was seen of content on its way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    pub size: u64,
    pub crc: u32,
    pub sha256: [u8; 32],
}

/// Which side failed.
pub(crate) enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// Bytes copied at a time.
const PIECE: usize = 128 << 10;

/// Copies content piece by piece and measures it. `size` is what it announces: small files are many, and are given no more
/// memory than they need.
pub(crate) fn copy(content: Source<'_>, size: u64, out: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<Measured, CopyError> {
    let piece = usize::try_from(size.saturating_add(1)).unwrap_or(PIECE).clamp(4 << 10, PIECE);
    let mut buffer = vec![0; piece];
    let (mut size, mut crc, mut sha256) = (0, crc32fast::Hasher::new(), Sha256::new());
    loop {
        let mut have = 0;
        // Whole pieces: holes are found by them.
        while have < buffer.len() {
            match content.read(&mut buffer[have..]) {
                Ok(0) => break,
                Ok(read) => have += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(CopyError::Read(error)),
            }
        }
        if have == 0 {
            return Ok(Measured {
                size,
                crc: crc.finalize(),
                sha256: sha256.finalize().into(),
            });
        }
        let piece = &buffer[..have];
        size += have as u64;
        crc.update(piece);
        sha256.update(piece);
        out(piece).map_err(CopyError::Write)?;
    }
}

enum Out {
    Zip(ZipOut, TempPath),
    Directory(DirectoryOut),
}

/// A bundle being written. Dropped before [`BundleWriter::finish`] it leaves nothing behind.
pub struct BundleWriter {
    target: Target,
    out: Out,
    /// After `out`: it is let go when nothing lies there any more.
    _claim: Claim,
    sums: BufWriter<File>,
    bytes: u64,
    files: u64,
}

impl BundleWriter {
    /// Begins a bundle. What killed programs left on the way to one of its name is removed.
    ///
    /// # Errors
    /// [`BundleError::Exists`] when something lies there and may not be replaced; or when nothing can be written there.
    pub fn create(target: Target) -> Result<Self> {
        check_target(&target)?;
        let failed = |error| io_at(&target.path, error);
        let parent = parent_of(&target.path);
        let name = target.path.file_name().unwrap_or_default();
        let (out, claim) = match target.format {
            Format::Zip => {
                let (file, path, claim) = partial::file(parent, name).map_err(failed)?;
                (Out::Zip(ZipOut::new(file).map_err(failed)?, path), claim)
            }
            Format::Directory => {
                let (made, claim) = partial::directory(parent, name).map_err(failed)?;
                (Out::Directory(DirectoryOut::new(made)), claim)
            }
        };
        Ok(Self {
            sums: BufWriter::new(tempfile::tempfile().map_err(failed)?),
            target,
            out,
            _claim: claim,
            bytes: 0,
            files: 0,
        })
    }

    /// Adds a directory, which may stay empty.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn directory(&mut self, name: &str, options: &EntryOptions) -> Result<()> {
        let head = Head {
            name,
            directory: true,
            mode: options.mode.unwrap_or(0o755),
            modified: options.modified,
            size: 0,
            deflate: false,
        };
        match &mut self.out {
            Out::Zip(zip, _) => zip
                .add(&head, &mut io::empty())
                .map(|_| ())
                .map_err(|error| of_copy(&self.target.path, name, error)),
            Out::Directory(directory) => directory.directory(name).map_err(|error| io_at(&self.target.path, error)),
        }
    }

    /// Adds a file; gives its SHA-256. The content is opened once, or twice if it turns out to shrink too much.
    ///
    /// # Errors
    /// [`BundleError::Content`] when the content cannot be read: the file was left out and the bundle can go on. After any
    /// other error the bundle is of no use.
    pub fn file<'a>(&mut self, name: &str, options: &EntryOptions, open: Open<'a>) -> Result<[u8; 32]> {
        let unread = |error| BundleError::Content {
            entry: name.to_owned(),
            error,
        };
        let mut content = open().map_err(unread)?;
        let path = self.target.path.clone();
        let failed = |error| of_copy(&path, name, error);
        let measured = match &mut self.out {
            Out::Directory(directory) => {
                let measured = directory.file(name, options, &mut content).map_err(failed)?;
                self.bytes += measured.size;
                measured
            }
            Out::Zip(zip, _) => {
                let mut head = Head {
                    name,
                    directory: false,
                    mode: options.mode.unwrap_or(0o644),
                    modified: options.modified,
                    size: options.size,
                    deflate: options.size > 0 && !is_packed(name),
                };
                let (measured, packed) = zip.add(&head, &mut content).map_err(failed)?;
                if measured.size > RATIO_FROM && measured.size / packed.max(1) > RATIO {
                    zip.take_back(&head, &measured, packed).map_err(|error| io_at(&path, error))?;
                    drop(content);
                    head.deflate = false;
                    let mut again = open().map_err(unread)?;
                    let (second, _) = zip.add(&head, &mut again).map_err(failed)?;
                    if second.sha256 != measured.sha256 {
                        return Err(BundleError::Changed { path: name.into() });
                    }
                }
                measured
            }
        };
        self.files += 1;
        self.sums
            .write_all(checksums::line(&measured.sha256, name).as_bytes())
            .map_err(|error| io_at(&path, error))?;
        Ok(measured.sha256)
    }

    /// Adds a small file from memory.
    ///
    /// # Errors
    /// As for [`BundleWriter::file`].
    pub fn bytes(&mut self, name: &str, content: &[u8]) -> Result<[u8; 32]> {
        let options = EntryOptions {
            size: content.len() as u64,
            ..EntryOptions::default()
        };
        self.file(name, &options, &mut || Ok(Box::new(content)))
    }

    /// Writes metadata and checksums, waits for the disk, and gives the bundle its name.
    ///
    /// # Errors
    /// When that fails; nothing lies at the target then (or what lay there before).
    pub fn finish(mut self, meta: &SnapshotMeta) -> Result<Finished> {
        let json = serde_json::to_vec_pretty(meta).map_err(|error| BundleError::BadJson {
            file: METADATA.to_owned(),
            error,
        })?;
        self.bytes(METADATA, &json)?;
        let path = self.target.path.clone();
        let failed = |error| io_at(&path, error);
        let sums = std::mem::replace(&mut self.sums, BufWriter::new(tempfile::tempfile().map_err(failed)?));
        let mut sums = sums.into_inner().map_err(|error| failed(error.into_error()))?;
        let size = sums.seek(SeekFrom::End(0)).map_err(failed)?;
        let options = EntryOptions {
            size,
            ..EntryOptions::default()
        };
        let identity = self.file(CHECKSUMS, &options, &mut || {
            let mut again = sums.try_clone()?;
            again.seek(SeekFrom::Start(0))?;
            Ok(Box::new(again))
        })?;
        let (bytes, files) = (self.bytes, self.files);
        let bytes = match self.out {
            Out::Zip(zip, temporary) => {
                let bytes = zip.finish().map_err(failed)?;
                name_file(temporary, &self.target)?;
                bytes
            }
            Out::Directory(directory) => {
                // A person may have put something there meanwhile.
                check_target(&self.target)?;
                directory.finish(&self.target).map_err(|error| match error.kind() {
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                        BundleError::Exists { path: path.clone() }
                    }
                    _ => failed(error),
                })?;
                bytes
            }
        };
        sync_directory(parent_of(&path)).map_err(failed)?;
        Ok(Finished {
            path,
            identity: hex::encode(identity),
            bytes,
            files,
        })
    }
}

fn name_file(temporary: TempPath, target: &Target) -> Result<()> {
    let named = if target.overwrite {
        temporary.persist(&target.path)
    } else {
        temporary.persist_noclobber(&target.path)
    };
    named.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BundleError::Exists {
            path: target.path.clone(),
        },
        _ => io_at(&target.path, error.error),
    })
}

fn io_at(path: &Path, error: io::Error) -> BundleError {
    BundleError::Io {
        path: path.to_owned(),
        error,
    }
}

fn of_copy(path: &Path, name: &str, error: CopyError) -> BundleError {
    match error {
        CopyError::Read(error) => BundleError::Content {
            entry: name.to_owned(),
            error,
        },
        CopyError::Write(error) => io_at(path, error),
    }
}

/// Whether compressing it again would be for nothing.
fn is_packed(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    PACKED.contains(&extension.to_ascii_lowercase().as_str())
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses a target that would cost something that is no bundle, before anything is written.
fn check_target(target: &Target) -> Result<()> {
    let path = target.path.clone();
    let found = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_at(&path, error)),
        Ok(found) => found,
    };
    let empty = || fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
    match target.format {
        Format::Directory if found.is_dir() && empty() => Ok(()),
        _ if !target.overwrite => Err(BundleError::Exists { path }),
        Format::Zip if found.is_file() => Ok(()),
        Format::Directory if found.is_dir() && path.join(METADATA).is_file() && path.join(CHECKSUMS).is_file() => Ok(()),
        _ => Err(BundleError::NotReplaced { path }),
    }
}

/// Makes new names in a directory last.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
