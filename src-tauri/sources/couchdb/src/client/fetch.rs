//! Documents with all their leaf revisions: by `_bulk_get` where the server has it, one by one where it does not, and one by one
//! again where a document breaks the answer that holds it.

use std::{collections::VecDeque, sync::atomic::Ordering};

use backstay_model::RawJson;
use backstay_source_http::Request;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Database,
    document::{self, DOCUMENT},
    elements::Element,
    server::part,
};
use crate::error::{CouchError, Refusal, Result, Said};

/// How often an answer that breaks off is asked for again without anything new in it.
const FRUITLESS: u32 = 3;

/// Documents in a row a server may fail at before it counts as broken itself.
const FAILURES: u32 = 4;

/// A document that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wanted<'a> {
    /// Its id.
    pub id: &'a str,
    /// These revisions; empty: all leaves, deleted ones too. Without revisions each document costs a request of its own where the server
    /// gives the winner alone then ([`super::Features::bulk_leaves`]).
    pub revs: &'a [String],
}

/// What came of a document that was wanted.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// Its number among those wanted.
    pub index: usize,
    /// Its id.
    pub id: String,
    /// Its leaves, in the server's order; or why none of it can be told.
    pub leaves: Result<Vec<Leaf>>,
}

/// One revision.
#[derive(Debug)]
pub(crate) enum Leaf {
    /// The document as the server sent it, with `_revisions`, its attachments as stubs.
    Doc(RawJson),
    /// The server does not give it.
    Missing {
        /// The revision, as far as it is told.
        rev: Option<String>,
        /// Why, in the server's words.
        reason: String,
    },
}

#[derive(Serialize)]
struct Ask<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<&'a str>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, borrow)]
    docs: Vec<Doc<'a>>,
}

#[derive(Deserialize)]
struct Doc<'a> {
    #[serde(default, borrow)]
    ok: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    missing: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    rev: Option<String>,
}

impl Database {
    /// Gives the documents that are wanted to `each`, in any order, every one of them once. What concerns one document alone is told in
    /// its place; an answer that breaks off is asked for again, for what is still missing.
    ///
    /// # Errors
    /// When the database cannot be read, or what `each` said ([`CouchError::Taker`]).
    pub(crate) fn fetch(
        &self,
        wanted: &[Wanted<'_>],
        each: &mut dyn FnMut(Fetched) -> backstay_source::Result<()>,
    ) -> Result<()> {
        let mut open: VecDeque<usize> = (0..wanted.len()).collect();
        let whole = wanted.len() > 1 && wanted.iter().any(|wanted| wanted.revs.is_empty()) && self.features()?.bulk_leaves.there;
        if !self.server.no_bulk_get.load(Ordering::Relaxed) {
            let (mut bulk, alone): (VecDeque<_>, VecDeque<_>) =
                open.into_iter().partition(|index| whole || !wanted[*index].revs.is_empty());
            self.in_bulk(wanted, &mut bulk, each)?;
            open = alone;
            open.extend(bulk);
        }
        let mut failures = 0;
        while let Some(&index) = open.front() {
            let leaves = self.one(&wanted[index]);
            failures = match &leaves {
                Err(error) if fails_at_it(error) => failures + 1,
                _ => 0,
            };
            if let Err(error) = &leaves
                && (!concerns_one(error) || failures > FAILURES)
            {
                return leaves.map(drop);
            }
            open.pop_front();
            let id = wanted[index].id.to_owned();
            each(Fetched { index, id, leaves }).map_err(CouchError::Taker)?;
        }
        Ok(())
    }

    /// Asks for `open` as often as that gives something. What is left in it is to be asked for by itself.
    fn in_bulk(
        &self,
        wanted: &[Wanted<'_>],
        open: &mut VecDeque<usize>,
        each: &mut dyn FnMut(Fetched) -> backstay_source::Result<()>,
    ) -> Result<()> {
        let mut fruitless = 0;
        while !open.is_empty() && fruitless < FRUITLESS {
            let before = open.len();
            let Err(error) = self.fetch_bulk(wanted, open, each) else {
                return Ok(());
            };
            if matches!(error.refusal(), Some(Refusal::Unknown | Refusal::Missing | Refusal::BadName)) {
                self.server.no_bulk_get.store(true, Ordering::Relaxed);
                return Ok(());
            }
            // One document may be what the server fails at, or breaks the answer.
            if matches!(error, CouchError::BadAnswer { .. }) || fails_at_it(&error) {
                return Ok(());
            }
            if !error.is_temporary() || error.was_tried() {
                return Err(error);
            }
            fruitless = if open.len() < before { 0 } else { fruitless + 1 };
        }
        Ok(())
    }

    /// Asks for all of `open` at once, and removes from it what came.
    fn fetch_bulk(
        &self,
        wanted: &[Wanted<'_>],
        open: &mut VecDeque<usize>,
        each: &mut dyn FnMut(Fetched) -> backstay_source::Result<()>,
    ) -> Result<()> {
        let asked: Vec<(usize, Ask<'_>)> = open.iter().flat_map(|&index| asks(index, wanted[index])).collect();
        let body = serde_json::json!({ "docs": asked.iter().map(|(_, ask)| ask).collect::<Vec<_>>() });
        let request = Request::post([self.name(), "_bulk_get"]).query("revs", "true").harmless();
        let request = request.accept("application/json").json(&body)?;
        let mut gather = Gather::default();
        let mut number = 0;
        let subject = self.part("_bulk_get");
        self.results(request, &subject, &mut |element| {
            let index = asked.get(number).map(|(index, _)| *index);
            number += 1;
            let Some((id, leaves)) = self.result(element, index.map(|index| wanted[index].id)) else {
                return Ok(());
            };
            // Answers come in the order of the question; a server that has another one is understood by the ids.
            let index = index.filter(|index| wanted[*index].id == id);
            let Some(index) = index.or_else(|| open.iter().copied().find(|index| wanted[*index].id == id)) else {
                return Ok(());
            };
            if !open.contains(&index) {
                return Ok(());
            }
            if let Some(done) = gather.add(index, wanted[index], leaves) {
                open.retain(|other| *other != index);
                each(done).map_err(CouchError::Taker)?;
            }
            Ok(())
        })
    }

    /// The id and leaves of an element; `None` when not even the id can be told.
    fn result(&self, element: Element, expected: Option<&str>) -> Option<(String, Result<Vec<Leaf>>)> {
        match element {
            Element::TooLarge(_) => {
                let id = expected?.to_owned();
                let error = CouchError::TooLarge {
                    subject: self.part(&id),
                    limit: super::all_docs::ROW as u64,
                };
                Some((id, Err(error)))
            }
            Element::Value(bytes) => match leaves(&bytes) {
                Ok((id, leaves)) => Some((id.or_else(|| expected.map(str::to_owned))?, Ok(leaves))),
                // Asked for by itself later, which tells whether it is the document.
                Err(_) => None,
            },
        }
    }

    /// A document by itself.
    fn one(&self, wanted: &Wanted<'_>) -> Result<Vec<Leaf>> {
        let subject = self.part(wanted.id);
        let mut request = Request::get(document::path(self.name(), wanted.id)).query("revs", "true");
        request = match wanted.revs {
            [] => request.query("open_revs", "all"),
            revs => request.query_json("open_revs", revs)?,
        };
        let (_, body) = self
            .server
            .http
            .read(request.accept("application/json"), DOCUMENT)
            .map_err(|error| CouchError::about(&subject, error))?;
        let bad = |error: serde_json::Error| CouchError::BadAnswer {
            subject: subject.clone(),
            reason: error.to_string(),
        };
        let docs: Vec<Doc<'_>> = serde_json::from_slice(&body).map_err(bad)?;
        docs.into_iter()
            .map(|doc| leaf(doc, &body))
            .collect::<std::result::Result<_, _>>()
            .map_err(bad)
    }
}

/// The server fails at what it was asked for; one that is down as a whole says something else.
fn fails_at_it(error: &CouchError) -> bool {
    matches!(error, CouchError::Refused { status: 500, .. })
}

/// Errors that are of one document and say nothing about the others.
fn concerns_one(error: &CouchError) -> bool {
    match error {
        CouchError::BadAnswer { .. } | CouchError::TooLarge { .. } => true,
        CouchError::Refused { refusal, .. } => {
            matches!(
                refusal,
                Refusal::Missing | Refusal::Deleted | Refusal::Unknown | Refusal::BadRequest | Refusal::BadName
            ) || fails_at_it(error)
        }
        CouchError::Http(error) => matches!(
            error,
            backstay_source_http::HttpError::Unaddressable { .. } | backstay_source_http::HttpError::TooLarge { .. }
        ),
        _ => false,
    }
}

fn asks(index: usize, wanted: Wanted<'_>) -> Vec<(usize, Ask<'_>)> {
    let ask = |rev| (index, Ask { id: wanted.id, rev });
    if wanted.revs.is_empty() {
        return vec![ask(None)];
    }
    wanted.revs.iter().map(|rev| ask(Some(rev.as_str()))).collect()
}

/// Puts the answers for the revisions of a document together.
#[derive(Default)]
struct Gather {
    current: Option<(usize, usize, Vec<Leaf>)>,
}

impl Gather {
    fn add(&mut self, index: usize, wanted: Wanted<'_>, leaves: Result<Vec<Leaf>>) -> Option<Fetched> {
        let id = wanted.id.to_owned();
        let leaves = match leaves {
            Ok(leaves) => leaves,
            Err(error) => {
                self.current = None;
                let leaves = Err(error);
                return Some(Fetched { index, id, leaves });
            }
        };
        let (mut answers, mut all) = match self.current.take() {
            Some((current, answers, all)) if current == index => (answers, all),
            _ => (0, Vec::new()),
        };
        answers += 1;
        all.extend(leaves);
        // Some servers put all revisions of one id into one element.
        if answers >= wanted.revs.len().max(1) || all.len() >= wanted.revs.len().max(1) {
            return Some(Fetched {
                index,
                id,
                leaves: Ok(all),
            });
        }
        self.current = Some((index, answers, all));
        None
    }
}

fn leaves(bytes: &Bytes) -> std::result::Result<(Option<String>, Vec<Leaf>), serde_json::Error> {
    let result: Answer<'_> = serde_json::from_slice(bytes)?;
    let leaves: std::result::Result<_, _> = result.docs.into_iter().map(|doc| leaf(doc, bytes)).collect();
    Ok((result.id, leaves?))
}

fn leaf(doc: Doc<'_>, answer: &Bytes) -> std::result::Result<Leaf, serde_json::Error> {
    if let Some(ok) = doc.ok {
        return part(answer, ok).map(Leaf::Doc);
    }
    let said: Said = doc
        .error
        .and_then(|error| serde_json::from_str(error.get()).ok())
        .unwrap_or_default();
    let refused: Refused = doc
        .error
        .and_then(|error| serde_json::from_str(error.get()).ok())
        .unwrap_or_default();
    Ok(Leaf::Missing {
        rev: doc.missing.or(refused.rev),
        reason: if said.reason.is_empty() { said.error } else { said.reason },
    })
}
