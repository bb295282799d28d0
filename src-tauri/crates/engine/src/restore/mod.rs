//! Restores: select → plan → save what will be touched → write → read back; and taking a restore back.

mod perform;
mod plan;
mod planfile;
mod readback;
mod safety;
mod select;
mod undo;

use std::cmp::Ordering;

use backstay_model::{Collection, ErrorKind, Record};
use backstay_source::{RecordView, SourceError};

pub use perform::{PerformInput, Performed, perform, subject_name};
pub use plan::{PlanInput, PlanTotals, make_plan};
pub use planfile::{PLAN_VERSION, PlanFile, PlanWriter};
pub use readback::{ReadBack, read_back};
pub use safety::{SafetyInput, save_touched};
pub use select::{Ids, Picked, pick};
pub use undo::{UndoInput, plan_undo};

/// A view without collections: the schema a restore has when it only deletes.
struct NoRecords;

fn none<T>(collection: &str) -> backstay_source::Result<T> {
    Err(SourceError::new(ErrorKind::NotFound, collection, "is not here"))
}

impl RecordView for NoRecords {
    fn collections(&self) -> backstay_source::Result<Vec<Collection>> {
        Ok(Vec::new())
    }
    fn count(&self, collection: &str) -> backstay_source::Result<u64> {
        none(collection)
    }
    fn get(&self, collection: &str, _: &str) -> backstay_source::Result<Option<Record>> {
        none(collection)
    }
    fn page(&self, collection: &str, _: u64, _: u64) -> backstay_source::Result<Vec<Record>> {
        none(collection)
    }
    fn scan<'a>(
        &'a self,
        collection: &str,
        _: Option<&str>,
    ) -> backstay_source::Result<Box<dyn Iterator<Item = backstay_source::Result<Record>> + 'a>> {
        none(collection)
    }
    fn compare_ids(&self, _: &str, a: &str, b: &str) -> Ordering {
        a.cmp(b)
    }
}
