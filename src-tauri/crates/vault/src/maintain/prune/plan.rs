//! What a prune would do, computed without writing.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::super::table::{Marks, PACK_FRAME, Table};
use crate::Id;
use crate::pack::{BlobKind, PackBlob};

/// How thoroughly to prune.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PruneOptions {
    /// Share of the remaining bytes in percent that may stay unused, because freeing them means copying the rest of
    /// their packs. 0 frees all, 100 copies nothing.
    pub max_unused_percent: f64,
    /// Merge small packs, of which every backup leaves some, once there are many.
    pub merge_small: bool,
}

impl Default for PruneOptions {
    fn default() -> Self {
        Self {
            max_unused_percent: 5.0,
            merge_small: true,
        }
    }
}

/// Size new packs are filled to.
pub(crate) const PACK_TARGET: u64 = 16 << 20;
/// Packs below this are small.
const SMALL: u64 = PACK_TARGET / 4;
/// As many small packs are left alone.
const MANY: usize = 64;

/// What a prune does. All sizes are bytes as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrunePlan {
    /// How it was computed.
    pub options: PruneOptions,
    /// Packs in the vault, and their bytes.
    pub packs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of blobs that the remaining snapshots need.
    pub used_bytes: u64,
    /// Bytes of blobs in packs that stay although nothing needs them.
    pub left_unused_bytes: u64,
    /// Packs no index names: leftovers of interrupted runs.
    pub unreferenced: Vec<Id>,
    /// Packs of which nothing is needed.
    pub unused: Vec<Id>,
    /// Packs whose needed blobs are copied into new packs.
    pub repack: Vec<Id>,
    /// Bytes to copy.
    pub copied_bytes: u64,
    /// Number of new packs.
    pub new_packs: u64,
    /// Bytes of packs freed in the end, the copies already subtracted. While a prune runs it needs up to `copied_bytes` more space.
    pub freed_bytes: u64,
    /// The index names packs that are not there; it is rewritten without them.
    pub forgotten_packs: Vec<Id>,
}

impl PrunePlan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unreferenced.is_empty() && self.unused.is_empty() && self.repack.is_empty() && self.forgotten_packs.is_empty()
    }
}

/// A plan together with the copy of each blob that stays.
pub(crate) struct Worked {
    pub(crate) plan: PrunePlan,
    /// Rows (not first rows) that stay.
    pub(crate) keep: Marks,
    /// Pack rows to copy from, in order.
    pub(crate) repack: Vec<u32>,
    /// Pack rows that go in the end.
    pub(crate) remove: HashSet<u32>,
}

/// What the choice knows of a pack.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// Bytes only this pack holds and somebody needs, header entries included.
    kept: u64,
    blobs: u64,
}

/// Plans a prune of everything not marked in `used`. Every used blob must have a copy that is there.
pub(crate) fn work_out(table: &Table, used: &Marks, options: PruneOptions) -> Worked {
    let (keep, weights) = choose_copies(table, used);
    let mut worked = Worked {
        plan: empty(options),
        keep,
        repack: Vec::new(),
        remove: HashSet::new(),
    };
    let plan = &mut worked.plan;
    let mut partly: Vec<(u32, u64, u64)> = Vec::new();
    let mut whole: Vec<(u32, u64)> = Vec::new();
    for (row, pack) in table.packs.iter().enumerate() {
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        let Some(size) = pack.found else {
            plan.forgotten_packs.push(pack.id);
            worked.remove.insert(number);
            continue;
        };
        plan.packs += 1;
        plan.bytes += size;
        plan.used_bytes += weights[row].kept;
        let waste = size.saturating_sub(weights[row].kept + PACK_FRAME);
        match (pack.indexed, weights[row].blobs) {
            (false, _) => plan.unreferenced.push(pack.id),
            (true, 0) => plan.unused.push(pack.id),
            (true, _) if waste > 0 => {
                partly.push((number, waste, size));
                continue;
            }
            (true, _) => {
                whole.push((number, size));
                continue;
            }
        }
        worked.remove.insert(number);
    }
    choose_repacks(table, &mut worked, partly, whole);
    simulate(table, &mut worked);
    worked
}

fn empty(options: PruneOptions) -> PrunePlan {
    PrunePlan {
        options,
        packs: 0,
        bytes: 0,
        used_bytes: 0,
        left_unused_bytes: 0,
        unreferenced: Vec::new(),
        unused: Vec::new(),
        repack: Vec::new(),
        copied_bytes: 0,
        new_packs: 0,
        freed_bytes: 0,
        forgotten_packs: Vec::new(),
    }
}

/// Of each used blob one copy stays: the one whose pack has most to keep anyway, so that the others can go.
fn choose_copies(table: &Table, used: &Marks) -> (Marks, Vec<Weight>) {
    let mut keep = Marks::new(table);
    let mut weights = vec![Weight::default(); table.packs.len()];
    let mut several = Vec::new();
    let mut first = 0;
    while first < table.blobs.len() {
        let copies = table.copies(first);
        if used.has(first) {
            if copies.len() == 1 {
                take(table, first, &mut keep, &mut weights);
            } else {
                several.push(first);
            }
        }
        first = copies.end;
    }
    for first in several {
        let whole = |pack: u32| table.packs[pack as usize].found == Some(table.expected(pack));
        let there = table.copies(first).filter(|row| whole(table.blobs[*row].pack));
        let best = there.max_by_key(|row| (weights[table.blobs[*row].pack as usize].kept, std::cmp::Reverse(*row)));
        take(table, best.unwrap_or(first), &mut keep, &mut weights);
    }
    (keep, weights)
}

fn take(table: &Table, row: usize, keep: &mut Marks, weights: &mut [Weight]) {
    let blob = &table.blobs[row];
    keep.set(row);
    weights[blob.pack as usize].kept += blob.stored();
    weights[blob.pack as usize].blobs += 1;
}

/// Takes the most wasteful packs until few enough unused bytes stay, and small ones if there are many.
fn choose_repacks(table: &Table, worked: &mut Worked, mut partly: Vec<(u32, u64, u64)>, whole: Vec<(u32, u64)>) {
    let plan = &mut worked.plan;
    let share = (plan.options.max_unused_percent / 100.0).clamp(0.0, 1.0);
    // The share is of what remains, used and unused together.
    let limit = if share >= 1.0 {
        f64::INFINITY
    } else {
        plan.used_bytes as f64 * share / (1.0 - share)
    };
    let mut unused: u64 = partly.iter().map(|(_, waste, _)| waste).sum();
    // waste/size descending, without dividing; then by id, so that the plan is always the same.
    partly.sort_by(|a, b| {
        let (x, y) = (u128::from(a.1) * u128::from(b.2), u128::from(b.1) * u128::from(a.2));
        y.cmp(&x)
            .then_with(|| table.packs[a.0 as usize].id.cmp(&table.packs[b.0 as usize].id))
    });
    let mut stay: Vec<(u32, u64)> = whole;
    for (pack, waste, size) in partly {
        if unused as f64 > limit {
            unused -= waste;
            worked.repack.push(pack);
        } else {
            stay.push((pack, size));
        }
    }
    plan.left_unused_bytes = unused;
    for kind in [BlobKind::Data, BlobKind::Tree] {
        let small = |pack: u32, size: u64| size < SMALL && table.blobs_of(pack).next().is_some_and(|b| b.kind == kind);
        let small: Vec<u32> = stay
            .iter()
            .filter(|(pack, size)| small(*pack, *size))
            .map(|(pack, _)| *pack)
            .collect();
        if plan.options.merge_small && small.len() >= MANY {
            plan.left_unused_bytes -= small.iter().map(|pack| waste_of(table, &worked.keep, *pack)).sum::<u64>();
            worked.repack.extend(small);
        }
    }
    worked.remove.extend(&worked.repack);
    plan.repack = worked.repack.iter().map(|pack| table.packs[*pack as usize].id).collect();
}

fn waste_of(table: &Table, keep: &Marks, pack: u32) -> u64 {
    let size = table.packs[pack as usize].found.unwrap_or(0);
    let kept: u64 = kept_rows(table, keep, pack).map(|row| table.blobs[row].stored()).sum();
    size.saturating_sub(kept + PACK_FRAME)
}

/// Rows of a pack that stay, by offset.
pub(crate) fn kept_rows<'a>(table: &'a Table, keep: &'a Marks, pack: u32) -> impl Iterator<Item = usize> + 'a {
    table
        .rows_of(pack)
        .iter()
        .map(|row| *row as usize)
        .filter(|row| keep.has(*row))
}

/// Whether a pack being filled is written before a blob is added. The plan and the copying both cut by this rule, so
/// that the bytes announced are the bytes freed.
pub(crate) fn is_full(blobs_bytes: u64, next: &PackBlob) -> bool {
    blobs_bytes > 0 && blobs_bytes + u64::from(next.length) > PACK_TARGET
}

/// Counts the new packs and bytes by cutting as the copying will.
fn simulate(table: &Table, worked: &mut Worked) {
    let mut new_bytes = 0;
    for kind in [BlobKind::Data, BlobKind::Tree] {
        let mut filled = 0;
        for pack in &worked.repack {
            for row in kept_rows(table, &worked.keep, *pack) {
                let blob = &table.blobs[row];
                if blob.blob.kind != kind {
                    continue;
                }
                if filled == 0 || is_full(filled, &blob.blob) {
                    worked.plan.new_packs += 1;
                    new_bytes += PACK_FRAME;
                    filled = 0;
                }
                filled += u64::from(blob.blob.length);
                new_bytes += blob.stored();
                worked.plan.copied_bytes += u64::from(blob.blob.length);
            }
        }
    }
    let gone: u64 = worked
        .remove
        .iter()
        .filter_map(|pack| table.packs[*pack as usize].found)
        .sum();
    worked.plan.freed_bytes = gone.saturating_sub(new_bytes);
}
