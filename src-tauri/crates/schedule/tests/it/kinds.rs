//! Every kind of schedule, by table.

use backstay_schedule::{Day, MonthDay, Schedule, ScheduleError, Timetable};

use crate::making::{at, cron, daily, hours, monthly, next, ready, weekly};

const ZONE: &str = "Europe/Copenhagen";

#[test]
fn slots_of_each_kind() {
    let workdays = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
    let table: Vec<(Schedule, &[&str])> = vec![
        (Schedule::Manual, &[]),
        // 2024-01-01 00:00 in Copenhagen and 45 minutes, again and again; the clock has been moved five times since.
        (
            Schedule::Minutes { every: 45 },
            &["2026-06-10T12:30:00Z", "2026-06-10T13:15:00Z", "2026-06-10T14:00:00Z"],
        ),
        (
            hours(6, "03:00"),
            &[
                "2026-06-10T13:00:00Z",
                "2026-06-10T19:00:00Z",
                "2026-06-11T01:00:00Z",
                "2026-06-11T07:00:00Z",
            ],
        ),
        // The day ends: 20:00 and no more.
        (hours(6, "20:00"), &["2026-06-10T18:00:00Z", "2026-06-11T18:00:00Z"]),
        (
            daily(&["14:00", "02:00", "14:00"]),
            &["2026-06-11T00:00:00Z", "2026-06-11T12:00:00Z"],
        ),
        (
            weekly(&[Day::Mon, Day::Sat], &["03:30"]),
            &["2026-06-13T01:30:00Z", "2026-06-15T01:30:00Z", "2026-06-20T01:30:00Z"],
        ),
        (weekly(&[], &["03:30"]), &["2026-06-11T01:30:00Z", "2026-06-12T01:30:00Z"]),
        (
            weekly(&workdays, &["23:30"]),
            &[
                "2026-06-10T21:30:00Z",
                "2026-06-11T21:30:00Z",
                "2026-06-12T21:30:00Z",
                "2026-06-15T21:30:00Z",
            ],
        ),
        (
            monthly(MonthDay::Day(12), "01:00"),
            &["2026-06-11T23:00:00Z", "2026-07-11T23:00:00Z"],
        ),
        (
            monthly(MonthDay::Last, "01:00"),
            &["2026-06-29T23:00:00Z", "2026-07-30T23:00:00Z"],
        ),
        (
            monthly(MonthDay::First(Day::Sun), "01:00"),
            &["2026-07-04T23:00:00Z", "2026-08-01T23:00:00Z"],
        ),
        (
            cron("0 */6 * * *"),
            &["2026-06-10T16:00:00Z", "2026-06-10T22:00:00Z", "2026-06-11T04:00:00Z"],
        ),
        (cron("@monthly"), &["2026-06-30T22:00:00Z", "2026-07-31T22:00:00Z"]),
        (cron("0 0 29 FEB *"), &["2028-02-28T23:00:00Z", "2032-02-28T23:00:00Z"]),
        (cron("30 7 * * MON#1"), &["2026-07-06T05:30:00Z", "2026-08-03T05:30:00Z"]),
    ];
    for (schedule, expected) in table {
        let ready = ready(schedule.clone(), ZONE);
        // 14:00 in Copenhagen: a slot at that very moment is not after it.
        let found = next(&ready, "2026-06-10T12:00:00Z", expected.len().max(1));
        assert_eq!(found, expected, "{schedule:?}");
        let slots = ready.slots(at("2026-06-10T12:00:00Z"), at("2040-01-01T00:00:00Z"), expected.len());
        assert_eq!(
            slots.list,
            expected.iter().map(|text| at(text)).collect::<Vec<_>>(),
            "{schedule:?}"
        );
    }
}

#[test]
fn a_month_too_short_for_the_day_is_not_left_out() {
    let ready = ready(monthly(MonthDay::Day(31), "12:00"), "UTC");
    let found = next(&ready, "2027-12-31T12:00:00Z", 5);
    let days: Vec<_> = found.iter().map(|text| &text[..10]).collect();
    assert_eq!(days, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]);
}

#[test]
fn the_newest_slot_is_at_or_before() {
    let ready = ready(daily(&["02:00"]), ZONE);
    assert_eq!(
        ready.newest_until(at("2026-06-10T00:00:00Z")),
        Some(at("2026-06-10T00:00:00Z"))
    );
    assert_eq!(
        ready.newest_until(at("2026-06-09T23:59:59Z")),
        Some(at("2026-06-09T00:00:00Z"))
    );
    let leap = crate::making::ready(cron("0 0 29 2 *"), "UTC");
    assert_eq!(
        leap.newest_until(at("2026-06-10T00:00:00Z")),
        Some(at("2024-02-29T00:00:00Z"))
    );
    // 2100 is no leap year.
    assert_eq!(
        leap.newest_until(at("2103-12-31T00:00:00Z")),
        Some(at("2096-02-29T00:00:00Z"))
    );
    assert_eq!(leap.next_after(at("2097-01-01T00:00:00Z")), Some(at("2104-02-29T00:00:00Z")));
}

#[test]
fn a_year_of_minutes_is_counted_and_not_listed() {
    let start = at("2025-01-01T00:00:00Z");
    let end = at("2026-01-01T00:00:00Z");
    for schedule in [Schedule::Minutes { every: 1 }, cron("* * * * *")] {
        let slots = ready(schedule, "Europe/Copenhagen").slots(start, end, 3);
        assert_eq!(slots.list.len(), 3);
        assert_eq!(slots.more, 365 * 1440 - 3);
    }
    let slots = ready(daily(&["02:00"]), "Europe/Copenhagen").slots(start, end, 0);
    assert_eq!((slots.list.len(), slots.more), (0, 365));
}

#[test]
fn spans_that_hold_nothing() {
    let ready = ready(daily(&["02:00"]), "UTC");
    let noon = at("2026-06-10T12:00:00Z");
    assert_eq!(ready.slots(noon, noon, 5), backstay_schedule::Slots::default());
    assert_eq!(
        ready.slots(noon, at("2020-01-01T00:00:00Z"), 5),
        backstay_schedule::Slots::default()
    );
}

#[test]
fn clocks_at_the_ends_of_time_do_no_harm() {
    use chrono::{DateTime, Utc};
    for schedule in [
        Schedule::Minutes { every: 7 },
        daily(&["02:00"]),
        cron("0 0 29 2 *"),
        Schedule::Manual,
    ] {
        let ready = ready(schedule, "America/New_York");
        for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, at("2199-12-31T23:59:00Z")] {
            let _ = (
                ready.next_after(moment),
                ready.newest_until(moment),
                ready.longest_gap(moment),
                ready.default_promise(moment),
            );
        }
        let all = ready.slots(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, 1);
        assert_eq!(all.list.len(), usize::from(ready.cron().is_some() || all.more > 0));
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let table = [
        (Schedule::Minutes { every: 0 }, ScheduleError::EveryZero),
        (
            Schedule::Minutes { every: 1440 },
            ScheduleError::EveryTooLong { found: 1440, most: 1439 },
        ),
        (hours(0, "00:00"), ScheduleError::EveryZero),
        (hours(25, "00:00"), ScheduleError::EveryTooLong { found: 25, most: 24 }),
        (daily(&[]), ScheduleError::NoTimes),
        (weekly(&[Day::Mon], &[]), ScheduleError::NoTimes),
        (monthly(MonthDay::Day(0), "00:00"), ScheduleError::BadDayOfMonth { found: 0 }),
        (
            monthly(MonthDay::Day(32), "00:00"),
            ScheduleError::BadDayOfMonth { found: 32 },
        ),
    ];
    for (schedule, expected) in table {
        let error = Timetable::new(schedule).check(ZONE).unwrap_err();
        assert_eq!(error, expected);
        assert_eq!(error.kind(), backstay_model::ErrorKind::Usage);
    }
}

#[test]
fn zones() {
    let mut timetable = Timetable::new(daily(&["02:00"]));
    assert_eq!(timetable.check("Asia/Tokyo").unwrap().zone(), "Asia/Tokyo");
    let bad = |zone: &str| ScheduleError::BadZone { zone: zone.to_owned() };
    assert_eq!(timetable.check("Mars/Olympus").unwrap_err(), bad("Mars/Olympus"));
    timetable.zone = "America/New_York".to_owned();
    // The system's zone does not matter to it, known or not.
    assert_eq!(timetable.check("Mars/Olympus").unwrap().zone(), "America/New_York");
    timetable.zone = "Copenhagen".to_owned();
    assert_eq!(timetable.check("UTC").unwrap_err(), bad("Copenhagen"));
    timetable.zone = "UTC".to_owned();
    timetable.jitter_minutes = 1441;
    assert_eq!(
        timetable.check("UTC").unwrap_err(),
        ScheduleError::JitterTooLong { found: 1441, most: 1440 }
    );
}

#[test]
fn one_sentence() {
    let mut days = hours(2, "08:00");
    if let Schedule::Hours { days, .. } = &mut days {
        days.extend([Day::Sun, Day::Sat, Day::Sun]);
    }
    let table = [
        (Schedule::Manual, "Only when somebody starts it"),
        (
            Schedule::Minutes { every: 1 },
            "Every minute, by the clock of Europe/Copenhagen",
        ),
        (
            Schedule::Minutes { every: 30 },
            "Every 30 minutes, by the clock of Europe/Copenhagen",
        ),
        (
            hours(6, "03:00"),
            "Every 6 hours from 03:00, all days, by the clock of Europe/Copenhagen",
        ),
        (
            hours(1, "00:15"),
            "Every hour from 00:15, all days, by the clock of Europe/Copenhagen",
        ),
        (
            hours(6, "20:00"),
            "Once a day at 20:00, all days, by the clock of Europe/Copenhagen",
        ),
        (
            days,
            "Every 2 hours from 08:00 to 22:00, on Saturday and Sunday, by the clock of Europe/Copenhagen",
        ),
        (
            daily(&["14:00", "02:00"]),
            "Every day at 02:00 and 14:00, by the clock of Europe/Copenhagen",
        ),
        (
            weekly(&[Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri], &["03:30"]),
            "Every Monday to Friday at 03:30, by the clock of Europe/Copenhagen",
        ),
        (
            weekly(&[], &["03:30"]),
            "Every day at 03:30, by the clock of Europe/Copenhagen",
        ),
        (
            monthly(MonthDay::Day(12), "01:00"),
            "Every month on day 12 at 01:00, by the clock of Europe/Copenhagen",
        ),
        (
            monthly(MonthDay::Day(31), "01:00"),
            "Every month on day 31, or its last day if it is shorter, at 01:00, by the clock of Europe/Copenhagen",
        ),
        (
            monthly(MonthDay::First(Day::Sun), "01:00"),
            "Every month on the first Sunday at 01:00, by the clock of Europe/Copenhagen",
        ),
        (
            monthly(MonthDay::Last, "01:00"),
            "Every month on its last day at 01:00, by the clock of Europe/Copenhagen",
        ),
        (cron("30 2 * * *"), "At 02:30, by the clock of Europe/Copenhagen"),
    ];
    for (schedule, sentence) in table {
        assert_eq!(ready(schedule, ZONE).describe(), sentence);
    }
    let mut spread = Timetable::new(daily(&["02:00"]));
    spread.jitter_minutes = 10;
    assert_eq!(
        spread.check(ZONE).unwrap().describe(),
        "Every day at 02:00, up to 10 minutes later, by the clock of Europe/Copenhagen"
    );
}
