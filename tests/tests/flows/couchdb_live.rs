//! Conflicts and replication of live CouchDB servers through the real program.

use std::process::Child;

use serde_json::{Value, json};

use crate::{
    bench::Bench,
    couch::{ADMIN, Couch, until},
    terminal::{DOWN, ENTER, Terminal},
};

fn torn(couch: &Couch, database: &str, id: &str) {
    couch.graft(
        database,
        &json!({"_id": id, "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "who": "b", "n": 1}),
    );
    couch.graft(
        database,
        &json!({"_id": id, "_rev": "2-c", "_revisions": {"start": 2, "ids": ["c", "a"]}, "who": "c", "n": 1}),
    );
}

fn revs(couch: &Couch, database: &str, id: &str) -> usize {
    let doc = couch.get(&format!("{database}/{id}?conflicts=true")).unwrap();
    1 + doc["_conflicts"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_conflict_is_settled_and_comes_back() {
    let (bench, couch) = (Bench::with_vault(), Couch::start());
    couch.database("sales");
    couch.database("none");
    couch.put("sales", "whole", json!({"who": "all"}));
    for id in ["t1", "t2", "t3"] {
        torn(&couch, "sales", id);
    }
    bench.add_couch("office", &couch, &[]).expect(0);
    let list = bench.json(&["conflict", "list", "office"]);
    let ids: Vec<&str> = list["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["t1", "t2", "t3"]);
    let shown = bench.json(&["conflict", "show", "office", "sales", "t1"]);
    assert_eq!(
        (&shown["versions"][0]["rev"], &shown["versions"][1]["rev"]),
        (&json!("2-c"), &json!("2-b"))
    );
    let fields: Vec<&Value> = shown["versions"][1]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| &d["field"])
        .collect();
    assert_eq!(fields, ["/who"]);
    let text = bench.ok(&["conflict", "show", "office", "sales", "t1"]).out;
    assert!(
        text.contains("2-c (the one the service shows)") && text.contains("\"safe\""),
        "{text}"
    );

    let settle = ["conflict", "settle", "office", "sales", "t1"];
    bench.run(&settle).expect(2);
    bench.run(&[&settle[..], &["--keep", "2-b"]].concat()).expect(4);
    bench.run(&[&settle[..], &["--keep", "9-x", "--yes"]].concat()).expect(5);
    let reply = bench.long(&[&settle[..], &["--keep", "2-b", "--yes"]].concat());
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(couch.get("sales/t1").unwrap()["who"], "b");
    assert_eq!(revs(&couch, "sales", "t1"), 1);
    let run = bench.json(&["runs", reply["run"].as_str().unwrap()]);
    assert_eq!(run["detail"]["run"]["kind"], "settle");
    let undone = bench.long(&["undo", reply["run"].as_str().unwrap(), "--yes"]);
    assert_eq!(undone["verdict"], "complete", "{undone:#}");
    assert_eq!(revs(&couch, "sales", "t1"), 2, "both versions are back");
    assert_eq!(couch.get("sales/t1").unwrap()["who"], "c");

    // By hand, and only if nobody was faster.
    let data = bench.text("merged.json");
    std::fs::write(&data, "{\"who\":\"b and c\",\"big\":12345678901234567890}").unwrap();
    let expect = bench.json(&["conflict", "show", "office", "sales", "t2"])["expect"]
        .as_str()
        .unwrap()
        .to_owned();
    couch.put("sales", "t2", json!({"who": "faster"}));
    let settle = ["conflict", "settle", "office", "sales", "t2", "--data", &data, "--yes"];
    let late = bench.run(&[&settle[..], &["--expect", &expect, "--json"]].concat()).expect(1);
    assert!(late.out.contains("\"changed\""), "{late:#?}");
    bench.long(&settle);
    assert_eq!(couch.get("sales/t2").unwrap()["big"].to_string(), "12345678901234567890");
    assert_eq!(revs(&couch, "sales", "t2"), 1);
    let left = bench.json(&["conflict", "list", "office", "--collection", "sales"]);
    assert_eq!(left["conflicts"].as_array().unwrap().len(), 2, "{left:#}");
    bench.run(&["conflict", "list", "nowhere"]).expect(5);
}

#[test]
fn a_replication_is_a_run_and_names_what_it_could_not_do() {
    let (bench, office, cloud) = (Bench::new(), Couch::start(), Couch::start());
    office.database("sales");
    for n in 0..30 {
        office.put(
            "sales",
            &format!("d{n:02}"),
            json!({"n": n, "type": if n % 2 == 0 { "even" } else { "odd" }}),
        );
    }
    torn(&office, "sales", "torn");
    bench.add_couch("office", &office, &[]).expect(0);
    bench.add_couch("cloud", &cloud, &[]).expect(0);
    let missing = bench
        .run(&["couchdb", "replicate", "office/nope", "cloud/nope", "--create"])
        .expect(5);
    assert!(missing.err.contains("nope"), "{missing:#?}");
    bench.run(&["couchdb", "replicate", "office/sales", "cloud/sales"]).expect(5);
    let reply = bench.long(&["couchdb", "replicate", "office", "cloud", "--create"]);
    assert_eq!(
        (&reply["verdict"], &reply["to"]["collection"]),
        (&json!("complete"), &json!("sales")),
        "{reply:#}"
    );
    assert_eq!(cloud.leaves("sales"), office.leaves("sales"), "conflicts arrive as conflicts");
    let again = bench.long(&["couchdb", "replicate", "office/sales", "cloud/sales"]);
    assert_eq!(again["progress"]["written"], 0, "{again:#}");
    let runs = bench.json(&["runs"]);
    assert_eq!(runs["runs"][0]["kind"], "replicate");

    let some = bench.long(&[
        "couchdb",
        "replicate",
        "office/sales",
        "cloud/even",
        "--create",
        "--selector",
        "{\"type\":\"even\"}",
    ]);
    assert_eq!(some["progress"]["written"], 15, "{some:#}");
    bench
        .run(&[
            "couchdb",
            "replicate",
            "office/sales",
            "cloud/odd",
            "--create",
            "--selector",
            "{\"n\":{\"$gx\":1}}",
        ])
        .expect(2);
    let two = bench.long(&[
        "couchdb",
        "replicate",
        "office/sales",
        "cloud/two",
        "--create",
        "--ids",
        "d01,d02",
    ]);
    assert_eq!(two["progress"]["written"], 2, "{two:#}");

    // The target refuses some: named, counted, exit code 3.
    cloud.database("strict");
    cloud.put(
        "strict",
        "_design/rules",
        json!({"validate_doc_update": "/* standin: require type */"}),
    );
    office.put("sales", "odd-one", json!({"n": 1}));
    let ran = bench
        .run(&[
            "couchdb",
            "replicate",
            "office/sales",
            "cloud/strict",
            "--ids",
            "odd-one,d01",
            "--json",
        ])
        .expect(3);
    let reply = ran.result();
    assert_eq!(
        (&reply["verdict"], &reply["progress"]["failed"]),
        (&json!("partial"), &json!(1)),
        "{reply:#}"
    );
    assert!(reply["gaps"][0]["subject"].as_str().unwrap().contains("odd-one"), "{reply:#}");
}

fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn a_continuous_replication_ends_with_ctrl_c_and_goes_on_from_there() {
    let (bench, office, cloud) = (Bench::new(), Couch::start(), Couch::start());
    office.database("sales");
    office.put("sales", "first", json!({"n": 1}));
    bench.add_couch("office", &office, &[]).expect(0);
    bench.add_couch("cloud", &cloud, &[]).expect(0);
    let words = [
        "couchdb",
        "replicate",
        "office/sales",
        "cloud/sales",
        "--create",
        "--continuous",
        "--json",
    ];
    let child = bench.start(&words);
    until("the first document", || cloud.get("sales/first").is_some());
    office.put("sales", "second", json!({"n": 2}));
    until("the second document", || cloud.get("sales/second").is_some());
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let last = String::from_utf8_lossy(&output.stdout).lines().last().unwrap().to_owned();
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(
        (&last["event"], &last["verdict"], &last["progress"]["written"]),
        (&json!("result"), &json!("complete"), &json!(2))
    );
    let once = bench.long(&["couchdb", "replicate", "office/sales", "cloud/sales"]);
    assert_eq!(once["progress"]["written"], 0, "{once:#}");
}

#[test]
fn a_kept_replication_runs_in_the_agent_and_obeys_other_processes() {
    let (bench, office, cloud) = (Bench::new(), Couch::start(), Couch::start());
    office.database("sales");
    office.put("sales", "first", json!({"n": 1}));
    bench.add_couch("office", &office, &[]).expect(0);
    bench.add_couch("cloud", &cloud, &[]).expect(0);
    let kept = bench.long(&[
        "couchdb",
        "replicate",
        "office/sales",
        "cloud/sales",
        "--create",
        "--continuous",
        "--keep",
    ]);
    let id = kept["kept"].as_str().unwrap().to_owned();
    let row = || bench.json(&["couchdb", "replications", "--kept"])["kept"][0].clone();
    assert_eq!(row()["state"], "nobody");
    let mut agent = bench.start(&["agent", "run", "--no-desktop"]);
    until("the first document", || cloud.get("sales/first").is_some());
    until("it is up to date", || row()["state"] == "idle");
    // Jobs of other processes are not held up.
    office.put("sales", "other", json!({"n": 0}));
    bench.long(&["couchdb", "replicate", "office/sales", "cloud/once", "--create"]);
    until("what came later", || cloud.get("sales/other").is_some());
    bench.ok(&["couchdb", "stop", &id[..13]]);
    assert_eq!(row()["state"], "stopped");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    office.put("sales", "while-stopped", json!({"n": 2}));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(cloud.get("sales/while-stopped").is_none());
    bench.ok(&["couchdb", "resume", &id]);
    until("it goes on", || cloud.get("sales/while-stopped").is_some());
    interrupt(&agent);
    let ended = agent.wait().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(row()["state"], "nobody");
    bench.run(&["couchdb", "remove", &id]).expect(4);
    bench.ok(&["couchdb", "remove", &id, "--yes"]);
    assert_eq!(bench.json(&["couchdb", "replications", "--kept"])["kept"], json!([]));
    let usage = bench.run(&["couchdb"]).expect(2);
    assert!(usage.err.contains("terminal"), "{usage:#?}");
}

#[test]
fn the_servers_own_replications_are_seen_and_stopped() {
    let (bench, office) = (Bench::new(), Couch::start());
    for name in ["sales", "_replicator"] {
        if office.get(name).is_none() {
            office.database(name);
        }
    }
    office.put("sales", "first", json!({"n": 1}));
    bench.add_couch("office", &office, &[]).expect(0);
    let reply = bench.long(&[
        "couchdb",
        "replicate",
        "office/sales",
        "office/copy",
        "--create",
        "--continuous",
        "--keep",
        "--via",
        "server",
    ]);
    assert_eq!(
        (&reply["progress"]["via"], reply.get("kept").and_then(Value::as_str)),
        (&json!("server"), None),
        "{reply:#}"
    );
    until("the server's copy", || office.get("copy/first").is_some());
    let list = bench.json(&["couchdb", "replications", "--source", "office"]);
    let rows = list["onServices"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{list:#}");
    assert!(!list.to_string().contains("password\""), "{list:#}");
    let id = rows[0]["replication"]["id"].as_str().unwrap();
    bench.ok(&["couchdb", "stop", id, "--source", "office"]);
    let list = bench.json(&["couchdb", "replications", "--source", "office"]);
    assert_eq!(list["onServices"], json!([]), "{list:#}");
}

#[test]
fn a_person_at_a_terminal_is_asked_for_what_is_missing() {
    let (bench, couch) = (Bench::with_vault(), Couch::start());
    couch.database("crm");
    couch.database("sales");
    torn(&couch, "sales", "t1");
    let mut terminal = Terminal::start(bench.command(&["source", "add", "couchdb"]));
    terminal.answer("Address of the server", &format!("{}{ENTER}", couch.url()));
    terminal.answer("How does one sign in there?", ENTER);
    terminal.answer("Name of the user", &format!("{}{ENTER}", ADMIN.0));
    terminal.answer("Password of the user", &format!("wrong{ENTER}"));
    terminal.answer("What now?", ENTER);
    terminal.answer("How does one sign in there?", ENTER);
    terminal.answer("Name of the user", &format!("{}{ENTER}", ADMIN.0));
    terminal.answer("Password of the user", &format!("{}{ENTER}", ADMIN.1));
    terminal.answer("What is to be protected?", &format!("{DOWN}{ENTER}"));
    terminal.answer("Space ticks", &format!("{DOWN} {ENTER}"));
    terminal.answer("Name for the source", &format!("office{ENTER}"));
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(
        !shown.contains("wrong\r") && !shown.contains(": password"),
        "passwords are not shown: {shown}"
    );
    let row = bench.json(&["source", "show", "office"]);
    assert_eq!(row["options"]["database"], json!(["sales"]), "{row:#}");

    let mut terminal = Terminal::start(bench.command(&["conflict", "settle", "office", "sales", "t1"]));
    terminal.answer("Which version stays?", &format!("{DOWN}{DOWN}{ENTER}"));
    terminal.answer("/who", &format!("{DOWN}{ENTER}"));
    terminal.answer("in the living source", "y");
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Undo with: backstay undo"), "{shown}");
    assert_eq!(
        (couch.get("sales/t1").unwrap()["who"].as_str(), revs(&couch, "sales", "t1")),
        (Some("b"), 1)
    );

    let mut terminal = Terminal::start(bench.command(&["couchdb"]));
    terminal.answer("CouchDB", ENTER);
    terminal.answer("> backstay backup office", "");
    terminal.answer("complete", "");
    terminal.answer("See what is replicated", &format!("{}{ENTER}", DOWN.repeat(6)));
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
}
