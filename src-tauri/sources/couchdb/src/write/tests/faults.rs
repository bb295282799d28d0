//! Servers that fail in the middle: nothing twice, nothing lost, and nothing said of what nobody knows.

use backstay_couchdb_standin::{Act, Fault};
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::write::kit::*;

fn many(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| at(&format!("d{n:04}"), &["2-b2", "1-a1"], json!({ "n": n })))
        .collect()
}

/// A database whose documents were all edited since the backup.
fn edited(couch: &Couch, count: usize) -> (crate::client::Database, Backup) {
    let db = fill(&couch.server(), "db", &many(count));
    let backup = Backup::of(&db);
    let edits: Vec<Value> = (0..count)
        .map(|n| json!({ "_id": format!("d{n:04}"), "_rev": "2-b2", "n": -1 }))
        .collect();
    put(&db, &edits);
    (db, backup)
}

#[test]
fn edits_whose_answer_is_lost_are_looked_for_and_not_repeated() {
    for act in [Act::DropAfter, Act::DropBefore, Act::Restart, Act::CutBody { after: 20 }] {
        let couch = Couch::standin();
        let (db, backup) = edited(&couch, 250);
        let fault = couch
            .fake()
            .fault(Fault::on("POST", "/db/_bulk_docs", act.clone()).after(1).times(2));
        restore(&db, AUTO, &backup, &all(&backup));
        assert!(fault.fired() > 0, "{act:?}");
        for id in ["d0000", "d0100", "d0249"] {
            let live = live(&db, id);
            assert_eq!(live.tree.leaves().len(), 1);
            assert_eq!(
                live.tree.winner().unwrap().path.len(),
                4,
                "one edit by people and one by the restore: {act:?}"
            );
        }
    }
}

#[test]
fn same_revisions_are_sent_again_without_asking() {
    let couch = Couch::standin();
    let backup = Backup::of(&fill(&couch.server(), "source", &many(1200)));
    let fault = couch
        .fake()
        .fault(Fault::on("POST", "/to/_bulk_docs", Act::DropAfter).times(2));
    let busy = Act::Answer {
        status: 429,
        headers: vec![("Retry-After".to_owned(), "0".to_owned())],
        body: r#"{"error":"too_many_requests","reason":"later"}"#.to_owned(),
    };
    let again = couch.fake().fault(Fault::on("POST", "/to/_bulk_docs", busy).after(3));
    let to = couch.server().database("to");
    // Not looked at one by one: the 429 slows down everything that comes after it.
    let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &all(&backup)), false);
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((fault.fired(), again.fired()), (2, 1));
    assert_eq!(to.info().unwrap().doc_count, 1200);
}

#[test]
fn a_server_that_is_gone_ends_it_and_a_second_try_does_the_rest_once() {
    let couch = Couch::standin();
    let (db, backup) = edited(&couch, 1200);
    let steps = plan(&db, &backup, &all(&backup));
    let fault = couch.fake().fault(Fault::on("", "/db/*", Act::DropBefore).after(8).times(0));
    let results = perform(&db, AUTO, &backup, &steps, false);
    assert!(fault.fired() > 0);
    let last = results.last().unwrap().as_ref().unwrap_err();
    assert_eq!(last.kind, ErrorKind::Unreachable, "{last}");
    assert!(results.len() < 1200, "nothing is said of what nobody knows");
    assert!(results[..results.len() - 1].iter().all(Result::is_ok));
    couch.fake().clear_faults();
    // What was written is no longer as the plan saw it, and is left alone; what was not is written.
    let again = perform(&db, AUTO, &backup, &steps, false);
    assert!(
        kinds(&again)
            .iter()
            .all(|kind| matches!(kind, None | Some(ErrorKind::Changed)))
    );
    for id in all(&backup) {
        assert_eq!(live(&db, id).tree.winner().unwrap().path.len(), 4, "{id}");
    }
}

#[test]
fn a_document_the_server_fails_on_is_named() {
    let couch = Couch::standin();
    let backup = Backup::of(&fill(&couch.server(), "source", &many(3)));
    let broken = Act::Answer {
        status: 500,
        headers: Vec::new(),
        body: r#"{"error":"badmatch","reason":"oops"}"#.to_owned(),
    };
    // The whole fails, then each half until one is left: 3 → 1, 2 → 1, 1; each is tried twice.
    let fault = couch.fake().fault(Fault::on("POST", "/to/_bulk_docs", broken).times(4));
    let to = couch.server().database("to");
    let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &all(&backup)), false);
    assert_eq!(fault.fired(), 4);
    assert_eq!(results.len(), 3);
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1, "{results:?}");
    let error = results.iter().find_map(|result| result.as_ref().err()).unwrap();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Io, "to/d0000"), "{error}");
    assert_eq!(to.info().unwrap().doc_count, 2);
}
