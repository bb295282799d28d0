//! The walk of a live folder as an iterator: depth first, a directory before its content, names sorted by their bytes.

use std::{collections::VecDeque, sync::Arc};

use backstay_model::{FileEntry, FileKind};
use backstay_source::{Result, SourceError};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType},
    io::Errno,
};

use super::{Entered, Entry, Lister, Name, Node};
use crate::{client, convert, error::FolderError};

/// Goes through a folder. What cannot be read comes as an error, and the walk goes on behind it.
pub(crate) struct Walk {
    lister: Lister,
    stack: Vec<Entered>,
    /// What is known and not given yet: directories that became wanted by something in them.
    ready: VecDeque<Result<FileEntry>>,
    /// Directories so deep are named and not gone into.
    floor: Option<usize>,
}

impl Walk {
    /// The whole folder.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub(crate) fn all(mut lister: Lister) -> std::result::Result<Self, FolderError> {
        let root = lister.enter_root()?;
        Ok(Self {
            lister,
            stack: vec![root],
            ready: VecDeque::new(),
            floor: None,
        })
    }

    /// Only what lies at the path made of `parts`, and below it.
    ///
    /// # Errors
    /// As for [`Walk::all`].
    pub(crate) fn below(lister: Lister, parts: &[Vec<u8>]) -> std::result::Result<Self, FolderError> {
        let mut walk = Self::all(lister)?;
        for (depth, part) in parts.iter().enumerate() {
            let Some(top) = walk.stack.last_mut() else { break };
            let names = Arc::clone(&top.names);
            let found = names.list.binary_search_by(|n| names.bytes(*n).cmp(part));
            let Ok(at) = found else {
                walk.stack.clear();
                break;
            };
            // Everything else in the directories above is passed over.
            top.next = names.list.len();
            let (node, name) = (Arc::clone(&top.node), names.list[at]);
            walk.visit(&node, part, name);
            if depth + 1 < parts.len() {
                walk.forget_way_down(depth);
            }
        }
        Ok(walk)
    }

    /// Names directories `depth` steps below where it begins without going into them (but for such that only count for what is
    /// in them).
    pub(crate) fn down_to(mut self, depth: usize) -> Self {
        self.floor = Some(self.stack.len() + depth - 1);
        self
    }

    /// Directories above the goal are the way, not the goal: drops what visiting one of them made ready. Ends the walk if it
    /// could not be entered.
    fn forget_way_down(&mut self, depth: usize) {
        // The folder itself lies at depth 0 of the stack.
        if let Some(reached) = self.stack.get_mut(depth + 1) {
            reached.entry = None;
            self.ready.clear();
        } else {
            self.stack.clear();
            self.ready.retain(Result::is_err);
        }
    }

    fn visit(&mut self, node: &Arc<Node>, bytes: &[u8], name: Name) {
        if name.is_dir {
            self.visit_directory(node, bytes, name.taken);
        } else if let Some(entry) = self.look_at(node, bytes).transpose() {
            self.announce();
            self.ready.push_back(entry);
        }
    }

    fn visit_directory(&mut self, parent: &Arc<Node>, name: &[u8], taken: bool) {
        match self.lister.enter(parent, name, taken) {
            Entry::Open(entered) => {
                self.stack.push(entered);
                if taken {
                    self.announce();
                    if self.floor.is_some_and(|floor| self.stack.len() > floor) {
                        self.stack.pop();
                    }
                }
            }
            Entry::Closed(entry, error) => {
                if taken {
                    self.announce();
                    self.ready.push_back(Ok(entry));
                }
                self.ready.extend(error.map(|e| Err(e.into())));
            }
            // What vanished between listing and looking is simply not there in a view of the present.
            Entry::Lost(FolderError::Gone { .. }) => {}
            Entry::Lost(error) => self.ready.push_back(Err(error.into())),
        }
    }

    /// Gives the directories on the stack that were not given yet.
    fn announce(&mut self) {
        let waiting = self.stack.iter_mut().filter_map(|entered| entered.entry.take());
        self.ready.extend(waiting.map(Ok));
    }

    fn look_at(&self, node: &Node, name: &[u8]) -> Result<Option<FileEntry>> {
        let path = convert::join(&node.path, name);
        let read = || -> rustix::io::Result<FileEntry> {
            let handle = node.handle()?;
            let stat = rustix::fs::statat(handle.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW)?;
            let target = match convert::file_type(&stat) {
                FileType::Symlink => Some(client::link_target(handle.as_fd(), name)?),
                _ => None,
            };
            Ok(convert::entry(path.clone(), &stat, target.as_deref()))
        };
        match read() {
            // Never part of a snapshot, so never part of a comparison with one.
            Ok(entry) if entry.kind == FileKind::Other => Ok(None),
            Ok(entry) => Ok(Some(entry)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(FolderError::read(&path, error).into()),
        }
    }
}

impl Iterator for Walk {
    type Item = Result<FileEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            let top = self.stack.last_mut()?;
            if let Err(stopped) = self.lister.cancel.check() {
                self.stack.clear();
                return Some(Err::<FileEntry, SourceError>(stopped));
            }
            let Some(name) = top.names.list.get(top.next).copied() else {
                self.stack.pop();
                continue;
            };
            top.next += 1;
            let (node, names) = (Arc::clone(&top.node), Arc::clone(&top.names));
            self.visit(&node, names.bytes(name), name);
        }
    }
}
