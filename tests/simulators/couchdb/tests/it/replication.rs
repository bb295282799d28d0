//! The server's own replication.

use std::time::{Duration, Instant};

use backstay_couchdb_standin::Load;
use serde_json::{Value, json};

use crate::client::Db;

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn once_from_one_server_to_another_and_on_from_there() {
    let (from, to) = (Db::new(), Db::new());
    from.standin.load(&Load::new("a", 700)).unwrap();
    from.post(
        "/a/_bulk_docs",
        json!({"new_edits": false, "docs": [
            {"_id": "c", "_revisions": {"start": 2, "ids": ["b", "a"]}},
            {"_id": "c", "_revisions": {"start": 2, "ids": ["z", "a"]}},
            {"_id": "t", "_deleted": true, "_revisions": {"start": 2, "ids": ["b", "a"]}},
        ]}),
    );
    crate::client::answer(
        from.request("PUT", "/a/with/f.txt")
            .header("content-type", "text/plain")
            .body("attached"),
    );
    let ask = json!({
        "source": format!("{}/a", from.standin.admin_url()), "target": format!("{}/b", to.standin.admin_url()), "create_target": true,
    });
    let done = to.post("/_replicate", ask.clone());
    assert_eq!((done.status, done.json()["ok"].as_bool()), (200, Some(true)), "{done:?}");
    assert_eq!(done.json()["history"][0]["docs_written"], 704);
    assert_eq!(to.get("/b/c?conflicts=true").text, from.get("/a/c?conflicts=true").text);
    assert_eq!(to.get("/b/with/f.txt").text, "attached");
    assert_eq!(to.get("/b").json()["doc_del_count"], 1);
    from.put("/a/one-more", json!({}));
    let again = to.post("/_replicate", ask).json();
    assert_eq!(
        (
            again["history"][0]["docs_written"].as_u64(),
            again["history"].as_array().unwrap().len()
        ),
        (Some(1), 2)
    );
}

#[test]
fn what_cannot_be_replicated_is_told() {
    let db = Db::new();
    db.put("/a", Value::Null);
    let target = format!("{}/b", db.standin.admin_url());
    let bare = db.post("/_replicate", json!({"source": "a", "target": target}));
    assert_eq!(
        (bare.status, bare.json()),
        (500, json!({"error": "local_endpoints_not_supported"}))
    );
    let missing = db.post(
        "/_replicate",
        json!({"source": format!("{}/none", db.standin.admin_url()), "target": target}),
    );
    assert_eq!(
        (missing.status, missing.json()["error"].as_str()),
        (404, Some("db_not_found"))
    );
    assert_eq!(
        db.post("/_replicate", json!({"source": target, "target": target, "cancel": true}))
            .status,
        404
    );
}

#[test]
fn documents_of_the_replicator_start_show_and_stop() {
    let db = Db::new();
    db.standin.load(&Load::new("a", 20)).unwrap();
    db.put("/b", Value::Null);
    let url = |name: &str| format!("{}/{name}", db.standin.admin_url());
    db.put(
        "/_replicator/once",
        json!({"source": url("a"), "target": url("b"), "doc_ids": ["doc-000000001"]}),
    );
    wait_for("it ends", || {
        db.get("/_replicator/once").json()["_replication_state"] == "completed"
    });
    assert_eq!(db.get("/b").json()["doc_count"], 1);
    assert_eq!(db.get("/_scheduler/docs/_replicator/once").json()["state"], "completed");

    db.put(
        "/_replicator/always",
        json!({"source": url("a"), "target": url("b"), "continuous": true}),
    );
    wait_for("it catches up", || db.get("/b").json()["doc_count"] == 20);
    db.put("/a/later", json!({}));
    wait_for("it follows", || db.get("/b/later").status == 200);
    let jobs = db.get("/_scheduler/jobs").json();
    assert_eq!(
        (jobs["total_rows"].as_u64(), jobs["jobs"][0]["doc_id"].as_str()),
        (Some(1), Some("always"))
    );
    assert!(!jobs.to_string().contains("password@"));
    assert_eq!(db.get("/_active_tasks").json()[0]["type"], "replication");
    let rev = db.get("/_replicator/always").json()["_rev"].as_str().unwrap().to_owned();
    db.delete(&format!("/_replicator/always?rev={rev}"));
    wait_for("it stops", || db.get("/_scheduler/jobs").json()["total_rows"] == 0);

    db.put("/_replicator/lost", json!({"source": url("none"), "target": url("b")}));
    wait_for("it crashes", || {
        db.get("/_scheduler/docs/_replicator/lost").json()["state"] == "crashing"
    });
    db.put("/_replicator/wrong", json!({"source": "none", "target": url("b")}));
    wait_for("it fails", || {
        db.get("/_scheduler/docs/_replicator/wrong").json()["state"] == "failed"
    });
}
