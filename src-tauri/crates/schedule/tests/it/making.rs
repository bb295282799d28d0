//! Short ways to write timetables and moments.

use backstay_schedule::{Day, MonthDay, Ready, Schedule, TimeOfDay, Timetable};
use chrono::{DateTime, SecondsFormat, Utc};

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|_| panic!("{text} is no time"))
}

pub fn time(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

pub fn times(text: &[&str]) -> Vec<TimeOfDay> {
    text.iter().map(|text| time(text)).collect()
}

pub fn daily(text: &[&str]) -> Schedule {
    Schedule::Daily { times: times(text) }
}

pub fn weekly(days: &[Day], text: &[&str]) -> Schedule {
    Schedule::Weekly {
        days: days.to_vec(),
        times: times(text),
    }
}

pub fn hours(every: u32, from: &str) -> Schedule {
    Schedule::Hours {
        every,
        from: time(from),
        days: Vec::new(),
    }
}

pub fn monthly(on: MonthDay, text: &str) -> Schedule {
    Schedule::Monthly { on, time: time(text) }
}

pub fn cron(expression: &str) -> Schedule {
    Schedule::Cron {
        expression: expression.to_owned(),
    }
}

pub fn ready(schedule: Schedule, zone: &str) -> Ready {
    Timetable::new(schedule).check(zone).unwrap()
}

/// The next slots, as text.
pub fn next(ready: &Ready, after: &str, count: usize) -> Vec<String> {
    let mut moment = at(after);
    (0..count)
        .map_while(|_| {
            moment = ready.next_after(moment)?;
            Some(moment.to_rfc3339_opts(SecondsFormat::Secs, true))
        })
        .collect()
}
