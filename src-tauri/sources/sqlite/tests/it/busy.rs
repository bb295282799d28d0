//! Databases other processes write to, hold, or died on.

use std::{fs, path::Path, time::Instant};

use backstay_model::ErrorKind;
use serde_json::json;

use crate::{
    child::{Other, accounts},
    kit::{backup, integrity, source, source_with, stored_database, tree},
};

const ROWS: u32 = 3000;

fn hammer(journal: &str) {
    let dir = tempfile::tempdir().unwrap();
    let copies = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, journal, ROWS);
    let other = Other::start("transfer", &path);
    let source = source_with(&path, json!({"wait": "30"}));
    let mut rounds = Vec::new();
    for _ in 0..20 {
        let (taken, outcome) = backup(&*source);
        outcome.unwrap();
        let copy = stored_database(&taken, "bank.db", copies.path());
        assert_eq!(integrity(&copy), "ok");
        let sum: i64 = copy.query_row("SELECT sum(balance) FROM accounts", [], |r| r.get(0)).unwrap();
        assert_eq!(sum, i64::from(ROWS) * 100, "no transfer was cut in half");
        rounds.push(copy.query_row("SELECT n FROM rounds", [], |r| r.get::<_, i64>(0)).unwrap());
    }
    drop(other);
    assert!(
        rounds.is_sorted() && rounds[0] < rounds[19],
        "the writer was at work all the time: {rounds:?}"
    );
}

#[test]
fn twenty_backups_under_a_heavy_writer_with_a_rollback_journal() {
    hammer("delete");
}

#[test]
fn twenty_backups_under_a_heavy_writer_in_wal_mode() {
    hammer("wal");
}

#[test]
fn a_locked_database_is_a_gap_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    accounts(&dir.path().join("a.db"), "delete", 10);
    accounts(&dir.path().join("b.db"), "delete", 10);
    let other = Other::start("hold exclusive", &dir.path().join("a.db"));
    let start = Instant::now();
    let (taken, outcome) = backup(&*source_with(dir.path(), json!({"wait": "1"})));
    outcome.unwrap();
    assert!(start.elapsed().as_secs() >= 1, "it waited");
    assert_eq!(taken.paths(), ["b.db"]);
    assert_eq!(taken.gaps.len(), 1);
    assert_eq!(
        (taken.gaps[0].subject.as_str(), taken.gaps[0].kind),
        ("a.db", ErrorKind::Locked)
    );
    drop(other);
    let (taken, _) = backup(&*source(dir.path()));
    assert_eq!(taken.paths(), ["a.db", "b.db"]);
}

fn dead(what: &str, journal: &str, rows: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, journal, rows);
    Other::start(what, &path).kill();
    dir
}

fn notes(dir: &Path) -> (i64, i64) {
    let copies = tempfile::tempdir().unwrap();
    let before = tree(dir);
    let (taken, outcome) = backup(&*source(&dir.join("bank.db")));
    outcome.unwrap();
    let after = tree(dir);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let copy = stored_database(&taken, "bank.db", copies.path());
    assert_eq!(integrity(&copy), "ok");
    copy.query_row(
        "SELECT count(*), sum(note = 'committed') FROM accounts WHERE length(note) <> 400",
        [],
        |r| Ok((r.get(0)?, r.get::<_, Option<i64>>(1)?.unwrap_or(0))),
    )
    .unwrap()
}

#[test]
fn a_transaction_cut_in_half_by_a_crash_is_not_in_the_copy() {
    let dir = dead("die writing", "delete", ROWS);
    let journal = fs::metadata(dir.path().join("bank.db-journal")).unwrap().len();
    assert!(journal > 0, "the crash left a hot journal");
    let before = tree(dir.path());
    assert_eq!(notes(dir.path()), (i64::from(ROWS), 0));
    assert_eq!(tree(dir.path()), before, "taken back in our copy, not in the source");
}

#[test]
fn a_transaction_committed_before_a_crash_is_in_the_copy() {
    let dir = dead("die after commit", "wal", 100);
    assert!(fs::metadata(dir.path().join("bank.db-wal")).unwrap().len() > 0);
    let main = fs::read(dir.path().join("bank.db")).unwrap();
    assert_eq!(notes(dir.path()), (100, 100));
    assert_eq!(fs::read(dir.path().join("bank.db")).unwrap(), main);
}
