//! Times as people type them: schedules, short schedules of one line, days, lengths of time.

use std::{str::FromStr, time::Duration};

use backstay_api::schedule::{Day, MonthDay, Schedule, ScheduleError, TimeOfDay, Timetable};
use clap::{ArgGroup, Args};

use crate::errors::{CliError, Result};

/// Why a text is no time or schedule. Becomes part of clap's own message, which names the argument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Not a day of the week.
    #[error("{0:?} is no day; days are mon, tue, wed, thu, fri, sat, sun, also as mon-fri or mon,thu")]
    Day(String),
    /// Not a length of time.
    #[error("{0:?} is no length of time; use 30m, 6h or 1d")]
    Length(String),
    /// Not a day of the month.
    #[error("{0:?} is no day of a month; use 1 to 31, first-sun or last")]
    MonthDay(String),
    /// Not a short schedule.
    #[error(
        "{0:?} is no schedule; use \"daily 02:30\", \"weekly sun 03:30\", \"first sun 03:00\", \"every 6h\", a cron line of five fields, or \"off\""
    )]
    Short(String),
    /// Not a rule about waiting.
    #[error("{0:?} is not wait, wait=12h or run")]
    Wait(String),
    /// Not quiet hours.
    #[error("{0:?} are no quiet hours; use 22:00-06:00, 22:00-06:00/mon-fri or off")]
    Quiet(String),
    /// Not a rule about trying again.
    #[error("{0:?} does not say how often and after how long to try again; use 4x2m or off")]
    Retry(String),
    /// Not a number in reach.
    #[error("{0:?} is no number {1}, and not off")]
    Number(String, &'static str),
    /// A time of day that is none.
    #[error(transparent)]
    Time(#[from] ScheduleError),
}

/// Days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days(pub Vec<Day>);

impl FromStr for Days {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let mut days = Vec::new();
        for part in text.split(',') {
            let bad = || WhenError::Day(part.to_owned());
            let place = |name: &str| {
                let name = name.trim().to_lowercase();
                let long = Day::ALL.iter().position(|day| day.name().to_lowercase() == name);
                long.or_else(|| Day::ALL.iter().position(|day| day.name().to_lowercase()[..3] == name))
            };
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (place(first).ok_or_else(bad)?, place(last).ok_or_else(bad)?);
            // sat-mon goes over the end of the week.
            let count = (last + Day::ALL.len() - first) % Day::ALL.len();
            for day in Day::ALL.iter().cycle().skip(first).take(count + 1) {
                if !days.contains(day) {
                    days.push(*day);
                }
            }
        }
        days.sort_unstable();
        Ok(Self(days))
    }
}

/// Times of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times(pub Vec<TimeOfDay>);

impl FromStr for Times {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let times = text.split(',').map(|time| time.trim().parse());
        Ok(Self(times.collect::<Result<_, ScheduleError>>()?))
    }
}

/// Whole minutes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minutes(pub u32);

impl FromStr for Minutes {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let bad = || WhenError::Length(text.to_owned());
        let time: Duration = humantime::parse_duration(text.trim()).map_err(|_| bad())?;
        let minutes = time.as_secs() / 60;
        let whole = time.subsec_nanos() == 0 && time.as_secs().is_multiple_of(60);
        match u32::try_from(minutes) {
            Ok(minutes) if whole && minutes > 0 => Ok(Self(minutes)),
            _ => Err(bad()),
        }
    }
}

/// Whole seconds, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub u32);

impl FromStr for Seconds {
    type Err = WhenError;

    fn from_str(text: &str) -> Result<Self, WhenError> {
        let bad = || WhenError::Length(text.to_owned());
        let time: Duration = humantime::parse_duration(text.trim()).map_err(|_| bad())?;
        match u32::try_from(time.as_secs()) {
            Ok(seconds) if seconds > 0 => Ok(Self(seconds)),
            _ => Err(bad()),
        }
    }
}

/// A value, or `off`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OrOff<T> {
    /// It is this.
    Is(T),
    /// There is none.
    Off,
}

impl<T> OrOff<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Off => None,
        }
    }
}

impl<T: FromStr> FromStr for OrOff<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        match text {
            "off" => Ok(Self::Off),
            other => Ok(Self::Is(other.parse()?)),
        }
    }
}

/// A day of every month.
pub fn month_day(text: &str) -> Result<MonthDay, WhenError> {
    let bad = || WhenError::MonthDay(text.to_owned());
    if text == "last" {
        return Ok(MonthDay::Last);
    }
    if let Some(day) = text.strip_prefix("first-").or_else(|| text.strip_prefix("first ")) {
        return match day.parse::<Days>().map_err(|_| bad())?.0.as_slice() {
            [day] => Ok(MonthDay::First(*day)),
            _ => Err(bad()),
        };
    }
    match text.parse::<u8>() {
        Ok(day) if (1..=31).contains(&day) => Ok(MonthDay::Day(day)),
        _ => Err(bad()),
    }
}

/// A schedule in one line.
///
/// # Errors
/// [`WhenError::Short`].
pub fn short(text: &str) -> Result<Schedule, WhenError> {
    let text = text.trim();
    let bad = || WhenError::Short(text.to_owned());
    let words: Vec<&str> = text.split_whitespace().collect();
    let times = |text: &str| text.parse::<Times>().map(|times| times.0);
    let one = |text: &str| text.parse::<TimeOfDay>().map_err(WhenError::from);
    Ok(match words.as_slice() {
        ["off" | "manual" | "never"] => Schedule::Manual,
        ["daily", at] => Schedule::Daily { times: times(at)? },
        ["every", length] => every(length.parse()?, TimeOfDay::MIDNIGHT, Vec::new()),
        ["first", day, at] => Schedule::Monthly {
            on: month_day(&format!("first-{day}"))?,
            time: one(at)?,
        },
        ["last", at] => Schedule::Monthly {
            on: MonthDay::Last,
            time: one(at)?,
        },
        ["monthly", on, at] => Schedule::Monthly {
            on: month_day(on)?,
            time: one(at)?,
        },
        ["weekly", days, at] | [days, at] if days.parse::<Days>().is_ok() => Schedule::Weekly {
            days: days.parse::<Days>()?.0,
            times: times(at)?,
        },
        [name] if name.starts_with('@') => Schedule::Cron {
            expression: text.to_owned(),
        },
        [_, _, _, _, _] => Schedule::Cron {
            expression: text.to_owned(),
        },
        _ => return Err(bad()),
    })
}

/// Whole hours have their place in the day; anything else counts minutes.
fn every(minutes: Minutes, from: TimeOfDay, days: Vec<Day>) -> Schedule {
    let Minutes(minutes) = minutes;
    if minutes.is_multiple_of(60) {
        Schedule::Hours {
            every: minutes / 60,
            from,
            days,
        }
    } else {
        Schedule::Minutes { every: minutes }
    }
}

/// When a plan backs up.
#[derive(Debug, Args)]
#[group(skip)]
#[command(next_help_heading = "Schedule")]
#[command(group = ArgGroup::new("schedule").args(["every", "daily", "weekly", "monthly", "cron", "manual"]))]
pub struct When {
    /// Every so often (30m, 6h)
    #[arg(long, value_name = "TIME")]
    every: Option<Minutes>,
    /// With --every in hours: the first time of the day
    #[arg(long, value_name = "HH:MM", requires = "every")]
    from: Option<TimeOfDay>,
    /// With --every in hours: only on these days (mon-fri)
    #[arg(long, value_name = "DAYS", requires = "every")]
    days: Option<Days>,
    /// At these times of every day (02:00,14:00)
    #[arg(long, value_name = "TIMES")]
    daily: Option<Times>,
    /// On these days (mon,thu), with --at
    #[arg(long, value_name = "DAYS", requires = "at")]
    weekly: Option<Days>,
    /// Once a month: 1 to 31, first-sun or last, with --at
    #[arg(long, value_name = "DAY", value_parser = month_day, requires = "at")]
    monthly: Option<MonthDay>,
    /// At this time (weekly also 03:30,15:30)
    #[arg(long, value_name = "TIMES")]
    at: Option<Times>,
    /// By a cron expression ("0 */6 * * *")
    #[arg(long, value_name = "LINE")]
    cron: Option<String>,
    /// Only by hand
    #[arg(long)]
    manual: bool,
    /// The clock it goes by (Europe/Copenhagen); otherwise the system's
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Spread starts over this time, so that many machines do not come at once
    #[arg(long, value_name = "TIME")]
    jitter: Option<OrOff<Minutes>>,
}

fn usage(message: &str, hint: &str) -> CliError {
    CliError::Usage {
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

impl When {
    /// The schedule, if one was given.
    ///
    /// # Errors
    /// [`CliError::Usage`] for arguments that do not go together.
    pub fn schedule(&self) -> Result<Option<Schedule>> {
        if self.at.is_some() && self.weekly.is_none() && self.monthly.is_none() {
            return Err(usage(
                "--at goes with --weekly or --monthly",
                "Every day at some times: --daily 02:00,14:00.",
            ));
        }
        let at = || self.at.clone().map(|times| times.0).unwrap_or_default();
        if let Some(minutes) = self.every {
            let schedule = every(
                minutes,
                self.from.unwrap_or(TimeOfDay::MIDNIGHT),
                self.days.clone().map(|days| days.0).unwrap_or_default(),
            );
            let placed = self.from.is_some() || self.days.is_some();
            if placed && matches!(schedule, Schedule::Minutes { .. }) {
                return Err(usage(
                    "--from and --days go with whole hours",
                    "With --every 30m every half hour of every day has one; --cron can say more.",
                ));
            }
            return Ok(Some(schedule));
        }
        if let Some(times) = &self.daily {
            return Ok(Some(Schedule::Daily { times: times.0.clone() }));
        }
        if let Some(days) = &self.weekly {
            return Ok(Some(Schedule::Weekly {
                days: days.0.clone(),
                times: at(),
            }));
        }
        if let Some(on) = self.monthly {
            let [time] = at()[..] else {
                return Err(usage("--monthly has one time", "--monthly 1 --at 01:00"));
            };
            return Ok(Some(Schedule::Monthly { on, time }));
        }
        if let Some(line) = &self.cron {
            return Ok(Some(Schedule::Cron {
                expression: line.clone(),
            }));
        }
        Ok(self.manual.then_some(Schedule::Manual))
    }

    /// Sets what was given.
    ///
    /// # Errors
    /// See [`When::schedule`].
    pub fn apply(&self, timetable: &mut Timetable) -> Result<()> {
        if let Some(schedule) = self.schedule()? {
            timetable.schedule = schedule;
        }
        if let Some(zone) = &self.zone {
            timetable.zone.clone_from(zone);
        }
        if let Some(jitter) = self.jitter {
            timetable.jitter_minutes = jitter.value().map_or(0, |minutes| minutes.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_type_them() {
        let days = |text: &str| text.parse::<Days>().map(|days| days.0.len());
        assert_eq!(days("mon"), Ok(1));
        assert_eq!(days("mon-fri"), Ok(5));
        assert_eq!(days("sat-mon"), Ok(3), "over the end of the week");
        assert_eq!(days("Monday,thu,mon"), Ok(2));
        assert_eq!("sun,mon".parse::<Days>().unwrap().0, [Day::Mon, Day::Sun], "in order");
        for bad in ["", "m", "mon-", "someday", "mon;tue", "ü"] {
            assert!(days(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn short_schedules() {
        let json = |text: &str| serde_json::to_value(short(text).unwrap()).unwrap().to_string();
        for (text, want) in [
            ("off", r#""manual""#),
            ("daily 02:30", r#"{"daily":{"times":["02:30"]}}"#),
            ("daily 02:00,14:00", r#"{"daily":{"times":["02:00","14:00"]}}"#),
            ("weekly sun 03:30", r#"{"weekly":{"days":["sun"],"times":["03:30"]}}"#),
            (
                "mon-fri 03:00",
                r#"{"weekly":{"days":["mon","tue","wed","thu","fri"],"times":["03:00"]}}"#,
            ),
            ("first sun 03:00", r#"{"monthly":{"on":{"first":"sun"},"time":"03:00"}}"#),
            ("monthly 15 01:00", r#"{"monthly":{"on":{"day":15},"time":"01:00"}}"#),
            ("last 03:00", r#"{"monthly":{"on":"last","time":"03:00"}}"#),
            ("every 6h", r#"{"hours":{"every":6,"from":"00:00","days":[]}}"#),
            ("every 90m", r#"{"minutes":{"every":90}}"#),
            ("0 3 * * 0", r#"{"cron":{"expression":"0 3 * * 0"}}"#),
            ("@daily", r#"{"cron":{"expression":"@daily"}}"#),
        ] {
            assert_eq!(json(text), want, "{text}");
        }
        for bad in [
            "",
            "sometimes",
            "daily",
            "daily 25:00",
            "weekly 03:30",
            "every 30s",
            "first 03:00",
            "1 2 3 4",
        ] {
            assert!(short(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lengths() {
        assert_eq!("6h".parse(), Ok(Minutes(360)));
        assert_eq!("1h 30m".parse(), Ok(Minutes(90)));
        for bad in ["0m", "30s", "90", "-1h", "1h 1s", "10000000000d"] {
            assert!(bad.parse::<Minutes>().is_err(), "{bad:?}");
        }
        assert_eq!("off".parse::<OrOff<Minutes>>().unwrap().value(), None);
    }
}
