//! Replication by the server: a document in its `_replicator` database, or `_replicate` where there is none.

use std::time::{Duration, Instant};

use backstay_model::{ErrorKind, Gap, RawJson};
use backstay_source::{Replication, ReplicationProgress, ReplicationWatch, ServerReplication, SourceError, Via};
use backstay_source_http::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{checkpoint, end::End};
use crate::{
    client::{DocQuery, Server},
    config::Login,
    error::{CouchError, Refusal, Result},
};

/// The server's own database of replications.
const REPLICATOR: &str = "_replicator";
/// Between two looks at how far it got.
const LOOK: Duration = Duration::from_secs(1);
/// How long a continuous one may take to say that it runs.
const START: Duration = Duration::from_secs(30);
/// How long the server may replicate without a word, where it answers only at the end.
const SILENT: Duration = Duration::from_secs(24 * 3600);
/// Bytes of an answer.
const ANSWER: u64 = 16 << 20;
/// Replications listed at once.
const LISTED: &str = "1000";

/// Lets the server of the target replicate; or, when it has no `_replicator`, by one long request.
///
/// # Errors
/// [`CouchError::NoReplicator`] when the server cannot, or why it failed.
pub(super) fn replicate(from: &End, to: &End, what: &Replication, watch: &dyn ReplicationWatch) -> Result<ReplicationProgress> {
    let id = checkpoint::id(from, to, what);
    let task = json!({
        "source": address(from)?,
        "target": address(to)?,
        "continuous": what.continuous,
        "create_target": what.create_target,
    });
    let mut task = match task {
        Value::Object(task) => task,
        _ => serde_json::Map::new(),
    };
    if !what.ids.is_empty() {
        task.insert("doc_ids".to_owned(), json!(what.ids));
    }
    if let Some(selector) = &what.selector {
        task.insert("selector".to_owned(), serde_json::from_str(selector).unwrap_or_default());
    }
    let server = to.server().with_cancel(watch.cancel());
    match server.database(REPLICATOR).info() {
        Ok(_) => by_document(&server, &id, &task.into(), what, watch),
        Err(error) => match error.refusal() {
            Some(Refusal::NoDatabase | Refusal::Unknown | Refusal::Missing | Refusal::BadName) => {
                by_request(&server, &task.into(), watch)
            }
            _ => Err(not_allowed(&server, error)),
        },
    }
}

/// Servers let administrators alone into their `_replicator`.
fn not_allowed(server: &Server, error: CouchError) -> CouchError {
    match error.refusal() {
        Some(Refusal::Unauthorized | Refusal::Forbidden) => CouchError::NoReplicator {
            place: server.place().to_owned(),
            reason: format!("this user may not write to its {REPLICATOR}"),
        },
        _ => error,
    }
}

/// An end as the server is told of it.
fn address(end: &End) -> Result<Value> {
    let url = end.url();
    Ok(match end.login() {
        Login::None => json!({ "url": url }),
        Login::Basic { user, password } | Login::Cookie { user, password } => {
            json!({ "url": url, "auth": { "basic": { "username": user, "password": password.reveal() } } })
        }
        Login::Jwt { token } => json!({ "url": url, "headers": { "Authorization": format!("Bearer {}", token.reveal()) } }),
        Login::Iam { key, .. } => json!({ "url": url, "auth": { "iam": { "api_key": key.reveal() } } }),
        Login::Proxy { .. } => {
            return Err(CouchError::NoReplicator {
                place: end.server().place().to_owned(),
                reason: "a server cannot log in as a proxy does".to_owned(),
            });
        }
    })
}

fn json_of(value: &Value) -> Result<RawJson> {
    RawJson::from_value(value).map_err(|error| CouchError::BadAnswer {
        subject: REPLICATOR.to_owned(),
        reason: error.to_string(),
    })
}

fn by_document(
    server: &Server,
    id: &str,
    task: &Value,
    what: &Replication,
    watch: &dyn ReplicationWatch,
) -> Result<ReplicationProgress> {
    let id = if what.continuous {
        format!("{id}-continuous")
    } else {
        id.to_owned()
    };
    let database = server.database(REPLICATOR);
    // One that ended, or broke, under this id is begun anew; one that runs is the one that is wanted.
    if let Some(rev) = database.revision(&id)? {
        match state(server, &id)? {
            Some(state) if state.runs() && what.continuous => return Ok(state.progress()),
            _ => drop(database.remove(&id, &rev)?),
        }
    }
    database
        .put(&id, &json_of(task)?, true)
        .map_err(|error| not_allowed(server, error))?;
    let ended = watched(server, &id, what, watch);
    if !what.continuous {
        // Also after a cancellation: the document holds credentials, and would run on.
        let quiet = server.with_cancel(&backstay_source::Cancel::default());
        stop(&quiet, &id)?;
    }
    ended
}

fn watched(server: &Server, id: &str, what: &Replication, watch: &dyn ReplicationWatch) -> Result<ReplicationProgress> {
    let begun = Instant::now();
    loop {
        let found = state(server, id)?.filter(|state| !state.state.is_empty());
        let begins = found.is_none() || what.continuous;
        if let Some(state) = found {
            let progress = state.progress();
            watch.progress(&progress);
            match state.state.as_str() {
                "completed" => {
                    if state.info.doc_write_failures > 0 {
                        watch.gap(refused(id, state.info.doc_write_failures));
                    }
                    return Ok(progress);
                }
                "failed" | "error" => return Err(state.failed(server)),
                "crashing" if begun.elapsed() > START => return Err(state.failed(server)),
                "running" if what.continuous => return Ok(progress),
                _ => {}
            }
        }
        if begins && begun.elapsed() > START {
            return Err(CouchError::NoReplicator {
                place: server.place().to_owned(),
                reason: "the server took it and has not begun within half a minute".to_owned(),
            });
        }
        pause(watch)?;
    }
}

fn pause(watch: &dyn ReplicationWatch) -> Result<()> {
    let until = Instant::now() + LOOK;
    while Instant::now() < until {
        watch.cancel().check().map_err(CouchError::Taker)?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// The server counts what the target refused and does not name it.
fn refused(id: &str, count: u64) -> Gap {
    Gap {
        subject: format!("{REPLICATOR}/{id}"),
        kind: ErrorKind::Refused,
        message: format!("the target refused {count} revisions; the server does not tell which (its log does)"),
    }
}

/// A replication as the scheduler of the server tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Scheduled {
    doc_id: Option<String>,
    source: Option<Value>,
    target: Option<Value>,
    state: String,
    #[serde(deserialize_with = "or_default")]
    info: Info,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    docs_written: u64,
    docs_read: u64,
    doc_write_failures: u64,
    missing_revisions_found: u64,
    revisions_checked: u64,
    changes_pending: Option<u64>,
    checkpointed_source_seq: Option<Value>,
    error: Option<Value>,
}

/// `null`, a text or an object: while it starts there is nothing to tell.
fn or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Info, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Info {
            error: Some(Value::String(text)),
            ..Info::default()
        },
        other => serde_json::from_value(other).unwrap_or_default(),
    })
}

impl Scheduled {
    fn runs(&self) -> bool {
        matches!(self.state.as_str(), "initializing" | "running" | "pending" | "triggered")
    }

    fn progress(&self) -> ReplicationProgress {
        let seq = self.info.checkpointed_source_seq.as_ref();
        ReplicationProgress {
            via: Via::Server,
            checked: self.info.revisions_checked.max(self.info.missing_revisions_found),
            written: self.info.docs_written,
            failed: self.info.doc_write_failures,
            pending: self.info.changes_pending,
            idle: self.state == "completed" || (self.state == "running" && self.info.changes_pending == Some(0)),
            checkpoint: seq.map(|seq| seq.as_str().map_or_else(|| seq.to_string(), str::to_owned)),
            ..ReplicationProgress::default()
        }
    }

    fn problem(&self) -> Option<String> {
        let error = self.info.error.as_ref()?;
        Some(error.as_str().map_or_else(|| error.to_string(), str::to_owned)).filter(|text| text != "null")
    }

    fn failed(&self, server: &Server) -> CouchError {
        CouchError::NoReplicator {
            place: server.place().to_owned(),
            reason: self.problem().unwrap_or_else(|| format!("the server says {}", self.state)),
        }
    }
}

/// How a replication stands: by the scheduler, by its own document on servers without one.
fn state(server: &Server, id: &str) -> Result<Option<Scheduled>> {
    match server.json(&["_scheduler", "docs", REPLICATOR, id], &[]) {
        Ok(found) => Ok(serde_json::from_slice(found.as_bytes()).ok()),
        Err(error)
            if error
                .refusal()
                .is_some_and(|refusal| !matches!(refusal, Refusal::Unauthorized)) =>
        {
            let document = server.database(REPLICATOR).get(id, DocQuery::default())?;
            Ok(document
                .and_then(|document| document.value().ok())
                .map(|document| of_document(&document)))
        }
        Err(error) => Err(error),
    }
}

fn of_document(document: &Value) -> Scheduled {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let stats = document.get("_replication_stats").cloned().unwrap_or_default();
    let reason = text("_replication_state_reason");
    Scheduled {
        doc_id: document.get("_id").and_then(Value::as_str).map(str::to_owned),
        source: document.get("source").cloned(),
        target: document.get("target").cloned(),
        state: text("_replication_state"),
        info: Info {
            error: (!reason.is_empty()).then_some(Value::String(reason)),
            ..serde_json::from_value(stats).unwrap_or_default()
        },
    }
}

/// What a server without `_replicator` answers at the end.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    ok: bool,
    docs_read: u64,
    docs_written: u64,
    doc_write_failures: u64,
    history: Vec<Info>,
    last_seq: Option<Value>,
    source_last_seq: Option<Value>,
}

fn by_request(server: &Server, task: &Value, watch: &dyn ReplicationWatch) -> Result<ReplicationProgress> {
    let request = Request::post(["_replicate"]).json(task)?.silence(SILENT);
    let answer: Answer = server.http().json(request, ANSWER).map_err(|error| {
        match CouchError::about(format!("The replication at {}", server.place()), error) {
            CouchError::Refused {
                refusal: Refusal::Unknown | Refusal::NoDatabase | Refusal::BadName,
                reason,
                ..
            } => CouchError::NoReplicator {
                place: server.place().to_owned(),
                reason,
            },
            other => other,
        }
    })?;
    let newest = answer.history.first();
    let written = newest.map_or(answer.docs_written, |entry| entry.docs_written);
    let failed = newest.map_or(answer.doc_write_failures, |entry| entry.doc_write_failures);
    if failed > 0 {
        watch.gap(refused("_replicate", failed));
    }
    let seq = answer.source_last_seq.or(answer.last_seq);
    let progress = ReplicationProgress {
        via: Via::Server,
        checked: newest.map_or(answer.docs_read, |entry| entry.docs_read),
        written,
        failed,
        pending: Some(0),
        idle: true,
        checkpoint: seq.map(|seq| seq.as_str().map_or_else(|| seq.to_string(), str::to_owned)),
        ..ReplicationProgress::default()
    };
    watch.progress(&progress);
    Ok(progress)
}

/// The replications in a server's `_replicator`.
///
/// # Errors
/// When the server cannot be asked; one without replications has none.
pub(super) fn list(server: &Server) -> Result<Vec<ServerReplication>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Page {
        docs: Vec<Scheduled>,
    }
    let found = match server.json(&["_scheduler", "docs"], &[("limit", LISTED)]) {
        Ok(found) => found,
        Err(error) => {
            return match error.refusal() {
                Some(Refusal::Unauthorized | Refusal::Forbidden | Refusal::Failed | Refusal::Busy) | None => Err(error),
                Some(_) => Ok(Vec::new()),
            };
        }
    };
    let page: Page = serde_json::from_slice(found.as_bytes()).map_err(|error| CouchError::BadAnswer {
        subject: "_scheduler/docs".to_owned(),
        reason: error.to_string(),
    })?;
    let replicator = server.database(REPLICATOR);
    Ok(page
        .docs
        .into_iter()
        .filter_map(|scheduled| {
            let id = scheduled.doc_id.clone()?;
            let document = replicator.get(&id, DocQuery::default()).ok().flatten();
            let continuous = document.and_then(|document| document.value().ok()?.get("continuous")?.as_bool());
            Some(ServerReplication {
                from: shown(scheduled.source.as_ref()),
                to: shown(scheduled.target.as_ref()),
                continuous: continuous.unwrap_or(false),
                state: scheduled.state.clone(),
                problem: scheduled.problem(),
                progress: Some(scheduled.progress()),
                id,
            })
        })
        .collect())
}

/// An address without what a person must not see.
fn shown(address: Option<&Value>) -> String {
    let text = match address {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Object(object)) => object.get("url").and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    let bare = host.rsplit_once('@').map_or(host, |(_, bare)| bare);
    let whole = format!("{scheme}://{bare}{}", &rest[host.len()..]);
    // CouchDB ends addresses of databases with a slash.
    whole.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// Ends a replication of the server and removes its document with the credentials in it. One that is gone already is ended.
///
/// # Errors
/// When the server refuses.
pub(super) fn stop(server: &Server, id: &str) -> Result<()> {
    let replicator = server.database(REPLICATOR);
    // The replicator itself writes states into the document on older servers.
    for _ in 0..5 {
        let Some(rev) = replicator.revision(id)? else { return Ok(()) };
        match replicator.remove(id, &rev) {
            Err(error) if error.refusal() == Some(Refusal::Conflict) => {}
            other => return other.map(drop),
        }
    }
    Err(CouchError::Taker(SourceError::new(
        ErrorKind::Changed,
        format!("{REPLICATOR}/{id}"),
        "is changed by somebody all the time and was not removed",
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_shown_without_credentials() {
        for (address, wanted) in [
            (json!("http://mara:secret@host:5984/db/"), "http://host:5984/db"),
            (
                json!({ "url": "https://host/db?token=secret", "auth": { "basic": {} } }),
                "https://host/db",
            ),
            (json!("db"), "db"),
            (json!(null), ""),
        ] {
            assert_eq!(shown(Some(&address)), wanted);
        }
    }

    #[test]
    fn what_the_scheduler_says_is_understood() {
        let running: Scheduled = serde_json::from_value(json!({
            "doc_id": "a", "state": "running", "info": {
                "revisions_checked": 12, "missing_revisions_found": 12, "docs_read": 12, "docs_written": 10,
                "doc_write_failures": 2, "changes_pending": 0, "checkpointed_source_seq": "12-g1AAAA" } }))
        .unwrap();
        let progress = running.progress();
        assert_eq!(
            (progress.checked, progress.written, progress.failed, progress.idle),
            (12, 10, 2, true)
        );
        assert_eq!(progress.checkpoint.as_deref(), Some("12-g1AAAA"));
        let starting: Scheduled = serde_json::from_value(json!({ "state": "initializing", "info": null })).unwrap();
        assert!(starting.runs());
        let broken: Scheduled =
            serde_json::from_value(json!({ "state": "failed", "info": { "error": "db_not_found: could not open" } })).unwrap();
        assert_eq!(broken.problem().as_deref(), Some("db_not_found: could not open"));
        let crashing: Scheduled = serde_json::from_value(json!({ "state": "crashing", "info": "db_not_found" })).unwrap();
        assert_eq!(crashing.problem().as_deref(), Some("db_not_found"));
    }
}
