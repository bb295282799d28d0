//! Writing: one document, many, settings of databases.

use std::collections::BTreeMap;

use backstay_couchdb_standin::{Act, Fault, Standin};
use backstay_model::ErrorKind;
use serde_json::json;

use super::{config, database, quick, raw, server, standin, store};
use crate::{
    client::{CreateOptions, DocQuery, Limit, Server},
    error::Refusal,
};

#[test]
fn a_database_is_made_described_and_removed() {
    let standin = standin();
    let database = server(&standin).database("sales/2026+x");
    assert!(!database.exists().unwrap());
    let options = CreateOptions {
        q: Some(4),
        n: Some(1),
        partitioned: true,
    };
    database.create(options).unwrap();
    let error = database.create(options).unwrap_err();
    assert_eq!(
        (error.refusal(), error.kind()),
        (Some(Refusal::DatabaseExists), ErrorKind::Refused)
    );
    let info = database.info().unwrap();
    assert_eq!((info.db_name.as_str(), info.props.partitioned), ("sales/2026+x", true));
    assert_eq!(info.cluster.unwrap().q, Some(4));
    assert_eq!((info.doc_count, info.doc_del_count), (0, Some(0)));
    assert!(info.purge_seq.is_some() && info.raw.unwrap().value().unwrap()["sizes"].is_object());
    database.put("p:1", &raw("{}"), true).unwrap();
    let error = database.put("no-partition", &raw("{}"), true).unwrap_err();
    assert_eq!(
        (error.refusal(), error.kind()),
        (Some(Refusal::BadName), ErrorKind::Unsupported),
        "{error}"
    );
    database.delete().unwrap();
    assert!(!database.exists().unwrap());
    let error = server(&standin)
        .database("Sales")
        .create(CreateOptions::default())
        .unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::BadName), "{error}");
}

#[test]
fn settings_of_a_database() {
    let standin = standin();
    let database = database(&standin);
    let security = raw(r#"{"admins":{"names":["ann"],"roles":[]},"members":{"names":[],"roles":["staff"]}}"#);
    database.set_security(&security).unwrap();
    assert_eq!(database.security().unwrap().value().unwrap(), security.value().unwrap());
    assert_eq!(database.limit(Limit::Revisions).unwrap().unwrap().as_bytes(), b"1000");
    database.set_limit(Limit::Revisions, &raw("50")).unwrap();
    assert_eq!(database.limit(Limit::Revisions).unwrap().unwrap().as_bytes(), b"50");
    assert!(database.limit(Limit::Purges).unwrap().is_some());
}

#[test]
fn documents_one_by_one() {
    let standin = standin();
    let database = database(&standin);
    for id in ["plain", "a/b ü?#+%", "_design/x", "_local/mark", "-~'()*"] {
        let first = database.put(id, &raw(r#"{"n":1}"#), true).unwrap();
        assert_eq!(
            database.get(id, DocQuery::default()).unwrap().unwrap().value().unwrap()["_id"],
            json!(id)
        );
        let second = database
            .put(id, &raw(&format!(r#"{{"n":2,"_rev":"{first}"}}"#)), true)
            .unwrap();
        if !id.starts_with("_local") {
            assert_eq!(database.revision(id).unwrap().as_deref(), Some(second.as_str()));
            let error = database
                .put(id, &raw(&format!(r#"{{"n":3,"_rev":"{first}"}}"#)), true)
                .unwrap_err();
            assert_eq!((error.refusal(), error.kind()), (Some(Refusal::Conflict), ErrorKind::Changed));
            let query = DocQuery {
                revisions: true,
                ..DocQuery::default()
            };
            let document = database.get(id, query).unwrap().unwrap().value().unwrap();
            assert_eq!(document["_revisions"]["start"], json!(2));
            database.remove(id, &second).unwrap();
            assert_eq!(database.revision(id).unwrap(), None);
        }
    }
    assert_eq!(database.get("plain", DocQuery::default()).unwrap(), None, "deleted");
    assert_eq!(database.get("never", DocQuery::default()).unwrap(), None);
    let error = server(&standin).database("nope").get("x", DocQuery::default()).unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::NoDatabase));
}

#[test]
fn what_a_document_is_asked_with() {
    let standin = standin();
    let database = database(&standin);
    super::conflict(&database, "c");
    let query = DocQuery {
        conflicts: true,
        ..DocQuery::default()
    };
    assert_eq!(
        database.get("c", query).unwrap().unwrap().value().unwrap()["_conflicts"],
        json!(["1-a"])
    );
    let query = DocQuery {
        rev: Some("1-a"),
        ..DocQuery::default()
    };
    assert_eq!(
        database.get("c", query).unwrap().unwrap().value().unwrap()["from"],
        json!("a")
    );
    let query = DocQuery {
        rev: Some("1-nope"),
        ..DocQuery::default()
    };
    assert_eq!(database.get("c", query).unwrap(), None);
}

#[test]
fn many_documents_under_their_own_revisions_are_stored_once_however_often_they_are_sent() {
    let standin = standin();
    let database = database(&standin);
    let large = format!(r#"{{"_id":"large","_rev":"1-a","text":"{}"}}"#, "é".repeat(400_000));
    let documents = [
        raw(&large),
        raw(r#"{"_id":"b","_rev":"3-c","_revisions":{"start":3,"ids":["c","b","a"]}}"#),
    ];
    // The answer is lost although all was done.
    let fault = standin.fault(Fault::on("POST", "/db/_bulk_docs", Act::DropAfter));
    assert!(database.bulk_docs(&documents, false).unwrap().is_empty());
    assert!(database.bulk_docs(&documents, false).unwrap().is_empty());
    assert_eq!((fault.fired(), database.info().unwrap().doc_count), (1, 2));
    let stored = database.get("large", DocQuery::default()).unwrap().unwrap();
    assert_eq!(stored.value().unwrap()["text"].as_str().unwrap().chars().count(), 400_000);
    let diff = BTreeMap::from([("b", vec!["3-c", "2-b", "9-x"]), ("large", vec!["1-a"]), ("new", vec!["1-q"])]);
    let missing = database.revs_diff(&diff).unwrap();
    assert_eq!(
        (missing.len(), missing["b"].missing.as_slice()),
        (2, &["9-x".to_owned()][..]),
        "{missing:?}"
    );
    assert_eq!(missing["new"].missing, ["1-q"]);
    assert!(database.bulk_docs(&[], false).unwrap().is_empty() && database.revs_diff(&BTreeMap::new()).unwrap().is_empty());
}

#[test]
fn many_new_revisions_are_answered_one_by_one() {
    let standin = standin();
    let database = database(&standin);
    store(&database, &[r#"{"_id":"there","_rev":"1-a"}"#]);
    let documents = [
        raw(r#"{"_id":"there"}"#),
        raw(r#"{"_id":"new"}"#),
        raw(r#"{"_id":"there","_rev":"1-a","n":2}"#),
    ];
    let answers = database.bulk_docs(&documents, true).unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0].error.as_ref().unwrap().refusal(), Some(Refusal::Conflict));
    assert!(answers[0].error.as_ref().unwrap().to_string().contains("db/there"));
    assert!(answers[1].rev.as_ref().unwrap().starts_with("1-") && answers[1].error.is_none());
    assert!(answers[2].rev.as_ref().unwrap().starts_with("2-"));
    // Nobody knows what became of it: it is not sent again.
    standin.reset_counters();
    let fault = standin.fault(Fault::on("POST", "/db/_bulk_docs", Act::DropAfter));
    let error = database.bulk_docs(&[raw(r#"{"_id":"once"}"#)], true).unwrap_err();
    assert_eq!((error.kind(), fault.fired()), (ErrorKind::Unreachable, 1));
    assert_eq!(standin.total().requests, 1);
}

#[test]
fn queries_page_by_bookmarks() {
    let standin = standin();
    let database = database(&standin);
    let documents: Vec<_> = (0..7)
        .map(|n| raw(&format!(r#"{{"_id":"d{n}","_rev":"1-a","n":{n}}}"#)))
        .collect();
    database.bulk_docs(&documents, false).unwrap();
    let selector = json!({"n": {"$gte": 2}});
    let (mut ids, mut bookmark) = (Vec::new(), None::<String>);
    loop {
        let question = crate::client::Question {
            selector: &selector,
            limit: 2,
            fields: Some(&["_id"]),
            bookmark: bookmark.as_deref(),
        };
        let found = database.find(&question).unwrap();
        if found.docs.is_empty() {
            break;
        }
        ids.extend(
            found
                .docs
                .iter()
                .map(|doc| doc.value().unwrap()["_id"].as_str().unwrap().to_owned()),
        );
        bookmark = found.bookmark;
    }
    ids.sort();
    assert_eq!(ids, ["d2", "d3", "d4", "d5", "d6"]);
    let nonsense = json!({"n": {"$nope": 2}});
    let question = crate::client::Question {
        selector: &nonsense,
        limit: 2,
        fields: None,
        bookmark: None,
    };
    assert_eq!(database.find(&question).unwrap_err().refusal(), Some(Refusal::BadRequest));
}

#[test]
fn databases_are_listed_page_by_page() {
    let standin = standin();
    let server = server(&standin);
    let names: Vec<String> = (0..12).map(|n| format!("db{n:02}")).collect();
    for name in &names {
        server.database(name).create(CreateOptions::default()).unwrap();
    }
    standin.reset_counters();
    for page in [1, 5, 12, 13, 1000] {
        let found = server.names_by(page).unwrap();
        let found: Vec<_> = found.iter().filter(|name| !name.starts_with('_')).collect();
        assert_eq!(found, names.iter().collect::<Vec<_>>(), "pages of {page}");
    }
    assert!(standin.total().requests > 15);
}

#[test]
fn who_it_is_and_what_it_can() {
    let standin = Standin::start(backstay_couchdb_standin::Config::cloudant()).unwrap();
    let cloudant = Server::with_settings(&config(&standin.url(), super::admin()), quick()).unwrap();
    cloudant.database("db").create(CreateOptions::default()).unwrap();
    assert!(cloudant.info().unwrap().version.is_some());
    let couch = super::standin();
    let database = database(&couch);
    let info = database.server().info().unwrap();
    assert!(info.title().starts_with("CouchDB 3."), "{}", info.title());
    assert_eq!(database.server().session().unwrap().unwrap().name.as_deref(), Some("admin"));
    for database in [&database, &cloudant.database("db")] {
        let features = database.features().unwrap();
        let there = [
            &features.bulk_get,
            &features.bulk_leaves,
            &features.pending,
            &features.local_docs,
            &features.multipart,
            &features.dbs_info,
            &features.partitioned,
            &features.security,
            &features.find,
        ];
        for feature in there {
            assert!(feature.there && !feature.told_by.is_empty(), "{feature:?}");
        }
    }
    couch.reset_counters();
    database.features().unwrap();
    assert_eq!(couch.total().requests, 0, "asked once");
    let error = server(&couch).database("nope").features().unwrap_err();
    assert_eq!(error.refusal(), Some(Refusal::NoDatabase));
}

#[test]
fn what_is_no_couchdb_is_told() {
    let standin = standin();
    database(&standin);
    let at = |url: String| Server::with_settings(&config(&url, super::admin()), quick()).unwrap();
    let error = at(format!("{}/db", standin.url())).info().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("database"), "{error}");
    let fault = standin.fault(Fault::on("GET", "/", Act::NotJson));
    let error = at(standin.url()).info().unwrap_err();
    assert!(error.to_string().contains("no CouchDB") && fault.fired() == 1, "{error}");
}
