//! One state of a source, opened for reading: a snapshot or the live source, in the same words.

use std::sync::Arc;

use backstay_model::{Collection, Record, SnapshotMeta};
use backstay_source::{Cancel, FileView, RecordView, Source};

use crate::{EngineError, Result, RunsView};

/// A snapshot or a live source, opened for reading.
#[derive(Default)]
pub struct State {
    /// What the snapshot says about itself; `None` for a live source.
    pub meta: Option<SnapshotMeta>,
    /// Records stored as runs.
    pub stored: Option<RunsView>,
    /// Records read on demand: from stored files, or from the live source.
    pub derived: Option<Box<dyn RecordView>>,
    /// Files.
    pub files: Option<Arc<dyn FileView>>,
}

impl State {
    /// Opens the live source.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn live(source: &dyn Source, cancel: &Cancel) -> Result<Self> {
        Ok(Self {
            meta: None,
            stored: None,
            derived: source.live_records(cancel)?,
            files: source.live_files(cancel)?,
        })
    }

    /// Names of all collections, sorted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn collection_names(&self) -> Result<Vec<String>> {
        Ok(self.collections()?.into_iter().map(|c| c.name).collect())
    }

    /// All collections, sorted by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn collections(&self) -> Result<Vec<Collection>> {
        let mut all = match &self.stored {
            Some(runs) => runs.collections()?,
            None => Vec::new(),
        };
        if let Some(view) = &self.derived {
            all.extend(view.collections()?);
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Names of the collections that are stored as records of their own, not derived from a file.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn stored_collections(&self) -> Result<Vec<String>> {
        match (&self.stored, &self.derived, &self.files) {
            (Some(runs), _, _) => Ok(runs.collections()?.into_iter().map(|c| c.name).collect()),
            // A live source without files has its records nowhere else.
            (None, Some(view), None) => Ok(view.collections()?.into_iter().map(|c| c.name).collect()),
            _ => Ok(Vec::new()),
        }
    }

    /// The collection `name`.
    ///
    /// # Errors
    /// [`EngineError::NoCollection`] when there is none.
    pub fn collection(&self, name: &str) -> Result<Collection> {
        let all = self.collections()?;
        let known = || all.iter().map(|c| c.name.clone()).collect();
        all.iter()
            .find(|c| c.name == name)
            .cloned()
            .ok_or_else(|| EngineError::NoCollection {
                name: name.to_owned(),
                known: known(),
            })
    }

    /// The stored runs, if they hold the collection `name`.
    #[must_use]
    pub fn runs(&self, name: &str) -> Option<&RunsView> {
        self.stored.as_ref().filter(|runs| runs.has(name))
    }

    /// The view that holds the collection `name`; `None` when no view does.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn records_of(&self, name: &str) -> Result<Option<&dyn RecordView>> {
        if let Some(runs) = self.runs(name) {
            return Ok(Some(runs));
        }
        match &self.derived {
            Some(view) if view.has(name)? => Ok(Some(&**view)),
            _ => Ok(None),
        }
    }

    /// The view that holds the collection `name`.
    ///
    /// # Errors
    /// [`EngineError::NoCollection`] when none does.
    pub fn view(&self, name: &str) -> Result<&dyn RecordView> {
        match self.records_of(name)? {
            Some(view) => Ok(view),
            None => Err(EngineError::NoCollection {
                name: name.to_owned(),
                known: self.collection_names()?,
            }),
        }
    }

    /// About how many bytes the records with these ids have, as far as that is known without reading them.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(crate) fn sizes(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<u64>>> {
        match self.runs(collection).and_then(|runs| runs.reader(collection)) {
            Some(reader) => Ok(reader.sizes(ids)?),
            None => Ok(vec![None; ids.len()]),
        }
    }

    /// One record; `None` when the collection or the record does not exist.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn record(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        match self.records_of(collection)? {
            Some(view) => Ok(view.get(collection, id)?),
            None => Ok(None),
        }
    }
}
