//! Opening things below the folder without ever following a link: every path is taken apart and opened relative to the
//! folder's own handle, so that nobody can lead a backup or restore out of it by swapping a directory for a link.

use std::path::Path;

use backstay_model::FileEntry;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{CWD, Mode, OFlags},
    io::Errno,
};

use crate::error::FolderError;

/// How directories are opened below the folder.
pub(crate) const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens the folder itself. A link given as the folder is followed: its owner named it.
///
/// # Errors
/// When it is missing, no folder, or may not be read.
pub(crate) fn open_root(root: &Path) -> Result<OwnedFd, FolderError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, root, flags, Mode::empty()).map_err(|error| {
        let path = root.display().to_string();
        match error {
            Errno::NOENT => FolderError::MissingRoot { path },
            Errno::NOTDIR => FolderError::NotAFolder { path },
            other => FolderError::read(&path, other),
        }
    })
}

/// The parts of a path as bytes, after checking that it stays inside the folder.
///
/// # Errors
/// [`FolderError::BadPath`].
pub(crate) fn parts(path: &str) -> Result<Vec<Vec<u8>>, FolderError> {
    let parts: Vec<_> = path.split('/').map(FileEntry::unescape).collect();
    let bad = |part: &Vec<u8>| part.is_empty() || part == b"." || part == b".." || part.iter().any(|b| matches!(b, 0 | b'/'));
    if parts.iter().any(bad) {
        return Err(FolderError::BadPath { path: path.to_owned() });
    }
    Ok(parts)
}

/// Opens the directory made of `parts` below `root`, following no link.
pub(crate) fn open_below(root: BorrowedFd<'_>, parts: &[Vec<u8>]) -> rustix::io::Result<OwnedFd> {
    if parts.is_empty() {
        return rustix::fs::openat(root, c".", DIRECTORY, Mode::empty());
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(root, parts.join(&b'/'), DIRECTORY, Mode::empty(), resolve) {
            // Old kernels and some containers do not know the call; very long paths do not fit into it.
            Err(Errno::NOSYS | Errno::PERM | Errno::NAMETOOLONG | Errno::AGAIN) => {}
            answer => return answer,
        }
    }
    open_step_by_step(root, parts)
}

/// The same, one directory at a time.
fn open_step_by_step(root: BorrowedFd<'_>, parts: &[Vec<u8>]) -> rustix::io::Result<OwnedFd> {
    let mut at: Option<OwnedFd> = None;
    for part in parts {
        let from = at.as_ref().map_or(root, AsFd::as_fd);
        at = Some(rustix::fs::openat(from, part.as_slice(), DIRECTORY, Mode::empty())?);
    }
    at.ok_or(Errno::NOENT)
}

/// Whether an error of opening a parent only means that nothing is there.
pub(crate) fn means_absent(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
}

/// The text of a link.
pub(crate) fn link_target(directory: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<Vec<u8>> {
    Ok(rustix::fs::readlinkat(directory, name, Vec::with_capacity(256))?.into_bytes())
}

/// Opens a file for reading. Never waits (a pipe that took the file's place) and, where allowed, leaves the access time.
pub(crate) fn open_file(directory: BorrowedFd<'_>, name: &[u8], own: bool) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    #[cfg(target_os = "linux")]
    if own {
        match rustix::fs::openat(directory, name, flags | OFlags::NOATIME, Mode::empty()) {
            Err(Errno::PERM) => {}
            answer => return answer,
        }
    }
    let _ = own;
    rustix::fs::openat(directory, name, flags, Mode::empty())
}
