//! Looks over a private bus: what services say, and what happens when they are gone, hang or come back.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use backstay_surroundings::state::{Bus, OverBus};
use backstay_surroundings::{Look, Surroundings, of_this_system};
use zbus::blocking::MessageIterator;

use crate::private_bus::{NetworkManager, PrivateBus, eventually};

fn network(metered: u32, connectivity: u32, state: u32) -> NetworkManager {
    NetworkManager {
        metered,
        connectivity,
        state,
    }
}

#[test]
fn power_and_network_as_the_services_say() {
    let Some(bus) = PrivateBus::start() else { return };
    let upower = bus.upower(false);
    let manager = bus.network(network(0, 0, 0));
    let over = OverBus::new(bus.bus());
    for on_battery in [true, false] {
        upower.set(on_battery);
        assert_eq!(over.look().on_battery, Some(on_battery));
    }
    for (value, expected) in [
        (0, None),
        (1, Some(true)),
        (2, Some(false)),
        (3, Some(true)),
        (4, Some(false)),
    ] {
        manager.set(network(value, 4, 70));
        assert_eq!(over.look().metered, expected, "Metered {value}");
    }
    let cases = [
        (1, 70, Some(false)),
        (2, 70, Some(false)),
        (3, 70, Some(true)),
        (4, 20, Some(true)),
        (0, 70, Some(true)),
        (0, 60, Some(true)),
        (0, 50, Some(false)),
        (0, 40, Some(false)),
        (0, 20, Some(false)),
        (0, 10, Some(false)),
        (0, 0, None),
    ];
    for (connectivity, state, expected) in cases {
        manager.set(network(2, connectivity, state));
        let look = over.look();
        assert_eq!(look.online, expected, "Connectivity {connectivity}, State {state}");
        assert_eq!(look.notes.is_empty(), expected.is_some(), "{look:?}");
    }
}

#[test]
fn missing_services_are_notes() {
    let Some(bus) = PrivateBus::start() else { return };
    let look = OverBus::new(bus.bus()).look();
    let notes = vec![
        "UPower, which tells whether the computer runs on its battery, does not run.".to_owned(),
        "NetworkManager, which tells whether the network is metered or leads anywhere, does not run.".to_owned(),
    ];
    assert_eq!(
        look,
        Look {
            notes,
            ..Look::default()
        }
    );
}

#[test]
fn services_that_vanish_and_return_are_seen() {
    let Some(bus) = PrivateBus::start() else { return };
    let over = OverBus::new(bus.bus());
    let upower = bus.upower(true);
    assert_eq!(over.look().on_battery, Some(true));
    drop(upower);
    eventually("UPower is gone", || over.look().on_battery.is_none());
    let _upower = bus.upower(false);
    assert_eq!(over.look().on_battery, Some(false));
}

#[test]
fn a_bus_that_is_started_again_is_found() {
    let Some(mut bus) = PrivateBus::start() else { return };
    let over = OverBus::new(bus.bus());
    let upower = bus.upower(true);
    assert_eq!(over.look().on_battery, Some(true));
    bus.kill();
    drop(upower);
    let look = over.look();
    assert_eq!(look.on_battery, None);
    assert_eq!(look.notes, ["There is no system bus to ask about power and network."]);
    assert!(bus.run());
    let _upower = bus.upower(false);
    eventually("the bus is found", || over.look().on_battery == Some(false));
}

#[test]
fn a_service_that_hangs_costs_a_moment_and_is_left_alone() {
    let Some(bus) = PrivateBus::start() else { return };
    // It has the name and answers nothing.
    let silent = bus.connect();
    silent.request_name("org.freedesktop.UPower").unwrap();
    let mut asked = MessageIterator::from(silent.clone());
    let _manager = bus.network(network(3, 4, 70));
    let settings = Bus {
        patience: Duration::from_millis(300),
        hold_off: Duration::from_secs(60),
        ..bus.bus()
    };
    let over = OverBus::new(settings);
    let started = Instant::now();
    let look = over.look();
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(290) && took < Duration::from_secs(5),
        "{took:?}"
    );
    assert_eq!((look.on_battery, look.metered, look.online), (None, Some(true), Some(true)));
    assert_eq!(
        look.notes,
        ["UPower, which tells whether the computer runs on its battery, does not answer."]
    );
    let call = asked.find(|message| is_question(message.as_ref().ok()));
    assert!(call.is_some(), "the hanging service was asked");
    let started = Instant::now();
    for _ in 0..10 {
        assert_eq!(over.look().metered, Some(true));
    }
    assert!(
        started.elapsed() < Duration::from_millis(290),
        "left alone: {:?}",
        started.elapsed()
    );
}

#[test]
fn a_service_that_hung_is_asked_again_later() {
    let Some(bus) = PrivateBus::start() else { return };
    let silent = bus.connect();
    silent.request_name("org.freedesktop.UPower").unwrap();
    let settings = Bus {
        patience: Duration::from_millis(300),
        hold_off: Duration::from_millis(400),
        ..bus.bus()
    };
    let over = OverBus::new(settings);
    assert_eq!(over.look().on_battery, None);
    silent.close().unwrap();
    let _upower = eventually_upower(&bus);
    eventually("UPower is asked again", || over.look().on_battery == Some(true));
}

#[test]
fn a_service_that_ends_with_our_question_is_gone_and_not_hanging() {
    let Some(bus) = PrivateBus::start() else { return };
    let dying = bus.connect();
    dying.request_name("org.freedesktop.UPower").unwrap();
    let mut asked = MessageIterator::from(dying.clone());
    let over = OverBus::new(Bus {
        hold_off: Duration::from_secs(60),
        ..bus.bus()
    });
    std::thread::scope(|scope| {
        let look = scope.spawn(|| over.look());
        let call = asked.find(|message| is_question(message.as_ref().ok()));
        assert!(call.is_some(), "it was asked before it ended");
        dying.close().unwrap();
        let notes = look.join().unwrap().notes;
        assert!(notes[0].ends_with("does not run."), "{notes:?}");
    });
    let _upower = eventually_upower(&bus);
    assert_eq!(over.look().on_battery, Some(true), "asked at once, not held off");
}

fn is_question(message: Option<&zbus::Message>) -> bool {
    message.is_some_and(|message| message.header().member().is_some_and(|member| member == "GetAll"))
}

fn eventually_upower(bus: &PrivateBus) -> impl Drop {
    let watcher = bus.connect();
    let dbus = zbus::blocking::fdo::DBusProxy::new(&watcher).unwrap();
    eventually("the name is free", || {
        !dbus.name_has_owner("org.freedesktop.UPower".try_into().unwrap()).unwrap()
    });
    bus.upower(true)
}

#[test]
fn a_bus_that_never_greets_costs_a_moment_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let listener = UnixListener::bind(&path).unwrap();
    let over = OverBus::new(Bus {
        address: Some(format!("unix:path={}", path.display())),
        patience: Duration::from_millis(300),
        hold_off: Duration::from_secs(60),
        supplies: folder.path().join("none"),
    });
    let started = Instant::now();
    let look = over.look();
    let took = started.elapsed();
    assert!(
        took >= Duration::from_millis(290) && took < Duration::from_secs(5),
        "{took:?}"
    );
    assert_eq!(look.notes, ["The system bus does not answer about power and network."]);
    let started = Instant::now();
    for _ in 0..10 {
        assert_eq!(over.look().on_battery, None);
    }
    assert!(started.elapsed() < Duration::from_millis(290), "{:?}", started.elapsed());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_ok(), "it was called");
    assert!(listener.accept().is_err(), "and called once");
}

#[test]
fn no_bus_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let over = OverBus::new(Bus {
        address: Some(format!("unix:path={}", folder.path().join("none").display())),
        supplies: folder.path().join("none"),
        ..Bus::default()
    });
    let started = Instant::now();
    for _ in 0..1000 {
        let look = over.look();
        assert_eq!(look.notes, ["There is no system bus to ask about power and network."]);
        assert_eq!((look.on_battery, look.metered, look.online), (None, None, None));
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn a_missing_bus_is_not_looked_for_all_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    let over = OverBus::new(Bus {
        address: Some(format!("unix:path={}", path.display())),
        patience: Duration::from_millis(100),
        hold_off: Duration::from_millis(500),
        supplies: folder.path().join("none"),
    });
    let missed = Instant::now();
    over.look();
    let listener = UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    over.look();
    let called = listener.accept().is_ok();
    if missed.elapsed() < Duration::from_millis(500) {
        assert!(!called, "called again at once");
    }
    eventually("called again later", || {
        over.look();
        listener.accept().is_ok()
    });
}

fn supply(supplies: &Path, name: &str, files: &[(&str, &str)]) {
    let folder = supplies.join(name);
    fs::create_dir_all(&folder).unwrap();
    for (file, content) in files {
        fs::write(folder.join(file), format!("{content}\n")).unwrap();
    }
}

#[test]
fn without_upower_the_kernel_is_asked() {
    let Some(bus) = PrivateBus::start() else { return };
    let supplies = bus.supplies();
    let over = OverBus::new(bus.bus());
    assert_eq!(over.look().on_battery, None);
    fs::create_dir(&supplies).unwrap();
    assert_eq!(over.look().on_battery, Some(false), "no battery");
    supply(
        &supplies,
        "hidpp",
        &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging")],
    );
    assert_eq!(over.look().on_battery, Some(false), "the battery of a mouse");
    supply(&supplies, "BAT0", &[("type", "Battery"), ("status", "Discharging")]);
    supply(&supplies, "AC", &[("type", "Mains"), ("online", "0")]);
    assert_eq!(over.look().on_battery, Some(true));
    supply(&supplies, "BAT0", &[("status", "Charging")]);
    supply(&supplies, "AC", &[("online", "1")]);
    assert_eq!(over.look().on_battery, Some(false));
    // A battery may drain a little although the plug is in.
    supply(&supplies, "BAT0", &[("status", "Discharging")]);
    assert_eq!(over.look().on_battery, Some(false));
    // Who is there knows better.
    let _upower = bus.upower(true);
    assert_eq!(over.look().on_battery, Some(true));
}

/// Not a test by itself: run by the next one with another environment.
#[test]
fn look_of_this_system() {
    if std::env::var_os("BACKSTAY_TEST_LOOK").is_some() {
        println!("looked: {}", serde_json::to_string(&of_this_system().look()).unwrap());
    }
}

#[test]
fn the_systems_bus_is_where_the_environment_says() {
    let Some(bus) = PrivateBus::start() else { return };
    let _upower = bus.upower(true);
    let _manager = bus.network(network(1, 4, 70));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "looks::look_of_this_system", "--nocapture"])
        .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
        .env("BACKSTAY_TEST_LOOK", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let expected = r#"looked: {"onBattery":true,"metered":true,"online":true,"notes":[]}"#;
    assert!(said.contains(expected), "{said}");
}
