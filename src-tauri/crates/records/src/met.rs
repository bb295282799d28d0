//! Which records of the previous snapshot a full read has met again, told in the cheapest way its order allows.
//!
//! Most sources give their records in order of ids: then a walk along the previous keys is enough, two bits a record. From the
//! first record out of order on, a table in memory does it ([`crate::seen`]).

use crate::merged::Merged;
use crate::seen::{Known, SeenTable};
use crate::{CollectionReader, Result, ShortHash};

/// What is known of one record of the previous snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Missing,
    Unchanged,
    Changed,
}

/// A mark for each live record of the previous snapshot, in order of ids; those beyond the end are missing.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<u64>);

impl Marks {
    fn set(&mut self, number: u64, mark: Mark) {
        let (word, shift) = ((number / 32) as usize, number % 32 * 2);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let bits = if mark == Mark::Unchanged { 1 } else { 2 };
        self.0[word] |= bits << shift;
    }

    pub(crate) fn get(&self, number: u64) -> Mark {
        let word = self.0.get((number / 32) as usize).copied().unwrap_or(0);
        match word >> (number % 32 * 2) & 3 {
            0 => Mark::Missing,
            1 => Mark::Unchanged,
            _ => Mark::Changed,
        }
    }
}

/// A walk along the live keys of the previous snapshot.
pub(crate) struct Walk {
    keys: Merged,
    /// Number of the key it stands on.
    number: u64,
    started: bool,
    /// Id met last.
    last: String,
}

/// Takes every record a full read gives.
pub(crate) struct Met {
    previous: CollectionReader,
    marks: Marks,
    /// Records met along the walk.
    along: u64,
    walk: Option<Walk>,
    /// Once the order is broken.
    table: Option<SeenTable>,
}

impl Met {
    pub(crate) fn new(previous: CollectionReader) -> Result<Self> {
        Ok(Self {
            walk: Some(Walk::new(&previous)?),
            previous,
            marks: Marks::default(),
            along: 0,
            table: None,
        })
    }

    /// Notes that the source has a record, if it is the one of the previous snapshot with this content. Whether it is: if not,
    /// nothing is noted, as nobody knows yet whether it will be given.
    pub(crate) fn keep(&mut self, id: &str, hash: ShortHash) -> Result<bool> {
        if let Some(walk) = &mut self.walk
            && id > walk.last.as_str()
        {
            let same = walk.reaches(id)? && hash == walk.keys.hash();
            if same {
                self.along += 1;
                self.marks.set(walk.number, Mark::Unchanged);
            }
            return Ok(same);
        }
        Ok(self.table()?.keep(id, hash))
    }

    /// The table, made when the order breaks.
    fn table(&mut self) -> Result<&mut SeenTable> {
        self.walk = None;
        let table = match self.table.take() {
            Some(table) => table,
            None => SeenTable::build(&mut self.previous.merged("")?, self.previous.count(), &self.marks)?,
        };
        Ok(self.table.insert(table))
    }

    /// Notes that the source has a record, or (without a hash) says that it has not.
    pub(crate) fn meet(&mut self, id: &str, hash: Option<ShortHash>) -> Result<Known> {
        if let Some(walk) = &mut self.walk
            && id > walk.last.as_str()
        {
            if !walk.reaches(id)? {
                return Ok(Known::Perhaps);
            }
            self.along += 1;
            let same = hash == Some(walk.keys.hash());
            self.marks
                .set(walk.number, if same { Mark::Unchanged } else { Mark::Changed });
            return Ok(if same { Known::Unchanged } else { Known::Perhaps });
        }
        Ok(self.table()?.meet(id, hash))
    }

    /// Whether every record of the previous snapshot was met: then nothing can be missing.
    pub(crate) fn all(&self) -> bool {
        match &self.table {
            Some(table) => table.met_all(),
            None => self.along == self.previous.count(),
        }
    }

    /// Whether none was.
    pub(crate) fn none(&self) -> bool {
        self.along == 0 && self.table.as_ref().is_none_or(SeenTable::met_none)
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.table.as_ref().map_or(0, SeenTable::duplicates)
    }

    /// What is left to ask: which records were seen, in order.
    pub(crate) fn into_seen(self) -> Seen {
        Seen {
            marks: self.marks,
            table: self.table,
            number: 0,
        }
    }
}

impl Walk {
    pub(crate) fn new(previous: &CollectionReader) -> Result<Self> {
        Ok(Self {
            keys: previous.merged("")?,
            number: 0,
            started: false,
            last: String::new(),
        })
    }

    /// Whether the record `id` is there with this content; `false` also for an id below one that was asked for before.
    pub(crate) fn is_at(&mut self, id: &str, hash: ShortHash) -> Result<bool> {
        Ok(id > self.last.as_str() && self.reaches(id)? && self.keys.hash() == hash)
    }

    /// Moves to the first key not below `id`; whether it is that of `id`.
    fn reaches(&mut self, id: &str) -> Result<bool> {
        self.last.clear();
        self.last.push_str(id);
        if !self.started {
            self.keys.step_live()?;
            self.started = true;
        }
        while self.keys.id().is_some_and(|current| current < id) {
            self.keys.step_live()?;
            self.number += 1;
        }
        Ok(self.keys.id() == Some(id))
    }
}

/// Tells of each live record of the previous snapshot, in order of ids, whether it was met.
pub(crate) struct Seen {
    marks: Marks,
    table: Option<SeenTable>,
    number: u64,
}

impl Seen {
    /// Whether the next record, whose id is `id`, was met unchanged.
    pub(crate) fn next(&mut self, id: &str) -> bool {
        let mark = self.marks.get(self.number);
        self.number += 1;
        mark == Mark::Unchanged || self.table.as_ref().is_some_and(|table| table.was_seen(id))
    }
}
