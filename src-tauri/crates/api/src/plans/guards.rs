//! Guards: after each backup the new snapshot is compared with the one before it; what trips holds retention until answered.

use backstay_engine::{
    Job,
    guard::{GuardRules, SnapshotView, Trip, judge as judge_views},
};
use backstay_journal::{Hold, NewHold, Source as SourceRecord, Vault as VaultRecord};
use backstay_model::ErrorKind;
use backstay_vault::{Snapshot, Vault};
use serde_json::json;

use super::{Loaded, raw, unraw};
use crate::{
    ApiError, App, Result,
    commands::backup::{Saved, named},
    types::HoldRow,
};

/// The rules for a backup by hand: those of the first plan the source is in.
pub(crate) fn rules_of(app: &App, source: &str) -> Result<GuardRules> {
    let plans = app.journal().plans().of_source(source)?;
    let first = plans.into_iter().find_map(|plan| Loaded::of(plan).ok());
    Ok(first.map(|plan| plan.spec.guards).unwrap_or_default())
}

/// Compares a new snapshot with the one before. A comparison that fails makes no backup fail: the run says that it was not made.
pub(crate) fn judge(
    app: &App,
    vault: &Vault,
    snapshot: &Snapshot,
    rules: &GuardRules,
    job: &Job<'_>,
) -> (Vec<Trip>, Option<String>) {
    match compare(app, vault, snapshot, rules, job) {
        Ok(found) => found,
        Err(error) => {
            job.reporter.note(&format!(
                "what vanished since the last backup could not be told: {}",
                error.message
            ));
            (Vec::new(), None)
        }
    }
}

fn compare(
    app: &App,
    vault: &Vault,
    snapshot: &Snapshot,
    rules: &GuardRules,
    job: &Job<'_>,
) -> Result<(Vec<Trip>, Option<String>)> {
    let connectors = |kind: &str| app.connector(kind).ok();
    let reader = vault.reader()?;
    let Some(before) = SnapshotView::before(&reader, &vault.snapshots()?, snapshot, &connectors) else {
        return Ok((Vec::new(), None));
    };
    let now = SnapshotView::open(&reader, snapshot, &connectors)?;
    let trips = judge_views(rules, &before, &now, job)?;
    Ok((trips, Some(before.snapshot.id.to_hex())))
}

/// Kind and collection of a trip, as the journal tells them apart.
pub(crate) fn kind(trip: &Trip) -> (&'static str, Option<&str>) {
    match trip {
        Trip::MassDeletion { collection, .. } => ("massDeletion", Some(collection)),
        Trip::Emptied { collection, .. } => ("emptied", Some(collection)),
        Trip::SchemaChanged { collection, .. } => ("schemaChanged", Some(collection)),
        Trip::CoverageLost { .. } => ("coverageLost", None),
        Trip::FilesGone { .. } => ("filesGone", None),
    }
}

/// Holds retention for a source. `None` when the same is held already.
pub(crate) fn hold(
    app: &App,
    source: &SourceRecord,
    vault: &VaultRecord,
    run: &str,
    saved: &Saved,
    trip: &Trip,
) -> Result<Option<HoldRow>> {
    let (kind, collection) = kind(trip);
    let new = NewHold {
        source: named(&source.id, &source.name),
        vault: Some(named(&vault.id, &vault.name)),
        kind: kind.to_owned(),
        collection: collection.map(ToOwned::to_owned),
        trip: raw(trip)?,
        run: Some(run.to_owned()),
        snapshot: Some(saved.done.snapshot.id.to_hex()),
        before: saved.before.clone(),
    };
    let Some(hold) = app.journal().holds().add(&new, app.now())? else {
        return Ok(None);
    };
    app.audit(
        "guard.trip",
        &source.name,
        json!({ "hold": hold.id, "kind": kind, "collection": collection, "run": run }),
    )?;
    let row = row(app, hold);
    if let Some(row) = &row {
        super::alerts::guard(app, row)?;
    }
    Ok(row)
}

/// A hold as the window shows it; `None` for one of a newer version.
pub(crate) fn row(app: &App, hold: Hold) -> Option<HoldRow> {
    let trip = unraw(&hold.trip)?;
    let filter = hold
        .before
        .as_ref()
        .and_then(|id| app.journal().runs().of_snapshot(id).ok().flatten());
    Some(HoldRow {
        id: hold.id,
        source: hold.source.name,
        vault: hold.vault.map(|vault| vault.name),
        trip,
        at: hold.at,
        run: hold.run,
        snapshot: hold.snapshot,
        before: hold.before,
        before_time: filter.map(|run| run.started),
        released: hold.released,
        released_by: hold.released_by,
        note: hold.note,
    })
}

/// Refuses to remove snapshots of a source a guard holds.
pub(crate) fn refuse_held(app: &App, source: &str, name: &str) -> Result<()> {
    let open = app.journal().holds().open(Some(source))?;
    let Some(first) = open.first() else { return Ok(()) };
    Err(ApiError::new(
        ErrorKind::Refused,
        format!(
            "a guard holds {name:?} since {}, so nothing was removed",
            first.at.format("%Y-%m-%d %H:%M UTC")
        ),
    )
    .hint(format!(
        "`backstay hold show {}` lists what went at the source; `backstay hold release {}` says it was intended.",
        first.short, first.short
    )))
}
