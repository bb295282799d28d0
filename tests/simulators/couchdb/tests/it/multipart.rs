//! Documents with attachments in parts, both ways.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::client::{Db, answer};

fn digest(bytes: &[u8]) -> String {
    format!("md5-{}", STANDARD.encode(Md5::digest(bytes)))
}

fn related(doc: &Value, parts: &[&[u8]]) -> Vec<u8> {
    let mut body = format!("--xyz\r\nContent-Type: application/json\r\n\r\n{doc}").into_bytes();
    for part in parts {
        body.extend_from_slice(b"\r\n--xyz\r\n\r\n");
        body.extend_from_slice(part);
    }
    body.extend_from_slice(b"\r\n--xyz--");
    body
}

fn put(db: &Db, path: &str, body: Vec<u8>) -> crate::client::Answer {
    answer(
        db.request("PUT", path)
            .header("content-type", "multipart/related; boundary=\"xyz\"")
            .body(body),
    )
}

#[test]
fn a_document_with_attachments_goes_in_and_comes_out_in_parts() {
    let db = Db::new();
    db.put("/m", Value::Null);
    let raw: Vec<u8> = (0..300_000u32).map(|at| (at * 7 % 251) as u8).collect();
    let text = b"some text\r\n--xy".to_vec();
    let doc = json!({"_id": "a", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "_attachments": {
        "raw.bin": {"follows": true, "content_type": "image/raw", "length": raw.len(), "revpos": 1, "digest": digest(&raw)},
        "t.txt": {"follows": true, "content_type": "text/plain", "length": text.len(), "revpos": 2},
    }});
    let stored = put(&db, "/m/a?new_edits=false", related(&doc, &[&raw, &text]));
    assert_eq!(
        (stored.status, stored.json()["rev"].as_str()),
        (201, Some("2-b")),
        "{stored:?}"
    );
    assert_eq!(put(&db, "/m/a?new_edits=false", related(&doc, &[&raw, &text])).status, 201);
    let shown = db.get("/m/a").json();
    assert_eq!(shown["_attachments"]["raw.bin"]["digest"], digest(&raw));
    assert_eq!(shown["_attachments"]["raw.bin"]["revpos"], 1);
    let whole = db.request("GET", "/m/a/raw.bin").send().unwrap().bytes().unwrap();
    assert_eq!(whole, raw);

    let parts = db
        .request("GET", "/m/a?attachments=true")
        .header("accept", "multipart/related")
        .send();
    // The plain client sends its own header first; ask again with this one alone.
    drop(parts);
    let parts = crate::client::plain()
        .get(format!("{}/m/a?attachments=true", db.standin.admin_url()))
        .header("accept", "multipart/related")
        .send()
        .unwrap();
    let kind = parts.headers()["content-type"].to_str().unwrap().to_owned();
    let boundary = kind.split("boundary=\"").nth(1).unwrap().trim_end_matches('"').to_owned();
    let body = parts.bytes().unwrap();
    let needle = format!("--{boundary}");
    assert!(body.starts_with(needle.as_bytes()));
    assert!(body.ends_with(format!("{needle}--").as_bytes()));
    assert!(body.windows(raw.len()).any(|window| window == raw));
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let db = Db::new();
    db.put("/m", Value::Null);
    let doc = |length: usize, digest: &str| json!({"_attachments": {"a": {"follows": true, "content_type": "x/y", "length": length, "digest": digest}}});
    let short = put(&db, "/m/a", related(&doc(10, ""), &[b"12345"]));
    assert_eq!(
        (short.status, short.json()["reason"].as_str()),
        (400, Some("attachment shorter than expected"))
    );
    let wrong = put(&db, "/m/a", related(&doc(5, &digest(b"other")), &[b"12345"]));
    assert_eq!(wrong.json()["error"], "content_md5_mismatch");
    assert_eq!(put(&db, "/m/a", related(&doc(5, ""), &[])).status, 400);
    assert_eq!(db.get("/m/a").status, 404);
}

#[test]
fn stubs_keep_what_is_there_and_are_refused_elsewhere() {
    let db = Db::new();
    db.put("/m", Value::Null);
    db.put("/n", Value::Null);
    let made = db.put(
        "/m/a",
        json!({"_attachments": {"f": {"content_type": "x/y", "data": STANDARD.encode(b"bytes")}}}),
    );
    let rev = made.json()["rev"].as_str().unwrap().to_owned();
    let mut doc = db.get("/m/a").json();
    doc["more"] = json!(1);
    assert_eq!(db.put("/m/a", doc.clone()).status, 201, "{rev}");
    let after = db.get("/m/a").json();
    assert_eq!(
        (after["_attachments"]["f"]["revpos"].as_u64(), db.get("/m/a/f").text.as_str()),
        (Some(1), "bytes")
    );
    let whole = db.get("/m/a?revs=true").json();
    let refused = db.post(
        "/n/_bulk_docs",
        json!({"new_edits": false, "docs": [{"_id": "ok", "_rev": "1-a"}, whole]}),
    );
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (412, Some("missing_stub"))
    );
    assert_eq!(db.get("/n").json()["doc_count"], 0);
    // What is there already is no error.
    assert_eq!(
        db.post("/m/_bulk_docs", json!({"new_edits": false, "docs": [whole]})).json(),
        json!([])
    );
}

#[test]
fn bulk_get_and_open_revs_come_in_parts() {
    let db = Db::new();
    db.put("/m", Value::Null);
    db.put(
        "/m/a",
        json!({"_attachments": {"f": {"content_type": "x/y", "data": STANDARD.encode(b"bytes")}}}),
    );
    db.put("/m/b", json!({}));
    let ask = |accept: &str| {
        crate::client::plain()
            .post(format!("{}/m/_bulk_get?revs=true", db.standin.admin_url()))
            .header("accept", accept)
            .header("content-type", "application/json")
            .body(json!({"docs": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}).to_string())
    };
    let parts = answer(ask("multipart/mixed"));
    assert!(parts.header("content-type").starts_with("multipart/mixed; boundary=\"--"));
    assert!(parts.text.contains("\r\nX-Doc-Id: a\r\nX-Rev-Id: 1-"));
    assert!(parts.text.contains("\"follows\":true"));
    assert!(parts.text.contains("application/json; error=\"true\""));
    assert!(parts.text.contains("\r\n\r\nbytes\r\n--"));
    assert_eq!(
        answer(ask("application/json, multipart/mixed")).json()["results"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let open = crate::client::plain().get(format!("{}/m/a?open_revs=[%221-nope%22]", db.standin.admin_url()));
    let open = answer(open);
    assert!(
        open.header("content-type").starts_with("multipart/mixed"),
        "no Accept header takes everything"
    );
    assert!(open.text.contains("{\"missing\":\"1-nope\"}"));
    let plain = db.get("/m/a?open_revs=all&revs=true&attachments=true");
    assert_eq!(plain.json()[0]["ok"]["_attachments"]["f"]["data"], STANDARD.encode(b"bytes"));
}

#[test]
fn only_newer_attachments_are_sent_again() {
    let db = Db::new();
    db.put("/m", Value::Null);
    let first = answer(db.request("PUT", "/m/a/old").header("content-type", "x/y").body("old bytes")).json();
    let first = first["rev"].as_str().unwrap().to_owned();
    let second = answer(
        db.request("PUT", &format!("/m/a/new?rev={first}"))
            .header("content-type", "x/y")
            .body("new bytes"),
    );
    assert_eq!(second.status, 201);
    let got = db
        .post(
            "/m/_bulk_get?revs=true&attachments=true",
            json!({"docs": [{"id": "a", "atts_since": [first]}]}),
        )
        .json();
    let attachments = &got["results"][0]["docs"][0]["ok"]["_attachments"];
    assert_eq!(attachments["old"]["stub"], true);
    assert_eq!(attachments["new"]["data"], STANDARD.encode("new bytes"));
}
