//! A checked timetable: which slots there are.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::{self, Calendar};
use crate::{Timetable, cron, words};

/// Days to search for a slot: 29 February on a certain day of the week comes every 28 years, and every 40 over 2100.
pub(crate) const SEARCH_DAYS: u64 = 41 * 366;
/// Grace of the default promise.
const GRACE_LEAST: TimeDelta = TimeDelta::minutes(10);
const GRACE_MOST: TimeDelta = TimeDelta::hours(6);

/// A timetable that can be followed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ready {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) timetable: Timetable,
    pub(crate) zone: Tz,
    pub(crate) pattern: Pattern,
}

/// What all schedules come down to.
#[derive(Debug)]
pub(crate) enum Pattern {
    Never,
    /// Multiples of a step by elapsed time.
    Elapsed {
        anchor: DateTime<Utc>,
        step: TimeDelta,
    },
    Calendar(Calendar),
}

/// Slots of a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    /// The first of them, oldest first, at most as many as asked for.
    pub list: Vec<DateTime<Utc>>,
    /// How many more there are.
    pub more: u64,
}

impl Slots {
    fn of(list: Vec<DateTime<Utc>>, all: u64) -> Self {
        let more = all.saturating_sub(list.len() as u64);
        Self { list, more }
    }
}

impl Ready {
    /// The timetable it was made of.
    #[must_use]
    pub fn timetable(&self) -> &Timetable {
        &self.inner.timetable
    }

    /// The name of the zone whose clock is followed; never `local`.
    #[must_use]
    pub fn zone(&self) -> &'static str {
        self.inner.zone.name()
    }

    /// The first slot later than `after`.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let after = after.max(earliest());
        match &self.inner.pattern {
            Pattern::Never => None,
            Pattern::Elapsed { anchor, step } => {
                let steps = (after - anchor).num_seconds().div_euclid(step.num_seconds()) + 1;
                nth(*anchor, *step, steps).filter(|slot| *slot <= latest())
            }
            Pattern::Calendar(calendar) => calendar::dates(after.date_naive(), false, SEARCH_DAYS)
                .take_while(|date| *date <= latest().date_naive())
                .find_map(|date| {
                    let day = calendar.on(self.inner.zone, date);
                    day.get(day.count_until(after))
                }),
        }
    }

    /// The newest slot at or before `until`.
    #[must_use]
    pub fn newest_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = until.min(latest());
        match &self.inner.pattern {
            Pattern::Never => None,
            Pattern::Elapsed { anchor, step } => {
                let steps = (until - anchor).num_seconds().div_euclid(step.num_seconds());
                nth(*anchor, *step, steps).filter(|slot| *slot >= earliest())
            }
            Pattern::Calendar(calendar) => calendar::dates(until.date_naive(), true, SEARCH_DAYS)
                .take_while(|date| *date >= earliest().date_naive())
                .find_map(|date| {
                    let day = calendar.on(self.inner.zone, date);
                    day.get(day.count_until(until).checked_sub(1)?)
                }),
        }
    }

    /// The slots later than `after` up to and with `until`. All are counted; the first `limit` of them are listed.
    #[must_use]
    pub fn slots(&self, after: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Slots {
        let (after, until) = (after.max(earliest()), until.min(latest()));
        match &self.inner.pattern {
            _ if after >= until => Slots::default(),
            Pattern::Never => Slots::default(),
            Pattern::Elapsed { anchor, step } => {
                let place = |moment: DateTime<Utc>| (moment - anchor).num_seconds().div_euclid(step.num_seconds());
                let (first, last) = (place(after) + 1, place(until));
                let listed = (first..=last).take(limit).filter_map(|steps| nth(*anchor, *step, steps));
                Slots::of(listed.collect(), u64::try_from(last + 1 - first).unwrap_or(0))
            }
            Pattern::Calendar(calendar) => self.slots_by_day(calendar, after, until, limit),
        }
    }

    fn slots_by_day(&self, calendar: &Calendar, after: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Slots {
        let (mut list, mut all) = (Vec::new(), 0);
        for date in calendar::dates(after.date_naive(), false, u64::MAX).take_while(|date| *date <= until.date_naive()) {
            let day = calendar.on(self.inner.zone, date);
            let places = day.count_until(after)..day.count_until(until);
            all += places.len() as u64;
            let room = limit.saturating_sub(list.len());
            list.extend(places.take(room).filter_map(|place| day.get(place)));
        }
        Slots::of(list, all)
    }

    /// The cron expression with the same slots, where one line can say it.
    #[must_use]
    pub fn cron(&self) -> Option<String> {
        cron::write(&self.inner)
    }

    /// The timetable as one English sentence.
    #[must_use]
    pub fn describe(&self) -> String {
        words::sentence(&self.inner)
    }

    /// The longest time that passes between two slots in the five weeks from `from` on, with the days on which the clock is moved. Of
    /// schedules with less than four slots in them, in the coming year; of rarer ones, between the next two.
    #[must_use]
    pub fn longest_gap(&self, from: DateTime<Utc>) -> Option<TimeDelta> {
        if let Pattern::Elapsed { step, .. } = &self.inner.pattern {
            return Some(*step);
        }
        let from = from.clamp(earliest(), latest());
        [(35, 4), (366 + 35, 2)]
            .into_iter()
            .find_map(|(days, enough)| {
                let until = from.checked_add_signed(TimeDelta::days(days))?;
                self.gaps(from, until, enough)
            })
            .or_else(|| {
                let first = self.next_after(from)?;
                Some(self.next_after(first)? - first)
            })
    }

    /// The longest gap in a span, if it has enough slots.
    fn gaps(&self, from: DateTime<Utc>, until: DateTime<Utc>, enough: usize) -> Option<TimeDelta> {
        let Pattern::Calendar(calendar) = &self.inner.pattern else {
            return None;
        };
        let (mut found, mut longest, mut last) = (0, TimeDelta::zero(), None);
        for date in calendar::dates(from.date_naive(), false, u64::MAX).take_while(|date| *date <= until.date_naive()) {
            let day = calendar.on(self.inner.zone, date);
            for slot in (day.count_until(from)..day.count_until(until)).filter_map(|place| day.get(place)) {
                longest = last.map_or(longest, |last| longest.max(slot - last));
                last = Some(slot);
                found += 1;
            }
        }
        (found >= enough).then_some(longest)
    }

    /// How old the newest good backup may become before somebody should know: the longest gap and a sixth of it more, at least ten
    /// minutes and at most six hours. 7 hours for every 6.
    #[must_use]
    pub fn default_promise(&self, from: DateTime<Utc>) -> Option<TimeDelta> {
        let gap = self.longest_gap(from)?;
        Some(gap + (gap / 6).clamp(GRACE_LEAST, GRACE_MOST))
    }

    /// How long after its slot the start is: the same for the same seed and slot, in whole seconds, at most what the timetable says
    /// and at most half the time to the next slot, so that spreading never runs into it.
    #[must_use]
    pub fn jitter_of(&self, seed: &str, slot: DateTime<Utc>) -> TimeDelta {
        let most = TimeDelta::minutes(i64::from(self.inner.timetable.jitter_minutes));
        if most.is_zero() {
            return most;
        }
        let room = self.next_after(slot).map_or(most, |next| (next - slot) / 2);
        let seconds = most.min(room).num_seconds().unsigned_abs() + 1;
        TimeDelta::seconds((mix(seed, slot.timestamp()) % seconds).cast_signed())
    }
}

/// FNV-1a of seed and time, its bits stirred: spread evenly, and the same in every version and on every machine.
fn mix(seed: &str, time: i64) -> u64 {
    let bytes = seed.bytes().chain(time.to_be_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

fn nth(anchor: DateTime<Utc>, step: TimeDelta, steps: i64) -> Option<DateTime<Utc>> {
    anchor.checked_add_signed(TimeDelta::seconds(step.num_seconds().checked_mul(steps)?))
}

/// The span in which slots are looked for: a clock beyond it is wrong, and time zones before it are guesses.
pub(crate) fn earliest() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

pub(crate) fn latest() -> DateTime<Utc> {
    // 2200-01-01
    DateTime::UNIX_EPOCH + TimeDelta::days(84_006)
}
