//! What the window asks while setting up: kinds, trying, changing, dropped paths, removing one snapshot.

use std::fs;

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, TOKEN, put};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn kinds_are_described_by_their_connectors() {
    let bench = Bench::new();
    let list = bench.ok("connector.list", json!({}));
    let memory = &list["connectors"][0];
    assert_eq!((&memory["kind"], &memory["title"]), (&json!("memory"), &json!("Memory")));
    let path = memory["options"]
        .as_array()
        .unwrap()
        .iter()
        .find(|o| o["name"] == "path")
        .unwrap();
    assert_eq!(
        (&path["required"], &path["path"], &path["secret"]),
        (&json!(true), &json!(true), &json!(false))
    );
}

#[test]
fn settings_are_tried_without_adding_anything() {
    let bench = Bench::new();
    put(&bench.memory.at("there"), "1", "1");
    let tried = bench.ok(
        "source.try",
        json!({"kind": "memory", "options": {"path": "there", "token": TOKEN}}),
    );
    assert_eq!(
        (&tried["source"], &tried["probe"]["found"]),
        (&json!("there"), &json!(["c"])),
        "{tried:#}"
    );
    assert_eq!(tried["capabilities"]["records"], true);
    let error = bench.err(
        "source.try",
        json!({"kind": "memory", "options": {"path": "there", "colour": "red"}}),
    );
    assert_eq!(error.code, ErrorKind::Usage);
    assert_eq!(bench.ok("source.list", json!({}))["sources"], json!([]));
    assert!(
        !bench
            .ok("audit.list", json!({"after": 0, "limit": 50}))
            .to_string()
            .contains("source.add")
    );
}

#[test]
fn a_source_is_changed_and_its_history_goes_on() {
    let bench = Bench::ready();
    bench.vault("second");
    put(&bench.source(), "1", "\"old\"");
    bench.backup(&[]);
    let changed = bench.ok(
        "source.change",
        json!({"name": "notes", "rename": "Journal", "options": {"path": "notes", "deep": true, "token": TOKEN}, "vaults": ["second"]}),
    );
    assert_eq!(
        (&changed["name"], &changed["options"]),
        (&json!("Journal"), &json!({"path": "notes", "deep": true}))
    );
    let listed = bench.ok("snapshot.list", json!({"source": "Journal"}));
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 1, "{listed:#}");
    let reply = bench.ok(
        "backup",
        json!({"sources": ["Journal"], "all": false, "vaults": [], "tags": []}),
    );
    assert_eq!(reply["runs"][0]["vault"], "second", "{reply:#}");
    let audit = bench.ok("audit.list", json!({"after": 0, "limit": 50})).to_string();
    assert!(
        audit.contains("source.change") && audit.contains("token") && !audit.contains(TOKEN),
        "{audit}"
    );
    // Secret settings stay unless given anew, and the vaults unless named.
    let again = bench.ok("source.change", json!({"name": "Journal", "options": {"path": "notes"}}));
    assert_eq!(again["options"], json!({"path": "notes"}));
    let kept = bench.ok(
        "backup",
        json!({"sources": ["Journal"], "all": false, "vaults": [], "tags": []}),
    );
    assert_eq!(kept["runs"][0]["vault"], "second");
    let to_default = bench.ok("source.change", json!({"name": "Journal", "vaults": []}));
    assert_eq!(to_default["name"], "Journal");
    let back = bench.ok(
        "backup",
        json!({"sources": ["Journal"], "all": false, "vaults": [], "tags": []}),
    );
    assert_eq!(back["runs"][0]["vault"], "disk", "{back:#}");
}

#[test]
fn changes_that_make_no_sense_change_nothing() {
    let bench = Bench::ready();
    bench.ok(
        "source.add",
        json!({"kind": "memory", "name": "other", "options": {"path": "other"}}),
    );
    let folder = bench.path("a folder");
    fs::create_dir(&folder).unwrap();
    let file = bench.path("letter.txt");
    fs::write(&file, "hello").unwrap();
    bench.ok(
        "source.add",
        json!({"kind": "memory", "name": "dir", "options": {"path": folder}}),
    );
    for (request, code) in [
        (json!({"name": "nobody", "rename": "x"}), ErrorKind::NotFound),
        (json!({"name": "notes", "rename": "OTHER", "vaults": []}), ErrorKind::Refused),
        (json!({"name": "notes", "rename": ""}), ErrorKind::Usage),
        (
            json!({"name": "notes", "rename": "new", "vaults": ["nowhere"]}),
            ErrorKind::NotFound,
        ),
        (json!({"name": "notes", "rename": "new", "options": {}}), ErrorKind::Usage),
        (
            json!({"name": "notes", "rename": "new", "options": {"path": "other"}}),
            ErrorKind::Refused,
        ),
        (
            json!({"name": "dir", "rename": "new", "options": {"path": file}}),
            ErrorKind::Refused,
        ),
    ] {
        let before = bench.ok("source.list", json!({}));
        let error = bench.err("source.change", request.clone());
        assert_eq!(error.code, code, "{request}: {error:?}");
        assert_eq!(bench.ok("source.list", json!({})), before, "{request}");
    }
}

#[test]
fn what_lies_at_a_path() {
    let bench = Bench::ready();
    put(&bench.source(), "1", "\"x\"");
    let first = bench.backup(&[]);
    put(&bench.source(), "1", "\"y\"");
    let plan = bench.plan(&first, &[], "remote");
    let write = |name: &str, text: &[u8]| {
        let path = bench.path(name);
        fs::write(&path, text).unwrap();
        path
    };
    let dir = bench.path("folder");
    fs::create_dir(&dir).unwrap();
    let bundle = bench.path("bundle");
    fs::create_dir(&bundle).unwrap();
    fs::write(bundle.join("metadata.json"), r#"{"formatVersion":1,"sourceKind":"sqlite"}"#).unwrap();
    let foreign = bench.path("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("metadata.json"), r#"{"name":"a web app"}"#).unwrap();
    let plain = write("letter.txt", b"hello");
    let memo = write("a.memo", b"hello");
    let sqlite = write("x.db", b"SQLite format 3\0rest");
    let empty = write("empty", b"");
    let broken = write("broken.json", b"{\"planId\":");
    for (path, kind) in [
        (json!(bench.path("disk")), "vault"),
        (json!(plan["path"]), "plan"),
        (json!(dir), "folder"),
        (json!(bundle), "bundle"),
        (json!(foreign), "folder"),
        (json!(plain), "unknown"),
        (json!(memo), "unknown"),
        (json!(sqlite), "sqlite"),
        (json!(empty), "unknown"),
        (json!(broken), "unknown"),
        (json!(bench.path("gone")), "missing"),
        (json!("/dev/null"), "unknown"),
    ] {
        let reply = bench.ok("path.inspect", json!({"path": path}));
        assert_eq!(reply["kind"], kind, "{path}: {reply:#}");
        let usable = !reply["protect"].as_array().unwrap().is_empty() || !matches!(kind, "unknown" | "missing");
        assert_eq!(reply["reason"].is_null(), usable, "{reply:#}");
    }
    let offered = bench.ok("path.inspect", json!({"path": memo}));
    assert_eq!(
        offered["protect"],
        json!([{"kind": "memory", "options": {"path": memo}}]),
        "the connector says so"
    );
    assert_eq!((&offered["name"], &offered["bytes"]), (&json!("a.memo"), &json!(5)));
    bench.ok(
        "source.add",
        json!({"kind": "memory", "name": "held", "options": {"path": dir}}),
    );
    let inside = bench.ok("path.inspect", json!({"path": dir.join("below")}));
    assert_eq!(
        names(&inside["protectedBy"]),
        ["held"],
        "also what is gone: it can be restored"
    );
    fs::write(dir.join("below"), "x").unwrap();
    assert_eq!(
        names(&bench.ok("path.inspect", json!({"path": dir.join("below")}))["protectedBy"]),
        ["held"]
    );
}

#[test]
fn a_path_names_its_disk_and_the_room_there_also_before_it_exists() {
    let bench = Bench::ready();
    let there = bench.ok("path.inspect", json!({"path": bench.path("disk")}));
    let coming = bench.ok("path.inspect", json!({"path": bench.path("not/made/yet")}));
    assert!(there["free"].as_u64().unwrap() > 0, "{there:#}");
    assert_eq!(coming["disk"], there["disk"], "it would lie beside it");
    let other = bench.ok("path.inspect", json!({"path": "/proc/self"}));
    assert_ne!(other["disk"], there["disk"]);
}

#[test]
fn one_snapshot_goes_but_not_the_last_whole_one_unasked() {
    let bench = Bench::ready();
    put(&bench.source(), "1", "1");
    let first = bench.backup(&[]);
    put(&bench.source(), "1", "2");
    let second = bench.backup(&[]);
    bench.ok("snapshot.remove", json!({"snapshot": first}));
    assert_eq!(
        bench.err("snapshot.show", json!({"snapshot": first})).code,
        ErrorKind::NotFound
    );
    let error = bench.err("snapshot.remove", json!({"snapshot": second, "vault": "disk"}));
    assert_eq!(error.code, ErrorKind::Refused, "{error:?}");
    assert!(error.message.contains("notes") && error.message.contains("disk"), "{error:?}");
    bench.ok("snapshot.show", json!({"snapshot": second}));
    bench.ok("snapshot.remove", json!({"snapshot": second, "last": true}));
    let audit = bench.ok("audit.list", json!({"after": 0, "limit": 50})).to_string();
    assert_eq!(audit.matches("snapshot.remove").count(), 2, "{audit}");
    assert_eq!(
        bench.err("snapshot.remove", json!({"snapshot": second})).code,
        ErrorKind::NotFound
    );
}
