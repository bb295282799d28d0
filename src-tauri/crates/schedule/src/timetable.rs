//! What a person sets: when, by which clock, and how far starts are spread.

use serde::{Deserialize, Serialize};

use crate::{Day, MonthDay, TimeOfDay};

/// When. Every list of days that is empty means all days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Schedule {
    /// Only when a person or a script starts it.
    #[default]
    Manual,
    /// Every that many minutes of elapsed time, 1 to 1439, counted from the first moment of 2024 in the zone.
    Minutes {
        /// Minutes from one slot to the next.
        every: u32,
    },
    /// From a time of day on in steps of hours until the day ends: every 6 from 03:00 is 03:00, 09:00, 15:00 and 21:00.
    Hours {
        /// Hours from one slot to the next, 1 to 24.
        every: u32,
        /// The first of the day.
        #[serde(default = "midnight")]
        from: TimeOfDay,
        /// On these days.
        #[serde(default)]
        days: Vec<Day>,
    },
    /// At these times of every day.
    Daily {
        /// At least one.
        times: Vec<TimeOfDay>,
    },
    /// At these times on these days.
    Weekly {
        /// On these days.
        #[serde(default)]
        days: Vec<Day>,
        /// At least one.
        times: Vec<TimeOfDay>,
    },
    /// Once a month.
    Monthly {
        /// On this day.
        on: MonthDay,
        /// At this time.
        time: TimeOfDay,
    },
    /// By a cron expression with five fields.
    Cron {
        /// As a person writes it; also `@daily` and the like.
        expression: String,
    },
}

fn midnight() -> TimeOfDay {
    TimeOfDay::MIDNIGHT
}

fn local() -> String {
    Timetable::LOCAL.to_owned()
}

/// A schedule with the clock it goes by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Timetable {
    /// When.
    pub schedule: Schedule,
    /// The name of a zone as in the IANA database, or `local` for the system's.
    #[serde(default = "local")]
    pub zone: String,
    /// Starts are spread over that many minutes after their time, so that a hundred machines do not come at once.
    #[serde(default)]
    pub jitter_minutes: u32,
}

impl Default for Timetable {
    /// Only by hand.
    fn default() -> Self {
        Self::new(Schedule::Manual)
    }
}

impl Timetable {
    /// The zone that stands for the system's.
    pub const LOCAL: &'static str = "local";
    /// The most minutes a start can be spread over: a day.
    pub const MOST_JITTER: u32 = 1440;

    /// A timetable by the system's clock, without spreading.
    #[must_use]
    pub fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            zone: local(),
            jitter_minutes: 0,
        }
    }
}
