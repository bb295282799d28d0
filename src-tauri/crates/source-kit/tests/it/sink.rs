//! The sink keeps what it is given, answers like the engine, and notices breaches of the contract.

use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use backstay_model::{Change, Collection, CollectionKind, ErrorKind, FileEntry, FileKind, FileMeta, RawJson, Record, Schema};
use backstay_source::{FeedMode, FileHint, FileView, RecordView, Result, Sink, Stored};
use backstay_source_kit::DirSink;

fn entry(path: &str, kind: FileKind, size: u64) -> FileEntry {
    let meta = FileMeta {
        inode: 7,
        ..FileMeta::default()
    };
    FileEntry {
        path: path.to_owned(),
        kind,
        size,
        meta,
    }
}

fn put(sink: &DirSink, path: &str, announced: u64, content: &[u8]) -> Result<Stored> {
    let entry = entry(path, FileKind::File, announced);
    let content = content.to_vec();
    sink.file(&entry, FileHint::Plain, &mut || {
        Ok(Box::new(Cursor::new(content.clone())) as Box<dyn Read + Send>)
    })
}

fn directory(sink: &DirSink, path: &str) {
    let entry = entry(path, FileKind::Directory, 0);
    sink.file(&entry, FileHint::Plain, &mut || panic!("a directory has no content"))
        .unwrap();
}

#[test]
fn keeps_files_in_walk_order_and_large_ones_too() {
    let sink = DirSink::new();
    let large = vec![7; 600_000];
    put(&sink, "a.txt", 3, b"abc").unwrap();
    directory(&sink, "a");
    put(&sink, "a/large", 600_000, &large).unwrap();
    sink.leave_directory("a").unwrap();
    let taken = sink.finish();
    assert_eq!(taken.paths(), ["a", "a/large", "a.txt"], "depth first, names by their bytes");
    assert_eq!(taken.bytes("a/large").unwrap().unwrap(), large);
    assert_eq!(taken.hash("a.txt").unwrap(), backstay_model::ContentHash::of(b"abc"));
    let below: Vec<_> = taken.walk(Some("a")).unwrap().map(|e| e.unwrap().path).collect();
    assert_eq!(below, ["a", "a/large"]);
    assert!(taken.breaches.is_empty(), "{:?}", taken.breaches);
}

#[test]
fn wrong_sizes_are_errors_and_may_be_offered_again() {
    let sink = DirSink::new();
    assert_eq!(put(&sink, "f", 4, b"abc").unwrap_err().kind, ErrorKind::Changed);
    assert_eq!(put(&sink, "f", 2, b"abc").unwrap_err().kind, ErrorKind::Changed);
    assert_eq!(put(&sink, "f", 3, b"abc").unwrap(), Stored::Read);
    assert!(sink.finish().breaches.is_empty());
}

#[test]
fn unchanged_files_are_not_opened_and_kept_ones_stay() {
    let first = DirSink::new();
    put(&first, "same", 3, b"abc").unwrap();
    put(&first, "grown", 3, b"abc").unwrap();
    directory(&first, "kept");
    put(&first, "kept/x", 1, b"x").unwrap();
    let second = DirSink::after(Arc::new(first.finish()));
    assert_eq!(put(&second, "same", 3, b"???").unwrap(), Stored::Unchanged);
    assert_eq!(put(&second, "grown", 4, b"abcd").unwrap(), Stored::Read);
    assert!(second.keep("kept").unwrap());
    assert!(!second.keep("kep").unwrap());
    let taken = second.finish();
    assert_eq!(taken.bytes("same").unwrap().unwrap(), "abc");
    assert_eq!(taken.bytes("kept/x").unwrap().unwrap(), "x");
    assert_eq!(taken.paths(), ["grown", "kept", "kept/x", "same"]);
}

#[test]
fn breaches_are_named() {
    let sink = DirSink::new();
    directory(&sink, "d");
    sink.leave_directory("d").unwrap();
    put(&sink, "d/late", 1, b"x").unwrap();
    put(&sink, "twice", 1, b"x").unwrap();
    put(&sink, "twice", 1, b"x").unwrap();
    put(&sink, "a/../b", 1, b"x").unwrap();
    sink.records("nowhere", Vec::new()).unwrap();
    let breaches = sink.finish().breaches.join("\n");
    for part in [
        "d/late: given after d",
        "twice: given twice",
        "a/../b: not a path",
        "nowhere: records outside",
    ] {
        assert!(breaches.contains(part), "{part} in {breaches}");
    }
}

fn collection(name: &str) -> Collection {
    Collection {
        name: name.to_owned(),
        title: None,
        kind: CollectionKind::Table,
        schema: Schema::default(),
        records: None,
        raw: None,
    }
}

fn upsert(id: &str) -> Change {
    Change::Upsert(Record::new(id, RawJson::parse(b"{}").unwrap()))
}

#[test]
fn collections_full_delta_and_unfinished() {
    let first = DirSink::new();
    for name in ["full", "delta", "broken"] {
        first.begin_collection(&collection(name), FeedMode::Full).unwrap();
        first.records(name, vec![upsert("1"), upsert("2")]).unwrap();
        first.end_collection(name).unwrap();
    }
    let second = DirSink::after(Arc::new(first.finish()));
    for (name, mode) in [
        ("full", FeedMode::Full),
        ("delta", FeedMode::Delta),
        ("broken", FeedMode::Full),
    ] {
        second.begin_collection(&collection(name), mode).unwrap();
        second
            .records(name, vec![upsert("3"), Change::Delete("1".to_owned())])
            .unwrap();
    }
    second.end_collection("full").unwrap();
    second.end_collection("delta").unwrap();
    let taken = second.finish();
    let ids = |name: &str| -> Vec<String> { taken.scan(name, None).unwrap().map(|r| r.unwrap().id).collect() };
    assert_eq!(ids("full"), ["3"]);
    assert_eq!(ids("delta"), ["2", "3"]);
    assert_eq!(ids("broken"), ["1", "2"]);
    assert!(!taken.collections["broken"].ended);
}
