//! The days on which the clock is moved, by the rules of the crate's documentation.

use backstay_schedule::{Day, Schedule};

use crate::making::{cron, daily, hours, next, ready, weekly};

#[test]
fn a_time_in_the_gap_is_the_first_moment_after_it() {
    let table: &[(&str, &str, &str, [&str; 3])] = &[
        // Clocks go from 02:00 to 03:00.
        (
            "Europe/Copenhagen",
            "02:30",
            "2026-03-27T12:00:00Z",
            ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "America/New_York",
            "02:30",
            "2026-03-06T12:00:00Z",
            ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
        ),
        // From 02:00 to 02:30.
        (
            "Australia/Lord_Howe",
            "02:15",
            "2026-10-02T00:00:00Z",
            ["2026-10-02T15:45:00Z", "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"],
        ),
        // At the end of Ramadan.
        (
            "Africa/Casablanca",
            "02:30",
            "2026-03-20T12:00:00Z",
            ["2026-03-21T02:30:00Z", "2026-03-22T02:00:00Z", "2026-03-23T01:30:00Z"],
        ),
        // At midnight.
        (
            "Africa/Cairo",
            "00:10",
            "2026-04-22T12:00:00Z",
            ["2026-04-22T22:10:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:10:00Z"],
        ),
    ];
    for (zone, time, after, expected) in table {
        assert_eq!(next(&ready(daily(&[time]), zone), after, 3), expected, "{zone}");
        let [hour, minute] = [&time[..2], &time[3..]];
        let line = format!("{minute} {hour} * * *");
        assert_eq!(next(&ready(cron(&line), zone), after, 3), expected, "{zone} {line}");
    }
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    let table: &[(&str, &str, &str, [&str; 3])] = &[
        (
            "Europe/Copenhagen",
            "02:30",
            "2026-10-23T12:00:00Z",
            ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
        (
            "America/New_York",
            "01:30",
            "2026-10-30T12:00:00Z",
            ["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        ),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-03T00:00:00Z",
            ["2026-04-03T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
        ),
        (
            "Africa/Casablanca",
            "02:30",
            "2026-02-13T12:00:00Z",
            ["2026-02-14T01:30:00Z", "2026-02-15T01:30:00Z", "2026-02-16T02:30:00Z"],
        ),
    ];
    for (zone, time, after, expected) in table {
        assert_eq!(next(&ready(daily(&[time]), zone), after, 3), expected, "{zone}");
    }
}

#[test]
fn several_times_in_one_gap_are_one_slot() {
    let ready = ready(daily(&["02:00", "02:15", "02:45", "03:00", "03:10"]), "Europe/Copenhagen");
    let day = next(&ready, "2026-03-29T00:59:59Z", 3);
    assert_eq!(day, ["2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z", "2026-03-30T00:00:00Z"]);
}

#[test]
fn every_hour_is_every_hour_that_passes() {
    for schedule in [
        hours(1, "00:00"),
        cron("0 * * * *"),
        cron("0 */1 * * *"),
        Schedule::Minutes { every: 60 },
    ] {
        let ready = ready(schedule.clone(), "Europe/Copenhagen");
        let autumn = next(&ready, "2026-10-24T23:30:00Z", 4);
        assert_eq!(
            autumn,
            [
                "2026-10-25T00:00:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T02:00:00Z",
                "2026-10-25T03:00:00Z"
            ],
            "{schedule:?}"
        );
        let spring = next(&ready, "2026-03-28T23:30:00Z", 3);
        assert_eq!(
            spring,
            ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"],
            "{schedule:?}"
        );
    }
    let half = ready(cron("30 * * * *"), "Europe/Copenhagen");
    let spring = next(&half, "2026-03-29T00:00:00Z", 2);
    assert_eq!(spring, ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]);
}

#[test]
fn steps_of_hours_keep_to_the_wall_clock_and_lose_none() {
    for schedule in [hours(2, "00:00"), cron("0 */2 * * *")] {
        let ready = ready(schedule, "Europe/Copenhagen");
        // 00:00, 02:00 which is 03:00, 04:00.
        let spring = next(&ready, "2026-03-28T22:00:00Z", 3);
        assert_eq!(
            spring,
            ["2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]
        );
        // 00:00, the first 02:00, 04:00.
        let autumn = next(&ready, "2026-10-24T21:00:00Z", 3);
        assert_eq!(
            autumn,
            ["2026-10-24T22:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"]
        );
    }
}

#[test]
fn minutes_go_by_elapsed_time() {
    let ready = ready(Schedule::Minutes { every: 90 }, "Europe/Copenhagen");
    let slots = ready.slots(
        "2026-01-01T00:00:00Z".parse().unwrap(),
        "2027-01-01T00:00:00Z".parse().unwrap(),
        usize::MAX,
    );
    assert_eq!(slots.list.len(), 365 * 16);
    assert!(slots.list.windows(2).all(|pair| (pair[1] - pair[0]).num_minutes() == 90));
}

#[test]
fn half_an_hour_of_change() {
    let ready = ready(cron("45 * * * *"), "Australia/Lord_Howe");
    // 01:45 comes twice, half an hour apart.
    let autumn = next(&ready, "2026-04-04T14:00:00Z", 3);
    assert_eq!(
        autumn,
        ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z"]
    );
}

#[test]
fn a_day_that_was_skipped() {
    // Samoa had no 30 December 2011, a Friday: the clock went from midnight to midnight a day later.
    let daily = ready(daily(&["02:00", "14:00"]), "Pacific/Apia");
    assert_eq!(
        next(&daily, "2011-12-29T12:30:00Z", 4),
        [
            "2011-12-30T00:00:00Z",
            "2011-12-30T10:00:00Z",
            "2011-12-30T12:00:00Z",
            "2011-12-31T00:00:00Z"
        ]
    );
    let weekly = ready(weekly(&[Day::Fri], &["03:30"]), "Pacific/Apia");
    assert_eq!(
        next(&weekly, "2011-12-24T00:00:00Z", 2),
        ["2011-12-30T10:00:00Z", "2012-01-05T13:30:00Z"]
    );
    let hourly = ready(cron("0 * * * *"), "Pacific/Apia");
    assert_eq!(
        next(&hourly, "2011-12-30T08:30:00Z", 3),
        ["2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T11:00:00Z"]
    );
}
