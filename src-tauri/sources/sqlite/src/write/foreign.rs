//! Foreign keys: what a removal would pull along, and what is left dangling at the end.

use rusqlite::{Connection, OptionalExtension, params_from_iter};

use crate::{
    convert::{Cell, Key, Table, quoted},
    read::rows::sql,
};

/// A row of another table that refers to the row with this key and would be changed by its removal (`ON DELETE CASCADE`,
/// `SET NULL`, `SET DEFAULT`) or stands in its way (`RESTRICT`), in words.
pub fn dependent(conn: &Connection, table: &Table, key: &Key, values: &[Cell]) -> rusqlite::Result<Option<String>> {
    for link in links_to(conn, &table.name)? {
        if link.on_delete == "NO ACTION" {
            // Counted by SQLite, checked at the end.
            continue;
        }
        let parents = link.parents(conn, table)?;
        let select = format!(
            "SELECT {} FROM main.{} WHERE {}",
            parents.iter().map(|p| quoted(p)).collect::<Vec<_>>().join(","),
            quoted(&table.name),
            sql::key_is(table, key, 1)
        );
        let referred = conn
            .prepare_cached(&select)?
            .query_row(params_from_iter(values), |row| {
                (0..parents.len())
                    .map(|at| row.get_ref(at).map(Cell::from))
                    .collect::<rusqlite::Result<Vec<_>>>()
            })
            .optional()?;
        let Some(referred) = referred else { continue };
        let conditions = link.columns.iter().enumerate();
        let conditions: Vec<String> = conditions
            .map(|(at, (child, _))| format!("{} = ?{}", quoted(child), at + 1))
            .collect();
        let exists = format!(
            "SELECT 1 FROM main.{} WHERE {} LIMIT 1",
            quoted(&link.child),
            conditions.join(" AND ")
        );
        if conn.prepare_cached(&exists)?.exists(params_from_iter(&referred))? {
            return Ok(Some(format!("{} refers to {}", link.child, table.name)));
        }
    }
    Ok(None)
}

/// A foreign key that refers to a table.
struct Link {
    child: String,
    on_delete: String,
    /// Column there, and the column here it refers to (none: the primary key).
    columns: Vec<(String, Option<String>)>,
}

impl Link {
    fn parents(&self, conn: &Connection, table: &Table) -> rusqlite::Result<Vec<String>> {
        let named: Option<Vec<String>> = self.columns.iter().map(|(_, p)| p.clone()).collect();
        if let Some(named) = named {
            return Ok(named);
        }
        let mut statement = conn.prepare_cached("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
        let names = statement.query_map([&table.name], |r| r.get(0))?;
        names.collect()
    }
}

fn links_to(conn: &Connection, parent: &str) -> rusqlite::Result<Vec<Link>> {
    let mut statement = conn.prepare_cached(
        "SELECT l.name, f.id, f.on_delete, f.\"from\", f.\"to\" FROM pragma_table_list l, pragma_foreign_key_list(l.name) f \
         WHERE l.schema = 'main' AND l.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE ORDER BY l.name, f.id, f.seq",
    )?;
    let mut rows = statement.query([parent])?;
    let mut out: Vec<(i64, Link)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (child, id): (String, i64) = (row.get(0)?, row.get(1)?);
        let column = (row.get(3)?, row.get(4)?);
        match out.last_mut() {
            Some((last, link)) if *last == id && link.child == child => link.columns.push(column),
            _ => out.push((
                id,
                Link {
                    child,
                    on_delete: row.get(2)?,
                    columns: vec![column],
                },
            )),
        }
    }
    Ok(out.into_iter().map(|(_, link)| link).collect())
}

/// Rows without the rows they refer to, in words. Looked for only when SQLite counted some that this transaction caused: those
/// that were there before are among them, and cannot be told apart any more.
pub fn dangling(conn: &Connection) -> Vec<String> {
    let sql = "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 5";
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let (table, rowid, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let rowid = rowid.map(|n| n.to_string()).unwrap_or_default();
            Ok(format!("{table} {rowid} → {parent}"))
        })?;
        rows.collect()
    };
    read().unwrap_or_default()
}
