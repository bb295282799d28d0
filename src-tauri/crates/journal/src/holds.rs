//! Guards that tripped and wait for an answer. While one is open, nothing of its source is removed.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Named, Result, codec, ids};

/// A guard that tripped.
#[derive(Debug, Clone)]
pub struct NewHold {
    /// The source it is about.
    pub source: Named,
    /// The vault, if it is about one.
    pub vault: Option<Named>,
    /// Which guard: `massDeletion`, `emptied`, `schemaChanged`, `coverageLost`, `filesGone`.
    pub kind: String,
    /// The collection, if it is about one.
    pub collection: Option<String>,
    /// What it saw.
    pub trip: RawJson,
    /// Id of the run that saw it.
    pub run: Option<String>,
    /// The snapshot in which it shows.
    pub snapshot: Option<String>,
    /// The snapshot before.
    pub before: Option<String>,
}

/// A guard that tripped, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Its id (UUID version 7).
    pub id: String,
    /// The shortest beginning of the id, of at least 8 characters, that no other hold has.
    pub short: String,
    /// The source it is about.
    pub source: Named,
    /// The vault, if it is about one.
    pub vault: Option<Named>,
    /// Which guard.
    pub kind: String,
    /// The collection, if it is about one.
    pub collection: Option<String>,
    /// What it saw first.
    pub trip: RawJson,
    /// Id of the run that saw it first.
    pub run: Option<String>,
    /// The snapshot in which it first shows.
    pub snapshot: Option<String>,
    /// The snapshot before.
    pub before: Option<String>,
    /// When it tripped.
    pub at: DateTime<Utc>,
    /// How often it tripped while it was open.
    pub count: u64,
    /// When it last did.
    pub last_at: DateTime<Utc>,
    /// When it was answered.
    pub released: Option<DateTime<Utc>>,
    /// Who answered.
    pub released_by: Option<String>,
    /// What was noted.
    pub note: Option<String>,
}

/// The holds of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Holds<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, source_id, source_name, vault_id, vault_name, kind, collection, trip, run, snapshot, before, at, count, \
     last_at, released, released_by, note";

impl Holds<'_> {
    /// Notes that a guard tripped. `None`: the same guard of the same source and collection waits for an answer already; that one
    /// is counted up and keeps what it saw first.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add(&self, new: &NewHold, now: DateTime<Utc>) -> Result<Option<Hold>> {
        self.0.write(|tx| {
            let again = tx
                .prepare_cached(
                    "UPDATE holds SET count = count + 1, last_at = ?4
                     WHERE source_id = ?1 AND kind = ?2 AND collection IS ?3 AND released IS NULL",
                )?
                .execute(params![new.source.id, new.kind, new.collection, codec::micros(now)])?;
            if again > 0 {
                return Ok(None);
            }
            let id = codec::new_id(now);
            tx.prepare_cached(
                "INSERT INTO holds (id, source_id, source_name, vault_id, vault_name, kind, collection, trip, run, snapshot, before, at,
                    last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)",
            )?
            .execute(params![
                id,
                new.source.id,
                new.source.name,
                new.vault.as_ref().map(|vault| &vault.id),
                new.vault.as_ref().map(|vault| &vault.name),
                new.kind,
                new.collection,
                codec::raw(&new.trip),
                new.run,
                new.snapshot,
                new.before,
                codec::micros(now)
            ])?;
            Ok(Some(require(tx, &id)?))
        })
    }

    /// Holds without an answer, oldest first; of all sources, or of the one with this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open(&self, source: Option<&str>) -> Result<Vec<Hold>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM holds WHERE released IS NULL AND (?1 IS NULL OR source_id = ?1) ORDER BY seq"
            ))?;
            let found = rows.query_map([source], hold)?.collect::<rusqlite::Result<Vec<_>>>()?;
            found.into_iter().map(|hold| with_short(tx, hold)).collect()
        })
    }

    /// The hold with this id or this beginning of an id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Ambiguous`].
    pub fn get(&self, prefix: &str) -> Result<Hold> {
        self.0.read(|tx| require(tx, &ids::whole(tx, "holds", "hold", prefix)?))
    }

    /// Holds, answered or not, newest first; of all sources, or of the one with this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, source: Option<&str>, limit: usize) -> Result<Vec<Hold>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM holds WHERE (?1 IS NULL OR source_id = ?1) ORDER BY seq DESC LIMIT ?2"
            ))?;
            let found = rows.query_map(params![source, codec::number(limit as u64)], hold)?;
            let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
            found.into_iter().map(|hold| with_short(tx, hold)).collect()
        })
    }

    /// Answers a hold, given by its id or a beginning of it.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Ambiguous`]; [`JournalError::HoldReleased`] when somebody answered before.
    pub fn release(&self, prefix: &str, by: &str, note: Option<&str>, now: DateTime<Utc>) -> Result<Hold> {
        self.0.write(|tx| {
            let id = ids::whole(tx, "holds", "hold", prefix)?;
            let done = tx
                .prepare_cached("UPDATE holds SET released = ?2, released_by = ?3, note = ?4 WHERE id = ?1 AND released IS NULL")?
                .execute(params![id, codec::micros(now), by, note])?;
            let hold = require(tx, &id)?;
            if done == 0 {
                return Err(JournalError::HoldReleased {
                    hold: hold.short,
                    by: hold.released_by.unwrap_or_default(),
                });
            }
            Ok(hold)
        })
    }
}

/// Answers all open holds of a source that is removed: nobody could any more.
pub(crate) fn release_all(tx: &Transaction<'_>, source: &str, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE holds SET released = ?2, released_by = 'source removed' WHERE source_id = ?1 AND released IS NULL",
    )?
    .execute(params![source, codec::micros(now)])?;
    Ok(())
}

fn require(tx: &Transaction<'_>, id: &str) -> Result<Hold> {
    let found = tx
        .prepare_cached(&format!("SELECT {COLUMNS} FROM holds WHERE id = ?1"))?
        .query_row([id], hold)
        .optional()?;
    let hold = found.ok_or_else(|| JournalError::NotFound {
        what: "hold",
        name: id.to_owned(),
    })?;
    with_short(tx, hold)
}

fn with_short(tx: &Transaction<'_>, hold: Hold) -> Result<Hold> {
    let short = ids::short(tx, "holds", &hold.id)?;
    Ok(Hold { short, ..hold })
}

fn hold(row: &Row<'_>) -> rusqlite::Result<Hold> {
    Ok(Hold {
        id: row.get("id")?,
        short: String::new(),
        source: Named {
            id: row.get("source_id")?,
            name: row.get("source_name")?,
        },
        vault: codec::named(row, "vault_id", "vault_name")?,
        kind: row.get("kind")?,
        collection: row.get("collection")?,
        trip: codec::json(row, "trip")?,
        run: row.get("run")?,
        snapshot: row.get("snapshot")?,
        before: row.get("before")?,
        at: codec::time(row, "at")?,
        count: codec::count(row, "count")?,
        last_at: codec::time(row, "last_at")?,
        released: codec::optional_time(row, "released")?,
        released_by: row.get("released_by")?,
        note: row.get("note")?,
    })
}
