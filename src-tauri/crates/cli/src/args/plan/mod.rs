//! `backstay plan`: which sources go to which vaults, when, how long they stay, how they are checked.

use backstay_api::{
    commands,
    types::{Nothing, PlanPauseRequest, PlanRef, PlanRow, PlanRunReply, PlanRunRequest, PlanSetRequest, Task},
};
use backstay_model::ErrorKind;
use chrono::{DateTime, TimeDelta, Utc};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use crate::{
    errors::{CliError, Result},
    print::plans,
    session::{Exit, Session},
};

mod add;
mod look;
mod set;
pub(super) mod when;

const ADD_HELP: &str = "\
Examples:
  backstay plan add nightly --source notes --daily 02:00 --preset 30d-12w-12m
  backstay plan add office --source notes --source mail --vault safe --vault offsite --every 6h --from 03:00 --days mon-fri
  backstay plan add live --source shop --every 30m --on-metered wait=2h --promise 2h --drill-at \"first sun 04:00\"

Without a schedule it asks at the terminal. A new plan checks the structure of its vaults weekly, reads a
share nightly and tries to bring back one record weekly; `off` switches each off. When rules say what stays,
snapshots are removed nightly (--clean-at) and their space is freed weekly (--prune-at).
Plans run while Backstay is in the tray, or with `backstay agent`.";

const EDIT_HELP: &str = "\
Examples:
  backstay plan edit nightly --daily 02:00,14:00
  backstay plan edit nightly --quiet-hours 09:00-17:00/mon-fri --guard-share 10
  backstay plan edit nightly --source notes --source mail --before \"\" --rename office

What is not named stays as it is. --source, --vault, --quiet-hours and the rules replace all there were.";

/// `backstay plan …`
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// List the plans
    #[command(after_help = "Example:\n  backstay plan list")]
    List,
    /// Show a plan with everything it says
    #[command(after_help = "Example:\n  backstay plan show nightly")]
    Show(Name),
    /// Add a plan
    #[command(after_help = ADD_HELP)]
    Add(Box<add::Add>),
    /// Change a plan
    #[command(after_help = EDIT_HELP)]
    Edit(Box<add::Edit>),
    /// Remove a plan; what it saved stays
    #[command(after_help = "Example:\n  backstay plan remove nightly")]
    Remove(Name),
    /// Run a plan now
    #[command(after_help = "\
Examples:
  backstay plan run nightly
  backstay plan run nightly --source notes
  backstay plan run nightly --task drill

One source that fails does not stop the others; exit codes as of `backup`.")]
    Run(Run),
    /// Hold a plan (or all) back for a while
    #[command(
        after_help = "Examples:\n  backstay plan pause --for 4h\n  backstay plan pause nightly --until \"2026-11-23 08:00\""
    )]
    Pause(Pause),
    /// End the pause of a plan (or of all)
    #[command(after_help = "Example:\n  backstay plan resume nightly")]
    Resume(Which),
    /// Switch a plan on
    #[command(after_help = "Example:\n  backstay plan on nightly")]
    On(Name),
    /// Switch a plan off; it still runs by hand
    #[command(after_help = "Example:\n  backstay plan off nightly")]
    Off(Name),
    /// Show what a schedule means, in words and times
    #[command(after_help = "\
Examples:
  backstay plan next nightly
  backstay plan next --cron \"0 */6 * * *\"
  backstay plan next --monthly first-sun --at 03:00 --zone Europe/Copenhagen --count 3")]
    Next(look::Next),
    /// Show what would stay and go by the rules, as a calendar
    #[command(after_help = "\
Examples:
  backstay plan keep nightly --bytes
  backstay plan keep nightly --keep-last 3

With rules it shows what they would do in place of the plan's. Nothing is changed.")]
    Keep(Box<look::Keep>),
    /// Prove what became of every moment of a plan, and why
    #[command(after_help = "\
Examples:
  backstay plan proof nightly
  backstay plan proof nightly --source notes --since 7d
  backstay plan proof nightly --task prune --json")]
    Proof(look::Proof),
}

/// A plan by name.
#[derive(Debug, Args)]
pub struct Name {
    /// Name of the plan
    name: String,
}

/// A plan by name, or all.
#[derive(Debug, Args)]
pub struct Which {
    /// Name of the plan; without, all
    name: Option<String>,
}

/// What a plan does, as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "camelCase")]
pub enum TaskArg {
    /// Backs up its sources
    Backup,
    /// Removes snapshots by the rules
    Forget,
    /// Frees the space of what was removed
    Prune,
    /// Checks that every snapshot has all its parts
    Structure,
    /// Reads a share of what is stored
    Sample,
    /// Reads everything
    Full,
    /// Restores everything into a scratch place and compares
    Drill,
    /// Restores one record of each collection and compares
    DrillOne,
}

impl TaskArg {
    /// On the wire.
    pub fn task(self) -> Task {
        match self {
            Self::Backup => Task::Backup,
            Self::Forget => Task::Forget,
            Self::Prune => Task::Prune,
            Self::Structure => Task::Structure,
            Self::Sample => Task::Sample,
            Self::Full => Task::Full,
            Self::Drill => Task::Drill,
            Self::DrillOne => Task::DrillOne,
        }
    }
}

/// Arguments of `plan run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Name of the plan
    name: String,
    /// What of it
    #[arg(long, value_enum, default_value = "backup")]
    task: TaskArg,
    /// Only this source of it (may be repeated)
    #[arg(long = "source", value_name = "SOURCE")]
    sources: Vec<String>,
}

/// Arguments of `plan pause`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("end").required(true).args(["length", "until"]))]
pub struct Pause {
    /// Name of the plan; without, all
    name: Option<String>,
    /// For this long (4h, 2d)
    #[arg(long = "for", value_name = "TIME")]
    length: Option<when::Minutes>,
    /// Until this time
    #[arg(long, value_name = "TIME", value_parser = crate::time::argument)]
    until: Option<DateTime<Utc>>,
}

/// Does it.
pub(super) fn run(command: &PlanCommand, session: &Session<'_>) -> Result<Exit> {
    match command {
        PlanCommand::List => session.reply(&session.quick::<commands::Plans>(Nothing {})?, plans::list)?,
        PlanCommand::Show(args) => session.reply(&get(&args.name, session)?, plans::show)?,
        PlanCommand::Add(args) => add::add(args, session)?,
        PlanCommand::Edit(args) => add::edit(args, session)?,
        PlanCommand::Remove(args) => remove(args, session)?,
        PlanCommand::Run(args) => return run_now(args, session),
        PlanCommand::Pause(args) => pause(args, session)?,
        PlanCommand::Resume(args) => hold_back(args.name.clone(), None, session)?,
        PlanCommand::On(args) => switch(args, true, session)?,
        PlanCommand::Off(args) => switch(args, false, session)?,
        PlanCommand::Next(args) => look::next(args, session)?,
        PlanCommand::Keep(args) => return look::keep(args, session),
        PlanCommand::Proof(args) => look::proof(args, session)?,
    }
    Ok(Exit::DONE)
}

/// A plan by name or id.
fn get(name: &str, session: &Session<'_>) -> Result<PlanRow> {
    let all = session.quick::<commands::Plans>(Nothing {})?.plans;
    let found = all.into_iter().find(|plan| plan.name == name || plan.id == name);
    found.ok_or_else(|| {
        let message = format!("there is no plan {name:?}");
        let error = backstay_api::ApiError::new(ErrorKind::NotFound, message);
        CliError::Api(error.hint("`backstay plan list` lists the plans."))
    })
}

fn remove(args: &Name, session: &Session<'_>) -> Result<()> {
    let plan = get(&args.name, session)?;
    session.confirm(
        &format!("Remove the plan \"{}\"? What it saved stays.", plan.name),
        &format!("removing the plan \"{}\"", plan.name),
        Some(format!("backstay plan show {}", plan.name)),
    )?;
    let done = session.quick::<commands::PlanRemove>(PlanRef { plan: plan.id })?;
    session.reply(&done, |_| {
        format!("The plan \"{}\" is removed; what it saved stays in the vaults.\n", plan.name)
    })
}

fn run_now(args: &Run, session: &Session<'_>) -> Result<Exit> {
    let reply = session.long::<commands::PlanRun>(PlanRunRequest {
        plan: args.name.clone(),
        task: Some(args.task.task()),
        slot: None,
        sources: args.sources.clone(),
    })?;
    session.result(&reply, plans::ran)?;
    session.tell();
    Ok(Exit::verdict(reply.verdict, reason(&reply)))
}

/// Why it failed, when all that failed did so for the same reason; otherwise no class is right.
fn reason(reply: &PlanRunReply) -> Option<ErrorKind> {
    use backstay_model::Verdict::Failed;
    let backups = reply.runs.iter().map(|run| (run.verdict, run.error.as_ref()));
    let others = reply.upkeep.iter().map(|one| (one.verdict, one.error.as_ref()));
    let before = reply.error.iter().map(|error| (Failed, Some(error)));
    let failed = backups.chain(others).chain(before).filter(|(verdict, _)| *verdict == Failed);
    let mut kinds = failed.map(|(_, error)| error.map(|error| error.code));
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

fn pause(args: &Pause, session: &Session<'_>) -> Result<()> {
    let now = Utc::now();
    let until = match (args.length, args.until) {
        (Some(length), _) => now.checked_add_signed(TimeDelta::minutes(length.0.into())),
        (None, until) => until.filter(|until| *until > now),
    };
    let Some(until) = until else {
        return Err(CliError::Usage {
            message: "a pause ends at a time to come; nothing was changed".to_owned(),
            hint: "Say --for 4h, or --until \"2026-11-23 08:00\".".to_owned(),
        });
    };
    hold_back(args.name.clone(), Some(until), session)
}

fn hold_back(plan: Option<String>, until: Option<DateTime<Utc>>, session: &Session<'_>) -> Result<()> {
    let reply = session.quick::<commands::PlanPause>(PlanPauseRequest { plan, until })?;
    session.reply(&reply, plans::list)
}

fn switch(args: &Name, enabled: bool, session: &Session<'_>) -> Result<()> {
    let plan = get(&args.name, session)?;
    let reply = session.quick::<commands::PlanSet>(PlanSetRequest {
        plan: Some(plan.id),
        name: plan.name,
        sources: plan.sources,
        vaults: plan.vaults,
        spec: plan.spec,
        enabled: Some(enabled),
        dry_run: false,
    })?;
    session.reply(&reply, plans::show)
}
