//! Sleeping until it is time, or until something changes: a scheduler's only way to wait.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};

use crate::clock::{Tick, Ticks, gap};

/// The longest nap, if nothing else is said.
const NAP: Duration = Duration::from_secs(20);

/// What changed around a waiting scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// The computer is about to sleep.
    GoingToSleep,
    /// The computer woke up, told by the system or seen from its clocks.
    Resumed,
    /// The wall clock was set.
    ClockSet,
    /// The mains came or went.
    Power,
    /// The network came, went, or became another one.
    Network,
}

/// Why a wait ended. Several reasons may hold at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Woken {
    /// The time is reached.
    pub due: bool,
    /// Somebody rang a [`Bell`].
    pub rung: bool,
    /// What changed since the last wait, each once.
    pub changes: BTreeSet<Change>,
}

#[derive(Default)]
struct Pending {
    rung: bool,
    changes: BTreeSet<Change>,
}

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    news: Condvar,
}

/// Wakes a [`Waker`] from any thread. What it says before a wait begins is not lost: the wait then ends at once.
#[derive(Clone, Default)]
pub struct Bell {
    shared: Arc<Shared>,
}

impl Bell {
    /// Ends the wait.
    pub fn ring(&self) {
        self.shared.pending.lock().rung = true;
        self.shared.news.notify_all();
    }

    /// Ends the wait, with what changed.
    pub fn tell(&self, change: Change) {
        self.shared.pending.lock().changes.insert(change);
        self.shared.news.notify_all();
    }
}

/// Waits. One thread waits at a time; what woke it is told once.
pub struct Waker {
    bell: Bell,
    ticks: Box<dyn Ticks>,
    last: Mutex<Tick>,
    nap: Duration,
    #[cfg(target_os = "linux")]
    listener: Option<crate::listen::Listener>,
}

impl Waker {
    /// One that hears only its bell and the clocks.
    #[must_use]
    pub fn new(ticks: Box<dyn Ticks>) -> Self {
        let last = Mutex::new(ticks.read());
        Self {
            bell: Bell::default(),
            ticks,
            last,
            nap: NAP,
            #[cfg(target_os = "linux")]
            listener: None,
        }
    }

    /// One that also hears what a bus tells: sleep, power, network.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn hearing(ticks: Box<dyn Ticks>, bus: &crate::state::Bus) -> Self {
        let mut waker = Self::new(ticks);
        waker.listener = crate::listen::Listener::start(bus.clone(), waker.bell());
        waker
    }

    /// One that also hears what this system tells: sleep, power, network. Outside Linux, only the clocks.
    #[must_use]
    pub fn of_this_system() -> Self {
        let ticks = crate::clock::ticks_of_this_system();
        #[cfg(target_os = "linux")]
        return Self::hearing(ticks, &crate::state::Bus::default());
        #[cfg(not(target_os = "linux"))]
        Self::new(ticks)
    }

    /// Compares the clocks at least this often, to notice a sleep or a set clock that nobody told of. Usually 20 seconds.
    #[must_use]
    pub fn napping(mut self, nap: Duration) -> Self {
        self.nap = nap;
        self
    }

    /// What wakes it.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Waits this long at most.
    pub fn wait(&self, at_most: Duration) -> Woken {
        let span = TimeDelta::from_std(at_most).unwrap_or(TimeDelta::MAX);
        let now = self.ticks.read().wall;
        self.wait_until(now.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// Waits until the wall clock shows `until`. Ends early when the clock is set or the computer slept, as the time may then be another.
    pub fn wait_until(&self, until: DateTime<Utc>) -> Woken {
        loop {
            let now = self.notice();
            let mut pending = self.bell.shared.pending.lock();
            let woken = Woken {
                due: now >= until,
                rung: std::mem::take(&mut pending.rung),
                changes: std::mem::take(&mut pending.changes),
            };
            if woken.due || woken.rung || !woken.changes.is_empty() {
                return woken;
            }
            let left = (until - now).to_std().unwrap_or_default();
            self.bell.shared.news.wait_for(&mut pending, left.min(self.nap));
        }
    }

    /// Compares the clocks with the last time and tells what they show. The wall clock's time now.
    fn notice(&self) -> DateTime<Utc> {
        let now = self.ticks.read();
        let before = std::mem::replace(&mut *self.last.lock(), now.clone());
        let gap = gap(&before, &now);
        if !gap.asleep.is_zero() || gap.rebooted {
            self.bell.tell(Change::Resumed);
        }
        if gap.clock_moved != 0 {
            self.bell.tell(Change::ClockSet);
        }
        now.wall
    }
}
