//! A snapshot with everything guards, coverage and drills ask it: its metadata, its records, its files as the vault has them.

use std::sync::Arc;

use backstay_model::{Collection, CollectionKind, FileEntry, SnapshotMeta};
use backstay_source::Connector;
use backstay_vault::{Node, Reader, Snapshot, Snapshots};

use crate::{
    Result, State,
    backup::snapshots_of,
    snapshot::{TAG_PARTIAL, open_snapshot, read_meta},
};

/// Finds the connector of a kind of source.
pub type Connectors<'a> = &'a dyn Fn(&str) -> Option<Arc<dyn Connector>>;

/// A snapshot of Backstay's, opened.
pub struct SnapshotView {
    /// Which.
    pub snapshot: Snapshot,
    /// What it says about itself.
    pub meta: SnapshotMeta,
    /// Its content.
    pub state: State,
    /// The last complete snapshot before, where this one has gaps: it says what there was in them.
    pub(crate) whole: Option<Box<SnapshotView>>,
    pub(crate) reader: Reader,
    /// The directory of its files.
    pub(crate) files: Option<Node>,
}

/// A collection of a snapshot.
pub(crate) struct Known {
    /// Its description.
    pub about: Collection,
    /// Path of the file its records are read from; `None` when they are stored as records.
    pub file: Option<String>,
    /// What it is called in that file.
    table: Option<String>,
}

impl Known {
    /// File and name in it: what tells a table of a database whatever the collection is called.
    pub(crate) fn place(&self) -> Option<(String, String)> {
        self.file.clone().zip(self.table.clone())
    }
}

impl SnapshotView {
    /// Opens a snapshot. `connector` finds the connector of a kind of source, for records that are read from stored files.
    ///
    /// # Errors
    /// When it was not written by Backstay, or cannot be read.
    pub fn open(reader: &Reader, snapshot: &Snapshot, connector: Connectors<'_>) -> Result<Self> {
        let meta = read_meta(reader, snapshot)?;
        Ok(Self {
            state: open_snapshot(reader, snapshot, connector)?,
            files: reader.find(snapshot, "files")?,
            snapshot: snapshot.clone(),
            meta,
            whole: None,
            reader: reader.clone(),
        })
    }

    /// Opens the last snapshot of the same source before `now`, as [`SnapshotView::open_as_before`] does. One that cannot be opened
    /// is passed over, as a backup does. `None` for the first backup.
    #[must_use]
    pub fn before(reader: &Reader, all: &Snapshots, now: &Snapshot, connector: Connectors<'_>) -> Option<Self> {
        let mut earlier = earlier(all, now);
        std::iter::from_fn(|| earlier.pop()).find_map(|one| Self::open_as_before(reader, all, one, connector).ok())
    }

    /// Opens a snapshot that another is compared with: where it has gaps, with the last complete one before it, so that what fell
    /// away while a backup was partial is not forgotten.
    ///
    /// # Errors
    /// As for [`SnapshotView::open`].
    pub fn open_as_before(reader: &Reader, all: &Snapshots, snapshot: &Snapshot, connector: Connectors<'_>) -> Result<Self> {
        let mut view = Self::open(reader, snapshot, connector)?;
        if !view.meta.gaps.is_empty() {
            let complete = |one: &&Snapshot| !one.tags.iter().any(|tag| tag == TAG_PARTIAL);
            let mut whole = earlier(all, snapshot).into_iter().rev().filter(complete);
            view.whole = whole.find_map(|one| Self::open(reader, one, connector).ok()).map(Box::new);
        }
        Ok(view)
    }

    /// All its collections.
    pub(crate) fn known(&self) -> Result<Vec<Known>> {
        let known = |about: Collection| {
            let stored = self.state.runs(&about.name).is_some();
            let raw = about.raw.as_ref().filter(|_| !stored).and_then(|raw| raw.value().ok());
            let text = |name: &str| Some(raw.as_ref()?.get(name)?.as_str()?.to_owned());
            Known {
                file: text("file"),
                table: text("table"),
                about,
            }
        };
        Ok(self.state.collections()?.into_iter().map(known).collect())
    }

    /// Its tables: views and what the source keeps for itself follow from them.
    pub(crate) fn tables(&self) -> Result<Vec<Known>> {
        let mut known = self.known()?;
        known.retain(|known| known.about.kind == CollectionKind::Table);
        Ok(known)
    }

    /// What lies at the path of a file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Node>> {
        match &self.files {
            Some(files) => Ok(self.reader.find_below(files, FileEntry::unescape(path))?),
            None => Ok(None),
        }
    }

    /// Whether its files are databases whose tables are collections.
    pub(crate) fn is_derived(&self) -> bool {
        self.state.derived.is_some()
    }
}

/// Snapshots of the same source up to the time of `now`, oldest first.
fn earlier<'a>(all: &'a Snapshots, now: &'a Snapshot) -> Vec<&'a Snapshot> {
    let before = |one: &&Snapshot| one.id != now.id && one.time <= now.time;
    snapshots_of(all, &now.label).filter(before).collect()
}
