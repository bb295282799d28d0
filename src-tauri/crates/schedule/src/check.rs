//! From what a person set to what can be followed.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::calendar::Calendar;
use crate::days::Days;
use crate::ready::{Inner, Pattern};
use crate::{MonthDay, Ready, Schedule, ScheduleError, TimeOfDay, Timetable, clock, cron};

const MOST_MINUTES: u32 = 1439;
const MOST_HOURS: u32 = 24;

impl Timetable {
    /// Whether it can be followed. `system_zone` is the name of the zone that `local` stands for.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn check(&self, system_zone: &str) -> Result<Ready, ScheduleError> {
        let name = if self.zone == Self::LOCAL { system_zone } else { &self.zone };
        let zone: Tz = name.parse().map_err(|_| ScheduleError::BadZone { zone: name.to_owned() })?;
        if self.jitter_minutes > Self::MOST_JITTER {
            return Err(ScheduleError::JitterTooLong {
                found: self.jitter_minutes,
                most: Self::MOST_JITTER,
            });
        }
        Ok(Ready {
            inner: Arc::new(Inner {
                timetable: self.clone(),
                zone,
                pattern: pattern(&self.schedule, zone)?,
            }),
        })
    }
}

fn pattern(schedule: &Schedule, zone: Tz) -> Result<Pattern, ScheduleError> {
    let calendar = match schedule {
        Schedule::Manual => return Ok(Pattern::Never),
        Schedule::Minutes { every } => return elapsed(*every, zone),
        Schedule::Hours { every, from, days } => {
            every_within(*every, MOST_HOURS)?;
            let times = (from.minute_of_day()..1440).step_by(*every as usize * 60).collect();
            Calendar::new(times, Days::of_week(days))
        }
        Schedule::Daily { times } => Calendar::new(minutes(times)?, Days::of_week(&[])),
        Schedule::Weekly { days, times } => Calendar::new(minutes(times)?, Days::of_week(days)),
        Schedule::Monthly { on, time } => {
            match on {
                MonthDay::Day(found @ (0 | 32..)) => return Err(ScheduleError::BadDayOfMonth { found: *found }),
                MonthDay::Day(_) | MonthDay::First(_) | MonthDay::Last => {}
            }
            Calendar::new(vec![time.minute_of_day()], Days::Month(*on))
        }
        Schedule::Cron { expression } => cron::read(expression)?,
    };
    Ok(Pattern::Calendar(calendar))
}

fn every_within(found: u32, most: u32) -> Result<(), ScheduleError> {
    match found {
        0 => Err(ScheduleError::EveryZero),
        _ if found > most => Err(ScheduleError::EveryTooLong { found, most }),
        _ => Ok(()),
    }
}

fn elapsed(every: u32, zone: Tz) -> Result<Pattern, ScheduleError> {
    every_within(every, MOST_MINUTES)?;
    // Any day would do; it must not move, or the slots would.
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    Ok(Pattern::Elapsed {
        anchor: clock::fixed(zone, first.and_time(NaiveTime::MIN)),
        step: TimeDelta::minutes(i64::from(every)),
    })
}

fn minutes(times: &[TimeOfDay]) -> Result<Vec<u16>, ScheduleError> {
    if times.is_empty() {
        return Err(ScheduleError::NoTimes);
    }
    Ok(times.iter().map(|time| time.minute_of_day()).collect())
}
