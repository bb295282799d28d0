//! The few statements rows are read with, and a row as a record.

use backstay_model::{RawJson, Record};
use bytes::Bytes;
use rusqlite::Row;

use crate::convert::{Cell, Collation, Key, KeyColumn, Table, quoted, write, write_text};

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first row.
    First,
    /// After the row with this key.
    After,
    /// At the row with this key, or the next one.
    At,
}

/// The expression of a key column: with its collation where the table's text mentions one, as the column may have another.
fn key_expression(table: &Table, key: &KeyColumn) -> String {
    let name = quoted(&table.columns[key.column].name);
    let mentions = table
        .sql
        .as_deref()
        .is_some_and(|sql| sql.to_ascii_uppercase().contains("COLLATE"));
    if mentions || key.collation != Collation::Binary {
        format!("{name} COLLATE {}", key.collation.sql())
    } else {
        name
    }
}

fn key_expressions(table: &Table, key: &Key) -> Vec<String> {
    match key {
        Key::Rowid { name, .. } => vec![quoted_rowid(name)],
        Key::Columns(columns) => columns.iter().map(|c| key_expression(table, c)).collect(),
    }
}

/// `"rowid"` in quotes would be taken for a text where a table has none.
fn quoted_rowid(name: &str) -> String {
    match name {
        "rowid" | "_rowid_" | "oid" => name.to_owned(),
        other => quoted(other),
    }
}

fn descending(key: &Key) -> Vec<bool> {
    match key {
        Key::Rowid { .. } => vec![false],
        Key::Columns(columns) => columns.iter().map(|c| c.descending).collect(),
    }
}

/// The key's columns as a SELECT lists them.
pub fn key_list(table: &Table, key: &Key) -> String {
    let names: Vec<String> = match key {
        Key::Rowid { name, .. } => vec![quoted_rowid(name)],
        Key::Columns(columns) => columns.iter().map(|c| quoted(&table.columns[c.column].name)).collect(),
    };
    names.join(",")
}

fn list(table: &Table, key: &Key) -> String {
    let columns = table.columns.iter().map(|c| quoted(&c.name));
    [key_list(table, key)]
        .into_iter()
        .chain(columns)
        .collect::<Vec<_>>()
        .join(",")
}

/// `ORDER BY` of the key.
pub fn order(table: &Table, key: &Key) -> String {
    let parts = key_expressions(table, key).into_iter().zip(descending(key));
    let parts = parts.map(|(e, down)| if down { format!("{e} DESC") } else { e });
    parts.collect::<Vec<_>>().join(",")
}

/// All keys in order.
pub fn select_keys(table: &Table, key: &Key, from: &str) -> String {
    format!("SELECT {} FROM {from} ORDER BY {}", key_list(table, key), order(table, key))
}

/// Rows in key order from `start` (whose key's values are parameters 1…n) with `LIMIT` and `OFFSET` as the next two parameters.
/// `from` is the table's name in SQL.
pub fn select_ordered(table: &Table, key: &Key, from: &str, start: Start, whole: bool) -> String {
    let what = if whole { list(table, key) } else { key_list(table, key) };
    let n = key_expressions(table, key).len();
    let bound = match start {
        Start::First => String::new(),
        Start::After => format!(" WHERE {}", beyond(table, key, false)),
        Start::At => format!(" WHERE {}", beyond(table, key, true)),
    };
    let first = if start == Start::First { 1 } else { n + 1 };
    format!(
        "SELECT {what} FROM {from}{bound} ORDER BY {} LIMIT ?{first} OFFSET ?{}",
        order(table, key),
        first + 1
    )
}

/// The condition that a row comes after (or at) the key given as parameters 1…n.
fn beyond(table: &Table, key: &Key, inclusive: bool) -> String {
    let names = key_expressions(table, key);
    let down = descending(key);
    let sign = |down: bool, inclusive: bool| match (down, inclusive) {
        (false, false) => ">",
        (false, true) => ">=",
        (true, false) => "<",
        (true, true) => "<=",
    };
    if let [name] = names.as_slice() {
        return format!("{name} {} ?1", sign(down[0], inclusive));
    }
    if down.iter().all(|d| *d == down[0]) {
        let marks: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        return format!("({}) {} ({})", names.join(","), sign(down[0], inclusive), marks.join(","));
    }
    // Columns of both directions: spelled out, with a bound on the first column that an index can use.
    let mut out = String::new();
    let last = names.len() - 1;
    for at in (0..names.len()).rev() {
        let mark = at + 1;
        let strict = format!("{} {} ?{mark}", names[at], sign(down[at], inclusive && at == last));
        out = match at == last {
            true => strict,
            false => format!("({strict} OR ({} = ?{mark} AND {out}))", names[at]),
        };
    }
    format!("{} {} ?1 AND {out}", names[0], sign(down[0], true))
}

/// The row with the key given as parameters.
pub fn select_by_key(table: &Table, key: &Key, from: &str) -> String {
    format!("SELECT {} FROM {from} WHERE {}", list(table, key), key_is(table, key, 1))
}

/// The condition that a row has the key given as parameters from number `first` on.
pub fn key_is(table: &Table, key: &Key, first: usize) -> String {
    let names = key_expressions(table, key);
    let parts = names.iter().enumerate().map(|(at, name)| format!("{name} = ?{}", at + first));
    parts.collect::<Vec<_>>().join(" AND ")
}

/// The number of key columns that stand before the table's own in a SELECT made here.
pub fn key_width(key: &Key) -> usize {
    match key {
        Key::Rowid { .. } => 1,
        Key::Columns(columns) => columns.len(),
    }
}

/// The key of a row of a SELECT made here.
pub fn key_of(key: &Key, row: &Row<'_>) -> rusqlite::Result<Vec<Cell>> {
    (0..key_width(key)).map(|at| row.get_ref(at).map(Cell::from)).collect()
}

/// A row of a SELECT made here as a record. `members` are the columns' names as JSON, with their colons.
pub fn record(key: &Key, members: &[Vec<u8>], row: &Row<'_>) -> rusqlite::Result<(Vec<Cell>, Record)> {
    let values = key_of(key, row)?;
    let width = values.len();
    let mut out = Vec::with_capacity(64 * members.len());
    out.push(b'{');
    for (at, member) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(member);
        write(&mut out, row.get_ref(width + at)?);
    }
    out.push(b'}');
    let id = key.id(&values);
    Ok((values, Record::new(id, RawJson::trusted(Bytes::from(out)))))
}

/// The columns' names as JSON, each with its colon.
pub fn members(table: &Table) -> Vec<Vec<u8>> {
    let member = |name: &String| {
        let mut out = Vec::new();
        write_text(&mut out, name);
        out.push(b':');
        out
    };
    table.member_names().iter().map(member).collect()
}
