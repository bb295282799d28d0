//! Restores: plan, run, resume, undo.

mod again;
mod carry_out;
mod elsewhere;
mod origin;
mod pages;
mod planning;
mod settle;
mod targets;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use backstay_engine::{
    EngineError, Job, Reporter, State,
    restore::{PlanFile, PlanTotals, PlanWriter},
    snapshot::open_snapshot,
};
use backstay_journal::Source as SourceRecord;
use backstay_model::{ConflictPolicy, ErrorKind, PlanHeader, RunKind, Selection, TargetSpec};
use backstay_source::{Connector, Source};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Command, Guard, keep::newest_of, setup};
use crate::{
    ApiError, App, Context, Result,
    types::{RestoreReply, Topic},
};
use carry_out::{Restoring, start};
use origin::Origin;

pub use pages::{PlanOpen, PlanSave, Steps};
pub use settle::ConflictSettle;
pub use targets::Targets;

/// Makes a restore plan: a dry run.
pub struct Plan;
/// Runs a plan.
pub struct RunPlan;
/// Takes a restore back.
pub struct Undo;
/// Goes on with an interrupted restore or undo.
pub struct Resume;

/// Runs the plan stored in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct RunPlanRequest {
    /// The plan's file, as [`PlanReply::path`] names it.
    pub path: String,
}

/// The source a restore writes to, and what it was.
struct Target {
    row: SourceRecord,
    connector: Arc<dyn Connector>,
    source: Arc<dyn Source>,
}

fn plans_dir(app: &App) -> PathBuf {
    app.home().join("plans")
}

/// Name of the vault in which what is overwritten of a source would be saved, if there is one.
pub(super) fn keeper_name(app: &App, source: &str) -> Result<Option<String>> {
    Ok(origin::keeper_record(app, source)?.map(|record| record.name))
}

fn job<'a>(app: &'a App, context: &Context<'a>, reporter: &'a dyn Reporter) -> Job<'a> {
    Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter,
    }
}

/// The source a restore writes to, opened at its place, by the options it was asked to write with.
fn target(app: &App, found: &Origin, spec: &TargetSpec, options: &BTreeMap<String, String>) -> Result<Target> {
    let (row, inner) = match spec {
        TargetSpec::Source(other) => (elsewhere::row(app, found, other)?, elsewhere::inner(other)),
        _ => match app.journal().sources().get(found.label()) {
            Ok(row) => (row, spec.clone()),
            // After a disaster the source is not set up yet: the snapshot says what it was, which is enough for a new place.
            Err(_) => (describe_source(app, found, spec)?, spec.clone()),
        },
    };
    let connector = app.connector(&row.kind)?;
    elsewhere::check_options(&*connector, options)?;
    let opened = app.open_source(&row)?;
    let source = match inner {
        TargetSpec::InPlace if options.is_empty() => opened,
        _ => opened.at_with(&inner, options)?,
    };
    Ok(Target { row, connector, source })
}

fn describe_source(app: &App, found: &Origin, spec: &TargetSpec) -> Result<SourceRecord> {
    let state = found.open(app)?;
    let (kind, name) = match (&state.meta, spec) {
        (Some(meta), TargetSpec::New(_)) => (meta.source_kind.clone(), meta.source_name.clone()),
        (None, TargetSpec::New(_)) => ("folder".to_owned(), found.shown(app)),
        (_, TargetSpec::InPlace | TargetSpec::Source(_)) => {
            return Err(ApiError::new(
                ErrorKind::NotFound,
                "the source of this snapshot is not set up here; nothing was written",
            )
            .hint("Restore into a new place with --to, or add the source first."));
        }
    };
    if setup::names_places(&*app.connector(&kind)?) {
        return Err(ApiError::new(
            ErrorKind::NotFound,
            format!("the source {name:?} is not set up here, so nothing says where its server is; nothing was written"),
        )
        .hint("Restore into a source of its kind with --into SOURCE, or add the source first."));
    }
    let TargetSpec::New(path) = spec else {
        return Err(ApiError::new(ErrorKind::Usage, "no target"));
    };
    let config = backstay_model::RawJson::from_value(&json!({ "path": path }))
        .map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    Ok(SourceRecord {
        id: found.label().to_owned(),
        name,
        kind,
        config,
        created: app.now(),
        instance_id: None,
        user_id: None,
    })
}

/// The newest backup of the same source, to tell what was changed since. A restore in place from a bundle looks for it, and
/// saves what it overwrites, in a vault of the source.
fn base(app: &App, context: &Context<'_>, found: &Origin, spec: &TargetSpec) -> Result<Option<State>> {
    if *spec != TargetSpec::InPlace {
        return Ok(None);
    }
    let keeper = match found.vault() {
        Some(_) => None,
        None => Some(origin::keeper(app, context, found.label())?.ok_or_else(origin::no_keeper)?),
    };
    let own = keeper.as_ref().map(|(record, vault)| (record, vault));
    let Some((_, vault)) = found.vault().or(own) else {
        return Ok(None);
    };
    match newest_of(vault, found.label())? {
        Some(newest) => Ok(Some(open_snapshot(&vault.reader()?, &newest, &|kind| {
            app.connector(kind).ok()
        })?)),
        None => Ok(None),
    }
}

/// What a plan was asked to do.
struct Asked {
    selection: Selection,
    target: TargetSpec,
    policy: ConflictPolicy,
    options: BTreeMap<String, String>,
}

fn header(app: &App, found: &Origin, source: &str, asked: Asked, totals: PlanTotals) -> PlanHeader {
    let (vault, snapshot, bundle) = found.named();
    PlanHeader {
        version: backstay_engine::restore::PLAN_VERSION,
        plan_id: Uuid::now_v7().to_string(),
        created: app.now(),
        vault,
        snapshot,
        bundle,
        source: source.to_owned(),
        selection: asked.selection,
        target: asked.target,
        policy: asked.policy,
        options: asked.options,
        counts: totals.counts,
        bytes: totals.bytes,
    }
}

impl Command for RunPlan {
    const NAME: &'static str = "restore.run";
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = RunPlanRequest;
    type Reply = RestoreReply;
    fn run(app: &App, context: &Context<'_>, request: RunPlanRequest) -> Result<RestoreReply> {
        let plan = adopt(app, &PlanFile::open(std::path::Path::new(&request.path))?)?;
        if plan.header.counts.conflict > 0 {
            return Err(EngineError::Undecided {
                count: plan.header.counts.conflict,
            }
            .into());
        }
        let found = Origin::of_plan(app, context, &plan.header)?;
        let target = target(app, &found, &plan.header.target, &plan.header.options)?;
        let owner = app.own()?;
        start(
            app,
            context,
            &owner,
            &Restoring {
                plan,
                found,
                target,
                kind: RunKind::Restore,
                undoes: None,
            },
        )
    }
}

/// Copies a plan from elsewhere into the state directory: resuming needs it where nobody else changes it.
fn adopt(app: &App, plan: &PlanFile) -> Result<PlanFile> {
    let dir = plans_dir(app);
    if plan.path.parent() == Some(dir.as_path()) {
        return Ok(plan.clone());
    }
    let mut out = PlanWriter::new(&dir)?;
    for step in plan.steps()? {
        out.push(step?)?;
    }
    Ok(out.finish(plan.header.clone())?)
}
