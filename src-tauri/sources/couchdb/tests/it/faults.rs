//! What goes wrong at the server, on the way, and in the middle.

use std::{
    thread,
    time::{Duration, Instant},
};

use backstay_couchdb_standin::{Act, Fault, Load};
use backstay_model::ErrorKind;
use backstay_source::{Cancel, FeedMode};
use serde_json::json;

use crate::kit::{couch, is_live, open, run, source, try_run};

#[test]
fn a_feed_that_repeats_or_rewinds_itself_tells_no_document_twice() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 500)).unwrap();
    let source = source(&standin, json!({}));
    let repeated = standin.fault(Fault::on("GET", "/a/_changes", Act::RepeatChanges));
    let first = run(&source, None).no_gaps();
    assert_eq!((first.ids("a").len(), first.given("a"), repeated.fired()), (500, 500, 1));
    server.put("a", json!({ "_id": "doc-000000001", "changed": true }));
    let rewound = standin.fault(Fault::on("GET", "/a/_changes", Act::RewindChanges { by: 100 }));
    let second = run(&source, Some(&first)).no_gaps();
    assert_eq!(
        (second.ids("a").len(), second.mode("a"), rewound.fired()),
        (500, FeedMode::Delta, 1)
    );
    is_live(&source, &second);
}

#[test]
fn answers_that_break_off_are_asked_for_again() {
    let (standin, _) = couch();
    standin.load(&Load::new("a", 1_200)).unwrap();
    let source = source(&standin, json!({}));
    let faults = [
        standin.fault(Fault::on("GET", "/a/_changes", Act::CutBody { after: 20_000 })),
        standin.fault(Fault::on("POST", "/a/_bulk_get", Act::CutBody { after: 100_000 })),
        standin.fault(Fault::on("POST", "/a/_bulk_get", Act::EndBody { after: 50_000 }).after(2)),
        standin.fault(Fault::on("GET", "/a", Act::DropBefore)),
        standin.fault(
            Fault::on(
                "POST",
                "/a/_bulk_get",
                Act::Answer {
                    status: 429,
                    headers: vec![("Retry-After".to_owned(), "1".to_owned())],
                    body: r#"{"error":"too_many_requests","reason":"slow down"}"#.to_owned(),
                },
            )
            .after(1),
        ),
    ];
    let ran = run(&source, None).no_gaps();
    assert_eq!(ran.ids("a").len(), 1_200);
    assert_eq!(faults.map(|fault| fault.fired()), [1; 5]);
    is_live(&source, &ran);
}

#[test]
fn a_server_that_restarts_in_the_middle_loses_nothing() {
    let (standin, _) = couch();
    standin.load(&Load::new("a", 2_000)).unwrap();
    let source = source(&standin, json!({}));
    let restart = standin.fault(Fault::on("POST", "/a/_bulk_get", Act::Restart).after(1));
    let ran = run(&source, None).no_gaps();
    assert_eq!((ran.ids("a").len(), restart.fired()), (2_000, 1));
}

#[test]
fn a_database_deleted_in_the_middle_stays_as_it_was_and_the_others_go_on() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 600)).unwrap();
    standin.load(&Load::new("b", 600)).unwrap();
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    server.put("a", json!({ "_id": "new" }));
    server.put("b", json!({ "_id": "new" }));
    let deleted = standin.fault(Fault::on(
        "POST",
        "/a/_bulk_get",
        Act::DeleteDatabase { name: "a".to_owned() },
    ));
    let second = run(&source, Some(&first));
    assert_eq!((second.gaps(), deleted.fired()), (vec!["a".to_owned()], 1));
    assert_eq!((second.ids("a").len(), second.taken.collections["a"].ended), (600, false));
    assert_eq!((second.ids("b").len(), second.taken.collections["b"].ended), (601, true));
    for part in ["a/@design", "a/@local", "a/@settings"] {
        assert!(second.taken.collections.contains_key(part), "{part} stays too");
    }
}

#[test]
fn a_database_made_anew_in_the_middle_is_no_mixture() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 600)).unwrap();
    server.make("b");
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    server.put("a", json!({ "_id": "new" }));
    let anew = standin.fault(Fault::on(
        "POST",
        "/a/_bulk_get",
        Act::RecreateDatabase { name: "a".to_owned() },
    ));
    let second = run(&source, Some(&first));
    assert_eq!((second.gaps(), anew.fired()), (vec!["a".to_owned()], 1));
    assert_eq!(second.taken.gaps[0].kind, ErrorKind::Changed);
    assert_eq!((second.ids("a").len(), second.taken.collections["a"].ended), (600, false));
    let third = run(&source, Some(&second)).no_gaps();
    assert_eq!((third.ids("a").len(), third.mode("a")), (0, FeedMode::Full));
}

#[test]
fn a_document_that_cannot_be_read_is_named_and_the_rest_goes_on() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 300)).unwrap();
    let source = source(&standin, json!({}));
    let first = run(&source, None).no_gaps();
    server.put("a", json!({ "_id": "doc-000000100", "changed": 1 }));
    server.put("a", json!({ "_id": "doc-000000200", "changed": 1 }));
    let broken = || Act::MangleDocument {
        id: "doc-000000100".to_owned(),
    };
    let bulk = standin.fault(Fault::on("POST", "/a/_bulk_get", broken()).times(0));
    let alone = standin.fault(Fault::on("GET", "/a/doc-000000100", broken()).times(0));
    let second = run(&source, Some(&first));
    assert_eq!(second.gaps(), ["a/doc-000000100"]);
    assert!(bulk.fired() > 0);
    println!("asked alone {} times", alone.fired());
    assert_eq!(second.data("a", "doc-000000200")["changed"], 1);
    assert_eq!(second.ids("a").len(), 300, "the state before stays");
    // It is not forgotten although the feed does not name it again.
    let third = run(&source, Some(&second));
    assert_eq!(third.gaps(), ["a/doc-000000100"]);
    standin.clear_faults();
    let fourth = run(&source, Some(&third)).no_gaps();
    assert_eq!(fourth.data("a", "doc-000000100")["changed"], 1);
    let fifth = run(&source, Some(&fourth)).no_gaps();
    assert_eq!(fifth.given("a"), 0);
}

#[test]
fn a_reader_who_may_not_see_the_settings_gets_the_documents() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 10)).unwrap();
    for what in ["_security", "_revs_limit"] {
        let act = Act::Answer {
            status: 403,
            headers: Vec::new(),
            body: r#"{"error":"forbidden","reason":"You are not a db or server admin."}"#.to_owned(),
        };
        standin.fault(Fault::on("GET", &format!("/a/{what}"), act).times(0));
    }
    let _ = server;
    let source = source(&standin, json!({ "database": ["a"] }));
    let ran = run(&source, None);
    assert_eq!(ran.gaps(), ["a/_security", "a/limits"]);
    assert!(ran.taken.gaps.iter().all(|gap| gap.kind == ErrorKind::Auth));
    assert_eq!(ran.ids("a").len(), 10);
}

#[test]
fn what_fails_everywhere_is_an_error_and_no_list_of_gaps() {
    let (standin, server) = couch();
    server.make("a");
    server.make("b");
    let wrong = open(&standin.url(), "wrong", json!({ "user": "admin", "database": ["a", "b"] }));
    let error = try_run(&wrong, None, &Cancel::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
    let nobody = open(&standin.url(), "", json!({}));
    let error = try_run(&nobody, None, &Cancel::default()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Auth, "{error}");
}

#[test]
fn a_run_ends_within_a_second_when_it_is_cancelled() {
    let (standin, _) = couch();
    standin.load(&Load::new("a", 5_000)).unwrap();
    let source = source(&standin, json!({}));
    for (method, path) in [("GET", "/a/_changes"), ("POST", "/a/_bulk_get"), ("GET", "/a")] {
        standin.clear_faults();
        let slow = standin.fault(Fault::on(method, path, Act::SlowBody { bytes: 64, pause: 50 }).times(0));
        let cancel = Cancel::default();
        let ended = thread::scope(|scope| {
            let running = scope.spawn(|| try_run(&source, None, &cancel).err().map(|error| error.kind));
            while slow.fired() == 0 {
                thread::sleep(Duration::from_millis(10));
            }
            thread::sleep(Duration::from_millis(200));
            cancel.cancel();
            let asked = Instant::now();
            let kind = running.join().unwrap();
            (kind, asked.elapsed())
        });
        assert_eq!(ended.0, Some(ErrorKind::Cancelled), "{method} {path}");
        assert!(ended.1 < Duration::from_secs(1), "{method} {path}: {:?}", ended.1);
    }
}

#[test]
fn writers_at_work_do_not_send_every_run_through_everything() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 3_000)).unwrap();
    let source = source(&standin, json!({}));
    let mut ran = run(&source, None).no_gaps();
    let stop = Cancel::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !stop.is_cancelled() {
                server.put("a", json!({ "_id": format!("written-{n:05}") }));
                if n % 3 == 0 {
                    server.delete("a", &format!("written-{n:05}"));
                }
                n += 1;
            }
        });
        for _ in 0..5 {
            thread::sleep(Duration::from_millis(100));
            ran = run(&source, Some(&ran)).no_gaps();
            assert_eq!(ran.mode("a"), FeedMode::Delta);
        }
        stop.cancel();
    });
    let last = run(&source, Some(&ran)).no_gaps();
    assert_eq!(last.mode("a"), FeedMode::Delta);
    is_live(&source, &last);
}
