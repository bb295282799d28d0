//! Which records of the previous snapshot a full read has met again, in 20 bytes per record.
//!
//! A source without a change feed gives every record on every run, mostly unchanged, and some give them in any order. Sorting all of them
//! to compare them with the previous keys would cost what storing them again costs; a look into this table costs 0.1 µs.

use std::hash::{BuildHasher, RandomState};

use crate::merged::Merged;
use crate::met::{Mark, Marks};
use crate::{Result, ShortHash};

/// Bits of the second word of a slot above the 56 bits of the hash.
const SEEN: u64 = 1 << 56;
const DIRTY: u64 = 1 << 57;
const AMBIGUOUS: u64 = 1 << 58;
const HASH: u64 = SEEN - 1;

/// What the table says about a record of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is stored with this content.
    Unchanged,
    /// Anything else: has to be looked at with its id.
    Perhaps,
}

/// What the table says about an id by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// There is no such record.
    No,
    /// There is one with this hash.
    Yes(ShortHash),
    /// Two ids look the same to the table: only the keys themselves can tell.
    Unclear,
}

/// A hash table from ids (64 bits of a keyed hash) to content hashes and marks.
///
/// An id that is not in the previous snapshot could be taken for another only if 64 bits of a secret hash and 56 bits of its
/// content hash agree by accident. Two ids of the previous snapshot that agree are marked and never decided here.
pub(crate) struct SeenTable {
    slots: Vec<(u64, u64)>,
    hasher: RandomState,
    /// Distinct records met, changed or not.
    met: u64,
    count: u64,
    duplicates: u64,
}

impl SeenTable {
    /// A table of all live records under the cursor, of which there are `count`, with what was found out about them so far.
    pub(crate) fn build(keys: &mut Merged, count: u64, marks: &Marks) -> Result<Self> {
        let slots = vec![(0, 0); (count + count / 4 + 8) as usize];
        let mut table = Self {
            slots,
            hasher: RandomState::new(),
            met: 0,
            count: 0,
            duplicates: 0,
        };
        while table.count < count && keys.step_live()? {
            let Some(id) = keys.id() else { break };
            let print = table.print(id);
            let at = table.find(print);
            let slot = &mut table.slots[at];
            if slot.0 == 0 {
                let mark = match marks.get(table.count) {
                    Mark::Missing => 0,
                    Mark::Unchanged => SEEN,
                    Mark::Changed => DIRTY,
                };
                *slot = (print, keys.hash().bits() | mark);
                table.met += u64::from(mark != 0);
            } else {
                slot.1 = slot.1 & !(SEEN | DIRTY) | AMBIGUOUS;
            }
            table.count += 1;
        }
        Ok(table)
    }

    fn print(&self, id: &str) -> u64 {
        self.hasher.hash_one(id).max(1)
    }

    /// The slot of a print, or the free one where it belongs.
    fn find(&self, print: u64) -> usize {
        let mut at = ((u128::from(print) * self.slots.len() as u128) >> 64) as usize;
        while self.slots[at].0 != 0 && self.slots[at].0 != print {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    /// Notes that the source has a record.
    pub(crate) fn meet(&mut self, id: &str, hash: Option<ShortHash>) -> Known {
        let print = self.print(id);
        let at = self.find(print);
        let (found, slot) = &mut self.slots[at];
        if *found == 0 || *slot & AMBIGUOUS != 0 {
            return Known::Perhaps;
        }
        if *slot & (SEEN | DIRTY) == 0 {
            self.met += 1;
        }
        if *slot & (SEEN | DIRTY) == SEEN {
            self.duplicates += 1;
        }
        if *slot & DIRTY == 0 && hash.is_some_and(|hash| hash.bits() == *slot & HASH) {
            *slot |= SEEN;
            return Known::Unchanged;
        }
        *slot |= DIRTY;
        Known::Perhaps
    }

    /// Notes that the source has a record, if it is the one known with this content; anything else is left for
    /// [`SeenTable::meet`], which hears of it when it is given. Whether it is.
    pub(crate) fn keep(&mut self, id: &str, hash: ShortHash) -> bool {
        let print = self.print(id);
        let at = self.find(print);
        let (found, slot) = &mut self.slots[at];
        if *found == 0 || *slot & (AMBIGUOUS | DIRTY) != 0 || hash.bits() != *slot & HASH {
            return false;
        }
        self.met += u64::from(*slot & SEEN == 0);
        *slot |= SEEN;
        true
    }

    /// Looks without noting anything.
    pub(crate) fn holds(&self, id: &str) -> Held {
        let slot = self.slots[self.find(self.print(id))];
        match slot {
            (0, _) => Held::No,
            (_, slot) if slot & AMBIGUOUS != 0 => Held::Unclear,
            (_, slot) => Held::Yes(ShortHash::of_bits(slot & HASH)),
        }
    }

    /// Whether [`SeenTable::meet`] found this record unchanged.
    pub(crate) fn was_seen(&self, id: &str) -> bool {
        let slot = self.slots[self.find(self.print(id))];
        slot.0 != 0 && slot.1 & SEEN != 0
    }

    /// Whether every record of the previous snapshot was met: then nothing can be missing.
    pub(crate) fn met_all(&self) -> bool {
        self.met == self.count
    }

    pub(crate) fn met_none(&self) -> bool {
        self.met == 0
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.duplicates
    }
}
