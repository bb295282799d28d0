//! Full disks, with the space that is left growing from nothing: under the vault, the state, the temporary files and the
//! target of a restore. Each says `full`, nothing half counts, and it works when there is space again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    bench::{Bench, PASSWORD, Ran},
    data::{self, fingerprint, tree, value},
    dice::Dice,
    mount::Mounted,
};

/// Runs a call made by [`Bench::command`].
pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The code of the error of a call with `--json`, wherever it is told.
pub fn code(ran: &Ran) -> String {
    let last: Value = ran
        .out
        .lines()
        .last()
        .and_then(|l| serde_json::from_str(l).ok())
        .unwrap_or_default();
    let whole: Value = serde_json::from_str(&ran.out).unwrap_or_default();
    let found = [
        &last["error"]["code"],
        &last["runs"][0]["error"]["code"],
        &whole["error"]["code"],
    ];
    let found = found.iter().find_map(|code| code.as_str());
    found.unwrap_or_else(|| panic!("no code: {ran:#?}")).to_owned()
}

#[track_caller]
fn is_full(ran: &Ran) {
    assert_eq!((ran.code, code(ran).as_str()), (1, "full"), "{ran:#?}");
}

fn snapshots(bench: &Bench) -> Vec<String> {
    let reply = bench.json(&["snapshots"]);
    assert_eq!(reply["problems"].as_array().map_or(0, Vec::len), 0, "{reply:#}");
    let all = reply["snapshots"].as_array().unwrap();
    all.iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
}

/// New content of this many KiB in several files.
fn fill(docs: &Path, kib: usize, dice: &mut Dice) {
    fs::create_dir_all(docs).unwrap();
    for n in 0..8 {
        fs::write(docs.join(format!("f{n}")), dice.bytes(kib * 1024 / 8)).unwrap();
    }
}

fn on_small_disk(part: &str, kib: u64) -> Option<(Bench, Mounted, Dice)> {
    let bench = Bench::new();
    let disk = Mounted::tmpfs(&bench.path(part), kib)?;
    let made = bench.given(PASSWORD, &["vault", "create", "safe", "--path", &bench.text("vault")]);
    made.expect(0);
    let mut dice = Dice::from(11);
    fill(&bench.path("docs"), 200, &mut dice);
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    Some((bench, disk, dice))
}

#[test]
fn under_the_vault() {
    let Some((bench, disk, mut dice)) = on_small_disk("vault", 24 << 10) else {
        return;
    };
    let mut full = 0;
    for left in (0..).step_by(36) {
        assert!(left < 2000, "it never fits");
        fill(&bench.path("docs"), 300, &mut dice);
        let before = snapshots(&bench);
        disk.leave(left);
        let ran = bench.run(&["backup", "docs", "--json"]);
        if ran.code == 0 {
            break;
        }
        is_full(&ran);
        assert!(ran.out.contains("\"hint\""), "says what to do: {ran:#?}");
        full += 1;
        assert_eq!(snapshots(&bench), before, "nothing half counts, also while it is full");
        disk.free();
        bench.ok(&["verify", "safe"]);
        assert_eq!(bench.json(&["vault", "info", "safe"])["locks"], serde_json::json!([]));
        bench.back_up("docs");
    }
    assert!(full >= 8, "only {full} were full");
    disk.free();
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["check", "--read-data"]).expect(0);
    let to = bench.text("copy");
    bench.ok(&["restore", "docs@latest", "--to", &to]);
    assert_eq!(tree(Path::new(&to)), tree(&bench.path("docs")));
}

/// Prune is what a person is told to do when the disk is full: it works with next to nothing, and never makes it worse.
#[test]
fn prune_under_the_vault() {
    let Some((bench, disk, mut dice)) = on_small_disk("vault", 24 << 10) else {
        return;
    };
    let mut freed_at = None;
    for left in (0..).step_by(12) {
        assert!(left < 1000, "it never fits");
        for _ in 0..2 {
            fill(&bench.path("docs"), 100, &mut dice);
            // Something small that stays makes packs that are used in part.
            fs::write(bench.path("docs/f0"), "the same").unwrap();
            bench.back_up("docs");
        }
        let newest = snapshots(&bench).pop().unwrap();
        disk.leave(left);
        let ran = bench.run(&["forget", "docs", "--keep-last", "1", "--prune", "--yes", "--json"]);
        if ran.code != 0 {
            is_full(&ran);
        }
        assert!(snapshots(&bench).contains(&newest), "{left} KiB");
        disk.free();
        bench.ok(&["verify", "safe", "--read-data"]);
        if ran.code == 0 {
            freed_at = Some(left);
            break;
        }
    }
    println!("prune works with {freed_at:?} KiB left");
    assert!(
        freed_at.is_some_and(|left| left < 200),
        "{freed_at:?} KiB are much to ask for"
    );
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn under_the_state() {
    let Some((bench, disk, mut dice)) = on_small_disk("home", 2 << 10) else {
        return;
    };
    let mut full = 0;
    for left in (0..400).step_by(8) {
        fill(&bench.path("docs"), 20, &mut dice);
        let before = snapshots(&bench);
        disk.leave(left);
        let ran = bench.run(&["backup", "docs", "--json"]);
        disk.free();
        let now = snapshots(&bench);
        assert!(before.iter().all(|id| now.contains(id)));
        if ran.code == 0 {
            if left > 100 {
                break;
            }
            continue;
        }
        is_full(&ran);
        full += 1;
        bench.back_up("docs");
        bench.ok(&["audit", "verify"]);
        bench.ok(&["verify", "safe"]);
        let runs = bench.json(&["runs", "--limit", "5"]);
        let open = runs["runs"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|run| run["verdict"].is_null())
            .count();
        assert_eq!(open, 0, "{runs:#}");
    }
    assert!(full >= 1, "never full");
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn under_temporary_files() {
    let bench = Bench::with_vault();
    let Some(disk) = Mounted::tmpfs(&bench.path("tmp"), 16 << 10) else {
        return;
    };
    let file = bench.path("app.db");
    let db = data::tasks(&file, "wal", 200);
    let mut dice = Dice::from(3);
    for n in 0..20_u32 {
        db.execute(
            "INSERT INTO tasks VALUES (?1, 1, 'big', 0, 0, ?2)",
            (10_000 + n, dice.bytes(40_000)),
        )
        .unwrap();
    }
    // It stays open, so that the log is there and a copy has to be made.
    bench.add_sqlite("app", &file);
    let temp = bench.path("tmp");
    let with_temp = |args: &[&str]| run(bench.command(args).env("TMPDIR", &temp));
    let mut full = 0;
    for left in [0, 4, 64, 256, 512, 768] {
        disk.leave(left);
        let ran = with_temp(&["backup", "app", "--json"]);
        if ran.code == 0 {
            continue;
        }
        full += 1;
        is_full(&ran);
        assert_eq!(snapshots(&bench).len(), 0, "nothing half counts");
        disk.free();
        let left_over: Vec<_> = fs::read_dir(&temp).unwrap().collect();
        assert!(left_over.is_empty(), "{left_over:?}");
    }
    assert!(full >= 3, "the copy of the database needs space: {full}");
    with_temp(&["backup", "app", "--json"]).expect(0);
    let to = bench.path("copy.db");
    with_temp(&["restore", "app@latest", "--to", to.to_str().unwrap()]).expect(0);
    assert_eq!(fingerprint(&to), fingerprint(&file));
    drop(db);
    // Reading rows and planning need little or no temporary space, or say that it is missing.
    disk.leave(0);
    for args in [
        &["ls", "app@latest", "tasks", "--json"][..],
        &["diff", "app@latest", "live", "--json"],
    ] {
        let ran = with_temp(args);
        if ran.code != 0 {
            is_full(&ran);
        }
    }
}

#[test]
fn under_a_new_folder() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    let mut dice = Dice::from(5);
    fill(&docs, 900, &mut dice);
    bench.add_folder("docs", &docs);
    bench.back_up("docs");
    let Some(disk) = Mounted::tmpfs(&bench.path("target"), 2 << 10) else {
        return;
    };
    let good = tree(&docs);
    for left in [0, 4, 100, 300, 500, 800] {
        let to = bench.path(&format!("target/copy{left}"));
        disk.leave(left);
        let ran = bench.run(&["restore", "docs@latest", "--to", to.to_str().unwrap(), "--json"]);
        is_full(&ran);
        old_or_new(&to, &good, &[]);
        disk.free();
        let run = bench.json(&["runs", "--limit", "1"])["runs"][0].clone();
        assert_eq!(run["verdict"], "failed", "{run:#}");
        if run["canResume"] == true {
            let reply = bench.long(&["resume", run["id"].as_str().unwrap()]);
            assert_eq!(
                (&reply["verdict"], &reply["readBack"]["score"]),
                (&"complete".into(), &100.0.into()),
                "{reply:#}"
            );
            assert_eq!(tree(&to), good);
        } else {
            assert!(!to.exists(), "{left}: it wrote and cannot go on: {run:#}");
        }
        let _ = fs::remove_dir_all(&to);
    }
}

/// Every file below `dir` is as in `good` or in `old`; nothing else lies there.
fn old_or_new(dir: &Path, good: &[(PathBuf, String)], old: &[(PathBuf, String)]) {
    if !dir.exists() {
        return;
    }
    for entry in tree(dir) {
        assert!(good.contains(&entry) || old.contains(&entry), "{} is torn", entry.0.display());
    }
}

#[test]
fn under_what_is_restored_in_place() {
    let bench = Bench::with_vault();
    let Some(disk) = Mounted::tmpfs(&bench.path("live"), 4 << 10) else {
        return;
    };
    let file = bench.path("live/app.db");
    let db = data::tasks(&file, "delete", 100);
    db.execute("INSERT INTO tasks VALUES (10000, 1, 'big', 0, 0, zeroblob(900000))", [])
        .unwrap();
    drop(db);
    let whole = fingerprint(&file);
    bench.add_sqlite("app", &file);
    bench.back_up("app");
    data::execute(&file, "DELETE FROM tags; DELETE FROM tasks WHERE id = 10000; VACUUM");
    let wrong = fingerprint(&file);
    let restores: [&[&str]; 2] = [&[], &["--only", "tasks,tags"]];
    for only in restores {
        let args = [
            &[
                "restore",
                "app@latest",
                "--in-place",
                "--on-conflict",
                "remote",
                "--yes",
                "--json",
            ],
            only,
        ]
        .concat();
        for left in [0, 8, 100, 500] {
            disk.leave(left);
            is_full(&bench.run(&args));
            disk.free();
            assert_eq!(fingerprint(&file), wrong, "{left} KiB left: as it was");
            assert_eq!(value::<String>(&file, "PRAGMA integrity_check"), "ok");
            let beside = fs::read_dir(bench.path("live")).unwrap().count();
            assert_eq!(beside, 1, "nothing half lies beside it");
        }
        bench.ok(&args);
        assert_eq!(fingerprint(&file), whole);
        data::execute(&file, "DELETE FROM tags; DELETE FROM tasks WHERE id = 10000; VACUUM");
        assert_eq!(fingerprint(&file), wrong);
    }
    bench.ok(&["verify", "safe"]);
}
