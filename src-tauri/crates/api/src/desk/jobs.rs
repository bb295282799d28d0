//! Long work: one job at a time, the others wait in order; all of them outlive the window.

mod audience;
mod stage;
mod worker;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use backstay_model::ErrorKind;
use backstay_source::Cancel;
use backstay_surroundings::Bell;
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{CallOptions, Listener};
use crate::{
    ApiError, App, CommandEntry, Result,
    agent::Stage,
    types::{JobState, JobView, JobsReply},
};

/// Ended jobs that are still listed; their runs are in the journal anyway.
const ENDED_KEPT: usize = 50;

/// One job.
struct Job {
    view: JobView,
    cancel: Cancel,
    /// Until it begins.
    work: Option<(&'static CommandEntry, Value, CallOptions)>,
}

#[derive(Default)]
struct Queue {
    jobs: Vec<Job>,
    paused_until: Option<DateTime<Utc>>,
    closing: bool,
}

struct Shared {
    app: Arc<App>,
    listener: Arc<dyn Listener>,
    queue: Mutex<Queue>,
    /// Rung when the queue changed.
    bell: Condvar,
    /// Rung when a job ended.
    done: OnceLock<Bell>,
}

/// The jobs of this process.
pub struct Jobs(Arc<Shared>);

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A panic elsewhere leaves a list that is still whole: every change is one assignment.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job at the end of the queue.
    fn add(&self, entry: &'static CommandEntry, request: Value, options: CallOptions) -> JobView {
        let mut queue = self.queue();
        let view = JobView {
            id: Uuid::now_v7().to_string(),
            command: entry.name.to_owned(),
            request: request.clone(),
            state: JobState::Waiting,
            queued: self.app.now(),
            started: None,
            finished: None,
            progress: None,
            items_per_second: None,
            bytes_per_second: None,
            seconds_left: None,
            cancelling: false,
            gaps: Vec::new(),
            gap_count: 0,
            waiting_for: None,
            reply: None,
            error: None,
            verdict: None,
            run: None,
        };
        queue.jobs.push(Job {
            view: view.clone(),
            cancel: Cancel::default(),
            work: Some((entry, request, options)),
        });
        explain_waiting(&mut queue);
        let view = queue.jobs.last().map_or(view, |job| job.view.clone());
        drop(queue);
        self.listener.job(&view);
        self.bell.notify_all();
        view
    }

    /// Changes a job and tells about it.
    fn change(&self, id: &str, change: impl FnOnce(&mut JobView)) {
        let mut queue = self.queue();
        let Some(job) = queue.jobs.iter_mut().find(|job| job.view.id == id) else {
            return;
        };
        change(&mut job.view);
        let view = job.view.clone();
        drop(queue);
        self.listener.job(&view);
    }
}

impl Jobs {
    /// Starts the thread that runs jobs.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(app: Arc<App>, listener: Arc<dyn Listener>) -> Result<Self> {
        let shared = Arc::new(Shared {
            app,
            listener,
            queue: Mutex::default(),
            bell: Condvar::new(),
            done: OnceLock::new(),
        });
        let worker = shared.clone();
        std::thread::Builder::new()
            .name("jobs".to_owned())
            .spawn(move || worker::work(&worker))
            .map_err(|error| ApiError::new(ErrorKind::Internal, format!("no thread for jobs: {error}")))?;
        Ok(Self(shared))
    }

    /// Where the agent puts due work.
    pub(super) fn stage(&self) -> Arc<dyn Stage> {
        Arc::new(stage::Queueing(self.0.clone()))
    }

    /// Rings this bell whenever a job ended.
    pub(super) fn when_done(&self, bell: Bell) {
        let _ = self.0.done.set(bell);
    }

    /// Adds a job at the end of the queue.
    pub(super) fn add(&self, entry: &'static CommandEntry, request: Value, options: CallOptions) -> JobView {
        self.0.add(entry, request, options)
    }

    /// Running first, then waiting in order, then ended, newest first.
    pub(super) fn list(&self) -> JobsReply {
        let queue = self.0.queue();
        let of = |state: JobState| {
            queue
                .jobs
                .iter()
                .filter(move |job| job.view.state == state)
                .map(|job| job.view.clone())
        };
        let mut jobs: Vec<_> = of(JobState::Running).chain(of(JobState::Waiting)).collect();
        let mut ended: Vec<_> = of(JobState::Done).collect();
        ended.reverse();
        jobs.extend(ended);
        JobsReply {
            jobs,
            paused_until: queue.paused_until,
        }
    }

    /// Stops a job: one that waits leaves the queue, one that runs ends at its next safe point.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`].
    pub(super) fn cancel(&self, id: &str) -> Result<()> {
        let mut queue = self.0.queue();
        let job = queue
            .jobs
            .iter_mut()
            .find(|job| job.view.id == id)
            .ok_or_else(|| unknown(id))?;
        job.cancel.cancel();
        job.view.cancelling = job.view.state != JobState::Done;
        let view = job.view.clone();
        drop(queue);
        self.0.listener.job(&view);
        self.0.bell.notify_all();
        Ok(())
    }

    /// Takes an ended job off the list.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or [`ErrorKind::Refused`] when it has not ended.
    pub(super) fn dismiss(&self, id: &str) -> Result<()> {
        let mut queue = self.0.queue();
        let place = queue
            .jobs
            .iter()
            .position(|job| job.view.id == id)
            .ok_or_else(|| unknown(id))?;
        if queue.jobs.get(place).is_some_and(|job| job.view.state != JobState::Done) {
            return Err(ApiError::new(ErrorKind::Refused, "the job has not ended"));
        }
        queue.jobs.remove(place);
        Ok(())
    }

    /// Lets no job begin before `until`; what runs goes on.
    pub(super) fn pause(&self, until: Option<DateTime<Utc>>) -> JobsReply {
        let mut queue = self.0.queue();
        queue.paused_until = until;
        explain_waiting(&mut queue);
        drop(queue);
        self.0.bell.notify_all();
        let reply = self.list();
        for job in reply.jobs.iter().filter(|job| job.state == JobState::Waiting) {
            self.0.listener.job(job);
        }
        reply
    }

    /// Cancels everything and waits for the running job to end, at most `patience`.
    pub(super) fn shut_down(&self, patience: Duration) -> bool {
        let mut queue = self.0.queue();
        queue.closing = true;
        for job in &queue.jobs {
            job.cancel.cancel();
        }
        drop(queue);
        self.0.bell.notify_all();
        let end = Instant::now() + patience;
        let mut queue = self.0.queue();
        while queue.jobs.iter().any(|job| job.view.state == JobState::Running) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            queue = self
                .0
                .bell
                .wait_timeout(queue, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.0.queue().closing = true;
        self.0.bell.notify_all();
    }
}

fn unknown(id: &str) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no job {id:?}"))
}

/// Says of every waiting job what it waits for.
fn explain_waiting(queue: &mut Queue) {
    let why = if queue.paused_until.is_some() { "pause" } else { "job" };
    for job in &mut queue.jobs {
        job.view.waiting_for = (job.view.state == JobState::Waiting).then(|| why.to_owned());
    }
}

/// Forgets the oldest ended jobs beyond the number that is kept.
fn forget_old(queue: &mut Queue) {
    let ended = queue.jobs.iter().filter(|job| job.view.state == JobState::Done).count();
    let mut surplus = ended.saturating_sub(ENDED_KEPT);
    queue.jobs.retain(|job| {
        let drop = surplus > 0 && job.view.state == JobState::Done;
        surplus -= usize::from(drop);
        !drop
    });
}
