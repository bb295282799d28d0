//! What a repair would do, computed from a check.

use std::collections::BTreeMap;

use super::super::Watch;
use super::super::access::{Access, Opener, TreeReader};
use super::super::check::Inspection;
use super::super::report::{Problem, SnapshotLoss};
use super::super::stock::Head;
use super::super::table::Table;
use super::{RepairOptions, RepairPlan, RepairStep, TAG_REPAIRED, check_options};
use crate::pack::{PackBlob, read_header};
use crate::place::FileKind;
use crate::{Id, Result};

/// A plan with what it was computed from.
pub(super) struct Worked {
    pub(super) plan: RepairPlan,
    pub(super) found: Inspection,
    /// What is good in each damaged pack, by row of the pack.
    pub(super) salvage: BTreeMap<u32, Vec<PackBlob>>,
    /// Rows of packs to enter into the index.
    pub(super) enter: Vec<u32>,
    /// Rows of packs that are not there.
    pub(super) forget: Vec<u32>,
}

pub(super) fn work_out(access: &Access, options: RepairOptions, watch: &dyn Watch) -> Result<Worked> {
    let mut found = access.inspect(&check_options(&options), watch)?;
    let mut steps = Vec::new();
    let good_keys = good_keys(access, &found)?;
    for problem in &found.report.problems {
        steps.extend(small_step(problem, good_keys));
    }
    // They are removed before anything else: they keep the repair's own lock away.
    steps.sort_by_key(|step| !matches!(step, RepairStep::RemoveStaleLock { .. }));
    let salvage = salvage(access, &found)?;
    let blobs = salvage.values().flatten();
    found.recovered = blobs.filter_map(|blob| found.stock.table.find(blob.kind, &blob.id)).collect();
    let table = &found.stock.table;
    let enter = to_enter(&found);
    let numbers = 0..u32::try_from(table.packs.len()).unwrap_or(u32::MAX);
    let forget: Vec<u32> = numbers
        .filter(|n| table.packs[*n as usize].indexed && table.packs[*n as usize].found.is_none())
        .collect();
    for pack in &enter {
        steps.push(RepairStep::IndexPack {
            pack: table.packs[*pack as usize].id,
            blobs: table.rows_of(*pack).len() as u64,
        });
    }
    for pack in &forget {
        steps.push(RepairStep::ForgetPack {
            pack: table.packs[*pack as usize].id,
            blobs: table.rows_of(*pack).len() as u64,
        });
    }
    for (pack, saved) in &salvage {
        let known = table.rows_of(*pack).len().max(saved.len());
        let (saved, lost) = (saved.len() as u64, (known - saved.len()) as u64);
        steps.push(RepairStep::SalvagePack {
            pack: table.packs[*pack as usize].id,
            saved,
            lost,
        });
    }
    let losses = losses(access, &found, &options)?;
    steps.extend(
        losses
            .iter()
            .filter_map(|loss| snapshot_step(&found, loss, options.replace_snapshots)),
    );
    let plan = RepairPlan {
        options,
        steps,
        losses,
        check: found.report.clone(),
    };
    Ok(Worked {
        plan,
        found,
        salvage,
        enter,
        forget,
    })
}

/// What stays lost with all that can be salvaged.
fn losses(access: &Access, found: &Inspection, options: &RepairOptions) -> Result<Vec<SnapshotLoss>> {
    if found.report.losses.is_empty() {
        return Ok(Vec::new());
    }
    let trees = TreeReader::new(access, &found.stock.table)?;
    Ok(access.losses(
        &found.stock,
        &|first| found.is_lost(first),
        &trees,
        options.paths_per_snapshot,
    ))
}

/// What becomes of a snapshot that lost something.
fn snapshot_step(found: &Inspection, loss: &SnapshotLoss, replace: bool) -> Option<RepairStep> {
    let snapshot = loss.snapshot;
    let successor = |head: &Head| head.original == Some(snapshot) && head.has(TAG_REPAIRED);
    if found.stock.snapshots.iter().any(|(_, head)| successor(head)) {
        // An earlier repair wrote it anew; once is enough.
        return replace.then_some(RepairStep::SetAsideOriginal { snapshot });
    }
    if loss.paths.first().is_some_and(|p| p.path.is_empty() && p.directory) {
        return replace.then_some(RepairStep::LoseSnapshot { snapshot });
    }
    Some(RepairStep::RewriteSnapshot {
        snapshot,
        lost: loss.count,
        replace,
    })
}

fn small_step(problem: &Problem, good_keys: usize) -> Option<RepairStep> {
    match problem {
        Problem::StaleLock { lock } => Some(RepairStep::RemoveStaleLock { lock: *lock }),
        Problem::StrayFile { path, bytes } => Some(RepairStep::RemoveStray {
            path: path.clone(),
            bytes: *bytes,
        }),
        Problem::KeyDamaged { key, .. } if good_keys > 0 => Some(RepairStep::SetAsideKey { key: *key }),
        Problem::IndexDamaged { index, .. } => Some(RepairStep::SetAsideIndex { index: *index }),
        Problem::SnapshotDamaged { snapshot, .. } => Some(RepairStep::SetAsideSnapshot { snapshot: *snapshot }),
        _ => None,
    }
}

fn good_keys(access: &Access, found: &Inspection) -> Result<usize> {
    let bad = found
        .report
        .problems
        .iter()
        .filter(|p| matches!(p, Problem::KeyDamaged { .. }))
        .count();
    Ok(access.place.list(FileKind::Key)?.len().saturating_sub(bad))
}

/// Packs that no index file names: all sound ones when index files are damaged (they may be what those named), else
/// those that hold something needed.
fn to_enter(found: &Inspection) -> Vec<u32> {
    let table = &found.stock.table;
    let lost_index = !found.stock.bad_indexes.is_empty();
    let open = |n: &u32| !table.packs[*n as usize].indexed && !table.rows_of(*n).is_empty() && !found.bad_packs.contains(n);
    let numbers = 0..u32::try_from(table.packs.len()).unwrap_or(u32::MAX);
    numbers
        .filter(|n| open(n) && (lost_index || found.unlisted.contains_key(n)))
        .collect()
}

/// What can be read of each damaged pack that is there: by the index, and by its own header where that says more.
fn salvage(access: &Access, found: &Inspection) -> Result<BTreeMap<u32, Vec<PackBlob>>> {
    let table = &found.stock.table;
    let mut opener = Opener::new(&access.key)?;
    let mut saved = BTreeMap::new();
    for pack in &found.bad_packs {
        let row = &table.packs[*pack as usize];
        let Some(size) = row.found.filter(|_| row.indexed || found.unlisted.contains_key(pack)) else {
            continue;
        };
        let mut good: Vec<PackBlob> = Vec::new();
        for blob in candidates(access, table, *pack, size) {
            if !good.iter().any(|g| g.id == blob.id && g.kind == blob.kind) && access.blob(&row.id, &blob, &mut opener).is_ok() {
                good.push(blob);
            }
        }
        saved.insert(*pack, good);
    }
    Ok(saved)
}

fn candidates(access: &Access, table: &Table, pack: u32, size: u64) -> Vec<PackBlob> {
    let mut blobs: Vec<PackBlob> = table.blobs_of(pack).copied().collect();
    let id: &Id = &table.packs[pack as usize].id;
    for blob in read_header(access.place.as_ref(), &access.key, id, size).unwrap_or_default() {
        if !blobs.contains(&blob) {
            blobs.push(blob);
        }
    }
    blobs
}
