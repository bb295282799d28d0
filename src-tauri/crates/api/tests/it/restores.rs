//! Restores as runs: plans that were tampered with, conflicts that need a decision, what is left after a cancel.

use std::fs;

use backstay_model::ErrorKind;
use serde_json::json;

use crate::bench::{Bench, put};

fn story() -> (Bench, String) {
    let bench = Bench::ready();
    for n in 0..3 {
        put(&bench.source(), &n.to_string(), "\"then\"");
    }
    let first = bench.backup(&[]);
    for n in 0..3 {
        put(&bench.source(), &n.to_string(), "\"now\"");
    }
    (bench, first)
}

#[test]
fn conflicts_wait_for_a_decision() {
    let (bench, first) = story();
    let plan = bench.plan(&first, &[], "ask");
    assert_eq!(plan["plan"]["counts"]["conflict"], 3);
    let error = bench.err("restore.run", json!({"path": plan["path"]}));
    assert_eq!(error.code, ErrorKind::Refused);
    assert!(error.message.contains("nothing was written"));
    let request = json!({
        "from": {"source": {"source": "notes", "at": null, "vault": null}},
        "selection": {"only": []},
        "target": "inPlace",
        "policy": "ask",
        "decisions": [["c/0", "remote"], ["c/1", "local"], ["c/2", "both"]],
    });
    let plan = bench.ok("restore.plan", request);
    assert_eq!(plan["plan"]["counts"]["conflict"], 0, "{plan:#}");
    let done = bench.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(
        (&done["verdict"], &done["written"]),
        (&json!("complete"), &json!(2)),
        "{done:#}"
    );
}

#[test]
fn a_plan_that_lost_steps_does_not_run() {
    let (bench, first) = story();
    let plan = bench.plan(&first, &[], "remote");
    let path = plan["path"].as_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.pop();
    fs::write(path, lines.join("\n") + "\n").unwrap();
    let error = bench.err("restore.run", json!({"path": path}));
    assert_eq!(error.code, ErrorKind::Usage, "{error:?}");
    let copy = bench.path("a copy.ndjson");
    fs::copy(path, &copy).unwrap();
    assert_eq!(bench.err("restore.run", json!({"path": copy})).code, ErrorKind::Usage);
    let now = bench.source().now();
    assert!(now.collections["c"].records.values().all(|r| r.data.as_bytes() == b"\"now\""));
}

#[test]
fn only_the_very_same_plan_is_resumed() {
    let (bench, first) = story();
    let plan = bench.plan(&first, &[], "remote");
    // A record that changed meanwhile makes the restore partial, so that it may be resumed.
    put(&bench.source(), "1", "\"a person's\"");
    let done = bench.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(done["verdict"], "partial");
    assert_eq!(done["gaps"][0]["subject"], "c/1");
    let path = plan["path"].as_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace("\"1\"", "\"2\"")).unwrap();
    let error = bench.err("restore.resume", json!({"run": done["run"]}));
    assert_eq!(error.code, ErrorKind::Changed, "{error:?}");
    fs::write(path, text).unwrap();
    let again = bench.ok("restore.resume", json!({"run": done["run"]}));
    assert_eq!(
        (&again["verdict"], &again["written"]),
        (&json!("partial"), &json!(2)),
        "{again:#}"
    );
    assert_eq!(
        bench.source().now().collections["c"].records["1"].data.as_bytes(),
        b"\"a person's\""
    );
    bench.ok("restore.undo", json!({"run": done["run"], "policy": "skip"}));
    assert_eq!(bench.source().now().collections["c"].records["0"].data.as_bytes(), b"\"now\"");
}

#[test]
fn a_cancelled_job_ends_as_cancelled() {
    let (bench, first) = story();
    let plan = bench.plan(&first, &[], "remote");
    bench.cancel.cancel();
    let error = bench.err("restore.run", json!({"path": plan["path"]}));
    assert_eq!(error.code, ErrorKind::Cancelled);
    let reply = bench.ok(
        "backup",
        json!({"sources": ["notes"], "all": false, "vaults": [], "tags": []}),
    );
    assert_eq!(reply["verdict"], "cancelled");
    let runs = bench.ok("run.list", json!({"limit": 2}));
    for run in runs["runs"].as_array().unwrap() {
        assert_eq!(run["verdict"], "cancelled", "{run:#}");
    }
}
