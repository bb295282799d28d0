//! The changes of a database: once through, or for as long as one likes.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    time::Duration,
};

use backstay_model::RawJson;
use backstay_source_http::{BodyReader, HttpError, Request};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Database, Seq,
    all_docs::{ROW, failed},
    elements::{Element, Elements},
    server::part,
};
use crate::error::{CouchError, Result};

/// How long a server may look for a document that passes a filter.
const FILTERED: Duration = Duration::from_secs(300);

/// Which changes are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ChangesQuery<'a> {
    /// Behind this position; the beginning otherwise.
    pub since: Option<&'a Seq>,
    /// So many at most.
    pub limit: Option<u64>,
    /// All leaf revisions of each document, not the winner alone (`style=all_docs`).
    pub leaves: bool,
    /// With the winners' documents.
    pub documents: bool,
    /// A position only with every so many rows, which saves a cluster much work.
    pub seq_interval: Option<u64>,
    /// Which documents.
    pub only: Only<'a>,
}

/// Which documents' changes are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Only<'a> {
    /// All.
    #[default]
    All,
    /// These ids.
    Ids(&'a [String]),
    /// What a Mango selector chooses.
    Selector(&'a serde_json::Value),
    /// Design documents (`_design`), or a filter function (`design/name`) with its parameters.
    Filter(&'a str, &'a [(String, String)]),
}

/// One change: the newest state of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeRow {
    /// Its position, where the row has one ([`ChangesQuery::seq_interval`]).
    pub seq: Option<Seq>,
    /// The document's id.
    pub id: String,
    /// Its leaf revisions, deleted ones too; the winner alone unless all were asked for.
    pub revs: Vec<String>,
    /// The winner is deleted.
    pub deleted: bool,
    /// The winner's document, where it was asked for.
    pub doc: Option<RawJson>,
}

/// What stands at the end of the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangesEnd {
    /// Where to go on.
    pub last_seq: Seq,
    /// How many are still to come, where the server tells.
    pub pending: Option<u64>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, borrow)]
    seq: Option<&'a RawValue>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    changes: Vec<Rev>,
    #[serde(default)]
    deleted: bool,
    #[serde(default, borrow)]
    doc: Option<&'a RawValue>,
    #[serde(default, borrow)]
    last_seq: Option<&'a RawValue>,
    #[serde(default)]
    pending: Option<u64>,
}

#[derive(Deserialize)]
struct Rev {
    rev: String,
}

enum Line {
    Row(ChangeRow),
    End(ChangesEnd),
}

fn line(subject: &str, bytes: &Bytes) -> Result<Line> {
    let bad = |reason: String| CouchError::BadAnswer {
        subject: format!("A row of {subject}"),
        reason,
    };
    let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    let seq = |raw: &RawValue| serde_json::from_str::<Seq>(raw.get()).ok();
    let Some(id) = wire.id else {
        if let Some(last_seq) = wire.last_seq.and_then(seq) {
            return Ok(Line::End(ChangesEnd {
                last_seq,
                pending: wire.pending,
            }));
        }
        let said: crate::error::Said = serde_json::from_slice(bytes).unwrap_or_default();
        if said.error.is_empty() {
            return Err(bad("it has no id".to_owned()));
        }
        return Err(CouchError::Stopped {
            subject: subject.to_owned(),
            reason: format!("{} {}", said.error, said.reason),
        });
    };
    let doc = wire.doc.filter(|doc| doc.get() != "null");
    Ok(Line::Row(ChangeRow {
        seq: wire.seq.and_then(seq),
        id,
        revs: wire.changes.into_iter().map(|change| change.rev).collect(),
        deleted: wire.deleted,
        doc: doc
            .map(|doc| part(bytes, doc))
            .transpose()
            .map_err(|error| bad(error.to_string()))?,
    }))
}

/// The changes as they come. A row that cannot be understood is an error of its own; the ones behind it go on. When the answer
/// breaks off, the last position seen is where to go on.
pub(crate) struct Changes {
    elements: Elements<BodyReader>,
    subject: String,
    ended: bool,
    end: Option<ChangesEnd>,
}

impl Changes {
    /// What stands at the end, once everything was read.
    pub(crate) fn end(&self) -> Option<&ChangesEnd> {
        self.end.as_ref()
    }

    fn close(&mut self) -> Option<Result<ChangeRow>> {
        self.ended = true;
        let number = |bytes: &Bytes| serde_json::from_slice::<u64>(bytes).ok();
        let last = self.elements.rest("last_seq");
        match last.and_then(|bytes| serde_json::from_slice(bytes).ok()) {
            Some(last_seq) if self.elements.seen() => {
                self.end = Some(ChangesEnd {
                    last_seq,
                    pending: self.elements.rest("pending").and_then(number),
                });
                None
            }
            _ => Some(Err(CouchError::BadAnswer {
                subject: self.subject.clone(),
                reason: "it has no results".to_owned(),
            })),
        }
    }
}

impl Iterator for Changes {
    type Item = Result<ChangeRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.elements.next() {
            Ok(None) => self.close(),
            Ok(Some(Element::TooLarge(_))) => Some(Err(CouchError::TooLarge {
                subject: format!("A row of {}", self.subject),
                limit: ROW as u64,
            })),
            Ok(Some(Element::Value(bytes))) => match line(&self.subject, &bytes) {
                Ok(Line::Row(row)) => Some(Ok(row)),
                Ok(Line::End(_)) => self.next(),
                Err(error) => Some(Err(error)),
            },
            Err(broken) => {
                self.ended = true;
                Some(Err(failed(&self.subject, broken)))
            }
        }
    }
}

/// What a feed that goes on says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FeedEvent {
    /// Something changed.
    Row(ChangeRow),
    /// Nothing changed, and the server is alive.
    Heartbeat,
    /// The server ended the feed; ask again from here.
    End(ChangesEnd),
}

/// Changes for as long as one likes. An error ends it; go on with a new one from the last position.
pub(crate) struct Feed {
    lines: BufReader<BodyReader>,
    subject: String,
    place: String,
    ended: bool,
}

impl Feed {
    fn event(&mut self) -> Result<Option<FeedEvent>> {
        let mut text = Vec::new();
        let read = self.lines.by_ref().take(ROW as u64).read_until(b'\n', &mut text);
        read.map_err(|error| CouchError::Http(HttpError::from_io(&self.place, error)))?;
        let text = Bytes::from(text);
        match text.last() {
            None => Ok(None),
            Some(b'\n') if text.iter().all(u8::is_ascii_whitespace) => Ok(Some(FeedEvent::Heartbeat)),
            Some(b'\n') => Ok(Some(match line(&self.subject, &text)? {
                Line::Row(row) => FeedEvent::Row(row),
                Line::End(end) => FeedEvent::End(end),
            })),
            Some(_) if text.len() >= ROW => Err(CouchError::TooLarge {
                subject: format!("A row of {}", self.subject),
                limit: ROW as u64,
            }),
            Some(_) => match line(&self.subject, &text) {
                // The last line of an answer may have no end.
                Ok(Line::End(end)) => Ok(Some(FeedEvent::End(end))),
                _ => Err(CouchError::Stopped {
                    subject: self.subject.clone(),
                    reason: "it ends in the middle".to_owned(),
                }),
            },
        }
    }
}

impl Iterator for Feed {
    type Item = Result<FeedEvent>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let event = self.event().transpose();
        self.ended = !matches!(event, Some(Ok(FeedEvent::Row(_) | FeedEvent::Heartbeat)));
        event
    }
}

impl Database {
    /// Changes up to now.
    ///
    /// # Errors
    /// When the database cannot be read; rows have errors of their own.
    pub(crate) fn changes(&self, query: &ChangesQuery<'_>) -> Result<Changes> {
        self.changes_by(query, "normal", None)
    }

    /// The leaf revisions of these documents, deleted ones too; documents that never were are left out. Some hundred ids at once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn leaves(&self, ids: &[String]) -> Result<Vec<ChangeRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let query = ChangesQuery {
            leaves: true,
            only: Only::Ids(ids),
            ..ChangesQuery::default()
        };
        self.changes(&query)?.collect()
    }

    /// Changes up to now, or, when there are none, the next one (`feed=longpoll`).
    ///
    /// # Errors
    /// As [`Database::changes`].
    pub(crate) fn next_changes(&self, query: &ChangesQuery<'_>, heartbeat: Duration) -> Result<Changes> {
        self.changes_by(query, "longpoll", Some(heartbeat))
    }

    /// Changes for as long as one likes (`feed=continuous`), with a sign of life every `heartbeat`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn feed(&self, query: &ChangesQuery<'_>, heartbeat: Duration) -> Result<Feed> {
        let subject = self.part("_changes");
        let request = self.request(query, "continuous", Some(heartbeat))?;
        let answer = self
            .server
            .http
            .open(request)
            .map_err(|error| CouchError::about(&subject, error))?;
        Ok(Feed {
            lines: BufReader::with_capacity(64 * 1024, answer.into_reader()),
            subject,
            place: self.server.place().to_owned(),
            ended: false,
        })
    }

    fn changes_by(&self, query: &ChangesQuery<'_>, feed: &str, heartbeat: Option<Duration>) -> Result<Changes> {
        let subject = self.part("_changes");
        let request = self.request(query, feed, heartbeat)?;
        let answer = self
            .server
            .http
            .open(request)
            .map_err(|error| CouchError::about(&subject, error))?;
        Ok(Changes {
            elements: Elements::new(answer.into_reader(), "results", ROW),
            subject,
            ended: false,
            end: None,
        })
    }

    fn request(&self, query: &ChangesQuery<'_>, feed: &str, heartbeat: Option<Duration>) -> Result<Request<'static>> {
        let path = [self.name(), "_changes"];
        let mut request = match query.only {
            Only::Ids(ids) => Request::post(path)
                .harmless()
                .json(&serde_json::json!({ "doc_ids": ids }))?
                .query("filter", "_doc_ids"),
            Only::Selector(selector) => Request::post(path)
                .harmless()
                .json(&serde_json::json!({ "selector": selector }))?
                .query("filter", "_selector"),
            Only::Filter(name, parameters) => parameters
                .iter()
                .fold(Request::get(path).query("filter", name), |request, (name, value)| {
                    request.query(name, value)
                }),
            Only::All => Request::get(path),
        };
        if feed != "normal" {
            request = request.query("feed", feed);
        } else if !matches!(query.only, Only::All) {
            // The server looks at many documents before it finds one.
            request = request.silence(FILTERED);
        }
        if let Some(since) = query.since {
            request = request.query("since", since.param());
        }
        if let Some(limit) = query.limit {
            request = request.query("limit", limit.to_string());
        }
        if let Some(every) = query.seq_interval {
            request = request.query("seq_interval", every.to_string());
        }
        if query.leaves {
            request = request.query("style", "all_docs");
        }
        if query.documents {
            request = request.query("include_docs", "true");
        }
        if let Some(heartbeat) = heartbeat {
            // Three signs of life may be lost before the server counts as silent.
            request = request
                .query("heartbeat", heartbeat.as_millis().to_string())
                .silence((heartbeat * 4).max(Duration::from_secs(5)));
        }
        Ok(request.accept("application/json"))
    }
}
