//! Replications that go on for ever, each in a thread of its own beside the queue of jobs, in the one process that watches the clock. What is
//! to run stands in the state database: whoever stops one there, from whatever process, is heard within a second.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use backstay_journal::{Replication as Kept, ReplicationNews, ReplicationPhase};
use backstay_model::{ErrorKind, Gap, RawJson};
use backstay_source::{Cancel, Replication, ReplicationProgress, ReplicationWatch, Via};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::json;

use super::Ends;
use crate::{ApiError, App, Result, agent::Stage, types::ReplicationEnd};

/// How often it is looked what is to run.
const LOOK: Duration = Duration::from_millis(500);
/// Progress is written down at most so often, unless it changes what people see.
const NOTE: Duration = Duration::from_secs(2);
/// The first wait after a failure; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Something that can be ended, and is waited on.
#[derive(Default)]
struct Ending {
    closing: AtomicBool,
    bell: Condvar,
    quiet: Mutex<()>,
}

impl Ending {
    fn end(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.bell.notify_all();
    }

    fn wait(&self, long: Duration) {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.closing.load(Ordering::SeqCst) {
            drop(self.bell.wait_timeout(quiet, long));
        }
    }
}

/// The replications of this process. Ends them, with their checkpoints written, when dropped.
pub(crate) struct Standing {
    ending: Arc<Ending>,
    thread: Option<JoinHandle<()>>,
}

impl Standing {
    /// Starts what is to run. `None` when the system gives no thread: the plans are watched all the same.
    pub(crate) fn start(app: &Arc<App>, stage: &Arc<dyn Stage>) -> Option<Self> {
        let ending = Arc::new(Ending::default());
        let (app, stage, until) = (app.clone(), stage.clone(), ending.clone());
        let named = std::thread::Builder::new().name("replications".to_owned());
        match named.spawn(move || keep_up(&app, &stage, &until)) {
            Ok(thread) => Some(Self {
                ending,
                thread: Some(thread),
            }),
            Err(error) => {
                tracing::error!("no thread for replications: {error}");
                None
            }
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.ending.end();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}

struct Worker {
    cancel: Cancel,
    thread: JoinHandle<()>,
}

/// Keeps running what is to run.
fn keep_up(app: &Arc<App>, stage: &Arc<dyn Stage>, ending: &Ending) {
    let mut running: HashMap<String, Worker> = HashMap::new();
    // A fault of the program would come again at once.
    let mut faulty = HashSet::new();
    while !ending.closing.load(Ordering::SeqCst) {
        match app.journal().replications().list() {
            Ok(rows) => tend(app, stage, &rows, &mut running, &mut faulty),
            Err(error) => tracing::warn!("the replications could not be read: {error}"),
        }
        ending.wait(LOOK);
    }
    for worker in running.values() {
        worker.cancel.cancel();
    }
    for (_, worker) in running {
        let _ = worker.thread.join();
    }
}

fn tend(
    app: &Arc<App>,
    stage: &Arc<dyn Stage>,
    rows: &[Kept],
    running: &mut HashMap<String, Worker>,
    faulty: &mut HashSet<String>,
) {
    let wanted = |id: &str| rows.iter().any(|row| row.id == id && row.stopped.is_none());
    for (id, worker) in &*running {
        if !wanted(id) {
            worker.cancel.cancel();
        }
    }
    let done: Vec<String> = running
        .iter()
        .filter(|(_, worker)| worker.thread.is_finished())
        .map(|(id, _)| id.clone())
        .collect();
    for id in done {
        if let Some(worker) = running.remove(&id)
            && worker.thread.join().is_err()
        {
            tracing::error!("the replication {id} stopped by a fault of Backstay");
            faulty.insert(id);
        }
    }
    for row in rows {
        if row.stopped.is_some() || running.contains_key(&row.id) || faulty.contains(&row.id) {
            continue;
        }
        let cancel = Cancel::default();
        let (mine, id) = (cancel.clone(), row.id.clone());
        let (app, stage) = (app.clone(), stage.clone());
        let named = std::thread::Builder::new().name("replication".to_owned());
        match named.spawn(move || run(&app, &*stage, &id, &mine)) {
            Ok(thread) => {
                running.insert(row.id.clone(), Worker { cancel, thread });
            }
            Err(error) => tracing::error!("no thread for a replication: {error}"),
        }
    }
}

/// Runs one replication until it is cancelled, trying again when it fails.
fn run(app: &App, stage: &dyn Stage, id: &str, cancel: &Cancel) {
    let mut wait = FIRST_WAIT;
    while !cancel.is_cancelled() {
        let told = Told {
            app,
            stage,
            id,
            cancel,
            state: Mutex::default(),
        };
        told.note(Some(ReplicationPhase::Running), None);
        let result = attempt(app, id, &told);
        let moved = told.has_moved();
        match result {
            Ok(_) if cancel.is_cancelled() => return told.note(None, None),
            Ok(progress) if progress.via == Via::Server => return hand_over(app, stage, id),
            // It went on for ever, and came to an end: begun again.
            Ok(_) => told.note(Some(ReplicationPhase::Running), None),
            Err(error) if error.code == ErrorKind::Cancelled => return told.note(None, None),
            Err(error) => told.note(Some(ReplicationPhase::Trying), Some((&error, wait))),
        }
        if moved {
            wait = FIRST_WAIT;
        }
        pause(wait, cancel);
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn pause(long: Duration, cancel: &Cancel) {
    let until = Instant::now() + long;
    while Instant::now() < until && !cancel.is_cancelled() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Settings and passwords are read anew for every attempt: a person may have mended them.
fn attempt(app: &App, id: &str, told: &Told<'_>) -> Result<ReplicationProgress> {
    let row = app.journal().replications().get(id)?;
    let end = |source: &backstay_journal::Named, collection: &str| ReplicationEnd {
        source: source.id.clone(),
        collection: collection.to_owned(),
    };
    let from = end(&row.from_source, &row.from_collection);
    let to = end(&row.to_source, &row.to_collection);
    let what = what(&row)?;
    Ends::find(app, &from, &to)?.replicate(app, &what, told)
}

/// What a kept replication moves, and how.
pub(crate) fn what(row: &Kept) -> Result<Replication> {
    serde_json::from_slice(row.what.as_bytes()).map_err(|error| {
        ApiError::new(
            ErrorKind::Damaged,
            format!("what the replication {} is to do cannot be read: {error}", row.id),
        )
    })
}

/// The service took it over and goes on without Backstay.
fn hand_over(app: &App, stage: &dyn Stage, id: &str) {
    match app.journal().replications().remove(id) {
        Ok(row) => {
            let detail = json!({ "id": row.id, "to": format!("{}/{}", row.to_source.name, row.to_collection) });
            if let Err(error) = app.audit("replication.handOver", &row.from_source.name, detail) {
                tracing::warn!("the audit trail could not be written: {}", error.message);
            }
        }
        Err(error) => tracing::warn!("a replication the service runs is still kept here: {error}"),
    }
    stage.replications();
}

#[derive(Default)]
struct State {
    last: ReplicationProgress,
    noted: Option<Instant>,
    gaps: Vec<Gap>,
    moved: bool,
}

/// Writes down how a replication goes.
struct Told<'a> {
    app: &'a App,
    stage: &'a dyn Stage,
    id: &'a str,
    cancel: &'a Cancel,
    state: Mutex<State>,
}

fn json_of<T: Serialize>(value: &T) -> Option<RawJson> {
    RawJson::from_value(value).ok()
}

impl Told<'_> {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_moved(&self) -> bool {
        self.state().moved
    }

    fn note(&self, phase: Option<ReplicationPhase>, trouble: Option<(&ApiError, Duration)>) {
        let mut state = self.state();
        let now = self.app.now();
        let news = ReplicationNews {
            phase,
            moved: (state.moved && trouble.is_none()).then_some(now),
            progress: state.moved.then(|| json_of(&state.last)).flatten(),
            problem: trouble.and_then(|(error, _)| json_of(error)),
            again: trouble.map(|(_, wait)| now + TimeDelta::from_std(wait).unwrap_or_default()),
        };
        let gaps = std::mem::take(&mut state.gaps);
        state.noted = Some(Instant::now());
        drop(state);
        // What cannot be written down is told by everything else too; the data goes on.
        if let Err(error) = self.app.journal().replications().note(self.id, &news, &gaps) {
            tracing::warn!("how a replication goes could not be noted: {error}");
        }
        self.stage.replications();
    }
}

impl ReplicationWatch for Told<'_> {
    fn progress(&self, progress: &ReplicationProgress) {
        let due = {
            let mut state = self.state();
            let turned = progress.idle != state.last.idle;
            let new = state.last != *progress;
            state.last = progress.clone();
            state.moved |= new;
            turned || (new && state.noted.is_none_or(|noted| noted.elapsed() >= NOTE))
        };
        if due {
            let phase = if progress.idle {
                ReplicationPhase::Idle
            } else {
                ReplicationPhase::Running
            };
            self.note(Some(phase), None);
        }
    }

    fn gap(&self, gap: Gap) {
        self.state().gaps.push(gap);
    }

    fn cancel(&self) -> &Cancel {
        self.cancel
    }
}
