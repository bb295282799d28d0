//! Quiet hours: whether it is quiet at a moment, and until when.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{Day, Quiet, TimeOfDay, clock};

/// One set of quiet hours can end where another begins; after this many a week is over several times.
const CHAIN: usize = 64;

/// It is quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuietNow {
    /// `None`: it never ends.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// Whether it is quiet, by the wall clock of the zone.
pub(crate) fn at(hours: &[Quiet], zone: Tz, now: DateTime<Utc>) -> Option<QuietNow> {
    let mut moment = now;
    for _ in 0..CHAIN {
        let wall = clock::local(zone, moment);
        match hours.iter().filter_map(|quiet| end(quiet, wall)).max() {
            Some(end) => moment = after(zone, end, moment),
            None if moment == now => return None,
            None => return Some(QuietNow { until: Some(moment) }),
        }
    }
    Some(QuietNow { until: None })
}

/// No minute of the week is left.
pub(crate) fn always(hours: &[Quiet]) -> bool {
    // 1 January 2024 is a Monday, and in this week of no zone the clock is moved.
    let monday = NaiveDate::from_ymd_opt(2024, 1, 1)
        .unwrap_or_default()
        .and_time(NaiveTime::MIN);
    (0..7 * 1440).all(|minute| {
        let wall = monday + TimeDelta::minutes(minute);
        hours.iter().any(|quiet| end(quiet, wall).is_some())
    })
}

/// When these hours end, if they hold at this time on the wall.
fn end(quiet: &Quiet, wall: NaiveDateTime) -> Option<NaiveDateTime> {
    let date = wall.date();
    let time = TimeOfDay::of(wall.time());
    let begin_on = |date: NaiveDate| quiet.days.is_empty() || quiet.days.contains(&Day::from(date.weekday()));
    let at = |date: Option<NaiveDate>| {
        let end = date?.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(quiet.to.minute_of_day()));
        Some(end)
    };
    if quiet.from < quiet.to {
        let holds = quiet.from <= time && time < quiet.to && begin_on(date);
        return if holds { at(Some(date)) } else { None };
    }
    if time >= quiet.from && begin_on(date) {
        return at(date.succ_opt());
    }
    let holds = time < quiet.to && date.pred_opt().is_some_and(begin_on);
    if holds { at(Some(date)) } else { None }
}

/// The first moment after `moment` at which the clock shows `wall`, or the end of the gap it lies in.
fn after(zone: Tz, wall: NaiveDateTime, moment: DateTime<Utc>) -> DateTime<Utc> {
    clock::each(zone, wall)
        .chain([clock::fixed(zone, wall)])
        .filter(|end| *end > moment)
        .min()
        // The clock was set back over the end: look again a minute later.
        .unwrap_or(moment + TimeDelta::minutes(1))
}
