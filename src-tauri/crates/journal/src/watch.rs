//! Whether Backstay itself was there: its signs of life, the times it was away, and when somebody outside last looked.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, Result, codec};

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beat {
    /// When, by the wall clock.
    pub at: DateTime<Utc>,
    /// Which start of the system.
    pub boot: String,
    /// Microseconds the system was awake since then.
    pub awake_micros: u64,
    /// Microseconds since then, asleep or awake.
    pub since_boot_micros: u64,
    /// Program and version.
    pub program: String,
    /// Its process.
    pub pid: u32,
}

/// A time in which nothing could run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Absence {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Why, as far as it is known: `asleep`, `off`, `notRunning`.
    pub why: String,
}

/// The watch of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Watch<'a>(pub(crate) &'a Journal);

impl Watch<'_> {
    /// Notes a sign of life; it replaces the one of the same process.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn beat(&self, beat: &Beat) -> Result<()> {
        self.0.write(|tx| {
            // Replaced, not changed: the newest row is the last beat even when the clock was set back.
            tx.prepare_cached(
                "INSERT OR REPLACE INTO beats (at, boot, awake, since_boot, program, pid) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                codec::micros(beat.at),
                beat.boot,
                codec::number(beat.awake_micros),
                codec::number(beat.since_boot_micros),
                beat.program,
                beat.pid
            ])?;
            Ok(())
        })
    }

    /// The sign of life that was written last, by any process.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_beat(&self) -> Result<Option<Beat>> {
        self.0.read(|tx| {
            let mut rows =
                tx.prepare_cached("SELECT at, boot, awake, since_boot, program, pid FROM beats ORDER BY seq DESC LIMIT 1")?;
            Ok(rows.query_row([], beat).optional()?)
        })
    }

    /// Notes that nothing could run from `from` to `to`. Two who note the same beginning are one; the longer one counts.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn absence(&self, from: DateTime<Utc>, to: DateTime<Utc>, why: &str) -> Result<()> {
        self.0.write(|tx| {
            tx.prepare_cached(
                "INSERT INTO absences (from_at, to_at, why) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET to_at = excluded.to_at, why = excluded.why WHERE excluded.to_at > to_at",
            )?
            .execute(params![codec::micros(from), codec::micros(to), why])?;
            Ok(())
        })
    }

    /// Absences that ended at `since` or later, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn absences(&self, since: DateTime<Utc>) -> Result<Vec<Absence>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached("SELECT from_at, to_at, why FROM absences WHERE to_at >= ?1 ORDER BY from_at")?;
            let found = rows.query_map([codec::micros(since)], |row| {
                Ok(Absence {
                    from: codec::time(row, 0)?,
                    to: codec::time(row, 1)?,
                    why: row.get(2)?,
                })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Notes that the watchdog looked, and what it found.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn looked(&self, at: DateTime<Utc>, result: &str) -> Result<()> {
        self.0.write(|tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO last_look (one, at, result) VALUES (1, ?1, ?2)")?
                .execute(params![codec::micros(at), result])?;
            Ok(())
        })
    }

    /// When the watchdog last looked, and what it found.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_look(&self) -> Result<Option<(DateTime<Utc>, String)>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached("SELECT at, result FROM last_look")?;
            let found = rows.query_row([], |row| Ok((codec::time(row, 0)?, row.get(1)?)));
            Ok(found.optional()?)
        })
    }

    /// Forgets absences and signs of life before; the last sign of life stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn prune(&self, before: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            tx.execute("DELETE FROM absences WHERE to_at < ?1", [codec::micros(before)])?;
            tx.execute(
                "DELETE FROM beats WHERE at < ?1 AND seq < (SELECT max(seq) FROM beats)",
                [codec::micros(before)],
            )?;
            Ok(())
        })
    }
}

fn beat(row: &Row<'_>) -> rusqlite::Result<Beat> {
    Ok(Beat {
        at: codec::time(row, 0)?,
        boot: row.get(1)?,
        awake_micros: codec::count(row, 2)?,
        since_boot_micros: codec::count(row, 3)?,
        program: row.get(4)?,
        pid: row.get(5)?,
    })
}
