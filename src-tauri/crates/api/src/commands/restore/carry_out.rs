//! Running a plan as a run with a record: safety copy, writing, reading back, the end.

use backstay_engine::{
    Job, Reporter, State,
    restore::{PerformInput, Performed, PlanFile, ReadBackInput, SafetyInput, perform, read_back, save_touched, subject_name},
};
use backstay_journal::{Counters, NewRestore, NewRun, Owner, Run, RunEnd, Source as SourceRecord, UndoRef};
use backstay_model::{ErrorKind, RunKind, StepAction, TargetSpec, Verdict};
use serde_json::json;

use super::{
    Target, job,
    origin::{self, Origin},
    targets::place_of,
};
use crate::{
    ApiError, App, Context, Result,
    commands::backup::{Recording, failed_end, named},
    types::{ReadBack, ReadBackDifference, RestoreReply},
};

/// A restore (or undo) about to run.
pub(super) struct Restoring {
    pub plan: PlanFile,
    pub found: Origin,
    pub target: Target,
    pub kind: RunKind,
    pub undoes: Option<String>,
}

pub(super) fn start(app: &App, context: &Context<'_>, owner: &Owner, restoring: &Restoring) -> Result<RestoreReply> {
    let row = &restoring.target.row;
    let known = app.journal().sources().get(&row.id).is_ok();
    let new = NewRun {
        kind: restoring.kind,
        source: known.then(|| named(&row.id, &row.name)),
        vault: restoring.found.vault().map(|(record, _)| named(&record.id, &record.name)),
        snapshot: Some(restoring.plan.header.snapshot.clone()),
        plan: None,
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
pub(super) fn carry_out(
    app: &App,
    context: &Context<'_>,
    restoring: &Restoring,
    run: &Run,
    resumed: bool,
) -> Result<RestoreReply> {
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
    let backup = found.open(app)?;
    let safety = saved(app, context, &job, restoring, run)?;
    let input = PerformInput {
        plan,
        backup: &backup,
        target: &*target.source,
        journal: app.journal(),
        run: &run.id,
        resumed,
    };
    let done = perform(&input, &job)?;
    if !resumed
        && plan.header.counts.same == 0
        && let Some(error) = nothing_done(&done)
    {
        app.journal().runs().add_gaps(&run.id, &done.gaps)?;
        return Err(error);
    }
    let input = ReadBackInput {
        plan,
        backup: &backup,
        target: &*target.source,
        journal: app.journal(),
        run: &run.id,
    };
    let back = read_back(&input, &job)?;
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
        read_back: told(&back),
        safety_snapshot: safety.map(|s| s.snapshot),
        can_undo: done.written > 0,
    })
}

/// The safety copy of what will be touched, made now unless an interrupted attempt made it.
fn saved(app: &App, context: &Context<'_>, job: &Job<'_>, restoring: &Restoring, run: &Run) -> Result<Option<UndoRef>> {
    let Restoring { plan, found, target, .. } = restoring;
    let restores = app.journal().restores();
    if let Some(safety) = restores.get(&run.id)?.undo {
        return Ok(Some(safety));
    }
    let counts = &plan.header.counts;
    if counts.update + counts.delete == 0 {
        return Ok(None);
    }
    let keeper = match found.vault() {
        Some(_) => None,
        None => origin::keeper(app, context, &target.row.id)?,
    };
    let own = keeper.as_ref().map(|(record, vault)| (record, vault));
    let Some((record, vault)) = found.vault().or(own) else {
        // What an undo removes came from the bundle and is in it still.
        return if restoring.kind == RunKind::Undo {
            Ok(None)
        } else {
            Err(origin::no_keeper())
        };
    };
    // Of an interrupted attempt that saved nothing yet, nothing was written either: this is its first write.
    let live = State::live(&*target.source, context.cancel)?;
    let input = SafetyInput {
        plan,
        live: &live,
        vault,
        source_id: &target.row.id,
        source_name: &target.row.name,
        source_kind: target.connector.kind(),
        connector_version: target.connector.version(),
        run: &run.id,
    };
    let Some(snapshot) = save_touched(&input, job)? else {
        return Ok(None);
    };
    let reference = UndoRef {
        vault: record.id.clone(),
        snapshot: snapshot.id.to_hex(),
    };
    restores.set_undo(&run.id, &reference)?;
    Ok(Some(reference))
}

fn told(back: &backstay_engine::restore::ReadBack) -> ReadBack {
    let differences = back.differences.iter().map(|(subject, message)| ReadBackDifference {
        subject: subject.clone(),
        message: message.clone(),
    });
    ReadBack {
        checked: back.checked,
        equal: back.equal,
        score: back.score(),
        differences: differences.collect(),
    }
}

/// A restore of which nothing came, all of it for one reason, has failed for that reason; it is not *partial*.
fn nothing_done(done: &Performed) -> Option<ApiError> {
    let first = done.gaps.first().filter(|_| done.written == 0)?;
    if done.gaps.iter().any(|gap| gap.kind != first.kind) {
        return None;
    }
    let more = match done.gaps.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let error = ApiError::new(
        first.kind,
        format!("nothing was restored: {} {}{more}", first.subject, first.message),
    );
    Some(if first.kind == ErrorKind::Damaged {
        error.hint("`backstay verify VAULT --read-data` shows what is affected; an earlier snapshot may hold it intact.")
    } else {
        error
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
        TargetSpec::Source(other) => match &other.place {
            Some(place) => format!("{}: {place}", other.source),
            None => other.source.clone(),
        },
        TargetSpec::InPlace => app
            .connector(&row.kind)
            .ok()
            .and_then(|connector| place_of(&*connector, row))
            .unwrap_or_else(|| row.name.clone()),
    }
}
