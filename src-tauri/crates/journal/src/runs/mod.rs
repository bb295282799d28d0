//! The history of runs: what was done, how far it got, how it ended, what is missing.

mod begin;
mod list;
mod log;
mod prune;
mod standing;

use backstay_model::{ChangeCounts, ErrorKind, RunKind, Verdict};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction};
use serde::{Deserialize, Serialize};

pub use log::{Event, EventLevel};
pub use prune::{PruneRule, Pruned};
pub use standing::{BackupRow, Holdings, Standing};

use crate::process::Process;
use crate::{Journal, JournalError, Result, codec};

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
const COLUMNS: &str = "seq, id, kind, source_id, source_name, vault_id, vault_name, snapshot, started, finished, verdict, \
     reason_kind, reason, items, bytes, stored_bytes, added, changed, removed, unchanged, pid, boot, program, \
     (SELECT count(*) FROM run_gaps WHERE run = runs.seq) AS gaps";

/// A row and its place in the table.
fn run(row: &Row<'_>) -> rusqlite::Result<(i64, Run)> {
    let named = |id: &str, name: &str| -> rusqlite::Result<Option<Named>> {
        let id: Option<String> = row.get(id)?;
        let name: Option<String> = row.get(name)?;
        Ok(id.map(|id| Named {
            id,
            name: name.unwrap_or_default(),
        }))
    };
    let kind: Option<ErrorKind> = codec::optional(row, "reason_kind")?;
    let message: Option<String> = row.get("reason")?;
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
        source: named("source_id", "source_name")?,
        vault: named("vault_id", "vault_name")?,
        snapshot: row.get("snapshot")?,
        started: codec::time(row, "started")?,
        finished: codec::optional_time(row, "finished")?,
        verdict: codec::optional(row, "verdict")?,
        reason: kind.map(|kind| Reason {
            kind,
            message: message.unwrap_or_default(),
        }),
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

/// Gives a run its short id: as long as its neighbours in the order of ids make necessary.
fn with_short(tx: &Transaction<'_>, mut run: Run) -> Result<Run> {
    let before = "SELECT id FROM runs WHERE id < ?1 ORDER BY id DESC LIMIT 1";
    let after = "SELECT id FROM runs WHERE id > ?1 ORDER BY id LIMIT 1";
    let mut length = 8;
    for neighbour in [before, after] {
        let id: Option<String> = tx
            .prepare_cached(neighbour)?
            .query_row([&run.id], |row| row.get(0))
            .optional()?;
        let same = id.map_or(0, |id| id.bytes().zip(run.id.bytes()).take_while(|(a, b)| a == b).count());
        length = length.max(same + 1);
    }
    // A dash at the end tells nothing.
    if run.id.as_bytes().get(length - 1) == Some(&b'-') {
        length += 1;
    }
    run.short = run.id.chars().take(length).collect();
    Ok(run)
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
