//! Restores of one field and of everything but some things, into a living database, also when the program is killed.

use std::{process::Stdio, time::Duration};

use rusqlite::Connection;

use crate::{
    bench::Bench,
    data::{self, execute},
};

fn bench(rows: u32) -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "wal", rows));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    bench
}

fn row(bench: &Bench, id: u32) -> (String, i64, i64) {
    let db = Connection::open(bench.path("app.db")).unwrap();
    db.query_row("SELECT title, done, big FROM tasks WHERE id = ?1", [id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
    .unwrap()
}

#[test]
fn one_field_comes_back_and_the_rest_stays_as_it_is_live() {
    let bench = bench(20);
    let then = row(&bench, 17);
    execute(
        &bench.path("app.db"),
        "UPDATE tasks SET title = 'garbled', done = 1 - done, big = big + 1 WHERE id = 17",
    );
    bench.back_up("app");
    // Another field changed since the newest backup: no conflict, because it is not written.
    execute(&bench.path("app.db"), "UPDATE tasks SET big = 9007199254740993 WHERE id = 17");
    let live = row(&bench, 17);
    let first = bench.json(&["snapshots", "--source", "app"])["snapshots"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = if bench.json(&["get", &first, "tasks", "17"]).to_string().contains("garbled") {
        bench.json(&["snapshots", "--source", "app"])["snapshots"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    } else {
        first
    };
    let restored = bench.long(&["restore", &first, "--fields", "tasks/17:/title", "--in-place", "--yes"]);
    assert_eq!(
        (&restored["verdict"], &restored["written"]),
        (&"complete".into(), &1.into()),
        "{restored:#}"
    );
    assert_eq!(restored["readBack"]["score"], 100.0);
    assert_eq!(row(&bench, 17), (then.0, live.1, live.2));
    let run = restored["run"].as_str().unwrap();
    assert_eq!(bench.long(&["undo", run, "--yes"])["verdict"], "complete");
    assert_eq!(row(&bench, 17), live);
    bench
        .run(&["restore", &first, "--fields", "tasks/17", "--in-place", "--yes"])
        .expect(2);
    bench
        .run(&["restore", &first, "--fields", "tasks/17:/colour", "--in-place", "--yes"])
        .expect(5);
    bench
        .run(&["restore", &first, "--fields", "tasks/999:/title", "--in-place", "--yes"])
        .expect(5);
    let key = bench.long(&["restore", &first, "--fields", "tasks/17:/id", "--in-place", "--yes"]);
    assert_eq!(key["written"], 0, "the id itself is the same: {key:#}");
}

#[test]
fn everything_but_some_things() {
    let bench = bench(20);
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'garbled'");
    bench.back_up("app");
    let first = bench.json(&["snapshots", "--source", "app"])["snapshots"].clone();
    let oldest = first
        .as_array()
        .unwrap()
        .iter()
        .min_by_key(|s| s["time"].as_str().unwrap().to_owned())
        .unwrap();
    let id = oldest["id"].as_str().unwrap();
    let restored = bench.long(&[
        "restore",
        id,
        "--only",
        "tasks",
        "--except",
        "tasks/3,tasks/4",
        "--in-place",
        "--yes",
    ]);
    assert_eq!(
        (&restored["verdict"], &restored["written"]),
        (&"complete".into(), &18.into()),
        "{restored:#}"
    );
    assert_eq!(row(&bench, 3).0, "garbled");
    assert_eq!(row(&bench, 5).0, "task 5");
    bench
        .run(&["restore", id, "--only", "tasks", "--except", "taskz", "--in-place", "--yes"])
        .expect(5);
}

#[test]
fn a_killed_restore_of_fields_goes_on_without_touching_the_rest() {
    let bench = bench(300);
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'garbled'");
    bench.back_up("app");
    execute(&bench.path("app.db"), "UPDATE tasks SET big = -1");
    let all = bench.json(&["snapshots", "--source", "app"])["snapshots"].clone();
    let oldest = all
        .as_array()
        .unwrap()
        .iter()
        .min_by_key(|s| s["time"].as_str().unwrap().to_owned())
        .unwrap();
    let mut args = vec![
        "restore".to_owned(),
        oldest["id"].as_str().unwrap().to_owned(),
        "--in-place".into(),
        "--yes".into(),
    ];
    for id in 1..=300 {
        args.extend(["--fields".to_owned(), format!("tasks/{id}:/title")]);
    }
    let mut killed = 0;
    for pause in [40, 80, 120, 160, 240] {
        let mut child = bench
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let runs = bench.json(&["runs"])["runs"].clone();
        let open = runs
            .as_array()
            .unwrap()
            .iter()
            .find(|run| run["kind"] == "restore" && run["canResume"] == true);
        if let Some(run) = open {
            bench.ok(&["resume", run["id"].as_str().unwrap()]);
        }
    }
    assert!(killed > 0, "no kill hit");
    bench.ok(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let db = Connection::open(bench.path("app.db")).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM tasks WHERE title = 'task ' || id"), 300);
    assert_eq!(
        count("SELECT count(*) FROM tasks WHERE big = -1"),
        300,
        "what was not chosen stayed"
    );
    assert_eq!(count("SELECT count(*) FROM tasks"), 300);
}
