//! SQLite's own checks of a database.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use crate::{
    config::Integrity,
    error::{Error, Fact, Result},
};

/// Lines of a report that are kept.
const LINES: usize = 5;

/// Checks the database behind `conn`, which stands for `path`.
///
/// # Errors
/// [`Fact::Corrupt`] with the first lines of the report.
pub fn check(conn: &Connection, path: &Path, integrity: Integrity) -> Result<()> {
    let sql = match integrity {
        Integrity::Quick => format!("PRAGMA quick_check({LINES})"),
        Integrity::Full => format!("PRAGMA integrity_check({LINES})"),
    };
    let corrupt = |lines| Fact::Corrupt { lines }.at(path);
    match report(conn, &sql) {
        Ok(lines) if lines == ["ok"] => Ok(()),
        Ok(lines) => Err(corrupt(lines)),
        Err(e) if is_damage(&e) => Err(corrupt(vec![e.to_string()])),
        // A CHECK constraint or generated column that needs a function of the application: SQLite cannot run its check.
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            tracing::warn!(path = %path.display(), error = %e, "the integrity check needs functions of the application; not checked");
            Ok(())
        }
        Err(e) => Err(Error::sql(path.display().to_string(), e)),
    }
}

fn report(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare(sql)?;
    let lines = statement.query_map([], |row| row.get(0))?;
    // SQLite may put several findings into one row.
    let rows: Vec<String> = lines.collect::<rusqlite::Result<_>>()?;
    Ok(rows
        .iter()
        .flat_map(|row| row.lines())
        .take(LINES)
        .map(str::to_owned)
        .collect())
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}
