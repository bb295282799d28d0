//! The live view: pages, ids, places under other names.

use std::sync::Arc;

use backstay_couchdb_standin::Load;
use backstay_model::{ErrorKind, TargetSpec};
use backstay_source::{Result, Source};
use serde_json::json;

use crate::kit::{couch, source, view};

#[test]
fn records_are_paged_in_the_order_of_their_bytes() {
    let (standin, server) = couch();
    server.make("a");
    // By CouchDB's own order, "a" would come before "B".
    let docs: Vec<_> = ["a", "B", "b", "_x", "é", "z", "10", "9"]
        .iter()
        .filter(|id| !id.starts_with('_'))
        .map(|id| json!({ "_id": id }))
        .collect();
    server.put_all("a", &json!(docs));
    let view = view(&source(&standin, json!({})));
    let ids = |records: Vec<backstay_model::Record>| records.into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(view.page("a", 0, 10).unwrap()), ["10", "9", "B", "a", "b", "z", "é"]);
    assert_eq!(ids(view.page("a", 2, 2).unwrap()), ["B", "a"]);
    let after: Vec<_> = view.scan("a", Some("a")).unwrap().collect::<Result<_>>().unwrap();
    assert_eq!(ids(after), ["b", "z", "é"]);
    assert_eq!(view.count("a").unwrap(), 7);
    let many = view.get_many("a", &["z", "none", "9"]).unwrap();
    assert_eq!(
        many.iter()
            .map(|record| record.as_ref().map(|r| r.id.as_str()))
            .collect::<Vec<_>>(),
        [Some("z"), None, Some("9")]
    );
}

#[test]
fn keys_cost_no_bodies() {
    let (standin, _) = couch();
    standin.load(&Load::new("a", 3_000)).unwrap();
    let view = view(&source(&standin, json!({})));
    standin.reset_counters();
    assert_eq!(view.keys("a").unwrap().count(), 3_000);
    let counters = standin.counters();
    assert!(counters.keys().all(|name| !name.contains("_bulk_get")), "{counters:?}");
}

fn at(source: &Arc<dyn Source>, place: &str) -> Arc<dyn Source> {
    source.at(&TargetSpec::New(place.to_owned())).unwrap()
}

#[test]
fn a_place_shows_its_databases_under_the_names_of_the_backup() {
    let (standin, server) = couch();
    for name in ["a", "b", "copy-a", "single"] {
        server.make(name);
        server.put(name, json!({ "_id": name }));
    }
    let source = source(&standin, json!({ "database": ["a", "b"] }));
    let each = view(&at(&source, "copy-*"));
    let names: Vec<String> = each
        .collections()
        .unwrap()
        .into_iter()
        .map(|collection| collection.name)
        .collect();
    assert_eq!(names, ["a", "a/@design", "a/@local", "a/@settings"]);
    assert_eq!(each.get("a", "copy-a").unwrap().unwrap().id, "copy-a");
    assert!(!each.has("b").unwrap());
    assert_eq!(each.count("b").map_err(|error| error.kind), Err(ErrorKind::NotFound));

    let one = view(&at(&source, "single"));
    assert!(one.has("b").unwrap());
    assert_eq!(one.get("b", "single").unwrap().unwrap().id, "single");
    let error = one.has("a").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Usage, "{error}");

    // As the target of a restore, a source has databases that it does not protect.
    let target = source.at(&TargetSpec::InPlace).unwrap();
    assert_eq!(view(&target).get("single", "single").unwrap().unwrap().id, "single");
    assert!(!view(&source).has("single").unwrap());

    let nothing = view(&at(&source, "nothing"));
    assert_eq!(nothing.collections().unwrap(), []);
    assert!(!nothing.has("a").unwrap());
    let own = view(&at(&source, &format!("{}/single", standin.url())));
    assert!(own.has("a").unwrap(), "the source's own address has its credentials");
}

#[test]
fn documents_that_change_meanwhile_are_read_as_they_are() {
    let (standin, server) = couch();
    server.make("a");
    for id in ["x", "y", "z"] {
        server.put("a", json!({ "_id": id, "n": 1 }));
    }
    let view = view(&source(&standin, json!({})));
    assert_eq!(view.count("a").unwrap(), 3);
    server.delete("a", "y");
    server.put("a", json!({ "_id": "z", "n": 2 }));
    let found: Vec<_> = view.scan("a", None).unwrap().collect::<Result<_>>().unwrap();
    assert_eq!(found.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["x", "z"]);
    assert_eq!(found[1].data.value().unwrap()["n"], 2);
}
