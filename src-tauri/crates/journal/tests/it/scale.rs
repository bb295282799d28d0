//! A restore of a million steps: bounded memory, and quick.

use std::time::Instant;

use backstay_journal::{PruneRule, StepCounts, StepFilter, StepIntent, StepPhase, StepResult};
use backstay_model::{RunKind, StepAction, StepState, Subject, Verdict};

use crate::restores::plan;
use crate::{Place, at, case, child, end};

const STEPS: u64 = 1_000_000;
const BATCH: u64 = 10_000;
/// What the process may grow by (KiB); holding the steps would take several times as much.
const ROOM: u64 = 24 << 10;

/// Peak memory of this process in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .trim()
        .strip_suffix(" kB")?
        .trim()
        .parse()
        .ok()
}

/// Started by the test below in a process of its own, whose memory nothing else uses.
#[test]
fn body() {
    if case("scale::body").is_none() {
        return;
    }
    let place = Place::make();
    let owner = place.own();
    let run = place.begin(&owner, RunKind::Restore, 0);
    let restores = place.journal.restores();
    restores.begin(&run, &plan(STEPS)).unwrap();
    let before = peak();
    let start = Instant::now();
    for batch in 0..STEPS / BATCH {
        let range = batch * BATCH..(batch + 1) * BATCH;
        let intent = |index| StepIntent {
            index,
            subject: Subject::Record {
                collection: "notes".to_owned(),
                id: format!("0193e0a1-7a7b-7c6d-8e9f-{index:012x}"),
            },
            action: StepAction::Update,
            before: Some(format!("{index:032x}")),
        };
        restores
            .intents(&run, &range.clone().map(intent).collect::<Vec<_>>())
            .unwrap();
        let result = |index| StepResult {
            index,
            state: StepState::Done { new_id: None },
            after: Some(format!("{index:032x}")),
        };
        // One step is left in doubt.
        restores
            .results(&run, &range.filter(|index| *index != 777_777).map(result).collect::<Vec<_>>())
            .unwrap();
    }
    let written = start.elapsed();
    assert_eq!(
        restores.counts(&run).unwrap(),
        StepCounts {
            intent: 1,
            done: STEPS - 1,
            ..StepCounts::default()
        }
    );
    let doubtful = restores
        .steps(
            &run,
            &StepFilter {
                phases: vec![StepPhase::Intent],
            },
            None,
            10,
        )
        .unwrap();
    assert_eq!(doubtful.rows.iter().map(|step| step.index).collect::<Vec<_>>(), [777_777]);
    let start = Instant::now();
    let mut seen = 0;
    for batch in 0..STEPS / BATCH {
        seen += restores.recorded(&run, batch * BATCH..(batch + 1) * BATCH).unwrap().len() as u64;
    }
    assert_eq!(seen, STEPS);
    let read = start.elapsed();
    place.journal.runs().finish(&run, &end(Verdict::Complete, 1)).unwrap();
    let later = place.begin(&owner, RunKind::Restore, 2);
    place.journal.runs().finish(&later, &end(Verdict::Complete, 3)).unwrap();
    let start = Instant::now();
    let pruned = place
        .journal
        .runs()
        .prune(&PruneRule {
            before: at(100),
            keep_newest: 0,
        })
        .unwrap();
    assert_eq!((pruned.runs, pruned.steps), (1, STEPS));
    println!(
        "written {written:?}, read {read:?}, pruned {:?}, memory {before:?} to {:?} KiB",
        start.elapsed(),
        peak()
    );
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before < ROOM, "memory grew by {} KiB", after - before);
    }
    println!("BODY DONE");
}

#[test]
fn a_million_steps() {
    let out = child("scale::body", "run").output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.status.success() && text.contains("BODY DONE"), "{text}");
    println!("{text}");
}
