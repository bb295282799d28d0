//! Sizes and rates that are refused.

use std::time::Duration;

use backstay_couchdb_standin::{Config, Rates};
use serde_json::{Value, json};

use crate::client::{Db, answer, form, plain};

#[test]
fn what_is_too_large_is_refused_by_name() {
    let db = Db::with(Config {
        max_document: 1000,
        max_attachment: 2000,
        max_request: 20_000,
        ..Config::default()
    });
    db.put("/d", Value::Null);
    let large = db.put("/d/a", json!({"text": "x".repeat(1000)}));
    assert_eq!(
        (large.status, large.json()["error"].as_str()),
        (413, Some("document_too_large"))
    );
    let bulk = db.post(
        "/d/_bulk_docs",
        json!({"docs": [{"_id": "ok"}, {"_id": "big", "text": "x".repeat(1000)}]}),
    );
    assert_eq!(
        (bulk.status, bulk.json()),
        (413, json!({"error": "document_too_large", "reason": "big"}))
    );
    assert_eq!(db.get("/d").json()["doc_count"], 0);
    let attachment = answer(db.request("PUT", "/d/a/f").body(vec![0; 2001]));
    assert_eq!(
        (attachment.status, attachment.json()),
        (413, json!({"error": "attachment_too_large", "reason": "f"}))
    );
    let request = db.post("/d/_bulk_docs", json!({"docs": [{"text": "x".repeat(30_000)}]}));
    assert_eq!((request.status, request.json()["error"].as_str()), (413, Some("too_large")));
}

#[test]
fn a_large_attachment_takes_no_memory_and_no_time() {
    let db = Db::new();
    db.put("/d", Value::Null);
    let size: u64 = 48 << 20;
    let bytes = std::io::Read::take(std::io::repeat(3), size);
    let put = db
        .request("PUT", "/d/a/big")
        .header("content-type", "x/y")
        .body(reqwest::blocking::Body::sized(bytes, size));
    assert_eq!(answer(put).status, 201);
    let read = db.request("GET", "/d/a/big").send().unwrap();
    assert_eq!(read.content_length(), Some(size));
    assert_eq!(std::io::copy(&mut { read }, &mut std::io::sink()).unwrap(), size);
}

#[test]
fn cloudant_refuses_beyond_its_rates_and_wants_tokens() {
    let db = Db::with(Config {
        rates: Some(Rates {
            lookups: 3,
            writes: 100,
            queries: 100,
        }),
        iam_token: Duration::from_millis(400),
        ..Config::cloudant()
    });
    let url = db.standin.url();
    assert_eq!(db.get("/").json()["vendor"]["name"], "IBM Cloudant");
    db.put("/d", Value::Null);
    db.put("/d/a", json!({}));
    let answers: Vec<_> = (0..5).map(|_| db.get("/d/a")).collect();
    let refused = answers
        .iter()
        .find(|answer| answer.status == 429)
        .expect("the fourth of a second is refused");
    assert_eq!(refused.json()["error"], "too_many_requests");
    assert_eq!(
        (refused.json()["class"].as_str(), refused.json()["rate"].as_u64()),
        (Some("lookup"), Some(3))
    );
    assert_eq!(db.get("/_node/_local/_config").status, 404);

    let token = |key: &str| {
        let grant = ("grant_type", "urn:ibm:params:oauth:grant-type:apikey");
        form(&format!("{url}/identity/token"), &[grant, ("apikey", key)])
    };
    assert_eq!(token("wrong").json()["errorCode"], "BXNIM0415E");
    let given = token("api-key").json();
    let bearer = given["access_token"].as_str().unwrap().to_owned();
    let ask = || answer(plain().get(format!("{url}/_all_dbs")).bearer_auth(&bearer)).status;
    assert_eq!(ask(), 200);
    std::thread::sleep(Duration::from_millis(450));
    assert_eq!(ask(), 401);
    let large = db.put("/d/b", json!({"text": "x".repeat(1 << 20)}));
    assert_eq!(large.status, 413);
}
