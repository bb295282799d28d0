//! From a row's number to its key: every thousandth key of a table, found once per open view.

use crate::convert::Cell;

/// Rows between two keys that are kept.
pub const STRIDE: u64 = 1000;

/// What is known about the order of a table's rows.
#[derive(Debug, Default)]
pub struct Rank {
    /// Key of row 0, 1000, 2000, …
    keys: Vec<Vec<Cell>>,
    /// Where the last page ended: the number of the row after it, and the key of its last row.
    last: Option<(u64, Vec<Cell>)>,
    /// All keys are known.
    complete: bool,
    /// The rowids have no gaps and begin here.
    dense: Option<i64>,
}

/// How to reach a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    /// Read from the first row, leaving out this many.
    Start(u64),
    /// Read from the row after this key.
    After(Vec<Cell>),
    /// Read from the row with this key, leaving out this many.
    At(Vec<Cell>, u64),
    /// The keys have to be gathered first.
    Unknown,
}

impl Rank {
    /// The way to row number `offset`.
    pub fn way(&self, offset: u64) -> Way {
        if let Some((at, key)) = &self.last
            && *at == offset
        {
            return Way::After(key.clone());
        }
        if let Some(first) = self.dense {
            let rowid = i64::try_from(offset).ok().and_then(|n| first.checked_add(n));
            if let Some(rowid) = rowid {
                return Way::At(vec![Cell::Integer(rowid)], 0);
            }
        }
        if offset < 2 * STRIDE {
            return Way::Start(offset);
        }
        let place = usize::try_from(offset / STRIDE).unwrap_or(usize::MAX);
        match self.keys.get(place) {
            Some(key) => Way::At(key.clone(), offset % STRIDE),
            None if self.complete => Way::Start(u64::MAX),
            None => Way::Unknown,
        }
    }

    /// Remembers where a page ended.
    pub fn ended(&mut self, next: u64, key: Vec<Cell>) {
        self.last = Some((next, key));
    }

    /// Takes the gathered keys.
    pub fn gathered(&mut self, keys: Vec<Vec<Cell>>) {
        self.keys = keys;
        self.complete = true;
    }

    /// The rowids go from `first` on without gaps.
    pub fn is_dense_from(&mut self, first: i64) {
        self.dense = Some(first);
    }
}
