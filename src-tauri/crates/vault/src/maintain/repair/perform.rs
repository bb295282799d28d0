//! Does what a repair plan says, in an order in which a kill at any moment leaves the vault no worse.

use std::collections::HashSet;

use super::super::Steps;
use super::super::access::{Access, Opener};
use super::super::packer::{IndexChange, NewPack, Packer};
use super::plan::Worked;
use super::{RepairStep, Repaired};
use crate::lock::LockGuard;
use crate::pack::{BlobKind, PackBlob};
use crate::place::FileKind;
use crate::{Id, Result, VaultError};

/// Moves files out of the repository into one folder beside it.
struct Aside<'a> {
    access: &'a Access,
    folder: String,
    moved: bool,
}

impl Aside<'_> {
    /// Sets a file aside. `worthless`: all it held is saved elsewhere, so that it may be removed if the place cannot move it.
    fn put(&mut self, kind: FileKind, id: &Id, worthless: bool) -> Result<()> {
        if self.access.place.set_aside(kind, id, &self.folder)? {
            self.moved = true;
        } else if worthless {
            self.access.place.remove(kind, id)?;
        } else {
            tracing::warn!("{kind} file {id} is damaged and stays where it is: this place cannot move files");
        }
        Ok(())
    }
}

pub(super) fn perform(access: &Access, worked: Worked, lock: &LockGuard, steps: &Steps<'_>) -> Result<Repaired> {
    steps.begin(worked.plan.steps.len() as u64);
    let folder = format!("damaged-{}", worked.plan.options.now.format("%Y%m%dT%H%M%SZ"));
    let mut aside = Aside {
        access,
        folder,
        moved: false,
    };
    let mut added = salvage(access, &worked, steps)?;
    let mut rewriter = super::rewrite::Rewriter::new(access, &worked.found)?;
    let new = rewriter.rewrite(&worked.plan, steps)?;
    added.extend(rewriter.finish()?);
    let old = mend_index(access, &worked, added)?;
    let mut rewritten = Vec::new();
    for mut snapshot in new {
        let old = snapshot.original;
        snapshot.save()?;
        rewritten.push((old, snapshot.id));
    }
    // From here on things go.
    if !lock.is_held()? {
        return Err(VaultError::LockLost);
    }
    old.iter().try_for_each(|id| access.place.remove(FileKind::Index, id))?;
    for step in &worked.plan.steps {
        if !steps.go_on() {
            return Err(VaultError::Cancelled);
        }
        clear(access, step, &mut aside)?;
        steps.done(1, 0);
    }
    let folder = aside.moved.then_some(aside.folder);
    Ok(Repaired {
        plan: worked.plan,
        rewritten,
        folder,
    })
}

/// Moves or removes what a step is about; what it saves was written before.
fn clear(access: &Access, step: &RepairStep, aside: &mut Aside<'_>) -> Result<()> {
    match step {
        RepairStep::RemoveStaleLock { lock } => Ok(access.place.remove(FileKind::Lock, lock)?),
        RepairStep::RemoveStray { path, .. } => Ok(access.place.remove_stray(path)?),
        RepairStep::SetAsideKey { key } => aside.put(FileKind::Key, key, false),
        // Its seal is broken, so that nothing in it can be read, and all packs there are were entered anew.
        RepairStep::SetAsideIndex { index } => aside.put(FileKind::Index, index, true),
        RepairStep::SetAsideSnapshot { snapshot } => aside.put(FileKind::Snapshot, snapshot, false),
        RepairStep::SetAsideOriginal { snapshot } => aside.put(FileKind::Snapshot, snapshot, true),
        RepairStep::SalvagePack { pack, lost, .. } => aside.put(FileKind::Pack, pack, *lost == 0),
        RepairStep::RewriteSnapshot {
            snapshot, replace: true, ..
        } => aside.put(FileKind::Snapshot, snapshot, true),
        RepairStep::LoseSnapshot { snapshot } => aside.put(FileKind::Snapshot, snapshot, false),
        RepairStep::IndexPack { .. } | RepairStep::ForgetPack { .. } | RepairStep::RewriteSnapshot { .. } => Ok(()),
    }
}

/// Copies what is good in damaged packs.
fn salvage(access: &Access, worked: &Worked, steps: &Steps<'_>) -> Result<Vec<NewPack>> {
    let mut opener = Opener::new(&access.key)?;
    let mut added = Vec::new();
    for kind in [BlobKind::Data, BlobKind::Tree] {
        let mut packer = Packer::new(access, kind);
        for (pack, blobs) in &worked.salvage {
            if !steps.go_on() {
                return Err(VaultError::Cancelled);
            }
            let pack = worked.found.stock.table.packs[*pack as usize].id;
            for blob in blobs.iter().filter(|b| b.kind == kind) {
                copy(access, &pack, blob, &mut opener, &mut packer)?;
            }
        }
        added.extend(packer.finish()?);
    }
    Ok(added)
}

fn copy(access: &Access, pack: &Id, blob: &PackBlob, opener: &mut Opener, packer: &mut Packer<'_>) -> Result<()> {
    let mut sealed = Vec::new();
    access
        .place
        .read_range(FileKind::Pack, pack, blob.offset.into(), blob.length as usize, &mut sealed)?;
    let mut check = sealed.clone();
    let damaged = |damage| VaultError::BlobDamaged {
        id: blob.id,
        pack: *pack,
        damage,
    };
    opener.open(blob, &mut check, &mut Vec::new()).map_err(damaged)?;
    packer.add_sealed(blob, &sealed)
}

/// Writes the index as it should be: without damaged and missing packs, with what was saved and found.
fn mend_index(access: &Access, worked: &Worked, mut added: Vec<NewPack>) -> Result<Vec<Id>> {
    let table = &worked.found.stock.table;
    for pack in &worked.enter {
        added.push((table.packs[*pack as usize].id, table.blobs_of(*pack).copied().collect()));
    }
    let without: HashSet<u32> = worked.forget.iter().chain(worked.salvage.keys()).copied().collect();
    access.write_index(&worked.found.stock, IndexChange { without, added })
}
