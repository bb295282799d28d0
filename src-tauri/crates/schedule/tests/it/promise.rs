//! How old a backup may become, and how starts are spread.

use backstay_schedule::{Day, MonthDay, Schedule, Timetable};
use chrono::TimeDelta;

use crate::making::{at, cron, daily, hours, monthly, ready, weekly};

#[test]
fn the_longest_gap_and_what_follows_from_it() {
    let summer = "2026-06-10T12:00:00Z";
    let workdays = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
    let table = [
        (hours(6, "03:00"), summer, 6 * 60, 7 * 60),
        (Schedule::Minutes { every: 30 }, summer, 30, 40),
        (daily(&["02:00"]), summer, 24 * 60, 28 * 60),
        (daily(&["08:00", "18:00"]), summer, 14 * 60, 14 * 60 + 140),
        (weekly(&workdays, &["03:30"]), summer, 72 * 60, 78 * 60),
        (weekly(&[Day::Mon], &["03:30"]), summer, 7 * 1440, 7 * 1440 + 360),
        // The day with 25 hours lies ahead.
        (daily(&["02:00"]), "2026-10-10T12:00:00Z", 25 * 60, 25 * 60 + 250),
        (
            monthly(MonthDay::Day(12), "01:00"),
            summer,
            31 * 1440 + 60,
            31 * 1440 + 60 + 360,
        ),
        (cron("0 0 1 1 *"), summer, 365 * 1440, 365 * 1440 + 360),
        (cron("0 0 29 2 *"), summer, 1461 * 1440, 1461 * 1440 + 360),
    ];
    for (schedule, from, gap, promise) in table {
        let ready = ready(schedule.clone(), "Europe/Copenhagen");
        assert_eq!(ready.longest_gap(at(from)), Some(TimeDelta::minutes(gap)), "{schedule:?}");
        assert_eq!(
            ready.default_promise(at(from)),
            Some(TimeDelta::minutes(promise)),
            "{schedule:?}"
        );
    }
    let manual = ready(Schedule::Manual, "UTC");
    assert_eq!(
        (manual.longest_gap(at(summer)), manual.default_promise(at(summer))),
        (None, None)
    );
}

#[test]
fn starts_are_spread_the_same_way_every_time() {
    let spread = |schedule: Schedule, minutes: u32| {
        let mut timetable = Timetable::new(schedule);
        timetable.jitter_minutes = minutes;
        timetable.check("UTC").unwrap()
    };
    let slots = |ready: &backstay_schedule::Ready| ready.slots(at("2026-01-01T00:00:00Z"), at("2026-06-01T00:00:00Z"), 100).list;
    let nightly = spread(daily(&["02:00"]), 30);
    let delays: Vec<_> = slots(&nightly)
        .iter()
        .map(|slot| nightly.jitter_of("plan one", *slot).num_seconds())
        .collect();
    let again: Vec<_> = slots(&nightly)
        .iter()
        .map(|slot| nightly.jitter_of("plan one", *slot).num_seconds())
        .collect();
    assert_eq!(delays, again);
    assert!(delays.iter().all(|delay| (0..=30 * 60).contains(delay)));
    // Spread over the whole half hour, by slot and by seed.
    for sixth in 0..6 {
        let among = delays.iter().filter(|delay| **delay / 300 == sixth).count();
        assert!((5..=35).contains(&among), "{among} of 100 in the sixth {sixth}");
    }
    let night = at("2026-01-02T02:00:00Z");
    let seeds: std::collections::BTreeSet<_> = (0..100).map(|n| nightly.jitter_of(&format!("plan {n}"), night)).collect();
    assert!(seeds.len() > 90);
    // Never near the next slot, and nothing where nothing is asked.
    let often = spread(Schedule::Minutes { every: 10 }, 30);
    assert!(
        slots(&often)
            .iter()
            .all(|slot| often.jitter_of("plan one", *slot) <= TimeDelta::minutes(5))
    );
    let never = ready(daily(&["02:00"]), "UTC");
    assert_eq!(never.jitter_of("plan one", night), TimeDelta::zero());
}
