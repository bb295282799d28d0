//! Reading a directory bundle: only what lies in it, never through a link.

use std::{
    fs::{self, File},
    io,
    path::Path,
    time::SystemTime,
};

use crate::{
    BundleError, Limits, NameFault, Result,
    gate::{Gate, shown},
};

/// A file or directory of the bundle.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its path in the bundle.
    pub name: String,
    pub directory: bool,
    pub size: u64,
    pub modified: Option<SystemTime>,
}

/// Everything below `root`, judged by the gate.
pub(crate) fn walk(root: &Path, limits: &Limits) -> Result<Vec<Found>> {
    let mut gate = Gate::new(limits);
    let mut out = Vec::new();
    let mut waiting = vec![String::new()];
    while let Some(directory) = waiting.pop() {
        let place = root.join(&directory);
        let failed = |error| BundleError::Io {
            path: place.clone(),
            error,
        };
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(BundleError::Name {
                    entry: shown(&name.to_string_lossy()),
                    fault: NameFault::NotText,
                });
            };
            let name = if directory.is_empty() {
                name.to_owned()
            } else {
                format!("{directory}/{name}")
            };
            let about = entry.metadata().map_err(failed)?;
            if !about.is_file() && !about.is_dir() {
                return Err(BundleError::NotPlain { entry: shown(&name) });
            }
            let size = if about.is_file() { about.len() } else { 0 };
            gate.admit(&name, about.is_dir(), size)?;
            if about.is_dir() {
                waiting.push(name.clone());
            }
            out.push(Found {
                name,
                directory: about.is_dir(),
                size,
                modified: about.modified().ok(),
            });
        }
    }
    Ok(out)
}

/// Opens a file of the bundle. A link anywhere on the way is an error, also one that was put there since the bundle was opened.
pub(crate) fn open_inside(root: &Path, name: &str) -> io::Result<File> {
    let file = open_parts(root, name)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}

#[cfg(unix)]
fn open_parts(root: &Path, name: &str) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open, openat};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let mut at = open(root, flags | OFlags::DIRECTORY, Mode::empty())?;
    let (parents, last) = name.rsplit_once('/').unwrap_or(("", name));
    for part in parents.split('/').filter(|part| !part.is_empty()) {
        at = openat(&at, part, flags | OFlags::DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
    }
    // Without waiting: a pipe in place of a file must not hold us up.
    Ok(File::from(openat(
        &at,
        last,
        flags | OFlags::NOFOLLOW | OFlags::NONBLOCK,
        Mode::empty(),
    )?))
}

#[cfg(not(unix))]
fn open_parts(root: &Path, name: &str) -> io::Result<File> {
    let mut path = root.to_owned();
    for part in name.split('/') {
        path.push(part);
        if fs::symlink_metadata(&path)?.file_type().is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
    }
    File::open(path)
}
