//! Finding ids in a stored collection many times over, in any order.
//!
//! One look into the keys costs what a part of them costs when it is not at hand. Whoever asks for ids in the order a service gives
//! them would decode a part for nearly every id: after some questions a table in memory answers instead.

use crate::met::Marks;
use crate::seen::{Held, SeenTable};
use crate::{CollectionReader, Result, ShortHash, Tuning};

/// Questions answered from the keys before a table of all ids is made.
const FIRST: u64 = 200;

/// Tells which records a stored collection has, without reading them.
pub struct Lookup {
    reader: CollectionReader,
    asked: u64,
    table: Option<SeenTable>,
}

impl CollectionReader {
    /// Looks for ids in any order. Takes 25 bytes a record once there were many questions, of a collection of up to
    /// [`Tuning::table_records`] records; of a larger one every question is answered from the keys.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup {
            reader: self.clone(),
            asked: 0,
            table: None,
        }
    }
}

impl Lookup {
    /// The hash of the record with this id, if there is one.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged.
    pub fn find(&mut self, id: &str) -> Result<Option<ShortHash>> {
        self.asked += 1;
        let fits = self.reader.count() <= Tuning::default().table_records;
        if self.table.is_none() && fits && self.asked > FIRST {
            let mut keys = self.reader.merged("")?;
            self.table = Some(SeenTable::build(&mut keys, self.reader.count(), &Marks::default())?);
        }
        match self.table.as_ref().map(|table| table.holds(id)) {
            Some(Held::No) => Ok(None),
            Some(Held::Yes(hash)) => Ok(Some(hash)),
            Some(Held::Unclear) | None => Ok(self.reader.find(id)?.map(|found| found.hash)),
        }
    }
}
