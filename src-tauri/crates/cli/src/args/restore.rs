//! `backstay restore`: plan, show, ask, perform, read back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use backstay_api::{
    commands,
    types::{PlanReply, RestoreRequest, RestoreSource},
};
use backstay_model::{ConflictPolicy, FieldPick, Selection, TargetSpec};
use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, ValueEnum};

use super::In;
use crate::{
    ask,
    errors::{CliError, Result},
    file, only,
    print::restore,
    session::{Exit, Session},
    time,
};

/// Arguments of `restore`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("from").required(true).args(["snapshot", "source", "plan"]))]
#[command(group = ArgGroup::new("where").args(["to", "in_place"]))]
#[command(after_help = "\
Examples:
  backstay restore notes@latest --to /tmp/look
  backstay restore notes@latest --only tasks/17 --in-place --dry-run
  backstay restore notes@latest --fields tasks/17:/title --in-place
  backstay restore --source notes --at \"yesterday 14:00\" --only tasks --in-place

Nothing that exists is touched unless --in-place is given. What is overwritten
is saved first: `backstay undo RUN`.
--plan-out keeps the plan as a file; --plan runs exactly that plan, and refuses
steps whose target moved since.")]
pub struct Restore {
    /// Snapshot
    #[arg(value_name = "SNAPSHOT")]
    snapshot: Option<String>,
    /// The newest snapshot of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// The state of the source at this time
    #[arg(long, value_name = "TIME", requires = "source", value_parser = time::argument)]
    at: Option<DateTime<Utc>>,
    /// Only this: COLLECTION, COLLECTION/ID or files/PATH (may be repeated, or separated by commas)
    #[arg(long, value_name = "WHAT")]
    only: Vec<String>,
    /// Leave this out: COLLECTION, COLLECTION/ID or files/PATH (may be repeated, or separated by commas)
    #[arg(long, value_name = "WHAT")]
    except: Vec<String>,
    /// Only some fields of a record, the rest stays as it is live: COLLECTION/ID:/FIELD,/FIELD (may be repeated)
    #[arg(long, value_name = "RECORD:/FIELD", value_parser = fields)]
    fields: Vec<FieldPick>,
    /// Restore into this new place
    #[arg(long, value_name = "TARGET")]
    to: Option<String>,
    /// Restore where it came from
    #[arg(long)]
    in_place: bool,
    /// What to do with items that were changed since the newest backup
    #[arg(long, value_name = "POLICY", value_enum, default_value = "skip")]
    on_conflict: Conflict,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// Only write the plan, to this file (must not exist)
    #[arg(long, value_name = "FILE")]
    plan_out: Option<PathBuf>,
    /// Run the plan in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["only", "except", "fields", "to", "in_place", "dry_run", "plan_out"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    within: In,
}

/// `--on-conflict`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Conflict {
    /// Leave what is live, and name it
    Skip,
    /// What is live wins
    Local,
    /// The backup wins
    Remote,
    /// The side changed last wins
    Newest,
    /// Keep both
    Both,
    /// Ask for each (at a terminal)
    Ask,
}

impl Conflict {
    /// The policy it stands for.
    #[must_use]
    pub fn policy(self) -> ConflictPolicy {
        match self {
            Self::Skip => ConflictPolicy::Skip,
            Self::Local => ConflictPolicy::Local,
            Self::Remote => ConflictPolicy::Remote,
            Self::Newest => ConflictPolicy::Newest,
            Self::Both => ConflictPolicy::Both,
            Self::Ask => ConflictPolicy::Ask,
        }
    }
}

/// Does it.
pub(super) fn run(args: &Restore, session: &Session<'_>) -> Result<Exit> {
    if let Some(path) = &args.plan {
        return perform(path, true, session);
    }
    if let Some(path) = &args.plan_out {
        file::must_not_exist(path)?;
    }
    let mut request = request(args)?;
    let mut reply = session.quick::<commands::Plan>(request.clone())?;
    let preview = args.dry_run || args.plan_out.is_some();
    if !preview && args.on_conflict == Conflict::Ask && reply.plan.counts.conflict > 0 {
        request.decisions = ask::decisions(&reply, session)?;
        reply = session.quick::<commands::Plan>(request)?;
    }
    if preview {
        return show(args, &reply, session);
    }
    confirm(&reply, session)?;
    perform(Path::new(&reply.path), false, session)
}

/// Reads `COLLECTION/ID:/FIELD,/FIELD`. An id may hold colons: the fields begin at the last `:/`.
fn fields(text: &str) -> std::result::Result<FieldPick, String> {
    match text.rsplit_once(":/") {
        Some((record, fields)) if !record.is_empty() && !fields.is_empty() => Ok(FieldPick {
            record: record.to_owned(),
            fields: fields.split(",/").map(|field| format!("/{field}")).collect(),
        }),
        _ => Err("write it like tasks/17:/title or tasks/17:/title,/done".to_owned()),
    }
}

fn request(args: &Restore) -> Result<RestoreRequest> {
    let from = match (&args.snapshot, &args.source) {
        (Some(name), _) => RestoreSource::Snapshot(args.within.snapshot(name)),
        (None, source) => RestoreSource::Source {
            source: source.clone().unwrap_or_default(),
            at: args.at,
            vault: args.within.vault.clone(),
        },
    };
    let target = match &args.to {
        Some(place) => TargetSpec::New(place.clone()),
        None if args.in_place => TargetSpec::InPlace,
        None => return Err(CliError::NoTarget),
    };
    Ok(RestoreRequest {
        from,
        selection: Selection {
            only: args.only.iter().flat_map(|names| only::split(names)).collect(),
            except: args.except.iter().flat_map(|names| only::split(names)).collect(),
            fields: args.fields.clone(),
            matching: Vec::new(),
        },
        target,
        policy: args.on_conflict.policy(),
        decisions: Vec::new(),
        options: BTreeMap::new(),
    })
}

fn show(args: &Restore, reply: &PlanReply, session: &Session<'_>) -> Result<Exit> {
    if let Some(path) = &args.plan_out {
        file::copy_new(Path::new(&reply.path), path)?;
    }
    session.reply(reply, restore::plan)?;
    match &args.plan_out {
        Some(path) => session
            .output
            .note(&format!("Run exactly this with: backstay restore --plan {}", path.display())),
        None => session.output.note("Nothing was changed. Leave --dry-run out to do it."),
    }
    Ok(Exit::DONE)
}

/// A living source is written only after someone said yes. A new place asks for nothing.
fn confirm(reply: &PlanReply, session: &Session<'_>) -> Result<()> {
    if reply.plan.target != TargetSpec::InPlace || reply.plan.counts.writes() == 0 || session.yes {
        return Ok(());
    }
    if !session.output.json {
        session.output.note(&restore::plan(reply));
    }
    let what = format!(
        "writing {} items into the living source \"{}\"",
        reply.plan.counts.writes(),
        reply.plan.source
    );
    let question = format!("Write this into the living source \"{}\"?", reply.plan.source);
    session.confirm(&question, &what, Some("--dry-run".to_owned()))
}

fn perform(plan: &Path, from_file: bool, session: &Session<'_>) -> Result<Exit> {
    if from_file {
        let what = format!("running the plan {}", plan.display());
        session.confirm(&format!("Run the plan {}?", plan.display()), &what, None)?;
    }
    let reply = session.long::<commands::RunPlan>(commands::RunPlanRequest {
        path: plan.display().to_string(),
    })?;
    session.result(&reply, restore::report)?;
    Ok(Exit::verdict(reply.verdict, None))
}
