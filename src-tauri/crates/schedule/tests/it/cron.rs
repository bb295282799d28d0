//! Cron expressions: which field is wrong, and schedules as one line.

use backstay_schedule::{Day, MonthDay, Schedule, ScheduleError, Timetable};

use proptest::prelude::*;

use crate::making::{at, cron, daily, hours, monthly, ready, weekly};

fn error(expression: &str) -> ScheduleError {
    Timetable::new(cron(expression)).check("UTC").unwrap_err()
}

#[test]
fn the_field_that_is_wrong_is_named() {
    let table = [
        ("60 * * * *", 1, "60", "a minute, 0 to 59"),
        ("0 24 * * *", 2, "24", "an hour, 0 to 23"),
        ("0 0 32 * *", 3, "32", "a day of the month, 1 to 31"),
        ("0 0 0 * *", 3, "0", "a day of the month, 1 to 31"),
        ("0 0 * 13 *", 4, "13", "a month, 1 to 12 or JAN to DEC"),
        ("0 0 * * 8", 5, "8", "a day of the week, 0 to 7 or SUN to SAT"),
        ("0 0 * * monkey", 5, "monkey", "a day of the week, 0 to 7 or SUN to SAT"),
        ("*/0 * * * *", 1, "*/0", "a minute, 0 to 59"),
        ("1- * * * *", 1, "1-", "a minute, 0 to 59"),
        (", * * * *", 1, ",", "a minute, 0 to 59"),
        ("0 5-3 * * *", 2, "5-3", "an hour, 0 to 23"),
        // Only the first is told.
        ("x y * * *", 1, "x", "a minute, 0 to 59"),
    ];
    for (expression, field, found, expected) in table {
        let found = found.to_owned();
        assert_eq!(
            error(expression),
            ScheduleError::BadField { field, found, expected },
            "{expression}"
        );
    }
}

#[test]
fn the_number_of_fields() {
    for (expression, found) in [("", 0), ("*", 1), ("0 0 * *", 4), ("0 0 0 * * *", 6), ("0 0 0 * * * 2026", 7)] {
        assert_eq!(error(expression), ScheduleError::FieldCount { found }, "{expression}");
    }
    let name = "@reboot".to_owned();
    assert_eq!(error("@reboot"), ScheduleError::UnknownName { name });
}

#[test]
fn what_never_happens() {
    for expression in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"] {
        assert_eq!(error(expression), ScheduleError::NeverHappens, "{expression}");
    }
}

#[test]
fn day_of_month_or_day_of_week() {
    // Both given: either, as cron has always done.
    let ready = ready(cron("0 0 13 * 5"), "UTC");
    let days: Vec<_> = ready.slots(at("2026-06-01T00:00:00Z"), at("2026-06-20T00:00:00Z"), 9).list;
    assert_eq!(
        days,
        ["2026-06-05", "2026-06-12", "2026-06-13", "2026-06-19"].map(|day| at(&format!("{day}T00:00:00Z")))
    );
}

#[test]
fn schedules_as_one_line() {
    let table = [
        (Schedule::Minutes { every: 1 }, Some("* * * * *")),
        (Schedule::Minutes { every: 15 }, Some("*/15 * * * *")),
        (Schedule::Minutes { every: 60 }, Some("0 * * * *")),
        (Schedule::Minutes { every: 45 }, None),
        (Schedule::Minutes { every: 120 }, None),
        (hours(6, "00:00"), Some("0 */6 * * *")),
        (hours(6, "03:00"), Some("0 3,9,15,21 * * *")),
        (hours(1, "08:30"), Some("30 8-23 * * *")),
        (daily(&["02:00", "14:00"]), Some("0 2,14 * * *")),
        (daily(&["02:00", "02:30", "14:00", "14:30"]), Some("*/30 2,14 * * *")),
        (daily(&["02:00", "14:30"]), None),
        (
            weekly(&[Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri], &["03:30"]),
            Some("30 3 * * 1-5"),
        ),
        (weekly(&[Day::Sun, Day::Sat], &["03:30"]), Some("30 3 * * 0,6")),
        (weekly(&[], &["03:30"]), Some("30 3 * * *")),
        (monthly(MonthDay::Day(12), "01:00"), Some("0 1 12 * *")),
        (monthly(MonthDay::Day(31), "01:00"), None),
        (monthly(MonthDay::Last, "01:00"), Some("0 1 L * *")),
        (monthly(MonthDay::First(Day::Sun), "01:00"), Some("0 1 * * 0#1")),
        (cron("  0   3 * * mon "), Some("0 3 * * mon")),
        (Schedule::Manual, None),
    ];
    for (schedule, line) in table {
        let said = ready(schedule.clone(), "Europe/Copenhagen");
        assert_eq!(said.cron().as_deref(), line, "{schedule:?}");
        let Some(line) = line else { continue };
        let same = ready(cron(line), "Europe/Copenhagen");
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(
            said.slots(from, to, usize::MAX),
            same.slots(from, to, usize::MAX),
            "{schedule:?}"
        );
    }
    // There the clock is moved by half an hour.
    assert_eq!(ready(Schedule::Minutes { every: 60 }, "Australia/Lord_Howe").cron(), None);
    assert!(ready(Schedule::Minutes { every: 15 }, "Australia/Lord_Howe").cron().is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// People type anything; they get an answer.
    #[test]
    fn whatever_is_typed_has_an_answer(
        fields in prop::collection::vec(
            prop_oneof![
                5 => "[*0-9]{1,2}",
                2 => "[0-9*/,\\-]{1,8}",
                1 => "[0-9*/,\\-#LW?+A-Z@]{0,12}",
                1 => "\\PC{0,6}",
                1 => Just("*/18446744073709551616".to_owned()),
                1 => Just("0-4294967296".to_owned()),
            ],
            0..7,
        ),
    ) {
        let expression = fields.join(" ");
        match Timetable::new(cron(&expression)).check("Europe/Copenhagen") {
            Ok(ready) => {
                let next = ready.next_after(at("2026-06-10T12:00:00Z"));
                prop_assert!(next.is_some(), "{expression}");
                prop_assert!(!ready.describe().is_empty());
                prop_assert!(ready.cron().is_some());
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
