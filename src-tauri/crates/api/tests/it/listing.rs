//! Tables of records: any page at once, sorted, filtered and searched, of snapshots and of what lives.

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, put},
    shelf::{all_ids, at, database, ids, rows, shelf, table},
};

fn words(row: &Value, field: &str) -> String {
    row["values"][field].as_str().unwrap_or_default().to_owned()
}

/// Another process on the same home.
fn other(bench: &Bench) -> Bench {
    Bench {
        app: crate::shelf::open(bench.dir.path(), &bench.memory),
        memory: bench.memory.clone(),
        cancel: backstay_api::Cancel::default(),
        dir: tempfile::tempdir().unwrap(),
    }
}

fn column(bench: &Bench, table: &Value, field: &str) -> Vec<Value> {
    rows(bench, table, 0, 1000)
        .iter()
        .map(|row| row["values"][field].clone())
        .collect()
}

#[test]
fn stored_records_are_a_table() {
    let bench = Bench::ready();
    let source = bench.source();
    for n in 0..1500 {
        put(
            &source,
            &format!("r{n:05}"),
            &format!(r#"{{"n":{n},"title":"Title {n}","tags":["a"]}}"#),
        );
    }
    source.attach("c", "r00007", "picture.png", &b"bytes"[..]);
    let snapshot = bench.backup(&[]);
    let open = table(&bench, &snapshot, "c", json!({}));
    assert_eq!(
        (&open["total"], &open["of"], &open["title"]),
        (&json!(1500), &json!(1500), &json!("title"))
    );
    let names: Vec<&str> = open["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["n", "title", "tags"]);
    let expected: Vec<String> = (0..1500).map(|n| format!("r{n:05}")).collect();
    assert_eq!(all_ids(&bench, &open), expected);
    assert_eq!(rows(&bench, &open, 7, 1)[0]["assets"], 1);
    assert_eq!(rows(&bench, &open, 1499, 200).len(), 1);
    assert_eq!(rows(&bench, &open, 1500, 200).len(), 0);
    assert_eq!(rows(&bench, &open, u64::MAX, 200).len(), 0);
    let some = bench.ok(
        "listing.rows",
        json!({"listing": open["listing"], "offset": 3, "limit": 1, "fields": ["n"]}),
    );
    assert_eq!(some["rows"][0]["values"], json!({"n": 3}));
    let place = |id: &str| bench.ok("listing.locate", json!({"listing": open["listing"], "id": id}))["index"].clone();
    assert_eq!((place("r01234"), place("nobody")), (json!(1234), Value::Null));
    assert_eq!(
        bench.ok("browse.count", json!({"at": at(&snapshot), "collection": "c"}))["records"],
        1500
    );
    let text = bench.ok("record.text", json!({"at": at(&snapshot), "collection": "c", "id": "r00003"}));
    assert_eq!(text["text"], r#"{"n":3,"title":"Title 3","tags":["a"]}"#);
    let none = bench.err("record.text", json!({"at": at(&snapshot), "collection": "c", "id": "x"}));
    assert_eq!(none.code, ErrorKind::NotFound);
    let none = bench.err("listing.open", json!({"at": at(&snapshot), "collection": "nothing"}));
    assert_eq!(none.code, ErrorKind::NotFound);
}

#[test]
fn order_is_what_people_expect() {
    let bench = Bench::ready();
    let source = bench.source();
    let values = [
        ("a", r#"{"v":10,"t":"zebra"}"#),
        ("b", r#"{"v":9,"t":"Äpfel"}"#),
        ("c", r#"{"v":null,"t":""}"#),
        ("d", r#"{"t":"apple"}"#),
        ("e", r#"{"v":9007199254740993,"t":"APPLE pie"}"#),
        ("f", r#"{"v":9007199254740992,"t":"Ωmega"}"#),
        ("g", r#"{"v":-1.5,"t":"zebra"}"#),
        ("h", r#"{"v":9,"t":"日本"}"#),
    ];
    for (id, text) in values {
        put(&source, id, text);
    }
    let snapshot = bench.backup(&[]);
    let order = |field: &str, descending: bool| {
        let open = table(
            &bench,
            &snapshot,
            "c",
            json!({"sort": {"field": field, "descending": descending}}),
        );
        all_ids(&bench, &open).concat()
    };
    assert_eq!(
        order("v", false),
        "gbhafecd",
        "what is empty comes last, equals keep their order"
    );
    assert_eq!(order("v", true), "efabhgcd");
    assert_eq!(order("t", false), "bdeagfhc");
    assert_eq!(order("t", true), "hfagedbc");
    assert_eq!(order("absent", true), "abcdefgh");
    let open = table(&bench, &snapshot, "c", json!({"sort": {"field": "v"}}));
    assert_eq!(
        column(&bench, &open, "v")[4..6],
        [json!(9_007_199_254_740_992_u64.to_string()), json!("9007199254740993")]
    );
    let place = bench.ok("listing.locate", json!({"listing": open["listing"], "id": "e"}));
    assert_eq!(place["index"], 5);
}

#[test]
fn filters_and_search_narrow_a_table() {
    let bench = shelf("sqlite");
    database(&bench, 3000);
    let snapshot = bench.backup(&[]);
    let total = |more: Value| {
        let open = table(&bench, &snapshot, "notes", more);
        assert_eq!(open["of"], 3000);
        assert_eq!(all_ids(&bench, &open).len() as u64, open["total"].as_u64().unwrap());
        open["total"].as_u64().unwrap()
    };
    let filter = |field: &str, kind: &str, value: &str| json!({"filters": [{"field": field, "kind": kind, "value": value}]});
    assert_eq!(total(filter("size", "empty", "")), 429);
    assert_eq!(total(filter("size", "notEmpty", "")), 2571);
    assert_eq!(total(filter("title", "is", "Note 17")), 1);
    assert_eq!(total(filter("title", "isNot", "Note 17")), 2999);
    assert_eq!(total(filter("title", "contains", "nOTE 29")), 111);
    assert_eq!(total(filter("price", "greater", "24.5")), 30);
    assert_eq!(total(filter("price", "less", "0.25")), 30);
    assert_eq!(total(filter("price", "is", "0.5")), 30);
    assert_eq!(total(json!({"search": "HÄYSTACK"})), 6);
    assert_eq!(total(json!({"search": "body"})), 0, "names of fields are not searched");
    assert_eq!(total(json!({"search": " "})), 3000);
    let both = json!({"search": "needle", "filters": [{"field": "done", "kind": "is", "value": "1"}], "sort": {"field": "title", "descending": true}});
    assert_eq!(total(both.clone()), 6);
    let open = table(&bench, &snapshot, "notes", both);
    let titles: Vec<String> = rows(&bench, &open, 0, 100).iter().map(|row| words(row, "title")).collect();
    assert_eq!(titles[0], "Note 503");
    assert!(titles.is_sorted_by(|a, b| a > b), "{titles:?}");
    assert_eq!(rows(&bench, &open, 0, 1)[0]["values"]["data"], "0x89504E47 (4 B)");
}

#[test]
fn any_page_of_a_database_is_that_of_the_database() {
    let bench = shelf("sqlite");
    let db = database(&bench, 3000);
    let snapshot = bench.backup(&[]);
    let truth = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let tables = [
        ("notes", "SELECT id FROM notes ORDER BY id"),
        ("gaps", "SELECT CAST(n AS TEXT) FROM gaps ORDER BY n"),
        ("pairs", "SELECT json_array(a, b) FROM pairs ORDER BY a, b DESC"),
    ];
    for place in [snapshot.as_str(), "live:notes"] {
        for (name, sql) in tables {
            let open = table(&bench, place, name, json!({}));
            let expected = truth(sql);
            assert_eq!(open["total"], 3000);
            assert_eq!(all_ids(&bench, &open), expected, "{name} of {place}");
            for offset in [0, 255, 256, 257, 1000, 2559, 2990] {
                let page = ids(&rows(&bench, &open, offset, 200));
                let end = expected.len().min(usize::try_from(offset).unwrap() + 200);
                assert_eq!(page, expected[usize::try_from(offset).unwrap()..end], "{name} at {offset}");
            }
            for number in [0, 1, 255, 256, 511, 512, 1777, 2999] {
                let found = bench.ok("listing.locate", json!({"listing": open["listing"], "id": expected[number]}));
                assert_eq!(found["index"], number, "{name} of {place}");
            }
            assert_eq!(
                bench.ok("listing.locate", json!({"listing": open["listing"], "id": "[\"no\",1]"}))["index"],
                Value::Null
            );
        }
        let view = table(&bench, place, "doubled", json!({}));
        assert_eq!((&view["total"], &view["title"]), (&json!(2571), &json!("title")));
        assert_eq!(rows(&bench, &view, 2570, 10).len(), 1);
        assert_eq!(
            bench.ok("browse.count", json!({"at": at(place), "collection": "doubled"}))["records"],
            2571
        );
    }
}

#[test]
fn what_was_counted_is_shown_without_counting() {
    let bench = shelf("sqlite");
    database(&bench, 500);
    let snapshot = bench.backup(&[]);
    let records = || {
        let shown = bench.ok("snapshot.show", at(&snapshot));
        let all = shown["collections"].as_array().unwrap().clone();
        all.iter().find(|c| c["name"] == "gaps").unwrap().get("records").cloned()
    };
    assert_eq!(records().unwrap_or_default(), Value::Null);
    table(&bench, &snapshot, "gaps", json!({}));
    assert_eq!(records(), Some(json!(500)));
}

#[test]
fn opening_again_is_instant_and_nothing_readable_lies_on_the_disk() {
    let bench = shelf("sqlite");
    database(&bench, 2000);
    let snapshot = bench.backup(&[]);
    let query = json!({"sort": {"field": "size"}, "search": "nothing"});
    let first = table(&bench, &snapshot, "notes", query.clone());
    let plain = table(&bench, &snapshot, "notes", json!({}));
    assert_ne!(first["listing"], plain["listing"]);
    let files = || {
        let dir = std::fs::read_dir(bench.path("home/cache/listings")).unwrap();
        let mut all: Vec<_> = dir.map(|entry| entry.unwrap().path()).collect();
        all.sort();
        all
    };
    assert_eq!(files().len(), 2);
    for file in files() {
        let bytes = std::fs::read(&file).unwrap();
        for secret in ["nothing to see", "Note 1", "notes"] {
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{secret} in {}",
                file.display()
            );
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o077, 0, "others may not read it");
        }
    }
    let before: Vec<_> = files().iter().map(|file| std::fs::metadata(file).unwrap().len()).collect();
    bench.app.forget_opened();
    let gone = bench.err("listing.rows", json!({"listing": first["listing"], "offset": 0, "limit": 1}));
    assert_eq!(gone.code, ErrorKind::NotFound);
    let again = table(&bench, &snapshot, "notes", query.clone());
    assert_eq!(again, first);
    assert_eq!(
        files()
            .iter()
            .map(|file| std::fs::metadata(file).unwrap().len())
            .collect::<Vec<_>>(),
        before
    );
    // A file that was damaged is made again.
    bench.app.forget_opened();
    for file in files() {
        std::fs::write(file, "rubbish").unwrap();
    }
    assert_eq!(table(&bench, &snapshot, "notes", query), first);
    assert_eq!(all_ids(&bench, &first).len(), 1996);
}

#[test]
fn a_living_table_keeps_its_rows_in_their_places() {
    let bench = Bench::ready();
    let source = bench.source();
    for n in 0..600 {
        put(&source, &format!("r{n:03}"), &format!(r#"{{"n":{}}}"#, 600 - n));
    }
    let open = table(&bench, "live:notes", "c", json!({}));
    let sorted = table(&bench, "live:notes", "c", json!({"sort": {"field": "n"}}));
    source.delete("c", "r300");
    put(&source, "r299b", r#"{"n":0}"#);
    put(&source, "r301", r#"{"n":"changed"}"#);
    let page = rows(&bench, &open, 299, 3);
    assert_eq!(ids(&page), ["r299", "r300", "r301"]);
    assert_eq!(page[1]["gone"], true);
    assert_eq!(page[0].get("gone"), None);
    assert_eq!(page[2]["values"]["n"], "changed", "content is always of now");
    assert_eq!(ids(&rows(&bench, &sorted, 0, 2)), ["r599", "r598"]);
    assert_eq!(rows(&bench, &sorted, 299, 1)[0]["gone"], true);
    assert_eq!(
        bench.ok("listing.locate", json!({"listing": sorted["listing"], "id": "r599"}))["index"],
        0
    );
    let fresh = table(&bench, "live:notes", "c", json!({}));
    assert_ne!(fresh["listing"], open["listing"]);
    assert_eq!(fresh["total"], 600);
    let kept = std::fs::read_dir(bench.path("home/cache/listings")).unwrap();
    let named = kept
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some())
        .count();
    assert_eq!(named, 0, "nothing of a living source outlives the process");
}

#[test]
fn a_snapshot_that_was_removed_says_so() {
    let bench = shelf("sqlite");
    let db = database(&bench, 1000);
    let first = bench.backup(&[]);
    let open = table(&bench, &first, "notes", json!({}));
    assert_eq!(rows(&bench, &open, 500, 3).len(), 3);
    db.execute("DELETE FROM notes", []).unwrap();
    bench.backup(&[]);
    // Another process does it: nothing here is told.
    let other = other(&bench);
    let keep = json!({"last": 1, "tags": [], "forever": false});
    other.intended();
    other.ok("snapshot.forget", json!({"source": "notes", "keep": keep, "dryRun": false}));
    other.ok("vault.prune", json!({"vault": "disk", "dryRun": false}));
    let gone = bench.err("listing.rows", json!({"listing": open["listing"], "offset": 0, "limit": 10}));
    assert_eq!(gone.code, ErrorKind::NotFound, "{gone:?}");
    assert!(gone.message.contains("snapshot"), "{gone:?}");
    let newest = table(&bench, "notes@latest", "notes", json!({}));
    assert_eq!(newest["total"], 0);
}

#[test]
fn packs_moved_by_another_process_are_found_again() {
    let bench = shelf("sqlite");
    let db = database(&bench, 4000);
    bench.backup(&[]);
    db.execute_batch("DELETE FROM pairs; DELETE FROM notes WHERE done = 1")
        .unwrap();
    let second = bench.backup(&[]);
    let open = table(&bench, &second, "notes", json!({}));
    assert_eq!(rows(&bench, &open, 0, 5).len(), 5);
    let other = other(&bench);
    let keep = json!({"last": 1, "tags": [], "forever": false});
    other.intended();
    other.ok("snapshot.forget", json!({"source": "notes", "keep": keep, "dryRun": false}));
    let pruned = other.ok("vault.prune", json!({"vault": "disk", "dryRun": false}));
    assert!(pruned.to_string().len() > 2);
    assert_eq!(all_ids(&bench, &open).len(), 2000);
}

#[test]
fn damage_is_an_error_and_no_panic() {
    let bench = shelf("sqlite");
    database(&bench, 3000);
    let snapshot = bench.backup(&[]);
    let open = table(&bench, &snapshot, "notes", json!({}));
    bench.app.forget_opened();
    let mut hurt = 0;
    for dir in std::fs::read_dir(bench.path("disk/data")).unwrap() {
        for pack in std::fs::read_dir(dir.unwrap().path()).unwrap() {
            let path = pack.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            for at in (0..bytes.len() / 2).step_by(512) {
                bytes[at] ^= 0x55;
            }
            let mut permissions = std::fs::metadata(&path).unwrap().permissions();
            #[expect(clippy::permissions_set_readonly_false, reason = "a scratch file")]
            permissions.set_readonly(false);
            std::fs::set_permissions(&path, permissions).unwrap();
            std::fs::write(&path, bytes).unwrap();
            hurt += 1;
        }
    }
    assert!(hurt > 0);
    let query = json!({"at": at(&snapshot), "collection": "notes", "sort": {"field": "size"}});
    assert_eq!(bench.err("listing.open", query).code, ErrorKind::Damaged);
    let rows = bench.err("listing.rows", json!({"listing": open["listing"], "offset": 0, "limit": 10}));
    assert_eq!(rows.code, ErrorKind::NotFound, "forgotten: {rows:?}");
    let left = std::fs::read_dir(bench.path("home/cache/listings")).unwrap();
    assert_eq!(left.count(), 1, "a list that failed leaves nothing");
}

#[test]
fn rows_come_while_a_long_pass_runs_and_the_pass_can_be_stopped() {
    let bench = shelf("sqlite");
    database(&bench, 20_000);
    let snapshot = bench.backup(&[]);
    let open = table(&bench, &snapshot, "notes", json!({}));
    let expected = all_ids(&bench, &open);
    std::thread::scope(|scope| {
        let sorts: Vec<_> = ["size", "title", "size"]
            .map(|field| {
                let (bench, snapshot) = (&bench, &snapshot);
                scope.spawn(move || table(bench, snapshot, "notes", json!({"sort": {"field": field}})))
            })
            .into_iter()
            .collect();
        let mut pages = 0_u64;
        while sorts.iter().any(|sort| !sort.is_finished()) || pages < 20 {
            let offset = pages * 997 % 19_000;
            let page = ids(&rows(&bench, &open, offset, 50));
            let from = usize::try_from(offset).unwrap();
            assert_eq!(page, expected[from..from + 50]);
            pages += 1;
        }
        let done: Vec<Value> = sorts.into_iter().map(|sort| sort.join().unwrap()).collect();
        assert_eq!(done[0], done[2], "the same table is made once");
        assert!(done.iter().all(|reply| reply["total"] == 20_000));
    });
    bench.cancel.cancel();
    let stopped = bench.err(
        "listing.open",
        json!({"at": at(&snapshot), "collection": "notes", "search": "x"}),
    );
    assert_eq!(stopped.code, ErrorKind::Cancelled);
}

/// Another process on the same home, in which caches may take so many bytes (fewer than a person may set).
fn limited(bench: &Bench, bytes: u64) -> Bench {
    std::fs::write(bench.path("home/settings.json"), json!({"cacheLimit": bytes}).to_string()).unwrap();
    other(bench)
}

#[test]
fn tables_take_no_more_room_than_they_may() {
    let bench = shelf("sqlite");
    database(&bench, 5000);
    let snapshot = bench.backup(&[]);
    let sort = |bench: &Bench, field: &str| table(bench, &snapshot, "notes", json!({"sort": {"field": field}}));
    let one = sort(&bench, "size");
    let size = || -> u64 {
        let dir = std::fs::read_dir(bench.path("home/cache/listings")).unwrap();
        dir.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
    };
    let whole = size();
    let narrow = limited(&bench, whole * 5 / 2);
    for field in ["title", "price", "body", "done"] {
        sort(&narrow, field);
        assert!(size() <= whole * 5 / 2, "{} of {whole}", size());
    }
    assert_eq!(rows(&bench, &one, 0, 3).len(), 3, "a table that is open stays so");
    let narrow = limited(&bench, whole / 4);
    let request = json!({"at": at(&snapshot), "collection": "notes", "sort": {"field": "id"}});
    let full = narrow.err("listing.open", request);
    assert_eq!(full.code, ErrorKind::Full, "{full:?}");
    assert!(full.hint.is_some());
}
