//! What people were told and what became of it: one message for one cause.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, Result, codec};

/// Something people were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// What caused it; the same text for the same cause.
    pub cause: String,
    /// The event.
    pub event: String,
    /// The newest message.
    pub message: RawJson,
    /// When it was first raised.
    pub first: DateTime<Utc>,
    /// When it was last raised.
    pub last: DateTime<Utc>,
    /// How often it was raised.
    pub count: u64,
    /// When the cause went away; `None` while it lasts.
    pub resolved: Option<DateTime<Utc>>,
}

/// Whether an alert is worth a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    /// The cause is new, or is back after it was resolved.
    New,
    /// It lasts, and people were told.
    Again,
}

/// The alerts of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Alerts<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "cause, event, message, first, last, count, resolved";

impl Alerts<'_> {
    /// Notes that a cause is there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn raise(&self, cause: &str, event: &str, message: &RawJson, now: DateTime<Utc>) -> Result<Raised> {
        self.0.write(|tx| {
            let values = params![cause, event, codec::raw(message), codec::micros(now)];
            let again = tx
                .prepare_cached(
                    "UPDATE alerts SET event = ?2, message = ?3, last = ?4, count = count + 1 WHERE cause = ?1 AND resolved IS NULL",
                )?
                .execute(values)?;
            if again > 0 {
                return Ok(Raised::Again);
            }
            tx.prepare_cached("INSERT INTO alerts (cause, event, message, first, last, count) VALUES (?1, ?2, ?3, ?4, ?4, 1)")?
                .execute(values)?;
            Ok(Raised::New)
        })
    }

    /// Notes that a cause went away; returns the alert that was open, if there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn resolve(&self, cause: &str, now: DateTime<Utc>) -> Result<Option<Alert>> {
        self.0.write(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "UPDATE alerts SET resolved = ?2 WHERE cause = ?1 AND resolved IS NULL RETURNING {COLUMNS}"
            ))?;
            Ok(rows.query_row(params![cause, codec::micros(now)], alert).optional()?)
        })
    }

    /// Alerts whose cause lasts, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open(&self) -> Result<Vec<Alert>> {
        self.open_like("")
    }

    /// Alerts whose cause lasts and begins with `prefix`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn open_like(&self, prefix: &str) -> Result<Vec<Alert>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM alerts WHERE resolved IS NULL AND cause >= ?1 AND substr(cause, 1, length(?1)) = ?1 ORDER BY seq"
            ))?;
            Ok(rows.query_map([prefix], alert)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Alerts, resolved or not, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, limit: usize) -> Result<Vec<Alert>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM alerts ORDER BY seq DESC LIMIT ?1"))?;
            let found = rows.query_map([codec::number(limit as u64)], alert)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Forgets alerts that were resolved before; returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn prune(&self, before: DateTime<Utc>) -> Result<u64> {
        self.0.write(|tx| {
            let gone = tx.execute("DELETE FROM alerts WHERE resolved < ?1", [codec::micros(before)])?;
            Ok(gone as u64)
        })
    }
}

fn alert(row: &Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        cause: row.get("cause")?,
        event: row.get("event")?,
        message: codec::json(row, "message")?,
        first: codec::time(row, "first")?,
        last: codec::time(row, "last")?,
        count: codec::count(row, "count")?,
        resolved: codec::optional_time(row, "resolved")?,
    })
}
