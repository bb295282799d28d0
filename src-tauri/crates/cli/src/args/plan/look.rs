//! `backstay plan next`, `keep` and `proof`: looking without changing.

use backstay_api::{
    commands,
    schedule::{Schedule, Timetable},
    types::{KeepPreviewRequest, ProofRequest, TimetableRequest},
};
use chrono::{DateTime, Utc};
use clap::Args;

use super::{super::rules::KeepRules, TaskArg, get, when::When};
use crate::{
    errors::{CliError, Result},
    print::{calendar, plans, proof as heat},
    session::{Exit, Session},
};

/// Arguments of `plan next`.
#[derive(Debug, Args)]
pub struct Next {
    /// Name of a plan
    #[arg(conflicts_with = "schedule", required_unless_present = "schedule")]
    name: Option<String>,
    /// How many times to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    count: u32,
    /// A schedule of which no plan is needed.
    #[command(flatten)]
    when: When,
}

/// Shows the next times.
pub(super) fn next(args: &Next, session: &Session<'_>) -> Result<()> {
    let mut timetable = match &args.name {
        Some(name) => get(name, session)?.spec.timetable,
        None => Timetable::new(Schedule::Manual),
    };
    args.when.apply(&mut timetable)?;
    if timetable.schedule == Schedule::Manual {
        return Err(CliError::Usage {
            message: "this plan only runs by hand, so it has no next times".to_owned(),
            hint: "`backstay plan run` runs it.".to_owned(),
        });
    }
    let reply = session.quick::<commands::PlanPreview>(TimetableRequest {
        timetable,
        count: args.count,
    })?;
    session.reply(&reply, plans::next)
}

/// Arguments of `plan keep`.
#[derive(Debug, Args)]
pub struct Keep {
    /// Name of the plan
    name: String,
    /// Also count what would become free, which takes a moment
    #[arg(long)]
    bytes: bool,
    /// Rules to try.
    #[command(flatten)]
    rules: KeepRules,
}

/// Shows what would stay and go.
pub(super) fn keep(args: &Keep, session: &Session<'_>) -> Result<Exit> {
    let reply = session.quick::<commands::KeepPreview>(KeepPreviewRequest {
        plan: args.name.clone(),
        keep: args.rules.given(),
        bytes: args.bytes,
    })?;
    session.reply(&reply, calendar::keep)?;
    Ok(if reply.unreachable.is_empty() {
        Exit::DONE
    } else {
        Exit::PARTIAL
    })
}

/// Arguments of `plan proof`.
#[derive(Debug, Args)]
pub struct Proof {
    /// Name of the plan
    name: String,
    /// What of it
    #[arg(long, value_enum, default_value = "backup")]
    task: TaskArg,
    /// As this source saw it; otherwise the worst of all
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Since when (7d, 2026-11-01); otherwise 30 days
    #[arg(long, value_name = "TIME", value_parser = crate::time::argument)]
    since: Option<DateTime<Utc>>,
}

/// Shows every moment.
pub(super) fn proof(args: &Proof, session: &Session<'_>) -> Result<()> {
    let reply = session.quick::<commands::Proof>(ProofRequest {
        plan: args.name.clone(),
        task: Some(args.task.task()),
        source: args.source.clone(),
        since: args.since,
    })?;
    session.reply(&reply, heat::proof)
}
