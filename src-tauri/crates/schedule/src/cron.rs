//! Cron expressions: read with the field that is wrong named, and written for schedules that one line can say.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use crate::calendar::{self, Calendar};
use crate::days::Days;
use crate::ready::{Inner, Pattern, SEARCH_DAYS};
use crate::{Day, MonthDay, Schedule, ScheduleError};

/// What may stand in each field.
const FIELDS: [&str; 5] = [
    "a minute, 0 to 59",
    "an hour, 0 to 23",
    "a day of the month, 1 to 31",
    "a month, 1 to 12 or JAN to DEC",
    "a day of the week, 0 to 7 or SUN to SAT",
];
const NAMES: [&str; 6] = ["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually"];

fn parse(expression: &str) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
    parser.build().parse(expression).ok()
}

/// The schedule an expression stands for.
pub(crate) fn read(expression: &str) -> Result<Calendar, ScheduleError> {
    let cron = match expression.trim() {
        name if name.starts_with('@') => Some(name)
            .filter(|name| NAMES.contains(&name.to_ascii_lowercase().as_str()))
            .and_then(parse)
            .ok_or_else(|| ScheduleError::UnknownName { name: name.to_owned() })?,
        fields => read_fields(fields)?,
    };
    let times = times(&cron);
    let first = times.first().copied().ok_or(ScheduleError::NeverHappens)?;
    let time = NaiveTime::MIN + TimeDelta::minutes(i64::from(first));
    let days = Days::Cron(Arc::new(cron), time);
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    if !calendar::dates(start, false, SEARCH_DAYS).any(|date| days.has(date)) {
        return Err(ScheduleError::NeverHappens);
    }
    Ok(Calendar::new(times, days))
}

fn read_fields(expression: &str) -> Result<Cron, ScheduleError> {
    let fields: Vec<_> = expression.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(ScheduleError::FieldCount { found: fields.len() });
    }
    for (place, (found, expected)) in (0_u8..).zip(fields.iter().zip(FIELDS)) {
        let mut alone = ["*"; 5];
        alone[usize::from(place)] = found;
        // The parser takes an empty item for none.
        let whole = found.split(',').all(|item| !item.is_empty());
        if !whole || parse(&alone.join(" ")).is_none() {
            return Err(ScheduleError::BadField {
                field: place + 1,
                found: (*found).to_owned(),
                expected,
            });
        }
    }
    // Every field is good alone, so the whole is.
    parse(expression).ok_or(ScheduleError::NeverHappens)
}

/// Minutes of the day, by the first two fields.
fn times(cron: &Cron) -> Vec<u16> {
    let hour = |hour: u16| cron.pattern.hour_match(u32::from(hour)).unwrap_or(false);
    let minute = |minute: u16| cron.pattern.minute_match(u32::from(minute)).unwrap_or(false);
    (0..1440).filter(|time| hour(time / 60) && minute(time % 60)).collect()
}

/// What an expression means, in English.
pub(crate) fn in_words(expression: &str) -> Option<String> {
    parse(expression.trim()).map(|cron| cron.describe())
}

/// The expression with the same slots.
pub(crate) fn write(ready: &Inner) -> Option<String> {
    match (&ready.timetable.schedule, &ready.pattern) {
        (Schedule::Cron { expression }, _) => Some(expression.split_whitespace().collect::<Vec<_>>().join(" ")),
        (_, Pattern::Never) => None,
        (_, Pattern::Elapsed { step, .. }) => every_minutes(step.num_minutes(), ready.zone),
        (_, Pattern::Calendar(calendar)) => {
            let [minutes, hours] = times_fields(&calendar.times)?;
            let days = days_fields(&calendar.days)?;
            Some(format!("{minutes} {hours} {days}"))
        }
    }
}

/// Steps that divide the hour, where the zone never moves its clock by anything but multiples of the step.
fn every_minutes(step: i64, zone: Tz) -> Option<String> {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1)?;
    let minutes = |date: NaiveDate| {
        let noon = date.and_hms_opt(12, 0, 0).unwrap_or_default();
        i64::from(zone.offset_from_utc_datetime(&noon).fix().local_minus_utc()) / 60
    };
    let same = calendar::dates(first, false, 5 * 366).all(|date| (minutes(date) - minutes(first)) % step == 0);
    match step {
        _ if !same || 60 % step != 0 => None,
        1 => Some("* * * * *".to_owned()),
        60 => Some("0 * * * *".to_owned()),
        _ => Some(format!("*/{step} * * * *")),
    }
}

/// Minute and hour, if every hour has the same minutes.
fn times_fields(times: &[u16]) -> Option<[String; 2]> {
    let mut minutes: Vec<_> = times.iter().map(|time| time % 60).collect();
    let mut hours: Vec<_> = times.iter().map(|time| time / 60).collect();
    minutes.sort_unstable();
    minutes.dedup();
    hours.dedup();
    (minutes.len() * hours.len() == times.len()).then(|| [field(&minutes, 60), field(&hours, 24)])
}

fn days_fields(days: &Days) -> Option<String> {
    match days {
        Days::Week(week) => {
            // Cron counts from Sunday.
            let mut numbers: Vec<u16> = (0..7).filter(|n| week[usize::from((n + 6) % 7)]).collect();
            numbers.sort_unstable();
            Some(format!("* * {}", field(&numbers, 7)))
        }
        // Cron leaves out the months that are too short, Backstay does not.
        Days::Month(MonthDay::Day(29..)) | Days::Cron(..) => None,
        Days::Month(MonthDay::Day(day)) => Some(format!("{day} * *")),
        Days::Month(MonthDay::First(day)) => Some(format!("* * {}#1", (*day as usize + 1) % Day::ALL.len())),
        Days::Month(MonthDay::Last) => Some("L * *".to_owned()),
    }
}

/// Rising numbers as people write them: `*`, `*/6`, `1-5` or `3,9,15`.
fn field(numbers: &[u16], end: u16) -> String {
    let step = match numbers {
        [a, b, ..] => b - a,
        _ => end,
    };
    let even = numbers.windows(2).all(|pair| pair[1] - pair[0] == step);
    let whole = numbers.first() == Some(&0) && numbers.last().is_some_and(|last| last + step >= end);
    match numbers {
        [_, _, ..] if even && whole && step == 1 => "*".to_owned(),
        [_, _, ..] if even && whole && end > 7 => format!("*/{step}"),
        [a, _, .., b] if even && step == 1 => format!("{a}-{b}"),
        _ => numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(","),
    }
}
