//! The life of a restore: begin, save for undo, resume, take back.

use backstay_model::{RunKind, Verdict};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::{NewRestore, Restore, Restores, UndoRef};
use crate::codec::{count, micros, number};
use crate::owner::Owner;
use crate::runs::{open_seq_of, require, seq_of};
use crate::{JournalError, Result};

/// How many restores that wait to be resumed are listed.
const LISTED: usize = 100;

impl Restores<'_> {
    /// Begins the journal of a restore or undo, in the run begun for it.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::RunEnded`].
    pub fn begin(&self, run: &str, new: &NewRestore) -> Result<Restore> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            tx.prepare_cached("INSERT INTO restores (run, plan_path, plan_hash, steps, undoes) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![seq, new.plan_path, new.plan_hash, number(new.steps), new.undoes])?;
            restore(tx, run)
        })
    }

    /// Notes where the things about to be overwritten were saved. Before the first intent.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::RunEnded`].
    pub fn set_undo(&self, run: &str, undo: &UndoRef) -> Result<()> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            let set = tx.execute(
                "UPDATE restores SET undo_vault = ?2, undo_snapshot = ?3 WHERE run = ?1",
                params![seq, undo.vault, undo.snapshot],
            )?;
            if set == 0 { Err(not_found(run)) } else { Ok(()) }
        })
    }

    /// The restore with this run id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn get(&self, run: &str) -> Result<Restore> {
        self.0.read(|tx| restore(tx, run))
    }

    /// Restores that ended without being complete and were not taken back, newest first (at most 100).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn resumable(&self) -> Result<Vec<Restore>> {
        self.0.read(|tx| {
            let ids: Vec<String> = tx
                .prepare_cached(
                    "SELECT id FROM runs JOIN restores ON run = seq WHERE verdict <> 'complete' AND undone_by IS NULL \
                     ORDER BY seq DESC LIMIT ?1",
                )?
                .query_map([number(LISTED as u64)], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            ids.iter().map(|id| restore(tx, id)).collect()
        })
    }

    /// Opens an ended, incomplete restore again, under this process. Its recorded steps tell where it was.
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::NotResumable`] when it is complete, goes on, or was taken back.
    pub fn resume(&self, owner: &Owner, run: &str, now: DateTime<Utc>) -> Result<Restore> {
        self.0.write(|tx| {
            let found = restore(tx, run)?;
            if let Some(reason) = why_not(&found) {
                return Err(JournalError::NotResumable {
                    run: run.to_owned(),
                    reason,
                });
            }
            let (seq, process) = (seq_of(tx, run)?, owner.process());
            tx.prepare_cached(
                "UPDATE runs SET finished = NULL, verdict = NULL, reason_kind = NULL, reason = NULL, owner = ?2, pid = ?3, \
                 boot = ?4, program = ?5 WHERE seq = ?1",
            )?
            .execute(params![seq, owner.token(), process.pid, process.boot, process.program])?;
            tx.execute("UPDATE restores SET attempts = attempts + 1 WHERE run = ?1", [seq])?;
            // The gaps of the attempt before may be closed by this one; what stays missing is named again at its end.
            tx.execute("DELETE FROM run_gaps WHERE run = ?1", [seq])?;
            tx.execute(
                "INSERT INTO run_events (run, seq, at, level, message) \
                 SELECT ?1, coalesce(max(seq) + 1, 0), ?2, 'info', 'resumed' FROM run_events WHERE run = ?1",
                params![seq, micros(now)],
            )?;
            restore(tx, run)
        })
    }

    /// Notes that `by` (an undo run) took a restore back. It can then be neither resumed nor undone again.
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::NotResumable`] when another undo already took it back.
    pub fn mark_undone(&self, run: &str, by: &str) -> Result<()> {
        self.0.write(|tx| {
            let found = restore(tx, run)?;
            if found.undone_by.as_deref().is_some_and(|other| other != by) {
                return Err(JournalError::NotResumable {
                    run: run.to_owned(),
                    reason: "it was taken back",
                });
            }
            seq_of(tx, by)?;
            tx.execute(
                "UPDATE restores SET undone_by = ?2 WHERE run = ?1",
                params![seq_of(tx, run)?, by],
            )?;
            Ok(())
        })
    }
}

/// Why a restore cannot be resumed, if so.
fn why_not(restore: &Restore) -> Option<&'static str> {
    if restore.undone_by.is_some() {
        return Some("it was taken back");
    }
    match restore.run.verdict {
        None => Some("it has not ended"),
        Some(Verdict::Complete) => Some("it is complete"),
        Some(_) if !matches!(restore.run.kind, RunKind::Restore | RunKind::Undo | RunKind::Settle) => Some("it is no restore"),
        Some(_) => None,
    }
}

fn not_found(run: &str) -> JournalError {
    JournalError::NotFound {
        what: "restore",
        name: run.to_owned(),
    }
}

fn restore(tx: &Transaction<'_>, id: &str) -> Result<Restore> {
    let (seq, run) = require(tx, id)?;
    let mut rows = tx.prepare_cached(
        "SELECT plan_path, plan_hash, steps, attempts, undo_vault, undo_snapshot, undoes, undone_by FROM restores WHERE run = ?1",
    )?;
    let read = |row: &Row<'_>| {
        let undo: (Option<String>, Option<String>) = (row.get("undo_vault")?, row.get("undo_snapshot")?);
        Ok(Restore {
            run: run.clone(),
            plan_path: row.get("plan_path")?,
            plan_hash: row.get("plan_hash")?,
            steps: count(row, "steps")?,
            attempts: count(row, "attempts")?,
            undo: undo.0.zip(undo.1).map(|(vault, snapshot)| UndoRef { vault, snapshot }),
            undoes: row.get("undoes")?,
            undone_by: row.get("undone_by")?,
        })
    };
    rows.query_row([seq], read).optional()?.ok_or_else(|| not_found(id))
}
