//! The history: life of a run, finding it again, thinning it out.

use backstay_journal::{
    Counters, Event, EventLevel, JournalError, NewRestore, NewRun, PruneRule, Reason, RunEnd, RunFilter, RunStatus, UndoRef,
};
use backstay_model::{ChangeCounts, ErrorKind, Gap, RunKind, Verdict};

use crate::{Place, at, end, named, new_run};

fn counters() -> Counters {
    let changes = ChangeCounts {
        added: 1,
        changed: 2,
        removed: 3,
        unchanged: 4,
    };
    Counters {
        items: 10,
        bytes: u64::MAX / 4,
        stored_bytes: 30,
        changes,
    }
}

#[test]
fn a_run_from_begin_to_end() {
    let place = Place::make();
    let (runs, owner) = (place.journal.runs(), place.own());
    let begun = runs.begin(&owner, &new_run(RunKind::Backup), at(0)).unwrap();
    assert_eq!(
        (begun.verdict, begun.finished, begun.status()),
        (None, None, RunStatus::Running)
    );
    assert_eq!(
        (begun.process.pid, begun.process.program.as_str()),
        (std::process::id(), "test 1.0")
    );
    runs.progress(
        &begun.id,
        &Counters {
            items: 5,
            ..Counters::default()
        },
    )
    .unwrap();
    assert_eq!(runs.get(&begun.id).unwrap().counters.items, 5);
    let gap = Gap {
        subject: "notes/7".to_owned(),
        kind: ErrorKind::Unreachable,
        message: "timed out".to_owned(),
    };
    runs.add_gaps(&begun.id, std::slice::from_ref(&gap)).unwrap();
    let reason = Reason {
        kind: ErrorKind::Unreachable,
        message: "one file is missing".to_owned(),
    };
    let end = RunEnd {
        finished: at(60),
        verdict: Verdict::Partial,
        reason: Some(reason.clone()),
        counters: counters(),
        snapshot: Some("aabb".to_owned()),
    };
    let ended = runs.finish(&begun.id, &end).unwrap();
    assert_eq!(ended.counters, counters());
    assert_eq!(
        (ended.started, ended.finished, ended.verdict),
        (at(0), Some(at(60)), Some(Verdict::Partial))
    );
    assert_eq!(
        (ended.reason.as_ref(), ended.gaps, ended.snapshot.as_deref()),
        (Some(&reason), 1, Some("aabb"))
    );
    assert_eq!(ended.status(), RunStatus::Ended);
    assert_eq!(runs.gaps(&ended.id, None, 10).unwrap().rows, std::slice::from_ref(&gap));
    assert_eq!(runs.of_snapshot("aabb").unwrap(), Some(ended));
    assert_eq!(runs.of_snapshot("ccdd").unwrap(), None);

    // What has ended stays as it is.
    let closed = |result: Result<(), JournalError>| assert!(matches!(result, Err(JournalError::RunEnded { .. })), "{result:?}");
    closed(runs.finish(&begun.id, &end).map(drop));
    closed(runs.progress(&begun.id, &counters()));
    closed(runs.add_gaps(&begun.id, &[gap]));
    closed(runs.add_events(&begun.id, &[]));
    assert_eq!(runs.progress("0000", &counters()).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn the_same_backup_does_not_run_twice() {
    let place = Place::make();
    let (runs, owner) = (place.journal.runs(), place.own());
    let first = place.begin(&owner, RunKind::Backup, 0);
    let error = runs.begin(&owner, &new_run(RunKind::Backup), at(1)).unwrap_err();
    assert!(
        matches!(&error, JournalError::AlreadyRunning { run } if *run == first),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Locked);
    let elsewhere = NewRun {
        vault: named("v-2", "Cloud"),
        ..new_run(RunKind::Backup)
    };
    runs.begin(&owner, &elsewhere, at(1)).unwrap();
    place.begin(&owner, RunKind::Check, 1);
    runs.finish(&first, &end(Verdict::Complete, 2)).unwrap();
    place.begin(&owner, RunKind::Backup, 3);
}

#[test]
fn events_and_gaps_in_pages() {
    let place = Place::make();
    let runs = place.journal.runs();
    let run = place.begin(&place.own(), RunKind::Backup, 0);
    let event = |number: i64| Event {
        at: at(number),
        level: EventLevel::Warning,
        message: format!("line {number}"),
    };
    let all: Vec<Event> = (0..25).map(event).collect();
    runs.add_events(&run, &all[..10]).unwrap();
    runs.add_events(&run, &all[10..]).unwrap();
    let (mut from, mut seen) = (None, Vec::new());
    loop {
        let page = runs.events(&run, from, 10).unwrap();
        seen.extend(page.rows);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    assert_eq!(
        runs.events(&run, None, 25).unwrap().next,
        None,
        "a page that fits exactly is the last"
    );
    assert!(runs.gaps(&run, None, 10).unwrap().rows.is_empty());
}

#[test]
fn runs_are_found_by_the_beginning_of_their_id() {
    let place = Place::make();
    let (runs, owner) = (place.journal.runs(), place.own());
    // Within one minute ids share their first eight digits.
    let ids: Vec<String> = (0..20).map(|second| place.begin(&owner, RunKind::Check, second)).collect();
    for id in &ids {
        let run = runs.get(id).unwrap();
        assert!(
            run.short.len() >= 8 && id.starts_with(&run.short) && !run.short.ends_with('-'),
            "{}",
            run.short
        );
        assert_eq!(runs.get(&run.short).unwrap().id, *id);
        assert_eq!(runs.get(&run.short.replace('-', "").to_uppercase()).unwrap().id, *id);
    }
    let all = runs.get(&ids[0][..4]).unwrap_err();
    assert!(matches!(all, JournalError::Ambiguous { count: 20, .. }), "{all}");
    for missing in ["ffffffff", "", "-", "not hex", "%", &"0".repeat(40)] {
        let error = runs.get(missing).unwrap_err();
        assert!(
            matches!(error, JournalError::NotFound { what: "run", .. }),
            "{missing}: {error}"
        );
    }
}

#[test]
fn filters_and_pages_newest_first() {
    let place = Place::make();
    let (runs, owner) = (place.journal.runs(), place.own());
    for number in 0..30 {
        let kind = if number % 3 == 0 { RunKind::Check } else { RunKind::Backup };
        let source = if number % 2 == 0 {
            named("s-1", "Notes")
        } else {
            named("s-2", "Map")
        };
        let run = runs
            .begin(
                &owner,
                &NewRun {
                    kind,
                    source,
                    ..new_run(kind)
                },
                at(number),
            )
            .unwrap();
        let verdict = if number % 5 == 0 { Verdict::Failed } else { Verdict::Complete };
        if number != 29 {
            runs.finish(&run.id, &end(verdict, number)).unwrap();
        }
    }
    let starts = |filter: &RunFilter| -> Vec<i64> {
        let (mut from, mut all) = (None, Vec::new());
        loop {
            let page = runs.list(filter, from, 4).unwrap();
            assert!(page.rows.len() <= 4);
            all.extend(page.rows.iter().map(|run| (run.started - at(0)).num_seconds()));
            from = page.next;
            if from.is_none() {
                assert_eq!(runs.count(filter).unwrap(), all.len() as u64);
                return all;
            }
        }
    };
    let expect = |keep: &dyn Fn(i64) -> bool| (0..30).rev().filter(|number| keep(*number)).collect::<Vec<i64>>();
    let any = RunFilter::default;
    assert_eq!(starts(&any()), expect(&|_| true));
    assert_eq!(
        starts(&RunFilter {
            kinds: vec![RunKind::Check],
            ..any()
        }),
        expect(&|n| n % 3 == 0)
    );
    assert_eq!(
        starts(&RunFilter {
            kinds: vec![RunKind::Check, RunKind::Backup],
            ..any()
        }),
        expect(&|_| true)
    );
    assert_eq!(
        starts(&RunFilter {
            verdicts: vec![Verdict::Failed],
            ..any()
        }),
        expect(&|n| n % 5 == 0)
    );
    assert_eq!(starts(&RunFilter { open: true, ..any() }), [29]);
    assert_eq!(
        starts(&RunFilter {
            source: Some("s-2".to_owned()),
            ..any()
        }),
        expect(&|n| n % 2 == 1)
    );
    assert_eq!(
        starts(&RunFilter {
            vault: Some("v-9".to_owned()),
            ..any()
        }),
        [0_i64; 0]
    );
    assert_eq!(
        starts(&RunFilter {
            since: Some(at(3)),
            until: Some(at(7)),
            ..any()
        }),
        [6, 5, 4, 3]
    );
    let last_good = RunFilter {
        verdicts: vec![Verdict::Complete],
        kinds: vec![RunKind::Backup],
        ..any()
    };
    assert_eq!(runs.newest(&last_good).unwrap().unwrap().started, at(28));
}

#[test]
fn old_runs_go_and_what_is_needed_stays() {
    let place = Place::make();
    let (runs, restores, owner) = (place.journal.runs(), place.journal.restores(), place.own());
    let ended = |kind, second, verdict| {
        let run = place.begin(&owner, kind, second);
        runs.finish(&run, &end(verdict, second)).unwrap();
        run
    };
    let good = ended(RunKind::Backup, 0, Verdict::Complete);
    let old: Vec<String> = (1..6)
        .map(|second| ended(RunKind::Check, second, Verdict::Complete))
        .collect();
    let failed: Vec<String> = (6..9).map(|second| ended(RunKind::Backup, second, Verdict::Failed)).collect();
    let restore = |second, undo: bool, undone: bool, verdict| {
        let run = place.begin(&owner, RunKind::Restore, second);
        let plan = NewRestore {
            plan_path: "p".to_owned(),
            plan_hash: "h".to_owned(),
            steps: 1,
            undoes: None,
        };
        restores.begin(&run, &plan).unwrap();
        if undo {
            restores
                .set_undo(
                    &run,
                    &UndoRef {
                        vault: "v".to_owned(),
                        snapshot: "s".to_owned(),
                    },
                )
                .unwrap();
        }
        runs.finish(&run, &end(verdict, second)).unwrap();
        if undone {
            restores.mark_undone(&run, &good).unwrap();
        }
        run
    };
    let can_be_undone = restore(10, true, false, Verdict::Complete);
    let can_be_resumed = restore(11, false, false, Verdict::Failed);
    let over = restore(12, true, true, Verdict::Complete);
    let elsewhere = restore(13, false, false, Verdict::Complete);
    let last_restore = restore(14, false, false, Verdict::Complete);
    let open = place.begin(&owner, RunKind::Prune, 15);

    let young = runs
        .prune(&PruneRule {
            before: at(-1),
            keep_newest: 0,
        })
        .unwrap();
    assert_eq!(young.runs, 0, "nothing is that old");
    let kept = runs
        .prune(&PruneRule {
            before: at(1000),
            keep_newest: 100,
        })
        .unwrap();
    assert_eq!(kept.runs, 0, "all are among the newest hundred");
    let pruned = runs
        .prune(&PruneRule {
            before: at(1000),
            keep_newest: 0,
        })
        .unwrap();
    let stays = |id: &str| runs.get(id).is_ok();
    for (id, why) in [
        (&good, "the last good backup"),
        (&failed[2], "the last backup"),
        (&old[4], "the last check"),
        (&can_be_undone, "can be taken back"),
        (&can_be_resumed, "can be resumed"),
        (&last_restore, "the last restore"),
        (&open, "goes on"),
    ] {
        assert!(stays(id), "{why}");
    }
    for gone in old[..4].iter().chain(&failed[..2]).chain([&over, &elsewhere]) {
        assert!(!stays(gone));
    }
    assert_eq!(pruned.runs, 8);
}
