//! Hours, days, weeks, months and years as numbers that can be compared.

use chrono::{DateTime, Datelike, TimeZone, Timelike};
use serde::{Deserialize, Serialize};

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Period {
    /// An hour of the clock.
    Hour,
    /// A day.
    Day,
    /// An ISO week: Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Period {
    /// A number that two times share exactly when they lie in the same period.
    ///
    /// The hour that a clock change repeats is one hour, as with restic.
    pub(super) fn number<Z: TimeZone>(self, time: &DateTime<Z>) -> i64 {
        let local = time.naive_local();
        let (year, month, day) = (i64::from(local.year()), i64::from(local.month()), i64::from(local.day()));
        match self {
            Self::Hour => ((year * 100 + month) * 100 + day) * 100 + i64::from(local.hour()),
            Self::Day => (year * 100 + month) * 100 + day,
            Self::Week => i64::from(local.iso_week().year()) * 100 + i64::from(local.iso_week().week()),
            Self::Month => year * 100 + month,
            Self::Year => year,
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Hour => "hourly",
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Year => "yearly",
        })
    }
}
