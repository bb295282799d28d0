//! Sources that are not there, may not be read, or are not what they claim to be.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    bench::{Bench, PASSWORD, Ran, program},
    data::{self, tree},
    dice::Dice,
    full::{code, run},
};

fn snapshots(bench: &Bench) -> usize {
    bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len()
}

#[test]
fn a_folder_that_went_away() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    data::folder(&docs);
    bench.add_folder("docs", &docs);
    bench.back_up("docs");
    fs::rename(&docs, bench.path("away")).unwrap();
    let ran = bench.run(&["backup", "docs", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (5, "notFound"), "{ran:#?}");
    assert!(ran.out.contains("docs"), "names it");
    assert_eq!(
        snapshots(&bench),
        1,
        "an empty snapshot would say that everything was deleted"
    );
    // A file where the folder was.
    fs::write(&docs, "not a folder").unwrap();
    let ran = bench.run(&["backup", "docs", "--json"]);
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(snapshots(&bench), 1);
    fs::remove_file(&docs).unwrap();
    fs::rename(bench.path("away"), &docs).unwrap();
    bench.back_up("docs");
}

/// A call by somebody who is not root, with everything of the bench theirs.
fn as_nobody(bench: &Bench, args: &[&str]) -> Ran {
    let own = Command::new("chown")
        .args(["-R", "65534:65534"])
        .arg(bench.path(""))
        .status()
        .unwrap();
    assert!(own.success());
    let ours = bench.command(args);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(bench.path("backstay"))
        .args(args)
        .current_dir(bench.path(""))
        .env_clear()
        .envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(command.env("BACKSTAY_PASSWORD", PASSWORD))
}

#[test]
fn what_may_not_be_read() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: becoming somebody else needs root");
        return;
    }
    let bench = Bench::with_vault();
    fs::copy(program(), bench.path("backstay")).unwrap();
    fs::set_permissions(bench.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let docs = bench.path("docs");
    data::folder(&docs);
    fs::create_dir(docs.join("closed")).unwrap();
    fs::write(docs.join("closed/inside"), "unseen").unwrap();
    bench.add_folder("docs", &docs);
    let complete = as_nobody(&bench, &["backup", "docs", "--json"]).expect(0);
    assert_eq!(complete.result()["verdict"], "complete");
    fs::write(docs.join("notes.txt"), "changed and then closed").unwrap();
    fs::set_permissions(docs.join("notes.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(docs.join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = as_nobody(&bench, &["backup", "docs", "--json"]).expect(3);
    let reply = ran.result();
    assert_eq!(reply["verdict"], "partial", "{reply:#}");
    let gaps = reply["runs"][0]["gaps"].to_string();
    assert!(gaps.contains("notes.txt") && gaps.contains("closed"), "{gaps}");
    let listed = as_nobody(&bench, &["snapshots", "--json"]).expect(0).json();
    let verdicts: Vec<_> = listed["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["complete", "partial"], "{listed:#}");

    // Nothing may be read at all: no snapshot.
    fs::set_permissions(&docs, fs::Permissions::from_mode(0o000)).unwrap();
    let ran = as_nobody(&bench, &["backup", "docs", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (6, "auth"), "{ran:#?}");
    fs::set_permissions(&docs, fs::Permissions::from_mode(0o755)).unwrap();

    // A vault that may not be read; a state that may not.
    fs::set_permissions(bench.path("vault"), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = as_nobody(&bench, &["snapshots", "--json"]);
    assert_eq!(ran.code, 6, "{ran:#?}");
    fs::set_permissions(bench.path("vault"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(bench.path("home"), fs::Permissions::from_mode(0o000)).unwrap();
    let ran = as_nobody(&bench, &["vault", "list", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (6, "auth"), "{ran:#?}");
}

/// Whatever is wrong with a database: no snapshot comes of it, the message names it, and what is good goes on.
fn bad_database(what: &str, exit: i32, spoil: impl FnOnce(&Path)) {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 500));
    bench.add_sqlite("app", &file);
    bench.back_up("app");
    spoil(&file);
    let ran = bench.run(&["backup", "app", "--json"]);
    assert_eq!(ran.code, exit, "{what}: {ran:#?}");
    assert!(ran.out.contains("app.db"), "{what}: names it: {ran:#?}");
    assert_eq!(snapshots(&bench), 1, "{what}");
    // The good old state comes back over it, as a whole.
    let to = bench.path("back.db");
    bench.ok(&["restore", "app@latest", "--to", to.to_str().unwrap()]);
    assert_eq!(data::value::<i64>(&to, "SELECT count(*) FROM tasks"), 500);
    // Together with a good one it is a gap, not the end.
    let dir = bench.path("many");
    fs::create_dir(&dir).unwrap();
    drop(data::tasks(&dir.join("good.db"), "wal", 10));
    drop(data::tasks(&dir.join("bad.db"), "delete", 10));
    bench.add_sqlite("many", &dir);
    bench.back_up("many");
    fs::copy(&file, dir.join("bad.db")).unwrap();
    let ran = bench.run(&["backup", "many", "--json"]).expect(3);
    assert!(
        ran.result()["runs"][0]["gaps"].to_string().contains("bad.db"),
        "{what}: {ran:#?}"
    );
}

#[test]
fn what_is_no_database() {
    bad_database("text", 8, |file| {
        fs::write(file, "just some text, long enough to be looked at".repeat(50)).unwrap();
    });
    bad_database("like encrypted", 8, |file| {
        fs::write(file, Dice::from(1).bytes(40_960)).unwrap();
    });
}

#[test]
fn databases_that_are_cut_or_corrupt() {
    bad_database("cut", 8, |file| {
        let length = fs::metadata(file).unwrap().len();
        fs::File::options()
            .write(true)
            .open(file)
            .unwrap()
            .set_len(length / 2)
            .unwrap();
    });
    bad_database("corrupt", 8, |file| {
        let mut bytes = fs::read(file).unwrap();
        // A page in the middle, so that the header is good and only a thorough look tells.
        let page = bytes.len() / 8192 * 4096;
        bytes[page..page + 512].fill(0xa5);
        fs::write(file, bytes).unwrap();
    });
}

#[test]
fn an_empty_or_missing_database() {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 5));
    bench.add_sqlite("app", &file);
    bench.back_up("app");
    fs::remove_file(&file).unwrap();
    let ran = bench.run(&["backup", "app", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (5, "notFound"), "{ran:#?}");
    assert!(!file.exists(), "nothing is made in its place");
    assert_eq!(snapshots(&bench), 1);
}

#[test]
fn a_database_another_program_holds() {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 50));
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
    bench.back_up("app");
    let mut holder = Command::new("sqlite3")
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the stock sqlite3 program is needed (apt install sqlite3)");
    let mut orders = holder.stdin.take().unwrap();
    orders
        .write_all(b"BEGIN EXCLUSIVE;\nUPDATE lists SET name = 'held';\nSELECT 'held';\n")
        .unwrap();
    orders.flush().unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "held\n");
    let before = tree(&bench.path("vault/snapshots"));
    let ran = bench.run(&["backup", "app", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (7, "locked"), "{ran:#?}");
    let in_place = [
        "restore",
        "app@latest",
        "--in-place",
        "--on-conflict",
        "remote",
        "--yes",
        "--json",
    ];
    let ran = bench.run(&in_place);
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(tree(&bench.path("vault/snapshots")).len(), before.len(), "nothing came of it");
    // The holder dies in the middle of its transaction: the rollback journal is honoured.
    holder.kill().unwrap();
    holder.wait().unwrap();
    bench.back_up("app");
    let to = bench.path("copy.db");
    bench.ok(&["restore", "app@latest", "--to", to.to_str().unwrap()]);
    assert_eq!(data::value::<String>(&to, "SELECT name FROM lists WHERE id = 1"), "home");
}
