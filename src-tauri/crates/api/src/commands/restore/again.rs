//! Going on with an interrupted restore, and taking one back.

use std::path::PathBuf;

use backstay_engine::{
    EngineError, State,
    restore::{PlanFile, PlanWriter, UndoInput, plan_undo},
};
use backstay_model::{ConflictPolicy, ErrorKind, PlanHeader, RunKind, Selection};
use backstay_vault::Id;

use super::{
    Asked, Command, Resume, Target, Undo,
    carry_out::{Restoring, carry_out, start},
    header, job,
    origin::Origin,
    plans_dir, settle, target,
};
use crate::{
    ApiError, App, Context, Guard, Result,
    names::Found,
    types::{RestoreReply, ResumeRequest, Topic, UndoRequest},
};

impl Command for Resume {
    const NAME: &'static str = "restore.resume";
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = ResumeRequest;
    type Reply = RestoreReply;
    fn run(app: &App, context: &Context<'_>, request: ResumeRequest) -> Result<RestoreReply> {
        let owner = app.own()?;
        let run = app.journal().runs().get(&request.run)?;
        let restore = app.journal().restores().get(&run.id)?;
        if let Some(undone) = &restore.undoes
            && app.journal().restores().get(undone)?.undone_by.is_some()
        {
            let reason = "another undo has taken that restore back already".to_owned();
            return Err(EngineError::CannotResume { run: run.short, reason }.into());
        }
        let path = PathBuf::from(&restore.plan_path);
        let plan = PlanFile::open(&path).map_err(|_| EngineError::PlanReplaced { path: path.clone() })?;
        if plan.checksum()? != restore.plan_hash {
            return Err(EngineError::PlanReplaced { path }.into());
        }
        if run.kind == RunKind::Settle {
            return settle::found_out(app, context, &owner, &run.id, &plan);
        }
        let found = Origin::of_plan(app, context, &plan.header)?;
        let target = target(app, &found, &plan.header.target, &plan.header.options)?;
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
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Snapshots, Topic::Audit];
    const GUARD: Guard = Guard::Restores;
    type Request = UndoRequest;
    type Reply = RestoreReply;
    fn run(app: &App, context: &Context<'_>, request: UndoRequest) -> Result<RestoreReply> {
        let owner = app.own()?;
        let run = app.journal().runs().get(&request.run)?;
        let cannot = |reason: &str| EngineError::CannotUndo {
            run: run.short.clone(),
            reason: reason.to_owned(),
        };
        if !matches!(run.kind, RunKind::Restore | RunKind::Undo | RunKind::Settle) {
            return Err(cannot("it is neither a restore nor a settled conflict").into());
        }
        let restore = app.journal().restores().get(&run.id)?;
        if restore.undone_by.is_some() {
            return Err(cannot("it was taken back already").into());
        }
        if run.verdict.is_none() {
            return Err(cannot("it has not ended").into());
        }
        let (plan, found, target) = undo_plan(app, context, &run.id, &restore, request.policy)?;
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

/// Plans the undo of a run; gives the snapshot it takes things from and the place it writes to as well.
fn undo_plan(
    app: &App,
    context: &Context<'_>,
    run: &str,
    restore: &backstay_journal::Restore,
    policy: ConflictPolicy,
) -> Result<(PlanFile, Origin, Target)> {
    let done_plan = PlanFile::open(&PathBuf::from(&restore.plan_path))?;
    let found = undo_snapshot(app, context, restore, &done_plan.header)?;
    let target = target(app, &found, &done_plan.header.target, &done_plan.header.options)?;
    let safety = if restore.undo.is_some() {
        found.open(app)?
    } else {
        State::default()
    };
    let live = State::live(&*target.source, context.cancel)?;
    let mut out = PlanWriter::new(&plans_dir(app))?;
    let input = UndoInput {
        journal: app.journal(),
        run,
        safety: &safety,
        live: &live,
        can: &target.source.capabilities(),
        policy,
    };
    let totals = plan_undo(&input, &job(app, context, context.reporter), &mut out)?;
    // It may hold a database open for reading, which the writing below needs to itself.
    drop(live);
    let asked = Asked {
        selection: Selection::default(),
        target: done_plan.header.target.clone(),
        policy,
        options: done_plan.header.options.clone(),
    };
    let plan = out.finish(header(app, &found, &target.row.name, asked, totals))?;
    Ok((plan, found, target))
}

/// The safety copy of a restore; where it overwrote nothing, the snapshot it restored from stands in for one.
fn undo_snapshot(app: &App, context: &Context<'_>, restore: &backstay_journal::Restore, header: &PlanHeader) -> Result<Origin> {
    let Some(reference) = &restore.undo else {
        return Origin::of_plan(app, context, header);
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
    Ok(Origin::Snapshot(Box::new(Found { record, vault, snapshot })))
}
