//! Closing the window and quitting.

use std::{fs, process::Command, thread, time::Duration};

use serde_json::{Value, json};

use crate::bench::{Desk, Options, Window};

/// A vault and a source with enough files that its first backup takes a while.
pub fn with_slow_source(window: &Window<'_>) {
    let desk = window.desk();
    let folder = desk.path("big");
    fs::create_dir_all(&folder).unwrap();
    let mut state = 88_172_645_463_325_252_u64;
    for number in 0..400 {
        // Noise: nothing to compress or to store once.
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        })
        .take(128 * 1024)
        .flatten()
        .collect();
        fs::write(folder.join(format!("{number}.bin")), noise).unwrap();
    }
    let vault = json!({ "name": "safe", "path": desk.path("vault"), "remember": true });
    window
        .call_with("vault.create", &vault, &json!({ "newPassword": "a password for tests" }))
        .unwrap();
    window.call(
        "source.add",
        &json!({ "kind": "folder", "name": "big", "options": { "path": folder } }),
    );
}

#[test]
fn closing_the_window_keeps_it_in_the_tray() {
    let desk = Desk::new();
    let mut app = desk.launch(&[]);
    desk.wait_for_window("Backstay");
    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    assert!(app.runs());
    desk.tray().choose("Open Backstay");
    desk.wait_for_window("Backstay");
    assert!(app.runs());
}

#[test]
fn without_a_tray_closing_the_window_ends_it() {
    let desk = Desk::with(&Options {
        tray: false,
        ..Options::default()
    });
    let mut app = desk.launch(&[]);
    desk.wait_for_window("Backstay");
    desk.close_window("Backstay");
    assert!(app.ended().success());
}

#[test]
fn quit_in_the_tray_ends_it() {
    let desk = Desk::new();
    let mut app = desk.launch(&["--hidden"]);
    desk.tray().choose("Quit");
    assert!(app.ended().success());
    assert_eq!(desk.tray().state(), None, "the icon is gone");
}

#[test]
fn a_signal_ends_it_cleanly() {
    let desk = Desk::new();
    let mut app = desk.launch(&[]);
    desk.wait_for_window("Backstay");
    // The page has given it its name: the program is through with its start.
    let named = || desk.xdotool(&["getwindowname", &desk.window_id("Backstay")]).contains(" · ");
    assert!(crate::bench::eventually(|| named().then_some(())).is_some());
    Command::new("kill").arg(app.id().to_string()).status().unwrap();
    assert!(app.ended().success());
    assert!(desk.path("backstay/window.json").exists(), "the window's place was kept");
}

#[test]
fn quitting_while_a_job_runs_asks_first_and_stops_it_cleanly() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    with_slow_source(&window);
    window.call(
        "job.start",
        &json!({ "command": "backup", "request": { "sources": ["big"] } }),
    );
    let entry = desk.tray().wait_for_entry("Cancel Backup of big");
    assert!(entry.enabled);
    desk.tray().choose("Quit");
    desk.wait_for_window("Quit Backstay?");
    desk.screenshot("quit-question");
    desk.key("Escape");
    desk.wait_for_no_window("Quit Backstay?");
    assert!(desk.process().is_some(), "the safe answer keeps it running");
    window
        .invoke("shell", &json!({ "name": "shell.quit", "request": {} }))
        .unwrap();
    desk.wait_for_window("Quit Backstay?");
    // The left one of its two buttons.
    desk.click_into("Quit Backstay?", (0.25, 0.86));
    let ended = crate::bench::eventually(|| desk.process().is_none().then_some(()));
    assert!(ended.is_some(), "it did not quit: {:?}", desk.windows());
    // The next start finds a run that was cancelled, not a broken one.
    drop(window);
    thread::sleep(Duration::from_millis(200));
    let window = desk.window(&[]);
    let runs = window.call("run.list", &json!({}));
    let last = &runs["runs"][0];
    assert_eq!(last["verdict"], "cancelled", "{last:#}");
    assert_eq!(last["snapshot"], Value::Null);
}
