//! One budget for everybody who uses the same credential at the same service: so many requests a second, so many at a time. It
//! shrinks when the service says "too many", and a wish to be left alone stops all of them.
//!
//! Own code and not `governor`: its rate is fixed once it is made, and it knows neither pauses for all nor waiting that can be
//! cancelled.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, Weak},
    time::{Duration, Instant},
};

use backstay_source::Cancel;
use parking_lot::{Condvar, Mutex, MutexGuard};
use sha2::{Digest as _, Sha256};

use crate::{HttpError, Result, call::LOOK};

/// What a service may be asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Requests a second; `None`: as many as it takes.
    pub per_second: Option<f64>,
    /// Requests that are answered at the same time; those whose answer is being read as a stream do not count.
    pub at_once: usize,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            per_second: None,
            at_once: 6,
        }
    }
}

/// After a "too many", further ones within this time belong to the same burst and shrink nothing.
const BURST: Duration = Duration::from_secs(1);
/// How often the budget grows again.
const GROWS: Duration = Duration::from_secs(1);
/// By what it grows.
const GROWTH: f64 = 1.25;
/// The smallest rate, in requests a second.
const LEAST: f64 = 0.2;
/// How far in the past a slot may lie: what was not used for so long is lost.
const SLACK: Duration = Duration::from_millis(100);

/// The budget of one credential at one service.
#[derive(Debug)]
pub struct Budget {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Debug)]
struct State {
    /// What was set.
    set: Rate,
    /// Requests a second now.
    rate: Option<f64>,
    /// Requests at a time now.
    at_once: usize,
    in_flight: usize,
    /// When the next request may begin.
    slot: Instant,
    /// Nobody asks before.
    quiet: Option<Instant>,
    shrunk: Option<Instant>,
    grown: Instant,
    /// Requests begun in the second that is being counted, and in the one before it.
    counted: (Instant, u32, u32),
}

static BUDGETS: OnceLock<Mutex<HashMap<String, Weak<Budget>>>> = OnceLock::new();

impl Budget {
    /// The budget of the credential `identity` at `origin`: the same one for all clients of this process that live at the same time.
    /// Where they differ in what they set, the smaller value counts.
    #[must_use]
    pub fn shared(origin: &str, identity: &str, rate: Rate) -> Arc<Self> {
        let key = format!("{origin} {}", hex::encode(Sha256::digest(identity)));
        let mut budgets = BUDGETS.get_or_init(Mutex::default).lock();
        if let Some(there) = budgets.get(&key).and_then(Weak::upgrade) {
            there.limit(rate);
            return there;
        }
        budgets.retain(|_, budget| budget.strong_count() > 0);
        let made = Arc::new(Self::new(rate));
        budgets.insert(key, Arc::downgrade(&made));
        made
    }

    /// A budget of its own.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let now = Instant::now();
        Self {
            state: Mutex::new(State {
                set: rate,
                rate: rate.per_second,
                at_once: rate.at_once.max(1),
                in_flight: 0,
                slot: now,
                quiet: None,
                shrunk: None,
                grown: now,
                counted: (now, 0, 0),
            }),
            moved: Condvar::new(),
        }
    }

    /// Requests a second at the moment; `None`: no limit.
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        self.state.lock().rate
    }

    /// Requests at a time at the moment.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.state.lock().at_once
    }

    fn limit(&self, rate: Rate) {
        let mut state = self.state.lock();
        let smaller = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        state.set.per_second = smaller(state.set.per_second, rate.per_second);
        state.set.at_once = state.set.at_once.min(rate.at_once.max(1));
        state.rate = smaller(state.rate, rate.per_second);
        state.at_once = state.at_once.min(state.set.at_once);
    }

    /// Waits until a request may begin. `waits` is told how long it will be, when that is known, and may refuse to wait.
    pub(crate) fn enter(self: &Arc<Self>, cancel: &Cancel, mut waits: impl FnMut(Duration) -> Result<()>) -> Result<Permit> {
        let mut state = self.state.lock();
        let mut told = None;
        loop {
            if cancel.is_cancelled() {
                return Err(HttpError::Cancelled);
            }
            let now = Instant::now();
            let free = state.free(now);
            if free <= now && state.in_flight < state.at_once {
                state.begin(now);
                return Ok(Permit(self.clone()));
            }
            let wait = free.saturating_duration_since(now);
            if !wait.is_zero() && told != Some(free) {
                told = Some(free);
                MutexGuard::unlocked(&mut state, || waits(wait))?;
                continue;
            }
            let look = if wait.is_zero() { LOOK } else { wait.min(LOOK) };
            self.moved.wait_for(&mut state, look);
        }
    }

    /// The service said "too many", and perhaps for how long.
    pub(crate) fn too_many(&self, after: Option<Duration>) {
        let mut state = self.state.lock();
        let now = Instant::now();
        if let Some(after) = after {
            state.quiet = state.quiet.max(Some(now + after));
        }
        if state.shrunk.is_some_and(|shrunk| now < shrunk + BURST) {
            return;
        }
        state.shrunk = Some(now);
        state.grown = now;
        let measured = state.measured(now);
        state.rate = Some((state.rate.unwrap_or(measured).min(measured.max(LEAST)) / 2.0).max(LEAST));
        state.at_once = (state.at_once / 2).max(1);
    }

    /// The service answered.
    pub(crate) fn went_well(&self) {
        let mut state = self.state.lock();
        let now = Instant::now();
        if state.shrunk.is_none() || now < state.grown + GROWS {
            return;
        }
        state.grown = now;
        state.grow();
        self.moved.notify_all();
    }
}

impl State {
    /// When the next request may begin.
    fn free(&self, now: Instant) -> Instant {
        let slot = if self.rate.is_some() { self.slot } else { now };
        self.quiet.map_or(slot, |quiet| slot.max(quiet))
    }

    fn begin(&mut self, now: Instant) {
        self.in_flight += 1;
        if self.quiet.is_some_and(|quiet| quiet <= now) {
            self.quiet = None;
        }
        if let Some(rate) = self.rate {
            let oldest = now.checked_sub(SLACK).unwrap_or(now);
            self.slot = self.slot.max(oldest) + Duration::from_secs_f64(1.0 / rate.max(LEAST));
        }
        self.turn(now);
        self.counted.1 += 1;
    }

    fn turn(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.counted.0);
        if age >= Duration::from_secs(2) {
            self.counted = (now, 0, 0);
        } else if age >= Duration::from_secs(1) {
            self.counted = (now, 0, self.counted.1);
        }
    }

    /// Requests in the last second, or so.
    fn measured(&mut self, now: Instant) -> f64 {
        self.turn(now);
        f64::from(self.counted.1.max(self.counted.2)).max(1.0)
    }

    fn grow(&mut self) {
        self.at_once = (self.at_once + 1).min(self.set.at_once.max(1));
        let whole = self.at_once == self.set.at_once.max(1);
        self.rate = match (self.rate.map(|rate| rate * GROWTH), self.set.per_second) {
            (Some(grown), Some(set)) => Some(grown.min(set)),
            // Nothing was set, and it went well for long: the service is trusted to speak up again.
            (Some(grown), None) if whole && grown > 100.0 => None,
            (Some(grown), None) => Some(grown),
            (None, set) => set,
        };
        if whole && self.rate == self.set.per_second {
            self.shrunk = None;
        }
    }
}

/// Leave to have one request answered.
pub(crate) struct Permit(Arc<Budget>);

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        drop(state);
        self.0.moved.notify_one();
    }
}
