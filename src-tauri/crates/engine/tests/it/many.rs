//! Many records against a service: few questions, few writes, and the truth about every one when it breaks off in between.

use std::sync::{Arc, atomic::Ordering};

use backstay_journal::StepPhase;
use backstay_model::{CollectionKind, ConflictPolicy, ErrorKind, RunKind, StepAction, Verdict};
use backstay_source::Weighed;
use backstay_source_kit::{Fault, MemorySource, ScriptedSource};
use backstay_vault::{FileKind, Place as _, Snapshot};

use crate::{
    bench::{Bench, Dump, json, lines, steps},
    service::Service,
};

const COUNT: usize = 2_500;

/// As many records, of which one in five changed since.
fn story() -> (Bench, Snapshot) {
    let bench = Bench::new();
    for n in 0..COUNT {
        bench.source.put("c", &format!("{n:05}"), json(&n.to_string()));
    }
    let first = bench.backup().snapshot;
    for n in (0..COUNT).step_by(5) {
        bench.source.put("c", &format!("{n:05}"), json(&format!("\"now {n}\"")));
    }
    (bench, first)
}

fn plan(
    bench: &Bench,
    from: &Snapshot,
    only: &[&str],
    policy: ConflictPolicy,
    target: &Service,
) -> backstay_engine::restore::PlanFile {
    let newest = bench.open(from);
    let selection = backstay_model::Selection {
        only: only.iter().map(|&o| o.to_owned()).collect(),
        ..Default::default()
    };
    let decided = std::collections::HashMap::new();
    let spec = backstay_model::TargetSpec::InPlace;
    bench
        .plan_selected(from, selection, policy, &decided, target, Some(&newest), spec)
        .unwrap()
}

#[test]
fn a_service_is_asked_seldom() {
    let (bench, first) = story();
    let service = Service::new(&bench.source);
    let asked = Arc::clone(&service.asked);
    let counts = || (asked.one.load(Ordering::Relaxed), asked.many.swap(0, Ordering::Relaxed));
    let before = Dump::of(&bench.live());
    let made = plan(&bench, &first, &["c"], ConflictPolicy::Remote, &service);
    assert_eq!((made.header.counts.update, made.header.counts.same), (500, 2_000));
    assert_eq!(asked.weighed.load(Ordering::Relaxed), 500);
    let (one, many) = counts();
    assert!(one == 0 && many <= 2, "planning: {one} and {many}");
    let done = bench.run(made, &bench.open(&first), &service, RunKind::Restore);
    assert_eq!((done.done.written, done.back.score()), (500, 100.0));
    let (one, many) = counts();
    assert!(one == 0 && many <= 4, "saving and reading back: {one} and {many}");
    assert_eq!(*asked.written.lock().unwrap(), [500]);
    assert_eq!(asked.undoes.load(Ordering::Relaxed), 0);
    let undone = bench.undo_at(&done.run, &service, ConflictPolicy::Skip);
    assert_eq!((undone.done.written, undone.back.score()), (500, 100.0));
    assert_eq!(
        asked.undoes.load(Ordering::Relaxed),
        1,
        "the writer is told that it takes a restore back"
    );
    let (one, many) = counts();
    assert!(one == 0 && many <= 8, "undo: {one} and {many}");
    assert_eq!(Dump::of(&bench.live()), before);
    // Chosen ones, too.
    let ids: Vec<String> = (0..40).map(|n| format!("c/{n:05}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let made = plan(&bench, &first, &ids, ConflictPolicy::Remote, &service);
    assert_eq!((made.header.counts.update, made.header.counts.same), (8, 32));
    let (one, many) = counts();
    assert!(one == 0 && many <= 1, "chosen: {one} and {many}");
}

#[test]
fn batches_are_bounded_and_about_one_collection() {
    let bench = Bench::new();
    for n in 0..COUNT {
        bench.source.put("a", &format!("{n:05}"), json("1"));
    }
    let big = json(&format!("\"{}\"", "x".repeat(3 << 20)));
    for n in 0..14 {
        bench.source.put("b", &format!("{n:05}"), big.clone());
    }
    let first = bench.backup().snapshot;
    let service = Service::new(&MemorySource::default());
    let made = plan(&bench, &first, &[], ConflictPolicy::Skip, &service);
    let done = bench.run(made, &bench.open(&first), &service, RunKind::Restore);
    assert_eq!((done.done.written, done.back.score()), (COUNT as u64 + 14, 100.0));
    assert_eq!(*service.asked.written.lock().unwrap(), [1000, 1000, 500, 5, 5, 4]);
    assert_eq!(service.inner.now().collections["b"].records["00013"].data, big);
}

#[test]
fn the_target_has_a_say() {
    let (bench, first) = story();
    let mut service = Service::new(&bench.source);
    service.weigh = |backup, live| Weighed {
        same: backup.id.ends_with("00"),
        impossible: backup.id.ends_with("25").then(|| "the target is too small for it".to_owned()),
        notes: match (backup.id.as_str(), live) {
            ("00005", Some(_)) => vec!["comes back on top".to_owned(), "with 2 attachments".to_owned()],
            _ => Vec::new(),
        },
    };
    let made = plan(&bench, &first, &["c"], ConflictPolicy::Remote, &service);
    let counts = made.header.counts;
    assert_eq!((counts.update, counts.same, counts.impossible), (450, 2_025, 25));
    let all = steps(&backstay_engine::restore::PlanFile::open(&made.path).unwrap());
    assert_eq!(
        all[0].notes,
        ["comes back on top", "with 2 attachments"],
        "kept in the plan's file"
    );
    let refused: Vec<_> = all.iter().filter(|step| step.action == StepAction::Impossible).collect();
    assert!(
        refused
            .iter()
            .all(|step| step.reason.as_deref() == Some("the target is too small for it"))
    );
    // What stays as it is needs nothing the target could refuse.
    let kept = plan(&bench, &first, &["c"], ConflictPolicy::Skip, &service).header.counts;
    assert_eq!(kept.impossible + kept.skip + kept.update, 475);
    // Reading back asks the target, too.
    service.differs = |backup, live| match backup.id.as_str() {
        "00010" => Some("has lost a revision".to_owned()),
        // Not the same bytes, and right all the same.
        _ => (backup.data != live.data).then(|| "is other".to_owned()),
    };
    let done = bench.run(made, &bench.open(&first), &service, RunKind::Restore);
    assert_eq!((done.back.checked, done.back.equal), (450, 449));
    assert_eq!(
        done.back.differences,
        [("c/00010".to_owned(), "has lost a revision".to_owned())]
    );
}

#[test]
fn a_service_that_goes_away_leaves_doubts_that_are_looked_at() {
    for (at, kind) in [
        (1, ErrorKind::Unreachable),
        (250, ErrorKind::Unreachable),
        (500, ErrorKind::Unreachable),
        (777, ErrorKind::Unreachable),
    ] {
        let (bench, first) = story();
        for n in 0..COUNT / 2 {
            bench.source.delete("c", &format!("{n:05}"));
        }
        let whole = bench.plan(&first, &["c"], ConflictPolicy::Remote);
        let target = ScriptedSource::new(Arc::new(bench.source.clone()), vec![Fault::FailAtWrite(at, kind)]);
        let run = bench.begin(&whole, &target, RunKind::Restore);
        let backup = bench.open(&first);
        let error = bench.carry_out(&run, &whole, &backup, &target, false).err().unwrap();
        assert_eq!((error.kind(), target.unfired().len()), (kind, 0));
        bench.finish(&run, Verdict::Failed);
        let counts = bench.journal.restores().counts(&run).unwrap();
        assert!(
            counts.intent > 0 && counts.done == (at - 1) / 1000 * 1000 + (at - 1) % 1000,
            "{at}: {counts:?}"
        );
        bench.reopen(&run);
        let (done, back) = bench.carry_out(&run, &whole, &backup, &bench.source, true).unwrap();
        assert_eq!((done.written, done.gaps.len(), back.score()), (1_500, 0, 100.0), "{at}");
        for n in (0..COUNT).step_by(5) {
            assert_eq!(
                bench.source.now().collections["c"].records[&format!("{n:05}")].data,
                json(&n.to_string())
            );
        }
    }
}

#[test]
fn whoever_cancels_knows_how_things_stand() {
    for at in [1, 300, 500] {
        let (bench, first) = story();
        let before = Dump::of(&bench.live());
        let whole = bench.plan(&first, &["c"], ConflictPolicy::Remote);
        // This one was written, though the writer was stopped before it could tell.
        let target = ScriptedSource::new(
            Arc::new(bench.source.clone()),
            vec![Fault::FailAtWrite(at, ErrorKind::Cancelled)],
        );
        let run = bench.begin(&whole, &target, RunKind::Restore);
        let backup = bench.open(&first);
        let error = bench.carry_out(&run, &whole, &backup, &target, false).err().unwrap();
        assert_eq!((error.kind(), target.unfired().len()), (ErrorKind::Cancelled, 0));
        bench.finish(&run, Verdict::Cancelled);
        let counts = bench.journal.restores().counts(&run).unwrap();
        assert_eq!((counts.intent, counts.done, counts.failed), (0, at, 500 - at), "{at}");
        bench.undo(&run, ConflictPolicy::Skip);
        assert_eq!(Dump::of(&bench.live()), before);
    }
}

#[test]
fn copies_in_doubt_are_few() {
    let (bench, first) = story();
    bench.backup();
    for n in (0..COUNT).step_by(5) {
        bench.source.put("c", &format!("{n:05}"), json(&format!("\"later {n}\"")));
    }
    let whole = bench.plan(&first, &["c"], ConflictPolicy::Both);
    assert_eq!(whole.header.counts.keep_both, 500);
    let target = ScriptedSource::new(
        Arc::new(bench.source.clone()),
        vec![Fault::FailAtWrite(100, ErrorKind::Unreachable)],
    );
    let run = bench.begin(&whole, &target, RunKind::Restore);
    let backup = bench.open(&first);
    assert!(bench.carry_out(&run, &whole, &backup, &target, false).is_err());
    bench.finish(&run, Verdict::Failed);
    let filter = backstay_journal::StepFilter {
        phases: vec![StepPhase::Intent],
    };
    let doubts = bench.journal.restores().steps(&run, &filter, None, 10).unwrap().rows;
    assert_eq!(doubts.len(), 1, "only the one that was under way: {doubts:?}");
    bench.reopen(&run);
    let (done, _) = bench.carry_out(&run, &whole, &backup, &bench.source, true).unwrap();
    assert_eq!((done.written, done.gaps.len()), (499, 1));
    assert_eq!(done.gaps[0].kind, ErrorKind::Interrupted);
    let copies = bench.source.now().collections["c"]
        .records
        .keys()
        .filter(|id| id.contains("restored"))
        .count();
    assert_eq!(copies, 500, "no doubles");
}

#[test]
fn what_a_service_keeps_for_itself_comes_back_only_by_name() {
    let bench = Bench::new();
    bench.source.put("db", "doc", json("1"));
    bench.source.put("db/@design", "view", json("2"));
    bench.source.collection_of_kind("db/@local", CollectionKind::Aside);
    bench.source.put("db/@local", "checkpoint", json("3"));
    bench.source.collection_of_kind("other/@local", CollectionKind::Aside);
    let first = bench.backup().snapshot;
    let planned = |only: &[&str]| {
        let service = Service::new(&MemorySource::default());
        lines(&plan(&bench, &first, only, ConflictPolicy::Skip, &service))
    };
    assert_eq!(planned(&[]), ["Create db/doc", "Create db/@design/view", "Skip db/@local/*"]);
    assert_eq!(planned(&["db"]), ["Create db/doc", "Create db/@design/view"]);
    assert_eq!(
        planned(&["db", "db/@local"]),
        ["Create db/doc", "Create db/@local/checkpoint"]
    );
    assert_eq!(planned(&["db/@local/checkpoint"]), ["Create db/@local/checkpoint"]);
    let service = Service::new(&MemorySource::default());
    let made = plan(&bench, &first, &[], ConflictPolicy::Skip, &service);
    let all = steps(&made);
    assert!(all[2].reason.as_deref().unwrap().contains("by name"));
    let done = bench.run(made, &bench.open(&first), &service, RunKind::Restore);
    assert_eq!((done.done.written, done.back.score()), (2, 100.0));
}

#[test]
fn damaged_records_do_not_keep_the_others_from_coming_back() {
    let bench = Bench::new();
    for n in 0..60_u64 {
        let noise: String = (0..6_000_u64)
            .map(|i| {
                format!(
                    "{:016x}",
                    (n * 6_000 + i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
                )
            })
            .collect();
        bench.source.put("c", &format!("{n:02}"), json(&format!("\"{noise}\"")));
    }
    let first = bench.backup().snapshot;
    let (plan, target) = bench.plan_elsewhere(&first, &["c"], "elsewhere");
    let packs = bench.place.list(FileKind::Pack).unwrap();
    let (largest, size) = packs.into_iter().max_by_key(|(_, size)| *size).unwrap();
    bench.place.tamper(FileKind::Pack, &largest, |mut content| {
        content[size as usize / 2] ^= 1;
        Some(content)
    });
    let restored = bench.run(plan, &bench.open(&first), &*target, RunKind::Restore);
    let gaps = &restored.done.gaps;
    assert!(!gaps.is_empty() && gaps.len() < 40, "{} are damaged", gaps.len());
    assert!(
        gaps.iter()
            .all(|gap| gap.kind == ErrorKind::Damaged && gap.subject.starts_with("c/"))
    );
    assert_eq!(restored.done.written + gaps.len() as u64, 60);
    assert_eq!(restored.back.equal, restored.done.written);
    assert_eq!(
        restored.back.differences.len(),
        gaps.len(),
        "each is named when it is read back"
    );
}
