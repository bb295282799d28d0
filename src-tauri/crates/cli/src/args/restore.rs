//! `backstay restore`: plan, show, ask, perform, read back.

use std::path::{Path, PathBuf};

use backstay_api::{
    commands,
    types::{PlanReply, RestoreRequest, RestoreSource},
};
use backstay_model::{ConflictPolicy, FieldPick, RecordMatch, Selection, SourcePlace, TargetSpec};
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
#[command(group = ArgGroup::new("where").multiple(true).args(["to", "in_place", "into"]))]
#[command(after_help = "\
Examples:
  backstay restore notes@latest --to /tmp/look
  backstay restore notes@latest --only tasks/17 --in-place --dry-run
  backstay restore notes@latest --fields tasks/17:/title --in-place
  backstay restore --source notes --at \"yesterday 14:00\" --only tasks --in-place
  backstay restore office@latest --only sales --to sales-restored
  backstay restore office@latest --into cloud --set revisions=same
  backstay restore office@latest --where 'sales={\"type\":\"invoice\"}' --in-place

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
    /// Also records whose id begins so (may be repeated)
    #[arg(long, value_name = "COLLECTION/PREFIX", value_parser = prefix)]
    prefix: Vec<RecordMatch>,
    /// Also records a question asks for, in the language of the kind of source (CouchDB: a Mango selector; may be repeated)
    #[arg(long = "where", value_name = "COLLECTION=SELECTOR", value_parser = matching)]
    matching: Vec<RecordMatch>,
    /// Restore into this new place: a path, or for databases of a server a new name (PREFIX-* for several)
    #[arg(long, value_name = "TARGET", conflicts_with = "in_place")]
    to: Option<String>,
    /// Restore where it came from
    #[arg(long)]
    in_place: bool,
    /// Restore into another source of the same kind, with its own credentials
    #[arg(long, value_name = "SOURCE", conflicts_with = "in_place")]
    into: Option<String>,
    /// How the target is to be written: an option of the kind (`backstay source kinds KIND` lists them; may be repeated)
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
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
    #[arg(long, value_name = "FILE", conflicts_with_all = ["only", "except", "fields", "prefix", "matching", "to", "in_place", "into", "set", "dry_run", "plan_out"])]
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

/// Reads `COLLECTION/PREFIX`. A collection's name may hold slashes, an id's beginning rarely does.
fn prefix(text: &str) -> std::result::Result<RecordMatch, String> {
    match text.split_once('/') {
        Some((collection, prefix)) if !collection.is_empty() && !prefix.is_empty() => Ok(RecordMatch {
            collection: collection.to_owned(),
            prefix: Some(prefix.to_owned()),
            selector: None,
        }),
        _ => Err("write it like sales/invoice-2026".to_owned()),
    }
}

/// Reads `COLLECTION=SELECTOR`.
fn matching(text: &str) -> std::result::Result<RecordMatch, String> {
    match text.split_once('=') {
        Some((collection, selector)) if !collection.is_empty() && !selector.is_empty() => Ok(RecordMatch {
            collection: collection.to_owned(),
            prefix: None,
            selector: Some(selector.to_owned()),
        }),
        _ => Err("write it like sales={\"type\":\"invoice\"}".to_owned()),
    }
}

/// Reads `NAME=VALUE`; a name alone is a switch that is on.
fn setting(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "true"));
    if name.is_empty() {
        return Err("write it like revisions=same".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
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
    let target = match (&args.into, &args.to) {
        (Some(source), place) => TargetSpec::Source(SourcePlace {
            source: source.clone(),
            place: place.clone(),
        }),
        (None, Some(place)) => TargetSpec::New(place.clone()),
        (None, None) if args.in_place => TargetSpec::InPlace,
        (None, None) => return Err(CliError::NoTarget),
    };
    Ok(RestoreRequest {
        from,
        selection: Selection {
            only: args.only.iter().flat_map(|names| only::split(names)).collect(),
            except: args.except.iter().flat_map(|names| only::split(names)).collect(),
            fields: args.fields.clone(),
            matching: args.prefix.iter().chain(&args.matching).cloned().collect(),
        },
        target,
        policy: args.on_conflict.policy(),
        decisions: Vec::new(),
        options: args.set.iter().cloned().collect(),
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

/// A living source is written only after someone said yes. A new place asks for nothing, unless something there would be overwritten.
fn confirm(reply: &PlanReply, session: &Session<'_>) -> Result<()> {
    let counts = &reply.plan.counts;
    let living = match &reply.plan.target {
        TargetSpec::InPlace => Some(reply.plan.source.clone()),
        TargetSpec::Source(other) if other.place.is_none() => Some(other.source.clone()),
        TargetSpec::New(place) if counts.update + counts.delete > 0 => Some(place.clone()),
        TargetSpec::Source(other) if counts.update + counts.delete > 0 => Some(other.source.clone()),
        TargetSpec::New(_) | TargetSpec::Source(_) => None,
    };
    let Some(living) = living.filter(|_| counts.writes() > 0 && !session.yes) else {
        return Ok(());
    };
    if !session.output.json {
        session.output.note(&restore::plan(reply));
    }
    let what = format!("writing {} items into the living source \"{living}\"", counts.writes());
    let question = format!("Write this into the living source \"{living}\"?");
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
