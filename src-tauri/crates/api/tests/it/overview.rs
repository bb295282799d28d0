//! How everything is, in one call: told from the journal, with a brief look at each vault.

use std::{fs, time::Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, put};

fn source<'a>(overview: &'a Value, name: &str) -> &'a Value {
    let all = overview["sources"].as_array().unwrap();
    all.iter().find(|entry| entry["source"]["name"] == name).expect(name)
}

fn vault<'a>(overview: &'a Value, name: &str) -> &'a Value {
    let all = overview["vaults"].as_array().unwrap();
    all.iter().find(|entry| entry["vault"]["name"] == name).expect(name)
}

#[test]
fn nothing_set_up_is_nothing_wrong() {
    let bench = Bench::new();
    assert_eq!(bench.ok("overview", json!({})), json!({"sources": [], "vaults": []}));
}

#[test]
fn a_source_is_told_by_its_newest_backups() {
    let bench = Bench::ready();
    let fresh = bench.ok("overview", json!({}));
    let notes = source(&fresh, "notes");
    assert_eq!(
        (&notes["health"], &notes["last"], &notes["points"]),
        (&json!("none"), &Value::Null, &json!([]))
    );
    assert_eq!(notes["vaults"], json!(["disk"]));

    put(&bench.source(), "1", "1");
    put(&bench.source(), "2", "2");
    bench.source().file("a.txt", &b"12345"[..]);
    let first = bench.backup(&[]);
    let good = bench.ok("overview", json!({}));
    let notes = source(&good, "notes");
    assert_eq!(
        (&notes["health"], &notes["last"]["snapshot"]),
        (&json!("complete"), &json!(first)),
        "{notes:#}"
    );
    assert_eq!(notes["last"], notes["lastGood"]);
    assert_eq!(
        notes["holds"],
        json!({"collections": 1, "records": 2, "files": 1, "bytes": 5, "workspaces": 0})
    );
    assert_eq!(notes["points"].as_array().unwrap().len(), 1);
    assert_eq!((&notes["sample"], &notes["last"]["vault"]), (&json!(false), &json!("disk")));
    assert!(notes["source"]["lastBackup"].is_string());

    // The vault is gone: nothing new is saved, and the good backup is still named.
    fs::rename(bench.path("disk"), bench.path("unplugged")).unwrap();
    let failed = bench.ok(
        "backup",
        json!({"sources": ["notes"], "all": false, "vaults": [], "tags": []}),
    );
    assert_eq!(failed["verdict"], "failed");
    let bad = bench.ok("overview", json!({"source": "notes"}));
    let notes = source(&bad, "notes");
    assert_eq!(
        (&notes["health"], &notes["lastGood"]["snapshot"]),
        (&json!("failed"), &json!(first)),
        "{notes:#}"
    );
    assert!(notes["last"]["reason"][1].is_string());
    assert_eq!(notes["points"].as_array().unwrap().len(), 2, "oldest first");
    assert_eq!(notes["points"][1]["verdict"], "failed");
    let disk = vault(&bad, "disk");
    assert_eq!((&disk["reachable"], &disk["open"]), (&json!(false), &json!(false)));
    assert!(
        disk["problem"]["message"].is_string() && disk["used"].as_u64() > Some(0),
        "{disk:#}"
    );
}

#[test]
fn a_good_copy_elsewhere_does_not_hide_a_failed_one() {
    let bench = Bench::ready();
    bench.vault("second");
    put(&bench.source(), "1", "1");
    bench.ok("source.change", json!({"name": "notes", "vaults": ["disk", "second"]}));
    bench.backup(&[]);
    fs::rename(bench.path("disk"), bench.path("unplugged")).unwrap();
    let request = json!({"sources": ["notes"], "all": false, "vaults": [], "tags": []});
    assert_eq!(bench.ok("backup", request)["verdict"], "failed");
    let overview = bench.ok("overview", json!({}));
    let notes = source(&overview, "notes");
    assert_eq!(
        notes["last"]["verdict"], "complete",
        "the newest run went into the second vault"
    );
    assert_eq!(notes["health"], "failed", "{notes:#}");
}

#[test]
fn a_vault_is_told_by_a_look_and_its_last_check() {
    let bench = Bench::ready();
    put(&bench.source(), "1", "1");
    bench.backup(&[]);
    let overview = bench.ok("overview", json!({}));
    let disk = vault(&overview, "disk");
    let told = (
        &disk["reachable"],
        &disk["open"],
        &disk["snapshots"],
        &disk["vault"]["remembered"],
    );
    assert_eq!(told, (&json!(true), &json!(true), &json!(1), &json!(true)), "{disk:#}");
    let (free, total, used) = (disk["free"].as_u64(), disk["total"].as_u64(), disk["used"].as_u64());
    assert!(free <= total && total > Some(0), "{disk:#}");
    assert_eq!(
        used,
        bench.ok("vault.info", json!({"name": "disk"}))["bytes"].as_u64(),
        "as counted after the first backup"
    );
    assert!(disk["checked"].is_null());
    bench.ok("vault.verify", json!({"vault": "disk", "readData": 50.0}));
    let overview = bench.ok("overview", json!({}));
    let disk = vault(&overview, "disk");
    assert_eq!(
        (&disk["checked"]["verdict"], &disk["checkedShare"]),
        (&json!("complete"), &json!(50.0)),
        "{disk:#}"
    );
    assert_eq!(disk["kit"], json!({"outdated": false, "made": null, "confirmed": null}));
}

#[test]
fn many_sources_are_told_quickly() {
    let bench = Bench::ready();
    for n in 0..300 {
        let request = json!({"kind": "memory", "name": format!("source-{n}"), "options": {"path": n.to_string()}});
        bench.ok("source.add", request);
    }
    let best = (0..3)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(bench.ok("overview", json!({}))["sources"].as_array().unwrap().len(), 301);
            start.elapsed()
        })
        .min()
        .unwrap();
    println!("301 sources: {best:?}");
    assert!(best.as_millis() < 500, "{best:?}");
}
