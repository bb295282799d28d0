//! Short ways to ask for a decision, and to say what is expected.

use backstay_schedule::{Absence, Decision, Ready, Reason, Rules, Run, Settled, State, Waiting, World, decide};
use chrono::{DateTime, Utc};

use crate::making::{at, daily, ready};

pub const SEED: &str = "plan";

pub fn nightly() -> Ready {
    ready(daily(&["02:00"]), "UTC")
}

pub fn state(handled: &str) -> State {
    State::new(at(handled))
}

pub fn waiting(due: &str, since: &str, reason: Reason) -> State {
    State {
        handled: at(due),
        waiting: Some(Waiting {
            due: at(due),
            since: at(since),
            reason,
        }),
    }
}

pub fn asked(timetable: &Ready, state: &State, world: &World<'_>) -> Decision {
    decide(timetable, SEED, &Rules::default(), state, world)
}

pub fn run(due: &str, late: Option<Reason>, covers: u64) -> Option<Run> {
    Some(Run {
        due: at(due),
        late,
        covers,
    })
}

pub fn settled(first: &str, last: &str, count: u64, why: Reason, covered_by: Option<&str>) -> Settled {
    Settled {
        first: at(first),
        last: at(last),
        count,
        why,
        covered_by: covered_by.map(at),
    }
}

pub fn absent(from: &str, to: &str, why: Reason) -> Absence {
    Absence {
        from: at(from),
        to: at(to),
        why,
    }
}

/// What waits, for what and until when.
pub fn wait_of(decision: &Decision) -> Option<(Reason, Option<DateTime<Utc>>, bool)> {
    assert_eq!(decision.wait.map(|wait| wait.waiting), decision.state.waiting);
    assert!(decision.run.is_none() || decision.wait.is_none());
    decision.wait.map(|wait| (wait.waiting.reason, wait.until, wait.ask))
}
