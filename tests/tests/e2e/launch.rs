//! Ways to start: without a screen, hidden, a second time, with a file.

use crate::bench::{Desk, PATIENCE, desktop_program, within};

#[test]
fn without_a_screen_it_says_so_and_ends_with_2() {
    let desk = Desk::new();
    let output = desk.command(desktop_program()).env_remove("DISPLAY").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no screen") && said.contains("Hint:"), "{said}");
    assert!(!desk.path("backstay/state.db").exists(), "nothing was touched");
    let output = desk
        .command(desktop_program())
        .arg("--version")
        .env_remove("DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let output = desk.command(desktop_program()).arg("--hiden").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn started_hidden_it_has_no_window_until_it_is_started_again() {
    let desk = Desk::new();
    let mut app = desk.launch(&["--hidden"]);
    desk.tray().wait_for("ok");
    assert_eq!(desk.windows(), Vec::<String>::new());
    let mut again = desk.launch(&["--hidden"]);
    assert!(again.ended().success());
    assert_eq!(
        desk.windows(),
        Vec::<String>::new(),
        "a second hidden start shows nothing either"
    );
    let mut second = desk.launch(&[]);
    assert!(second.ended().success(), "a second launch ends");
    desk.wait_for_window("Backstay");
    assert!(app.runs());
    assert_eq!(desk.windows().len(), 1);
}

#[test]
fn a_second_launch_hands_over_its_file() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    desk.file("home/My notes.db", b"SQLite format 3\0 but not really");
    let mut second = desk.launch(&["My notes.db"]);
    assert!(second.ended().success());
    window.wait_until("the page goes where files are opened", |window| {
        let place = window.place();
        (place.starts_with("/open") || place.starts_with("/bundle")) && place.contains("My%20notes.db")
    });
    assert_eq!(desk.windows(), ["Backstay"], "there is one window");
}

#[test]
fn a_file_given_at_the_start_is_opened() {
    let desk = Desk::new();
    let file = desk.file("home/other.db", b"SQLite format 3\0 but not really");
    let window = desk.window(&[file.to_str().unwrap()]);
    window.wait_until("the page goes where files are opened", |window| {
        window.place().contains("other.db")
    });
}

#[test]
fn two_homes_are_two_backstays() {
    let desk = Desk::new();
    let mut first = desk.launch(&["--hidden"]);
    desk.tray().wait_for("ok");
    let other = desk.path("other");
    let mut command = desk.command(desktop_program());
    let mut second = command.arg("--hidden").env("BACKSTAY_HOME", &other).spawn().unwrap();
    let opened = within(PATIENCE, || other.join("state.db").exists().then_some(()));
    assert!(opened.is_some(), "the second one works in its own home");
    assert!(first.runs() && second.try_wait().unwrap().is_none());
    second.kill().unwrap();
    second.wait().unwrap();
}
