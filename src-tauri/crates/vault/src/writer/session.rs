//! What one run of writing knows: which blobs exist and may be relied on, what it relies on, and whether it has failed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::options::{Counters, WriterOptions};
use crate::index::Index;
use crate::node::decode_tree;
use crate::pack::BlobKind;
use crate::place::FileKind;
use crate::vault::Vault;
use crate::{Damage, Id, Result, VaultError};

/// State shared by the writer and its threads.
pub(super) struct Session {
    pub(super) vault: Vault,
    pub(super) options: WriterOptions,
    pub(super) index: Arc<Index>,
    pub(super) stats: Counters,
    /// Per pack of the index: it lies there in full size and no prune is about to remove it.
    usable: Vec<bool>,
    /// Per pack of the index: something in this snapshot lies in it.
    relied_on: Vec<AtomicBool>,
    /// Directories taken over whole.
    trees: Mutex<HashSet<Id>>,
    /// Blobs this run stores or has stored.
    claimed: Mutex<HashSet<(BlobKind, Id)>>,
    failed: AtomicBool,
    failure: Mutex<Option<Arc<VaultError>>>,
    /// Packs written by this run and their sizes.
    pub(super) written: Mutex<HashMap<Id, u64>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("vault", &self.vault).finish_non_exhaustive()
    }
}

impl Session {
    /// Reads the index and looks which of its packs are really there: what a missing pack held is stored again.
    pub(super) fn start(vault: Vault, options: WriterOptions) -> Result<Self> {
        let index = vault.index()?;
        let sizes: HashMap<Id, u64> = vault.place().list(FileKind::Pack)?.into_iter().collect();
        let there = |p: &crate::index::IndexedPack| !p.retired && sizes.get(&p.id) == Some(&p.size);
        let usable: Vec<bool> = index.packs().iter().map(there).collect();
        let relied_on = usable.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self {
            vault,
            options,
            index,
            stats: Counters::default(),
            usable,
            relied_on,
            trees: Mutex::default(),
            claimed: Mutex::default(),
            failed: AtomicBool::new(false),
            failure: Mutex::default(),
            written: Mutex::default(),
        })
    }

    /// Whether work can go on.
    pub(super) fn check(&self) -> Result<()> {
        if self.failed.load(Ordering::Acquire)
            && let Some(failure) = &*self.failure.lock()
        {
            return Err(VaultError::Poisoned(failure.clone()));
        }
        match &self.options.cancel {
            Some(cancel) if cancel.load(Ordering::Relaxed) => Err(VaultError::Cancelled),
            _ => Ok(()),
        }
    }

    /// Whether storing has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Notes that storing failed; the first failure stays.
    pub(super) fn fail(&self, error: VaultError) {
        self.failure.lock().get_or_insert_with(|| Arc::new(error));
        self.failed.store(true, Ordering::Release);
    }

    /// Whether the caller has to store this blob; if so, nobody else will.
    pub(super) fn claim(&self, kind: BlobKind, id: &Id) -> bool {
        if self.claimed.lock().contains(&(kind, *id)) || self.rely_on_known(kind, id) {
            return false;
        }
        self.claimed.lock().insert((kind, *id))
    }

    /// Relies on a blob of the index, if a usable pack holds it.
    fn rely_on_known(&self, kind: BlobKind, id: &Id) -> bool {
        if self.index.is_empty() {
            return false;
        }
        let packs = self
            .index
            .rows(kind, id)
            .filter_map(|row| self.index.row(row))
            .map(|l| l.pack as usize);
        let mut usable = packs.filter(|pack| self.usable[*pack]);
        let found = usable.next();
        if let Some(pack) = found {
            self.relied_on[pack].store(true, Ordering::Relaxed);
        }
        found.is_some()
    }

    fn is_stored(&self, kind: BlobKind, id: &Id) -> bool {
        self.claimed.lock().contains(&(kind, *id)) || self.rely_on_known(kind, id)
    }

    /// Relies on the blobs of a file.
    pub(super) fn rely_on(&self, content: &[Id]) -> Result<()> {
        match content.iter().find(|id| !self.is_stored(BlobKind::Data, id)) {
            Some(id) => Err(VaultError::BlobMissing { id: *id }),
            None => Ok(()),
        }
    }

    /// Relies on a directory and everything below it. If the vault was whole when the run began, its own blob is
    /// enough; otherwise everything below is looked at.
    pub(super) fn rely_on_tree(&self, tree: &Id) -> Result<()> {
        if !self.is_stored(BlobKind::Tree, tree) {
            return Err(VaultError::BlobMissing { id: *tree });
        }
        let whole = self.usable.iter().all(|usable| *usable) && self.index.warnings().is_empty();
        if !whole {
            self.check_tree(tree, &mut |kind, id| self.is_stored(kind, id))?;
        }
        self.trees.lock().insert(*tree);
        Ok(())
    }

    /// Looks whether everything below `tree` `is_there`.
    fn check_tree(&self, tree: &Id, is_there: &mut dyn FnMut(BlobKind, &Id) -> bool) -> Result<()> {
        let reader = self.vault.reader()?;
        let (mut open, mut seen) = (vec![*tree], HashSet::new());
        while let Some(tree) = open.pop() {
            if !seen.insert(tree) {
                continue;
            }
            if !is_there(BlobKind::Tree, &tree) {
                return Err(VaultError::BlobMissing { id: tree });
            }
            let json = reader.blob(BlobKind::Tree, &tree)?;
            let damaged = VaultError::TreeDamaged {
                id: tree,
                damage: Damage::Structure,
            };
            for node in decode_tree(&json).ok_or(damaged)? {
                if let Some(id) = node.content.iter().find(|id| !is_there(BlobKind::Data, id)) {
                    return Err(VaultError::BlobMissing { id: *id });
                }
                open.extend(node.subtree);
            }
        }
        Ok(())
    }

    /// Looks whether every pack this snapshot needs is still there and still indexed. A prune in spite of our lock
    /// could have removed some.
    pub(super) fn check_packs(&self) -> Result<()> {
        let sizes: HashMap<Id, u64> = self.vault.place().list(FileKind::Pack)?.into_iter().collect();
        let now = self.vault.index()?;
        let good = |id: &Id, size: u64| sizes.get(id) == Some(&size) && now.pack_number(id).is_some();
        let mut vanished: Vec<Id> = self
            .written
            .lock()
            .iter()
            .filter(|(id, size)| !good(id, **size))
            .map(|(id, _)| *id)
            .collect();
        let mut some_known_vanished = false;
        for (number, pack) in self.index.packs().iter().enumerate() {
            if self.usable[number] && !good(&pack.id, pack.size) {
                some_known_vanished = true;
                if self.relied_on[number].load(Ordering::Relaxed) {
                    vanished.push(pack.id);
                }
            }
        }
        if vanished.is_empty() && some_known_vanished {
            vanished.extend(self.check_trees(&now, &good));
        }
        match vanished.first() {
            Some(first) => Err(VaultError::PacksVanished {
                count: vanished.len(),
                first: *first,
            }),
            None => Ok(()),
        }
    }

    /// Something vanished, perhaps from below directories that were taken over whole: looks at all of them. Gives the
    /// blob that is missing.
    fn check_trees(&self, now: &Index, good: &dyn Fn(&Id, u64) -> bool) -> Option<Id> {
        let mut is_there = |kind: BlobKind, id: &Id| {
            let mut packs = now
                .rows(kind, id)
                .filter_map(|row| now.row(row))
                .map(|l| &now.packs()[l.pack as usize]);
            packs.any(|pack| good(&pack.id, pack.size))
        };
        let trees: Vec<Id> = self.trees.lock().iter().copied().collect();
        trees.into_iter().find(|tree| self.check_tree(tree, &mut is_there).is_err())
    }
}
