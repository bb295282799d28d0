//! Looking into snapshots: paging, search, versions, names of snapshots.

use crate::{
    bench::Bench,
    data::{self, execute},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "delete", 250));
    bench.add_sqlite("app", &bench.path("app.db"));
    bench
}

#[test]
fn pages_cover_every_record_once() {
    let bench = bench();
    bench.back_up("app");
    let mut ids = Vec::new();
    for offset in ["0", "100", "200", "300"] {
        let page = bench.json(&["ls", "app@latest", "tasks", "--offset", offset, "--limit", "100"]);
        assert_eq!(page["total"], 250);
        let records = page["records"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(
            page["more"],
            offset.parse::<usize>().unwrap() + records.len() < 250,
            "{offset}"
        );
        ids.extend(records.iter().map(|record| record["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids, (1..=250).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn values_are_exact() {
    let bench = bench();
    bench.back_up("app");
    let record = bench.json(&["get", "app@latest", "tasks", "42"]);
    assert_eq!(record["record"]["data"]["big"], i64::MAX - 42, "{record:#}");
    assert_eq!(record["record"]["data"]["title"], "task 42");
    assert!(record["record"]["data"]["pic"]["$blob"].is_string(), "{record:#}");
    let tag = bench.json(&["get", "app@latest", "tags", r#"[42,"a,b"]"#]);
    assert_eq!(tag["record"]["data"]["tag"], "a,b", "{tag:#}");
    let live = bench.json(&["get", "live:app", "tasks", "42"]);
    assert_eq!(live["hash"], record["hash"]);
}

#[test]
fn search_finds_in_one_collection_and_in_all() {
    let bench = bench();
    bench.back_up("app");
    let one = bench.json(&["ls", "app@latest", "tasks", "--search", "TASK 77"]);
    assert_eq!(one["records"].as_array().unwrap().len(), 1, "{one:#}");
    let all = bench.json(&["ls", "app@latest", "--search", "büro"]);
    assert_eq!(all["recordCollections"][0], "lists", "{all:#}");
    let none = bench.ok(&["ls", "app@latest", "tasks", "--search", "no such thing"]);
    assert_eq!(none.out, "Nothing found.\n");
}

#[test]
fn tables_are_sorted_and_filtered() {
    let bench = bench();
    bench.back_up("app");
    let table = bench.json(&[
        "ls",
        "app@latest",
        "tasks",
        "--sort",
        "big",
        "--filter",
        "title~TASK 1",
        "--limit",
        "5",
    ]);
    let ids: Vec<&str> = table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["199", "198", "197", "196", "195"], "{table:#}");
    assert_eq!(
        (&table["total"], &table["of"], &table["more"]),
        (&111.into(), &250.into(), &true.into())
    );
    let rest = bench.json(&[
        "ls",
        "app@latest",
        "tasks",
        "--sort",
        "big:desc",
        "--filter",
        "title~task 1",
        "--offset",
        "110",
    ]);
    assert_eq!(
        (rest["rows"].as_array().unwrap().len(), &rest["rows"][0]["id"]),
        (1, &"199".into())
    );
    let text = bench.ok(&["ls", "live:app", "tasks", "--filter", "id<3"]);
    assert!(
        text.out.contains("task 1") && text.out.ends_with("1 to 2 of 2 (of 250 records)\n"),
        "{}",
        text.out
    );
    bench.run(&["ls", "app@latest", "tasks", "--filter", "nonsense"]).expect(2);
    let raw = bench.ok(&["get", "app@latest", "tasks", "42", "--raw"]);
    assert!(
        raw.out.starts_with('{') && raw.out.contains(&(i64::MAX - 42).to_string()),
        "{}",
        raw.out
    );
}

#[test]
fn what_was_ever_saved_is_found() {
    let bench = bench();
    bench.back_up("app");
    execute(
        &bench.path("app.db"),
        "UPDATE tasks SET title = 'vanished' WHERE id = 9; DELETE FROM tasks WHERE id = 11",
    );
    bench.back_up("app");
    let of = |args: &[&str]| -> Vec<(String, String)> {
        let reply = bench.json(args);
        let hits = reply["hits"].as_array().unwrap().iter();
        let mut all: Vec<_> = hits
            .map(|hit| {
                (
                    hit["id"].as_str().unwrap().to_owned(),
                    hit["fate"].as_str().unwrap_or("now").to_owned(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let pair = |id: &str, fate: &str| (id.to_owned(), fate.to_owned());
    assert_eq!(of(&["search", "TASK 9"]).len(), 10, "90 to 99");
    assert_eq!(of(&["search", "task 9", "--earlier"]).len(), 11);
    assert_eq!(of(&["search", "task 11", "--gone"]), [pair("11", "removed")]);
    assert_eq!(of(&["search", "vanished", "--source", "app"]), [pair("9", "now")]);
    let text = bench.ok(&["search", "task 11", "--gone"]);
    assert!(
        text.out.contains("app  tasks/11") && text.out.contains("removed later"),
        "{}",
        text.out
    );
    assert_eq!(bench.ok(&["search", "unheard of"]).out, "Nothing found in 1 snapshot.\n");
    bench.run(&["search", "x", "--source", "nobody"]).expect(5);
}

#[test]
fn history_shows_every_version_once() {
    let bench = bench();
    bench.back_up("app");
    bench.back_up("app");
    execute(&bench.path("app.db"), "UPDATE tasks SET title = 'second' WHERE id = 9");
    bench.back_up("app");
    execute(&bench.path("app.db"), "DELETE FROM tasks WHERE id = 9");
    bench.back_up("app");
    let history = bench.json(&["history", "app", "tasks", "9"]);
    let versions = history["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 3, "{history:#}");
    assert_eq!(versions[0]["snapshots"], 2);
    assert_eq!(versions[1]["fields"][0]["after"], "second");
    assert!(versions[2].get("hash").is_none(), "gone: {history:#}");
}

#[test]
fn snapshots_are_named_by_id_source_and_time() {
    let bench = bench();
    let first = bench.back_up("app");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    execute(&bench.path("app.db"), "UPDATE lists SET name = 'later'");
    let second = bench.back_up("app");
    let all = bench.json(&["snapshots"]);
    let time = all["snapshots"][0]["time"].as_str().unwrap().to_owned();
    let of = |name: &str| bench.json(&["show", name])["snapshot"]["id"].as_str().unwrap().to_owned();
    assert_eq!(of(&first[..8]), first);
    assert_eq!(of("latest"), second);
    assert_eq!(of("app@latest"), second);
    assert_eq!(of(&format!("app@{time}")), first);
    assert_eq!(of("app@today"), second);
    let at = bench.json(&["snapshots", "--at", &time]);
    assert_eq!(at["snapshots"].as_array().unwrap().len(), 1);
    bench.run(&["show", "app@yesterday"]).expect(5);
    bench.run(&["snapshots", "--at", "soon"]).expect(2);
}

#[test]
fn differences_are_listed_up_to_the_limit_and_counted_in_full() {
    let bench = bench();
    bench.back_up("app");
    execute(&bench.path("app.db"), "UPDATE tasks SET title = title || '!' WHERE id <= 30");
    let diff = bench.json(&["diff", "app@latest", "live", "tasks", "--limit", "10"]);
    assert_eq!(diff["changes"].as_array().unwrap().len(), 10);
    assert_eq!(
        (&diff["truncated"], &diff["collections"][0]["counts"]["changed"]),
        (&true.into(), &30.into()),
        "{diff:#}"
    );
    let summary = bench.json(&["diff", "app@latest", "live", "--summary"]);
    assert_eq!(summary["changes"], serde_json::json!([]));
}
