//! Which blob lies where: all index files of a vault in one sorted table, 48 bytes a blob.

mod json;
mod load;

use std::collections::{HashMap, HashSet};

use crate::pack::{BlobKind, PackBlob, pack_size};
use crate::{Damage, Id};

pub(crate) use json::{IndexJson, IndexWriter, PackJson};

/// Something in the index could not be used as it is. The rest works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexWarning {
    /// An index file is damaged and was passed over.
    IndexDamaged {
        /// Which.
        id: Id,
        /// How.
        damage: Damage,
    },
    /// A pack is in no readable index file, and its own header is damaged.
    PackDamaged {
        /// Which.
        id: Id,
        /// How.
        damage: Damage,
    },
}

impl std::fmt::Display for IndexWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::IndexDamaged { id, damage } => write!(f, "the index file {id:?} was passed over: {damage}"),
            Self::PackDamaged { id, damage } => {
                write!(f, "the pack {id:?} is in no index, and its header cannot be read: {damage}")
            }
        }
    }
}

/// A pack the index knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedPack {
    /// Its id.
    pub id: Id,
    /// Size in bytes it must have, from its blobs.
    pub size: u64,
    /// A prune has marked it for removal: readable as long as it exists, but nothing new may rely on it.
    pub retired: bool,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: [u8; 32],
    /// Number of the pack; the highest bit tells a tree from data.
    pack: u32,
    offset: u32,
    length: u32,
    raw_length: u32,
}

const TREE: u32 = 1 << 31;

impl Entry {
    fn kind(&self) -> BlobKind {
        if self.pack & TREE != 0 {
            BlobKind::Tree
        } else {
            BlobKind::Data
        }
    }

    fn pack(&self) -> u32 {
        self.pack & !TREE
    }

    fn blob(&self) -> PackBlob {
        PackBlob {
            id: Id(self.id),
            kind: self.kind(),
            offset: self.offset,
            length: self.length,
            raw_length: self.raw_length,
        }
    }
}

/// Where one copy of a blob lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The blob.
    pub blob: PackBlob,
    /// Number of its pack in [`Index::packs`].
    pub pack: u32,
}

/// The index of a vault, as read at one moment.
#[derive(Debug, Default)]
pub struct Index {
    packs: Vec<IndexedPack>,
    entries: Vec<Entry>,
    files: HashSet<Id>,
    warnings: Vec<IndexWarning>,
    pack_numbers: HashMap<Id, u32>,
}

impl Index {
    /// All packs, in no order; a blob's pack number counts in it.
    #[must_use]
    pub fn packs(&self) -> &[IndexedPack] {
        &self.packs
    }

    /// The index files it was read from, the damaged ones left out.
    #[must_use]
    pub fn files(&self) -> &HashSet<Id> {
        &self.files
    }

    /// What could not be used.
    #[must_use]
    pub fn warnings(&self) -> &[IndexWarning] {
        &self.warnings
    }

    /// Number of a pack, if it is known.
    #[must_use]
    pub fn pack_number(&self, id: &Id) -> Option<u32> {
        self.pack_numbers.get(id).copied()
    }

    /// Number of rows (a blob in two packs has two).
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is indexed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Row `number` in order of ids: for bitmaps over the index.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<Located> {
        self.entries.get(number).map(|e| Located {
            blob: e.blob(),
            pack: e.pack(),
        })
    }

    /// Numbers of the rows of a blob (several when it lies in several packs).
    pub fn rows(&self, kind: BlobKind, id: &Id) -> impl Iterator<Item = usize> + '_ {
        let id = id.0;
        let first = self.entries.partition_point(|e| e.id < id);
        let same = self.entries[first..].iter().take_while(move |e| e.id == id);
        same.enumerate()
            .filter(move |(_, e)| e.kind() == kind)
            .map(move |(n, _)| first + n)
    }

    /// All copies of a blob, those in retired packs last.
    #[must_use]
    pub fn find(&self, kind: BlobKind, id: &Id) -> Vec<Located> {
        let mut found: Vec<Located> = self.rows(kind, id).filter_map(|row| self.row(row)).collect();
        found.sort_by_key(|l| self.packs[l.pack as usize].retired);
        found
    }

    /// The first copy of a blob, one in a pack that stays if there is any.
    #[must_use]
    pub fn first(&self, kind: BlobKind, id: &Id) -> Option<Located> {
        let mut best = None;
        for located in self.rows(kind, id).filter_map(|row| self.row(row)) {
            if !self.packs[located.pack as usize].retired {
                return Some(located);
            }
            best = best.or(Some(located));
        }
        best
    }

    /// Adds a pack unless it is there; call [`Self::sort`] when all are in.
    fn add_pack(&mut self, id: Id, blobs: &[PackBlob], retired: bool) {
        if let Some(&number) = self.pack_numbers.get(&id) {
            // In use according to one file, retired according to another: a prune was broken off. It stays for now.
            let pack = &mut self.packs[number as usize];
            pack.retired &= retired;
            return;
        }
        let number = u32::try_from(self.packs.len()).unwrap_or(TREE - 1);
        self.pack_numbers.insert(id, number);
        self.packs.push(IndexedPack {
            id,
            size: pack_size(blobs),
            retired,
        });
        self.entries.extend(blobs.iter().map(|blob| Entry {
            id: blob.id.0,
            pack: number | if blob.kind == BlobKind::Tree { TREE } else { 0 },
            offset: blob.offset,
            length: blob.length,
            raw_length: blob.raw_length,
        }));
    }

    fn sort(&mut self) {
        self.entries.sort_unstable_by_key(|entry| entry.id);
    }
}
