//! What protects backups from what happens at the source, and shows that they are good: guards, their answer, and drills.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::bench::{Desk, Window, eventually};

/// A database with a thousand people, backed up by a plan that keeps only the newest backup and removes nothing by itself.
fn guarded(desk: &Desk) -> PathBuf {
    desk.make_vault();
    let database = desk.database(
        "home/crm.db",
        "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, town TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO customers SELECT i, 'Customer ' || i, 'Alpen' FROM n;
         CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, 'stays');",
    );
    desk.add_source("sqlite", "crm", &database);
    let plan = [
        "plan", "add", "daily", "--source", "crm", "--vault", "safe", "--daily", "02:00",
    ];
    let kept = ["--keep-last", "1", "--clean-at", "off", "--prune-at", "off"];
    desk.backstay(&[&plan[..], &kept[..]].concat());
    desk.back_up("crm");
    database
}

fn clean_up(window: &Window<'_>) -> Value {
    window.job("plan.run", &json!({ "plan": "daily", "task": "forget" }), &Value::Null)
}

#[test]
fn a_mass_deletion_is_held_until_somebody_who_read_it_says_yes() {
    let desk = Desk::new();
    guarded(&desk);
    let window = desk.window(&[]);
    desk.tray().wait_for("ok");
    desk.database("home/crm.db", "DELETE FROM customers WHERE id > 100;");
    window.visit("/sources/crm", "Timeline");
    window.click("button", "Back up now");

    window.see("900 of 1,000 customers were deleted at the source");
    window.see_together("row", &["customers", "1,000 → 100"]);
    desk.tray().wait_for("warning");
    desk.tray().wait_for_entry("crm: held by guard");
    let held = desk.backstay(&["hold", "list"]);
    assert_eq!(held["holds"][0]["trip"]["massDeletion"]["gone"], 900, "{held:#}");
    window.visit("/", "One source needs you.");
    window.see("900 of 1,000 customers were deleted at the source");

    // Nothing is removed meanwhile, though the rules say so.
    let kept = clean_up(&window);
    assert_eq!(kept["verdict"], "complete", "that is no failure: {kept:#}");
    assert_eq!(desk.snapshots(), 2, "{kept:#}");

    window.visit("/sources/crm", "Review the 900 deletions");
    window.click("link", "Review the 900 deletions");
    window.find("heading", "What went");
    window.see_together("row", &["101", "Customer 101"]);
    window.find("grid", "What went");
    answer(&window, &held["holds"][0]["id"]);

    assert_eq!(clean_up(&window)["verdict"], "complete");
    assert_eq!(desk.snapshots(), 1, "retention goes on");
}

fn answer(window: &Window<'_>, hold: &Value) {
    let desk = window.desk();
    window.click("button", "This was intended…");
    window.see("Were 900 customers deleted on purpose?");
    let focused = || window.script("return document.activeElement.innerText.trim()", &[]);
    let safe = eventually(|| (focused() == "Keep the hold").then_some(()));
    assert!(
        safe.is_some(),
        "the safe answer has the focus, not {}",
        window.script("return document.activeElement.outerHTML", &[])
    );
    window.fill("Type 900 to confirm", "90");
    let yes = window.find("button", "Yes, release the hold");
    assert!(!yes.enabled(), "a number that was not read is no answer");
    let refused = window.call_with("hold.release", &json!({ "hold": hold, "confirm": 90 }), &Value::Null);
    assert!(refused.is_err(), "nor is it one past the page: {refused:#?}");
    let still = desk.backstay(&["hold", "list"]);
    assert_eq!(still["holds"].as_array().unwrap().len(), 1, "{still:#}");

    window.fill("Type 900 to confirm", "900");
    window.fill("Why? (if you like)", "moved to the archive");
    window.click_like("checkbox", "Pin the backup of");
    window.click("button", "Yes, release the hold");
    window.arrive("/sources/crm");
    window.see_no("were deleted at the source");
    desk.tray().wait_for("ok");
    let open = desk.backstay(&["hold", "list"]);
    assert_eq!(open["holds"], json!([]), "{open:#}");
    let all = desk.backstay(&["hold", "list", "--all"]);
    assert_eq!(all["holds"][0]["note"], "moved to the archive", "{all:#}");
    assert!(all["holds"][0]["released"].is_string(), "{all:#}");
    let pins = desk.backstay(&["snapshots", "--source", "crm"]);
    assert!(
        pins["snapshots"].as_array().unwrap().iter().all(|one| one["pin"].is_null()),
        "{pins:#}"
    );
}

#[test]
fn a_drill_shows_that_everything_comes_back_and_how_long_it_takes() {
    let desk = Desk::new();
    let database = guarded(&desk);
    let before = std::fs::read(&database).unwrap();
    let window = desk.window(&[]);
    window.visit("/figures", "never tried");
    window.visit("/sources/crm?tab=drills", "Never tried");
    window.click("button", "Drill now");
    window.see("Everything came back, and it is the same");
    window.see_together("row", &["Complete", "safe", "1,001 records", "100 %"]);
    assert_eq!(std::fs::read(&database).unwrap(), before, "the source was not touched");
    let drills = desk.backstay(&["drill", "--list", "crm"]);
    assert_eq!(drills["drills"][0]["verdict"], "complete", "{drills:#}");
    assert!(drills["drills"][0]["seconds"].as_f64().unwrap() > 0.0, "{drills:#}");

    window.visit("/figures", "by the last drill");
    window.find("grid", "Sources");
    window.wait_until("the row of the source has its time", |window| {
        let rows = window.texts("row");
        rows.iter().any(|row| row.contains("crm") && !row.contains("never tried"))
    });
    window.visit("/activity", "Restore drill");
    window.see_together("row", &["drill", "crm", "Complete"]);
}
