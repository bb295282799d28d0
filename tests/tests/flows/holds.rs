//! Guards from the command line: what trips, what it holds, how it is answered; pins.

use crate::{bench::Bench, data};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "wal", 400));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    bench
}

#[test]
fn a_mass_deletion_holds_retention_until_it_is_answered() {
    let bench = bench();
    data::execute(&bench.path("app.db"), "DELETE FROM tasks WHERE id <= 360");
    let saved = bench.ok(&["backup", "app"]).out;
    assert!(
        saved.contains("GUARD") && saved.contains("360 of 400 records of tasks"),
        "{saved}"
    );
    let held = bench.json(&["hold", "list"]);
    let tripped = held["holds"].as_array().unwrap();
    assert_eq!(tripped.len(), 1, "one cause, one hold: {held:#}");
    assert_eq!(tripped[0]["trip"]["massDeletion"]["gone"], 360, "{held:#}");
    let id = tripped[0]["id"].as_str().unwrap();

    let refused = bench.run(&["forget", "app", "--keep-last", "1", "--yes"]).expect(4);
    assert!(refused.err.contains("guard") || refused.err.contains("held"), "{refused:#?}");
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
    assert_eq!(bench.run(&["status"]).code, 3, "it needs a person");

    let shown = bench.json(&["hold", "show", id, "--limit", "10"]);
    assert_eq!(shown["rows"].as_array().unwrap().len(), 10);
    assert!(shown["next"].is_string());
    let next = bench.json(&[
        "hold",
        "show",
        id,
        "--limit",
        "1000",
        "--from",
        shown["next"].as_str().unwrap(),
    ]);
    assert_eq!(next["rows"].as_array().unwrap().len(), 350, "page by page, all of it");
    let text = bench.ok(&["hold", "show", id]).out;
    assert!(
        text.contains("tasks: 400 before, 40 now, 360 gone; trips at 100") && text.contains("--confirm 360"),
        "{text}"
    );

    let missing = bench.run(&["hold", "release", id]).expect(4);
    assert!(missing.err.contains("360"), "the number is named: {missing:#?}");
    bench.run(&["hold", "release", id, "--confirm", "36", "--yes"]).expect(4);
    bench.run(&["hold", "release", "nothing", "--confirm", "360"]).expect(5);
    assert_eq!(
        bench.json(&["hold", "list", "--source", "app"])["holds"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    bench.ok(&[
        "hold",
        "release",
        id,
        "--confirm",
        "360",
        "--note",
        "moved to the archive",
        "--pin",
    ]);
    assert!(bench.ok(&["hold", "list"]).out.contains("No guard holds anything"));
    let all = bench.json(&["hold", "list", "--all"]);
    assert_eq!(all["holds"][0]["note"], "moved to the archive");
    assert_ne!(bench.run(&["hold", "release", id, "--confirm", "360"]).code, 0, "once");
    let audit = bench.json(&["audit", "list", "--action", "guard.release"]);
    assert_eq!(audit["entries"][0]["detail"]["note"], "moved to the archive", "{audit:#}");

    // The last one with all of it was pinned: rules go around it.
    let first = bench.json(&["snapshots"])["snapshots"][0]["id"].as_str().unwrap().to_owned();
    bench.back_up("app");
    let gone = bench.long(&["forget", "app", "--keep-last", "1", "--yes"]);
    assert_eq!(gone["removed"], 1, "{gone:#}");
    let left: Vec<String> = bench.json(&["snapshots"])["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(left.contains(&first), "{left:?}");
    bench.ok(&["unpin", &first]);
    assert_eq!(bench.long(&["forget", "app", "--keep-last", "1", "--yes"])["removed"], 1);
}

#[test]
fn a_plan_removes_nothing_of_what_is_held_and_that_is_no_failure() {
    let bench = bench();
    bench.ok(&[
        "plan",
        "add",
        "p",
        "--source",
        "app",
        "--manual",
        "--keep-last",
        "1",
        "--guard-count",
        "5",
        "--guard-share",
        "off",
    ]);
    data::execute(&bench.path("app.db"), "DELETE FROM tasks WHERE id <= 4");
    bench.ok(&["plan", "run", "p"]);
    assert!(
        bench.json(&["hold", "list"])["holds"].as_array().unwrap().is_empty(),
        "four are not five"
    );
    data::execute(&bench.path("app.db"), "DELETE FROM tasks WHERE id <= 9");
    bench.ok(&["plan", "run", "p"]);
    let held = bench.json(&["hold", "list"]);
    assert_eq!(held["holds"][0]["trip"]["massDeletion"]["gone"], 5, "{held:#}");
    let done = bench.long(&["plan", "run", "p", "--task", "forget"]);
    assert_eq!(done["verdict"], "complete", "{done:#}");
    assert_eq!(
        bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(),
        3,
        "{done:#}"
    );
    let would = bench.json(&["plan", "keep", "p"]);
    assert_eq!(would["held"], serde_json::json!(["app"]), "{would:#}");
    assert_eq!(bench.json(&["plan", "show", "p"])["state"], "guard");
}

#[test]
fn schema_and_reach_are_guarded_and_need_no_number() {
    let bench = bench();
    data::execute(&bench.path("app.db"), "ALTER TABLE tasks DROP COLUMN big");
    bench.back_up("app");
    let held = bench.json(&["hold", "list"]);
    assert_eq!(
        held["holds"][0]["trip"]["schemaChanged"]["gone"][0]["name"], "big",
        "{held:#}"
    );
    bench.ok(&["hold", "release", held["holds"][0]["id"].as_str().unwrap()]);
    data::execute(&bench.path("app.db"), "DROP TABLE tags");
    bench.back_up("app");
    let held = bench.json(&["hold", "list"]);
    assert_eq!(
        held["holds"][0]["trip"]["coverageLost"]["names"],
        serde_json::json!(["tags"]),
        "{held:#}"
    );
    let shown = bench.ok(&["hold", "show", held["holds"][0]["id"].as_str().unwrap()]).out;
    assert!(shown.contains("out of reach: tags"), "{shown}");
}

#[test]
fn pins_have_names_and_last() {
    let bench = bench();
    bench.ok(&["pin", "app@latest", "before the move"]);
    bench.run(&["pin", "app@latest", " "]).expect(2);
    bench.run(&["pin", "nothing@latest", "x"]).expect(5);
    for n in 0..2 {
        data::execute(
            &bench.path("app.db"),
            &format!("UPDATE tasks SET title = 'round {n}' WHERE id = 1"),
        );
        bench.back_up("app");
    }
    let would = bench.long(&["forget", "app", "--keep-last", "1", "--dry-run"]);
    let pinned = would["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["reasons"].to_string().contains("pin"));
    assert!(pinned.is_some_and(|s| s["keep"] == true), "{would:#}");
    assert_eq!(bench.long(&["forget", "app", "--keep-last", "1", "--yes"])["removed"], 1);
}
