//! What is to be done about one task of one plan at this moment, as data.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Ready;

/// Why a slot did not run at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "SlotReason")]
pub enum Reason {
    /// The computer slept.
    Asleep,
    /// The computer was off.
    Off,
    /// Neither the app nor the agent ran, or nobody looked at the clock.
    NotRunning,
    /// It waited for mains power.
    Battery,
    /// It waited for a network without a meter.
    Metered,
    /// It waited for the end of the quiet hours.
    Quiet,
    /// It waited for the end of a pause.
    Paused,
    /// The plan's last run still went.
    Busy,
    /// Another process ran the plan.
    OtherProcess,
    /// It waited for the network.
    Offline,
    /// The clock had been ahead and was set back.
    ClockAhead,
    /// It waited to be tried again.
    Retry,
    /// A newer slot was due at the same moment.
    Superseded,
}

/// A time the scheduler could not look at the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Absence {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// `Asleep`, `Off` or `NotRunning`.
    pub why: Reason,
}

/// A slot that is due and was delayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "WaitingSlot")]
pub struct Waiting {
    /// The slot.
    pub due: DateTime<Utc>,
    /// Since when a backup has been delayed: stays while newer slots take the older one's place, so that waiting ends.
    pub since: DateTime<Utc>,
    /// What it waits for.
    pub reason: Reason,
}

/// What the caller remembers about one task of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The newest moment up to which every slot was handed out, settled or is `waiting`. For a new task: the moment it was made.
    pub handled: DateTime<Utc>,
    /// The slot that is delayed.
    #[serde(default)]
    pub waiting: Option<Waiting>,
}

impl State {
    /// Of a task that begins now: slots after this moment count.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            handled: now,
            waiting: None,
        }
    }

    /// The run that was handed out could not begin (`OtherProcess`) or is to be tried again (`Retry`): it waits, and the next question
    /// after the rules allow it hands it out again. When to ask is up to the caller.
    #[must_use]
    pub fn put_off(&self, due: DateTime<Utc>, reason: Reason, now: DateTime<Utc>) -> Self {
        Self {
            handled: self.handled,
            waiting: self.waiting.or(Some(Waiting { due, since: now, reason })),
        }
    }

    /// For a timetable a person has changed: slots of the new one count from when the `old` one was last looked at, unless one of its
    /// own was still to begin then. Without this, a time that is already past today would begin at once.
    #[must_use]
    pub fn retimed(&self, old: &Ready, looked: DateTime<Utc>) -> Self {
        let pending = old.newest_until(looked).is_some_and(|newest| newest > self.handled);
        Self {
            handled: if pending { self.handled } else { self.handled.max(looked) },
            waiting: self.waiting,
        }
    }
}

/// The world right now. `None` is "not known" or "does not matter here" and delays nothing.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// No mains power.
    pub on_battery: Option<bool>,
    /// The network costs by use.
    pub metered: Option<bool>,
    /// There is a network.
    pub online: Option<bool>,
    /// This plan's last run still goes.
    pub busy: bool,
    /// A person paused until then.
    pub paused_until: Option<DateTime<Utc>>,
    /// When nobody could look at the clock, oldest first.
    pub absences: &'a [Absence],
}

impl World<'_> {
    /// A world in which nothing delays.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            on_battery: None,
            metered: None,
            online: None,
            busy: false,
            paused_until: None,
            absences: &[],
        }
    }
}

/// Begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The slot it is for.
    pub due: DateTime<Utc>,
    /// Why it did not begin within two minutes of its time.
    pub late: Option<Reason>,
    /// How many older slots were settled by this decision because this one runs.
    pub covers: u64,
}

/// A delay, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// What waits, and for what.
    pub waiting: Waiting,
    /// At the latest until then; `None` if nobody can tell.
    pub until: Option<DateTime<Utc>>,
    /// It has waited as long as the rule allows: ask the person.
    pub ask: bool,
}

/// Slots that will not run, with the reason. All slots of the timetable from `first` to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "SettledSlots")]
pub struct Settled {
    /// The oldest.
    pub first: DateTime<Utc>,
    /// The newest.
    pub last: DateTime<Utc>,
    /// How many.
    pub count: u64,
    /// Why they did not run.
    pub why: Reason,
    /// The newer slot that took their place; it runs, waits, or was itself covered later. `None`: nothing made up for them.
    pub covered_by: Option<DateTime<Utc>>,
}

/// The clock was set back by more than ten minutes: slots up to `was` may come a second time by the new clock, and a slot that waited
/// with a time later than `now` was settled in favour of the newest before `now`, which may have run. Slots are unique between two
/// rewinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rewind {
    /// Up to when slots had been handled by the old clock.
    pub was: DateTime<Utc>,
    /// The time by the new clock.
    pub now: DateTime<Utc>,
}

/// What to do, what to write down, what to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Begin this now.
    pub run: Option<Run>,
    /// This is due and delayed.
    pub wait: Option<Wait>,
    /// Write these down. With a rewind, they belong to the time before it.
    pub settle: Vec<Settled>,
    /// Remember this, before the run begins.
    pub state: State,
    /// Write this down.
    pub rewind: Option<Rewind>,
    /// When the next slot that has not come due is planned to begin, its jitter included.
    pub next: Option<DateTime<Utc>>,
    /// Look again then at the latest; always later than now.
    pub wake: DateTime<Utc>,
}
