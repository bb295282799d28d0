//! The directories on the way to what is being written: opened one below the other, made where they are missing, and given
//! their final mode and times when the work below them is done. No link is ever followed.

use std::path::Path;

use backstay_model::FileMeta;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, FileType, Mode},
    io::Errno,
};

use super::attributes::{self, Owners};
use crate::{
    client::{self, DIRECTORY},
    convert,
    error::FolderError,
};

/// Directories deeper than this do not keep their handle while something below them is open, so that no tree uses up the
/// handles a process may have.
const HELD_DEPTH: usize = 128;
/// Of the deeper ones every so many stays open, so that the way from there is short.
const HELD_EVERY: usize = 64;

/// The folder being written, and the directories from it down to where the work is.
#[derive(Debug)]
pub(crate) struct Place {
    root: OwnedFd,
    stack: Vec<Level>,
}

#[derive(Debug)]
struct Level {
    name: Vec<u8>,
    /// Let go of in very deep trees.
    handle: Option<OwnedFd>,
    /// Made by this writer.
    made: bool,
    /// What it shall look like when the work below it is done.
    later: Option<FileMeta>,
}

/// Whether missing directories are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Made, for this user only.
    Make,
    /// An error.
    Refuse,
}

impl Place {
    /// Opens the folder, making it if it does not exist.
    ///
    /// # Errors
    /// When it can be neither opened nor made.
    pub(crate) fn open(root: &Path) -> Result<Self, FolderError> {
        let opened = match client::open_root(root) {
            Err(FolderError::MissingRoot { path }) => {
                std::fs::create_dir_all(root).map_err(|e| FolderError::system(&path, "written", e))?;
                client::open_root(root)
            }
            answer => answer,
        };
        Ok(Self {
            root: opened?,
            stack: Vec::new(),
        })
    }

    /// The directory the work is in.
    pub(crate) fn here(&self) -> BorrowedFd<'_> {
        let held = self.stack.last().and_then(|level| level.handle.as_ref());
        held.unwrap_or(&self.root).as_fd()
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// Goes to the directory made of `parts`. `path` is what it is for.
    ///
    /// # Errors
    /// When there is something else on the way, or it cannot be opened or made.
    pub(crate) fn go(&mut self, path: &str, parts: &[Vec<u8>], missing: Missing, owners: &mut Owners) -> Result<(), FolderError> {
        let same = self
            .stack
            .iter()
            .zip(parts)
            .take_while(|(level, part)| level.name == **part)
            .count();
        self.leave_to(same, owners)?;
        for part in &parts[same..] {
            let (handle, made) = self.open_or_make(path, part, missing)?;
            self.push(part, handle, made, None);
        }
        Ok(())
    }

    /// Makes the directory `name` here (or adopts the one that is there, if it was made by this writer or is `expected`)
    /// and goes into it. It will get `meta` when the work below it is done.
    ///
    /// # Errors
    /// When something else is there, or it cannot be made.
    pub(crate) fn make(&mut self, path: &str, name: &[u8], meta: &FileMeta, expected: bool) -> Result<(), FolderError> {
        let made = match rustix::fs::mkdirat(self.here(), name, Mode::RWXU) {
            Ok(()) if expected => {
                // The plan saw a directory here that is gone: it must not be made as if nothing had happened.
                let _ = rustix::fs::unlinkat(self.here(), name, AtFlags::REMOVEDIR);
                return Err(FolderError::Moved { path: path.to_owned() });
            }
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(error) => return Err(FolderError::write(path, error)),
        };
        if !made && !self.is_directory(path, name)? {
            return Err(FolderError::NotADirectory { path: path.to_owned() });
        }
        if !made && !expected {
            return Err(FolderError::Exists { path: path.to_owned() });
        }
        let handle = rustix::fs::openat(self.here(), name, DIRECTORY, Mode::empty()).map_err(|e| FolderError::write(path, e))?;
        self.push(name, handle, made, Some(meta.clone()));
        Ok(())
    }

    /// Goes into the directory made of `parts` if this writer made it as the parent of something, and remembers `meta` for it.
    pub(crate) fn adopt(&mut self, parts: &[Vec<u8>], meta: &FileMeta) -> bool {
        let on_stack = self.stack.len() >= parts.len() && self.stack.iter().zip(parts).all(|(l, p)| l.name == *p);
        match parts.len().checked_sub(1).and_then(|at| self.stack.get_mut(at)) {
            Some(level) if on_stack && level.made && level.later.is_none() => {
                level.later = Some(meta.clone());
                true
            }
            _ => false,
        }
    }

    /// Gives the directories below the first `depth` their final mode and times.
    ///
    /// # Errors
    /// When that is refused.
    pub(crate) fn leave_to(&mut self, depth: usize, owners: &mut Owners) -> Result<(), FolderError> {
        while self.stack.len() > depth {
            let Some(level) = self.stack.pop() else { break };
            let shown = || String::from_utf8_lossy(&level.name).into_owned();
            if self.stack.last().is_some_and(|above| above.handle.is_none()) {
                let reopened = self.reopen().map_err(|e| FolderError::write(&shown(), e))?;
                if let Some(above) = self.stack.last_mut() {
                    above.handle = Some(reopened);
                }
            }
            if let (Some(meta), Some(handle)) = (&level.later, &level.handle) {
                attributes::apply(handle.as_fd(), meta, owners).map_err(|e| FolderError::write(&shown(), e))?;
            }
        }
        Ok(())
    }

    fn push(&mut self, name: &[u8], handle: OwnedFd, made: bool, later: Option<FileMeta>) {
        let depth = self.stack.len();
        if depth > HELD_DEPTH
            && !depth.is_multiple_of(HELD_EVERY)
            && let Some(above) = self.stack.last_mut()
        {
            above.handle = None;
        }
        self.stack.push(Level {
            name: name.to_vec(),
            handle: Some(handle),
            made,
            later,
        });
    }

    /// Opens the last level again from the nearest one that is held.
    fn reopen(&self) -> rustix::io::Result<OwnedFd> {
        let held = self.stack.iter().rposition(|level| level.handle.is_some());
        let from = held.and_then(|at| self.stack[at].handle.as_ref()).unwrap_or(&self.root);
        let names: Vec<_> = self.stack[held.map_or(0, |at| at + 1)..]
            .iter()
            .map(|l| l.name.clone())
            .collect();
        client::open_below(from.as_fd(), &names)
    }

    fn open_or_make(&self, path: &str, part: &[u8], missing: Missing) -> Result<(OwnedFd, bool), FolderError> {
        let open = || rustix::fs::openat(self.here(), part, DIRECTORY, Mode::empty());
        match open() {
            Ok(handle) => Ok((handle, false)),
            Err(Errno::NOENT) if missing == Missing::Make => {
                match rustix::fs::mkdirat(self.here(), part, Mode::RWXU) {
                    Ok(()) => {}
                    // Someone else was faster; what is there is looked at by opening it.
                    Err(Errno::EXIST) => return Ok((open().map_err(|e| self.in_the_way(path, part, e))?, false)),
                    Err(error) => return Err(FolderError::write(path, error)),
                }
                Ok((open().map_err(|e| self.in_the_way(path, part, e))?, true))
            }
            Err(error) => Err(self.in_the_way(path, part, error)),
        }
    }

    /// Why a parent cannot be opened.
    fn in_the_way(&self, path: &str, part: &[u8], error: Errno) -> FolderError {
        if !matches!(error, Errno::NOTDIR | Errno::LOOP) {
            return FolderError::write(path, error);
        }
        let parents = self.stack.iter().map(|level| level.name.as_slice());
        let shown = parents
            .chain([part])
            .fold(String::new(), |path, name| convert::join(&path, name));
        let stat = rustix::fs::statat(self.here(), part, AtFlags::SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| convert::file_type(&stat) == FileType::Symlink) {
            let path = path.to_owned();
            return FolderError::BehindLink { path, link: shown };
        }
        FolderError::NotADirectory { path: shown }
    }

    fn is_directory(&self, path: &str, name: &[u8]) -> Result<bool, FolderError> {
        let stat = rustix::fs::statat(self.here(), name, AtFlags::SYMLINK_NOFOLLOW).map_err(|e| FolderError::write(path, e))?;
        Ok(convert::file_type(&stat) == FileType::Directory)
    }
}
