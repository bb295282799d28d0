//! Collections without records: what a target is told when rows are removed from it.

use std::cmp::Ordering;

use backstay_model::{Collection, ErrorKind, Record};
use backstay_source::{Cancel, RecordView, Result, Source, SourceError};

/// The collections of the view records come from, and those of the target that it does not know.
///
/// An undo removes what a restore created, also from collections of which the safety copy holds nothing.
pub(super) struct Shape(Vec<Collection>);

impl Shape {
    /// No collections at all.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// Joins the collections of both. The view of the target is closed again before anything is written.
    pub(super) fn of(view: Option<&dyn RecordView>, target: &dyn Source, cancel: &Cancel) -> Result<Self> {
        let mut all = view.map(RecordView::collections).transpose()?.unwrap_or_default();
        if let Some(live) = target.live_records(cancel)? {
            for collection in live.collections()? {
                if !all.iter().any(|known| known.name == collection.name) {
                    all.push(collection);
                }
            }
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self(all))
    }
}

fn none<T>(collection: &str) -> Result<T> {
    Err(SourceError::new(ErrorKind::NotFound, collection, "is not here"))
}

impl RecordView for Shape {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(self.0.clone())
    }
    fn count(&self, collection: &str) -> Result<u64> {
        none(collection)
    }
    fn get(&self, collection: &str, _: &str) -> Result<Option<Record>> {
        none(collection)
    }
    fn page(&self, collection: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        none(collection)
    }
    fn scan<'a>(&'a self, collection: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        none(collection)
    }
    fn compare_ids(&self, _: &str, a: &str, b: &str) -> Ordering {
        a.cmp(b)
    }
}
