//! Conflicts on the stand-in and on PouchDB Server.

use backstay_couchdb_standin::{Act, Fault};
use backstay_model::ErrorKind;
use backstay_source::{Cancel, Conflicts as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::CouchConflicts;
use crate::{
    client::Stub,
    convert::Names,
    write::kit::{Couch, at, fill, hash, live, put, raw, says},
};

fn torn(id: &str) -> Vec<Value> {
    vec![
        at(id, &["2-c2", "1-a1"], json!({ "n": "won", "both": 1 })),
        at(id, &["2-b2", "1-a1"], json!({ "n": "lost", "both": 1 })),
        at(id, &["2-a2", "1-a1"], json!({ "n": "lost too", "both": 1 })),
    ]
}

#[test]
fn they_are_listed_in_pages_and_settled_ones_are_not() {
    for couch in Couch::both() {
        let server = couch.server();
        let mut docs: Vec<Value> = ["Z", "a", "b", "ü", "_design/d"].into_iter().flat_map(torn).collect();
        docs.push(at("whole", &["1-a1"], json!({})));
        docs.push(at("settled", &["2-c2", "1-a1"], json!({})));
        docs.push(at("settled", &["2-b2", "1-a1"], json!({ "_deleted": true })));
        fill(&server, "db", &docs);
        let conflicts = CouchConflicts::new(&server, &Names::Same);
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = conflicts.list("db", after.as_deref(), 2, &Cancel::default()).unwrap();
            assert!(page.found.len() <= 2);
            ids.extend(page.found.into_iter().map(|(record, count)| {
                assert_eq!((count, record.rev.as_deref()), (3, Some("2-c2")));
                assert_eq!(record.data.value().unwrap()["_conflicts"].as_array().unwrap().len(), 2);
                record.id
            }));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(ids, ["Z", "a", "b", "ü"]);
        let design = conflicts.list("db/@design", None, 10, &Cancel::default()).unwrap();
        assert_eq!(design.found[0].0.id, "_design/d");
        let error = conflicts.list("db/@settings", None, 10, &Cancel::default()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported);
        let error = conflicts.list("none", None, 10, &Cancel::default()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    }
}

#[test]
fn a_merged_version_becomes_the_only_one() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &torn("doc"));
        let conflicts = CouchConflicts::new(&server, &Names::One("db".to_owned()));
        let versions = conflicts.versions("elsewhere", "doc").unwrap();
        let revs: Vec<_> = versions.iter().map(|version| version.rev.clone().unwrap()).collect();
        assert_eq!(revs, ["2-c2", "2-b2", "2-a2"]);
        let expect = versions[0].hash;
        assert_eq!(expect, hash(&db, "doc"));
        let error = conflicts.settle("x", "doc", &raw(&json!({})), "1-a1", expect).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage, "an inner revision is no version");
        let merged = raw(&json!({ "n": "merged", "both": 1 }));
        let written = conflicts.settle("x", "doc", &merged, "2-b2", expect).unwrap();
        assert_eq!(written.hash, Some(hash(&db, "doc")));
        assert_eq!(says(&db, "doc"), [json!("merged")]);
        assert_eq!(live(&db, "doc").tree.winner().unwrap().path[1..], ["2-c2", "1-a1"]);
        let error = conflicts.settle("x", "doc", &merged, "2-b2", expect).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Changed);
        assert_eq!(conflicts.versions("x", "doc").unwrap().len(), 1);
        assert_eq!(conflicts.versions("x", "none").unwrap_err().kind, ErrorKind::NotFound);
    }
}

#[test]
fn the_winner_can_stay_as_it_is() {
    for couch in Couch::both() {
        let server = couch.server();
        let db = fill(&server, "db", &torn("doc"));
        let conflicts = CouchConflicts::new(&server, &Names::Same);
        let winner = conflicts.versions("db", "doc").unwrap().remove(0);
        conflicts.settle("db", "doc", &winner.data, "2-c2", winner.hash).unwrap();
        assert_eq!(
            live(&db, "doc").tree.winner().unwrap().rev(),
            "2-c2",
            "nothing was written over it"
        );
        assert_eq!(says(&db, "doc"), [json!("won")]);
    }
}

#[test]
fn attachments_come_from_the_version_that_is_named() {
    for couch in Couch::both() {
        let server = couch.server();
        let large = vec![b'x'; 2 << 20];
        let version = |rev: &str, n: &str, own: &[u8]| {
            at(
                "doc",
                &[rev, "1-a1"],
                json!({ "n": n, "_attachments": {
                "own": { "content_type": "text/x-own", "data": STANDARD.encode(own) },
                "same": { "content_type": "text/x-same", "data": STANDARD.encode("same") },
            } }),
            )
        };
        let db = fill(
            &server,
            "db",
            &[version("2-c2", "won", b"winner"), version("2-b2", "lost", &large)],
        );
        let conflicts = CouchConflicts::new(&server, &Names::Same);
        let loser = conflicts.versions("db", "doc").unwrap().remove(1);
        conflicts.settle("db", "doc", &loser.data, "2-b2", loser.hash).unwrap();
        assert_eq!(says(&db, "doc"), [json!("lost")]);
        let content = |name: &str| {
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut db.attachment("doc", None, name, &Stub::default()).unwrap(), &mut content).unwrap();
            content
        };
        assert_eq!(content("own"), large);
        assert_eq!(content("same"), b"same");
        // Merged by field: an attachment of the loser in the content of the winner.
        let db = fill(
            &server,
            "merged",
            &[version("2-c2", "won", b"winner"), version("2-b2", "lost", b"looser")],
        );
        let versions = conflicts.versions("merged", "doc").unwrap();
        let mut data = versions[0].data.value().unwrap();
        data["_attachments"]["own"] = versions[1].data.value().unwrap()["_attachments"]["own"].clone();
        conflicts
            .settle("merged", "doc", &raw(&data), "2-c2", versions[0].hash)
            .unwrap();
        assert_eq!(says(&db, "doc"), [json!("won")]);
        let mut content = Vec::new();
        std::io::Read::read_to_end(
            &mut db.attachment("doc", None, "own", &Stub::default()).unwrap(),
            &mut content,
        )
        .unwrap();
        assert_eq!(content, b"looser", "of the same length as the winner's");
        data["_attachments"]["own"]["digest"] = json!("md5-none");
        let expect = hash(&db, "doc");
        let rev = live(&db, "doc").tree.winner().unwrap().rev().to_owned();
        let error = conflicts.settle("merged", "doc", &raw(&data), &rev, expect).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
    }
}

#[test]
fn no_version_is_lost_when_it_breaks_off() {
    let couch = Couch::standin();
    let server = couch.server();
    let db = fill(&server, "db", &torn("doc"));
    let conflicts = CouchConflicts::new(&server, &Names::Same);
    let expect = hash(&db, "doc");
    // The new revision arrives, its answer does not; then the server is gone before the others are deleted.
    let lost = couch.fake().fault(Fault::on("PUT", "/db/doc", Act::DropAfter));
    let gone = couch
        .fake()
        .fault(Fault::on("POST", "/db/_bulk_docs", Act::DropBefore).times(0));
    let merged = raw(&json!({ "n": "merged" }));
    assert_eq!(
        conflicts.settle("db", "doc", &merged, "2-c2", expect).unwrap_err().kind,
        ErrorKind::Unreachable
    );
    assert!(lost.fired() == 1 && gone.fired() > 0);
    couch.fake().clear_faults();
    assert_eq!(says(&db, "doc"), [json!("merged"), json!("lost"), json!("lost too")]);
    conflicts
        .settle(
            "db",
            "doc",
            &merged,
            live(&db, "doc").tree.winner().unwrap().rev(),
            hash(&db, "doc"),
        )
        .unwrap();
    assert_eq!(says(&db, "doc"), [json!("merged")]);
    assert_eq!(
        live(&db, "doc").tree.winner().unwrap().path.len(),
        3,
        "and it was written once"
    );
}

#[test]
fn somebody_else_is_faster() {
    let couch = Couch::standin();
    let server = couch.server();
    let db = fill(&server, "db", &torn("doc"));
    let conflicts = CouchConflicts::new(&server, &Names::Same);
    let expect = hash(&db, "doc");
    put(&db, &[json!({ "_id": "doc", "_rev": "2-a2", "n": "edited" })]);
    let error = conflicts
        .settle("db", "doc", &raw(&json!({ "n": 1 })), "2-c2", expect)
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    assert_eq!(live(&db, "doc").tree.living().count(), 3);
}
