//! Due work of plans joins the same queue as what people start: seen, counted and cancelled in one place.

use std::sync::Arc;

use backstay_tell::Message;

use super::{super::CallOptions, Shared};
use crate::{
    Command as _,
    agent::Stage,
    commands::PlanRun,
    types::{JobState, PlanRunRequest, Task, Topic},
};

/// The queue of jobs, as the agent sees it.
pub(super) struct Queueing(pub(super) Arc<Shared>);

impl Stage for Queueing {
    fn is_busy(&self, plan: &str, task: &str) -> bool {
        let named: Vec<String> = {
            let queue = self.0.queue();
            let jobs = queue.jobs.iter().filter(|job| job.view.state != JobState::Done);
            let of = |job: &super::Job, name: &str| Some(job.view.request.get(name)?.as_str()?.to_owned());
            // By hand the task may be left out.
            let mine = jobs.filter(|job| {
                job.view.command == PlanRun::NAME && of(job, "task").as_deref().unwrap_or(Task::Backup.name()) == task
            });
            mine.filter_map(|job| of(job, "plan")).collect()
        };
        // And by hand a plan is named by its name.
        let is_it = |name: &String| name == plan || self.0.app.journal().plans().get(name).is_ok_and(|known| known.id == plan);
        named.iter().any(is_it)
    }

    fn begin(&self, request: PlanRunRequest) {
        let Ok(entry) = super::super::entry(PlanRun::NAME) else {
            return;
        };
        match serde_json::to_value(&request) {
            Ok(request) => {
                self.0.add(entry, request, CallOptions::default());
            }
            Err(error) => tracing::error!("due work could not be put into the queue: {error}"),
        }
    }

    fn show(&self, message: &Message) -> bool {
        self.0.listener.tell(message)
    }

    fn changed(&self) {
        self.0
            .listener
            .stale(&[Topic::Plans, Topic::Sources, Topic::Holds, Topic::Channels, Topic::Runs]);
    }

    fn replications(&self) {
        self.0.listener.stale(&[Topic::Replications]);
    }
}
