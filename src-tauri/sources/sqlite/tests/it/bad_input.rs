//! What is no database, a broken one, or out of reach.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, Connector, SourceConfig};
use backstay_source_kit::NoSecrets;
use serde_json::json;

use crate::kit::{backup, database, settle, source, source_with};

fn fails(path: &Path) -> (ErrorKind, String) {
    let (taken, outcome) = backup(&*source(path));
    let error = outcome.unwrap_err();
    assert!(taken.paths().is_empty());
    (error.kind, error.to_string())
}

fn sample(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("a.db");
    drop(database(
        &path,
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t(b);
         WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000)
         INSERT INTO t SELECT x, hex(randomblob(20)) FROM c;",
    ));
    path
}

#[test]
fn each_kind_of_bad_file_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    let cases: [(&str, Vec<u8>); 3] = [
        ("empty", vec![]),
        ("not a SQLite database", b"hello ".repeat(1000)),
        ("encrypted", {
            let mut state = 1u64;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state as u8
            };
            (0..8192).map(|_| next()).collect()
        }),
    ];
    for (word, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        let (kind, text) = fails(&path);
        assert_eq!(kind, ErrorKind::Damaged);
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn a_truncated_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let size = fs::metadata(&path).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(size / 2)
        .unwrap();
    let (kind, text) = fails(&path);
    assert_eq!(kind, ErrorKind::Damaged);
    assert!(text.contains("truncated"), "{text}");
}

#[test]
fn a_damaged_page_is_found_before_anything_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    for at_rest in [false, true] {
        let path = sample(dir.path());
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(5 * 4096)).unwrap();
        file.write_all(&[0xA5; 3000]).unwrap();
        drop(file);
        if at_rest {
            settle();
        }
        let (kind, text) = fails(&path);
        assert_eq!(kind, ErrorKind::Damaged);
        assert!(text.contains("damaged"), "{text}");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn an_index_that_lies_is_found_by_the_full_check() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let conn = database(
        &path,
        "CREATE TABLE t(a, b); CREATE INDEX i ON t(b); INSERT INTO t VALUES (1, 'x'), (2, 'y');",
    );
    conn.execute_batch("PRAGMA writable_schema=1; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t(a)' WHERE name = 'i';")
        .unwrap();
    drop(conn);
    assert!(backup(&*source(&path)).1.is_ok(), "quick does not look at indexes");
    let (_, outcome) = backup(&*source_with(&path, json!({"integrity": "full"})));
    assert_eq!(outcome.unwrap_err().kind, ErrorKind::Damaged);
}

#[test]
fn a_missing_path_and_bad_settings() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("gone");
    assert_eq!(fails(&gone).0, ErrorKind::NotFound);
    assert_eq!(source(&gone).probe(&Cancel::default()).unwrap_err().kind, ErrorKind::NotFound);
    for options in [
        json!({}),
        json!({"path": "x", "integrity": "maybe"}),
        json!({"path": "x", "exclude": "["}),
        json!({"path": "x", "wait": "soon"}),
    ] {
        let config = SourceConfig {
            id: "s".into(),
            name: "n".into(),
            options,
        };
        assert_eq!(
            backstay_sqlite::Sqlite.open(&config, &NoSecrets).err().unwrap().kind,
            ErrorKind::Usage
        );
    }
}

#[test]
fn a_temporary_folder_that_is_gone_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let _conn = database(&path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a);");
    let (_, outcome) = backup(&*source_with(&path, json!({"temp-dir": "/nowhere/at/all"})));
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    assert!(error.subject.contains("nowhere"), "{error}");
}

#[test]
fn cancelling_stops() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(dir.path());
    let cancel = Cancel::default();
    cancel.cancel();
    let sink = backstay_source_kit::DirSink::new().with_cancel(cancel);
    assert_eq!(source(&path).changes(None, &sink).unwrap_err().kind, ErrorKind::Cancelled);
}

#[test]
fn probing_tells_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    fs::write(dir.path().join("b.db"), "no").unwrap();
    let probe = source(dir.path()).probe(&Cancel::default()).unwrap();
    assert_eq!(probe.found.len(), 1);
    assert!(probe.found[0].starts_with("a.db ("), "{:?}", probe.found);
    assert_eq!(probe.warnings.len(), 1);
    assert_eq!(probe.bytes, Some(fs::metadata(dir.path().join("a.db")).unwrap().len()));
}
