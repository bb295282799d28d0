//! How everything is: every source by its newest backups, every vault by a brief look.

use std::collections::HashMap;

use backstay_journal::{BackupRow, RunFilter, Source as SourceRecord, Standing, Vault as VaultRecord};
use backstay_model::{ErrorKind, Gap, RunKind, Verdict};
use chrono::TimeDelta;
use serde_json::Value;

use super::{Command, runs};
use crate::{
    App, Context, Result,
    plans::Watched,
    reach::{self, Seen},
    types::{
        Health, Holdings, KitState, OverviewReply, OverviewRequest, RunPoint, SourceHealth, SourceRow, VaultHealth, VaultRow,
    },
};

/// Days of points unless asked otherwise.
const DAYS: i64 = 14;
/// Gaps told of each source.
const GAPS: usize = 100;

/// How everything is. Reads the journal, and each vault's place within a time limit; asks nobody for a password.
pub struct Overview;

impl Command for Overview {
    const NAME: &'static str = "overview";
    type Request = OverviewRequest;
    type Reply = OverviewReply;
    fn run(app: &App, _: &Context<'_>, request: OverviewRequest) -> Result<OverviewReply> {
        let journal = app.journal();
        let sources = match &request.source {
            Some(name) => vec![journal.sources().get(name)?],
            None => journal.sources().list()?,
        };
        let since = request.since.unwrap_or_else(|| app.now() - TimeDelta::days(DAYS));
        let only = request.source.as_ref().and(sources.first()).map(|source| source.id.as_str());
        let mut points: HashMap<String, Vec<RunPoint>> = HashMap::new();
        for row in journal.runs().backups_since(since, only)? {
            points.entry(row.source.clone()).or_default().push(point(&row));
        }
        let samples = crate::sample::sources(app);
        let watched = Watched::of(app)?;
        let told = sources.iter().map(|source| {
            let sample = samples.contains(&source.id);
            health(app, &watched, source, points.remove(&source.id).unwrap_or_default(), sample)
        });
        Ok(OverviewReply {
            sources: told.collect::<Result<_>>()?,
            vaults: vaults(app)?,
        })
    }
}

fn health(app: &App, watched: &Watched, source: &SourceRecord, points: Vec<RunPoint>, sample: bool) -> Result<SourceHealth> {
    let journal = app.journal();
    let vaults = journal.vaults().destinations(&source.id)?;
    let ids: Vec<&str> = vaults.iter().map(|vault| vault.id.as_str()).collect();
    let mut standing = journal.runs().standing(&source.id, &ids)?;
    // A run whose process died is closed by the next job; until then it must not look as if it went on.
    if let Some(dead) = standing.newest.as_mut().filter(|row| is_dead(row)) {
        *dead = closed(dead.clone());
        standing.ended.push(dead.clone());
    }
    let with_gaps = standing.ended.iter().filter(|row| row.gaps > 0).max_by_key(|row| row.started);
    let gaps: Vec<Gap> = match with_gaps {
        Some(row) => journal.runs().gaps(&row.run, None, GAPS)?.rows,
        None => Vec::new(),
    };
    Ok(SourceHealth {
        source: SourceRow {
            id: source.id.clone(),
            name: source.name.clone(),
            kind: source.kind.clone(),
            options: source.config.value().unwrap_or(Value::Null),
            created: source.created,
            capabilities: None,
            last_backup: standing.saved.as_ref().and_then(|row| row.finished),
            last_verdict: standing.newest.as_ref().and_then(|row| row.verdict),
        },
        health: worst(&standing),
        sample,
        last: standing.newest.as_ref().map(point),
        last_good: standing.good.as_ref().map(point),
        holds: standing.saved.as_ref().and_then(|row| row.holdings).map(held),
        gaps,
        points,
        vaults: vaults.into_iter().map(|vault| vault.name).collect(),
        plans: watched.of_source(&source.id).map(|plan| plan.plan.name.clone()).collect(),
        next: watched.next(&source.id),
        promise_minutes: watched
            .promise(&source.id)
            .map(|time| u64::try_from(time.num_minutes()).unwrap_or(0)),
        overdue: watched.is_overdue(&source.id, standing.good.as_ref().map(|row| row.started)),
        held: watched.held.get(&source.id).copied().unwrap_or(0),
    })
}

fn is_dead(row: &BackupRow) -> bool {
    row.verdict.is_none() && row.process.is_gone()
}

fn closed(row: BackupRow) -> BackupRow {
    let message = format!("interrupted: {} ended before the run did", row.process.program);
    BackupRow {
        verdict: Some(Verdict::Failed),
        reason: Some(backstay_journal::Reason {
            kind: ErrorKind::Interrupted,
            message,
        }),
        ..row
    }
}

/// The worst of what ended last, vault by vault: one good copy must not hide that another place got none.
pub(super) fn worst(standing: &Standing) -> Health {
    let rank = |row: &&BackupRow| match row.verdict {
        Some(Verdict::Failed) => 4,
        Some(Verdict::Cancelled) => 3,
        Some(Verdict::Partial) => 2,
        Some(Verdict::Complete) => 1,
        None => 0,
    };
    match standing.ended.iter().max_by_key(rank).and_then(|row| row.verdict) {
        Some(Verdict::Complete) => Health::Complete,
        Some(Verdict::Partial) => Health::Partial,
        Some(Verdict::Failed) => Health::Failed,
        Some(Verdict::Cancelled) => Health::Cancelled,
        None => Health::None,
    }
}

fn held(holds: backstay_journal::Holdings) -> Holdings {
    Holdings {
        collections: holds.collections,
        records: holds.records,
        files: holds.files,
        bytes: holds.bytes,
        workspaces: holds.workspaces,
    }
}

fn point(row: &BackupRow) -> RunPoint {
    RunPoint {
        run: row.run.clone(),
        time: row.started,
        seconds: row.finished.map(|end| (end - row.started).as_seconds_f64()),
        verdict: row.verdict,
        snapshot: row.snapshot.clone(),
        vault: row.vault.as_ref().map(|vault| vault.name.clone()),
        bytes: row.bytes,
        stored: row.stored_bytes,
        gaps: row.gaps,
        reason: row.reason.as_ref().map(|reason| (reason.kind, reason.message.clone())),
    }
}

fn vaults(app: &App) -> Result<Vec<VaultHealth>> {
    let records = app.journal().vaults().list()?;
    let store = app.secrets().ok();
    let looks = reach::look(&records, store.as_ref());
    records
        .iter()
        .zip(looks)
        .map(|(record, seen)| vault(app, record, seen))
        .collect()
}

fn vault(app: &App, record: &VaultRecord, seen: Seen) -> Result<VaultHealth> {
    let runs = app.journal().runs();
    let checks = RunFilter {
        kinds: vec![RunKind::Check],
        vault: Some(record.id.clone()),
        ..RunFilter::default()
    };
    let checked = runs.newest(&checks)?;
    let share = checked.as_ref().map(|run| runs.share(&run.id)).transpose()?;
    Ok(VaultHealth {
        kit: kit(app, record, &seen)?,
        vault: VaultRow {
            name: record.name.clone(),
            path: record.place.clone(),
            repository_id: record.repository_id.clone(),
            created: record.created,
            is_default: record.default,
            remembered: seen.remembered,
            note: None,
        },
        reachable: seen.reachable,
        open: seen.open,
        problem: seen.problem,
        free: seen.free,
        total: seen.total,
        used: app.journal().vaults().used(&record.id)?,
        snapshots: seen.snapshots,
        checked: checked.as_ref().map(|run| runs::row(app, run)),
        checked_share: share.flatten(),
    })
}

/// The kit that counts: the newest one words were typed back from.
fn kit(app: &App, record: &VaultRecord, seen: &Seen) -> Result<KitState> {
    let kits = app.journal().kits().of(&record.id)?;
    let counts = kits.iter().rev().find(|kit| kit.confirmed.is_some());
    Ok(counts.map_or_else(KitState::default, |kit| KitState {
        made: Some(kit.made),
        confirmed: kit.confirmed,
        outdated: reach::is_outdated(kit, seen),
    }))
}
