//! Restores that break off at every single write, and go on: no doubles, no lost steps, people's edits kept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backstay_engine::restore::Performed;
use backstay_model::{Capabilities, ConflictPolicy, ErrorKind, RunKind, Verdict};
use backstay_source::Source as _;
use backstay_source_kit::MemorySource;
use backstay_vault::Snapshot;

use crate::{
    bench::{Bench, Dump, json},
    faulty::{Break, Faulty},
};

/// Three records that changed since the newest backup, two that are gone, and as many files.
fn story(can: &Capabilities) -> (Bench, Snapshot) {
    let bench = Bench::with(MemorySource::new(can.clone()));
    for n in 0..3 {
        bench.source.put("c", &format!("changed {n}"), json(&format!("\"then {n}\"")));
        bench.source.file(&format!("d/changed {n}"), format!("then {n}"));
    }
    for n in 0..2 {
        bench.source.put("c", &format!("gone {n}"), json(&format!("\"then {n}\"")));
        bench.source.file(&format!("e/gone {n}"), format!("then {n}"));
    }
    let first = bench.backup().snapshot;
    for n in 0..3 {
        bench.source.put("c", &format!("changed {n}"), json(&format!("\"now {n}\"")));
        bench.source.file(&format!("d/changed {n}"), format!("now {n}"));
    }
    for n in 0..2 {
        bench.source.delete("c", &format!("gone {n}"));
        bench.source.remove_file(&format!("e/gone {n}"));
    }
    bench.source.remove_file("e");
    (bench, first)
}

struct Broken {
    bench: Bench,
    first: Snapshot,
    run: String,
    plan: backstay_engine::restore::PlanFile,
    before: Dump,
}

/// Runs the restore until it breaks. `None` when there are fewer writes.
fn broken(can: &Capabilities, only: &[&str], policy: ConflictPolicy, at: u64, how: Break) -> Option<Broken> {
    let (bench, first) = story(can);
    let before = Dump::of(&bench.live());
    let plan = bench.plan(&first, only, policy);
    let target = Faulty::new(&bench.source, at, how, &bench.cancel);
    let run = bench.begin(&plan, &target, RunKind::Restore);
    let backup = bench.open(&first);
    let end = catch_unwind(AssertUnwindSafe(|| bench.carry_out(&run, &plan, &backup, &target, false)));
    if !target.fired() {
        assert!(matches!(end, Ok(Ok(_))), "nothing was to break");
        return None;
    }
    bench.cancel.flag().store(false, std::sync::atomic::Ordering::Relaxed);
    bench.finish(&run, Verdict::Failed);
    Some(Broken {
        bench,
        first,
        run,
        plan,
        before,
    })
}

impl Broken {
    fn go_on(&self) -> Performed {
        self.bench.reopen(&self.run);
        let backup = self.bench.open(&self.first);
        let (done, back) = self
            .bench
            .carry_out(&self.run, &self.plan, &backup, &self.bench.source, true)
            .unwrap();
        assert_eq!(
            back.equal + done.gaps.len() as u64,
            back.checked,
            "{:?} {:?}",
            done.gaps,
            back.differences
        );
        // Only what is not complete may be resumed once more.
        let verdict = if done.gaps.is_empty() {
            Verdict::Complete
        } else {
            Verdict::Partial
        };
        self.bench.finish(&self.run, verdict);
        done
    }
}

/// What an uninterrupted restore makes.
fn whole(can: &Capabilities, only: &[&str], policy: ConflictPolicy) -> (Dump, u64) {
    let (bench, first) = story(can);
    let done = bench.restore(&first, only, policy);
    assert_eq!(done.done.gaps, []);
    (Dump::of(&bench.live()), done.done.written)
}

fn every_boundary(can: &Capabilities, only: &[&str]) {
    for policy in [ConflictPolicy::Remote, ConflictPolicy::Both] {
        let (whole, written) = whole(can, only, policy);
        for how in [
            Break::Error(ErrorKind::Full),
            Break::Error(ErrorKind::Unreachable),
            Break::Cancel,
            Break::DieBefore,
            Break::DieAfter,
        ] {
            let mut boundaries = 0;
            while let Some(broken) = broken(can, only, policy, boundaries + 1, how) {
                boundaries += 1;
                let case = format!("{policy:?}, {how:?} at write {boundaries}");
                let done = broken.go_on();
                let mut now = Dump::of(&broken.bench.live());
                // A target out of reach is as good as a process that died: the write may have arrived.
                let died = !matches!(how, Break::Error(ErrorKind::Full) | Break::Cancel);
                if policy == ConflictPolicy::Both && died {
                    // Whether a copy was added nobody knows: it is not added twice, and named.
                    for gap in &done.gaps {
                        assert_eq!(gap.kind, ErrorKind::Interrupted, "{case}");
                        let copy = [format!("{} (restored 1)", gap.subject), format!("{} (restored)", gap.subject)];
                        for copy in copy {
                            if let Some(text) = whole.records.get(&copy) {
                                now.records.insert(copy.clone(), text.clone());
                            }
                            if let Some(text) = whole.files.get(&copy) {
                                now.files.insert(copy, text.clone());
                            }
                        }
                    }
                } else {
                    assert_eq!(done.gaps, [], "{case}");
                    assert_eq!(done.written, written, "{case}");
                }
                assert_eq!(now, whole, "{case}");
                if !done.gaps.is_empty() {
                    let copies = Dump::of(&broken.bench.live());
                    let again = broken.go_on();
                    assert_eq!(again.gaps.len(), done.gaps.len(), "{case}: still in doubt");
                    assert_eq!(Dump::of(&broken.bench.live()), copies, "{case}: resumed again, no doubles");
                } else {
                    broken.bench.undo(&broken.run, ConflictPolicy::Skip);
                    assert_eq!(Dump::of(&broken.bench.live()), broken.before, "{case}: undone");
                }
            }
            assert!(boundaries > written, "{boundaries} boundaries of {written} writes");
        }
    }
}

#[test]
fn a_target_that_takes_writes_one_by_one() {
    every_boundary(&MemorySource::default().capabilities(), &[]);
}

#[test]
fn a_target_with_transactions() {
    every_boundary(&MemorySource::with_transactions().capabilities(), &["c"]);
}

#[test]
fn edits_made_while_it_was_broken_off_are_kept() {
    for can in [
        MemorySource::default().capabilities(),
        MemorySource::with_transactions().capabilities(),
    ] {
        for how in [Break::Error(ErrorKind::Full), Break::DieBefore, Break::DieAfter] {
            for at in 1..=5 {
                let broken = broken(&can, &["c"], ConflictPolicy::Remote, at, how).unwrap();
                for id in ["changed 1", "gone 1"] {
                    broken.bench.source.put("c", id, json("\"a person's\""));
                }
                broken.bench.source.put("c", "new", json("\"a person's\""));
                broken.bench.reopen(&broken.run);
                let backup = broken.bench.open(&broken.first);
                let (_, back) = broken
                    .bench
                    .carry_out(&broken.run, &broken.plan, &backup, &broken.bench.source, true)
                    .unwrap();
                let now = Dump::of(&broken.bench.live());
                for id in ["c/changed 1", "c/gone 1", "c/new"] {
                    assert!(now.records[id].contains("a person's"), "{how:?} at {at}: {id}");
                }
                let different: Vec<_> = back.differences.iter().map(|(subject, _)| subject.as_str()).collect();
                assert_eq!(different, ["c/changed 1", "c/gone 1"], "named, {how:?} at {at}");
                assert!(now.records["c/changed 2"].contains("then"));
            }
        }
    }
}

#[test]
fn a_restore_of_several_batches_breaks_off_and_goes_on() {
    let sources = [MemorySource::default, MemorySource::with_transactions];
    for (source, how) in sources
        .iter()
        .flat_map(|s| [Break::Error(ErrorKind::Full), Break::DieAfter, Break::Cancel].map(|how| (s, how)))
    {
        for at in [1, 500, 501, 777, 1000, 1001] {
            let bench = Bench::with(source());
            for n in 0..1200 {
                bench.source.put("c", &format!("{n:04}"), json(&n.to_string()));
            }
            let first = bench.backup().snapshot;
            let wanted = Dump::of(&bench.live());
            for n in 0..1200 {
                bench.source.delete("c", &format!("{n:04}"));
            }
            let plan = bench.plan(&first, &["c"], ConflictPolicy::Skip);
            let target = Faulty::new(&bench.source, at, how, &bench.cancel);
            let run = bench.begin(&plan, &target, RunKind::Restore);
            let backup = bench.open(&first);
            let end = catch_unwind(AssertUnwindSafe(|| bench.carry_out(&run, &plan, &backup, &target, false)));
            assert!(target.fired() && !matches!(end, Ok(Ok(_))));
            bench.cancel.flag().store(false, std::sync::atomic::Ordering::Relaxed);
            bench.finish(&run, Verdict::Failed);
            bench.reopen(&run);
            let (done, back) = bench.carry_out(&run, &plan, &backup, &bench.source, true).unwrap();
            assert_eq!(
                (done.written, done.gaps.len(), back.score()),
                (1200, 0, 100.0),
                "{how:?} at {at}"
            );
            assert_eq!(Dump::of(&bench.live()), wanted);
        }
    }
}
