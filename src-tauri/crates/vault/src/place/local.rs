//! A folder on a disk, laid out as restic does it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::{FileKind, Place, PlaceError, PlaceResult, Stray};
use crate::Id;

/// How temporary files begin; anything that is not 64 hexadecimal digits is left out of listings anyway.
const TEMPORARY: &str = ".backstay-tmp-";

/// A repository in a local folder (or one that looks like it: a mounted share).
#[derive(Debug, Clone)]
pub struct LocalPlace {
    root: PathBuf,
}

impl LocalPlace {
    /// The folder `root`; nothing is touched yet.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file lies.
    #[must_use]
    pub fn path(&self, kind: FileKind, id: &Id) -> PathBuf {
        let name = id.to_hex();
        match kind {
            FileKind::Config => self.root.join("config"),
            FileKind::Pack => self.root.join("data").join(&name[..2]).join(name),
            _ => self.root.join(directory(kind)).join(name),
        }
    }

    /// Temporary files that a killed or crashed run left behind. They never count as part of the repository; the ones
    /// of a run that is going on are among them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn leftovers(&self) -> PlaceResult<Vec<PathBuf>> {
        let mut found = Vec::new();
        for kind in FileKind::ALL {
            for folder in self.folders(kind)? {
                self.scan(&folder, |path, _, _| {
                    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    if name.starts_with(TEMPORARY) || name.contains("-tmp-") {
                        found.push(path.to_path_buf());
                    }
                })?;
            }
        }
        Ok(found)
    }

    /// The folders that hold files of a kind, missing ones left out.
    fn folders(&self, kind: FileKind) -> PlaceResult<Vec<PathBuf>> {
        match kind {
            FileKind::Config => Ok(vec![self.root.clone()]),
            FileKind::Pack => {
                let data = self.root.join("data");
                let mut folders = Vec::with_capacity(256);
                self.scan(&data, |path, is_dir, _| {
                    if is_dir {
                        folders.push(path.to_path_buf());
                    }
                })?;
                Ok(folders)
            }
            _ => Ok(vec![self.root.join(directory(kind))]),
        }
    }

    /// Calls `each` with path, whether it is a directory, and the entry. A missing folder is empty, unless the whole
    /// place is gone.
    fn scan(&self, folder: &Path, mut each: impl FnMut(&Path, bool, &fs::DirEntry)) -> PlaceResult<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound && folder != self.root && self.root.is_dir() => return Ok(()),
            Err(e) => return Err(self.fail(e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| self.fail(e))?;
            let is_dir = entry.file_type().map_err(|e| self.fail(e))?.is_dir();
            each(&entry.path(), is_dir, &entry);
        }
        Ok(())
    }

    /// What a system error means for this place.
    fn fail(&self, source: io::Error) -> PlaceError {
        let place = self.location();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                PlaceError::Full { place, source }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => PlaceError::Denied { place, source },
            io::ErrorKind::StaleNetworkFileHandle
            | io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NotConnected => PlaceError::Unreachable { place, source },
            io::ErrorKind::NotFound => PlaceError::Unreachable { place, source },
            _ => PlaceError::Io { place, source },
        }
    }

    /// What it means that a file could not be opened.
    fn fail_open(&self, kind: FileKind, id: &Id, source: io::Error) -> PlaceError {
        if source.kind() == io::ErrorKind::NotFound && self.root.is_dir() {
            return PlaceError::NotFound { kind, id: *id };
        }
        self.fail(source)
    }

    fn open(&self, kind: FileKind, id: &Id) -> PlaceResult<File> {
        File::open(self.path(kind, id)).map_err(|e| self.fail_open(kind, id, e))
    }

    /// Makes a directory only its owner can enter, as restic does.
    fn make_folder(&self, path: &Path, recursive: bool) -> PlaceResult<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(recursive);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other.map_err(|e| self.fail(e)),
        }
    }

    /// Makes the names in a directory safe against a crash. Some shares cannot do that and say so; there is nothing
    /// better to be had from them.
    fn sync_folder(&self, path: &Path) -> PlaceResult<()> {
        #[cfg(unix)]
        match File::open(path).and_then(|f| f.sync_all()) {
            Err(e) if !matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
                return Err(self.fail(e));
            }
            _ => {}
        }
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    /// Writes to a temporary file beside `target` and gives it its name, unless the name is taken.
    fn put(&self, kind: FileKind, id: &Id, folder: &Path, target: &Path, content: &[u8]) -> PlaceResult<()> {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .rand_bytes(12)
            .tempfile_in(folder)
            .map_err(|e| self.fail(e))?;
        file.write_all(content)
            .and_then(|()| file.as_file().sync_all())
            .map_err(|e| self.fail(e))?;
        match file.persist_noclobber(target) {
            Ok(_) => self.sync_folder(folder),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => self.compare(kind, id, content),
            // Some file systems know neither a renaming that spares what is there nor hard links.
            Err(e) if !target.exists() => {
                e.file.persist(target).map_err(|e| self.fail(e.error))?;
                self.sync_folder(folder)
            }
            Err(_) => self.compare(kind, id, content),
        }
    }

    /// A file of this name exists: fine if it is the same.
    fn compare(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        if self.read(kind, id)?.as_ref() == content {
            Ok(())
        } else {
            Err(PlaceError::Occupied { kind, id: *id })
        }
    }
}

/// Name of the directory that holds a kind.
fn directory(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Config => "",
        FileKind::Key => "keys",
        FileKind::Lock => "locks",
        FileKind::Snapshot => "snapshots",
        FileKind::Index => "index",
        FileKind::Pack => "data",
    }
}

impl Place for LocalPlace {
    fn location(&self) -> String {
        self.root.display().to_string()
    }

    fn create(&self) -> PlaceResult<()> {
        self.make_folder(&self.root, true)?;
        for kind in FileKind::ALL {
            if kind != FileKind::Config {
                self.make_folder(&self.root.join(directory(kind)), false)?;
            }
        }
        let data = self.root.join("data");
        for byte in 0..=255u8 {
            self.make_folder(&data.join(format!("{byte:02x}")), false)?;
        }
        self.sync_folder(&data)?;
        self.sync_folder(&self.root)
    }

    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>> {
        if kind == FileKind::Config {
            return Ok(self
                .size(kind, &Id::CONFIG)?
                .map(|size| (Id::CONFIG, size))
                .into_iter()
                .collect());
        }
        let mut files = Vec::new();
        let mut failed = None;
        for folder in self.folders(kind)? {
            self.scan(&folder, |path, is_dir, entry| {
                let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                let Ok(id) = name.parse::<Id>() else { return };
                if is_dir {
                    return;
                }
                match entry.metadata() {
                    Ok(meta) => files.push((id, meta.len())),
                    // Removed between listing and looking: not there.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => failed = Some(e),
                }
            })?;
        }
        match failed {
            Some(e) => Err(self.fail(e)),
            None => Ok(files),
        }
    }

    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        let mut file = self.open(kind, id)?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(|e| self.fail(e))?;
        Ok(Bytes::from(content))
    }

    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()> {
        let mut file = self.open(kind, id)?;
        file.seek(SeekFrom::Start(offset)).map_err(|e| self.fail(e))?;
        buffer.clear();
        // `take` keeps the system from being asked once more at the end, and the vector from growing beyond.
        buffer.reserve(length);
        let read = file.take(length as u64).read_to_end(buffer).map_err(|e| self.fail(e))?;
        if read == length {
            Ok(())
        } else {
            Err(PlaceError::TooShort {
                kind,
                id: *id,
                end: offset + length as u64,
            })
        }
    }

    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>> {
        match fs::metadata(self.path(kind, id)) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) => match self.fail_open(kind, id, e) {
                PlaceError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        let target = self.path(kind, id);
        let folder = target.parent().unwrap_or(&self.root).to_path_buf();
        if !folder.is_dir() {
            // Where the vault's disk was mounted there is a folder still, but no vault, which has keys at least: writing
            // there would fill the wrong disk.
            if !self.root.join(directory(FileKind::Key)).is_dir() {
                let gone = io::Error::from(io::ErrorKind::NotFound);
                return Err(PlaceError::Unreachable {
                    place: self.location(),
                    source: gone,
                });
            }
            self.make_folder(&folder, true)?;
            self.sync_folder(folder.parent().unwrap_or(&self.root))?;
        }
        self.put(kind, id, &folder, &target, content)
    }

    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()> {
        let path = self.path(kind, id);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && self.root.is_dir() => Ok(()),
            // Windows refuses to remove read-only files, which restic makes of its own.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied && cfg!(windows) => {
                let writable = OpenOptions::new().read(true).open(&path).and_then(|file| {
                    let mut rights = file.metadata()?.permissions();
                    #[allow(clippy::permissions_set_readonly_false, reason = "only reached on Windows")]
                    rights.set_readonly(false);
                    fs::set_permissions(&path, rights)
                });
                writable.and_then(|()| fs::remove_file(&path)).map_err(|e| self.fail(e))
            }
            other => other.map_err(|e| self.fail(e)),
        }
    }

    fn strays(&self) -> PlaceResult<Vec<Stray>> {
        let mut strays = Vec::new();
        for path in self.leftovers()? {
            let bytes = fs::metadata(&path).map(|meta| meta.len()).unwrap_or(0);
            let below = path.strip_prefix(&self.root).unwrap_or(&path);
            strays.push(Stray {
                path: below.to_string_lossy().into_owned(),
                bytes,
            });
        }
        strays.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(strays)
    }

    fn remove_stray(&self, path: &str) -> PlaceResult<()> {
        // Only what is listed may go, whatever the caller says.
        let full = self.root.join(path);
        if !self.leftovers()?.contains(&full) {
            return Ok(());
        }
        match fs::remove_file(&full) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(|e| self.fail(e)),
        }
    }

    fn set_aside(&self, kind: FileKind, id: &Id, folder: &str) -> PlaceResult<bool> {
        let folder = self.root.join(folder);
        self.make_folder(&folder, true)?;
        let from = self.path(kind, id);
        match fs::rename(&from, folder.join(format!("{kind}-{id}"))) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
            other => other.map_err(|e| self.fail(e))?,
        }
        self.sync_folder(&folder)?;
        self.sync_folder(from.parent().unwrap_or(&self.root))?;
        Ok(true)
    }
}
