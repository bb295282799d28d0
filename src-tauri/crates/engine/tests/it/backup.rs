//! Backups: what comes back equals what went in, and the next run costs what changed.

use backstay_engine::{EngineError, snapshot::read_meta};
use backstay_model::{ErrorKind, Record, Verdict};
use backstay_source_kit::MemorySource;

use crate::bench::{Bench, Dump, json, memory_vault};

pub fn fill(source: &MemorySource) {
    for n in 0..1200 {
        source.put(
            "notes",
            &format!("n{n:04}"),
            json(&format!(r#"{{"n":{n},"text":"note {n}"}}"#)),
        );
    }
    source.put("team/tasks", "a/b", json(r#"{"big":12345678901234567890.10,"done":null}"#));
    source.put("team/tasks", "é 🦀", json(r#"{"done":true}"#));
    source.collection("nothing");
    source.attach("team/tasks", "a/b", "plan.PDF", &b"an attachment"[..]);
    source.file("docs/read me.txt", &b"hello"[..]);
    source.file("docs/deep/er/data.bin", vec![7_u8; 300_000]);
    source.file("top%25", &b""[..]);
}

#[test]
fn everything_comes_back_equal() {
    let bench = Bench::new();
    fill(&bench.source);
    let done = bench.backup();
    assert_eq!(done.meta.verdict, Verdict::Complete);
    assert_eq!(done.meta.assets, 1);
    assert_eq!(done.meta.files, 3);
    assert_eq!(done.meta.file_bytes, 300_005);
    assert_eq!(done.meta.audit_head.as_deref(), Some("00ff"));
    assert_eq!(done.snapshot.tags, ["backstay", "by-hand"]);
    assert_eq!(done.snapshot.label, "s-1");
    let state = bench.open(&done.snapshot);
    assert_eq!(Dump::of(&state), Dump::of(&bench.live()));
    assert_eq!(
        state.meta.as_ref(),
        Some(&done.meta),
        "the snapshot describes itself as the run did"
    );
    let page = state.view("notes").unwrap().page("notes", 600, 2).unwrap();
    assert_eq!(page.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["n0600", "n0601"]);
    let asset = state.record("team/tasks", "a/b").unwrap().unwrap().assets[0].clone();
    let hash = asset.sha256.unwrap();
    let reader = bench.vault.reader().unwrap();
    let node = reader
        .find(&done.snapshot, format!("assets/{}/{hash}.pdf", &hash[..2]))
        .unwrap();
    assert_eq!(node.map(|n| n.size), Some(13), "the attachment lies at its place");
}

#[test]
fn an_unchanged_source_costs_next_to_nothing() {
    let bench = Bench::new();
    fill(&bench.source);
    let first = bench.backup();
    let second = bench.backup();
    assert!(first.stats.bytes_stored > 4_000, "{:?}", first.stats);
    assert!(second.stats.bytes_stored < 4_000, "only descriptions: {:?}", second.stats);
    assert_eq!(second.unchanged_files, 3);
    assert_eq!(second.snapshot.parent, Some(first.snapshot.id));
    for (before, after) in first.meta.collections.iter().zip(&second.meta.collections) {
        assert_eq!((before.records, &before.checksum), (after.records, &after.checksum));
        assert_eq!(after.changes.unchanged, after.records);
        assert!(after.changes.is_same());
    }
    let (a, b) = (bench.open(&first.snapshot), bench.open(&second.snapshot));
    assert_eq!(Dump::of(&a), Dump::of(&b));
}

#[test]
fn small_changes_are_counted_and_stored_alone() {
    let bench = Bench::new();
    fill(&bench.source);
    let first = bench.backup();
    let old = Dump::of(&bench.live());
    bench.source.put("notes", "n0003", json(r#"{"n":-3}"#));
    bench.source.delete("notes", "n0700");
    bench.source.put("notes", "new", json("{}"));
    bench.source.file("docs/read me.txt", &b"changed"[..]);
    bench.source.remove_file("top%25");
    let second = bench.backup();
    let notes = second.meta.collections.iter().find(|c| c.name == "notes").unwrap();
    assert_eq!(
        (
            notes.changes.added,
            notes.changes.changed,
            notes.changes.removed,
            notes.changes.unchanged
        ),
        (1, 1, 1, 1198)
    );
    assert!(second.stats.bytes_stored < 6_000, "{:?}", second.stats);
    assert_eq!(Dump::of(&bench.open(&second.snapshot)), Dump::of(&bench.live()));
    assert_eq!(
        Dump::of(&bench.open(&first.snapshot)),
        old,
        "the older snapshot stays as it was"
    );
}

#[test]
fn collections_come_go_and_come_back() {
    let bench = Bench::new();
    let mut seen = Vec::new();
    let mut check = || {
        let done = bench.backup();
        let live = Dump::of(&bench.live());
        seen.push((done.snapshot, live));
        for (snapshot, then) in &seen {
            assert_eq!(&Dump::of(&bench.open(snapshot)), then);
        }
    };
    bench.source.put("a", "1", json("1"));
    bench.source.put("b", "1", json("[1]"));
    check();
    bench.source.delete("a", "1"); // emptied
    check();
    bench.source.put("a", "1", json("1")); // the very same record again
    check();
    bench.source.drop_collection("b");
    bench.source.put("b (renamed)", "1", json("[1]"));
    check();
    bench.source.drop_collection("a");
    bench.source.drop_collection("b (renamed)");
    check();
    bench.source.put("b", "1", json("[2]"));
    check();
}

#[test]
fn two_vaults_get_the_same_and_know_nothing_of_each_other() {
    let bench = Bench::new();
    let (_, other) = memory_vault();
    fill(&bench.source);
    bench.backup();
    bench.source.put("notes", "late", json("{}"));
    let second = bench.backup_of(&bench.source, &other).unwrap();
    assert_eq!(second.snapshot.parent, None);
    assert!(
        second.stats.bytes_stored > 4_000,
        "everything is stored there: {:?}",
        second.stats
    );
    let reader = other.reader().unwrap();
    let state = backstay_engine::snapshot::open_snapshot(&reader, &second.snapshot, &|_| None).unwrap();
    assert_eq!(Dump::of(&state), Dump::of(&bench.live()));
}

#[test]
fn a_record_whose_hash_is_not_of_its_bytes_is_unchanged_when_the_hash_is() {
    let bench = Bench::new();
    let record = |text: &str| {
        let hash = backstay_model::ContentHash::of(b"what counts");
        Record::new("r", json(text)).with_canonical_hash(hash)
    };
    bench.source.put_record("c", record(r#"{"link":"signed 1"}"#));
    bench.backup();
    bench.source.put_record("c", record(r#"{"link":"signed 2"}"#));
    let second = bench.backup();
    assert_eq!(second.meta.collections[0].changes.unchanged, 1);
}

#[test]
fn an_empty_source_is_a_complete_backup() {
    let bench = Bench::new();
    let done = bench.backup();
    assert_eq!(done.meta.verdict, Verdict::Complete);
    assert_eq!(Dump::of(&bench.open(&done.snapshot)), Dump::default());
}

#[test]
fn a_snapshot_of_a_newer_format_is_refused() {
    use backstay_vault::{Chunking, FileAttrs, SnapshotDraft, WriterOptions};
    let bench = Bench::new();
    bench.source.put("c", "r", json("{}"));
    let done = bench.backup();
    let mut meta = done.meta.clone();
    meta.format_version += 1;
    let writer = bench.vault.writer(WriterOptions::default()).unwrap();
    let newer = serde_json::to_vec(&meta).unwrap();
    writer
        .put_bytes("metadata.json", &FileAttrs::default(), &newer, Chunking::Whole)
        .unwrap();
    let mut draft = SnapshotDraft::new(done.snapshot.time + chrono::TimeDelta::days(1));
    draft.label = "s-1".to_owned();
    let newer = writer.commit(draft).unwrap().snapshot;
    let error = bench.try_open(&newer).err().unwrap();
    assert!(matches!(error, EngineError::NewerFormat { version: 2, .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.hint().unwrap().contains("newer Backstay"));
    // The next backup does not build on what it does not understand.
    let third = bench.backup();
    assert_eq!(third.snapshot.parent, Some(done.snapshot.id));
    assert_eq!(Dump::of(&bench.open(&third.snapshot)), Dump::of(&bench.live()));
}

#[test]
fn a_snapshot_of_another_program_can_be_browsed_as_files() {
    use backstay_vault::{Chunking, FileAttrs, SnapshotDraft, WriterOptions};
    let bench = Bench::new();
    let writer = bench.vault.writer(WriterOptions::default()).unwrap();
    let attrs = FileAttrs::default();
    writer
        .put_bytes("home/user/letter.txt", &attrs, b"Dear", Chunking::ContentDefined)
        .unwrap();
    writer.put_symlink("home/user/link", &attrs, "letter.txt").unwrap();
    let snapshot = writer
        .commit(SnapshotDraft::new(chrono::DateTime::UNIX_EPOCH))
        .unwrap()
        .snapshot;
    let reader = bench.vault.reader().unwrap();
    let error = read_meta(&reader, &snapshot).unwrap_err();
    assert!(matches!(error, EngineError::Foreign { .. }), "{error:?}");
    let state = bench.open(&snapshot);
    assert!(state.meta.is_none() && state.stored.is_none());
    let dump = Dump::of(&state);
    assert_eq!(dump.files["home/user/letter.txt"], "Dear");
    assert_eq!(dump.files["home/user/link"], r#"Symlink("letter.txt")"#);
    assert!(dump.collections.is_empty());
}
