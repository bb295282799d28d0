//! Restores through the connector: into other names, in place, with options; every collection of a database.

use std::{collections::BTreeMap, sync::Arc};

use backstay_model::{ErrorKind, TargetSpec};
use backstay_source::{Cancel, Expect, Planned, Result, Source, WriteStep, Written};
use serde_json::json;

use crate::kit::{Ran, couch, revision, run, source, view};

fn options(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Writes everything of a run into a target, as a plan would; what the target says is the same is left out.
fn restore(target: &Arc<dyn Source>, ran: &Ran, undoing: bool) -> Vec<(String, String, Result<Written>)> {
    let live = view(target);
    let mut steps = Vec::new();
    for (name, collection) in &ran.taken.collections {
        if name.ends_with("/@local") {
            continue;
        }
        for record in collection.records.values() {
            let there = if live.has(name).unwrap() {
                live.get(name, &record.id).unwrap()
            } else {
                None
            };
            match there {
                None if live.weigh(name, record, None).unwrap().same => {}
                None => steps.push((name.clone(), WriteStep::Create(record.clone()), Expect::Absent)),
                Some(there) if there.hash == record.hash || live.weigh(name, record, Some(&there)).unwrap().same => {}
                Some(there) => steps.push((name.clone(), WriteStep::Update(record.clone()), Expect::Content(there.hash))),
            }
        }
    }
    drop(live);
    let mut writer = target.record_writer(&ran.taken, &Cancel::default()).unwrap();
    if undoing {
        writer.undoes();
    }
    let planned: Vec<Planned<'_>> = steps
        .iter()
        .map(|(collection, step, expect)| Planned {
            collection,
            step,
            expect: *expect,
        })
        .collect();
    let results = writer.write_many(&planned, &ran.taken);
    writer.commit().unwrap();
    assert_eq!(results.len(), steps.len());
    let id = |step: &WriteStep| match step {
        WriteStep::Create(record) | WriteStep::Update(record) | WriteStep::KeepBoth(record) => record.id.clone(),
        WriteStep::Delete(id) => id.clone(),
    };
    steps
        .iter()
        .zip(results)
        .map(|((name, step, _), result)| (name.clone(), id(step), result))
        .collect()
}

fn all_right(target: &Arc<dyn Source>, ran: &Ran, done: Vec<(String, String, Result<Written>)>) {
    let live = view(target);
    for (name, id, result) in done {
        let written = result.unwrap_or_else(|error| panic!("{name}/{id}: {error}"));
        let there = live
            .get(&name, &id)
            .unwrap()
            .unwrap_or_else(|| panic!("{name}/{id} is not there"));
        assert_eq!(written.hash, Some(there.hash), "{name}/{id}");
        assert_eq!(
            live.differs(&name, ran.record(&name, &id), &there).unwrap(),
            None,
            "{name}/{id}"
        );
    }
}

#[test]
fn a_database_comes_back_whole_under_another_name() {
    let (standin, server) = couch();
    server.make("shop");
    server.exactly(
        "shop",
        &json!([
            revision("torn", &["2-b2", "1-a1"], json!({ "n": "won" })),
            revision(
                "torn",
                &["2-a2", "1-a1"],
                json!({ "n": "lost", "_attachments": {
                "note.txt": { "content_type": "text/plain", "data": "bG9zdA==", "revpos": 2 }
            } })
            ),
            revision(
                "_design/views",
                &["1-d1"],
                json!({ "views": { "all": { "map": "function (doc) { emit(doc._id) }" } } })
            ),
        ]),
    );
    let security = json!({ "admins": { "names": ["jan"], "roles": [] }, "members": { "names": ["jan"], "roles": ["shop"] } });
    server.ask("PUT", &["shop", "_security"], Some(&security));
    server.ask("PUT", &["shop", "_revs_limit"], Some(&json!(77)));
    let shop = source(&standin, json!({ "database": ["shop"] }));
    let ran = run(&shop, None).no_gaps();
    for place in ["copy", "pre-*"] {
        let target = shop.at_with(&TargetSpec::New(place.to_owned()), &BTreeMap::new()).unwrap();
        let done = restore(&target, &ran, false);
        all_right(&target, &ran, done);
        assert!(restore(&target, &ran, false).is_empty(), "nothing is left to do");
        let name = place.replace('*', "shop");
        assert_eq!(server.ask("GET", &[&name, "_security"], None), security);
        assert_eq!(server.ask("GET", &[&name, "_revs_limit"], None), json!(77));
        let torn = server
            .try_ask("GET", &[&name, "torn"], &[("conflicts", "true")], None)
            .unwrap();
        assert_eq!((&torn["_rev"], &torn["_conflicts"]), (&json!("2-b2"), &json!(["2-a2"])));
    }
}

#[test]
fn in_place_and_back_again() {
    let (standin, server) = couch();
    server.make("shop");
    for n in 0..40 {
        server.put("shop", json!({ "_id": format!("d{n}"), "n": n }));
    }
    let shop = source(&standin, json!({}));
    let before = run(&shop, None);
    for n in 0..20 {
        server.put("shop", json!({ "_id": format!("d{n}"), "n": -1 }));
    }
    for n in 20..30 {
        server.delete("shop", &format!("d{n}"));
    }
    let edited = run(&shop, None);
    let target = shop
        .at_with(&TargetSpec::InPlace, &options(&[("revisions", "auto")]))
        .unwrap();
    let done = restore(&target, &before, false);
    assert_eq!(done.len(), 30);
    all_right(&target, &before, done);
    for n in 0..40 {
        assert_eq!(server.ask("GET", &["shop", &format!("d{n}")], None)["n"], n);
    }
    // Taken back: what was overwritten is as it was.
    let done = restore(&target, &edited, true);
    assert_eq!(done.len(), 20);
    all_right(&target, &edited, done);
    assert_eq!(server.ask("GET", &["shop", "d3"], None)["n"], -1);
}

#[test]
fn options_decide_what_is_possible_and_unknown_ones_are_refused() {
    let (standin, server) = couch();
    server.make("shop");
    server.put("shop", json!({ "_id": "doc", "n": 1 }));
    let shop = source(&standin, json!({}));
    let before = run(&shop, None);
    server.put("shop", json!({ "_id": "doc", "n": 2 }));
    let told = |how: &str| {
        let target = shop.at_with(&TargetSpec::InPlace, &options(&[("revisions", how)])).unwrap();
        let live = view(&target);
        let there = live.get("shop", "doc").unwrap().unwrap();
        live.weigh("shop", before.record("shop", "doc"), Some(&there)).unwrap()
    };
    assert!(told("same").impossible.unwrap().contains("later"));
    assert!(told("auto").notes[0].starts_with("Comes back as revision 3 on top of 2-"));
    assert_eq!(told("new"), told("auto"));
    for bad in [&[("revisions", "some")][..], &[("nonsense", "true")]] {
        let refused = shop.at_with(&TargetSpec::InPlace, &options(bad)).map(|_| ());
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Usage);
    }
}
