//! Every blob the index names and every pack that is there: 52 bytes a blob, so that a vault of a million blobs takes 52 MB.
//!
//! The reader's index keeps one copy of each blob and forgets what is wrong; maintenance needs every copy, the packs no
//! index names, and the places where list and index disagree.

use std::collections::HashMap;
use std::ops::Range;

use crate::Id;
use crate::pack::{BlobKind, PackBlob, pack_size};

/// One copy of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlobRow {
    pub(crate) blob: PackBlob,
    /// Row of its pack.
    pub(crate) pack: u32,
}

impl BlobRow {
    fn order(&self) -> (BlobKind, &Id, u32, u32, u32, u32) {
        (
            self.blob.kind,
            &self.blob.id,
            self.pack,
            self.blob.offset,
            self.blob.length,
            self.blob.raw_length,
        )
    }
    fn is_copy_of(&self, other: &Self) -> bool {
        self.blob.kind == other.blob.kind && self.blob.id == other.blob.id
    }
    /// Bytes it takes in a pack, its header entry included.
    pub(crate) fn stored(&self) -> u64 {
        pack_size([&self.blob]) - PACK_FRAME
    }
}

/// Bytes of a pack besides its blobs and their header entries: the header's seal and its length.
pub(crate) const PACK_FRAME: u64 = crate::key::OVERHEAD as u64 + 4;

/// One pack: named by the index, found in the place, or both.
#[derive(Debug, Clone)]
pub(crate) struct PackRow {
    pub(crate) id: Id,
    /// Size in the place; `None`: not there.
    pub(crate) found: Option<u64>,
    /// Some index file names it.
    pub(crate) indexed: bool,
    /// Its blobs by the index: a range of [`Table::by_pack`].
    blobs: Range<usize>,
}

/// The blobs and packs of a vault.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) packs: Vec<PackRow>,
    /// Sorted by kind, id, pack, offset; copies of a blob are neighbours.
    pub(crate) blobs: Vec<BlobRow>,
    /// Rows of `blobs`, sorted by pack and offset.
    by_pack: Vec<u32>,
}

/// Collects rows in any order.
#[derive(Debug, Default)]
pub(crate) struct TableBuilder {
    packs: Vec<PackRow>,
    numbers: HashMap<Id, u32>,
    blobs: Vec<BlobRow>,
}

impl TableBuilder {
    /// Row of a pack, made if new.
    fn pack(&mut self, id: Id) -> u32 {
        let next = u32::try_from(self.packs.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.packs.push(PackRow {
                id,
                found: None,
                indexed: false,
                blobs: 0..0,
            });
        }
        number
    }
    /// A pack in the place; its row, and whether an index file named it.
    pub(crate) fn found(&mut self, id: Id, size: u64) -> (u32, bool) {
        let number = self.pack(id);
        let row = &mut self.packs[number as usize];
        row.found = Some(size);
        (number, row.indexed)
    }
    /// A pack in an index file; its row for the blobs that follow.
    pub(crate) fn indexed(&mut self, id: Id) -> u32 {
        let number = self.pack(id);
        self.packs[number as usize].indexed = true;
        number
    }
    /// A blob in an index file.
    pub(crate) fn blob(&mut self, row: BlobRow) {
        self.blobs.push(row);
    }

    /// Sorts; what several index files say alike counts once.
    pub(crate) fn finish(self) -> Table {
        let Self {
            mut packs,
            numbers,
            mut blobs,
        } = self;
        drop(numbers);
        blobs.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        blobs.dedup();
        let mut by_pack: Vec<u32> = (0..u32::try_from(blobs.len()).unwrap_or(u32::MAX)).collect();
        by_pack.sort_unstable_by_key(|row| (blobs[*row as usize].pack, blobs[*row as usize].blob.offset));
        let mut start = 0;
        while start < by_pack.len() {
            let pack = blobs[by_pack[start] as usize].pack;
            let end = start + by_pack[start..].partition_point(|row| blobs[*row as usize].pack == pack);
            packs[pack as usize].blobs = start..end;
            start = end;
        }
        Table { packs, blobs, by_pack }
    }
}

impl Table {
    /// First row of a blob: its number in bitmaps.
    pub(crate) fn find(&self, kind: BlobKind, id: &Id) -> Option<usize> {
        let at = self.blobs.partition_point(|row| (row.blob.kind, &row.blob.id) < (kind, id));
        self.blobs
            .get(at)
            .filter(|row| row.blob.kind == kind && row.blob.id == *id)
            .map(|_| at)
    }

    /// Rows of all copies of the blob whose first row is `first`.
    pub(crate) fn copies(&self, first: usize) -> Range<usize> {
        let Some(blob) = self.blobs.get(first) else { return 0..0 };
        let same = self.blobs[first..].iter().take_while(|b| b.is_copy_of(blob)).count();
        first..first + same
    }

    /// Rows of the blobs of a pack, by offset.
    pub(crate) fn rows_of(&self, pack: u32) -> &[u32] {
        &self.by_pack[self.packs[pack as usize].blobs.clone()]
    }

    /// Blobs of a pack, by offset.
    pub(crate) fn blobs_of(&self, pack: u32) -> impl Iterator<Item = &PackBlob> {
        self.rows_of(pack).iter().map(|row| &self.blobs[*row as usize].blob)
    }

    /// Size a pack must have by the index.
    pub(crate) fn expected(&self, pack: u32) -> u64 {
        pack_size(self.blobs_of(pack))
    }

    /// Whether a row lies within a pack that is there.
    pub(crate) fn is_there(&self, row: &BlobRow) -> bool {
        let end = u64::from(row.blob.offset) + u64::from(row.blob.length);
        self.packs[row.pack as usize].found.is_some_and(|size| end <= size)
    }
}

/// One bit for each blob of a table, by first row.
#[derive(Debug, Clone)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    pub(crate) fn new(table: &Table) -> Self {
        Self(vec![0; table.blobs.len().div_ceil(64)])
    }
    pub(crate) fn has(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }
    /// Sets a bit; whether it was not set before.
    pub(crate) fn set(&mut self, row: usize) -> bool {
        let new = !self.has(row);
        self.0[row / 64] |= 1 << (row % 64);
        new
    }
}
