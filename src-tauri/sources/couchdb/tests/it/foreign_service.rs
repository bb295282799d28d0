//! Files from and for the real couchbackup, at a strict CouchDB stand-in: the same revisions and bodies on both ways.

use std::{collections::BTreeMap, fs, path::Path};

use backstay_couchdb::CouchDb;
use backstay_couchdb_standin::{Config, Standin};
use backstay_source::{Cancel, Connector as _};
use backstay_source_kit::Taken;
use backstay_test_services::{couchbackup, couchrestore};
use serde_json::{Value, json};

use crate::{
    foreign::{read, value},
    foreign_write::{State, format},
    support::Http,
};

/// A server everyone may use, with a database that has everything a database can have.
fn server() -> (Standin, Http) {
    let config = Config {
        admins: BTreeMap::new(),
        ..Config::default()
    };
    let server = Standin::start(config).unwrap();
    let http = Http::at(&server.url());
    http.make("shop");
    let history = |start: u32, ids: &[&str]| json!({"start": start, "ids": ids});
    let att = |text: &str| json!({"f.txt": {"content_type": "text/plain", "data": text}, "ü b": {"content_type": "x/y", "data": "AAEC/w=="}});
    let docs = json!([
        {"_id": "plain", "_rev": "1-a", "n": 1.5, "text": "Zeile\nmit \"Zeichen\" \u{2028}"},
        {"_id": "conflict", "_rev": "2-b", "_revisions": history(2, &["b", "r"]), "side": "b", "_attachments": att("aGVsbG8=")},
        {"_id": "conflict", "_rev": "2-a", "_revisions": history(2, &["a", "r"]), "side": "a", "_attachments": att("d29ybGQ=")},
        {"_id": "conflict", "_rev": "3-d", "_revisions": history(3, &["d", "c", "r"]), "_deleted": true},
        {"_id": "gone", "_rev": "2-g", "_revisions": history(2, &["g", "f"]), "_deleted": true},
        {"_id": "_design/views", "_rev": "1-v", "views": {"all": {"map": "function (doc) { emit(doc._id); }"}}},
    ]);
    http.post("shop/_bulk_docs", json!({"new_edits": false, "docs": docs}));
    let many: Vec<Value> = (0..1300).map(|n| json!({"_id": format!("many{n:04}"), "n": n})).collect();
    http.post("shop/_bulk_docs", json!({"docs": many}));
    (server, http)
}

/// Bodies of all leaves, with the digests of their attachments.
fn bodies(http: &Http, database: &str) -> BTreeMap<(String, String), Value> {
    let mut all = BTreeMap::new();
    for (id, revs) in http.leaves(database) {
        let docs: Vec<Value> = revs.iter().map(|rev| json!({"id": id, "rev": rev})).collect();
        let answer = http.post(&format!("{database}/_bulk_get?revs=true"), json!({"docs": docs}));
        for doc in answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|result| result["docs"].as_array().unwrap())
        {
            let doc = doc["ok"].clone();
            all.insert((id.clone(), doc["_rev"].as_str().unwrap().to_owned()), doc);
        }
    }
    all
}

fn write(taken: Taken, attachments: bool, to: &Path) {
    let state = State(taken);
    let collections: Vec<String> = state.0.collections.keys().cloned().collect();
    let mut out = Vec::new();
    let files = CouchDb.foreign().unwrap();
    files
        .write(
            format("couchbackup", attachments),
            &state,
            &collections,
            &mut out,
            &Cancel::default(),
        )
        .unwrap();
    fs::write(to, out).unwrap();
}

#[test]
fn what_couchbackup_wrote_is_read_and_what_is_written_it_restores() {
    let (server, http) = server();
    let dir = tempfile::tempdir().unwrap();
    let theirs = dir.path().join("shop.txt");
    let ran = couchbackup(&server.url(), "shop", &theirs, &["--attachments"]).unwrap();
    assert!(ran.ok(), "{ran:?}");
    let taken = read(&theirs).unwrap();
    assert!(taken.gaps.is_empty(), "{:?}", taken.gaps);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in taken.collections.values().flat_map(|collection| collection.records.values()) {
        let text = value(record);
        let others = ["_conflicts", "_deleted_conflicts"]
            .iter()
            .filter_map(|name| text[*name].as_array())
            .flatten();
        let mut revs: Vec<String> = others
            .chain([&text])
            .map(|leaf| leaf["_rev"].as_str().unwrap().to_owned())
            .collect();
        revs.sort();
        found.insert(record.id.clone(), revs);
    }
    assert_eq!(found, http.leaves("shop"));

    let ours = dir.path().join("ours.txt");
    write(taken, true, &ours);
    http.make("again");
    let ran = couchrestore(&server.url(), "again", &ours, &["--attachments"]).unwrap();
    assert!(ran.ok(), "{ran:?}");
    assert_eq!(http.leaves("again"), http.leaves("shop"));
    assert_eq!(bodies(&http, "again"), bodies(&http, "shop"));
    assert_eq!(http.bytes(&["again", "conflict", "f.txt"]), b"hello");
    assert_eq!(http.bytes(&["again", "conflict", "ü b"]), [0, 1, 2, 255]);
}

#[test]
fn a_file_without_attachments_restores_where_couchbackups_own_does_not() {
    let (server, http) = server();
    let dir = tempfile::tempdir().unwrap();
    let theirs = dir.path().join("shop.txt");
    let ran = couchbackup(&server.url(), "shop", &theirs, &[]).unwrap();
    assert!(ran.ok(), "{ran:?}");
    http.make("lost");
    assert!(
        !couchrestore(&server.url(), "lost", &theirs, &[]).unwrap().ok(),
        "stubs cannot be restored"
    );
    let taken = read(&theirs).unwrap();
    let mut named: Vec<&str> = taken.gaps.iter().map(|gap| gap.subject.as_str()).collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "shop/conflict/f.txt",
            "shop/conflict/f.txt",
            "shop/conflict/ü b",
            "shop/conflict/ü b"
        ]
    );
    assert!(taken.gaps.iter().all(|gap| gap.message.contains("couchbackup left it out")));
    let ours = dir.path().join("ours.txt");
    write(taken, false, &ours);
    http.make("again");
    let ran = couchrestore(&server.url(), "again", &ours, &[]).unwrap();
    assert!(ran.ok(), "{ran:?}");
    assert_eq!(http.leaves("again"), http.leaves("shop"));
}

#[test]
fn shallow_files_of_couchbackup_hold_what_the_database_shows() {
    let (server, http) = server();
    let dir = tempfile::tempdir().unwrap();
    let theirs = dir.path().join("shop.txt");
    let ran = couchbackup(&server.url(), "shop", &theirs, &["--mode", "shallow", "--attachments"]).unwrap();
    assert!(ran.ok(), "{ran:?}");
    let taken = read(&theirs).unwrap();
    let shown = http.get("shop/_all_docs")["total_rows"].as_u64().unwrap();
    let found: usize = taken.collections.values().map(|collection| collection.records.len()).sum();
    assert_eq!(found as u64, shown);
    assert_eq!(taken.collections["shop"].records["conflict"].rev.as_deref(), Some("2-b"));
}
