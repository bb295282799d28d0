//! Restore plans and reports as text.

use backstay_api::types::{PlanReply, RestoreReply};
use backstay_model::{PlanCounts, PlanHeader, PlanStep, StepAction, Subject, TargetSpec};

use super::{browse, bytes, count, counted, gaps, one_line, short, short_run, verdict};

/// The name of what a step is about.
#[must_use]
pub fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Record { collection, id } => format!("{collection}/{id}"),
        Subject::File { path } => format!("files/{path}"),
    }
}

/// A target for people.
#[must_use]
pub fn target(target: &TargetSpec) -> String {
    match target {
        TargetSpec::New(place) => place.clone(),
        TargetSpec::Source(other) => match &other.place {
            Some(place) => format!("{}: {place}", other.source),
            None => format!("the source {}", other.source),
        },
        TargetSpec::InPlace => "where it came from (in place)".to_owned(),
    }
}

/// The plan in a few lines.
#[must_use]
pub fn summary(plan: &PlanHeader) -> String {
    let from = match plan.snapshot.strip_prefix("bundle:") {
        Some(path) => format!("bundle {path}"),
        None => format!("snapshot {} (vault \"{}\")", short(&plan.snapshot), plan.vault),
    };
    format!(
        "Restore of \"{}\", {from}\n  to    {}\n  plan  {}\n",
        plan.source,
        target(&plan.target),
        numbers(&plan.counts, plan.bytes)
    )
}

fn numbers(c: &PlanCounts, size: u64) -> String {
    let words = [
        (c.create, "to create"),
        (c.update, "to change"),
        (c.keep_both, "kept twice"),
        (c.delete, "to delete"),
        (c.conflict, "CONFLICTS"),
        (c.skip, "left as they are"),
        (c.same, "the same already"),
        (c.impossible, "IMPOSSIBLE"),
    ];
    let mut parts: Vec<String> = words
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{} {word}", count(*n)))
        .collect();
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    if size > 0 {
        parts.push(format!("{} to write", bytes(size)));
    }
    parts.join(", ")
}

/// Summary and steps. Steps that change nothing are only counted.
#[must_use]
pub fn plan(reply: &PlanReply) -> String {
    let mut text = summary(&reply.plan);
    text.extend(
        reply
            .plan
            .options
            .iter()
            .map(|(name, value)| format!("  set   {name} = {value}\n")),
    );
    text.push('\n');
    text.extend(reply.steps.iter().filter(|s| s.action != StepAction::Same).map(step));
    if !reply.asides.is_empty() {
        text.push_str(&format!(
            "Left out unless named with --only, because the service keeps them for its own running: {}\n",
            reply.asides.join(", ")
        ));
    }
    if reply.more {
        text.push_str(&format!(
            "… more steps follow; the whole plan, one step a line: {}\n",
            reply.path
        ));
    }
    text
}

/// One step with its field differences: live on the left, result on the right.
#[must_use]
pub fn step(step: &PlanStep) -> String {
    let word = match step.action {
        StepAction::Create => "create  ",
        StepAction::Update => "change  ",
        StepAction::Same => "same    ",
        StepAction::Skip => "leave   ",
        StepAction::Conflict => "CONFLICT",
        StepAction::KeepBoth => "both    ",
        StepAction::Delete => "delete  ",
        StepAction::Impossible => "CANNOT  ",
    };
    let mut text = format!("{word} {}", one_line(&subject(&step.subject)));
    if let Some(reason) = &step.reason {
        text.push_str(&format!("  ({reason})"));
    }
    text.push('\n');
    text.extend(step.notes.iter().map(|note| format!("           {}\n", one_line(note))));
    // A new item's fields all come from nowhere: only its name is news.
    if step.action != StepAction::Create {
        text.push_str(&browse::fields(&step.fields));
    }
    if !step.left_out.is_empty() {
        text.push_str(&format!(
            "           not restored, computed by the source: {}\n",
            step.left_out.join(", ")
        ));
    }
    text
}

/// How a restore ended.
#[must_use]
pub fn report(reply: &RestoreReply) -> String {
    ended("Restore", reply)
}

/// How an undo ended.
#[must_use]
pub fn undone(reply: &RestoreReply) -> String {
    ended("Undo", reply)
}

fn ended(what: &str, reply: &RestoreReply) -> String {
    let mut text = format!(
        "{what} {}: {}, {} written to {}\n",
        short_run(&reply.run),
        verdict(reply.verdict),
        counted(reply.written, "item", "items"),
        reply.target
    );
    let back = &reply.read_back;
    text.push_str(&format!(
        "Read back: {} of {} equal to the backup, score {:.2} %\n",
        count(back.equal),
        counted(back.checked, "item", "items"),
        back.score
    ));
    text.extend(
        back.differences
            .iter()
            .map(|d| format!("  differs  {}: {}\n", one_line(&d.subject), d.message)),
    );
    text.push_str(&gaps(&reply.gaps));
    if reply.can_undo {
        text.push_str(&format!("Undo with: backstay undo {}\n", short_run(&reply.run)));
    }
    text
}
