//! What becomes of a slot when its run ended: done, or to be tried again.

use backstay_journal::{JournalError, SlotEnd, SlotFate, SlotKey, SlotOutcome, StepEnd, TaskState};
use backstay_model::{ErrorKind, Verdict};
use backstay_schedule::{Reason, Waiting};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Loaded, raw};
use crate::{
    ApiError, App, Result,
    types::{PlanRunReply, SlotRef, Task},
};

/// Another process of Backstay works in this home: looked at again after this time.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(20);
/// Longest time between two tries (minutes).
const LONGEST: u32 = 60;

/// Somebody else writes the same record at most now and then.
const TRIES: u32 = 20;

/// How a run ended, as far as its slot cares.
struct End {
    outcome: SlotOutcome,
    run: Option<String>,
    error: Option<(ErrorKind, String)>,
    /// Why trying again can help.
    again: Option<Reason>,
}

/// Why trying again can help, if it can.
fn again(error: &ApiError) -> Option<Reason> {
    match error.code {
        ErrorKind::Locked => Some(Reason::OtherProcess),
        // A disk that is not attached, a share that is not mounted: they come back.
        ErrorKind::Unreachable | ErrorKind::NotFound => Some(Reason::Offline),
        _ if error.retry => Some(Reason::Retry),
        _ => None,
    }
}

fn outcome(verdict: Verdict) -> SlotOutcome {
    match verdict {
        Verdict::Complete => SlotOutcome::Complete,
        Verdict::Partial => SlotOutcome::Partial,
        Verdict::Failed => SlotOutcome::Failed,
        Verdict::Cancelled => SlotOutcome::Cancelled,
    }
}

impl End {
    fn of(result: &Result<PlanRunReply>) -> Self {
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => {
                let stopped = error.code == ErrorKind::Cancelled;
                return Self {
                    outcome: if stopped {
                        SlotOutcome::Cancelled
                    } else {
                        SlotOutcome::Failed
                    },
                    run: None,
                    error: Some((error.code, error.message.clone())),
                    again: again(error),
                };
            }
        };
        let backups = reply.runs.iter().map(|run| (run.verdict, Some(&run.run), run.error.as_ref()));
        let others = reply
            .upkeep
            .iter()
            .map(|one| (one.verdict, one.run.as_ref(), one.error.as_ref()));
        let all: Vec<_> = backups.chain(others).collect();
        let failed: Vec<_> = all.iter().filter(|(verdict, ..)| *verdict == Verdict::Failed).collect();
        let worst = all.iter().find(|(verdict, ..)| *verdict == reply.verdict).or(all.first());
        let error = worst.and_then(|(_, _, error)| *error).or(reply.error.as_ref());
        let reasons = failed.iter().map(|(_, _, error)| error.and_then(again));
        // One failure that trying again cannot mend does not keep the others from being tried again.
        let again = reasons.flatten().next().or_else(|| reply.error.as_ref().and_then(again));
        Self {
            outcome: outcome(reply.verdict),
            run: worst.and_then(|(_, run, _)| run.cloned()),
            error: error.map(|error| (error.code, error.message.clone())),
            again: again.filter(|_| reply.verdict == Verdict::Failed),
        }
    }
}

/// How long the next try waits: twice as long each time.
fn pause(plan: &Loaded, attempts: u32) -> TimeDelta {
    let minutes = plan.spec.retry.minutes.saturating_mul(1 << attempts.min(16));
    TimeDelta::minutes(minutes.clamp(1, LONGEST).into())
}

/// Whether a failure is told now: not while it is still to be tried again.
pub(crate) fn is_final(app: &App, plan: &Loaded, task: Task, slot: Option<&SlotRef>, error: &ApiError) -> bool {
    let Some(_) = slot else { return true };
    let tried = attempts(app, plan, task);
    match again(error) {
        Some(Reason::OtherProcess) => false,
        Some(_) => tried >= plan.spec.retry.times,
        None => true,
    }
}

fn attempts(app: &App, plan: &Loaded, task: Task) -> u32 {
    let state = app.journal().tasks().get(&plan.plan.id, task.name());
    state.ok().flatten().map_or(0, |state| state.attempts)
}

/// Writes down what became of the slot a run stood for.
pub(crate) fn ended(app: &App, plan: &Loaded, task: Task, slot: Option<&SlotRef>, result: &Result<PlanRunReply>) -> Result<()> {
    let Some(slot) = slot else { return Ok(()) };
    // It stays taken; whoever leads next sees that its process is gone, and goes on with it.
    if app.is_ending() && End::of(result).outcome == SlotOutcome::Cancelled {
        return Ok(());
    }
    let key = SlotKey {
        plan: plan.plan.id.clone(),
        task: task.name().to_owned(),
        epoch: slot.epoch,
        due: slot.due,
    };
    // Whoever watches the clock may have written meanwhile: then it is read again and decided anew.
    for _ in 0..TRIES {
        let Some(state) = app.journal().tasks().get(&key.plan, &key.task)? else {
            break;
        };
        let end = fate(plan, End::of(result), state, &key, app.now())?;
        match app.journal().schedule_end(&end) {
            Ok(true) => break,
            Ok(false) => {}
            // The plan was removed while it ran, or the slot was given to somebody else: its record is not ours any more.
            Err(JournalError::NotFound { .. } | JournalError::SlotEnded { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What becomes of the slot, and what the scheduler remembers.
fn fate(plan: &Loaded, end: End, state: TaskState, key: &SlotKey, now: DateTime<Utc>) -> Result<StepEnd> {
    let again = end
        .again
        .filter(|why| *why == Reason::OtherProcess || state.attempts < plan.spec.retry.times);
    // A newer slot may wait already; it stands for this one, too.
    let newer = unwaited(&state, key);
    let (task, fate) = match again.filter(|_| newer) {
        None => {
            let task = TaskState {
                retry_at: None,
                attempts: 0,
                ..state
            };
            let ended = SlotEnd {
                outcome: end.outcome,
                run: end.run,
                code: end.error.as_ref().map(|(code, _)| *code),
                message: end.error.map(|(_, message)| message),
            };
            (task, SlotFate::End(ended))
        }
        Some(why) => {
            let waiting = Waiting {
                due: key.due,
                since: now,
                reason: why,
            };
            let (retry_at, attempts) = match why {
                Reason::OtherProcess => (now + LOOK_AGAIN, state.attempts),
                _ => (now + pause(plan, state.attempts), state.attempts + 1),
            };
            let task = TaskState {
                waiting: Some(raw(&waiting)?),
                retry_at: Some(retry_at),
                attempts,
                ..state
            };
            (task, SlotFate::Wait(code(why).to_owned()))
        }
    };
    Ok(StepEnd {
        task,
        slot: key.clone(),
        fate,
        now,
    })
}

/// Whether nothing else is waited for.
fn unwaited(state: &TaskState, key: &SlotKey) -> bool {
    let waiting: Option<Waiting> = state.waiting.as_ref().and_then(super::unraw);
    waiting.is_none_or(|waiting| waiting.due <= key.due)
}

/// A reason as a code, as in JSON.
pub(crate) fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::Asleep => "asleep",
        Reason::Off => "off",
        Reason::NotRunning => "notRunning",
        Reason::Battery => "battery",
        Reason::Metered => "metered",
        Reason::Quiet => "quiet",
        Reason::Paused => "paused",
        Reason::Busy => "busy",
        Reason::OtherProcess => "otherProcess",
        Reason::Offline => "offline",
        Reason::ClockAhead => "clockAhead",
        Reason::Retry => "retry",
        Reason::Superseded => "superseded",
    }
}
