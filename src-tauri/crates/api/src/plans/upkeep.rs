//! What a plan does besides backing up: removing by rule, freeing space, checks, restore drills.

use backstay_journal::Vault as VaultRecord;
use backstay_model::{ErrorKind, Verdict};
use backstay_vault::maintain::{prune::PruneOptions, report::Depth};

use super::{Loaded, drill, guards, keep};
use crate::{
    ApiError, App, Context, Result,
    commands::keep::{check_one, prune_one, remove, rules},
    types::{DrillRunRequest, PlanRunReply, Task, UpkeepReport},
    vaults,
};

/// Does one of these tasks to all of a plan. One that fails does not stop the others.
pub(crate) fn run(app: &App, context: &Context<'_>, plan: &Loaded, task: Task) -> Result<PlanRunReply> {
    // Refused before anything is done: when another process works here, the whole task waits for it.
    drop(app.own()?);
    let mut upkeep = Vec::new();
    for (record, sources) in keep::by_vault(app, plan)? {
        if context.cancel.is_cancelled() {
            break;
        }
        match task {
            Task::Backup => {}
            Task::Forget => {
                for source in sources {
                    let done = forget(app, context, plan, &record, &source);
                    upkeep.push(report(Some(&source.name), &record, done));
                }
            }
            Task::Prune => upkeep.push(report(None, &record, prune(app, context, plan, &record))),
            Task::Structure => upkeep.push(check(app, context, plan, &record, Depth::Structural)),
            Task::Sample => {
                let percent = plan.spec.upkeep.sample_percent.clamp(0.1, 100.0);
                upkeep.push(check(app, context, plan, &record, Depth::Sample { percent, seed: None }));
            }
            Task::Full => upkeep.push(check(app, context, plan, &record, Depth::ReadAll)),
            Task::Drill | Task::DrillOne => {
                for source in sources {
                    let request = DrillRunRequest {
                        source: source.name.clone(),
                        vault: Some(record.name.clone()),
                        snapshot: None,
                        one_each: task == Task::DrillOne,
                    };
                    upkeep.push(drilled(app, context, plan, &request, &record));
                }
            }
        }
    }
    if upkeep.is_empty() {
        let message = format!("the plan {:?} has no source with a vault to look after", plan.plan.name);
        return Err(ApiError::new(ErrorKind::NotFound, message));
    }
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Complete => 0,
        Verdict::Partial => 1,
        Verdict::Cancelled => 2,
        Verdict::Failed => 3,
    };
    Ok(PlanRunReply {
        plan: plan.plan.name.clone(),
        task,
        verdict: upkeep
            .iter()
            .map(|one| one.verdict)
            .max_by_key(rank)
            .unwrap_or(Verdict::Complete),
        runs: Vec::new(),
        upkeep,
        error: None,
    })
}

/// What was done, or why not.
struct Done {
    run: Option<String>,
    verdict: Verdict,
    summary: String,
}

fn report(source: Option<&str>, record: &VaultRecord, done: Result<Done>) -> UpkeepReport {
    let (done, error) = match done {
        Ok(done) => (done, None),
        Err(error) => {
            let stopped = error.code == ErrorKind::Cancelled;
            let done = Done {
                run: None,
                verdict: if stopped { Verdict::Cancelled } else { Verdict::Failed },
                summary: error.message.clone(),
            };
            (done, Some(error))
        }
    };
    UpkeepReport {
        source: source.map(ToOwned::to_owned),
        vault: Some(record.name.clone()),
        run: done.run,
        verdict: done.verdict,
        summary: done.summary,
        error,
    }
}

fn forget(
    app: &App,
    context: &Context<'_>,
    plan: &Loaded,
    record: &VaultRecord,
    source: &backstay_journal::Source,
) -> Result<Done> {
    let nothing = |summary: &str| Done {
        run: None,
        verdict: Verdict::Complete,
        summary: summary.to_owned(),
    };
    let rules = rules(&plan.spec.keep)?;
    if rules.is_empty() {
        return Ok(nothing("no rule says what may go: everything stays"));
    }
    // A guard that holds a source is no failure of retention: this is what it is for, and it was told when it tripped.
    if let Err(held) = guards::refuse_held(app, &source.id, &source.name) {
        return Ok(nothing(&held.message));
    }
    let vault = vaults::open(app, context, record)?;
    let decided = keep::decisions(app, record, &vault, source, &rules)?;
    let going = keep::going(&decided);
    if going.is_empty() {
        return Ok(nothing(&format!("all {} backups stay", decided.len())));
    }
    let owner = app.own()?;
    // Looked at again with the right to run jobs: a backup may have tripped a guard meanwhile.
    guards::refuse_held(app, &source.id, &source.name)?;
    let (run, removed) = remove(app, context, &owner, record, &vault, &going, Some(&plan.reference(None)))?;
    Ok(Done {
        run: Some(run),
        verdict: Verdict::Complete,
        summary: format!("{removed} of {} backups removed", decided.len()),
    })
}

fn prune(app: &App, context: &Context<'_>, plan: &Loaded, record: &VaultRecord) -> Result<Done> {
    let vault = vaults::open(app, context, record)?;
    let owner = app.own()?;
    let reference = plan.reference(None);
    let (run, reply) = prune_one(
        app,
        context,
        &owner,
        record,
        &vault,
        PruneOptions::default(),
        Some(&reference),
    )?;
    Ok(Done {
        run: Some(run),
        verdict: Verdict::Complete,
        summary: format!("{} bytes freed", reply.freed_bytes),
    })
}

fn check(app: &App, context: &Context<'_>, plan: &Loaded, record: &VaultRecord, depth: Depth) -> UpkeepReport {
    let checked = check_one(app, context, &record.name, depth, Some(&plan.reference(None)));
    let bad = |reply: &crate::types::VerifyReply| reply.problems.iter().filter(|problem| !problem.harmless).count();
    let mut damage = None;
    let done = checked.map(|reply| {
        let summary = match reply.verdict {
            Verdict::Complete => format!("{} backups checked, {} bytes read", reply.snapshots, reply.bytes_read),
            _ => format!("{} problems found", bad(&reply)),
        };
        damage = reply.kind.map(|code| {
            ApiError::new(code, format!("the vault {:?} is damaged: {summary}", reply.vault))
                .hint("`backstay repair VAULT --dry-run` shows what can be mended.")
        });
        Done {
            run: Some(reply.run),
            verdict: reply.verdict,
            summary,
        }
    });
    let mut told = report(None, record, done);
    told.error = told.error.or(damage);
    told
}

fn drilled(app: &App, context: &Context<'_>, plan: &Loaded, request: &DrillRunRequest, record: &VaultRecord) -> UpkeepReport {
    let tried = drill::run(app, context, request, Some(plan));
    let mut failure = None;
    let done = tried.map(|row| {
        failure = row.reason.clone().map(|(code, message)| ApiError::new(code, message));
        Done {
            run: Some(row.run),
            verdict: row.verdict,
            summary: format!(
                "{} of {} compared are the same, back in {:.1} s",
                row.compared - row.differing.min(row.compared),
                row.compared,
                row.seconds
            ),
        }
    });
    let mut told = report(Some(&request.source), record, done);
    told.error = told.error.or(failure);
    told
}
