//! A desk with real data, and all pages there are to look at.

use std::path::PathBuf;

use serde_json::json;

use super::{Desk, Window};

/// What the tour needs to know of the data.
pub struct Tour {
    pub snapshot: String,
    pub bundle: PathBuf,
    /// A run that ended with a gap.
    pub run: String,
    /// What a guard holds.
    pub hold: String,
}

/// A database and its changes, a folder of databases with a gap, a source that a guard holds, plans, a drill, and a receiver.
pub fn lay_out(desk: &Desk) -> Tour {
    desk.make_vault();
    let database = desk.database(
        "home/people.db",
        "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, town TEXT, note TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345)
         INSERT INTO people SELECT i, 'Ada ' || i, 'Alpen', 'Was hier steht, ist lang genug zum Lesen.' FROM n;
         CREATE TABLE towns(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO towns VALUES (1, 'Alpen');",
    );
    desk.add_source("sqlite", "people", &database);
    desk.back_up("people");
    desk.database(
        "home/people.db",
        "UPDATE people SET note = 'Anders' WHERE id = 7; DELETE FROM people WHERE id = 9;",
    );
    let snapshot = desk.back_up("people");
    desk.database(
        "home/people.db",
        "UPDATE people SET name = 'Neu', note = 'Ganz anders' WHERE id = 7;",
    );
    let bundle = desk.path("home/people.backstay.zip");
    desk.backstay(&["export", &snapshot, bundle.to_str().unwrap()]);
    desk.file("docs/brief.txt", "Ein Brief.");
    desk.file("docs/bilder/punkt.bin", [1, 2, 3]);
    desk.add_source("folder", "docs", &desk.path("docs"));
    desk.back_up("docs");
    desk.database(
        "apps/good.db",
        "CREATE TABLE a(id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1);",
    );
    let mut damaged = b"SQLite format 3\0".to_vec();
    damaged.extend([0x5a; 8192]);
    desk.file("apps/broken.db", damaged);
    desk.add_source("sqlite", "apps", &desk.path("apps"));
    let partial = desk.backstay(&["backup", "apps"]);
    assert_eq!(partial["verdict"], "partial", "{partial:#}");
    Tour {
        snapshot,
        bundle,
        run: partial["runs"][0]["run"].as_str().unwrap().to_owned(),
        hold: look_after(desk),
    }
}

/// Plans that look after most of it, and what a guard saw; gives its alarm.
fn look_after(desk: &Desk) -> String {
    let kept = desk.database(
        "home/kunden.db",
        "CREATE TABLE kunden(id INTEGER PRIMARY KEY, name TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12345)
         INSERT INTO kunden SELECT i, 'Kunde ' || i FROM n;",
    );
    desk.add_source("sqlite", "kunden", &kept);
    let often = [
        "plan", "add", "Oft", "--source", "people", "--source", "docs", "--every", "6h",
    ];
    let keep = [
        "--preset",
        "30d-12w-12m",
        "--drill-at",
        "first sun 03:00",
        "--drill-target",
        "10m",
    ];
    desk.backstay(&[&often[..], &keep[..]].concat());
    let seldom = [
        "plan", "add", "Selten", "--source", "kunden", "--weekly", "sun", "--at", "03:00",
    ];
    desk.backstay(&[&seldom[..], &["--promise", "8d", "--quiet-hours", "22:00-06:00"]].concat());
    desk.backstay(&["plan", "run", "Oft"]);
    desk.backstay(&["plan", "run", "Selten"]);
    desk.database("home/kunden.db", "DELETE FROM kunden WHERE id > 1000;");
    desk.backstay(&["plan", "run", "Selten"]);
    desk.backstay(&["drill", "docs"]);
    let address = desk.file("address", "http://127.0.0.1:9/hook?token=unseen\n");
    desk.backstay(&[
        "channel",
        "add",
        "webhook",
        "Wache",
        "--secret-file",
        address.to_str().unwrap(),
    ]);
    let held = desk.backstay(&["hold", "list"]);
    held["holds"][0]["id"].as_str().unwrap().to_owned()
}

impl Tour {
    /// All pages.
    pub fn routes(&self) -> Vec<String> {
        let Self {
            snapshot,
            bundle,
            run,
            hold,
        } = self;
        let bundle = bundle.to_str().unwrap().replace('/', "%2F");
        let mut routes: Vec<String> = ["/", "/welcome", "/sources", "/sources/people", "/sources/apps"]
            .map(str::to_owned)
            .to_vec();
        routes.extend([
            "/sources/docs?tab=settings".to_owned(),
            "/sources/add".to_owned(),
            "/sources/add?kind=folder".to_owned(),
            "/snapshots".to_owned(),
            format!("/snapshots/safe/{snapshot}?c=people"),
            format!("/snapshots/safe/{snapshot}?c=people&r=7"),
            "/search?q=Anders".to_owned(),
            format!("/compare?a={snapshot}&b=live%3Apeople"),
            "/compare/record?source=people&c=people&r=7".to_owned(),
            "/restore?source=people".to_owned(),
            format!("/restore?snapshot={snapshot}&vault=safe"),
            format!("/restore?snapshot={snapshot}&vault=safe&only=people%2F7"),
            format!("/restore?snapshot={snapshot}&vault=safe&only=people%2F7&step=preview"),
            format!("/bundle?path={bundle}"),
            format!(
                "/open?paths=%5B%22{}%22%5D",
                bundle.replace("people.backstay.zip", "people.db")
            ),
            "/sources/kunden".to_owned(),
            format!("/sources/kunden?review={hold}"),
            "/sources/people?tab=coverage".to_owned(),
            "/sources/docs?tab=drills".to_owned(),
            "/sources/apps?tab=drills".to_owned(),
            "/plans".to_owned(),
            "/plans/add".to_owned(),
            "/plans/Selten".to_owned(),
            "/figures".to_owned(),
            "/vaults".to_owned(),
            "/vaults/safe".to_owned(),
            "/vaults/add".to_owned(),
            "/activity".to_owned(),
            format!("/activity/runs/{run}"),
            "/activity/audit".to_owned(),
        ]);
        let sections = [
            "general",
            "appearance",
            "notifications",
            "security",
            "storage",
            "cli",
            "move",
            "about",
        ];
        routes.extend(sections.map(|section| format!("/settings/{section}")));
        let tabs = ["schedule", "keep", "checks", "tell", "proof"];
        routes.extend(tabs.map(|tab| format!("/plans/Oft?tab={tab}")));
        // Its question lies over the page and takes a moment to go.
        routes.push(format!("/sources/kunden?answer={hold}"));
        routes
    }
}

impl Window<'_> {
    /// Goes to a page and waits until all of it is there: nothing is read or drawn any more.
    #[track_caller]
    pub fn look_at(&self, route: &str) {
        self.go(route);
        let mut before = String::new();
        let mut same = 0;
        self.wait_until(&format!("{route} is drawn"), |window| {
            let busy = "return document.querySelector('main [aria-busy=true], [class*=Skeleton]') !== null";
            let text = window.text();
            let still = !text.is_empty() && text == before && window.script(busy, &[]) == json!(false);
            before = text;
            same = if still { same + 1 } else { 0 };
            same >= 3
        });
    }
}
