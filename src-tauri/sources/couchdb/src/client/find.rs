//! Mango queries.

use backstay_model::RawJson;
use backstay_source_http::Request;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Database,
    document::DOCUMENT,
    server::{SLOW, part},
};
use crate::error::{CouchError, Result};

/// A query.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Question<'a> {
    /// The selector.
    pub selector: &'a serde_json::Value,
    /// Documents in one answer at most.
    pub limit: u64,
    /// Only these members of the documents; `None`: whole documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<&'a [&'a str]>,
    /// Where the answer before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookmark: Option<&'a str>,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Documents, or what was asked for of them.
    pub docs: Vec<RawJson>,
    /// Where the next answer goes on. Servers without bookmarks give none; there is one at the end too.
    pub bookmark: Option<String>,
    /// What the server warns of (no index).
    pub warning: Option<String>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    docs: Vec<&'a RawValue>,
    #[serde(default)]
    bookmark: Option<String>,
    #[serde(default)]
    warning: Option<String>,
}

impl Database {
    /// Asks for documents (`_find`).
    ///
    /// # Errors
    /// When the server knows no such queries or does not understand this one.
    pub(crate) fn find(&self, question: &Question<'_>) -> Result<Found> {
        let subject = self.part("_find");
        let request = Request::post([self.name(), "_find"]).harmless().json(question)?.silence(SLOW);
        let (_, body) = self
            .server
            .http
            .read(request, DOCUMENT)
            .map_err(|error| CouchError::about(&subject, error))?;
        let bad = |error: &serde_json::Error| CouchError::BadAnswer {
            subject: subject.clone(),
            reason: error.to_string(),
        };
        let wire: Wire<'_> = serde_json::from_slice(&body).map_err(|error| bad(&error))?;
        let docs: Result<Vec<_>, _> = wire.docs.iter().map(|doc| part(&body, doc)).collect();
        Ok(Found {
            docs: docs.map_err(|error| bad(&error))?,
            bookmark: wire.bookmark.filter(|mark| mark != "nil"),
            warning: wire.warning,
        })
    }
}
