//! Replication by Backstay: from checkpoint to checkpoint, once or for as long as it is not stopped.

use std::time::{Duration, Instant};

use backstay_model::ErrorKind;
use backstay_source::{Replication, ReplicationProgress, ReplicationWatch, SourceError, Via};
use chrono::Utc;
use uuid::Uuid;

use super::{
    checkpoint::{self, Checkpoints, Entry},
    end::End,
    filter::Filter,
    transfer::{Moved, Transfer},
};
use crate::{
    client::{ChangeRow, ChangesQuery, CreateOptions, Database, Seq},
    error::{CouchError, Refusal, Result},
};

/// Changes looked at together.
const BATCH: u64 = 1000;
/// How much may have to be compared again after a power cut.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(5);
/// How often a source without changes says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Longest wait of a continuous replication for an end that is away.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A replication that is running.
pub(super) struct Session<'a> {
    from: Database,
    to: Database,
    ends: (&'a End, &'a End),
    what: &'a Replication,
    watch: &'a dyn ReplicationWatch,
    filter: Filter,
    streams: bool,
    checkpoints: Checkpoints,
    entry: Entry,
    progress: ReplicationProgress,
    since: Option<Seq>,
    noted: Instant,
}

impl<'a> Session<'a> {
    /// Looks at both ends and finds where to go on.
    ///
    /// # Errors
    /// When an end is not there or cannot be read, or the target cannot be made.
    pub(super) fn begin(from: &'a End, to: &'a End, what: &'a Replication, watch: &'a dyn ReplicationWatch) -> Result<Self> {
        let ends = (from, to);
        let (from, to) = (from.database(watch.cancel()), to.database(watch.cancel()));
        let info = from.info()?;
        match to.info() {
            Err(error) if error.refusal() == Some(Refusal::NoDatabase) && what.create_target => {
                let same = CreateOptions {
                    partitioned: info.props.partitioned && to_takes_partitions(&to),
                    ..CreateOptions::default()
                };
                match to.create(same) {
                    Err(error) if error.refusal() != Some(Refusal::DatabaseExists) => return Err(error),
                    _ => {}
                }
            }
            Err(error) if error.refusal() == Some(Refusal::NoDatabase) => {
                let message = "does not exist at the target; nothing was written";
                let missing = SourceError::new(ErrorKind::NotFound, to.subject(), message);
                return Err(CouchError::Taker(
                    missing.hint("Let it be made (--create), or make it first."),
                ));
            }
            other => other.map(drop)?,
        }
        let filter = Filter::of(what, &from)?;
        let checkpoints = Checkpoints::read(&from, &to, checkpoint::id(ends.0, ends.1, what))?;
        let since = checkpoints.start();
        let streams = to.features()?.multipart.there;
        let entry = Entry {
            session_id: Uuid::new_v4().simple().to_string(),
            start_time: checkpoint::time(Utc::now()),
            start_last_seq: Some(since.clone().unwrap_or_else(Seq::zero)),
            ..Entry::default()
        };
        Ok(Self {
            progress: ReplicationProgress {
                via: Via::Here,
                checkpoint: since.as_ref().map(ToString::to_string),
                ..ReplicationProgress::default()
            },
            from,
            to,
            ends,
            what,
            watch,
            filter,
            streams,
            checkpoints,
            entry,
            since,
            noted: Instant::now(),
        })
    }

    /// Replicates.
    ///
    /// # Errors
    /// When an end is lost (a continuous one waits for it), refuses as a whole, or the job was cancelled and is not continuous.
    pub(super) fn run(mut self) -> Result<ReplicationProgress> {
        let ended = self.go();
        // Also after an error or a cancellation: what went through is not compared again.
        let noted = self.note_with(&self.ends.0.after_cancel(), &self.ends.1.after_cancel());
        match ended {
            Err(error) if self.what.continuous && self.watch.cancel().is_cancelled() => {
                drop(error);
                noted?;
            }
            Err(error) => return Err(error),
            Ok(()) => noted?,
        }
        Ok(self.progress)
    }

    fn go(&mut self) -> Result<()> {
        let mut wait = Duration::from_secs(1);
        loop {
            let drained = match self.step() {
                Ok(drained) => {
                    wait = Duration::from_secs(1);
                    self.progress.waiting = None;
                    drained
                }
                Err(error)
                    if self.what.continuous
                        && (error.is_temporary() || error.was_tried())
                        && !self.watch.cancel().is_cancelled() =>
                {
                    self.wait_for(&error, wait)?;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if drained && !self.what.continuous {
                return Ok(());
            }
            if drained {
                self.note()?;
                self.progress.idle = true;
                self.watch.progress(&self.progress);
            }
        }
    }

    /// One batch of changes; gives whether there are no more.
    fn step(&mut self) -> Result<bool> {
        let query = ChangesQuery {
            since: self.since.as_ref(),
            limit: Some(BATCH),
            leaves: true,
            only: self.filter.only(),
            ..ChangesQuery::default()
        };
        let mut changes = if self.progress.idle {
            self.from.next_changes(&query, HEARTBEAT)?
        } else {
            self.from.changes(&query)?
        };
        let rows = changes.by_ref().collect::<Result<Vec<ChangeRow>>>()?;
        let end = changes.end().cloned().ok_or_else(|| CouchError::Stopped {
            subject: self.from.part("_changes"),
            reason: "it has no end".to_owned(),
        })?;
        if !rows.is_empty() {
            self.progress.idle = false;
            let moved = self.transfer().batch(&rows)?;
            self.count(moved);
        }
        self.since = Some(end.last_seq);
        self.progress.pending = end.pending;
        self.watch.progress(&self.progress);
        if self.noted.elapsed() >= BETWEEN_CHECKPOINTS {
            self.note()?;
        }
        // A server that tells how many are to come is believed; else fewer than asked for are the last.
        Ok(match end.pending {
            Some(pending) => pending == 0 || rows.is_empty(),
            None => (rows.len() as u64) < BATCH,
        })
    }

    fn transfer(&self) -> Transfer<'_> {
        Transfer {
            from: &self.from,
            to: &self.to,
            filter: &self.filter,
            streams: self.streams,
        }
    }

    fn count(&mut self, moved: Moved) {
        self.progress.checked += moved.checked;
        self.progress.written += moved.written;
        self.progress.bytes += moved.bytes;
        self.progress.failed += moved.gaps.len() as u64;
        self.entry.missing_checked += moved.checked;
        self.entry.missing_found += moved.missing;
        self.entry.docs_read += moved.read;
        self.entry.docs_written += moved.written;
        self.entry.doc_write_failures += moved.gaps.len() as u64;
        moved.gaps.into_iter().for_each(|gap| self.watch.gap(gap));
    }

    fn note(&mut self) -> Result<()> {
        let (from, to) = (self.from.clone(), self.to.clone());
        self.note_with(&from, &to)
    }

    /// Writes the checkpoint, when it moved.
    fn note_with(&mut self, from: &Database, to: &Database) -> Result<()> {
        self.noted = Instant::now();
        if self.since.is_none() || self.since == self.entry.recorded_seq {
            return Ok(());
        }
        // Nothing was looked at since the checkpoint it began with.
        if self.entry.recorded_seq.is_none() && self.since == self.entry.start_last_seq {
            return Ok(());
        }
        self.entry.end_time = checkpoint::time(Utc::now());
        self.entry.end_last_seq.clone_from(&self.since);
        self.entry.recorded_seq.clone_from(&self.since);
        self.checkpoints.write(from, to, &self.entry)?;
        self.progress.checkpoint = self.since.as_ref().map(ToString::to_string);
        Ok(())
    }

    /// Waits for an end that is away; its checkpoint is where it goes on.
    fn wait_for(&mut self, error: &CouchError, time: Duration) -> Result<()> {
        self.progress.waiting = Some(format!("{error}; tried again in {} s", time.as_secs()));
        self.watch.progress(&self.progress);
        let until = Instant::now() + time;
        while Instant::now() < until {
            if self.watch.cancel().is_cancelled() {
                return Err(CouchError::Taker(SourceError::new(
                    ErrorKind::Cancelled,
                    "the replication",
                    "stopped on request",
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

/// Whether the target's server has partitioned databases; without an answer it is made without.
fn to_takes_partitions(to: &Database) -> bool {
    let info = to.server().info();
    info.is_ok_and(|info| info.features.iter().any(|feature| feature == "partitioned"))
}
