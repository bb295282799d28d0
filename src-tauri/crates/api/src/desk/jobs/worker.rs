//! The thread that runs jobs, one after the other.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::PoisonError,
    time::Duration,
};

use backstay_model::{ErrorKind, Verdict};
use backstay_source::Cancel;
use serde_json::Value;

use super::{
    super::{CallOptions, calls, exact},
    Shared,
    audience::Audience,
    explain_waiting, forget_old,
};
use crate::{ApiError, CommandEntry, Result, types::JobState};

/// The clock may be set while a pause lasts: looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

struct Next {
    id: String,
    cancel: Cancel,
    entry: &'static CommandEntry,
    request: Value,
    options: CallOptions,
}

pub(super) fn work(shared: &Shared) {
    while let Some(next) = next(shared) {
        let begun = shared.app.now();
        shared.change(&next.id, |view| {
            view.state = JobState::Running;
            view.waiting_for = None;
            view.started = Some(begun);
        });
        let audience = Audience::new(shared, &next.id);
        let result = if next.cancel.is_cancelled() {
            Err(ApiError::new(
                ErrorKind::Cancelled,
                "cancelled before it began; nothing was changed",
            ))
        } else {
            // A fault in one job must not silently end all the others.
            catch_unwind(AssertUnwindSafe(|| {
                calls::run(&shared.app, next.entry, next.request, &next.options, &next.cancel, &audience)
            }))
            .unwrap_or_else(|_| {
                Err(ApiError::new(
                    ErrorKind::Internal,
                    format!("{} stopped by a fault of Backstay", next.entry.name),
                ))
            })
        };
        end(shared, &next.id, next.entry, result);
    }
}

/// Waits for the next job that may begin; `None` when everything ends.
fn next(shared: &Shared) -> Option<Next> {
    let mut queue = shared.queue();
    loop {
        if queue.closing {
            return None;
        }
        let now = shared.app.now();
        if queue.paused_until.is_some_and(|until| until <= now) {
            queue.paused_until = None;
            explain_waiting(&mut queue);
        }
        let paused = queue.paused_until.is_some();
        // One that was cancelled while it waited leaves at once, pause or not.
        let ready = queue
            .jobs
            .iter_mut()
            .find(|job| job.view.state == JobState::Waiting && (!paused || job.cancel.is_cancelled()));
        if let Some(job) = ready
            && let Some((entry, request, options)) = job.work.take()
        {
            return Some(Next {
                id: job.view.id.clone(),
                cancel: job.cancel.clone(),
                entry,
                request,
                options,
            });
        }
        queue = shared
            .bell
            .wait_timeout(queue, LOOK_AGAIN)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

fn end(shared: &Shared, id: &str, entry: &CommandEntry, result: Result<Value>) {
    let finished = shared.app.now();
    shared.change(id, |view| {
        view.state = JobState::Done;
        view.cancelling = false;
        view.finished = Some(finished);
        view.seconds_left = None;
        match result {
            Ok(reply) => {
                view.verdict = verdict(&reply);
                view.run = run(&reply);
                view.reply = Some(exact::for_window(reply));
            }
            Err(error) => {
                let stopped = error.code == ErrorKind::Cancelled;
                view.verdict = Some(if stopped { Verdict::Cancelled } else { Verdict::Failed });
                view.error = Some(error);
            }
        }
    });
    let mut queue = shared.queue();
    explain_waiting(&mut queue);
    forget_old(&mut queue);
    drop(queue);
    shared.bell.notify_all();
    shared.listener.stale(entry.changes);
    if let Some(bell) = shared.done.get() {
        bell.ring();
    }
}

/// The verdict a reply carries; a reply without one did all it was asked for.
fn verdict(reply: &Value) -> Option<Verdict> {
    match reply.get("verdict") {
        Some(verdict) => serde_json::from_value(verdict.clone()).ok(),
        None => Some(Verdict::Complete),
    }
}

/// The run a reply tells of: its own, or the first of several.
fn run(reply: &Value) -> Option<String> {
    let own = reply.get("run");
    let first = || reply.get("runs")?.get(0)?.get("run");
    own.or_else(first)?.as_str().map(ToOwned::to_owned)
}
