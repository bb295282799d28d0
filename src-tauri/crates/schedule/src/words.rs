//! A timetable as one English sentence.

use crate::ready::{Inner, Pattern};
use crate::{Day, MonthDay, Schedule, TimeOfDay, cron};

/// "Every 6 hours from 03:00, all days, by the clock of Europe/Copenhagen".
pub(crate) fn sentence(ready: &Inner) -> String {
    let when = match &ready.timetable.schedule {
        Schedule::Manual => return "Only when somebody starts it".to_owned(),
        Schedule::Minutes { every: 1 } => "Every minute".to_owned(),
        Schedule::Minutes { every } => format!("Every {every} minutes"),
        Schedule::Hours { every, from, days } => format!("{}, {}", hours(ready, *every, *from), days_of(days)),
        Schedule::Daily { times } => format!("Every day at {}", times_of(times)),
        Schedule::Weekly { days, times } if all(days) => format!("Every day at {}", times_of(times)),
        Schedule::Weekly { days, times } => format!("Every {} at {}", names(days), times_of(times)),
        Schedule::Monthly { on, time } => format!("{} at {time}", month_day(*on)),
        Schedule::Cron { expression } => {
            cron::in_words(expression).map_or_else(|| expression.clone(), |words| words.trim_end_matches('.').to_owned())
        }
    };
    let spread = match ready.timetable.jitter_minutes {
        0 => String::new(),
        1 => ", up to a minute later".to_owned(),
        minutes => format!(", up to {minutes} minutes later"),
    };
    format!("{when}{spread}, by the clock of {}", ready.zone.name())
}

fn hours(ready: &Inner, every: u32, from: TimeOfDay) -> String {
    let last = match &ready.pattern {
        Pattern::Calendar(calendar) => calendar.times.last().and_then(|last| TimeOfDay::from_minute_of_day(*last)),
        Pattern::Never | Pattern::Elapsed { .. } => None,
    };
    let step = if every == 1 {
        "hour".to_owned()
    } else {
        format!("{every} hours")
    };
    match last {
        Some(last) if last == from => format!("Once a day at {from}"),
        // The day ends before another step would reach the first time again.
        Some(last) if u32::from(from.minute_of_day()) >= every * 60 => format!("Every {step} from {from} to {last}"),
        _ => format!("Every {step} from {from}"),
    }
}

fn all(days: &[Day]) -> bool {
    days.is_empty() || Day::ALL.iter().all(|day| days.contains(day))
}

fn days_of(days: &[Day]) -> String {
    match days {
        _ if all(days) => "all days".to_owned(),
        _ => format!("on {}", names(days)),
    }
}

fn names(days: &[Day]) -> String {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    match days.as_slice() {
        [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri] => "Monday to Friday".to_owned(),
        days => listed(days.iter().map(|day| day.name().to_owned()).collect()),
    }
}

fn times_of(times: &[TimeOfDay]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.dedup();
    listed(times.iter().map(TimeOfDay::to_string).collect())
}

fn month_day(on: MonthDay) -> String {
    match on {
        MonthDay::Day(day @ 29..) => format!("Every month on day {day}, or its last day if it is shorter,"),
        MonthDay::Day(day) => format!("Every month on day {day}"),
        MonthDay::First(day) => format!("Every month on the first {}", day.name()),
        MonthDay::Last => "Every month on its last day".to_owned(),
    }
}

/// "a, b and c".
fn listed(mut words: Vec<String>) -> String {
    match words.pop() {
        Some(last) if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        last => last.unwrap_or_default(),
    }
}
