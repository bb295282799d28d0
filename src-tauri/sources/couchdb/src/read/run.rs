//! A backup run of a whole source: its databases side by side, each with its own fate.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use backstay_model::{ErrorKind, Gap, RawJson};
use backstay_source::{Outcome, Result, Sink, SourceError};
use parking_lot::Mutex;

use super::{
    cursor::{At, Cursor},
    database::{Ended, Job},
    failure::{Failure, is_of_all},
    totals::Totals,
};
use crate::{
    client::{Server, ServerInfo},
    config::CouchConfig,
    list,
};

/// Databases read at a time.
const SIDE_BY_SIDE: usize = 4;

/// Streams what changed since `cursor` (or everything) into `sink`.
///
/// # Errors
/// When the server cannot be read, or all databases fail for one reason; when the sink failed or the job was cancelled.
pub(crate) fn run(server: &Server, config: &CouchConfig, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
    sink.cancel().check()?;
    let server = server.with_cancel(sink.cancel());
    let info = server.info()?;
    let names = list::databases(&server, &config.chosen)?;
    let before = Cursor::read(cursor).map(|cursor| cursor.databases).unwrap_or_default();
    if names.is_empty() {
        sink.total(Some(0), None);
    }
    let run = Run {
        server,
        info,
        config,
        before,
        totals: Totals::of(names.len()),
        sink,
        next: AtomicUsize::new(0),
        over: Mutex::new(None),
        done: Mutex::new(BTreeMap::new()),
        names,
    };
    run.side_by_side()?;
    run.outcome()
}

struct Run<'a> {
    server: Server,
    info: ServerInfo,
    config: &'a CouchConfig,
    before: BTreeMap<String, At>,
    totals: Totals,
    sink: &'a dyn Sink,
    names: Vec<String>,
    /// The next database nobody has begun with.
    next: AtomicUsize,
    /// Why no further database is begun.
    over: Mutex<Option<Failure>>,
    done: Mutex<BTreeMap<String, Done>>,
}

/// What became of a database.
enum Done {
    Read(At),
    Failed { error: SourceError, begun: bool },
}

impl Run<'_> {
    fn side_by_side(&self) -> Result<()> {
        let lanes = self.names.len().clamp(1, SIDE_BY_SIDE);
        let at_once = self.config.rate.at_once.max(1);
        let workers = (at_once / lanes).max(2.min(at_once));
        let fell = thread::scope(|scope| {
            let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(|| self.lane(workers))).collect();
            lanes.into_iter().map(|lane| lane.join()).any(|joined| joined.is_err())
        });
        if fell {
            return Err(SourceError::new(
                ErrorKind::Internal,
                "Reading the databases",
                "ended by itself",
            ));
        }
        match self.over.lock().take() {
            Some(Failure::Run(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn lane(&self, workers: usize) {
        while let Some(name) = self.names.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let job = Job {
                database: self.server.database(name),
                server: &self.info,
                config: self.config,
                before: self.before.get(name),
                sink: self.sink,
                totals: &self.totals,
                workers,
            };
            let gone = match &*self.over.lock() {
                Some(Failure::Run(_)) => return,
                Some(Failure::Database(error)) => Some(copy(error)),
                None => None,
            };
            let ended = match gone {
                Some(error) => job.left_out(error),
                None => job.run(),
            };
            let Ended { begun, result } = ended;
            let done = match result {
                Ok(at) => Done::Read(at),
                Err(Failure::Run(error)) => {
                    *self.over.lock() = Some(Failure::Run(error));
                    return;
                }
                Err(Failure::Database(error)) => {
                    self.is_it_gone(&error);
                    Done::Failed { error, begun }
                }
            };
            self.done.lock().insert(name.clone(), done);
        }
    }

    /// One database out of reach may be broken by itself; a server out of reach needs no asking for the others.
    fn is_it_gone(&self, error: &SourceError) {
        if error.kind == ErrorKind::Unreachable && self.over.lock().is_none() && self.server.info().is_err() {
            self.over.lock().get_or_insert_with(|| Failure::Database(copy(error)));
        }
    }

    fn outcome(mut self) -> Result<Outcome> {
        let done = std::mem::take(self.done.get_mut());
        let mut databases = BTreeMap::new();
        let mut failed = Vec::new();
        for (name, done) in done {
            match done {
                Done::Read(at) => {
                    databases.insert(name, at);
                }
                Done::Failed { error, begun } => failed.push((name, error, begun)),
            }
        }
        if databases.is_empty()
            && let Some((_, first, _)) = failed.first()
        {
            let kind = first.kind;
            // Databases that were never there leave nothing to keep; of those that vanished the state before stays.
            let for_all = is_of_all(kind) || (kind == ErrorKind::NotFound && failed.iter().all(|(.., begun)| !begun));
            if for_all && failed.iter().all(|(_, error, _)| error.kind == kind) {
                return Err(failed.swap_remove(0).1);
            }
        }
        for (name, error, _) in failed {
            self.sink.gap(Gap {
                kind: error.kind,
                message: error.to_string(),
                subject: name.clone(),
            });
            if let Some(at) = self.before.remove(&name) {
                databases.insert(name, at);
            }
        }
        let cursor = RawJson::from_value(&Cursor::new(databases))
            .map_err(|error| SourceError::new(ErrorKind::Internal, "The cursor", "cannot be written").caused_by(error))?;
        Ok(Outcome {
            cursor: Some(cursor),
            api_version: Some(self.info.title()),
        })
    }
}

/// The same error for another database.
fn copy(error: &SourceError) -> SourceError {
    SourceError {
        hint: error.hint.clone(),
        retry: error.retry,
        ..SourceError::new(error.kind, error.subject.clone(), error.message.clone())
    }
}
