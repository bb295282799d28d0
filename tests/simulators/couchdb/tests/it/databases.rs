//! Databases and their settings: names, options, lists, security, limits, purging, compaction.

use backstay_couchdb_standin::Load;
use serde_json::{Value, json};

use crate::client::Db;

#[test]
fn names_and_options_are_checked_and_kept() {
    let db = Db::new();
    for bad in ["/Upper", "/1a", "/_own", "/a%20b"] {
        let refused = db.put(bad, Value::Null);
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (400, Some("illegal_database_name")),
            "{bad}"
        );
    }
    assert_eq!(db.put("/a%2Fb", Value::Null).status, 201);
    // In a path, too, a plus sign is a space; one that is meant is written %2B.
    assert_eq!(db.put("/c%2Bd", Value::Null).status, 201);
    assert_eq!(db.put("/parts?partitioned=true&q=4&n=3", Value::Null).status, 201);
    assert_eq!(db.put("/x?q=0", Value::Null).status, 400);
    let info = db.get("/parts").json();
    assert_eq!(info["props"], json!({"partitioned": true}));
    assert_eq!(info["cluster"], json!({"q": 4, "n": 3, "w": 2, "r": 2}));
    assert_eq!(db.put("/parts/nocolon", json!({})).json()["error"], "illegal_docid");
    assert_eq!(db.put("/parts/a:b", json!({})).status, 201);
    assert_eq!(db.put("/parts/_design/x", json!({})).status, 201);
    assert_eq!(
        db.get("/_all_dbs").json(),
        json!(["_replicator", "_users", "a/b", "c+d", "parts"])
    );
    assert_eq!(db.get("/_all_dbs?start_key=%22b%22&limit=1").json(), json!(["c+d"]));
    assert_eq!(db.get("/parts/_shards").json()["shards"].as_object().unwrap().len(), 4);
    assert_eq!(db.delete("/a%2Fb").status, 200);
    assert_eq!(
        db.get("/a%2Fb").json(),
        json!({"error": "not_found", "reason": "Database does not exist."})
    );
    let rows = db.post("/_dbs_info", json!({"keys": ["parts", "gone"]})).json();
    assert_eq!(
        (rows[0]["info"]["doc_count"].as_u64(), rows[1]["error"].as_str()),
        (Some(2), Some("not_found"))
    );
    assert_eq!(db.delete("/parts?rev=1-a").status, 400);
    assert_eq!(db.send("PATCH", "/parts", None).header("allow"), "DELETE,GET,HEAD,POST");
}

#[test]
fn settings_are_stored_and_checked() {
    let db = Db::new();
    db.put("/s", Value::Null);
    assert_eq!(db.get("/s/_security").json()["admins"]["roles"], json!(["_admin"]));
    let security = json!({"admins": {"names": ["a"], "roles": []}, "members": {"names": [], "roles": ["r"]}, "own": 1});
    assert_eq!(db.put("/s/_security", security.clone()).json(), json!({"ok": true}));
    assert_eq!(db.get("/s/_security").json(), security);
    assert_eq!(db.put("/s/_security", json!({"admins": {"names": "a"}})).status, 400);
    assert_eq!(db.get("/s/_revs_limit").text, "1000\n");
    assert_eq!(db.put("/s/_revs_limit", json!(5)).status, 200);
    assert_eq!(db.put("/s/_purged_infos_limit", json!(0)).status, 400);
    assert_eq!(db.put("/s/_purged_infos_limit", json!(7)).status, 200);
    assert_eq!(db.get("/s/_purged_infos_limit").text, "7\n");
    assert_eq!(
        db.put("/s/_auto_purge", json!({"deleted_document_ttl": "30_days"})).status,
        201
    );
    assert_eq!(db.put("/s/_auto_purge", json!({"other": 1})).status, 400);
    assert_eq!(db.get("/s/_auto_purge").json(), json!({"deleted_document_ttl": "30_days"}));
}

#[test]
fn a_purged_document_vanishes_without_a_change() {
    let db = Db::new();
    db.put("/p", Value::Null);
    let rev = db.put("/p/a", json!({})).json()["rev"].clone();
    db.put("/p/b", json!({}));
    let before = db.get("/p").json();
    let purged = db.post("/p/_purge", json!({"a": [rev], "nope": ["1-x"]}));
    assert_eq!(
        (purged.status, purged.json()),
        (201, json!({"purge_seq": null, "purged": {"a": [rev], "nope": []}}))
    );
    let after = db.get("/p").json();
    assert_ne!(before["purge_seq"], after["purge_seq"]);
    assert_eq!(
        (after["doc_count"].as_u64(), after["doc_del_count"].as_u64()),
        (Some(1), Some(0))
    );
    let since = before["update_seq"].as_str().unwrap();
    assert_eq!(db.get(&format!("/p/_changes?since={since}")).json()["results"], json!([]));
    assert_eq!(db.get("/p/a").json()["reason"], "missing");
    assert_eq!(db.get("/p/_purged_infos").json()["purged_infos"][0]["id"], "a");
}

#[test]
fn purging_one_branch_leaves_the_other() {
    let db = Db::new();
    db.put("/p", Value::Null);
    db.post(
        "/p/_bulk_docs",
        json!({"new_edits": false, "docs": [
            {"_id": "a", "_revisions": {"start": 3, "ids": ["c", "b", "r"]}},
            {"_id": "a", "_revisions": {"start": 2, "ids": ["z", "r"]}},
        ]}),
    );
    // A revision that is no leaf cannot be purged.
    assert_eq!(db.post("/p/_purge", json!({"a": ["2-b"]})).json()["purged"]["a"], json!([]));
    assert_eq!(
        db.post("/p/_purge", json!({"a": ["3-c"]})).json()["purged"]["a"],
        json!(["3-c"])
    );
    let doc = db.get("/p/a?revs=true&conflicts=true").json();
    assert_eq!(doc["_revisions"], json!({"start": 2, "ids": ["z", "r"]}));
    assert_eq!(doc.get("_conflicts"), None);
}

#[test]
fn compaction_and_the_limit_of_revisions_forget() {
    let db = Db::new();
    db.put("/c", Value::Null);
    let mut rev = db.put("/c/a", json!({"v": 0})).json()["rev"].as_str().unwrap().to_owned();
    let first = rev.clone();
    for version in 1..5 {
        rev = db.put(&format!("/c/a?rev={rev}"), json!({"v": version})).json()["rev"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    assert_eq!(db.get(&format!("/c/a?rev={first}")).json()["v"], 0);
    assert_eq!(db.post("/c/_compact", Value::Null).status, 202);
    assert_eq!(db.get(&format!("/c/a?rev={first}")).status, 404);
    let info = db.get("/c/a?revs_info=true").json();
    let states: Vec<&str> = info["_revs_info"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["available", "missing", "missing", "missing", "missing"]);
    db.put("/c/_revs_limit", json!(2));
    rev = db.put(&format!("/c/a?rev={rev}"), json!({"v": 9})).json()["rev"]
        .as_str()
        .unwrap()
        .to_owned();
    let kept = db.get("/c/a?revs=true").json();
    assert_eq!(
        (
            kept["_revisions"]["start"].as_u64(),
            kept["_revisions"]["ids"].as_array().unwrap().len()
        ),
        (Some(6), 2)
    );
    assert!(rev.starts_with("6-"));
}

#[test]
fn local_documents_are_apart_from_everything() {
    let db = Db::new();
    db.put("/l", Value::Null);
    let made = db.put("/l/_local/check", json!({"at": 1}));
    assert_eq!((made.status, made.json()["rev"].as_str()), (201, Some("0-1")));
    // There are no conflicts here: whoever writes last has it.
    assert_eq!(db.put("/l/_local/check", json!({"at": 3})).json()["rev"], "0-1");
    assert_eq!(db.put("/l/_local/check", json!({"_rev": "1-a"})).status, 400);
    assert_eq!(
        db.put("/l/_local/check", json!({"at": 2, "_rev": "0-1"})).json()["rev"],
        "0-2"
    );
    assert_eq!(
        db.get("/l/_local/check").json(),
        json!({"_id": "_local/check", "_rev": "0-2", "at": 2})
    );
    let all = db.get("/l/_local_docs?include_docs=true").json();
    assert_eq!(all["rows"][0]["doc"]["at"], 2);
    assert_eq!(db.get("/l/_all_docs").json()["rows"], json!([]));
    assert_eq!(db.get("/l/_changes").json()["results"], json!([]));
    assert_eq!(db.delete("/l/_local/check?rev=0-2").status, 200);
    assert_eq!(db.get("/l/_local/check").status, 404);
}

#[test]
fn mango_finds_and_lists_indexes() {
    let db = Db::new();
    db.standin.load(&Load::new("f", 50)).unwrap();
    let found = db
        .post(
            "/f/_find",
            json!({"selector": {"number": {"$gte": 10, "$lt": 13}}, "fields": ["_id", "number"]}),
        )
        .json();
    let numbers: Vec<u64> = found["docs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|doc| doc["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [10, 11, 12]);
    let made = db
        .post("/f/_index", json!({"index": {"fields": ["number"]}, "name": "by-number"}))
        .json();
    assert_eq!(made["result"], "created");
    assert_eq!(db.get("/f/_index").json()["total_rows"], 2);
    assert_eq!(db.post("/f/_find", json!({"selector": {"x": {"$nope": 1}}})).status, 400);
}
