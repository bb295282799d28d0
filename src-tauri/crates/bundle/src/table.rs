//! The table of a bundle's files: judged at opening; content is whole and verified before a byte of it is handed out.

use std::{
    collections::{HashSet, VecDeque},
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use crate::{
    BundleError, CHECKSUMS, Content, Limits, METADATA, Result, checksums,
    directory::{open_inside, walk},
    zip::{ZipEntry, entries, unpack},
};

/// Unpacked content up to this size is held in memory, larger in a temporary file without a name.
const IN_MEMORY: u64 = 4 << 20;
/// Temporary files that are kept for the next reader: databases are opened many times over.
const KEPT: usize = 4;

/// Where content lies.
enum Place {
    Packed(ZipEntry),
    /// A file of the directory, with its time when the bundle was opened.
    Plain(Option<SystemTime>),
}

struct Entry {
    name: String,
    size: u64,
    sha256: Option<[u8; 32]>,
    place: Place,
}

enum Container {
    Zip {
        file: Arc<File>,
        length: u64,
        modified: Option<SystemTime>,
    },
    Directory,
}

/// What was verified already.
#[derive(Default)]
struct Seen {
    in_place: HashSet<usize>,
    unpacked: VecDeque<(usize, Content)>,
}

/// The files of a bundle that passed the gate.
pub(crate) struct Table {
    pub path: PathBuf,
    pub limits: Limits,
    container: Container,
    /// Files, sorted by name.
    entries: Vec<Entry>,
    directories: Vec<String>,
    pub identity: String,
    seen: Mutex<Seen>,
}

impl Table {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self> {
        let about = fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => BundleError::NotFound { path: path.to_owned() },
            _ => io_at(path, error),
        })?;
        let (container, mut entries, mut directories) = if about.is_dir() {
            directory(path, limits)?
        } else if about.is_file() {
            zip(path, limits)?
        } else {
            return Err(not_a_bundle(path, "it is neither a file nor a directory"));
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        directories.sort();
        let mut table = Self {
            path: path.to_owned(),
            limits: limits.clone(),
            container,
            entries,
            directories,
            identity: String::new(),
            seen: Mutex::default(),
        };
        table.read_checksums()?;
        Ok(table)
    }

    pub(crate) fn is_directory(&self) -> bool {
        matches!(self.container, Container::Directory)
    }

    /// Bytes the bundle takes.
    pub(crate) fn length(&self) -> u64 {
        match &self.container {
            Container::Zip { length, .. } => *length,
            Container::Directory => self.unpacked(),
        }
    }

    pub(crate) fn unpacked(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// Whether it still is the file or directory that was opened, as far as size and time tell.
    pub(crate) fn is_unchanged(&self) -> Result<bool> {
        match &self.container {
            Container::Directory => Ok(self.path.is_dir()),
            Container::Zip { length, modified, .. } => {
                let about = fs::metadata(&self.path).map_err(|error| io_at(&self.path, error))?;
                Ok(about.len() == *length && about.modified().ok() == *modified)
            }
        }
    }

    /// Files whose path begins with `prefix`, sorted by their bytes.
    pub(crate) fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, u64)> + 'a {
        let from = self.entries.partition_point(|entry| entry.name.as_str() < prefix);
        self.entries[from..]
            .iter()
            .take_while(move |entry| entry.name.starts_with(prefix))
            .map(|entry| (entry.name.as_str(), entry.size))
    }

    /// Size of the file called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<u64> {
        self.index(name).map(|at| self.entries[at].size)
    }

    pub(crate) fn has_directory(&self, name: &str) -> bool {
        self.directories.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Position of the file called `name` among all files.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()
    }

    /// All of a small file.
    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let size = self
            .find(name)
            .ok_or_else(|| BundleError::Missing { entry: name.to_owned() })?;
        Self::within(name, size, self.limits.metadata_bytes)?;
        let mut out = Vec::new();
        self.content(name, None)?
            .read_to_end(&mut out)
            .map_err(|error| io_at(&self.path, error))?;
        Ok(out)
    }

    fn within(name: &str, size: u64, limit: u64) -> Result<()> {
        if size <= limit {
            return Ok(());
        }
        Err(BundleError::TooLarge {
            entry: name.to_owned(),
            size,
            limit,
        })
    }

    /// The content of a file, after all of it was read and compared with its checksum.
    pub(crate) fn content(&self, name: &str, stop: Option<&AtomicBool>) -> Result<Content> {
        let missing = || BundleError::Missing { entry: name.to_owned() };
        let at = self.index(name).ok_or_else(missing)?;
        let entry = &self.entries[at];
        if let Ok(seen) = self.seen.lock()
            && let Some((_, content)) = seen.unpacked.iter().find(|(known, _)| *known == at)
        {
            return Ok(content.clone());
        }
        let content = match &entry.place {
            Place::Packed(packed) => self.packed(at, entry, packed, stop)?,
            Place::Plain(modified) => self.plain(at, entry, *modified, stop)?,
        };
        Ok(content)
    }

    /// Gives the content of a file to `each`, piece by piece, without keeping it. Only when this succeeds was it the right one.
    pub(crate) fn stream(&self, name: &str, stop: Option<&AtomicBool>, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let missing = || BundleError::Missing { entry: name.to_owned() };
        let entry = &self.entries[self.index(name).ok_or_else(missing)?];
        let mut check = Check::new(entry, stop);
        match (&entry.place, &self.container) {
            (Place::Packed(packed), Container::Zip { file, .. }) => {
                unpack(file, name, packed, &mut |bytes| {
                    check.add(bytes)?;
                    each(bytes)
                })?;
                check.finish()
            }
            _ => {
                let mut content = self.content(name, stop)?;
                let mut buffer = vec![0; 128 << 10];
                loop {
                    let read = content.read(&mut buffer).map_err(|error| io_at(&self.path, error))?;
                    if read == 0 {
                        return check.finish();
                    }
                    check.add(&buffer[..read])?;
                    each(&buffer[..read])?;
                }
            }
        }
    }

    fn packed(&self, at: usize, entry: &Entry, packed: &ZipEntry, stop: Option<&AtomicBool>) -> Result<Content> {
        let Container::Zip { file, length, modified } = &self.container else {
            return Err(BundleError::Missing {
                entry: entry.name.clone(),
            });
        };
        let about = file.metadata().map_err(|error| io_at(&self.path, error))?;
        if about.len() != *length || about.modified().ok() != *modified {
            return Err(BundleError::Changed { path: self.path.clone() });
        }
        let mut check = Check::new(entry, stop);
        if !packed.deflated {
            if !self.is_verified(at) {
                unpack(file, &entry.name, packed, &mut |bytes| check.add(bytes))?;
                check.finish()?;
                self.verified(at);
            }
            return Ok(Content::file(file.clone(), packed.at, packed.size));
        }
        if entry.size <= IN_MEMORY {
            let mut out = Vec::new();
            unpack(file, &entry.name, packed, &mut |bytes| {
                check.add(bytes)?;
                out.extend_from_slice(bytes);
                Ok(())
            })?;
            check.finish()?;
            return Ok(Content::memory(out));
        }
        let failed = |error| io_at(Path::new("a temporary file"), error);
        let mut out = tempfile::tempfile().map_err(failed)?;
        unpack(file, &entry.name, packed, &mut |bytes| {
            check.add(bytes)?;
            out.write_all(bytes).map_err(failed)
        })?;
        check.finish()?;
        let content = Content::file(Arc::new(out), 0, entry.size);
        if let Ok(mut seen) = self.seen.lock() {
            seen.unpacked.truncate(KEPT - 1);
            seen.unpacked.push_front((at, content.clone()));
        }
        Ok(content)
    }

    fn plain(&self, at: usize, entry: &Entry, modified: Option<SystemTime>, stop: Option<&AtomicBool>) -> Result<Content> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => io_at(&self.path.join(&entry.name), error),
            _ => BundleError::Changed {
                path: self.path.join(&entry.name),
            },
        };
        let file = open_inside(&self.path, &entry.name).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        let same = about.len() == entry.size && about.modified().ok() == modified;
        let content = Content::file(Arc::new(file), 0, entry.size);
        if !same || !self.is_verified(at) {
            let mut check = Check::new(entry, stop);
            let mut reader = content.clone();
            let mut buffer = vec![0; 128 << 10];
            loop {
                let read = reader.read(&mut buffer).map_err(failed)?;
                if read == 0 {
                    break;
                }
                check.add(&buffer[..read])?;
            }
            check.finish()?;
            if same {
                self.verified(at);
            }
        }
        Ok(content)
    }

    fn is_verified(&self, at: usize) -> bool {
        self.seen.lock().is_ok_and(|seen| seen.in_place.contains(&at))
    }

    fn verified(&self, at: usize) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.in_place.insert(at);
        }
    }

    /// Reads `checksums`: it names every other file once, and nothing else.
    fn read_checksums(&mut self) -> Result<()> {
        let Some(size) = self.find(CHECKSUMS) else {
            return Err(not_a_bundle(&self.path, "it has no file `checksums`"));
        };
        Self::within(CHECKSUMS, size, self.limits.checksums_bytes)?;
        if self.find(METADATA).is_none() {
            return Err(not_a_bundle(&self.path, "it has no file `metadata.json`"));
        }
        let content = BufReader::new(self.content(CHECKSUMS, None)?);
        let mut sums: Vec<Option<[u8; 32]>> = vec![None; self.entries.len()];
        let identity = checksums::read(content, |name, sum| {
            let at = self.index(name).filter(|_| name != CHECKSUMS);
            let at = at.ok_or_else(|| BundleError::Missing {
                entry: crate::gate::shown(name),
            })?;
            match sums[at].replace(sum) {
                None => Ok(()),
                Some(_) => Err(BundleError::Duplicate { entry: name.to_owned() }),
            }
        })?;
        for (entry, sum) in self.entries.iter_mut().zip(sums) {
            entry.sha256 = sum;
            if sum.is_none() && entry.name != CHECKSUMS {
                return Err(BundleError::Unlisted {
                    entry: entry.name.clone(),
                });
            }
        }
        self.identity = hex::encode(identity);
        Ok(())
    }
}

/// Compares content with its checksum.
struct Check<'a> {
    entry: &'a Entry,
    hasher: Sha256,
    stop: Option<&'a AtomicBool>,
}

impl<'a> Check<'a> {
    fn new(entry: &'a Entry, stop: Option<&'a AtomicBool>) -> Self {
        Self {
            entry,
            hasher: Sha256::new(),
            stop,
        }
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(BundleError::Cancelled);
        }
        self.hasher.update(bytes);
        Ok(())
    }

    fn finish(self) -> Result<()> {
        let found: [u8; 32] = self.hasher.finalize().into();
        // `checksums` itself has none: a damaged one does not fit the others, nor the archive's own checksum.
        match self.entry.sha256 {
            Some(wanted) if wanted != found => Err(BundleError::Checksum {
                entry: self.entry.name.clone(),
            }),
            _ => Ok(()),
        }
    }
}

type Opened = (Container, Vec<Entry>, Vec<String>);

fn directory(path: &Path, limits: &Limits) -> Result<Opened> {
    // What is no bundle is said to be none, whatever else lies in it.
    if !path.join(CHECKSUMS).is_file() || !path.join(METADATA).is_file() {
        return Err(not_a_bundle(path, "it has no files `metadata.json` and `checksums`"));
    }
    let (directories, files): (Vec<_>, Vec<_>) = walk(path, limits)?.into_iter().partition(|found| found.directory);
    let files = files.into_iter().map(|found| Entry {
        name: found.name,
        size: found.size,
        sha256: None,
        place: Place::Plain(found.modified),
    });
    let directories = directories.into_iter().map(|found| found.name).collect();
    Ok((Container::Directory, files.collect(), directories))
}

fn zip(path: &Path, limits: &Limits) -> Result<Opened> {
    let failed = |error| io_at(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let mut magic = [0; 4];
    let looks_like_zip = file.read_exact(&mut magic).is_ok() && magic.starts_with(b"PK");
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    if !looks_like_zip {
        return Err(not_a_bundle(path, "it is no ZIP archive"));
    }
    let file = Arc::new(file);
    let found = entries(&file, about.len(), limits)?;
    let (directories, files): (Vec<_>, Vec<_>) = found.into_iter().partition(|entry| entry.directory);
    let files = files.into_iter().map(|mut entry| Entry {
        name: std::mem::take(&mut entry.name),
        size: entry.size,
        sha256: None,
        place: Place::Packed(entry),
    });
    let container = Container::Zip {
        file,
        length: about.len(),
        modified: about.modified().ok(),
    };
    let directories = directories.into_iter().map(|entry| entry.name).collect();
    Ok((container, files.collect(), directories))
}

fn not_a_bundle(path: &Path, reason: &'static str) -> BundleError {
    BundleError::NotABundle {
        path: path.to_owned(),
        reason,
    }
}

fn io_at(path: &Path, error: std::io::Error) -> BundleError {
    BundleError::Io {
        path: path.to_owned(),
        error,
    }
}
