//! When is what due: schedules, time zones, missed moments, rules that delay. Pure: the time is passed in.

mod decision;
mod error;
mod parts;
mod ready;
mod rules;
mod timetable;

pub use decision::{Absence, Decision, Reason, Rewind, Run, Settled, State, Wait, Waiting, World, decide};
pub use error::ScheduleError;
pub use parts::{Day, MonthDay, TimeOfDay};
pub use ready::{Ready, Slots};
pub use rules::{Busy, Missed, Moment, Quiet, Rules};
pub use timetable::{Schedule, Timetable};
