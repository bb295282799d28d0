//! Faults happen as scripted, and tell how often they did.

use std::time::{Duration, Instant};

use backstay_couchdb_standin::{Act, Fault, Load};
use serde_json::{Value, json};

use crate::client::{Db, answer, plain};

fn filled() -> Db {
    let db = Db::new();
    db.standin.load(&Load::new("d", 200)).unwrap();
    db
}

#[test]
fn answers_are_replaced_delayed_and_dropped() {
    let db = filled();
    let busy = db.standin.fault(
        Fault::on(
            "GET",
            "/d/_changes",
            Act::Answer {
                status: 429,
                headers: vec![("Retry-After".to_owned(), "1".to_owned())],
                body: "{\"error\":\"too_many_requests\"}".to_owned(),
            },
        )
        .after(1)
        .times(2),
    );
    let statuses: Vec<u16> = (0..4).map(|_| db.get("/d/_changes?limit=1").status).collect();
    assert_eq!((statuses, busy.fired()), (vec![200, 429, 429, 200], 2));
    let late = db.standin.fault(Fault::on("GET", "/d", Act::Delay { milliseconds: 200 }));
    let begun = Instant::now();
    assert_eq!(db.get("/d").status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200) && late.fired() == 1);
    let page = db.standin.fault(Fault::on("GET", "/", Act::NotJson));
    assert!(db.get("/").text.starts_with("<html>") && page.fired() == 1);
    let before = db.standin.fault(Fault::on("PUT", "/d/before", Act::DropBefore));
    let after = db.standin.fault(Fault::on("PUT", "/d/after", Act::DropAfter));
    for id in ["before", "after"] {
        let body = db.request("PUT", &format!("/d/{id}")).body("{}");
        assert!(body.send().is_err(), "{id}");
    }
    assert_eq!((before.fired(), after.fired()), (1, 1));
    assert_eq!((db.get("/d/before").status, db.get("/d/after").status), (404, 200));
}

#[test]
fn bodies_are_cut_ended_and_slowed() {
    let db = filled();
    let cut = db
        .standin
        .fault(Fault::on("GET", "/d/_all_docs", Act::CutBody { after: 500 }));
    let broken = db.request("GET", "/d/_all_docs").send().unwrap();
    assert!(broken.bytes().is_err());
    assert_eq!(cut.fired(), 1);
    let ended = db
        .standin
        .fault(Fault::on("GET", "/d/_all_docs", Act::EndBody { after: 500 }));
    assert_eq!((db.get("/d/_all_docs").text.len(), ended.fired()), (500, 1));
    let slow = db
        .standin
        .fault(Fault::on("GET", "/d", Act::SlowBody { bytes: 100, pause: 30 }));
    let begun = Instant::now();
    assert!(db.get("/d").json()["db_name"].is_string());
    assert!(begun.elapsed() >= Duration::from_millis(90) && slow.fired() == 1);
}

#[test]
fn the_changes_feed_is_rewound_and_repeated() {
    let db = filled();
    let since = db.get("/d").json()["update_seq"].as_str().unwrap().to_owned();
    let back = db
        .standin
        .fault(Fault::on("GET", "/d/_changes", Act::RewindChanges { by: 10 }));
    let rows = |answer: Value| answer["results"].as_array().unwrap().len();
    assert_eq!(rows(db.get(&format!("/d/_changes?since={since}")).json()), 10);
    let twice = db
        .standin
        .fault(Fault::on("GET", "/d/_changes", Act::RepeatChanges).query("limit=7"));
    assert_eq!(rows(db.get("/d/_changes").json()), 200);
    assert_eq!(rows(db.get("/d/_changes?limit=7").json()), 14);
    assert_eq!((back.fired(), twice.fired()), (1, 1));
}

#[test]
fn databases_vanish_in_the_middle() {
    let db = filled();
    let gone = db.standin.fault(Fault::on(
        "POST",
        "/d/_bulk_get",
        Act::DeleteDatabase { name: "d".to_owned() },
    ));
    assert_eq!(db.get("/d").status, 200);
    assert_eq!(
        db.post("/d/_bulk_get", json!({"docs": []})).json()["reason"],
        "Database does not exist."
    );
    assert_eq!(gone.fired(), 1);
    db.standin.load(&Load::new("d", 5)).unwrap();
    let anew = db.standin.fault(Fault::on(
        "GET",
        "/d/_all_docs",
        Act::RecreateDatabase { name: "d".to_owned() },
    ));
    assert_eq!(
        (db.get("/d/_all_docs").json()["total_rows"].as_u64(), anew.fired()),
        (Some(0), 1)
    );
}

#[test]
fn one_document_is_broken() {
    let db = filled();
    let ask = json!({"docs": [{"id": "doc-000000001"}, {"id": "doc-000000002"}]});
    let id = "doc-000000002".to_owned();
    let broken = db
        .standin
        .fault(Fault::on("POST", "/d/_bulk_get", Act::BreakDocument { id: id.clone() }));
    let text = db.post("/d/_bulk_get", ask.clone()).text;
    assert!(serde_json::from_str::<Value>(&text).is_err() && text.contains("doc-000000001"));
    let mangled = db
        .standin
        .fault(Fault::on("POST", "/d/_bulk_get", Act::MangleDocument { id }));
    let got = db.post("/d/_bulk_get", ask).json();
    assert_eq!(got["results"][1]["docs"][0]["ok"], "not a document");
    assert!(got["results"][0]["docs"][0]["ok"].is_object());
    assert_eq!((broken.fired(), mangled.fired()), (1, 1));
}

#[test]
fn a_restart_breaks_what_is_under_way() {
    let db = filled();
    let url = format!("{}/d/_changes?feed=continuous&since=now", db.standin.admin_url());
    let waiting = std::thread::spawn(move || plain().get(url).send().and_then(reqwest::blocking::Response::text));
    std::thread::sleep(Duration::from_millis(150));
    db.standin.restart();
    assert!(waiting.join().unwrap().is_err());
    let handle = db.standin.fault(Fault::on("GET", "/d/_all_docs", Act::Restart));
    assert!(db.request("GET", "/d/_all_docs").send().is_err());
    assert_eq!(handle.fired(), 1);
    assert_eq!(db.get("/d/_all_docs").json()["total_rows"], 200);
}

#[test]
fn the_control_address_does_the_same_and_counts() {
    let db = filled();
    let control = |method: &str, path: &str, body: Option<Value>| {
        let mut request = plain()
            .request(method.parse().unwrap(), format!("{}/_standin/{path}", db.standin.url()))
            .header("x-standin-control", "standin");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        answer(request)
    };
    assert_eq!(
        answer(plain().get(format!("{}/_standin/faults", db.standin.url()))).status,
        403
    );
    let fault = json!({"on": {"method": "GET", "path": "/d/*"}, "act": {"answer": {"status": 503}}});
    assert_eq!(control("POST", "faults", Some(fault)).json(), json!({"id": 1}));
    assert_eq!(db.get("/d/doc-000000001").status, 503);
    assert_eq!(control("GET", "faults", None).json()[0]["fired"], 1);
    assert_eq!(control("DELETE", "faults", None).status, 200);
    assert_eq!(control("POST", "faults", Some(json!({"act": "dropBefore"}))).status, 201);
    assert_eq!(
        control("POST", "load", Some(json!({"database": "more", "documents": 3}))).status,
        201
    );
    db.standin.clear_faults();
    db.standin.reset_counters();
    let size = db.get("/more/doc-000000000").text.len() as u64;
    let counters = control("GET", "counters", None).json();
    assert_eq!(
        counters,
        json!({"GET /{db}/{doc}": {"requests": 1, "received": 0, "sent": size}})
    );
    assert_eq!(db.standin.counters()["GET /{db}/{doc}"].requests, 1);
    assert_eq!(db.standin.total().sent, size);
}

#[test]
fn a_refused_upload_gets_its_answer_and_bytes_are_counted_however_they_come() {
    let db = filled();
    let full = db.standin.fault(Fault::on(
        "PUT",
        "/d/a/big",
        Act::Answer {
            status: 413,
            headers: Vec::new(),
            body: "{\"error\":\"too_large\"}".to_owned(),
        },
    ));
    let size: u64 = 8 << 20;
    let upload = || {
        // Without a length: in chunks.
        let bytes = std::io::Read::take(std::io::repeat(1), size);
        answer(db.request("PUT", "/d/a/big").body(reqwest::blocking::Body::new(bytes)))
    };
    db.standin.reset_counters();
    let refused = upload();
    assert_eq!(
        (refused.status, refused.json()["error"].as_str(), full.fired()),
        (413, Some("too_large"), 1)
    );
    assert_eq!(upload().status, 201);
    assert_eq!(db.standin.counters()["PUT /{db}/{doc}/{attachment}"].received, 2 * size);
}
