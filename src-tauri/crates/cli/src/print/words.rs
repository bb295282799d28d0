//! Words for codes of plans: states, reasons, tasks, events.

use backstay_api::types::{PlanState, SlotState, Task};
use chrono::{DateTime, TimeDelta, Utc};

/// A task of a plan, as a person says it.
#[must_use]
pub fn task(task: Task) -> &'static str {
    match task {
        Task::Backup => "backup",
        Task::Forget => "remove old backups",
        Task::Prune => "free space",
        Task::Structure => "check structure",
        Task::Sample => "check a share",
        Task::Full => "check everything",
        Task::Drill => "restore drill",
        Task::DrillOne => "one-record drill",
    }
}

/// How a plan stands. What needs a person is in capitals.
#[must_use]
pub fn plan_state(state: PlanState) -> &'static str {
    match state {
        PlanState::Guard => "HELD",
        PlanState::Failed => "FAILED",
        PlanState::Overdue => "OVERDUE",
        PlanState::Partial => "PARTIAL",
        PlanState::Running => "running",
        PlanState::Waiting => "waiting",
        PlanState::Paused => "paused",
        PlanState::OnTime => "on time",
        PlanState::NotYet => "not yet",
    }
}

/// How a moment went.
#[must_use]
pub fn slot(state: SlotState) -> &'static str {
    match state {
        SlotState::Ran => "ran",
        SlotState::CaughtUp => "caught up",
        SlotState::Partial => "PARTIAL",
        SlotState::Failed => "FAILED",
        SlotState::Cancelled => "cancelled",
        SlotState::Missed => "missed",
        SlotState::Skipped => "skipped",
        SlotState::Waiting => "waits",
        SlotState::Running => "runs",
        SlotState::NotYet => "to come",
    }
}

/// Why a moment was not kept, or waits. A code of a newer version is shown as it is.
#[must_use]
pub fn reason(code: &str) -> &str {
    match code {
        "asleep" => "the computer slept",
        "off" => "the computer was off",
        "notRunning" => "Backstay did not run",
        "battery" => "on battery",
        "metered" => "the network costs by the byte",
        "quiet" => "quiet hours",
        "paused" => "paused",
        "busy" => "the run before still went",
        "otherProcess" => "another Backstay was working",
        "offline" => "source or vault out of reach",
        "retry" => "tried again",
        "clockAhead" => "the clock was set back",
        "superseded" => "a newer moment took its place",
        "interrupted" => "interrupted",
        other => other,
    }
}

/// A length of time, the two largest units at most.
#[must_use]
pub fn length(time: TimeDelta) -> String {
    let minutes = time.num_minutes().max(0);
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        (0, 0, _) => format!("{minutes} min"),
        (0, _, 0) => format!("{hours} h"),
        (0, ..) => format!("{hours} h {rest} min"),
        (_, 0, _) => format!("{days} d"),
        _ => format!("{days} d {hours} h"),
    }
}

/// The same from a number of minutes.
#[must_use]
pub fn minutes(minutes: u64) -> String {
    length(TimeDelta::minutes(i64::try_from(minutes).unwrap_or(i64::MAX / 60_000)))
}

/// Seconds for people.
#[must_use]
pub fn seconds(seconds: f64) -> String {
    if seconds < 90.0 {
        return format!("{seconds:.1} s");
    }
    #[allow(clippy::cast_possible_truncation, reason = "a length of time for people")]
    let whole = seconds as i64;
    length(TimeDelta::seconds(whole))
}

/// A time to come or gone, with how far that is from now.
#[must_use]
pub fn when(time: DateTime<Utc>) -> String {
    let away = time - Utc::now();
    let far = length(away.abs());
    let how = if away >= TimeDelta::zero() {
        format!("in {far}")
    } else {
        format!("{far} ago")
    };
    format!("{} ({how})", super::time(time))
}
