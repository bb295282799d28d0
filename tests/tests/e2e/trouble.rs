//! When things go wrong: what a person is told, where, and that it goes on when it is mended.

use std::fs;

use serde_json::json;

use crate::bench::{Desk, Options, PASSWORD, eventually};

/// Two databases in a folder, one of them damaged.
fn with_a_gap(desk: &Desk) {
    desk.make_vault();
    desk.database(
        "apps/good.db",
        "CREATE TABLE a(id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);",
    );
    let mut damaged = b"SQLite format 3\0".to_vec();
    damaged.extend([0x5a; 8192]);
    desk.file("apps/broken.db", damaged);
    desk.add_source("sqlite", "apps", &desk.path("apps"));
}

#[test]
fn a_partial_backup_names_its_gap_everywhere() {
    let desk = Desk::with(&Options {
        notifications: true,
        ..Options::default()
    });
    with_a_gap(&desk);
    let window = desk.window(&[]);
    window.visit("/sources/apps", "No backup of apps yet");
    window.click("button", "Back up now");
    window.see("Saved, with 1 gap");
    window.see("broken.db");
    desk.tray().wait_for("warning");
    desk.tray().wait_for_entry("apps: saved, with one gap");
    told(&desk, "Backup of apps is partial", "One thing is missing.");
    window.visit("/", "One source needs you.");
    window.see("broken.db");
    window.visit("/activity", "Partial");
    window.click("link", "apps");
    window.arrive("/activity/runs/");
    window.see("This backup is good to use, with 1 thing missing.");
    window.see("broken.db");
    window.visit("/restore?source=apps", "From which point in time?");
    window.see("1 thing is missing from this backup.");
    window.click("button", "Show what is missing");
    window.see("broken.db");
    assert_eq!(desk.snapshots(), 1, "what could be saved was saved");
}

#[test]
fn a_vault_that_is_gone_is_told_and_works_again_when_it_is_back() {
    let desk = Desk::with(&Options {
        notifications: true,
        ..Options::default()
    });
    desk.make_vault();
    desk.file("docs/one.txt", "one");
    desk.add_source("folder", "docs", &desk.path("docs"));
    desk.back_up("docs");
    fs::rename(desk.path("vault"), desk.path("unplugged")).unwrap();
    let window = desk.window(&[]);
    window.visit("/sources/docs", "Timeline");
    window.click("button", "Back up now");
    window.see("Nothing new was saved at");
    desk.tray().wait_for("failed");
    told(&desk, "Backup of docs failed", "Earlier backups are untouched.");
    window.visit("/vaults/safe", "This vault cannot be reached now");
    window.visit("/activity", "Failed");
    window.click("link", "docs");
    window.see("Nothing new was saved.");
    window.see("Earlier backups are not touched.");
    window.visit("/", "One source needs you.");
    assert!(!desk.path("vault").exists(), "no new vault is made in its place");
    fs::rename(desk.path("unplugged"), desk.path("vault")).unwrap();
    window.click_like("button", "Try again");
    desk.tray().wait_for("ok");
    window.see("Everything is backed up.");
    assert_eq!(desk.snapshots(), 2);
}

#[test]
fn without_a_keychain_it_is_said_and_backups_work_with_the_password() {
    let desk = Desk::with(&Options {
        forgetful: true,
        ..Options::default()
    });
    desk.file("docs/one.txt", "one");
    let window = desk.window(&[]);
    let vault = json!({ "name": "safe", "path": desk.path("vault"), "remember": false });
    window
        .call_with("vault.create", &vault, &json!({ "newPassword": PASSWORD }))
        .unwrap();
    window.call(
        "source.add",
        &json!({ "kind": "folder", "name": "docs", "options": { "path": desk.path("docs") } }),
    );
    window.visit("/settings/security", "This system has no keychain that answers.");
    window.see("Nowhere");
    window.visit("/vaults/safe", "This vault asks for its password");
    // In the window it is asked for before the backup is queued.
    window.visit("/sources/docs", "No backup of docs yet");
    window.click("button", "Back up now");
    window.see("Password of safe");
    window.fill("Password", "not the password");
    window.click("button", "Go on");
    window.see("This password does not open the vault.");
    window.fill("Password", PASSWORD);
    window.click("button", "Go on");
    window.see_no("Password of safe");
    window.wait_until("the backup is made", |_| desk.snapshots() == 1);
    assert!(no_key_in(&desk), "the password lies in no file of ours");
}

#[test]
fn a_real_keychain_keeps_the_key() {
    let desk = Desk::with(&Options {
        keychain: true,
        ..Options::default()
    });
    desk.file("docs/one.txt", "one");
    let window = desk.window(&[]);
    let vault = json!({ "name": "safe", "path": desk.path("vault"), "remember": true });
    window
        .call_with("vault.create", &vault, &json!({ "newPassword": PASSWORD }))
        .unwrap();
    window.call(
        "source.add",
        &json!({ "kind": "folder", "name": "docs", "options": { "path": desk.path("docs") } }),
    );
    window.visit("/settings/security", "Kept in");
    assert!(!window.text().contains("Nowhere"));
    window.visit("/sources/docs", "No backup of docs yet");
    window.click("button", "Back up now");
    window.see("Complete");
    assert!(no_key_in(&desk), "the key lies in no file of ours");
    assert_eq!(desk.snapshots(), 1);
}

/// Whether the password stands in no file of the state directory.
fn no_key_in(desk: &Desk) -> bool {
    let files = fs::read_dir(desk.path("backstay")).unwrap().flatten();
    let needle = PASSWORD.as_bytes();
    files
        .filter_map(|file| fs::read(file.path()).ok())
        .all(|content| !content.windows(needle.len()).any(|part| part == needle))
}

/// Waits until the desktop's notification daemon got a notification.
#[track_caller]
fn told(desk: &Desk, title: &str, body: &str) {
    let heard = eventually(|| {
        let history = desk.notifications();
        (history.contains(title) && history.contains(body)).then_some(())
    });
    assert!(heard.is_some(), "nobody was told {title:?}: {}", desk.notifications());
}
