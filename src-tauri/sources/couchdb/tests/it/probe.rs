//! What a probe tells.

use backstay_couchdb_standin::{Act, Config, Fault, Load, Standin};
use backstay_model::ErrorKind;
use backstay_source::Cancel;
use backstay_test_services::PouchServer;
use serde_json::json;

use crate::kit::{Server, couch, open, source};

#[test]
fn databases_are_told_with_what_they_hold() {
    let (standin, server) = couch();
    standin.load(&Load::new("a", 12)).unwrap();
    server.make("b");
    let found = source(&standin, json!({ "database": ["a", "nowhere"] }))
        .probe(&Cancel::default())
        .unwrap();
    assert!(found.version.as_deref().unwrap().starts_with("CouchDB 3"), "{found:?}");
    let ours = found.parts.iter().filter(|part| !part.name.starts_with('_'));
    let parts: Vec<_> = ours
        .map(|part| (part.name.as_str(), part.chosen, part.records, part.problem.is_some()))
        .collect();
    assert_eq!(
        parts,
        [
            ("a", true, Some(12), false),
            ("b", false, Some(0), false),
            ("nowhere", true, None, true)
        ]
    );
    assert_eq!(
        found.found,
        ["a: 12 documents", "nowhere: There is no database of this name."]
    );
    assert_eq!(found.warnings, [""; 0]);
}

#[test]
fn what_stands_in_the_way_is_told_before_the_first_backup() {
    let (standin, _) = couch();
    standin.load(&Load::new("a", 1)).unwrap();
    let error = open(&standin.url(), "wrong", json!({ "user": "admin" }))
        .probe(&Cancel::default())
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    let act = Act::Answer {
        status: 403,
        headers: Vec::new(),
        body: r#"{"error":"forbidden","reason":"no"}"#.to_owned(),
    };
    standin.fault(Fault::on("GET", "/a/_security", act).times(0));
    let found = source(&standin, json!({})).probe(&Cancel::default()).unwrap();
    assert!(
        found.warnings.iter().any(|warning| warning.contains("_security")),
        "{:?}",
        found.warnings
    );
}

#[test]
fn a_server_without_administrators_is_warned_of() {
    let standin = Standin::start(Config::admin_party()).unwrap();
    Server::new(&standin.url(), None).make("a");
    let found = open(&standin.url(), "", json!({})).probe(&Cancel::default()).unwrap();
    assert!(
        found.warnings.iter().any(|warning| warning.contains("admin party")),
        "{:?}",
        found.warnings
    );
}

#[test]
fn pouchdb_server_is_told_with_what_it_lacks() {
    let pouch = PouchServer::start().unwrap();
    Server::new(&pouch.url(), None).make("a");
    let found = open(&pouch.url(), "", json!({})).probe(&Cancel::default()).unwrap();
    println!("{found:?}");
    assert!(
        found.warnings.iter().any(|warning| warning.contains("_local")),
        "{:?}",
        found.warnings
    );
    assert_eq!(found.found, ["a: 0 documents"]);
}
