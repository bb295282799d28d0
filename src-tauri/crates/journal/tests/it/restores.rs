//! The journal of a restore: intents, results, resuming, undo.

use backstay_journal::{
    JournalError, NewRestore, RecordedStep, StepCounts, StepFilter, StepIntent, StepPhase, StepResult, UndoRef,
};
use backstay_model::{ErrorKind, Gap, RunKind, StepAction, StepState, Subject, Verdict};

use crate::{Place, at, end};

pub fn plan(steps: u64) -> NewRestore {
    NewRestore {
        plan_path: "/home/plans/p.ndjson".to_owned(),
        plan_hash: "ab".repeat(32),
        steps,
        undoes: None,
    }
}

fn intent(index: u64) -> StepIntent {
    let subject = if index.is_multiple_of(2) {
        Subject::Record {
            collection: "notes".to_owned(),
            id: format!("id-{index}"),
        }
    } else {
        Subject::File {
            path: format!("dir/{index}.txt"),
        }
    };
    StepIntent {
        index,
        subject,
        action: StepAction::Update,
        before: Some("00".repeat(16)),
    }
}

fn result(index: u64, state: StepState) -> StepResult {
    StepResult {
        index,
        state,
        after: Some("11".repeat(16)),
    }
}

fn done(index: u64) -> StepResult {
    result(index, StepState::Done { new_id: None })
}

fn failed(index: u64) -> StepResult {
    let state = StepState::Failed {
        kind: ErrorKind::Changed,
        message: "the live side moved".to_owned(),
    };
    StepResult {
        index,
        state,
        after: None,
    }
}

/// A place with a restore of ten steps begun.
fn begun() -> (Place, backstay_journal::Owner, String) {
    let place = Place::make();
    let owner = place.own();
    let run = place.begin(&owner, RunKind::Restore, 0);
    let restore = place.journal.restores().begin(&run, &plan(10)).unwrap();
    assert_eq!(
        (restore.attempts, restore.steps, restore.undo, restore.plan_path),
        (1, 10, None, plan(10).plan_path)
    );
    (place, owner, run)
}

#[test]
fn steps_go_from_pending_over_intent_to_their_end() {
    let (place, _owner, run) = begun();
    let restores = place.journal.restores();
    assert_eq!(
        restores.counts(&run).unwrap(),
        StepCounts {
            pending: 10,
            ..StepCounts::default()
        }
    );
    restores.intents(&run, &[intent(0), intent(1), intent(2)]).unwrap();
    restores.skips(&run, &[intent(3)]).unwrap();
    assert_eq!(
        restores.counts(&run).unwrap(),
        StepCounts {
            pending: 6,
            intent: 3,
            skipped: 1,
            ..StepCounts::default()
        }
    );
    let new = StepState::Done {
        new_id: Some("new-0".to_owned()),
    };
    restores.results(&run, &[result(0, new.clone()), failed(1)]).unwrap();
    let counts = StepCounts {
        pending: 6,
        intent: 1,
        done: 1,
        skipped: 1,
        failed: 1,
    };
    assert_eq!(restores.counts(&run).unwrap(), counts);

    let recorded = restores.recorded(&run, 0..10).unwrap();
    assert_eq!(recorded.iter().map(|step| step.index).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let StepIntent {
        subject, action, before, ..
    } = intent(0);
    let first = RecordedStep {
        index: 0,
        subject: subject.clone(),
        action,
        state: new,
        before,
        after: Some("11".repeat(16)),
    };
    assert_eq!(recorded[0], first);
    assert_eq!(
        (&recorded[1].state, &recorded[1].subject),
        (&failed(1).state, &intent(1).subject)
    );
    assert_eq!(
        (&recorded[2].state, &recorded[3].state),
        (&StepState::Intent, &StepState::Skipped)
    );
    assert_eq!(restores.recorded(&run, 1..3).unwrap(), recorded[1..3]);

    assert_eq!(restores.new_id(&run, &subject).unwrap().as_deref(), Some("new-0"));
    assert_eq!(restores.new_id(&run, &intent(2).subject).unwrap(), None);
    let doubtful = StepFilter {
        phases: vec![StepPhase::Intent, StepPhase::Failed],
    };
    let page = restores.steps(&run, &doubtful, None, 1).unwrap();
    assert_eq!((page.rows[0].index, page.next), (1, Some(1)));
    let page = restores.steps(&run, &doubtful, page.next, 1).unwrap();
    assert_eq!((page.rows[0].index, page.next), (2, None));
}

#[test]
fn a_written_step_is_never_written_again() {
    let (place, _owner, run) = begun();
    let restores = place.journal.restores();
    restores.intents(&run, &[intent(0), intent(1)]).unwrap();
    restores.results(&run, &[done(0), failed(1)]).unwrap();
    let error = restores.intents(&run, &[intent(2), intent(0)]).unwrap_err();
    assert!(matches!(error, JournalError::StepWritten { index: 0, .. }), "{error}");
    assert!(restores.recorded(&run, 2..3).unwrap().is_empty(), "nothing of the batch");
    assert!(matches!(
        restores.skips(&run, &[intent(0)]),
        Err(JournalError::StepWritten { .. })
    ));
    // What failed or was in doubt may be tried again.
    restores.intents(&run, &[intent(1)]).unwrap();
    restores.intents(&run, &[intent(1)]).unwrap();
    restores.results(&run, &[done(1)]).unwrap();
    assert_eq!(restores.recorded(&run, 1..2).unwrap()[0].state, done(1).state);
}

#[test]
fn a_result_needs_an_intent() {
    let (place, _owner, run) = begun();
    let restores = place.journal.restores();
    restores.intents(&run, &[intent(0)]).unwrap();
    for results in [
        vec![done(0), done(5)],
        vec![done(0), result(0, StepState::Pending)],
        vec![result(0, StepState::Intent)],
    ] {
        let error = restores.results(&run, &results).unwrap_err();
        assert!(matches!(error, JournalError::NoIntent { .. }), "{error}");
        assert_eq!(restores.counts(&run).unwrap().intent, 1, "nothing of the batch");
    }
    restores.results(&run, &[done(0)]).unwrap();
    assert!(
        matches!(restores.results(&run, &[done(0)]), Err(JournalError::NoIntent { .. })),
        "once"
    );
}

#[test]
fn an_ended_restore_is_closed_until_it_is_resumed() {
    let (place, owner, run) = begun();
    let (runs, restores) = (place.journal.runs(), place.journal.restores());
    let too_early = restores.resume(&owner, &run, at(1)).unwrap_err();
    assert!(matches!(too_early, JournalError::NotResumable { .. }), "{too_early}");
    restores.intents(&run, &[intent(0)]).unwrap();
    restores.results(&run, &[done(0)]).unwrap();
    let gap = Gap {
        subject: "notes/id-2".to_owned(),
        kind: ErrorKind::Io,
        message: "failed".to_owned(),
    };
    runs.add_gaps(&run, &[gap]).unwrap();
    runs.finish(&run, &end(Verdict::Partial, 2)).unwrap();
    assert!(matches!(
        restores.intents(&run, &[intent(1)]),
        Err(JournalError::RunEnded { .. })
    ));
    assert_eq!(restores.resumable().unwrap().len(), 1);

    let resumed = restores.resume(&owner, &run, at(3)).unwrap();
    assert_eq!((resumed.attempts, resumed.run.verdict, resumed.run.gaps), (2, None, 0));
    assert_eq!(runs.events(&run, None, 9).unwrap().rows[0].message, "resumed");
    assert!(restores.resumable().unwrap().is_empty());
    assert_eq!(restores.counts(&run).unwrap().done, 1, "what was done stays done");
    runs.finish(&run, &end(Verdict::Complete, 4)).unwrap();
    let error = restores.resume(&owner, &run, at(5)).unwrap_err();
    assert!(matches!(error, JournalError::NotResumable { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[test]
fn an_undo_refers_to_what_it_takes_back() {
    let (place, owner, run) = begun();
    let (runs, restores) = (place.journal.runs(), place.journal.restores());
    let saved = UndoRef {
        vault: "v-1".to_owned(),
        snapshot: "cc".repeat(32),
    };
    restores.set_undo(&run, &saved).unwrap();
    runs.finish(&run, &end(Verdict::Partial, 2)).unwrap();
    let undo = place.begin(&owner, RunKind::Undo, 3);
    restores
        .begin(
            &undo,
            &NewRestore {
                undoes: Some(run.clone()),
                ..plan(4)
            },
        )
        .unwrap();
    assert_eq!(restores.get(&undo).unwrap().undoes.as_deref(), Some(run.as_str()));
    restores.mark_undone(&run, &undo).unwrap();
    restores.mark_undone(&run, &undo).unwrap();
    let restore = restores.get(&run).unwrap();
    assert_eq!((restore.undo, restore.undone_by), (Some(saved), Some(undo.clone())));
    assert!(restores.resumable().unwrap().is_empty(), "what was taken back is not resumed");
    assert!(matches!(
        restores.resume(&owner, &run, at(4)),
        Err(JournalError::NotResumable { .. })
    ));
    let other = place.begin(&owner, RunKind::Undo, 5);
    assert!(matches!(
        restores.mark_undone(&run, &other),
        Err(JournalError::NotResumable { .. })
    ));
    let backup = place.begin(&owner, RunKind::Backup, 6);
    for error in [
        restores.get(&backup).map(drop),
        restores.counts(&backup).map(drop),
        restores.set_undo(
            &backup,
            &UndoRef {
                vault: String::new(),
                snapshot: String::new(),
            },
        ),
    ] {
        assert!(
            matches!(error, Err(JournalError::NotFound { what: "restore", .. })),
            "{error:?}"
        );
    }
}
