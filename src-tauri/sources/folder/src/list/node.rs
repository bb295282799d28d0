//! A directory that is being read: its path, its handle, and how much of it is still under way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::Mode,
};

use crate::client::DIRECTORY;

/// Directories deeper than this are opened anew for each piece of work, so that no tree, however deep, uses up the
/// handles a process may have.
const HELD_DEPTH: usize = 128;
/// Of the deeper ones every so many stays open, so that the way from there is short.
const HELD_EVERY: usize = 64;

/// A directory below (or at) the folder.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<Arc<Node>>,
    /// Escaped path; empty for the folder itself.
    pub(crate) path: String,
    /// The last part of the path as bytes.
    name: Vec<u8>,
    depth: usize,
    /// `None` for the very deep ones.
    handle: Option<OwnedFd>,
    /// Pieces of work below it that are not done: the listing itself, batches of files, directories.
    pending: AtomicUsize,
}

/// A directory's handle, held or opened for the moment.
pub(crate) enum Handle<'a> {
    Held(BorrowedFd<'a>),
    Opened(OwnedFd),
}

impl AsFd for Handle<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Held(fd) => *fd,
            Self::Opened(fd) => fd.as_fd(),
        }
    }
}

impl Node {
    pub(crate) fn root(handle: OwnedFd) -> Arc<Self> {
        Arc::new(Self {
            parent: None,
            path: String::new(),
            name: Vec::new(),
            depth: 0,
            handle: Some(handle),
            pending: AtomicUsize::new(1),
        })
    }

    pub(crate) fn child(parent: &Arc<Self>, name: &[u8], path: String, handle: OwnedFd) -> Arc<Self> {
        let depth = parent.depth + 1;
        Arc::new(Self {
            parent: Some(Arc::clone(parent)),
            path,
            name: name.to_vec(),
            depth,
            handle: (depth <= HELD_DEPTH || depth.is_multiple_of(HELD_EVERY)).then_some(handle),
            pending: AtomicUsize::new(1),
        })
    }

    /// The handle to work with.
    pub(crate) fn handle(&self) -> rustix::io::Result<Handle<'_>> {
        let mut names = Vec::new();
        let mut node = self;
        loop {
            if let Some(held) = &node.handle {
                if names.is_empty() {
                    return Ok(Handle::Held(held.as_fd()));
                }
                return reopen(held.as_fd(), &names);
            }
            names.push(node.name.as_slice());
            match &node.parent {
                Some(parent) => node = parent,
                None => return Err(rustix::io::Errno::NOENT),
            }
        }
    }

    /// The path as bytes, with a slash at the end unless it is the folder itself.
    pub(crate) fn raw_prefix(&self) -> Vec<u8> {
        let mut names = Vec::new();
        let mut node = self;
        while let Some(parent) = &node.parent {
            names.push(node.name.as_slice());
            node = parent;
        }
        let mut raw = Vec::new();
        for name in names.iter().rev() {
            raw.extend_from_slice(name);
            raw.push(b'/');
        }
        raw
    }

    /// One more piece of work below it.
    pub(crate) fn begin(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }

    /// One piece of work less; `true` when that was the last.
    pub(crate) fn end(&self) -> bool {
        // Whoever ends last must see all that the others did before.
        self.pending.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

fn reopen<'a>(from: BorrowedFd<'_>, names: &[&[u8]]) -> rustix::io::Result<Handle<'a>> {
    let mut at: Option<OwnedFd> = None;
    for name in names.iter().rev() {
        let parent = at.as_ref().map_or(from, AsFd::as_fd);
        at = Some(rustix::fs::openat(parent, *name, DIRECTORY, Mode::empty())?);
    }
    at.map(Handle::Opened).ok_or(rustix::io::Errno::NOENT)
}
