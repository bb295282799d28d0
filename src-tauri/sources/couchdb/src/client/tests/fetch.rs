//! Documents with all their leaves, from servers that break things on the way.

use backstay_couchdb_standin::{Act, Fault, Load};
use backstay_model::ErrorKind;
use backstay_source::SourceError;

use super::{conflict, database, standin, store};
use crate::{
    client::{Database, Fetched, Leaf, Wanted},
    error::{CouchError, Refusal},
};

fn texts(revs: &[&str]) -> Vec<String> {
    revs.iter().map(|&rev| rev.to_owned()).collect()
}

/// Fetches, and gives what came in the order of the question.
fn fetch(database: &Database, wanted: &[(&str, &[&str])]) -> Vec<Fetched> {
    let revs: Vec<Vec<String>> = wanted.iter().map(|(_, revs)| texts(revs)).collect();
    let wanted: Vec<_> = wanted.iter().zip(&revs).map(|((id, _), revs)| Wanted { id, revs }).collect();
    let mut all = Vec::new();
    database
        .fetch(&wanted, &mut |fetched| {
            all.push(fetched);
            Ok(())
        })
        .unwrap();
    all.sort_by_key(|fetched| fetched.index);
    let numbers: Vec<_> = all.iter().map(|fetched| fetched.index).collect();
    assert_eq!(numbers, (0..wanted.len()).collect::<Vec<_>>(), "each document comes once");
    all
}

/// Revisions in an answer; `!rev` for missing ones.
fn revs(fetched: &Fetched) -> Vec<String> {
    let leaves = fetched.leaves.as_ref().unwrap();
    let mut revs: Vec<_> = leaves
        .iter()
        .map(|leaf| match leaf {
            Leaf::Doc(doc) => doc.value().unwrap()["_rev"].as_str().unwrap().to_owned(),
            Leaf::Missing { rev, .. } => format!("!{}", rev.as_deref().unwrap_or("?")),
        })
        .collect();
    revs.sort();
    revs
}

fn filled(standin: &backstay_couchdb_standin::Standin) -> Database {
    let database = database(standin);
    conflict(&database, "c");
    store(
        &database,
        &[
            r#"{"_id":"a/ü ?","_rev":"1-a","big":12345678901234567890.10,"_revisions":{"start":1,"ids":["a"]}}"#,
            r#"{"_id":"gone","_rev":"2-z","_deleted":true,"left":1,"_revisions":{"start":2,"ids":["z","y"]}}"#,
            r#"{"_id":"_design/x","_rev":"1-d"}"#,
        ],
    );
    database
}

const ALL: &[(&str, &[&str])] = &[
    ("c", &["1-a", "1-b"]),
    ("a/ü ?", &["1-a"]),
    ("gone", &["2-z"]),
    ("_design/x", &["1-d"]),
    ("nope", &["1-q"]),
];

fn as_expected(all: &[Fetched]) {
    let told: Vec<_> = all
        .iter()
        .map(|fetched| (fetched.id.as_str(), revs(fetched).join(" ")))
        .collect();
    let expected = [
        ("c", "1-a 1-b"),
        ("a/ü ?", "1-a"),
        ("gone", "2-z"),
        ("_design/x", "1-d"),
        ("nope", "!1-q"),
    ];
    assert_eq!(told, expected.map(|(id, revs)| (id, revs.to_owned())));
}

#[test]
fn all_leaves_come_in_one_request_as_the_server_has_them() {
    let standin = standin();
    let database = filled(&standin);
    standin.reset_counters();
    let all = fetch(&database, ALL);
    as_expected(&all);
    assert_eq!(standin.total().requests, 1);
    let Ok(leaves) = &all[1].leaves else { panic!() };
    let Leaf::Doc(doc) = &leaves[0] else { panic!() };
    let text = String::from_utf8(doc.as_bytes().to_vec()).unwrap();
    assert!(
        text.contains(r#""_revisions":{"#) && text.contains("12345678901234567890.1"),
        "{text}"
    );
}

#[test]
fn a_server_without_the_request_is_asked_one_by_one() {
    let standin = standin();
    filled(&standin);
    for (status, body) in [(404, r#"{"error":"not_found","reason":"missing"}"#), (405, ""), (501, "")] {
        let fault = standin.fault(
            Fault::on(
                "POST",
                "/db/_bulk_get",
                Act::Answer {
                    status,
                    headers: Vec::new(),
                    body: body.to_owned(),
                },
            )
            .times(0),
        );
        let database = super::server(&standin).database("db");
        as_expected(&fetch(&database, ALL));
        as_expected(&fetch(&database, ALL));
        assert_eq!(fault.fired(), 1, "{status}: it is asked once");
        standin.clear_faults();
    }
}

#[test]
fn without_revisions_all_leaves_come_too() {
    let standin = standin();
    let database = filled(&standin);
    database.features().unwrap();
    standin.reset_counters();
    let all = fetch(&database, &[("c", &[]), ("gone", &[]), ("a/ü ?", &[])]);
    assert_eq!(standin.total().requests, 1);
    assert_eq!(
        all.iter().map(revs).collect::<Vec<_>>(),
        [vec!["1-a", "1-b"], vec!["2-z"], vec!["1-a"]]
    );
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again_for_what_is_missing() {
    let standin = standin();
    standin.load(&Load::new("db", 100)).unwrap();
    let database = super::server(&standin).database("db");
    let ids: Vec<String> = (0..100).map(|n| format!("doc-{n:09}")).collect();
    let leaves = database.leaves(&ids).unwrap();
    let wanted: Vec<_> = leaves
        .iter()
        .map(|row| Wanted {
            id: &row.id,
            revs: &row.revs,
        })
        .collect();
    for act in [
        Act::CutBody { after: 60_000 },
        Act::EndBody { after: 60_000 },
        Act::DropBefore,
        Act::DropAfter,
    ] {
        standin.reset_counters();
        let fault = standin.fault(Fault::on("POST", "/db/_bulk_get", act.clone()));
        let mut seen = std::collections::BTreeSet::new();
        database
            .fetch(&wanted, &mut |fetched| {
                assert!(matches!(fetched.leaves.as_deref(), Ok([Leaf::Doc(_)])), "{fetched:?}");
                assert!(seen.insert(fetched.index), "{} came twice", fetched.id);
                Ok(())
            })
            .unwrap();
        assert_eq!((seen.len(), fault.fired()), (100, 1), "{act:?}");
        let requests = standin.total().requests;
        assert!(requests <= 2, "{act:?}: {requests} requests");
    }
}

#[test]
fn a_document_that_is_broken_is_told_alone() {
    let standin = standin();
    let database = filled(&standin);
    // In every answer that holds it.
    for path in ["/db/_bulk_get", "/db/c"] {
        standin.fault(Fault::on("", path, Act::BreakDocument { id: "c".to_owned() }).times(0));
    }
    let all = fetch(&database, ALL);
    for fetched in &all {
        if fetched.id == "c" {
            let error = fetched.leaves.as_ref().unwrap_err();
            assert!(matches!(error, CouchError::BadAnswer { .. }), "{error:?}");
            assert!(error.to_string().contains("db/c"), "{error}");
        } else {
            assert!(fetched.leaves.is_ok(), "{fetched:?}");
        }
    }
}

#[test]
fn a_document_broken_on_its_way_is_read_again() {
    let standin = standin();
    let database = filled(&standin);
    let fault = standin.fault(Fault::on("POST", "/db/_bulk_get", Act::BreakDocument { id: "c".to_owned() }));
    as_expected(&fetch(&database, ALL));
    assert_eq!(fault.fired(), 1);
}

#[test]
fn a_server_that_fails_at_one_document_gives_the_others() {
    let standin = standin();
    let database = filled(&standin);
    let failing = |path: &str| {
        let answer = Act::Answer {
            status: 500,
            headers: Vec::new(),
            body: r#"{"error":"badmatch","reason":"{badmatch,x}"}"#.to_owned(),
        };
        standin.fault(Fault::on("", path, answer).times(0))
    };
    let faults = [failing("/db/_bulk_get"), failing("/db/gone")];
    let all = fetch(&database, ALL);
    assert!(faults.iter().all(|fault| fault.fired() > 0));
    for fetched in &all {
        assert_eq!(fetched.leaves.is_err(), fetched.id == "gone", "{fetched:?}");
    }
    assert_eq!(all[2].leaves.as_ref().unwrap_err().refusal(), Some(Refusal::Failed));
}

#[test]
fn a_database_that_is_gone_is_an_error_of_the_whole() {
    let standin = standin();
    let database = filled(&standin);
    let act = Act::DeleteDatabase { name: "db".to_owned() };
    let fault = standin.fault(Fault::on("POST", "/db/_bulk_get", act));
    let revs = texts(&["1-a"]);
    let wanted = [Wanted { id: "c", revs: &revs }];
    let error = database.fetch(&wanted, &mut |_| Ok(())).unwrap_err();
    assert_eq!((error.refusal(), fault.fired()), (Some(Refusal::NoDatabase), 1));
}

#[test]
fn who_takes_the_documents_may_end_it() {
    let standin = standin();
    let database = filled(&standin);
    let revs = [texts(&["1-a"]), texts(&["1-b"])];
    let wanted = [Wanted { id: "c", revs: &revs[0] }, Wanted { id: "c", revs: &revs[1] }];
    let mut taken = 0;
    let error = database.fetch(&wanted, &mut |_| {
        taken += 1;
        Err(SourceError::new(ErrorKind::Full, "the vault", "is full"))
    });
    let shown = SourceError::from(error.unwrap_err());
    assert_eq!((taken, shown.kind, shown.subject.as_str()), (1, ErrorKind::Full, "the vault"));
}

#[test]
fn a_server_that_is_down_is_waited_for_once_and_not_for_each_document() {
    let standin = standin();
    let database = filled(&standin);
    let down = Act::Answer {
        status: 503,
        headers: Vec::new(),
        body: String::new(),
    };
    let fault = standin.fault(Fault::on("", "", down).times(0));
    let revs = texts(&["1-a"]);
    let wanted: Vec<_> = ["c", "x", "y", "z"].iter().map(|id| Wanted { id, revs: &revs }).collect();
    let begun = std::time::Instant::now();
    let error = database.fetch(&wanted, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    // The patience of these tests is 0.4 s.
    assert!(
        fault.fired() > 3 && begun.elapsed() < std::time::Duration::from_millis(1500),
        "{:?}",
        begun.elapsed()
    );
}
