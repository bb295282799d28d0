//! One decision at a time: what runs, and what is written down.

use backstay_schedule::{Absence, Missed, Reason, Rewind, Rules, Schedule, State, Timetable, World, decide};
use chrono::TimeDelta;

use crate::asking::{SEED, absent, asked, nightly, run, settled, state, wait_of, waiting};
use crate::making::{at, daily, hours, ready};

#[test]
fn a_slot_runs_at_its_time_and_once() {
    let nightly = nightly();
    let before = asked(
        &nightly,
        &state("2026-06-09T02:00:00Z"),
        &World::at(at("2026-06-10T01:59:59Z")),
    );
    assert_eq!((before.run, before.next), (None, Some(at("2026-06-10T02:00:00Z"))));
    assert_eq!(before.wake, at("2026-06-10T02:00:00Z"));
    let due = asked(&nightly, &before.state, &World::at(before.wake));
    assert_eq!(due.run, run("2026-06-10T02:00:00Z", None, 0));
    assert_eq!((due.settle.len(), due.next), (0, Some(at("2026-06-11T02:00:00Z"))));
    // The same question has the same answer, the new state none.
    assert_eq!(asked(&nightly, &before.state, &World::at(before.wake)), due);
    let after = asked(&nightly, &due.state, &World::at(before.wake));
    assert_eq!((after.run, after.wake), (None, at("2026-06-10T03:00:00Z")));
}

#[test]
fn two_minutes_are_on_time() {
    let late = |now: &str| {
        asked(&nightly(), &state("2026-06-09T02:00:00Z"), &World::at(at(now)))
            .run
            .unwrap()
            .late
    };
    assert_eq!(late("2026-06-10T02:02:00Z"), None);
    // Nobody looked, and nobody knows why.
    assert_eq!(late("2026-06-10T02:02:01Z"), Some(Reason::NotRunning));
}

#[test]
fn missed_slots_are_caught_up_once_each_with_its_reason() {
    let six = ready(hours(6, "03:00"), "UTC");
    let absences = [
        absent("2026-06-08T20:00:00Z", "2026-06-09T08:00:00Z", Reason::Asleep),
        absent("2026-06-09T08:30:00Z", "2026-06-10T10:00:00Z", Reason::Off),
        absent("2026-06-10T20:59:00Z", "2026-06-10T22:00:00Z", Reason::NotRunning),
    ];
    let world = World {
        absences: &absences,
        ..World::at(at("2026-06-10T22:00:10Z"))
    };
    let decision = asked(&six, &state("2026-06-08T15:00:00Z"), &world);
    assert_eq!(decision.run, run("2026-06-10T21:00:00Z", Some(Reason::NotRunning), 8));
    let by = Some("2026-06-10T21:00:00Z");
    assert_eq!(
        decision.settle,
        [
            settled("2026-06-08T21:00:00Z", "2026-06-09T03:00:00Z", 2, Reason::Asleep, by),
            settled("2026-06-09T09:00:00Z", "2026-06-10T09:00:00Z", 5, Reason::Off, by),
            // Nothing explains this one.
            settled("2026-06-10T15:00:00Z", "2026-06-10T15:00:00Z", 1, Reason::NotRunning, by),
        ]
    );
    assert_eq!(decision.state, state("2026-06-10T21:00:00Z"));
    assert_eq!(decision.next, Some(at("2026-06-11T03:00:00Z")));
}

#[test]
fn a_year_of_minutes_is_one_record() {
    let minutes = ready(Schedule::Minutes { every: 1 }, "Europe/Copenhagen");
    let absences = [absent("2025-06-10T00:00:30Z", "2026-06-10T00:00:30Z", Reason::Off)];
    let world = World {
        absences: &absences,
        ..World::at(at("2026-06-10T00:00:31Z"))
    };
    let decision = asked(&minutes, &state("2025-06-10T00:00:00Z"), &world);
    assert_eq!(decision.run, run("2026-06-10T00:00:00Z", None, 365 * 1440 - 1));
    let by = Some("2026-06-10T00:00:00Z");
    assert_eq!(
        decision.settle,
        [settled(
            "2025-06-10T00:01:00Z",
            "2026-06-09T23:59:00Z",
            365 * 1440 - 1,
            Reason::Off,
            by
        )]
    );
}

#[test]
fn skipped_when_missed() {
    let rules = Rules {
        missed: Missed::Skip,
        ..Rules::default()
    };
    let absences = [absent("2026-06-08T22:00:00Z", "2026-06-10T08:00:00Z", Reason::Asleep)];
    let world = |now: &str| World {
        absences: &absences,
        ..World::at(at(now))
    };
    let decision = decide(
        &nightly(),
        SEED,
        &rules,
        &state("2026-06-08T02:00:00Z"),
        &world("2026-06-10T08:00:00Z"),
    );
    assert_eq!(decision.run, None);
    assert_eq!(
        decision.settle,
        [settled(
            "2026-06-09T02:00:00Z",
            "2026-06-10T02:00:00Z",
            2,
            Reason::Asleep,
            None
        )]
    );
    assert_eq!(decision.state, state("2026-06-10T02:00:00Z"));
    // Back within two minutes of the slot: that one is not missed.
    let absences = [absent("2026-06-08T22:00:00Z", "2026-06-10T02:01:30Z", Reason::Asleep)];
    let world = World {
        absences: &absences,
        ..World::at(at("2026-06-10T02:01:40Z"))
    };
    let decision = decide(&nightly(), SEED, &rules, &state("2026-06-08T02:00:00Z"), &world);
    assert_eq!(decision.run, run("2026-06-10T02:00:00Z", None, 1));
    // What a rule delayed was not missed, even if the computer slept later.
    let absences = [absent("2026-06-10T03:00:00Z", "2026-06-10T09:00:00Z", Reason::Asleep)];
    let world = World {
        absences: &absences,
        ..World::at(at("2026-06-10T09:00:00Z"))
    };
    let waited = waiting("2026-06-10T02:00:00Z", "2026-06-10T02:00:00Z", Reason::Battery);
    let decision = decide(&nightly(), SEED, &rules, &waited, &world);
    assert_eq!(decision.run, run("2026-06-10T02:00:00Z", Some(Reason::Battery), 0));
}

#[test]
fn a_start_is_spread_but_never_a_catch_up() {
    let mut timetable = Timetable::new(daily(&["02:00"]));
    timetable.jitter_minutes = 60;
    let ready = timetable.check("UTC").unwrap();
    let delay = ready.jitter_of(SEED, at("2026-06-10T02:00:00Z"));
    assert!(delay > TimeDelta::minutes(1), "{delay} is no test");
    let before = asked(&ready, &state("2026-06-09T02:00:00Z"), &World::at(at("2026-06-10T02:00:00Z")));
    let start = at("2026-06-10T02:00:00Z") + delay;
    assert_eq!(
        (before.run, before.wait, before.wake, before.next),
        (None, None, start, Some(start))
    );
    let begun = asked(&ready, &before.state, &World::at(start));
    assert_eq!(begun.run, run("2026-06-10T02:00:00Z", None, 0));
    // A night is missing already: the newest runs at once.
    let caught_up = asked(&ready, &state("2026-06-08T02:00:00Z"), &World::at(at("2026-06-10T02:00:05Z")));
    assert_eq!(caught_up.run, run("2026-06-10T02:00:00Z", None, 1));
}

#[test]
fn a_clock_set_back_a_little_brings_nothing_twice() {
    let hourly = ready(hours(1, "00:00"), "UTC");
    let handled = state("2026-06-10T02:00:00Z");
    let decision = asked(&hourly, &handled, &World::at(at("2026-06-10T01:55:00Z")));
    assert_eq!((decision.run, decision.rewind, &decision.state), (None, None, &handled));
    assert_eq!(decision.next, Some(at("2026-06-10T03:00:00Z")));
    let again = asked(&hourly, &handled, &World::at(at("2026-06-10T02:00:00Z")));
    assert_eq!(again.run, None);
}

#[test]
fn a_clock_that_was_ahead_does_not_stop_backups() {
    let handled = state("2027-06-10T02:00:00Z");
    let decision = asked(&nightly(), &handled, &World::at(at("2026-06-10T12:00:00Z")));
    let rewind = Rewind {
        was: at("2027-06-10T02:00:00Z"),
        now: at("2026-06-10T12:00:00Z"),
    };
    assert_eq!((decision.run, decision.rewind), (None, Some(rewind)));
    assert_eq!(decision.state, state("2026-06-10T12:00:00Z"));
    let next = asked(&nightly(), &decision.state, &World::at(at("2026-06-11T02:00:00Z")));
    assert_eq!(next.run, run("2026-06-11T02:00:00Z", None, 0));
    // What waited with a time to come gives its place to the newest that has come, and goes on waiting.
    let waited = waiting("2027-06-10T02:00:00Z", "2027-06-10T02:00:00Z", Reason::Battery);
    let on_battery = World {
        on_battery: Some(true),
        ..World::at(at("2026-06-10T12:00:00Z"))
    };
    let held = asked(&nightly(), &waited, &on_battery);
    let by = Some("2026-06-10T02:00:00Z");
    assert_eq!(
        held.settle,
        [settled(
            "2027-06-10T02:00:00Z",
            "2027-06-10T02:00:00Z",
            1,
            Reason::ClockAhead,
            by
        )]
    );
    assert_eq!(
        wait_of(&held),
        Some((Reason::Battery, Some(at("2026-06-11T00:00:00Z")), false))
    );
    assert_eq!(held.state.handled, at("2026-06-10T12:00:00Z"));
    let plugged = asked(&nightly(), &held.state, &World::at(at("2026-06-10T13:00:00Z")));
    assert_eq!(plugged.run, run("2026-06-10T02:00:00Z", Some(Reason::Battery), 0));
    assert_eq!(plugged.state, state("2026-06-10T12:00:00Z"));
    // One whose time has come by the new clock too stays.
    let waited = State {
        handled: at("2026-06-11T02:00:00Z"),
        ..waiting("2026-06-10T02:00:00Z", "2026-06-10T02:00:00Z", Reason::Battery)
    };
    let plugged = asked(&nightly(), &waited, &World::at(at("2026-06-10T13:00:00Z")));
    assert_eq!(
        (plugged.run, plugged.settle.len()),
        (run("2026-06-10T02:00:00Z", Some(Reason::Battery), 0), 0)
    );
}

#[test]
fn a_clock_set_forth_by_a_century_is_one_catch_up() {
    let minutes = ready(Schedule::Minutes { every: 5 }, "America/New_York");
    let decision = asked(
        &minutes,
        &state("2026-06-10T00:00:00Z"),
        &World::at(at("2126-06-10T00:03:00Z")),
    );
    assert_eq!(decision.run.unwrap().due, at("2126-06-10T00:00:00Z"));
    assert_eq!(decision.settle.len(), 1);
    assert_eq!(decision.settle[0].count, 36_524 * 288 - 1);
}

#[test]
fn what_the_caller_had_to_put_off_comes_at_the_next_question() {
    for reason in [Reason::Retry, Reason::OtherProcess] {
        let begun = asked(
            &nightly(),
            &state("2026-06-09T02:00:00Z"),
            &World::at(at("2026-06-10T02:00:00Z")),
        );
        let put_off = begun
            .state
            .put_off(begun.run.unwrap().due, reason, at("2026-06-10T02:00:01Z"));
        assert_eq!(put_off, waiting("2026-06-10T02:00:00Z", "2026-06-10T02:00:01Z", reason));
        let decision = asked(&nightly(), &put_off, &World::at(at("2026-06-10T02:15:00Z")));
        assert_eq!(decision.run, run("2026-06-10T02:00:00Z", Some(reason), 0));
        // A newer slot takes its place.
        let next = asked(&nightly(), &put_off, &World::at(at("2026-06-11T02:00:00Z")));
        assert_eq!(next.run, run("2026-06-11T02:00:00Z", None, 1));
        assert_eq!(next.settle[0].why, reason);
    }
}

#[test]
fn asleep_while_the_start_was_being_spread() {
    let mut timetable = Timetable::new(daily(&["02:00"]));
    timetable.jitter_minutes = 240;
    let ready = timetable.check("UTC").unwrap();
    let slot = at("2026-06-10T02:00:00Z");
    let start = slot + ready.jitter_of(SEED, slot);
    assert!(start - slot > TimeDelta::minutes(20), "{start} is no test");
    let absences = [Absence {
        from: start - TimeDelta::minutes(5),
        to: at("2026-06-10T20:00:00Z"),
        why: Reason::Asleep,
    }];
    let world = World {
        absences: &absences,
        ..World::at(at("2026-06-10T20:00:00Z"))
    };
    assert_eq!(
        asked(&ready, &state("2026-06-09T02:00:00Z"), &world).run,
        run("2026-06-10T02:00:00Z", Some(Reason::Asleep), 0)
    );
}

#[test]
fn by_hand_only() {
    let manual = ready(Schedule::Manual, "UTC");
    let decision = asked(
        &manual,
        &state("2020-01-01T00:00:00Z"),
        &World::at(at("2026-06-10T02:00:00Z")),
    );
    assert_eq!(
        (decision.run, decision.wait, decision.next, decision.settle.len()),
        (None, None, None, 0)
    );
    assert_eq!(decision.wake, at("2026-06-10T03:00:00Z"));
}

#[test]
fn a_changed_timetable_does_not_begin_in_the_past() {
    let (old, new) = (nightly(), ready(daily(&["06:00"]), "UTC"));
    let remembered = state("2026-06-10T02:00:00Z");
    let noon = at("2026-06-10T12:00:00Z");
    assert_eq!(asked(&new, &remembered.retimed(&old, noon), &World::at(noon)).run, None);
    // One of the old that nobody could begin is caught up by the new.
    let missed = state("2026-06-09T02:00:00Z").retimed(&old, noon);
    assert_eq!(
        asked(&new, &missed, &World::at(noon)).run.unwrap().due,
        at("2026-06-10T06:00:00Z")
    );
}
