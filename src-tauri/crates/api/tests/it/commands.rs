//! The list of commands: each has a name of its own, refuses bad JSON as such, and the whole story runs by name.

use std::collections::BTreeSet;

use backstay_api::{ApiError, COMMANDS};
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, put};

#[test]
fn every_command_has_a_name_of_its_own() {
    let names: BTreeSet<_> = COMMANDS.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), COMMANDS.len());
    let fits = |name: &&str| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.');
    assert!(names.iter().all(fits), "{names:?}");
}

#[test]
fn bad_json_is_bad_usage_and_nothing_else() {
    let bench = Bench::new();
    for entry in COMMANDS {
        for request in [json!("text"), json!([1, 2, 3, 4, 5, 6, 7, 8, 9]), json!(7)] {
            let error = bench.err(entry.name, request.clone());
            assert_eq!(error.code, ErrorKind::Usage, "{} {request}: {error:?}", entry.name);
            assert!(error.message.starts_with(entry.name), "{error:?}");
        }
    }
    assert_eq!(
        bench.ok("audit.list", json!({"after": 0, "limit": 10}))["rows"],
        bench.ok("audit.list", json!({"after": 0, "limit": 1}))["rows"]
    );
}

#[test]
fn each_class_of_error_has_its_exit_code() {
    use ErrorKind::*;
    let contract = [
        (Usage, 2),
        (NotFound, 5),
        (Refused, 4),
        (Auth, 6),
        (Locked, 7),
        (Damaged, 8),
        (Changed, 1),
        (Full, 1),
        (Unreachable, 1),
        (Limit, 1),
        (Unsupported, 1),
        (Cancelled, 130),
        (Interrupted, 1),
        (Io, 1),
        (Internal, 1),
    ];
    for (kind, code) in contract {
        assert_eq!(kind.exit_code(), code, "{kind:?}");
        let error = ApiError::new(kind, "it went wrong").hint("Do this.");
        let wire = serde_json::to_value(&error).unwrap();
        assert_eq!(serde_json::from_value::<ApiError>(wire.clone()).unwrap(), error);
        assert!(wire["code"].is_string() && wire["retry"] == false, "{wire}");
    }
}

#[test]
fn the_whole_story_by_name() {
    let bench = Bench::ready();
    let source = bench.source();
    put(&source, "1", r#"{"title":"old"}"#);
    put(&source, "2", r#"{"title":"stays"}"#);
    source.file("docs/a.txt", &b"text"[..]);
    let first = bench.backup(&[]);
    put(&source, "1", r#"{"title":"new"}"#);
    let second = bench.backup(&[]);
    let at = |snapshot: &str| json!({"snapshot": snapshot});
    let list = bench.ok("snapshot.list", json!({"source": "notes"}));
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 2, "{list:#}");
    assert_eq!(bench.ok("snapshot.show", at(&first))["metadata"]["sourceName"], "notes");
    let page = bench.ok("browse.list", json!({"at": at(&first), "collection": "c", "limit": 10}));
    assert!(page.to_string().contains("stays"), "{page:#}");
    let got = bench.ok("record.get", json!({"at": at(&first), "collection": "c", "id": "1"}));
    assert_eq!(got["record"]["data"]["title"], "old", "{got:#}");
    let history = bench.ok("record.history", json!({"source": "notes", "collection": "c", "id": "1"}));
    assert!(
        history.to_string().contains("\"old\"") && history.to_string().contains("\"new\""),
        "{history:#}"
    );
    let diff = bench.ok("diff", json!({"before": at(&first), "after": at(&second), "limit": 10}));
    assert_eq!(diff["changes"][0]["fields"][0]["after"], "new", "{diff:#}");
    let live = bench.ok("diff", json!({"before": at(&second), "after": at("live"), "limit": 10}));
    assert_eq!(live["changes"], json!([]), "{live:#}");
    let plan = bench.plan(&first, &[], "skip");
    assert_eq!(
        (&plan["plan"]["counts"]["update"], &plan["plan"]["counts"]["create"]),
        (&json!(1), &json!(0))
    );
    let done = bench.ok("restore.run", json!({"path": plan["path"]}));
    assert_eq!(
        (&done["verdict"], &done["readBack"]["score"]),
        (&json!("complete"), &json!(100.0))
    );
    assert_eq!(
        source.now().collections["c"].records["1"].data.as_bytes(),
        br#"{"title":"old"}"#
    );
    let undone = bench.ok("restore.undo", json!({"run": done["run"], "policy": "skip"}));
    assert_eq!(undone["verdict"], "complete");
    assert_eq!(
        source.now().collections["c"].records["1"].data.as_bytes(),
        br#"{"title":"new"}"#
    );
    let again = bench.err("restore.undo", json!({"run": done["run"], "policy": "skip"}));
    assert_eq!(again.code, ErrorKind::Refused);
    let complete = bench.err("restore.resume", json!({"run": done["run"]}));
    assert_eq!(complete.code, ErrorKind::Refused, "{complete:?}");
    bench.ok("vault.verify", json!({"vault": "disk", "readData": 100.0}));
    let keep = json!({"last": 1, "tags": [], "forever": false});
    bench.ok("snapshot.forget", json!({"source": "notes", "keep": keep, "dryRun": false}));
    bench.ok("vault.prune", json!({"vault": "disk", "dryRun": false}));
    assert_eq!(bench.err("snapshot.show", at(&first)).code, ErrorKind::NotFound);
    let runs = bench.ok("run.list", json!({"limit": 50}));
    assert!(runs["runs"].as_array().unwrap().len() >= 6, "{runs:#}");
    let audit = bench.ok("audit.verify", json!({}));
    assert!(audit.get("fault").is_none_or(Value::is_null), "{audit:#}");
}

#[test]
fn nothing_set_up_says_what_to_do_first() {
    let bench = Bench::new();
    let backup = |sources: &[&str], all: bool| json!({"sources": sources, "all": all, "vaults": [], "tags": []});
    for (request, code) in [
        (backup(&[], false), ErrorKind::Usage),
        (backup(&[], true), ErrorKind::NotFound),
        (backup(&["nobody"], false), ErrorKind::NotFound),
    ] {
        let error = bench.err("backup", request);
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.hint.is_some(), "{error:?}");
    }
    bench.ok(
        "source.add",
        json!({"kind": "memory", "name": "notes", "options": {"path": "notes"}}),
    );
    let error = bench.err("backup", backup(&["notes"], false));
    assert_eq!(error.code, ErrorKind::NotFound);
    assert!(error.hint.unwrap().contains("vault create"));
}

#[test]
fn runs_are_found_by_kind_and_verdict_and_tell_what_they_stored() {
    let bench = Bench::ready();
    put(&bench.source(), "1", "1");
    bench.backup(&[]);
    bench.ok("vault.verify", json!({"vault": "disk"}));
    std::fs::rename(bench.path("disk"), bench.path("unplugged")).unwrap();
    let failed = bench.ok("backup", json!({"sources": ["notes"]}));
    assert_eq!(failed["verdict"], "failed");
    let runs = |request: Value| bench.ok("run.list", request)["runs"].as_array().unwrap().clone();
    assert_eq!(runs(json!({})).len(), 3);
    let checks = runs(json!({"kind": "check"}));
    assert_eq!((checks.len(), &checks[0]["kind"]), (1, &json!("check")));
    let failures = runs(json!({"kind": "backup", "verdict": "failed"}));
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert!(failures[0].get("stored").is_none(), "{failures:#?}");
    let good = runs(json!({"kind": "backup", "verdict": "complete"}));
    assert!(good[0]["stored"].as_u64().unwrap() > 0, "{good:#?}");
    assert_eq!(runs(json!({"kind": "restore"})), Vec::<Value>::new());
}

#[test]
fn the_audit_trail_is_written_out_whole() {
    let bench = Bench::ready();
    let to = bench.path("trail.ndjson");
    std::fs::write(&to, "what lay there before").unwrap();
    let written = bench.ok("audit.export", json!({"path": to}));
    assert_eq!(written["path"], json!(to));
    let lines: Vec<Value> = std::fs::read_to_string(&to)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let listed = bench.ok("audit.list", json!({"limit": 1000}));
    assert_eq!(json!(lines.len()), listed["total"]);
    assert_eq!(lines[0]["hash"], listed["entries"][0]["hash"]);

    let error = bench.err("audit.export", json!({"path": bench.path("nowhere/trail.ndjson")}));
    assert_eq!(error.code, ErrorKind::NotFound, "{error:?}");
}

#[test]
fn a_broken_audit_trail_names_its_first_bad_entry() {
    let bench = Bench::ready();
    bench.vault("second");
    let whole = bench.ok("audit.verify", json!({}));
    assert_eq!((&whole["intact"], whole.get("broken")), (&json!(true), None), "{whole:#}");
    let database = rusqlite::Connection::open(bench.dir.path().join("home/state.db")).unwrap();
    database
        .execute_batch("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'nobody' WHERE seq = 2")
        .unwrap();
    let broken = bench.ok("audit.verify", json!({}));
    assert_eq!(broken["intact"], json!(false));
    assert_eq!(broken["broken"], json!({"kind": "changed", "entry": 2}), "{broken:#}");
    assert_eq!(broken["problems"][0], json!("entry 2 was changed"));
}
