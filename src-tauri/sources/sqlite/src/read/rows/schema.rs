//! Reading a database's schema: which tables there are and how their rows are addressed.

use rusqlite::{Connection, OptionalExtension};

use crate::convert::{Affinity, Collation, Column, Key, KeyColumn, Kind, Table, quoted};

/// All tables and views of `conn`, sorted by name.
pub fn tables(conn: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut statement = conn.prepare(
        "SELECT l.name, l.type, l.wr, s.sql FROM pragma_table_list l \
         LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') \
         WHERE l.schema = 'main' AND l.name NOT IN ('sqlite_schema', 'sqlite_temp_schema') ORDER BY l.name COLLATE BINARY",
    )?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let listed = Listed {
            name: row.get(0)?,
            kind: row.get(1)?,
            without_rowid: row.get(2)?,
            sql: row.get(3)?,
        };
        out.push(describe(conn, listed, None)?);
    }
    Ok(out)
}

/// The table called `name`, if there is one. `by_rowid` tells how rows that come here are addressed, where both ways are possible.
pub fn find_table(conn: &Connection, name: &str, by_rowid: bool) -> rusqlite::Result<Option<Table>> {
    let listed = conn
        .query_row(
            "SELECT l.name, l.type, l.wr, s.sql FROM pragma_table_list l \
             LEFT JOIN sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') \
             WHERE l.schema = 'main' AND l.name = ?1",
            [name],
            |row| {
                Ok(Listed {
                    name: row.get(0)?,
                    kind: row.get(1)?,
                    without_rowid: row.get(2)?,
                    sql: row.get(3)?,
                })
            },
        )
        .optional()?;
    listed.map(|listed| describe(conn, listed, Some(by_rowid))).transpose()
}

struct Listed {
    name: String,
    kind: String,
    without_rowid: bool,
    sql: Option<String>,
}

/// One row of `pragma_table_xinfo`.
struct Info {
    column: Column,
    key_place: i64,
}

fn describe(conn: &Connection, listed: Listed, by_rowid: Option<bool>) -> rusqlite::Result<Table> {
    let kind = match listed.kind.as_str() {
        "view" => Kind::View,
        "virtual" => Kind::Virtual,
        "shadow" => Kind::Internal,
        _ if listed.name.starts_with("sqlite_") => Kind::Internal,
        _ => Kind::Table,
    };
    let mut table = Table {
        name: listed.name,
        kind,
        sql: listed.sql,
        columns: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        key: None,
        note: None,
        readable: true,
    };
    table.indexes = belonging(
        conn,
        &table.name,
        "SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND type = 'index' AND sql NOT NULL",
    )?;
    table.triggers = belonging(
        conn,
        &table.name,
        "SELECT name FROM sqlite_schema WHERE tbl_name = ?1 AND type = 'trigger'",
    )?;
    let infos = match columns(conn, &table.name).and_then(|infos| {
        // A view on a table that is gone, a module that is not built in: seen only when it is compiled.
        conn.prepare(&format!("SELECT * FROM {}", quoted(&table.name)))?;
        Ok(infos)
    }) {
        Ok(infos) => infos,
        Err(e) if is_damage(&e) => return Err(e),
        Err(e) => {
            table.readable = false;
            table.note = Some(format!("cannot be read by SQLite here: {e}"));
            return Ok(table);
        }
    };
    table.columns = infos.iter().map(|i| i.column.clone()).collect();
    table.key = match kind {
        Kind::Table | Kind::Internal => table_key(conn, &mut table, &infos, listed.without_rowid, by_rowid)?,
        Kind::Virtual if full_text(table.sql.as_deref()) => rowid(&table, None),
        Kind::Virtual | Kind::View => None,
    };
    Ok(table)
}

fn belonging(conn: &Connection, table: &str, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare_cached(sql)?;
    let texts = statement.query_map([table], |r| r.get(0))?;
    texts.collect()
}

/// An I/O error or damage is not the schema's fault.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as C;
    matches!(
        error.sqlite_error_code(),
        Some(C::DatabaseCorrupt | C::NotADatabase | C::SystemIoFailure | C::DatabaseBusy | C::OutOfMemory)
    )
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Info>> {
    let mut statement = conn.prepare_cached(
        "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
    )?;
    let infos = statement.query_map([table], |row| {
        let hidden: i64 = row.get(4)?;
        Ok(Info {
            column: Column {
                name: row.get(0)?,
                declared: row.get(1)?,
                not_null: row.get(2)?,
                generated: hidden == 2 || hidden == 3,
            },
            key_place: row.get(3)?,
        })
    })?;
    infos.collect()
}

/// Full-text tables find rows by rowid as tables do; other modules need not.
fn full_text(sql: Option<&str>) -> bool {
    let sql = sql.unwrap_or_default().to_ascii_lowercase();
    ["using fts3", "using fts4", "using fts5"].iter().any(|m| sql.contains(m))
}

/// Addressing by rowid, under a name no column has.
fn rowid(table: &Table, column: Option<usize>) -> Option<Key> {
    let free = |name: &&&str| !table.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    let name = match column {
        Some(at) => table.columns[at].name.clone(),
        None => (*["rowid", "_rowid_", "oid"].iter().find(free)?).to_owned(),
    };
    Some(Key::Rowid { name, column })
}

fn table_key(
    conn: &Connection,
    table: &mut Table,
    infos: &[Info],
    without_rowid: bool,
    by_rowid: Option<bool>,
) -> rusqlite::Result<Option<Key>> {
    let keyed = infos.iter().filter(|i| i.key_place > 0).count();
    if keyed == 0 {
        return Ok(rowid(table, None));
    }
    let Some(index) = key_index(conn, &table.name)? else {
        // No index of its own: the key is the rowid.
        let at = infos.iter().position(|i| i.key_place == 1);
        return Ok(rowid(table, at));
    };
    let has_nulls = match by_rowid {
        _ if without_rowid => false,
        Some(by_rowid) => by_rowid,
        None => has_null_key(conn, table, infos)?,
    };
    match key_columns(conn, table, &index)? {
        Some(columns) if !has_nulls => Ok(Some(Key::Columns(columns))),
        Some(_) => {
            table.note = Some("some rows have NULL in their primary key: rows are addressed by rowid".into());
            Ok(rowid(table, None))
        }
        None if without_rowid => {
            table.note = Some(
                "its key has a collation of the application: rows are numbered, and cannot be restored by themselves".into(),
            );
            Ok(None)
        }
        None => {
            table.note = Some("its key has a collation of the application: rows are addressed by rowid".into());
            Ok(rowid(table, None))
        }
    }
}

fn key_index(conn: &Connection, table: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT name FROM pragma_index_list(?1) WHERE origin = 'pk'";
    conn.prepare_cached(sql)?.query_row([table], |r| r.get(0)).optional()
}

/// The columns of the key's index in its order; `None` when SQLite alone does not know their order.
fn key_columns(conn: &Connection, table: &Table, index: &str) -> rusqlite::Result<Option<Vec<KeyColumn>>> {
    let mut statement =
        conn.prepare_cached("SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno")?;
    let mut rows = statement.query([index])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let name: Option<String> = row.get(0)?;
        let collation: String = row.get(2)?;
        let place = name.and_then(|n| table.columns.iter().position(|c| c.name == n));
        let (Some(column), Some(collation)) = (place, Collation::named(&collation)) else {
            return Ok(None);
        };
        out.push(KeyColumn {
            column,
            collation,
            descending: row.get(1)?,
            affinity: Affinity::of(&table.columns[column].declared),
        });
    }
    Ok((!out.is_empty()).then_some(out))
}

/// SQLite lets NULLs into the key of a table with rowids, several times the same even.
fn has_null_key(conn: &Connection, table: &Table, infos: &[Info]) -> rusqlite::Result<bool> {
    for info in infos.iter().filter(|i| i.key_place > 0 && !i.column.not_null) {
        let sql = format!(
            "SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1",
            quoted(&table.name),
            quoted(&info.column.name)
        );
        if conn.query_row(&sql, [], |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
