//! Plans of all kinds on one computer.

use backstay_schedule::{Busy, Day, Missed, Moment, MonthDay, Quiet, Rules, Schedule, State, Timetable};
use chrono::{DateTime, TimeDelta, Utc};

use super::computer::Dice;
use super::ledger::Ledger;
use crate::making::{cron, daily, hours, monthly, time, weekly};

/// Nothing is ever due.
pub const BY_HAND: &str = "by hand";

pub struct Plan {
    pub name: &'static str,
    timetable: Timetable,
    pub rules: Rules,
    pub state: State,
    pub wake: DateTime<Utc>,
    pub ledger: Ledger,
    dice: Dice,
    longest_run: i64,
    busy_until: Option<i64>,
}

impl Plan {
    pub fn is_busy(&self) -> bool {
        self.busy_until.is_some()
    }

    pub fn begin(&mut self, elapsed: i64) {
        self.busy_until = Some(elapsed + self.dice.between(0, self.longest_run));
    }

    /// Whether the run ended just now.
    pub fn end(&mut self, elapsed: i64) -> bool {
        self.busy_until.take_if(|until| *until <= elapsed).is_some()
    }

    /// The program ended, and the run with it.
    pub fn kill(&mut self) {
        self.busy_until = None;
    }

    pub fn travel(&mut self, zone: &str) {
        if self.timetable.zone == Timetable::LOCAL {
            let ready = self.timetable.check(zone).unwrap();
            self.ledger.travel(ready, &self.state);
            // It is looked at in the same minute.
            self.wake = DateTime::UNIX_EPOCH;
        }
    }
}

fn wait(max_minutes: u32) -> Moment {
    Moment::Wait { max_minutes }
}

pub fn all(zone: &str, now: DateTime<Utc>) -> Vec<Plan> {
    let quiet = |from: &str, to: &str, days: &[Day]| Quiet {
        from: time(from),
        to: time(to),
        days: days.to_vec(),
    };
    let patient = Rules {
        quiet: vec![quiet("22:30", "05:15", &[]), quiet("00:00", "00:00", &[Day::Sun])],
        ..Rules::default()
    };
    let eager = Rules {
        battery: wait(120),
        metered: wait(60),
        busy: Busy::Skip,
        ..Rules::default()
    };
    let strict = Rules {
        missed: Missed::Skip,
        battery: Moment::Run,
        ..Rules::default()
    };
    let night = Rules {
        quiet: vec![quiet("09:00", "17:00", &[Day::Mon, Day::Wed])],
        battery: wait(300),
        ..Rules::default()
    };
    let local = Timetable::LOCAL;
    let table: Vec<(&'static str, Schedule, &str, u32, Rules, i64)> = vec![
        ("nightly", daily(&["02:30"]), local, 0, Rules::default(), 90),
        ("six hours", hours(6, "03:00"), local, 20, patient, 600),
        ("often", Schedule::Minutes { every: 20 }, local, 0, eager, 35),
        ("spread", Schedule::Minutes { every: 50 }, local, 60, night.clone(), 70),
        ("hourly", hours(1, "00:00"), local, 0, Rules::default(), 20),
        (
            "weekly",
            weekly(&[Day::Sun, Day::Tue], &["12:00", "02:00"]),
            local,
            10,
            strict.clone(),
            2000,
        ),
        ("office", cron("*/30 8-18 * * 1-5"), "America/New_York", 0, strict, 20),
        (
            "monthly",
            monthly(MonthDay::Last, "02:15"),
            "Australia/Lord_Howe",
            60,
            night,
            3000,
        ),
        (BY_HAND, Schedule::Manual, local, 0, Rules::default(), 5),
    ];
    table
        .into_iter()
        .map(|(name, schedule, of, jitter_minutes, rules, longest_run)| {
            let timetable = Timetable {
                schedule,
                zone: of.to_owned(),
                jitter_minutes,
            };
            let ready = timetable.check(zone).unwrap();
            Plan {
                name,
                timetable,
                rules,
                state: State::new(now),
                wake: now + TimeDelta::minutes(1),
                ledger: Ledger::new(name, ready, now),
                dice: Dice::new(u64::try_from(name.len()).unwrap()),
                longest_run,
                busy_until: None,
            }
        })
        .collect()
}
