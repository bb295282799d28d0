//! Notifications seen by a real daemon (dunst), on a display and a message bus of their own.
#![cfg(target_os = "linux")]

use std::{
    io::{BufRead as _, BufReader},
    os::unix::net::UnixListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use backstay_model::ErrorKind;
use backstay_tell::{
    Event, TellError,
    desktop::{Action, show},
};
use serde_json::Value;

use crate::message::message;

const CASE: &str = "BACKSTAY_TEST_CASE";

struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that says one line when it is ready.
fn start(mut program: Command) -> (Guarded, String) {
    let child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = Guarded(child.unwrap());
    let mut line = String::new();
    let mut out = BufReader::new(child.0.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    (child, line.trim().to_owned())
}

/// What is missing here for a desktop.
fn missing() -> Option<&'static str> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let there = |program: &&str| std::env::split_paths(&paths).any(|dir| dir.join(program).is_file());
    ["Xvfb", "dbus-daemon", "dunst", "dunstctl"]
        .into_iter()
        .find(|program| !there(program))
}

/// Runs one of the tests below again, with the environment given.
fn again(test: &str, variables: &[(&str, &str)]) {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CASE, test)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.status.success() && said.contains("seen to the end"), "{said}");
}

fn is_inside(test: &str) -> bool {
    std::env::var(CASE).as_deref() == Ok(test)
}

#[test]
fn a_daemon_shows_them_and_reports_the_click() {
    const NAME: &str = "desktop::a_daemon_shows_them_and_reports_the_click";
    if is_inside(NAME) {
        return inside();
    }
    if let Some(program) = missing() {
        println!("skipped: {program} is missing (apt-get install xvfb dbus dunst)");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().to_str().unwrap();
    // The daemon's history has no urgency, but it has what depends on it.
    std::fs::create_dir(dir.path().join("dunst")).unwrap();
    let rules = "[global]\nmarkup = full\n[urgency_low]\ntimeout = 11\n[urgency_normal]\ntimeout = 22\n[urgency_critical]\ntimeout = 33\n";
    std::fs::write(dir.path().join("dunst/dunstrc"), rules).unwrap();
    let mut display = Command::new("Xvfb");
    display.args([
        "-displayfd",
        "1",
        "-nolisten",
        "tcp",
        "-noreset",
        "-screen",
        "0",
        "800x600x24",
    ]);
    let (_display, number) = start(display);
    let mut bus = Command::new("dbus-daemon");
    bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
    let (_bus, address) = start(bus);
    let display = format!(":{number}");
    let variables = [
        ("DISPLAY", display.as_str()),
        ("DBUS_SESSION_BUS_ADDRESS", address.as_str()),
        ("XDG_RUNTIME_DIR", home),
        ("XDG_CONFIG_HOME", home),
        ("HOME", home),
    ];
    let daemon = Command::new("dunst")
        .envs(variables)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _daemon = Guarded(daemon);
    again(NAME, &variables);
}

fn dunstctl(arguments: &[&str]) -> String {
    let out = Command::new("dunstctl").args(arguments).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[track_caller]
fn wait_for(what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !is() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn displayed() -> u32 {
    dunstctl(&["count", "displayed"]).parse().unwrap_or(99)
}

/// Of all notifications that were closed, the newest.
fn newest() -> Value {
    let history: Value = serde_json::from_str(&dunstctl(&["history"])).unwrap();
    history["data"][0][0].clone()
}

fn retry() -> Vec<Action> {
    vec![Action {
        id: "retry".to_owned(),
        label: "Try again".to_owned(),
    }]
}

fn inside() {
    wait_for("dunst does not answer", || dunstctl(&["count", "displayed"]) == "0");
    the_click_is_reported();
    the_later_one_takes_the_place();
    closed_is_no_click();
    weight_and_words();
    println!("seen to the end");
}

fn the_click_is_reported() {
    let shown = show(&message(), &retry()).unwrap();
    wait_for("it is not displayed", || displayed() == 1);
    assert_eq!(shown.wait(Duration::from_millis(200)), None);
    dunstctl(&["action", "0"]);
    assert_eq!(shown.wait(Duration::from_secs(10)).as_deref(), Some("retry"));
    wait_for("it stays", || displayed() == 0);
}

fn the_later_one_takes_the_place() {
    let mut early = message();
    early.title = "It failed".to_owned();
    let first = show(&early, &retry()).unwrap();
    let mut later = message();
    later.title = "It failed again".to_owned();
    let second = show(&later, &retry()).unwrap();
    let mut other = message();
    other.cause = "another".to_owned();
    other.title = "Something else".to_owned();
    let third = show(&other, &[]).unwrap();
    wait_for("the third is not displayed", || displayed() == 2);
    // Whoever waits for the first learns at once that it is over.
    let start = Instant::now();
    assert_eq!(first.wait(Duration::from_secs(30)), None);
    assert_eq!(third.wait(Duration::from_secs(30)), None);
    assert!(start.elapsed() < Duration::from_secs(5));
    dunstctl(&["close-all"]);
    assert_eq!(second.wait(Duration::from_secs(10)), None);
    let history: Value = serde_json::from_str(&dunstctl(&["history"])).unwrap();
    let titles: Vec<_> = history["data"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["summary"]["data"].clone())
        .collect();
    let times = |title: &str| titles.iter().filter(|one| *one == title).count();
    let seen = ["It failed", "It failed again", "Something else"].map(times);
    assert_eq!(seen, [0, 1, 1], "{titles:?}");
}

fn closed_is_no_click() {
    let shown = show(&message(), &retry()).unwrap();
    wait_for("it is not displayed", || displayed() == 1);
    thread::sleep(Duration::from_millis(200));
    dunstctl(&["close-all"]);
    let start = Instant::now();
    assert_eq!(shown.wait(Duration::from_secs(30)), None);
    assert!(start.elapsed() < Duration::from_secs(10), "nobody said that it is closed");
}

fn weight_and_words() {
    for (event, seconds) in [
        (Event::Failed, 33),
        (Event::Guard, 33),
        (Event::Partial, 22),
        (Event::Overdue, 22),
        (Event::Complete, 11),
    ] {
        let mut message = message();
        message.event = event;
        message.title = format!("{event:?} & <b>bold</b>");
        message.body = "a < b & <i>c</i>".to_owned();
        let _shown = show(&message, &[]).unwrap();
        wait_for("it is not displayed", || displayed() == 1);
        dunstctl(&["close-all"]);
        wait_for("it is not closed", || displayed() == 0);
        let seen = newest();
        assert_eq!(seen["timeout"]["data"], seconds * 1_000_000, "{event:?}: {seen}");
        assert_eq!(seen["summary"]["data"], message.title.as_str());
        assert_eq!(seen["body"]["data"], "a &lt; b &amp; &lt;i&gt;c&lt;/i&gt;", "{seen}");
        assert_eq!(seen["appname"]["data"], "Backstay");
    }
}

#[test]
fn without_a_desktop_it_says_so() {
    const NAME: &str = "desktop::without_a_desktop_it_says_so";
    if is_inside(NAME) {
        let start = Instant::now();
        let error = show(&message(), &retry()).unwrap_err();
        assert!(matches!(error, TellError::NoDesktop { .. }), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        assert!(start.elapsed() < Duration::from_secs(12));
        println!("seen to the end");
        return;
    }
    // No bus at all, and a bus on which nobody shows anything.
    again(NAME, &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")]);
    if !Path::new("/usr/bin/dbus-daemon").exists() {
        println!("skipped: dbus-daemon is missing (apt-get install dbus)");
        return;
    }
    // Services that could be started on demand are looked for where there are none.
    let dir = tempfile::tempdir().unwrap();
    let mut bus = Command::new("dbus-daemon");
    bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
    bus.env("XDG_DATA_DIRS", dir.path())
        .env("XDG_DATA_HOME", dir.path())
        .env("XDG_RUNTIME_DIR", dir.path());
    let (_bus, address) = start(bus);
    again(NAME, &[("DBUS_SESSION_BUS_ADDRESS", address.as_str())]);
}

#[test]
fn a_desktop_that_hangs_holds_nobody() {
    const NAME: &str = "desktop::a_desktop_that_hangs_holds_nobody";
    if is_inside(NAME) {
        let start = Instant::now();
        let error = show(&message(), &[]).unwrap_err();
        assert!(matches!(error, TellError::TimedOut { .. }), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(12));
        println!("seen to the end");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("bus");
    let listener = UnixListener::bind(&socket).unwrap();
    again(
        NAME,
        &[("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={}", socket.display()))],
    );
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_ok(), "nobody came");
}
