//! What became of every slot: claimed once, ended once, nothing half, and quickly told.

use std::time::Instant;

use backstay_journal::{
    Claim, JournalError, Lead, Leading, Plan, Slot, SlotEnd, SlotFate, SlotKey, SlotOutcome, Step, StepEnd, TaskState,
};
use backstay_model::ErrorKind;
use chrono::TimeDelta;

use crate::{Place, at, claim_by, json, slot_of};

fn state(plan: &Plan, version: u64, handled: i64) -> TaskState {
    TaskState {
        plan: plan.id.clone(),
        task: "backup".to_owned(),
        version,
        handled: at(handled),
        epoch: 1,
        waiting: None,
        retry_at: None,
        attempts: 0,
    }
}

fn ended(outcome: SlotOutcome) -> SlotEnd {
    SlotEnd {
        outcome,
        run: None,
        code: None,
        message: None,
    }
}

/// Several slots in a row that were skipped.
fn skipped(plan: &Plan, first: i64, last: i64, count: u64) -> Slot {
    Slot {
        last: at(last),
        count,
        reason: Some("asleep".to_owned()),
        ..Slot::new(&slot_of(plan, first), SlotOutcome::Skipped)
    }
}

fn all(place: &Place, plan: &Plan) -> Vec<(i64, i64, SlotOutcome)> {
    let second = |time: chrono::DateTime<chrono::Utc>| (time - at(0)).num_seconds();
    let slots = place.journal.slots().since(&plan.id, None, at(-99_999), at(99_999)).unwrap();
    slots
        .iter()
        .map(|slot| (second(slot.first), second(slot.last), slot.outcome))
        .collect()
}

#[test]
fn a_slot_from_waiting_over_running_to_its_end() {
    let place = Place::make();
    let (plan, slots) = (place.plan("p", &["s"]), place.journal.slots());
    let key = slot_of(&plan, 0);
    slots.wait(&key, "onBattery", at(1)).unwrap();
    slots.wait(&key, "metered", at(2)).unwrap();
    let waiting = &slots.newest(&plan.id, "backup", 1).unwrap()[0];
    assert_eq!(
        (waiting.outcome, waiting.reason.as_deref(), waiting.waited, waiting.attempts),
        (SlotOutcome::Waiting, Some("metered"), Some(at(1)), 0)
    );

    let claim = Claim {
        now: at(60),
        ..claim_by("me", key.clone())
    };
    assert!(slots.claim(&claim).unwrap());
    assert!(!slots.claim(&claim).unwrap(), "not even by the one who has it");
    let running = &slots.newest(&plan.id, "backup", 1).unwrap()[0];
    assert_eq!(
        (running.outcome, running.started, running.reason.as_deref(), running.attempts),
        (SlotOutcome::Running, Some(at(60)), Some("metered"), 1),
        "it is still told why it was late"
    );
    let end = SlotEnd {
        outcome: SlotOutcome::Failed,
        run: Some("r-1".to_owned()),
        code: Some(ErrorKind::Unreachable),
        message: Some("the vault did not answer".to_owned()),
    };
    slots.end(&key, &end, at(30)).unwrap();
    let done = &slots.newest(&plan.id, "backup", 1).unwrap()[0];
    assert_eq!(
        (done.outcome, done.finished, done.run.as_deref(), done.code),
        (SlotOutcome::Failed, Some(at(60)), Some("r-1"), Some(ErrorKind::Unreachable)),
        "a clock set back does not end it before it began"
    );
    assert_eq!(done.message.as_deref(), Some("the vault did not answer"));

    for error in [
        slots.end(&key, &ended(SlotOutcome::Complete), at(70)).unwrap_err(),
        slots.wait(&key, "again", at(70)).unwrap_err(),
    ] {
        assert!(
            matches!(&error, JournalError::SlotEnded { due, .. } if *due == at(0)),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
    assert!(!slots.claim(&claim).unwrap(), "what ended is not run again");
    assert_eq!(
        slots.newest(&plan.id, "backup", 1).unwrap()[0],
        *done,
        "nothing of that was kept"
    );
    let error = slots
        .end(&slot_of(&plan, 1), &ended(SlotOutcome::Complete), at(2))
        .unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "slot", .. }), "{error}");
}

#[test]
fn a_range_holds_all_its_slots() {
    let place = Place::make();
    let (plan, slots) = (place.plan("p", &["s"]), place.journal.slots());
    slots.settle(&[skipped(&plan, 10, 50, 5)]).unwrap();
    for (second, free) in [(9, true), (10, false), (30, false), (50, false), (51, true)] {
        assert_eq!(
            slots.claim(&claim_by("me", slot_of(&plan, second))).unwrap(),
            free,
            "{second}"
        );
    }
    let later = SlotKey {
        epoch: 2,
        ..slot_of(&plan, 30)
    };
    assert!(
        slots.claim(&claim_by("me", later)).unwrap(),
        "another schedule has its own slots"
    );
}

#[test]
fn settling_adds_and_answers_what_waits() {
    let place = Place::make();
    let (plan, slots) = (place.plan("p", &["s"]), place.journal.slots());
    slots.wait(&slot_of(&plan, 20), "metered", at(21)).unwrap();
    assert!(slots.claim(&claim_by("me", slot_of(&plan, 30))).unwrap());
    let covered = |second| Slot {
        covered_by: Some(at(40)),
        finished: Some(at(41)),
        ..Slot::new(&slot_of(&plan, second), SlotOutcome::Covered)
    };
    slots.settle(&[skipped(&plan, 10, 10, 1), covered(20), covered(30)]).unwrap();
    slots.settle(&[skipped(&plan, 20, 20, 1), covered(10)]).unwrap();
    assert_eq!(
        all(&place, &plan),
        [
            (10, 10, SlotOutcome::Skipped),
            (20, 20, SlotOutcome::Covered),
            (30, 30, SlotOutcome::Running)
        ]
    );
    let answered = &slots.since(&plan.id, Some("backup"), at(20), at(30)).unwrap()[0];
    assert_eq!(
        (answered.covered_by, answered.waited, answered.reason.as_deref()),
        (Some(at(40)), Some(at(21)), Some("metered"))
    );
    let stray = Slot {
        plan: "none".to_owned(),
        ..skipped(&plan, 60, 60, 1)
    };
    let error = slots.settle(&[skipped(&plan, 50, 50, 1), stray]).unwrap_err();
    assert!(matches!(&error, JournalError::NotFound { what: "plan", .. }), "{error}");
    assert_eq!(all(&place, &plan).len(), 3, "all or nothing");
}

#[test]
fn a_step_is_whole_or_not_at_all() {
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let (tasks, slots) = (place.journal.tasks(), place.journal.slots());
    let step = |version, handled, claim: Option<i64>| Step {
        task: TaskState {
            waiting: Some(json(r#"{"for":"network"}"#)),
            retry_at: Some(at(500)),
            attempts: 3,
            ..state(&plan, version, handled)
        },
        settle: vec![skipped(&plan, handled - 50, handled - 10, 5)],
        claim: claim.map(|second| claim_by("me", slot_of(&plan, second))),
    };
    assert!(place.journal.schedule_step(&step(0, 100, Some(100))).unwrap());
    let first = tasks.get(&plan.id, "backup").unwrap().unwrap();
    assert_eq!(
        first,
        TaskState {
            version: 1,
            ..step(0, 100, None).task
        }
    );
    let before = all(&place, &plan);
    assert_eq!(before, [(50, 90, SlotOutcome::Skipped), (100, 100, SlotOutcome::Running)]);

    // The slot is taken: neither the memory nor the other slots change.
    assert!(slots.claim(&claim_by("other", slot_of(&plan, 200))).unwrap());
    assert!(!place.journal.schedule_step(&step(1, 200, Some(200))).unwrap());
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap(), first);
    assert_eq!(all(&place, &plan).len(), 3);
    // Someone else wrote since it was read: the same.
    assert!(!place.journal.schedule_step(&step(0, 300, Some(300))).unwrap());
    assert!(!place.journal.schedule_step(&step(7, 300, None)).unwrap());
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap(), first);
    assert_eq!(all(&place, &plan).len(), 3);
    // A failure in the middle: the same.
    let mut stray = step(1, 300, Some(300));
    stray.settle[0].plan = "none".to_owned();
    assert!(place.journal.schedule_step(&stray).is_err());
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap(), first);

    assert!(place.journal.schedule_step(&step(1, 300, Some(300))).unwrap());
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap().version, 2);
    assert_eq!(all(&place, &plan).len(), 5);
    tasks.put(&state(&plan, 99, 400)).unwrap();
    let put = &tasks.of(&plan.id).unwrap()[0];
    assert_eq!((put.version, put.handled, put.attempts), (3, at(400), 0));
    tasks.forget(&plan.id, "backup").unwrap();
    assert_eq!(tasks.get(&plan.id, "backup").unwrap(), None);
    let gone = TaskState {
        plan: "none".to_owned(),
        ..state(&plan, 0, 0)
    };
    assert!(matches!(tasks.put(&gone), Err(JournalError::NotFound { what: "plan", .. })));
}

#[test]
fn the_end_of_a_run_and_what_is_remembered_are_one() {
    let place = Place::make();
    let plan = place.plan("p", &["s"]);
    let (tasks, slots) = (place.journal.tasks(), place.journal.slots());
    tasks.put(&state(&plan, 0, 0)).unwrap();
    assert!(slots.claim(&claim_by("me", slot_of(&plan, 0))).unwrap());
    let over = |version, handled, fate| StepEnd {
        task: TaskState {
            attempts: 1,
            retry_at: Some(at(60)),
            ..state(&plan, version, handled)
        },
        slot: slot_of(&plan, 0),
        fate,
        now: at(9),
    };
    let wait = || SlotFate::Wait("retry".to_owned());
    // A step went on meanwhile: what it remembers must not be set back.
    tasks.put(&state(&plan, 1, 100)).unwrap();
    assert!(!place.journal.schedule_end(&over(1, 0, wait())).unwrap());
    assert_eq!(all(&place, &plan), [(0, 0, SlotOutcome::Running)]);
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap(), state(&plan, 2, 100));

    assert!(place.journal.schedule_end(&over(2, 100, wait())).unwrap());
    let waiting = slots.waiting().unwrap();
    assert_eq!((waiting.len(), waiting[0].reason.as_deref()), (1, Some("retry")));
    assert_eq!(tasks.get(&plan.id, "backup").unwrap().unwrap().attempts, 1);
    let done = over(3, 100, SlotFate::End(ended(SlotOutcome::Complete)));
    assert!(place.journal.schedule_end(&done).unwrap());
    assert!(slots.waiting().unwrap().is_empty());
    assert_eq!(all(&place, &plan), [(0, 0, SlotOutcome::Complete)]);

    // It ended already: nothing is remembered either.
    let error = place.journal.schedule_end(&over(4, 999, wait())).unwrap_err();
    assert!(matches!(&error, JournalError::SlotEnded { .. }), "{error}");
    let left = tasks.get(&plan.id, "backup").unwrap().unwrap();
    assert_eq!((left.version, left.handled), (4, at(100)));
}

#[test]
fn whoever_takes_the_lead_gives_back_what_others_left() {
    let place = Place::make();
    let (plan, slots) = (place.plan("p", &["s"]), place.journal.slots());
    let lead = || match Lead::take(&place.home, "test 1.0", at(0)).unwrap() {
        Leading::Here(lead) => lead,
        Leading::Elsewhere(holder) => panic!("held by {holder}"),
    };
    let first = lead();
    assert!(slots.claim(&claim_by("first", slot_of(&plan, 0))).unwrap());
    assert!(slots.close_left(&first, "first", at(5)).unwrap().is_empty(), "not its own");
    assert!(matches!(
        Lead::take(&place.home, "other", at(0)).unwrap(),
        Leading::Elsewhere(_)
    ));
    assert_eq!(Lead::holder(&place.home).unwrap().unwrap().since, Some(at(0)));
    drop(first);
    assert!(Lead::holder(&place.home).unwrap().is_none());
    let second = lead();
    // The process lives: only the lead tells.
    assert!(slots.close_dead("second", at(7)).unwrap().is_empty());
    let back = slots.close_left(&second, "second", at(7)).unwrap();
    assert_eq!(
        (back.len(), back[0].outcome, back[0].reason.as_deref(), back[0].waited),
        (1, SlotOutcome::Waiting, Some("interrupted"), Some(at(7)))
    );
    assert_eq!(slots.waiting().unwrap(), back);
    assert!(slots.claim(&claim_by("second", slot_of(&plan, 0))).unwrap());
    assert_eq!(slots.newest(&plan.id, "backup", 1).unwrap()[0].attempts, 2);
}

#[test]
fn newest_since_and_prune() {
    let place = Place::make();
    let (plan, slots) = (place.plan("p", &["s"]), place.journal.slots());
    let forget = |second| SlotKey {
        task: "forget".to_owned(),
        ..slot_of(&plan, second)
    };
    for second in [10, 20, 30, 40] {
        slots.settle(&[skipped(&plan, second, second + 5, 2)]).unwrap();
    }
    slots.settle(&[Slot::new(&forget(25), SlotOutcome::Skipped)]).unwrap();
    slots.wait(&forget(5), "held", at(6)).unwrap();
    let firsts = |slots: Vec<Slot>| {
        slots
            .iter()
            .map(|slot| (slot.first - at(0)).num_seconds())
            .collect::<Vec<_>>()
    };
    assert_eq!(firsts(slots.newest(&plan.id, "backup", 3).unwrap()), [40, 30, 20]);
    assert_eq!(firsts(slots.since(&plan.id, None, at(22), at(40)).unwrap()), [20, 25, 30]);
    assert_eq!(firsts(slots.since(&plan.id, Some("forget"), at(0), at(99)).unwrap()), [5, 25]);
    assert_eq!(
        slots.prune(at(35)).unwrap(),
        3,
        "ranges that reach into it stay, and so does what waits"
    );
    assert_eq!(firsts(slots.since(&plan.id, None, at(0), at(99)).unwrap()), [5, 30, 40]);
}

/// 100,000 records of 300 plans: thirty days of one are told at once.
#[test]
fn a_year_of_slots_is_told_quickly() {
    const PLANS: i64 = 300;
    const EACH: i64 = 334;
    let place = Place::make();
    let plans: Vec<Plan> = (0..PLANS).map(|number| place.plan(&format!("p{number}"), &["s"])).collect();
    let mut db = rusqlite::Connection::open(place.home.database()).unwrap();
    let fill = db.transaction().unwrap();
    for (number, plan) in (0..EACH).flat_map(|number| plans.iter().map(move |plan| (number, plan))) {
        // Hourly slots: 334 records are two weeks, so that thirty days are all of them, the worst case.
        let due = (at(0) + TimeDelta::hours(number)).timestamp_micros();
        fill.prepare_cached(
            "INSERT INTO slots (plan_id, task, epoch, first, last, count, outcome, attempts, run) \
             VALUES (?1, 'backup', 1, ?2, ?2, 1, 'complete', 1, 'r')",
        )
        .unwrap()
        .execute((&plan.id, due))
        .unwrap();
    }
    fill.commit().unwrap();
    let slots = place.journal.slots();
    let mut times: Vec<_> = plans
        .iter()
        .map(|plan| {
            let start = Instant::now();
            let month = slots.since(&plan.id, None, at(0), at(0) + TimeDelta::days(30)).unwrap();
            assert_eq!(month.len() as i64, EACH);
            start.elapsed()
        })
        .collect();
    times.sort();
    let start = Instant::now();
    for plan in &plans {
        assert_eq!(slots.newest(&plan.id, "backup", 10).unwrap().len(), 10);
    }
    println!(
        "30 days of one plan: median {:?}, worst {:?}; the last 10 of 300 plans: {:?}",
        times[times.len() / 2],
        times[times.len() - 1],
        start.elapsed()
    );
    assert!(times[times.len() / 2].as_millis() < 50, "{times:?}");
}
