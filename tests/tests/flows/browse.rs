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
