//! Restore drills: a snapshot is restored into a scratch place and compared; the time it took is the recovery time.

use backstay_engine::{
    Job, backup,
    drill::{DrillDone, DrillRequest, DrillScope as Scope, drill},
};
use backstay_journal::{Counters, Drill, DrillScope, NewRun, Reason, Run, RunEnd, Source as SourceRecord, Vault as VaultRecord};
use backstay_model::{ErrorKind, Gap, RunKind, Verdict};
use serde_json::json;

use super::Loaded;
use crate::{
    ApiError, App, Context, Result,
    commands::backup::{failed_end, named},
    names,
    types::{DrillRow, DrillRunRequest, SnapshotRef},
    vaults,
};

/// Folder of scratch places in the state directory.
const SCRATCH: &str = "scratch";

/// Tries to restore the newest (or a given) snapshot of a source. A drill that fails is an answer, not an error.
pub(crate) fn run(app: &App, context: &Context<'_>, request: &DrillRunRequest, plan: Option<&Loaded>) -> Result<DrillRow> {
    let source = app.journal().sources().get(&request.source)?;
    let record = vault(app, &source, request)?;
    let owner = app.own()?;
    let new = NewRun {
        plan: plan.map(|plan| plan.reference(None)),
        kind: RunKind::Drill,
        source: Some(named(&source.id, &source.name)),
        vault: Some(named(&record.id, &record.name)),
        snapshot: None,
    };
    let run = app.journal().runs().begin(&owner, &new, app.now())?;
    let tried = attempt(app, context, &source, &record, request);
    let row = begun(&run, plan, &source, &record, request.one_each);
    let (row, end, differing) = match tried {
        Ok(done) => ended(app, row, done),
        Err(error) => {
            let end = failed_end(app, &error);
            let row = Drill {
                verdict: end.verdict,
                reason: end.reason.clone(),
                ..row
            };
            (row, end, Vec::new())
        }
    };
    let runs = app.journal().runs();
    runs.add_gaps(&run.id, &differing)?;
    runs.finish(&run.id, &end)?;
    // One that a person stopped says nothing about the backup.
    if row.verdict != Verdict::Cancelled {
        app.journal().drills().add(&row)?;
    }
    app.audit(
        "drill",
        &source.name,
        json!({ "run": run.id, "vault": record.name, "verdict": row.verdict, "seconds": row.seconds, "differing": row.differing }),
    )?;
    let mut told = shown(row);
    told.differences = differing
        .iter()
        .map(|gap| format!("{}: {}", gap.subject, gap.message))
        .collect();
    super::alerts::after_drill(app, plan, &told)?;
    Ok(told)
}

/// The record of a drill of which nothing is known yet but its beginning.
fn begun(run: &Run, plan: Option<&Loaded>, source: &SourceRecord, record: &VaultRecord, one_each: bool) -> Drill {
    Drill {
        run: run.id.clone(),
        plan: plan.map(|plan| plan.plan.id.clone()),
        source: named(&source.id, &source.name),
        vault: named(&record.id, &record.name),
        snapshot: String::new(),
        scope: if one_each {
            DrillScope::OneRecordEach
        } else {
            DrillScope::Everything
        },
        started: run.started,
        seconds: 0.0,
        bytes: 0,
        records: 0,
        files: 0,
        compared: 0,
        differing: 0,
        verdict: Verdict::Failed,
        reason: None,
    }
}

/// The vault asked for, or the first the source goes to.
fn vault(app: &App, source: &SourceRecord, request: &DrillRunRequest) -> Result<VaultRecord> {
    if let Some(name) = &request.vault {
        return Ok(app.journal().vaults().get(name)?);
    }
    let all = app.journal().vaults().destinations(&source.id)?;
    all.into_iter().next().ok_or_else(|| {
        ApiError::new(
            ErrorKind::NotFound,
            format!("{:?} goes to no vault, so there is nothing to restore", source.name),
        )
    })
}

fn attempt(
    app: &App,
    context: &Context<'_>,
    source: &SourceRecord,
    record: &VaultRecord,
    request: &DrillRunRequest,
) -> Result<DrillDone> {
    let vault = vaults::open(app, context, record)?;
    let snapshot = match &request.snapshot {
        Some(wanted) => {
            let at = SnapshotRef {
                snapshot: wanted.clone(),
                vault: Some(record.name.clone()),
            };
            names::snapshot(app, context, &at)?.snapshot
        }
        None => backup::snapshots_of(&vault.snapshots()?, &source.id)
            .next_back()
            .cloned()
            .ok_or_else(|| {
                ApiError::new(
                    ErrorKind::NotFound,
                    format!(
                        "{:?} has no backup in {:?} yet, so there is nothing to try",
                        source.name, record.name
                    ),
                )
            })?,
    };
    let connector = app.connector(&source.kind)?;
    let job = Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter: context.reporter,
    };
    let wanted = DrillRequest {
        scope: if request.one_each {
            Scope::OneRecordEach
        } else {
            Scope::Everything
        },
        scratch: app.home().join(SCRATCH),
        limit_bytes: None,
    };
    Ok(drill(&vault, &snapshot, &connector, &wanted, &job)?)
}

fn ended(app: &App, row: Drill, done: DrillDone) -> (Drill, RunEnd, Vec<Gap>) {
    let reason = (done.verdict == Verdict::Failed).then(|| Reason {
        kind: done.differing.first().map_or(ErrorKind::Damaged, |gap| gap.kind),
        message: format!(
            "{} of {} compared did not come back the same",
            done.differing_count, done.compared
        ),
    });
    let end = RunEnd {
        finished: app.now(),
        verdict: done.verdict,
        reason: reason.clone(),
        counters: Counters {
            items: done.records + done.files,
            bytes: done.bytes,
            ..Counters::default()
        },
        snapshot: Some(done.snapshot.clone()),
    };
    let row = Drill {
        snapshot: done.snapshot,
        seconds: done.seconds,
        bytes: done.bytes,
        records: done.records,
        files: done.files,
        compared: done.compared,
        differing: done.differing_count,
        verdict: done.verdict,
        reason,
        ..row
    };
    (row, end, done.differing)
}

/// A drill as the window and scripts see it.
pub(crate) fn shown(drill: Drill) -> DrillRow {
    DrillRow {
        run: drill.run,
        source: drill.source.name,
        vault: drill.vault.name,
        snapshot: drill.snapshot,
        one_each: drill.scope == DrillScope::OneRecordEach,
        started: drill.started,
        seconds: drill.seconds,
        bytes: drill.bytes,
        records: drill.records,
        files: drill.files,
        compared: drill.compared,
        differing: drill.differing,
        verdict: drill.verdict,
        reason: drill.reason.map(|reason| (reason.kind, reason.message)),
        differences: Vec::new(),
    }
}
