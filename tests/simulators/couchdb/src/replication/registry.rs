//! Replications that run or ran, and how they stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::job::Progress;
use super::spec::Spec;

/// How one stands.
pub(super) struct Entry {
    pub(super) spec: Spec,
    /// The document that asked for it; nothing for `_replicate`.
    pub(super) doc: Option<String>,
    pub(super) state: &'static str,
    pub(super) error: Option<String>,
    pub(super) errors: u32,
    pub(super) progress: Arc<Mutex<Progress>>,
    pub(super) started: String,
    pub(super) updated: String,
    pub(super) task: Option<AbortHandle>,
}

pub(super) fn stamp() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Entry {
    pub(super) fn new(spec: Spec, doc: Option<String>) -> Self {
        Self {
            spec,
            doc,
            state: "initializing",
            error: None,
            errors: 0,
            progress: Arc::default(),
            started: stamp(),
            updated: stamp(),
            task: None,
        }
    }

    /// A row of `_scheduler/docs`.
    fn as_doc(&self) -> Value {
        let over = matches!(self.state, "completed" | "failed");
        json!({
            "database": "_replicator", "doc_id": self.doc, "id": if over { Value::Null } else { self.spec.name().into() },
            "node": "nonode@nohost", "source": self.spec.source.shown(), "target": self.spec.target.shown(),
            "state": self.state, "info": self.info(), "error_count": self.errors, "last_updated": self.updated,
            "start_time": self.started, "source_proxy": null, "target_proxy": null,
        })
    }

    fn info(&self) -> Value {
        match &self.error {
            Some(error) => json!({"error": error}),
            None => self.progress.lock().info(),
        }
    }

    /// A row of `_scheduler/jobs`.
    fn as_job(&self) -> Value {
        json!({
            "database": self.doc.as_ref().map(|_| "_replicator"), "id": self.spec.name(), "pid": "<0.1.0>",
            "source": self.spec.source.shown(), "target": self.spec.target.shown(), "user": null, "doc_id": self.doc,
            "info": self.info(), "history": [{"timestamp": self.started, "type": "started"}, {"timestamp": self.started, "type": "added"}],
            "node": "nonode@nohost", "start_time": self.started,
        })
    }

    fn runs(&self) -> bool {
        matches!(self.state, "running" | "initializing" | "crashing" | "pending")
    }

    /// A row of `_active_tasks`.
    fn as_task(&self) -> Value {
        let mut task = self.progress.lock().info();
        let more = json!({
            "type": "replication", "replication_id": self.spec.name(), "doc_id": self.doc, "continuous": self.spec.continuous,
            "source": self.spec.source.shown(), "target": self.spec.target.shown(), "node": "nonode@nohost", "pid": "<0.1.0>",
            "database": self.doc.as_ref().map(|_| "_replicator"),
        });
        if let (Some(task), Some(more)) = (task.as_object_mut(), more.as_object()) {
            task.extend(more.clone());
        }
        task
    }
}

/// All of them, by the document's id or their own.
#[derive(Default)]
pub(crate) struct Replications {
    pub(super) entries: Mutex<BTreeMap<String, Entry>>,
    /// Documents that ask for nothing that can be done, as `_scheduler/docs` shows them.
    pub(super) failed: Mutex<BTreeMap<String, Value>>,
    pub(super) news: Notify,
}

impl Replications {
    /// The documents of `_replicator` changed.
    pub(crate) fn wake(&self) {
        self.news.notify_one();
    }

    pub(crate) fn active_tasks(&self) -> String {
        let entries = self.entries.lock();
        let rows: Vec<Value> = entries.values().filter(|entry| entry.runs()).map(Entry::as_task).collect();
        Value::Array(rows).to_string()
    }

    pub(super) fn docs(&self) -> Vec<Value> {
        let entries = self.entries.lock();
        let rows = entries.values().filter(|entry| entry.doc.is_some()).map(Entry::as_doc);
        rows.chain(self.failed.lock().values().cloned()).collect()
    }

    pub(super) fn jobs(&self) -> Vec<Value> {
        let entries = self.entries.lock();
        entries.values().filter(|entry| entry.runs()).map(Entry::as_job).collect()
    }

    /// Notes that a document asks for nothing that can be done.
    pub(super) fn fail(&self, doc: &str, asked: &Value, error: &str) {
        let row = json!({
            "database": "_replicator", "doc_id": doc, "id": null, "node": "nonode@nohost", "source": asked["source"],
            "target": asked["target"], "state": "failed", "info": {"error": error}, "error_count": 1, "last_updated": stamp(),
            "start_time": stamp(), "source_proxy": null, "target_proxy": null,
        });
        self.failed.lock().insert(doc.to_owned(), row);
    }

    /// Notes how one stands now.
    pub(super) fn note(&self, key: &str, state: &'static str, error: Option<String>) {
        if let Some(entry) = self.entries.lock().get_mut(key) {
            if error.is_some() {
                entry.errors += 1;
            }
            entry.state = state;
            entry.error = error;
            entry.updated = stamp();
        }
    }

    /// Stops one and forgets it. Whether it was there.
    pub(super) fn stop(&self, key: &str) -> bool {
        self.failed.lock().remove(key);
        let removed = self.entries.lock().remove(key);
        if let Some(task) = removed.as_ref().and_then(|entry| entry.task.as_ref()) {
            task.abort();
        }
        removed.is_some()
    }
}
