//! What went wrong in other backup programs, and must not here.

use backstay_schedule::{Absence, Ready, Reason, Rules, Run, State, World, decide};
use chrono::{DateTime, TimeDelta, Utc};

use crate::making::{at, daily, ready};

/// A computer that is on in these hours of every day and sleeps in between: all runs of so many days, with when they began.
fn laptop(timetable: &Ready, from: u32, to: u32, days: i64) -> Vec<(DateTime<Utc>, Run)> {
    let first = at("2026-06-01T00:00:00Z");
    let mut state = State::new(first - TimeDelta::seconds(1));
    let mut runs = Vec::new();
    let mut asleep_since = first;
    for day in 0..days {
        let midnight = first + TimeDelta::days(day);
        let wake_up = midnight + TimeDelta::hours(i64::from(from));
        let absences = [Absence {
            from: asleep_since,
            to: wake_up,
            why: Reason::Asleep,
        }];
        asleep_since = midnight + TimeDelta::hours(i64::from(to));
        let mut now = wake_up;
        while now < asleep_since {
            let world = World {
                absences: &absences,
                ..World::at(now)
            };
            let decision = decide(timetable, "laptop", &Rules::default(), &state, &world);
            runs.extend(decision.run.map(|run| (now, run)));
            state = decision.state;
            now = decision.wake;
        }
    }
    runs
}

#[test]
fn vorta_2312_a_catch_up_does_not_displace_the_fixed_time() {
    // Never on at 18:00: every evening at 19:00, for the slot of 18:00.
    let evening = ready(daily(&["18:00"]), "UTC");
    let late = laptop(&evening, 19, 23, 10);
    assert_eq!(late.len(), 10);
    assert!(
        late.iter()
            .all(|(began, run)| began.format("%H:%M").to_string() == "19:00" && run.late == Some(Reason::Asleep))
    );
    assert!(late.iter().all(|(_, run)| run.due.format("%H:%M").to_string() == "18:00"));
    let in_time = laptop(&evening, 8, 23, 10);
    assert_eq!(in_time.len(), 10);
    assert!(in_time.iter().all(|(began, run)| *began == run.due && run.late.is_none()));
    // After ten late evenings the next slot is at 18:00 all the same.
    let (_, last) = late[9];
    assert_eq!(evening.next_after(last.due), Some(last.due + TimeDelta::days(1)));
}

#[test]
fn kopia_3197_nightly_on_a_laptop_that_sleeps_at_night() {
    let nightly = ready(daily(&["02:00"]), "Europe/Copenhagen");
    let runs = laptop(&nightly, 7, 17, 21);
    assert_eq!(runs.len(), 21);
    for (day, (began, run)) in (0..).zip(&runs) {
        let midnight = at("2026-06-01T00:00:00Z") + TimeDelta::days(day);
        // 02:00 in Copenhagen is midnight in UTC.
        assert_eq!((*began, run.due), (midnight + TimeDelta::hours(7), midnight));
    }
}

#[test]
fn kopia_3512_overdue_after_wake_up_needs_no_click() {
    let nightly = ready(daily(&["02:00"]), "UTC");
    let wake_up = at("2026-06-12T08:13:21Z");
    let world = World {
        absences: &[Absence {
            from: at("2026-06-09T22:00:00Z"),
            to: wake_up,
            why: Reason::Asleep,
        }],
        ..World::at(wake_up)
    };
    let decision = decide(
        &nightly,
        "plan",
        &Rules::default(),
        &State::new(at("2026-06-09T02:00:00Z")),
        &world,
    );
    assert!(decision.run.is_some());
}

#[test]
fn kopia_4713_one_catch_up_however_often_it_is_asked() {
    let nightly = ready(daily(&["02:00"]), "UTC");
    let mut state = State::new(at("2026-06-01T02:00:00Z"));
    let mut runs = 0;
    for second in 0..600 {
        let now = at("2026-06-12T08:00:00Z") + TimeDelta::seconds(second);
        let world = World {
            busy: (5..300).contains(&second),
            ..World::at(now)
        };
        let decision = decide(&nightly, "plan", &Rules::default(), &state, &world);
        runs += u32::from(decision.run.is_some());
        state = decision.state;
    }
    assert_eq!(runs, 1);
}

#[test]
fn vorta_2272_not_knowing_the_network_stops_nothing() {
    let nightly = ready(daily(&["02:00"]), "UTC");
    let world = World {
        on_battery: None,
        metered: None,
        online: None,
        ..World::at(at("2026-06-10T02:00:00Z"))
    };
    let decision = decide(
        &nightly,
        "plan",
        &Rules::default(),
        &State::new(at("2026-06-09T02:00:00Z")),
        &world,
    );
    assert!(decision.run.is_some());
}

#[test]
fn vorta_347_days_lost_to_sleep_are_on_record() {
    let nightly = ready(daily(&["02:00"]), "UTC");
    let back = at("2026-06-12T08:00:00Z");
    let world = World {
        absences: &[Absence {
            from: at("2026-06-05T22:00:00Z"),
            to: back,
            why: Reason::Asleep,
        }],
        ..World::at(back)
    };
    let decision = decide(
        &nightly,
        "plan",
        &Rules::default(),
        &State::new(at("2026-06-05T02:00:00Z")),
        &world,
    );
    let [range] = decision.settle.as_slice() else {
        panic!("{:?}", decision.settle)
    };
    assert_eq!(
        (range.count, range.why, range.covered_by),
        (6, Reason::Asleep, decision.run.map(|run| run.due))
    );
}

#[test]
fn duplicati_6759_a_restarted_program_goes_on_where_it_was() {
    let nightly = ready(daily(&["02:00"]), "UTC");
    let world = World {
        on_battery: Some(true),
        ..World::at(at("2026-06-10T02:00:00Z"))
    };
    let before = decide(
        &nightly,
        "plan",
        &Rules::default(),
        &State::new(at("2026-06-09T02:00:00Z")),
        &world,
    );
    let stored = serde_json::to_string(&before.state).unwrap();
    let read: State = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, before.state);
    let after = decide(
        &nightly,
        "plan",
        &Rules::default(),
        &read,
        &World::at(at("2026-06-10T06:00:00Z")),
    );
    assert_eq!(
        after.run.map(|run| (run.due, run.late)),
        Some((at("2026-06-10T02:00:00Z"), Some(Reason::Battery)))
    );
}
