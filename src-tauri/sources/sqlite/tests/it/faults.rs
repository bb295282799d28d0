//! Permissions, full disks, read-only places, large databases.

use std::{fs, io::Cursor, path::Path, process::Command};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, Expect};
use serde_json::json;

use crate::{
    child::{Other, accounts},
    kit::{backup, database, source, source_with, tree},
};

fn is_root() -> bool {
    let out = Command::new("id").arg("-u").output().unwrap();
    out.stdout.starts_with(b"0\n")
}

/// What a backup by someone without rights comes to: `complete SUM-OF-BALANCES`, or the class of the error.
fn as_nobody(path: &Path) -> Option<String> {
    let mut command = Other::command("back up", path);
    #[cfg(unix)]
    if is_root() {
        use std::os::unix::process::CommandExt;
        command.uid(65_534).gid(65_534);
    }
    let out = match command.output() {
        Ok(out) => out,
        Err(e) => {
            println!("skipped: the test program cannot be run by another user here ({e})");
            return None;
        }
    };
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find_map(|l| l.split_once("RESULT ")).map(|(_, r)| r.to_owned());
    Some(line.unwrap_or_else(|| panic!("no result: {text}")))
}

fn modes(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn files_that_may_not_be_read_are_named_so() {
    let dir = tempfile::tempdir().unwrap();
    modes(dir.path(), 0o755);
    let path = dir.path().join("bank.db");
    accounts(&path, "delete", 10);
    modes(&path, 0o000);
    if let Some(result) = as_nobody(&path) {
        assert_eq!(result, "Auth");
    }
    if let Some(result) = as_nobody(dir.path()) {
        assert_eq!(result, "Auth", "not one database could be saved");
    }
    modes(&path, 0o600);
}

#[test]
fn databases_in_places_where_nothing_can_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    // At rest in WAL mode; with a log of a living program; with a log of a dead one; after a crash in a transaction.
    for state in ["rest", "living", "dead", "crashed"] {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
        accounts(&path, if state == "crashed" { "delete" } else { "wal" }, 2000);
        let living = match state {
            "living" => Some(Other::start("die after commit", &path)),
            "dead" => {
                Other::start("die after commit", &path).kill();
                None
            }
            "crashed" => {
                Other::start("die writing", &path).kill();
                None
            }
            _ => None,
        };
        for file in fs::read_dir(dir.path()).unwrap().flatten() {
            modes(&file.path(), 0o444);
        }
        modes(dir.path(), 0o555);
        let before = tree(dir.path());
        if let Some(result) = as_nobody(&path) {
            assert_eq!(result, "complete 200000", "{state}");
        }
        assert_eq!(tree(dir.path()), before, "{state}");
        modes(dir.path(), 0o755);
        drop(living);
    }
}

/// A file system of this size in megabytes, gone with the value.
struct Small(tempfile::TempDir);

impl Small {
    fn new(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(dir.path())
            .output();
        if mounted.is_ok_and(|o| o.status.success()) {
            return Some(Self(dir));
        }
        println!("skipped: no small file system can be mounted here");
        None
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_temporary_folder_is_told_with_its_numbers() {
    let Some(small) = Small::new(1) else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let _conn = database(
        &path,
        "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(3000000));",
    );
    let (_, outcome) = backup(&*source_with(&path, json!({"temp-dir": small.0.path().to_str().unwrap()})));
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Full);
    assert!(error.to_string().contains("temporary folder"), "{error}");
    assert_eq!(fs::read_dir(small.0.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_full_disk_leaves_the_old_database_as_it_was() {
    let Some(small) = Small::new(2) else { return };
    let dir = tempfile::tempdir().unwrap();
    let big = dir.path().join("a.db");
    drop(database(
        &big,
        "CREATE TABLE t(a); INSERT INTO t VALUES (randomblob(3000000));",
    ));
    let (taken, _) = backup(&*source(&big));
    let path = small.0.path().join("a.db");
    drop(database(&path, "CREATE TABLE t(a); INSERT INTO t VALUES (1);"));
    let before = tree(small.0.path());
    let there = source(&path);
    let expect = Expect::Content(there.live_files(&Cancel::default()).unwrap().unwrap().hash("a.db").unwrap());
    for claimed in [taken.file("a.db").unwrap().entry.size, 4096] {
        // Once told in advance, once found out while writing.
        let mut entry = taken.file("a.db").unwrap().entry.clone();
        entry.size = claimed;
        let mut content = Cursor::new(taken.bytes("a.db").unwrap().unwrap());
        let error = there
            .file_writer(&Cancel::default())
            .unwrap()
            .put(&entry, &mut content, expect)
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Full, "{error}");
        assert_eq!(tree(small.0.path()), before);
    }
}

/// Backs up a database of this many megabytes in a process of its own and tells the memory it took.
fn peak_megabytes(megabytes: u32, journal: &str) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bank.db");
    accounts(&path, "delete", 1000);
    let conn = database(
        &path,
        &format!(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE large(id INTEGER PRIMARY KEY, v);
             WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {})
             INSERT INTO large SELECT x, hex(randomblob(1000)) FROM c; PRAGMA journal_mode={journal}; PRAGMA wal_autocheckpoint=0;
             INSERT INTO large VALUES (NULL, 'last');",
            megabytes * 500
        ),
    );
    let out = Other::command("back up", &path).output().unwrap();
    drop(conn);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(text.contains("RESULT complete 100000"), "{text}");
    let peak = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().split(' ').next().unwrap().parse().unwrap();
    println!("{megabytes} MB in {journal} mode: {} MB of memory", kib / 1024);
    kib / 1024
}

#[test]
fn memory_does_not_grow_with_the_database() {
    let large = if std::env::var("BACKSTAY_SOAK").is_ok() {
        1100
    } else {
        println!("skipped: 1.1 GB, soak only");
        50
    };
    for journal in ["delete", "wal"] {
        let (few, many) = (peak_megabytes(5, journal), peak_megabytes(large, journal));
        assert!(many < 100 && many < few + 40, "{journal}: {few} MB, then {many} MB");
    }
}
