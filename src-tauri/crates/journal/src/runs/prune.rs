//! Thinning out the history, without losing what is still needed.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};

use super::Runs;
use crate::Result;
use crate::codec::{micros, number};

/// Rows taken away in one transaction, so that a history of millions of steps neither blocks others nor fills the log file.
const BATCH: usize = 20_000;

/// Which runs may go: those that fit both conditions.
#[derive(Debug, Clone, Copy)]
pub struct PruneRule {
    /// Finished before this.
    pub before: DateTime<Utc>,
    /// Not among the newest so many of all.
    pub keep_newest: u64,
}

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs.
    pub runs: u64,
    /// Recorded steps of restores.
    pub steps: u64,
}

/// Kept whatever their age: runs that go on, restores that can be taken back or resumed, the last run of each kind for
/// each source and vault, and the last complete one (a dashboard's "last good backup").
const GOES: &str = "
    SELECT seq FROM runs AS r
    WHERE finished < ?1 AND seq <= coalesce((SELECT seq FROM runs ORDER BY seq DESC LIMIT 1 OFFSET ?2), 0) AND seq > ?3
      AND NOT EXISTS (SELECT 1 FROM restores AS t WHERE t.run = r.seq AND t.undone_by IS NULL
                      AND (t.undo_snapshot IS NOT NULL OR r.verdict <> 'complete'))
      AND EXISTS (SELECT 1 FROM runs AS n WHERE n.source_id IS r.source_id AND n.kind = r.kind
                  AND n.vault_id IS r.vault_id AND n.seq > r.seq)
      AND (r.verdict <> 'complete'
           OR EXISTS (SELECT 1 FROM runs AS n WHERE n.source_id IS r.source_id AND n.kind = r.kind
                      AND n.vault_id IS r.vault_id AND n.seq > r.seq AND n.verdict = 'complete'))
    ORDER BY seq LIMIT 1";

impl Runs<'_> {
    /// Takes old runs out of the history.
    ///
    /// # Errors
    /// When the database cannot be written; what went before stays gone, and calling again goes on.
    pub fn prune(&self, rule: &PruneRule) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        let mut after = 0_i64;
        while let Some(seq) = self.next_to_go(rule, after)? {
            pruned.steps += self.empty(seq, "restore_steps", "idx")?;
            self.empty(seq, "run_events", "seq")?;
            self.empty(seq, "run_gaps", "seq")?;
            self.0.write(|tx| Ok(tx.execute("DELETE FROM runs WHERE seq = ?1", [seq])?))?;
            pruned.runs += 1;
            after = seq;
        }
        Ok(pruned)
    }

    fn next_to_go(&self, rule: &PruneRule, after: i64) -> Result<Option<i64>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(GOES)?;
            Ok(rows
                .query_row(params![micros(rule.before), number(rule.keep_newest), after], |row| {
                    row.get(0)
                })
                .optional()?)
        })
    }

    /// Deletes a run's rows of `table`, numbered by `key`, batch by batch.
    fn empty(&self, run: i64, table: &str, key: &str) -> Result<u64> {
        let sql = format!(
            "DELETE FROM {table} WHERE run = ?1 AND {key} <= \
             (SELECT max({key}) FROM (SELECT {key} FROM {table} WHERE run = ?1 ORDER BY {key} LIMIT ?2))"
        );
        let mut gone = 0;
        loop {
            let rows = self
                .0
                .write(|tx| Ok(tx.prepare_cached(&sql)?.execute(params![run, number(BATCH as u64)])?))?;
            gone += rows as u64;
            if rows < BATCH {
                return Ok(gone);
            }
        }
    }
}
