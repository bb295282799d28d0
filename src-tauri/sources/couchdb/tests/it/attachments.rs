//! Attachments: once each, checked, and not again.

use std::io::Read as _;

use backstay_couchdb_standin::{Act, Fault};
use backstay_model::ErrorKind;
use base64::Engine as _;
use serde_json::{Value, json};

use crate::kit::{Ran, couch, is_live, revision, run, source, view};

/// Set in the process that does the reading.
const READER: &str = "BACKSTAY_COUCHDB_READER";

/// Peak memory of this process in MiB; nothing where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

/// The other half of the test below; by itself it does nothing.
#[test]
fn a_process_of_its_own_reads() {
    let Ok(url) = std::env::var(READER) else { return };
    let source = crate::kit::open(&url, "password", json!({ "user": "admin" }));
    let ran = run(&source, None).no_gaps();
    println!("size {:?} peak {}", ran.record("a", "x").assets[0].size, peak());
}

#[test]
fn large_attachments_need_no_memory_of_their_size() {
    let length: u64 = if std::env::var_os("BACKSTAY_SOAK").is_some() {
        1 << 30
    } else {
        300 << 20
    };
    let (standin, server) = couch();
    server.make("a");
    server.stream(&["a", "x", "large"], length);
    let ran = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "attachments::a_process_of_its_own_reads", "--nocapture"])
        .env(READER, standin.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    println!("{said}");
    assert!(ran.status.success());
    let told = said
        .split("peak ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap();
    let peak: u64 = told.parse().unwrap();
    assert!(said.contains(&format!("size Some({length})")));
    assert!(peak < 150, "{peak} MiB");
}

fn inline(content: &[u8], media_type: &str) -> Value {
    json!({ "content_type": media_type, "data": base64::engine::general_purpose::STANDARD.encode(content) })
}

/// Content that does not compress, the same for the same number.
fn noise(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn content(ran: &Ran, collection: &str, id: &str) -> Vec<(String, Vec<u8>)> {
    let record = ran.record(collection, id);
    let assets = record.assets.iter().map(|asset| {
        let sha256 = asset.sha256.as_ref().unwrap_or_else(|| panic!("{} is missing", asset.name));
        (asset.name.clone(), ran.taken.assets[sha256].bytes().unwrap().to_vec())
    });
    assets.collect()
}

#[test]
fn each_content_is_read_once_and_not_again() {
    let (standin, server) = couch();
    server.make("a");
    let (one, two) = (noise(1, 100_000), noise(2, 3_000));
    let text = "compressible ".repeat(5_000).into_bytes();
    let attachments = json!({
        "one.bin": inline(&one, "application/octet-stream"),
        "text.txt": inline(&text, "text/plain"),
        "with/slash": inline(&two, "image/png"),
        "empty": inline(b"", "text/plain"),
    });
    server.put("a", json!({ "_id": "x", "n": 1, "_attachments": attachments }));
    server.put(
        "a",
        json!({ "_id": "same", "_attachments": { "copy.bin": inline(&one, "application/octet-stream") } }),
    );
    let source = source(&standin, json!({ "parallel": "1" }));
    let first = run(&source, None).no_gaps();
    let wanted = [
        ("empty", b"".to_vec()),
        ("one.bin", one.clone()),
        ("text.txt", text.clone()),
        ("with/slash", two.clone()),
    ];
    assert_eq!(
        content(&first, "a", "x"),
        wanted.map(|(name, bytes)| (name.to_owned(), bytes))
    );
    assert_eq!(content(&first, "a", "same"), [("copy.bin".to_owned(), one.clone())]);
    assert_eq!(first.read().len(), 4, "the copy is not read: {:?}", first.read());
    assert_eq!(first.record("a", "x").assets[2].size, Some(text.len() as u64));
    assert_eq!(first.record("a", "x").assets[2].media_type.as_deref(), Some("text/plain"));

    // The document changes, its attachments do not.
    let mut doc = server.ask("GET", &["a", "x"], None);
    doc["n"] = json!(2);
    server.put("a", doc);
    let second = run(&source, Some(&first)).no_gaps();
    assert_eq!((second.data("a", "x")["n"].clone(), second.read().len()), (json!(2), 0));
    assert_eq!(content(&second, "a", "x"), content(&first, "a", "x"));

    // One changes.
    let mut doc = server.ask("GET", &["a", "x"], None);
    doc["_attachments"]["with/slash"] = inline(b"other", "image/png");
    server.put("a", doc);
    let third = run(&source, Some(&second)).no_gaps();
    assert_eq!(third.read(), ["with/slash"]);
    is_live(&source, &third);

    let view = view(&source);
    for record in ["x", "same"] {
        let live = view.get("a", record).unwrap().unwrap();
        for (asset, (name, bytes)) in live.assets.iter().zip(content(&third, "a", record)) {
            let (size, mut reader) = view.open_asset("a", &live, asset).unwrap();
            let mut got = Vec::new();
            reader.read_to_end(&mut got).unwrap();
            assert_eq!((size, got), (bytes.len() as u64, bytes), "{name}");
        }
    }
}

#[test]
fn leaves_in_conflict_have_their_own_attachments() {
    let (standin, server) = couch();
    server.make("a");
    let leaf = |rev: &str, content: &[u8]| {
        revision(
            "x",
            &[rev, "1-a"],
            json!({ "_attachments": { "f": inline(content, "text/plain") } }),
        )
    };
    server.exactly("a", &json!([leaf("2-b", b"loser"), leaf("2-c", b"winner")]));
    let source = source(&standin, json!({}));
    let ran = run(&source, None).no_gaps();
    let found = content(&ran, "a", "x");
    assert_eq!(
        found,
        [("f".to_owned(), b"winner".to_vec()), ("f".to_owned(), b"loser".to_vec())]
    );
    let view = view(&source);
    let live = view.get("a", "x").unwrap().unwrap();
    let texts: Vec<String> = live
        .assets
        .iter()
        .map(|asset| {
            let mut text = String::new();
            view.open_asset("a", &live, asset)
                .unwrap()
                .1
                .read_to_string(&mut text)
                .unwrap();
            text
        })
        .collect();
    assert_eq!(texts, ["winner", "loser"]);
}

#[test]
fn an_attachment_that_fails_is_named_and_its_document_stays() {
    let (standin, server) = couch();
    server.make("a");
    let big = noise(3, 300_000);
    let attachments = json!({ "bad": inline(&big, "image/png"), "good": inline(b"good", "image/png") });
    server.put("a", json!({ "_id": "x", "_attachments": attachments }));
    let source = source(&standin, json!({}));
    let gone = Act::Answer {
        status: 404,
        headers: Vec::new(),
        body: r#"{"error":"not_found","reason":"Document is missing attachment"}"#.to_owned(),
    };
    let fault = standin.fault(Fault::on("GET", "/a/x/bad", gone).times(0));
    let first = run(&source, None);
    assert_eq!((first.gaps(), fault.fired() > 0), (vec!["a/x: bad".to_owned()], true));
    let record = first.record("a", "x");
    assert_eq!(
        record.assets.iter().map(|asset| asset.sha256.is_some()).collect::<Vec<_>>(),
        [false, true]
    );
    // The feed is silent about the document; what was missing is tried again all the same.
    standin.clear_faults();
    let second = run(&source, Some(&first)).no_gaps();
    assert_eq!(content(&second, "a", "x")[0].1, big);
    assert_eq!(second.read(), ["bad"]);
}

#[test]
fn content_that_is_not_what_the_document_says_is_a_gap() {
    let (standin, server) = couch();
    server.make("a");
    server.put(
        "a",
        json!({ "_id": "x", "_attachments": { "f": inline(&noise(4, 1_000), "image/png") } }),
    );
    let source = source(&standin, json!({}));
    for body in ["x".repeat(1_000), "x".repeat(900), "x".repeat(1_100)] {
        standin.clear_faults();
        let length = body.len();
        let other = Act::Answer {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "image/png".to_owned())],
            body,
        };
        let fault = standin.fault(Fault::on("GET", "/a/x/f", other).times(0));
        let ran = run(&source, None);
        assert!(fault.fired() > 0);
        assert_eq!(ran.gaps(), ["a/x: f"], "{length} bytes");
        assert!(
            matches!(ran.taken.gaps[0].kind, ErrorKind::Damaged | ErrorKind::Changed),
            "{:?}",
            ran.taken.gaps
        );
        assert_eq!(ran.record("a", "x").assets[0].sha256, None);
    }
}

#[test]
fn a_stream_that_breaks_off_goes_on() {
    let (standin, server) = couch();
    server.make("a");
    let big = noise(5, 2_000_000);
    server.put("a", json!({ "_id": "x", "_attachments": { "f": inline(&big, "image/png") } }));
    let source = source(&standin, json!({}));
    let cut = standin.fault(Fault::on("GET", "/a/x/f", Act::CutBody { after: 700_000 }).times(2));
    let ran = run(&source, None).no_gaps();
    assert_eq!((content(&ran, "a", "x")[0].1 == big, cut.fired()), (true, 2));
}
