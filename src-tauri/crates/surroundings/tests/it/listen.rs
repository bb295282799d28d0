//! What a private bus tells, and that a waiting scheduler wakes from it.

use std::time::{Duration, Instant};

use backstay_surroundings::{Change, Waker, ticks_of_this_system};

use crate::private_bus::{NetworkManager, PrivateBus, eventually};

const METERED: NetworkManager = NetworkManager {
    metered: 1,
    connectivity: 4,
    state: 70,
};

fn waker(bus: &PrivateBus) -> Waker {
    Waker::hearing(ticks_of_this_system(), &bus.bus())
}

/// Does something again and again until the listener, which starts in its own time, hears it. Nothing is left to hear afterwards.
fn heard(waker: &Waker, change: Change, mut act: impl FnMut()) {
    let started = Instant::now();
    loop {
        act();
        let woken = waker.wait(Duration::from_millis(100));
        if woken.changes.contains(&change) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "never heard: {change:?}");
    }
    while !waker.wait(Duration::from_millis(50)).changes.is_empty() {}
}

/// The next thing that is heard.
fn next(waker: &Waker) -> Vec<Change> {
    let woken = waker.wait(Duration::from_secs(10));
    woken.changes.into_iter().collect()
}

#[test]
fn every_change_that_matters_wakes_and_no_other() {
    let Some(bus) = PrivateBus::start() else { return };
    let upower = bus.upower(false);
    let manager = bus.network(METERED);
    let login = bus.login();
    let waker = waker(&bus);
    heard(&waker, Change::Power, || upower.set(true));

    upower.set(false);
    assert_eq!(next(&waker), [Change::Power]);
    manager.set(NetworkManager { metered: 4, ..METERED });
    assert_eq!(next(&waker), [Change::Network], "metered");
    manager.set(NetworkManager {
        metered: 4,
        connectivity: 1,
        ..METERED
    });
    assert_eq!(next(&waker), [Change::Network], "connectivity");
    manager.set(NetworkManager {
        metered: 4,
        connectivity: 1,
        state: 20,
    });
    assert_eq!(next(&waker), [Change::Network], "state");
    login.prepare_for_sleep(true);
    assert_eq!(next(&waker), [Change::GoingToSleep]);
    login.prepare_for_sleep(false);
    assert_eq!(next(&waker), [Change::Resumed]);

    upower.move_the_lid();
    manager.switch_wireless();
    let woken = waker.wait(Duration::from_millis(300));
    assert!(woken.due && woken.changes.is_empty(), "{woken:?}");

    drop(upower);
    assert_eq!(next(&waker), [Change::Power], "UPower is gone");
    drop(manager);
    assert_eq!(next(&waker), [Change::Network], "NetworkManager is gone");
    let _upower = bus.upower(true);
    assert_eq!(next(&waker), [Change::Power], "UPower is back");
}

#[test]
fn a_wait_in_progress_ends_at_once() {
    let Some(bus) = PrivateBus::start() else { return };
    let upower = bus.upower(false);
    let waker = waker(&bus);
    heard(&waker, Change::Power, || upower.set(true));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            upower.set(false);
        });
        let started = Instant::now();
        assert_eq!(next(&waker), [Change::Power]);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    });
}

#[test]
fn a_bus_that_is_started_again_is_heard_again() {
    let Some(mut bus) = PrivateBus::start() else { return };
    let upower = bus.upower(false);
    let waker = waker(&bus);
    heard(&waker, Change::Power, || upower.set(true));
    bus.kill();
    drop(upower);
    assert!(bus.run());
    // What changed meanwhile is not known, so everything may have.
    let mut changes = std::collections::BTreeSet::new();
    eventually("told to look again", || {
        changes.extend(waker.wait(Duration::from_millis(100)).changes);
        changes.contains(&Change::Power) && changes.contains(&Change::Network)
    });
    let upower = bus.upower(false);
    heard(&waker, Change::Power, || upower.set(true));
}

#[test]
fn without_a_bus_a_waker_still_waits() {
    let Some(mut bus) = PrivateBus::start() else { return };
    bus.kill();
    let waker = waker(&bus);
    assert!(waker.wait(Duration::from_millis(100)).due);
    waker.bell().ring();
    assert!(waker.wait(Duration::from_secs(10)).rung);
    // And hears the bus once there is one.
    assert!(bus.run());
    let upower = bus.upower(false);
    heard(&waker, Change::Power, || upower.set(true));
}

#[test]
fn a_dropped_waker_leaves_the_bus() {
    let Some(bus) = PrivateBus::start() else { return };
    let upower = bus.upower(false);
    let watcher = bus.connect();
    let dbus = zbus::blocking::fdo::DBusProxy::new(&watcher).unwrap();
    let guests = || dbus.list_names().unwrap().len();
    let before = guests();
    let waker = waker(&bus);
    heard(&waker, Change::Power, || upower.set(true));
    assert_eq!(guests(), before + 1);
    drop(waker);
    eventually("the listener left", || guests() == before);
}
