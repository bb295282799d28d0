//! The sample workspace of the demo: the files of a small app as LiveStore lays them out, with relations and pictures.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, Transaction, params};
use sha2::{Digest, Sha256};

/// Results of the sample.
pub type Result<T, E = rusqlite::Error> = std::result::Result<T, E>;

/// Places in the sample.
pub const PLACES: u64 = 2_000;
/// Pictures in the sample.
const PICTURES: u64 = 64;
/// Money in the two wallets: every transaction moves some from one to the other, so that a torn copy would show.
pub const CENTS: i64 = 1_000_000;

const STATE: &str = "\
CREATE TABLE places (id TEXT PRIMARY KEY, name TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL, note TEXT);
CREATE TABLE pictures (id INTEGER PRIMARY KEY, place TEXT NOT NULL REFERENCES places (id), caption TEXT, content BLOB NOT NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, place TEXT NOT NULL REFERENCES places (id), visitor INTEGER NOT NULL);
CREATE TABLE wallets (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
CREATE TABLE totals (id INTEGER PRIMARY KEY, visits INTEGER NOT NULL);
CREATE TABLE __livestore_schema (tableName TEXT PRIMARY KEY, schemaHash INTEGER NOT NULL, updatedAt TEXT NOT NULL) STRICT;
INSERT INTO totals VALUES (1, 0);";

const EVENTS: &str = "\
CREATE TABLE eventlog (seqNumGlobal INTEGER NOT NULL, seqNumClient INTEGER NOT NULL, name TEXT NOT NULL, argsJson TEXT NOT NULL,
  PRIMARY KEY (seqNumGlobal, seqNumClient)) STRICT;
CREATE TABLE __livestore_sync_status (head INTEGER PRIMARY KEY, backendId TEXT) STRICT;
INSERT INTO __livestore_sync_status VALUES (0, NULL);";

/// Where the sample's databases lie below the app's data folder.
#[must_use]
pub fn state_file(data: &Path) -> PathBuf {
    data.join("trip-planner").join("state-482039@6.db")
}

fn events_file(data: &Path) -> PathBuf {
    data.join("trip-planner").join("eventlog@6.db")
}

/// Makes the workspace in the folder `data`, which must exist.
///
/// # Errors
/// When SQLite cannot write there.
pub fn make(data: &Path) -> Result<()> {
    let mut state = Connection::open(state_file(data))?;
    state.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = DELETE;")?;
    state.execute_batch(STATE)?;
    let fill = state.transaction()?;
    places(&fill)?;
    pictures(&fill)?;
    fill.execute("INSERT INTO wallets VALUES (1, ?1), (2, 0)", [CENTS])?;
    fill.commit()?;
    let events = Connection::open(events_file(data))?;
    events.execute_batch("PRAGMA page_size = 8192;")?;
    events.execute_batch(EVENTS)?;
    events.execute(
        "INSERT INTO eventlog VALUES (1, 0, 'v1.WorkspaceCreated', '{\"name\":\"Trip planner\"}')",
        [],
    )?;
    Ok(())
}

fn places(fill: &Transaction<'_>) -> Result<()> {
    let mut insert = fill.prepare("INSERT INTO places VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for n in 0..PLACES {
        let bits = noise(n);
        let name = format!(
            "{} {}",
            ["Café", "Museum", "Harbour", "Lookout", "市場", "Plaza"][n as usize % 6],
            n
        );
        let latitude = f64::from((bits[0] as u16) << 8 | u16::from(bits[1])) / 400.0 - 80.0;
        let longitude = f64::from((bits[2] as u16) << 8 | u16::from(bits[3])) / 200.0 - 160.0;
        let note = (n % 3 == 0).then(|| format!("recommended by guest {}", bits[4]));
        insert.execute(params![place_id(n), name, latitude, longitude, note])?;
    }
    Ok(())
}

fn pictures(fill: &Transaction<'_>) -> Result<()> {
    let mut insert = fill.prepare("INSERT INTO pictures VALUES (?1, ?2, ?3, ?4)")?;
    for n in 0..PICTURES {
        // Incompressible, like real pictures.
        let content: Vec<u8> = (0..1024).flat_map(|block| noise(n << 32 | block)).collect();
        insert.execute(params![n as i64 + 1, place_id(n * 7), format!("picture {n}"), content])?;
    }
    Ok(())
}

/// Id of place number `n`.
#[must_use]
pub fn place_id(n: u64) -> String {
    format!("place-{n:05}")
}

fn noise(n: u64) -> [u8; 32] {
    Sha256::digest(n.to_be_bytes()).into()
}

/// One transaction of the app: somebody visits a place and pays.
///
/// # Errors
/// When the database cannot be written.
pub fn visit(state: &mut Connection) -> Result<()> {
    let visit = state.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done: i64 = visit.query_row("SELECT visits FROM totals", [], |row| row.get(0))?;
    let bits = noise(done.unsigned_abs());
    let place = place_id(u64::from(bits[5]) * 7 % PLACES);
    visit.execute("INSERT INTO visits VALUES (?1, ?2, ?3)", params![done + 1, place, bits[6]])?;
    visit.execute("UPDATE totals SET visits = visits + 1", [])?;
    let (from, to) = if bits[7] > 127 { (1, 2) } else { (2, 1) };
    visit.execute(
        "UPDATE wallets SET cents = cents - ?2 WHERE id = ?1",
        params![from, i64::from(bits[8])],
    )?;
    visit.execute(
        "UPDATE wallets SET cents = cents + ?2 WHERE id = ?1",
        params![to, i64::from(bits[8])],
    )?;
    visit.commit()
}

/// What can be read from a state database and must fit together, whatever moment it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// SQLite's own integrity check says `ok`.
    pub whole: bool,
    /// References to rows that are not there.
    pub dangling: u64,
    /// Rows of `visits`.
    pub visits: i64,
    /// What the app counted.
    pub counted: i64,
    /// Money in both wallets.
    pub cents: i64,
    /// Rows of `places`.
    pub places: i64,
}

impl Facts {
    /// Reads them from the file.
    ///
    /// # Errors
    /// When it is no such database.
    pub fn read(file: &Path) -> Result<Self> {
        let db = open(file)?;
        let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
        let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let dangling = db.prepare("PRAGMA foreign_key_check")?.query_map([], |_| Ok(()))?.count();
        Ok(Self {
            whole: check == "ok",
            dangling: dangling as u64,
            visits: one("SELECT count(*) FROM visits")?,
            counted: one("SELECT visits FROM totals")?,
            cents: one("SELECT sum(cents) FROM wallets")?,
            places: one("SELECT count(*) FROM places")?,
        })
    }

    /// Whether they are those of one moment.
    #[must_use]
    pub fn fit(&self) -> bool {
        self.whole && self.dangling == 0 && self.visits == self.counted && self.cents == CENTS
    }
}

/// Opens a database that other processes may be writing to.
///
/// # Errors
/// When it cannot be opened.
pub fn open(file: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.busy_timeout(std::time::Duration::from_secs(30))?;
    db.pragma_update(None, "foreign_keys", true)?;
    Ok(db)
}

/// A digest of all rows of all tables of both databases, table by table: equal when every value of every row is.
///
/// # Errors
/// When a database cannot be read.
pub fn fingerprint(data: &Path) -> Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for file in [events_file(data), state_file(data)] {
        let db = open(&file)?;
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut statement = db.prepare(tables)?;
        for table in statement.query_map([], |row| row.get::<_, String>(0))? {
            let table = table?;
            let digest = rows(&db, &table)?;
            all.push((table, digest));
        }
    }
    Ok(all)
}

fn rows(db: &Connection, table: &str) -> Result<String> {
    let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY rowid"))?;
    let columns = statement.column_count();
    let mut found = statement.query([])?;
    let mut digest = Sha256::new();
    while let Some(row) = found.next()? {
        for column in 0..columns {
            // The debug form tells types apart and shows every byte.
            digest.update(format!("{:?}\u{1f}", row.get_ref(column)?));
        }
        digest.update("\u{1e}");
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
