//! `/{db}/_changes`: what changed, at once, waiting, or for ever.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use tokio::time::Instant;

use super::changes_filter::Filter;
use super::reply::{Gone, Outcome, Sender, channel, reply};
use super::request::{Query, Request};
use crate::error::ApiError;
use crate::faults::Twist;
use crate::json as text;
use crate::store::database::{Database, State};
use crate::store::document::Document;
use crate::store::render::{Show, View, push_document, push_rev};
use crate::store::sequence;

/// Rows made while the database is held.
const AT_ONCE: usize = 500;

/// CouchDB's number for "as many as there are": which rows tell their sequence is counted down from it.
const NO_LIMIT: u64 = 1_000_000_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    Normal,
    LongPoll,
    Continuous,
    EventSource,
}

/// What is asked for.
struct Asked {
    feed: Feed,
    since: u64,
    limit: u64,
    all_leaves: bool,
    descending: bool,
    include_docs: bool,
    view: View,
    /// Only every so many rows tell their sequence.
    interval: u64,
    heartbeat: Option<Duration>,
    timeout: Duration,
    filter: Filter,
    twist: Twist,
}

/// Tells of changes.
pub(crate) async fn changes(database: &Arc<Database>, mut request: Request) -> Outcome {
    let body = match request.method {
        Method::GET => None,
        Method::POST => {
            request.wants_json()?;
            let body = request.text().await?;
            (!body.as_str().trim().is_empty()).then_some(body)
        }
        _ => return Err(ApiError::method("GET,POST,HEAD")),
    };
    let filter = Filter::parse(database, &request.query, body.as_ref().map(super::request::Text::as_str))?;
    let asked = parse(database, &request, filter)?;
    let kind = if asked.feed == Feed::EventSource {
        "text/event-stream"
    } else {
        "application/json"
    };
    let (sender, body) = channel();
    let database = Arc::clone(database);
    tokio::spawn(async move {
        let follower = Follower {
            database,
            out: sender,
            last: asked.since,
            made: 0,
            first: true,
            asked,
        };
        // A client that went away needs no end.
        let _ = follower.run().await;
    });
    Ok(reply(200, kind, body))
}

fn parse(database: &Database, request: &Request, filter: Filter) -> Result<Asked, ApiError> {
    let query = &request.query;
    let feed = match query.get("feed").unwrap_or("normal") {
        "normal" => Feed::Normal,
        "longpoll" => Feed::LongPoll,
        "continuous" | "live" => Feed::Continuous,
        "eventsource" => Feed::EventSource,
        _ => {
            return Err(ApiError::bad_request(
                "Supported `feed` types: normal, continuous, live, longpoll, eventsource",
            ));
        }
    };
    let descending = query.flag("descending");
    let given = request.header("last-event-id").or(query.get("since"));
    let since = match given {
        _ if descending => 0,
        None => 0,
        Some("now") => database.read(|state| state.seq),
        Some(text) => sequence::read(text, database.token)?,
    };
    let limit = match query.get("limit") {
        None => NO_LIMIT,
        Some(text) => text
            .parse()
            .map_err(|_| ApiError::bad_request("The limit parameter should be a non-negative integer"))?,
    };
    let mut view = View {
        conflicts: query.flag("conflicts"),
        encoding_info: query.flag("att_encoding_info"),
        ..View::default()
    };
    if query.flag("attachments") {
        view.attachments = Show::Inline;
    }
    Ok(Asked {
        feed,
        since: since.saturating_sub(request.twist.rewind),
        limit,
        all_leaves: match query.get("style") {
            None | Some("main_only") => false,
            Some("all_docs") => true,
            Some(_) => return Err(ApiError::bad_request("Invalid style")),
        },
        descending,
        include_docs: query.flag("include_docs"),
        view,
        interval: query.number("seq_interval").ok().flatten().unwrap_or(1).max(1),
        heartbeat: heartbeat(query)?,
        timeout: Duration::from_millis(query.number("timeout")?.unwrap_or(60_000)),
        filter,
        twist: request.twist.clone(),
    })
}

/// How often a feed that waits gives a sign of life.
fn heartbeat(query: &Query) -> Result<Option<Duration>, ApiError> {
    let text = match query.get("heartbeat") {
        None | Some("false") => return Ok(None),
        Some("true") => return Ok(Some(Duration::from_secs(60))),
        Some(text) => text,
    };
    let every: Option<u64> = text.parse().ok().filter(|every| *every > 0);
    let every =
        every.ok_or_else(|| ApiError::bad_request("The heartbeat value should be a positive integer (in milliseconds)."))?;
    Ok(Some(Duration::from_millis(every)))
}

/// One client that is told of changes.
struct Follower {
    database: Arc<Database>,
    out: Sender,
    asked: Asked,
    /// The last sequence that was looked at.
    last: u64,
    made: u64,
    first: bool,
}

impl Follower {
    async fn run(mut self) -> Result<(), Gone> {
        let mut news = self.database.watch();
        let listed = matches!(self.asked.feed, Feed::Normal | Feed::LongPoll);
        if listed {
            self.out.buffer.push_str("{\"results\":[\n");
        }
        let mut end = *news.borrow_and_update();
        end = end.max(self.database.read(|state| state.seq));
        if self.asked.descending {
            self.descending(end).await?;
            return self.finish(end).await;
        }
        let mut quiet_since = Instant::now();
        loop {
            let before = self.made;
            self.rows_up_to(end).await?;
            let enough = self.made >= self.asked.limit;
            let goes_on = match self.asked.feed {
                Feed::Normal => false,
                Feed::LongPoll => self.made == 0,
                Feed::Continuous | Feed::EventSource => true,
            };
            if enough || !goes_on || self.database.is_gone() {
                break;
            }
            if self.made != before {
                quiet_since = Instant::now();
            }
            self.out.flush().await?;
            if !self.wait(&mut news, quiet_since).await? {
                break;
            }
            end = *news.borrow_and_update();
        }
        let last = self.last;
        self.finish(last).await
    }

    /// Waits for news, with a sign of life now and then. False when the time is up.
    async fn wait(&mut self, news: &mut tokio::sync::watch::Receiver<u64>, quiet_since: Instant) -> Result<bool, Gone> {
        loop {
            // With heartbeats a feed has no end of its own.
            let until = match self.asked.heartbeat {
                Some(every) => Instant::now() + every,
                None => quiet_since + self.asked.timeout,
            };
            tokio::select! {
                changed = news.changed() => return Ok(changed.is_ok()),
                () = self.out.gone() => return Err(Gone),
                () = tokio::time::sleep_until(until) => {
                    if self.asked.heartbeat.is_none() {
                        return Ok(false);
                    }
                    self.out.buffer.push_str(match self.asked.feed {
                        Feed::EventSource => "event: heartbeat\ndata: \n\n",
                        _ => "\n",
                    });
                    self.out.flush().await?;
                }
            }
        }
    }

    /// Rows for everything between the last one and `end`, or as many as are wanted.
    async fn rows_up_to(&mut self, end: u64) -> Result<(), Gone> {
        let database = Arc::clone(&self.database);
        while self.last < end && self.made < self.asked.limit {
            let made = database.read(|state| -> std::io::Result<()> {
                let range = state.by_seq.range(self.last + 1..=end);
                let mut looked_at = 0;
                for (seq, id) in range {
                    self.last = *seq;
                    if let Some(doc) = state.docs.get(id) {
                        self.row(state, doc, *seq)?;
                    }
                    looked_at += 1;
                    if looked_at == AT_ONCE || self.made >= self.asked.limit || self.out.buffer.len() > 1 << 20 {
                        return Ok(());
                    }
                }
                self.last = end;
                Ok(())
            });
            self.send(made).await?;
        }
        Ok(())
    }

    async fn send(&mut self, made: std::io::Result<()>) -> Result<(), Gone> {
        if made.is_err() {
            return Err(Gone);
        }
        self.out.flush_if_full().await
    }

    async fn descending(&mut self, end: u64) -> Result<(), Gone> {
        let database = Arc::clone(&self.database);
        let mut below = end + 1;
        while below > 0 && self.made < self.asked.limit {
            let made = database.read(|state| -> std::io::Result<()> {
                let rows: Vec<_> = state.by_seq.range(..below).rev().take(AT_ONCE).collect();
                below = rows.last().map_or(0, |(seq, _)| **seq);
                for (seq, id) in rows {
                    if self.made < self.asked.limit
                        && let Some(doc) = state.docs.get(id)
                    {
                        self.row(state, doc, *seq)?;
                    }
                }
                Ok(())
            });
            self.send(made).await?;
        }
        Ok(())
    }

    /// One row, if the filter lets it through.
    fn row(&mut self, state: &State, doc: &Document, seq: u64) -> std::io::Result<()> {
        let _ = state;
        let Some(winner) = doc.winner() else { return Ok(()) };
        if !self.asked.filter.passes(doc, winner) {
            return Ok(());
        }
        // CouchDB counts down from the limit.
        let tells = (self.asked.limit - self.made).is_multiple_of(self.asked.interval);
        self.made += 1;
        let times = if self.asked.twist.repeat { 2 } else { 1 };
        for _ in 0..times {
            let seq_text = if tells {
                format!("\"{}\"", self.database.seq_text(seq))
            } else {
                "null".to_owned()
            };
            match self.asked.feed {
                Feed::Normal | Feed::LongPoll if !self.first => self.out.buffer.push_str(",\r\n"),
                Feed::EventSource => self.out.buffer.push_str("data: "),
                _ => {}
            }
            self.first = false;
            self.push_row(doc, winner, &seq_text)?;
            match self.asked.feed {
                Feed::Continuous => self.out.buffer.push('\n'),
                Feed::EventSource => self.out.buffer.push_str(&format!("\nid: {seq_text}\n\n")),
                _ => {}
            }
        }
        Ok(())
    }

    fn push_row(&mut self, doc: &Document, winner: usize, seq: &str) -> std::io::Result<()> {
        let out = &mut self.out.buffer;
        out.push_str("{\"seq\":");
        out.push_str(seq);
        out.push_str(",\"id\":");
        text::push_string(out, &doc.id);
        out.push_str(",\"changes\":[");
        let leaves = if self.asked.all_leaves {
            doc.tree.leaves()
        } else {
            vec![winner]
        };
        for (at, leaf) in leaves.into_iter().enumerate() {
            out.push_str(if at > 0 { ",{\"rev\":\"" } else { "{\"rev\":\"" });
            push_rev(out, &doc.tree.node(leaf).rev);
            out.push_str("\"}");
        }
        out.push(']');
        if doc.tree.node(winner).deleted {
            out.push_str(",\"deleted\":true");
        }
        if self.asked.include_docs {
            out.push_str(",\"doc\":");
            match self.asked.twist.breaks(&doc.id) {
                Some(with) => out.push_str(with),
                None => push_document(out, doc, winner, &self.asked.view, true)?,
            }
        }
        out.push('}');
        Ok(())
    }

    async fn finish(mut self, last: u64) -> Result<(), Gone> {
        let pending = match self.asked.descending {
            true => 0,
            false => self.database.read(|state| state.by_seq.range(last + 1..).count()),
        };
        let last = self.database.seq_text(last);
        match self.asked.feed {
            Feed::Normal | Feed::LongPoll => self
                .out
                .buffer
                .push_str(&format!("\n],\n\"last_seq\":\"{last}\",\"pending\":{pending}}}\n")),
            Feed::Continuous => self
                .out
                .buffer
                .push_str(&format!("{{\"last_seq\":\"{last}\",\"pending\":{pending}}}\n")),
            Feed::EventSource => {}
        }
        self.out.flush().await
    }
}
