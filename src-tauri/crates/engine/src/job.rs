//! What every long job is given: a way to stop it, a clock, and someone to tell how far it is.

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use backstay_model::{Gap, Progress, Stage};
use backstay_source::Cancel;
use chrono::{DateTime, Utc};

/// Where the time comes from. The engine never asks the system itself, so that tests decide.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// Hears how a job is going. The window, the text printer and the JSON printer implement it.
pub trait Reporter: Send + Sync {
    /// The state of the job. Called at most a few times a second, and at every change of stage.
    fn progress(&self, progress: &Progress);
    /// Something is missing and the job goes on.
    fn gap(&self, gap: &Gap);
    /// A fact worth keeping in the run's record.
    fn note(&self, text: &str);
}

/// Hears nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn progress(&self, _: &Progress) {}
    fn gap(&self, _: &Gap) {}
    fn note(&self, _: &str) {}
}

/// The surroundings of one job.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Set from outside to stop it.
    pub cancel: &'a Cancel,
    /// Its clock.
    pub clock: &'a dyn Clock,
    /// Its audience.
    pub reporter: &'a dyn Reporter,
}

/// Counters of a job, counted from several threads, reported now and then.
pub struct Meter<'a> {
    reporter: &'a dyn Reporter,
    items: AtomicU64,
    bytes: AtomicU64,
    since_report: AtomicU64,
    state: Mutex<Progress>,
}

/// Report after this many counted items or MiB: counting must cost next to nothing.
const REPORT_EVERY: u64 = 256;

impl<'a> Meter<'a> {
    /// Counts for `reporter`.
    #[must_use]
    pub fn new(reporter: &'a dyn Reporter) -> Self {
        Self {
            reporter,
            items: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            since_report: AtomicU64::new(0),
            state: Mutex::new(Progress::default()),
        }
    }

    /// Begins a stage; item and byte counters start again.
    pub fn stage(&self, stage: Stage, items_total: Option<u64>, bytes_total: Option<u64>) {
        self.items.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        if let Ok(mut state) = self.state.lock() {
            *state = Progress {
                stage: Some(stage),
                items_total,
                bytes_total,
                ..Progress::default()
            };
        }
        self.report();
    }

    /// Makes totals known that were not known when the stage began.
    pub fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        if let Ok(mut state) = self.state.lock() {
            state.items_total = items.or(state.items_total);
            state.bytes_total = bytes.or(state.bytes_total);
        }
    }

    /// Counts work done on `current`.
    pub fn add(&self, items: u64, bytes: u64, current: &str) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let weight = items + (bytes >> 20);
        if self.since_report.fetch_add(weight, Ordering::Relaxed) + weight >= REPORT_EVERY {
            self.since_report.store(0, Ordering::Relaxed);
            if let Ok(mut state) = self.state.lock() {
                current.clone_into(&mut state.current);
            }
            self.report();
        }
    }

    /// Items and bytes of the current stage.
    #[must_use]
    pub fn counted(&self) -> (u64, u64) {
        (self.items.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    fn report(&self) {
        let Ok(mut state) = self.state.lock() else { return };
        state.items = self.items.load(Ordering::Relaxed);
        state.bytes = self.bytes.load(Ordering::Relaxed);
        let now = state.clone();
        drop(state);
        self.reporter.progress(&now);
    }
}
