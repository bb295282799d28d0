//! Restores in place that are killed and go on: rows all or none, files old or new, and in the end everything, once.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Killer, Ledger, at_last};
use crate::{
    bench::Bench,
    data::{self, execute, fingerprint, tree, value},
    dice::rounds,
};

/// Follows a killed restore to its end. Gives the id of the run that finished it, and whether that was the killed one.
fn finish(bench: &Bench, seen: &mut Option<String>, again: &[&str]) -> (String, bool) {
    let runs = bench.json(&["runs", "--limit", "5"]);
    let runs = runs["runs"].as_array().unwrap();
    // Checks of the test may be newer.
    let run = runs.iter().find(|run| run["kind"] == "restore").unwrap_or(&runs[0]);
    let id = run["id"].as_str().unwrap().to_owned();
    let new = run["kind"] == "restore" && seen.as_ref() != Some(&id);
    if new && run["canResume"] == true {
        let reply = bench.long(&["resume", &id]);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        assert_eq!(reply["readBack"]["score"], 100.0, "{reply:#}");
        *seen = Some(id.clone());
        return (id, true);
    }
    // It was killed before it began or after it ended; the same again changes at most what is left.
    let reply = bench.long(again);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    let id = reply["run"].as_str().unwrap().to_owned();
    *seen = Some(id.clone());
    (id, false)
}

/// Puts a database file where nothing is open.
fn put(from: &Path, to: &Path) {
    for beside in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(format!("{}{beside}", to.display()));
    }
    fs::copy(from, to).unwrap();
}

/// Kills restores of a database in place. `only` chooses rows; without it the file comes back as a whole.
fn database(test: &str, mode: &str, only: &[&str], wanted: usize) {
    let bench = Bench::with_vault();
    fs::create_dir(bench.path("live")).unwrap();
    let file = bench.path("live/app.db");
    drop(data::tasks(&file, mode, 300));
    let whole = fingerprint(&file);
    bench.add_sqlite("app", &file);
    let snapshot = bench.back_up("app");
    execute(
        &file,
        "UPDATE tasks SET title = 'wrong' WHERE id % 3 = 0; DELETE FROM tags WHERE task % 2 = 0; PRAGMA wal_checkpoint(TRUNCATE);",
    );
    let wrong = fingerprint(&file);
    let kept = bench.path("wrong.db");
    fs::copy(&file, &kept).unwrap();
    let mut args = vec!["restore", snapshot.as_str(), "--in-place", "--on-conflict", "remote", "--yes"];
    args.extend(only);
    let mut killer = Killer::new(test, Duration::from_millis(200));
    let mut ledger: Ledger<()> = Ledger::default();
    let (mut seen, mut resumed, mut early) = (None, 0, 0);
    while killer.go_on(wanted) {
        put(&kept, &file);
        killer.strike(&bench, &args);
        assert_eq!(value::<String>(&file, "PRAGMA integrity_check"), "ok");
        let found = fingerprint(&file);
        assert!(found == wrong || found == whole, "all or nothing: {found:?}");
        early += usize::from(found == wrong);
        ledger.sound(&bench, "restore", killer.killed.is_multiple_of(10));
        let (id, continued) = finish(&bench, &mut seen, &args);
        resumed += usize::from(continued);
        assert_eq!(fingerprint(&file), whole, "whole in the end");
        assert_eq!(value::<String>(&file, "PRAGMA integrity_check"), "ok");
        nothing_beside(&file);
        if continued && resumed % 3 == 1 {
            bench.ok(&["undo", &id, "--yes"]);
            assert_eq!(fingerprint(&file), wrong, "undone as if it had not been killed");
            bench.ok(&["verify", "safe"]);
        }
    }
    at_last(&bench);
    println!(
        "{test}: {} kills, {early} before it counted, {resumed} resumed",
        killer.killed
    );
    assert!(resumed * 8 > wanted, "only {resumed} restores were hit in the middle");
}

/// No temporary file of ours lies beside a database.
fn nothing_beside(file: &Path) {
    let name = file.file_name().unwrap().to_str().unwrap();
    for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
        let found = entry.unwrap().file_name().into_string().unwrap();
        let known = [name.to_owned(), format!("{name}-wal"), format!("{name}-shm")];
        assert!(known.contains(&found), "{found} was left beside {name}");
    }
}

#[test]
fn rows_in_place() {
    database("rows_in_place", "delete", &["--only", "tasks,tags"], rounds(30));
}

#[test]
fn rows_in_place_of_a_database_with_a_log() {
    database(
        "rows_in_place_of_a_database_with_a_log",
        "wal",
        &["--only", "tasks,tags"],
        rounds(20),
    );
}

#[test]
fn a_whole_database_in_place() {
    database("a_whole_database_in_place", "wal", &[], rounds(40));
}

/// A folder whose files are partly changed, partly gone, partly the same.
fn spoil(root: &Path, good: &BTreeMap<PathBuf, Vec<u8>>) {
    for (number, (path, content)) in good.iter().enumerate() {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match number % 3 {
            0 => fs::write(path, format!("spoiled {number}")).unwrap(),
            1 if path.exists() => fs::remove_file(path).unwrap(),
            1 => {}
            _ => fs::write(path, content).unwrap(),
        }
    }
}

#[test]
fn a_folder_in_place() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    let mut killer = Killer::new("a_folder_in_place", Duration::from_millis(250));
    let mut good = BTreeMap::new();
    for n in 0..60 {
        let size = 500 + killer.dice.below(20_000);
        good.insert(PathBuf::from(format!("d{}/f{n}", n % 5)), killer.dice.bytes(size));
    }
    for (path, content) in &good {
        fs::create_dir_all(docs.join(path).parent().unwrap()).unwrap();
        fs::write(docs.join(path), content).unwrap();
    }
    let whole = tree(&docs);
    bench.add_folder("docs", &docs);
    let snapshot = bench.back_up("docs");
    let args = ["restore", &snapshot, "--in-place", "--on-conflict", "remote", "--yes"];
    let mut ledger: Ledger<()> = Ledger::default();
    let (mut seen, mut resumed, mut between) = (None, 0, 0);
    let wanted = rounds(40);
    while killer.go_on(wanted) {
        spoil(&docs, &good);
        let wrong = tree(&docs);
        killer.strike(&bench, &args);
        let found = tree(&docs);
        between += usize::from(found != wrong && found != whole);
        for (path, digest) in &found {
            // A temporary file may lie there until the next run; every file of the person's is old or new.
            let ours = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().contains("backstay"));
            let known = wrong.iter().chain(&whole).any(|(p, d)| p == path && d == digest);
            assert!(ours || known, "{} is neither old nor new", path.display());
        }
        for (path, _) in &wrong {
            assert!(
                found.iter().any(|(p, _)| p == path),
                "{} was there and is gone",
                path.display()
            );
        }
        ledger.sound(&bench, "restore", killer.killed.is_multiple_of(10));
        let (id, continued) = finish(&bench, &mut seen, &args);
        resumed += usize::from(continued);
        assert_eq!(tree(&docs), whole, "whole in the end, and nothing beside");
        if continued && resumed % 3 == 1 {
            bench.ok(&["undo", &id, "--yes"]);
            assert_eq!(tree(&docs), wrong, "undone as if it had not been killed");
        }
    }
    at_last(&bench);
    println!(
        "folder: {} kills, {between} between old and new, {resumed} resumed",
        killer.killed
    );
    assert!(resumed * 5 > wanted && between > 0, "{resumed} resumed, {between} in between");
}
