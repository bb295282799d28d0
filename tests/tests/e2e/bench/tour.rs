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
}

/// A database and its changes, a folder of databases with a gap, a vault that is there and one that is not.
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
    }
}

impl Tour {
    /// All pages.
    pub fn routes(&self) -> Vec<String> {
        let Self { snapshot, bundle, run } = self;
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
