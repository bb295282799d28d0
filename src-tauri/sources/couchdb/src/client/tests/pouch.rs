//! The same calls to PouchDB Server, which was made by others.

use std::collections::BTreeMap;

use backstay_test_services::PouchServer;
use serde_json::json;

use super::{config, conflict, quick, raw, store};
use crate::{
    client::{ChangesQuery, CreateOptions, DocQuery, DocRows, Leaf, Limit, Only, Server, Stub, Wanted},
    config::Login,
    error::Refusal,
};

#[test]
fn everything_it_can_it_does_for_us() {
    let pouch = PouchServer::start().unwrap();
    let server = Server::with_settings(&config(&pouch.url(), Login::None), quick()).unwrap();
    assert!(server.info().unwrap().title().starts_with("PouchDB"));
    let database = server.database("db");
    assert!(!database.exists().unwrap());
    database.create(CreateOptions::default()).unwrap();
    assert_eq!(
        database.create(CreateOptions::default()).unwrap_err().refusal(),
        Some(Refusal::DatabaseExists)
    );
    assert!(server.all_dbs().unwrap().contains(&"db".to_owned()));

    let features = database.features().unwrap();
    let there = |feature: &crate::client::Feature| feature.there;
    assert!(there(&features.bulk_get) && there(&features.find), "{features:?}");
    for feature in [
        &features.bulk_leaves,
        &features.pending,
        &features.local_docs,
        &features.multipart,
        &features.purge,
        &features.dbs_info,
        &features.partitioned,
    ] {
        assert!(!feature.there, "{feature:?}");
    }
    assert!(database.limit(Limit::Revisions).unwrap().is_none());
    let info = database.info().unwrap();
    assert_eq!((info.doc_count, info.doc_del_count, info.purge_seq), (0, None, None));

    conflict(&database, "c");
    store(
        &database,
        &[
            r#"{"_id":"gone","_rev":"2-z","_deleted":true,"_revisions":{"start":2,"ids":["z","y"]}}"#,
            r#"{"_id":"a/ü ?","_rev":"1-c","_attachments":{"f/o.txt":{"content_type":"text/plain","data":"aGVsbG8="}}}"#,
        ],
    );
    changes(&database);
    leaves(&database);
    single(&database);
}

fn changes(database: &crate::client::Database) {
    let query = ChangesQuery {
        leaves: true,
        ..ChangesQuery::default()
    };
    let mut changes = database.changes(&query).unwrap();
    let mut rows: Vec<_> = changes.by_ref().map(Result::unwrap).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.revs.len(), row.deleted))
        .collect();
    assert_eq!(told, [("a/ü ?", 1, false), ("c", 2, false), ("gone", 1, true)]);
    let end = changes.end().unwrap();
    assert!(end.pending.is_none() && end.last_seq.rough() > Some(2));
    let page = ChangesQuery {
        limit: Some(1),
        since: rows.iter().find(|row| row.id == "c").unwrap().seq.as_ref(),
        ..query
    };
    assert!(database.changes(&page).unwrap().count() <= 1);
    let some = ChangesQuery {
        only: Only::Ids(&["c".to_owned()]),
        ..query
    };
    assert_eq!(database.changes(&some).unwrap().count(), 1);
}

fn leaves(database: &crate::client::Database) {
    let both = ["1-a".to_owned(), "1-b".to_owned()];
    let (gone, none) = (["2-z".to_owned()], []);
    for wanted in [
        [Wanted { id: "c", revs: &both }, Wanted { id: "gone", revs: &gone }],
        [Wanted { id: "c", revs: &none }, Wanted { id: "gone", revs: &none }],
    ] {
        let mut found = BTreeMap::new();
        database
            .fetch(&wanted, &mut |fetched| {
                let leaves = fetched.leaves.unwrap();
                assert!(leaves.iter().all(|leaf| matches!(leaf, Leaf::Doc(_))), "{leaves:?}");
                found.insert(fetched.id, leaves.len());
                Ok(())
            })
            .unwrap();
        assert_eq!(found, BTreeMap::from([("c".to_owned(), 2), ("gone".to_owned(), 1)]));
    }
    let diff = BTreeMap::from([("c", vec!["1-a", "9-x"])]);
    assert_eq!(database.revs_diff(&diff).unwrap()["c"].missing, ["9-x"]);
}

fn single(database: &crate::client::Database) {
    let rows = database.all_docs(DocRows {
        after: Some("a/ü ?"),
        documents: true,
        ..DocRows::default()
    });
    let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!((rows.len(), rows[0].id.as_str()), (1, "c"));
    let rev = database.put("new", &raw(r#"{"n":1}"#), true).unwrap();
    assert_eq!(
        database.revision("new").unwrap().as_deref(),
        Some(rev.as_str()),
        "its tags are none"
    );
    assert_eq!(
        database.put("new", &raw("{}"), true).unwrap_err().refusal(),
        Some(Refusal::Conflict)
    );
    database.remove("new", &rev).unwrap();
    assert_eq!(database.get("new", DocQuery::default()).unwrap(), None);
    database.put("_local/mark", &raw(r#"{"at":1}"#), true).unwrap();
    let mark = database.get("_local/mark", DocQuery::default()).unwrap().unwrap();
    assert_eq!(mark.value().unwrap()["at"], json!(1));
    let stub = Stub {
        digest: Some("md5-XUFAKrxLKna5cZ2REBfFkg==".to_owned()),
        ..Stub::default()
    };
    let mut text = String::new();
    let mut attachment = database.attachment("a/ü ?", None, "f/o.txt", &stub).unwrap();
    std::io::Read::read_to_string(&mut attachment, &mut text).unwrap();
    assert_eq!(text, "hello");
    let open = || Ok(Box::new(std::io::Cursor::new(b"world")) as Box<dyn std::io::Read>);
    database.put_attachment("att", None, "x", "text/plain", 5, open).unwrap();
    let selector = json!({"from": "b"});
    let found = database.find(&crate::client::Question {
        selector: &selector,
        limit: 5,
        fields: None,
        bookmark: None,
    });
    assert_eq!(found.unwrap().docs.len(), 1);
    database.delete().unwrap();
    assert!(!database.exists().unwrap());
}
