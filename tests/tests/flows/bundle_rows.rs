//! Bundles of databases: rows are looked at, compared and restored from them as from a snapshot.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{
    bench::Bench,
    bundles::KINDS,
    data::{self, execute, fingerprint, value},
};

fn bench() -> (Bench, PathBuf) {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "wal", 200));
    bench.add_sqlite("app", &file);
    bench.back_up("app");
    (bench, file)
}

const BREAK: &str =
    "UPDATE tasks SET title = 'wrong' WHERE id IN (7, 8); DELETE FROM tags WHERE task = 7; DELETE FROM tasks WHERE id = 11";
const WANTED: &str = r#"tasks/7,tasks/11,tags/[7,"a,b"]"#;

#[test]
fn rows_come_back_from_a_bundle() {
    let (bench, file) = bench();
    let whole = fingerprint(&file);
    for (name, format) in KINDS {
        let bundle = bench.text(name);
        let reply = bench.long(&["export", "app@latest", &bundle, "--format", format]);
        assert_eq!(reply["files"], 1, "{reply:#}");
        let rows = bench.json(&["ls", &bundle, "tasks", "--limit", "3"]);
        assert_eq!(
            rows["records"],
            bench.json(&["ls", "app@latest", "tasks", "--limit", "3"])["records"],
            "{rows:#}"
        );
        let row = bench.json(&["get", &bundle, "tasks", "7"]);
        assert_eq!(row["record"], bench.json(&["get", "app@latest", "tasks", "7"])["record"]);

        execute(&file, BREAK);
        let broken = fingerprint(&file);
        let diff = bench.json(&["diff", &bundle, "live", "--summary"]);
        let of = |diff: &Value, name: &str| {
            let all = diff["collections"].as_array().unwrap().clone();
            all.into_iter().find(|c| c["collection"] == name).unwrap()["counts"].clone()
        };
        assert_eq!(of(&diff, "tasks")["changed"], 2, "{diff:#}");
        assert_eq!(of(&diff, "tasks")["removed"], 1, "{diff:#}");
        let restore = ["restore", &bundle, "--only", WANTED, "--in-place", "--on-conflict", "remote"];
        let plan = bench.json(&[&restore[..], &["--dry-run"]].concat());
        assert_eq!(plan["plan"]["counts"]["create"], 2, "{plan:#}");
        assert_eq!(plan["plan"]["counts"]["update"], 1, "{plan:#}");
        assert_eq!(fingerprint(&file), broken, "a preview changes nothing");
        let reply = bench.long(&[&restore[..], &["--yes"]].concat());
        assert_eq!(
            (&reply["verdict"], &reply["written"]),
            (&"complete".into(), &3.into()),
            "{reply:#}"
        );
        assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 7"), "task 7");
        assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 8"), "wrong");
        assert_eq!(value::<i64>(&file, "SELECT big FROM tasks WHERE id = 11"), i64::MAX - 11);
        bench.long(&["undo", reply["run"].as_str().unwrap(), "--yes"]);
        assert_eq!(fingerprint(&file), broken);

        let to = bench.path(&format!("{format}/copy.db"));
        let reply = bench.long(&["restore", &bundle, "--to", to.to_str().unwrap()]);
        assert_eq!(reply["readBack"]["score"], 100.0, "{reply:#}");
        assert_eq!(fingerprint(&to), whole);
        // In place as a whole, which also mends it for the next round.
        bench.long(&["restore", &bundle, "--in-place", "--on-conflict", "remote", "--yes"]);
        assert_eq!(fingerprint(&file), whole);
    }
}

#[test]
fn chosen_rows_are_a_bundle_of_their_own() {
    let (bench, file) = bench();
    for (name, format) in KINDS {
        let bundle = bench.text(name);
        let only = format!("{WANTED},lists");
        let reply = bench.long(&["export", "app@latest", &bundle, "--format", format, "--only", &only]);
        assert_eq!((&reply["records"], &reply["files"]), (&5.into(), &0.into()), "{reply:#}");
        let rows = bench.json(&["ls", &bundle, "tasks"]);
        assert_eq!(rows["total"], 2, "{rows:#}");
        execute(&file, BREAK);
        let reply = bench.long(&["restore", &bundle, "--in-place", "--on-conflict", "remote", "--yes"]);
        assert_eq!(
            (&reply["verdict"], &reply["written"]),
            (&"complete".into(), &3.into()),
            "{reply:#}"
        );
        assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 7"), "task 7");
        assert_eq!(
            value::<i64>(&file, "SELECT count(*) FROM tasks"),
            200,
            "what was not chosen stays"
        );
        execute(&file, "UPDATE tasks SET title = 'task 8' WHERE id = 8");
    }
    // The list of its records is plain NDJSON.
    let lines = fs::read_to_string(bench.path("x-bundle/databases/tasks.ndjson")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(row.to_string().contains("task "), "{row:#}");
    }
    bench
        .run(&["export", "app@latest", &bench.text("none.zip"), "--only", "tasks/4711"])
        .expect(5);
    assert!(!bench.path("none.zip").exists());
}

/// In a bundle rows lie by the letters of their ids ("10" before "2"), in the database by their numbers.
#[test]
fn rows_in_another_order_are_compared_by_their_ids() {
    let (bench, file) = bench();
    let bundle = bench.text("rows.zip");
    bench.long(&["export", "app@latest", &bundle, "--only", "tasks,tags"]);
    execute(&file, BREAK);
    execute(&file, "INSERT INTO tasks VALUES (1000, 1, 'new', 0, 0, NULL)");
    let counts = |before: &str, after: &str| {
        let diff = bench.json(&["diff", before, after]);
        let of = |name: &str| {
            let all = diff["collections"].as_array().unwrap();
            let counts = &all.iter().find(|c| c["collection"] == name).unwrap()["counts"];
            ["added", "changed", "removed", "unchanged"].map(|what| counts[what].as_u64().unwrap())
        };
        let ids: Vec<_> = diff["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["id"].as_str().unwrap().to_owned())
            .collect();
        (of("tasks"), of("tags"), ids)
    };
    let (tasks, tags, ids) = counts(&bundle, "live");
    assert_eq!((tasks, tags), ([1, 2, 1, 197], [0, 0, 2, 398]));
    for id in ["1000", "7", "8", "11", r#"[7,"a,b"]"#] {
        assert!(ids.iter().any(|found| found == id), "{id} in {ids:?}");
    }
    let (tasks, tags, _) = counts("app@latest", &bundle);
    assert_eq!((tasks, tags), ([0, 0, 0, 200], [0, 0, 0, 400]));
    bench.back_up("app");
    let (tasks, tags, _) = counts("app@latest", &bundle);
    assert_eq!((tasks, tags), ([1, 2, 1, 197], [2, 0, 0, 398]), "the other way round");
}

#[test]
fn gaps_of_a_partial_backup_survive() {
    let bench = Bench::with_vault();
    for name in ["good", "bad", "fine"] {
        fs::create_dir_all(bench.path("data").join(name)).unwrap();
        drop(data::tasks(&bench.path("data").join(name).join("livestore.db"), "delete", 50));
    }
    let bad = bench.path("data/bad/livestore.db");
    let bytes = fs::read(&bad).unwrap();
    fs::write(&bad, &bytes[..bytes.len() / 2]).unwrap();
    bench.add_sqlite("all", &bench.path("data"));
    let gaps = bench.run(&["backup", "all", "--json"]).expect(3).result()["runs"][0]["gaps"].clone();
    for (name, format) in KINDS {
        let bundle = bench.text(name);
        bench.long(&["export", "all@latest", &bundle, "--format", format]);
        let about = bench.long(&["import", &bundle, "--check"]);
        assert_eq!(
            (&about["metadata"]["verdict"], &about["metadata"]["gaps"]),
            (&"partial".into(), &gaps),
            "{about:#}"
        );
        let text = bench.ok(&["import", &bundle, "--check"]);
        assert!(text.out.contains("bad"), "the gap is told: {text:#?}");
        let reply = bench.run(&["import", &bundle, "--json"]).expect(3).result();
        assert_eq!((&reply["verdict"], &reply["gaps"]), (&"partial".into(), &gaps), "{reply:#}");
        let shown = bench.json(&["show", reply["snapshot"].as_str().unwrap()]);
        assert_eq!(shown["metadata"]["gaps"], gaps);
        assert!(shown["snapshot"]["tags"].to_string().contains("partial"), "{shown:#}");
        assert_eq!(shown["metadata"]["workspaces"].as_array().unwrap().len(), 2, "{shown:#}");
    }
}
