//! What the tests share: sources, runs, databases.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use backstay_model::{RawJson, Record, SnapshotMeta, Verdict};
use backstay_source::{Connector, Outcome, RecordView, Result, Source, SourceConfig};
use backstay_source_kit::{DirSink, NoSecrets, Taken};
use backstay_sqlite::Sqlite;
use chrono::Utc;
use rusqlite::Connection;
use serde_json::json;

pub fn source(path: &Path) -> Arc<dyn Source> {
    source_with(path, json!({}))
}

pub fn source_with(path: &Path, mut more: serde_json::Value) -> Arc<dyn Source> {
    more["path"] = json!(path.to_str().unwrap());
    if more.get("wait").is_none() {
        more["wait"] = json!("10");
    }
    let config = SourceConfig {
        id: "s".into(),
        name: "test".into(),
        options: more,
    };
    Sqlite.open(&config, &NoSecrets).unwrap()
}

/// A backup run without history.
pub fn backup(source: &dyn Source) -> (Taken, Result<Outcome>) {
    backup_after(source, None, None)
}

/// A backup run after another.
pub fn backup_after(source: &dyn Source, before: Option<Arc<Taken>>, cursor: Option<&RawJson>) -> (Taken, Result<Outcome>) {
    let sink = before.map_or_else(DirSink::new, DirSink::after);
    let outcome = source.changes(cursor, &sink);
    let taken = sink.finish();
    assert_eq!(taken.breaches, Vec::<String>::new());
    (taken, outcome)
}

/// The rows of what a run stored.
pub fn stored(taken: Taken, outcome: &Outcome) -> Box<dyn RecordView> {
    Sqlite.stored_records(Arc::new(taken), &meta(outcome)).unwrap().unwrap()
}

pub fn meta(outcome: &Outcome) -> SnapshotMeta {
    SnapshotMeta {
        format_version: 1,
        program: "test".into(),
        source_id: "s".into(),
        source_name: "test".into(),
        source_kind: "sqlite".into(),
        connector_version: 1,
        api_version: None,
        started: Utc::now(),
        finished: Utc::now(),
        verdict: Verdict::Complete,
        gaps: vec![],
        collections: vec![],
        files: 0,
        file_bytes: 0,
        assets: 0,
        workspaces: vec![],
        cursor: outcome.cursor.clone(),
        audit_head: None,
        extra: BTreeMap::new(),
    }
}

/// A new database with this content.
pub fn database(path: &Path, sql: &str) -> Connection {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).unwrap();
    }
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(sql).unwrap();
    conn
}

/// Waits until the times of a database's files prove that nothing was written since.
pub fn settle() {
    std::thread::sleep(Duration::from_millis(80));
}

/// Every file below `dir` with its content.
pub fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(tree(&path));
        } else {
            out.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    out
}

/// Opens what a run stored as a database.
pub fn stored_database(taken: &Taken, path: &str, dir: &Path) -> Connection {
    let bytes = taken.bytes(path).unwrap().expect("stored");
    let file = tempfile::Builder::new().tempfile_in(dir).unwrap();
    let (_, name) = file.keep().unwrap();
    fs::write(&name, bytes).unwrap();
    Connection::open(&name).unwrap()
}

pub fn integrity(conn: &Connection) -> String {
    conn.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap()
}

pub fn all(view: &dyn RecordView, collection: &str) -> Vec<Record> {
    view.scan(collection, None).unwrap().map(|r| r.unwrap()).collect()
}

pub fn json_of(record: &Record) -> String {
    String::from_utf8(record.data.as_bytes().to_vec()).unwrap()
}
