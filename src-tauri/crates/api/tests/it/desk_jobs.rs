//! Jobs as the window starts, watches and stops them.

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use backstay_api::{
    AppOptions, Connector, OptionSpec, Secret,
    desk::{CallOptions, Desk, Listener},
    secrets::{Backend, FileConfig, KeySource, Preference},
    types::{JobState, JobView, Topic},
};
use backstay_model::{Capabilities, ErrorKind, RawJson, SnapshotMeta, TargetSpec, Verdict};
use backstay_source::{
    Cancel, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Secrets, Sink, Source, SourceConfig,
};
use backstay_source_kit::MemorySource;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::bench::PASSWORD;

const PATIENCE: Duration = Duration::from_secs(30);

/// A gate a backup waits at.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    bell: Condvar,
    reached: AtomicBool,
}

impl Gate {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.bell.notify_all();
    }

    fn pass(&self, cancel: &Cancel) {
        self.reached.store(true, Ordering::SeqCst);
        let mut open = self.open.lock().unwrap();
        while !*open && !cancel.is_cancelled() {
            open = self.bell.wait_timeout(open, Duration::from_millis(5)).unwrap().0;
        }
    }
}

/// Sources by path: `slow` waits at the gate, `panics` panics, anything else is in memory.
struct Odd {
    gate: Arc<Gate>,
    memory: MemorySource,
}

struct OddSource {
    gate: Option<Arc<Gate>>,
    panics: bool,
    memory: MemorySource,
}

impl Connector for Odd {
    fn kind(&self) -> &'static str {
        "odd"
    }
    fn title(&self) -> &'static str {
        "Odd"
    }
    fn summary(&self) -> &'static str {
        "Sources that misbehave"
    }
    fn options(&self) -> &'static [OptionSpec] {
        &[OptionSpec {
            name: "path",
            value: "TEXT",
            help: "which",
            required: true,
            multiple: false,
            flag: false,
            secret: false,
            path: true,
            choices: &[],
        }]
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, config: &SourceConfig, _: &dyn Secrets) -> backstay_source::Result<Arc<dyn Source>> {
        let path = config.text("path").unwrap_or_default();
        Ok(Arc::new(OddSource {
            gate: (path == "slow").then(|| self.gate.clone()),
            panics: path == "panics",
            memory: self.memory.clone(),
        }))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

impl Source for OddSource {
    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities()
    }
    fn probe(&self, _: &Cancel) -> backstay_source::Result<Probe> {
        Ok(Probe::default())
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> backstay_source::Result<Outcome> {
        assert!(!self.panics, "a scripted panic");
        if let Some(gate) = &self.gate {
            gate.pass(sink.cancel());
            sink.cancel().check()?;
        }
        self.memory.changes(cursor, sink)
    }
    fn live_records(&self, cancel: &Cancel) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        self.memory.live_records(cancel)
    }
    fn live_files(&self, cancel: &Cancel) -> backstay_source::Result<Option<Arc<dyn FileView>>> {
        self.memory.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> backstay_source::Result<Arc<dyn Source>> {
        self.memory.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> backstay_source::Result<Box<dyn RecordWriter>> {
        self.memory.record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> backstay_source::Result<Box<dyn FileWriter>> {
        self.memory.file_writer(cancel)
    }
}

/// Remembers what it was told.
#[derive(Default)]
struct Heard {
    jobs: Mutex<Vec<JobView>>,
    stale: Mutex<Vec<Topic>>,
}

impl Listener for Heard {
    fn job(&self, job: &JobView) {
        self.jobs.lock().unwrap().push(job.clone());
    }
    fn stale(&self, topics: &[Topic]) {
        self.stale.lock().unwrap().extend(topics);
    }
}

struct Table {
    desk: Desk,
    gate: Arc<Gate>,
    memory: MemorySource,
    heard: Arc<Heard>,
    dir: tempfile::TempDir,
}

impl Table {
    fn set(sources: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (gate, memory, heard) = (Arc::new(Gate::default()), MemorySource::default(), Arc::new(Heard::default()));
        memory.put("c", "1", RawJson::parse(b"\"then\"").unwrap());
        let connector = Odd {
            gate: gate.clone(),
            memory: memory.clone(),
        };
        let options = AppOptions {
            home: dir.path().join("home"),
            connectors: vec![Arc::new(connector)],
            program: "test",
            actor: "tester".to_owned(),
            secrets: Preference {
                backend: Backend::File,
                file: Some(FileConfig {
                    path: dir.path().join("secrets.age"),
                    key: KeySource::Passphrase(Secret::from_text("opens the file of secrets".to_owned())),
                }),
                ..Preference::default()
            },
        };
        let desk = Desk::open(options, heard.clone()).unwrap();
        let table = Self {
            desk,
            gate,
            memory,
            heard,
            dir,
        };
        let created = CallOptions {
            new_password: Some(Secret::from_text(PASSWORD.to_owned())),
            ..CallOptions::default()
        };
        let request = json!({"name": "disk", "path": table.dir.path().join("disk"), "remember": true});
        table.desk.call("vault.create", request, &created).unwrap();
        for name in sources {
            table.ok("source.add", json!({"kind": "odd", "name": name, "options": {"path": name}}));
        }
        table
    }

    fn ok(&self, name: &str, request: Value) -> Value {
        let reply = self.desk.call(name, request, &CallOptions::default());
        reply.unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    fn start(&self, command: &str, request: Value) -> String {
        let job = self.ok("job.start", json!({"command": command, "request": request}));
        job["id"].as_str().unwrap().to_owned()
    }

    fn back_up(&self, source: &str) -> String {
        self.start("backup", json!({"sources": [source]}))
    }

    fn view(&self, job: &str) -> JobView {
        let all = self.desk.jobs().jobs;
        all.into_iter().find(|view| view.id == job).expect("the job is listed")
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "{what} did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn ended(&self, job: &str) -> JobView {
        self.until("the end", || self.view(job).state == JobState::Done);
        self.view(job)
    }
}

#[test]
fn jobs_run_in_order_and_tell_how_they_ended() {
    let table = Table::set(&["slow", "a", "b"]);
    let slow = table.back_up("slow");
    table.until("the gate", || table.gate.reached.load(Ordering::SeqCst));
    let (a, b) = (table.back_up("a"), table.back_up("b"));
    let order: Vec<_> = table.desk.jobs().jobs.into_iter().map(|job| job.id).collect();
    assert_eq!(order, [slow.clone(), a.clone(), b.clone()]);
    let waiting = table.view(&b);
    assert_eq!(
        (waiting.state, waiting.waiting_for.as_deref()),
        (JobState::Waiting, Some("job"))
    );
    table.gate.open();
    for job in [&slow, &a, &b] {
        let done = table.ended(job);
        assert_eq!((done.verdict, done.error), (Some(Verdict::Complete), None));
        assert!(done.run.is_some() && done.reply.is_some() && done.started <= done.finished);
    }
    assert!(table.view(&slow).finished <= table.view(&a).started && table.view(&a).finished <= table.view(&b).started);
    let heard = table.heard.jobs.lock().unwrap().clone();
    assert!(
        heard.iter().any(|job| job.id == slow && job.progress.is_some()),
        "progress was told"
    );
    assert!(table.heard.stale.lock().unwrap().contains(&Topic::Snapshots));
    let runs = table.ok("run.list", json!({"limit": 10}));
    assert_eq!(runs["runs"][0]["id"], json!(table.view(&b).run));
    table.ok("job.dismiss", json!({"job": a}));
    assert!(table.desk.jobs().jobs.iter().all(|job| job.id != a));
}

#[test]
fn a_running_job_and_a_waiting_one_are_cancelled() {
    let table = Table::set(&["slow", "a"]);
    let slow = table.back_up("slow");
    table.until("the gate", || table.gate.reached.load(Ordering::SeqCst));
    let waiting = table.back_up("a");
    table.ok("job.cancel", json!({"job": waiting}));
    table.ok("job.cancel", json!({"job": slow}));
    let (slow, waiting) = (table.ended(&slow), table.ended(&waiting));
    assert_eq!(
        (slow.verdict, waiting.verdict),
        (Some(Verdict::Cancelled), Some(Verdict::Cancelled))
    );
    assert!(!slow.cancelling && !waiting.cancelling);
    assert_eq!(
        table.ok("snapshot.list", json!({}))["snapshots"],
        json!([]),
        "nothing was saved"
    );
    let runs = table.ok("run.list", json!({"limit": 10}))["runs"].clone();
    assert_eq!(
        (runs.as_array().unwrap().len(), &runs[0]["verdict"]),
        (1, &json!("cancelled")),
        "{runs:#}"
    );
    let error = table
        .desk
        .call("job.cancel", json!({"job": "nobody"}), &CallOptions::default())
        .unwrap_err();
    assert_eq!(error.code, ErrorKind::NotFound);
}

#[test]
fn a_pause_holds_back_what_has_not_begun() {
    let table = Table::set(&["a"]);
    table.desk.pause(Some(Utc::now() + TimeDelta::hours(1)));
    let job = table.back_up("a");
    std::thread::sleep(Duration::from_millis(100));
    let view = table.view(&job);
    assert_eq!((view.state, view.waiting_for.as_deref()), (JobState::Waiting, Some("pause")));
    table.ok("job.pause", json!({}));
    assert_eq!(table.ended(&job).verdict, Some(Verdict::Complete));
    table.desk.pause(Some(Utc::now() + TimeDelta::hours(1)));
    let job = table.back_up("a");
    table.ok("job.cancel", json!({"job": job}));
    assert_eq!(
        table.ended(&job).verdict,
        Some(Verdict::Cancelled),
        "one that was given up does not wait"
    );
}

#[test]
fn a_fault_in_one_job_does_not_end_the_others() {
    let table = Table::set(&["panics", "a"]);
    let (bad, good) = (table.back_up("panics"), table.back_up("a"));
    let bad = table.ended(&bad);
    assert_eq!(bad.verdict, Some(Verdict::Failed));
    assert_eq!(bad.error.map(|error| error.code), Some(ErrorKind::Internal));
    let good = table.ended(&good);
    assert_eq!(good.verdict, Some(Verdict::Complete), "{good:?}");
}

#[test]
fn a_restore_and_its_undo_are_jobs() {
    let table = Table::set(&["a"]);
    table.ended(&table.back_up("a"));
    table.memory.put("c", "1", RawJson::parse(b"\"now\"").unwrap());
    table.ended(&table.back_up("a"));
    let from = table.ok("snapshot.list", json!({"source": "a"}))["snapshots"].clone();
    let oldest = from
        .as_array()
        .unwrap()
        .iter()
        .min_by_key(|row| row["time"].as_str().unwrap().to_owned())
        .unwrap();
    let plan = table.ended(&table.start(
        "restore.plan",
        json!({"from": {"snapshot": {"snapshot": oldest["id"]}}, "selection": {}, "target": "inPlace", "policy": "skip"}),
    ));
    let path = plan.reply.unwrap()["path"].clone();
    let steps = table.ok("restore.steps", json!({"path": path, "offset": 0, "limit": 10}));
    assert_eq!(
        (&steps["total"], &steps["steps"][0]["action"]),
        (&json!(1), &json!("update")),
        "{steps:#}"
    );
    let kept = table.dir.path().join("kept.ndjson");
    table.ok("restore.savePlan", json!({"path": path, "to": kept}));
    assert_eq!(table.ok("path.inspect", json!({"path": kept}))["kind"], "plan");
    let foreign = table.desk.call(
        "restore.steps",
        json!({"path": kept, "offset": 0, "limit": 1}),
        &CallOptions::default(),
    );
    assert_eq!(foreign.unwrap_err().code, ErrorKind::Usage);
    let opened = table.ok("restore.openPlan", json!({"path": kept}));
    assert_eq!(opened["plan"]["counts"]["update"], 1, "{opened:#}");
    let own = json!({"path": opened["path"], "offset": 0, "limit": 10});
    assert_eq!(
        table.ok("restore.steps", own)["steps"],
        steps["steps"],
        "the same steps, in a place of its own"
    );
    let run = table.ended(&table.start("restore.run", json!({"path": opened["path"]})));
    assert_eq!(run.verdict, Some(Verdict::Complete), "{run:?}");
    let now = || table.memory.now().collections["c"].records["1"].data.as_bytes().to_vec();
    assert_eq!(now(), b"\"then\"");
    let undone = table.ended(&table.start("restore.undo", json!({"run": run.run, "policy": "skip"})));
    assert_eq!(undone.verdict, Some(Verdict::Complete), "{undone:?}");
    assert_eq!(now(), b"\"now\"");
    let targets = table.ok("restore.targets", json!({"at": {"snapshot": oldest["id"]}}));
    assert!(targets["suggested"].as_str().unwrap().contains("Restored/a "), "{targets:#}");
    assert_eq!((&targets["origin"], &targets["noInPlace"]), (&json!("a"), &Value::Null));
    assert_eq!(targets["capabilities"]["update"], true);
}

#[test]
fn shutting_down_stops_what_runs_and_says_whether_it_ended() {
    let table = Table::set(&["slow"]);
    let slow = table.back_up("slow");
    table.until("the gate", || table.gate.reached.load(Ordering::SeqCst));
    table.ok("kit.begin", json!({"name": "disk"}));
    let keys = || {
        table.ok("vault.keys", json!({"name": "disk"}))["keys"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(keys(), 2);
    assert!(table.desk.shut_down(PATIENCE));
    assert_eq!(table.view(&slow).verdict, Some(Verdict::Cancelled));
    assert_eq!(keys(), 1, "a kit nobody confirmed does not outlive the process");
}
