//! A home that shows what a customer's would: the sample with its history, good and bad days, much and long.

use std::fs;

use crate::bench::Desk;

/// A name nobody would choose, and somebody will.
pub const LONG: &str = "Customer relations - archive from before the merger - read only";

/// As long as a plan's name may be.
pub const LONG_PLAN: &str = "Archive from before the merger - first Sunday of the month 3 am";

/// What the screens lead to.
pub struct Home {
    /// Newest snapshot of the sample's workspace.
    pub sample: String,
    /// Snapshot of the million rows.
    pub million: String,
    /// A run with gaps.
    pub partial: String,
    /// A run that failed.
    pub failed: String,
    /// A bundle.
    pub bundle: String,
    /// What a guard holds.
    pub hold: String,
}

pub fn lay_out(desk: &Desk) -> Home {
    desk.backstay(&[
        "sample",
        "create",
        "--path",
        desk.path("home/Backstay sample").to_str().unwrap(),
    ]);
    let disk = desk.path("home/Media/USB disk");
    desk.backstay(&["vault", "create", "USB disk", "--path", disk.to_str().unwrap()]);
    let million = desk.database(
        "home/Projects/warehouse.db",
        "PRAGMA synchronous = off;
         CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, article TEXT, amount REAL, ordered TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
         INSERT INTO orders SELECT i, 'Customer ' || (i * 7919 % 10007), 'Article ' || (i % 811),
           round((i * 104729 % 100000) / 100.0, 2), date('2020-01-01', (i % 2000) || ' days') FROM n;
         CREATE TABLE articles(id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO articles VALUES (1, 'Rope'), (2, 'Mast'), (3, 'Shackle');",
    );
    desk.add_source("sqlite", "Warehouse", &million);
    let million = back_up(desk, "Warehouse");
    desk.database(
        "home/Apps/notes.db",
        "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, 'x');",
    );
    let mut damaged = b"SQLite format 3\0".to_vec();
    damaged.extend([0x5a; 8192]);
    desk.file("home/Apps/calendar.db", &damaged);
    desk.file(
        "home/Apps/A database with a very long name that somebody made on a rainy day in November.db",
        &damaged,
    );
    desk.add_source("sqlite", "Apps", &desk.path("home/Apps"));
    let partial = desk.backstay(&["backup", "Apps", "--vault", "USB disk"])["runs"][0]["run"]
        .as_str()
        .unwrap()
        .to_owned();
    desk.file("home/Old things/letter.txt", "Dear landlord,");
    desk.add_source("folder", LONG, &desk.path("home/Old things"));
    back_up(desk, LONG);
    desk.file("home/Photos/one.txt", "one");
    desk.add_source("folder", "Photos", &desk.path("home/Photos"));
    back_up(desk, "Photos");
    fs::rename(desk.path("home/Photos"), desk.path("home/Elsewhere")).unwrap();
    let (_, failed) = desk.backstay_ends(&["backup", "Photos", "--vault", "USB disk"]);
    let failed = failed["runs"][0]["run"].as_str().unwrap_or_default().to_owned();
    let list = desk.backstay(&["snapshots", "--source", "Sample-workspace"]);
    let sample = list["snapshots"].as_array().unwrap().last().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let bundle = desk.path("home/Sample.backstay.zip").to_str().unwrap().to_owned();
    desk.backstay(&["export", &sample, &bundle]);
    desk.backstay(&["sample", "change"]);
    Home {
        sample,
        million,
        partial,
        failed,
        bundle,
        hold: look_after(desk),
    }
}

/// Plans of every kind, an alarm of a guard, drills, and somebody who is told.
fn look_after(desk: &Desk) -> String {
    let customers = desk.database(
        "home/Projects/customers.db",
        "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, town TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4012)
         INSERT INTO customers SELECT i, 'Customer ' || i, 'Town ' || (i % 97) FROM n;
         CREATE TABLE invoices AS SELECT id, id * 17 % 1009 AS amount FROM customers;",
    );
    desk.add_source("sqlite", "CRM", &customers);
    let plan = |args: &[&str]| desk.backstay(&[&["plan", "add"], args].concat());
    let sample = ["--source", "Sample-workspace", "--source", "Sample-documents"];
    let rules = [
        "--preset",
        "30d-12w-12m",
        "--drill-at",
        "first sun 03:00",
        "--drill-target",
        "10m",
    ];
    plan(&[&["Every minute", "--every", "1m"][..], &sample, &rules].concat());
    let usb = ["--vault", "USB disk"];
    plan(
        &[
            &[
                "Every 6 hours",
                "--source",
                "CRM",
                "--source",
                "Warehouse",
                "--every",
                "6h",
                "--from",
                "03:00",
            ][..],
            &usb,
        ]
        .concat(),
    );
    plan(
        &[
            &["Nightly", "--source", "Photos", "--daily", "02:00", "--promise", "1m"][..],
            &usb,
        ]
        .concat(),
    );
    plan(
        &[
            &[LONG_PLAN, "--source", LONG, "--monthly", "first-sun", "--at", "03:00"][..],
            &usb,
        ]
        .concat(),
    );
    desk.backstay(&["plan", "run", "Every 6 hours"]);
    desk.database("home/Projects/customers.db", "DELETE FROM customers WHERE id > 108;");
    desk.backstay(&["plan", "run", "Every 6 hours"]);
    for _ in 0..3 {
        desk.backstay(&["drill", "Sample-workspace"]);
    }
    let address = desk.file("address", "https://hooks.example.org/services/T0/B0/unseen\n");
    desk.backstay(&[
        "channel",
        "add",
        "webhook",
        "Ops room",
        "--secret-file",
        address.to_str().unwrap(),
    ]);
    let held = desk.backstay(&["hold", "list"]);
    held["holds"][0]["id"].as_str().unwrap().to_owned()
}

fn back_up(desk: &Desk, source: &str) -> String {
    let reply = desk.backstay(&["backup", source, "--vault", "USB disk"]);
    reply["runs"][0]["snapshot"].as_str().unwrap().to_owned()
}
