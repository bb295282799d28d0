//! The gate: names, kinds and sizes of all entries are judged before anything of a bundle is used.

use std::collections::{HashMap, hash_map::Entry};

use crate::{BundleError, Limits, Result, name};

/// What is known of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Something lies below it.
    Implied,
    /// It has an entry as a directory.
    Directory,
    /// It has an entry as a file.
    File,
}

/// Judges entries one after the other.
pub(crate) struct Gate<'l> {
    limits: &'l Limits,
    count: u64,
    total: u64,
    /// By folded path: the path itself, and what it is.
    paths: HashMap<u128, (u128, Known)>,
    /// The directory of the entry before: most entries share it.
    parent: String,
}

impl<'l> Gate<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            count: 0,
            total: 0,
            paths: HashMap::new(),
            parent: String::new(),
        }
    }

    /// Judges an entry; `name` is without the `/` at the end of a directory.
    pub(crate) fn admit(&mut self, name: &str, directory: bool, size: u64) -> Result<()> {
        self.count += 1;
        if self.count > self.limits.entries {
            return Err(BundleError::TooMany {
                count: self.count,
                limit: self.limits.entries,
            });
        }
        name::check(name).map_err(|fault| BundleError::Name {
            entry: shown(name),
            fault,
        })?;
        self.place(name, directory)?;
        if size > self.limits.entry_bytes {
            return Err(BundleError::TooLarge {
                entry: name.to_owned(),
                size,
                limit: self.limits.entry_bytes,
            });
        }
        self.total = self.total.saturating_add(size);
        if self.total > self.limits.total_bytes {
            return Err(BundleError::TooLargeInAll {
                limit: self.limits.total_bytes,
            });
        }
        Ok(())
    }

    /// Judges how much an entry grows.
    pub(crate) fn admit_packed(&self, name: &str, size: u64, packed: u64) -> Result<()> {
        if size > self.limits.ratio_from && size / packed.max(1) > self.limits.ratio {
            return Err(BundleError::Ratio {
                entry: name.to_owned(),
                size,
                packed,
            });
        }
        Ok(())
    }

    /// Judges how much everything grows from an archive of `packed` bytes.
    pub(crate) fn admit_total(&self, packed: u64) -> Result<()> {
        if self.total > self.limits.ratio_from.saturating_mul(64) && self.total / packed.max(1) > self.limits.ratio {
            return Err(BundleError::Ratio {
                entry: "the bundle".to_owned(),
                size: self.total,
                packed,
            });
        }
        Ok(())
    }

    fn place(&mut self, name: &str, directory: bool) -> Result<()> {
        let parent = name.rsplit_once('/').map_or("", |(parent, _)| parent);
        if parent != self.parent {
            for (at, _) in parent.match_indices('/') {
                self.note(&parent[..at], Known::Implied)?;
            }
            if !parent.is_empty() {
                self.note(parent, Known::Implied)?;
            }
            parent.clone_into(&mut self.parent);
        }
        self.note(name, if directory { Known::Directory } else { Known::File })
    }

    fn note(&mut self, path: &str, what: Known) -> Result<()> {
        let exact = name::digest(path);
        match self.paths.entry(name::folded(path)) {
            Entry::Vacant(free) => {
                free.insert((exact, what));
                Ok(())
            }
            Entry::Occupied(mut taken) => {
                let (before, known) = *taken.get();
                let entry = shown(path);
                match (known, what) {
                    _ if before != exact => Err(BundleError::Clash { entry }),
                    (Known::Implied | Known::Directory, Known::Implied) => Ok(()),
                    (Known::Implied, Known::Directory) => {
                        taken.insert((exact, what));
                        Ok(())
                    }
                    (Known::File, Known::File) | (Known::Directory, Known::Directory) => Err(BundleError::Duplicate { entry }),
                    (Known::File, _) | (_, Known::File) => Err(BundleError::FileAndDirectory { entry }),
                }
            }
        }
    }
}

/// A hostile name as an error may show it: short, without control characters.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(200).flat_map(char::escape_debug).collect()
}
