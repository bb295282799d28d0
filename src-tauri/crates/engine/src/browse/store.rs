//! The folder of listings: bounded, the longest unused go first; what a crash left behind is removed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

use super::BrowseError;

/// Beginning of the names of files that are being written, and of those that end with the process.
const UNFINISHED: &str = ".part-";
/// Nobody writes at a file for so long without its time changing.
const LEFT_BEHIND: Duration = Duration::from_secs(15 * 60);
/// End of the names of listings.
const SUFFIX: &str = "list";

/// The folder of listings.
pub struct Store {
    dir: PathBuf,
    limit: AtomicU64,
    cleaned: Once,
}

impl Store {
    /// Listings in `dir`, which is made when it is needed, of at most `limit` bytes in all.
    #[must_use]
    pub fn new(dir: PathBuf, limit: u64) -> Self {
        Self {
            dir,
            limit: AtomicU64::new(limit),
            cleaned: Once::new(),
        }
    }

    /// Bytes all listings may take.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Changes how many bytes all listings may take.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the listing called `name` lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.{SUFFIX}"))
    }

    /// A new file that vanishes unless it is given a name.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin(&self) -> Result<NamedTempFile, BrowseError> {
        let failed = |error| BrowseError::Cache {
            path: self.dir.clone(),
            error,
        };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        self.cleaned.call_once(|| self.clean());
        tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.dir)
            .map_err(failed)
    }

    /// Removes what earlier processes left unfinished.
    fn clean(&self) {
        for (path, _, used) in self.files() {
            let unfinished = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()));
            if unfinished && used.elapsed().is_ok_and(|age| age > LEFT_BEHIND) {
                // Another process may have been quicker.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Files with their sizes and when they were used last.
    fn files(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        let about = |entry: fs::DirEntry| {
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((entry.path(), meta.len(), meta.modified().unwrap_or(SystemTime::UNIX_EPOCH)))
        };
        entries.filter_map(|entry| about(entry.ok()?)).collect()
    }

    /// Notes that a listing is in use.
    pub fn touch(&self, path: &Path) {
        // Only the order of removal depends on it.
        let _ = fs::File::options()
            .append(true)
            .open(path)
            .and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Removes the listings used longest ago until the rest fits, but for `newest`.
    pub fn trim(&self, newest: &Path) {
        let mut files = self.files();
        files.retain(|(path, ..)| path.extension().is_some_and(|end| end == SUFFIX));
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        files.sort_by_key(|(_, _, used)| *used);
        for (path, size, _) in files {
            if total <= self.limit() {
                break;
            }
            if path != newest && fs::remove_file(&path).is_ok() {
                total -= size;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(path: &Path, seconds: u64) {
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("deep/listings"), 250);
        store.begin().unwrap();
        for (name, age) in [("a", 30), ("b", 20), ("c", 10)] {
            fs::write(store.path(name), [0; 100]).unwrap();
            old(&store.path(name), age);
        }
        store.touch(&store.path("a"));
        store.trim(&store.path("c"));
        let left: Vec<bool> = ["a", "b", "c"].iter().map(|name| store.path(name).exists()).collect();
        assert_eq!(left, [true, false, true]);
        store.set_limit(10);
        store.trim(&store.path("c"));
        assert!(!store.path("a").exists() && store.path("c").exists());
    }

    #[test]
    fn what_a_crash_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".part-old", ".part-fresh", "x.list"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        old(&dir.path().join(".part-old"), 3600);
        old(&dir.path().join("x.list"), 3600);
        let store = Store::new(dir.path().to_owned(), 1 << 20);
        let file = store.begin().unwrap();
        assert!(!dir.path().join(".part-old").exists());
        assert!(dir.path().join(".part-fresh").exists() && dir.path().join("x.list").exists());
        let path = file.path().to_owned();
        assert!(path.exists());
        drop(file);
        assert!(!path.exists());
    }
}
