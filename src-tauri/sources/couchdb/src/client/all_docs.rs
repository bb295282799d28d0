//! Lists of documents: all of them, some by their ids, design documents, `_local` documents.

use std::io::Read;

use backstay_model::RawJson;
use backstay_source_http::{BodyReader, HttpError, Request};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Database,
    elements::{Broken, Element, Elements},
    server::part,
};
use crate::error::{CouchError, Result};

/// Largest row in bytes.
pub(super) const ROW: usize = 256 << 20;

/// Which rows are wanted. Rows come in the order of ids.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DocRows<'a> {
    /// From this id on.
    pub from: Option<&'a str>,
    /// Behind this id; counts before `from`.
    pub after: Option<&'a str>,
    /// Up to this id, which is included.
    pub to: Option<&'a str>,
    /// So many.
    pub limit: Option<u64>,
    /// With the winners' documents.
    pub documents: bool,
    /// With `_conflicts` in the documents.
    pub conflicts: bool,
    /// Exactly these ids, in this order; deleted ones and ones that are not there have rows too.
    pub keys: Option<&'a [&'a str]>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocRow {
    /// The id.
    pub id: String,
    /// The winner's revision; `None` for an id that is not there.
    pub rev: Option<String>,
    /// It is deleted.
    pub deleted: bool,
    /// The document, where it was asked for.
    pub doc: Option<RawJson>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default, borrow)]
    doc: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    rev: Option<String>,
    #[serde(default)]
    deleted: bool,
}

/// Rows as they come. A row that cannot be understood is an error of its own; the ones behind it go on.
pub(crate) struct Rows<R = BodyReader> {
    elements: Elements<R>,
    subject: String,
    /// A server that ignores the zero at the end of an id gives this one again.
    behind: Option<String>,
    ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<DocRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.elements.next() {
            Ok(Some(Element::Value(bytes))) => match row(&self.subject, &bytes) {
                Ok(row) if self.behind.as_ref() == Some(&row.id) => self.next(),
                row => Some(row),
            },
            Ok(Some(Element::TooLarge(_))) => Some(Err(CouchError::TooLarge {
                subject: format!("A row of {}", self.subject),
                limit: ROW as u64,
            })),
            Ok(None) => {
                self.ended = true;
                (!self.elements.seen()).then(|| Err(no_rows(&self.subject)))
            }
            Err(broken) => {
                self.ended = true;
                Some(Err(failed(&self.subject, broken)))
            }
        }
    }
}

fn row(subject: &str, bytes: &Bytes) -> Result<DocRow> {
    let bad = |reason: String| CouchError::BadAnswer {
        subject: format!("A row of {subject}"),
        reason,
    };
    let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    let id = wire.id.or(wire.key).ok_or_else(|| bad("it has no id".to_owned()))?;
    let value = wire.value.unwrap_or(Value {
        rev: None,
        deleted: false,
    });
    let doc = wire.doc.filter(|doc| doc.get() != "null");
    Ok(DocRow {
        id,
        rev: value.rev.filter(|_| wire.error.is_none()),
        deleted: value.deleted,
        doc: doc
            .map(|doc| part(bytes, doc))
            .transpose()
            .map_err(|error| bad(error.to_string()))?,
    })
}

fn no_rows(subject: &str) -> CouchError {
    CouchError::BadAnswer {
        subject: subject.to_owned(),
        reason: "it has no rows".to_owned(),
    }
}

/// Why an answer that is read in elements broke.
pub(super) fn failed(subject: &str, broken: Broken) -> CouchError {
    let subject = subject.to_owned();
    match broken {
        Broken::Read(error) => CouchError::Http(HttpError::from_io(&subject, error)),
        Broken::Cut => CouchError::Stopped {
            subject,
            reason: "it ends in the middle".to_owned(),
        },
        Broken::Said(said) => {
            let said: crate::error::Said = serde_json::from_slice(&said).unwrap_or_default();
            CouchError::Stopped {
                subject,
                reason: format!("{} {}", said.error, said.reason).trim().to_owned(),
            }
        }
        Broken::Bad(reason) => CouchError::BadAnswer { subject, reason },
    }
}

impl Database {
    /// Documents by their ids (`_all_docs`): the winners that are not deleted, design documents among them.
    ///
    /// # Errors
    /// When the database cannot be read; rows have errors of their own.
    pub(crate) fn all_docs(&self, rows: DocRows<'_>) -> Result<Rows> {
        self.rows("_all_docs", rows)
    }

    /// `_local` documents, with ids `_local/…`, where the server lists them ([`super::Features::local_docs`]).
    ///
    /// # Errors
    /// As [`Database::all_docs`].
    pub(crate) fn local_docs(&self, rows: DocRows<'_>) -> Result<Rows> {
        self.rows("_local_docs", rows)
    }

    fn rows(&self, list: &'static str, rows: DocRows<'_>) -> Result<Rows> {
        let path = [self.name(), list];
        let mut request = match rows.keys {
            Some(keys) => Request::post(path).harmless().json(&serde_json::json!({ "keys": keys }))?,
            None => Request::get(path),
        };
        request = request.accept("application/json");
        // The smallest id behind another one is that with a zero at its end; skipping one row would lose one when it is deleted meanwhile.
        let behind = rows.after.map(|after| format!("{after}\0"));
        if let Some(from) = behind.as_deref().or(rows.from) {
            request = request.query_json("startkey", from)?;
        }
        if let Some(to) = rows.to {
            request = request.query_json("endkey", to)?;
        }
        if let Some(limit) = rows.limit {
            request = request.query("limit", limit.to_string());
        }
        if rows.documents {
            request = request.query("include_docs", "true");
        }
        if rows.conflicts {
            request = request.query("conflicts", "true");
        }
        let subject = self.part(list);
        let answer = self
            .server
            .http
            .open(request)
            .map_err(|error| CouchError::about(&subject, error))?;
        Ok(Rows {
            elements: Elements::new(answer.into_reader(), "rows", ROW),
            subject,
            behind: rows.after.map(str::to_owned),
            ended: false,
        })
    }
}
