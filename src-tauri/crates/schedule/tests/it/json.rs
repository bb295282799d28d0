//! The written form, which the window, scripts and stored plans share.

use backstay_schedule::{Busy, Day, Missed, Moment, MonthDay, Quiet, Rules, Schedule, ScheduleError, Timetable};
use serde_json::{Value, from_str, json, to_value};

use crate::making::{cron, daily, hours, monthly, time, weekly};

#[test]
fn schedules() {
    let table = [
        (Schedule::Manual, json!("manual")),
        (Schedule::Minutes { every: 30 }, json!({"minutes": {"every": 30}})),
        (hours(6, "03:00"), json!({"hours": {"every": 6, "from": "03:00", "days": []}})),
        (daily(&["02:00", "14:00"]), json!({"daily": {"times": ["02:00", "14:00"]}})),
        (
            weekly(&[Day::Mon], &["03:30"]),
            json!({"weekly": {"days": ["mon"], "times": ["03:30"]}}),
        ),
        (
            monthly(MonthDay::Day(12), "01:00"),
            json!({"monthly": {"on": {"day": 12}, "time": "01:00"}}),
        ),
        (
            monthly(MonthDay::First(Day::Sun), "01:00"),
            json!({"monthly": {"on": {"first": "sun"}, "time": "01:00"}}),
        ),
        (
            monthly(MonthDay::Last, "01:00"),
            json!({"monthly": {"on": "last", "time": "01:00"}}),
        ),
        (cron("0 */6 * * *"), json!({"cron": {"expression": "0 */6 * * *"}})),
    ];
    for (schedule, written) in table {
        assert_eq!(to_value(&schedule).unwrap(), written);
        // Through text, as it comes from a script: numbers keep their digits there.
        assert_eq!(from_str::<Schedule>(&written.to_string()).unwrap(), schedule);
    }
}

#[test]
fn what_is_left_out_has_a_default() {
    let timetable: Timetable = from_str(r#"{"schedule":{"hours":{"every":6}}}"#).unwrap();
    assert_eq!(timetable, Timetable::new(hours(6, "00:00")));
    assert_eq!((timetable.zone.as_str(), timetable.jitter_minutes), ("local", 0));
    let rules: Rules = from_str("{}").unwrap();
    assert_eq!(rules, Rules::default());
    assert_eq!(rules.battery, Moment::Wait { max_minutes: 720 });
    assert_eq!((rules.missed, rules.busy), (Missed::CatchUp, Busy::Queue));
}

#[test]
fn rules() {
    let rules = Rules {
        missed: Missed::Skip,
        battery: Moment::Run,
        metered: Moment::Wait { max_minutes: 60 },
        busy: Busy::Skip,
        quiet: vec![Quiet {
            from: time("22:00"),
            to: time("06:00"),
            days: vec![Day::Fri],
        }],
    };
    let written: Value = json!({
        "missed": "skip", "battery": "run", "metered": {"wait": {"maxMinutes": 60}}, "busy": "skip",
        "quiet": [{"from": "22:00", "to": "06:00", "days": ["fri"]}],
    });
    assert_eq!(to_value(&rules).unwrap(), written);
    assert_eq!(from_str::<Rules>(&written.to_string()).unwrap(), rules);
}

#[test]
fn times_of_day() {
    assert_eq!(time("7:05").to_string(), "07:05");
    for found in [
        "24:00",
        "12:60",
        "12",
        "12:5",
        "-1:00",
        "+1:00",
        "1200",
        "12:00:00",
        "",
        ":",
        "١٢:٠٠",
    ] {
        let error = found.parse::<backstay_schedule::TimeOfDay>().unwrap_err();
        assert_eq!(error, ScheduleError::BadTime { found: found.to_owned() });
        assert!(from_str::<backstay_schedule::TimeOfDay>(&json!(found).to_string()).is_err());
    }
}

#[test]
fn quiet_hours_that_never_end_are_refused() {
    let quiet = |from: &str, to: &str, days: &[Day]| Quiet {
        from: time(from),
        to: time(to),
        days: days.to_vec(),
    };
    let check = |quiet: Vec<Quiet>| {
        let rules = Rules {
            quiet,
            ..Rules::default()
        };
        rules.check()
    };
    assert_eq!(check(vec![quiet("00:00", "00:00", &[])]), Err(ScheduleError::AlwaysQuiet));
    assert_eq!(
        check(vec![quiet("20:00", "08:00", &[]), quiet("08:00", "20:00", &[])]),
        Err(ScheduleError::AlwaysQuiet)
    );
    assert_eq!(
        check(vec![quiet("20:00", "08:00", &[]), quiet("08:00", "19:59", &[])]),
        Ok(())
    );
    assert_eq!(check(vec![quiet("00:00", "00:00", &[Day::Sat, Day::Sun])]), Ok(()));
    assert_eq!(check(Vec::new()), Ok(()));
}
