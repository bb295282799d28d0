//! Bundles: made in the window, given to it in every way, and refused when they mean harm.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

use crate::bench::{Desk, PASSWORD, Window, drag_onto, python};

const ALL: &str = "SELECT id, name, town FROM people ORDER BY id";

fn people(desk: &Desk) -> (PathBuf, String) {
    desk.make_vault();
    let path = desk.database(
        "home/people.db",
        "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, town TEXT);
         INSERT INTO people VALUES (1, 'Ada', 'Alpen'), (2, 'Berta', 'Bonn'), (3, 'Cora', 'Celle');",
    );
    desk.add_source("sqlite", "people", &path);
    let snapshot = desk.back_up("people");
    (path, snapshot)
}

/// A bundle made by the command line, before the window's program runs.
fn bundle(desk: &Desk) -> (PathBuf, PathBuf) {
    let (database, snapshot) = people(desk);
    let bundle = desk.path("home/people.backstay.zip");
    desk.backstay(&["export", &snapshot, bundle.to_str().unwrap()]);
    (database, bundle)
}

/// From the bundle's page to a restored copy beside the live database.
fn restore_from_bundle(window: &Window<'_>, live: &Path) {
    let desk = window.desk();
    window.arrive("/bundle");
    window.see("Its list of contents is in order.");
    window.click("button", "Verify");
    window.see("Intact: all checksums match.");
    window.click("button", "Restore…");
    window.find_like("button", " item");
    window.click("button", "Back");
    let beside = desk.path("home/from the bundle.db");
    window.fill("New place", beside.to_str().unwrap());
    window.click("button", "Make the preview");
    window.see("This is what will happen");
    window.click_like("button", " item");
    window.see("Restored, and read back");
    assert_eq!(desk.rows(&beside, ALL), desk.rows(live, ALL));
}

#[test]
fn exported_in_the_browser_and_dropped_on_the_window() {
    let desk = Desk::new();
    let (database, snapshot) = people(&desk);
    let window = desk.window(&[]);
    window.go(&format!("/snapshots/safe/{snapshot}?c=people"));
    window.see("Cora");
    window.click("checkbox", "Select all rows");
    window.click("button", "Export…");
    let bundle = desk.path("home/out.backstay.zip");
    window.fill("Put it", bundle.to_str().unwrap());
    window.click("button", "Export");
    window.see("Exported.");
    assert!(bundle.exists());
    window.go("/");
    window.let_go(&[&bundle]);
    restore_from_bundle(&window, &database);
}

#[test]
fn dragged_from_a_file_manager() {
    let desk = Desk::new();
    let (_, bundle) = bundle(&desk);
    let window = desk.window(&[]);
    window.see("Everything is backed up.");
    drag_onto(&desk, &[&bundle], (700, 450));
    window.arrive("/bundle");
    window.see("people.backstay.zip");
    window.see("Its list of contents is in order.");
}

#[test]
fn given_by_a_second_launch_and_at_the_first() {
    let desk = Desk::new();
    let (database, bundle) = bundle(&desk);
    let window = desk.window(&[bundle.to_str().unwrap()]);
    window.arrive("/bundle");
    window.see("people.backstay.zip");
    let folder = desk.path("home/other");
    fs::create_dir(&folder).unwrap();
    let other = folder.join("second.backstay.zip");
    fs::copy(&bundle, &other).unwrap();
    let mut second = desk.launch(&[other.to_str().unwrap()]);
    assert!(second.ended().success());
    window.see("second.backstay.zip");
    restore_from_bundle(&window, &database);
}

/// Makes bundles that mean harm out of an honest one.
const FORGE: &str = "
import sys, zipfile
good, out, how = sys.argv[1:]
with zipfile.ZipFile(good) as before, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as after:
    for one in before.infolist():
        content = before.read(one)
        if how == 'checksum' and b'SQLite format 3' in content:
            content = content[:-1] + bytes([content[-1] ^ 1])
        after.writestr(one.filename, content)
    if how == 'traversal':
        after.writestr('../../canary/escaped.txt', 'out')
    if how == 'absolute':
        after.writestr('/tmp/backstay-e2e-escaped.txt', 'out')
    if how == 'bomb':
        after.writestr('assets/bomb.bin', bytes(64 << 20))
";

fn forged(desk: &Desk, good: &Path, how: &str) -> PathBuf {
    let out = desk.path(&format!("home/{how}.backstay.zip"));
    let made = Command::new(python())
        .args(["-c", FORGE])
        .args([good, &out])
        .arg(how)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "{how} was not forged");
    out
}

#[test]
fn hostile_bundles_are_refused_and_write_nothing() {
    let desk = Desk::new();
    let (_, good) = bundle(&desk);
    fs::create_dir(desk.path("canary")).unwrap();
    let window = desk.window(&[]);
    for how in ["traversal", "absolute", "bomb"] {
        window.let_go(&[&forged(&desk, &good, how)]);
        window.see(&format!("{how}.backstay.zip"));
        window.see("Backstay does not open this bundle.");
        window.see("Nothing was unpacked and nothing was changed.");
        let restore = window.find("button", "Restore…");
        assert!(!restore.enabled(), "{how}: there is nothing to restore");
    }
    window.let_go(&[&forged(&desk, &good, "checksum")]);
    window.see("checksum.backstay.zip");
    window.click("button", "Verify");
    window.see("Damaged: ");
    window.let_go(&[&desk.file("home/cut.backstay.zip", &fs::read(&good).unwrap()[..600])]);
    window.see("cut.backstay.zip");
    window.see("Backstay ");
    assert_eq!(fs::read_dir(desk.path("canary")).unwrap().count(), 0, "nothing got out");
    assert!(!Path::new("/tmp/backstay-e2e-escaped.txt").exists());
    assert_eq!(desk.snapshots(), 1);
}

#[test]
fn a_dropped_database_or_folder_offers_both_ways() {
    let desk = Desk::new();
    let (database, _) = people(&desk);
    let other = desk.database(
        "home/other.db",
        "CREATE TABLE a(id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);",
    );
    let folder = desk.file("home/letters/one.txt", "one").parent().unwrap().to_owned();
    let window = desk.window(&[]);
    window.let_go(&[&other]);
    window.arrive("/open");
    window.see("Protect it");
    window.see("Restore a backup beside it");
    window.let_go(&[&folder]);
    window.see("letters");
    window.see("Protect it");
    window.see("Restore a backup beside it");
    window.let_go(&[&database]);
    window.see("people protects it");
    window.see("Bring an earlier state back");
    window.let_go(&[&other, &folder]);
    window.see("2 files: choose one");
    window.click_like("button", "letters");
    window.click_like("link", "Add as Folder");
    window.arrive("/sources/add");
    window.see("Connected");
    let listed = window.call("source.list", &json!({}));
    assert_eq!(
        listed["sources"].as_array().unwrap().len(),
        1,
        "nothing is added before the last step"
    );
    let (well, said) = desk.restic(&desk.path("vault"), PASSWORD, &["check"]);
    assert!(well, "{said}");
}
