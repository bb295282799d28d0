//! One document at a time.

use backstay_model::RawJson;
use backstay_source_http::{Method, Request};
use serde::Deserialize;

use super::{Database, server::raw};
use crate::error::{CouchError, Refusal, Result};

/// Bytes of one document with what belongs to it.
pub(super) const DOCUMENT: u64 = 256 << 20;

/// What is wanted of a document.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DocQuery<'a> {
    /// This revision; the winner otherwise.
    pub rev: Option<&'a str>,
    /// The ids of earlier revisions too (`_revisions`).
    pub revisions: bool,
    /// The revisions of other live leaves (`_conflicts`).
    pub conflicts: bool,
    /// The revisions of deleted leaves (`_deleted_conflicts`).
    pub deleted_conflicts: bool,
    /// Lengths of attachments as they are stored (`encoding`, `encoded_length`).
    pub encodings: bool,
}

/// The parts of the path of a document.
pub(super) fn path<'a>(database: &'a str, id: &'a str) -> Vec<&'a str> {
    for special in ["_design", "_local"] {
        if let Some(name) = id.strip_prefix(special).and_then(|rest| rest.strip_prefix('/')) {
            return vec![database, special, name];
        }
    }
    vec![database, id]
}

#[derive(Deserialize)]
struct Known {
    #[serde(rename = "_rev")]
    rev: String,
}

/// A generation, a dash, and something.
fn is_revision(text: &str) -> bool {
    let parts = text.split_once('-');
    parts.is_some_and(|(generation, rest)| {
        !rest.is_empty() && generation.bytes().all(|b| b.is_ascii_digit()) && !generation.is_empty()
    })
}

#[derive(Deserialize)]
struct Put {
    #[serde(default)]
    rev: String,
}

impl Database {
    /// A document with its attachments as stubs; `None` when it is not there or deleted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn get(&self, id: &str, query: DocQuery<'_>) -> Result<Option<RawJson>> {
        let mut request = Request::get(path(&self.name, id)).accept("application/json");
        if let Some(rev) = query.rev {
            request = request.query("rev", rev);
        }
        for (name, wanted) in [
            ("revs", query.revisions),
            ("conflicts", query.conflicts),
            ("deleted_conflicts", query.deleted_conflicts),
            ("att_encoding_info", query.encodings),
        ] {
            if wanted {
                request = request.query(name, "true");
            }
        }
        let subject = self.part(id);
        match self.server.http.read(request, DOCUMENT) {
            Ok((_, body)) => Ok(Some(raw(&subject, &body)?)),
            Err(error) => gone_is_none(CouchError::about(subject, error)),
        }
    }

    /// The revision of a document's winner; `None` when it is not there or deleted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn revision(&self, id: &str) -> Result<Option<String>> {
        let request = Request::new(Method::HEAD, path(&self.name, id));
        let tag = match self.server.http.open(request) {
            Ok(answer) => answer.header("etag").map(|tag| tag.trim_matches('"').to_owned()),
            // The answer to HEAD has no words.
            Err(error) if error.refusal().is_some_and(|(status, _)| status == 404) => return Ok(None),
            Err(error) => return Err(CouchError::about(self.part(id), error)),
        };
        // PouchDB Server has tags of its own there.
        if let Some(tag) = tag.filter(|tag| is_revision(tag)) {
            return Ok(Some(tag));
        }
        let Some(document) = self.get(id, DocQuery::default())? else {
            return Ok(None);
        };
        let known: Result<Known, _> = serde_json::from_slice(document.as_bytes());
        known.map(|known| Some(known.rev)).map_err(|error| CouchError::BadAnswer {
            subject: self.part(id),
            reason: error.to_string(),
        })
    }

    /// Writes a document. With `new_edits` its `_rev` must be the winner's (or a leaf's) and the new revision is given back; without,
    /// it is stored under its own `_rev` with its `_revisions`.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] when it changed meanwhile, or why the server refused.
    pub(crate) fn put(&self, id: &str, document: &RawJson, new_edits: bool) -> Result<String> {
        let mut request = Request::put(path(&self.name, id)).json_bytes(document.bytes());
        if !new_edits {
            request = request.query("new_edits", "false");
        } else {
            // Once carried out, it would be a conflict with itself.
            request = request.repeated_only_if_refused();
        }
        self.written(request, id)
    }

    /// Deletes the leaf `rev` of a document; gives the revision of the tombstone.
    ///
    /// # Errors
    /// As [`Database::put`].
    pub(crate) fn remove(&self, id: &str, rev: &str) -> Result<String> {
        let request = Request::delete(path(&self.name, id))
            .query("rev", rev)
            .repeated_only_if_refused();
        self.written(request, id)
    }

    pub(super) fn written(&self, request: Request<'_>, id: &str) -> Result<String> {
        let answer: Put = self
            .server
            .http
            .json(request, super::server::SMALL)
            .map_err(|error| CouchError::about(self.part(id), error))?;
        Ok(answer.rev)
    }
}

fn gone_is_none<T>(error: CouchError) -> Result<Option<T>> {
    match error.refusal() {
        Some(Refusal::Missing | Refusal::Deleted) => Ok(None),
        _ => Err(error),
    }
}
