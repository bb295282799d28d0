//! The scratch place of a drill: private, marked as ours, and removed whatever happens: when the drill ends, and when its
//! process died, before the next one.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::DrillError;

/// Beginning of a scratch place's name.
const PREFIX: &str = "backstay-drill-";
/// The file that makes a folder a scratch place. It is locked as long as its process lives.
const MARKER: &str = ".backstay-drill";
/// What stands in it.
const MAGIC: &str = "A scratch place of a Backstay restore drill. It is removed when the drill ends.\n";
/// Another process that sweeps may take a place that is not locked yet for a dead one.
const ATTEMPTS: usize = 8;

type Result<T> = std::result::Result<T, DrillError>;

/// A scratch place. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    lock: Option<File>,
}

impl Scratch {
    /// Removes what dead processes left in `base`, and makes a new place there.
    pub(super) fn make(base: &Path) -> Result<Self> {
        let failed = |error| DrillError::Scratch {
            path: base.to_owned(),
            error,
        };
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(base).map_err(failed)?;
        sweep(base)?;
        // Databases ask for paths that mean the same from everywhere.
        let base = base.canonicalize().map_err(failed)?;
        for _ in 0..ATTEMPTS {
            if let Some(made) = Self::attempt(&base).map_err(failed)? {
                return Ok(made);
            }
        }
        Err(failed(io::ErrorKind::ResourceBusy.into()))
    }

    fn attempt(base: &Path) -> io::Result<Option<Self>> {
        let mut name = tempfile::Builder::new();
        name.prefix(PREFIX);
        #[cfg(unix)]
        name.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let path = name.tempdir_in(base)?.keep();
        let marker = path.join(MARKER);
        let mut lock = match OpenOptions::new().write(true).create_new(true).open(&marker) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if !marker.exists() {
            return Ok(None);
        }
        let made = Self {
            path,
            lock: Some(lock.try_clone()?),
        };
        lock.write_all(MAGIC.as_bytes())?;
        Ok(Some(made))
    }

    /// A new folder in it, private too.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        let mut folder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path).map_err(|error| DrillError::Scratch {
            path: path.clone(),
            error,
        })?;
        Ok(path)
    }

    /// Removes it, and says if that fails.
    pub(super) fn remove(mut self) -> Result<()> {
        self.clear()
    }

    fn clear(&mut self) -> Result<()> {
        let Some(lock) = self.lock.take() else { return Ok(()) };
        #[cfg(windows)]
        drop(lock);
        let removed = remove_marked(&self.path);
        #[cfg(not(windows))]
        drop(lock);
        removed.map_err(|error| DrillError::NotRemoved {
            path: self.path.clone(),
            error,
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever ends here has an error to tell already; what stays is removed before the next drill.
        let _ = self.clear();
    }
}

/// Removes the scratch places in `base` whose processes died; gives their number. Nothing else is touched: a place has our name
/// and our marker, and nobody holds it.
///
/// # Errors
/// When `base` cannot be read, or a place cannot be removed.
pub fn sweep(base: &Path) -> Result<u64> {
    let failed = |error| DrillError::Scratch {
        path: base.to_owned(),
        error,
    };
    let entries = match fs::read_dir(base) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        other => other.map_err(failed)?,
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // Links are not followed.
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let Some(lock) = dead(&path) else { continue };
        let done = remove_marked(&path);
        drop(lock);
        done.map_err(|error| DrillError::NotRemoved { path, error })?;
        removed += 1;
    }
    Ok(removed)
}

/// The lock of a place nobody holds; `None` when it is held, or no place of ours.
fn dead(path: &Path) -> Option<File> {
    let marker = path.join(MARKER);
    match fs::symlink_metadata(&marker) {
        Ok(found) if found.is_file() => {}
        // Its process died before it marked the folder, or after it had removed all: goes only if it is empty.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = fs::remove_dir(path);
            return None;
        }
        _ => return None,
    }
    let lock = OpenOptions::new().read(true).write(true).open(&marker).ok()?;
    lock.try_lock().ok()?;
    let mut text = String::new();
    (&lock).take(MAGIC.len() as u64 + 1).read_to_string(&mut text).ok()?;
    // Cut short: its process died while it marked the folder.
    MAGIC.starts_with(&text).then_some(lock)
}

/// Removes everything, the marker last: what is left after a kill in between is still marked, or empty.
fn remove_marked(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    match fs::remove_file(path.join(MARKER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir(path)
}

/// Removes a folder in which restored folders may be closed to writing.
fn remove_tree(path: &Path) -> io::Result<()> {
    if fs::remove_dir_all(path).is_ok() {
        return Ok(());
    }
    open_folders(path)?;
    fs::remove_dir_all(path)
}

/// Opens every folder to its owner.
fn open_folders(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_places_of_dead_processes_go() {
        let base = tempfile::tempdir().unwrap();
        let place = |name: &str, marker: Option<&str>| {
            let path = base.path().join(name);
            fs::create_dir_all(path.join("data/deep")).unwrap();
            fs::write(path.join("data/deep/x"), "restored").unwrap();
            if let Some(text) = marker {
                fs::write(path.join(MARKER), text).unwrap();
            }
        };
        place("backstay-drill-dead", Some(MAGIC));
        place("backstay-drill-cut", Some(&MAGIC[..20]));
        place("backstay-drill-foreign", Some("something else"));
        place("backstay-drill-unmarked", None);
        place("photos", Some(MAGIC));
        fs::create_dir(base.path().join("backstay-drill-empty")).unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join(MARKER), MAGIC).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path(), base.path().join("backstay-drill-link")).unwrap();
        let held = Scratch::make(base.path()).unwrap();
        assert_eq!(sweep(base.path()).unwrap(), 0, "the first was swept when the place was made");
        let mut left: Vec<_> = fs::read_dir(base.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.retain(|name| name != held.path.file_name().unwrap());
        left.sort();
        let kept = [
            "backstay-drill-foreign",
            "backstay-drill-link",
            "backstay-drill-unmarked",
            "photos",
        ];
        assert_eq!(left, kept);
        assert!(outside.path().join(MARKER).exists());
        let path = held.path.clone();
        fs::write(held.folder("place").unwrap().join("x"), "y").unwrap();
        drop(held);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_place_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().unwrap();
        let made = Scratch::make(&base.path().join("new")).unwrap();
        for path in [made.path.clone(), made.folder("in").unwrap(), base.path().join("new")] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700, "{path:?}");
        }
        made.remove().unwrap();
    }
}
