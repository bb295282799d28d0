//! Attachments: stored once, taken over, opened from everywhere, brought back, saved before they are overwritten.

use std::{io::Read as _, sync::Arc};

use backstay_engine::{
    State,
    bundle::{ExportInput, Format, Limits, OpenedBundle, Origin, Target, export},
};
use backstay_model::{AssetRef, ConflictPolicy, ErrorKind, Record, RunKind, Selection, Verdict};
use backstay_source::{FeedMode, Sink};
use backstay_source_kit::{Fault, MemorySource, ScriptedSource};
use backstay_vault::{FileKind, Place as _};
use sha2::{Digest as _, Sha256};

use crate::{
    bench::{Bench, json},
    service::Told,
};

fn hash(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

/// The attachments of a record, read through a state.
fn attached(state: &State, collection: &str, id: &str) -> Vec<(String, Vec<u8>)> {
    let view = state.view(collection).unwrap();
    let record = view.get(collection, id).unwrap().unwrap();
    let open = |asset: &AssetRef| {
        let (size, mut content) = view.open_asset(collection, &record, asset).unwrap();
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, size);
        assert!(asset.sha256.as_ref().is_none_or(|told| *told == hash(&bytes)));
        (asset.name.clone(), bytes)
    };
    record.assets.iter().map(open).collect()
}

fn large(n: u8) -> Vec<u8> {
    (0..6_000_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 ^ n)
        .collect()
}

fn story(source: MemorySource) -> Bench {
    let bench = Bench::with(source);
    for id in ["a", "b", "c", "d"] {
        bench.source.put("notes", id, json(&format!("\"{id}\"")));
    }
    bench.source.attach("notes", "a", "letter.TXT", &b"Dear"[..]);
    bench.source.attach("notes", "a", "empty", &b""[..]);
    bench.source.attach("notes", "b", "other name", &b"Dear"[..]);
    bench.source.attach("notes", "c", "large.bin", large(0));
    bench
}

#[test]
fn they_are_stored_once_and_stay_with_what_is_not_given_again() {
    for source in [MemorySource::default, MemorySource::with_keeping, MemorySource::with_feed] {
        let bench = story(source());
        let first = bench.backup();
        assert_eq!((first.meta.verdict, first.meta.assets), (Verdict::Complete, 3));
        // Nothing, one record without and one with attachments, and one that goes.
        let wanted = |state: &State| {
            assert_eq!(attached(state, "notes", "a")[0], ("letter.TXT".to_owned(), b"Dear".to_vec()));
            assert_eq!(attached(state, "notes", "a")[1], ("empty".to_owned(), Vec::new()));
            assert_eq!(attached(state, "notes", "b")[0], ("other name".to_owned(), b"Dear".to_vec()));
        };
        let second = bench.backup();
        assert_eq!((second.meta.verdict, second.meta.assets), (Verdict::Complete, 3));
        wanted(&bench.open(&second.snapshot));
        bench.source.put("notes", "d", json("\"changed\""));
        bench.source.attach("notes", "d", "new", &b"new"[..]);
        bench.source.delete("notes", "c");
        let third = bench.backup();
        let state = bench.open(&third.snapshot);
        wanted(&state);
        assert_eq!(attached(&state, "notes", "d"), [("new".to_owned(), b"new".to_vec())]);
        // What only a deleted record had may stay, but nothing is too few, and the number is right.
        let reader = bench.vault.reader().unwrap();
        let found = reader.find(&third.snapshot, "assets").unwrap().unwrap();
        let files = reader.walk_below(&found).filter(|entry| entry.node.is_file()).count() as u64;
        assert_eq!(third.meta.assets, files);
        assert!((3..=4).contains(&files), "{files}");
        assert_eq!(attached(&bench.open(&first.snapshot), "notes", "c")[0].1, large(0));
    }
}

#[test]
fn what_is_known_is_not_read_again() {
    let bench = story(MemorySource::with_keeping());
    bench.backup();
    let source = ScriptedSource::new(Arc::new(bench.source.clone()), vec![Fault::FailAtAsset(1, ErrorKind::Io)]);
    let second = bench.backup_of(&source, &bench.vault).unwrap();
    assert_eq!(second.meta.collections[0].changes.unchanged, 4);
    assert_eq!(source.unfired().len(), 1, "no attachment was given");
    bench.source.attach("notes", "d", "new", &b"new"[..]);
    assert!(bench.backup_of(&source, &bench.vault).is_err());
    assert_eq!(source.unfired(), [], "a new one is given");
}

#[test]
fn the_sink_answers_what_the_previous_snapshot_has() {
    let bench = story(MemorySource::default());
    bench.backup();
    let (dear, unknown) = (hash(b"Dear"), hash(b"unknown"));
    let told = Told(Box::new(move |sink: &dyn Sink| {
        assert!(sink.had("notes", "a")? && !sink.had("notes", "z")? && !sink.had("none", "a")?);
        let before = sink.previous("notes", "a")?.unwrap();
        assert_eq!(before.assets[0].sha256.as_deref(), Some(dear.as_str()));
        assert!(sink.previous("notes", "z")?.is_none());
        for bad in ["", "zz", &unknown[..63], &unknown, "ää"] {
            assert!(!sink.keep_asset(bad)?, "{bad}");
        }
        assert!(sink.keep_record("notes", "a", before.hash).is_err(), "not begun yet");
        let about = MemorySource::default();
        about.collection("notes");
        sink.begin_collection(&about.now().collections["notes"].collection, FeedMode::Full)?;
        assert!(!sink.keep_record("notes", "b", before.hash)?, "other content");
        assert!(sink.keep_record("notes", "a", before.hash)?);
        assert!(!sink.keep_record("notes", "z", before.hash)?, "not there");
        // One that is given anew, with an attachment that is taken over.
        let mut record = Record::new("z", json("1"));
        assert!(sink.keep_asset(&dear)? && sink.keep_asset(&dear)?);
        record.assets = vec![AssetRef {
            name: "x".to_owned(),
            sha256: Some(dear.clone()),
            size: None,
            media_type: None,
        }];
        sink.records("notes", vec![backstay_model::Change::Upsert(record)])?;
        sink.end_collection("notes")
    }));
    let done = bench.backup_of(&told, &bench.vault).unwrap();
    let state = bench.open(&done.snapshot);
    let ids: Vec<_> = state
        .view("notes")
        .unwrap()
        .scan("notes", None)
        .unwrap()
        .map(|r| r.unwrap().id)
        .collect();
    assert_eq!(ids, ["a", "z"], "what was neither kept nor given is gone");
    assert_eq!(attached(&state, "notes", "z"), [("x".to_owned(), b"Dear".to_vec())]);
    assert_eq!(attached(&state, "notes", "a").len(), 2);
}

#[test]
fn several_threads_store_at_once() {
    let bench = Bench::new();
    let told = Told(Box::new(|sink: &dyn Sink| {
        let hashes: Vec<String> = std::thread::scope(|scope| {
            let store = |n: u8| move || sink.asset("x.bin", 6_000_000, &mut &large(n % 2)[..]).unwrap();
            let threads: Vec<_> = (0..4).map(|n| scope.spawn(store(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(hashes, [0, 1, 0, 1].map(|n| hash(&large(n))));
        let short = sink.asset("short", 10, &mut &b"less"[..]).unwrap_err();
        let long = sink.asset("long", 3, &mut &b"more"[..]).unwrap_err();
        assert_eq!((short.kind, long.kind), (ErrorKind::Changed, ErrorKind::Changed));
        assert_eq!((short.subject.as_str(), long.subject.as_str()), ("short", "long"));
        Ok(())
    }));
    let done = bench.backup_of(&told, &bench.vault).unwrap();
    assert_eq!(done.meta.assets, 2);
}

#[test]
fn they_come_back_and_are_taken_back() {
    for source in [MemorySource::default(), MemorySource::with_transactions()] {
        let bench = story(source);
        let first = bench.backup().snapshot;
        let now = bench.live();
        bench.source.delete("notes", "a");
        bench.source.put("notes", "c", json("\"rewritten\""));
        bench.source.attach("notes", "c", "mine", &b"mine"[..]);
        let mine = hash(b"mine");
        let done = bench.restore(&first, &["notes"], ConflictPolicy::Remote);
        assert_eq!(
            (done.done.gaps.len(), done.back.score()),
            (0, 100.0),
            "{:?}",
            done.back.differences
        );
        for id in ["a", "b", "c"] {
            assert_eq!(attached(&bench.live(), "notes", id), attached(&now, "notes", id));
        }
        // What it overwrote is in the safety copy, with content, and comes from there when the source has forgotten it.
        let safety = bench.safety(&done.run).unwrap();
        assert_eq!(
            attached(&bench.open(&safety), "notes", "c"),
            [("mine".to_owned(), b"mine".to_vec())]
        );
        bench.source.lose_content(&mine);
        let undone = bench.undo(&done.run, ConflictPolicy::Skip);
        assert_eq!(undone.done.gaps, []);
        assert_eq!(attached(&bench.live(), "notes", "c"), [("mine".to_owned(), b"mine".to_vec())]);
        assert!(bench.live().record("notes", "a").unwrap().is_none());
        // A new place gets them, too.
        let (plan, target) = bench.plan_elsewhere(&first, &["notes"], "elsewhere");
        let restored = bench.run(plan, &bench.open(&first), &*target, RunKind::Restore);
        assert_eq!(restored.back.score(), 100.0);
        let live = State::live(&*target, &bench.cancel).unwrap();
        assert_eq!(attached(&live, "notes", "c")[0].1, large(0));
    }
}

#[test]
fn what_cannot_be_saved_stops_the_restore_before_it_begins() {
    let bench = story(MemorySource::default());
    let first = bench.backup().snapshot;
    bench.source.put("notes", "c", json("\"rewritten\""));
    bench.source.attach("notes", "c", "mine", &b"mine"[..]);
    let plan = bench.plan(&first, &["notes"], ConflictPolicy::Remote);
    let before = bench.source.now();
    let target = ScriptedSource::new(Arc::new(bench.source.clone()), vec![Fault::LoseAsset(1)]);
    let error = bench.try_begin(&plan, &target, RunKind::Restore, None).unwrap_err();
    assert_eq!(target.unfired(), []);
    assert!(error.to_string().contains("notes/c: mine"), "{error}");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        bench.source.now().collections["notes"].records,
        before.collections["notes"].records
    );
}

#[test]
fn a_missing_one_is_named() {
    let bench = story(MemorySource::default());
    let gone = |sha256: Option<String>, size| AssetRef {
        name: "photo.jpg".to_owned(),
        sha256,
        size,
        media_type: None,
    };
    let mut record = Record::new("odd", json("1"));
    record.assets = vec![
        gone(Some(hash(b"nobody has it")), None),
        gone(None, None),
        gone(Some("../../etc".to_owned()), None),
        gone(Some(hash(b"Dear")), Some(5)),
    ];
    bench.source.put_record("notes", record);
    let done = bench.backup();
    assert_eq!(done.meta.verdict, Verdict::Partial, "the source had no content for it");
    let told = Told(Box::new({
        let assets = bench.source.now().collections["notes"].records["odd"].assets.clone();
        let record = Record {
            assets,
            ..Record::new("odd", json("2"))
        };
        move |sink: &dyn Sink| {
            let about = MemorySource::default();
            about.collection("notes");
            sink.begin_collection(&about.now().collections["notes"].collection, FeedMode::Delta)?;
            sink.records("notes", vec![backstay_model::Change::Upsert(record.clone())])?;
            sink.end_collection("notes")
        }
    }));
    // As a careless connector gives it.
    let state = bench.open(&bench.backup_of(&told, &bench.vault).unwrap().snapshot);
    let view = state.view("notes").unwrap();
    let record = view.get("notes", "odd").unwrap().unwrap();
    let kinds: Vec<_> = record
        .assets
        .iter()
        .map(|asset| {
            let error = view.open_asset("notes", &record, asset).err().unwrap();
            assert_eq!(error.subject, "notes/odd: photo.jpg");
            error.kind
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ErrorKind::Damaged,
            ErrorKind::NotFound,
            ErrorKind::Damaged,
            ErrorKind::Damaged
        ]
    );
}

#[test]
fn a_damaged_one_is_named_and_the_rest_comes_back() {
    let bench = story(MemorySource::default());
    bench.backup();
    let before = bench.place.list(FileKind::Pack).unwrap();
    bench.source.put("more", "x", json("1"));
    bench.source.attach("more", "x", "big", large(9));
    let done = bench.backup().snapshot;
    let (plan, target) = bench.plan_elsewhere(&done, &["more", "notes"], "elsewhere");
    let mut packs = bench.place.list(FileKind::Pack).unwrap();
    packs.retain(|pack| !before.contains(pack));
    let (largest, size) = packs.into_iter().max_by_key(|(_, size)| *size).unwrap();
    bench.place.tamper(FileKind::Pack, &largest, |mut content| {
        content[size as usize / 2] ^= 1;
        Some(content)
    });
    let restored = bench.run(plan, &bench.open(&done), &*target, RunKind::Restore);
    assert_eq!(restored.done.gaps.len(), 1, "{:?}", restored.done.gaps);
    assert_eq!(restored.done.gaps[0].subject, "more/x");
    assert_eq!(restored.done.gaps[0].kind, ErrorKind::Damaged);
    assert_eq!(restored.done.written, 4);
}

#[test]
fn a_bundle_opens_them_too() {
    let bench = story(MemorySource::default());
    let snapshot = bench.backup().snapshot;
    let (state, reader) = (bench.open(&snapshot), bench.vault.reader().unwrap());
    for (format, name) in [(Format::Zip, "b.zip"), (Format::Directory, "b")] {
        let path = bench.dir.path().join(name);
        let target = Target {
            path: path.clone(),
            format,
            overwrite: false,
        };
        let input = ExportInput {
            state: &state,
            origin: Origin::Snapshot {
                reader: &reader,
                snapshot: &snapshot,
            },
            selection: &Selection::default(),
            target,
        };
        export(input, &bench.job()).unwrap();
        let opened = OpenedBundle::open(&path, &Limits::default(), &bench.job()).unwrap();
        let found = opened.state(&|_| None).unwrap();
        for id in ["a", "b", "c"] {
            assert_eq!(attached(&found, "notes", id), attached(&state, "notes", id), "{name}");
        }
        let view = found.view("notes").unwrap();
        let mut record = view.get("notes", "a").unwrap().unwrap();
        record.assets[0].sha256 = Some(hash(b"nobody has it"));
        let error = view.open_asset("notes", &record, &record.assets[0]).err().unwrap();
        assert_eq!(
            (error.kind, error.subject.as_str()),
            (ErrorKind::Damaged, "notes/a: letter.TXT")
        );
    }
}
