//! Whole files back into their places.

use std::{fs, io::Cursor, path::Path, process::Stdio, time::Duration};

use backstay_model::{ContentHash, ErrorKind, TargetSpec};
use backstay_source::{Cancel, Expect, FileView, Source};
use backstay_source_kit::Taken;
use rusqlite::Connection;

use crate::{
    child::{Other, accounts},
    kit::{backup, database, integrity, source, tree},
};

fn put(source: &dyn Source, taken: &Taken, path: &str, expect: Expect) -> backstay_source::Result<backstay_source::Written> {
    let mut writer = source.file_writer(&Cancel::default())?;
    let file = taken.file(path).unwrap();
    let written = writer.put(&file.entry, &mut Cursor::new(taken.bytes(path).unwrap().unwrap()), expect)?;
    writer.finish()?;
    Ok(written)
}

fn live_hash(source: &dyn Source, path: &str) -> ContentHash {
    source.live_files(&Cancel::default()).unwrap().unwrap().hash(path).unwrap()
}

fn value(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    assert_eq!(integrity(&conn), "ok");
    conn.query_row("SELECT a FROM t", [], |r| r.get(0)).unwrap()
}

fn two_states(path: &Path, journal: &str) -> Taken {
    let conn = database(
        path,
        &format!("PRAGMA journal_mode={journal}; CREATE TABLE t(a); INSERT INTO t VALUES (1);"),
    );
    let (taken, outcome) = backup(&*source(path));
    outcome.unwrap();
    conn.execute_batch("UPDATE t SET a = 2").unwrap();
    taken
}

#[test]
fn a_file_is_put_back_and_stale_companions_are_gone() {
    for journal in ["delete", "wal"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let taken = two_states(&path, journal);
        let source = source(&path);
        let expect = Expect::Content(live_hash(&*source, "a.db"));
        let written = put(&*source, &taken, "a.db", expect).unwrap();
        assert_eq!(written.hash, Some(taken.hash("a.db").unwrap()));
        assert_eq!(
            tree(dir.path()).into_keys().collect::<Vec<_>>(),
            vec![path.clone()],
            "{journal}"
        );
        assert_eq!(value(&path), 1);
    }
}

#[test]
fn a_log_that_a_dead_program_left_is_not_mixed_into_the_restored_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, "wal", 50);
    let (taken, _) = backup(&*source(&path));
    Other::start("die after commit", &path).kill();
    assert!(fs::metadata(dir.path().join("bank.db-wal")).unwrap().len() > 0);
    let source = source(&path);
    let expect = Expect::Content(live_hash(&*source, "bank.db"));
    put(&*source, &taken, "bank.db", expect).unwrap();
    let conn = Connection::open(&path).unwrap();
    assert_eq!(integrity(&conn), "ok");
    let n: i64 = conn
        .query_row("SELECT count(*) FROM accounts WHERE note = 'committed'", [], |r| r.get(0))
        .unwrap();
    assert_eq!(n, 0);
}

#[test]
fn what_is_not_expected_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let taken = two_states(&path, "delete");
    let source = source(&path);
    let before = tree(dir.path());
    let kind = |expect| put(&*source, &taken, "a.db", expect).unwrap_err().kind;
    assert_eq!(kind(Expect::Absent), ErrorKind::Changed);
    assert_eq!(kind(Expect::Content(ContentHash::of(b"x"))), ErrorKind::Changed);
    assert_eq!(tree(dir.path()), before);
    fs::remove_file(&path).unwrap();
    assert_eq!(kind(Expect::Content(ContentHash::of(b"x"))), ErrorKind::Changed);
    put(&*source, &taken, "a.db", Expect::Absent).unwrap();
    assert_eq!(value(&path), 1);
}

#[test]
fn what_is_no_sound_database_is_refused_before_the_target_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let taken = two_states(&path, "delete");
    let source = source(&path);
    let before = tree(dir.path());
    let expect = Expect::Content(live_hash(&*source, "a.db"));
    let good = taken.bytes("a.db").unwrap().unwrap().to_vec();
    let mut page_gone = good.clone();
    page_gone[4096..4200].fill(0xEE);
    for bad in [b"no database at all".to_vec(), vec![], good[..5000].to_vec(), page_gone] {
        let mut entry = taken.file("a.db").unwrap().entry.clone();
        entry.size = bad.len() as u64;
        let mut writer = source.file_writer(&Cancel::default()).unwrap();
        assert_eq!(
            writer.put(&entry, &mut Cursor::new(bad), expect).unwrap_err().kind,
            ErrorKind::Damaged
        );
        writer.finish().unwrap();
        assert_eq!(tree(dir.path()), before);
    }
    // Less than announced: the reader broke off.
    let mut writer = source.file_writer(&Cancel::default()).unwrap();
    let entry = &taken.file("a.db").unwrap().entry;
    assert!(writer.put(entry, &mut Cursor::new(&good[..4096]), expect).is_err());
    drop(writer);
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    for (journal, what) in [
        ("delete", "hold exclusive"),
        ("delete", "hold read"),
        ("delete", "idle"),
        ("wal", "idle"),
        ("wal", "hold read"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bank.db");
        accounts(&path, journal, 50);
        let (taken, _) = backup(&*source(&path));
        let other = Other::start(what, &path);
        let source = source(&path);
        let error = put(&*source, &taken, "bank.db", Expect::Content(taken.hash("bank.db").unwrap())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Locked, "{journal} {what}: {error}");
        assert!(error.to_string().contains("process"), "{error}");
        assert!(error.hint.unwrap().contains("Close"));
        drop(other);
        let now = live_hash(&*source, "bank.db");
        put(&*source, &taken, "bank.db", Expect::Content(now)).unwrap();
    }
}

#[test]
fn a_damaged_database_can_be_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let taken = two_states(&path, "delete");
    fs::write(&path, "overwritten by something else").unwrap();
    let source = source(&path);
    let live = source.live_files(&Cancel::default()).unwrap().unwrap();
    assert_eq!(live.stat("a.db").unwrap().unwrap().size, 29);
    let expect = Expect::Content(live.hash("a.db").unwrap());
    put(&*source, &taken, "a.db", expect).unwrap();
    assert_eq!(value(&path), 1);
}

#[test]
fn new_places() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let taken = two_states(&path, "delete");
    let one = source(&path);
    for (target, lies_at) in [("new/b.db", "new/b.db"), ("folder", "folder/a.db")] {
        let spec = TargetSpec::New(dir.path().join(target).to_str().unwrap().into());
        let there = one.at(&spec).unwrap();
        assert_eq!(
            there
                .live_files(&Cancel::default())
                .unwrap()
                .unwrap()
                .walk(None)
                .unwrap()
                .count(),
            0
        );
        put(&*there, &taken, "a.db", Expect::Absent).unwrap();
        assert_eq!(value(&dir.path().join(lies_at)), 1);
        // Seen from there, it is the same file.
        let view = there.live_files(&Cancel::default()).unwrap().unwrap();
        assert_eq!(view.hash("a.db").unwrap(), taken.hash("a.db").unwrap());
        assert_eq!(
            put(&*there, &taken, "a.db", Expect::Absent).unwrap_err().kind,
            ErrorKind::Changed
        );
    }
    let folder = dir.path().join("folder");
    let (taken, _) = backup(&*source(&folder));
    let spec = TargetSpec::New(dir.path().join("copy.d").to_str().unwrap().into());
    put(&*source(&folder).at(&spec).unwrap(), &taken, "a.db", Expect::Absent).unwrap();
    assert_eq!(value(&dir.path().join("copy.d/a.db")), 1);
}

#[test]
fn beside_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sub/a.db");
    let taken = two_states(&path, "wal");
    let all = source(dir.path());
    let (folder, _) = backup(&*all);
    let mut writer = all.file_writer(&Cancel::default()).unwrap();
    let mut entry = taken.file("a.db").unwrap().entry.clone();
    entry.path = "sub/a.db".into();
    let bytes = taken.bytes("a.db").unwrap().unwrap();
    let first = writer.put_beside(&entry, &mut Cursor::new(bytes.clone())).unwrap();
    let second = writer.put_beside(&entry, &mut Cursor::new(bytes)).unwrap();
    let (first, second) = (first.new_id.unwrap(), second.new_id.unwrap());
    assert!(first.starts_with("sub/a (restored ") && first.ends_with(".db") && first != second);
    assert_eq!(value(&dir.path().join(&first)), 1);
    assert_eq!(value(&path), 2);
    let expect = Expect::Content(folder.hash("sub/a.db").unwrap());
    assert_eq!(writer.remove(&first, expect).unwrap_err().kind, ErrorKind::Changed);
    writer.remove("sub/a.db", expect).unwrap();
    assert!(!path.exists() && !dir.path().join("sub/a.db-wal").exists());
    for evil in ["../x.db", "/etc/x.db", "sub/../../x.db"] {
        entry.path = evil.into();
        assert!(writer.put(&entry, &mut Cursor::new(vec![]), Expect::Absent).is_err());
    }
}

/// Not a test by itself: a restore that is killed.
#[test]
fn victim() {
    let Ok(path) = std::env::var("BACKSTAY_TEST_VICTIM") else {
        return;
    };
    let path = Path::new(&path);
    let states = [path.with_extension("one"), path.with_extension("two")].map(|p| fs::read(p).unwrap());
    let source = source(path);
    println!("\nREADY");
    for round in 0.. {
        let bytes = &states[round % 2];
        let (taken, _) = backup(&*source);
        let mut entry = taken.file("bank.db").unwrap().entry.clone();
        entry.size = bytes.len() as u64;
        let expect = Expect::Content(taken.hash("bank.db").unwrap());
        let mut writer = source.file_writer(&Cancel::default()).unwrap();
        writer.put(&entry, &mut Cursor::new(bytes), expect).unwrap();
        writer.finish().unwrap();
    }
}

#[test]
fn a_killed_restore_leaves_the_old_or_the_new_database_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, "delete", 2000);
    let sum = |path: &Path| {
        let conn = Connection::open(path).unwrap();
        assert_eq!(integrity(&conn), "ok");
        conn.query_row("SELECT sum(balance) FROM accounts", [], |r| r.get::<_, i64>(0))
            .unwrap()
    };
    fs::copy(&path, path.with_extension("one")).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE accounts SET balance = 7")
        .unwrap();
    fs::copy(&path, path.with_extension("two")).unwrap();
    let (mut seen, mut unfinished) = ([0, 0], 0);
    for round in 0..30u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "restore_files::victim", "--nocapture"])
            .env("BACKSTAY_TEST_VICTIM", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(30 + round * 11 % 120));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was killed, not finished");
        match sum(&path) {
            200_000 => seen[0] += 1,
            14_000 => seen[1] += 1,
            other => panic!("{other}"),
        }
        let left = fs::read_dir(dir.path()).unwrap().flatten();
        unfinished += left
            .filter(|f| f.file_name().to_str().unwrap().starts_with(".backstay-restore-"))
            .count();
    }
    assert!(seen[0] > 0 && seen[1] > 0, "the kills hit before and after: {seen:?}");
    assert!(unfinished > 0, "some kills hit in the middle");
    // The next restore clears what they left.
    let (taken, _) = backup(&*source(&path));
    put(
        &*source(&path),
        &taken,
        "bank.db",
        Expect::Content(taken.hash("bank.db").unwrap()),
    )
    .unwrap();
    let left: Vec<_> = tree(dir.path())
        .into_keys()
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
