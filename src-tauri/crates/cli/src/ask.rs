//! Asks a person about each conflict of a restore, showing both sides field by field.

use backstay_api::types::PlanReply;
use backstay_model::{ConflictPolicy, PlanStep, StepAction};

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
    print::restore,
    session::Session,
};

const CHOICES: [&str; 5] = [
    "keep what is live",
    "take the backup's",
    "keep both",
    "skip (leave it undecided, and name it)",
    "the same for all that follow …",
];

/// A decision for every conflict of the plan.
///
/// # Errors
/// [`CliError::Undecided`] when nobody is there to ask, or the plan has more conflicts than it shows.
pub fn decisions(reply: &PlanReply, session: &Session<'_>) -> Result<Vec<(String, ConflictPolicy)>> {
    let conflicts: Vec<&PlanStep> = reply
        .steps
        .iter()
        .filter(|step| step.action == StepAction::Conflict)
        .collect();
    let all = reply.plan.counts.conflict;
    if session.output.json || !somebody_is_there() || (conflicts.len() as u64) < all {
        let first = conflicts
            .iter()
            .take(10)
            .map(|step| restore::subject(&step.subject))
            .collect();
        return Err(CliError::Undecided { count: all, first });
    }
    let mut decided = Vec::new();
    let mut for_all = None;
    for step in conflicts {
        let policy = match for_all {
            Some(policy) => policy,
            None => {
                session.output.complain(&restore::step(step));
                let (policy, all) = ask()?;
                for_all = all.then_some(policy);
                policy
            }
        };
        decided.push((restore::subject(&step.subject), policy));
    }
    Ok(decided)
}

/// One answer, and whether it holds for all that follow.
fn ask() -> Result<(ConflictPolicy, bool)> {
    let chosen = select("Live on the left, backup on the right", &CHOICES)?;
    if chosen < 4 {
        return Ok((policy(chosen), false));
    }
    Ok((policy(select("For this one and all that follow", &CHOICES[..4])?), true))
}

/// One line a person types.
///
/// # Errors
/// [`CliError::NoAnswer`].
pub fn line(prompt: &str) -> Result<String> {
    dialoguer::Input::new()
        .with_prompt(prompt)
        .interact_text()
        .map_err(|_| CliError::NoAnswer)
}

/// One line a person types, or nothing.
///
/// # Errors
/// [`CliError::NoAnswer`].
pub fn optional(prompt: &str) -> Result<String> {
    dialoguer::Input::new()
        .with_prompt(prompt)
        .allow_empty(true)
        .interact_text()
        .map_err(|_| CliError::NoAnswer)
}

/// One line a person types, or takes as it is offered.
///
/// # Errors
/// [`CliError::NoAnswer`].
pub fn with_default(prompt: &str, offered: &str) -> Result<String> {
    dialoguer::Input::new()
        .with_prompt(prompt)
        .default(offered.to_owned())
        .interact_text()
        .map_err(|_| CliError::NoAnswer)
}

/// One of several; the first is the default.
///
/// # Errors
/// [`CliError::NoAnswer`].
pub fn select(prompt: &str, items: &[&str]) -> Result<usize> {
    dialoguer::Select::new()
        .with_prompt(prompt)
        .items(items)
        .default(0)
        .interact()
        .map_err(|_| CliError::NoAnswer)
}

/// Any number of several, by their places.
///
/// # Errors
/// [`CliError::NoAnswer`].
pub fn several(prompt: &str, items: &[String]) -> Result<Vec<usize>> {
    dialoguer::MultiSelect::new()
        .with_prompt(prompt)
        .items(items)
        .interact()
        .map_err(|_| CliError::NoAnswer)
}

fn policy(chosen: usize) -> ConflictPolicy {
    match chosen {
        0 => ConflictPolicy::Local,
        1 => ConflictPolicy::Remote,
        2 => ConflictPolicy::Both,
        _ => ConflictPolicy::Skip,
    }
}
