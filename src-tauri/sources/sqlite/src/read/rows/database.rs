//! One open database, living or stored, and the rows of its tables.

use std::{cell::RefCell, collections::HashMap, ops::Deref, path::PathBuf};

use backstay_model::Record;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::{
    rank::{Rank, STRIDE, Way},
    schema,
    sql::{self, Start},
    vfs::{Opener, Stored},
};
use crate::{
    client::{Live, Print},
    convert::{Cell, Key, Table, quoted},
    error::{Error, Fact, Result},
};

/// Where the connection leads.
enum Link {
    Stored(Stored),
    /// A living database in a read transaction.
    Locked(Live),
    /// A living database at rest, read without locks: as long as its fingerprint is this.
    AtRest(Live, PathBuf, Box<Print>),
}

impl Deref for Link {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        match self {
            Self::Stored(stored) => &stored.conn,
            Self::Locked(live) | Self::AtRest(live, ..) => live,
        }
    }
}

/// An open database.
pub struct Database {
    link: Link,
    subject: String,
    tables: Vec<Table>,
    states: RefCell<HashMap<String, State>>,
}

/// What was learned about a table.
#[derive(Default)]
struct State {
    count: Option<u64>,
    rank: Rank,
}

/// A table, ready to be read: how it is called in SQL, how its rows are addressed there.
struct Readable<'a> {
    table: &'a Table,
    key: Key,
    from: String,
}

/// A row with its key.
pub type Keyed = (Vec<Cell>, Record);

impl Database {
    /// A stored database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stored(opener: Opener, subject: &str) -> Result<Self> {
        Self::new(Link::Stored(Stored::open(opener, subject)?), subject)
    }

    /// A living database in a read transaction.
    ///
    /// # Errors
    /// When its schema cannot be read.
    pub fn locked(live: Live, subject: &str) -> Result<Self> {
        Self::new(Link::Locked(live), subject)
    }

    /// A living database at rest, opened without locks.
    ///
    /// # Errors
    /// When its schema cannot be read.
    pub fn at_rest(live: Live, path: PathBuf, print: Print, subject: &str) -> Result<Self> {
        Self::new(Link::AtRest(live, path, Box::new(print)), subject)
    }

    fn new(link: Link, subject: &str) -> Result<Self> {
        let mut database = Self {
            link,
            subject: subject.to_owned(),
            tables: Vec::new(),
            states: RefCell::default(),
        };
        database.tables = schema::tables(&database.link).map_err(|e| database.error(e))?;
        Ok(database)
    }

    /// Asks the database something.
    pub fn with<T>(&self, ask: impl FnOnce(&Connection) -> T) -> T {
        ask(&self.link)
    }

    /// The tables and views, sorted by name.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table called `name`.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name == name)
    }

    /// The order of two ids of a table.
    pub fn key<'a>(&self, table: &'a Table) -> Option<&'a Key> {
        table.key.as_ref()
    }

    fn error(&self, error: rusqlite::Error) -> Error {
        match &self.link {
            Link::Stored(stored) => stored.explain(&self.subject, error),
            _ => Error::sql(self.subject.clone(), error),
        }
    }

    /// Rows read without locks count only if nothing was written meanwhile.
    fn still(&self) -> Result<()> {
        let Link::AtRest(_, path, print) = &self.link else {
            return Ok(());
        };
        match Print::take(path) {
            Ok((now, _)) if now.same_as(print) => Ok(()),
            _ => Err(Fact::KeptChanging.at(path)),
        }
    }

    /// Number of rows.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn count(&self, table: &Table) -> Result<u64> {
        let known = self.states.borrow().get(&table.name).and_then(|s| s.count);
        if let Some(count) = known {
            return Ok(count);
        }
        let readable = self.readable(table)?;
        let sql = format!("SELECT count(*) FROM {}", readable.from);
        let count: i64 = self.link.query_row(&sql, [], |r| r.get(0)).map_err(|e| self.error(e))?;
        self.still()?;
        let count = count.unsigned_abs();
        self.states.borrow_mut().entry(table.name.clone()).or_default().count = Some(count);
        Ok(count)
    }

    /// The row with this id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn get(&self, table: &Table, id: &str) -> Result<Option<Record>> {
        let readable = self.readable(table)?;
        let Some(values) = readable.key.parse(id) else {
            return Ok(None);
        };
        let members = sql::members(table);
        let select = sql::select_by_key(table, &readable.key, &readable.from);
        let row = self
            .link
            .prepare_cached(&select)
            .and_then(|mut s| {
                s.query_row(params_from_iter(&values), |r| sql::record(&readable.key, &members, r))
                    .optional()
            })
            .map_err(|e| self.error(e))?;
        self.still()?;
        Ok(row.map(|(_, record)| record))
    }

    /// Up to `limit` rows from row number `offset` on.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn page(&self, table: &Table, offset: u64, limit: u64) -> Result<Vec<Record>> {
        let readable = self.readable(table)?;
        let mut way = self.way(table, offset);
        if way == Way::Unknown {
            self.learn(&readable)?;
            way = self.way(table, offset);
        }
        let rows = match way {
            Way::Start(u64::MAX) | Way::Unknown => Vec::new(),
            Way::Start(skip) => self.fetch(&readable, Start::First, &[], limit, skip)?,
            Way::After(key) => self.fetch(&readable, Start::After, &key, limit, 0)?,
            Way::At(key, skip) => self.fetch(&readable, Start::At, &key, limit, skip)?,
        };
        if let Some((key, _)) = rows.last() {
            let mut states = self.states.borrow_mut();
            let rank = &mut states.entry(table.name.clone()).or_default().rank;
            rank.ended(offset + rows.len() as u64, key.clone());
        }
        Ok(rows.into_iter().map(|(_, record)| record).collect())
    }

    fn way(&self, table: &Table, offset: u64) -> Way {
        self.states
            .borrow_mut()
            .entry(table.name.clone())
            .or_default()
            .rank
            .way(offset)
    }

    /// Up to `limit` rows after the row with the key `after`, with their keys.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn batch(&self, table: &Table, after: Option<&[Cell]>, limit: u64) -> Result<Vec<Keyed>> {
        let readable = self.readable(table)?;
        match after {
            None => self.fetch(&readable, Start::First, &[], limit, 0),
            Some(key) => self.fetch(&readable, Start::After, key, limit, 0),
        }
    }

    /// The key in an id of this table, as it is addressed when read (rows of views are numbered).
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn parse_id(&self, table: &Table, id: &str) -> Result<Option<Vec<Cell>>> {
        Ok(self.readable(table)?.key.parse(id))
    }

    fn fetch(&self, readable: &Readable<'_>, start: Start, key: &[Cell], limit: u64, skip: u64) -> Result<Vec<Keyed>> {
        let select = sql::select_ordered(readable.table, &readable.key, &readable.from, start, true);
        let members = sql::members(readable.table);
        let number = |n: u64| Cell::Integer(i64::try_from(n).unwrap_or(i64::MAX));
        let bounds = [number(limit), number(skip)];
        let read = || -> rusqlite::Result<Vec<Keyed>> {
            let mut statement = self.link.prepare_cached(&select)?;
            let mut rows = statement.query(params_from_iter(key.iter().chain(&bounds)))?;
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(sql::record(&readable.key, &members, row)?);
            }
            Ok(out)
        };
        let rows = read().map_err(|e| self.error(e))?;
        self.still()?;
        Ok(rows)
    }

    /// Learns where rows are by their number: by arithmetic where rowids have no gaps, else by reading all keys once.
    fn learn(&self, readable: &Readable<'_>) -> Result<()> {
        let table = readable.table;
        if let Key::Rowid { name, .. } = &readable.key {
            let count = self.count(table)?;
            let name = if matches!(name.as_str(), "rowid" | "_rowid_" | "oid") {
                name.clone()
            } else {
                quoted(name)
            };
            let end = |which: &str| {
                let sql = format!("SELECT {which}({name}) FROM {}", readable.from);
                self.link
                    .query_row(&sql, [], |r| r.get::<_, Option<i64>>(0))
                    .map_err(|e| self.error(e))
            };
            if let (Some(first), Some(last)) = (end("min")?, end("max")?)
                && last
                    .checked_sub(first)
                    .is_some_and(|n| n.unsigned_abs().checked_add(1) == Some(count))
            {
                let mut states = self.states.borrow_mut();
                states.entry(table.name.clone()).or_default().rank.is_dense_from(first);
                return Ok(());
            }
        }
        let (keys, count) = self.gather(readable).map_err(|e| self.error(e))?;
        self.still()?;
        let mut states = self.states.borrow_mut();
        let state = states.entry(table.name.clone()).or_default();
        state.count = Some(count);
        state.rank.gathered(keys);
        Ok(())
    }

    fn gather(&self, readable: &Readable<'_>) -> rusqlite::Result<(Vec<Vec<Cell>>, u64)> {
        let (table, key) = (readable.table, &readable.key);
        let select = sql::select_keys(table, key, &readable.from);
        let mut statement = self.link.prepare(&select)?;
        let mut rows = statement.query([])?;
        let (mut keys, mut n) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if n % STRIDE == 0 {
                keys.push(sql::key_of(key, row)?);
            }
            n += 1;
        }
        Ok((keys, n))
    }

    /// Tells the id of every `stride`th row, reading keys only; gives the number of rows.
    ///
    /// # Errors
    /// When the table cannot be read, or `found` fails.
    pub fn marks(
        &self,
        table: &Table,
        stride: u64,
        found: &mut dyn FnMut(&str) -> backstay_source::Result<()>,
    ) -> backstay_source::Result<u64> {
        let readable = self.readable(table)?;
        let select = sql::select_keys(table, &readable.key, &readable.from);
        let failed = |e| backstay_source::SourceError::from(self.error(e));
        let mut statement = self.link.prepare(&select).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let mut count = 0_u64;
        while let Some(row) = rows.next().map_err(failed)? {
            count += 1;
            if count.is_multiple_of(stride.max(1)) {
                found(&readable.key.id(&sql::key_of(&readable.key, row).map_err(failed)?))?;
            }
        }
        self.still()?;
        self.states.borrow_mut().entry(table.name.clone()).or_default().count = Some(count);
        Ok(count)
    }

    /// How the table is read. What has no stable address (a view, most virtual tables) is first written, row by row, into a
    /// temporary table, so that every row is computed once and numbers mean the same as long as the view is open.
    fn readable<'a>(&'a self, table: &'a Table) -> Result<Readable<'a>> {
        if !table.readable {
            let why = table.note.clone().unwrap_or_default();
            return Err(Fact::Unsupported { why }.on(format!("{}: {}", self.subject, table.name)));
        }
        if let Some(key) = &table.key {
            return Ok(Readable {
                table,
                key: key.clone(),
                from: format!("main.{}", quoted(&table.name)),
            });
        }
        let number = unused_name(table);
        let temp = format!("temp.{}", quoted(&format!("backstay {}", table.name)));
        let key = Key::Rowid {
            name: number.clone(),
            column: None,
        };
        let made = self.states.borrow().contains_key(&format!("\0{}", table.name));
        if !made {
            self.number_rows(table, &temp, &number).map_err(|e| self.error(e))?;
            self.states.borrow_mut().insert(format!("\0{}", table.name), State::default());
        }
        Ok(Readable { table, key, from: temp })
    }

    fn number_rows(&self, table: &Table, temp: &str, number: &str) -> rusqlite::Result<()> {
        // Columns without a type take values as they are.
        let columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
        let columns = columns.join(",");
        self.link.execute_batch(&format!(
            "CREATE TABLE {temp} ({} INTEGER PRIMARY KEY, {columns});
             INSERT INTO {temp} ({columns}) SELECT {columns} FROM main.{};",
            quoted(number),
            quoted(&table.name)
        ))
    }
}

fn unused_name(table: &Table) -> String {
    let mut name = "row number".to_owned();
    while table.columns.iter().any(|c| c.name.eq_ignore_ascii_case(&name)) {
        name.push('_');
    }
    name
}
