//! Judging a new snapshot by the one before it. The cost follows the change: what is the same is told without reading it.

use std::collections::BTreeSet;

use backstay_model::{Stage, WorkspaceMeta};

use super::{
    Column, ColumnChange, GuardRules, SnapshotView, Trip,
    files::{count_lost_before, directory_of, gone_files},
    gaps::Gaps,
    pairs::{Pair, pairs},
    rules::percent,
};
use crate::{Job, Meter, Result};

/// Compares `now` with the last snapshot of the source before it ([`SnapshotView::before`]) and says which guards trip.
///
/// What is missing because of a gap is not gone: the run is partial and says so itself.
///
/// # Errors
/// When a snapshot cannot be read, or the job is cancelled.
pub fn judge(rules: &GuardRules, before: &SnapshotView, now: &SnapshotView, job: &Job<'_>) -> Result<Vec<Trip>> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Comparing, None, None);
    let gaps = Gaps::of(&now.meta.gaps);
    let pairs = pairs(before, now, &gaps)?;
    let mut trips = Vec::new();
    let lost = if rules.coverage {
        Lost::of(before, now, &gaps, &pairs)?
    } else {
        Lost::default()
    };
    if !lost.names.is_empty() {
        trips.push(Trip::CoverageLost {
            names: lost.names.iter().cloned().collect(),
        });
    }
    for pair in &pairs {
        job.cancel.check()?;
        meter.add(1, 0, pair.name());
        if rules.schema
            && let Some(trip) = schema(pair)
        {
            trips.push(trip);
        }
        if !lost.covers(pair) {
            trips.extend(records(rules, pair, job)?);
        }
    }
    // The files of such a source are its databases: their loss is told by name.
    if !before.is_derived() || !rules.coverage {
        trips.extend(files(rules, before, now, job)?);
    }
    Ok(trips)
}

/// What fell out of reach.
#[derive(Default)]
struct Lost {
    /// Collections, and files of databases.
    names: BTreeSet<String>,
    /// Files of databases that are gone on purpose or by accident: their tables are no cause of their own.
    files: BTreeSet<String>,
}

impl Lost {
    fn of(before: &SnapshotView, now: &SnapshotView, gaps: &Gaps, pairs: &[Pair<'_>]) -> Result<Self> {
        let mut lost = Self::default();
        let tables = pairs.iter().filter_map(|pair| pair.was.file.as_deref());
        let workspaces = before.meta.workspaces.iter().map(|workspace| workspace.path.as_str());
        let databases: BTreeSet<&str> = tables.chain(workspaces).collect();
        for path in databases {
            if gaps.cover(path) || now.file(path)?.is_some() {
                continue;
            }
            lost.files.insert(path.to_owned());
            let mut own = pairs.iter().filter(|pair| pair.was.file.as_deref() == Some(path));
            let lives_on = own.any(|pair| pair.is.is_some()) || succeeded(path, &before.meta.workspaces, &now.meta.workspaces);
            if !lives_on {
                lost.names.insert(path.to_owned());
            }
        }
        for pair in pairs.iter().filter(|pair| pair.is.is_none() && !pair.explained) {
            if !pair.was.file.as_ref().is_some_and(|file| lost.files.contains(file)) {
                lost.names.insert(pair.name().to_owned());
            }
        }
        Ok(lost)
    }

    /// Whether the loss of this table's records is told by the loss of the whole.
    fn covers(&self, pair: &Pair<'_>) -> bool {
        let with_file = || pair.was.file.as_ref().is_some_and(|file| self.files.contains(file));
        pair.is.is_none() && (self.names.contains(pair.name()) || with_file())
    }
}

/// Whether the workspace the file belonged to goes on in another file beside it, as some change their files with every version.
fn succeeded(path: &str, before: &[WorkspaceMeta], now: &[WorkspaceMeta]) -> bool {
    let Some(was) = before.iter().find(|workspace| workspace.path == path) else {
        return false;
    };
    now.iter()
        .any(|other| other.instance_id == was.instance_id && directory_of(&other.path) == directory_of(path))
}

/// Columns that are gone or of another kind.
fn schema(pair: &Pair<'_>) -> Option<Trip> {
    let is = pair.is.as_ref()?;
    let later = |name: &str| is.about.schema.fields.iter().find(|field| field.name == name);
    let fields = &pair.was.about.schema.fields;
    let gone: Vec<Column> = fields.iter().filter(|f| later(&f.name).is_none()).map(Column::from).collect();
    let retyped = fields.iter().filter_map(|field| {
        let now = later(&field.name).filter(|now| now.kind != field.kind)?;
        Some(ColumnChange {
            name: field.name.clone(),
            before: field.kind.clone(),
            now: now.kind.clone(),
        })
    });
    let retyped: Vec<ColumnChange> = retyped.collect();
    let changed = !gone.is_empty() || !retyped.is_empty();
    changed.then(|| Trip::SchemaChanged {
        collection: pair.name().to_owned(),
        gone,
        retyped,
    })
}

/// Too many records that are gone. Ids are read only where so many could be.
fn records(rules: &GuardRules, pair: &Pair<'_>, job: &Job<'_>) -> Result<Option<Trip>> {
    if pair.same || pair.explained {
        return Ok(None);
    }
    let before = pair.before()?;
    if before == 0 {
        return Ok(None);
    }
    let collection = pair.name().to_owned();
    let now = pair.now()?;
    let limit = rules.limit(before).filter(|limit| before >= *limit);
    let emptied = rules.emptied && now == 0;
    if limit.is_none() && !emptied {
        return Ok(None);
    }
    let gone = pair.count_gone(job)?;
    if emptied && gone > 0 {
        return Ok(Some(Trip::Emptied { collection, before }));
    }
    Ok(limit.filter(|limit| gone >= *limit).map(|_| Trip::MassDeletion {
        collection,
        before,
        now,
        gone,
        share: percent(gone, before),
    }))
}

/// Files before and now, and how many paths of before have none any more.
pub(super) fn file_counts(before: &SnapshotView, now: &SnapshotView, job: &Job<'_>) -> Result<(u64, u64, u64)> {
    let mut gone = 0;
    gone_files(before, now, job, &mut |_| {
        gone += 1;
        Ok(true)
    })?;
    Ok((before.meta.files + count_lost_before(before)?, now.meta.files, gone))
}

fn files(rules: &GuardRules, before: &SnapshotView, now: &SnapshotView, job: &Job<'_>) -> Result<Option<Trip>> {
    if before.files.is_none() {
        return Ok(None);
    }
    let (before, now, gone) = file_counts(before, now, job)?;
    let emptied = rules.emptied && now == 0 && gone > 0;
    Ok((emptied || rules.is_mass(before, gone)).then(|| Trip::FilesGone {
        before,
        now,
        gone,
        share: percent(gone, before),
    }))
}
