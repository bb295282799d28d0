//! Records that have several versions at once, because two sides changed them without knowing of each other.

use backstay_model::{ContentHash, RawJson, Record};

use crate::{Cancel, Result, Written};

/// Finds and settles conflicts of a live source.
pub trait Conflicts: Sync {
    /// Records in conflict with ids after `after` (from the start without it), in the order of ids, at most `limit`.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn list(&self, collection: &str, after: Option<&str>, limit: usize, cancel: &Cancel) -> Result<ConflictPage>;

    /// Members at the top of a version's data that belong to the service (revisions): they differ between versions always, and no person
    /// chooses between them.
    fn own_fields(&self) -> &'static [&'static str] {
        &[]
    }

    /// All versions of a record, the one the service shows first. One version: it is not (or no longer) in conflict.
    ///
    /// # Errors
    /// When there is no such record, or it cannot be read.
    fn versions(&self, collection: &str, id: &str) -> Result<Vec<Record>>;

    /// Makes `data` (without [`Conflicts::own_fields`]) the record's only version. Attachments named in it are taken from the version
    /// `from` (a revision). Nothing is written when the record no longer has the content hash `expect`, as the live view gives it.
    ///
    /// # Errors
    /// [`backstay_model::ErrorKind::Changed`] when somebody changed it, or why the service refused.
    fn settle(&self, collection: &str, id: &str, data: &RawJson, from: &str, expect: ContentHash) -> Result<Written>;
}

/// Some records in conflict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConflictPage {
    /// The records, each as the service shows it, with the number of its live versions.
    pub found: Vec<(Record, u64)>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}
