//! Documents: writing, reading, conflicts, attachments, lists.

use serde_json::json;

use crate::client::Db;

#[test]
fn a_document_is_written_read_and_deleted() {
    let db = Db::new();
    assert_eq!(db.put("/notes", json!(null)).status, 201);
    let again = db.put("/notes", json!(null));
    assert_eq!((again.status, again.json()["error"].as_str()), (412, Some("file_exists")));

    let first = db.put("/notes/a", json!({"text": "one"}));
    assert_eq!(first.status, 201, "{first:?}");
    let rev = first.json()["rev"].as_str().unwrap().to_owned();
    assert!(rev.starts_with("1-") && rev.len() == 34);
    assert_eq!(db.put("/notes/a", json!({"text": "two"})).status, 409);
    let second = db.put(&format!("/notes/a?rev={rev}"), json!({"text": "two"}));
    let rev = second.json()["rev"].as_str().unwrap().to_owned();
    let read = db.get("/notes/a");
    assert_eq!(read.json(), json!({"_id": "a", "_rev": rev, "text": "two"}));
    assert_eq!(read.header("etag"), format!("\"{rev}\""));

    assert_eq!(db.delete(&format!("/notes/a?rev={rev}")).status, 200);
    let gone = db.get("/notes/a");
    assert_eq!(gone.text, "{\"error\":\"not_found\",\"reason\":\"deleted\"}\n");
    assert_eq!(db.get("/notes/b").json(), json!({"error": "not_found", "reason": "missing"}));
    let info = db.get("/notes").json();
    assert_eq!(
        (info["doc_count"].as_u64(), info["doc_del_count"].as_u64()),
        (Some(0), Some(1))
    );
}

#[test]
fn conflicts_come_through_bulk_docs_and_show_everywhere() {
    let db = Db::new();
    db.put("/c", json!(null));
    let stored = db.post(
        "/c/_bulk_docs",
        json!({"new_edits": false, "docs": [
            {"_id": "a", "_rev": "2-b", "_revisions": {"start": 2, "ids": ["b", "a"]}, "v": "low"},
            {"_id": "a", "_rev": "2-c", "_revisions": {"start": 2, "ids": ["c", "a"]}, "v": "high"},
            {"_id": "a", "_rev": "3-d", "_deleted": true, "_revisions": {"start": 3, "ids": ["d", "x", "a"]}},
        ]}),
    );
    assert_eq!((stored.status, stored.json()), (201, json!([])));
    let read = db.get("/c/a?conflicts=true&deleted_conflicts=true&revs_info=true").json();
    assert_eq!(read["v"], "high");
    assert_eq!(read["_conflicts"], json!(["2-b"]));
    assert_eq!(read["_deleted_conflicts"], json!(["3-d"]));
    let changes = db.get("/c/_changes?style=all_docs").json();
    assert_eq!(
        changes["results"][0]["changes"],
        json!([{"rev": "2-c"}, {"rev": "2-b"}, {"rev": "3-d"}])
    );
    assert_eq!(changes["pending"], 0);
    let got = db
        .post("/c/_bulk_get?revs=true", json!({"docs": [{"id": "a"}, {"id": "nope"}]}))
        .json();
    assert_eq!(got["results"][0]["docs"].as_array().unwrap().len(), 3);
    assert_eq!(got["results"][1]["docs"][0]["error"]["rev"], "undefined");
}

#[test]
fn attachments_are_stored_compressed_and_read_in_ranges() {
    let db = Db::new();
    db.put("/t", json!(null));
    let put = crate::client::answer(
        db.request("PUT", "/t/a/raw.bin")
            .header("content-type", "application/octet-stream")
            .body(vec![7u8; 1000]),
    );
    assert_eq!(put.status, 201, "{put:?}");
    let part = crate::client::answer(db.request("GET", "/t/a/raw.bin").header("range", "bytes=10-19"));
    assert_eq!(
        (part.status, part.text.len(), part.header("content-range")),
        (206, 10, "bytes 10-19/1000")
    );
    let rev = put.json()["rev"].as_str().unwrap().to_owned();
    let put = crate::client::answer(
        db.request("PUT", &format!("/t/a/text.txt?rev={rev}"))
            .header("content-type", "text/plain")
            .body("hello ".repeat(100)),
    );
    assert_eq!(put.status, 201, "{put:?}");
    let doc = db.get("/t/a?att_encoding_info=true").json();
    assert_eq!(doc["_attachments"]["text.txt"]["encoding"], "gzip");
    assert_eq!(doc["_attachments"]["text.txt"]["length"], 600);
    assert_eq!(doc["_attachments"]["raw.bin"]["revpos"], 1);
    assert_eq!(doc["_attachments"]["text.txt"]["revpos"], 2);
    assert_eq!(db.get("/t/a/text.txt").text, "hello ".repeat(100));
}

#[test]
fn a_head_has_the_headers_and_no_body() {
    let db = Db::new();
    db.put("/d", json!(null));
    db.put("/d/a", json!({"v": 1}));
    let body = db.get("/d/a");
    let head = db.send("HEAD", "/d/a", None);
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("etag"), body.header("etag"));
    assert_eq!(head.header("content-length"), body.text.len().to_string());
    assert_eq!(db.send("HEAD", "/d/b", None).status, 404);
    let etag = body.header("etag").to_owned();
    let unchanged = crate::client::answer(db.request("GET", "/d/a").header("if-none-match", etag));
    assert_eq!(unchanged.status, 304);
    let plain = crate::client::plain()
        .get(format!("{}/", db.standin.url()))
        .header("accept", "text/html");
    assert_eq!(
        crate::client::answer(plain).header("content-type"),
        "text/plain; charset=utf-8"
    );
}
