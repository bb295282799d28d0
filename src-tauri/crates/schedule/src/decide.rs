//! The decision: of the slots that are due the newest runs, waits for a rule, or is written down; the older ones are settled.

use chrono::{DateTime, TimeDelta, Utc};

use crate::hold::{self, Hold};
use crate::settle::{self, Causes, ON_TIME};
use crate::{Busy, Decision, Missed, Ready, Reason, Rewind, Rules, Run, Settled, State, Wait, Waiting, World};

/// A clock set back by no more than this only makes us wait; by more, backups go on by the new clock.
const SET_BACK: TimeDelta = TimeDelta::minutes(10);
/// Look at the clock at least that often: it may be set, and the zone may change.
const LOOK: TimeDelta = TimeDelta::hours(1);
/// Look again that soon at what no clock decides, even if nobody tells of the change.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// What to do now about one task of one plan. `seed` tells the plan from others, for the jitter.
///
/// The caller writes down what is settled, remembers the state, and only then begins the run. Called again with the same state, it
/// answers the same; called with the new one, nothing comes twice. Work is bounded however long nobody asked.
#[must_use]
pub fn decide(timetable: &Ready, seed: &str, rules: &Rules, state: &State, world: &World<'_>) -> Decision {
    let task = Task {
        timetable,
        seed,
        rules,
        world,
    };
    let rewind = (state.handled - world.now > SET_BACK).then_some(Rewind {
        was: state.handled,
        now: world.now,
    });
    let due = match rewind {
        Some(rewind) => task.rewound(state, rewind),
        None => task.due(state),
    };
    let hold = due.candidate.and_then(|candidate| task.hold(candidate));
    task.decision(due, hold, rewind)
}

struct Task<'a> {
    timetable: &'a Ready,
    seed: &'a str,
    rules: &'a Rules,
    world: &'a World<'a>,
}

/// The one slot that may begin, and what became of the others.
struct Due {
    candidate: Option<Candidate>,
    settle: Vec<Settled>,
    handled: DateTime<Utc>,
}

#[derive(Clone, Copy)]
struct Candidate {
    slot: DateTime<Utc>,
    /// When a backup was first delayed: now, if it was not yet.
    since: DateTime<Utc>,
    /// Why it is late, if it is.
    late: Option<Reason>,
}

impl Task<'_> {
    fn due(&self, state: &State) -> Due {
        let newest = self.timetable.newest_until(self.world.now);
        let Some(slot) = newest.filter(|slot| *slot > state.handled) else {
            return self.as_before(state);
        };
        if self.is_left_out(slot) {
            return self.left_out(state, slot);
        }
        let older = self.older(state, slot);
        if older.is_empty() && self.world.now < self.start(slot) {
            return self.as_before(state);
        }
        let causes = self.causes(state.waiting);
        Due {
            candidate: Some(Candidate {
                slot,
                since: self.since(state.waiting),
                late: self.is_late(slot).then(|| causes.of(slot)),
            }),
            settle: older,
            handled: slot,
        }
    }

    /// By the new clock no slot came due. One that waits with a time still to come gives its place to the newest that has: its time
    /// would come a second time.
    fn rewound(&self, state: &State, rewind: Rewind) -> Due {
        let mut state = State {
            handled: rewind.now,
            ..*state
        };
        let ahead = state.waiting.filter(|waiting| waiting.due > rewind.now);
        let slot = self.timetable.newest_until(rewind.now);
        if let Some(ahead) = ahead {
            state.waiting = slot.map(|due| Waiting { due, ..ahead });
        }
        let settle = ahead.map(|ahead| Settled {
            first: ahead.due,
            last: ahead.due,
            count: 1,
            why: Reason::ClockAhead,
            covered_by: slot,
        });
        Due {
            settle: settle.into_iter().collect(),
            ..self.as_before(&state)
        }
    }

    /// No slot came due: what waits goes on waiting.
    fn as_before(&self, state: &State) -> Due {
        Due {
            candidate: state.waiting.map(|waiting| self.waiting(waiting)),
            settle: Vec::new(),
            handled: state.handled,
        }
    }

    /// Slots that rules of the plan leave out; what waits goes on waiting.
    fn left_out(&self, state: &State, slot: DateTime<Utc>) -> Due {
        Due {
            settle: self.causes(state.waiting).ranges(state.handled, slot, None),
            handled: slot,
            ..self.as_before(state)
        }
    }

    fn is_left_out(&self, slot: DateTime<Utc>) -> bool {
        let busy = self.rules.busy == Busy::Skip && self.world.busy && hold::paused(self.world).is_none();
        let missed = self.rules.missed == Missed::Skip && self.is_late(slot) && self.causes(None).absent(slot).is_some();
        busy || missed
    }

    /// The older slots whose place the newest takes, with the one that waited.
    fn older(&self, state: &State, slot: DateTime<Utc>) -> Vec<Settled> {
        let before = slot - TimeDelta::seconds(1);
        let newer = self.causes(state.waiting).ranges(state.handled, before, Some(slot));
        let Some(waiting) = state.waiting else {
            return newer;
        };
        let mut all = vec![Settled {
            first: waiting.due,
            last: waiting.due,
            count: 1,
            why: waiting.reason,
            covered_by: Some(slot),
        }];
        for range in newer {
            if waiting.due == state.handled {
                settle::join(&mut all, range);
            } else {
                all.push(range);
            }
        }
        all
    }

    fn causes(&self, waiting: Option<Waiting>) -> Causes<'_> {
        Causes {
            timetable: self.timetable,
            seed: self.seed,
            world: self.world,
            waiting,
        }
    }

    fn waiting(&self, waiting: Waiting) -> Candidate {
        Candidate {
            slot: waiting.due,
            since: self.since(Some(waiting)),
            late: self.is_late(waiting.due).then_some(waiting.reason),
        }
    }

    fn since(&self, waiting: Option<Waiting>) -> DateTime<Utc> {
        waiting.map_or(self.world.now, |waiting| waiting.since.min(self.world.now))
    }

    fn start(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        slot + self.timetable.jitter_of(self.seed, slot)
    }

    fn is_late(&self, slot: DateTime<Utc>) -> bool {
        self.world.now - self.start(slot) > ON_TIME
    }

    fn hold(&self, candidate: Candidate) -> Option<Hold> {
        hold::find(self.rules, self.timetable.inner.zone, candidate.since, self.world)
    }

    fn decision(&self, due: Due, hold: Option<Hold>, rewind: Option<Rewind>) -> Decision {
        let held = due.candidate.zip(hold).map(|(candidate, hold)| Wait {
            waiting: Waiting {
                due: candidate.slot,
                since: candidate.since,
                reason: hold.reason,
            },
            until: hold.until,
            ask: hold.ask,
        });
        let run = due.candidate.filter(|_| hold.is_none()).map(|candidate| Run {
            due: candidate.slot,
            late: candidate.late,
            covers: covers(&due.settle, candidate.slot),
        });
        // A slot that waits for its jitter is the next to begin.
        let next = self.timetable.next_after(due.handled.max(self.looked(due.handled)));
        let next = next.map(|slot| self.start(slot));
        Decision {
            run,
            wait: held,
            settle: due.settle,
            state: State {
                handled: due.handled,
                waiting: held.map(|wait| wait.waiting),
            },
            rewind,
            next,
            wake: self.wake(next, held),
        }
    }

    /// Up to when slots have come due; the clock may have been set back a little.
    fn looked(&self, handled: DateTime<Utc>) -> DateTime<Utc> {
        match self.timetable.newest_until(self.world.now) {
            Some(slot) if slot > handled => handled,
            _ => self.world.now,
        }
    }

    fn wake(&self, next: Option<DateTime<Utc>>, held: Option<Wait>) -> DateTime<Utc> {
        let now = self.world.now;
        let held = held.map(|wait| match wait.waiting.reason {
            Reason::Paused | Reason::Quiet => wait.until.unwrap_or(now + LOOK),
            _ => wait.until.map_or(now + SOON, |until| until.min(now + SOON)),
        });
        let earliest = [Some(now + LOOK), next, held].into_iter().flatten().min();
        earliest.unwrap_or(now + LOOK).max(now + TimeDelta::seconds(1))
    }
}

fn covers(settled: &[Settled], slot: DateTime<Utc>) -> u64 {
    let covered = settled.iter().filter(|range| range.covered_by == Some(slot));
    covered.map(|range| range.count).sum()
}
