//! What the scheduler remembers of each task of each plan, and its step: remember, record and claim at once or not at all.

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use crate::slots::{self, Claim, Slot, SlotEnd, SlotKey};
use crate::{Journal, Result, codec, plans};

/// What the scheduler remembers of one task of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    /// Id of the plan.
    pub plan: String,
    /// The task: `backup`, `forget`.
    pub task: String,
    /// How often it was written, as read; 0 for one that was never written. [`Journal::schedule_step`] compares it.
    pub version: u64,
    /// Every slot up to here has its record.
    pub handled: DateTime<Utc>,
    /// Counts changes of the schedule, so that slots of an old one and a new one do not meet.
    pub epoch: u32,
    /// What is waited for.
    pub waiting: Option<RawJson>,
    /// When a failed slot is tried again.
    pub retry_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub attempts: u32,
}

/// A step of the scheduler.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to remember from now on; its `version` as it was read.
    pub task: TaskState,
    /// Slots that need no run.
    pub settle: Vec<Slot>,
    /// The slot to run now.
    pub claim: Option<Claim>,
}

/// What becomes of a slot when its run is over.
#[derive(Debug, Clone)]
pub enum SlotFate {
    /// It ended.
    End(SlotEnd),
    /// It waits for another try, for this reason.
    Wait(String),
}

/// The end of a slot's run, with what the scheduler remembers from then on.
#[derive(Debug, Clone)]
pub struct StepEnd {
    /// What to remember from now on; its `version` as it was read.
    pub task: TaskState,
    /// The slot.
    pub slot: SlotKey,
    /// What becomes of it.
    pub fate: SlotFate,
    /// When.
    pub now: DateTime<Utc>,
}

/// The tasks of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Tasks<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "plan_id, task, version, handled, epoch, waiting, retry_at, attempts";

impl Tasks<'_> {
    /// What is remembered of a task of the plan with this id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn get(&self, plan: &str, task: &str) -> Result<Option<TaskState>> {
        self.0.read(|tx| get(tx, plan, task))
    }

    /// Remembers, whoever wrote meanwhile. The stored version is one more than before.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`] when there is no such plan.
    pub fn put(&self, state: &TaskState) -> Result<()> {
        self.0.write(|tx| put(tx, state))
    }

    /// What is remembered of all tasks of the plan with this id, by task.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(&self, plan: &str) -> Result<Vec<TaskState>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM tasks WHERE plan_id = ?1 ORDER BY task"))?;
            Ok(rows.query_map([plan], state)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Forgets a task; its slots stay. One that is not known is no error.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn forget(&self, plan: &str, task: &str) -> Result<()> {
        self.0.write(|tx| {
            tx.execute("DELETE FROM tasks WHERE plan_id = ?1 AND task = ?2", [plan, task])?;
            Ok(())
        })
    }
}

impl Journal {
    /// Remembers, records and claims in one transaction. `false`: someone else wrote the task since it was read, or the slot is
    /// taken, and nothing was written; read again and decide anew. After `true` the stored version is one more than the step's.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`] when there is no such plan.
    pub fn schedule_step(&self, step: &Step) -> Result<bool> {
        self.write_if(|tx| {
            if !put_unmoved(tx, &step.task)? {
                return Ok(false);
            }
            slots::settle(tx, &step.settle)?;
            match &step.claim {
                Some(claim) => slots::claim(tx, claim),
                None => Ok(true),
            }
        })
    }

    /// Records the end of a slot's run and remembers in one transaction: killed in between, a slot would wait for ever. `false`:
    /// someone else wrote the task since it was read, and nothing was written; read again and decide anew.
    ///
    /// # Errors
    /// [`crate::JournalError::NotFound`] when there is no such plan or slot any more, [`crate::JournalError::SlotEnded`].
    pub fn schedule_end(&self, end: &StepEnd) -> Result<bool> {
        self.write_if(|tx| {
            if !put_unmoved(tx, &end.task)? {
                return Ok(false);
            }
            match &end.fate {
                SlotFate::End(outcome) => slots::end(tx, &end.slot, outcome, end.now)?,
                SlotFate::Wait(reason) => slots::wait(tx, &end.slot, reason, end.now)?,
            }
            Ok(true)
        })
    }
}

fn get(tx: &Transaction<'_>, plan: &str, task: &str) -> Result<Option<TaskState>> {
    let mut rows = tx.prepare_cached(&format!("SELECT {COLUMNS} FROM tasks WHERE plan_id = ?1 AND task = ?2"))?;
    Ok(rows.query_row([plan, task], state).optional()?)
}

/// Remembers unless someone else wrote since the state was read.
fn put_unmoved(tx: &Transaction<'_>, state: &TaskState) -> Result<bool> {
    let known = get(tx, &state.plan, &state.task)?.map_or(0, |known| known.version);
    if known != state.version {
        return Ok(false);
    }
    put(tx, state)?;
    Ok(true)
}

fn put(tx: &Transaction<'_>, state: &TaskState) -> Result<()> {
    plans::require_id(tx, &state.plan)?;
    tx.prepare_cached(
        "INSERT INTO tasks (plan_id, task, version, handled, epoch, waiting, retry_at, attempts)
         VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET version = version + 1, handled = excluded.handled, epoch = excluded.epoch,
            waiting = excluded.waiting, retry_at = excluded.retry_at, attempts = excluded.attempts",
    )?
    .execute(params![
        state.plan,
        state.task,
        codec::micros(state.handled),
        state.epoch,
        state.waiting.as_ref().map(codec::raw),
        state.retry_at.map(codec::micros),
        state.attempts
    ])?;
    Ok(())
}

fn state(row: &Row<'_>) -> rusqlite::Result<TaskState> {
    Ok(TaskState {
        plan: row.get("plan_id")?,
        task: row.get("task")?,
        version: codec::count(row, "version")?,
        handled: codec::time(row, "handled")?,
        epoch: row.get("epoch")?,
        waiting: codec::optional_json(row, "waiting")?,
        retry_at: codec::optional_time(row, "retry_at")?,
        attempts: row.get("attempts")?,
    })
}
