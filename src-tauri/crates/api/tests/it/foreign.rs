//! Files of other programs, opened like bundles: looked into, listed, kept in a vault, written out again.

use std::{fs, io::Write as _, path::PathBuf, sync::Arc, time::Duration};

use backstay_api::App;
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, InMemory, options};

const HEADER: &str = "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":true}\n";
const LINE: &str = concat!(
    r#"[{"_id":"a","_rev":"2-b","_revisions":{"start":2,"ids":["b","r"]},"n":1.50},"#,
    r#"{"_id":"a","_rev":"2-a","_revisions":{"start":2,"ids":["a","r"]},"_attachments":{"f.txt":{"contentType":"text/plain","revpos":2,"digest":"md5-1","data":"aGVsbG8="}}},"#,
    r#"{"_id":"b","_rev":"1-b","_revisions":{"start":1,"ids":["b"]}},"#,
    r#"{"_id":"_design/d","_rev":"1-d","_revisions":{"start":1,"ids":["d"]},"views":{}}]"#,
    "\n"
);

/// A Backstay with the program's connectors.
fn bench() -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let memory = Arc::new(InMemory::default());
    let mut options = options(dir.path(), &memory);
    options.connectors.extend(backstay_registry::connectors());
    Bench {
        app: App::open(options).unwrap(),
        memory,
        cancel: backstay_api::Cancel::default(),
        dir,
    }
}

fn put(bench: &Bench, name: &str, text: &str) -> (String, String) {
    let path = bench.path(name);
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (format!("bundle:{path}"), path)
}

fn cached(bench: &Bench) -> Vec<PathBuf> {
    let dir = bench.path("home").join("cache/converted");
    fs::read_dir(dir).map_or_else(|_| Vec::new(), |entries| entries.flatten().map(|e| e.path()).collect())
}

#[test]
fn a_couchbackup_file_is_looked_into_and_listed_like_a_bundle() {
    let bench = bench();
    let (at, path) = put(&bench, "shop.txt", &format!("{HEADER}{LINE}"));
    let seen = bench.ok("path.inspect", json!({"path": path}));
    assert_eq!(seen["kind"], "foreign", "{seen:#}");
    assert_eq!(seen["foreign"]["format"], "couchbackup");
    assert_eq!(seen["foreign"]["kind"], "couchdb");
    assert_eq!(seen["reason"], Value::Null);

    let about = bench.ok("bundle.inspect", json!({"path": path, "verify": true}));
    assert_eq!(about["refused"], Value::Null, "{about:#}");
    assert_eq!((&about["intact"], &about["path"]), (&json!(true), &json!(path)));
    assert_eq!(about["metadata"]["sourceKind"], "couchdb");
    assert_eq!(about["metadata"]["sourceName"], "shop");
    assert_eq!(about["metadata"]["verdict"], "complete");
    assert_eq!(about["foreign"]["title"], "couchbackup file");
    assert!(
        about["foreign"]["notes"][0].as_str().unwrap().contains("2.11.12"),
        "{about:#}"
    );
    let parts: Vec<(&str, u64)> = about["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["name"].as_str().unwrap(), part["items"].as_u64().unwrap()))
        .collect();
    assert_eq!(parts, [("shop", 2), ("shop/@design", 1), ("assets", 1)]);

    let shown = bench.ok("snapshot.show", json!({"snapshot": at}));
    assert_eq!(
        shown["snapshot"]["id"], at,
        "people know the file, not what it was converted to"
    );
    let list = bench.ok(
        "browse.list",
        json!({"at": {"snapshot": at}, "collection": "shop", "offset": 0, "limit": 10}),
    );
    assert_eq!(list["records"].as_array().unwrap().len(), 2);
    let text = bench.ok(
        "record.text",
        json!({"at": {"snapshot": at}, "collection": "shop", "id": "a"}),
    );
    assert!(
        text.to_string().contains("1.50") && text.to_string().contains("_conflicts"),
        "{text:#}"
    );
    assert_eq!(cached(&bench).len(), 1, "converted once");
}

#[test]
fn what_is_wrong_with_a_file_is_said_by_line_and_what_is_missing_by_name() {
    let bench = bench();
    let (at, path) = put(&bench, "broken.txt", &format!("{HEADER}[{{\"_id\":\"a\"\n{LINE}"));
    let about = bench.ok("bundle.inspect", json!({"path": path}));
    let refused = &about["refused"];
    assert_eq!(refused["code"], "damaged", "{about:#}");
    assert!(refused["message"].as_str().unwrap().contains("line 2"), "{refused:#}");
    assert!(refused["hint"].as_str().unwrap().contains("--resume"));
    assert_eq!(about["foreign"]["format"], "couchbackup");
    let error = bench.err("snapshot.show", json!({"snapshot": at}));
    assert_eq!(error.code, ErrorKind::Damaged);
    assert_eq!(cached(&bench), Vec::<PathBuf>::new(), "nothing is left behind");

    let (_, path) = put(&bench, "cut.txt", &format!("{HEADER}{LINE}[{{\"_id\":\"c\",\"x"));
    let about = bench.ok("bundle.inspect", json!({"path": path}));
    assert_eq!(about["metadata"]["verdict"], "partial", "{about:#}");
    assert_eq!(about["metadata"]["gaps"][0]["subject"], "line 3 of the file");
    let stub = LINE.replace("\"data\":\"aGVsbG8=\"", "\"stub\":true,\"length\":5");
    let (_, path) = put(&bench, "stubs.txt", &format!("{HEADER}{stub}"));
    let about = bench.ok("bundle.inspect", json!({"path": path}));
    assert_eq!(about["metadata"]["verdict"], "partial");
    assert_eq!(about["metadata"]["gaps"][0]["subject"], "stubs/a/f.txt");
}

#[test]
fn a_file_is_kept_in_a_vault_and_files_of_one_name_are_one_history() {
    let bench = bench();
    bench.vault("disk");
    let (_, path) = put(&bench, "shop.txt", &format!("{HEADER}{LINE}"));
    let first = bench.ok("bundle.import", json!({"path": path}));
    assert_eq!(first["verdict"], "complete", "{first:#}");
    put(&bench, "shop.txt", &format!("{HEADER}{}", LINE.replace("1.50", "2")));
    let second = bench.ok("bundle.import", json!({"path": path}));
    let shown = |reply: &Value| bench.ok("snapshot.show", json!({"snapshot": reply["snapshot"]}));
    let (one, two) = (shown(&first), shown(&second));
    assert_eq!(one["metadata"]["sourceId"], two["metadata"]["sourceId"]);
    assert_eq!(two["metadata"]["collections"][0]["records"], 2, "{two:#}");
    assert_eq!(one["metadata"]["assets"], 1);
    let imported = &one["metadata"]["extra"]["imported"]["identity"];
    assert_eq!(imported.as_str().unwrap().len(), 64, "{one:#}");
}

#[test]
fn a_changed_file_is_another_file() {
    let bench = bench();
    let (at, path) = put(&bench, "shop.ndjson", "{\"_id\":\"a\"}\n");
    let count = || {
        let request = json!({"at": {"snapshot": at}, "collection": "shop", "offset": 0, "limit": 10});
        bench.ok("browse.list", request)["records"].as_array().unwrap().len()
    };
    assert_eq!(count(), 1);
    fs::write(&path, "{\"_id\":\"a\"}\n{\"_id\":\"b\"}\n").unwrap();
    assert_eq!(count(), 2);
    // The same content under another name is another database.
    let (other, _) = put(&bench, "else.ndjson", "{\"_id\":\"a\"}\n");
    let request = json!({"at": {"snapshot": other}, "collection": "else", "offset": 0, "limit": 10});
    assert_eq!(bench.ok("browse.list", request)["records"].as_array().unwrap().len(), 1);
    assert_eq!(cached(&bench).len(), 3);
}

#[test]
fn converted_files_go_when_nobody_uses_them() {
    let bench = bench();
    let (_, path) = put(&bench, "a.ndjson", "{\"_id\":\"a\"}\n");
    bench.ok("bundle.inspect", json!({"path": path}));
    let old = cached(&bench).pop().unwrap();
    let file = fs::File::options().append(true).open(&old).unwrap();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(8 * 24 * 3600);
    file.set_times(fs::FileTimes::new().set_accessed(long_ago)).unwrap();
    let left = old.with_file_name(".x.zip.abcdef.partial");
    fs::write(&left, "a killed program left this").unwrap();
    let (_, path) = put(&bench, "b.ndjson", "{\"_id\":\"b\"}\n");
    bench.ok("bundle.inspect", json!({"path": path}));
    let now = cached(&bench);
    assert_eq!(now.len(), 1, "{now:?}");
    assert_ne!(now[0], old);
    // One that was damaged is made again.
    fs::write(&now[0], "PK damaged").unwrap();
    let bench = Bench {
        app: {
            let mut options = options(bench.dir.path(), &bench.memory);
            options.connectors.extend(backstay_registry::connectors());
            drop(bench.app);
            App::open(options).unwrap()
        },
        memory: bench.memory,
        cancel: bench.cancel,
        dir: bench.dir,
    };
    assert_eq!(bench.ok("bundle.inspect", json!({"path": path}))["refused"], Value::Null);
}

#[test]
fn snapshots_are_written_for_other_programs_and_read_again() {
    let bench = bench();
    bench.vault("disk");
    let (_, path) = put(&bench, "shop.txt", &format!("{HEADER}{LINE}"));
    let kept = bench.ok("bundle.import", json!({"path": path}));
    let at = json!({"snapshot": kept["snapshot"]});
    let export = |name: &str, foreign: Value| {
        let to = bench.path(name).display().to_string();
        let request = json!({"at": at, "to": to, "format": "zip", "foreign": foreign});
        (bench.call("bundle.export", request), to)
    };
    let (whole, to) = export("out.txt", json!({"format": "couchbackup", "attachments": true}));
    let whole = whole.unwrap();
    assert_eq!(
        (&whole["verdict"], &whole["records"], &whole["files"]),
        (&json!("complete"), &json!(3), &json!(1)),
        "{whole:#}"
    );
    let text = fs::read_to_string(&to).unwrap();
    assert!(
        text.contains("\"data\":\"aGVsbG8=\"") && text.contains("contentType"),
        "{text}"
    );

    let (without, to) = export("without.txt", json!({"format": "couchbackup"}));
    let without = without.unwrap();
    assert_eq!(without["verdict"], "partial");
    assert_eq!(without["gaps"][0]["subject"], "shop/a/f.txt");
    assert!(!fs::read_to_string(&to).unwrap().contains("_attachments"));
    let (meant, _) = export("meant.txt", json!({"format": "couchbackup", "withoutAttachments": true}));
    assert_eq!(meant.unwrap()["verdict"], "complete");

    let (packed, to) = export("out.ndjson.gz", json!({"format": "ndjson", "withoutAttachments": true}));
    packed.unwrap();
    assert_eq!(fs::read(&to).unwrap()[..2], [0x1f, 0x8b]);
    let about = bench.ok("bundle.inspect", json!({"path": to}));
    assert_eq!(about["metadata"]["collections"][0]["records"], 2, "{about:#}");

    let (again, _) = export("out.txt", json!({"format": "couchbackup"}));
    assert_eq!(again.unwrap_err().code, ErrorKind::Refused, "what is there stays");
    let (unknown, _) = export("x", json!({"format": "csv"}));
    let unknown = unknown.unwrap_err();
    assert_eq!(unknown.code, ErrorKind::Unsupported);
    assert!(unknown.hint.unwrap().contains("couchbackup"));
    let names: Vec<_> = fs::read_dir(bench.dir.path())
        .unwrap()
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert!(
        names.iter().all(|name| !name.to_string_lossy().contains("partial")),
        "{names:?}"
    );
}

#[test]
fn converting_is_stopped_when_asked_and_leaves_nothing() {
    let bench = bench();
    let path = bench.path("large.ndjson");
    let mut out = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    for n in 0..400_000 {
        writeln!(out, "{{\"_id\":\"{n}\",\"text\":\"{n} and some more of it\"}}").unwrap();
    }
    drop(out);
    let cancel = bench.cancel.clone();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        cancel.cancel();
    });
    let error = bench.err("bundle.inspect", json!({"path": path}));
    stopper.join().unwrap();
    assert_eq!(error.code, ErrorKind::Cancelled);
    assert_eq!(cached(&bench), Vec::<PathBuf>::new());
}
