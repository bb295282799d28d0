//! Taking restores back: exactly, except for what people did since.

use backstay_engine::EngineError;
use backstay_model::{ConflictPolicy, FileKind, FileMeta, RunKind};
use backstay_source::{Expect, Source as _};
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;

use crate::{
    bench::{Bench, Dump, json, lines, steps},
    faulty::{Break, Faulty},
    restore::sources,
};

fn story(source: MemorySource) -> (Bench, Snapshot) {
    let bench = Bench::with(source);
    for id in ["changed", "gone", "same"] {
        bench.source.put("c", id, json(&format!("\"{id} then\"")));
    }
    bench.source.put("dropped", "x", json("1"));
    bench.source.file("d/changed", &b"then"[..]);
    bench.source.file("e/f/gone", &b"then"[..]);
    let first = bench.backup().snapshot;
    bench.source.put("c", "changed", json("\"changed now\""));
    bench.source.delete("c", "gone");
    bench.source.drop_collection("dropped");
    bench.source.file("d/changed", &b"now"[..]);
    for path in ["e/f/gone", "e/f", "e"] {
        bench.source.remove_file(path);
    }
    (bench, first)
}

/// Without empty collections: a restore makes the collections it needs, and no undo removes one.
fn content(bench: &Bench) -> Dump {
    Dump {
        collections: Vec::new(),
        ..Dump::of(&bench.live())
    }
}

#[test]
fn an_undo_and_its_own_undo_are_exact() {
    for source in sources() {
        let (bench, first) = story(MemorySource::new(source.capabilities()));
        let before = content(&bench);
        let done = bench.restore(&first, &[], ConflictPolicy::Remote);
        let restored = content(&bench);
        assert_eq!(restored.records, Dump::of(&bench.open(&first)).records);
        assert_eq!(restored.files, Dump::of(&bench.open(&first)).files);
        let mut run = done.run;
        for round in 0..4 {
            let undone = bench.undo(&run, ConflictPolicy::Skip);
            assert_eq!(undone.done.gaps, [], "round {round}");
            assert_eq!(undone.back.score(), 100.0);
            let wanted = if round % 2 == 0 { &before } else { &restored };
            assert_eq!(&content(&bench), wanted, "round {round}");
            run = undone.run;
        }
    }
}

#[test]
fn directories_go_last_and_come_first() {
    let (bench, first) = story(MemorySource::default());
    let done = bench.restore(&first, &["e"], ConflictPolicy::Remote);
    assert_eq!(lines(&done.plan), ["Create e", "Create e/f", "Create e/f/gone"]);
    let undone = bench.undo(&done.run, ConflictPolicy::Skip);
    assert_eq!(lines(&undone.plan), ["Delete e/f/gone", "Delete e/f", "Delete e"]);
    let again = bench.undo(&undone.run, ConflictPolicy::Skip);
    assert_eq!(lines(&again.plan), ["Create e", "Create e/f", "Create e/f/gone"]);
}

#[test]
fn what_people_did_since_stays_and_is_named() {
    for policy in [
        ConflictPolicy::Skip,
        ConflictPolicy::Local,
        ConflictPolicy::Remote,
        ConflictPolicy::Both,
    ] {
        let (bench, first) = story(MemorySource::default());
        let before = content(&bench);
        let done = bench.restore(&first, &[], ConflictPolicy::Remote);
        bench.source.put("c", "changed", json("\"a person's\""));
        bench.source.put("c", "gone", json("\"a person's\""));
        bench.source.delete("dropped", "x");
        bench.source.file("d/changed", &b"a person's"[..]);
        bench.source.put("c", "unrelated", json("1"));
        let undone = bench.undo(&done.run, policy);
        let now = content(&bench);
        assert_eq!(now.records["c/unrelated"].split(' ').next(), Some("1"));
        assert!(!now.records.contains_key("dropped/x"), "gone is gone");
        let mine = |id: &str| now.records.get(id).is_some_and(|text| text.contains("a person's"));
        if policy == ConflictPolicy::Remote {
            assert!(!mine("c/changed") && !mine("c/gone"));
            assert_eq!(now.files["d/changed"], before.files["d/changed"]);
            // Even then the person's version is in the safety copy of the undo.
            let saved = Dump::of(&bench.open(&bench.safety(&undone.run).unwrap()));
            assert!(saved.records["c/gone"].contains("a person's"));
            continue;
        }
        assert!(mine("c/changed") && mine("c/gone"), "{policy:?}: {now:?}");
        assert_eq!(now.files["d/changed"], "a person's");
        let kept: Vec<_> = steps(&undone.plan)
            .iter()
            .filter(|step| step.reason.as_deref().is_some_and(|r| r.contains("changed since")))
            .map(|step| backstay_engine::restore::subject_name(&step.subject))
            .collect();
        assert_eq!(kept, ["c/changed", "c/gone", "d/changed"], "{policy:?}");
    }
}

#[test]
fn a_link_that_took_the_place_of_a_restored_file_stays() {
    let (bench, first) = story(MemorySource::default());
    let done = bench.restore(&first, &["e", "d/changed"], ConflictPolicy::Remote);
    for path in ["e/f/gone", "d/changed"] {
        bench.source.remove_file(path);
        let entry = backstay_model::FileEntry {
            path: path.to_owned(),
            kind: FileKind::Symlink("elsewhere".to_owned()),
            size: 0,
            meta: FileMeta::default(),
        };
        let mut writer = bench.source.file_writer(&bench.cancel).unwrap();
        writer.put(&entry, &mut std::io::empty(), Expect::Absent).unwrap();
    }
    let undone = bench.undo(&done.run, ConflictPolicy::Skip);
    let now = content(&bench);
    assert_eq!(now.files["e/f/gone"], r#"Symlink("elsewhere")"#, "{:?}", lines(&undone.plan));
    assert_eq!(now.files["d/changed"], r#"Symlink("elsewhere")"#);
}

#[test]
fn a_restored_link_goes_again() {
    let bench = Bench::new();
    let entry = backstay_model::FileEntry {
        path: "link".to_owned(),
        kind: FileKind::Symlink("elsewhere".to_owned()),
        size: 0,
        meta: FileMeta::default(),
    };
    let mut writer = bench.source.file_writer(&bench.cancel).unwrap();
    writer.put(&entry, &mut std::io::empty(), Expect::Absent).unwrap();
    let first = bench.backup().snapshot;
    bench.source.remove_file("link");
    let done = bench.restore(&first, &[], ConflictPolicy::Skip);
    assert_eq!(content(&bench).files["link"], r#"Symlink("elsewhere")"#);
    bench.undo(&done.run, ConflictPolicy::Skip);
    assert_eq!(content(&bench), Dump::default());
}

#[test]
fn a_restore_that_was_cancelled_can_be_taken_back() {
    for source in sources() {
        for at in 1..4 {
            let (bench, first) = story(MemorySource::new(source.capabilities()));
            let before = content(&bench);
            let plan = bench.plan(&first, &["c", "dropped"], ConflictPolicy::Remote);
            let target = Faulty::new(&bench.source, at, Break::Cancel, &bench.cancel);
            let run = bench.begin(&plan, &target, RunKind::Restore);
            let stopped = bench.carry_out(&run, &plan, &bench.open(&first), &target, false);
            assert!(target.fired());
            assert!(stopped.is_err() || at == 3, "{at}");
            bench.cancel.flag().store(false, std::sync::atomic::Ordering::Relaxed);
            bench.finish(&run, backstay_model::Verdict::Cancelled);
            bench.undo(&run, ConflictPolicy::Skip);
            assert_eq!(content(&bench), before, "cancelled at write {at}");
        }
    }
}

#[test]
fn a_restore_that_was_killed_is_looked_at_again_before_it_is_taken_back() {
    let (bench, first) = story(MemorySource::default());
    let before = content(&bench);
    let plan = bench.plan(&first, &[], ConflictPolicy::Remote);
    let target = Faulty::new(&bench.source, 2, Break::DieAfter, &bench.cancel);
    let run = bench.begin(&plan, &target, RunKind::Restore);
    let backup = bench.open(&first);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        bench.carry_out(&run, &plan, &backup, &target, false)
    }));
    assert!(died.is_err() && target.fired());
    bench.finish(&run, backstay_model::Verdict::Failed);
    // Two records were written and nobody noted it: an undo must not pass them over in silence.
    let error = bench.plan_undo(&run, &bench.source, ConflictPolicy::Skip).err().unwrap();
    assert!(matches!(error, EngineError::UndoInDoubt { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("resume"));
    bench.reopen(&run);
    bench.carry_out(&run, &plan, &backup, &bench.source, true).unwrap();
    bench.finish(&run, backstay_model::Verdict::Complete);
    bench.undo(&run, ConflictPolicy::Skip);
    assert_eq!(content(&bench), before);
}
