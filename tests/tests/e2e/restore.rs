//! Bringing chosen records back: preview, run, report, Undo; with the database looked at between all of it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::bench::{Desk, Window};

const ALL: &str = "SELECT id, name, town FROM people ORDER BY id";
const SAVED: [&str; 6] = [
    "1|Ada|Alpen",
    "2|Berta|Bonn",
    "3|Cora|Celle",
    "4|Dora|Duren",
    "5|Edda|Essen",
    "6|Frida|Fulda",
];
const LIVE: [&str; 5] = [
    "1|Ada|Alpen",
    "2|Nobody|Bonn",
    "4|Dora|Nowhere",
    "5|Edda|Nowhere",
    "6|Frida|Fulda",
];

/// A database with a backup, and changes since.
fn people(desk: &Desk) -> PathBuf {
    desk.make_vault();
    let rows: Vec<String> = SAVED
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row.split('|').collect();
            format!("({}, '{}', '{}')", cells[0], cells[1], cells[2])
        })
        .collect();
    let made = format!(
        "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT); INSERT INTO people VALUES {};",
        rows.join(",")
    );
    let path = desk.database("home/people.db", &made);
    desk.add_source("sqlite", "people", &path);
    desk.back_up("people");
    desk.database(
        "home/people.db",
        "UPDATE people SET name = 'Nobody' WHERE id = 2;
         DELETE FROM people WHERE id = 3;
         UPDATE people SET town = 'Nowhere' WHERE id IN (4, 5);",
    );
    assert_eq!(desk.rows(&path, ALL), LIVE);
    path
}

/// From the source's page into the newest backup's table.
fn browse(window: &Window<'_>) {
    window.visit("/sources/people", "Timeline");
    window.click("button", "Browse");
    window.arrive("/snapshots/safe/");
    window.find("grid", "people");
    window.see("Frida");
}

fn undo(window: &Window<'_>) {
    window.click("button", "Undo this restore…");
    window.see("Undo this restore?");
    window.click("button", "Undo this restore");
    window.see("The restore was taken back");
}

fn check(desk: &Desk, path: &Path, rows: &[&str], when: &str) {
    assert_eq!(desk.rows(path, ALL), rows, "{when}");
    assert_eq!(desk.rows(path, "PRAGMA integrity_check"), ["ok"], "{when}");
}

#[test]
fn chosen_records_come_back_in_place_and_undo_takes_them_back() {
    let desk = Desk::new();
    let path = people(&desk);
    let window = desk.window(&[]);
    browse(&window);
    for name in ["Berta", "Cora", "Dora"] {
        window.click("checkbox", &format!("Select {name}"));
    }
    window.see("3 selected");
    window.click("button", "Restore 3…");
    window.see("Where should it go?");
    window.click_like("radio", "Back in place");
    window.click("button", "Continue");
    window.see("If something live was changed since?");
    window.click_like("radio", "The backup wins");
    window.click("button", "Make the preview");
    window.see("This is what will happen");
    window.find("button", "Restore 3 items");
    check(&desk, &path, &LIVE, "a preview writes nothing");
    // Dora is left as she is.
    window.click("checkbox", "Take in people/4");
    window.click("button", "Restore 2 items");
    window.see("Restored, and read back");
    window.see("All 2 items are identical to the backup.");
    let half = [
        "1|Ada|Alpen",
        "2|Berta|Bonn",
        "3|Cora|Celle",
        "4|Dora|Nowhere",
        "5|Edda|Nowhere",
        "6|Frida|Fulda",
    ];
    check(&desk, &path, &half, "two of the three came back");
    undo(&window);
    check(&desk, &path, &LIVE, "everything is as it was before the restore");
    let runs = window.call("run.list", &json!({}));
    let verdicts: Vec<&Value> = runs["runs"].as_array().unwrap().iter().map(|run| &run["verdict"]).collect();
    assert_eq!(verdicts, [&json!("complete"); 3], "{runs:#}");
    window.visit("/activity", "Undo");
}

#[test]
fn one_field_of_one_record_comes_back() {
    let desk = Desk::new();
    let path = people(&desk);
    desk.database("home/people.db", "UPDATE people SET name = 'Changed too' WHERE id = 4;");
    let window = desk.window(&[]);
    browse(&window);
    window.click_like("row", "Dora");
    window.see("2 fields differ");
    window.click_like("link", "Then, newest backup, live: compare");
    window.arrive("/compare/record");
    window.see("Nowhere");
    window.click("radio", "town: Then");
    window.see("1 field will change");
    window.click("button", "Restore 1 field…");
    window.see("This is what will happen");
    assert_eq!(desk.rows(&path, "SELECT town FROM people WHERE id = 4"), ["Nowhere"]);
    window.click("button", "Restore 1 field");
    window.see("Restored, and read back");
    assert_eq!(
        desk.rows(&path, "SELECT name, town FROM people WHERE id = 4"),
        ["Changed too|Duren"]
    );
    undo(&window);
    assert_eq!(
        desk.rows(&path, "SELECT name, town FROM people WHERE id = 4"),
        ["Changed too|Nowhere"]
    );
}

#[test]
fn everything_comes_back_beside_what_is_live() {
    let desk = Desk::new();
    let path = people(&desk);
    let window = desk.window(&[]);
    window.visit("/sources/people", "Timeline");
    window.click("button", "Restore…");
    window.see("From which point in time?");
    window.click("button", "Continue");
    window.see("What do you want back?");
    window.click("button", "Continue");
    window.see("Where should it go?");
    let beside = desk.path("home/beside.db");
    window.fill("New place", beside.to_str().unwrap());
    window.click("button", "Make the preview");
    window.see("This is what will happen");
    assert!(!beside.exists(), "a preview writes nothing");
    window.click_like("button", " item");
    window.see("Restored, and read back");
    check(&desk, &beside, &SAVED, "the restored database");
    check(&desk, &path, &LIVE, "the live one is untouched");
}
