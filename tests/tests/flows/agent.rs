//! The agent: plans run by the clock, once and only once, whoever is killed; the look from outside; what the system is given.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::bench::{Bench, Ran};

/// Where the library lies that makes programs believe in another time. The program `faketime` itself would stay between us and ours.
fn library() -> Option<String> {
    let told = Command::new("faketime")
        .args(["-f", "+0s", "printenv", "LD_PRELOAD"])
        .output()
        .ok()?;
    let path = String::from_utf8(told.stdout).ok()?.trim().to_owned();
    (!path.is_empty()).then_some(path)
}

/// Whether calls can believe in another time here.
pub fn time_can_be_set() -> bool {
    let there = library().is_some();
    if !there {
        eprintln!("SKIPPED in part: Debian's faketime is not installed");
    }
    there
}

/// A command that believes in another time, so many seconds from now. Waiting takes as long as ever.
pub fn later(bench: &Bench, seconds: i64, args: &[&str]) -> Command {
    let mut command = bench.command(args);
    command
        .env("LD_PRELOAD", library().unwrap())
        .env("FAKETIME", format!("{seconds:+}s"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    command
}

pub fn run_later(bench: &Bench, seconds: i64, args: &[&str]) -> Ran {
    let output = later(bench, seconds, args).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, seconds: u64, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(seconds), "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An agent whose words go into a file.
struct Agent {
    child: Child,
    log: std::path::PathBuf,
}

impl Agent {
    fn start(bench: &Bench, name: &str, seconds: i64) -> Self {
        let log = bench.path(name);
        let mut command = later(bench, seconds, &["agent", "run", "--json", "--no-desktop"]);
        let child = command
            .stdout(fs::File::create(&log).unwrap())
            .stderr(fs::File::create(bench.path(&format!("{name}.err"))).unwrap())
            .spawn()
            .unwrap();
        Self { child, log }
    }

    fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    fn said(&self, event: &str) -> Vec<Value> {
        self.events().into_iter().filter(|e| e["event"] == event).collect()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds to add to the clock so that the next full minute is `before` seconds away.
fn minute_in(before: i64) -> i64 {
    let now = chrono::Utc::now().timestamp();
    (60 - before - now.rem_euclid(60)).rem_euclid(60)
}

fn bench(hook: &[&str]) -> Bench {
    let bench = Bench::with_vault();
    fs::create_dir_all(bench.path("docs")).unwrap();
    fs::write(bench.path("docs/first"), "first").unwrap();
    bench.add_folder("docs", &bench.path("docs"));
    let plan = [
        "plan",
        "add",
        "p",
        "--source",
        "docs",
        "--every",
        "1m",
        "--sample-at",
        "off",
        "--check-at",
        "off",
        "--drill-one-at",
        "off",
    ];
    bench.ok(&[&plan[..], hook].concat());
    bench
}

fn snapshots(bench: &Bench) -> usize {
    bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len()
}

#[test]
fn once_does_what_is_due_and_proves_it() {
    if !time_can_be_set() {
        return;
    }
    let bench = bench(&[]);
    // Nothing is due yet: the plan is younger than its next moment.
    let idle = bench.ok(&["agent", "run", "--once", "--no-desktop", "--json"]);
    assert!(
        idle.events().iter().all(|e| e["event"] != "begin") || snapshots(&bench) == 1,
        "{idle:#?}"
    );
    let before = snapshots(&bench);
    // Five minutes on: one run makes up for all the moments nobody was there for.
    let ran = run_later(&bench, 300, &["agent", "run", "--once", "--no-desktop", "--json"]).expect(0);
    let ends: Vec<Value> = ran.events().into_iter().filter(|e| e["event"] == "end").collect();
    assert_eq!(ends.len(), 1, "{ran:#?}");
    assert_eq!((&ends[0]["plan"], &ends[0]["verdict"]), (&"p".into(), &"complete".into()));
    assert_eq!(snapshots(&bench), before + 1);
    let proof = run_later(&bench, 300, &["plan", "proof", "p", "--json"]).expect(0).json();
    let slots = proof["slots"].as_array().unwrap();
    let missed: u64 = slots
        .iter()
        .filter(|s| s["state"] == "missed")
        .map(|s| s["count"].as_u64().unwrap())
        .sum();
    assert!(missed >= 3, "{proof:#}");
    assert!(
        slots
            .iter()
            .any(|s| s["reason"] == "notRunning" && s["coveredBy"].is_string()),
        "{proof:#}"
    );
    let text = run_later(&bench, 300, &["plan", "proof", "p"]).expect(0).out;
    assert!(
        text.contains("Backstay did not run") && text.contains("moments kept") && text.contains("○ to come"),
        "{text}"
    );
    // The same moment is not run again.
    let again = run_later(&bench, 301, &["agent", "run", "--once", "--no-desktop", "--json"]).expect(0);
    assert!(
        again.events().iter().filter(|e| e["event"] == "end").count() <= 1,
        "{again:#?}"
    );
}

#[test]
fn an_agent_runs_by_the_clock_and_ends_when_told() {
    if !time_can_be_set() {
        return;
    }
    let bench = bench(&["--after", "true"]);
    let mut agent = Agent::start(&bench, "agent", minute_in(4));
    until("the run", 40, || !agent.said("end").is_empty());
    let end = &agent.said("end")[0];
    assert_eq!(end["verdict"], "complete", "{:#?}", agent.events());
    assert!(agent.said("leading").len() == 1, "{:#?}", agent.events());
    let status = bench.json(&["agent", "status"]);
    assert_eq!(
        (&status["running"], &status["here"]),
        (&true.into(), &false.into()),
        "{status:#}"
    );
    assert!(bench.ok(&["agent", "status"]).out.contains("backstay (process"));
    // A second one stands by and says who runs the plans.
    let mut second = Agent::start(&bench, "second", minute_in(30));
    until("the second", 20, || !second.said("standby").is_empty());
    assert!(second.said("standby")[0]["process"].as_str().unwrap().contains("process"));
    second.signal(Signal::TERM);
    assert_eq!(second.code(), Some(0));
    let once = bench.ok(&["agent", "run", "--once", "--no-desktop"]);
    assert!(once.out.contains("another process runs the plans"), "{once:#?}");
    agent.signal(Signal::TERM);
    assert_eq!(agent.code(), Some(0), "{:#?}", agent.events());
    assert_eq!(agent.said("stop")[0]["clean"], true);
    assert_eq!(bench.json(&["agent", "status"])["running"], false);
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn a_run_that_is_stopped_with_the_agent_goes_on_next_time() {
    if !time_can_be_set() {
        return;
    }
    let bench = bench(&["--before", "touch began; sleep 15"]);
    let offset = minute_in(4);
    let mut agent = Agent::start(&bench, "agent", offset);
    until("the hook", 40, || bench.path("began").exists());
    let begun = Instant::now();
    agent.signal(Signal::TERM);
    assert_eq!(agent.code(), Some(0), "{:#?}", agent.events());
    assert!(begun.elapsed() < Duration::from_secs(12), "it waits for no hook");
    assert_eq!(snapshots(&bench), 0);
    bench.ok(&["plan", "edit", "p", "--before", ""]);
    let ran = run_later(&bench, offset, &["agent", "run", "--once", "--no-desktop", "--json"]).expect(0);
    assert!(
        ran.events().iter().any(|e| e["event"] == "end" && e["verdict"] == "complete"),
        "{ran:#?}"
    );
    assert_eq!(snapshots(&bench), 1);
    let proof = run_later(&bench, offset, &["plan", "proof", "p", "--json"]).expect(0).json();
    assert!(
        proof["slots"].as_array().unwrap().iter().all(|s| s["state"] != "cancelled"),
        "{proof:#}"
    );
}

#[test]
fn three_agents_and_one_that_is_killed_in_mid_run() {
    if !time_can_be_set() {
        return;
    }
    let bench = bench(&["--before", "echo x >> began; if [ $(wc -l < began) = 1 ]; then sleep 30; fi"]);
    let offset = minute_in(4);
    let mut agents: Vec<Agent> = ["a", "b", "c"]
        .into_iter()
        .map(|name| Agent::start(&bench, name, offset))
        .collect();
    let lines = |path: &Path| fs::read_to_string(path).unwrap_or_default().lines().count();
    until("the run", 40, || lines(&bench.path("began")) == 1);
    let leads = agents.iter().position(|agent| !agent.said("begin").is_empty()).unwrap();
    assert!(
        agents.iter().filter(|agent| !agent.said("begin").is_empty()).count() == 1,
        "one runs it"
    );
    agents[leads].signal(Signal::KILL);
    assert_eq!(agents[leads].code(), None, "killed");
    assert_eq!(snapshots(&bench), 0, "it was in mid-run");
    until("another takes over", 40, || {
        agents
            .iter()
            .enumerate()
            .any(|(n, agent)| n != leads && !agent.said("end").is_empty())
    });
    for agent in &mut agents {
        if agent.child.try_wait().unwrap().is_none() {
            agent.signal(Signal::TERM);
            assert_eq!(agent.code(), Some(0));
        }
    }
    // Whatever became of the moments, none has two backups and none was lost.
    let proof = run_later(&bench, offset, &["plan", "proof", "p", "--json"]).expect(0).json();
    let slots = proof["slots"].as_array().unwrap();
    let over: Vec<&Value> = slots.iter().filter(|s| s["state"] != "notYet").collect();
    let dues: Vec<&str> = over.iter().map(|s| s["due"].as_str().unwrap()).collect();
    let mut once = dues.clone();
    once.dedup();
    assert_eq!(dues, once, "each moment has one record: {proof:#}");
    let saved = over
        .iter()
        .filter(|s| s["state"] == "ran" || s["state"] == "caughtUp")
        .count();
    assert!(saved >= 1, "{proof:#}");
    let complete = bench.json(&["runs", "--kind", "backup", "--verdict", "complete"]);
    assert_eq!(complete["runs"].as_array().unwrap().len(), saved, "{complete:#}\n{proof:#}");
    assert_eq!(snapshots(&bench), saved);
    assert!(
        over.iter().all(|s| s["state"] != "running"),
        "nothing is left running: {proof:#}"
    );
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.ok(&["audit", "verify"]);
}

#[test]
fn who_is_due_while_somebody_works_by_hand_waits_and_then_runs() {
    if !time_can_be_set() {
        return;
    }
    let bench = bench(&[]);
    bench.ok(&[
        "plan",
        "add",
        "hand",
        "--source",
        "docs",
        "--manual",
        "--before",
        "touch held; sleep 9",
    ]);
    let by_hand = bench.start(&["plan", "run", "hand"]);
    until("the run by hand", 20, || bench.path("held").exists());
    let waits = run_later(&bench, 120, &["agent", "run", "--once", "--no-desktop", "--json"]).expect(0);
    let reasons: Vec<Value> = waits.events().into_iter().filter(|e| e["event"] == "wait").collect();
    assert!(reasons.iter().any(|e| e["reason"] == "otherProcess"), "{waits:#?}");
    let listed = run_later(&bench, 120, &["plan", "list"]).expect(0).out;
    assert!(listed.contains("another Backstay was working"), "{listed}");
    let done = by_hand.wait_with_output().unwrap();
    assert!(done.status.success(), "{done:#?}");
    assert_eq!(snapshots(&bench), 1);
    let ran = run_later(&bench, 150, &["agent", "run", "--once", "--no-desktop", "--json"]).expect(0);
    assert!(
        ran.events().iter().any(|e| e["event"] == "end" && e["verdict"] == "complete"),
        "{ran:#?}"
    );
    assert_eq!(snapshots(&bench), 2);
    let alarms = bench.run(&["status", "--json"]).json();
    assert!(
        alarms["alerts"].as_array().unwrap().is_empty(),
        "waiting is no alarm: {alarms:#}"
    );
}

#[test]
fn the_system_is_given_files_it_can_use() {
    let bench = bench(&[]);
    let would = bench.json(&["agent", "install", "--dry-run"]);
    let files = would["files"].as_array().unwrap();
    assert!(files.len() >= 3, "{would:#}");
    let all: String = files.iter().map(|file| file[1].as_str().unwrap()).collect();
    assert!(
        all.contains("agent run") && all.contains("agent look") && all.contains("OnCalendar") || all.contains("OnUnit"),
        "{all}"
    );
    assert!(
        files
            .iter()
            .all(|file| file[0].as_str().unwrap().starts_with(bench.path("").to_str().unwrap())),
        "{would:#}"
    );
    assert!(
        files.iter().all(|file| !Path::new(file[0].as_str().unwrap()).exists()),
        "nothing was written"
    );
    let done = bench.json(&["agent", "install"]);
    let written: Vec<&str> = done["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file[0].as_str().unwrap())
        .collect();
    assert!(written.iter().all(|path| Path::new(path).exists()), "{done:#}");
    assert_eq!(bench.json(&["agent", "status"])["installed"], true);
    fs::write(written[0], "edited by hand").unwrap();
    assert_ne!(bench.run(&["agent", "install"]).code, 0, "what a person edited stays");
    assert_eq!(fs::read_to_string(written[0]).unwrap(), "edited by hand");
    bench.ok(&["agent", "install", "--force"]);
    bench.ok(&["agent", "uninstall"]);
    assert!(written.iter().all(|path| !Path::new(path).exists()), "{written:?}");
    assert_eq!(bench.json(&["agent", "status"])["installed"], false);
}
