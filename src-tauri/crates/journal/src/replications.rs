//! Replications that go on for as long as nobody stops them: what they move, and how far the process got that runs them. What is
//! moved, and how, is JSON this crate does not read.

use backstay_model::{Gap, RawJson};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Journal, JournalError, Named, Result, codec, ids, sources};

/// A replication to keep.
#[derive(Debug, Clone)]
pub struct NewReplication {
    /// Name or id of the source it reads.
    pub from_source: String,
    /// The collection it reads.
    pub from_collection: String,
    /// Name or id of the source it writes.
    pub to_source: String,
    /// The collection it writes.
    pub to_collection: String,
    /// What, and how.
    pub what: RawJson,
}

/// What the process that runs a replication is doing with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplicationPhase {
    /// It moves data.
    Running,
    /// Everything went through; it waits for changes.
    Idle,
    /// Something is wrong; it tries again.
    Trying,
}

/// A replication that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replication {
    /// Its id (UUID version 7).
    pub id: String,
    /// The source it reads, with the name it has now.
    pub from_source: Named,
    /// The collection it reads.
    pub from_collection: String,
    /// The source it writes, with the name it has now.
    pub to_source: Named,
    /// The collection it writes.
    pub to_collection: String,
    /// What, and how.
    pub what: RawJson,
    /// When it was set up.
    pub created: DateTime<Utc>,
    /// When a person stopped it; `None`: it is to go on.
    pub stopped: Option<DateTime<Utc>>,
    /// What was last heard of it.
    pub heard: ReplicationNews,
    /// What could not be replicated; the newest.
    pub gaps: Vec<Gap>,
    /// How many things could not be replicated since it was set up.
    pub gap_count: u64,
}

/// What the process that runs a replication tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationNews {
    /// What it is doing; `None` before it first began.
    pub phase: Option<ReplicationPhase>,
    /// When it last got on.
    pub moved: Option<DateTime<Utc>>,
    /// How far it got.
    pub progress: Option<RawJson>,
    /// What is wrong.
    pub problem: Option<RawJson>,
    /// When it tries again.
    pub again: Option<DateTime<Utc>>,
}

/// The replications of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Replications<'a>(pub(crate) &'a Journal);

/// Gaps that are kept by name.
const GAPS: usize = 100;

const SELECT: &str = "SELECT r.id, r.from_source, f.name AS from_name, r.from_collection, r.to_source, t.name AS to_name, r.to_collection, \
     r.what, r.created, r.stopped, r.phase, r.moved, r.progress, r.problem, r.again, r.gaps, r.gap_count FROM replications r \
     JOIN sources f ON f.id = r.from_source JOIN sources t ON t.id = r.to_source";

impl Replications<'_> {
    /// Keeps a replication. The very same one is there already: that one goes on.
    ///
    /// # Errors
    /// [`JournalError::NotFound`] for a source.
    pub fn keep(&self, new: &NewReplication, now: DateTime<Utc>) -> Result<Replication> {
        self.0.write(|tx| {
            let from = sources::require(tx, &new.from_source)?.id;
            let to = sources::require(tx, &new.to_source)?.id;
            let what = codec::raw(&new.what);
            let known: Option<String> = tx
                .prepare_cached(
                    "UPDATE replications SET stopped = NULL WHERE from_source = ?1 AND from_collection = ?2 AND to_source = ?3 \
                     AND to_collection = ?4 AND what = ?5 RETURNING id",
                )?
                .query_row(params![from, new.from_collection, to, new.to_collection, what], |row| {
                    row.get(0)
                })
                .optional()?;
            if let Some(id) = known {
                return require(tx, &id);
            }
            let id = codec::new_id(now);
            tx.prepare_cached(
                "INSERT INTO replications (id, from_source, from_collection, to_source, to_collection, what, created) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id,
                from,
                new.from_collection,
                to,
                new.to_collection,
                what,
                codec::micros(now)
            ])?;
            require(tx, &id)
        })
    }

    /// All of them, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self) -> Result<Vec<Replication>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!("{SELECT} ORDER BY r.id"))?;
            Ok(rows.query_map([], replication)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The replication with this id or this beginning of an id.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], [`JournalError::Ambiguous`].
    pub fn get(&self, prefix: &str) -> Result<Replication> {
        self.0
            .read(|tx| require(tx, &ids::whole(tx, "replications", "replication", prefix)?))
    }

    /// Stops a replication, or lets it go on.
    ///
    /// # Errors
    /// As [`Replications::get`].
    pub fn set_stopped(&self, prefix: &str, stopped: Option<DateTime<Utc>>) -> Result<Replication> {
        self.0.write(|tx| {
            let id = ids::whole(tx, "replications", "replication", prefix)?;
            tx.prepare_cached("UPDATE replications SET stopped = ?2, problem = NULL, again = NULL WHERE id = ?1")?
                .execute(params![id, stopped.map(codec::micros)])?;
            require(tx, &id)
        })
    }

    /// Forgets a replication.
    ///
    /// # Errors
    /// As [`Replications::get`].
    pub fn remove(&self, prefix: &str) -> Result<Replication> {
        self.0.write(|tx| {
            let found = require(tx, &ids::whole(tx, "replications", "replication", prefix)?)?;
            tx.prepare_cached("DELETE FROM replications WHERE id = ?1")?
                .execute([&found.id])?;
            Ok(found)
        })
    }

    /// Notes what became of a replication since the last note. One that was removed meanwhile is left alone.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn note(&self, id: &str, news: &ReplicationNews, gaps: &[Gap]) -> Result<()> {
        self.0.write(|tx| {
            let phase = news.phase.map(|phase| codec::text(&phase)).transpose()?;
            tx.prepare_cached(
                "UPDATE replications SET phase = ?2, moved = coalesce(?3, moved), progress = coalesce(?4, progress), problem = ?5, \
                 again = ?6 WHERE id = ?1",
            )?
            .execute(params![
                id,
                phase,
                news.moved.map(codec::micros),
                news.progress.as_ref().map(codec::raw),
                news.problem.as_ref().map(codec::raw),
                news.again.map(codec::micros)
            ])?;
            if !gaps.is_empty() {
                add_gaps(tx, id, gaps)?;
            }
            Ok(())
        })
    }
}

fn add_gaps(tx: &Transaction<'_>, id: &str, gaps: &[Gap]) -> Result<()> {
    let known: Option<String> = tx
        .prepare_cached("SELECT gaps FROM replications WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(known) = known else { return Ok(()) };
    let mut all: Vec<Gap> = serde_json::from_str(&known).unwrap_or_default();
    // One that is refused at every try is named once.
    all.retain(|old| !gaps.iter().any(|new| new.subject == old.subject));
    all.extend(gaps.iter().cloned());
    let newest = all.split_off(all.len().saturating_sub(GAPS));
    let text = serde_json::to_string(&newest).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    tx.prepare_cached("UPDATE replications SET gaps = ?2, gap_count = gap_count + ?3 WHERE id = ?1")?
        .execute(params![id, text, codec::number(gaps.len() as u64)])?;
    Ok(())
}

fn require(tx: &Transaction<'_>, id: &str) -> Result<Replication> {
    let found = tx
        .prepare_cached(&format!("{SELECT} WHERE r.id = ?1"))?
        .query_row([id], replication)
        .optional()?;
    found.ok_or_else(|| JournalError::NotFound {
        what: "replication",
        name: id.to_owned(),
    })
}

fn replication(row: &Row<'_>) -> rusqlite::Result<Replication> {
    let gaps: String = row.get("gaps")?;
    Ok(Replication {
        id: row.get("id")?,
        from_source: Named {
            id: row.get("from_source")?,
            name: row.get("from_name")?,
        },
        from_collection: row.get("from_collection")?,
        to_source: Named {
            id: row.get("to_source")?,
            name: row.get("to_name")?,
        },
        to_collection: row.get("to_collection")?,
        what: codec::json(row, "what")?,
        created: codec::time(row, "created")?,
        stopped: codec::optional_time(row, "stopped")?,
        heard: ReplicationNews {
            phase: codec::optional(row, "phase")?,
            moved: codec::optional_time(row, "moved")?,
            progress: codec::optional_json(row, "progress")?,
            problem: codec::optional_json(row, "problem")?,
            again: codec::optional_time(row, "again")?,
        },
        gaps: serde_json::from_str(&gaps).unwrap_or_default(),
        gap_count: codec::count(row, "gap_count")?,
    })
}
