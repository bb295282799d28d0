//! Backup runs: what is stored, what is told about it, what is left alone.

use std::{fs, sync::Arc};

use backstay_model::{ErrorKind, FileKind};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::kit::{backup, backup_after, database, integrity, settle, source, source_with, stored_database, tree};

#[test]
fn one_file_at_rest_is_stored_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.db");
    drop(database(
        &path,
        "CREATE TABLE t(a); INSERT INTO t VALUES (1); PRAGMA user_version=7;",
    ));
    let before = tree(dir.path());
    let (taken, outcome) = backup(&*source_with(&path, json!({"user-id": "anna"})));
    outcome.unwrap();
    assert_eq!(
        tree(dir.path()),
        before,
        "the source is as it was, and no file was left beside it"
    );
    assert_eq!(taken.paths(), ["notes.db"]);
    let bytes = taken.bytes("notes.db").unwrap().unwrap();
    assert_eq!(bytes, fs::read(&path).unwrap());
    let meta = &taken.workspaces[0];
    assert_eq!(meta.instance_id, "notes");
    assert_eq!(meta.user_id.as_deref(), Some("anna"));
    assert_eq!(meta.database_size, bytes.len() as u64);
    assert_eq!(meta.backup_type, "full");
    assert_eq!(meta.version, "7");
    assert_eq!(meta.checksum, format!("sha256:{}", hex::encode(Sha256::digest(&bytes))));
    assert_eq!(meta.path, "notes.db");
}

#[test]
fn unchanged_databases_are_kept_without_being_read() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a.db"), dir.path().join("b.db"));
    drop(database(&a, "CREATE TABLE t(a)"));
    let conn = database(&b, "CREATE TABLE t(a)");
    settle();
    let source = source(dir.path());
    let (first, outcome) = backup(&*source);
    let outcome = outcome.unwrap();
    conn.execute_batch("INSERT INTO t VALUES (1)").unwrap();
    let (second, outcome) = backup_after(&*source, Some(Arc::new(first.clone())), outcome.cursor.as_ref());
    outcome.unwrap();
    assert!(second.kept.contains("a.db") && !second.kept.contains("b.db"));
    let kind = |path: &str| second.workspaces.iter().find(|w| w.path == path).unwrap().backup_type.clone();
    assert_eq!((kind("a.db").as_str(), kind("b.db").as_str()), ("unchanged", "full"));
    assert_eq!(second.paths(), ["a.db", "b.db"]);
    let checksum = |w: &backstay_source_kit::Taken| w.workspaces.iter().find(|w| w.path == "a.db").unwrap().checksum.clone();
    assert_eq!(checksum(&first), checksum(&second));
}

#[test]
fn a_database_written_to_a_moment_ago_is_not_trusted_to_be_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    drop(database(&path, "CREATE TABLE t(a)"));
    let source = source(&path);
    let (first, outcome) = backup(&*source);
    let (second, _) = backup_after(&*source, Some(Arc::new(first)), outcome.unwrap().cursor.as_ref());
    assert!(second.kept.is_empty());
}

#[test]
fn what_is_only_in_the_log_is_in_the_copy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("live.db");
    let conn = database(
        &path,
        "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a); INSERT INTO t VALUES ('in the log');",
    );
    let names = |dir| tree(dir).into_keys().collect::<Vec<_>>();
    let before = names(dir.path());
    let wal = fs::read(dir.path().join("live.db-wal")).unwrap();
    let main = fs::read(&path).unwrap();
    let (taken, outcome) = backup(&*source(&path));
    outcome.unwrap();
    let copy = stored_database(&taken, "live.db", dir.path());
    assert_eq!(
        copy.query_row("SELECT a FROM t", [], |r| r.get::<_, String>(0)).unwrap(),
        "in the log"
    );
    assert_eq!(integrity(&copy), "ok");
    let mode: String = copy.query_row("PRAGMA journal_mode", [], |r| r.get(0)).unwrap();
    assert_eq!(mode, "delete");
    let copied_name = copy.path().unwrap().to_owned();
    drop(copy);
    fs::remove_file(copied_name).unwrap();
    assert_eq!(names(dir.path()), before);
    assert_eq!(
        fs::read(dir.path().join("live.db-wal")).unwrap(),
        wal,
        "the log was not folded in"
    );
    assert_eq!(fs::read(&path).unwrap(), main);
    drop(conn);
}

#[test]
fn a_closed_wal_database_leaves_no_new_files_and_equals_its_busy_copy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.db");
    let conn = database(&path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1);");
    let (busy, _) = backup(&*source(&path));
    drop(conn);
    settle();
    let before = tree(dir.path());
    assert_eq!(before.len(), 1);
    let (rest, outcome) = backup(&*source(&path));
    outcome.unwrap();
    assert_eq!(tree(dir.path()), before);
    assert_eq!(
        busy.bytes("w.db").unwrap(),
        rest.bytes("w.db").unwrap(),
        "equal content has equal bytes"
    );
}

#[test]
fn a_log_left_by_a_dead_program_is_read_without_touching_it() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live.db");
    let conn = database(
        &live,
        "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a); INSERT INTO t VALUES (5);",
    );
    let dead = dir.path().join("dead");
    fs::create_dir(&dead).unwrap();
    for suffix in ["", "-wal"] {
        fs::copy(format!("{}{suffix}", live.display()), dead.join(format!("d.db{suffix}"))).unwrap();
    }
    drop(conn);
    let before = tree(&dead);
    let (taken, outcome) = backup(&*source(&dead));
    outcome.unwrap();
    assert_eq!(tree(&dead), before);
    let copy = stored_database(&taken, "d.db", dir.path());
    assert_eq!(copy.query_row("SELECT a FROM t", [], |r| r.get::<_, i64>(0)).unwrap(), 5);
}

#[test]
fn discovery_finds_what_is_named_like_a_database_and_names_what_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let at = |p: &str| dir.path().join(p);
    for path in [
        "data/alpha/livestore.db",
        "data/beta/livestore.db",
        "x/notes.sqlite3",
        "y/cache/tmp.db",
    ] {
        drop(database(&at(path), "CREATE TABLE t(a)"));
    }
    fs::write(at("x/fake.db"), "this is not a database, but it has the name of one").unwrap();
    fs::write(at("x/empty.sqlite"), "").unwrap();
    fs::write(at("x/readme.txt"), "SQLite format 3").unwrap();
    let source = source_with(dir.path(), json!({"exclude": "**/cache/*.db"}));
    let (taken, outcome) = backup(&*source);
    outcome.unwrap();
    let files: Vec<_> = taken
        .files()
        .filter(|f| f.entry.kind == FileKind::File)
        .map(|f| f.entry.path.as_str())
        .collect();
    assert_eq!(
        files,
        ["data/alpha/livestore.db", "data/beta/livestore.db", "x/notes.sqlite3"]
    );
    let mut gaps: Vec<_> = taken.gaps.iter().map(|g| (g.subject.as_str(), g.kind)).collect();
    gaps.sort_by_key(|g| g.0);
    assert_eq!(
        gaps,
        [("x/empty.sqlite", ErrorKind::Damaged), ("x/fake.db", ErrorKind::Damaged)]
    );
    let mut ids: Vec<_> = taken.workspaces.iter().map(|w| w.instance_id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["alpha", "beta", "notes"]);
    assert!(taken.left.contains(&"data/alpha".to_owned()));
}

#[test]
fn live_files_hash_as_stored_ones() {
    use backstay_source::{Cancel, FileView};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sub/w.db");
    let conn = database(&path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1);");
    let source = source(dir.path());
    let (taken, _) = backup(&*source);
    let live = source.live_files(&Cancel::default()).unwrap().unwrap();
    let walked: Vec<_> = live.walk(None).unwrap().map(|e| e.unwrap()).collect();
    assert_eq!(
        walked.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(),
        ["sub", "sub/w.db"]
    );
    assert_eq!(walked[1].size, taken.file("sub/w.db").unwrap().entry.size);
    assert_eq!(live.hash("sub/w.db").unwrap(), taken.hash("sub/w.db").unwrap());
    let mut bytes = Vec::new();
    live.open("sub/w.db").unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, taken.bytes("sub/w.db").unwrap().unwrap());
    conn.execute_batch("INSERT INTO t VALUES (2)").unwrap();
    assert_ne!(live.hash("sub/w.db").unwrap(), taken.hash("sub/w.db").unwrap());
    assert!(live.stat("nothing").unwrap().is_none());
}
