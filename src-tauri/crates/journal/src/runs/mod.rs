//! The history of runs: what was done, how far it got, how it ended, what is missing.

mod begin;
mod list;
mod log;
mod planned;
mod prune;
mod standing;

use backstay_model::{ChangeCounts, ErrorKind, RunKind, Verdict};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction};
use serde::{Deserialize, Serialize};

pub use log::{Event, EventLevel};
pub use planned::{PlanRun, Rates, RatesOf};
pub use prune::{PruneRule, Pruned};
pub use standing::{BackupRow, Holdings, Standing};

use crate::process::Process;
use crate::{Journal, JournalError, Result, codec, ids};

/// The runs of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a>(pub(crate) &'a Journal);

/// Id and name of a source or vault as they were at the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name then.
    pub name: String,
}

/// The plan a run is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanRef {
    /// Its id.
    pub id: String,
    /// Its name then.
    pub name: String,
    /// The due time the run stands for; `None` when somebody asked for it.
    pub slot: Option<DateTime<Utc>>,
}

/// A run to begin.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// What it does.
    pub kind: RunKind,
    /// The source it is about.
    pub source: Option<Named>,
    /// The vault it is about.
    pub vault: Option<Named>,
    /// The snapshot it works on, if known from the start.
    pub snapshot: Option<String>,
    /// The plan it is for.
    pub plan: Option<PlanRef>,
}

/// Numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counters {
    /// Items (records, files, steps, packs) done.
    pub items: u64,
    /// Bytes read or written.
    pub bytes: u64,
    /// Bytes the vault grew by.
    pub stored_bytes: u64,
    /// What changed.
    pub changes: ChangeCounts,
}

/// Why a run ended as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// As a code.
    pub kind: ErrorKind,
    /// In a sentence, without secrets.
    pub message: String,
}

/// How a run ends.
#[derive(Debug, Clone)]
pub struct RunEnd {
    /// When.
    pub finished: DateTime<Utc>,
    /// How.
    pub verdict: Verdict,
    /// Why, unless complete.
    pub reason: Option<Reason>,
    /// Its numbers.
    pub counters: Counters,
    /// The snapshot it wrote; `None` leaves what was known at the start.
    pub snapshot: Option<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id (UUID version 7).
    pub id: String,
    /// The shortest beginning of the id, of at least 8 characters, that no other run has.
    pub short: String,
    /// What it does.
    pub kind: RunKind,
    /// The source it is about.
    pub source: Option<Named>,
    /// The vault it is about.
    pub vault: Option<Named>,
    /// The snapshot it wrote or works on.
    pub snapshot: Option<String>,
    /// The plan it is or was for.
    pub plan: Option<PlanRef>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// How it ended; `None` while it runs.
    pub verdict: Option<Verdict>,
    /// Why, unless complete.
    pub reason: Option<Reason>,
    /// Its numbers.
    pub counters: Counters,
    /// How many things are missing; see [`Runs::gaps`].
    pub gaps: u64,
    /// The process that does or did it.
    pub process: Process,
}

/// Where a run stands, for people who only look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunStatus {
    /// Its process works on it.
    Running,
    /// Its process is gone without having ended it; the next job's process closes it as failed.
    Abandoned,
    /// It ended.
    Ended,
}

/// Which runs to list. Everything given must fit.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of these kinds; empty means all.
    pub kinds: Vec<RunKind>,
    /// With these verdicts; empty means all, running ones too.
    pub verdicts: Vec<Verdict>,
    /// Only runs that have not ended.
    pub open: bool,
    /// Of the source with this id.
    pub source: Option<String>,
    /// Of the vault with this id.
    pub vault: Option<String>,
    /// For the plan with this id.
    pub plan: Option<String>,
    /// Started at or after.
    pub since: Option<DateTime<Utc>>,
    /// Started before.
    pub until: Option<DateTime<Utc>>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<u64>,
}

impl<T> Page<T> {
    /// Makes a page of rows read with one more than `limit`; `key` gives the position of the last row kept.
    pub(crate) fn cut(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> u64) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { rows, next }
    }
}

impl Run {
    /// Where it stands. Whether its process lives can be told on the same machine only.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        match self.verdict {
            Some(_) => RunStatus::Ended,
            None if self.process.is_gone() => RunStatus::Abandoned,
            None => RunStatus::Running,
        }
    }
}

/// Columns of a run, with the number of its gaps.
const COLUMNS: &str = "seq, id, kind, source_id, source_name, vault_id, vault_name, snapshot, plan_id, plan_name, slot, started, finished, verdict, \
     reason_kind, reason, items, bytes, stored_bytes, added, changed, removed, unchanged, pid, boot, program, \
     (SELECT count(*) FROM run_gaps WHERE run = runs.seq) AS gaps";

/// A row and its place in the table.
fn run(row: &Row<'_>) -> rusqlite::Result<(i64, Run)> {
    let counters = Counters {
        items: codec::count(row, "items")?,
        bytes: codec::count(row, "bytes")?,
        stored_bytes: codec::count(row, "stored_bytes")?,
        changes: ChangeCounts {
            added: codec::count(row, "added")?,
            changed: codec::count(row, "changed")?,
            removed: codec::count(row, "removed")?,
            unchanged: codec::count(row, "unchanged")?,
        },
    };
    let run = Run {
        id: row.get("id")?,
        short: String::new(),
        kind: codec::value(row, "kind")?,
        source: codec::named(row, "source_id", "source_name")?,
        vault: codec::named(row, "vault_id", "vault_name")?,
        snapshot: row.get("snapshot")?,
        plan: plan(row)?,
        started: codec::time(row, "started")?,
        finished: codec::optional_time(row, "finished")?,
        verdict: codec::optional(row, "verdict")?,
        reason: codec::reason(row, "reason_kind", "reason")?,
        counters,
        gaps: codec::count(row, "gaps")?,
        process: Process {
            pid: row.get("pid")?,
            boot: row.get("boot")?,
            program: row.get("program")?,
        },
    };
    Ok((row.get("seq")?, run))
}

/// The plan of a row.
fn plan(row: &Row<'_>) -> rusqlite::Result<Option<PlanRef>> {
    let slot = codec::optional_time(row, "slot")?;
    let plan = codec::named(row, "plan_id", "plan_name")?;
    Ok(plan.map(|Named { id, name }| PlanRef { id, name, slot }))
}

/// Gives a run its short id.
fn with_short(tx: &Transaction<'_>, run: Run) -> Result<Run> {
    let short = ids::short(tx, "runs", &run.id)?;
    Ok(Run { short, ..run })
}

/// A run by its whole id.
pub(crate) fn require(tx: &Transaction<'_>, id: &str) -> Result<(i64, Run)> {
    let found = tx
        .prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE id = ?1"))?
        .query_row([id], run)
        .optional()?;
    let (seq, run) = found.ok_or_else(|| JournalError::NotFound {
        what: "run",
        name: id.to_owned(),
    })?;
    Ok((seq, with_short(tx, run)?))
}

/// The row number of a run.
pub(crate) fn seq_of(tx: &Transaction<'_>, id: &str) -> Result<i64> {
    let seq = tx
        .prepare_cached("SELECT seq FROM runs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    seq.ok_or_else(|| JournalError::NotFound {
        what: "run",
        name: id.to_owned(),
    })
}

/// The row number of a run that has not ended.
pub(crate) fn open_seq_of(tx: &Transaction<'_>, id: &str) -> Result<i64> {
    let mut rows = tx.prepare_cached("SELECT seq, verdict IS NULL FROM runs WHERE id = ?1")?;
    let found: Option<(i64, bool)> = rows.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found {
        Some((seq, true)) => Ok(seq),
        Some((_, false)) => Err(JournalError::RunEnded { run: id.to_owned() }),
        None => Err(JournalError::NotFound {
            what: "run",
            name: id.to_owned(),
        }),
    }
}
