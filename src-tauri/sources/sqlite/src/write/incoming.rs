//! A file that is to take a place: written beside it under another name, made lasting, and checked.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use backstay_model::{ContentHash, ContentHasher, FileEntry};
use backstay_source::Cancel;
use tempfile::NamedTempFile;

use super::place;
use crate::{
    client::{RawFile, classify, open_immutable},
    config::Integrity,
    error::{Error, Fact, Result},
    read::{check, room},
};

/// Beginning of the names of unfinished files; the process id follows.
const PREFIX: &str = ".backstay-restore-";

/// A checked file, not yet in its place. Dropped, it is gone.
#[derive(Debug)]
pub struct Incoming {
    file: NamedTempFile,
    /// Where it goes.
    pub target: PathBuf,
    /// Hash of its content.
    pub hash: ContentHash,
    entry: FileEntry,
}

impl Incoming {
    /// Takes the content of `entry` for `target`. Anything but a sound database is refused, before the target is touched.
    ///
    /// # Errors
    /// When it is no database, damaged, or not as long as announced; when there is no room.
    pub fn take(target: &Path, entry: &FileEntry, content: &mut dyn Read, cancel: &Cancel) -> Result<Self> {
        let io = |e| Error::io(target.display().to_string(), e);
        let folder = place::folder(target);
        fs::create_dir_all(folder).map_err(io)?;
        sweep(folder);
        room(folder, entry.size, target)?;
        let mut file = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(io)?;
        let (hash, size) = copy(&mut file, content, target, cancel)?;
        if size != entry.size {
            return Err(Fact::Truncated {
                expected: entry.size,
                actual: size,
            }
            .at(target));
        }
        file.as_file().sync_all().map_err(io)?;
        sound(file.path(), target)?;
        Ok(Self {
            file,
            target: target.to_owned(),
            hash,
            entry: entry.clone(),
        })
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Puts the file at its place, in one step: whoever looks finds the old file or the new one. Logs and journals of the old
    /// one must not meet the new one and are removed first, so they must be folded in already.
    ///
    /// # Errors
    /// When it cannot be renamed or does not read back the same.
    pub fn place(self) -> Result<ContentHash> {
        let Self {
            file,
            target,
            hash,
            entry,
        } = self;
        let io = |e| Error::io(target.display().to_string(), e);
        take_rights(file.as_file(), &target, &entry).map_err(io)?;
        for suffix in ["-wal", "-shm", "-journal"] {
            place::remove_if_there(&crate::client::side(&target, suffix))?;
        }
        file.persist(&target).map_err(|e| io(e.error))?;
        place::sync_folder(place::folder(&target))?;
        read_back(&target, hash)?;
        Ok(hash)
    }
}

/// Opens what was written the way its program will, and compares its content.
fn read_back(target: &Path, hash: ContentHash) -> Result<()> {
    let io = |e| Error::io(target.display().to_string(), e);
    let mut hasher = ContentHasher::default();
    io::copy(&mut RawFile::open(target).map_err(io)?, &mut hasher).map_err(io)?;
    if hasher.finish() != hash {
        return Err(Fact::ReadBack.at(target));
    }
    let live = open_immutable(target)?;
    live.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|e| Error::sql(target.display().to_string(), e))
}

fn copy(file: &mut NamedTempFile, content: &mut dyn Read, target: &Path, cancel: &Cancel) -> Result<(ContentHash, u64)> {
    let io = |e| Error::io(target.display().to_string(), e);
    let mut hasher = ContentHasher::default();
    let mut buf = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Fact::Cancelled.at(target));
        }
        let n = match content.read(&mut buf) {
            Ok(0) => return Ok((hasher.finish(), size)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(io(e)),
        };
        hasher.update(&buf[..n]);
        file.write_all(&buf[..n]).map_err(io)?;
        size += n as u64;
    }
}

fn sound(path: &Path, target: &Path) -> Result<()> {
    let rename = |e: Error| e.fact.at(target);
    let mut raw = RawFile::open(path).map_err(|e| Error::io(target.display().to_string(), e))?;
    classify(path, &mut raw, true).map_err(rename)?;
    let live = open_immutable(path).map_err(rename)?;
    check(&live, target, Integrity::Quick)
}

/// The rights of the file it replaces, else those it had; the time it had.
fn take_rights(file: &fs::File, target: &Path, entry: &FileEntry) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        match fs::metadata(target) {
            Ok(old) => {
                file.set_permissions(old.permissions())?;
                // Only root may give a file to someone else.
                let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
            }
            Err(_) => file.set_permissions(fs::Permissions::from_mode(entry.meta.mode.unwrap_or(0o600) & 0o7777))?,
        }
    }
    if let Some(modified) = entry.meta.modified {
        file.set_modified(modified.into())?;
    }
    file.sync_all()
}

/// Removes what killed restores left in `folder`.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let id = name
            .to_str()
            .and_then(|n| n.strip_prefix(PREFIX))
            .and_then(|n| n.split('-').next());
        let dead = |id: &str| cfg!(target_os = "linux") && !Path::new("/proc").join(id).exists();
        if id.is_some_and(|id| id.parse::<u32>().is_ok() && dead(id)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
