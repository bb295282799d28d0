//! Vaults that vanish, cannot be written or are damaged; databases that are locked. Each fault is shown to have fired.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    bench::{Bench, PASSWORD},
    data::{self, execute, tree},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    fs::write(bench.path("docs/second"), "second").unwrap();
    bench.back_up("docs");
    bench
}

/// Files of a vault below `part`, biggest first.
fn files(bench: &Bench, part: &str) -> Vec<PathBuf> {
    let root = bench.path("vault").join(part);
    let mut all: Vec<PathBuf> = tree(&root)
        .into_iter()
        .map(|(path, _)| root.join(path))
        .filter(|path| path.is_file())
        .collect();
    all.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    all
}

/// Flips one bit in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_vanished_vault() {
    let bench = bench();
    fs::rename(bench.path("vault"), bench.path("away")).unwrap();
    let ran = bench.run(&["backup", "docs"]);
    assert!(ran.code == 5 || ran.code == 1, "{ran:#?}");
    assert!((ran.err + &ran.out).contains("vault"), "names it");
    assert!(!bench.path("vault").exists(), "nothing is made in its place");
    let listed = bench.run(&["snapshots", "--json"]).expect(1);
    assert_eq!(listed.json()["error"]["code"], "unreachable", "{listed:#?}");
    fs::rename(bench.path("away"), bench.path("vault")).unwrap();
    bench.back_up("docs");
}

/// Root may write everywhere; for root the fault needs a real read-only mount, which tests may not make.
fn root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_vault_that_cannot_be_written_can_still_be_read() {
    let bench = bench();
    fs::write(bench.path("docs/third"), "third").unwrap();
    let directories: Vec<PathBuf> = std::iter::once(bench.path("vault"))
        .chain(
            tree(&bench.path("vault"))
                .into_iter()
                .map(|(path, _)| bench.path("vault").join(path))
                .filter(|path| path.is_dir()),
        )
        .collect();
    let allow = |mode| {
        for dir in &directories {
            fs::set_permissions(dir, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    if root() {
        // Permissions do not stop root: an immutable stand-in for the pack directory does.
        allow(0o755);
        fs::rename(bench.path("vault/data"), bench.path("vault/aside")).unwrap();
        fs::write(bench.path("vault/data"), "in the way").unwrap();
        let ran = bench.run(&["backup", "docs"]);
        assert_ne!(ran.code, 0, "{ran:#?}");
        fs::remove_file(bench.path("vault/data")).unwrap();
        fs::rename(bench.path("vault/aside"), bench.path("vault/data")).unwrap();
    } else {
        bench.run(&["backup", "docs"]).expect(6);
        assert_eq!(bench.ok(&["cat", "docs@latest", "notes.txt"]).out, "remember the milk\n");
        allow(0o755);
    }
    assert_eq!(
        bench.json(&["snapshots"])["snapshots"].as_array().map(Vec::len),
        Some(2),
        "no snapshot came of it"
    );
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.back_up("docs");
}

#[test]
fn a_damaged_pack_is_found_named_and_never_restored_as_good() {
    let bench = bench();
    flip(&files(&bench, "data")[0]);
    let ran = bench.run(&["verify", "safe", "--read-data", "--json"]).expect(8);
    let reply = ran.result();
    assert_eq!(
        (&reply["verdict"], &reply["kind"]),
        (&"failed".into(), &"damaged".into()),
        "{reply:#}"
    );
    let affected = reply["problems"]
        .as_array()
        .unwrap()
        .iter()
        .any(|p| p["affects"].as_array().is_some_and(|a| !a.is_empty()));
    assert!(affected, "names the snapshots concerned: {reply:#}");

    let restored = bench.run(&["restore", "docs@latest", "--to", &bench.text("copy"), "--json"]);
    assert_ne!(restored.code, 0, "{restored:#?}");
    for (path, digest) in tree(&bench.path("docs")) {
        let copy = tree(&bench.path("copy")).into_iter().find(|(other, _)| *other == path);
        assert!(
            copy.is_none_or(|(_, other)| other == digest),
            "{} came back wrong",
            path.display()
        );
    }

    let would = bench.long(&["repair", "safe", "--dry-run"]);
    assert!(!would["steps"].as_array().unwrap().is_empty(), "{would:#}");
    let repaired = bench.run(&["repair", "safe", "--yes", "--json"]);
    assert!(repaired.code == 3 || repaired.code == 0, "{repaired:#?}");
    // After the repair a backup makes the vault whole again.
    bench.back_up("docs");
    let to = bench.text("again");
    bench.ok(&["restore", "docs@latest", "--to", &to]);
    assert_eq!(tree(&bench.path("again")), tree(&bench.path("docs")));
}

#[test]
fn a_damaged_or_missing_index_is_recovered_from() {
    let bench = bench();
    flip(&files(&bench, "index")[0]);
    let checked = bench.run(&["verify", "safe", "--read-data", "--json"]);
    assert_ne!(checked.result()["problems"].as_array().map(Vec::len), Some(0), "{checked:#?}");
    // Everything can still be read: the packs say themselves what they hold.
    bench.ok(&["restore", "docs@latest", "--to", &bench.text("copy")]);
    assert_eq!(tree(&bench.path("copy")), tree(&bench.path("docs")));
    bench.run(&["repair", "safe", "--yes"]);
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn a_damaged_snapshot_file_is_named_and_the_others_stay_usable() {
    let bench = bench();
    let all = bench.json(&["snapshots"]);
    let newest = all["snapshots"][1]["id"].as_str().unwrap();
    flip(&bench.path("vault/snapshots").join(newest));
    let ran = bench.run(&["snapshots", "--json"]).expect(3);
    let reply = ran.json();
    assert_eq!(reply["snapshots"].as_array().map(Vec::len), Some(1));
    assert!(reply["problems"][0].as_str().unwrap().contains(&newest[..8]), "{reply:#}");
    bench.ok(&["restore", "docs@latest", "--to", &bench.text("copy")]);
    bench.run(&["verify", "safe"]).expect(8);
}

#[test]
fn a_damaged_key_file_is_no_wrong_password() {
    let bench = bench();
    let key = files(&bench, "keys").remove(0);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "{}").unwrap();
    let ran = bench.given(PASSWORD, &["vault", "info", "safe"]).expect(8);
    assert!(ran.err.contains("key"), "{ran:#?}");
    // The remembered master key still opens it.
    assert_eq!(bench.ok(&["cat", "docs@latest", "notes.txt"]).out, "remember the milk\n");
}

#[test]
fn a_damaged_config_is_named() {
    let bench = bench();
    flip(&bench.path("vault/config"));
    let ran = bench.given(PASSWORD, &["snapshots"]).expect(8);
    assert!(ran.err.contains("config"), "{ran:#?}");
    // With the remembered key alone a damaged config cannot be told from another vault's; both are refused.
    let ran = bench.run(&["snapshots"]);
    assert!(ran.code == 6 || ran.code == 8, "{ran:#?}");
}

#[test]
fn a_database_that_stays_locked_fails_in_time_and_says_so() {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 10));
    bench.ok(&[
        "source",
        "add",
        "sqlite",
        "app",
        "--path",
        file.to_str().unwrap(),
        "--wait",
        "1",
    ]);
    let holder = rusqlite::Connection::open(&file).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let ran = bench.run(&["backup", "app"]).expect(7);
    assert!((ran.out + &ran.err).contains("app.db"), "names it");
    holder.execute_batch("COMMIT").unwrap();
    bench.back_up("app");
    // The same for a restore in place: refused, nothing written.
    execute(&file, "UPDATE tasks SET title = 'x'");
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ran = bench.run(&[
        "restore",
        "app@latest",
        "--only",
        "tasks/1",
        "--in-place",
        "--on-conflict",
        "remote",
        "--yes",
    ]);
    assert_eq!(ran.code, 7, "{ran:#?}");
    assert!(ran.err.contains("locked") && ran.err.contains("backstay resume"), "{ran:#?}");
    holder.execute_batch("COMMIT").unwrap();
    assert_eq!(data::value::<String>(&file, "SELECT title FROM tasks WHERE id = 1"), "x");
}

#[test]
fn state_that_is_no_database_is_named() {
    let bench = Bench::with_vault();
    let state = fs::read_dir(bench.path("home")).unwrap().map(|e| e.unwrap().path());
    let state = state
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "db" || e == "sqlite"))
        .unwrap();
    fs::write(
        &state,
        "this is not the state of anything, and it is long enough to be looked at",
    )
    .unwrap();
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", state.display()));
    }
    let ran = bench.run(&["vault", "list"]).expect(8);
    assert!(ran.err.contains(state.file_name().unwrap().to_str().unwrap()), "{ran:#?}");
}
