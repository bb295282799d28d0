//! Which days of the calendar a schedule is for.

use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use croner::Cron;

use crate::{Day, MonthDay};

/// The days of a schedule.
#[derive(Debug, Clone)]
pub(crate) enum Days {
    /// These days of the week; all seven for every day.
    Week([bool; 7]),
    /// One day of every month.
    Month(MonthDay),
    /// What the day fields of a cron expression say; the time of day is one that fits the rest of it.
    Cron(Arc<Cron>, NaiveTime),
}

impl Days {
    /// Those days of the week; none given means all.
    pub(crate) fn of_week(days: &[Day]) -> Self {
        let mut week = [days.is_empty(); 7];
        for day in days {
            week[*day as usize] = true;
        }
        Self::Week(week)
    }

    pub(crate) fn has(&self, date: NaiveDate) -> bool {
        match self {
            Self::Week(week) => week[date.weekday() as usize],
            Self::Month(on) => in_month(*on, date),
            Self::Cron(cron, time) => cron.is_time_matching(&date.and_time(*time).and_utc()).unwrap_or(false),
        }
    }
}

fn in_month(on: MonthDay, date: NaiveDate) -> bool {
    match on {
        MonthDay::Day(day) => date.day() == u32::from(day).min(last_day(date)),
        MonthDay::First(day) => date.day() <= 7 && Day::from(date.weekday()) == day,
        MonthDay::Last => date.day() == last_day(date),
    }
}

fn last_day(date: NaiveDate) -> u32 {
    date.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.pred_opt())
        .map_or(31, |last| last.day())
}
