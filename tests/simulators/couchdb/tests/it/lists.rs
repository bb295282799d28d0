//! `_all_docs` and its kin.

use backstay_couchdb_standin::Load;
use serde_json::{Value, json};

use crate::client::Db;

fn ids(answer: &Value) -> Vec<&str> {
    answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap_or("-"))
        .collect()
}

fn filled() -> Db {
    let db = Db::new();
    db.put("/d", Value::Null);
    for id in ["a", "b", "c", "d"] {
        db.put(&format!("/d/{id}"), json!({"v": id}));
    }
    db.put("/d/_design/x", json!({"views": {}}));
    let rev = db.get("/d/c").json()["_rev"].as_str().unwrap().to_owned();
    db.delete(&format!("/d/c?rev={rev}"));
    db
}

#[test]
fn rows_come_by_id_and_in_pages() {
    let db = filled();
    let all = db.get("/d/_all_docs");
    assert!(
        all.text
            .starts_with("{\"total_rows\":4,\"offset\":0,\"rows\":[\r\n{\"id\":\"_design/x\""),
        "{}",
        all.text
    );
    assert_eq!(ids(&all.json()), ["_design/x", "a", "b", "d"]);
    assert_eq!(ids(&db.get("/d/_all_docs?startkey=%22b%22").json()), ["b", "d"]);
    assert_eq!(ids(&db.get("/d/_all_docs?startkey=%22a%5Cu0000%22&limit=1").json()), ["b"]);
    assert_eq!(
        ids(&db
            .get("/d/_all_docs?startkey=%22a%22&endkey=%22d%22&inclusive_end=false")
            .json()),
        ["a", "b"]
    );
    assert_eq!(
        ids(&db.get("/d/_all_docs?descending=true&startkey=%22b%22").json()),
        ["b", "a", "_design/x"]
    );
    assert_eq!(ids(&db.get("/d/_all_docs?skip=1&limit=2").json()), ["a", "b"]);
    assert_eq!(ids(&db.get("/d/_all_docs?startkey=%22z%22&endkey=%22a%22").json()), [""; 0]);
    assert_eq!(ids(&db.get("/d/_design_docs").json()), ["_design/x"]);
    assert_eq!(db.get("/d/_all_docs?startkey=%22b%22").json()["offset"], 2);
    assert!(
        db.get("/d/_all_docs?update_seq=true&limit=0").json()["update_seq"]
            .as_str()
            .unwrap()
            .starts_with("6-")
    );
}

#[test]
fn keys_tell_what_is_missing_and_what_is_deleted() {
    let db = filled();
    let rows = db
        .post("/d/_all_docs?include_docs=true", json!({"keys": ["d", "c", "nope"]}))
        .json();
    assert_eq!(rows["rows"][0]["doc"]["v"], "d");
    assert_eq!(
        (&rows["rows"][1]["value"]["deleted"], &rows["rows"][1]["doc"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(rows["rows"][2], json!({"key": "nope", "error": "not_found"}));
    let several = db
        .post(
            "/d/_all_docs/queries",
            json!({"queries": [{"keys": ["a"]}, {"startkey": "d"}]}),
        )
        .json();
    assert_eq!(
        (ids(&several["results"][0]), ids(&several["results"][1])),
        (vec!["a"], vec!["d"])
    );
}

#[test]
fn a_long_list_comes_whole_and_in_order() {
    let db = Db::new();
    db.standin.load(&Load::new("many", 5000)).unwrap();
    let all = db.get("/many/_all_docs?include_docs=true").json();
    let rows = all["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 5000);
    assert!(rows.windows(2).all(|pair| pair[0]["id"].as_str() < pair[1]["id"].as_str()));
    let size = rows[0]["doc"].to_string().len();
    assert!((900..1150).contains(&size), "{size}");
}
