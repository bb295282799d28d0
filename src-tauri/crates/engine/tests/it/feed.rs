//! Sources with a change feed: only what changed is given, and every snapshot is whole all the same.

use std::sync::{Arc, Mutex};

use backstay_model::{Capabilities, Change, RawJson, TargetSpec, Verdict};
use backstay_source::{Cancel, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source};
use backstay_source_kit::MemorySource;

use crate::bench::{Bench, Dump, json};

#[test]
fn deltas_make_whole_snapshots() {
    let bench = Bench::with(MemorySource::with_feed());
    for n in 0..50 {
        bench.source.put("c", &format!("{n:02}"), json(&n.to_string()));
    }
    bench.source.put("quiet", "x", json("1"));
    let first = bench.backup();
    assert_eq!(first.meta.cursor.as_ref().unwrap().as_bytes(), b"51");
    bench.source.put("c", "07", json("700"));
    bench.source.delete("c", "08");
    bench.source.put("c", "99", json("99"));
    bench.source.delete("c", "99");
    let second = bench.backup();
    assert_eq!(second.meta.cursor.as_ref().unwrap().as_bytes(), b"55");
    assert_eq!(Dump::of(&bench.open(&second.snapshot)), Dump::of(&bench.live()));
    let c = &second.meta.collections[0];
    assert_eq!(
        (c.records, c.changes.changed, c.changes.removed, c.changes.added),
        (49, 1, 1, 0)
    );
    let third = bench.backup();
    assert!(third.meta.collections.iter().all(|c| c.changes.is_same()));
    assert_eq!(Dump::of(&bench.open(&third.snapshot)), Dump::of(&bench.live()));
}

#[test]
fn attachments_of_records_that_did_not_change_stay_in_every_snapshot() {
    let bench = Bench::with(MemorySource::with_feed());
    for n in 0..40 {
        bench.source.put("c", &n.to_string(), json("{}"));
        bench.source.attach("c", &n.to_string(), "a.txt", format!("attachment {n}"));
    }
    bench.backup();
    bench.source.put("c", "more", json("{}"));
    bench.source.attach("c", "more", "b.txt", &b"another"[..]);
    bench.backup();
    let last = bench.backup();
    assert_eq!(last.meta.assets, 41);
    let state = bench.open(&last.snapshot);
    let reader = bench.vault.reader().unwrap();
    for record in state.view("c").unwrap().scan("c", None).unwrap() {
        for asset in record.unwrap().assets {
            let hash = asset.sha256.unwrap();
            let path = format!("assets/{}/{hash}.txt", &hash[..2]);
            let node = reader.find(&last.snapshot, &path).unwrap();
            assert_eq!(node.map(|n| n.size), asset.size, "{path}");
        }
    }
}

/// The source, whose collection of this name breaks off in the middle. What it was given as a cursor is kept.
struct BreaksOff(MemorySource, &'static str, Mutex<Vec<Option<RawJson>>>);

struct Short<'a>(&'a dyn Sink, &'static str);

impl Sink for Short<'_> {
    fn begin_collection(&self, collection: &backstay_model::Collection, mode: backstay_source::FeedMode) -> Result<()> {
        self.0.begin_collection(collection, mode)
    }
    fn records(&self, collection: &str, mut batch: Vec<Change>) -> Result<()> {
        if collection == self.1 {
            batch.truncate(1);
        }
        self.0.records(collection, batch)
    }
    fn end_collection(&self, collection: &str) -> Result<()> {
        if collection == self.1 {
            Ok(())
        } else {
            self.0.end_collection(collection)
        }
    }
    fn file(
        &self,
        entry: &backstay_model::FileEntry,
        hint: backstay_source::FileHint,
        open: &mut dyn FnMut() -> Result<Box<dyn std::io::Read + Send>>,
    ) -> Result<backstay_source::Stored> {
        self.0.file(entry, hint, open)
    }
    fn leave_directory(&self, path: &str) -> Result<()> {
        self.0.leave_directory(path)
    }
    fn keep(&self, path: &str) -> Result<bool> {
        self.0.keep(path)
    }
    fn asset(&self, name: &str, size: u64, content: &mut (dyn std::io::Read + Send)) -> Result<String> {
        self.0.asset(name, size, content)
    }
    fn workspace(&self, meta: backstay_model::WorkspaceMeta) {
        self.0.workspace(meta);
    }
    fn gap(&self, gap: backstay_model::Gap) {
        self.0.gap(gap);
    }
    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.0.total(items, bytes);
    }
    fn cancel(&self) -> &Cancel {
        self.0.cancel()
    }
}

impl Source for BreaksOff {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.0.probe(cancel)
    }
    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        self.2.lock().unwrap().push(cursor.cloned());
        self.0.changes(cursor, &Short(sink, self.1))
    }
    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        self.0.live_records(cancel)
    }
    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        self.0.live_files(cancel)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.0.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        self.0.record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.0.file_writer(cancel)
    }
}

fn break_off(source: MemorySource) {
    let bench = Bench::with(source);
    bench.source.put("a", "1", json("1"));
    bench.source.put("b", "1", json("1"));
    bench.source.attach("b", "1", "x", &b"attached"[..]);
    bench.source.put("b", "2", json("2"));
    bench.backup();
    let before = Dump::of(&bench.live());
    bench.source.put("a", "1", json("100"));
    bench.source.put("b", "1", json("100"));
    bench.source.put("b", "2", json("200"));
    bench.source.put("b", "3", json("300"));
    let broken = BreaksOff(bench.source.clone(), "b", Mutex::default());
    let done = bench.backup_of(&broken, &bench.vault).unwrap();
    assert_eq!(done.meta.verdict, Verdict::Partial);
    assert!(done.snapshot.tags.iter().any(|t| t == "partial"));
    assert_eq!(done.meta.gaps.len(), 1, "{:?}", done.meta.gaps);
    assert_eq!(done.meta.gaps[0].subject, "b");
    let now = Dump::of(&bench.open(&done.snapshot));
    assert!(now.records["a/1"].starts_with("100"));
    for id in ["b/1", "b/2"] {
        assert_eq!(now.records[id], before.records[id], "{id} stands as it was");
    }
    assert!(!now.records.contains_key("b/3"));
    let b = done.meta.collections.iter().find(|c| c.name == "b").unwrap();
    assert_eq!((b.records, b.changes.unchanged), (2, 2), "it changed nothing in it");
    assert_eq!(done.meta.assets, 1, "with its attachment");
    // The next run brings what this one did not.
    let whole = bench.backup();
    assert_eq!(whole.meta.verdict, Verdict::Complete);
    assert_eq!(Dump::of(&bench.open(&whole.snapshot)), Dump::of(&bench.live()));
}

#[test]
fn a_collection_that_breaks_off_stands_as_it_was() {
    break_off(MemorySource::default());
}

#[test]
fn a_collection_that_breaks_off_in_a_change_feed_is_given_again() {
    break_off(MemorySource::with_feed());
}

#[test]
fn without_an_earlier_snapshot_a_collection_that_breaks_off_is_missing_by_name() {
    let bench = Bench::new();
    bench.source.put("a", "1", json("1"));
    bench.source.put("b", "1", json("1"));
    let broken = BreaksOff(bench.source.clone(), "b", Mutex::default());
    let done = bench.backup_of(&broken, &bench.vault).unwrap();
    assert_eq!(done.meta.gaps[0].subject, "b");
    assert_eq!(Dump::of(&bench.open(&done.snapshot)).collections, ["a"]);
    assert_eq!(*broken.2.lock().unwrap(), [None]);
}
