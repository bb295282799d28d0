//! Frees the space of what no snapshot needs.
//!
//! Safe to kill at any moment: what is needed is copied and indexed anew before anything old goes, so at worst files are
//! left over that the next prune removes. Refuses, and changes nothing, when anything needed cannot be found.

mod plan;

use super::access::{Access, Opener, TreeReader};
use super::packer::{IndexChange, NewPack, Packer};
use super::report::Problem;
use super::stock::{Headers, Stock};
use super::table::Marks;
use super::walk::{Obstacle, Walk};
use super::{Steps, Watch, lock_to_read};
use crate::lock::LockGuard;
use crate::pack::{BlobKind, PackBlob};
use crate::place::FileKind;
use crate::{Id, Result, Vault, VaultError};

use backstay_model::Stage;

pub(crate) use plan::is_full;
pub use plan::{PruneOptions, PrunePlan};
use plan::{Worked, kept_rows, work_out};

/// Bytes read at once while copying.
const WINDOW: u64 = 4 << 20;

/// What a prune would do. Takes a shared lock.
///
/// # Errors
/// [`VaultError::Unsound`] when a snapshot, an index file or anything a snapshot needs is missing or damaged.
pub fn plan_prune(vault: &Vault, options: PruneOptions, watch: &dyn Watch) -> Result<PrunePlan> {
    let _lock = lock_to_read(vault)?;
    let access = Access::new(vault);
    let steps = Steps::new(watch, Stage::Comparing);
    let stock = access.sound_stock()?;
    let used = access.needed(&stock, |_| true, &steps)?;
    Ok(work_out(&stock.table, &used, options).plan)
}

/// Prunes under an exclusive lock. With `expected`, a plan shown before, it refuses if it would now do something else.
///
/// # Errors
/// As [`plan_prune`]; [`VaultError::PlanOutdated`] when the vault changed since `expected`; [`VaultError::LockLost`];
/// or the place fails. Whatever the error, every snapshot is as readable as before.
pub fn prune(vault: &Vault, options: PruneOptions, expected: Option<&PrunePlan>, watch: &dyn Watch) -> Result<PrunePlan> {
    let lock = vault.lock_exclusive()?;
    let access = Access::new(vault);
    let steps = Steps::new(watch, Stage::Comparing);
    let stock = access.sound_stock()?;
    let used = access.needed(&stock, |_| true, &steps)?;
    let worked = work_out(&stock.table, &used, options);
    if expected.is_some_and(|expected| *expected != worked.plan) {
        return Err(VaultError::PlanOutdated);
    }
    drop(used);
    access.perform(&stock, &worked, &lock, &Steps::new(watch, Stage::Writing))?;
    Ok(worked.plan)
}

/// The plan for a vault of which only `used` is needed.
pub(super) fn plan_for(stock: &Stock, used: &Marks, options: PruneOptions) -> PrunePlan {
    work_out(&stock.table, used, options).plan
}

impl Access {
    /// Everything there is, provided that it is whole: a damaged snapshot or index may name what looks unneeded.
    pub(crate) fn sound_stock(&self) -> Result<Stock> {
        let stock = self.stock(Headers::PassOver)?;
        let unsound = |problem| {
            Err(VaultError::Unsound {
                problem: Box::new(problem),
            })
        };
        if let Some((snapshot, flaw)) = stock.bad_snapshots.first() {
            return unsound(Problem::SnapshotDamaged {
                snapshot: *snapshot,
                flaw: flaw.clone(),
            });
        }
        if let Some((index, flaw)) = stock.bad_indexes.first() {
            return unsound(Problem::IndexDamaged {
                index: *index,
                flaw: flaw.clone(),
            });
        }
        Ok(stock)
    }

    /// Marks what the snapshots chosen need, and makes sure that all of it is there.
    pub(crate) fn needed(&self, stock: &Stock, chosen: impl Fn(&Id) -> bool, steps: &Steps<'_>) -> Result<Marks> {
        let trees = TreeReader::new(self, &stock.table)?;
        let mut walk = Walk::new(&stock.table, &trees);
        for (id, head) in stock.snapshots.iter().filter(|(id, _)| chosen(id)) {
            let mut first = None;
            let mut obstacle = |met: Obstacle| first = first.take().or_else(|| in_the_way(met, &trees, stock));
            if !walk.mark(head.tree, &mut obstacle, &|| steps.go_on()) {
                return Err(VaultError::Cancelled);
            }
            if let Some(problem) = first {
                tracing::debug!("{problem} (snapshot {id})");
                return Err(VaultError::Unsound {
                    problem: Box::new(problem),
                });
            }
            steps.done(1, 0);
        }
        let used = walk.used;
        all_there(stock, &used)?;
        Ok(used)
    }

    fn perform(&self, stock: &Stock, worked: &Worked, lock: &LockGuard, steps: &Steps<'_>) -> Result<()> {
        if worked.plan.is_empty() {
            return Ok(());
        }
        self.try_only_copies(stock, worked)?;
        let added = self.copy(stock, worked, steps)?;
        let change = IndexChange {
            without: worked.remove.clone(),
            added,
        };
        let old = self.write_index(stock, change)?;
        // From here on things go. Someone who broke our lock may be writing snapshots that rely on them.
        if !lock.is_held()? {
            return Err(VaultError::LockLost);
        }
        old.iter().try_for_each(|id| self.place.remove(FileKind::Index, id))?;
        let mut gone: Vec<&u32> = worked.remove.iter().collect();
        gone.sort_unstable();
        for pack in gone {
            let row = &stock.table.packs[*pack as usize];
            if let Some(size) = row.found {
                self.place.remove(FileKind::Pack, &row.id)?;
                steps.done(1, size);
            }
        }
        Ok(())
    }

    /// Where a blob has several copies and some go, the one that stays unread must be good: it may be the one that rotted.
    fn try_only_copies(&self, stock: &Stock, worked: &Worked) -> Result<()> {
        let table = &stock.table;
        let mut opener = Opener::new(&self.key)?;
        let mut first = 0;
        while first < table.blobs.len() {
            let copies = table.copies(first);
            let goes = |row: &usize| worked.remove.contains(&table.blobs[*row].pack);
            if copies.len() > 1 && copies.clone().any(|row| goes(&row)) {
                for row in copies.clone().filter(|row| worked.keep.has(*row) && !goes(row)) {
                    let blob = &table.blobs[row];
                    let pack = table.packs[blob.pack as usize].id;
                    if let Err(flaw) = self.blob(&pack, &blob.blob, &mut opener) {
                        let problem = Problem::BlobDamaged {
                            blob: blob.blob.id,
                            kind: blob.blob.kind,
                            pack,
                            flaw,
                        };
                        return Err(VaultError::Unsound {
                            problem: Box::new(problem),
                        });
                    }
                }
            }
            first = copies.end;
        }
        Ok(())
    }

    /// Copies what stays of the packs that go. The seals are kept; each blob is opened to be sure it is worth keeping.
    fn copy(&self, stock: &Stock, worked: &Worked, steps: &Steps<'_>) -> Result<Vec<NewPack>> {
        let mut opener = Opener::new(&self.key)?;
        let mut added = Vec::new();
        steps.begin(worked.repack.len() as u64);
        // One kind after the other, so that one pack at a time is in memory.
        for kind in [BlobKind::Data, BlobKind::Tree] {
            let mut packer = Packer::new(self, kind);
            for pack in &worked.repack {
                if !steps.go_on() {
                    return Err(VaultError::Cancelled);
                }
                let rows = kept_rows(&stock.table, &worked.keep, *pack);
                let blobs: Vec<PackBlob> = rows
                    .map(|row| stock.table.blobs[row].blob)
                    .filter(|b| b.kind == kind)
                    .collect();
                self.copy_from(stock.table.packs[*pack as usize].id, &blobs, &mut opener, &mut packer)?;
                steps.done(
                    u64::from(kind == BlobKind::Data),
                    blobs.iter().map(|b| u64::from(b.length)).sum(),
                );
            }
            added.extend(packer.finish()?);
        }
        Ok(added)
    }

    fn copy_from(&self, pack: Id, blobs: &[PackBlob], opener: &mut Opener, packer: &mut Packer<'_>) -> Result<()> {
        let (mut window, mut copy, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups(blobs) {
            let start = u64::from(group[0].offset);
            let end = group.last().map_or(start, |b| u64::from(b.offset) + u64::from(b.length));
            let length = usize::try_from(end - start).unwrap_or(usize::MAX);
            self.place.read_range(FileKind::Pack, &pack, start, length, &mut window)?;
            for blob in group {
                let at = (blob.offset - group[0].offset) as usize;
                let sealed = &window[at..at + blob.length as usize];
                copy.clear();
                copy.extend_from_slice(sealed);
                if let Err(damage) = opener.open(blob, &mut copy, &mut plain) {
                    return Err(VaultError::BlobDamaged {
                        id: blob.id,
                        pack,
                        damage,
                    });
                }
                packer.add_sealed(blob, sealed)?;
            }
        }
        Ok(())
    }
}

/// Neighbouring blobs, sorted by offset, that are read at once; small gaps are read too.
fn groups(blobs: &[PackBlob]) -> impl Iterator<Item = &[PackBlob]> {
    let mut rest = blobs;
    std::iter::from_fn(move || {
        let first = rest.first()?;
        let near = |b: &&PackBlob| u64::from(b.offset) + u64::from(b.length) <= u64::from(first.offset) + WINDOW;
        let count = rest.iter().take_while(near).count().max(1);
        let (group, after) = rest.split_at(count);
        rest = after;
        Some(group)
    })
}

/// What an obstacle means for a prune; a wrong file size does not stand in its way.
fn in_the_way(obstacle: Obstacle, trees: &TreeReader<'_>, stock: &Stock) -> Option<Problem> {
    match obstacle {
        Obstacle::Missing { blob, kind } => Some(Problem::BlobMissing { blob, kind }),
        Obstacle::NotUnderstood { tree } => Some(Problem::TreeNotUnderstood { tree }),
        Obstacle::FileSize { .. } => None,
        Obstacle::Unreadable { tree, flaw } => {
            let bad = trees.take_bad();
            let row = bad.last().map(|(row, _)| &stock.table.blobs[*row]);
            Some(row.map_or(
                Problem::BlobMissing {
                    blob: tree,
                    kind: BlobKind::Tree,
                },
                |row| {
                    let pack = stock.table.packs[row.pack as usize].id;
                    Problem::BlobDamaged {
                        blob: tree,
                        kind: BlobKind::Tree,
                        pack,
                        flaw,
                    }
                },
            ))
        }
    }
}

/// Every needed blob must lie in a pack that is there in full.
fn all_there(stock: &Stock, used: &Marks) -> Result<()> {
    let table = &stock.table;
    let mut whole: Vec<Option<bool>> = vec![None; table.packs.len()];
    let mut first = 0;
    while first < table.blobs.len() {
        let copies = table.copies(first);
        let mut good = false;
        for row in copies.clone().filter(|_| used.has(first)) {
            let pack = table.blobs[row].pack;
            let found = table.packs[pack as usize].found;
            good |= *whole[pack as usize].get_or_insert_with(|| found == Some(table.expected(pack)));
        }
        if used.has(first) && !good {
            let row = &table.packs[table.blobs[first].pack as usize];
            let problem = match row.found {
                None => Problem::PackMissing {
                    pack: row.id,
                    blobs: table.rows_of(table.blobs[first].pack).len() as u64,
                },
                Some(found) => Problem::PackSize {
                    pack: row.id,
                    expected: table.expected(table.blobs[first].pack),
                    found,
                },
            };
            return Err(VaultError::Unsound {
                problem: Box::new(problem),
            });
        }
        first = copies.end;
    }
    Ok(())
}
