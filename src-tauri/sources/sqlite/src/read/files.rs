//! The living databases as files: what a backup would store of them now.

use std::{
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use backstay_model::{ContentHash, ContentHasher, ErrorKind, FileEntry};
use backstay_source::{Cancel, FileView, ReadSeek};

use super::image::{Image, Reading};
use crate::{
    client::{Print, RawFile, canonical},
    config::Config,
    convert::{directory_entry, file_entry, raw_entry},
    error::{Error, Fact, Result},
    list::{Found, directories, discover},
};

/// A view of the living files.
pub struct LiveFiles {
    config: Arc<Config>,
    cancel: Cancel,
}

impl LiveFiles {
    /// A view of the files of the source with these settings.
    pub fn new(config: Arc<Config>, cancel: Cancel) -> Self {
        Self { config, cancel }
    }

    /// The databases; none when the path does not exist.
    fn found(&self) -> Result<Vec<Found>> {
        match discover(&self.config, &self.cancel) {
            Ok(listing) => Ok(listing.found),
            Err(e) if matches!(e.fact, Fact::Missing) => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    fn find(&self, path: &str) -> Result<Option<Found>> {
        Ok(self.found()?.into_iter().find(|f| f.rel == path))
    }

    fn image(&self, path: &str) -> Result<(Found, Image)> {
        let found = self.find(path)?.ok_or_else(|| Fact::Missing.on(path))?;
        let image = self.reading().image(&found.path)?;
        Ok((found, image))
    }

    /// The bytes of a file that is no sound database.
    fn raw(&self, path: &str) -> Result<RawFile> {
        let found = self.find(path)?.ok_or_else(|| Fact::Missing.on(path))?;
        RawFile::open(&found.path).map_err(|e| Error::io(path, e))
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            config: &self.config,
            cancel: &self.cancel,
        }
    }

    /// The fingerprint; `None` when the file is no database.
    fn print(&self, found: &Found) -> Result<Option<Print>> {
        match Print::take(&found.path) {
            Ok((print, _)) => Ok(Some(print)),
            Err(e) if e.kind() == ErrorKind::Damaged => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn entry(&self, found: &Found) -> Result<FileEntry> {
        match self.print(found)? {
            // With a log, only SQLite knows how large the database is.
            Some(print) if print.wal.is_some() => {
                let size = self.reading().size(&found.path, &print)?;
                file_entry(&found.rel, &found.path, size, &print)
            }
            Some(print) => file_entry(&found.rel, &found.path, print.main.size, &print),
            // No database: a restore has to know that something lies there.
            None => raw_entry(&found.rel, &found.path),
        }
    }

    fn entries(&self, below: Option<&str>) -> Result<Vec<FileEntry>> {
        let found = self.found()?;
        let inside = |rel: &str| below.is_none_or(|b| rel == b || rel.strip_prefix(b).is_some_and(|r| r.starts_with('/')));
        let mut out = Vec::new();
        for dir in directories(found.iter().map(|f| f.rel.as_str())) {
            if inside(&dir) {
                out.push(directory_entry(&dir, &self.config.path.join(unescaped(&dir)))?);
            }
        }
        for one in found.iter().filter(|f| inside(&f.rel)) {
            out.push(self.entry(one)?);
        }
        out.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
        Ok(out)
    }
}

impl FileView for LiveFiles {
    fn walk<'a>(
        &'a self,
        below: Option<&str>,
    ) -> backstay_source::Result<Box<dyn Iterator<Item = backstay_source::Result<FileEntry>> + 'a>> {
        Ok(Box::new(self.entries(below)?.into_iter().map(Ok)))
    }

    fn stat(&self, path: &str) -> backstay_source::Result<Option<FileEntry>> {
        Ok(self.entries(Some(path))?.into_iter().find(|e| e.path == path))
    }

    fn open(&self, path: &str) -> backstay_source::Result<Box<dyn ReadSeek>> {
        let (found, image) = match self.image(path) {
            Err(e) if e.kind() == ErrorKind::Damaged => return Ok(Box::new(self.raw(path)?)),
            other => other?,
        };
        Ok(Box::new(Seekable {
            found,
            image,
            at: 0,
            stream: None,
        }))
    }

    fn hash(&self, path: &str) -> backstay_source::Result<ContentHash> {
        let (found, image) = match self.image(path) {
            Err(e) if e.kind() == ErrorKind::Damaged => return Ok(raw_hash(&mut self.raw(path)?, path)?),
            other => other?,
        };
        match hash(&found, &image) {
            Err(e) if matches!(e.fact, Fact::Above(_)) && !image.holds(&found.path) => {
                Ok(hash(&found, &self.reading().copied(&found.path)?)?)
            }
            other => Ok(other?),
        }
    }
}

fn hash(found: &Found, image: &Image) -> Result<ContentHash> {
    let io = |e| Error::io(found.path.display().to_string(), e);
    let mut stream = image.stream(&found.path)?;
    let mut hasher = ContentHasher::default();
    let mut buf = vec![0; 1 << 18];
    loop {
        let n = stream.read(&mut buf).map_err(io)?;
        if n == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buf[..n]);
    }
}

fn raw_hash(file: &mut RawFile, path: &str) -> Result<ContentHash> {
    let mut hasher = ContentHasher::default();
    io::copy(file, &mut hasher).map_err(|e| Error::io(path, e))?;
    Ok(hasher.finish())
}

/// The hash a file has in a view of files, for someone who keeps everybody else away from it: no lock is taken.
///
/// # Errors
/// When it cannot be read.
pub fn content_hash(path: &Path) -> Result<ContentHash> {
    let subject = path.display().to_string();
    let mut file = RawFile::open(path).map_err(|e| Error::io(subject.clone(), e))?;
    let mut hasher = ContentHasher::default();
    let mut buf = vec![0; 1 << 18];
    let mut head = true;
    loop {
        let n = fill(&mut file, &mut buf).map_err(|e| Error::io(subject.clone(), e))?;
        // What is no database keeps its bytes.
        if head && buf[..n].starts_with(b"SQLite format 3\0") {
            canonical(&mut buf[..n]);
        }
        head = false;
        hasher.update(&buf[..n]);
        if n < buf.len() {
            return Ok(hasher.finish());
        }
    }
}

fn fill(file: &mut RawFile, buf: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buf.len() {
        match file.read(&mut buf[n..])? {
            0 => break,
            got => n += got,
        }
    }
    Ok(n)
}

/// An image with random access. Going on reading where it stopped is what it is made for.
struct Seekable {
    found: Found,
    image: Image,
    at: u64,
    stream: Option<(u64, super::stream::Stream)>,
}

impl Read for Seekable {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut current = match self.stream.take() {
            Some((at, stream)) if at == self.at => stream,
            _ => {
                let mut stream = self.image.stream(&self.found.path).map_err(io::Error::other)?;
                stream.jump(self.at)?;
                stream
            }
        };
        let n = current.read(buf)?;
        self.at += n as u64;
        self.stream = Some((self.at, current));
        Ok(n)
    }
}

impl Seek for Seekable {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::End(n) => self.image.size.checked_add_signed(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// A path below the source as the file system knows it.
pub fn unescaped(rel: &str) -> std::path::PathBuf {
    rel.split('/').map(|part| os_name(&FileEntry::unescape(part))).collect()
}

#[cfg(unix)]
fn os_name(bytes: &[u8]) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn os_name(bytes: &[u8]) -> std::ffi::OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
