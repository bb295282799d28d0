//! Full and read-only disks, busy and damaged databases, files of others.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use backstay_journal::{Home, Journal, JournalError};
use backstay_model::ErrorKind;
use rusqlite::Connection;

use crate::{Place, at, case, new_source};

/// Runs [`on_disk`] in a small filesystem of its own that nobody else sees; needs the right to mount.
fn with_disk(name: &str, options: &str) {
    let dir = tempfile::tempdir().unwrap();
    let script = format!("mount -t tmpfs -o {options} tmpfs \"$1\" || exit 77; exec \"$0\" --exact faults::on_disk --nocapture");
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .arg(dir.path());
    let out = match command
        .env("BACKSTAY_TEST_CASE", format!("{name}:{}", dir.path().display()))
        .output()
    {
        Ok(out) if out.status.code() != Some(77) && out.status.code() != Some(1) => out,
        other => return eprintln!("SKIPPED: cannot mount a filesystem for this test: {other:?}"),
    };
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.status.success() && text.contains("DISK DONE"), "{text}");
}

#[test]
fn on_disk() {
    let Some(case) = case("faults::on_disk") else { return };
    let (name, dir) = case.split_once(':').unwrap();
    match name {
        "fills" => fills(Path::new(dir)),
        "is full" => is_full(Path::new(dir)),
        "read-only" => read_only(Path::new(dir)),
        other => panic!("{other}"),
    }
    println!("DISK DONE");
}

fn fills(dir: &Path) {
    let ballast = dir.join("ballast");
    fs::write(&ballast, vec![1; 400_000]).unwrap();
    let home = Home::create(dir.join("home")).unwrap();
    let journal = Journal::open(&home).unwrap();
    let mut added = 0;
    let error = loop {
        match journal.sources().add(&new_source(&format!("s{added}")), at(0)) {
            Ok(_) => added += 1,
            Err(error) => break error,
        }
        assert!(added < 100_000, "the disk never filled");
    };
    assert!(matches!(error, JournalError::Full { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Full);
    assert_eq!(
        journal.sources().list().unwrap().len(),
        added,
        "what was acknowledged is there, no more"
    );
    fs::remove_file(ballast).unwrap();
    journal.sources().add(&new_source("after"), at(0)).unwrap();
    journal.check().unwrap();
    drop(journal);
    assert_eq!(Journal::open(&home).unwrap().sources().list().unwrap().len(), added + 1);
}

fn is_full(dir: &Path) {
    let home = Home::create(dir.join("home")).unwrap();
    let mut ballast = vec![1; 1 << 20];
    while fs::write(dir.join("ballast"), &ballast).is_err() {
        ballast.truncate(ballast.len() - 4096);
    }
    let error = Journal::open(&home).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full, "{error:?}");
    fs::remove_file(dir.join("ballast")).unwrap();
    Journal::open(&home).unwrap();
}

fn read_only(dir: &Path) {
    let home = Home::create(dir.join("home")).unwrap();
    Journal::open(&home).unwrap().sources().add(&new_source("a"), at(0)).unwrap();
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(dir).status().unwrap();
    assert!(remounted.success());
    let error = Journal::open(&home).unwrap_err();
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    let error = Home::create(dir.join("other")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth, "{error:?}");
}

#[test]
fn a_disk_that_fills_up() {
    with_disk("fills", "size=1m");
}

#[test]
fn a_disk_that_is_full() {
    with_disk("is full", "size=512k");
}

#[test]
fn a_read_only_disk() {
    with_disk("read-only", "size=4m");
}

#[test]
fn a_busy_database_is_waited_for_then_said() {
    let place = Place::make();
    let journal = Journal::open_patient(&place.home, Duration::from_millis(100)).unwrap();
    let other = Connection::open(place.home.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = journal.sources().add(&new_source("a"), at(0)).unwrap_err();
    assert!(matches!(error, JournalError::Busy { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(journal.sources().list().unwrap().is_empty(), "reading goes on");
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| place.journal.sources().add(&new_source("b"), at(0)).map(drop));
        std::thread::sleep(Duration::from_millis(100));
        other.execute_batch("COMMIT").unwrap();
        waits.join().unwrap().unwrap();
    });
}

#[test]
fn damage_is_found_and_nothing_is_touched() {
    let place = Place::make();
    for number in 0..200 {
        place
            .journal
            .sources()
            .add(&new_source(&format!("s{number}")), at(number))
            .unwrap();
    }
    let path = place.home.database();
    drop(place.journal);
    let good = fs::read(&path).unwrap();
    let mut cases = vec![
        (
            "not SQLite",
            b"hello, I am a text file that is longer than a hundred bytes; really it is, you may count them all one by one"
                .to_vec(),
        ),
        ("short", good[..60].to_vec()),
        ("cut in the middle", good[..good.len() / 2].to_vec()),
        ("zeros", vec![0; good.len()]),
    ];
    for page in 1..good.len() / 4096 {
        let mut bad = good.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xa5);
        cases.push(("a page of rubbish", bad));
    }
    for (what, bytes) in cases {
        fs::write(&path, &bytes).unwrap();
        let error = Journal::open(&place.home).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "{what}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(error.to_string().contains("Move it away"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: left as it is");
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(Journal::open(&place.home).unwrap().sources().list().unwrap().len(), 200);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    let other = Connection::open(home.database()).unwrap();
    other.execute_batch("CREATE TABLE letters (x)").unwrap();
    drop(other);
    let before = fs::read(home.database()).unwrap();
    let error = Journal::open(&home).unwrap_err();
    assert!(matches!(error, JournalError::NotOurs { .. }), "{error:?}");
    assert_eq!(fs::read(home.database()).unwrap(), before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else was made");
}

#[test]
fn a_home_that_is_no_directory() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    for path in ["file", "file/below"] {
        let error = Home::create(dir.path().join(path)).unwrap_err();
        assert!(matches!(error, JournalError::Home { .. }), "{error:?}");
    }
    fs::create_dir(dir.path().join("state.db")).unwrap();
    assert!(Journal::open(&Home::create(dir.path()).unwrap()).is_err());
}

#[test]
fn an_empty_file_is_a_crash_at_the_very_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::create(dir.path()).unwrap();
    fs::write(home.database(), b"").unwrap();
    drop(Journal::open(&home).unwrap());
    fs::remove_file(home.database()).unwrap();
    // Killed after the switch to a write-ahead log, before the first version.
    let bare = Connection::open(home.database()).unwrap();
    bare.execute_batch("PRAGMA journal_mode = wal; PRAGMA application_id = 7; PRAGMA application_id = 0")
        .unwrap();
    drop(bare);
    Journal::open(&home).unwrap().sources().add(&new_source("a"), at(0)).unwrap();
}
