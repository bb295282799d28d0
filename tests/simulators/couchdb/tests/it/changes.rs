//! The changes feed: order, places, waiting, filters.

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use backstay_couchdb_standin::Load;
use serde_json::{Value, json};

use crate::client::Db;

fn rows(answer: &Value) -> Vec<&str> {
    answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect()
}

#[test]
fn places_are_opaque_and_pages_join() {
    let db = Db::new();
    db.standin.load(&Load::new("n", 1203)).unwrap();
    let mut since = "0".to_owned();
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = db.get(&format!("/n/_changes?since={since}&limit=500")).json();
        pages += 1;
        seen.extend(rows(&page).into_iter().map(str::to_owned));
        since = page["last_seq"].as_str().unwrap().to_owned();
        let left = page["pending"].as_u64().unwrap();
        assert_eq!(left as usize, 1203 - seen.len());
        if left == 0 {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (3, 1203));
    assert!(since.starts_with("1203-g1AAAA"));
    assert_eq!(db.get("/n").json()["update_seq"], json!(since));
    assert_eq!(rows(&db.get("/n/_changes?since=now").json()), [""; 0]);
    let bad = db.get("/n/_changes?since=12-rubbish");
    assert_eq!(
        (bad.status, bad.json()["reason"].as_str()),
        (400, Some("Malformed sequence supplied in 'since' parameter."))
    );
    assert_eq!(db.get("/n/_changes?since=12").status, 400);
    let newest = db.get("/n/_changes?descending=true&limit=2").json();
    assert_eq!(rows(&newest), ["doc-000001202", "doc-000001201"]);
    let sparse = db.get("/n/_changes?limit=4&seq_interval=2").json();
    let told: Vec<bool> = sparse["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["seq"].is_string())
        .collect();
    assert_eq!(told, [true, false, true, false]);
    assert_eq!(db.get("/n/_changes?since=").status, 400);
}

#[test]
fn a_sequence_of_a_database_that_was_made_anew_begins_at_the_start() {
    let db = Db::new();
    db.standin.load(&Load::new("n", 5)).unwrap();
    let old = db.get("/n").json()["update_seq"].as_str().unwrap().to_owned();
    db.delete("/n");
    db.standin.load(&Load::new("n", 3)).unwrap();
    assert_eq!(rows(&db.get(&format!("/n/_changes?since={old}")).json()).len(), 3);
}

#[test]
fn a_change_moves_a_document_to_the_end() {
    let db = Db::new();
    db.put("/n", Value::Null);
    let rev = db.put("/n/a", json!({})).json()["rev"].as_str().unwrap().to_owned();
    db.put("/n/b", json!({}));
    db.delete(&format!("/n/a?rev={rev}"));
    let all = db.get("/n/_changes?include_docs=true").json();
    assert_eq!(rows(&all), ["b", "a"]);
    assert_eq!(all["results"][1]["deleted"], true);
    assert_eq!(all["results"][1]["doc"]["_deleted"], true);
}

#[test]
fn waiting_feeds_wake_beat_and_end() {
    let db = Db::new();
    db.put("/n", Value::Null);
    let begun = Instant::now();
    let quiet = db.get("/n/_changes?feed=longpoll&timeout=150");
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(rows(&quiet.json()), [""; 0]);
    let url = format!("{}/n/_changes?feed=longpoll", db.standin.admin_url());
    let waiting = std::thread::spawn(move || crate::client::plain().get(url).send().unwrap().text().unwrap());
    std::thread::sleep(Duration::from_millis(100));
    db.put("/n/late", json!({}));
    let woken: Value = serde_json::from_str(&waiting.join().unwrap()).unwrap();
    assert_eq!(rows(&woken), ["late"]);

    let url = format!("{}/n/_changes?feed=continuous&heartbeat=40", db.standin.admin_url());
    let mut lines = BufReader::new(crate::client::plain().get(url).send().unwrap()).lines();
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["id"], "late");
    assert_eq!(lines.next().unwrap().unwrap(), "");
    db.put("/n/later", json!({}));
    let next = lines.map(Result::unwrap).find(|line| !line.is_empty()).unwrap();
    assert!(next.contains("\"later\""), "{next}");

    let mut ended = String::new();
    let url = format!("{}/n/_changes?feed=continuous&timeout=100", db.standin.admin_url());
    crate::client::plain()
        .get(url)
        .send()
        .unwrap()
        .read_to_string(&mut ended)
        .unwrap();
    assert_eq!(ended.lines().count(), 3);
    assert!(ended.lines().last().unwrap().starts_with("{\"last_seq\":\"2-"));
}

#[test]
fn filters_choose_documents() {
    let db = Db::new();
    db.standin.load(&Load::new("n", 20)).unwrap();
    db.put("/n/_design/x", json!({}));
    let ids = db
        .post("/n/_changes?filter=_doc_ids", json!({"doc_ids": ["doc-000000003", "nope"]}))
        .json();
    assert_eq!(rows(&ids), ["doc-000000003"]);
    assert_eq!(rows(&db.get("/n/_changes?filter=_design").json()), ["_design/x"]);
    let chosen = db
        .post("/n/_changes?filter=_selector", json!({"selector": {"number": {"$gt": 17}}}))
        .json();
    assert_eq!(rows(&chosen), ["doc-000000018", "doc-000000019"]);
    assert_eq!(db.get("/n/_changes?filter=no/such").status, 404);
    assert_eq!(db.get("/n/_changes?feed=odd").status, 400);
}

#[test]
fn news_of_databases_come_once_the_server_keeps_them() {
    let db = Db::new();
    assert_eq!(db.get("/_db_updates").status, 404);
    db.put("/_global_changes", Value::Null);
    db.put("/n", Value::Null);
    db.put("/n/a", json!({}));
    let news = db.get("/_db_updates").json();
    let kinds: Vec<&str> = news["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["created", "updated"]);
}

#[test]
fn a_feed_ends_with_its_database() {
    let db = Db::new();
    db.put("/n", Value::Null);
    let url = format!("{}/n/_changes?feed=continuous&heartbeat=60000", db.standin.admin_url());
    let waiting = std::thread::spawn(move || crate::client::plain().get(url).send().unwrap().text().unwrap());
    std::thread::sleep(Duration::from_millis(150));
    db.delete("/n");
    assert!(waiting.join().unwrap().contains("last_seq"));
}
