//! A length of time by the calendar, written as restic writes it: `1y5m7d2h`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Years, months, days and hours; `m` is months, as in restic. `w` is read as seven days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Years.
    pub years: u32,
    /// Months.
    pub months: u32,
    /// Days.
    pub days: u32,
    /// Hours.
    pub hours: u32,
}

/// The text is not a span.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpanError {
    /// Nothing, or a unit without a number, or a number without a unit.
    #[error("`{text}` is not a length of time; write it like 1y6m30d12h")]
    Malformed {
        /// The text.
        text: String,
    },
    /// A number too large to be meant.
    #[error("`{text}` is too long a time")]
    TooLong {
        /// The text.
        text: String,
    },
}

/// Longest span of any unit: a hundred years in hours.
const MOST: u32 = 876_600;

impl Span {
    /// A number of hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self {
            years: 0,
            months: 0,
            days: 0,
            hours,
        }
    }
    /// A number of days.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self {
            years: 0,
            months: 0,
            days,
            hours: 0,
        }
    }
    /// A number of months.
    #[must_use]
    pub const fn months(months: u32) -> Self {
        Self {
            years: 0,
            months,
            days: 0,
            hours: 0,
        }
    }

    /// The moment this long before `time`: years, months and days by the calendar of `zone`, hours by the clock.
    ///
    /// A day that a month lacks runs on into the next (31 March less a month is 3 March), as in restic.
    #[must_use]
    pub fn before<Z: TimeZone>(self, time: DateTime<Utc>, zone: &Z) -> DateTime<Utc> {
        let local = time.with_timezone(zone).naive_local();
        let earlier = self.date_before(local.date()).map(|date| date.and_time(local.time()));
        let earlier = earlier.and_then(|naive| at(zone, naive)).unwrap_or(DateTime::<Utc>::MIN_UTC);
        earlier
            .checked_sub_signed(TimeDelta::hours(self.hours.into()))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    fn date_before(self, date: NaiveDate) -> Option<NaiveDate> {
        let months = self.years.checked_mul(12)?.checked_add(self.months)?;
        let first = date.with_day(1)?.checked_sub_months(Months::new(months))?;
        first
            .checked_add_days(Days::new(u64::from(date.day()) - 1))?
            .checked_sub_days(Days::new(self.days.into()))
    }
}

/// A local time as a moment; one that a clock change skips is taken with the offset before the change.
fn at<Z: TimeZone>(zone: &Z, naive: NaiveDateTime) -> Option<DateTime<Utc>> {
    if let Some(time) = zone.from_local_datetime(&naive).earliest() {
        return Some(time.with_timezone(&Utc));
    }
    let earlier = zone
        .from_local_datetime(&naive.checked_sub_signed(TimeDelta::hours(3))?)
        .latest()?;
    Some(earlier.with_timezone(&Utc) + TimeDelta::hours(3))
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.years, 'y'), (self.months, 'm'), (self.days, 'd'), (self.hours, 'h')];
        if parts.iter().all(|(n, _)| *n == 0) {
            return f.write_str("0h");
        }
        parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .try_for_each(|(n, unit)| write!(f, "{n}{unit}"))
    }
}

impl FromStr for Span {
    type Err = SpanError;
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let malformed = || SpanError::Malformed { text: text.to_owned() };
        let too_long = || SpanError::TooLong { text: text.to_owned() };
        let mut span = Self::default();
        let mut number: Option<u32> = None;
        for c in text.trim().chars() {
            if let Some(digit) = c.to_digit(10) {
                let grown = number.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(digit));
                number = Some(grown.filter(|n| *n <= MOST).ok_or_else(too_long)?);
                continue;
            }
            let count = number.take().ok_or_else(malformed)?;
            let (field, times) = match c {
                'y' => (&mut span.years, 1),
                'm' => (&mut span.months, 1),
                'w' => (&mut span.days, 7),
                'd' => (&mut span.days, 1),
                'h' => (&mut span.hours, 1),
                _ => return Err(malformed()),
            };
            *field = field.saturating_add(count * times).min(MOST);
        }
        if number.is_some() || text.trim().is_empty() {
            Err(malformed())
        } else {
            Ok(span)
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
