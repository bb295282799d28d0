//! The rows of all databases of a source as one view of records.

use std::{cell::OnceCell, cmp::Ordering, sync::Arc};

use backstay_model::{Collection, Record};
use backstay_source::RecordView;

use super::Database;
use crate::{
    convert::{Cell, Table},
    error::{Fact, Result},
};

/// Rows read at a time by a scan.
const BATCH: u64 = 256;

/// Opens a database when it is needed.
pub type Open = Arc<dyn Fn() -> Result<Database> + Send + Sync>;

/// A database's place in the view.
pub struct Place {
    /// What stands before `/table` in the names of its collections; empty for a source that is one file.
    prefix: String,
    /// Path of the file below the source.
    rel: String,
    /// Opens it.
    open: Open,
    opened: OnceCell<Database>,
}

impl Place {
    /// A database that is opened when it is needed.
    pub fn new(prefix: String, rel: String, open: Open) -> Self {
        Self {
            prefix,
            rel,
            open,
            opened: OnceCell::new(),
        }
    }

    fn database(&self) -> Result<&Database> {
        if let Some(database) = self.opened.get() {
            return Ok(database);
        }
        let database = (self.open)()?;
        Ok(self.opened.get_or_init(|| database))
    }

    /// The table a collection's name means here, if it begins with the prefix.
    fn table_name<'a>(&self, collection: &'a str) -> Option<&'a str> {
        match self.prefix.as_str() {
            "" => Some(collection),
            prefix => collection.strip_prefix(prefix)?.strip_prefix('/'),
        }
    }

    fn collection_name(&self, table: &str) -> String {
        match self.prefix.as_str() {
            "" => table.to_owned(),
            prefix => format!("{prefix}/{table}"),
        }
    }
}

/// Records of all databases.
pub struct Rows {
    places: Vec<Place>,
    /// Databases that cannot be opened have no collections, instead of failing the whole.
    lenient: bool,
}

impl Rows {
    /// A view of these databases.
    pub fn new(mut places: Vec<Place>, lenient: bool) -> Self {
        // Longer names first: `a/b` + `c` is found before `a` + `b/c`.
        places.sort_by_key(|p| std::cmp::Reverse(p.prefix.len()));
        Self { places, lenient }
    }

    fn find(&self, collection: &str) -> Result<(&Database, &Table)> {
        let mut first_error = None;
        for place in &self.places {
            let Some(name) = place.table_name(collection) else { continue };
            match place.database() {
                Ok(database) => {
                    if let Some(table) = database.table(name) {
                        return Ok((database, table));
                    }
                }
                Err(e) => first_error = first_error.or(Some(e)),
            }
        }
        Err(first_error.unwrap_or_else(|| Fact::NoCollection.on(collection)))
    }
}

impl RecordView for Rows {
    fn collections(&self) -> backstay_source::Result<Vec<Collection>> {
        let mut out = Vec::new();
        for place in &self.places {
            match place.database() {
                Ok(database) => {
                    let tables = database.tables().iter();
                    out.extend(tables.map(|t| t.collection(place.collection_name(&t.name), &place.rel)));
                }
                Err(e) if self.lenient && self.places.len() > 1 => {
                    tracing::warn!(error = %e, "a database cannot be read");
                }
                Err(e) => return Err(e.into()),
            }
        }
        out.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(out)
    }

    fn count(&self, collection: &str) -> backstay_source::Result<u64> {
        let (database, table) = self.find(collection)?;
        Ok(database.count(table)?)
    }

    fn get(&self, collection: &str, id: &str) -> backstay_source::Result<Option<Record>> {
        let (database, table) = self.find(collection)?;
        Ok(database.get(table, id)?)
    }

    fn page(&self, collection: &str, offset: u64, limit: u64) -> backstay_source::Result<Vec<Record>> {
        let (database, table) = self.find(collection)?;
        Ok(database.page(table, offset, limit)?)
    }

    fn scan<'a>(
        &'a self,
        collection: &str,
        after: Option<&str>,
    ) -> backstay_source::Result<Box<dyn Iterator<Item = backstay_source::Result<Record>> + 'a>> {
        let (database, table) = self.find(collection)?;
        let after = match after {
            None => None,
            Some(id) => {
                let detail = format!("{id:?}");
                let key = database.parse_id(table, id)?;
                Some(key.ok_or_else(|| Fact::BadId { detail }.on(collection))?)
            }
        };
        Ok(Box::new(Scan {
            database,
            table,
            after,
            batch: Vec::new().into_iter(),
            done: false,
        }))
    }

    fn marks(
        &self,
        collection: &str,
        stride: u64,
        found: &mut dyn FnMut(&str) -> backstay_source::Result<()>,
    ) -> backstay_source::Result<u64> {
        let (database, table) = self.find(collection)?;
        database.marks(table, stride, found)
    }

    fn compare_ids(&self, collection: &str, a: &str, b: &str) -> Ordering {
        let found = self.find(collection).ok();
        match found.and_then(|(database, table)| database.key(table)) {
            Some(key) => key.compare(a, b),
            // Row numbers.
            None => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        }
    }
}

/// Rows in order, some hundreds at a time.
struct Scan<'a> {
    database: &'a Database,
    table: &'a Table,
    after: Option<Vec<Cell>>,
    batch: std::vec::IntoIter<Record>,
    done: bool,
}

impl Iterator for Scan<'_> {
    type Item = backstay_source::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.batch.next() {
            return Some(Ok(record));
        }
        if self.done {
            return None;
        }
        match self.database.batch(self.table, self.after.as_deref(), BATCH) {
            Ok(rows) => {
                self.done = (rows.len() as u64) < BATCH;
                self.after = rows.last().map(|(key, _)| key.clone());
                let records: Vec<Record> = rows.into_iter().map(|(_, record)| record).collect();
                self.batch = records.into_iter();
                self.batch.next().map(Ok)
            }
            Err(e) => {
                self.done = true;
                Some(Err(e.into()))
            }
        }
    }
}
