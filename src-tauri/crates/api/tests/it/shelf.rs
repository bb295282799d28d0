//! A Backstay with every connector, and tables large enough to page through.

use std::sync::Arc;

use backstay_api::{
    App, AppOptions, Cancel, Connector, Secret,
    secrets::{Backend, FileConfig, KeySource, Preference},
};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::bench::{Bench, InMemory};

/// The connectors of the program and the one in memory.
pub fn connectors(memory: &Arc<InMemory>) -> Vec<Arc<dyn Connector>> {
    let mut all = backstay_registry::connectors();
    all.push(memory.clone());
    all
}

/// With the vault `disk`, and what is under `source` in the scratch folder as the source `notes` of this kind.
pub fn shelf(kind: &str) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let memory = Arc::new(InMemory::default());
    let app = open(dir.path(), &memory);
    let bench = Bench {
        app,
        memory,
        cancel: Cancel::default(),
        dir,
    };
    bench.vault("disk");
    let path = bench.path("source");
    bench.ok(
        "source.add",
        json!({"kind": kind, "name": "notes", "options": {"path": path}, "force": true}),
    );
    bench
}

pub fn open(dir: &std::path::Path, memory: &Arc<InMemory>) -> App {
    App::open(AppOptions {
        home: dir.join("home"),
        connectors: connectors(memory),
        program: "test",
        actor: "tester".to_owned(),
        secrets: Preference {
            backend: Backend::File,
            file: Some(FileConfig {
                path: dir.join("home/secrets.age"),
                key: KeySource::Passphrase(Secret::from_text("opens the file of secrets".to_owned())),
            }),
            ..Preference::default()
        },
    })
    .unwrap()
}

/// A database of `rows` notes whose keys are texts in no order, and a few tables of other forms.
pub fn database(bench: &Bench, rows: u64) -> Connection {
    let db = Connection::open(bench.path("source")).unwrap();
    db.execute_batch(
        "CREATE TABLE notes (id TEXT PRIMARY KEY, title TEXT, size INTEGER, price REAL, body TEXT, done INTEGER, data BLOB);
         CREATE TABLE gaps (n INTEGER PRIMARY KEY, word TEXT);
         CREATE TABLE pairs (a TEXT COLLATE NOCASE, b INTEGER, v TEXT, PRIMARY KEY (a, b DESC)) WITHOUT ROWID;
         CREATE VIEW doubled AS SELECT title, size * 2 AS twice FROM notes WHERE size IS NOT NULL;
         BEGIN;",
    )
    .unwrap();
    for n in 0..i64::try_from(rows).unwrap() {
        let scattered = n.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
        let size = (n % 7 != 0).then(|| i64::try_from(scattered % 1000).unwrap());
        db.execute(
            "INSERT INTO notes VALUES (?1, ?2, ?3, ?4, ?5, ?6, x'89504E47')",
            rusqlite::params![
                format!("{scattered:012x}"),
                format!("Note {n}"),
                size,
                f64::from(u32::try_from(n % 100).unwrap()) / 4.0,
                if n % 500 == 3 {
                    "needle in a Häystack"
                } else {
                    "nothing to see"
                },
                n % 2,
            ],
        )
        .unwrap();
        db.execute(
            "INSERT INTO gaps VALUES (?1, ?2)",
            rusqlite::params![n * 3 + n % 2, format!("w{n}")],
        )
        .unwrap();
        db.execute(
            "INSERT INTO pairs VALUES (?1, ?2, ?3)",
            rusqlite::params![
                format!("{}{}", if n % 2 == 0 { "K" } else { "k" }, n / 10),
                n % 10,
                n.to_string()
            ],
        )
        .unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    db
}

pub fn at(snapshot: &str) -> Value {
    json!({ "snapshot": snapshot })
}

/// Opens a table; `more` is merged into the request.
pub fn table(bench: &Bench, snapshot: &str, collection: &str, more: Value) -> Value {
    let mut request = json!({"at": at(snapshot), "collection": collection});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.ok("listing.open", request)
}

/// Rows of a table.
pub fn rows(bench: &Bench, table: &Value, offset: u64, limit: u64) -> Vec<Value> {
    let reply = bench.ok(
        "listing.rows",
        json!({"listing": table["listing"], "offset": offset, "limit": limit}),
    );
    reply["rows"].as_array().unwrap().clone()
}

pub fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// All ids of a table, page by page of odd sizes.
pub fn all_ids(bench: &Bench, table: &Value) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let page = ids(&rows(bench, table, all.len() as u64, 373));
        if page.is_empty() {
            assert_eq!(all.len() as u64, table["total"].as_u64().unwrap());
            return all;
        }
        all.extend(page);
    }
}
