//! SQLite databases: backed up in both journal modes, browsed, compared, and brought back as rows and as files.

use std::{fs, path::Path};

use crate::{
    bench::Bench,
    data::{self, execute, fingerprint, value},
};

/// A bench with one database as the source `app`.
fn bench(mode: &str) -> (Bench, std::path::PathBuf) {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, mode, 200));
    bench.add_sqlite("app", &file);
    (bench, file)
}

/// The database with a writer that has not checkpointed: in WAL mode the newest rows are only in the `-wal` file.
#[test]
fn both_journal_modes_come_back_whole() {
    for mode in ["delete", "wal"] {
        let (bench, file) = bench(mode);
        let db = rusqlite::Connection::open(&file).unwrap();
        db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        db.execute(
            "INSERT INTO tasks VALUES (9001, 1, 'only in the log', 0, ?1, x'00ff')",
            [i64::MIN],
        )
        .unwrap();
        assert_eq!(
            Path::new(&format!("{}-wal", file.display())).exists(),
            mode == "wal",
            "{mode}"
        );
        let before = fingerprint(&file);
        bench.back_up("app");
        let to = bench.path("new/place.db");
        let reply = bench.long(&["restore", "app@latest", "--to", to.to_str().unwrap()]);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        assert_eq!(reply["readBack"]["score"], 100.0, "{reply:#}");
        assert!(reply["readBack"]["checked"].as_u64().unwrap() > 0, "{reply:#}");
        assert_eq!(fingerprint(&to), before, "{mode}");
        assert_eq!(value::<String>(&to, "PRAGMA integrity_check"), "ok");
        assert_eq!(
            value::<String>(&to, "SELECT title FROM tasks WHERE id = 9001"),
            "only in the log"
        );
        drop(db);
    }
}

#[test]
fn rows_come_back_in_place_after_a_preview_and_go_again_by_undo() {
    for mode in ["delete", "wal"] {
        let (bench, file) = bench(mode);
        bench.back_up("app");
        execute(
            &file,
            "UPDATE tasks SET title = 'wrong' WHERE id IN (7, 8); DELETE FROM tags WHERE task = 7; DELETE FROM tasks WHERE id = 11",
        );
        execute(&file, "UPDATE tasks SET title = 'right, and newer' WHERE id = 100");
        let damaged = fingerprint(&file);

        let wanted = [
            "restore",
            "app@latest",
            "--only",
            r#"tasks/7,tasks/11,tags/[7,"a,b"]"#,
            "--in-place",
            "--on-conflict",
            "remote",
        ];
        let plan = bench.json(&[&wanted[..], &["--dry-run"]].concat());
        assert_eq!(plan["plan"]["counts"]["create"], 2, "{plan:#}");
        assert_eq!(plan["plan"]["counts"]["update"], 1, "{plan:#}");
        let update = plan["steps"]
            .as_array()
            .unwrap()
            .iter()
            .find(|step| step["action"] == "update")
            .unwrap();
        assert_eq!(update["fields"][0]["field"], "/title");
        assert_eq!(
            (&update["fields"][0]["before"], &update["fields"][0]["after"]),
            (&"wrong".into(), &"task 7".into())
        );
        assert_eq!(fingerprint(&file), damaged, "a preview changes nothing");

        // Nobody said yes: refused, and nothing changed.
        let refused = bench.run(&wanted).expect(4);
        assert!(refused.err.contains("--yes"), "{refused:#?}");
        assert_eq!(fingerprint(&file), damaged);

        let reply = bench.long(&[&wanted[..], &["--yes"]].concat());
        assert_eq!(
            (&reply["verdict"], &reply["written"]),
            (&"complete".into(), &3.into()),
            "{reply:#}"
        );
        assert_eq!(reply["readBack"]["score"], 100.0);
        assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 7"), "task 7");
        assert_eq!(value::<i64>(&file, "SELECT big FROM tasks WHERE id = 11"), i64::MAX - 11);
        assert_eq!(
            value::<i64>(&file, "SELECT count(*) FROM tags WHERE task = 7"),
            1,
            "only the chosen tag"
        );
        assert_eq!(
            value::<String>(&file, "SELECT title FROM tasks WHERE id = 8"),
            "wrong",
            "not chosen, not touched"
        );
        assert_eq!(
            value::<String>(&file, "SELECT title FROM tasks WHERE id = 100"),
            "right, and newer"
        );

        let undone = bench.long(&["undo", reply["run"].as_str().unwrap(), "--yes"]);
        assert_eq!(undone["verdict"], "complete", "{undone:#}");
        assert_eq!(fingerprint(&file), damaged, "undo gives back every value ({mode})");
    }
}

#[test]
fn a_row_changed_since_the_backup_is_a_conflict_and_skipped_by_default() {
    let (bench, file) = bench("delete");
    bench.back_up("app");
    execute(&file, "UPDATE tasks SET title = 'newer work' WHERE id = 5");
    let reply = bench.long(&["restore", "app@latest", "--only", "tasks/5", "--in-place", "--yes"]);
    assert_eq!(reply["written"], 0, "{reply:#}");
    assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 5"), "newer work");
    // With nobody to ask, `ask` writes nothing and names the conflict.
    let asked = bench
        .run(&[
            "restore",
            "app@latest",
            "--only",
            "tasks/5",
            "--in-place",
            "--yes",
            "--on-conflict",
            "ask",
        ])
        .expect(4);
    assert!(asked.err.contains("tasks/5"), "{asked:#?}");
    assert_eq!(value::<String>(&file, "SELECT title FROM tasks WHERE id = 5"), "newer work");
}

#[test]
fn the_whole_file_comes_back_in_place_without_its_stale_log() {
    let (bench, file) = bench("wal");
    let before = fingerprint(&file);
    bench.back_up("app");
    execute(&file, "DROP TABLE tags; UPDATE tasks SET title = NULL");
    // A log that belongs to the old file must not be replayed into the new one.
    fs::write(format!("{}-wal", file.display()), b"stale").unwrap();
    let reply = bench.long(&["restore", "app@latest", "--in-place", "--on-conflict", "remote", "--yes"]);
    assert_eq!(reply["verdict"], "complete", "{reply:#}");
    assert_eq!(fingerprint(&file), before);
    assert_eq!(value::<String>(&file, "PRAGMA integrity_check"), "ok");
}

#[test]
fn unchanged_data_is_neither_read_nor_stored_again() {
    let (bench, file) = bench("delete");
    execute(
        &file,
        "CREATE TABLE bulk AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, hex(randomblob(40)) AS x FROM n",
    );
    let first = bench.long(&["backup", "app"]);
    let again = bench.long(&["backup", "app"]);
    let stored = |reply: &serde_json::Value| reply["runs"][0]["storedBytes"].as_u64().unwrap();
    assert!(stored(&first) > 500_000, "{first:#}");
    assert!(stored(&again) < 20_000, "{again:#}");
    // Times this near prove nothing, so the file was read again. Once they are old enough it is not even opened.
    std::thread::sleep(std::time::Duration::from_millis(2200));
    bench.back_up("app");
    let third = bench.long(&["backup", "app"]);
    assert_eq!(third["runs"][0]["unchangedFiles"], 1, "{third:#}");
    assert!(third["runs"][0]["readBytes"].as_u64().unwrap() < 100_000, "{third:#}");
}

#[test]
fn one_broken_workspace_makes_a_partial_backup_of_the_others() {
    let bench = Bench::with_vault();
    for name in ["good", "bad", "fine"] {
        fs::create_dir_all(bench.path("data").join(name)).unwrap();
        drop(data::tasks(&bench.path("data").join(name).join("livestore.db"), "delete", 50));
    }
    // Cut in the middle: no longer a database.
    let bad = bench.path("data/bad/livestore.db");
    let bytes = fs::read(&bad).unwrap();
    fs::write(&bad, &bytes[..bytes.len() / 2]).unwrap();
    bench.add_sqlite("all", &bench.path("data"));
    let ran = bench.run(&["backup", "all", "--json"]).expect(3);
    let reply = ran.result();
    assert_eq!(reply["verdict"], "partial");
    let gaps = reply["runs"][0]["gaps"].as_array().unwrap();
    assert!(
        gaps.len() == 1 && gaps[0]["subject"].as_str().unwrap().contains("bad"),
        "{reply:#}"
    );
    let shown = bench.json(&["show", "all@latest"]);
    assert_eq!(shown["metadata"]["verdict"], "partial");
    assert_eq!(shown["metadata"]["workspaces"].as_array().unwrap().len(), 2, "{shown:#}");
    for workspace in shown["metadata"]["workspaces"].as_array().unwrap() {
        assert!(
            workspace["checksum"].as_str().unwrap().starts_with("sha256:"),
            "{workspace:#}"
        );
        assert!(workspace["databaseSize"].as_u64().unwrap() > 0 && !workspace["instanceId"].as_str().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_database_is_refused_before_anything_is_touched() {
    let bench = Bench::with_vault();
    let file = bench.path("notes.db");
    fs::write(
        &file,
        "this is a letter, not a database, and longer than a header of sixteen bytes",
    )
    .unwrap();
    let ran = bench
        .run(&["source", "add", "sqlite", "notes", "--path", file.to_str().unwrap()])
        .expect(8);
    assert!(ran.err.contains("notes.db"), "{ran:#?}");
    assert_eq!(bench.json(&["source", "list"])["sources"].as_array().unwrap().len(), 0);
}
