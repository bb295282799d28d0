//! What ran for a plan, and how often it went well. Answered from indexes, whatever the length of the history.

use backstay_model::{RunKind, Verdict};
use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{Row, params, params_from_iter};
use serde::{Deserialize, Serialize};

use super::{Named, Reason, Runs};
use crate::Result;
use crate::codec::{self, micros, text};

/// A run of a plan in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRun {
    /// Id of the run.
    pub run: String,
    /// What it does.
    pub kind: RunKind,
    /// The source it is about.
    pub source: Option<Named>,
    /// The vault it is about.
    pub vault: Option<Named>,
    /// The due time it stands for; `None` when somebody asked for it.
    pub slot: Option<DateTime<Utc>>,
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
    /// Bytes read.
    pub bytes: u64,
    /// Bytes the vault grew by.
    pub stored_bytes: u64,
    /// How many things are missing.
    pub gaps: u64,
}

/// Whose runs are counted, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatesOf<'a> {
    /// Those for a plan.
    Plan(&'a str),
    /// Those of a source, planned or not.
    Source(&'a str),
}

/// How runs ended, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rates {
    /// Complete.
    pub complete: u64,
    /// Partial.
    pub partial: u64,
    /// Failed.
    pub failed: u64,
    /// Stopped by the person.
    pub cancelled: u64,
}

const COLUMNS: &str = "id, kind, source_id, source_name, vault_id, vault_name, slot, snapshot, started, finished, verdict, reason_kind, \
     reason, bytes, stored_bytes, (SELECT count(*) FROM run_gaps WHERE run = runs.seq) AS gaps";

impl Runs<'_> {
    /// Runs for the plan with this id that began at `since` or later and before `until`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of_plan(&self, plan: &str, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<PlanRun>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM runs WHERE plan_id = ?1 AND started >= ?2 AND started < ?3 ORDER BY started, seq"
            ))?;
            let found = rows.query_map(params![plan, micros(since), micros(until)], planned)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How runs of these kinds (none: all kinds) ended that began at `since` or later.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn rates(&self, of: RatesOf<'_>, kinds: &[RunKind], since: DateTime<Utc>) -> Result<Rates> {
        let (column, id) = match of {
            RatesOf::Plan(id) => ("plan_id", id),
            RatesOf::Source(id) => ("source_id", id),
        };
        let mut sql = format!("SELECT verdict, count(*) FROM runs WHERE {column} = ? AND started >= ? AND verdict IS NOT NULL");
        let mut values = vec![Value::Text(id.to_owned()), Value::Integer(micros(since))];
        if !kinds.is_empty() {
            sql.push_str(&format!(" AND kind IN ({})", vec!["?"; kinds.len()].join(", ")));
            for kind in kinds {
                values.push(Value::Text(text(kind)?));
            }
        }
        sql.push_str(" GROUP BY verdict");
        self.0.read(|tx| {
            let mut rates = Rates::default();
            let mut rows = tx.prepare_cached(&sql)?;
            let found = rows.query_map(params_from_iter(values), |row| {
                Ok((codec::value(row, 0)?, codec::count(row, 1)?))
            })?;
            for row in found {
                let (verdict, count) = row?;
                match verdict {
                    Verdict::Complete => rates.complete = count,
                    Verdict::Partial => rates.partial = count,
                    Verdict::Failed => rates.failed = count,
                    Verdict::Cancelled => rates.cancelled = count,
                }
            }
            Ok(rates)
        })
    }
}

fn planned(row: &Row<'_>) -> rusqlite::Result<PlanRun> {
    Ok(PlanRun {
        run: row.get("id")?,
        kind: codec::value(row, "kind")?,
        source: codec::named(row, "source_id", "source_name")?,
        vault: codec::named(row, "vault_id", "vault_name")?,
        slot: codec::optional_time(row, "slot")?,
        snapshot: row.get("snapshot")?,
        started: codec::time(row, "started")?,
        finished: codec::optional_time(row, "finished")?,
        verdict: codec::optional(row, "verdict")?,
        reason: codec::reason(row, "reason_kind", "reason")?,
        bytes: codec::count(row, "bytes")?,
        stored_bytes: codec::count(row, "stored_bytes")?,
        gaps: codec::count(row, "gaps")?,
    })
}
