//! Finding entries of the audit log. The filter is the database's work: memory follows the page, not the log.

use chrono::{DateTime, Utc};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use super::{Audit, AuditRow, COLUMNS, audit_row};
use crate::Result;
use crate::codec::{micros, number};
use crate::runs::Page;

/// Which entries to list. Everything given must fit.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Stands somewhere in actor, action, object or detail; Latin letters in any case.
    pub text: Option<String>,
    /// The action begins with it: `source.`, `plan.add`.
    pub action: Option<String>,
    /// The object is called so; Latin letters in any case.
    pub object: Option<String>,
    /// Done by this user.
    pub actor: Option<String>,
    /// At or after.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

impl Audit<'_> {
    /// Entries that fit `filter`, newest first, from `from` (a page's `next`) on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn filtered(&self, filter: &AuditFilter, from: Option<u64>, limit: usize) -> Result<Page<AuditRow>> {
        let (wheres, mut values) = conditions(filter);
        values.push(Value::Integer(number(from.unwrap_or(u64::MAX))));
        values.push(Value::Integer(number(limit as u64).saturating_add(1)));
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE {wheres} AND seq < ? ORDER BY seq DESC LIMIT ?");
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&sql)?;
            let found = rows.query_map(params_from_iter(values), audit_row)?;
            Ok(Page::cut(found.collect::<rusqlite::Result<_>>()?, limit, |row: &AuditRow| {
                row.seq
            }))
        })
    }
}

/// The filter as SQL and its values, in order.
fn conditions(filter: &AuditFilter) -> (String, Vec<Value>) {
    let mut sql = "1".to_owned();
    let mut values = Vec::new();
    let mut add = |condition: &str, times: usize, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.extend(std::iter::repeat_n(value, times));
    };
    if let Some(text) = &filter.text {
        let like =
            "(object LIKE ? ESCAPE '\\' OR action LIKE ? ESCAPE '\\' OR actor LIKE ? ESCAPE '\\' OR detail LIKE ? ESCAPE '\\')";
        add(like, 4, Value::Text(format!("%{}%", escaped(text))));
    }
    if let Some(action) = &filter.action {
        add("substr(action, 1, length(?)) = ?", 2, Value::Text(action.clone()));
    }
    if let Some(object) = &filter.object {
        add("object = ? COLLATE NOCASE", 1, Value::Text(object.clone()));
    }
    if let Some(actor) = &filter.actor {
        add("actor = ?", 1, Value::Text(actor.clone()));
    }
    for (condition, time) in [("at >= ?", filter.since), ("at < ?", filter.until)] {
        if let Some(time) = time {
            add(condition, 1, Value::Integer(micros(time)));
        }
    }
    (sql, values)
}

/// The text as LIKE takes it by the letter.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
