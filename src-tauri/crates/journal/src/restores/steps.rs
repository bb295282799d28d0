//! Steps of a restore: intents before writing, results after, both in batches; reading in pages.

use std::ops::Range;

use backstay_model::{ErrorKind, StepState, Subject};
use rusqlite::types::{Type, Value};
use rusqlite::{OptionalExtension as _, Row, Transaction, params, params_from_iter};

use super::{RecordedStep, Restores, StepCounts, StepFilter, StepIntent, StepPhase, StepResult};
use crate::codec::{count, number, optional, text, value};
use crate::runs::{Page, open_seq_of, seq_of};
use crate::{JournalError, Result};

/// What stands in the column of states before any result: from which a step may get an intent.
const RECORD: &str = "INSERT INTO restore_steps (run, idx, collection, item, action, state, before) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
     ON CONFLICT (run, idx) DO UPDATE SET state = excluded.state, action = excluded.action, before = excluded.before, \
     error_kind = NULL, error = NULL WHERE state <> 2";

impl Restores<'_> {
    /// Records that these steps are about to be written. When this returns, that is on the disk: only then write. A step
    /// that failed, was skipped, or was in doubt after a crash may be tried again; one that was written may not.
    ///
    /// # Errors
    /// [`JournalError::StepWritten`] (nothing of the batch is recorded then); [`JournalError::RunEnded`].
    pub fn intents(&self, run: &str, steps: &[StepIntent]) -> Result<()> {
        self.record(run, steps, StepPhase::Intent)
    }

    /// Records that these steps are left out on purpose.
    ///
    /// # Errors
    /// As [`Restores::intents`].
    pub fn skips(&self, run: &str, steps: &[StepIntent]) -> Result<()> {
        self.record(run, steps, StepPhase::Skipped)
    }

    fn record(&self, run: &str, steps: &[StepIntent], phase: StepPhase) -> Result<()> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            let mut insert = tx.prepare_cached(RECORD)?;
            for step in steps {
                let (collection, item) = columns(&step.subject);
                let action = text(&step.action)?;
                let values = params![seq, number(step.index), collection, item, action, phase.code(), step.before];
                if insert.execute(values)? == 0 {
                    return Err(JournalError::StepWritten {
                        run: run.to_owned(),
                        index: step.index,
                    });
                }
            }
            Ok(())
        })
    }

    /// Records how steps ended whose intents are recorded.
    ///
    /// # Errors
    /// [`JournalError::NoIntent`] (nothing of the batch is recorded then), also for a state that is no end;
    /// [`JournalError::RunEnded`].
    pub fn results(&self, run: &str, results: &[StepResult]) -> Result<()> {
        self.0.write(|tx| {
            let seq = open_seq_of(tx, run)?;
            let mut update = tx.prepare_cached(
                "UPDATE restore_steps SET state = ?3, after = ?4, new_id = ?5, error_kind = ?6, error = ?7 \
                 WHERE run = ?1 AND idx = ?2 AND state = 1",
            )?;
            for result in results {
                let no_intent = || JournalError::NoIntent {
                    run: run.to_owned(),
                    index: result.index,
                };
                let (phase, new_id, kind, error) = match &result.state {
                    StepState::Done { new_id } => (StepPhase::Done, new_id.as_deref(), None, None),
                    StepState::Skipped => (StepPhase::Skipped, None, None, None),
                    StepState::Failed { kind, message } => (StepPhase::Failed, None, Some(text(kind)?), Some(message)),
                    StepState::Pending | StepState::Intent => return Err(no_intent()),
                };
                let values = params![seq, number(result.index), phase.code(), result.after, new_id, kind, error];
                if update.execute(values)? == 0 {
                    return Err(no_intent());
                }
            }
            Ok(())
        })
    }

    /// What is recorded of the steps numbered in `range`, in order; a step not in the answer is pending. A resumed restore
    /// reads its plan piece by piece and asks for each piece.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn recorded(&self, run: &str, range: Range<u64>) -> Result<Vec<RecordedStep>> {
        self.0.read(|tx| {
            let run = seq_of(tx, run)?;
            let mut rows =
                tx.prepare_cached("SELECT * FROM restore_steps WHERE run = ?1 AND idx >= ?2 AND idx < ?3 ORDER BY idx")?;
            let found = rows.query_map((run, number(range.start), number(range.end)), step)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Recorded steps that fit `filter`, in order, after `from` (a page's `next`).
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn steps(&self, run: &str, filter: &StepFilter, from: Option<u64>, limit: usize) -> Result<Page<RecordedStep>> {
        self.0.read(|tx| {
            let mut values = vec![Value::Integer(seq_of(tx, run)?), Value::Integer(from.map_or(-1, number))];
            let mut sql = "SELECT * FROM restore_steps WHERE run = ? AND idx > ?".to_owned();
            if !filter.phases.is_empty() {
                sql.push_str(&format!(" AND state IN ({})", vec!["?"; filter.phases.len()].join(", ")));
                values.extend(filter.phases.iter().map(|phase| Value::Integer(phase.code())));
            }
            sql.push_str(" ORDER BY idx LIMIT ?");
            values.push(Value::Integer(number(limit as u64).saturating_add(1)));
            let mut rows = tx.prepare_cached(&sql)?;
            let found = rows
                .query_map(params_from_iter(values), step)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Page::cut(found, limit, |step: &RecordedStep| step.index))
        })
    }

    /// How many steps are in which state.
    ///
    /// # Errors
    /// [`JournalError::NotFound`].
    pub fn counts(&self, run: &str) -> Result<StepCounts> {
        self.0.read(|tx| {
            let seq = seq_of(tx, run)?;
            let total = tx
                .prepare_cached("SELECT steps FROM restores WHERE run = ?1")?
                .query_row([seq], |row| count(row, 0));
            let missing = || JournalError::NotFound {
                what: "restore",
                name: run.to_owned(),
            };
            let mut counts = StepCounts {
                pending: total.optional()?.ok_or_else(missing)?,
                ..StepCounts::default()
            };
            let mut rows = tx.prepare_cached("SELECT state, count(*) FROM restore_steps WHERE run = ?1 GROUP BY state")?;
            for row in rows.query_map([seq], |row| Ok((phase(row)?, count(row, 1)?)))? {
                let (phase, steps) = row?;
                counts.pending = counts.pending.saturating_sub(steps);
                match phase {
                    StepPhase::Intent => counts.intent = steps,
                    StepPhase::Done => counts.done = steps,
                    StepPhase::Skipped => counts.skipped = steps,
                    StepPhase::Failed => counts.failed = steps,
                }
            }
            Ok(counts)
        })
    }

    /// The id the target gave to what was restored from `subject`, so that relations can be rebuilt.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] for the run.
    pub fn new_id(&self, run: &str, subject: &Subject) -> Result<Option<String>> {
        self.0.read(|tx| {
            let run = seq_of(tx, run)?;
            let (collection, item) = columns(subject);
            new_id(tx, run, collection, item)
        })
    }
}

fn new_id(tx: &Transaction<'_>, run: i64, collection: Option<&str>, item: &str) -> Result<Option<String>> {
    let mut rows = tx.prepare_cached(
        "SELECT new_id FROM restore_steps WHERE run = ?1 AND collection IS ?2 AND item = ?3 AND new_id IS NOT NULL LIMIT 1",
    )?;
    Ok(rows.query_row(params![run, collection, item], |row| row.get(0)).optional()?)
}

fn columns(subject: &Subject) -> (Option<&str>, &str) {
    match subject {
        Subject::Record { collection, id } => (Some(collection), id),
        Subject::File { path } => (None, path),
    }
}

fn phase(row: &Row<'_>) -> rusqlite::Result<StepPhase> {
    let code: i64 = row.get("state")?;
    let all = [StepPhase::Intent, StepPhase::Done, StepPhase::Skipped, StepPhase::Failed];
    all.into_iter()
        .find(|phase| phase.code() == code)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, code))
}

fn step(row: &Row<'_>) -> rusqlite::Result<RecordedStep> {
    let collection: Option<String> = row.get("collection")?;
    let item: String = row.get("item")?;
    let state = match phase(row)? {
        StepPhase::Intent => StepState::Intent,
        StepPhase::Done => StepState::Done {
            new_id: row.get("new_id")?,
        },
        StepPhase::Skipped => StepState::Skipped,
        StepPhase::Failed => {
            let kind: Option<ErrorKind> = optional(row, "error_kind")?;
            let missing = || rusqlite::Error::InvalidColumnType(0, "error_kind".to_owned(), Type::Null);
            StepState::Failed {
                kind: kind.ok_or_else(missing)?,
                message: row.get::<_, Option<_>>("error")?.unwrap_or_default(),
            }
        }
    };
    Ok(RecordedStep {
        index: count(row, "idx")?,
        subject: match collection {
            Some(collection) => Subject::Record { collection, id: item },
            None => Subject::File { path: item },
        },
        action: value(row, "action")?,
        state,
        before: row.get("before")?,
        after: row.get("after")?,
    })
}
