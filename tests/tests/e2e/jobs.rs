//! Long work in the window: cancelled, and outliving it.

use std::fs;

use serde_json::json;

use crate::{bench::Desk, close::with_slow_source};

#[test]
fn a_cancelled_backup_leaves_no_snapshot_and_the_next_one_is_whole() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    with_slow_source(&window);
    window.visit("/sources/big", "No backup of big yet");
    window.click("button", "Back up now");
    window.click("button", "Cancel…");
    window.see("Cancel big?");
    window.see("No snapshot is made.");
    window.click("button", "Cancel this backup");
    window.wait_until("the job has ended", |window| {
        window.call("job.list", &json!({}))["jobs"][0]["state"] == "done"
    });
    window.visit("/activity", "Cancelled");
    assert_eq!(desk.snapshots(), 0);
    for entry in fs::read_dir(desk.path("big")).unwrap().flatten().skip(3) {
        fs::remove_file(entry.path()).unwrap();
    }
    window.visit("/sources/big", "was cancelled");
    window.click("button", "Back up now");
    window.see("Complete");
    assert_eq!(desk.snapshots(), 1);
}

#[test]
fn a_job_is_shown_again_after_the_window_was_closed() {
    let desk = Desk::new();
    let window = desk.window(&[]);
    with_slow_source(&window);
    window.visit("/sources/big", "No backup of big yet");
    window.click("button", "Back up now");
    desk.tray().wait_for("running");
    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    desk.tray().wait_for_entry("Cancel Backup of big");
    desk.tray().choose("Open Backstay");
    desk.wait_for_window("Backstay");
    window.follow();
    window.go("/activity");
    window.see("Running now");
    window.see("Backing up: big");
    desk.tray().wait_for("ok");
    window.see_together("row", &["Backup", "big", "Complete"]);
    assert_eq!(desk.snapshots(), 1);
}
