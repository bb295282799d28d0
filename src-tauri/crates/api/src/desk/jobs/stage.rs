//! Due work of plans joins the same queue as what people start: seen, counted and cancelled in one place.

use std::sync::Arc;

use backstay_tell::Message;

use super::{super::CallOptions, Shared};
use crate::{
    Command as _,
    agent::Stage,
    commands::PlanRun,
    types::{JobState, PlanRunRequest, Topic},
};

/// The queue of jobs, as the agent sees it.
pub(super) struct Queueing(pub(super) Arc<Shared>);

impl Stage for Queueing {
    fn is_busy(&self, plan: &str, task: &str) -> bool {
        let queue = self.0.queue();
        let mut jobs = queue.jobs.iter().filter(|job| job.view.state != JobState::Done);
        jobs.any(|job| {
            let of = |name: &str| job.view.request.get(name).and_then(|value| value.as_str());
            // By hand a plan is named by its name, and the task may be left out.
            job.view.command == PlanRun::NAME && of("plan") == Some(plan) && of("task").unwrap_or("backup") == task
        })
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
}
