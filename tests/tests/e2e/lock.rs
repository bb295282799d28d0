//! The app lock: for opening, restoring and deleting.

use serde_json::json;

use crate::bench::{Desk, Window, keys};

const WORD: &str = "a passphrase for tests";

fn with_backups(desk: &Desk) {
    desk.make_vault();
    desk.file("docs/secret plan.txt", "one");
    desk.add_source("folder", "docs", &desk.path("docs"));
    desk.back_up("docs");
    desk.file("docs/second.txt", "two");
    desk.back_up("docs");
}

fn locked(window: &Window<'_>) {
    window.find("heading", "Backstay is locked");
    let text = window.text();
    assert!(!text.contains("docs"), "something of what lies behind shows: {text}");
    for (command, request) in [
        ("source.list", json!({})),
        ("snapshot.list", json!({})),
        ("settings.set", json!({ "lock": { "opening": false } })),
    ] {
        let refused = window.call_with(command, &request, &json!(null)).unwrap_err();
        assert_eq!(refused["code"], "appLocked", "{command}: {refused}");
    }
}

fn unlock(window: &Window<'_>) {
    window.fill("Passphrase", "not the passphrase");
    window.click("button", "Unlock");
    window.see("This is not the passphrase.");
    window.fill("Passphrase", WORD);
    window.click("button", "Unlock");
    window.find("navigation", "Main");
}

#[test]
fn it_asks_for_opening_restoring_and_deleting() {
    let desk = Desk::new();
    with_backups(&desk);
    let window = desk.window(&[]);
    window.visit("/settings/security", "App lock");
    window.click("button", "Set a passphrase…");
    window.fill("New passphrase", WORD);
    window.fill("Type it once more", WORD);
    window.click("button", "Set this passphrase");
    window.find("button", "Change…");
    window.see_no("If you forget it");
    window.wait_until("Ctrl L locks", |window| {
        window.press(&keys::control("l"));
        window.has("heading", "Backstay is locked")
    });
    locked(&window);
    unlock(&window);
    window.find("button", "Change…");

    // So does a window that was closed into the tray.
    desk.close_window("Backstay");
    desk.wait_for_no_window("Backstay");
    desk.tray().choose("Open Backstay");
    desk.wait_for_window("Backstay");
    window.follow();
    locked(&window);
    unlock(&window);

    // Deleting asks again, and does nothing without the passphrase.
    window.visit("/sources/docs", "Timeline");
    window.click_like("button", "More for the backup of");
    window.click("menuitem", "Delete this backup…");
    window.click("button", "Delete this backup");
    window.see("Passphrase of the app lock");
    assert_eq!(desk.snapshots(), 2);
    window.fill("Passphrase", WORD);
    window.click("button", "Go on");
    window.see_no("Passphrase of the app lock");
    window.wait_until("the backup is gone", |_| desk.snapshots() == 1);

    // So does restoring.
    window.go("/restore?source=docs");
    window.see("From which point in time?");
    window.click("button", "Continue");
    window.see("What do you want back?");
    window.click("button", "Continue");
    window.fill("New place", desk.path("home/back").to_str().unwrap());
    window.click("button", "Make the preview");
    window.click_like("button", " item");
    window.see("Passphrase of the app lock");
    assert!(!desk.path("home/back").exists());
    window.fill("Passphrase", WORD);
    window.click("button", "Go on");
    window.see("Restored, and read back");
    assert!(desk.path("home/back/secret plan.txt").exists());

    // The next start is locked.
    desk.end();
    drop(window);
    let window = desk.window(&[]);
    locked(&window);
    unlock(&window);
    window.see("docs");
}
