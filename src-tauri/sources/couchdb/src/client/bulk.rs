//! Many documents in one request: written, or compared by their revisions.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read},
};

use backstay_model::RawJson;
use backstay_source_http::{HeaderValue, Request};
use bytes::{Buf as _, Bytes};
use serde::Deserialize;

use super::{
    Database,
    all_docs::{ROW, failed},
    elements::{Element, Elements},
    server::{SLOW, SMALL},
};
use crate::error::{CouchError, Result, Said};

/// What became of one document of several.
#[derive(Debug)]
pub(crate) struct DocAnswer {
    /// Its id, as far as the server tells.
    pub id: Option<String>,
    /// Its new revision.
    pub rev: Option<String>,
    /// Why it was not written.
    pub error: Option<CouchError>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    rev: Option<String>,
    #[serde(default)]
    error: Option<serde_json::Value>,
    #[serde(default)]
    reason: Option<serde_json::Value>,
}

/// Revisions a database does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Missing {
    /// Revisions.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Leaves it has that may be their ancestors.
    #[serde(default)]
    pub possible_ancestors: Vec<String>,
}

impl Database {
    /// Writes documents in one request, which is streamed. Without `new_edits` they are stored under their own revisions, answers
    /// come for refused ones alone, and repeating it does no harm; with it, answers come for all, in order.
    ///
    /// # Errors
    /// When the request as a whole failed; nothing is known about its documents then.
    pub(crate) fn bulk_docs(&self, documents: &[RawJson], new_edits: bool) -> Result<Vec<DocAnswer>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let mut head = String::from("{\"docs\":[");
        if !new_edits {
            head = format!("{{\"new_edits\":false,{}", &head[1..]);
        }
        let length = head.len() + documents.iter().map(|document| document.as_bytes().len() + 1).sum::<usize>() + 1;
        let request = Request::post([self.name(), "_bulk_docs"]).silence(SLOW);
        let request = if new_edits { request } else { request.harmless() };
        let pieces = Pieces::new(&head, documents);
        let request = request.stream(HeaderValue::from_static("application/json"), Some(length as u64), move || {
            Ok(Box::new(pieces.clone()))
        });
        let subject = self.part("_bulk_docs");
        let (_, body) = self
            .server
            .http
            .read(request, SMALL)
            .map_err(|error| CouchError::about(&subject, error))?;
        let answers: Vec<Wire> = serde_json::from_slice(&body).map_err(|error| CouchError::BadAnswer {
            subject: subject.clone(),
            reason: error.to_string(),
        })?;
        Ok(answers.into_iter().map(|answer| self.answered(answer)).collect())
    }

    fn answered(&self, answer: Wire) -> DocAnswer {
        let text = |value: Option<serde_json::Value>| match value {
            None | Some(serde_json::Value::Null) => String::new(),
            Some(serde_json::Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        let subject = self.part(answer.id.as_deref().unwrap_or("?"));
        let error = answer.error.is_some().then(|| {
            let said = Said {
                error: text(answer.error),
                reason: text(answer.reason),
            };
            CouchError::within(subject, &said)
        });
        DocAnswer {
            id: answer.id,
            rev: answer.rev.filter(|_| error.is_none()),
            error,
        }
    }

    /// Which of these revisions the database does not have (`_revs_diff`); documents it has all of are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn revs_diff(&self, revisions: &BTreeMap<&str, Vec<&str>>) -> Result<HashMap<String, Missing>> {
        if revisions.is_empty() {
            return Ok(HashMap::new());
        }
        let request = Request::post([self.name(), "_revs_diff"]).harmless().json(revisions)?;
        let answer = self.server.http.json(request, SMALL);
        answer.map_err(|error| CouchError::about(self.part("_revs_diff"), error))
    }

    /// Tells each element of the array `results` of an answer.
    pub(super) fn results(&self, request: Request<'_>, subject: &str, each: &mut dyn FnMut(Element) -> Result<()>) -> Result<()> {
        let answer = self
            .server
            .http
            .open(request)
            .map_err(|error| CouchError::about(subject, error))?;
        let mut elements = Elements::new(answer.into_reader(), "results", ROW);
        while let Some(element) = elements.next().map_err(|broken| failed(subject, broken))? {
            each(element)?;
        }
        if elements.seen() {
            return Ok(());
        }
        Err(CouchError::BadAnswer {
            subject: subject.to_owned(),
            reason: "it has no results".to_owned(),
        })
    }
}

/// The body of `_bulk_docs`, without copying the documents.
#[derive(Clone)]
struct Pieces {
    pieces: std::collections::VecDeque<Bytes>,
}

impl Pieces {
    fn new(head: &str, documents: &[RawJson]) -> Self {
        let mut pieces = std::collections::VecDeque::with_capacity(documents.len() * 2 + 1);
        pieces.push_back(Bytes::copy_from_slice(head.as_bytes()));
        for (index, document) in documents.iter().enumerate() {
            if index > 0 {
                pieces.push_back(Bytes::from_static(b","));
            }
            pieces.push_back(document.bytes());
        }
        pieces.push_back(Bytes::from_static(b"]}"));
        Self { pieces }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len()
            && let Some(piece) = self.pieces.front_mut()
        {
            let count = piece.len().min(buffer.len() - filled);
            piece.copy_to_slice(&mut buffer[filled..filled + count]);
            filled += count;
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        Ok(filled)
    }
}
