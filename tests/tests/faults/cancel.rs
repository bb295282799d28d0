//! Ctrl-C in every long command: exit 130, nothing half, no lock left, and the next run works.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    bench::Bench,
    data::{self, execute, fingerprint, tree},
    dice::{Dice, rounds},
    place::{big_folder, signal},
};

/// Interrupts a call at moments that cover its run, until so many were told to be cancelled.
struct Interrupter {
    dice: Dice,
    whole: Duration,
    cancelled: usize,
}

impl Interrupter {
    fn new(test: &str) -> Self {
        Self {
            dice: Dice::new(test),
            whole: Duration::from_millis(400),
            cancelled: 0,
        }
    }

    /// `true` when the call was cancelled; otherwise it was done before, or had not yet begun to listen.
    fn strike(&mut self, bench: &Bench, args: &[&str]) -> bool {
        let after = self.dice.moment(self.whole);
        let begun = Instant::now();
        let mut command = bench.command(args);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut asked = None;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if asked.is_none() && begun.elapsed() >= after {
                signal(&child, Signal::INT);
                asked = Some(Instant::now());
            }
            assert!(
                asked.is_none_or(|a| a.elapsed() < Duration::from_secs(15)),
                "{args:?} does not listen"
            );
            std::thread::sleep(Duration::from_millis(1));
        };
        match (status.code(), status.signal()) {
            (Some(130), _) => {
                self.cancelled += 1;
                true
            }
            (Some(0), _) => {
                self.whole = (self.whole + begun.elapsed()) / 2;
                false
            }
            (None, Some(2)) => false,
            other => panic!("{args:?} ended with {other:?} after Ctrl-C"),
        }
    }

    fn until(&mut self, wanted: usize, mut each: impl FnMut(&mut Self)) {
        let mut tries = 0;
        while self.cancelled < rounds(wanted) {
            tries += 1;
            assert!(
                tries < 20 * rounds(wanted),
                "only {} of {tries} were cancelled",
                self.cancelled
            );
            each(self);
        }
    }
}

/// Nothing is left of a cancelled call: no lock, no run that is open, no damage.
fn clean(bench: &Bench, kind: &str, cancelled: bool) {
    assert_eq!(bench.json(&["vault", "info", "safe"])["locks"], serde_json::json!([]));
    let runs = bench.json(&["runs", "--limit", "3"]);
    for run in runs["runs"].as_array().unwrap() {
        assert!(run["verdict"].is_string(), "{run:#}");
    }
    let newest = &runs["runs"][0];
    if cancelled && newest["kind"] == kind {
        assert!(
            ["cancelled", "complete"].contains(&newest["verdict"].as_str().unwrap()),
            "{newest:#}"
        );
    }
    bench.ok(&["verify", "safe"]);
}

fn count(bench: &Bench) -> usize {
    bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len()
}

fn folder_bench(seed: u64) -> Bench {
    let bench = Bench::with_vault();
    big_folder(&bench.path("docs"), seed);
    bench.add_folder("docs", &bench.path("docs"));
    bench
}

#[test]
fn backups() {
    let bench = folder_bench(1);
    let mut ctrl_c = Interrupter::new("cancelled backups");
    ctrl_c.until(4, |ctrl_c| {
        big_folder(&bench.path("docs"), ctrl_c.dice.next());
        let before = count(&bench);
        let hit = ctrl_c.strike(&bench, &["backup", "docs"]);
        assert!(!hit || count(&bench) == before, "cancelled, and yet a snapshot");
        clean(&bench, "backup", hit);
    });
    bench.back_up("docs");
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn checks_prunes_and_cats() {
    let bench = folder_bench(2);
    bench.back_up("docs");
    let mut ctrl_c = Interrupter::new("cancelled checks");
    ctrl_c.until(3, |ctrl_c| {
        let hit = ctrl_c.strike(&bench, &["verify", "safe", "--read-data"]);
        clean(&bench, "check", hit);
    });
    let mut ctrl_c = Interrupter::new("cancelled prunes");
    ctrl_c.until(3, |ctrl_c| {
        // Half of every pack becomes unused, so that all are written anew.
        let seed = ctrl_c.dice.next();
        big_folder(&bench.path("docs"), seed);
        bench.back_up("docs");
        for n in 0..40 {
            fs::write(bench.path("docs").join(format!("big{}", n * 2)), "small now").unwrap();
        }
        let newest = bench.back_up("docs");
        bench.ok(&["forget", "docs", "--keep-last", "1", "--yes"]);
        let hit = ctrl_c.strike(&bench, &["prune", "safe"]);
        clean(&bench, "prune", hit);
        assert_eq!(bench.json(&["snapshots"])["snapshots"][0]["id"], newest);
    });
    bench.ok(&["prune", "safe"]);
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn restores_to_a_new_place() {
    let bench = folder_bench(3);
    bench.back_up("docs");
    let good = tree(&bench.path("docs"));
    let to = bench.path("copy");
    let mut ctrl_c = Interrupter::new("cancelled restores");
    let mut resumed = 0;
    ctrl_c.until(4, |ctrl_c| {
        let _ = fs::remove_dir_all(&to);
        let hit = ctrl_c.strike(&bench, &["restore", "docs@latest", "--to", to.to_str().unwrap()]);
        only_whole_files(&to, &good);
        let run = bench.json(&["runs", "--limit", "1"])["runs"][0].clone();
        clean(&bench, "restore", hit);
        if hit && run["kind"] == "restore" && run["canResume"] == true {
            bench.ok(&["resume", run["id"].as_str().unwrap()]);
            assert_eq!(tree(&to), good, "gone on, it is whole");
            resumed += 1;
        }
    });
    assert!(resumed > 0, "none of the cancelled restores had begun to write");
}

fn only_whole_files(dir: &Path, good: &[(std::path::PathBuf, String)]) {
    for entry in if dir.exists() { tree(dir) } else { Vec::new() } {
        assert!(good.contains(&entry), "{} is half a file", entry.0.display());
    }
}

#[test]
fn restores_in_place() {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 5000));
    let whole = fingerprint(&file);
    bench.add_sqlite("app", &file);
    let snapshot = bench.back_up("app");
    execute(&file, "UPDATE tasks SET title = 'wrong'; DELETE FROM tags");
    let wrong = fingerprint(&file);
    let kept = bench.path("kept.db");
    fs::copy(&file, &kept).unwrap();
    let mut ctrl_c = Interrupter::new("cancelled restores in place");
    ctrl_c.whole = Duration::from_millis(800);
    ctrl_c.until(4, |ctrl_c| {
        fs::copy(&kept, &file).unwrap();
        let only = ["--only", "tasks,tags"];
        let args = ["restore", &snapshot, "--in-place", "--on-conflict", "remote", "--yes"];
        let rows = ctrl_c.dice.below(2) == 0;
        let args = [&args[..], if rows { &only } else { &[] }].concat();
        let hit = ctrl_c.strike(&bench, &args);
        let found = fingerprint(&file);
        assert!(found == wrong || found == whole, "all or nothing");
        clean(&bench, "restore", hit);
    });
    bench.ok(&["restore", &snapshot, "--in-place", "--on-conflict", "remote", "--yes"]);
    assert_eq!(fingerprint(&file), whole);
}
