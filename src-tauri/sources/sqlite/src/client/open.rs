//! Connections: for reading a living database, for reading a file that nobody else touches, for writing.

use std::{
    ops::Deref,
    path::Path,
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::Held;
use crate::error::{Error, Fact, Result};

/// How often a lock is asked for in one try, after which cancelling is looked at again.
const ASKED: i32 = 50;

/// Between busy transactions a lock is free for moments only: SQLite's own way of waiting, longer and longer, misses them.
fn wait_a_little(asked: i32) -> bool {
    std::thread::sleep(Duration::from_millis(2));
    asked < ASKED
}

/// A connection, and the note that keeps its locks safe from raw reads.
#[derive(Debug)]
pub struct Live {
    conn: Connection,
    /// Dropped after the connection: the order of the fields is the order of dropping.
    _held: Held,
}

impl Deref for Live {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.conn
    }
}

fn open(path: &Path, uri: bool, flags: OpenFlags) -> Result<Live> {
    let held = Held::new(path);
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = if uri {
        Connection::open_with_flags(immutable_uri(path), flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(path, flags)
    };
    let conn = conn.map_err(|e| cannot_open(path, e))?;
    let reads = flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY);
    settle(&conn, reads).map_err(|e| Error::sql(path.display().to_string(), e))?;
    Ok(Live { conn, _held: held })
}

/// SQLite says "unable to open" for everything; the file system knows more.
fn cannot_open(path: &Path, error: rusqlite::Error) -> Error {
    match std::fs::File::open(path) {
        Err(io) => Error::io(path.display().to_string(), io),
        Ok(_) => Error::sql(path.display().to_string(), error),
    }
}

/// Settings every connection has: nothing in a foreign database may run code, memory is bounded. When it only reads, closing
/// never folds a log in, and collations of the application that we do not have do not stop it (they are never used to write:
/// that would order an index wrongly).
pub fn settle(conn: &Connection, reads: bool) -> rusqlite::Result<()> {
    if reads {
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        conn.collation_needed(|conn, name| conn.create_collation(name, |a: &str, b: &str| a.cmp(b)))?;
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.busy_handler(Some(wait_a_little))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Opens a living database for reading. Never writes to it (temporary tables are kept elsewhere).
pub fn open_read(path: &Path) -> Result<Live> {
    open(path, false, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens a file that nobody changes (or whose changes the caller notices) for reading, without any lock or companion file.
pub fn open_immutable(path: &Path) -> Result<Live> {
    let live = open(path, true, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let set = live.execute_batch("PRAGMA cache_size=-8192");
    set.map_err(|e| Error::sql(path.display().to_string(), e))?;
    Ok(live)
}

/// Opens a database for writing; `create` makes it if it is not there.
pub fn open_plain(path: &Path, create: bool) -> Result<Live> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    open(path, false, flags)
}

/// Begins a read transaction, waiting up to `wait` for whoever is writing.
pub fn begin_read(conn: &Connection, path: &Path, wait: Duration, cancel: &Cancel) -> Result<()> {
    retry(path, wait, cancel, || {
        conn.execute_batch("BEGIN")?;
        // Settings of the cache read the schema: before the lock is there they could find the database busy.
        let seen = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            .and_then(|()| conn.execute_batch("PRAGMA cache_size=-8192"));
        if seen.is_err() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        seen
    })
}

/// Repeats `step` while the database is busy, up to `wait`.
pub fn retry<T>(path: &Path, wait: Duration, cancel: &Cancel, mut step: impl FnMut() -> rusqlite::Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match step() {
            Ok(value) => return Ok(value),
            Err(e) if is_busy(&e) => {
                if cancel.is_cancelled() {
                    return Err(Fact::Cancelled.at(path));
                }
                if start.elapsed() >= wait {
                    let seconds = wait.as_secs();
                    return Err(Fact::Busy { seconds }.at(path));
                }
            }
            Err(e) => return Err(Error::sql(path.display().to_string(), e)),
        }
    }
}

/// Opens `path` for reading and begins a read transaction.
pub fn read_transaction(path: &Path, wait: Duration, cancel: &Cancel) -> Result<Live> {
    let live = open_read(path)?;
    begin_read(&live, path, wait, cancel)?;
    Ok(live)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// `file:` address that makes SQLite take no locks and look for no companions.
fn immutable_uri(path: &Path) -> String {
    let mut out = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out.push_str("?immutable=1");
    out
}
