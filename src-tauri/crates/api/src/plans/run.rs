//! A run of a plan: its sources one after the other into its vaults, with what belongs around it. One that fails does not stop the
//! others, and a run that goes on after a kill does not repeat what it did.

use std::collections::HashSet;

use backstay_journal::{Named, Source as SourceRecord, Vault as VaultRecord};
use backstay_model::{ErrorKind, RunKind, Verdict};
use serde_json::json;

use super::{Loaded, alerts, hooks, messages, slot, upkeep};
use crate::{
    ApiError, App, Context, Result,
    commands::backup::{Around, one, worst},
    types::{BackupReport, PlanRunReply, PlanRunRequest, SlotRef, Task},
};

/// Runs a task of a plan. What became of its slot is written down whatever happens.
pub(crate) fn run(app: &App, context: &Context<'_>, request: &PlanRunRequest) -> Result<PlanRunReply> {
    let plan = super::get(app, &request.plan)?;
    let task = request.task.unwrap_or(Task::Backup);
    let result = match task {
        Task::Backup => backup(app, context, &plan, request),
        _ => upkeep::run(app, context, &plan, task),
    };
    if let Ok(reply) = &result {
        alerts::after_run(app, &plan, task, request.slot.as_ref(), reply)?;
    }
    if let Err(error) = &result {
        alerts::after_failure(app, &plan, task, request.slot.as_ref(), error)?;
    }
    slot::ended(app, &plan, task, request.slot.as_ref(), &result)?;
    result
}

fn backup(app: &App, context: &Context<'_>, plan: &Loaded, request: &PlanRunRequest) -> Result<PlanRunReply> {
    let pairs = pairs(app, plan, request)?;
    // Taken before anything is announced: when another process works here, nothing has happened yet.
    let owner = app.own()?;
    messages::beat(app, plan, messages::Phase::Start);
    let mut reply = begun(plan);
    match hooks::before(plan, context) {
        Ok(()) => {
            let around = Around {
                plan: Some(plan.reference(request.slot.as_ref().map(|slot| slot.due))),
                guards: plan.spec.guards.clone(),
                tags: &[],
            };
            let done = done_before(app, plan, request.slot.as_ref())?;
            for (source, vault) in pairs {
                if done.contains(&(source.id.clone(), vault.id.clone())) {
                    continue;
                }
                // Once cancelled, what has not begun is not begun.
                if context.cancel.is_cancelled() && !reply.runs.is_empty() {
                    break;
                }
                reply.runs.push(one(app, context, &owner, &source, &vault, &around)?);
            }
            reply.verdict = worst(&reply.runs);
        }
        Err(error) => {
            if error.code == ErrorKind::Cancelled {
                reply.verdict = Verdict::Cancelled;
            }
            reply.error = Some(error);
        }
    }
    drop(owner);
    if let Err(error) = hooks::after(plan, context, &reply) {
        context.reporter.note(&error.message);
        app.audit(
            "plan.hook",
            &plan.plan.name,
            json!({ "when": "after", "error": error.message }),
        )?;
    }
    messages::beat(app, plan, messages::Phase::End(&reply));
    app.audit(
        "plan.run",
        &plan.plan.name,
        json!({
            "task": Task::Backup.name(),
            "verdict": reply.verdict,
            "slot": request.slot.as_ref().map(|slot| slot.due),
            "runs": reply.runs.iter().map(|run| &run.run).collect::<Vec<_>>(),
        }),
    )?;
    Ok(reply)
}

/// The reply of a run that has saved nothing yet.
fn begun(plan: &Loaded) -> PlanRunReply {
    PlanRunReply {
        plan: plan.plan.name.clone(),
        task: Task::Backup,
        verdict: Verdict::Failed,
        runs: Vec::new(),
        upkeep: Vec::new(),
        error: None,
    }
}

/// Each source with each vault it goes to.
fn pairs(app: &App, plan: &Loaded, request: &PlanRunRequest) -> Result<Vec<(SourceRecord, VaultRecord)>> {
    let wanted = |named: &&Named| request.sources.is_empty() || request.sources.contains(&named.name);
    if let Some(other) = request
        .sources
        .iter()
        .find(|name| plan.plan.sources.iter().all(|named| named.name != **name))
    {
        let message = format!(
            "the source {other:?} is not in the plan {:?}, so nothing was backed up",
            plan.plan.name
        );
        return Err(ApiError::new(ErrorKind::NotFound, message));
    }
    let mut pairs = Vec::new();
    for named in plan.plan.sources.iter().filter(wanted) {
        let source = app.journal().sources().get(&named.name)?;
        for vault in vaults(app, plan, &source)? {
            pairs.push((source.clone(), vault));
        }
    }
    if pairs.is_empty() {
        return Err(ApiError::new(
            ErrorKind::NotFound,
            format!(
                "the plan {:?} has no source with a vault to go to, so nothing was backed up",
                plan.plan.name
            ),
        )
        .hint("Add sources and vaults with `backstay plan edit`, or in the window."));
    }
    Ok(pairs)
}

/// The vaults a source of a plan goes to: the plan's, or else its own.
pub(crate) fn vaults(app: &App, plan: &Loaded, source: &SourceRecord) -> Result<Vec<VaultRecord>> {
    let journal = app.journal().vaults();
    if plan.plan.vaults.is_empty() {
        return Ok(journal.destinations(&source.id)?);
    }
    let named = plan.plan.vaults.iter();
    named.map(|named| Ok(journal.get(&named.name)?)).collect()
}

/// What an earlier try of the same slot has saved already, by ids of source and vault.
fn done_before(app: &App, plan: &Loaded, slot: Option<&SlotRef>) -> Result<HashSet<(String, String)>> {
    let Some(slot) = slot else { return Ok(HashSet::new()) };
    let runs = app.journal().runs().of_plan(&plan.plan.id, slot.due, app.now())?;
    let saved = runs.into_iter().filter(|run| {
        run.slot == Some(slot.due)
            && run.kind == RunKind::Backup
            && matches!(run.verdict, Some(Verdict::Complete | Verdict::Partial))
    });
    Ok(saved.filter_map(|run| Some((run.source?.id, run.vault?.id))).collect())
}

/// Things missing from all backups of a run.
pub(crate) fn gaps(runs: &[BackupReport]) -> u64 {
    runs.iter().map(|run| run.gaps.len() as u64).sum()
}
