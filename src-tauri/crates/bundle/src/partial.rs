//! The temporary place beside a bundle's final one, and what killed programs left of such places.
//!
//! A place in use is locked, and the lock ends with the process that holds it: what can be locked is abandoned. Whoever makes a
//! place looks, once it is locked, whether it still is there, so that nobody writes into one that was just cleared away.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    path::Path,
};

use tempfile::{Builder, TempDir, TempPath};

/// End of the names of temporary places.
const SUFFIX: &str = ".partial";
/// Random letters in their names.
const LETTERS: usize = 6;

/// Tells others that a temporary place is in use, until dropped.
#[derive(Debug)]
pub(crate) struct Claim(#[expect(dead_code, reason = "it is held, not used")] Option<File>);

/// A temporary file for a bundle called `name` in `parent`.
pub(crate) fn file(parent: &Path, name: &OsStr) -> io::Result<(File, TempPath, Claim)> {
    clear(parent, name);
    loop {
        let (file, path) = named(name, |builder| builder.tempfile_in(parent))?.into_parts();
        // Where files cannot be locked, nobody takes one for abandoned either.
        let locked = file.lock().is_ok();
        if !locked || path.exists() {
            let claim = Claim(Some(file.try_clone()?));
            return Ok((file, path, claim));
        }
    }
}

/// A temporary directory for a bundle called `name` in `parent`.
pub(crate) fn directory(parent: &Path, name: &OsStr) -> io::Result<(TempDir, Claim)> {
    clear(parent, name);
    loop {
        let made = named(name, |builder| builder.tempdir_in(parent))?;
        // Some systems open no directories.
        let Ok(held) = File::open(made.path()) else {
            return Ok((made, Claim(None)));
        };
        let locked = held.lock().is_ok();
        if !locked || made.path().exists() {
            return Ok((made, Claim(Some(held))));
        }
    }
}

fn named<T>(name: &OsStr, make: impl FnOnce(&Builder<'_, '_>) -> io::Result<T>) -> io::Result<T> {
    let prefix = prefix(name);
    let mut builder = Builder::new();
    make(builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(LETTERS))
}

fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Removes what killed programs left on the way to a bundle called `name`. What cannot be removed stays: it is in nobody's way.
fn clear(parent: &Path, name: &OsStr) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if !is_partial(&entry.file_name(), name) || !(kind.is_file() || kind.is_dir()) {
            continue;
        }
        let path = entry.path();
        let Ok(held) = File::open(&path) else { continue };
        if held.try_lock().is_err() {
            continue;
        }
        let _ = if kind.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
    }
}

fn is_partial(found: &OsStr, name: &OsStr) -> bool {
    let prefix = prefix(name);
    let letters = found.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
    let letters = letters.and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
    letters.is_some_and(|letters| letters.len() == LETTERS && letters.iter().all(u8::is_ascii_alphanumeric))
}
