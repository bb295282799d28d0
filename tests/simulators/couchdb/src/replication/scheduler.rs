//! Starting and stopping replications: on request, and as the documents of `_replicator` come and go.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json as object};

use super::job::Job;
use super::registry::{Entry, stamp};
use super::spec::Spec;
use crate::error::ApiError;
use crate::http::auth::server_admin;
use crate::http::reply::{Outcome, json};
use crate::http::request::Request;
use crate::server::Server;
use crate::store::database::Database;
use crate::store::edit::{Mode, Writer, update};
use crate::store::incoming::Incoming;
use crate::store::render::{View, push_document};

/// `POST /_replicate`.
pub(crate) async fn replicate(server: &Arc<Server>, mut request: Request) -> Outcome {
    if request.method != Method::POST {
        return Err(ApiError::method("POST"));
    }
    if request.user.name.is_none() && !request.user.is_server_admin() {
        return Err(ApiError::unauthorized("You are not an authenticated user"));
    }
    request.wants_json()?;
    let body = request.text().await?;
    let value: Value = serde_json::from_str(body.as_str()).map_err(|_| ApiError::invalid_json())?;
    let spec = match Spec::parse(&server.uuid, &value) {
        Ok(spec) => spec,
        Err(error) => return Ok(json(500, object!({"error": error}).to_string())),
    };
    let key = format!("request {}", spec.id);
    if spec.cancel {
        if server.replications.stop(&key) {
            return Ok(json(200, object!({"ok": true, "_local_id": spec.name()}).to_string()));
        }
        return Ok(json(404, object!({"error": "not found"}).to_string()));
    }
    if spec.continuous {
        let id = spec.name();
        begin(server, key, Entry::new(spec, None));
        return Ok(json(202, object!({"ok": true, "_local_id": id}).to_string()));
    }
    let entry = Entry::new(spec.clone(), None);
    let job = Job::new(spec, Arc::clone(&entry.progress));
    server.replications.entries.lock().insert(key.clone(), entry);
    server.replications.note(&key, "running", None);
    let done = job.run().await;
    server.replications.entries.lock().remove(&key);
    match done {
        Ok(mut report) => {
            report["ok"] = true.into();
            Ok(json(200, report.to_string()))
        }
        Err(error) => {
            let text = error.to_string();
            let (error, reason) = text.split_once(": ").unwrap_or((&text, ""));
            let status = if error == "db_not_found" { 404 } else { 500 };
            Ok(json(status, object!({"error": error, "reason": reason}).to_string()))
        }
    }
}

/// Runs one in the background until it is done; after an error it is tried again, later and later.
fn begin(server: &Arc<Server>, key: String, mut entry: Entry) {
    server.replications.stop(&key);
    let owner = Arc::clone(server);
    let (spec, progress, own_key) = (entry.spec.clone(), Arc::clone(&entry.progress), key.clone());
    let mut entries = server.replications.entries.lock();
    let task = tokio::spawn(async move {
        let mut pause = Duration::from_millis(250);
        loop {
            owner.replications.note(&own_key, "running", None);
            match Job::new(spec.clone(), Arc::clone(&progress)).run().await {
                Ok(_) => {
                    owner.replications.note(&own_key, "completed", None);
                    finish(&owner, &own_key, "completed", None);
                    return;
                }
                Err(error) => owner.replications.note(&own_key, "crashing", Some(error.to_string())),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    });
    entry.task = Some(task.abort_handle());
    entries.insert(key, entry);
}

/// Notes in the document itself how it ended.
fn finish(server: &Arc<Server>, key: &str, state: &'static str, reason: Option<&str>) {
    let Some((doc, stats)) = server.replications.entries.lock().get(key).and_then(|entry| {
        let stats = entry.progress.lock().info();
        Some((entry.doc.clone()?, stats))
    }) else {
        return;
    };
    mark(server, &doc, state, reason, &stats);
}

fn mark(server: &Server, id: &str, state: &str, reason: Option<&str>, stats: &Value) {
    let Ok(database) = server.database("_replicator") else {
        return;
    };
    let Some(mut value) = read(&database, id) else { return };
    value["_replication_state"] = state.into();
    value["_replication_state_time"] = stamp().into();
    match reason {
        Some(reason) => value["_replication_state_reason"] = reason.into(),
        None => value["_replication_stats"] = stats.clone(),
    }
    let Ok(doc) = Incoming::parse(&value.to_string(), server.limits()) else {
        return;
    };
    // Somebody may have changed or deleted it meanwhile; then theirs stands.
    let _ = database.write(|data| update(data, database.options, doc, Mode::Edit, &Writer { no_admin: None }));
}

fn read(database: &Database, id: &str) -> Option<Value> {
    database.read(|state| {
        let doc = state.docs.get(id).filter(|doc| !doc.tree.is_deleted())?;
        let mut text = String::new();
        push_document(&mut text, doc, doc.winner()?, &View::default(), false).ok()?;
        serde_json::from_str(&text).ok()
    })
}

/// Runs what the documents of `_replicator` ask for.
pub(crate) async fn watch_replicator(server: Arc<Server>) {
    let mut seen: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    loop {
        server.replications.news.notified().await;
        let Ok(database) = server.database("_replicator") else {
            continue;
        };
        let docs: Vec<(String, String)> = database.read(|state| {
            let live = state
                .docs
                .values()
                .filter(|doc| !doc.tree.is_deleted() && !doc.id.starts_with("_design/"));
            live.filter_map(|doc| Some((doc.id.to_string(), doc.winning_rev()?.to_string())))
                .collect()
        });
        let gone: Vec<String> = seen
            .keys()
            .filter(|id| !docs.iter().any(|(doc, _)| doc == *id))
            .cloned()
            .collect();
        for id in gone {
            seen.remove(&id);
            server.replications.stop(&id);
        }
        for (id, rev) in docs {
            if seen.get(&id) == Some(&rev) {
                continue;
            }
            let Some(value) = read(&database, &id) else { continue };
            seen.insert(id.clone(), rev);
            // What we wrote ourselves begins nothing.
            if value["_replication_state"].is_string() {
                continue;
            }
            match Spec::parse(&server.uuid, &value) {
                Ok(spec) => begin(&server, id.clone(), Entry::new(spec, Some(id))),
                Err(error) => {
                    server.replications.fail(&id, &value, &error);
                    mark(&server, &id, "failed", Some(&error), &Value::Null);
                }
            }
        }
    }
}

/// `/_scheduler/jobs` and `/_scheduler/docs…`.
pub(crate) fn scheduler(server: &Arc<Server>, request: &Request) -> Outcome {
    server_admin(request)?;
    if request.method != Method::GET {
        return Err(ApiError::method("GET,HEAD"));
    }
    let parts: Vec<&str> = request.segments.iter().skip(1).map(String::as_str).collect();
    let page = |name: &str, rows: Vec<Value>| {
        let skip = usize::try_from(request.query.number("skip")?.unwrap_or(0)).unwrap_or(usize::MAX);
        let limit = usize::try_from(request.query.number("limit")?.unwrap_or(25)).unwrap_or(usize::MAX);
        let total = rows.len();
        let rows: Vec<Value> = rows.into_iter().skip(skip).take(limit).collect();
        Ok(json(
            200,
            object!({"total_rows": total, "offset": skip, name: rows}).to_string(),
        ))
    };
    match parts.as_slice() {
        ["jobs"] => page("jobs", server.replications.jobs()),
        ["jobs", id] => {
            let rows = server.replications.jobs();
            let found = rows.into_iter().find(|job| job["id"] == *id);
            Ok(json(200, found.ok_or_else(ApiError::missing)?.to_string()))
        }
        ["docs" | "docs/_replicator"] | ["docs", "_replicator"] => page("docs", server.replications.docs()),
        ["docs", "_replicator", id] => {
            let rows = server.replications.docs();
            let found = rows.into_iter().find(|doc| doc["doc_id"] == *id);
            Ok(json(200, found.ok_or_else(ApiError::missing)?.to_string()))
        }
        _ => Err(ApiError::missing()),
    }
}
