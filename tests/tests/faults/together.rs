//! Several at once on one vault: two of ours, and ours beside the stock program, which may prune while we write.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    bench::{Bench, PASSWORD},
    clock,
    data::tree,
    full::code,
    place::{big_folder, go_on, packs, signal, stopped_backup, until},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    fs::create_dir_all(bench.path("docs")).unwrap();
    fs::write(bench.path("docs/a"), "first").unwrap();
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench
}

/// Another machine's Backstay, with a state of its own, on the same vault.
fn other_machine(bench: &Bench, args: &[&str]) -> Command {
    let mut command = bench.command(args);
    command
        .env("BACKSTAY_HOME", bench.path("home2"))
        .env("BACKSTAY_SECRETS_KEY_FILE", bench.path("secrets2.key"))
        .env("BACKSTAY_PASSWORD", PASSWORD);
    command
}

fn ends_well(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:#?}");
}

fn sound(bench: &Bench) {
    bench.ok(&["verify", "safe", "--read-data"]);
    let checked = bench.restic(&["check", "--read-data"]).expect(0);
    assert!(checked.out.contains("no errors were found"), "{checked:#?}");
}

fn latest_is_live(bench: &Bench) {
    let to = bench.path("copy");
    bench.ok(&["restore", "docs@latest", "--to", to.to_str().unwrap()]);
    assert_eq!(tree(&to), tree(&bench.path("docs")));
    fs::remove_dir_all(to).unwrap();
}

fn count(bench: &Bench) -> usize {
    bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len()
}

#[test]
fn two_backups_of_one_state_at_once() {
    let bench = bench();
    let (mut both, mut refused) = (0, 0);
    for round in 0..6_u8 {
        for n in 0..30_u8 {
            fs::write(bench.path("docs").join(format!("f{n}")), vec![round ^ n; 200_000]).unwrap();
        }
        let before = count(&bench);
        let ended: Vec<(i32, String)> = [
            bench.start(&["backup", "docs", "--json"]),
            bench.start(&["backup", "docs", "--json"]),
        ]
        .into_iter()
        .map(Child::wait_with_output)
        .map(|output| output.unwrap())
        .map(|output| (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap()))
        .collect();
        let good = ended.iter().filter(|(code, _)| *code == 0).count();
        assert!(good >= 1 && ended.iter().all(|(code, _)| [0, 7].contains(code)), "{ended:#?}");
        assert_eq!(count(&bench), before + good, "each that succeeded left one");
        both += usize::from(good == 2);
        refused += usize::from(good == 1);
    }
    println!("two at once: {both} times one after the other, {refused} times one was refused");
    latest_is_live(&bench);
    sound(&bench);
}

#[test]
fn two_machines_at_once() {
    let bench = bench();
    ends_well(&mut other_machine(
        &bench,
        &["vault", "add", "safe", "--path", &bench.text("vault")],
    ));
    big_folder(&bench.path("docs2"), 5);
    ends_well(&mut other_machine(
        &bench,
        &["source", "add", "folder", "docs2", "--path", &bench.text("docs2")],
    ));
    big_folder(&bench.path("docs"), 4);
    // Ours stands still in the middle of its writing while the other one works from beginning to end.
    let ours = stopped_backup(&bench);
    ends_well(&mut other_machine(&bench, &["backup", "docs2"]));
    // It may add, but not remove.
    let prune = other_machine(&bench, &["prune", "safe", "--json"]).output().unwrap();
    assert_eq!(prune.status.code(), Some(7), "{prune:#?}");
    let (exit, out) = go_on(ours);
    assert_eq!(exit, 0, "{out}");
    ends_well(&mut other_machine(&bench, &["prune", "safe", "--json"]));
    assert_eq!(count(&bench), 3);
    latest_is_live(&bench);
    let to = bench.text("copy2");
    ends_well(&mut other_machine(&bench, &["restore", "docs2@latest", "--to", &to]));
    assert_eq!(tree(&bench.path("copy2")), tree(&bench.path("docs2")));
    sound(&bench);
}

#[test]
fn restic_prunes_while_we_write() {
    for by_force in [false, true] {
        let bench = bench();
        big_folder(&bench.path("docs"), 6);
        let ours = stopped_backup(&bench);
        let written = packs(&bench.path("vault"));
        let refused = bench.restic(&["prune"]);
        assert!(
            refused.code != 0 && refused.err.contains("locked"),
            "our lock counts for restic: {refused:#?}"
        );
        let refused = bench.restic(&["forget", "--keep-last", "1", "--prune"]);
        assert!(refused.code != 0 && refused.err.contains("locked"), "{refused:#?}");
        assert_eq!(packs(&bench.path("vault")), written);
        if by_force {
            // Somebody who thinks that nobody works here.
            bench.restic(&["unlock", "--remove-all"]).expect(0);
            bench.restic(&["prune", "--max-unused", "0"]).expect(0);
            assert!(
                packs(&bench.path("vault")) < written,
                "what we wrote was removed: the fault has struck"
            );
        }
        let (exit, out) = go_on(ours);
        if by_force {
            assert_eq!(exit, 1, "{out}");
            let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
            let error = &last["runs"][0]["error"];
            assert_eq!(error["code"], "changed", "{last:#}");
            assert!(error["hint"].is_string(), "{last:#}");
            assert_eq!(last["verdict"], "failed", "{last:#}");
            assert_eq!(count(&bench), 1, "no broken snapshot");
        } else {
            assert_eq!(exit, 0, "{out}");
            assert_eq!(count(&bench), 2);
        }
        sound(&bench);
        bench.back_up("docs");
        latest_is_live(&bench);
        sound(&bench);
    }
}

/// A restic stopped while it holds its lock.
fn stopped_restic(bench: &Bench, args: &[&str]) -> Child {
    // While it is being written, a lock has another name.
    let named = |file: std::io::Result<fs::DirEntry>| file.is_ok_and(|f| f.file_name().len() == 64);
    let locks = || fs::read_dir(bench.path("vault/locks")).map_or(0, |all| all.map(named).filter(|n| *n).count());
    let child = Command::new("restic")
        .args(["-r", &bench.text("vault"), "--no-cache"])
        .args(args)
        .env("RESTIC_PASSWORD", PASSWORD)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("restic's lock", || locks() > 0);
    signal(&child, Signal::STOP);
    assert!(locks() > 0, "it holds its lock");
    child
}

#[test]
fn we_honour_restics_locks_and_see_when_they_are_dead() {
    let bench = bench();
    big_folder(&bench.path("docs2"), 7);
    // Something to remove.
    fs::write(bench.path("docs/a"), "first, changed").unwrap();
    bench.back_up("docs");
    bench.ok(&["forget", "docs", "--keep-last", "1", "--yes"]);
    // Somebody who adds: we may add too, but not remove.
    let mut adding = stopped_restic(&bench, &["backup", &bench.text("docs2")]);
    fs::write(bench.path("docs/b"), "second").unwrap();
    bench.back_up("docs");
    let refused = bench.run(&["prune", "safe", "--json"]);
    assert_eq!((refused.code, code(&refused).as_str()), (7, "locked"), "{refused:#?}");
    assert!(refused.out.contains("\"hint\""), "{refused:#?}");
    // A snapshot may go, for that takes nothing from who adds; the space stays taken.
    let refused = bench.run(&["forget", "docs", "--keep-last", "1", "--prune", "--yes", "--json"]);
    assert_eq!(refused.code, 7, "{refused:#?}");
    // Killed, it leaves its lock. Another computer of the same name could be at work still, so that it counts until restic
    // would have renewed it, or somebody says that nobody is.
    adding.kill().unwrap();
    adding.wait().unwrap();
    assert_eq!(
        fs::read_dir(bench.path("vault/locks")).unwrap().count(),
        1,
        "a stale lock lies there"
    );
    let refused = bench.run(&["prune", "safe"]).expect(7);
    assert!(refused.err.contains("vault unlock"), "{refused:#?}");
    assert_eq!(
        bench.json(&["vault", "unlock", "safe"])["removed"].as_array().unwrap().len(),
        1
    );
    bench.ok(&["forget", "docs", "--keep-last", "1", "--prune", "--yes"]);
    sound(&bench);

    // Somebody who removes: we wait or refuse.
    for n in 0..3 {
        let tag = n.to_string();
        bench.restic(&["backup", "--tag", &tag, &bench.text("docs")]).expect(0);
    }
    let mut pruning = stopped_restic(&bench, &["prune"]);
    let ran = bench.run(&["backup", "docs", "--json"]);
    assert_eq!((ran.code, code(&ran).as_str()), (7, "locked"), "{ran:#?}");
    assert!(bench.run(&["snapshots"]).code == 0, "reading goes on");
    pruning.kill().unwrap();
    pruning.wait().unwrap();
    assert_eq!(
        fs::read_dir(bench.path("vault/locks")).unwrap().count(),
        1,
        "a stale exclusive lock lies there"
    );
    // Some minutes later it stops nobody, and nobody has to do anything.
    if clock::can_be_set() {
        clock::at(&bench, "+7m", &["backup", "docs"]).expect(0);
    } else {
        bench.ok(&["vault", "unlock", "safe"]);
    }
    bench.back_up("docs");
    latest_is_live(&bench);
    bench.restic(&["unlock"]).expect(0);
    sound(&bench);
}
