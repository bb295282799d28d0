//! Points in time as people type them.

use chrono::{DateTime, Days, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

/// Why a text is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not understood.
    #[error("{0:?} is not a time; use 2026-11-20, \"2026-11-20 14:00\", 2026-11-20T14:00:00Z, \"yesterday 14:00\" or \"2h ago\"")]
    Unknown(String),
    /// A local time that the clocks skipped.
    #[error("{0:?} does not exist here: the clocks were put forward")]
    Skipped(String),
}

/// Understands RFC 3339, a date, a local date and time, `today`/`yesterday` with an optional time, and `3d`, `2h ago`.
///
/// A date alone is the end of that day: "the state of 20 November" includes what happened on that day. A local time that
/// occurred twice is the second one, for the same reason.
///
/// # Errors
/// When it is none of these.
pub fn parse<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, TimeError> {
    let text = text.trim();
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Ok(exact.to_utc());
    }
    if text == "now" {
        return Ok(now.to_utc());
    }
    if let Some(ago) = duration(text) {
        return Ok(now.to_utc() - ago);
    }
    let unknown = || TimeError::Unknown(text.to_owned());
    let (day, rest) = text.split_at(text.find([' ', 'T']).unwrap_or(text.len()));
    let today = now.date_naive();
    let day = match day {
        "today" => today,
        "yesterday" => today.checked_sub_days(Days::new(1)).ok_or_else(unknown)?,
        date => NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| unknown())?,
    };
    let rest = rest.trim_start_matches(['T', ' ']).trim();
    let local = if rest.is_empty() {
        end_of(day)
    } else {
        day.and_time(clock(rest).ok_or_else(unknown)?)
    };
    let found = now.timezone().from_local_datetime(&local).latest();
    found
        .map(|time| time.to_utc())
        .ok_or_else(|| TimeError::Skipped(text.to_owned()))
}

/// As an argument: see [`parse`].
///
/// # Errors
/// See [`parse`].
pub fn argument(text: &str) -> Result<DateTime<Utc>, TimeError> {
    parse(text, &Local::now())
}

/// `14:00` as today's or the date's time of day.
fn clock(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

fn end_of(day: NaiveDate) -> NaiveDateTime {
    day.and_hms_milli_opt(23, 59, 59, 999).unwrap_or_default()
}

/// `3d`, `2h 30m`, each also with `ago`.
fn duration(text: &str) -> Option<chrono::Duration> {
    let text = text.strip_suffix("ago").unwrap_or(text).trim();
    chrono::Duration::from_std(humantime::parse_duration(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    fn at(text: &str) -> String {
        let zone = FixedOffset::east_opt(2 * 3600).unwrap();
        let now = zone.with_ymd_and_hms(2026, 11, 20, 15, 30, 0).unwrap();
        match parse(text, &now) {
            Ok(time) => time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn understands_what_people_type() {
        for (text, want) in [
            ("2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z"),
            ("2026-11-20T14:00:00+01:00", "2026-11-20T13:00:00Z"),
            ("2026-11-20 14:00", "2026-11-20T12:00:00Z"),
            ("2026-11-20T14:00", "2026-11-20T12:00:00Z"),
            ("2026-11-19", "2026-11-19T21:59:59.999Z"),
            ("yesterday", "2026-11-19T21:59:59.999Z"),
            ("yesterday 14:00", "2026-11-19T12:00:00Z"),
            ("today 09:15:30", "2026-11-20T07:15:30Z"),
            ("2h ago", "2026-11-20T11:30:00Z"),
            ("3d", "2026-11-17T13:30:00Z"),
            ("now", "2026-11-20T13:30:00Z"),
        ] {
            assert_eq!(at(text), want, "{text}");
        }
    }

    #[test]
    fn says_what_it_understands() {
        for text in ["", "soon", "20.11.2026", "2026-13-01", "2026-11-20 25:00", "5"] {
            assert!(at(text).contains("is not a time; use 2026-11-20"), "{text}: {}", at(text));
        }
    }
}
