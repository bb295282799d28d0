//! Restores: plans as files, sources that move, kills in the middle.

use std::{fs, process::Stdio, time::Duration};

use serde_json::Value;

use crate::{
    bench::Bench,
    data::{self, execute, fingerprint, tree, value},
};

fn bench(rows: u32) -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", rows));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench.back_up("app");
    bench
}

#[test]
fn a_plan_kept_as_a_file_is_what_runs() {
    let bench = bench(50);
    let file = bench.path("app.db");
    let whole = fingerprint(&file);
    execute(
        &file,
        "DELETE FROM tags WHERE task = 3; UPDATE tasks SET title = 'x' WHERE id = 3",
    );
    let plan = bench.text("plan.ndjson");
    let only = [
        "restore",
        "app@latest",
        "--only",
        "tasks,tags",
        "--in-place",
        "--on-conflict",
        "remote",
    ];
    let made = bench.json(&[&only[..], &["--plan-out", &plan]].concat());
    assert_eq!(
        value::<String>(&file, "SELECT title FROM tasks WHERE id = 3"),
        "x",
        "a plan writes nothing"
    );
    // The file is readable by anyone: a header, then one step a line.
    let text = fs::read_to_string(&plan).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["counts"], made["plan"]["counts"], "{text}");
    assert!(lines[1..].iter().any(|step| step["action"] == "update"), "{text}");

    bench.run(&["restore", "--plan", &plan]).expect(4);
    let done = bench.long(&["restore", "--plan", &plan, "--yes"]);
    assert_eq!(
        (&done["verdict"], &done["written"]),
        (&"complete".into(), &3.into()),
        "{done:#}"
    );
    assert_eq!(fingerprint(&file), whole);
    // An existing plan file is never overwritten.
    bench.run(&[&only[..], &["--plan-out", &plan]].concat()).expect(4);
}

#[test]
fn a_step_whose_target_moved_since_the_plan_is_not_performed() {
    let bench = bench(50);
    let file = bench.path("app.db");
    execute(&file, "UPDATE tasks SET title = 'x' WHERE id IN (3, 4)");
    let plan = bench.text("plan.ndjson");
    bench.ok(&[
        "restore",
        "app@latest",
        "--only",
        "tasks",
        "--in-place",
        "--on-conflict",
        "remote",
        "--plan-out",
        &plan,
    ]);
    execute(&file, "UPDATE tasks SET title = 'moved after the plan' WHERE id = 4");
    let ran = bench.run(&["restore", "--plan", &plan, "--yes", "--json"]);
    assert_ne!(ran.code, 0, "{ran:#?}");
    assert_eq!(
        value::<String>(&file, "SELECT title FROM tasks WHERE id = 4"),
        "moved after the plan",
        "{ran:#?}"
    );
}

#[test]
fn a_restore_needs_a_place_and_a_selection_that_exists() {
    let bench = bench(5);
    let none = bench.run(&["restore", "app@latest"]).expect(2);
    assert!(none.err.contains("--to") && none.err.contains("--in-place"), "{none:#?}");
    let missing = bench
        .run(&["restore", "app@latest", "--only", "taks/3", "--in-place", "--dry-run"])
        .expect(5);
    assert!(missing.err.contains("tasks"), "names what there is: {missing:#?}");
    bench
        .run(&["restore", "--source", "nobody", "--to", &bench.text("x")])
        .expect(5);
    assert!(!bench.path("x").exists());
}

#[test]
fn the_state_of_a_day_comes_back_by_its_time() {
    let bench = bench(20);
    let file = bench.path("app.db");
    let first = fingerprint(&file);
    let time = bench.json(&["snapshots"])["snapshots"][0]["time"]
        .as_str()
        .unwrap()
        .to_owned();
    std::thread::sleep(Duration::from_millis(1100));
    execute(&file, "DELETE FROM tags");
    bench.back_up("app");
    let to = bench.path("then.db");
    bench.long(&["restore", "--source", "app", "--at", &time, "--to", to.to_str().unwrap()]);
    assert_eq!(fingerprint(&to), first);
    bench
        .run(&["restore", "--source", "app", "--at", "2001-01-01", "--to", &bench.text("y")])
        .expect(5);
}

/// Kills a restore at a moment that moves through its run, until enough kills hit one that had begun and not ended.
#[test]
fn a_killed_restore_goes_on_without_doubles() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    for n in 0..400 {
        fs::create_dir_all(docs.join(format!("d{}", n % 20))).unwrap();
        fs::write(docs.join(format!("d{}/f{n}", n % 20)), format!("{n}").repeat(300)).unwrap();
    }
    bench.add_folder("docs", &docs);
    bench.back_up("docs");
    let mut interrupted = 0;
    for round in 0..40 {
        let to = bench.path(&format!("copy{round}"));
        let mut child = bench.command(&["restore", "docs@latest", "--to", to.to_str().unwrap(), "--json"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Wait for the first file, so that the kill hits the writing.
        let begun = (0..2000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            to.exists() && fs::read_dir(&to).unwrap().next().is_some()
        });
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let runs = bench.json(&["runs", "--limit", "1"]);
        let run = &runs["runs"][0];
        if !begun || run["verdict"] == "complete" {
            continue;
        }
        assert_eq!(run["canResume"], true, "{runs:#}");
        let reply = bench.long(&["resume", run["id"].as_str().unwrap()]);
        assert_eq!(
            (&reply["verdict"], &reply["readBack"]["score"]),
            (&"complete".into(), &100.0.into()),
            "{reply:#}"
        );
        assert_eq!(tree(&to), tree(&docs), "round {round}");
        interrupted += 1;
        if interrupted == 5 {
            break;
        }
    }
    assert!(interrupted >= 3, "only {interrupted} kills hit a restore in the middle");
}
