//! Carries news of the desk to the window, the tray and the notification area.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use backstay_api::{
    desk::Listener,
    tell::Message,
    types::{JobState, JobView, Topic},
};
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager};

use crate::{backstay::Backstay, notify, tray::News, window};

/// Payload of the event `stale`.
#[derive(Serialize, Clone)]
struct Stale<'a> {
    topics: &'a [Topic],
}

/// Tells the window what to read again.
pub(crate) fn stale(app: &AppHandle, topics: &[Topic]) {
    if let Err(error) = app.emit("stale", Stale { topics }) {
        tracing::warn!("the window was not told what changed: {error}");
    }
}

/// Carries news.
pub(crate) struct Herald {
    app: AppHandle,
    /// Jobs whose end was told; their ids.
    ended: Mutex<HashSet<String>>,
}

impl Herald {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self {
            app,
            ended: Mutex::default(),
        }
    }

    fn backstay(&self) -> Option<Arc<Backstay>> {
        self.app.try_state::<Arc<Backstay>>().map(|state| state.inner().clone())
    }

    fn first_end(&self, job: &JobView) -> bool {
        job.state == JobState::Done && {
            let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.insert(job.id.clone())
        }
    }
}

impl Listener for Herald {
    fn job(&self, job: &JobView) {
        if let Err(error) = self.app.emit("job", job) {
            tracing::warn!("the window was not told of a job: {error}");
        }
        let Some(backstay) = self.backstay() else { return };
        if self.first_end(job) {
            backstay.news(News::State);
            notify::job_ended(&self.app, &backstay, job);
        } else {
            backstay.news(News::Jobs);
        }
    }

    fn stale(&self, topics: &[Topic]) {
        stale(&self.app, topics);
        if topics.contains(&Topic::Settings) {
            window::follow_settings(&self.app);
        }
        if let Some(backstay) = self.backstay() {
            backstay.news(News::State);
        }
    }

    fn tell(&self, message: &Message) -> bool {
        let Some(backstay) = self.backstay() else { return false };
        backstay.news(News::State);
        notify::tell(&self.app, &backstay, message)
    }
}
