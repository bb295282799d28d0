//! Times of day on days of the calendar, as moments: one UTC day after the other.

use std::sync::Arc;

use chrono::{DateTime, Days as DaySpan, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::clock;
use crate::days::Days;

/// A schedule by the wall clock.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// Minutes of the day, rising, each once.
    pub(crate) times: Arc<[u16]>,
    pub(crate) days: Days,
    /// In every hour of the day: then it runs in every hour that really passes.
    pub(crate) hourly: bool,
}

impl Calendar {
    pub(crate) fn new(mut times: Vec<u16>, days: Days) -> Self {
        times.sort_unstable();
        times.dedup();
        let hourly = (0..24).all(|hour| times.iter().any(|time| time / 60 == hour));
        Self {
            times: times.into(),
            days,
            hourly,
        }
    }

    /// The slots of one UTC day.
    pub(crate) fn on(&self, zone: Tz, date: NaiveDate) -> DaySlots<'_> {
        let near = [date.pred_opt(), Some(date), date.succ_opt()];
        let mut dates = near.into_iter().flatten().filter(|near| self.days.has(*near)).peekable();
        if dates.peek().is_none() {
            return DaySlots::Listed(Vec::new());
        }
        match clock::steady(zone, date) {
            Some(offset) => self.steady(date, offset),
            None => self.listed(zone, date, dates),
        }
    }

    /// The wall clock is a fixed distance away: the UTC day is the end of one local day and the beginning of the next.
    fn steady(&self, date: NaiveDate, offset: TimeDelta) -> DaySlots<'_> {
        let start = clock::day_start(date);
        let first = (start + offset).date_naive();
        let piece = |local: Option<NaiveDate>| {
            let local = local.filter(|local| self.days.has(*local))?;
            let midnight = clock::day_start(local) - offset;
            let from = self.times.partition_point(|time| moment(midnight, *time) < start);
            let to = self
                .times
                .partition_point(|time| moment(midnight, *time) < start + TimeDelta::days(1));
            Some((midnight, self.times.get(from..to)?))
        };
        let pieces = [piece(Some(first)), piece(first.succ_opt())];
        DaySlots::Steady(pieces.map(|piece| piece.unwrap_or((start, &[]))))
    }

    fn listed(&self, zone: Tz, date: NaiveDate, dates: impl Iterator<Item = NaiveDate>) -> DaySlots<'_> {
        let mut list: Vec<_> = dates
            .flat_map(|local| self.times.iter().map(move |time| wall(local, *time)))
            .flat_map(|wall| self.moments(zone, wall))
            .filter(|slot| slot.date_naive() == date)
            .collect();
        list.sort_unstable();
        list.dedup();
        DaySlots::Listed(list)
    }

    fn moments(&self, zone: Tz, wall: NaiveDateTime) -> Vec<DateTime<Utc>> {
        if self.hourly {
            clock::each(zone, wall).collect()
        } else {
            vec![clock::fixed(zone, wall)]
        }
    }
}

fn wall(date: NaiveDate, time: u16) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(time))
}

fn moment(midnight: DateTime<Utc>, time: u16) -> DateTime<Utc> {
    midnight + TimeDelta::minutes(i64::from(time))
}

/// How many of the times are at or before a moment.
fn until(times: &[u16], midnight: DateTime<Utc>, until: DateTime<Utc>) -> usize {
    let minutes = (until.timestamp() - midnight.timestamp()).div_euclid(60);
    times.partition_point(|time| i64::from(*time) <= minutes)
}

/// The slots of one UTC day, rising.
pub(crate) enum DaySlots<'a> {
    /// Minutes after two local midnights.
    Steady([(DateTime<Utc>, &'a [u16]); 2]),
    /// A day on which the clock is moved, or the day after.
    Listed(Vec<DateTime<Utc>>),
}

impl DaySlots<'_> {
    /// How many are at or before `until`.
    pub(crate) fn count_until(&self, until: DateTime<Utc>) -> usize {
        match self {
            Self::Steady(pieces) => pieces
                .iter()
                .map(|(midnight, times)| self::until(times, *midnight, until))
                .sum(),
            Self::Listed(list) => list.partition_point(|slot| *slot <= until),
        }
    }

    /// By its place in the day.
    pub(crate) fn get(&self, place: usize) -> Option<DateTime<Utc>> {
        match self {
            Self::Steady([(midnight, times), second]) => match times.get(place) {
                Some(time) => Some(moment(*midnight, *time)),
                None => second.1.get(place - times.len()).map(|time| moment(second.0, *time)),
            },
            Self::Listed(list) => list.get(place).copied(),
        }
    }
}

/// The dates from `first` on, or back from it.
pub(crate) fn dates(first: NaiveDate, back: bool, most: u64) -> impl Iterator<Item = NaiveDate> {
    (0..most).map_while(move |n| match back {
        true => first.checked_sub_days(DaySpan::new(n)),
        false => first.checked_add_days(DaySpan::new(n)),
    })
}
