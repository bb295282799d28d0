//! Finding databases: in a folder by name and header, and what belongs together.

mod livestore;
mod names;
mod offer;
mod survey;

use std::{
    fs,
    path::{Path, PathBuf},
};

use backstay_model::{FileEntry, Gap};
use backstay_source::{Cancel, SourceError};

pub use livestore::{Role, Store, newest_state, progress, role, stores};
pub use names::{Naming, name_all};
pub use offer::has_database;
pub use survey::Survey;

use crate::{
    config::Config,
    error::{Error, Fact, Result},
};

/// Endings by which databases are looked for.
const ENDINGS: &[&str] = &["db", "sqlite", "sqlite3", "db3"];
/// Folders nested deeper than this are reported, not searched.
const DEEPEST: usize = 64;

/// A file that has a database's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Path below the source, as in [`FileEntry::path`].
    pub rel: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What a look at the source's path found.
#[derive(Debug, Default)]
pub struct Listing {
    /// Sorted by `rel`.
    pub found: Vec<Found>,
    /// Folders that could not be read.
    pub gaps: Vec<Gap>,
    /// The path is a folder, not one file.
    pub folder: bool,
}

/// Looks for databases at the source's path.
///
/// # Errors
/// When the path itself does not exist or cannot be read.
pub fn discover(config: &Config, cancel: &Cancel) -> Result<Listing> {
    let io = |e| Error::io(config.path.display().to_string(), e);
    let meta = fs::metadata(&config.path).map_err(io)?;
    if !meta.is_dir() {
        let found = Found {
            rel: config.single_name(),
            path: config.path.clone(),
        };
        return Ok(Listing {
            found: vec![found],
            ..Listing::default()
        });
    }
    fs::read_dir(&config.path).map_err(io)?;
    let mut listing = Listing {
        folder: true,
        ..Listing::default()
    };
    let walk = Walk { config, cancel };
    walk.folder(&config.path, "", 0, &mut listing)?;
    listing.found.sort_by(|a, b| a.rel.as_bytes().cmp(b.rel.as_bytes()));
    Ok(listing)
}

struct Walk<'a> {
    config: &'a Config,
    cancel: &'a Cancel,
}

impl Walk<'_> {
    fn folder(&self, path: &Path, rel: &str, depth: usize, out: &mut Listing) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Fact::Cancelled.at(path));
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) if depth < DEEPEST => entries,
            Ok(_) => {
                let why = "lies too deep to be searched".to_owned();
                out.gaps.push(SourceError::from(Fact::Unsupported { why }.at(path)).to_gap());
                return Ok(());
            }
            Err(e) => {
                let error = Error::io(path.display().to_string(), e);
                out.gaps.push(SourceError::from(error).to_gap());
                return Ok(());
            }
        };
        for entry in entries.flatten() {
            let name = FileEntry::escape(entry.file_name().as_encoded_bytes());
            let rel = if rel.is_empty() { name } else { format!("{rel}/{name}") };
            // Links are not followed: what they lead to is protected where it lies, and never twice.
            let Ok(kind) = entry.file_type() else { continue };
            if self.config.exclude.is_match(&rel) {
                continue;
            }
            if kind.is_dir() {
                self.folder(&entry.path(), &rel, depth + 1, out)?;
            } else if kind.is_file() && named_like_a_database(&entry.path()) {
                out.found.push(Found { rel, path: entry.path() });
            }
        }
        Ok(())
    }
}

fn named_like_a_database(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|e| ENDINGS.contains(&e.as_str()))
}

/// The directories above the files, each before what is in it.
pub fn directories<'a>(rels: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all = std::collections::BTreeSet::new();
    for rel in rels {
        let mut above = rel;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if !all.insert(parent.to_owned()) {
                break;
            }
            above = parent;
        }
    }
    let mut out: Vec<String> = all.into_iter().collect();
    out.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    out
}
