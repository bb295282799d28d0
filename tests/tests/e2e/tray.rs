//! The tray icon tells the truth, and its menu works.

use std::fs;

use serde_json::json;

use crate::bench::{Desk, Options, Window, eventually};

fn with_source(window: &Window<'_>) {
    let desk = window.desk();
    desk.file("docs/one.txt", "one");
    let vault = json!({ "name": "safe", "path": desk.path("vault"), "remember": true });
    window
        .call_with("vault.create", &vault, &json!({ "newPassword": "a password for tests" }))
        .unwrap();
    window.call(
        "source.add",
        &json!({ "kind": "folder", "name": "Docs_1", "options": { "path": desk.path("docs") } }),
    );
}

#[test]
fn a_fresh_start_shows_ok_and_the_whole_menu() {
    let desk = Desk::new();
    let _app = desk.launch(&["--hidden"]);
    desk.tray().wait_for("ok");
    let shown: Vec<(String, bool)> = desk
        .tray()
        .menu()
        .into_iter()
        .map(|entry| (entry.label, entry.enabled))
        .collect();
    let wanted = [
        ("Back up all now", false),
        ("Pause for", true),
        ("1 hour", true),
        ("Until tomorrow", true),
        ("Until I resume", true),
        ("Open Backstay", true),
        ("Quit (backups stop)…", true),
    ];
    assert_eq!(shown, wanted.map(|(label, enabled)| (label.to_owned(), enabled)));
}

#[test]
fn it_shows_how_backups_end() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    desk.tray().wait_for("ok");
    with_source(&window);
    desk.tray().choose("Back up all now");
    window.wait_until("the backup has ended", |window| {
        let jobs = window.call("job.list", &json!({}));
        jobs["jobs"][0]["state"] == "done"
    });
    desk.tray().wait_for("ok");
    // With the window closed it works as well.
    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    desk.file("docs/two.txt", "two");
    desk.tray().choose("Back up all now");
    assert!(
        eventually(|| (desk.snapshots() == 2).then_some(())).is_some(),
        "nothing was saved"
    );
    desk.tray().wait_for("ok");
    desk.tray().choose("Open Backstay");
    desk.wait_for_window("Backstay");
    window.follow();
    // The folder goes away: nothing can be saved.
    fs::rename(desk.path("docs"), desk.path("moved")).unwrap();
    desk.tray().choose("Back up all now");
    desk.tray().wait_for("failed");
    assert_eq!(desk.tray().labels()[..2], ["One source needs you", "Docs_1: failed…"]);
    desk.tray().choose("Docs_1: failed");
    window.wait_until("the page shows the source", |window| window.place() == "/sources/Docs_1");
    fs::rename(desk.path("moved"), desk.path("docs")).unwrap();
    desk.tray().choose("Back up all now");
    desk.tray().wait_for("ok");
}

#[test]
fn a_pause_holds_jobs_back_until_it_is_ended() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    with_source(&window);
    desk.tray().choose("1 hour");
    desk.tray().wait_for_entry("Paused until");
    desk.tray().choose("Back up all now");
    desk.tray().wait_for_entry("One job waits");
    let jobs = window.call("job.list", &json!({}));
    assert_eq!(
        (&jobs["jobs"][0]["state"], &jobs["jobs"][0]["waitingFor"]),
        (&json!("waiting"), &json!("pause"))
    );
    desk.tray().choose("Resume");
    desk.tray().wait_for_entry("Pause for");
    window.wait_until("the backup has ended", |window| {
        window.call("job.list", &json!({}))["jobs"][0]["verdict"] == "complete"
    });
}

#[test]
fn it_speaks_the_language_of_the_settings() {
    let desk = Desk::with(&Options {
        language: "de_DE.UTF-8",
        ..Options::default()
    });
    let window = desk.window(&[]);
    desk.tray().wait_for_entry("Backstay öffnen");
    let mut settings = window.call("settings.get", &json!({}));
    settings["language"] = json!("en");
    window.call("settings.set", &settings);
    desk.tray().wait_for_entry("Open Backstay");
}
