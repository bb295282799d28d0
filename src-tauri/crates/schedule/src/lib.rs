//! When is what due: schedules, time zones, missed moments, rules that delay. Pure: the time is passed in.
//!
//! A [`Timetable`] is what a person sets; [`Timetable::check`] makes a [`Ready`] of it, which knows its *slots*: the moments at which
//! something is due. Slots follow from the timetable alone and never move, whatever ran when. [`decide`] says what to do about them
//! at a moment: run the newest, delay it, or write down why it did not run.
//!
//! # When the clock is moved
//! - A fixed time that does not exist on the day the clock is set forward is the first moment that exists after the gap. Several
//!   times in one gap are one slot.
//! - A fixed time that exists twice on the day the clock is set back is the first of the two.
//! - A schedule with a time in every hour of the day (every hour; cron with `*` for the hour) has its slots in every hour that really
//!   passes: none in the gap, and those of the hour that comes twice twice.
//! - Every N minutes goes by elapsed time, whatever the clock does.
//!
//! Days of the week and of the month are those of the wall clock on which the time was to be, also where a whole day was skipped.
//!
//! # What becomes of a slot
//! Every slot later than [`State::handled`] is, exactly once, run, or settled with a [`Reason`] and the newer slot that took its place.
//! A rule that delays keeps one slot waiting and says until when; a newer slot takes its place but not its patience, so that a limit of
//! twelve hours holds for hourly backups too. The single exception to "once" is a clock that had been ahead by more than ten minutes and
//! is set back: [`Rewind`] says from where to where slots may come again, because backups that wait for a year would be worse.

mod calendar;
mod check;
mod clock;
mod cron;
mod days;
mod decide;
mod decision;
mod error;
mod hold;
mod parts;
mod quiet;
mod ready;
mod rules;
mod settle;
mod timetable;
mod words;

pub use decide::decide;
pub use decision::{Absence, Decision, Reason, Rewind, Run, Settled, State, Wait, Waiting, World};
pub use error::ScheduleError;
pub use parts::{Day, MonthDay, TimeOfDay};
pub use ready::{Ready, Slots};
pub use rules::{Busy, Missed, Moment, Quiet, Rules};
pub use timetable::{Schedule, Timetable};
