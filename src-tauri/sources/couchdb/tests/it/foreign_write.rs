//! Files of other programs, written: what comes out is read in again.

use std::io::Read;

use backstay_couchdb::CouchDb;
use backstay_model::{AssetRef, Collection, ErrorKind, Record};
use backstay_source::{Cancel, Connector as _, ForeignFormat, RecordView, Result, SourceError};
use backstay_source_kit::Taken;
use serde_json::{Value, json};

use crate::foreign::{HEADER, read_text, records};

/// What was taken from a file, as the records of a state with attachments.
pub(crate) struct State(pub(crate) Taken);

impl RecordView for State {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(self.0.collections.values().map(|taken| taken.collection.clone()).collect())
    }
    fn count(&self, collection: &str) -> Result<u64> {
        Ok(self.0.collections[collection].records.len() as u64)
    }
    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        Ok(self.0.collections[collection].records.get(id).cloned())
    }
    fn page(&self, _: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        unreachable!("a writer reads in order")
    }
    fn scan<'a>(&'a self, collection: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        Ok(Box::new(self.0.collections[collection].records.values().cloned().map(Ok)))
    }
    fn open_asset(&self, _: &str, _: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let content = asset.sha256.as_ref().and_then(|hash| self.0.assets.get(hash));
        let content = content.ok_or_else(|| SourceError::new(ErrorKind::NotFound, &asset.name, "is not there"))?;
        let bytes = content.bytes().unwrap();
        Ok((bytes.len() as u64, Box::new(std::io::Cursor::new(bytes))))
    }
}

pub(crate) fn format(name: &str, attachments: bool) -> &'static ForeignFormat {
    let all = CouchDb.foreign().unwrap().formats();
    all.iter()
        .find(|format| format.name == name && format.attachments == attachments && format.writes)
        .unwrap()
}

fn written(taken: Taken, name: &str, attachments: bool) -> Result<(u64, String)> {
    let state = State(taken);
    let collections: Vec<String> = state.0.collections.keys().cloned().collect();
    let mut out = Vec::new();
    let files = CouchDb.foreign().unwrap();
    let count = files.write(format(name, attachments), &state, &collections, &mut out, &Cancel::default())?;
    Ok((count, String::from_utf8(out).unwrap()))
}

fn story() -> Taken {
    let line = concat!(
        r#"[{"_id":"a","_rev":"2-b","_revisions":{"start":2,"ids":["b","r"]},"n":1.50},"#,
        r#"{"_id":"a","_rev":"2-a","_revisions":{"start":2,"ids":["a","r"]},"_attachments":{"f":{"contentType":"text/plain","revpos":2,"digest":"md5-1","data":"aGVsbG8="}}},"#,
        r#"{"_id":"a","_rev":"3-d","_revisions":{"start":3,"ids":["d","c","r"]},"_deleted":true},"#,
        r#"{"_id":"gone","_rev":"1-g","_revisions":{"start":1,"ids":["g"]},"_deleted":true},"#,
        r#"{"_id":"_design/d","_rev":"1-d","_revisions":{"start":1,"ids":["d"]},"views":{}}]"#,
        "\n"
    );
    read_text("x.txt", format!("{HEADER}{line}")).unwrap()
}

#[test]
fn couchbackup_files_hold_every_leaf_and_come_back_as_they_were() {
    let (count, text) = written(story(), "couchbackup", true).unwrap();
    assert_eq!(count, 3);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        text.lines().next().unwrap(),
        r#"{"name":"@cloudant/couchbackup","version":"2.11.12","mode":"full","attachments":true}"#
    );
    assert_eq!(lines.len(), 2);
    let leaves = lines[1].as_array().unwrap();
    assert_eq!(leaves.len(), 5);
    let with = leaves.iter().find(|leaf| leaf["_rev"] == "2-a").unwrap();
    assert_eq!(
        with["_attachments"]["f"],
        json!({"contentType": "text/plain", "revpos": 2, "digest": "md5-1", "data": "aGVsbG8="})
    );
    assert!(
        leaves
            .iter()
            .all(|leaf| leaf["_rev"].is_string() && leaf["_revisions"]["ids"].is_array())
    );

    let before = story();
    let again = read_text("x.txt", text).unwrap();
    assert_eq!(again.gaps, before.gaps);
    for (name, taken) in &before.collections {
        for (id, record) in &taken.records {
            let other = &again.collections[name].records[id];
            assert_eq!(
                (&other.rev, &other.hash, &other.assets),
                (&record.rev, &record.hash, &record.assets),
                "{id}"
            );
            assert_eq!(other.data.value().unwrap(), record.data.value().unwrap(), "{id}");
        }
    }
}

#[test]
fn without_attachments_no_stubs_are_written() {
    let (_, text) = written(story(), "couchbackup", false).unwrap();
    assert!(!text.contains("_attachments\""), "{text}");
    let taken = read_text("x.txt", text).unwrap();
    assert!(taken.gaps.is_empty());
}

#[test]
fn lines_hold_what_the_database_shows() {
    let (count, text) = written(story(), "ndjson", true).unwrap();
    assert_eq!(count, 2, "a tombstone is no document");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        json!({"_id": "a", "_rev": "2-b", "n": serde_json::from_str::<Value>("1.50").unwrap()})
    );
    assert_eq!(lines[1]["_id"], "_design/d");
    let with = r#"{"_id":"b","_attachments":{"f":{"content_type":"x/y","data":"aGVsbG8="}}}"#;
    let (_, text) = written(read_text("x.ndjson", with).unwrap(), "ndjson", true).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        serde_json::from_str::<Value>(with).unwrap()
    );
}

#[test]
fn a_line_has_no_more_documents_than_couchbackup_sends_at_once() {
    let many: String = (0..1201).map(|n| format!("{{\"_id\":\"{n}\",\"_rev\":\"1-a\"}}\n")).collect();
    let (count, text) = written(read_text("x.ndjson", many).unwrap(), "couchbackup", false).unwrap();
    let sizes: Vec<usize> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Vec<Value>>(line).unwrap().len())
        .collect();
    assert_eq!((count, sizes), (1201, vec![500, 500, 201]));
}

#[test]
fn documents_with_and_without_revision_do_not_mix_in_couchbackup() {
    let mixed = "{\"_id\":\"a\",\"_rev\":\"1-a\"}\n{\"_id\":\"b\"}\n";
    let error = written(read_text("x.ndjson", mixed).unwrap(), "couchbackup", false).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
    assert!(error.hint.unwrap().contains("ndjson"));
    let (_, text) = written(read_text("x.ndjson", mixed).unwrap(), "ndjson", false).unwrap();
    assert_eq!(records(&read_text("x.ndjson", text).unwrap(), "x").len(), 2);
}
