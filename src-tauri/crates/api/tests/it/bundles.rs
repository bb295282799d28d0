//! Bundles of a source whose records lie in runs: out, looked into, restored from, and in again.

use std::fs;

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, put};

const KINDS: [(&str, &str); 2] = [("x.backstay.zip", "zip"), ("x-bundle", "directory")];

/// A source with 700 records in two runs, one with an attachment, and a file.
fn story() -> (Bench, String) {
    let bench = Bench::ready();
    let source = bench.source();
    for n in 0..700 {
        put(
            &source,
            &format!("r{n:03}"),
            &format!(r#"{{"n":{n},"big":18446744073709551617.10,"title":"Title {n}"}}"#),
        );
    }
    source.attach("c", "r007", "photo.jpg", &b"not really a photo"[..]);
    source.attach("c", "r008", "other.jpg", &b"another"[..]);
    source.file("notes/today.txt", &b"remember the milk"[..]);
    source.put(
        "other",
        "ünï/cödé id",
        backstay_model::RawJson::parse(b"{\"a\":null}").unwrap(),
    );
    bench.backup(&[]);
    put(&source, "r003", r#"{"n":3,"title":"changed"}"#);
    source.delete("c", "r004");
    let second = bench.backup(&[]);
    (bench, second)
}

fn at(reference: &str) -> Value {
    json!({"snapshot": reference})
}

fn export(bench: &Bench, snapshot: &str, name: &str, format: &str, only: &[&str]) -> (String, Value) {
    let to = bench.path(name).display().to_string();
    let request = json!({"at": at(snapshot), "to": to, "format": format, "only": only, "overwrite": true});
    (format!("bundle:{to}"), bench.ok("bundle.export", request))
}

fn plan(bench: &Bench, from: &str, only: &[&str], target: Value) -> Value {
    let request = json!({
        "from": {"snapshot": at(from)},
        "selection": {"only": only},
        "target": target,
        "policy": "remote",
    });
    bench.ok("restore.plan", request)
}

#[test]
fn records_in_runs_are_the_same_in_a_bundle() {
    let (bench, snapshot) = story();
    for (name, format) in KINDS {
        let (bundle, done) = export(&bench, &snapshot, name, format, &[]);
        assert_eq!(
            (&done["verdict"], &done["records"], &done["files"]),
            (&json!("complete"), &json!(700), &json!(1)),
            "{done:#}"
        );
        let shown = bench.ok("snapshot.show", at(&bundle));
        assert_eq!(shown["metadata"]["assets"], 2, "{shown:#}");
        for (offset, limit) in [(0, 5), (3, 2), (690, 50), (2000, 5)] {
            let list = |reference: &str| {
                let request = json!({"at": at(reference), "collection": "c", "offset": offset, "limit": limit});
                bench.ok("browse.list", request)["records"].clone()
            };
            assert_eq!(list(&bundle), list(&snapshot), "{offset}");
        }
        for (collection, id) in [("c", "r003"), ("c", "r007"), ("c", "r699"), ("other", "ünï/cödé id")] {
            let get = |reference: &str| {
                let request = json!({"at": at(reference), "collection": collection, "id": id});
                (bench.ok("record.get", request.clone()), bench.ok("record.text", request))
            };
            assert_eq!(get(&bundle), get(&snapshot));
        }
        let gone = bench.err("record.get", json!({"at": at(&bundle), "collection": "c", "id": "r004"}));
        assert_eq!(gone.code, ErrorKind::NotFound);
        let open = bench.ok(
            "listing.open",
            json!({"at": at(&bundle), "collection": "c", "sort": {"field": "n", "descending": true}}),
        );
        assert_eq!(open["total"], 699, "{open:#}");
        let diff = bench.ok("diff", json!({"before": at(&bundle), "after": at(&snapshot), "limit": 100}));
        assert_eq!(diff["changes"], json!([]), "{diff:#}");
        put(&bench.source(), "r001", "\"live\"");
        let diff = bench.ok("diff", json!({"before": at(&bundle), "after": at("live"), "limit": 100}));
        assert_eq!(
            (&diff["changes"][0]["id"], diff["changes"].as_array().unwrap().len()),
            (&json!("r001"), 1),
            "{diff:#}"
        );
        put(
            &bench.source(),
            "r001",
            r#"{"n":1,"big":18446744073709551617.10,"title":"Title 1"}"#,
        );
    }
}

#[test]
fn records_come_back_from_a_bundle_and_go_again() {
    let (bench, snapshot) = story();
    for (name, format) in KINDS {
        let (bundle, _) = export(&bench, &snapshot, name, format, &[]);
        let before = bench.source().now();
        let source = bench.source();
        put(&source, "r005", "\"wrong\"");
        put(&source, "r006", "\"not chosen\"");
        source.delete("c", "r007");
        let broken = bench.source().now();
        let planned = plan(&bench, &bundle, &["c/r005", "c/r007"], json!("inPlace"));
        assert_eq!(
            (&planned["plan"]["counts"]["create"], &planned["plan"]["counts"]["update"]),
            (&json!(1), &json!(1)),
            "{planned:#}"
        );
        let done = bench.ok("restore.run", json!({"path": planned["path"]}));
        assert_eq!(
            (&done["verdict"], &done["written"]),
            (&json!("complete"), &json!(2)),
            "{done:#}"
        );
        let now = bench.source().now();
        let record = |taken: &backstay_source_kit::Taken, id: &str| taken.collections["c"].records.get(id).cloned();
        assert_eq!(record(&now, "r005").unwrap().data, record(&before, "r005").unwrap().data);
        assert_eq!(record(&now, "r007").unwrap().assets, record(&before, "r007").unwrap().assets);
        assert_eq!(record(&now, "r006").unwrap().data.as_bytes(), b"\"not chosen\"");
        bench.ok("restore.undo", json!({"run": done["run"], "policy": "skip"}));
        let now = bench.source().now();
        for id in ["r005", "r006", "r007"] {
            assert_eq!(record(&now, id).map(|r| r.data), record(&broken, id).map(|r| r.data), "{id}");
        }
        // All of it, elsewhere.
        let planned = plan(&bench, &bundle, &[], json!({"new": format!("elsewhere-{format}")}));
        let done = bench.ok("restore.run", json!({"path": planned["path"]}));
        assert_eq!(
            (&done["verdict"], &done["readBack"]["score"]),
            (&json!("complete"), &json!(100.0)),
            "{done:#}"
        );
        // Back to where the story began.
        let planned = plan(&bench, &bundle, &[], json!("inPlace"));
        bench.ok("restore.run", json!({"path": planned["path"]}));
        let now = bench.source().now();
        assert_eq!(record(&now, "r006").unwrap().data, record(&before, "r006").unwrap().data);
    }
}

#[test]
fn chosen_records_take_their_attachments_along() {
    let (bench, snapshot) = story();
    let (bundle, done) = export(&bench, &snapshot, "some.zip", "zip", &["c/r007", "other"]);
    assert_eq!((&done["records"], &done["files"]), (&json!(2), &json!(0)), "{done:#}");
    let about = bench.ok(
        "bundle.inspect",
        json!({"path": bundle.strip_prefix("bundle:"), "verify": true}),
    );
    assert_eq!(
        (&about["intact"], &about["metadata"]["assets"]),
        (&json!(true), &json!(1)),
        "{about:#}"
    );
    let names: Vec<_> = about["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["c", "other", "assets"], "{about:#}");
    assert_eq!(about["source"], "notes");
    bench.source().delete("c", "r007");
    let planned = plan(&bench, &bundle, &[], json!("inPlace"));
    let done = bench.ok("restore.run", json!({"path": planned["path"]}));
    assert_eq!(
        (&done["verdict"], &done["written"]),
        (&json!("complete"), &json!(1)),
        "{done:#}"
    );
    let none = bench.err(
        "bundle.export",
        json!({"at": at(&snapshot), "to": bench.path("none.zip"), "format": "zip", "only": ["c/nobody"]}),
    );
    assert_eq!(none.code, ErrorKind::NotFound, "{none:?}");
}

#[test]
fn an_import_brings_records_and_attachments_into_another_vault() {
    let (bench, snapshot) = story();
    bench.vault("second");
    for (name, format) in KINDS {
        let (bundle, _) = export(&bench, &snapshot, name, format, &[]);
        let path = bundle.strip_prefix("bundle:").unwrap();
        let done = bench.ok("bundle.import", json!({"path": path, "vault": "second"}));
        assert_eq!(done["verdict"], "complete", "{done:#}");
        let id = done["snapshot"].as_str().unwrap();
        let diff = bench.ok("diff", json!({"before": at(&snapshot), "after": at(id), "limit": 100}));
        assert_eq!(diff["changes"], json!([]), "{diff:#}");
        let get = |reference: &str| bench.ok("record.get", json!({"at": at(reference), "collection": "c", "id": "r007"}));
        assert_eq!(get(id), get(&snapshot));
        bench.ok("vault.verify", json!({"vault": "second", "depth": "readAll"}));
        // Exported again it is the same content.
        let (again, _) = export(&bench, id, &format!("again-{name}"), format, &[]);
        let records = |bundle: &str| {
            let open = bench.ok("listing.open", json!({"at": at(bundle), "collection": "c"}));
            let rows = json!({"listing": open["listing"], "offset": 0, "limit": 700});
            bench.ok("listing.rows", rows)["rows"].clone()
        };
        assert_eq!(records(&again), records(&bundle));
    }
    let reply = bench.ok("snapshot.list", json!({"vault": "second"}));
    assert_eq!(reply["snapshots"].as_array().unwrap().len(), 2, "{reply:#}");
    assert!(reply["snapshots"][0]["tags"].to_string().contains("imported"), "{reply:#}");
    // The source goes on from its own newest backup, not from what was imported.
    put(&bench.source(), "r010", "\"after the import\"");
    let request = json!({"sources": ["notes"], "all": false, "vaults": ["second"], "tags": []});
    let reply = bench.ok("backup", request);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    let id = reply["runs"][0]["snapshot"].as_str().unwrap();
    let text = bench.ok("record.text", json!({"at": at(id), "collection": "c", "id": "r010"}));
    assert_eq!(text["text"], "\"after the import\"");
}

#[test]
fn what_is_refused_is_told_with_its_code() {
    let (bench, snapshot) = story();
    let (bundle, _) = export(&bench, &snapshot, "x.zip", "zip", &[]);
    let path = bench.path("x.zip");
    let whole = fs::read(&path).unwrap();
    let inspect = |verify: bool| bench.ok("bundle.inspect", json!({"path": path, "verify": verify}));
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let about = inspect(false);
        assert_eq!(about["metadata"]["verdict"], "failed", "{about:#}");
        let opened = bench.err("browse.list", json!({"at": at(&bundle), "limit": 5}));
        assert_eq!(json!(opened.code), about["refused"]["code"], "one answer everywhere");
        about["refused"]["code"].clone()
    };
    assert_eq!(refused(&whole[..whole.len() / 2]), "damaged");
    assert_eq!(refused(&[b"PK\x03\x04", &whole[..]].concat()), "damaged");
    assert_eq!(refused(b"a letter"), "unsupported");
    let missing = bench.err("bundle.inspect", json!({"path": bench.path("nothing.zip")}));
    assert_eq!(missing.code, ErrorKind::NotFound);
    // A flipped byte of content: the list of entries is whole, the content is not.
    let mut flipped = whole.clone();
    let at_content = flipped.windows(17).position(|w| w == b"remember the milk").or_else(|| {
        let name = b"files/notes/today.txt";
        flipped
            .windows(name.len())
            .position(|w| w == name)
            .map(|at| at + name.len() + 4)
    });
    flipped[at_content.unwrap()] ^= 0x40;
    fs::write(&path, &flipped).unwrap();
    assert_eq!(inspect(false)["refused"], Value::Null);
    let about = inspect(true);
    assert_eq!((&about["intact"], &about["damaged"]), (&json!(false), &json!(1)), "{about:#}");
    assert!(
        about["damage"][0].as_str().unwrap().contains("files/notes/today.txt"),
        "{about:#}"
    );
    // Whole again, and nothing of what was refused stays.
    fs::write(&path, &whole).unwrap();
    assert_eq!(inspect(true)["intact"], true);
}

#[test]
fn a_cancelled_export_or_import_leaves_nothing() {
    let (bench, snapshot) = story();
    let (bundle, _) = export(&bench, &snapshot, "x.zip", "zip", &[]);
    let snapshots = || bench.ok("snapshot.list", json!({}))["snapshots"].as_array().unwrap().len();
    let before = snapshots();
    bench.cancel.cancel();
    for format in ["zip", "directory"] {
        let to = bench.path("cancelled");
        let error = bench.err("bundle.export", json!({"at": at(&snapshot), "to": to, "format": format}));
        assert_eq!(error.code, ErrorKind::Cancelled);
        assert!(!to.exists());
    }
    let error = bench.err("bundle.import", json!({"path": bundle.strip_prefix("bundle:")}));
    assert_eq!(error.code, ErrorKind::Cancelled);
    let error = bench.err(
        "bundle.inspect",
        json!({"path": bundle.strip_prefix("bundle:"), "verify": true}),
    );
    assert_eq!(error.code, ErrorKind::Cancelled);
    assert_eq!(snapshots(), before);
    let left = fs::read_dir(&bench.dir).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("partial")
    });
    assert_eq!(left.count(), 0);
}
