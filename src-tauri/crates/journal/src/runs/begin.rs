//! The life of a run: begin, progress, end; and closing what a killed process left behind.

use backstay_model::{ErrorKind, RunKind};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{Counters, NewRun, Run, RunEnd, Runs, open_seq_of, require};
use crate::codec::{micros, new_id, number, text};
use crate::owner::Owner;
use crate::{JournalError, Result};

impl Runs<'_> {
    /// Begins a run. Its process owns the home directory, so a plan never runs twice.
    ///
    /// # Errors
    /// [`JournalError::AlreadyRunning`] when this process already backs up the same source into the same vault.
    pub fn begin(&self, owner: &Owner, new: &NewRun, now: DateTime<Utc>) -> Result<Run> {
        self.0.write(|tx| {
            refuse_twin(tx, owner, new)?;
            let id = new_id(now);
            let (source, vault, plan) = (new.source.as_ref(), new.vault.as_ref(), new.plan.as_ref());
            let process = owner.process();
            tx.prepare_cached(
                "INSERT INTO runs (id, kind, source_id, source_name, vault_id, vault_name, snapshot, started, owner, pid, boot, \
                 program, plan_id, plan_name, slot) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(params![
                id,
                text(&new.kind)?,
                source.map(|named| &named.id),
                source.map(|named| &named.name),
                vault.map(|named| &named.id),
                vault.map(|named| &named.name),
                new.snapshot,
                micros(now),
                owner.token(),
                process.pid,
                process.boot,
                process.program,
                plan.map(|plan| &plan.id),
                plan.map(|plan| &plan.name),
                plan.and_then(|plan| plan.slot).map(micros)
            ])?;
            Ok(require(tx, &id)?.1)
        })
    }

    /// Notes how far a run is. Meant for every few seconds: each call waits for the disk.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::RunEnded`].
    pub fn progress(&self, run: &str, counters: &Counters) -> Result<()> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            set_counters(tx, seq, counters)
        })
    }

    /// Ends a run, once.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::RunEnded`].
    pub fn finish(&self, run: &str, end: &RunEnd) -> Result<Run> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            set_counters(tx, seq, &end.counters)?;
            close(tx, seq, end)?;
            Ok(require(tx, run)?.1)
        })
    }

    /// Closes every run whose process died: failed, interrupted. Call it when ownership was just taken. Restores among
    /// them can be resumed. Returns what was closed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn close_interrupted(&self, owner: &Owner, now: DateTime<Utc>) -> Result<Vec<Run>> {
        self.0.write(|tx| {
            // Only one process runs jobs, and it is this one: what is open under another ownership has nobody any more.
            let left: Vec<String> = tx
                .prepare_cached("SELECT id FROM runs WHERE verdict IS NULL AND owner <> ?1 ORDER BY seq")?
                .query_map([owner.token()], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            left.iter().map(|id| interrupt(tx, id, now)).collect()
        })
    }
}

fn interrupt(tx: &Transaction<'_>, id: &str, now: DateTime<Utc>) -> Result<Run> {
    let (seq, run) = require(tx, id)?;
    let process = &run.process;
    let message = format!(
        "interrupted: {} (process {}) ended before the run did",
        process.program, process.pid
    );
    tx.prepare_cached("UPDATE runs SET finished = ?2, verdict = 'failed', reason_kind = ?3, reason = ?4 WHERE seq = ?1")?
        .execute(
            // A clock set back must not make a run end before it began.
            params![seq, micros(now.max(run.started)), text(&ErrorKind::Interrupted)?, message],
        )?;
    Ok(require(tx, id)?.1)
}

fn refuse_twin(tx: &Transaction<'_>, owner: &Owner, new: &NewRun) -> Result<()> {
    if new.kind != RunKind::Backup {
        return Ok(());
    }
    let mut rows = tx.prepare_cached(
        "SELECT id FROM runs WHERE verdict IS NULL AND owner = ?1 AND kind = ?2 AND source_id IS ?3 AND vault_id IS ?4 LIMIT 1",
    )?;
    let ids = (
        new.source.as_ref().map(|named| &named.id),
        new.vault.as_ref().map(|named| &named.id),
    );
    let twin = rows
        .query_row(params![owner.token(), text(&new.kind)?, ids.0, ids.1], |row| row.get(0))
        .optional()?;
    match twin {
        Some(run) => Err(JournalError::AlreadyRunning { run }),
        None => Ok(()),
    }
}

fn set_counters(tx: &Transaction<'_>, seq: i64, counters: &Counters) -> Result<()> {
    let changes = counters.changes;
    tx.prepare_cached(
        "UPDATE runs SET items = ?2, bytes = ?3, stored_bytes = ?4, added = ?5, changed = ?6, removed = ?7, unchanged = ?8 \
         WHERE seq = ?1",
    )?
    .execute(params![
        seq,
        number(counters.items),
        number(counters.bytes),
        number(counters.stored_bytes),
        number(changes.added),
        number(changes.changed),
        number(changes.removed),
        number(changes.unchanged)
    ])?;
    Ok(())
}

fn close(tx: &Transaction<'_>, seq: i64, end: &RunEnd) -> Result<()> {
    let kind = end.reason.as_ref().map(|reason| text(&reason.kind)).transpose()?;
    tx.prepare_cached(
        "UPDATE runs SET finished = ?2, verdict = ?3, reason_kind = ?4, reason = ?5, snapshot = coalesce(?6, snapshot) \
         WHERE seq = ?1",
    )?
    .execute(params![
        seq,
        micros(end.finished),
        text(&end.verdict)?,
        kind,
        end.reason.as_ref().map(|reason| &reason.message),
        end.snapshot
    ])?;
    Ok(())
}
