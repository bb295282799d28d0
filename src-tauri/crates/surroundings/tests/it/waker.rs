//! Waiting by scripted clocks.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use backstay_surroundings::{Change, Tick, Ticks, Waker, ticks_of_this_system};
use chrono::TimeDelta;

use crate::clock::tick;

/// Clocks that stand still until the test moves them.
#[derive(Clone)]
struct Scripted(Arc<Mutex<Tick>>);

impl Scripted {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(tick(0, 100, 100, "a"))))
    }

    fn set(&self, now: Tick) {
        *self.0.lock().unwrap() = now;
    }

    fn waker(&self) -> Waker {
        Waker::new(Box::new(self.clone())).napping(Duration::from_millis(10))
    }
}

impl Ticks for Scripted {
    fn read(&self) -> Tick {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn waits_by_real_clocks() {
    let waker = Waker::new(ticks_of_this_system());
    let started = Instant::now();
    let woken = waker.wait(Duration::from_millis(120));
    assert!(woken.due && !woken.rung && woken.changes.is_empty(), "{woken:?}");
    assert!(started.elapsed() >= Duration::from_millis(115), "{:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_bell_ends_the_wait_and_is_heard_once() {
    let waker = Waker::new(ticks_of_this_system());
    let bell = waker.bell();
    let ringer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        bell.ring();
    });
    let started = Instant::now();
    let woken = waker.wait(Duration::from_secs(30));
    assert!(woken.rung && !woken.due, "{woken:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
    ringer.join().unwrap();
    let woken = waker.wait(Duration::from_millis(20));
    assert!(woken.due && !woken.rung, "{woken:?}");
}

#[test]
fn what_was_said_before_the_wait_is_not_lost() {
    let waker = Waker::new(ticks_of_this_system());
    waker.bell().ring();
    waker.bell().tell(Change::Network);
    waker.bell().tell(Change::Power);
    waker.bell().tell(Change::Network);
    let woken = waker.wait(Duration::from_secs(30));
    assert!(woken.rung && !woken.due, "{woken:?}");
    assert_eq!(Vec::from_iter(woken.changes), [Change::Power, Change::Network]);
}

#[test]
fn sleep_that_nobody_tells_of_is_seen_from_the_clocks() {
    let clocks = Scripted::new();
    let waker = clocks.waker();
    let until = clocks.read().wall + TimeDelta::hours(8);
    let script = clocks.clone();
    let sleeper = thread::spawn(move || {
        thread::sleep(Duration::from_millis(40));
        // Five seconds awake, an hour asleep.
        script.set(tick(3605, 105, 3705, "a"));
    });
    let woken = waker.wait_until(until);
    sleeper.join().unwrap();
    assert!(!woken.due, "seven hours are left: {woken:?}");
    assert_eq!(Vec::from_iter(woken.changes), [Change::Resumed]);
}

#[test]
fn time_that_came_in_sleep_is_due() {
    let clocks = Scripted::new();
    let waker = clocks.waker();
    let until = clocks.read().wall + TimeDelta::minutes(30);
    clocks.set(tick(3605, 105, 3705, "a"));
    let woken = waker.wait_until(until);
    assert!(woken.due && woken.changes.contains(&Change::Resumed), "{woken:?}");
}

#[test]
fn a_clock_that_is_set_ends_the_wait() {
    for by in [-7200, 7200] {
        let clocks = Scripted::new();
        let waker = clocks.waker();
        let until = clocks.read().wall + TimeDelta::hours(8);
        let script = clocks.clone();
        let setter = thread::spawn(move || {
            thread::sleep(Duration::from_millis(40));
            script.set(tick(by, 101, 101, "a"));
        });
        let woken = waker.wait_until(until);
        setter.join().unwrap();
        assert_eq!(Vec::from_iter(woken.changes), [Change::ClockSet], "set by {by} s");
    }
}
