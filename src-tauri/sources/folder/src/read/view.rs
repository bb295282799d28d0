//! The live folder as a view of files.

use std::{
    fs::File,
    io::{ErrorKind as IoKind, Read},
    sync::Arc,
};

use backstay_model::{ContentHash, ContentHasher, FileEntry, FileKind};
use backstay_source::{Cancel, FileView, ReadSeek, Result, SourceError};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, FileType},
    io::Errno,
};

use crate::{
    client,
    config::FolderConfig,
    convert,
    error::FolderError,
    list::{Lister, Rules, Walk},
};

/// Files of a folder as they are now. A folder that does not exist has none.
#[derive(Debug)]
pub(crate) struct LiveFiles {
    pub(crate) config: Arc<FolderConfig>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) cancel: Cancel,
}

/// A name in an opened directory.
struct Found {
    directory: OwnedFd,
    name: Vec<u8>,
}

impl LiveFiles {
    /// The directory that holds `path`; `None` when there is no such directory.
    fn find(&self, path: &str) -> std::result::Result<Option<Found>, FolderError> {
        let mut parts = client::parts(path)?;
        let root = match client::open_root(&self.config.root) {
            Err(FolderError::MissingRoot { .. }) => return Ok(None),
            other => other?,
        };
        let Some(name) = parts.pop() else { return Ok(None) };
        let directory = if parts.is_empty() {
            root
        } else {
            match client::open_below(root.as_fd(), &parts) {
                Err(error) if client::means_absent(error) => return Ok(None),
                answer => answer.map_err(|e| FolderError::read(path, e))?,
            }
        };
        Ok(Some(Found { directory, name }))
    }

    fn look(&self, path: &str) -> std::result::Result<Option<FileEntry>, FolderError> {
        let Some(Found { directory, name }) = self.find(path)? else {
            return Ok(None);
        };
        let read = || -> rustix::io::Result<FileEntry> {
            let stat = rustix::fs::statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            let target = match convert::file_type(&stat) {
                FileType::Symlink => Some(client::link_target(directory.as_fd(), &name)?),
                _ => None,
            };
            Ok(convert::entry(path.to_owned(), &stat, target.as_deref()))
        };
        match read() {
            Ok(entry) => Ok(Some(entry)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(FolderError::read(path, error)),
        }
    }

    fn open_file(&self, path: &str) -> std::result::Result<File, FolderError> {
        let missing = || FolderError::Missing { path: path.to_owned() };
        let no_file = || FolderError::Unsupported {
            path: path.to_owned(),
            what: "is not a file and has no content",
        };
        let Found { directory, name } = self.find(path)?.ok_or_else(missing)?;
        let file = match client::open_file(directory.as_fd(), &name, false) {
            // A link, or a socket.
            Err(Errno::LOOP | Errno::NXIO) => return Err(no_file()),
            answer => answer.map_err(|e| FolderError::read(path, e))?,
        };
        let stat = rustix::fs::fstat(&file).map_err(|e| FolderError::read(path, e))?;
        if convert::file_type(&stat) != FileType::RegularFile {
            return Err(no_file());
        }
        Ok(File::from(file))
    }
}

impl FileView for LiveFiles {
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        let lister = Lister::new(Arc::clone(&self.config), Arc::clone(&self.rules), self.cancel.clone());
        let walk = match below {
            Some(path) => Walk::below(lister, &client::parts(path)?),
            None => Walk::all(lister),
        };
        match walk {
            Ok(walk) => Ok(Box::new(walk)),
            Err(FolderError::MissingRoot { .. }) => Ok(Box::new(std::iter::empty())),
            Err(error) => Err(error.into()),
        }
    }

    fn children(&self, dir: &str) -> Result<Vec<FileEntry>> {
        let lister = Lister::new(Arc::clone(&self.config), Arc::clone(&self.rules), self.cancel.clone());
        let walk = match dir {
            "" => Walk::all(lister),
            dir => Walk::below(lister, &client::parts(dir)?),
        };
        let walk = match walk {
            Err(FolderError::MissingRoot { .. }) => return Ok(Vec::new()),
            walk => walk?.down_to(1),
        };
        let is_child = |path: &str| match dir {
            "" => !path.contains('/'),
            dir => path
                .strip_prefix(dir)
                .and_then(|rest| rest.strip_prefix('/'))
                .is_some_and(|name| !name.contains('/')),
        };
        // What cannot be looked at is in no list of what is there; a backup names it.
        let entries = walk.filter(|entry| match entry {
            Ok(entry) => is_child(&entry.path),
            Err(error) => error.kind == backstay_model::ErrorKind::Cancelled,
        });
        entries.collect()
    }

    fn stat(&self, path: &str) -> Result<Option<FileEntry>> {
        Ok(self.look(path)?)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(self.open_file(path)?))
    }

    fn hash(&self, path: &str) -> Result<ContentHash> {
        let entry = self.look(path)?.ok_or(FolderError::Missing { path: path.to_owned() })?;
        match &entry.kind {
            FileKind::Symlink(target) => return Ok(ContentHash::of(target.as_bytes())),
            FileKind::Directory => return Ok(ContentHash::of(b"")),
            _ => {}
        }
        hash_file(path, &mut self.open_file(path)?, &self.cancel)
    }
}

/// Hashes all that is left to read in `file`.
pub(crate) fn hash_file(path: &str, file: &mut dyn Read, cancel: &Cancel) -> Result<ContentHash> {
    let mut hasher = ContentHasher::default();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        cancel.check()?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == IoKind::Interrupted => {}
            Err(error) => return Err(SourceError::from(FolderError::system(path, "read", error))),
        }
    }
}
