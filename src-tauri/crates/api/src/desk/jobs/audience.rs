//! Hears a running job and passes on what the window can follow: a few pictures a second, not every file.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use backstay_engine::Reporter;
use backstay_model::{Gap, Progress, Stage};

use super::{super::pace::Pace, Shared};

/// Least time between two pictures of the same stage.
const PERIOD: Duration = Duration::from_millis(250);
/// Gaps that are shown while it runs; the run's record has them all.
const GAPS_SHOWN: usize = 100;

pub(super) struct Audience<'a> {
    shared: &'a Shared,
    job: &'a str,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    pace: Pace,
    told: Option<Instant>,
    stage: Option<Stage>,
}

impl<'a> Audience<'a> {
    pub(super) fn new(shared: &'a Shared, job: &'a str) -> Self {
        Self {
            shared,
            job,
            seen: Mutex::default(),
        }
    }
}

impl Reporter for Audience<'_> {
    fn progress(&self, progress: &Progress) {
        let now = Instant::now();
        let rates = {
            let Ok(mut seen) = self.seen.lock() else { return };
            let rates = seen.pace.add(progress, now);
            let soon = seen.told.is_some_and(|told| now.duration_since(told) < PERIOD);
            if soon && seen.stage == progress.stage {
                return;
            }
            seen.told = Some(now);
            seen.stage = progress.stage;
            rates
        };
        self.shared.change(self.job, |view| {
            view.progress = Some(progress.clone());
            view.items_per_second = rates.items;
            view.bytes_per_second = rates.bytes;
            view.seconds_left = rates.left;
        });
    }

    fn gap(&self, gap: &Gap) {
        self.shared.change(self.job, |view| {
            view.gap_count += 1;
            if view.gaps.len() < GAPS_SHOWN {
                view.gaps.push(gap.clone());
            }
        });
    }

    fn note(&self, _: &str) {}
}
