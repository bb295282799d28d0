//! Entering directories: opening, listing, applying the rules. Backup and live view walk on top of this.

mod names;
mod node;
mod rules;
mod walk;

use std::sync::Arc;

use backstay_model::FileEntry;
use backstay_source::Cancel;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, Mode, Stat},
    io::Errno,
};

pub(crate) use names::{Name, Names};
pub(crate) use node::Node;
pub(crate) use rules::{Rules, Ruling};
pub(crate) use walk::Walk;

use crate::{
    client::{self, DIRECTORY},
    config::FolderConfig,
    convert,
    error::FolderError,
};

/// Marks a directory as a cache (Cache Directory Tagging Specification): this file, beginning with these bytes.
const CACHE_TAG: (&[u8], &[u8]) = (b"CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");

/// What is needed to enter directories.
#[derive(Debug)]
pub(crate) struct Lister {
    pub(crate) config: Arc<FolderConfig>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) cancel: Cancel,
    /// Device of the folder itself.
    device: u64,
}

/// A directory that was entered.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) node: Arc<Node>,
    /// Its own entry, until it was given; the folder itself has none.
    pub(crate) entry: Option<FileEntry>,
    /// What is in it, after the rules.
    pub(crate) names: Arc<Names>,
    /// Position in `names`.
    pub(crate) next: usize,
}

/// What came of entering a directory.
pub(crate) enum Entry {
    /// It can be read on.
    Open(Entered),
    /// It has an entry and nothing below it: another disk, or not readable for the reason given.
    Closed(FileEntry, Option<FolderError>),
    /// It is no directory any more.
    Lost(FolderError),
}

impl Lister {
    pub(crate) fn new(config: Arc<FolderConfig>, rules: Arc<Rules>, cancel: Cancel) -> Self {
        Self {
            config,
            rules,
            cancel,
            device: 0,
        }
    }

    /// Enters the folder itself.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub(crate) fn enter_root(&mut self) -> Result<Entered, FolderError> {
        let shown = self.config.root.display().to_string();
        let handle = client::open_root(&self.config.root)?;
        let stat = rustix::fs::fstat(&handle).map_err(|e| FolderError::read(&shown, e))?;
        self.device = device(&stat);
        let node = Node::root(handle);
        let names = self
            .list(&node, !self.rules.selective())
            .map_err(|e| FolderError::read(&shown, e))?;
        Ok(Entered {
            node,
            entry: None,
            names: Arc::new(names),
            next: 0,
        })
    }

    /// Enters the directory `name` of `parent`; `taken` as the rules said.
    pub(crate) fn enter(&self, parent: &Arc<Node>, name: &[u8], taken: bool) -> Entry {
        let path = convert::join(&parent.path, name);
        match self.try_enter(parent, name, &path, taken) {
            Ok(entry) => entry,
            Err(Errno::NOENT) => Entry::Lost(FolderError::Gone { path }),
            Err(Errno::NOTDIR | Errno::LOOP) => Entry::Lost(FolderError::BecameOther { path }),
            Err(error) => {
                // Not even to be opened; its own times and mode can still be told.
                let error = FolderError::read(&path, error);
                let stat = parent
                    .handle()
                    .and_then(|handle| rustix::fs::statat(handle.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW));
                match stat {
                    Ok(stat) => Entry::Closed(convert::entry(path, &stat, None), Some(error)),
                    Err(_) => Entry::Lost(error),
                }
            }
        }
    }

    fn try_enter(&self, parent: &Arc<Node>, name: &[u8], path: &str, taken: bool) -> rustix::io::Result<Entry> {
        let handle: OwnedFd = rustix::fs::openat(parent.handle()?, name, DIRECTORY, Mode::empty())?;
        let stat = rustix::fs::fstat(&handle)?;
        let entry = convert::entry(path.to_owned(), &stat, None);
        if self.config.one_file_system && device(&stat) != self.device {
            return Ok(Entry::Closed(entry, None));
        }
        // The handle may be let go of by the node (very deep trees), and listing opens it again then.
        let node = Node::child(parent, name, path.to_owned(), handle);
        match self.list(&node, taken) {
            Ok(names) => Ok(Entry::Open(Entered {
                node,
                entry: Some(entry),
                names: Arc::new(names),
                next: 0,
            })),
            Err(error) => Ok(Entry::Closed(entry, Some(FolderError::read(path, error)))),
        }
    }

    /// The names in a directory, after the rules.
    fn list(&self, node: &Node, taken: bool) -> rustix::io::Result<Names> {
        let mut names = Names::default();
        let handle = node.handle()?;
        if self.rules.is_empty() {
            names::read_names(handle.as_fd(), &mut |name, is_dir| names.push(name, is_dir, true))?;
        } else {
            let mut path = node.raw_prefix();
            let prefix = path.len();
            names::read_names(handle.as_fd(), &mut |name, is_dir| {
                path.truncate(prefix);
                path.extend_from_slice(name);
                match self.rules.decide(&path, is_dir, taken) {
                    Ruling::Leave => {}
                    ruling => names.push(name, is_dir, ruling == Ruling::Take),
                }
            })?;
        }
        names.sort();
        if self.config.exclude_caches && names.has_file(CACHE_TAG.0) && is_cache(&handle) {
            names.only(CACHE_TAG.0);
        }
        Ok(names)
    }
}

#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // the width differs between systems
fn device(stat: &Stat) -> u64 {
    stat.st_dev as u64
}

/// Whether the tag in this directory says what the specification asks for; a file that only has the name does not count.
fn is_cache(directory: &impl AsFd) -> bool {
    let Ok(file) = client::open_file(directory.as_fd(), CACHE_TAG.0, false) else {
        return false;
    };
    let mut start = [0; CACHE_TAG.1.len()];
    rustix::io::read(file, &mut start).is_ok_and(|n| n == start.len()) && start == *CACHE_TAG.1
}
