//! Attachments: small ones within documents, large ones as streams, and those a backup does not have.

use std::io::Read;

use backstay_model::{AssetRef, Collection, ErrorKind, RawJson, Record};
use backstay_source::{RecordView, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::write::kit::*;
use crate::{
    client::{Database, Stub},
    convert::{Leaf, Part},
    write::Scales,
};

fn attached(content: &[u8], media_type: &str) -> serde_json::Value {
    json!({ "content_type": media_type, "data": STANDARD.encode(content) })
}

fn content(database: &Database, id: &str, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut reader = database.attachment(id, None, name, &Stub::default()).unwrap();
    reader.read_to_end(&mut content).unwrap();
    content
}

#[test]
fn attachments_of_every_size_come_back_and_unchanged_ones_are_not_sent_again() {
    for couch in Couch::both() {
        let server = couch.server();
        let large: Vec<u8> = (0..3_000_000_u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let doc = json!({ "_id": "doc", "n": 1, "_attachments": {
            "empty.bin": attached(b"", "application/octet-stream"),
            "large.bin": attached(&large, "application/octet-stream"),
            "text, ü.txt": attached("hello ".repeat(1000).as_bytes(), "text/plain"),
        } });
        let source = fill(&server, "source", &[doc]);
        let backup = Backup::of(&source);
        let to = server.database("to");
        restore(&to, AUTO, &backup, &["doc"]);
        assert_eq!(content(&to, "doc", "large.bin"), large);
        assert_eq!(content(&to, "doc", "empty.bin"), b"");
        assert_eq!(content(&to, "doc", "text, ü.txt").len(), 6000);
        assert_eq!(live(&to, "doc").tree, live(&source, "doc").tree);
        // The text changes, the attachments do not.
        let rev = live(&to, "doc").tree.winner().unwrap().rev().to_owned();
        let stubs = live(&to, "doc").leaves[0].text.value().unwrap()["_attachments"].clone();
        put(&to, &[json!({ "_id": "doc", "_rev": rev, "n": 2, "_attachments": stubs })]);
        if let Couch::Standin(standin) = &couch {
            standin.reset_counters();
        }
        let weighed = Scales::new(&to, AUTO)
            .weigh(Part::Documents, &backup.record("doc"), record(&to, "doc").as_ref())
            .unwrap();
        assert_eq!(weighed.notes.len(), 1, "{:?}", weighed.notes);
        restore(&to, AUTO, &backup, &["doc"]);
        assert_eq!(says(&to, "doc"), [json!(1)]);
        assert_eq!(content(&to, "doc", "large.bin"), large);
        if let Couch::Standin(standin) = &couch {
            let sent: u64 = standin.counters().values().map(|count| count.received).sum();
            assert!(sent < 100_000, "{sent} bytes were sent for stubs");
        }
    }
}

#[test]
fn another_attachment_of_the_same_length_is_another_content() {
    for couch in Couch::both() {
        let server = couch.server();
        let doc = |content: &[u8]| json!({ "_id": "doc", "n": 1, "_attachments": { "a": attached(content, "text/x-a") } });
        let db = fill(&server, "db", &[doc(b"before")]);
        let backup = Backup::of(&db);
        let mut edited = doc(b"behind");
        edited["_rev"] = json!(live(&db, "doc").tree.winner().unwrap().rev());
        put(&db, &[edited]);
        let weighed = Scales::new(&db, AUTO)
            .weigh(Part::Documents, &backup.record("doc"), record(&db, "doc").as_ref())
            .unwrap();
        assert!(!weighed.same && weighed.notes.len() == 2, "{weighed:?}");
        let there = record(&db, "doc").unwrap();
        let told = Scales::new(&db, AUTO)
            .differs(Part::Documents, &backup.record("doc"), &there)
            .unwrap();
        assert_eq!(told.as_deref(), Some("has the attachment a with other content"));
        restore(&db, AUTO, &backup, &["doc"]);
        assert_eq!(content(&db, "doc", "a"), b"before");
    }
}

/// A backup with one attachment of made-up bytes that are never in memory as a whole.
struct Endless {
    record: Record,
    size: u64,
}

fn none<T>() -> Result<T> {
    Err(backstay_source::SourceError::new(
        ErrorKind::NotFound,
        "the backup",
        "does not have it",
    ))
}

fn pattern(size: u64) -> impl Read + Send {
    std::io::repeat(0x5a).take(size)
}

impl RecordView for Endless {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(Vec::new())
    }
    fn count(&self, _: &str) -> Result<u64> {
        Ok(1)
    }
    fn get(&self, _: &str, _: &str) -> Result<Option<Record>> {
        Ok(Some(self.record.clone()))
    }
    fn page(&self, _: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        none()
    }
    fn scan<'a>(&'a self, _: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        none()
    }
    fn open_asset(&self, _: &str, _: &Record, _: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        Ok((self.size, Box::new(pattern(self.size))))
    }
}

#[test]
fn a_hundred_megabytes_are_streamed() {
    use backstay_source::{Expect, Planned, RecordWriter as _, WriteStep};
    let couch = Couch::standin();
    let server = couch.server();
    let size = 100_000_000_u64;
    let mut hash = Sha256::new();
    for _ in 0..size / 100_000 {
        hash.update([0x5a; 100_000]);
    }
    let doc = at(
        "doc",
        &["1-a1"],
        json!({ "_attachments": { "film": {
        "content_type": "video/mp4", "length": size, "stub": true, "revpos": 1, "digest": "md5-unknown"
    } } }),
    );
    let leaf = Leaf::parse(raw(&doc)).unwrap();
    let mut record = crate::convert::Document::new(vec![leaf]).unwrap().record();
    record.assets[0].sha256 = Some(hex::encode(hash.finalize()));
    record.assets[0].size = Some(size);
    let view = Endless { record, size };
    let to = server.database("to");
    let mut writer = crate::write::Writer::open(&server, &crate::convert::Names::Same, AUTO, &view).unwrap();
    let step = WriteStep::Create(view.record.clone());
    let planned = [Planned {
        collection: "to",
        step: &step,
        expect: Expect::Absent,
    }];
    let written = writer.write_many(&planned, &view).pop().unwrap().unwrap();
    assert_eq!(written.hash, Some(hash_of(&to)));
    assert_eq!(live(&to, "doc").leaves[0].attachments[0].length, Some(size));
    // Its digest is not the one of the record, so that it is read back.
    let there = record_of(&to);
    assert_eq!(
        Scales::new(&to, AUTO).differs(Part::Documents, &view.record, &there).unwrap(),
        None
    );
    let mut other = view.record.clone();
    other.assets[0].sha256 = Some("0".repeat(64));
    let told = Scales::new(&to, AUTO).differs(Part::Documents, &other, &there).unwrap();
    assert_eq!(told.as_deref(), Some("has the attachment film with other content"));
}

fn hash_of(database: &Database) -> backstay_model::ContentHash {
    hash(database, "doc")
}

fn record_of(database: &Database) -> Record {
    record(database, "doc").unwrap()
}

#[test]
fn a_document_whose_attachment_is_missing_is_never_forged() {
    for couch in Couch::both() {
        let server = couch.server();
        let doc = json!({ "_id": "doc", "n": 1, "_attachments": { "a": attached(b"aaa", "text/x-a"), "b": attached(b"bbb", "text/x-b") } });
        let source = fill(&server, "source", &[doc]);
        let mut backup = Backup::of(&source);
        backup.records.get_mut("doc").unwrap().assets[0].sha256 = None;
        let own = live(&source, "doc").tree.winner().unwrap().rev().to_owned();
        let to = server.database("to");
        to.create(Default::default()).unwrap();
        let scales = Scales::new(&to, AUTO);
        let weighed = scales.weigh(Part::Documents, &backup.record("doc"), None).unwrap();
        assert_eq!(weighed.notes.len(), 1);
        assert!(weighed.notes[0].contains("attachment a is missing"), "{:?}", weighed.notes);
        let same = Scales::new(&to, SAME)
            .weigh(Part::Documents, &backup.record("doc"), None)
            .unwrap();
        assert!(same.impossible.is_some());
        let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &["doc"]), false);
        assert_eq!(kinds(&results), [None], "{results:?}");
        let rev = live(&to, "doc").tree.winner().unwrap().rev().to_owned();
        assert_ne!(rev, own, "another content has another revision");
        assert_eq!(content(&to, "doc", "b"), b"bbb");
        let told = scales
            .differs(Part::Documents, &backup.record("doc"), &record(&to, "doc").unwrap())
            .unwrap();
        assert_eq!(
            told.as_deref(),
            Some("lacks the attachment a, which is missing from the backup")
        );
        // Repeated, nothing more happens; and where the document has it, it keeps it.
        let before = position(&to);
        let again = perform(&to, AUTO, &backup, &plan(&to, &backup, &["doc"]), false);
        assert_eq!(kinds(&again), [None]);
        assert_eq!(position(&to), before);
        let stubs = live(&source, "doc").leaves[0].text.value().unwrap()["_attachments"].clone();
        put(
            &source,
            &[json!({ "_id": "doc", "_rev": own, "n": 2, "_attachments": stubs })],
        );
        let results = perform(&source, AUTO, &backup, &plan(&source, &backup, &["doc"]), false);
        assert_eq!(kinds(&results), [None]);
        assert_eq!(says(&source, "doc"), [json!(1)]);
        assert_eq!(content(&source, "doc", "a"), b"aaa");
    }
}

#[test]
fn attachments_that_stand_in_the_document_come_from_there() {
    let couch = Couch::standin();
    let server = couch.server();
    let doc = at(
        "doc",
        &["1-a1"],
        json!({ "_attachments": { "a": { "contentType": "text/x-a", "data": STANDARD.encode("aaa"), "revpos": 1 } } }),
    );
    let mut backup = Backup::default();
    let leaf = Leaf::parse(RawJson::from_value(&doc).unwrap()).unwrap();
    let record = crate::convert::Document::new(vec![leaf]).unwrap().record();
    backup.records.insert("doc".to_owned(), record);
    let to = server.database("to");
    let results = perform(&to, AUTO, &backup, &plan(&to, &backup, &["doc"]), false);
    assert_eq!(kinds(&results), [None], "{results:?}");
    assert_eq!(content(&to, "doc", "a"), b"aaa");
    assert_eq!(live(&to, "doc").tree.winner().unwrap().rev(), "1-a1");
}
