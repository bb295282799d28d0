//! Writing files back: each appears whole or not at all, nothing is overwritten that is not what the plan saw, and no link
//! leads out of the folder.
//!
//! What lasts when: a file that replaces another is on the disk before it takes the other's name. New files are not waited
//! for one by one (a hundred thousand small files would take an hour); the disk is synchronised after each
//! [`SYNC_FILES`] files or [`SYNC_BYTES`] bytes, and in [`FileWriter::finish`]. A power cut in between can leave new files
//! empty or short; the read-back after a restore finds them. A killed process leaves only whole files.

mod attributes;
mod beside;
mod place;
mod temp;

use std::{io::Read, path::PathBuf};

use backstay_model::{ContentHash, FileEntry, FileKind};
use backstay_source::{Cancel, Expect, FileWriter, Result, Written};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType},
    io::Errno,
};

use self::{
    attributes::Owners,
    place::{Missing, Place},
    temp::{Copy, Spot, Temp},
};
use crate::{
    client,
    convert::{self, Identity},
    error::FolderError,
    read::hash_file,
};

/// New files after which the disk is synchronised.
const SYNC_FILES: u64 = 5_000;
/// Bytes of new files after which the disk is synchronised.
const SYNC_BYTES: u64 = 512 << 20;
/// Names tried for a file put beside another.
const BESIDE_ATTEMPTS: u32 = 1_000;

/// Writes into one folder.
#[derive(Debug)]
pub(crate) struct FolderWriter {
    root: PathBuf,
    place: Place,
    cancel: Cancel,
    owners: Owners,
    buffer: Vec<u8>,
    unsynced: (u64, u64),
}

/// What is there now.
struct Live {
    hash: ContentHash,
    identity: Identity,
}

impl FolderWriter {
    /// Opens the folder for writing; makes it if it does not exist.
    ///
    /// # Errors
    /// When it can be neither opened nor made.
    pub(crate) fn open(root: PathBuf, cancel: Cancel) -> std::result::Result<Self, FolderError> {
        Ok(Self {
            place: Place::open(&root)?,
            root,
            cancel,
            owners: Owners::default(),
            buffer: Vec::new(),
            unsynced: (0, 0),
        })
    }

    /// Goes to the directory that holds `path`, and gives the name in it.
    fn go_to_parent(&mut self, path: &str, missing: Missing) -> std::result::Result<Vec<u8>, FolderError> {
        let mut parts = client::parts(path)?;
        let Some(name) = parts.pop() else {
            return Err(FolderError::BadPath { path: path.to_owned() });
        };
        self.place.go(path, &parts, missing, &mut self.owners)?;
        Ok(name)
    }

    fn put_directory(&mut self, entry: &FileEntry, expect: Expect) -> Result<Written> {
        let parts = client::parts(&entry.path)?;
        if !self.place.adopt(&parts, &entry.meta) {
            let name = self.go_to_parent(&entry.path, Missing::Make)?;
            let expected = matches!(expect, Expect::Content(_));
            self.place.make(&entry.path, &name, &entry.meta, expected)?;
        }
        Ok(written(ContentHash::of(b"")))
    }

    fn put_link(&mut self, entry: &FileEntry, target: &str, expect: Expect) -> Result<Written> {
        let name = self.go_to_parent(&entry.path, Missing::Make)?;
        let spot = Spot {
            directory: self.place.here(),
            name: &name,
            path: &entry.path,
        };
        let live = expected(spot, expect, &self.cancel)?;
        let temp = Temp::link(spot, &FileEntry::unescape(target))?;
        attributes::apply_to_link(spot.directory, temp.name(), &entry.meta, &mut self.owners)
            .map_err(|e| FolderError::write(&entry.path, e))?;
        settle(spot, temp, live.as_ref())?;
        self.count(0)?;
        Ok(written(ContentHash::of(target.as_bytes())))
    }

    fn put_file(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written> {
        let name = self.go_to_parent(&entry.path, Missing::Make)?;
        let spot = Spot {
            directory: self.place.here(),
            name: &name,
            path: &entry.path,
        };
        let live = expected(spot, expect, &self.cancel)?;
        let (temp, file) = Temp::file(spot)?;
        let copy = Copy {
            file: &file,
            path: &entry.path,
            size: entry.size,
            sparse: entry.meta.sparse,
            cancel: &self.cancel,
        };
        let hash = copy.run(content, &mut self.buffer)?;
        attributes::apply(file.as_fd(), &entry.meta, &mut self.owners).map_err(|e| FolderError::write(&entry.path, e))?;
        if live.is_some() || !cfg!(target_os = "linux") {
            rustix::fs::fsync(&file).map_err(|e| FolderError::write(&entry.path, e))?;
        }
        settle(spot, temp, live.as_ref())?;
        self.count(entry.size)?;
        Ok(written(hash))
    }

    /// Counts what is written and not known to be on the disk yet.
    fn count(&mut self, bytes: u64) -> Result<()> {
        self.unsynced.0 += 1;
        self.unsynced.1 += bytes;
        if self.unsynced.0 >= SYNC_FILES || self.unsynced.1 >= SYNC_BYTES {
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        #[cfg(target_os = "linux")]
        if self.unsynced != (0, 0) {
            let shown = self.root.display().to_string();
            rustix::fs::syncfs(self.place.root()).map_err(|e| FolderError::write(&shown, e))?;
        }
        self.unsynced = (0, 0);
        Ok(())
    }
}

impl FileWriter for FolderWriter {
    fn put(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written> {
        self.cancel.check()?;
        match &entry.kind {
            FileKind::File => self.put_file(entry, content, expect),
            FileKind::Directory => self.put_directory(entry, expect),
            FileKind::Symlink(target) => self.put_link(entry, target, expect),
            FileKind::Other => Err(unsupported(&entry.path, "is neither file, directory nor link and cannot be restored").into()),
        }
    }

    fn put_beside(&mut self, entry: &FileEntry, content: &mut dyn Read) -> Result<Written> {
        if matches!(entry.kind, FileKind::Directory | FileKind::Other) {
            return Err(unsupported(&entry.path, "is a directory; only files and links can be put beside others").into());
        }
        let name = self.go_to_parent(&entry.path, Missing::Make)?;
        let now = chrono::Local::now().naive_local();
        let parent = entry.path.rsplit_once('/').map_or("", |(parent, _)| parent);
        for attempt in 1..=BESIDE_ATTEMPTS {
            let beside = beside::name_beside(&name, now, attempt);
            // The content can be read only once, so the name must be free before.
            if !matches!(
                rustix::fs::statat(self.place.here(), &beside, AtFlags::SYMLINK_NOFOLLOW),
                Err(Errno::NOENT)
            ) {
                continue;
            }
            let placed = FileEntry {
                path: convert::join(parent, &beside),
                ..entry.clone()
            };
            let written = self.put(&placed, content, Expect::Absent)?;
            return Ok(Written {
                new_id: Some(placed.path),
                ..written
            });
        }
        Err(FolderError::Exists {
            path: entry.path.clone(),
        }
        .into())
    }

    fn remove(&mut self, path: &str, expect: Expect) -> Result<Written> {
        self.cancel.check()?;
        let name = match self.go_to_parent(path, Missing::Refuse) {
            Err(FolderError::Missing { .. }) if expect == Expect::Absent => return Ok(Written::default()),
            Err(FolderError::Missing { path }) => return Err(FolderError::Moved { path }.into()),
            answer => answer?,
        };
        let spot = Spot {
            directory: self.place.here(),
            name: &name,
            path,
        };
        if is_directory(spot)? {
            if expect == Expect::Absent {
                return Err(FolderError::Exists { path: path.to_owned() }.into());
            }
            rustix::fs::unlinkat(spot.directory, &name, AtFlags::REMOVEDIR).map_err(|error| match error {
                Errno::NOTEMPTY | Errno::EXIST => FolderError::NotEmpty { path: path.to_owned() },
                other => FolderError::write(path, other),
            })?;
        } else if let Some(live) = expected(spot, expect, &self.cancel)? {
            still(spot, &live)?;
            rustix::fs::unlinkat(spot.directory, &name, AtFlags::empty()).map_err(|e| FolderError::write(path, e))?;
        }
        self.count(0)?;
        Ok(Written::default())
    }

    fn finish(&mut self) -> Result<()> {
        self.place.leave_to(0, &mut self.owners)?;
        self.sync()?;
        if self.owners.refused > 0 {
            tracing::warn!(
                files = self.owners.refused,
                "owner or group could not be set: only the administrator may give files away"
            );
        }
        Ok(())
    }
}

fn written(hash: ContentHash) -> Written {
    Written {
        new_id: None,
        hash: Some(hash),
    }
}

fn unsupported(path: &str, what: &'static str) -> FolderError {
    let path = path.to_owned();
    FolderError::Unsupported { path, what }
}

fn is_directory(spot: Spot<'_>) -> std::result::Result<bool, FolderError> {
    match rustix::fs::statat(spot.directory, spot.name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(convert::file_type(&stat) == FileType::Directory),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(FolderError::read(spot.path, error)),
    }
}

/// Checks that what is there is what the plan saw. Gives what is there, if something should be.
fn expected(spot: Spot<'_>, expect: Expect, cancel: &Cancel) -> Result<Option<Live>> {
    let path = || spot.path.to_owned();
    let stat = match rustix::fs::statat(spot.directory, spot.name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => stat,
        Err(Errno::NOENT) if expect == Expect::Absent => return Ok(None),
        Err(Errno::NOENT) => return Err(FolderError::Moved { path: path() }.into()),
        Err(error) => return Err(FolderError::read(spot.path, error).into()),
    };
    let Expect::Content(wanted) = expect else {
        return Err(match convert::file_type(&stat) {
            FileType::Directory => FolderError::DirectoryInTheWay { path: path() }.into(),
            _ => FolderError::Exists { path: path() }.into(),
        });
    };
    let hash = match convert::file_type(&stat) {
        FileType::RegularFile => {
            let file = client::open_file(spot.directory, spot.name, false).map_err(|e| FolderError::read(spot.path, e))?;
            hash_file(spot.path, &mut std::fs::File::from(file), cancel)?
        }
        FileType::Symlink => {
            let target = client::link_target(spot.directory, spot.name).map_err(|e| FolderError::read(spot.path, e))?;
            ContentHash::of(FileEntry::escape(&target).as_bytes())
        }
        FileType::Directory => return Err(FolderError::DirectoryInTheWay { path: path() }.into()),
        _ => return Err(unsupported(spot.path, "is a socket, pipe or device, which is not replaced").into()),
    };
    if hash != wanted {
        return Err(FolderError::Moved { path: path() }.into());
    }
    let identity = Identity::of(&stat);
    Ok(Some(Live { hash, identity }))
}

/// Checks that what was hashed is still the same, right before it is replaced or removed.
fn still(spot: Spot<'_>, live: &Live) -> std::result::Result<(), FolderError> {
    let now = rustix::fs::statat(spot.directory, spot.name, AtFlags::SYMLINK_NOFOLLOW);
    if now.is_ok_and(|stat| Identity::of(&stat) == live.identity) {
        return Ok(());
    }
    tracing::debug!(path = spot.path, hash = %live.hash, "changed between the check and the write");
    Err(FolderError::Moved {
        path: spot.path.to_owned(),
    })
}

/// Gives the temporary file its name.
fn settle(spot: Spot<'_>, temp: Temp<'_>, live: Option<&Live>) -> std::result::Result<(), FolderError> {
    match live {
        None => temp.place_new(),
        Some(live) => {
            still(spot, live)?;
            temp.place_over()
        }
    }
}
