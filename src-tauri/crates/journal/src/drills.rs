//! Restore drills: what was restored on trial, how long that took, and whether it was the same.

use backstay_model::Verdict;
use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, Named, Reason, Result, codec};

/// How much a drill restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DrillScope {
    /// The whole snapshot.
    Everything,
    /// One record of each collection.
    OneRecordEach,
}

/// A restore drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drill {
    /// Id of its run.
    pub run: String,
    /// Id of the plan it was for.
    pub plan: Option<String>,
    /// The source whose backup it tried.
    pub source: Named,
    /// The vault it restored from.
    pub vault: Named,
    /// The snapshot, whole id.
    pub snapshot: String,
    /// How much it restored.
    pub scope: DrillScope,
    /// When it began.
    pub started: DateTime<Utc>,
    /// How long the restore took, in seconds.
    pub seconds: f64,
    /// Bytes restored.
    pub bytes: u64,
    /// Records restored.
    pub records: u64,
    /// Files restored.
    pub files: u64,
    /// Records and files compared with the backup.
    pub compared: u64,
    /// How many of them differ.
    pub differing: u64,
    /// How it ended.
    pub verdict: Verdict,
    /// Why, unless complete.
    pub reason: Option<Reason>,
}

/// The drills of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Drills<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "run, plan_id, source_id, source_name, vault_id, vault_name, snapshot, scope, started, seconds, bytes, records, \
     files, compared, differing, verdict, reason_kind, reason";

impl Drills<'_> {
    /// Notes a drill that ended.
    ///
    /// # Errors
    /// When the database cannot be written, or the run has one already.
    pub fn add(&self, drill: &Drill) -> Result<()> {
        let reason = drill.reason.as_ref();
        self.0.write(|tx| {
            tx.prepare_cached(&format!(
                "INSERT INTO drills ({COLUMNS}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
            ))?
            .execute(params![
                drill.run,
                drill.plan,
                drill.source.id,
                drill.source.name,
                drill.vault.id,
                drill.vault.name,
                drill.snapshot,
                codec::text(&drill.scope)?,
                codec::micros(drill.started),
                drill.seconds,
                codec::number(drill.bytes),
                codec::number(drill.records),
                codec::number(drill.files),
                codec::number(drill.compared),
                codec::number(drill.differing),
                codec::text(&drill.verdict)?,
                reason.map(|reason| codec::text(&reason.kind)).transpose()?,
                reason.map(|reason| &reason.message)
            ])?;
            Ok(())
        })
    }

    /// Drills of the source with this id, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_source(&self, source: &str, limit: usize) -> Result<Vec<Drill>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM drills WHERE source_id = ?1 ORDER BY seq DESC LIMIT ?2"
            ))?;
            let found = rows.query_map(params![source, codec::number(limit as u64)], drill)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The newest drill of each source.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest(&self) -> Result<Vec<Drill>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM drills WHERE seq IN (SELECT max(seq) FROM drills GROUP BY source_id) ORDER BY seq DESC"
            ))?;
            Ok(rows.query_map([], drill)?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn drill(row: &Row<'_>) -> rusqlite::Result<Drill> {
    let named = |id: &str, name: &str| -> rusqlite::Result<Named> {
        Ok(Named {
            id: row.get(id)?,
            name: row.get(name)?,
        })
    };
    Ok(Drill {
        run: row.get("run")?,
        plan: row.get("plan_id")?,
        source: named("source_id", "source_name")?,
        vault: named("vault_id", "vault_name")?,
        snapshot: row.get("snapshot")?,
        scope: codec::value(row, "scope")?,
        started: codec::time(row, "started")?,
        seconds: row.get("seconds")?,
        bytes: codec::count(row, "bytes")?,
        records: codec::count(row, "records")?,
        files: codec::count(row, "files")?,
        compared: codec::count(row, "compared")?,
        differing: codec::count(row, "differing")?,
        verdict: codec::value(row, "verdict")?,
        reason: codec::reason(row, "reason_kind", "reason")?,
    })
}
