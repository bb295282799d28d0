//! The wall clock of a zone: which moments a time of day stands for on the two odd days of the year.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// Longer than any zone ever moved its clock, with the distance of a zone from Greenwich.
const REACH: TimeDelta = TimeDelta::hours(26);
/// No zone moves its clock there and back within this.
const STRIDE: TimeDelta = TimeDelta::hours(13);

/// The first moment of a UTC day.
pub(crate) fn day_start(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// The time of a zone's clocks on the wall.
pub(crate) fn local(zone: Tz, moment: DateTime<Utc>) -> NaiveDateTime {
    moment.with_timezone(&zone).naive_local()
}

/// The one moment a fixed time stands for: the first that exists after a gap, the first of two.
pub(crate) fn fixed(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => moment.to_utc(),
        LocalResult::None => after_gap(zone, wall),
    }
}

/// Every moment at which the clock shows that time: none in a gap, two when it is set back over it.
pub(crate) fn each(zone: Tz, wall: NaiveDateTime) -> impl Iterator<Item = DateTime<Utc>> {
    let (first, second) = match zone.from_local_datetime(&wall) {
        LocalResult::Single(moment) => (Some(moment), None),
        LocalResult::Ambiguous(first, second) => (Some(first), Some(second)),
        LocalResult::None => (None, None),
    };
    [first, second].into_iter().flatten().map(|moment| moment.to_utc())
}

fn after_gap(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    GapInfo::new(&wall, &zone)
        .and_then(|gap| gap.end)
        // Only beyond the first or last entry of the database, where no time is in a gap.
        .map_or_else(|| wall.and_utc(), |end| end.to_utc())
}

/// What to add to UTC for the wall clock, if that stays the same for the whole UTC day and as long before it as a time of day that
/// comes twice can reach.
pub(crate) fn steady(zone: Tz, date: NaiveDate) -> Option<TimeDelta> {
    let offset = |moment: DateTime<Utc>| zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc();
    let start = day_start(date);
    let last = start + TimeDelta::days(1) - TimeDelta::seconds(1);
    let found = offset(last);
    let mut moment = start - REACH;
    while moment < last {
        if offset(moment) != found {
            return None;
        }
        moment += STRIDE;
    }
    Some(TimeDelta::seconds(i64::from(found)))
}
