//! Running a replication: the steps of the protocol, with checkpoints on both ends.

use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::peer::{JobError, Peer};
use super::spec::Spec;

/// Changes a batch has.
const BATCH: usize = 500;

/// What a replication did so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) checked: u64,
    pub(super) missing: u64,
    pub(super) read: u64,
    pub(super) written: u64,
    pub(super) failures: u64,
    pub(super) pending: Option<u64>,
    pub(super) source_seq: Value,
    pub(super) checkpointed: Value,
}

impl Progress {
    /// What `_scheduler` tells of it.
    pub(super) fn info(&self) -> Value {
        json!({
            "revisions_checked": self.checked, "missing_revisions_found": self.missing, "docs_read": self.read,
            "docs_written": self.written, "changes_pending": self.pending, "doc_write_failures": self.failures,
            "bulk_get_attempts": self.read, "bulk_get_docs": self.read,
            "checkpointed_source_seq": self.checkpointed, "source_seq": self.source_seq, "through_seq": self.source_seq,
        })
    }
}

#[derive(Deserialize)]
struct Changes {
    results: Vec<Row>,
    last_seq: Value,
    #[serde(default)]
    pending: Option<u64>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    changes: Vec<Leaf>,
}

#[derive(Deserialize)]
struct Leaf {
    rev: String,
}

#[derive(Deserialize)]
struct Got {
    results: Vec<GotDoc>,
}

#[derive(Deserialize)]
struct GotDoc {
    docs: Vec<GotLeaf>,
}

#[derive(Deserialize)]
struct GotLeaf {
    ok: Option<Box<RawValue>>,
}

/// One running replication.
pub(super) struct Job {
    spec: Spec,
    progress: Arc<Mutex<Progress>>,
    session: String,
    started: String,
    /// The checkpoints as they are on source and target.
    logs: [Value; 2],
    from: Value,
}

fn now() -> String {
    chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Job {
    pub(super) fn new(spec: Spec, progress: Arc<Mutex<Progress>>) -> Self {
        Self {
            spec,
            progress,
            session: uuid::Uuid::new_v4().simple().to_string(),
            started: now(),
            logs: [Value::Null, Value::Null],
            from: json!(0),
        }
    }

    /// Replicates what is there; a continuous one goes on until it is stopped.
    pub(super) async fn run(mut self) -> Result<Value, JobError> {
        self.spec.source.open(false).await?;
        self.spec.target.open(self.spec.create_target).await?;
        self.from = self.read_checkpoints().await?;
        if let Some(since) = &self.spec.since {
            self.from = since.clone();
        }
        let mut since = self.from.clone();
        loop {
            let changes = self.changes(&since).await?;
            let last = changes.last_seq.clone();
            let full = changes.results.len() >= BATCH;
            {
                let mut progress = self.progress.lock();
                progress.pending = changes.pending;
                progress.source_seq = last.clone();
            }
            if !changes.results.is_empty() {
                self.batch(changes.results).await?;
                self.write_checkpoints(&last).await?;
            }
            since = last;
            if !full && !self.spec.continuous {
                break;
            }
        }
        Ok(self.report(&since))
    }

    async fn changes(&self, since: &Value) -> Result<Changes, JobError> {
        let since = since.as_str().map_or_else(|| since.to_string(), str::to_owned);
        let since = percent_encoding::utf8_percent_encode(&since, percent_encoding::NON_ALPHANUMERIC).to_string();
        let style = if self.spec.winning_revs_only {
            "main_only"
        } else {
            "all_docs"
        };
        let mut path = format!("/_changes?style={style}&limit={BATCH}&since={since}");
        if self.spec.continuous {
            path.push_str("&feed=longpoll&timeout=10000");
        }
        let answer = match (&self.spec.doc_ids, &self.spec.selector) {
            (Some(ids), _) => {
                path.push_str("&filter=_doc_ids");
                self.spec.source.post(&path, json!({"doc_ids": ids}).to_string()).await?
            }
            (None, Some(selector)) => {
                path.push_str("&filter=_selector");
                self.spec
                    .source
                    .post(&path, json!({"selector": selector}).to_string())
                    .await?
            }
            (None, None) => self.spec.source.get(&path).await?,
        };
        garbled(serde_json::from_str(&answer.good()?.text))
    }

    /// Asks the target what it lacks, fetches that and stores it.
    async fn batch(&self, rows: Vec<Row>) -> Result<(), JobError> {
        let mut asked = serde_json::Map::new();
        let mut checked = 0;
        for row in rows {
            let revs: Vec<Value> = row.changes.into_iter().map(|leaf| leaf.rev.into()).collect();
            checked += revs.len() as u64;
            asked.insert(row.id, revs.into());
        }
        let answer = self.spec.target.post("/_revs_diff", Value::Object(asked).to_string()).await?;
        let diff: serde_json::Map<String, Value> = garbled(serde_json::from_str(&answer.good()?.text))?;
        let mut wanted: Vec<(String, String)> = Vec::new();
        for (id, missing) in &diff {
            for rev in missing["missing"].as_array().into_iter().flatten() {
                wanted.push((id.clone(), rev.as_str().unwrap_or_default().to_owned()));
            }
        }
        {
            let mut progress = self.progress.lock();
            progress.checked += checked;
            progress.missing += wanted.len() as u64;
        }
        for part in wanted.chunks(100) {
            let docs = self.fetch(part).await?;
            self.progress.lock().read += docs.len() as u64;
            self.store(&docs).await?;
        }
        Ok(())
    }

    async fn fetch(&self, wanted: &[(String, String)]) -> Result<Vec<Box<RawValue>>, JobError> {
        let docs: Vec<Value> = wanted.iter().map(|(id, rev)| json!({"id": id, "rev": rev})).collect();
        let path = "/_bulk_get?revs=true&latest=true&attachments=true";
        let answer = self.spec.source.post(path, json!({"docs": docs}).to_string()).await?;
        if answer.status == 404 || answer.status == 405 {
            return self.fetch_one_by_one(wanted).await;
        }
        let got: Got = garbled(serde_json::from_str(&answer.good()?.text))?;
        let leaves = got.results.into_iter().flat_map(|one| one.docs);
        Ok(leaves.filter_map(|leaf| leaf.ok).collect())
    }

    async fn fetch_one_by_one(&self, wanted: &[(String, String)]) -> Result<Vec<Box<RawValue>>, JobError> {
        let mut docs = Vec::new();
        for (id, rev) in wanted {
            let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
            let path = format!("/{id}?revs=true&latest=true&attachments=true&open_revs=[%22{rev}%22]");
            let answer = self.spec.source.get(&path).await?.good()?;
            let leaves: Vec<GotLeaf> = garbled(serde_json::from_str(&answer.text))?;
            docs.extend(leaves.into_iter().filter_map(|leaf| leaf.ok));
        }
        Ok(docs)
    }

    async fn store(&self, docs: &[Box<RawValue>]) -> Result<(), JobError> {
        if docs.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = docs.iter().map(|doc| doc.get()).collect();
        let body = format!("{{\"new_edits\":false,\"docs\":[{}]}}", texts.join(","));
        let refused = self.spec.target.post("/_bulk_docs", body).await?.good()?.json()?;
        let failures = refused.as_array().map_or(0, Vec::len) as u64;
        let mut progress = self.progress.lock();
        progress.failures += failures;
        progress.written += docs.len() as u64 - failures;
        Ok(())
    }

    fn checkpoint_path(&self) -> String {
        format!("/_local/{}", self.spec.id)
    }

    /// Where both ends say the last session ended.
    async fn read_checkpoints(&mut self) -> Result<Value, JobError> {
        if !self.spec.use_checkpoints {
            return Ok(json!(0));
        }
        let path = self.checkpoint_path();
        for (at, peer) in [&self.spec.source, &self.spec.target].into_iter().enumerate() {
            let answer = peer.get(&path).await?;
            self.logs[at] = if answer.ok() { answer.json()? } else { Value::Null };
        }
        let [source, target] = &self.logs;
        if source["session_id"].is_string() && source["session_id"] == target["session_id"] {
            return Ok(source["source_last_seq"].clone());
        }
        // The newest session both know.
        let histories = |log: &Value| log["history"].as_array().cloned().unwrap_or_default();
        let known = histories(target);
        let shared = histories(source)
            .into_iter()
            .find(|one| known.iter().any(|other| other["session_id"] == one["session_id"]));
        Ok(shared.map_or(json!(0), |one| one["recorded_seq"].clone()))
    }

    async fn write_checkpoints(&mut self, seq: &Value) -> Result<(), JobError> {
        if !self.spec.use_checkpoints {
            return Ok(());
        }
        let path = self.checkpoint_path();
        let report = self.report(seq);
        for at in 0..2 {
            let peer: &Peer = if at == 0 { &self.spec.source } else { &self.spec.target };
            let mut log = report.clone();
            if let Some(rev) = self.logs[at].get("_rev") {
                log["_rev"] = rev.clone();
            }
            let stored = peer.send(Method::PUT, &path, Some(log.to_string())).await?;
            // A source that may only be read keeps no checkpoint; the next run begins anew.
            if stored.ok() {
                let rev = stored.json()?["rev"].clone();
                log["_rev"] = rev;
                self.logs[at] = log;
            }
        }
        self.progress.lock().checkpointed = seq.clone();
        Ok(())
    }

    /// The session and its history, as it is answered and kept.
    fn report(&self, seq: &Value) -> Value {
        let progress = self.progress.lock().clone();
        let entry = json!({
            "session_id": self.session, "start_time": self.started, "end_time": now(), "start_last_seq": self.from,
            "end_last_seq": seq, "recorded_seq": seq, "missing_checked": progress.checked, "missing_found": progress.missing,
            "docs_read": progress.read, "docs_written": progress.written, "doc_write_failures": progress.failures,
            "bulk_get_attempts": progress.read, "bulk_get_docs": progress.read,
        });
        let mut history = vec![entry];
        let older = self.logs[0]["history"].as_array().into_iter().flatten();
        history.extend(
            older
                .filter(|one| one["session_id"] != self.session.as_str())
                .take(49)
                .cloned(),
        );
        json!({
            "session_id": self.session, "source_last_seq": seq, "replication_id_version": 4, "history": history,
        })
    }
}

fn garbled<T>(read: serde_json::Result<T>) -> Result<T, JobError> {
    read.map_err(|error| JobError::Garbled {
        reason: error.to_string(),
    })
}
