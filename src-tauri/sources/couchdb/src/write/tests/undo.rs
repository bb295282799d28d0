//! Taking a restore back: exactly what was there before is there again.

use backstay_source::{Expect, WriteStep};
use serde_json::{Value, json};

use crate::write::kit::*;

/// The safety copy of some documents, as an undo gives it back.
fn back(copy: &Backup, db: &crate::client::Database) -> Vec<Step> {
    let step = |record: &backstay_model::Record| Step {
        write: WriteStep::Update(record.clone()),
        expect: Expect::Content(hash(db, &record.id)),
    };
    copy.records.values().map(step).collect()
}

fn undo(db: &crate::client::Database, copy: &Backup, steps: &[Step]) {
    for (step, result) in steps.iter().zip(perform(db, AUTO, copy, steps, true)) {
        let written = result.unwrap();
        if let WriteStep::Update(record) = &step.write {
            assert_eq!(written.hash, Some(hash(db, &record.id)));
        }
    }
}

#[test]
fn what_was_overwritten_returns_and_conflicts_that_were_added_go() {
    for couch in Couch::both() {
        let server = couch.server();
        let source = fill(
            &server,
            "source",
            &[
                at("old", &["2-b2", "1-a1"], json!({ "n": "old" })),
                at("torn", &["9-b9", "8-b8"], json!({ "n": "won" })),
                at("torn", &["9-a9", "8-a8"], json!({ "n": "lost" })),
            ],
        );
        let backup = Backup::of(&source);
        let db = fill(
            &server,
            "db",
            &[
                at("old", &["3-c3", "2-b2", "1-a1"], json!({ "n": "new" })),
                at("torn", &["2-x2", "1-z1"], json!({ "n": "here" })),
                at("torn", &["2-w2", "1-z1"], json!({ "n": "also here" })),
            ],
        );
        let copy = Backup::of(&db);
        restore(&db, AUTO, &backup, &["old", "torn"]);
        assert_eq!(says(&db, "old"), [json!("old")]);
        assert_eq!(says(&db, "torn"), [json!("won"), json!("lost"), json!("also here")]);
        undo(&db, &copy, &back(&copy, &db));
        assert_eq!(says(&db, "old"), [json!("new")]);
        assert_eq!(says(&db, "torn"), [json!("here"), json!("also here")]);
    }
}

#[test]
fn what_a_restore_made_is_deleted_again() {
    for couch in Couch::both() {
        let server = couch.server();
        let docs = [
            at("torn", &["2-b2", "1-a1"], json!({ "n": 1 })),
            at("torn", &["2-a2", "1-a1"], json!({ "n": 2 })),
        ];
        let backup = Backup::of(&fill(&server, "source", &docs));
        let db = fill(&server, "db", &[json!({ "_id": "other" })]);
        restore(&db, AUTO, &backup, &["torn"]);
        let steps = [Step {
            write: WriteStep::Delete("torn".to_owned()),
            expect: Expect::Content(hash(&db, "torn")),
        }];
        let results = perform(&db, AUTO, &Backup::of(&db), &steps, true);
        assert_eq!(results[0].as_ref().unwrap().hash, None);
        assert_eq!(says(&db, "torn"), Vec::<Value>::new());
        assert!(record(&db, "torn").is_none());
    }
}

#[test]
fn conflicts_settled_by_somebody_come_back_over_their_deletions() {
    for couch in Couch::both() {
        let server = couch.server();
        let docs = [
            at("torn", &["2-b2", "1-a1"], json!({ "n": "won" })),
            at("torn", &["2-a2", "1-a1"], json!({ "n": "lost" })),
        ];
        let db = fill(&server, "db", &docs);
        let copy = Backup::of(&db);
        put(&db, &[json!({ "_id": "torn", "_rev": "2-a2", "_deleted": true })]);
        put(&db, &[json!({ "_id": "torn", "_rev": "2-b2", "n": "edited" })]);
        undo(&db, &copy, &back(&copy, &db));
        assert_eq!(says(&db, "torn"), [json!("won"), json!("lost")]);
        let before = position(&db);
        undo(&db, &Backup::of(&db), &back(&Backup::of(&db), &db));
        assert_eq!(position(&db), before, "what is as it was needs nothing");
    }
}
