//! Tables that are open, by the names the window was given; and folders it pages through.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use backstay_engine::browse::Listing;
use backstay_model::{ErrorKind, FileEntry};
use backstay_source::Cancel;

use super::lock;
use crate::{ApiError, Result, types::SnapshotRef};

/// Tables that stay open.
const TABLES: usize = 64;
/// Entries of folders that stay sorted in memory.
const ENTRIES: usize = 250_000;
/// A call that waits for another one looks this often whether it was cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// A table that is open.
pub(crate) struct OpenListing {
    pub(crate) listing: Listing,
    /// What it shows, by full id.
    pub(crate) at: SnapshotRef,
}

/// A folder of a snapshot: which one, and what is in it.
type Folder = (String, Arc<Vec<FileEntry>>);

/// Tables and folders that are open.
#[derive(Default)]
pub(crate) struct Listings {
    /// Used last first.
    tables: Mutex<VecDeque<(String, Arc<OpenListing>)>>,
    folders: Mutex<VecDeque<Folder>>,
    /// Names of those being made.
    making: Mutex<HashSet<String>>,
    made: Condvar,
}

/// The right to make a table; others wait until this is dropped.
pub(crate) struct Making<'a> {
    listings: &'a Listings,
    name: String,
}

impl Listings {
    /// The table called `name`.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<OpenListing>> {
        self.find(name)
            .ok_or_else(|| ApiError::new(ErrorKind::NotFound, "this list is no longer open").hint("Open it again."))
    }

    /// The table called `name`, if it is open.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<OpenListing>> {
        let mut tables = lock(&self.tables);
        let at = tables.iter().position(|(known, _)| known == name)?;
        let found = tables.remove(at)?;
        let table = found.1.clone();
        tables.push_front(found);
        Some(table)
    }

    pub(crate) fn keep(&self, name: String, table: OpenListing) -> Arc<OpenListing> {
        let table = Arc::new(table);
        let mut tables = lock(&self.tables);
        tables.retain(|(known, _)| *known != name);
        tables.push_front((name, table.clone()));
        tables.truncate(TABLES);
        table
    }

    /// Waits until nobody else makes the table called `name`.
    pub(crate) fn make(&self, name: &str, cancel: &Cancel) -> Result<Making<'_>> {
        let mut making = lock(&self.making);
        while making.contains(name) {
            cancel.check().map_err(ApiError::from)?;
            let (guard, _) = self
                .made
                .wait_timeout(making, LOOK)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            making = guard;
        }
        making.insert(name.to_owned());
        Ok(Making {
            listings: self,
            name: name.to_owned(),
        })
    }

    /// A folder that was listed before.
    pub(crate) fn folder(&self, name: &str) -> Option<Arc<Vec<FileEntry>>> {
        lock(&self.folders)
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, entries)| entries.clone())
    }

    /// Keeps a folder for its next page.
    pub(crate) fn keep_folder(&self, name: String, entries: Arc<Vec<FileEntry>>) {
        let mut folders = lock(&self.folders);
        folders.retain(|(known, _)| *known != name);
        folders.push_front((name, entries));
        let mut total = 0;
        folders.retain(|(_, entries)| {
            total += entries.len().max(100);
            total <= ENTRIES
        });
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        lock(&self.tables).clear();
        lock(&self.folders).clear();
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        lock(&self.listings.making).remove(&self.name);
        self.listings.made.notify_all();
    }
}
