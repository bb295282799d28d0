//! Commands of the person's own around the backups of a plan.

use std::{path::PathBuf, time::Duration};

use backstay_model::ErrorKind;
use backstay_tell::{Command, Hook, TellError, hook};

use super::{Loaded, run::gaps};
use crate::{
    ApiError, Context, Result,
    types::{HookSpec, PlanRunReply},
};

/// Lines of what a command said that stay with the run; the last ones say most.
const SHOWN: usize = 20;

fn call(spec: &HookSpec, context: &Context<'_>, variables: &[(String, String)]) -> Result<(), TellError> {
    let command = Hook {
        command: Command::Shell(spec.command.clone()),
        time_limit: Duration::from_secs(spec.seconds.max(1).into()),
        env: Vec::new(),
        dir: None::<PathBuf>,
    };
    let done = hook(&command, variables, &|| context.cancel.is_cancelled());
    let output = match &done {
        Ok(done) => done.output.as_str(),
        Err(error) => error.output().unwrap_or_default(),
    };
    let lines: Vec<&str> = output.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(SHOWN)) {
        context.reporter.note(line);
    }
    done.map(drop)
}

fn variables(plan: &Loaded, phase: &str) -> Vec<(String, String)> {
    let names = |list: &[backstay_journal::Named]| list.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join("\n");
    vec![
        ("BACKSTAY_PHASE".to_owned(), phase.to_owned()),
        ("BACKSTAY_PLAN".to_owned(), plan.plan.name.clone()),
        ("BACKSTAY_SOURCES".to_owned(), names(&plan.plan.sources)),
        ("BACKSTAY_VAULTS".to_owned(), names(&plan.plan.vaults)),
    ]
}

/// The command before. When it fails, nothing is backed up.
pub(crate) fn before(plan: &Loaded, context: &Context<'_>) -> Result<()> {
    let Some(spec) = &plan.spec.hooks.before else { return Ok(()) };
    call(spec, context, &variables(plan, "before")).map_err(|error| {
        let code = if error.kind() == ErrorKind::Cancelled {
            ErrorKind::Cancelled
        } else {
            ErrorKind::Refused
        };
        ApiError::new(
            code,
            format!("the command before the backup failed, so nothing was backed up: {error}"),
        )
        .hint("The backups there are were not touched. Mend the command, or take it out of the plan.")
    })
}

/// The command after, which is told how it ended.
pub(crate) fn after(plan: &Loaded, context: &Context<'_>, reply: &PlanRunReply) -> Result<()> {
    let Some(spec) = &plan.spec.hooks.after else { return Ok(()) };
    let verdict = serde_json::to_value(reply.verdict).unwrap_or_default();
    let mut all = variables(plan, "after");
    all.push(("BACKSTAY_VERDICT".to_owned(), verdict.as_str().unwrap_or_default().to_owned()));
    all.push(("BACKSTAY_GAPS".to_owned(), gaps(&reply.runs).to_string()));
    let runs: Vec<&str> = reply.runs.iter().map(|run| run.run.as_str()).collect();
    all.push(("BACKSTAY_RUNS".to_owned(), runs.join("\n")));
    let error = reply
        .error
        .as_ref()
        .or_else(|| reply.runs.iter().find_map(|run| run.error.as_ref()));
    all.push((
        "BACKSTAY_ERROR".to_owned(),
        error.map(|error| error.message.clone()).unwrap_or_default(),
    ));
    call(spec, context, &all).map_err(|error| {
        ApiError::new(
            ErrorKind::Io,
            format!("the command after the backup failed: {error}; the backup itself is as it says"),
        )
    })
}
