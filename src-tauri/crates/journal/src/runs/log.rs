//! What a run says while it goes: events in time, gaps by name. Both are written in batches and read in pages.

use backstay_model::Gap;
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Page, Runs, open_seq_of, seq_of};
use crate::Result;
use crate::codec::{micros, number, text, time, value};

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventLevel {
    /// As expected.
    Info,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

/// One line of a run's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// How much it matters.
    pub level: EventLevel,
    /// What happened, in a sentence, without secrets.
    pub message: String,
}

impl Runs<'_> {
    /// Adds lines to a run's log.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`], [`crate::JournalError::RunEnded`].
    pub fn add_events(&self, run: &str, events: &[Event]) -> Result<()> {
        self.0.write(|tx| {
            let run = open_seq_of(tx, run)?;
            let mut insert =
                tx.prepare_cached("INSERT INTO run_events (run, seq, at, level, message) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (seq, event) in (next(tx, "run_events", run)?..).zip(events) {
                insert.execute(params![run, seq, micros(event.at), text(&event.level)?, event.message])?;
            }
            Ok(())
        })
    }

    /// Names things that are missing from a run.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`], [`crate::JournalError::RunEnded`].
    pub fn add_gaps(&self, run: &str, gaps: &[Gap]) -> Result<()> {
        self.0.write(|tx| {
            let run = open_seq_of(tx, run)?;
            let mut insert =
                tx.prepare_cached("INSERT INTO run_gaps (run, seq, subject, kind, message) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (seq, gap) in (next(tx, "run_gaps", run)?..).zip(gaps) {
                insert.execute(params![run, seq, gap.subject, text(&gap.kind)?, gap.message])?;
            }
            Ok(())
        })
    }

    /// A run's log in order of writing, from `from` (a page's `next`) on.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`].
    pub fn events(&self, run: &str, from: Option<u64>, limit: usize) -> Result<Page<Event>> {
        self.page(run, "SELECT seq, at, level, message FROM run_events", from, limit, |row| {
            Ok(Event {
                at: time(row, "at")?,
                level: value(row, "level")?,
                message: row.get("message")?,
            })
        })
    }

    /// What is missing from a run, from `from` (a page's `next`) on.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`].
    pub fn gaps(&self, run: &str, from: Option<u64>, limit: usize) -> Result<Page<Gap>> {
        self.page(run, "SELECT seq, subject, kind, message FROM run_gaps", from, limit, |row| {
            Ok(Gap {
                subject: row.get("subject")?,
                kind: value(row, "kind")?,
                message: row.get("message")?,
            })
        })
    }

    fn page<T>(
        &self,
        run: &str,
        select: &str,
        from: Option<u64>,
        limit: usize,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Page<T>> {
        self.0.read(|tx| {
            let run = seq_of(tx, run)?;
            let after = from.map_or(-1, number);
            let mut rows = tx.prepare_cached(&format!("{select} WHERE run = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"))?;
            let found: Vec<(i64, T)> = rows
                .query_map((run, after, number(limit as u64).saturating_add(1)), |row| {
                    Ok((row.get("seq")?, read(row)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            let page = Page::cut(found, limit, |(seq, _)| seq.unsigned_abs());
            Ok(Page {
                rows: page.rows.into_iter().map(|(_, row)| row).collect(),
                next: page.next,
            })
        })
    }
}

/// Number of the next line of a run in `table`.
fn next(tx: &Transaction<'_>, table: &str, run: i64) -> Result<i64> {
    let mut rows = tx.prepare_cached(&format!("SELECT coalesce(max(seq) + 1, 0) FROM {table} WHERE run = ?1"))?;
    Ok(rows.query_row([run], |row| row.get(0))?)
}
