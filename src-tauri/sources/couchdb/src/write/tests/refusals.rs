//! What servers refuse, named one by one while the rest goes on.

use backstay_couchdb_standin::{Config, Standin};
use backstay_model::{ErrorKind, RawJson, Record};
use backstay_source::{Expect, Planned, RecordWriter as _, WriteStep};
use serde_json::json;

use crate::write::kit::*;
use crate::{
    convert::{Names, Part, local_record, setting_record},
    write::{Scales, Writer, small},
};

#[test]
fn documents_a_validation_function_rejects_are_named_and_the_rest_is_written() {
    let couch = Couch::standin();
    let server = couch.server();
    let docs: Vec<_> = (0..300)
        .map(|n| at(&format!("d{n:03}"), &["1-a1"], json!({ "n": n })))
        .collect();
    let mut docs = docs;
    docs[7] = at("d007", &["1-a1"], json!({ "m": 7 }));
    docs[250] = at("d250", &["1-a1"], json!({ "m": 7 }));
    let backup = Backup::of(&fill(&server, "source", &docs));
    let to = fill(
        &server,
        "to",
        &[json!({ "_id": "_design/strict", "validate_doc_update": "function (doc) { /* standin: require n */ }" })],
    );
    let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &all(&backup)), false);
    let refused: Vec<usize> = (0..300).filter(|at| results[*at].is_err()).collect();
    assert_eq!(refused, [7, 250]);
    let error = results[7].as_ref().unwrap_err();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Auth, "to/d007"), "{error}");
    assert_eq!(to.info().unwrap().doc_count, 299);
}

#[test]
fn a_document_that_is_too_large_is_found_among_the_others() {
    let couch = Couch::Standin(
        Standin::start(Config {
            max_document: 50_000,
            ..Config::default()
        })
        .unwrap(),
    );
    let other = Couch::standin();
    let docs: Vec<_> = (0..40)
        .map(|n| {
            at(
                &format!("d{n:02}"),
                &["1-a1"],
                json!({ "text": "x".repeat(if n == 13 { 60_000 } else { 100 }) }),
            )
        })
        .collect();
    let backup = Backup::of(&fill(&other.server(), "source", &docs));
    let to = couch.server().database("to");
    let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &all(&backup)), false);
    assert_eq!((0..40).filter(|at| results[*at].is_err()).collect::<Vec<_>>(), [13]);
    let error = results[13].as_ref().unwrap_err();
    assert_eq!((error.kind, error.subject.as_str()), (ErrorKind::Limit, "to/d13"), "{error}");
    assert_eq!(to.info().unwrap().doc_count, 39);
}

#[test]
fn who_may_not_make_a_database_or_write_a_design_document_is_told() {
    let couch = Couch::standin();
    let admin = couch.server();
    let user = json!({ "_id": "org.couchdb.user:jan", "name": "jan", "password": "apple", "roles": [], "type": "user" });
    let users = admin.database("_users");
    if !users.exists().unwrap() {
        users.create(Default::default()).unwrap();
    }
    users.put("org.couchdb.user:jan", &raw(&user), true).unwrap();
    let docs = [json!({ "_id": "_design/d", "views": {} }), json!({ "_id": "doc", "n": 1 })];
    let backup = Backup::of(&fill(&admin, "source", &docs));
    let security = json!({ "admins": { "names": [], "roles": [] }, "members": { "names": ["jan"], "roles": [] } });
    fill(&admin, "to", &[json!({ "_id": "other" })])
        .set_security(&raw(&security))
        .unwrap();
    let jan = server(&couch.fake().url(), Some(("jan", "apple")));
    let new = jan.database("new");
    let steps: Vec<Step> = ["_design/d", "doc"]
        .map(|id| Step {
            write: WriteStep::Create(backup.record(id)),
            expect: Expect::Absent,
        })
        .into();
    let results = perform(&new, AUTO, &backup, &steps, false);
    assert_eq!(kinds(&results), [Some(ErrorKind::Auth); 2]);
    assert!(
        results[0]
            .as_ref()
            .unwrap_err()
            .hint
            .as_ref()
            .unwrap()
            .contains("administrator")
    );
    let to = jan.database("to");
    let results = perform(&to, AUTO, &backup, &steps, false);
    assert_eq!(kinds(&results), [Some(ErrorKind::Auth), None], "{results:?}");
    assert_eq!(results[0].as_ref().unwrap_err().subject, "to/_design/d");
}

#[test]
fn a_partitioned_database_is_made_again_and_takes_only_ids_with_a_partition() {
    let couch = Couch::standin();
    let server = couch.server();
    let source = server.database("source");
    let options = crate::client::CreateOptions {
        q: Some(4),
        n: None,
        partitioned: true,
    };
    source.create(options).unwrap();
    put(&source, &[json!({ "_id": "a:1", "n": 1 })]);
    let backup = Backup::of(&source);
    let to = server.database("to");
    restore(&to, AUTO, &backup, &["a:1"]);
    let info = to.info().unwrap();
    assert!(info.props.partitioned);
    assert_eq!(info.cluster.unwrap().q, Some(4));
    let plain = Backup::of(&fill(&server, "plain", &[json!({ "_id": "no partition" })]));
    let weighed = Scales::new(&to, AUTO)
        .weigh(Part::Documents, &plain.record("no partition"), None)
        .unwrap();
    assert!(weighed.impossible.unwrap().contains("partition"));
    let results = perform(&to, AUTO, &plain, &plan(&to, &plain, &["no partition"]), false);
    assert!(results[0].is_err());
}

/// Writes one record of a special collection.
#[allow(clippy::needless_pass_by_value)] // made in place
fn special(
    to: &crate::client::Database,
    collection: &str,
    step: WriteStep,
    expect: Expect,
) -> backstay_source::Result<backstay_source::Written> {
    let mut writer = Writer::open(to.server(), &Names::One(to.name().to_owned()), AUTO, &Backup::default()).unwrap();
    let planned = [Planned {
        collection,
        step: &step,
        expect,
    }];
    writer.write_many(&planned, &Backup::default()).pop().unwrap()
}

#[test]
fn settings_and_local_documents_are_written_and_guarded() {
    let couch = Couch::standin();
    let server = couch.server();
    let to = fill(&server, "to", &[]);
    let record = |id: &str, data: serde_json::Value| -> Record { setting_record(id, raw(&data)) };
    let members = record(
        "_security",
        json!({ "members": { "names": ["jan"], "roles": [] }, "admins": { "names": [], "roles": [] } }),
    );
    let before = small::current(&to, "_security").unwrap().unwrap();
    let written = special(
        &to,
        "x/@settings",
        WriteStep::Update(members.clone()),
        Expect::Content(before.hash),
    )
    .unwrap();
    assert_eq!(written.hash, Some(members.hash));
    assert!(small::same(&to.security().unwrap(), &members.data));
    let late = record("_security", json!({}));
    let error = special(&to, "x/@settings", WriteStep::Update(late), Expect::Content(before.hash)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    let limits = record("limits", json!({ "_revs_limit": 17 }));
    let now = small::current(&to, "limits").unwrap().unwrap();
    special(&to, "x/@settings", WriteStep::Update(limits), Expect::Content(now.hash)).unwrap();
    assert_eq!(to.limit(crate::client::Limit::Revisions).unwrap().unwrap().as_bytes(), b"17");

    let local = |value: serde_json::Value| local_record(RawJson::from_value(&value).unwrap()).unwrap();
    let first = local(json!({ "_id": "_local/note", "_rev": "0-7", "n": 1 }));
    special(&to, "x/@local", WriteStep::Create(first.clone()), Expect::Absent).unwrap();
    special(&to, "x/@local", WriteStep::Create(first.clone()), Expect::Absent).unwrap();
    let second = local(json!({ "_id": "_local/note", "n": 2 }));
    let error = special(&to, "x/@local", WriteStep::Create(second.clone()), Expect::Absent).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    special(
        &to,
        "x/@local",
        WriteStep::Update(second.clone()),
        Expect::Content(first.hash),
    )
    .unwrap();
    let there = to.get("_local/note", Default::default()).unwrap().unwrap();
    assert_eq!(there.value().unwrap()["n"], 2);
    special(
        &to,
        "x/@local",
        WriteStep::Delete("_local/note".to_owned()),
        Expect::Content(second.hash),
    )
    .unwrap();
    assert!(to.get("_local/note", Default::default()).unwrap().is_none());
}
