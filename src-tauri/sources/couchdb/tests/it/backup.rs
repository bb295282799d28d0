//! What a run takes, and what it costs the next time.

use backstay_couchdb_standin::Load;
use backstay_model::CollectionKind;
use backstay_source::FeedMode;
use serde_json::{Value, json};

use crate::kit::{couch, is_live, revision, run, source};

#[test]
fn a_document_is_one_record_with_all_its_leaves() {
    let (standin, server) = couch();
    server.make("a");
    let leaves = json!([
        revision("doc", &["2-b", "1-a"], json!({ "side": "b" })),
        revision("doc", &["2-c", "1-a"], json!({ "side": "c", "n": 12345678901234567890_u64 })),
        revision("doc", &["3-d", "2-x", "1-a"], json!({ "_deleted": true, "why": "gone" })),
    ]);
    server.exactly("a", &leaves);
    let source = source(&standin, json!({ "database": ["a"] }));
    let ran = run(&source, None).no_gaps();
    let record = ran.record("a", "doc");
    assert_eq!(record.rev.as_deref(), Some("2-c"));
    let data = ran.data("a", "doc");
    assert_eq!(data["side"], "c");
    assert_eq!(data["n"].to_string(), "12345678901234567890");
    assert_eq!(data["_revisions"], json!({ "start": 2, "ids": ["c", "a"] }));
    assert_eq!(data["_conflicts"][0]["side"], "b");
    assert_eq!(data["_conflicts"][0]["_rev"], "2-b");
    assert!(data.get("_deleted_conflicts").is_none());
    is_live(&source, &ran);

    let with = crate::kit::source(&standin, json!({ "database": ["a"], "deleted": true }));
    let ran_with = run(&with, None).no_gaps();
    assert_eq!(ran_with.data("a", "doc")["_deleted_conflicts"][0]["why"], "gone");
    assert_eq!(
        ran_with.record("a", "doc").hash,
        ran.record("a", "doc").hash,
        "hashes are of the leaves alone"
    );
    is_live(&with, &ran_with);
}

#[test]
fn tombstones_are_records_only_when_they_are_wanted() {
    let (standin, server) = couch();
    server.make("a");
    server.put("a", json!({ "_id": "x", "n": 1 }));
    server.put("a", json!({ "_id": "y", "n": 1 }));
    server.delete("a", "x");
    let without = source(&standin, json!({}));
    let with = source(&standin, json!({ "deleted": true }));
    let first = run(&without, None).no_gaps();
    assert_eq!(first.ids("a"), ["y"]);
    let all = run(&with, None).no_gaps();
    assert_eq!(all.ids("a"), ["x", "y"]);
    assert_eq!(all.data("a", "x")["_deleted"], true);

    // The wish changes: what it is about is read again, the rest is kept.
    let switched = try_after(&with, &first);
    assert_eq!((switched.ids("a"), switched.mode("a")), (vec!["x", "y"], FeedMode::Full));
    assert_eq!(switched.given("a"), 1);
    let back = try_after(&without, &switched);
    assert_eq!(back.ids("a"), ["y"]);

    // With tombstones, a document that comes back and goes again is counted right.
    server.put("a", json!({ "_id": "x", "n": 2 }));
    let undeleted = try_after(&with, &switched);
    assert_eq!(undeleted.mode("a"), FeedMode::Delta);
    assert_eq!(undeleted.data("a", "x")["n"], 2);
    server.delete("a", "x");
    let deleted = try_after(&with, &undeleted);
    assert_eq!(deleted.mode("a"), FeedMode::Delta);
    assert_eq!(deleted.data("a", "x")["_deleted"], true);
}

fn try_after(source: &std::sync::Arc<dyn backstay_source::Source>, before: &crate::kit::Ran) -> crate::kit::Ran {
    let ran = run(source, Some(before)).no_gaps();
    is_live(source, &ran);
    ran
}

#[test]
fn what_is_beside_the_documents_is_taken_too() {
    let (standin, server) = couch();
    server
        .try_ask("PUT", &["a"], &[("partitioned", "true"), ("q", "4")], None)
        .unwrap();
    server.put("a", json!({ "_id": "p:1" }));
    server.put(
        "a",
        json!({ "_id": "_design/views", "views": { "v": { "map": "function (doc) {}" } } }),
    );
    server.put("a", json!({ "_id": "_local/checkpoint", "at": 7 }));
    server.ask(
        "PUT",
        &["a", "_security"],
        Some(&json!({ "members": { "names": ["ann"], "roles": [] }, "admins": { "names": [], "roles": [] } })),
    );
    server.ask("PUT", &["a", "_revs_limit"], Some(&json!(77)));
    let source = source(&standin, json!({}));
    let ran = run(&source, None).no_gaps();
    assert_eq!(
        ran.taken.collections.keys().collect::<Vec<_>>(),
        ["a", "a/@design", "a/@local", "a/@settings"]
    );
    assert_eq!(ran.ids("a"), ["p:1"]);
    assert_eq!(ran.ids("a/@design"), ["_design/views"]);
    assert_eq!(ran.ids("a/@local"), ["_local/checkpoint"]);
    assert_eq!(ran.taken.collections["a/@local"].collection.kind, CollectionKind::Aside);
    assert_eq!(ran.data("a/@settings", "_security")["members"]["names"][0], "ann");
    assert_eq!(ran.data("a/@settings", "limits")["_revs_limit"], 77);
    let raw = ran.taken.collections["a"].collection.raw.as_ref().unwrap().value().unwrap();
    assert_eq!(
        (&raw["props"]["partitioned"], &raw["cluster"]["q"]),
        (&json!(true), &json!(4))
    );
    is_live(&source, &ran);

    // What did not change is not given again.
    let quiet = try_after(&source, &ran);
    assert_eq!(quiet.taken.collections.values().map(|c| c.given).sum::<u64>(), 0);
    assert_eq!(quiet.taken.collections["a"].collection, ran.taken.collections["a"].collection);

    server.put("a", json!({ "_id": "_local/checkpoint", "at": 8 }));
    server.ask("PUT", &["a", "_revs_limit"], Some(&json!(78)));
    let moved = try_after(&source, &quiet);
    assert_eq!(moved.data("a/@local", "_local/checkpoint")["at"], 8);
    assert_eq!(moved.data("a/@settings", "limits")["_revs_limit"], 78);
    assert_eq!((moved.given("a"), moved.given("a/@settings")), (0, 1));

    let without = crate::kit::source(&standin, json!({ "no-local": true }));
    assert!(!run(&without, None).taken.collections.contains_key("a/@local"));
}

#[test]
fn a_later_run_reads_what_changed() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 2_000)).unwrap();
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    assert_eq!(first.ids("a").len(), 2_000);
    assert_eq!(first.taken.total, (Some(2_000), None));
    is_live(&source, &first);
    let whole = standin.total();
    server.put("a", json!({ "_id": "doc-000000007", "changed": true }));
    server.put("a", json!({ "_id": "new" }));
    server.delete("a", "doc-000000008");
    standin.reset_counters();
    let second = try_after(&source, &first);
    assert_eq!((second.mode("a"), second.given("a")), (FeedMode::Delta, 3));
    assert_eq!(second.ids("a").len(), 2_000);
    assert_eq!(second.data("a", "doc-000000007")["changed"], true);
    assert_eq!(second.taken.total, (Some(3), None));
    let part = standin.counters();
    println!("{part:?}");
    assert!(standin.total().sent < whole.sent, "{part:?}");
}

#[test]
fn a_purge_is_noticed_although_the_feed_is_silent_about_it() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 300)).unwrap();
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    let rev = first.record("a", "doc-000000005").rev.clone().unwrap();
    server.ask("POST", &["a", "_purge"], Some(&json!({ "doc-000000005": [rev] })));
    standin.reset_counters();
    let second = try_after(&source, &first);
    assert_eq!(second.ids("a").len(), 299);
    assert_eq!(
        (second.mode("a"), second.given("a"), second.kept() >= 299),
        (FeedMode::Full, 0, true)
    );
    let bodies = standin
        .counters()
        .into_iter()
        .filter(|(name, _)| name.contains("_bulk_get"))
        .count();
    assert_eq!(bodies, 0, "documents that are known are not read");
}

#[test]
fn a_database_that_was_made_anew_is_read_anew() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 50)).unwrap();
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    server.ask("DELETE", &["a"], None);
    server.make("a");
    let docs: Vec<Value> = (0..50).map(|n| json!({ "_id": format!("other-{n:03}") })).collect();
    server.put_all("a", &json!(docs));
    let second = try_after(&source, &first);
    assert_eq!((second.mode("a"), second.ids("a").len()), (FeedMode::Full, 50));
    assert!(second.ids("a").iter().all(|id| id.starts_with("other-")));
}

#[test]
fn databases_come_and_go() {
    let (standin, server) = couch();
    for name in ["sales-1", "sales-2", "scratch", "_users"] {
        let _ = server.try_ask("PUT", &[name], &[], None);
    }
    let names = |ran: &crate::kit::Ran| {
        let names = ran.taken.collections.keys().filter(|name| !name.contains('@'));
        names.cloned().collect::<Vec<_>>()
    };
    let all = run(&source(&standin, json!({ "exclude": ["*-2"] })), None).no_gaps();
    assert_eq!(names(&all), ["sales-1", "scratch"]);
    let system = run(&source(&standin, json!({ "system": true })), None).no_gaps();
    assert!(names(&system).contains(&"_users".to_owned()), "{:?}", names(&system));

    let pattern = source(&standin, json!({ "database": ["sales-*"] }));
    let first = run(&pattern, None).no_gaps();
    assert_eq!(names(&first), ["sales-1", "sales-2"]);
    server.make("sales-3");
    server.ask("DELETE", &["sales-1"], None);
    let second = run(&pattern, Some(&first)).no_gaps();
    assert_eq!(names(&second), ["sales-2", "sales-3"]);

    let named = source(&standin, json!({ "database": ["sales-2", "nowhere"] }));
    let partial = run(&named, None);
    assert_eq!(
        (names(&partial), partial.gaps()),
        (vec!["sales-2".to_owned()], vec!["nowhere".to_owned()])
    );
    let nothing = source(&standin, json!({ "database": ["nowhere"] }));
    let error = crate::kit::try_run(&nothing, None, &Default::default()).err().unwrap();
    assert_eq!(error.kind, backstay_model::ErrorKind::NotFound);
}

#[test]
fn a_named_database_that_vanished_stays_as_it_was() {
    let (standin, server) = couch();
    for name in ["a", "b"] {
        server.make(name);
        server.put(name, json!({ "_id": "x" }));
    }
    let source = source(&standin, json!({ "database": ["a", "b"] }));
    let first = run(&source, None).no_gaps();
    server.ask("DELETE", &["a"], None);
    let second = run(&source, Some(&first));
    assert_eq!(second.gaps(), ["a"]);
    assert_eq!((second.ids("a"), second.taken.collections["a"].ended), (vec!["x"], false));
    assert_eq!((second.ids("b"), second.taken.collections["b"].ended), (vec!["x"], true));
    // Made anew, it is read anew, from the cursor that was kept.
    server.make("a");
    server.put("a", json!({ "_id": "y" }));
    let third = try_after(&source, &second);
    assert_eq!(third.ids("a"), ["y"]);
}

#[test]
fn ids_may_hold_any_letters() {
    let (standin, server) = couch();
    server.make("a+b/c");
    let ids = [
        "a/b",
        "a b",
        "ü☃",
        "a+b",
        "%2F",
        "?q=1",
        "#",
        "\"quoted\"",
        "line\nbreak",
        "\u{1F600}",
        "~",
        "A",
        "a",
    ];
    let docs: Vec<Value> = ids.iter().map(|id| json!({ "_id": id, "is": id })).collect();
    server.put_all("a+b/c", &json!(docs));
    let source = source(&standin, json!({}));
    let ran = run(&source, None).no_gaps();
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    assert_eq!(ran.ids("a+b/c"), wanted);
    is_live(&source, &ran);
    let view = crate::kit::view(&source);
    for id in ids {
        assert_eq!(view.get("a+b/c", id).unwrap().unwrap().data.value().unwrap()["is"], id);
    }
}
