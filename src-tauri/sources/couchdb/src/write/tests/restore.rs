//! Restores into new, empty and living databases.

use backstay_model::{ErrorKind, Record};
use backstay_source::{Expect, WriteStep};
use serde_json::{Value, json};

use crate::write::kit::*;
use crate::{
    convert::Part,
    write::{Scales, WriteOptions, decide::short},
};

fn conflicted() -> Vec<Value> {
    vec![
        at("plain", &["2-b2", "1-a1"], json!({ "n": 1, "big": 12345678901234567_u64 })),
        at("torn", &["2-b2", "1-a1"], json!({ "n": "won" })),
        at("torn", &["2-a2", "1-a1"], json!({ "n": "lost" })),
        at("torn", &["2-c2", "1-a1"], json!({ "_deleted": true })),
        at("weird/ü+%?", &["1-a1"], json!({ "n": "ü" })),
    ]
}

#[test]
fn a_new_database_gets_the_same_revisions_and_conflicts_and_nothing_twice() {
    for couch in Couch::both() {
        let server = couch.server();
        let source = fill(&server, "source", &conflicted());
        let backup = Backup::of(&source);
        for name in ["new", "empty"] {
            let to = server.database(name);
            if name == "empty" {
                to.create(Default::default()).unwrap();
            }
            let results = restore(&to, AUTO, &backup, &all(&backup));
            assert_eq!(results.len(), 3);
            assert_eq!(live(&to, "torn").tree.living().count(), 2);
            assert_eq!(live(&to, "torn").tree.winner().unwrap().path, ["2-b2", "1-a1"]);
            assert_eq!(says(&to, "weird/ü+%?"), [json!("ü")]);
            let before = position(&to);
            // Once more, as if nobody knew that it was done: it was not expected there, and is left alone.
            let steps: Vec<Step> = backup.records.values().map(absent).collect();
            let again = perform(&to, AUTO, &backup, &steps, false);
            assert_eq!(kinds(&again), [Some(ErrorKind::Changed); 3]);
            restore(&to, AUTO, &backup, &all(&backup));
            assert_eq!(position(&to), before, "nothing was written twice");
        }
    }
}

fn absent(record: &Record) -> Step {
    Step {
        write: WriteStep::Create(record.clone()),
        expect: Expect::Absent,
    }
}

#[test]
fn an_old_version_comes_back_on_top_of_what_people_wrote_since() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &conflicted());
        let backup = Backup::of(&db);
        let rev = put(&db, &[json!({ "_id": "plain", "_rev": "2-b2", "n": 2 })]).remove(0);
        let scales = Scales::new(&db, AUTO);
        let weighed = scales
            .weigh(Part::Documents, &backup.record("plain"), record(&db, "plain").as_ref())
            .unwrap();
        assert_eq!(
            weighed.notes,
            [format!("Comes back as revision 4 on top of {}.", short(&rev))]
        );
        restore(&db, AUTO, &backup, &["plain"]);
        let now = live(&db, "plain");
        assert_eq!(now.tree.leaves().len(), 1, "no conflict was made");
        assert_eq!(now.tree.winner().unwrap().path[1..], [rev.as_str(), "2-b2", "1-a1"]);
        assert_eq!(says(&db, "plain"), [json!(1)]);
        // It is there now, though under another revision.
        let weighed = scales
            .weigh(Part::Documents, &backup.record("plain"), record(&db, "plain").as_ref())
            .unwrap();
        assert!(weighed.same, "{weighed:?}");
        let before = position(&db);
        restore(&db, AUTO, &backup, &["plain"]);
        assert_eq!(position(&db), before);
    }
}

#[test]
fn what_was_deleted_comes_back_with_its_conflicts() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &conflicted());
        let backup = Backup::of(&db);
        for (id, rev) in [("plain", "2-b2"), ("torn", "2-b2"), ("torn", "2-a2")] {
            put(&db, &[json!({ "_id": id, "_rev": rev, "_deleted": true })]);
        }
        assert!(!live(&db, "torn").tree.lives());
        let same = perform(&db, SAME, &backup, &plan(&db, &backup, &["plain"]), false);
        assert_eq!(kinds(&same), [Some(ErrorKind::Unsupported)], "{same:?}");
        let weighed = Scales::new(&db, SAME)
            .weigh(Part::Documents, &backup.record("plain"), None)
            .unwrap();
        assert!(weighed.impossible.unwrap().contains("deleted"));
        restore(&db, AUTO, &backup, &["plain", "torn"]);
        assert_eq!(says(&db, "plain"), [json!(1)]);
        assert_eq!(live(&db, "plain").tree.winner().unwrap().path[2..], ["2-b2", "1-a1"]);
        assert_eq!(says(&db, "torn"), [json!("won"), json!("lost")]);
    }
}

#[test]
fn a_replica_that_is_behind_or_elsewhere_is_brought_on_by_the_same_revisions() {
    for couch in Couch::both() {
        let server = couch.server();
        let backup = Backup::of(&fill(&server, "source", &conflicted()));
        let to = fill(
            &server,
            "behind",
            &[
                at("plain", &["1-a1"], json!({ "n": 0 })),
                at("torn", &["2-a2", "1-a1"], json!({ "n": "lost" })),
            ],
        );
        restore(&to, AUTO, &backup, &["plain"]);
        assert_eq!(live(&to, "plain").tree.winner().unwrap().path, ["2-b2", "1-a1"]);
        // The winner there is one of the backup's conflicts, and becomes that again.
        restore(&to, AUTO, &backup, &["torn"]);
        assert_eq!(says(&to, "torn"), [json!("won"), json!("lost")]);
        let other = fill(
            &server,
            "elsewhere",
            &[at("plain", &["3-x3", "2-x2", "1-x1"], json!({ "n": 3 }))],
        );
        let results = perform(&other, SAME, &backup, &plan(&other, &backup, &["plain"]), false);
        assert_eq!(kinds(&results), [None]);
        assert_eq!(
            says(&other, "plain"),
            [json!(3), json!(1)],
            "it comes back as a conflict that loses"
        );
    }
}

#[test]
fn new_revisions_make_a_copy_without_a_past() {
    for couch in Couch::both() {
        let server = couch.server();
        let backup = Backup::of(&fill(&server, "source", &conflicted()));
        let to = server.database("fresh");
        restore(&to, NEW, &backup, &["plain", "torn"]);
        for id in ["plain", "torn"] {
            let path = live(&to, id).tree.winner().unwrap().path.clone();
            assert_eq!(path.len(), 1, "{path:?}");
            assert!(path[0].starts_with("1-"));
        }
        assert_eq!(says(&to, "torn"), [json!("won")]);
    }
}

#[test]
fn a_record_changed_since_the_plan_is_left_alone() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &conflicted());
        let backup = Backup::of(&db);
        put(&db, &[json!({ "_id": "plain", "_rev": "2-b2", "n": 2 })]);
        let steps = plan(&db, &backup, &["plain", "torn"]);
        let winner = live(&db, "plain").tree.winner().unwrap().rev().to_owned();
        put(&db, &[json!({ "_id": "plain", "_rev": winner, "n": 3 })]);
        let results = perform(&db, AUTO, &backup, &steps, false);
        assert_eq!(kinds(&results), [Some(ErrorKind::Changed), None], "{results:?}");
        assert_eq!(says(&db, "plain"), [json!(3)]);
    }
}

#[test]
fn both_are_kept_once_however_often_it_is_asked_for() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &conflicted());
        let backup = Backup::of(&db);
        put(&db, &[json!({ "_id": "plain", "_rev": "2-b2", "n": 2 })]);
        let steps = [Step {
            write: WriteStep::KeepBoth(backup.record("plain")),
            expect: Expect::Content(hash(&db, "plain")),
        }];
        for _ in 0..2 {
            let results = perform(&db, AUTO, &backup, &steps, false);
            let written = results.into_iter().next().unwrap().unwrap();
            assert_eq!(written.new_id.as_deref(), Some("plain (backup 2-b2)"));
            assert_eq!(written.hash, Some(hash(&db, "plain (backup 2-b2)")));
            assert_eq!(says(&db, "plain (backup 2-b2)"), [json!(1)]);
            assert_eq!(says(&db, "plain"), [json!(2)]);
        }
        assert!(record(&db, "plain (backup 2-b2) 2").is_none());
    }
}

#[test]
fn deletions_of_a_backup_come_back_when_they_are_asked_for() {
    for couch in Couch::both() {
        let server = couch.server();
        let source = fill(
            &server,
            "source",
            &[at("gone", &["2-d2", "1-a1"], json!({ "_deleted": true }))],
        );
        let mut backup = Backup::of(&fill(&server, "frame", &[]));
        let deleted = crate::convert::Document::new(live(&source, "gone").leaves).unwrap().record();
        backup.records.insert("gone".to_owned(), deleted);
        let to = fill(&server, "to", &[at("gone", &["1-a1"], json!({ "n": 1 }))]);
        let scales = Scales::new(&to, AUTO);
        let weighed = scales
            .weigh(Part::Documents, &backup.record("gone"), record(&to, "gone").as_ref())
            .unwrap();
        assert!(weighed.impossible.unwrap().contains("tombstones"));
        assert!(
            scales.weigh(Part::Documents, &backup.record("gone"), None).unwrap().same,
            "nothing is to be done"
        );
        let options = WriteOptions {
            tombstones: true,
            ..AUTO
        };
        let results = perform(&to, options, &backup, &plan(&to, &backup, &["gone"]), false);
        assert_eq!(kinds(&results), [None]);
        assert_eq!(results[0].as_ref().unwrap().hash, None);
        assert_eq!(live(&to, "gone").tree.winner().unwrap().path, ["2-d2", "1-a1"]);
    }
}
