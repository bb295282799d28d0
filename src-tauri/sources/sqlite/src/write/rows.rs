//! Restoring rows into living databases: one transaction for each, nothing counts before the end.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use backstay_model::{ContentHash, Record};
use backstay_source::{Cancel, Expect, RecordView, RecordWriter, WriteStep, Written};
use rusqlite::{Connection, ErrorCode, OptionalExtension, ffi, params_from_iter};

use super::{
    foreign, place,
    row::{Row, key_of},
    target::{Origin, Target},
};
use crate::{
    config::Config,
    convert::{Affinity, Cell, Key, Table, quoted},
    error::{Error, Fact, Result},
    list::Survey,
    read::rows::sql,
};

/// Writes rows.
pub struct RowWriter {
    config: Arc<Config>,
    cancel: Cancel,
    origins: BTreeMap<String, Origin>,
    /// The file a collection's rows go into, where the target has the collection.
    files: BTreeMap<String, PathBuf>,
    targets: BTreeMap<PathBuf, Target>,
    tables: BTreeMap<String, Sheet>,
    removals: Vec<(String, Vec<Cell>)>,
}

/// A table that is written to.
struct Sheet {
    path: PathBuf,
    table: Table,
    key: Key,
    members: Vec<Vec<u8>>,
}

impl RowWriter {
    /// A writer for the source or target with these settings. `schema` is where the rows come from.
    ///
    /// # Errors
    /// When the schema or the target cannot be read.
    pub fn new(config: Arc<Config>, schema: &dyn RecordView, cancel: Cancel) -> Result<Self> {
        let origins: BTreeMap<String, Origin> = schema
            .collections()?
            .iter()
            .filter_map(|c| Some((c.name.clone(), Origin::of(c)?)))
            .collect();
        // A store's current state file may have another name than at the time of the backup: the living names decide.
        let mut files = BTreeMap::new();
        match Survey::take(&config, &cancel, |_| None) {
            Ok(survey) => {
                for (found, naming) in survey.listing.found.iter().zip(&survey.names) {
                    for (name, origin) in &origins {
                        let here = match naming.prefix.as_str() {
                            "" => name.clone() == origin.table,
                            prefix => *name == format!("{prefix}/{}", origin.table),
                        };
                        if here {
                            files.insert(name.clone(), found.path.clone());
                        }
                    }
                }
            }
            Err(e) if matches!(e.fact, Fact::Missing) => {}
            Err(e) => return Err(e),
        }
        Ok(Self {
            config,
            cancel,
            origins,
            files,
            targets: BTreeMap::new(),
            tables: BTreeMap::new(),
            removals: Vec::new(),
        })
    }

    /// Opens the table a collection's rows go into.
    fn sheet(&mut self, collection: &str) -> Result<()> {
        if self.tables.contains_key(collection) {
            return Ok(());
        }
        let origin = self
            .origins
            .get(collection)
            .ok_or_else(|| Fact::NoCollection.on(collection))?;
        let path = match self.files.get(collection) {
            Some(path) => path.clone(),
            None => place::of(&self.config, &origin.file)?,
        };
        if !self.targets.contains_key(&path) {
            let target = Target::open(&path, &self.config, &self.cancel)?;
            self.targets.insert(path.clone(), target);
        }
        let Some(target) = self.targets.get(&path) else {
            return Err(Fact::NoCollection.on(collection));
        };
        let table = target.table(origin)?;
        let Some(key) = table.key.clone() else {
            return Err(Fact::NoCollection.on(collection));
        };
        let members = sql::members(&table);
        let sheet = Sheet {
            path,
            table,
            key,
            members,
        };
        self.tables.insert(collection.to_owned(), sheet);
        Ok(())
    }

    fn step(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        if self.cancel.is_cancelled() {
            return Err(Fact::Cancelled.on(collection));
        }
        self.sheet(collection)?;
        if !matches!(step, WriteStep::Delete(_)) && !self.removals.is_empty() {
            self.remove_all()?;
        }
        let (Some(sheet), Some(origin)) = (self.tables.get(collection), self.origins.get(collection)) else {
            return Err(Fact::NoCollection.on(collection));
        };
        let Some(target) = self.targets.get(&sheet.path) else {
            return Err(Fact::NoCollection.on(collection));
        };
        let writing = Writing {
            conn: &target.live,
            sheet,
            origin,
            collection,
        };
        match step {
            WriteStep::Create(record) => writing.create(record, expect),
            WriteStep::Update(record) => writing.update(record, expect),
            WriteStep::KeepBoth(record) => writing.keep_both(record, expect),
            WriteStep::Delete(id) => {
                let key = key_of(&sheet.key, id, collection)?;
                writing.expect(&key, id, expect)?;
                self.removals.push((collection.to_owned(), key));
                Ok(Written::default())
            }
        }
    }

    /// Removes what was asked to be removed: rows others refer to after those others. What still is referred to then is not ours
    /// to remove.
    fn remove_all(&mut self) -> Result<()> {
        let mut left = std::mem::take(&mut self.removals);
        loop {
            let before = left.len();
            let mut blocked = Vec::new();
            let mut why = None;
            for (collection, key) in left {
                let (sheet, target) = match self.tables.get(&collection).map(|s| (s, self.targets.get(&s.path))) {
                    Some((sheet, Some(target))) => (sheet, target),
                    _ => return Err(Fact::NoCollection.on(collection)),
                };
                let sql_error = |e| Error::sql(collection.clone(), e);
                match foreign::dependent(&target.live, &sheet.table, &sheet.key, &key).map_err(sql_error)? {
                    Some(other) => {
                        why = Some(other);
                        blocked.push((collection, key));
                    }
                    None => delete(&target.live, sheet, &key).map_err(sql_error)?,
                }
            }
            left = blocked;
            match why {
                None => return Ok(()),
                Some(other) if left.len() == before => {
                    let subject = left.first().map(|(c, _)| c.clone()).unwrap_or_default();
                    return Err(Fact::ForeignKeys { rows: vec![other] }.on(subject));
                }
                Some(_) => {}
            }
        }
    }
}

fn delete(conn: &Connection, sheet: &Sheet, key: &[Cell]) -> rusqlite::Result<()> {
    let sql = format!(
        "DELETE FROM main.{} WHERE {}",
        quoted(&sheet.table.name),
        sql::key_is(&sheet.table, &sheet.key, 1)
    );
    conn.prepare_cached(&sql)?.execute(params_from_iter(key)).map(drop)
}

impl RecordWriter for RowWriter {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> backstay_source::Result<Written> {
        Ok(self.step(collection, step, expect)?)
    }

    fn commit(&mut self) -> backstay_source::Result<()> {
        self.remove_all()?;
        self.tables.clear();
        while let Some((_, target)) = self.targets.pop_first() {
            target.commit()?;
        }
        Ok(())
    }
}

/// One write.
struct Writing<'a> {
    conn: &'a Connection,
    sheet: &'a Sheet,
    origin: &'a Origin,
    collection: &'a str,
}

impl Writing<'_> {
    fn error(&self, id: &str, error: rusqlite::Error) -> Error {
        Error::sql(format!("{}/{id}", self.collection), error)
    }

    fn from(&self) -> String {
        format!("main.{}", quoted(&self.sheet.table.name))
    }

    /// The row as it is now.
    fn now(&self, key: &[Cell]) -> rusqlite::Result<Option<Record>> {
        let Sheet {
            table,
            key: how,
            members,
            ..
        } = self.sheet;
        let select = sql::select_by_key(table, how, &self.from());
        let mut statement = self.conn.prepare_cached(&select)?;
        let row = statement.query_row(params_from_iter(key), |row| sql::record(how, members, row));
        Ok(row.optional()?.map(|(_, record)| record))
    }

    fn expect(&self, key: &[Cell], id: &str, expect: Expect) -> Result<()> {
        let now = self.now(key).map_err(|e| self.error(id, e))?;
        let as_expected = match (now, expect) {
            (None, Expect::Absent) => true,
            (Some(record), Expect::Content(hash)) => record.hash == hash,
            _ => false,
        };
        if as_expected {
            return Ok(());
        }
        Err(Fact::Changed.on(format!("{}/{id}", self.collection)))
    }

    fn row(&self, record: &Record) -> Result<Row> {
        Row::of(record, &self.sheet.table, &self.sheet.key, self.origin, self.collection)
    }

    fn hash(&self, key: &[Cell], id: &str) -> Result<Option<ContentHash>> {
        Ok(self.now(key).map_err(|e| self.error(id, e))?.map(|r| r.hash))
    }

    fn create(&self, record: &Record, expect: Expect) -> Result<Written> {
        let row = self.row(record)?;
        self.expect(&row.key, &record.id, expect)?;
        self.insert(&row, true).map_err(|e| self.refused(record, &row, e))?;
        let hash = self.hash(&row.key, &record.id)?;
        Ok(Written { new_id: None, hash })
    }

    /// Inserts the row; `keyed` says whether it has the rowid of its id or gets a new one.
    fn insert(&self, row: &Row, keyed: bool) -> rusqlite::Result<()> {
        let columns = &self.sheet.table.columns;
        let mut names: Vec<String> = row.values.iter().map(|(at, _)| quoted(&columns[*at].name)).collect();
        let mut values: Vec<&Cell> = row.values.iter().map(|(_, cell)| cell).collect();
        if let Key::Rowid { name, column: None } = &self.sheet.key
            && keyed
        {
            names.push(name.clone());
            values.extend(&row.key);
        }
        let from = self.from();
        let sql = if names.is_empty() {
            format!("INSERT INTO {from} DEFAULT VALUES")
        } else {
            let marks: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
            format!("INSERT INTO {from} ({}) VALUES ({})", names.join(","), marks.join(","))
        };
        self.conn.prepare_cached(&sql)?.execute(params_from_iter(values)).map(drop)
    }

    fn update(&self, record: &Record, expect: Expect) -> Result<Written> {
        let row = self.row(record)?;
        self.expect(&row.key, &record.id, expect)?;
        if !row.values.is_empty() {
            let columns = &self.sheet.table.columns;
            let sets = row.values.iter().enumerate();
            let sets: Vec<String> = sets
                .map(|(n, (at, _))| format!("{} = ?{}", quoted(&columns[*at].name), n + 1))
                .collect();
            let sql = format!(
                "UPDATE {} SET {} WHERE {}",
                self.from(),
                sets.join(","),
                sql::key_is(&self.sheet.table, &self.sheet.key, sets.len() + 1)
            );
            let values = row.values.iter().map(|(_, cell)| cell).chain(&row.key);
            let done = self
                .conn
                .prepare_cached(&sql)
                .and_then(|mut s| s.execute(params_from_iter(values)));
            done.map_err(|e| self.refused(record, &row, e))?;
        }
        let hash = self.hash(&row.key, &record.id)?;
        Ok(Written { new_id: None, hash })
    }

    /// Puts the row beside the living one, under a key nobody has.
    fn keep_both(&self, record: &Record, expect: Expect) -> Result<Written> {
        let mut row = self.row(record)?;
        if let Expect::Content(_) = expect {
            self.expect(&row.key, &record.id, expect)?;
        }
        let key = match &self.sheet.key {
            Key::Rowid { column, .. } => {
                row.values.retain(|(at, _)| Some(*at) != *column);
                self.insert(&row, false).map_err(|e| self.refused(record, &row, e))?;
                vec![Cell::Integer(self.conn.last_insert_rowid())]
            }
            Key::Columns(columns) => {
                let [column] = columns.as_slice() else {
                    let why = "has a key of several columns: a second row beside it cannot be given a key".to_owned();
                    return Err(Fact::Unsupported { why }.on(format!("{}/{}", self.collection, record.id)));
                };
                let free = self.free_key(&row.key, column.affinity, &record.id)?;
                row.values.retain(|(at, _)| *at != column.column);
                row.values.push((column.column, free.clone()));
                self.insert(&row, false).map_err(|e| self.refused(record, &row, e))?;
                vec![free]
            }
        };
        let new_id = self.sheet.key.id(&key);
        let hash = self.hash(&key, &new_id)?;
        Ok(Written {
            new_id: Some(new_id),
            hash,
        })
    }

    /// A key like this one that no row has: the next number, or the text with a note.
    fn free_key(&self, key: &[Cell], affinity: Affinity, id: &str) -> Result<Cell> {
        match (key, affinity) {
            ([Cell::Integer(_)], Affinity::Integer | Affinity::Numeric) => {
                let list = sql::key_list(&self.sheet.table, &self.sheet.key);
                let max = format!("SELECT max({list}) FROM {}", self.from());
                let max: i64 = self.conn.query_row(&max, [], |r| r.get(0)).map_err(|e| self.error(id, e))?;
                max.checked_add(1).map(Cell::Integer)
            }
            ([Cell::Text(text)], Affinity::Text) => {
                let mut n = 1;
                loop {
                    let mut candidate = text.clone();
                    let note = if n == 1 {
                        " (restored)".to_owned()
                    } else {
                        format!(" (restored {n})")
                    };
                    candidate.extend_from_slice(note.as_bytes());
                    let cell = Cell::Text(candidate);
                    if self
                        .now(std::slice::from_ref(&cell))
                        .map_err(|e| self.error(id, e))?
                        .is_none()
                    {
                        break Some(cell);
                    }
                    n += 1;
                }
            }
            _ => None,
        }
        .ok_or_else(|| {
            let why = "has a key that cannot be varied: a second row beside it is not possible".to_owned();
            Fact::Unsupported { why }.on(format!("{}/{id}", self.collection))
        })
    }

    /// Why the table did not take the row.
    fn refused(&self, record: &Record, row: &Row, error: rusqlite::Error) -> Error {
        let subject = format!("{}/{}", self.collection, record.id);
        let Some(failure) = error.sqlite_error().copied() else {
            return Error::sql(subject, error);
        };
        if failure.code != ErrorCode::ConstraintViolation {
            return Error::sql(subject, error);
        }
        let constraint = error.to_string();
        let unique = [
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            ffi::SQLITE_CONSTRAINT_ROWID,
        ];
        if unique.contains(&failure.extended_code) {
            let other = self.in_the_way(row).ok().flatten().unwrap_or_else(|| "(unknown)".to_owned());
            return Fact::TakenByOther { constraint, other }.on(subject);
        }
        Fact::Constraint { constraint }.on(subject)
    }

    /// The id of the row that has the same values under a UNIQUE index.
    fn in_the_way(&self, row: &Row) -> rusqlite::Result<Option<String>> {
        let table = &self.sheet.table;
        let mut indexes = self
            .conn
            .prepare_cached("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1")?;
        let names: Vec<String> = indexes
            .query_map([&table.name], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for index in names {
            let mut parts = self
                .conn
                .prepare_cached("SELECT name FROM pragma_index_xinfo(?1) WHERE key = 1 AND name NOT NULL ORDER BY seqno")?;
            let columns: Vec<String> = parts.query_map([&index], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
            let value = |name: &String| {
                row.values
                    .iter()
                    .find(|(at, _)| table.columns[*at].name == *name)
                    .map(|(_, c)| c)
            };
            let Some(values) = columns.iter().map(value).collect::<Option<Vec<&Cell>>>() else {
                continue;
            };
            let conditions: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(n, c)| format!("{} = ?{}", quoted(c), n + 1))
                .collect();
            let select = format!(
                "SELECT {} FROM {} WHERE {}",
                sql::key_list(table, &self.sheet.key),
                self.from(),
                conditions.join(" AND ")
            );
            let found = self
                .conn
                .prepare(&select)?
                .query_row(params_from_iter(values), |r| sql::key_of(&self.sheet.key, r))
                .optional()?;
            if let Some(key) = found.filter(|key| *key != row.key) {
                return Ok(Some(self.sheet.key.id(&key)));
            }
        }
        Ok(None)
    }
}
