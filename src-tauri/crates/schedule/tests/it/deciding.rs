//! One decision at a time: what runs, what waits, what is written down.

use backstay_schedule::{
    Absence, Busy, Day, Decision, Missed, Moment, Quiet, Ready, Reason, Rewind, Rules, Run, Schedule, Settled, State, Timetable,
    Waiting, World, decide,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::making::{at, daily, hours, ready, time};

const SEED: &str = "plan";

fn nightly() -> Ready {
    ready(daily(&["02:00"]), "UTC")
}

fn state(handled: &str) -> State {
    State::new(at(handled))
}

fn waiting(due: &str, since: &str, reason: Reason) -> State {
    State {
        handled: at(due),
        waiting: Some(Waiting {
            due: at(due),
            since: at(since),
            reason,
        }),
    }
}

fn asked(timetable: &Ready, state: &State, world: &World<'_>) -> Decision {
    decide(timetable, SEED, &Rules::default(), state, world)
}

fn run(due: &str, late: Option<Reason>, covers: u64) -> Option<Run> {
    Some(Run {
        due: at(due),
        late,
        covers,
    })
}

fn settled(first: &str, last: &str, count: u64, why: Reason, covered_by: Option<&str>) -> Settled {
    Settled {
        first: at(first),
        last: at(last),
        count,
        why,
        covered_by: covered_by.map(at),
    }
}

fn absent(from: &str, to: &str, why: Reason) -> Absence {
    Absence {
        from: at(from),
        to: at(to),
        why,
    }
}

/// What waits, for what and until when.
fn wait_of(decision: &Decision) -> Option<(Reason, Option<DateTime<Utc>>, bool)> {
    assert_eq!(decision.wait.map(|wait| wait.waiting), decision.state.waiting);
    assert!(decision.run.is_none() || decision.wait.is_none());
    decision.wait.map(|wait| (wait.waiting.reason, wait.until, wait.ask))
}

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
fn battery_delays_up_to_its_limit() {
    let on_battery = |now: &str| World {
        on_battery: Some(true),
        ..World::at(at(now))
    };
    let first = asked(
        &nightly(),
        &state("2026-06-09T02:00:00Z"),
        &on_battery("2026-06-10T02:00:00Z"),
    );
    assert_eq!(
        wait_of(&first),
        Some((Reason::Battery, Some(at("2026-06-10T14:00:00Z")), false))
    );
    assert_eq!(first.run, None);
    assert!(first.wake <= at("2026-06-10T02:01:00Z"));
    let later = asked(&nightly(), &first.state, &on_battery("2026-06-10T13:59:59Z"));
    assert_eq!((wait_of(&later), &later.state), (wait_of(&first), &first.state));
    let end = asked(&nightly(), &later.state, &on_battery("2026-06-10T14:00:00Z"));
    assert_eq!(
        (end.run, wait_of(&end)),
        (run("2026-06-10T02:00:00Z", Some(Reason::Battery), 0), None)
    );
    let plugged = asked(&nightly(), &first.state, &World::at(at("2026-06-10T05:00:00Z")));
    assert_eq!(plugged.run, run("2026-06-10T02:00:00Z", Some(Reason::Battery), 0));
    let unplugged_allowed = Rules {
        battery: Moment::Run,
        ..Rules::default()
    };
    let decision = decide(
        &nightly(),
        SEED,
        &unplugged_allowed,
        &state("2026-06-09T02:00:00Z"),
        &on_battery("2026-06-10T02:00:00Z"),
    );
    assert_eq!(decision.run, run("2026-06-10T02:00:00Z", None, 0));
}

#[test]
fn a_newer_slot_takes_the_place_but_not_the_patience() {
    let hourly = ready(hours(1, "00:00"), "UTC");
    let mut remembered = state("2026-06-10T00:00:00Z");
    let mut ran = Vec::new();
    let mut replaced = Vec::new();
    for minute in 1..=14 * 60 {
        let now = at("2026-06-10T00:00:00Z") + TimeDelta::minutes(minute);
        let world = World {
            on_battery: Some(true),
            ..World::at(now)
        };
        let decision = asked(&hourly, &remembered, &world);
        ran.extend(decision.run.map(|run| (now, run)));
        replaced.extend(decision.settle);
        remembered = decision.state;
    }
    // Delayed since 01:00: twelve hours later one begins, although each single slot waited an hour at most.
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0].0, at("2026-06-10T13:00:00Z"));
    assert_eq!(Some(ran[0].1), run("2026-06-10T13:00:00Z", None, 1));
    assert_eq!(replaced.len(), 12);
    assert!(
        replaced
            .iter()
            .all(|range| range.why == Reason::Battery && range.covered_by == Some(range.last + TimeDelta::hours(1)))
    );
    assert_eq!(remembered.waiting.unwrap().since, at("2026-06-10T14:00:00Z"));
}

#[test]
fn a_metered_network_delays_and_then_asks() {
    let metered = |now: &str| World {
        metered: Some(true),
        online: Some(true),
        ..World::at(at(now))
    };
    let first = asked(&nightly(), &state("2026-06-09T02:00:00Z"), &metered("2026-06-10T02:00:00Z"));
    assert_eq!(
        wait_of(&first),
        Some((Reason::Metered, Some(at("2026-06-10T14:00:00Z")), false))
    );
    let end = asked(&nightly(), &first.state, &metered("2026-06-10T14:00:00Z"));
    assert_eq!((end.run, wait_of(&end)), (None, Some((Reason::Metered, None, true))));
    // The next slot takes its place and still asks.
    let next = asked(&nightly(), &end.state, &metered("2026-06-11T02:00:00Z"));
    assert_eq!(wait_of(&next), Some((Reason::Metered, None, true)));
    let by = Some("2026-06-11T02:00:00Z");
    assert_eq!(
        next.settle,
        [settled(
            "2026-06-10T02:00:00Z",
            "2026-06-10T02:00:00Z",
            1,
            Reason::Metered,
            by
        )]
    );
    let free = asked(&nightly(), &next.state, &World::at(at("2026-06-11T02:30:00Z")));
    assert_eq!(free.run, run("2026-06-11T02:00:00Z", Some(Reason::Metered), 0));
}

#[test]
fn offline_waits_for_the_network() {
    let offline = |now: &str| World {
        online: Some(false),
        ..World::at(at(now))
    };
    let first = asked(&nightly(), &state("2026-06-09T02:00:00Z"), &offline("2026-06-10T02:00:00Z"));
    assert_eq!(wait_of(&first), Some((Reason::Offline, None, false)));
    let back = asked(&nightly(), &first.state, &World::at(at("2026-06-10T02:00:30Z")));
    assert_eq!(back.run, run("2026-06-10T02:00:00Z", None, 0));
}

#[test]
fn a_pause_delays_to_its_end_and_is_caught_up_once() {
    let six = ready(hours(6, "03:00"), "UTC");
    let until = at("2026-06-11T12:00:00Z");
    let mut remembered = state("2026-06-09T21:00:00Z");
    let mut ran = Vec::new();
    let mut why = Vec::new();
    let mut now = at("2026-06-10T02:00:00Z");
    while now < at("2026-06-11T14:00:00Z") {
        let world = World {
            paused_until: Some(until),
            ..World::at(now)
        };
        let decision = asked(&six, &remembered, &world);
        ran.extend(decision.run.map(|run| (now, run)));
        why.extend(decision.settle.iter().map(|range| (range.why, range.count)));
        if now < until && decision.wait.is_some() {
            assert_eq!(wait_of(&decision), Some((Reason::Paused, Some(until), false)));
        }
        remembered = decision.state;
        assert!(decision.wake > now);
        now = decision.wake;
    }
    assert_eq!(ran, [(until, run("2026-06-11T09:00:00Z", Some(Reason::Paused), 0).unwrap())]);
    assert_eq!(why, [(Reason::Paused, 1); 5]);
}

#[test]
fn beside_the_last_run() {
    let busy = |now: &str| World {
        busy: true,
        ..World::at(at(now))
    };
    let queued = asked(&nightly(), &state("2026-06-09T02:00:00Z"), &busy("2026-06-10T02:00:00Z"));
    assert_eq!(wait_of(&queued), Some((Reason::Busy, None, false)));
    let free = asked(&nightly(), &queued.state, &World::at(at("2026-06-10T04:00:00Z")));
    assert_eq!(free.run, run("2026-06-10T02:00:00Z", Some(Reason::Busy), 0));
    let rules = Rules {
        busy: Busy::Skip,
        ..Rules::default()
    };
    let left_out = decide(
        &nightly(),
        SEED,
        &rules,
        &state("2026-06-09T02:00:00Z"),
        &busy("2026-06-10T02:00:00Z"),
    );
    assert_eq!((left_out.run, left_out.wait), (None, None));
    assert_eq!(
        left_out.settle,
        [settled("2026-06-10T02:00:00Z", "2026-06-10T02:00:00Z", 1, Reason::Busy, None)]
    );
    // What waited for another reason is not dropped because of it.
    let waited = waiting("2026-06-10T02:00:00Z", "2026-06-10T02:00:00Z", Reason::Battery);
    let decision = decide(&nightly(), SEED, &rules, &waited, &busy("2026-06-11T02:00:00Z"));
    assert_eq!(decision.state.waiting.unwrap().due, at("2026-06-10T02:00:00Z"));
}

fn quiet(from: &str, to: &str, days: &[Day]) -> Quiet {
    Quiet {
        from: time(from),
        to: time(to),
        days: days.to_vec(),
    }
}

/// Until when a slot that is due at this moment waits; `None` if it begins.
fn quiet_until(hours: &[Quiet], zone: &str, now: &str) -> Option<DateTime<Utc>> {
    let rules = Rules {
        quiet: hours.to_vec(),
        ..Rules::default()
    };
    let minutes = ready(Schedule::Minutes { every: 1 }, zone);
    let now = at(now);
    let decision = decide(
        &minutes,
        SEED,
        &rules,
        &State::new(now - TimeDelta::minutes(1)),
        &World::at(now),
    );
    assert_eq!(decision.run.is_none(), decision.wait.is_some());
    decision.wait.map(|wait| {
        assert_eq!(wait.waiting.reason, Reason::Quiet);
        wait.until.unwrap()
    })
}

#[test]
fn quiet_hours_delay_to_their_end() {
    let night = [quiet("22:00", "06:00", &[])];
    let zone = "Europe/Copenhagen";
    assert_eq!(quiet_until(&night, zone, "2026-06-10T19:59:00Z"), None);
    assert_eq!(
        quiet_until(&night, zone, "2026-06-10T20:00:00Z"),
        Some(at("2026-06-11T04:00:00Z"))
    );
    assert_eq!(
        quiet_until(&night, zone, "2026-06-11T03:59:00Z"),
        Some(at("2026-06-11T04:00:00Z"))
    );
    assert_eq!(quiet_until(&night, zone, "2026-06-11T04:00:00Z"), None);
    // Only on the night from Friday to Saturday (12 June 2026 is a Friday).
    let friday = [quiet("22:00", "06:00", &[Day::Fri])];
    assert_eq!(quiet_until(&friday, "UTC", "2026-06-12T01:00:00Z"), None);
    assert_eq!(
        quiet_until(&friday, "UTC", "2026-06-13T01:00:00Z"),
        Some(at("2026-06-13T06:00:00Z"))
    );
    assert_eq!(quiet_until(&friday, "UTC", "2026-06-13T23:00:00Z"), None);
    // One after the other, and a weekend as a whole.
    let chain = [
        quiet("20:00", "23:00", &[]),
        quiet("23:00", "02:00", &[]),
        quiet("01:00", "03:00", &[]),
    ];
    assert_eq!(
        quiet_until(&chain, "UTC", "2026-06-10T20:30:00Z"),
        Some(at("2026-06-11T03:00:00Z"))
    );
    let weekend = [quiet("00:00", "00:00", &[Day::Sat, Day::Sun])];
    assert_eq!(
        quiet_until(&weekend, "UTC", "2026-06-13T08:00:00Z"),
        Some(at("2026-06-15T00:00:00Z"))
    );
}

#[test]
fn quiet_hours_when_the_clock_is_moved() {
    let zone = "Europe/Copenhagen";
    // They end in the gap: at its end.
    assert_eq!(
        quiet_until(&[quiet("00:00", "02:30", &[])], zone, "2026-03-29T00:00:00Z"),
        Some(at("2026-03-29T01:00:00Z"))
    );
    // They end at a time that comes twice: quiet again when the clock is set back.
    let night = [quiet("00:00", "02:30", &[])];
    assert_eq!(
        quiet_until(&night, zone, "2026-10-25T00:00:00Z"),
        Some(at("2026-10-25T00:30:00Z"))
    );
    assert_eq!(quiet_until(&night, zone, "2026-10-25T00:40:00Z"), None);
    assert_eq!(
        quiet_until(&night, zone, "2026-10-25T01:00:00Z"),
        Some(at("2026-10-25T01:30:00Z"))
    );
}

#[test]
fn quiet_for_ever_waits_and_looks_again() {
    let rules = Rules {
        quiet: vec![quiet("00:00", "00:00", &[])],
        ..Rules::default()
    };
    let decision = decide(
        &nightly(),
        SEED,
        &rules,
        &state("2026-06-09T02:00:00Z"),
        &World::at(at("2026-06-10T02:00:00Z")),
    );
    assert_eq!(wait_of(&decision), Some((Reason::Quiet, None, false)));
    assert_eq!(decision.wake, at("2026-06-10T03:00:00Z"));
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
    // What waited goes on waiting, and does not put the clock ahead again.
    let waited = waiting("2027-06-10T02:00:00Z", "2027-06-10T02:00:00Z", Reason::Battery);
    let on_battery = World {
        on_battery: Some(true),
        ..World::at(at("2026-06-10T12:00:00Z"))
    };
    let held = asked(&nightly(), &waited, &on_battery);
    assert_eq!(
        wait_of(&held),
        Some((Reason::Battery, Some(at("2026-06-11T00:00:00Z")), false))
    );
    assert_eq!(held.state.handled, at("2026-06-10T12:00:00Z"));
    let plugged = asked(&nightly(), &held.state, &World::at(at("2026-06-10T13:00:00Z")));
    assert_eq!(plugged.run.unwrap().due, at("2027-06-10T02:00:00Z"));
    assert_eq!(plugged.state, state("2026-06-10T12:00:00Z"));
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
fn a_slot_that_comes_again_after_the_clock_was_set_back_is_one() {
    let mut timetable = Timetable::new(daily(&["02:00"]));
    timetable.jitter_minutes = 60;
    let ready = timetable.check("UTC").unwrap();
    // It waited by the old clock; by the new one it is due tomorrow.
    let remembered = State {
        handled: at("2026-06-10T12:00:00Z"),
        ..waiting("2026-06-11T02:00:00Z", "2026-06-10T12:00:00Z", Reason::Offline)
    };
    let due = at("2026-06-11T02:00:00Z");
    let decision = asked(&ready, &remembered, &World::at(due));
    assert_eq!((decision.run.unwrap().due, decision.settle.len()), (due, 0));
    let after = asked(&ready, &decision.state, &World::at(due + TimeDelta::hours(1)));
    assert_eq!((decision.state, after.run), (State::new(due), None));
    // Among several it is counted once.
    let later = asked(&ready, &remembered, &World::at(at("2026-06-13T08:00:00Z")));
    assert_eq!(later.run.unwrap().covers, 2);
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
