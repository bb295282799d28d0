//! A million records, to the very last row: what is drawn, what is found, how fast.

use std::path::PathBuf;

use serde_json::json;

use crate::bench::{Desk, Window, keys};

/// Beyond what numbers of JavaScript hold exactly.
const EXACT: &str = "9007199254740993";

fn million(desk: &Desk) -> PathBuf {
    let path = desk.database(
        "home/big.db",
        &format!(
            "PRAGMA synchronous = off;
             CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT, amount INTEGER);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
             INSERT INTO people SELECT i, 'Person ' || i, 'Town ' || (i % 97), (i * 7919) % 1000003 FROM n;
             UPDATE people SET amount = {EXACT} WHERE id = 777777;"
        ),
    );
    desk.make_vault();
    desk.add_source("sqlite", "big", &path);
    path
}

/// Row numbers (from 1) and texts of the rows that are drawn and lie in sight.
fn rows(window: &Window<'_>) -> Vec<(u64, String)> {
    let found = window.script(
        "const grid = document.querySelector('[role=grid]'), frame = grid.getBoundingClientRect();
         return [...grid.querySelectorAll('[role=row]')]
           .filter((row) => row.getAttribute('aria-rowindex') !== '1' && !row.hasAttribute('aria-busy'))
           .filter((row) => { const box = row.getBoundingClientRect(); return box.top >= frame.top && box.bottom <= frame.bottom + 1; })
           .map((row) => [Number(row.getAttribute('aria-rowindex')) - 1, row.innerText.replace(/\\s+/g, ' ').trim()])",
        &[],
    );
    let rows = found.as_array().unwrap().iter();
    rows.map(|row| (row[0].as_u64().unwrap(), row[1].as_str().unwrap().to_owned()))
        .collect()
}

#[track_caller]
fn see_row(window: &Window<'_>, number: u64, text: &str) {
    window.wait_until(&format!("row {number} is shown with {text:?}"), |window| {
        rows(window).iter().any(|(at, shown)| *at == number && shown.contains(text))
    });
}

/// Milliseconds from a key to the row it leads to, drawn with its content.
fn time_to(window: &Window<'_>, key: &str, number: u64) -> f64 {
    let took = window.script_later(
        "const [key, index, done] = arguments;
         const grid = document.querySelector('[role=grid]');
         grid.focus();
         const begun = performance.now();
         grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
         const look = () => {
           const row = grid.querySelector(`[role=row][aria-rowindex=\"${index}\"]`);
           if (row && !row.hasAttribute('aria-busy')) done(performance.now() - begun);
           else if (performance.now() - begun > 15000) done(-1);
           else requestAnimationFrame(look);
         };
         look();",
        &[json!(key), json!(number + 1)],
    );
    took.as_f64().unwrap()
}

/// Colours in the area of the rows, on the screen itself: text that is not painted does not count.
fn colours_of_rows(window: &Window<'_>, name: &str) -> usize {
    let frame = window.script(
        "const box = document.querySelector('[role=grid]').getBoundingClientRect();
         return [box.left + 60, box.top + 60, Math.min(300, box.width - 80), box.height - 80].map(Math.round)",
        &[],
    );
    let side = |at: usize| frame[at].as_i64().unwrap();
    let desk = window.desk();
    let picture = desk.screenshot(name);
    desk.colours_in(&picture, "Backstay", (side(0), side(1), side(2), side(3)))
}

fn total(window: &Window<'_>, wanted: u64) {
    window.wait_until(&format!("the table has {wanted} rows"), |window| {
        let grid = "return document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')";
        window.script(grid, &[]) == json!((wanted + 1).to_string())
    });
}

#[test]
fn a_million_records_to_the_very_last_row() {
    let desk = Desk::new();
    let file = million(&desk);
    let snapshot = desk.back_up("big");
    let window = desk.window(&[]);
    window.go(&format!("/snapshots/safe/{snapshot}?c=people"));
    window.find("grid", "people");
    see_row(&window, 1, "Person 1");
    total(&window, 1_000_000);

    let took: Vec<f64> = [("End", 1_000_000), ("Home", 1), ("End", 1_000_000)]
        .map(|(key, row)| time_to(&window, key, row))
        .to_vec();
    println!("milliseconds from a jump to its rows: {took:.0?} (target 100; the first one reads what no one read before)");
    assert!(took.iter().all(|took| (0.0..5000.0).contains(took)), "{took:?}");
    assert!(took[1..].iter().all(|took| *took < 500.0), "{took:?}");
    see_row(&window, 1_000_000, "Person 1000000");
    let last = rows(&window).last().cloned();
    assert_eq!(last.map(|(number, _)| number), Some(1_000_000), "the last row is in sight");
    window.wait_until("the last rows are painted", |window| {
        colours_of_rows(window, "browse-end") > 20
    });

    // By the dialog, beyond where this browser engine paints nothing any more without care.
    for row in [700_001, 999_983, 12_345] {
        window.press(&keys::control("g"));
        window.fill("Row number or id", &row.to_string());
        window.click("button", "Go");
        see_row(&window, row, &format!("Person {row}"));
        assert!(colours_of_rows(&window, "browse-jump") > 20, "row {row} is not painted");
    }

    sorted_filtered_and_searched(&desk, &window, &file);
    the_record_is_exact(&window);
}

fn sorted_filtered_and_searched(desk: &Desk, window: &Window<'_>, file: &std::path::Path) {
    let first = |sql: &str| desk.rows(file, sql).into_iter().next().unwrap();
    window.click("button", "Add a filter");
    window.fill("Field", "town");
    window.click_like("option", "town");
    window.fill("Value", "Town 96");
    window.click("button", "Filter");
    let in_town: u64 = first("SELECT count(*) FROM people WHERE town LIKE '%Town 96%'")
        .parse()
        .unwrap();
    total(window, in_town);
    // What is left is sorted; a click more turns the order round.
    window.click("button", "amount");
    see_row(
        window,
        1,
        &first("SELECT name FROM people WHERE town = 'Town 96' ORDER BY amount"),
    );
    window.click("button", "amount");
    see_row(
        window,
        1,
        &first("SELECT name FROM people WHERE town = 'Town 96' ORDER BY amount DESC"),
    );
    window.click("button", "amount");
    see_row(
        window,
        1,
        &first("SELECT name FROM people WHERE town = 'Town 96' ORDER BY id"),
    );
    window.click("button", "Remove the filter on town");
    total(window, 1_000_000);

    window.fill("Search in people", "Person 77777");
    let found: u64 = first("SELECT count(*) FROM people WHERE name LIKE '%Person 77777%'")
        .parse()
        .unwrap();
    total(window, found);
}

fn the_record_is_exact(window: &Window<'_>) {
    window.click_like("row", "Person 777777");
    window.find("heading", "Person 777777");
    window.click("tab", "Raw");
    window.see(EXACT);
    let place = window.place();
    assert!(place.contains("r=777777"), "the record is in the address: {place}");
    window.click("button", "Close the record");
}
