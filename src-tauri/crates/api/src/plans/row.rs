//! A plan as the person sees it: what it says, how it stands, what comes next.

use backstay_journal::{Plan, RunFilter, RunStatus};
use backstay_model::{RunKind, Verdict};
use backstay_schedule::{Moment, Reason, Waiting};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Loaded, Watched, slot, unraw};
use crate::{
    ApiError, App, Result,
    types::{NextSlot, PlanRow, PlanSpec, PlanState, Task, WaitingSlot},
};

/// Slots of the backup that are shown.
const NEXT: usize = 10;

/// All plans, by name. One that cannot be read is there with its problem.
pub(crate) fn all(app: &App, watched: &Watched) -> Result<Vec<PlanRow>> {
    let plans = app.journal().plans().list()?;
    plans.into_iter().map(|plan| of(app, watched, plan)).collect()
}

/// One plan.
pub(crate) fn of(app: &App, watched: &Watched, plan: Plan) -> Result<PlanRow> {
    match Loaded::of(plan.clone()) {
        Ok(loaded) => known(app, watched, &loaded),
        Err(error) => Ok(bare(plan, PlanSpec::default(), Some(error))),
    }
}

fn bare(plan: Plan, spec: PlanSpec, problem: Option<ApiError>) -> PlanRow {
    let names = |list: Vec<backstay_journal::Named>| list.into_iter().map(|named| named.name).collect();
    PlanRow {
        id: plan.id,
        name: plan.name,
        sources: names(plan.sources),
        vaults: names(plan.vaults),
        spec,
        enabled: plan.enabled,
        paused_until: plan.paused_until,
        paused_by: plan.paused_by,
        state: if problem.is_some() {
            PlanState::Failed
        } else {
            PlanState::NotYet
        },
        overdue: Vec::new(),
        held: Vec::new(),
        promise_minutes: None,
        words: String::new(),
        cron: None,
        next: Vec::new(),
        next_upkeep: Vec::new(),
        waiting: Vec::new(),
        last: None,
        problem,
    }
}

fn known(app: &App, watched: &Watched, loaded: &Loaded) -> Result<PlanRow> {
    let mut row = bare(loaded.plan.clone(), loaded.spec.clone(), None);
    let minutes = |time: TimeDelta| u64::try_from(time.num_minutes()).unwrap_or(0);
    row.promise_minutes = loaded.promise(&watched.zone, watched.now).map(minutes);
    match loaded.ready(Task::Backup, &watched.zone) {
        Ok(Some(ready)) => {
            row.words = ready.describe();
            row.cron = ready.cron();
            if loaded.plan.enabled {
                let mut from = loaded.plan.paused_until.map_or(watched.now, |until| until.max(watched.now));
                while let Some(next) = ready.next_after(from).filter(|_| row.next.len() < NEXT) {
                    row.next.push(next);
                    from = next;
                }
            }
        }
        Ok(None) => "Only by hand.".clone_into(&mut row.words),
        Err(error) => row.problem = Some(error.into()),
    }
    if loaded.plan.enabled {
        let upkeep = Task::ALL.into_iter().filter(|task| *task != Task::Backup);
        row.next_upkeep = upkeep
            .filter_map(|task| {
                Some(NextSlot {
                    task,
                    at: watched.next_of(loaded, task)?,
                })
            })
            .collect();
    }
    for source in &loaded.plan.sources {
        if watched.held.contains_key(&source.id) {
            row.held.push(source.name.clone());
        }
        let good = app.journal().runs().standing(&source.id, &[])?.good.map(|run| run.started);
        if watched.is_overdue(&source.id, good) {
            row.overdue.push(source.name.clone());
        }
    }
    for state in app.journal().tasks().of(&loaded.plan.id)? {
        let waiting: Option<Waiting> = state.waiting.as_ref().and_then(unraw);
        if let (Some(task), Some(waiting)) = (Task::of(&state.task), waiting) {
            let asked = format!("ask:{}:{}", loaded.plan.id, task.name());
            row.waiting.push(WaitingSlot {
                task,
                due: waiting.due,
                reason: slot::code(waiting.reason).to_owned(),
                until: state.retry_at.or_else(|| until(loaded, &waiting)),
                ask: !app.journal().alerts().open_like(&asked)?.is_empty(),
            });
        }
    }
    state(app, watched, loaded, &mut row)?;
    Ok(row)
}

/// Until when a slot waits at most, as far as the plan's rules say.
fn until(loaded: &Loaded, waiting: &Waiting) -> Option<DateTime<Utc>> {
    match (waiting.reason, loaded.spec.rules.battery) {
        (Reason::Battery, Moment::Wait { max_minutes }) => Some(waiting.since + TimeDelta::minutes(max_minutes.into())),
        (Reason::Paused, _) => loaded.plan.paused_until,
        _ => None,
    }
}

/// How it stands, by the worst.
fn state(app: &App, watched: &Watched, loaded: &Loaded, row: &mut PlanRow) -> Result<()> {
    let runs = app.journal().runs();
    let backups = RunFilter {
        kinds: vec![RunKind::Backup],
        plan: Some(loaded.plan.id.clone()),
        ..RunFilter::default()
    };
    let newest = runs.newest(&backups)?;
    row.last = newest.as_ref().map(|run| (run.started, run.verdict));
    let running = newest.is_some_and(|run| run.status() == RunStatus::Running);
    let ended = endings(app, loaded)?;
    row.state = if !row.held.is_empty() {
        PlanState::Guard
    } else if row.problem.is_some() || ended.contains(&Verdict::Failed) {
        PlanState::Failed
    } else if !row.overdue.is_empty() {
        PlanState::Overdue
    } else if ended.contains(&Verdict::Partial) {
        PlanState::Partial
    } else if running {
        PlanState::Running
    } else if !loaded.is_active(watched.now) {
        PlanState::Paused
    } else if !row.waiting.is_empty() {
        PlanState::Waiting
    } else if row.last.is_none() {
        PlanState::NotYet
    } else {
        PlanState::OnTime
    };
    Ok(())
}

/// How the newest backup of each source into each of its vaults ended: one good copy must not hide that another place got none.
fn endings(app: &App, loaded: &Loaded) -> Result<Vec<Verdict>> {
    let mut all = Vec::new();
    for named in &loaded.plan.sources {
        let ids: Vec<String> = match loaded.plan.vaults.is_empty() {
            true => {
                let own = app.journal().vaults().destinations(&named.id)?;
                own.into_iter().map(|vault| vault.id).collect()
            }
            false => loaded.plan.vaults.iter().map(|vault| vault.id.clone()).collect(),
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let standing = app.journal().runs().standing(&named.id, &ids)?;
        all.extend(standing.ended.iter().filter_map(|run| run.verdict));
    }
    Ok(all)
}
