//! Finding runs: by id or its beginning, by filter in pages (newest first), by what a dashboard asks.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, params_from_iter};

use super::{COLUMNS, Page, Run, RunFilter, Runs, require, run, with_short};
use crate::codec::{micros, number, text};
use crate::{Result, ids};

impl Runs<'_> {
    /// The run with this id or this beginning of an id (dashes may be left out).
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`], [`crate::JournalError::Ambiguous`].
    pub fn get(&self, prefix: &str) -> Result<Run> {
        self.0.read(|tx| Ok(require(tx, &ids::whole(tx, "runs", "run", prefix)?)?.1))
    }

    /// Runs that fit `filter`, newest first, from `from` (a page's `next`) on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, filter: &RunFilter, from: Option<u64>, limit: usize) -> Result<Page<Run>> {
        let (wheres, mut values) = conditions(filter)?;
        let mut sql = format!("SELECT {COLUMNS} FROM runs WHERE {wheres}");
        if let Some(from) = from {
            sql.push_str(" AND seq < ?");
            values.push(Value::Integer(number(from)));
        }
        sql.push_str(" ORDER BY seq DESC LIMIT ?");
        values.push(Value::Integer(number(limit as u64).saturating_add(1)));
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&sql)?;
            let found: Vec<(i64, Run)> = rows
                .query_map(params_from_iter(values), run)?
                .collect::<rusqlite::Result<_>>()?;
            let page = Page::cut(found, limit, |(seq, _)| seq.unsigned_abs());
            let rows = page
                .rows
                .into_iter()
                .map(|(_, run)| with_short(tx, run))
                .collect::<Result<_>>()?;
            Ok(Page { rows, next: page.next })
        })
    }

    /// How many runs fit `filter`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(&self, filter: &RunFilter) -> Result<u64> {
        let (wheres, values) = conditions(filter)?;
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT count(*) FROM runs WHERE {wheres}"))?;
            let count: i64 = rows.query_row(params_from_iter(values), |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// The newest run that fits `filter`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest(&self, filter: &RunFilter) -> Result<Option<Run>> {
        Ok(self.list(filter, None, 1)?.rows.into_iter().next())
    }

    /// The run that wrote a snapshot (whole id), if this machine wrote it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_snapshot(&self, snapshot: &str) -> Result<Option<Run>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs WHERE snapshot = ?1 AND kind = 'backup' ORDER BY seq LIMIT 1"
            ))?;
            let found = rows.query_row([snapshot], run).optional()?;
            found.map(|(_, run)| with_short(tx, run)).transpose()
        })
    }
}

/// The filter as SQL and its values, in order.
fn conditions(filter: &RunFilter) -> Result<(String, Vec<Value>)> {
    let mut sql = "1".to_owned();
    let mut values = Vec::new();
    let kinds: Vec<String> = filter.kinds.iter().map(text).collect::<rusqlite::Result<_>>()?;
    let verdicts: Vec<String> = filter.verdicts.iter().map(text).collect::<rusqlite::Result<_>>()?;
    for (column, list) in [("kind", kinds), ("verdict", verdicts)] {
        if !list.is_empty() {
            sql.push_str(&format!(" AND {column} IN ({})", vec!["?"; list.len()].join(", ")));
            values.extend(list.into_iter().map(Value::Text));
        }
    }
    if filter.open {
        sql.push_str(" AND verdict IS NULL");
    }
    let of = [
        ("source_id = ?", &filter.source),
        ("vault_id = ?", &filter.vault),
        ("plan_id = ?", &filter.plan),
    ];
    for (condition, id) in of.into_iter().filter_map(|(condition, id)| Some((condition, id.as_ref()?))) {
        sql.push_str(&format!(" AND {condition}"));
        values.push(Value::Text(id.clone()));
    }
    for (condition, time) in [("started >= ?", filter.since), ("started < ?", filter.until)] {
        if let Some(time) = time {
            sql.push_str(&format!(" AND {condition}"));
            values.push(Value::Integer(micros(time)));
        }
    }
    Ok((sql, values))
}
