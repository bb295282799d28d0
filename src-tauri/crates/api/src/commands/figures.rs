//! Figures for the dashboard, from the journal alone: no vault is opened, no source is asked.

use std::collections::{BTreeMap, HashMap};

use backstay_journal::{BackupRow, Drill, DrillScope, Source as SourceRecord};
use backstay_model::Verdict;
use chrono::{DateTime, Local, TimeDelta, Utc};

use super::{Command, drills::ages_of, overview, plans::day};
use crate::{
    App, Context, Result,
    plans::{Watched, alerts::share},
    types::{DayPoint, FiguresReply, FiguresRequest, ProofReply, RunCounts, SourceFigures, Task},
};

/// Shows how each source did over time, and all together.
pub struct Figures;

/// Days unless asked otherwise.
const DAYS: u32 = 30;
/// Most days.
const MOST: u32 = 730;
/// Drills shown of each source.
const DRILLS: usize = 30;

impl Command for Figures {
    const NAME: &'static str = "figures";
    type Request = FiguresRequest;
    type Reply = FiguresReply;
    fn run(app: &App, _: &Context<'_>, request: FiguresRequest) -> Result<FiguresReply> {
        let days = i64::from(request.days.unwrap_or(DAYS).clamp(1, MOST));
        let watched = Watched::of(app)?;
        let first = watched.now.with_timezone(&Local).date_naive() - TimeDelta::days(days - 1);
        let since = first
            .and_hms_opt(0, 0, 0)
            .and_then(|midnight| midnight.and_local_timezone(Local).earliest())
            .map_or(watched.now - TimeDelta::days(days), |midnight| midnight.with_timezone(&Utc));
        let sources = match &request.source {
            Some(name) => vec![app.journal().sources().get(name)?],
            None => app.journal().sources().list()?,
        };
        let only = request.source.as_ref().and(sources.first()).map(|source| source.id.as_str());
        let mut runs: HashMap<String, Vec<BackupRow>> = HashMap::new();
        for run in app.journal().runs().backups_since(since, only)? {
            runs.entry(run.source.clone()).or_default().push(run);
        }
        let mut reply = FiguresReply {
            from: first.format("%Y-%m-%d").to_string(),
            to: day(watched.now),
            ..FiguresReply::default()
        };
        for source in &sources {
            let runs = runs.remove(&source.id).unwrap_or_default();
            reply.sources.push(of(app, &watched, source, &runs, days)?);
        }
        together(app, &watched, since, &mut reply)?;
        Ok(reply)
    }
}

fn of(app: &App, watched: &Watched, source: &SourceRecord, runs: &[BackupRow], days: i64) -> Result<SourceFigures> {
    let vaults = app.journal().vaults().destinations(&source.id)?;
    let ids: Vec<&str> = vaults.iter().map(|vault| vault.id.as_str()).collect();
    let standing = app.journal().runs().standing(&source.id, &ids)?;
    let good = standing.good.as_ref().map(|run| run.started);
    let counts = counted(runs.iter());
    let drills: Vec<Drill> = app.journal().drills().of_source(&source.id, DRILLS)?;
    let full = || drills.iter().filter(|drill| drill.scope == DrillScope::Everything);
    let minutes = |time: TimeDelta| u64::try_from(time.num_minutes()).unwrap_or(0);
    let mut trend: Vec<(DateTime<Utc>, f64)> = full()
        .filter(|drill| drill.verdict != Verdict::Failed)
        .map(|drill| (drill.started, drill.seconds))
        .collect();
    trend.reverse();
    Ok(SourceFigures {
        source: source.name.clone(),
        kind: source.kind.clone(),
        health: overview::worst(&standing),
        overdue: watched.is_overdue(&source.id, good),
        held: watched.held.contains_key(&source.id),
        last_good: standing.good.as_ref().and_then(|run| run.finished),
        next: watched.next(&source.id),
        promise_minutes: watched.promise(&source.id).map(minutes),
        runs: counts,
        success_percent: success(counts),
        rpo_minutes: good.map(|good| minutes(watched.now - good)),
        rto_seconds: trend.last().map(|(_, seconds)| *seconds),
        drilled: full().next().map(|drill| drill.started),
        drill_verdict: full().next().map(|drill| drill.verdict),
        drills: trend,
        days: by_day(runs, good, days, watched.now),
    })
}

fn counted<'a>(runs: impl Iterator<Item = &'a BackupRow>) -> RunCounts {
    let mut counts = RunCounts::default();
    for run in runs {
        match run.verdict {
            Some(Verdict::Complete) => counts.complete += 1,
            Some(Verdict::Partial) => counts.partial += 1,
            Some(Verdict::Failed) => counts.failed += 1,
            Some(Verdict::Cancelled) => counts.cancelled += 1,
            None => {}
        }
    }
    counts
}

/// Only complete is a success; what a person stopped counts neither way.
fn success(counts: RunCounts) -> Option<f64> {
    let all = counts.complete + counts.partial + counts.failed;
    (all > 0).then(|| share(counts.complete, all))
}

fn by_day(runs: &[BackupRow], newest_good: Option<DateTime<Utc>>, days: i64, now: DateTime<Utc>) -> Vec<DayPoint> {
    let mut found: BTreeMap<String, Vec<&BackupRow>> = BTreeMap::new();
    for run in runs {
        found.entry(day(run.started)).or_default().push(run);
    }
    let mut good: Vec<DateTime<Utc>> = newest_good.into_iter().collect();
    let complete = runs.iter().filter(|run| run.verdict == Some(Verdict::Complete));
    good.extend(complete.map(|run| run.started));
    good.sort_unstable();
    let ages = ages_of(&good, days, now);
    for day in ages.keys() {
        found.entry(day.clone()).or_default();
    }
    let point = |(day, runs): (String, Vec<&BackupRow>)| {
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Complete => 0,
            Verdict::Cancelled => 1,
            Verdict::Partial => 2,
            Verdict::Failed => 3,
        };
        let sum = |count: fn(&BackupRow) -> u64| runs.iter().map(|run| count(run)).sum();
        let seconds = runs
            .iter()
            .filter_map(|run| Some((run.finished? - run.started).as_seconds_f64()))
            .fold(None, |most: Option<f64>, one| Some(most.map_or(one, |most| most.max(one))));
        DayPoint {
            runs: counted(runs.iter().copied()),
            worst: runs.iter().filter_map(|run| run.verdict).max_by_key(rank),
            size: runs.iter().rev().find_map(|run| run.holdings).map(|held| held.bytes),
            stored: sum(|run| run.stored_bytes),
            changes: (
                sum(|run| run.changes.added),
                sum(|run| run.changes.changed),
                sum(|run| run.changes.removed),
            ),
            seconds,
            age_minutes: ages.get(&day).copied(),
            day,
        }
    };
    found.into_iter().map(point).collect()
}

fn together(app: &App, watched: &Watched, since: DateTime<Utc>, reply: &mut FiguresReply) -> Result<()> {
    for source in &reply.sources {
        reply.runs.complete += source.runs.complete;
        reply.runs.partial += source.runs.partial;
        reply.runs.failed += source.runs.failed;
        reply.runs.cancelled += source.runs.cancelled;
    }
    reply.success_percent = success(reply.runs);
    reply.rpo_minutes = reply.sources.iter().filter_map(|source| source.rpo_minutes).max();
    reply.never_drilled = reply.sources.iter().filter(|source| source.rto_seconds.is_none()).count() as u64;
    let all: Option<Vec<f64>> = reply.sources.iter().map(|source| source.rto_seconds).collect();
    reply.rto_seconds = all.filter(|all| !all.is_empty()).map(|all| all.iter().sum());
    for plan in &watched.plans {
        let slots = app
            .journal()
            .slots()
            .since(&plan.plan.id, Some(Task::Backup.name()), since, watched.now)?;
        let rows: Vec<_> = slots.iter().map(|slot| super::proof::row(slot, None)).collect();
        let mut proof = ProofReply::default();
        super::proof::count(&rows, &mut proof);
        reply.moments.0 += proof.moments;
        reply.moments.1 += proof.kept;
    }
    for vault in app.journal().vaults().list()? {
        if let Some(used) = app.journal().vaults().used(&vault.id)? {
            *reply.used.get_or_insert(0) += used;
        }
    }
    Ok(())
}
