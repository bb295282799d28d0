//! Changes: once through, page by page, and for as long as one likes.

use std::time::{Duration, Instant};

use backstay_couchdb_standin::{Act, Fault, Load};
use backstay_source::Cancel;
use serde_json::json;

use super::{conflict, database, raw, standin, store};
use crate::{
    client::{ChangeRow, ChangesQuery, DocRows, FeedEvent, Only, Seq},
    error::{CouchError, Refusal},
};

#[test]
fn all_leaves_of_each_document_come_with_the_end_of_the_feed() {
    let standin = standin();
    let database = database(&standin);
    conflict(&database, "c");
    store(
        &database,
        &[r#"{"_id":"gone","_rev":"2-z","_deleted":true,"_revisions":{"start":2,"ids":["z","y"]}}"#],
    );
    let query = ChangesQuery {
        leaves: true,
        documents: true,
        ..ChangesQuery::default()
    };
    let mut changes = database.changes(&query).unwrap();
    let mut rows: Vec<ChangeRow> = changes.by_ref().map(Result::unwrap).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.revs.join(" "), row.deleted, row.doc.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("c", "1-b 1-a".to_owned(), false, true),
            ("gone", "2-z".to_owned(), true, true)
        ]
    );
    assert!(rows.iter().all(|row| row.seq.is_some()));
    let end = changes.end().unwrap().clone();
    assert_eq!(end.pending, Some(0));
    assert_eq!(end.last_seq.rough(), Some(3));
    assert!(changes.next().is_none());

    let again = ChangesQuery {
        since: Some(&end.last_seq),
        ..query
    };
    assert_eq!(database.changes(&again).unwrap().count(), 0);
}

#[test]
fn pages_go_on_where_the_one_before_ended() {
    let standin = standin();
    standin.load(&Load::new("db", 95)).unwrap();
    let database = super::server(&standin).database("db");
    let mut since = Seq::zero();
    let (mut ids, mut pages) = (Vec::new(), 0);
    loop {
        let query = ChangesQuery {
            since: Some(&since),
            limit: Some(20),
            leaves: true,
            seq_interval: Some(10),
            ..ChangesQuery::default()
        };
        let mut page = database.changes(&query).unwrap();
        let rows: Vec<_> = page.by_ref().map(Result::unwrap).collect();
        let end = page.end().unwrap().clone();
        since = end.last_seq;
        pages += 1;
        ids.extend(rows.into_iter().map(|row| row.id));
        if end.pending == Some(0) {
            break;
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), pages), (95, 5));
}

#[test]
fn only_some_documents() {
    let standin = standin();
    let database = database(&standin);
    store(
        &database,
        &[
            r#"{"_id":"a","_rev":"1-a","n":1}"#,
            r#"{"_id":"b","_rev":"1-b","n":2}"#,
            r#"{"_id":"_design/x","_rev":"1-c"}"#,
        ],
    );
    fn ids(database: &crate::client::Database, only: Only<'_>) -> Vec<String> {
        let query = ChangesQuery {
            only,
            ..ChangesQuery::default()
        };
        let rows = database.changes(&query).unwrap();
        let mut ids: Vec<String> = rows.map(|row| row.unwrap().id).collect();
        ids.sort();
        ids
    }
    assert_eq!(ids(&database, Only::Ids(&["b".to_owned(), "nope".to_owned()])), ["b"]);
    assert_eq!(ids(&database, Only::Selector(&json!({"n": 1}))), ["a"]);
    assert_eq!(ids(&database, Only::Filter("_design", &[])), ["_design/x"]);
    let leaves = database.leaves(&["a".to_owned()]).unwrap();
    assert_eq!((leaves.len(), leaves[0].revs.as_slice()), (1, &["1-a".to_owned()][..]));
    assert!(database.leaves(&[]).unwrap().is_empty());
}

#[test]
fn an_answer_that_breaks_off_is_an_error_and_gives_where_it_was() {
    let standin = standin();
    standin.load(&Load::new("db", 200)).unwrap();
    let database = super::server(&standin).database("db");
    for act in [Act::CutBody { after: 5000 }, Act::EndBody { after: 5000 }] {
        let fault = standin.fault(Fault::on("GET", "/db/_changes", act));
        let mut changes = database.changes(&ChangesQuery::default()).unwrap();
        let mut rows = 0;
        let error = loop {
            match changes.next() {
                Some(Ok(_)) => rows += 1,
                Some(Err(error)) => break error,
                None => panic!("a cut feed is no whole one"),
            }
        };
        assert!(error.is_temporary(), "{error:?}");
        // What a broken connection still carried may be lost.
        assert!(rows > 10 || matches!(error, CouchError::Http(_)), "{rows} {error:?}");
        assert!(changes.end().is_none() && changes.next().is_none());
        assert_eq!(fault.fired(), 1);
    }
}

#[test]
fn something_else_than_changes_is_told() {
    let standin = standin();
    let database = database(&standin);
    let fault = standin.fault(Fault::on("GET", "/db/_changes", Act::NotJson));
    let error = database
        .changes(&ChangesQuery::default())
        .unwrap()
        .next()
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, CouchError::BadAnswer { .. }), "{error:?}");
    assert_eq!(fault.fired(), 1);
    let error = super::server(&standin)
        .database("nope")
        .changes(&ChangesQuery::default())
        .err()
        .unwrap();
    assert_eq!(error.refusal(), Some(Refusal::NoDatabase));
}

#[test]
fn a_feed_tells_changes_as_they_happen_and_that_it_lives() {
    let standin = standin();
    let database = database(&standin);
    store(&database, &[r#"{"_id":"a","_rev":"1-a"}"#]);
    let cancel = Cancel::default();
    let query = ChangesQuery {
        leaves: true,
        ..ChangesQuery::default()
    };
    let mut feed = database
        .with_cancel(&cancel)
        .feed(&query, Duration::from_millis(100))
        .unwrap();
    let mut next = |what: &str| -> ChangeRow {
        let begun = Instant::now();
        let mut heartbeats = 0;
        loop {
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "no {what} in {heartbeats} heartbeats"
            );
            match feed.next().unwrap().unwrap() {
                FeedEvent::Row(row) => return row,
                FeedEvent::Heartbeat => heartbeats += 1,
                FeedEvent::End(end) => panic!("{end:?}"),
            }
        }
    };
    assert_eq!(next("first change").id, "a");
    database.put("b", &raw(r#"{"x":1}"#), true).unwrap();
    let row = next("second change");
    assert_eq!((row.id.as_str(), row.revs.len()), ("b", 1));
    assert!(matches!(feed.next(), Some(Ok(FeedEvent::Heartbeat))), "it says that it lives");
    cancel.cancel();
    let begun = Instant::now();
    let last = feed.find(|event| !matches!(event, Ok(FeedEvent::Heartbeat)));
    assert!(matches!(last, Some(Err(_))), "{last:?}");
    assert!(begun.elapsed() < Duration::from_millis(300));
}

#[test]
fn waiting_for_the_next_change_ends_with_it() {
    let standin = standin();
    let database = database(&standin);
    let begin = database.info().unwrap().update_seq;
    let writer = database.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        writer.put("late", &raw("{}"), true).unwrap();
    });
    let query = ChangesQuery {
        since: Some(&begin),
        ..ChangesQuery::default()
    };
    let begun = Instant::now();
    let rows: Vec<_> = database
        .next_changes(&query, Duration::from_millis(50))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    thread.join().unwrap();
    assert_eq!(rows.len(), 1);
    assert!(begun.elapsed() >= Duration::from_millis(140));
}

#[test]
fn lists_of_documents_page_by_ids() {
    let standin = standin();
    let database = database(&standin);
    store(
        &database,
        &[
            r#"{"_id":"a","_rev":"1-a"}"#,
            r#"{"_id":"a b","_rev":"1-a"}"#,
            r#"{"_id":"b","_rev":"1-a"}"#,
            r#"{"_id":"d","_rev":"1-a","_deleted":true}"#,
            r#"{"_id":"_design/x","_rev":"1-a"}"#,
        ],
    );
    conflict(&database, "c");
    let ids = |rows: DocRows<'_>| -> Vec<String> { database.all_docs(rows).unwrap().map(|row| row.unwrap().id).collect() };
    assert_eq!(ids(DocRows::default()), ["_design/x", "a", "a b", "b", "c"]);
    let page = |after| DocRows {
        after,
        limit: Some(2),
        ..DocRows::default()
    };
    assert_eq!(ids(page(None)), ["_design/x", "a"]);
    assert_eq!(ids(page(Some("a"))), ["a b", "b"]);
    assert_eq!(ids(page(Some("b"))), ["c"]);
    let range = DocRows {
        from: Some("_design/"),
        to: Some("_design0"),
        ..DocRows::default()
    };
    assert_eq!(ids(range), ["_design/x"]);

    let keys = DocRows {
        keys: Some(&["nope", "d", "c"]),
        documents: true,
        conflicts: true,
        ..DocRows::default()
    };
    let rows: Vec<_> = database.all_docs(keys).unwrap().map(Result::unwrap).collect();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.id.as_str(), row.rev.as_deref(), row.deleted))
        .collect();
    assert_eq!(
        told,
        [("nope", None, false), ("d", Some("1-a"), true), ("c", Some("1-b"), false)]
    );
    assert_eq!(rows[2].doc.as_ref().unwrap().value().unwrap()["_conflicts"], json!(["1-a"]));

    database.put("_local/mark", &raw(r#"{"at":7}"#), true).unwrap();
    let locals = database.local_docs(DocRows {
        documents: true,
        ..DocRows::default()
    });
    let locals: Vec<_> = locals.unwrap().map(Result::unwrap).collect();
    assert_eq!((locals.len(), locals[0].id.as_str()), (1, "_local/mark"));
    assert_eq!(locals[0].doc.as_ref().unwrap().value().unwrap()["at"], json!(7));
}
