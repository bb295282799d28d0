//! A checked timetable: which slots there are.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{ScheduleError, Timetable};

/// A timetable that can be followed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ready {}

/// Slots of a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    /// The first of them, oldest first, at most as many as asked for.
    pub list: Vec<DateTime<Utc>>,
    /// How many more there are.
    pub more: u64,
}

#[allow(unused_variables, clippy::missing_const_for_fn)]
impl Ready {
    pub(crate) fn of(timetable: &Timetable, system_zone: &str) -> Result<Self, ScheduleError> {
        Ok(Self {})
    }

    /// The first slot later than `after`.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        None
    }

    /// The newest slot at or before `until`.
    #[must_use]
    pub fn newest_until(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        None
    }

    /// The slots later than `after` up to and with `until`. All are counted; `limit` of them are listed.
    #[must_use]
    pub fn slots(&self, after: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Slots {
        Slots::default()
    }

    /// The cron expression with the same slots, where one line can say it.
    #[must_use]
    pub fn cron(&self) -> Option<String> {
        None
    }

    /// The timetable as one English sentence.
    #[must_use]
    pub fn describe(&self) -> String {
        String::new()
    }

    /// The name of the zone whose clock is followed.
    #[must_use]
    pub fn zone(&self) -> &str {
        ""
    }

    /// The longest time between two slots in the coming five weeks, in the coming year if there are fewer than four in them.
    #[must_use]
    pub fn longest_gap(&self, from: DateTime<Utc>) -> Option<TimeDelta> {
        None
    }

    /// How old the newest good backup may become before somebody should know: the longest gap and a sixth of it more, at least ten
    /// minutes and at most six hours.
    #[must_use]
    pub fn default_promise(&self, from: DateTime<Utc>) -> Option<TimeDelta> {
        None
    }

    /// How long after its slot the start is: the same for the same seed and slot, at most what the timetable says and at most half
    /// the time to the next slot.
    #[must_use]
    pub fn jitter_of(&self, seed: &str, slot: DateTime<Utc>) -> TimeDelta {
        TimeDelta::zero()
    }
}
