//! Restores: plan, run, resume, undo.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use backstay_engine::{
    EngineError, Job, Reporter, State,
    restore::{
        PerformInput, PlanFile, PlanInput, PlanTotals, PlanWriter, SafetyInput, UndoInput, make_plan, perform, pick, plan_undo,
        read_back, save_touched, subject_name,
    },
    snapshot::open_snapshot,
};
use backstay_journal::{Counters, NewRestore, NewRun, Owner, Run, RunEnd, Source as SourceRecord, UndoRef};
use backstay_model::{ConflictPolicy, ErrorKind, PlanHeader, RunKind, Selection, StepAction, Subject, TargetSpec, Verdict};
use backstay_source::{Connector, Source};
use backstay_vault::{Id, Reader};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    Command,
    backup::{Recording, failed_end, named},
    keep::newest_of,
};
use crate::{
    ApiError, App, Context, Result,
    names::{self, Found},
    types::{
        PlanReply, ReadBack, ReadBackDifference, RestoreReply, RestoreRequest, RestoreSource, ResumeRequest, SnapshotRef,
        UndoRequest,
    },
};

/// Makes a restore plan: a dry run.
pub struct Plan;
/// Runs a plan.
pub struct RunPlan;
/// Takes a restore back.
pub struct Undo;
/// Goes on with an interrupted restore or undo.
pub struct Resume;

/// Steps shown with a plan; the plan's file has them all.
const SHOWN: usize = 1000;

/// Runs the plan stored in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

fn job<'a>(app: &'a App, context: &Context<'a>, reporter: &'a dyn Reporter) -> Job<'a> {
    Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter,
    }
}

/// The source of a snapshot, opened at the target.
fn target(app: &App, found: &Found, spec: &TargetSpec) -> Result<Target> {
    let label = &found.snapshot.label;
    let row = match app.journal().sources().get(label) {
        Ok(row) => row,
        // After a disaster the source is not set up yet: the snapshot says what it was, which is enough for a new place.
        Err(_) => describe_source(app, found, spec)?,
    };
    let connector = app.connector(&row.kind)?;
    let opened = app.open_source(&row)?;
    let source = match spec {
        TargetSpec::InPlace => opened,
        TargetSpec::New(_) => opened.at(spec)?,
    };
    Ok(Target { row, connector, source })
}

fn describe_source(app: &App, found: &Found, spec: &TargetSpec) -> Result<SourceRecord> {
    let (_, state) = found.open(app)?;
    let (kind, name) = match (&state.meta, spec) {
        (Some(meta), TargetSpec::New(_)) => (meta.source_kind.clone(), meta.source_name.clone()),
        (None, TargetSpec::New(_)) => (
            "folder".to_owned(),
            names::row(app, &found.record.name, &found.snapshot).source,
        ),
        (_, TargetSpec::InPlace) => {
            return Err(ApiError::new(
                ErrorKind::NotFound,
                "the source of this snapshot is not set up here; nothing was written",
            )
            .hint("Restore into a new place with --to, or add the source first."));
        }
    };
    let TargetSpec::New(path) = spec else {
        return Err(ApiError::new(ErrorKind::Usage, "no target"));
    };
    let config = backstay_model::RawJson::from_value(&json!({ "path": path }))
        .map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    Ok(SourceRecord {
        id: found.snapshot.label.clone(),
        name,
        kind,
        config,
        created: app.now(),
        instance_id: None,
        user_id: None,
    })
}

/// The newest backup of the same source, to tell what was changed since.
fn base(app: &App, found: &Found, reader: &Reader, spec: &TargetSpec) -> Result<Option<State>> {
    if *spec != TargetSpec::InPlace {
        return Ok(None);
    }
    match newest_of(&found.vault, &found.snapshot.label)? {
        Some(newest) => Ok(Some(open_snapshot(reader, &newest, &|kind| app.connector(kind).ok())?)),
        None => Ok(None),
    }
}

/// Decisions for single items, by the subjects they mean.
fn decisions(state: &State, given: &[(String, ConflictPolicy)]) -> Result<HashMap<Subject, ConflictPolicy>> {
    let mut out = HashMap::new();
    for (wanted, policy) in given {
        let picked = pick(
            state,
            &Selection {
                only: vec![wanted.clone()],
            },
        )?;
        for (collection, ids) in picked.collections {
            if let backstay_engine::restore::Ids::Some(ids) = ids {
                out.extend(ids.into_iter().map(|id| {
                    (
                        Subject::Record {
                            collection: collection.clone(),
                            id,
                        },
                        *policy,
                    )
                }));
            }
        }
        out.extend(
            picked
                .files
                .into_iter()
                .flatten()
                .map(|path| (Subject::File { path }, *policy)),
        );
    }
    Ok(out)
}

impl Command for Plan {
    const NAME: &'static str = "restore.plan";
    type Request = RestoreRequest;
    type Reply = PlanReply;
    fn run(app: &App, context: &Context<'_>, request: RestoreRequest) -> Result<PlanReply> {
        let found = match &request.from {
            RestoreSource::Snapshot(reference) => names::snapshot(app, context, reference)?,
            RestoreSource::Source { source, at, vault } => names::of_source(app, context, source, *at, vault.as_deref())?,
        };
        let spec = absolute(&request.target)?;
        let target = target(app, &found, &spec)?;
        let (reader, state) = found.open(app)?;
        let base = base(app, &found, &reader, &spec)?;
        let live = State::live(&*target.source, context.cancel)?;
        let picked = pick(&state, &request.selection)?;
        let mut out = PlanWriter::new(&plans_dir(app))?;
        let totals = make_plan(
            &PlanInput {
                backup: &state,
                base: base.as_ref(),
                live: &live,
                can: &target.source.capabilities(),
                picked: &picked,
                policy: request.policy,
                decided: &decisions(&state, &request.decisions)?,
            },
            &job(app, context, context.reporter),
            &mut out,
        )?;
        let header = header(app, &found, &target.row.name, request.selection, spec, request.policy, totals);
        shown(&out.finish(header)?)
    }
}

/// The target with its path made absolute: a plan may be run from elsewhere.
fn absolute(spec: &TargetSpec) -> Result<TargetSpec> {
    let TargetSpec::New(path) = spec else {
        return Ok(TargetSpec::InPlace);
    };
    let full =
        std::path::absolute(path).map_err(|error| ApiError::new(ErrorKind::Usage, format!("{path:?} is not a path: {error}")))?;
    // A slash at the end says that a directory is meant, and gets lost otherwise.
    let slash = if path.ends_with('/') { "/" } else { "" };
    Ok(TargetSpec::New(format!(
        "{}{slash}",
        full.display().to_string().trim_end_matches('/')
    )))
}

fn header(
    app: &App,
    found: &Found,
    source: &str,
    selection: Selection,
    target: TargetSpec,
    policy: ConflictPolicy,
    totals: PlanTotals,
) -> PlanHeader {
    PlanHeader {
        version: backstay_engine::restore::PLAN_VERSION,
        plan_id: Uuid::now_v7().to_string(),
        created: app.now(),
        vault: found.record.name.clone(),
        snapshot: found.snapshot.id.to_hex(),
        source: source.to_owned(),
        selection,
        target,
        policy,
        counts: totals.counts,
        bytes: totals.bytes,
    }
}

fn shown(plan: &PlanFile) -> Result<PlanReply> {
    let mut steps = Vec::new();
    let mut more = false;
    for step in plan.steps()? {
        more = steps.len() == SHOWN;
        if more {
            break;
        }
        steps.push(step?);
    }
    Ok(PlanReply {
        plan: plan.header.clone(),
        path: plan.path.display().to_string(),
        steps,
        more,
    })
}

/// The snapshot a plan restores from.
fn snapshot_of(app: &App, context: &Context<'_>, header: &PlanHeader) -> Result<Found> {
    let at = SnapshotRef {
        snapshot: header.snapshot.clone(),
        vault: Some(header.vault.clone()),
    };
    names::snapshot(app, context, &at)
}

impl Command for RunPlan {
    const NAME: &'static str = "restore.run";
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
        let found = snapshot_of(app, context, &plan.header)?;
        let target = target(app, &found, &plan.header.target)?;
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

/// A restore (or undo) about to run.
struct Restoring {
    plan: PlanFile,
    found: Found,
    target: Target,
    kind: RunKind,
    undoes: Option<String>,
}

fn start(app: &App, context: &Context<'_>, owner: &Owner, restoring: &Restoring) -> Result<RestoreReply> {
    let row = &restoring.target.row;
    let known = app.journal().sources().get(&row.id).is_ok();
    let new = NewRun {
        kind: restoring.kind,
        source: known.then(|| named(&row.id, &row.name)),
        vault: Some(named(&restoring.found.record.id, &restoring.found.record.name)),
        snapshot: Some(restoring.plan.header.snapshot.clone()),
    };
    let run = app.journal().runs().begin(owner, &new, app.now())?;
    let counts = &restoring.plan.header.counts;
    let begin = NewRestore {
        plan_path: restoring.plan.path.display().to_string(),
        plan_hash: restoring.plan.checksum()?,
        steps: counts.writes() + counts.skip + counts.impossible,
        undoes: restoring.undoes.clone(),
    };
    app.journal().restores().begin(&run.id, &begin)?;
    carry_out(app, context, restoring, &run, false)
}

/// Performs, reads back, records the end.
fn carry_out(app: &App, context: &Context<'_>, restoring: &Restoring, run: &Run, resumed: bool) -> Result<RestoreReply> {
    let recording = Recording::new(context.reporter);
    let result = work(app, context, &recording, restoring, run, resumed);
    let end = match &result {
        Ok(reply) => RunEnd {
            finished: app.now(),
            verdict: reply.verdict,
            reason: None,
            counters: Counters {
                items: reply.written,
                bytes: restoring.plan.header.bytes,
                ..Counters::default()
            },
            snapshot: Some(restoring.plan.header.snapshot.clone()),
        },
        Err(error) => failed_end(app, error),
    };
    let runs = app.journal().runs();
    if let Ok(reply) = &result {
        runs.add_gaps(&run.id, &reply.gaps)?;
    }
    runs.add_events(&run.id, &recording.into_events(app.now()))?;
    runs.finish(&run.id, &end)?;
    if let (Some(undone), Ok(_)) = (&restoring.undoes, &result) {
        app.journal().restores().mark_undone(undone, &run.id)?;
    }
    let action = if restoring.kind == RunKind::Undo { "undo" } else { "restore" };
    let detail = json!({ "run": run.id, "snapshot": restoring.plan.header.snapshot, "target": restoring.plan.header.target, "verdict": end.verdict });
    app.audit(action, &restoring.plan.header.source, detail)?;
    result.map_err(|mut error| {
        if error.code != ErrorKind::Refused {
            error.hint = Some(match error.hint.take() {
                Some(hint) => format!("{hint} `backstay resume {}` goes on.", run.short),
                None => format!("`backstay resume {}` goes on where it stopped.", run.short),
            });
        }
        error
    })
}

fn work(
    app: &App,
    context: &Context<'_>,
    reporter: &dyn Reporter,
    restoring: &Restoring,
    run: &Run,
    resumed: bool,
) -> Result<RestoreReply> {
    let Restoring { plan, found, target, .. } = restoring;
    let job = job(app, context, reporter);
    let (_, backup) = found.open(app)?;
    let restores = app.journal().restores();
    let mut safety = restores.get(&run.id)?.undo;
    if safety.is_none() {
        // Of an interrupted attempt that saved nothing yet, nothing was written either: this is its first write.
        let live = State::live(&*target.source, context.cancel)?;
        let input = SafetyInput {
            plan,
            live: &live,
            vault: &found.vault,
            source_id: &target.row.id,
            source_name: &target.row.name,
            source_kind: target.connector.kind(),
            connector_version: target.connector.version(),
            run: &run.id,
        };
        if let Some(snapshot) = save_touched(&input, &job)? {
            let reference = UndoRef {
                vault: found.record.id.clone(),
                snapshot: snapshot.id.to_hex(),
            };
            restores.set_undo(&run.id, &reference)?;
            safety = Some(reference);
        }
    }
    let input = PerformInput {
        plan,
        backup: &backup,
        target: &*target.source,
        journal: app.journal(),
        run: &run.id,
        resumed,
    };
    let done = perform(&input, &job)?;
    let new_id = |subject: &Subject| Ok(app.journal().restores().new_id(&run.id, subject)?);
    let back = read_back(plan, &backup, &*target.source, &new_id, &job)?;
    let mut gaps = done.gaps;
    gaps.extend(impossible(plan)?);
    let whole = gaps.is_empty() && back.equal == back.checked;
    Ok(RestoreReply {
        run: run.id.clone(),
        verdict: if whole { Verdict::Complete } else { Verdict::Partial },
        plan: plan.header.clone(),
        target: target_text(app, &plan.header.target, &target.row),
        written: done.written,
        gaps,
        read_back: ReadBack {
            checked: back.checked,
            equal: back.equal,
            score: back.score(),
            differences: back
                .differences
                .iter()
                .map(|(subject, message)| ReadBackDifference {
                    subject: subject.clone(),
                    message: message.clone(),
                })
                .collect(),
        },
        safety_snapshot: safety.map(|s| s.snapshot),
        can_undo: done.written > 0,
    })
}

/// What the plan says cannot be brought back, by name.
fn impossible(plan: &PlanFile) -> Result<Vec<backstay_model::Gap>> {
    if plan.header.counts.impossible == 0 {
        return Ok(Vec::new());
    }
    let mut gaps = Vec::new();
    for step in plan.steps()? {
        let step = step?;
        if step.action == StepAction::Impossible {
            let message = step.reason.unwrap_or_else(|| "cannot be brought back".to_owned());
            gaps.push(backstay_model::Gap {
                subject: subject_name(&step.subject),
                kind: ErrorKind::Unsupported,
                message,
            });
        }
    }
    Ok(gaps)
}

fn target_text(app: &App, spec: &TargetSpec, row: &SourceRecord) -> String {
    match spec {
        TargetSpec::New(path) => path.clone(),
        TargetSpec::InPlace => {
            let options = app
                .journal()
                .sources()
                .get(&row.id)
                .ok()
                .and_then(|row| row.config.value().ok());
            let path = options
                .as_ref()
                .and_then(|o| o.get("path"))
                .and_then(|p| p.as_str())
                .map(ToOwned::to_owned);
            path.unwrap_or_else(|| row.name.clone())
        }
    }
}

impl Command for Resume {
    const NAME: &'static str = "restore.resume";
    type Request = ResumeRequest;
    type Reply = RestoreReply;
    fn run(app: &App, context: &Context<'_>, request: ResumeRequest) -> Result<RestoreReply> {
        let owner = app.own()?;
        let run = app.journal().runs().get(&request.run)?;
        let plan_of = |path: &str| PathBuf::from(path);
        let restore = app.journal().restores().get(&run.id)?;
        let path = plan_of(&restore.plan_path);
        let plan = PlanFile::open(&path).map_err(|_| EngineError::PlanReplaced { path: path.clone() })?;
        if plan.checksum()? != restore.plan_hash {
            return Err(EngineError::PlanReplaced { path }.into());
        }
        let found = snapshot_of(app, context, &plan.header)?;
        let target = target(app, &found, &plan.header.target)?;
        // Opened again last: whatever failed above leaves the run as it was.
        let restore = app.journal().restores().resume(&owner, &run.id, app.now())?;
        let restoring = Restoring {
            plan,
            found,
            target,
            kind: run.kind,
            undoes: restore.undoes,
        };
        carry_out(app, context, &restoring, &restore.run, true)
    }
}

impl Command for Undo {
    const NAME: &'static str = "restore.undo";
    type Request = UndoRequest;
    type Reply = RestoreReply;
    fn run(app: &App, context: &Context<'_>, request: UndoRequest) -> Result<RestoreReply> {
        let owner = app.own()?;
        let run = app.journal().runs().get(&request.run)?;
        let cannot = |reason: &str| EngineError::CannotUndo {
            run: run.short.clone(),
            reason: reason.to_owned(),
        };
        if !matches!(run.kind, RunKind::Restore | RunKind::Undo) {
            return Err(cannot("it is no restore").into());
        }
        let restore = app.journal().restores().get(&run.id)?;
        if restore.undone_by.is_some() {
            return Err(cannot("it was taken back already").into());
        }
        if run.verdict.is_none() {
            return Err(cannot("it has not ended").into());
        }
        let done_plan = PlanFile::open(&PathBuf::from(&restore.plan_path))?;
        let found = undo_snapshot(app, context, &restore, &done_plan.header)?;
        let target = target(app, &snapshot_of(app, context, &done_plan.header)?, &done_plan.header.target)?;
        let safety = if restore.undo.is_some() {
            found.open(app)?.1
        } else {
            State::default()
        };
        let live = State::live(&*target.source, context.cancel)?;
        let mut out = PlanWriter::new(&plans_dir(app))?;
        let input = UndoInput {
            journal: app.journal(),
            run: &run.id,
            safety: &safety,
            live: &live,
            can: &target.source.capabilities(),
            policy: request.policy,
        };
        let totals = plan_undo(&input, &job(app, context, context.reporter), &mut out)?;
        // It may hold a database open for reading, which the writing below needs to itself.
        drop(live);
        let spec = done_plan.header.target.clone();
        let plan = out.finish(header(
            app,
            &found,
            &target.row.name,
            Selection::default(),
            spec,
            request.policy,
            totals,
        ))?;
        if plan.header.counts.conflict > 0 {
            return Err(EngineError::Undecided {
                count: plan.header.counts.conflict,
            }
            .into());
        }
        start(
            app,
            context,
            &owner,
            &Restoring {
                plan,
                found,
                target,
                kind: RunKind::Undo,
                undoes: Some(run.id),
            },
        )
    }
}

/// The safety copy of a restore; where it overwrote nothing, the snapshot it restored from stands in for one.
fn undo_snapshot(app: &App, context: &Context<'_>, restore: &backstay_journal::Restore, header: &PlanHeader) -> Result<Found> {
    let Some(reference) = &restore.undo else {
        return snapshot_of(app, context, header);
    };
    let record = app.journal().vaults().get(&reference.vault)?;
    let vault = crate::vaults::open(app, context, &record)?;
    let id: Id = reference
        .snapshot
        .parse()
        .map_err(|_| ApiError::new(ErrorKind::Damaged, "the note of the safety copy is damaged"))?;
    let snapshot = vault.snapshot(&id).map_err(|error| {
        let mut error = ApiError::from(error);
        error.message = format!("the safety copy of this restore cannot be read: {}", error.message);
        error
    })?;
    Ok(Found { record, vault, snapshot })
}
