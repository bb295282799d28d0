//! Restore drills and coverage: whether what was saved can be brought back, and whether all that can be seen is saved.

use std::collections::BTreeMap;

use backstay_engine::{
    Job, backup,
    coverage::{Coverage, CoverageState, coverage},
    guard::SnapshotView,
};
use backstay_journal::Source as SourceRecord;
use backstay_model::Verdict;
use chrono::{DateTime, Local, TimeDelta, Utc};

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    plans::{Watched, drill, post},
    types::{CoverageReply, DrillRow, DrillRunRequest, DrillsReply, DrillsRequest, Named, Task, Topic},
    vaults,
};

/// Tries to restore a source into a scratch place.
pub struct DrillRun;
/// Lists the drills of a source.
pub struct Drills;
/// Compares what a source shows with what is saved of it.
pub struct SourceCoverage;

/// Drills listed unless asked otherwise.
const LISTED: u32 = 100;
/// Days of ages.
const DAYS: i64 = 30;

impl Command for DrillRun {
    const NAME: &'static str = "drill.run";
    const CHANGES: &'static [Topic] = &[Topic::Runs, Topic::Sources, Topic::Plans, Topic::Audit, Topic::Channels];
    type Request = DrillRunRequest;
    type Reply = DrillRow;
    fn run(app: &App, context: &Context<'_>, request: DrillRunRequest) -> Result<DrillRow> {
        let done = drill::run(app, context, &request, None);
        post::deliver_by_hand(app);
        done
    }
}

impl Command for Drills {
    const NAME: &'static str = "drill.list";
    type Request = DrillsRequest;
    type Reply = DrillsReply;
    fn run(app: &App, _: &Context<'_>, request: DrillsRequest) -> Result<DrillsReply> {
        let source = app.journal().sources().get(&request.source)?;
        let watched = Watched::of(app)?;
        let limit = request.limit.unwrap_or(LISTED) as usize;
        let drills = app.journal().drills().of_source(&source.id, limit)?;
        let plans = || watched.of_source(&source.id);
        let upkeep = [Task::Drill, Task::DrillOne];
        let next = plans().flat_map(|plan| upkeep.into_iter().filter_map(|task| watched.next_of(plan, task)));
        let promise = watched.promise(&source.id);
        Ok(DrillsReply {
            drills: drills.into_iter().map(drill::shown).collect(),
            target_minutes: plans().filter_map(|plan| plan.spec.upkeep.target_minutes).min(),
            next: next.min(),
            ages: ages(app, &source, watched.now)?.into_iter().collect(),
            promise_minutes: promise.map(|time| u64::try_from(time.num_minutes()).unwrap_or(0)),
        })
    }
}

/// Age of the newest good backup at the end of each of the last days (now, for today), in minutes.
pub(crate) fn ages(app: &App, source: &SourceRecord, now: DateTime<Utc>) -> Result<BTreeMap<String, u64>> {
    let runs = app
        .journal()
        .runs()
        .backups_since(now - TimeDelta::days(2 * DAYS), Some(&source.id))?;
    let good: Vec<DateTime<Utc>> = runs
        .iter()
        .filter(|run| run.verdict == Some(Verdict::Complete))
        .map(|run| run.started)
        .collect();
    Ok(ages_of(&good, DAYS, now))
}

/// The same from the times of good backups, oldest first, for so many days.
pub(crate) fn ages_of(good: &[DateTime<Utc>], days: i64, now: DateTime<Utc>) -> BTreeMap<String, u64> {
    let mut ages = BTreeMap::new();
    for back in 0..days {
        let date = now.with_timezone(&Local).date_naive() - TimeDelta::days(back);
        let end = date
            .succ_opt()
            .and_then(|next| next.and_hms_opt(0, 0, 0))
            .and_then(|midnight| midnight.and_local_timezone(Local).earliest())
            .map_or(now, |midnight| midnight.with_timezone(&Utc).min(now));
        let newest = good.iter().rev().find(|time| **time < end);
        if let Some(newest) = newest {
            let minutes = u64::try_from((end - *newest).num_minutes()).unwrap_or(0);
            ages.insert(date.format("%Y-%m-%d").to_string(), minutes);
        }
    }
    ages
}

impl Command for SourceCoverage {
    const NAME: &'static str = "source.coverage";
    type Request = Named;
    type Reply = CoverageReply;
    fn run(app: &App, context: &Context<'_>, request: Named) -> Result<CoverageReply> {
        let source = app.journal().sources().get(&request.name)?;
        let (newest, before) = newest_two(app, context, &source)?;
        let mut reply = CoverageReply {
            snapshot: newest.as_ref().map(|view| view.snapshot.id.to_hex()),
            time: newest.as_ref().map(|view| view.snapshot.time),
            ..CoverageReply::default()
        };
        let job = Job {
            cancel: context.cancel,
            clock: app.clock(),
            reporter: context.reporter,
        };
        let seen = app
            .open_source(&source)
            .and_then(|opened| coverage(&*opened, newest.as_ref(), before.as_ref(), &job).map_err(ApiError::from));
        match seen {
            Ok(Coverage { rows }) => reply.rows = rows,
            Err(error) => reply.problem = Some(error),
        }
        let urgent = |state: CoverageState| match state {
            CoverageState::OutOfReach => 0,
            CoverageState::Missing => 1,
            CoverageState::New => 2,
            CoverageState::Covered => 3,
        };
        reply.rows.sort_by_key(|row| urgent(row.state));
        Ok(reply)
    }
}

/// The two newest snapshots of a source in the first of its vaults that has one.
fn newest_two(app: &App, context: &Context<'_>, source: &SourceRecord) -> Result<(Option<SnapshotView>, Option<SnapshotView>)> {
    let connectors = |kind: &str| app.connector(kind).ok();
    for record in app.journal().vaults().destinations(&source.id)? {
        let Ok(vault) = vaults::open(app, context, &record) else {
            continue;
        };
        let (reader, all) = (vault.reader()?, vault.snapshots()?);
        let Some(newest) = backup::snapshots_of(&all, &source.id).next_back() else {
            continue;
        };
        let before = SnapshotView::before(&reader, &all, newest, &connectors);
        return Ok((Some(SnapshotView::open(&reader, newest, &connectors)?), before));
    }
    Ok((None, None))
}
