//! Every command with --json: one document, or events that end with the result.

use serde_json::Value;

use crate::{
    bench::{Bench, PASSWORD},
    data::{self, execute},
};

fn bench() -> (Bench, String) {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", 20));
    bench.add_sqlite("app", &bench.path("app.db"));
    let first = bench.back_up("app");
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'x' WHERE id = 1");
    bench.back_up("app");
    (bench, first)
}

/// Commands that give one document, and a member each document must have.
#[test]
fn short_commands_give_one_document() {
    let (bench, first) = bench();
    let run = bench.json(&["runs"])["runs"][0]["id"].as_str().unwrap().to_owned();
    for (args, member) in [
        (&["vault", "list"][..], "/vaults/0/repositoryId"),
        (&["vault", "info", "safe"], "/snapshots"),
        (&["vault", "key", "list", "safe"], "/keys/0/id"),
        (&["vault", "unlock", "safe"], "/removed"),
        (&["vault", "recovery-kit", "safe"], "/content"),
        (&["source", "list"], "/sources/0/options/path"),
        (&["source", "show", "app"], "/capabilities/records"),
        (&["source", "probe", "app"], "/probe/found/0"),
        (&["snapshots"], "/snapshots/0/stored"),
        (&["show", "latest"], "/metadata/formatVersion"),
        (&["ls", "latest"], "/collections/0/schema/fields/0/name"),
        (&["ls", "latest", "tasks"], "/records/0/data/title"),
        (&["ls", "latest", "files"], "/files/0/size"),
        (&["get", "latest", "tasks", "1"], "/record/data/title"),
        (&["history", "app", "tasks", "1"], "/versions/1/fields/0/after"),
        (&["diff", &first, "latest"], "/changes/0/fields/0/before"),
        (
            &["restore", "latest", "--to", "/nowhere/at/all", "--dry-run"],
            "/plan/counts/create",
        ),
        (&["runs"], "/runs/0/verdict"),
        (&["runs", &run], "/detail/run/id"),
        (&["audit", "list"], "/entries/0/hash"),
        (&["audit", "verify"], "/intact"),
    ] {
        let ran = bench.ok(&[args, &["--json"]].concat());
        let document: Value = ran.json();
        assert!(document.pointer(member).is_some(), "{args:?} has no {member}: {document:#}");
        assert_eq!(ran.out.lines().count(), 1, "{args:?}: one line");
        assert_eq!(ran.err, "", "{args:?}");
    }
}

#[test]
fn long_commands_give_events_and_end_with_the_result() {
    let (bench, _) = bench();
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'y' WHERE id = 2");
    let restored = bench.ok(&[
        "restore",
        "latest",
        "--only",
        "tasks/2",
        "--in-place",
        "--on-conflict",
        "remote",
        "--yes",
        "--json",
    ]);
    let run = restored.result()["run"].as_str().unwrap().to_owned();
    for (args, member) in [
        (&["backup", "app"][..], "/runs/0/snapshot"),
        (&["restore", "latest", "--to", &bench.text("copy.db")], "/readBack/score"),
        (&["undo", &run, "--yes"], "/verdict"),
        (&["verify", "safe", "--read-data"], "/packsRead"),
        (&["forget", "app", "--keep-last", "1", "--yes"], "/removed"),
        (&["prune", "safe"], "/freedBytes"),
        (&["repair", "safe", "--yes"], "/steps"),
    ] {
        let ran = bench.ok(&[args, &["--json"]].concat());
        let events = ran.events();
        let (last, before) = events.split_last().unwrap();
        assert_eq!(last["event"], "result", "{args:?}");
        assert!(last.pointer(member).is_some(), "{args:?} has no {member}: {last:#}");
        assert!(
            before
                .iter()
                .all(|event| ["progress", "gap", "note"].contains(&event["event"].as_str().unwrap())),
            "{before:#?}"
        );
        let quiet = bench.run(&[args, &["--json", "--quiet"]].concat());
        assert!(quiet.out.lines().count() <= 1, "{args:?}: {quiet:#?}");
    }
}

#[test]
fn progress_tells_stage_and_counts() {
    let (bench, _) = bench();
    let events = bench.ok(&["backup", "app", "--json"]).events();
    let stages: Vec<&str> = events
        .iter()
        .filter(|e| e["event"] == "progress")
        .filter_map(|e| e["stage"].as_str())
        .collect();
    assert!(stages.contains(&"reading"), "{stages:?}");
}

#[test]
fn creations_answer_with_what_was_made() {
    let bench = Bench::new();
    let create = ["vault", "create", "safe", "--path", &bench.text("vault"), "--json"];
    let made = bench.given(PASSWORD, &create).expect(0).json();
    assert_eq!(
        (&made["name"], &made["remembered"]),
        (&"safe".into(), &true.into()),
        "{made:#}"
    );
    data::folder(&bench.path("docs"));
    let added = bench.json(&["source", "add", "folder", "docs", "--path", &bench.text("docs")]);
    assert_eq!(added["kind"], "folder", "{added:#}");
    assert_eq!(bench.json(&["source", "remove", "docs", "--yes"]), serde_json::json!({}));
}
