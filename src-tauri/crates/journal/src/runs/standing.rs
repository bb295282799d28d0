//! How sources stand: the newest backups by vault and verdict, and the backups of some days. Asked for every source each time
//! the window is looked at, so the cost follows the number of answers, not the length of the history.

use backstay_model::{ChangeCounts, ErrorKind, Verdict};
use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, Transaction, params, params_from_iter};
use serde::{Deserialize, Serialize};

use super::{Named, Reason, Runs, seq_of};
use crate::Result;
use crate::codec::{self, micros, number, text};
use crate::process::Process;

/// What a snapshot holds, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holdings {
    /// Collections.
    pub collections: u64,
    /// Records, where they were counted.
    pub records: Option<u64>,
    /// Files.
    pub files: u64,
    /// Bytes of files and records.
    pub bytes: u64,
    /// Workspaces (databases).
    pub workspaces: u64,
}

/// A backup in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// Id of the run.
    pub run: String,
    /// Id of the source.
    pub source: String,
    /// The vault.
    pub vault: Option<Named>,
    /// The snapshot it wrote.
    pub snapshot: Option<String>,
    /// Id of the plan it was for.
    pub plan: Option<String>,
    /// The due time it stands for.
    pub slot: Option<DateTime<Utc>>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// How it ended; `None` while it runs.
    pub verdict: Option<Verdict>,
    /// Why, unless complete.
    pub reason: Option<Reason>,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes the vault grew by.
    pub stored_bytes: u64,
    /// What changed.
    pub changes: ChangeCounts,
    /// How many things are missing.
    pub gaps: u64,
    /// What its snapshot holds, if it was counted.
    pub holdings: Option<Holdings>,
    /// The process that does or did it.
    pub process: Process,
}

/// How a source stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The newest backup, ended or not, into any vault.
    pub newest: Option<BackupRow>,
    /// The newest ended backup into each of the vaults asked for; where there is none, the newest ended one at all.
    pub ended: Vec<BackupRow>,
    /// The newest one that ended complete.
    pub good: Option<BackupRow>,
    /// The newest one that left a snapshot: complete or partial.
    pub saved: Option<BackupRow>,
}

const COLUMNS: &str = "seq, id, source_id, vault_id, vault_name, snapshot, started, finished, verdict, reason_kind, reason, bytes, \
     stored_bytes, held_collections, held_records, held_files, held_bytes, held_workspaces, pid, boot, program, \
     (SELECT count(*) FROM run_gaps WHERE run = runs.seq) AS gaps, plan_id, slot, added, changed, removed, unchanged";
const VERDICTS: [Verdict; 4] = [Verdict::Complete, Verdict::Partial, Verdict::Failed, Verdict::Cancelled];

impl Runs<'_> {
    /// Notes what the snapshot of a run holds.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`].
    pub fn note_holdings(&self, run: &str, holds: &Holdings) -> Result<()> {
        self.0.write(|tx| {
            let seq = seq_of(tx, run)?;
            tx.execute(
                "UPDATE runs SET held_collections = ?2, held_records = ?3, held_files = ?4, held_bytes = ?5, held_workspaces = ?6 \
                 WHERE seq = ?1",
                params![
                    seq,
                    number(holds.collections),
                    holds.records.map(number),
                    number(holds.files),
                    number(holds.bytes),
                    number(holds.workspaces)
                ],
            )?;
            Ok(())
        })
    }

    /// Notes the share of a vault's data that a check read, in percent.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`].
    pub fn note_share(&self, run: &str, percent: f64) -> Result<()> {
        self.0.write(|tx| {
            let seq = seq_of(tx, run)?;
            tx.execute("UPDATE runs SET share = ?2 WHERE seq = ?1", params![seq, percent])?;
            Ok(())
        })
    }

    /// The share of a vault's data that a check read, in percent; `None` when it was not noted.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`].
    pub fn share(&self, run: &str) -> Result<Option<f64>> {
        self.0.read(|tx| {
            let seq = seq_of(tx, run)?;
            Ok(tx.query_row("SELECT share FROM runs WHERE seq = ?1", [seq], |row| row.get(0))?)
        })
    }

    /// How the source with this id stands in the vaults with these ids.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn standing(&self, source: &str, vaults: &[&str]) -> Result<Standing> {
        self.0.read(|tx| {
            let mut ended = Vec::new();
            for vault in vaults {
                let seqs = VERDICTS.iter().map(|verdict| newest_in(tx, source, vault, *verdict));
                let newest = seqs.collect::<Result<Vec<_>>>()?.into_iter().flatten().max();
                ended.extend(newest.map(|seq| by_seq(tx, seq)).transpose()?);
            }
            if ended.is_empty() {
                ended.extend(newest_of(tx, source, "AND verdict IS NOT NULL")?);
            }
            Ok(Standing {
                newest: newest_of(tx, source, "")?,
                ended,
                good: newest_of(tx, source, "AND verdict = 'complete'")?,
                saved: newest_of(tx, source, "AND verdict IN ('complete', 'partial')")?,
            })
        })
    }

    /// Backups that began at `since` or later, oldest first; of all sources, or of the one with this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn backups_since(&self, since: DateTime<Utc>, source: Option<&str>) -> Result<Vec<BackupRow>> {
        let mut sql = format!("SELECT {COLUMNS} FROM runs WHERE kind = 'backup' AND source_id IS NOT NULL AND started >= ?");
        let mut values = vec![Value::Integer(micros(since))];
        if let Some(source) = source {
            sql.push_str(" AND source_id = ?");
            values.push(Value::Text(source.to_owned()));
        }
        sql.push_str(" ORDER BY seq");
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&sql)?;
            Ok(rows
                .query_map(params_from_iter(values), backup)?
                .collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn newest_in(tx: &Transaction<'_>, source: &str, vault: &str, verdict: Verdict) -> Result<Option<i64>> {
    let mut rows = tx.prepare_cached(
        "SELECT max(seq) FROM runs WHERE kind = 'backup' AND source_id = ?1 AND vault_id = ?2 AND verdict = ?3",
    )?;
    Ok(rows.query_row(params![source, vault, text(&verdict)?], |row| row.get(0))?)
}

/// Walks back from the newest backup of a source: what is asked for is nearly always among the first.
fn newest_of(tx: &Transaction<'_>, source: &str, and: &str) -> Result<Option<BackupRow>> {
    let mut rows = tx.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM runs INDEXED BY runs_of_source WHERE source_id = ?1 AND kind = 'backup' {and} ORDER BY seq DESC LIMIT 1"
    ))?;
    Ok(rows.query_row([source], backup).optional()?)
}

fn by_seq(tx: &Transaction<'_>, seq: i64) -> Result<BackupRow> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE seq = ?1"))?;
    Ok(rows.query_row([seq], backup)?)
}

fn backup(row: &Row<'_>) -> rusqlite::Result<BackupRow> {
    let vault: Option<String> = row.get(3)?;
    let vault_name: Option<String> = row.get(4)?;
    let kind: Option<ErrorKind> = codec::optional(row, 9)?;
    let message: Option<String> = row.get(10)?;
    let count = |index: usize| -> rusqlite::Result<Option<u64>> {
        let value: Option<i64> = row.get(index)?;
        Ok(value.map(i64::unsigned_abs))
    };
    let holdings = match count(13)? {
        Some(collections) => Some(Holdings {
            collections,
            records: count(14)?,
            files: count(15)?.unwrap_or_default(),
            bytes: count(16)?.unwrap_or_default(),
            workspaces: count(17)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(BackupRow {
        run: row.get(1)?,
        source: row.get(2)?,
        vault: vault.map(|id| Named {
            id,
            name: vault_name.unwrap_or_default(),
        }),
        snapshot: row.get(5)?,
        plan: row.get(22)?,
        slot: codec::optional_time(row, 23)?,
        started: codec::time(row, 6)?,
        finished: codec::optional_time(row, 7)?,
        verdict: codec::optional(row, 8)?,
        reason: kind.map(|kind| Reason {
            kind,
            message: message.unwrap_or_default(),
        }),
        bytes: codec::count(row, 11)?,
        stored_bytes: codec::count(row, 12)?,
        gaps: codec::count(row, "gaps")?,
        changes: ChangeCounts {
            added: codec::count(row, "added")?,
            changed: codec::count(row, "changed")?,
            removed: codec::count(row, "removed")?,
            unchanged: codec::count(row, "unchanged")?,
        },
        holdings,
        process: Process {
            pid: row.get(18)?,
            boot: row.get(19)?,
            program: row.get(20)?,
        },
    })
}
