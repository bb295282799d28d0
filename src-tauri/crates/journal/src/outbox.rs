//! Messages on their way to people. They survive a kill, and one process at a time has each in its hands.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params, params_from_iter};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Result, codec};

/// A message to one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Its number.
    pub id: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Id of the channel, or `desktop`.
    pub channel: String,
    /// The event.
    pub event: String,
    /// What caused it.
    pub cause: String,
    /// The message.
    pub message: RawJson,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, unless it was delivered or given up.
    pub next_try: DateTime<Utc>,
    /// When it was delivered.
    pub delivered: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub error: Option<String>,
}

/// Which letters to take for sending.
#[derive(Debug, Clone, Copy)]
pub struct Take<'a> {
    /// Due by this time.
    pub now: DateTime<Utc>,
    /// Until then nobody else is given them; a process that dies with them leaves them due again.
    pub until: DateTime<Utc>,
    /// At most so many.
    pub limit: usize,
    /// Channels this process cannot serve (`desktop` without a screen).
    pub leave: &'a [&'a str],
}

/// The outbox of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Outbox<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "id, at, channel, event, cause, message, attempts, next_try, delivered, given_up, error";

impl Outbox<'_> {
    /// Puts a message in, due at once; returns its number.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put(&self, channel: &str, event: &str, cause: &str, message: &RawJson, now: DateTime<Utc>) -> Result<i64> {
        self.0.write(|tx| {
            let mut rows = tx.prepare_cached(
                "INSERT INTO letters (at, channel, event, cause, message, next_try) VALUES (?1, ?2, ?3, ?4, ?5, ?1)",
            )?;
            Ok(rows.insert(params![codec::micros(now), channel, event, cause, codec::raw(message)])?)
        })
    }

    /// Letters that are due, the longest due first. Only looks: see [`Outbox::take`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<Letter>> {
        self.0.read(|tx| due(tx, now, limit, &[]))
    }

    /// Takes letters that are due, so that no other process sends them too.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn take(&self, take: &Take<'_>) -> Result<Vec<Letter>> {
        self.0.write(|tx| {
            let mut letters = due(tx, take.now, take.limit, take.leave)?;
            for letter in &mut letters {
                tx.prepare_cached("UPDATE letters SET next_try = ?2 WHERE id = ?1")?
                    .execute(params![letter.id, codec::micros(take.until)])?;
                letter.next_try = take.until;
            }
            Ok(letters)
        })
    }

    /// A letter was delivered.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn delivered(&self, id: i64, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            let done = tx
                .prepare_cached(
                    "UPDATE letters SET attempts = attempts + 1, delivered = ?2, given_up = NULL, error = NULL WHERE id = ?1",
                )?
                .execute(params![id, codec::micros(now)])?;
            if done == 0 { Err(missing(id)) } else { Ok(()) }
        })
    }

    /// A letter could not be delivered; it is tried again at `next_try`, or given up. One that another process delivered stays so.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn failed(&self, id: i64, error: &str, next_try: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| {
            let given_up = if next_try.is_none() { Some(codec::micros(now)) } else { None };
            let done = tx
                .prepare_cached(
                    "UPDATE letters SET attempts = attempts + 1, error = iif(delivered IS NULL, ?2, NULL),
                        next_try = coalesce(?3, next_try), given_up = iif(delivered IS NULL, ?4, NULL) WHERE id = ?1",
                )?
                .execute(params![id, error, next_try.map(codec::micros), given_up])?;
            if done == 0 { Err(missing(id)) } else { Ok(()) }
        })
    }

    /// All letters, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn log(&self, limit: usize) -> Result<Vec<Letter>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM letters ORDER BY id DESC LIMIT ?1"))?;
            let found = rows.query_map([codec::number(limit as u64)], letter)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Forgets letters that were delivered or given up before; returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn prune(&self, before: DateTime<Utc>) -> Result<u64> {
        self.0.write(|tx| {
            let gone = tx.execute(
                "DELETE FROM letters WHERE coalesce(delivered, given_up) < ?1",
                [codec::micros(before)],
            )?;
            Ok(gone as u64)
        })
    }
}

fn due(tx: &Transaction<'_>, now: DateTime<Utc>, limit: usize, leave: &[&str]) -> Result<Vec<Letter>> {
    let marks = vec!["?"; leave.len()].join(", ");
    let mut rows = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM letters WHERE delivered IS NULL AND given_up IS NULL AND next_try <= ? AND channel NOT IN ({marks}) \
         ORDER BY next_try, id LIMIT ?"
    ))?;
    let mut values = vec![Value::Integer(codec::micros(now))];
    values.extend(leave.iter().map(|channel| Value::Text((*channel).to_owned())));
    values.push(Value::Integer(codec::number(limit as u64)));
    Ok(rows
        .query_map(params_from_iter(values), letter)?
        .collect::<rusqlite::Result<_>>()?)
}

fn missing(id: i64) -> JournalError {
    JournalError::NotFound {
        what: "message",
        name: id.to_string(),
    }
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: row.get("id")?,
        at: codec::time(row, "at")?,
        channel: row.get("channel")?,
        event: row.get("event")?,
        cause: row.get("cause")?,
        message: codec::json(row, "message")?,
        attempts: row.get("attempts")?,
        next_try: codec::time(row, "next_try")?,
        delivered: codec::optional_time(row, "delivered")?,
        given_up: codec::optional_time(row, "given_up")?,
        error: row.get("error")?,
    })
}
