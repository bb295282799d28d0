//! The record of every slot of every plan: what became of it and why, none lost, none run twice.

use backstay_model::ErrorKind;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::process::Presence;
use crate::{Journal, JournalError, Lead, Result, codec, plans};

/// Why a slot waits whose process died.
const INTERRUPTED: &str = "interrupted";

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SlotOutcome {
    /// A process works on it.
    Running,
    /// Its run ended complete.
    Complete,
    /// Its run ended partial.
    Partial,
    /// Its run failed.
    Failed,
    /// Its run was stopped by the person.
    Cancelled,
    /// A later run stands for it.
    Covered,
    /// It did not run, by a rule.
    Skipped,
    /// It is to run when what it waits for is there.
    Waiting,
}

impl SlotOutcome {
    /// Whether nothing more will become of it.
    #[must_use]
    pub fn ended(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }
}

/// One slot: a due time of a task of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SlotKey {
    /// Id of the plan.
    pub plan: String,
    /// The task.
    pub task: String,
    /// Which version of the schedule it belongs to.
    pub epoch: u32,
    /// When it was due.
    pub due: DateTime<Utc>,
}

/// Asks for the right to run a slot.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Tells the asking run of a program from every other, also from later ones: a random text, made when it started.
    pub owner: String,
    /// The slot.
    pub slot: SlotKey,
    /// When it starts.
    pub now: DateTime<Utc>,
    /// Why it runs later than it was due.
    pub late: Option<String>,
}

/// How a slot ends.
#[derive(Debug, Clone)]
pub struct SlotEnd {
    /// What became of it.
    pub outcome: SlotOutcome,
    /// Id of its run, if it had one.
    pub run: Option<String>,
    /// Why, as a code.
    pub code: Option<ErrorKind>,
    /// Why, in a sentence without secrets.
    pub message: Option<String>,
}

/// What became of one slot, or of several in a row that had the same fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// Id of the plan.
    pub plan: String,
    /// The task.
    pub task: String,
    /// Which version of the schedule it belongs to.
    pub epoch: u32,
    /// When the first was due.
    pub first: DateTime<Utc>,
    /// When the last was due.
    pub last: DateTime<Utc>,
    /// How many there are.
    pub count: u64,
    /// What became of them.
    pub outcome: SlotOutcome,
    /// Why it did not run, ran late or waits.
    pub reason: Option<String>,
    /// Due time of the slot whose run stands for it.
    pub covered_by: Option<DateTime<Utc>>,
    /// Since when it had to wait, if it had to.
    pub waited: Option<DateTime<Utc>>,
    /// When its last attempt began.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// How often it was begun.
    pub attempts: u32,
    /// Id of its run.
    pub run: Option<String>,
    /// Why it failed, as a code.
    pub code: Option<ErrorKind>,
    /// Why it failed, in a sentence.
    pub message: Option<String>,
}

impl Slot {
    /// A single slot that had no run.
    #[must_use]
    pub fn new(key: &SlotKey, outcome: SlotOutcome) -> Self {
        Self {
            plan: key.plan.clone(),
            task: key.task.clone(),
            epoch: key.epoch,
            first: key.due,
            last: key.due,
            count: 1,
            outcome,
            reason: None,
            covered_by: None,
            waited: None,
            started: None,
            finished: None,
            attempts: 0,
            run: None,
            code: None,
            message: None,
        }
    }
}

/// The slots of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Slots<'a>(pub(crate) &'a Journal);

const COLUMNS: &str = "plan_id, task, epoch, first, last, count, outcome, reason, covered_by, waited, started, finished, attempts, \
     run, code, message";

impl Slots<'_> {
    /// Takes the right to run a slot. `false`: someone has it, or it is recorded already. A slot that waits, or whose process is
    /// certainly gone, can be taken again.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such plan.
    pub fn claim(&self, claim: &Claim) -> Result<bool> {
        self.0.write(|tx| self::claim(tx, claim))
    }

    /// Records slots that have no run of their own. What is recorded already stays, but for slots that wait.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such plan; nothing is recorded then.
    pub fn settle(&self, slots: &[Slot]) -> Result<()> {
        self.0.write(|tx| settle(tx, slots))
    }

    /// Ends a slot that runs or waits.
    ///
    /// # Errors
    /// [`JournalError::NotFound`]; [`JournalError::SlotEnded`] when it ended before.
    pub fn end(&self, slot: &SlotKey, end: &SlotEnd, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| self::end(tx, slot, end, now))
    }

    /// Lets a slot wait for what the reason says; one that was claimed is given back.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] when there is no such plan; [`JournalError::SlotEnded`] when it ended before.
    pub fn wait(&self, slot: &SlotKey, reason: &str, now: DateTime<Utc>) -> Result<()> {
        self.0.write(|tx| self::wait(tx, slot, reason, now))
    }

    /// Slots that wait, oldest first. At a start these must be the ones the tasks wait for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn waiting(&self) -> Result<Vec<Slot>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM slots WHERE outcome = 'waiting' ORDER BY first, plan_id, task"
            ))?;
            Ok(rows.query_map([], slot)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Records of a plan (by id), of one task or all, with a slot due at `from` or later and before `until`; oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn since(&self, plan: &str, task: Option<&str>, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Slot>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM slots WHERE plan_id = ?1 AND last >= ?2 AND first < ?3 AND (?4 IS NULL OR task = ?4) \
                 ORDER BY first, task, epoch"
            ))?;
            let found = rows.query_map(params![plan, codec::micros(from), codec::micros(until), task], slot)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The newest `limit` records of a task, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest(&self, plan: &str, task: &str, limit: usize) -> Result<Vec<Slot>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM slots WHERE plan_id = ?1 AND task = ?2 ORDER BY last DESC, epoch DESC, first DESC LIMIT ?3"
            ))?;
            let found = rows.query_map(params![plan, task, codec::number(limit as u64)], slot)?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Gives back slots of other owners whose process is certainly gone: they wait, with the reason `interrupted`, and are run
    /// again. Returns them.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn close_dead(&self, live_owner: &str, now: DateTime<Utc>) -> Result<Vec<Slot>> {
        self.give_back(live_owner, now, Presence::is_gone)
    }

    /// As [`Slots::close_dead`], also where the system cannot tell who lives: whoever else claimed had the lead and lost it by ending.
    /// Call it when the lead was just taken.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn close_left(&self, _lead: &Lead, live_owner: &str, now: DateTime<Utc>) -> Result<Vec<Slot>> {
        self.give_back(live_owner, now, |_| true)
    }

    fn give_back(&self, live: &str, now: DateTime<Utc>, gone: impl Fn(&Presence) -> bool) -> Result<Vec<Slot>> {
        self.0.write(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS}, pid, boot, born FROM slots WHERE outcome = 'running' AND owner IS NOT ?1 ORDER BY first"
            ))?;
            let found = rows.query_map([live], |row| Ok((slot(row)?, presence(row)?)))?;
            let dead = found
                .filter(|row| row.as_ref().map_or(true, |(_, process)| gone(process)))
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let mut back = Vec::with_capacity(dead.len());
            for (slot, _) in dead {
                tx.prepare_cached(
                    "UPDATE slots SET outcome = 'waiting', reason = ?5, waited = coalesce(waited, ?6), owner = NULL
                     WHERE plan_id = ?1 AND task = ?2 AND epoch = ?3 AND first = ?4",
                )?
                .execute(params![
                    slot.plan,
                    slot.task,
                    slot.epoch,
                    codec::micros(slot.first),
                    INTERRUPTED,
                    codec::micros(now)
                ])?;
                back.push(Slot {
                    outcome: SlotOutcome::Waiting,
                    reason: Some(INTERRUPTED.to_owned()),
                    waited: slot.waited.or(Some(now)),
                    ..slot
                });
            }
            Ok(back)
        })
    }

    /// Forgets ended slots that were all due before; returns how many records went.
    ///
    /// # Errors
    /// When the database cannot be written; what went before stays gone, and calling again goes on.
    pub fn prune(&self, before: DateTime<Utc>) -> Result<u64> {
        const BATCH: usize = 20_000;
        let mut gone = 0;
        loop {
            let rows = self.0.write(|tx| {
                let mut batch = tx.prepare_cached(
                    "DELETE FROM slots WHERE (plan_id, task, epoch, first) IN (SELECT plan_id, task, epoch, first FROM slots
                     WHERE last < ?1 AND outcome NOT IN ('running', 'waiting') LIMIT ?2)",
                )?;
                Ok(batch.execute(params![codec::micros(before), codec::number(BATCH as u64)])?)
            })?;
            gone += rows as u64;
            if rows < BATCH {
                return Ok(gone);
            }
        }
    }
}

/// See [`Slots::claim`].
pub(crate) fn claim(tx: &Transaction<'_>, claim: &Claim) -> Result<bool> {
    let (key, this) = (&claim.slot, Presence::this());
    plans::require_id(tx, &key.plan)?;
    let due = codec::micros(key.due);
    // A range may hold it as well as a record of its own.
    let mut rows = tx.prepare_cached(
        "SELECT first = ?4 AND last = ?4 AND outcome = 'waiting', outcome = 'running', owner, pid, boot, born FROM slots
         WHERE plan_id = ?1 AND task = ?2 AND epoch = ?3 AND first <= ?4 AND last >= ?4",
    )?;
    let held = rows.query_map(params![key.plan, key.task, key.epoch, due], |row| {
        let owner: Option<String> = row.get("owner")?;
        let lost = row.get(1)? && owner.as_ref() != Some(&claim.owner) && presence(row)?.is_gone();
        Ok(!row.get::<_, bool>(0)? && !lost)
    })?;
    for held in held {
        if held? {
            return Ok(false);
        }
    }
    tx.prepare_cached(
        "INSERT INTO slots (plan_id, task, epoch, first, last, count, outcome, reason, started, attempts, owner, pid, boot, born)
         VALUES (?1, ?2, ?3, ?4, ?4, 1, 'running', ?5, ?6, 1, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET outcome = 'running', reason = coalesce(?5, reason), started = ?6, finished = NULL,
            attempts = attempts + 1, owner = ?7, pid = ?8, boot = ?9, born = ?10",
    )?
    .execute(params![
        key.plan,
        key.task,
        key.epoch,
        due,
        claim.late,
        codec::micros(claim.now),
        claim.owner,
        this.pid,
        this.boot,
        this.born.map(codec::number)
    ])?;
    Ok(true)
}

/// See [`Slots::settle`].
pub(crate) fn settle(tx: &Transaction<'_>, slots: &[Slot]) -> Result<()> {
    let mut rows = tx.prepare_cached(
        "INSERT INTO slots (plan_id, task, epoch, first, last, count, outcome, reason, covered_by, waited, started, finished, attempts,
            run, code, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT DO UPDATE SET last = ?5, count = ?6, outcome = ?7, reason = coalesce(?8, reason), covered_by = ?9,
            waited = coalesce(waited, ?10), started = coalesce(?11, started), finished = ?12, attempts = max(attempts, ?13),
            run = coalesce(?14, run), code = ?15, message = ?16
         WHERE outcome = 'waiting'",
    )?;
    for slot in slots {
        plans::require_id(tx, &slot.plan)?;
        rows.execute(params![
            slot.plan,
            slot.task,
            slot.epoch,
            codec::micros(slot.first),
            codec::micros(slot.last),
            codec::number(slot.count),
            codec::text(&slot.outcome)?,
            slot.reason,
            slot.covered_by.map(codec::micros),
            slot.waited.map(codec::micros),
            slot.started.map(codec::micros),
            slot.finished.map(codec::micros),
            slot.attempts,
            slot.run,
            slot.code.as_ref().map(codec::text).transpose()?,
            slot.message
        ])?;
    }
    Ok(())
}

/// See [`Slots::end`].
pub(crate) fn end(tx: &Transaction<'_>, slot: &SlotKey, end: &SlotEnd, now: DateTime<Utc>) -> Result<()> {
    refuse_ended(tx, slot)?;
    // A clock set back must not make a slot end before it began.
    let finished = end.outcome.ended().then(|| codec::micros(now));
    tx.prepare_cached(
        "UPDATE slots SET outcome = ?5, run = coalesce(?6, run), code = ?7, message = ?8, owner = NULL,
            finished = max(?9, coalesce(started, ?9))
         WHERE plan_id = ?1 AND task = ?2 AND epoch = ?3 AND first = ?4",
    )?
    .execute(params![
        slot.plan,
        slot.task,
        slot.epoch,
        codec::micros(slot.due),
        codec::text(&end.outcome)?,
        end.run,
        end.code.as_ref().map(codec::text).transpose()?,
        end.message,
        finished
    ])?;
    Ok(())
}

/// See [`Slots::wait`].
pub(crate) fn wait(tx: &Transaction<'_>, slot: &SlotKey, reason: &str, now: DateTime<Utc>) -> Result<()> {
    plans::require_id(tx, &slot.plan)?;
    tx.prepare_cached(
        "INSERT INTO slots (plan_id, task, epoch, first, last, count, outcome, reason, waited, attempts)
         VALUES (?1, ?2, ?3, ?4, ?4, 1, 'waiting', ?5, ?6, 0)
         ON CONFLICT DO UPDATE SET outcome = 'waiting', reason = ?5, waited = coalesce(waited, ?6), owner = NULL
         WHERE outcome IN ('waiting', 'running')",
    )?
    .execute(params![
        slot.plan,
        slot.task,
        slot.epoch,
        codec::micros(slot.due),
        reason,
        codec::micros(now)
    ])?;
    refuse_ended(tx, slot)
}

/// Fails when there is no record that begins with this slot, or when it ended.
fn refuse_ended(tx: &Transaction<'_>, key: &SlotKey) -> Result<()> {
    let mut rows =
        tx.prepare_cached("SELECT outcome FROM slots WHERE plan_id = ?1 AND task = ?2 AND epoch = ?3 AND first = ?4")?;
    let found: Option<SlotOutcome> = rows
        .query_row(params![key.plan, key.task, key.epoch, codec::micros(key.due)], |row| {
            codec::value(row, 0)
        })
        .optional()?;
    match found {
        None => Err(JournalError::NotFound {
            what: "slot",
            name: format!("{} {} {}", key.plan, key.task, key.due),
        }),
        Some(outcome) if outcome.ended() => Err(JournalError::SlotEnded {
            plan: key.plan.clone(),
            task: key.task.clone(),
            due: key.due,
        }),
        Some(_) => Ok(()),
    }
}

fn presence(row: &Row<'_>) -> rusqlite::Result<Presence> {
    let born: Option<i64> = row.get("born")?;
    Ok(Presence {
        pid: row.get("pid")?,
        boot: row.get("boot")?,
        born: born.map(i64::unsigned_abs),
    })
}

fn slot(row: &Row<'_>) -> rusqlite::Result<Slot> {
    Ok(Slot {
        plan: row.get("plan_id")?,
        task: row.get("task")?,
        epoch: row.get("epoch")?,
        first: codec::time(row, "first")?,
        last: codec::time(row, "last")?,
        count: codec::count(row, "count")?,
        outcome: codec::value(row, "outcome")?,
        reason: row.get("reason")?,
        covered_by: codec::optional_time(row, "covered_by")?,
        waited: codec::optional_time(row, "waited")?,
        started: codec::optional_time(row, "started")?,
        finished: codec::optional_time(row, "finished")?,
        attempts: row.get("attempts")?,
        run: row.get("run")?,
        code: codec::optional(row, "code")?,
        message: row.get("message")?,
    })
}
