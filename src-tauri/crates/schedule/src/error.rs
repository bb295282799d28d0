//! Why a timetable cannot be used. The window shows the field; scripts see the code.

use backstay_model::ErrorKind;

/// A timetable that makes no sense, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// One field of a cron expression is wrong.
    #[error("Field {field} of the cron expression, \"{found}\", is not {expected}.")]
    BadField {
        /// 1 minute, 2 hour, 3 day of the month, 4 month, 5 day of the week.
        field: u8,
        /// What stands there.
        found: String,
        /// What may stand there: "a day of the month, 1 to 31".
        expected: &'static str,
    },
    /// A cron expression has five fields; this one has another number.
    #[error("A cron expression has five fields: minute, hour, day of the month, month, day of the week. This one has {found}.")]
    FieldCount {
        /// How many there are.
        found: usize,
    },
    /// An `@name` that stands for no cron expression.
    #[error("\"{name}\" is no known name. Known are @hourly, @daily, @weekly, @monthly, @yearly and @annually.")]
    UnknownName {
        /// As it was given.
        name: String,
    },
    /// No day of any year fits, as with 30 February.
    #[error("This schedule never happens.")]
    NeverHappens,
    /// The zone is in no database of time zones.
    #[error("\"{zone}\" is no known time zone. Zones are named like Europe/Copenhagen.")]
    BadZone {
        /// As it was given.
        zone: String,
    },
    /// "Every 0 minutes".
    #[error("\"Every 0\" is not possible; the smallest step is 1.")]
    EveryZero,
    /// The step is longer than the day it has to fit in.
    #[error("\"Every {found}\" is too long; the most is {most}.")]
    EveryTooLong {
        /// As it was given.
        found: u32,
        /// The longest step: 1439 minutes or 24 hours.
        most: u32,
    },
    /// Daily or weekly without a time.
    #[error("At least one time of day is needed.")]
    NoTimes,
    /// A month has the days 1 to 31.
    #[error("A month has no day {found}. Days are 1 to 31.")]
    BadDayOfMonth {
        /// As it was given.
        found: u8,
    },
    /// Not a time of day.
    #[error("\"{found}\" is no time of day. Times are written as 00:00 to 23:59.")]
    BadTime {
        /// As it was given.
        found: String,
    },
    /// The start may not be put off longer than a day.
    #[error("A start can be spread over at most {most} minutes, not {found}.")]
    JitterTooLong {
        /// As it was given, in minutes.
        found: u32,
        /// The most, in minutes.
        most: u32,
    },
    /// Quiet hours that leave no moment of the week to run in.
    #[error("The quiet hours cover the whole week; nothing would ever run.")]
    AlwaysQuiet,
}

impl ScheduleError {
    /// The class of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }
}
