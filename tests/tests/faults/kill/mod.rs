//! SIGKILL at random moments of backups, prunes and restores. After each kill: every committed snapshot is listed and whole,
//! the journal has closed the run, the next run needs no help, and what was being restored is old or new, never torn.

mod backup;
mod keep;
mod restore;

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{bench::Bench, dice::Dice};

/// Kills calls at moments that cover their whole run, and counts what it hit.
pub struct Killer {
    pub dice: Dice,
    /// How long a call takes when nobody kills it; follows the machine's load.
    whole: Duration,
    /// Calls that died of the kill.
    pub killed: usize,
    /// Of those, the ones that had a run in the journal.
    pub begun: usize,
    tries: usize,
}

impl Killer {
    /// `whole` is a first guess.
    pub fn new(test: &str, whole: Duration) -> Self {
        Self {
            dice: Dice::new(test),
            whole,
            killed: 0,
            begun: 0,
            tries: 0,
        }
    }

    /// Whether there is more to do; fails when far too few of the kills hit.
    pub fn go_on(&mut self, wanted: usize) -> bool {
        self.tries += 1;
        assert!(
            self.tries <= 4 * wanted + 20,
            "only {} of {} kills hit a living process",
            self.killed,
            self.tries
        );
        self.killed < wanted
    }

    /// Starts a call and kills it. `true` when it died of that; otherwise it was done already, and well.
    pub fn strike(&mut self, bench: &Bench, args: &[&str]) -> bool {
        let after = self.dice.moment(self.whole.mul_f64(1.1));
        let mut command = bench.command(args);
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                self.finished(status, begun.elapsed(), args);
                break status;
            }
            let left = after.saturating_sub(begun.elapsed());
            if left.is_zero() {
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            std::thread::sleep(left.min(Duration::from_millis(1)));
        };
        let hit = status.signal() == Some(9);
        self.killed += usize::from(hit);
        // Too early all the time would be as bad as too late.
        self.whole = self.whole.mul_f64(if hit { 1.01 } else { 1.0 }).min(Duration::from_secs(20));
        hit
    }

    fn finished(&mut self, status: ExitStatus, took: Duration, args: &[&str]) {
        assert_eq!(status.code(), Some(0), "not killed, and yet it failed: {args:?}");
        self.whole = (self.whole + took) / 2;
    }
}

/// What is known to be committed, by snapshot.
pub struct Ledger<T> {
    pub known: BTreeMap<String, T>,
    runs: BTreeSet<String>,
    interrupted: usize,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            runs: BTreeSet::new(),
            interrupted: 0,
        }
    }
}

impl<T> Ledger<T> {
    /// Looks at the list: everything committed is there, nothing is damaged. Gives what is new.
    pub fn listed(&self, bench: &Bench) -> Vec<String> {
        let reply = bench.json(&["snapshots"]);
        assert_eq!(reply["problems"].as_array().map_or(0, Vec::len), 0, "{reply:#}");
        let all: BTreeSet<String> = reply["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap().to_owned())
            .collect();
        for id in self.known.keys() {
            assert!(all.contains(id), "the committed snapshot {id} is gone: {reply:#}");
        }
        all.into_iter().filter(|id| !self.known.contains_key(id)).collect()
    }

    /// The vault is sound, and the journal has closed the run that was killed, which is the newest of `kind`. Gives
    /// whether there was a new one.
    pub fn sound(&mut self, bench: &Bench, kind: &str, read_data: bool) -> bool {
        let mut args = vec!["verify", "safe"];
        args.extend(read_data.then_some("--read-data"));
        let reply = bench.long(&args);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        let runs = bench.json(&["runs", "--limit", "4"]);
        let mut new = false;
        for run in runs["runs"].as_array().unwrap() {
            assert!(run["verdict"].is_string(), "a run of a dead process is still open: {run:#}");
            let id = run["id"].as_str().unwrap();
            if run["kind"] == kind && self.runs.insert(id.to_owned()) {
                new = true;
                self.closed(bench, run);
            }
        }
        new
    }

    fn closed(&mut self, bench: &Bench, run: &Value) {
        if run["verdict"] == "complete" {
            return;
        }
        assert_eq!(run["verdict"], "failed", "{run:#}");
        self.interrupted += 1;
        // The reason is told in the detail; a look now and then will do.
        if self.interrupted % 8 == 1 {
            let detail = bench.json(&["runs", run["id"].as_str().unwrap()]).to_string();
            assert!(detail.contains("\"interrupted\""), "{detail}");
        }
    }

    /// How many runs the journal closed as interrupted.
    pub fn interrupted(&self) -> usize {
        self.interrupted
    }
}

/// At the end: the stock program finds nothing wrong, and no lock is left that stops it or us.
pub fn at_last(bench: &Bench) {
    bench.ok(&["verify", "safe", "--read-data"]);
    // Restic waits for no one: locks of the killed processes are told as dead by their process ids.
    bench.restic(&["unlock"]).expect(0);
    let checked = bench.restic(&["check", "--read-data"]).expect(0);
    assert!(checked.out.contains("no errors were found"), "{checked:#?}");
}
