//! Rules that delay: what waits, for what, until when.

use backstay_schedule::{Busy, Day, Moment, Quiet, Reason, Rules, Schedule, State, World, decide};
use chrono::{DateTime, TimeDelta, Utc};

use crate::asking::{SEED, asked, nightly, run, settled, state, wait_of, waiting};
use crate::making::{at, hours, ready, time};

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
