//! What only services have: restores into another source, records with several versions, replication.

use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use backstay_api::{
    App, COMMANDS, Cancel, Context, Silent,
    desk::{CallOptions, Desk, Listener},
    types::{JobView, Topic},
};
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::{
    bench::{self, Fixed, InMemory, PASSWORD},
    twin::{Shared, Twin},
};

struct Service {
    app: App,
    shared: Arc<Shared>,
    dir: tempfile::TempDir,
}

fn options(dir: &std::path::Path, shared: &Arc<Shared>) -> backstay_api::AppOptions {
    let mut options = bench::options(dir, &Arc::new(InMemory::default()));
    options.connectors.push(Arc::new(Twin(shared.clone())));
    options
}

impl Service {
    /// With the sources `office` and `cloud`, and no vault.
    fn bare() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared::default());
        let app = App::open(options(dir.path(), &shared)).unwrap();
        let service = Self { app, shared, dir };
        for name in ["office", "cloud"] {
            service.ok("source.add", json!({"kind": "twin", "name": name, "options": {"url": name}}));
            service.shared.at(name).collection("c");
        }
        service
    }

    fn new() -> Self {
        let service = Self::bare();
        let path = service.dir.path().join("disk");
        service.ok("vault.create", json!({"name": "disk", "path": path, "remember": true}));
        service
    }

    fn call(&self, name: &str, request: Value) -> backstay_api::Result<Value> {
        let context = Context {
            cancel: &Cancel::default(),
            reporter: &Silent,
            passwords: &Fixed(PASSWORD),
        };
        let entry = COMMANDS.iter().find(|entry| entry.name == name).expect(name);
        (entry.call)(&self.app, &context, request)
    }

    fn ok(&self, name: &str, request: Value) -> Value {
        self.call(name, request).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    fn err(&self, name: &str, request: Value) -> backstay_api::ApiError {
        match self.call(name, request) {
            Ok(reply) => panic!("{name} succeeded: {reply:#}"),
            Err(error) => error,
        }
    }

    fn backup(&self) -> String {
        let reply = self.ok("backup", json!({"sources": ["office"]}));
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        reply["runs"][0]["snapshot"].as_str().unwrap().to_owned()
    }

    fn plan(&self, snapshot: &str, target: Value, options: Value) -> backstay_api::Result<Value> {
        let request = json!({
            "from": {"snapshot": {"snapshot": snapshot}},
            "selection": {},
            "target": target,
            "policy": "skip",
            "options": options,
        });
        self.call("restore.plan", request)
    }
}

#[test]
fn a_backup_goes_into_another_source_by_its_options_and_back() {
    let service = Service::new();
    service.shared.put("office", "1", json!({"_rev": "1-a", "title": "one"}));
    service.shared.put("office", "2", json!({"_rev": "1-b", "title": "two"}));
    service.shared.put("cloud", "9", json!({"_rev": "1-z", "title": "own"}));
    let snapshot = service.backup();

    let targets = service.ok("restore.targets", json!({"at": {"snapshot": snapshot}}));
    assert_eq!((&targets["kind"], &targets["namedPlaces"]), (&json!("twin"), &json!(true)));
    assert_eq!(targets["origin"], "office");
    let names: Vec<_> = targets["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["name"], &one["origin"]))
        .collect();
    assert_eq!(names, [(&json!("cloud"), &json!(false)), (&json!("office"), &json!(true))]);
    assert_eq!(targets["options"][0]["choices"], json!(["same", "new"]));
    assert!(
        targets["suggested"].as_str().unwrap().starts_with("*-restored-"),
        "{targets:#}"
    );

    let plan = service
        .plan(
            &snapshot,
            json!({"source": {"source": "CLOUD"}}),
            json!({"how": "same", "loud": "true"}),
        )
        .unwrap();
    assert_eq!(plan["plan"]["target"], json!({"source": {"source": "cloud"}}));
    assert_eq!(
        (&plan["plan"]["counts"]["create"], &plan["plan"]["options"]["how"]),
        (&json!(2), &json!("same"))
    );
    service.shared.options.lock().unwrap().clear();
    let reply = service.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(
        (&reply["verdict"], &reply["target"]),
        (&json!("complete"), &json!("cloud")),
        "{reply:#}"
    );
    assert_eq!(service.shared.ids("cloud"), ["1", "2", "9"]);
    let used = service.shared.options.lock().unwrap().clone();
    assert!(
        !used.is_empty()
            && used
                .iter()
                .all(|options| options["how"] == "same" && options["loud"] == "true"),
        "{used:?}"
    );

    let undone = service.ok("restore.undo", json!({"run": reply["run"], "policy": "skip"}));
    assert_eq!(undone["verdict"], "complete", "{undone:#}");
    assert_eq!(service.shared.ids("cloud"), ["9"]);
    assert_eq!(
        service.shared.ids("office"),
        ["1", "2"],
        "the source it came from was left alone"
    );

    // A new name is a name, in the source it came from and in the other one.
    let plan = service.plan(&snapshot, json!({"new": "beside"}), json!({})).unwrap();
    service.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(service.shared.ids("beside"), ["1", "2"]);
    let plan = service
        .plan(&snapshot, json!({"source": {"source": "cloud", "place": "far"}}), json!({}))
        .unwrap();
    let reply = service.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(reply["target"], "cloud: far");
    assert_eq!(service.shared.ids("far"), ["1", "2"]);
    // The source it came from is not another one.
    let plan = service
        .plan(&snapshot, json!({"source": {"source": "office"}}), json!({}))
        .unwrap();
    assert_eq!(
        (&plan["plan"]["target"], &plan["plan"]["counts"]["same"]),
        (&json!("inPlace"), &json!(2))
    );
}

#[test]
fn what_makes_no_sense_as_a_target_is_refused_before_anything_is_written() {
    let service = Service::new();
    service.shared.put("office", "1", json!({"_rev": "1-a"}));
    let snapshot = service.backup();
    let wrong = |target: Value, options: Value| {
        let error = service.plan(&snapshot, target, options).unwrap_err();
        (error.code, error.message, error.hint.unwrap_or_default())
    };
    let cloud = || json!({"source": {"source": "cloud"}});
    let (code, text, hint) = wrong(cloud(), json!({"colour": "red"}));
    assert_eq!(code, ErrorKind::Usage);
    assert!(text.contains("\"colour\"") && hint.contains("how, loud"), "{text} {hint}");
    let (code, _, hint) = wrong(cloud(), json!({"how": "maybe"}));
    assert!(code == ErrorKind::Usage && hint.contains("same, new"), "{hint}");
    assert_eq!(wrong(cloud(), json!({"loud": "yes"})).0, ErrorKind::Usage);
    assert_eq!(
        wrong(json!({"source": {"source": "nowhere"}}), json!({})).0,
        ErrorKind::NotFound
    );
    service.ok(
        "source.add",
        json!({"kind": "memory", "name": "files", "options": {"path": "x"}}),
    );
    let (code, text, _) = wrong(json!({"source": {"source": "files"}}), json!({}));
    assert!(code == ErrorKind::Usage && text.contains("\"memory\""), "{text}");
    // Without the source nobody knows where the server is; another source of the kind does.
    service.ok("source.remove", json!({"name": "office"}));
    assert_eq!(wrong(json!({"new": "beside"}), json!({})).0, ErrorKind::NotFound);
    let plan = service.plan(&snapshot, cloud(), json!({})).unwrap();
    service.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(service.shared.ids("cloud"), ["1"]);
}

fn torn() -> Value {
    json!({
        "_rev": "2-b", "title": "theirs", "tags": ["x"], "n": 5,
        "_conflicts": [{"_rev": "2-a", "title": "mine", "tags": ["x", "y"]}]
    })
}

#[test]
fn a_conflict_is_found_shown_settled_and_taken_back() {
    let service = Service::new();
    service.shared.put("office", "1", json!({"_rev": "1-a"}));
    for id in ["2", "3", "4"] {
        service.shared.put("office", id, torn());
    }
    let page = service.ok("conflict.list", json!({"source": "office", "limit": 2}));
    assert_eq!(page["conflicts"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&page["conflicts"][0]["id"], &page["conflicts"][0]["versions"]),
        (&json!("2"), &json!(2))
    );
    let rest = service.ok(
        "conflict.list",
        json!({"source": "office", "limit": 2, "after": page["next"]}),
    );
    assert_eq!(
        (&rest["conflicts"][0]["id"], &rest["next"]),
        (&json!("4"), &Value::Null),
        "{rest:#}"
    );

    let of = |id: &str| json!({"source": "office", "collection": "c", "id": id});
    let shown = service.ok("conflict.show", of("2"));
    assert_eq!(shown["vault"], "disk");
    let versions = shown["versions"].as_array().unwrap();
    assert_eq!((&versions[0]["rev"], &versions[0]["winner"]), (&json!("2-b"), &json!(true)));
    let fields: Vec<&str> = versions[1]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["/title", "/tags/1", "/n"],
        "revisions are nobody's choice: {shown:#}"
    );

    let settle = |id: &str, keep: Value, expect: &Value| {
        let mut request = of(id);
        request["keep"] = keep;
        request["expect"] = expect.clone();
        service.call("conflict.settle", request)
    };
    let data = |id: &str| {
        service.shared.at("office").now().collections["c"].records[id]
            .data
            .value()
            .unwrap()
    };
    let before = data("2");
    let reply = settle("2", json!({"rev": "2-a"}), &shown["expect"]).unwrap();
    assert_eq!((&reply["rev"], &reply["removed"]), (&json!("9-settled"), &json!(1)));
    assert_eq!(data("2"), json!({"title": "mine", "tags": ["x", "y"], "_rev": "9-settled"}));
    let runs = service.ok("run.list", json!({"id": reply["run"]}));
    let run = &runs["detail"]["run"];
    assert_eq!(
        (&run["kind"], &run["verdict"], &run["canUndo"], &run["canResume"]),
        (&json!("settle"), &json!("complete"), &json!(true), &json!(false))
    );

    // Settled already: what was looked at is no more.
    assert_eq!(
        settle("2", json!({"rev": "2-b"}), &shown["expect"]).unwrap_err().code,
        ErrorKind::Changed
    );
    let undone = service.ok("restore.undo", json!({"run": reply["run"], "policy": "skip"}));
    assert_eq!(undone["verdict"], "complete", "{undone:#}");
    assert_eq!(data("2"), before, "all versions are back");

    // Field by field, and by hand.
    let expect = &service.ok("conflict.show", of("3"))["expect"];
    let keep = json!({"fields": {"from": "2-b", "fields": [{"field": "/tags/1", "rev": "2-a"}, {"field": "/n", "rev": "2-a"}]}});
    settle("3", keep, expect).unwrap();
    assert_eq!(data("3"), json!({"title": "theirs", "tags": ["x", "y"], "_rev": "9-settled"}));
    let expect = &service.ok("conflict.show", of("4"))["expect"];
    let wrong = [
        (json!({"rev": "7-x"}), ErrorKind::NotFound),
        (json!({"data": {"json": "[1]", "from": "2-b"}}), ErrorKind::Usage),
        (json!({"data": {"json": "{", "from": "2-b"}}), ErrorKind::Usage),
        (json!({"data": {"json": "{}", "from": "7-x"}}), ErrorKind::NotFound),
        (
            json!({"fields": {"from": "2-b", "fields": [{"field": "title", "rev": "2-a"}]}}),
            ErrorKind::Usage,
        ),
    ];
    for (keep, code) in wrong {
        assert_eq!(settle("4", keep.clone(), expect).unwrap_err().code, code, "{keep}");
    }
    settle(
        "4",
        json!({"data": {"json": "{\"title\":\"both\",\"_rev\":\"1-forged\",\"big\":12345678901234567890.5}", "from": "2-b"}}),
        expect,
    )
    .unwrap();
    assert_eq!(
        data("4").to_string(),
        "{\"title\":\"both\",\"big\":12345678901234567890.5,\"_rev\":\"9-settled\"}"
    );

    let left = service.ok("conflict.list", json!({"source": "office"}));
    assert_eq!(
        left["conflicts"].as_array().unwrap().len(),
        1,
        "only the one that was taken back"
    );
    assert_eq!(
        settle("1", json!({"rev": "1-a"}), &service.ok("conflict.show", of("1"))["expect"])
            .unwrap_err()
            .code,
        ErrorKind::Refused
    );
    let audit = service.ok("audit.list", json!({"action": "conflict."}));
    assert_eq!(audit["entries"].as_array().unwrap().len(), 3, "{audit:#}");
    service.ok(
        "source.add",
        json!({"kind": "memory", "name": "files", "options": {"path": "x"}}),
    );
    assert_eq!(
        service.err("conflict.list", json!({"source": "files"})).code,
        ErrorKind::Unsupported
    );
}

#[test]
fn nothing_is_settled_that_cannot_be_saved_first() {
    let service = Service::bare();
    service.shared.put("office", "2", torn());
    let shown = service.ok("conflict.show", json!({"source": "office", "collection": "c", "id": "2"}));
    assert_eq!(shown.get("vault").and_then(Value::as_str), None);
    let request = json!({"source": "office", "collection": "c", "id": "2", "keep": {"rev": "2-a"}, "expect": shown["expect"]});
    assert_eq!(service.err("conflict.settle", request).code, ErrorKind::Refused);
    assert_eq!(
        service.shared.at("office").now().collections["c"].records["2"]
            .data
            .value()
            .unwrap(),
        torn()
    );
}

fn ends(what: Value) -> Value {
    json!({"from": {"source": "office", "collection": "c"}, "to": {"source": "cloud", "collection": "c"}, "what": what})
}

#[test]
fn a_replication_that_ends_is_a_run_with_a_verdict() {
    let service = Service::bare();
    service.shared.put("office", "1", json!({"_rev": "1-a"}));
    let reply = service.ok("replication.start", ends(json!({})));
    assert_eq!(
        (&reply["verdict"], &reply["progress"]["written"]),
        (&json!("complete"), &json!(1))
    );
    service.shared.put("office", "bad", json!({"_rev": "1-b"}));
    let reply = service.ok("replication.start", ends(json!({})));
    assert_eq!(
        (&reply["verdict"], &reply["gaps"][0]["subject"]),
        (&json!("partial"), &json!("c/bad"))
    );
    let run = service.ok("run.list", json!({"id": reply["run"]}));
    assert_eq!(run["detail"]["run"]["kind"], "replicate");
    assert_eq!(run["detail"]["gaps"].as_array().unwrap().len(), 1);
    assert!(
        run["detail"]["events"][0][1].as_str().unwrap().contains("office/c → cloud/c"),
        "{run:#}"
    );
    service.shared.down.store(true, Ordering::SeqCst);
    assert_eq!(service.err("replication.start", ends(json!({}))).code, ErrorKind::Unreachable);
    let failed = service.ok("run.list", json!({"kind": "replicate", "verdict": "failed"}));
    assert_eq!(failed["runs"].as_array().unwrap().len(), 1);
    service.ok(
        "source.add",
        json!({"kind": "memory", "name": "files", "options": {"path": "x"}}),
    );
    let mut odd = ends(json!({}));
    odd["to"]["source"] = json!("files");
    assert_eq!(service.err("replication.start", odd).code, ErrorKind::Usage);
}

#[test]
fn the_services_own_replications_are_listed_and_stopped() {
    let service = Service::bare();
    service.ok(
        "source.add",
        json!({"kind": "twin", "name": "mute", "options": {"url": "mute"}}),
    );
    let list = service.ok("replication.list", json!({"services": true}));
    let of: Vec<&str> = list["onServices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["source"].as_str().unwrap())
        .collect();
    assert_eq!(of, ["cloud", "office"]);
    assert_eq!(list["gaps"][0]["subject"], "mute", "one that does not answer hides nothing");
    service.ok("replication.stop", json!({"id": "own", "source": "cloud"}));
    assert_eq!(*service.shared.stopped.lock().unwrap(), ["own"]);
}

#[derive(Default)]
struct Heard(Mutex<Vec<Topic>>);

impl Listener for Heard {
    fn job(&self, _: &JobView) {}
    fn stale(&self, topics: &[Topic]) {
        self.0.lock().unwrap().extend(topics);
    }
}

/// Waits for what is to come within some seconds.
fn until(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_continuous_one_is_kept_going_beside_the_jobs() {
    let service = Service::bare();
    let Service { app, shared, dir } = service;
    drop(app);
    let heard = Arc::new(Heard::default());
    let desk = Desk::open(options(dir.path(), &shared), heard.clone()).unwrap();
    let call = |name: &str, request: Value| desk.call(name, request, &CallOptions::default());
    let kept = || call("replication.list", json!({})).unwrap()["kept"][0].clone();

    let mut missing = ends(json!({"continuous": true}));
    missing["to"]["collection"] = json!("nowhere");
    let error = call("replication.start", missing).unwrap_err();
    assert!(error.code == ErrorKind::NotFound && error.hint.unwrap().contains("--create"));

    shared.put("office", "1", json!({"_rev": "1-a"}));
    let started = call("replication.start", ends(json!({"continuous": true}))).unwrap();
    assert!(started["kept"].is_string(), "{started:#}");
    assert_eq!(kept()["state"], "nobody", "nobody watches the clock yet");
    let again = call("replication.start", ends(json!({"continuous": true}))).unwrap();
    assert_eq!(again["kept"], started["kept"], "the same is kept once");
    let mut stay = ends(json!({"continuous": true}));
    stay["stay"] = json!(true);
    assert_eq!(call("replication.start", stay).unwrap_err().code, ErrorKind::Refused);

    desk.watch(false).unwrap();
    until("the first copy", || shared.ids("cloud") == ["1"]);
    until("it is idle", || kept()["state"] == "idle");
    // The queue is free meanwhile.
    assert!(desk.jobs().jobs.is_empty());
    shared.put("office", "2", json!({"_rev": "1-b"}));
    shared.put("office", "bad", json!({"_rev": "1-c"}));
    until("what came later", || shared.ids("cloud") == ["1", "2"]);
    until("the news", || heard.0.lock().unwrap().contains(&Topic::Replications));

    call("replication.stop", json!({"id": started["kept"]})).unwrap();
    until("the end", || shared.running.load(Ordering::SeqCst) == 0);
    assert_eq!(kept()["state"], "stopped");
    until("the gap is noted", || kept()["gapCount"] == 1);
    shared.put("office", "3", json!({"_rev": "1-d"}));
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(shared.ids("cloud"), ["1", "2"], "stopped is stopped");

    shared.down.store(true, Ordering::SeqCst);
    call("replication.resume", json!({"id": started["kept"]})).unwrap();
    until("the problem is told", || kept()["problem"]["code"] == "unreachable");
    assert_eq!(kept()["state"], "trying");
    assert!(kept()["again"].is_string());
    shared.down.store(false, Ordering::SeqCst);
    until("it goes on by itself", || shared.ids("cloud") == ["1", "2", "3"]);
    until("the problem is over", || kept().get("problem").is_none_or(Value::is_null));

    assert!(desk.shut_down(Duration::from_secs(10)));
    assert_eq!(shared.running.load(Ordering::SeqCst), 0, "ended with the process");
    drop(desk);
    // Another process finds it and goes on.
    let desk = Desk::open(options(dir.path(), &shared), Arc::new(Heard::default())).unwrap();
    shared.put("office", "4", json!({"_rev": "1-e"}));
    desk.watch(false).unwrap();
    until("it begins again", || shared.ids("cloud").contains(&"4".to_owned()));
    let removed = desk.call("replication.remove", json!({"id": started["kept"]}), &CallOptions::default());
    removed.unwrap();
    until("the end", || shared.running.load(Ordering::SeqCst) == 0);
    let list = desk.call("replication.list", json!({}), &CallOptions::default()).unwrap();
    assert_eq!(list["kept"], json!([]));
    assert!(desk.shut_down(Duration::from_secs(10)));
}

#[test]
fn one_that_stays_ends_with_the_call() {
    let service = Service::bare();
    service.shared.put("office", "1", json!({"_rev": "1-a"}));
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let shared = service.shared.clone();
    let watcher = std::thread::spawn(move || {
        until("the copy", || shared.ids("cloud") == ["1"]);
        stop.cancel();
    });
    let context = Context {
        cancel: &cancel,
        reporter: &Silent,
        passwords: &Fixed(PASSWORD),
    };
    let entry = COMMANDS.iter().find(|entry| entry.name == "replication.start").unwrap();
    let mut request = ends(json!({"continuous": true}));
    request["stay"] = json!(true);
    let reply = (entry.call)(&service.app, &context, request).unwrap();
    watcher.join().unwrap();
    assert_eq!(
        (&reply["verdict"], reply.get("kept").and_then(Value::as_str)),
        (&json!("complete"), None)
    );
    assert_eq!(service.ok("replication.list", json!({}))["kept"], json!([]));
}
