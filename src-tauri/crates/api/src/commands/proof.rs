//! The proof of a schedule: what became of each of its moments, and why.

use std::collections::HashMap;

use backstay_journal::{PlanRun, Slot, SlotOutcome};
use backstay_model::{ErrorKind, RunKind, Verdict};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Command, agent::watcher};
use crate::{
    App, Context, Result,
    plans::{self, Watched},
    types::{ProofReply, ProofRequest, SlotRow, SlotState, Task},
};

/// Shows what became of each moment of a plan.
pub struct Proof;

/// Days looked back unless asked otherwise.
const DAYS: i64 = 30;
/// Moments to come that are shown.
const TO_COME: usize = 48;

impl Command for Proof {
    const NAME: &'static str = "plan.proof";
    type Request = ProofRequest;
    type Reply = ProofReply;
    fn run(app: &App, _: &Context<'_>, request: ProofRequest) -> Result<ProofReply> {
        let plan = plans::get(app, &request.plan)?;
        let task = request.task.unwrap_or(Task::Backup);
        let watched = Watched::of(app)?;
        let now = watched.now;
        let since = request.since.unwrap_or(now - TimeDelta::days(DAYS));
        let slots = app
            .journal()
            .slots()
            .since(&plan.plan.id, Some(task.name()), since, now + TimeDelta::seconds(1))?;
        let runs = match &request.source {
            Some(name) => of_source(app, &plan.plan.id, name, since, now)?,
            None => HashMap::new(),
        };
        let mut rows: Vec<SlotRow> = slots.iter().map(|slot| row(slot, runs.get(&slot.first))).collect();
        let mut reply = ProofReply {
            watcher: watcher(app)?,
            ..ProofReply::default()
        };
        count(&rows, &mut reply);
        if let Some(ready) = plan.ready(task, &watched.zone).ok().flatten().filter(|_| plan.plan.enabled) {
            let mut from = now;
            while let Some(next) = ready.next_after(from).filter(|_| rows.len() < slots.len() + TO_COME) {
                rows.push(to_come(next));
                from = next;
            }
        }
        reply.slots = rows;
        Ok(reply)
    }
}

/// The worst run of one source for each slot.
fn of_source(
    app: &App,
    plan: &str,
    name: &str,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<HashMap<DateTime<Utc>, PlanRun>> {
    let source = app.journal().sources().get(name)?;
    let all = app.journal().runs().of_plan(plan, since, now + TimeDelta::seconds(1))?;
    let mut found: HashMap<DateTime<Utc>, PlanRun> = HashMap::new();
    let rank = |verdict: Option<Verdict>| match verdict {
        Some(Verdict::Failed) => 3,
        Some(Verdict::Cancelled) => 2,
        Some(Verdict::Partial) => 1,
        _ => 0,
    };
    for run in all {
        let mine = run.kind == RunKind::Backup && run.source.as_ref().is_some_and(|named| named.id == source.id);
        let Some(slot) = run.slot.filter(|_| mine) else { continue };
        // A later try of the same slot into the same vault counts in place of the earlier one.
        let replaces = |old: &PlanRun| old.vault == run.vault || rank(run.verdict) > rank(old.verdict);
        match found.get(&slot) {
            Some(old) if !replaces(old) => {}
            _ => {
                found.insert(slot, run);
            }
        }
    }
    Ok(found)
}

pub(super) fn row(slot: &Slot, of_source: Option<&PlanRun>) -> SlotRow {
    let late = slot.reason.is_some();
    let ended = |verdict: Verdict| match verdict {
        Verdict::Complete if late => SlotState::CaughtUp,
        Verdict::Complete => SlotState::Ran,
        Verdict::Partial => SlotState::Partial,
        Verdict::Failed => SlotState::Failed,
        Verdict::Cancelled => SlotState::Cancelled,
    };
    let state = match slot.outcome {
        SlotOutcome::Running => SlotState::Running,
        SlotOutcome::Complete => ended(Verdict::Complete),
        SlotOutcome::Partial => ended(Verdict::Partial),
        SlotOutcome::Failed => ended(Verdict::Failed),
        SlotOutcome::Cancelled => ended(Verdict::Cancelled),
        SlotOutcome::Covered => SlotState::Missed,
        SlotOutcome::Skipped => SlotState::Skipped,
        SlotOutcome::Waiting => SlotState::Waiting,
    };
    let own = of_source.filter(|_| slot.outcome.ended());
    let reason = own.and_then(|run| run.reason.as_ref());
    SlotRow {
        due: slot.first,
        last: slot.last,
        count: slot.count,
        state: own.and_then(|run| run.verdict).map_or(state, ended),
        reason: slot.reason.clone(),
        started: own.map(|run| run.started).or(slot.started),
        finished: own.map_or(slot.finished, |run| run.finished),
        run: own.map(|run| run.run.clone()).or_else(|| slot.run.clone()),
        code: own.map_or(slot.code, |_| reason.map(|reason| reason.kind)),
        message: own.map_or_else(|| slot.message.clone(), |_| reason.map(|reason| reason.message.clone())),
        attempts: slot.attempts,
        covered_by: slot.covered_by,
    }
}

fn to_come(due: DateTime<Utc>) -> SlotRow {
    SlotRow {
        due,
        last: due,
        count: 1,
        state: SlotState::NotYet,
        reason: None,
        started: None,
        finished: None,
        run: None,
        code: None,
        message: None,
        attempts: 0,
        covered_by: None,
    }
}

/// How many moments there were, how many were kept, and why the others were not.
pub(crate) fn count(rows: &[SlotRow], reply: &mut ProofReply) {
    let mut reasons: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let over = !matches!(row.state, SlotState::Waiting | SlotState::Running | SlotState::NotYet);
        if !over {
            continue;
        }
        reply.moments += row.count;
        if row.state == SlotState::Ran {
            reply.kept += row.count;
            continue;
        }
        let code = |code: ErrorKind| serde_json::to_value(code).ok()?.as_str().map(ToOwned::to_owned);
        let why = match row.state {
            SlotState::Failed => row.code.and_then(code).unwrap_or_else(|| "failed".to_owned()),
            SlotState::Partial => "partial".to_owned(),
            SlotState::Cancelled => "cancelled".to_owned(),
            _ => row.reason.clone().unwrap_or_else(|| "unknown".to_owned()),
        };
        *reasons.entry(why).or_default() += row.count;
    }
    reply.reasons = reasons.into_iter().collect();
    reply.reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}
