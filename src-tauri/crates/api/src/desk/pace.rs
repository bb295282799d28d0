//! How fast a job goes, over the last seconds, and how long it will take.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use backstay_model::{Progress, Stage};

/// Rates are taken over this time: long enough to be calm, short enough to notice a network that died.
const WINDOW: Duration = Duration::from_secs(8);
/// No guess before this time in a stage.
const QUIET: Duration = Duration::from_secs(2);

/// Rates of one job.
#[derive(Debug, Default)]
pub(super) struct Pace {
    stage: Option<Stage>,
    samples: VecDeque<(Instant, u64, u64)>,
}

/// Rates at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rates {
    pub items: Option<f64>,
    pub bytes: Option<f64>,
    pub left: Option<f64>,
}

impl Pace {
    /// Takes in how far the job is at `now`.
    pub(super) fn add(&mut self, progress: &Progress, now: Instant) -> Rates {
        if self.stage != progress.stage {
            self.stage = progress.stage;
            self.samples.clear();
        }
        self.samples.push_back((now, progress.items, progress.bytes));
        while self.samples.len() > 2 && self.samples.get(1).is_some_and(|(at, ..)| now.duration_since(*at) > WINDOW) {
            self.samples.pop_front();
        }
        let Some((since, items, bytes)) = self.samples.front().copied() else {
            return Rates::default();
        };
        let passed = now.duration_since(since);
        if passed < QUIET {
            return Rates::default();
        }
        let rate = |done: u64, before: u64| done.saturating_sub(before) as f64 / passed.as_secs_f64();
        let (items, bytes) = (rate(progress.items, items), rate(progress.bytes, bytes));
        let left = |total: Option<u64>, done: u64, rate: f64| {
            total
                .filter(|_| rate > 0.0)
                .map(|total| total.saturating_sub(done) as f64 / rate)
        };
        Rates {
            items: Some(items),
            bytes: Some(bytes),
            // Bytes tell better than items, whose sizes differ.
            left: left(progress.bytes_total, progress.bytes, bytes).or_else(|| left(progress.items_total, progress.items, items)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(items: u64, total: Option<u64>) -> Progress {
        Progress {
            stage: Some(Stage::Reading),
            items,
            items_total: total,
            ..Progress::default()
        }
    }

    #[test]
    fn says_nothing_before_it_knows_and_never_guesses_a_total() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert_eq!(pace.add(&at(0, Some(100)), start), Rates::default());
        assert_eq!(pace.add(&at(50, Some(100)), start + Duration::from_secs(1)), Rates::default());
        let rates = pace.add(&at(80, Some(100)), start + Duration::from_secs(4));
        assert_eq!((rates.items, rates.left), (Some(20.0), Some(1.0)));
        assert_eq!(pace.add(&at(80, None), start + Duration::from_secs(5)).left, None);
    }

    #[test]
    fn a_standstill_shows_within_the_window() {
        let start = Instant::now();
        let mut pace = Pace::default();
        for second in 0..10 {
            pace.add(&at(second * 10, Some(1000)), start + Duration::from_secs(second));
        }
        for second in 10..30 {
            pace.add(&at(90, Some(1000)), start + Duration::from_secs(second));
        }
        let rates = pace.add(&at(90, Some(1000)), start + Duration::from_secs(30));
        assert_eq!((rates.items, rates.left), (Some(0.0), None));
    }

    #[test]
    fn a_new_stage_begins_anew() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.add(&at(1_000_000, None), start);
        let next = Progress {
            stage: Some(Stage::Verifying),
            items: 10,
            ..Progress::default()
        };
        assert_eq!(pace.add(&next, start + Duration::from_secs(3)), Rates::default());
    }
}
