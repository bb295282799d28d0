//! Choosing records by a question in the service's own language.

use backstay_model::Record;

use crate::Result;

/// A question that was understood.
pub trait Selector: Send + Sync {
    /// Whether the record is one of those asked for.
    ///
    /// # Errors
    /// When the record's data cannot be understood.
    fn matches(&self, record: &Record) -> Result<bool>;
}
