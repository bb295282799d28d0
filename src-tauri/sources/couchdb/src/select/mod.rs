//! Mango selectors, judged on this side: over records of a backup there is no server to ask.
//!
//! The rules are those of CouchDB's `_find` (documentation, "Selector Syntax"): a missing member matches nothing but
//! `$exists: false`, negations are pushed down to the conditions first, values compare in CouchDB's collation order.
//! Not exact here: numbers beyond 38 digits compare as floating point, and patterns are those of Rust's `fancy-regex`, not PCRE.

mod collate;
mod compile;
mod error;
mod judge;
mod path;
#[cfg(test)]
mod tests;

use backstay_model::{ErrorKind, Record};
use backstay_source::{Result, Selector, SourceError};
use serde_json::Value;

pub(crate) use error::SelectError;
use judge::Node;

/// A selector that was understood.
pub(crate) struct Mango(Node);

impl Mango {
    /// Understands the text of a selector.
    ///
    /// # Errors
    /// Where it is not one, and what is wrong there.
    pub(crate) fn parse(text: &str) -> Result<Self, SelectError> {
        let value: Value = serde_json::from_str(text).map_err(|error| SelectError::NotJson { error })?;
        // People paste the whole body of a `_find` request.
        let selector = match value.as_object().filter(|body| body.len() <= 8) {
            Some(body) if body.get("selector").is_some_and(Value::is_object) && !body.keys().any(|key| key.starts_with('$')) => {
                &body["selector"]
            }
            _ => &value,
        };
        Ok(Self(compile::selector(selector)?))
    }

    /// Whether a document is one of those asked for, deleted or not: as a filter of changes judges leaves.
    pub(crate) fn judges(&self, document: &Value) -> bool {
        self.0.matches(document)
    }

    /// Whether a document, as the server gives it, is one of those asked for. Deleted documents never are.
    pub(crate) fn matches(&self, document: &Value) -> bool {
        document.get("_deleted") != Some(&Value::Bool(true)) && self.judges(document)
    }
}

impl Selector for Mango {
    fn matches(&self, record: &Record) -> Result<bool> {
        let document = record.data.value().map_err(|error| {
            SourceError::new(
                ErrorKind::Damaged,
                &record.id,
                "is no JSON, so that nobody can tell whether it is asked for",
            )
            .caused_by(error)
        })?;
        Ok(Mango::matches(self, &document))
    }
}

/// Understands a selector.
///
/// # Errors
/// [`ErrorKind::Usage`] with the place in the selector.
pub(crate) fn parse(text: &str) -> Result<Box<dyn Selector>> {
    Ok(Box::new(Mango::parse(text)?))
}
