//! The sample workspace: made in seconds, with a history, mishaps to undo, and gone without a trace.

use std::{fs, time::Instant};

use crate::bench::Bench;

#[test]
fn it_is_made_changed_restored_and_removed() {
    let bench = Bench::with_vault();
    let start = Instant::now();
    let made = bench.long(&["sample", "create", "--path", &bench.text("try it")]);
    println!("sample made in {:?}", start.elapsed());
    assert_eq!(made["exists"], true, "{made:#}");
    assert_eq!(
        made["sources"],
        serde_json::json!(["Sample-workspace", "Sample-documents"]),
        "{made:#}"
    );
    let snapshots = bench.json(&["snapshots", "--source", "Sample-workspace"]);
    assert_eq!(snapshots["snapshots"].as_array().unwrap().len(), 3);
    let vaults = bench.json(&["vault", "list"]);
    let defaults: Vec<_> = vaults["vaults"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["isDefault"] == true)
        .collect();
    assert!(defaults.iter().all(|v| v["name"] != "Sample-vault"), "{vaults:#}");
    let changes = bench.json(&["sample", "change"])["changes"].clone();
    assert_eq!(changes.as_array().unwrap().len(), 4, "{changes:#}");
    let diff = bench.json(&["diff", "Sample-workspace@latest", "live", "--summary"]);
    assert!(diff.to_string().contains("tasks"), "{diff:#}");
    let restored = bench.long(&[
        "restore",
        "Sample-documents@latest",
        "--in-place",
        "--yes",
        "--on-conflict",
        "remote",
    ]);
    assert_eq!(restored["verdict"], "complete", "{restored:#}");
    assert!(bench.path("try it/documents/Letter to the landlord.pdf").exists());
    bench.run(&["sample", "create"]).expect(4);

    // What a person put there stays, and so does everything that is no sample.
    fs::write(bench.path("try it/mine.txt"), "mine").unwrap();
    let before = bench.json(&["vault", "list"])["vaults"].as_array().unwrap().len();
    bench.ok(&["sample", "remove", "--yes"]);
    assert!(bench.path("try it/mine.txt").exists() && !bench.path("try it/vault").exists());
    assert_eq!(bench.json(&["vault", "list"])["vaults"].as_array().unwrap().len(), before - 1);
    assert_eq!(bench.json(&["source", "list"])["sources"], serde_json::json!([]));
    bench.run(&["sample", "remove", "--yes"]).expect(5);
    bench.long(&["sample", "create", "--language", "de"]);
    bench.ok(&["sample", "remove", "--yes"]);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let bench = Bench::new();
    fs::create_dir(bench.path("mine")).unwrap();
    fs::write(bench.path("mine/letter.txt"), "x").unwrap();
    bench.run(&["sample", "create", "--path", &bench.text("mine")]).expect(4);
    assert_eq!(fs::read_dir(bench.path("mine")).unwrap().count(), 1);
    assert_eq!(bench.json(&["vault", "list"])["vaults"], serde_json::json!([]));
}

#[test]
fn a_vault_that_holds_other_backups_too_is_not_removed() {
    let bench = Bench::new();
    bench.long(&["sample", "create"]);
    fs::create_dir(bench.path("docs")).unwrap();
    fs::write(bench.path("docs/a.txt"), "mine").unwrap();
    bench.add_folder("docs", &bench.path("docs"));
    bench.long(&["backup", "docs", "--vault", "Sample-vault"]);
    let refused = bench.run(&["sample", "remove", "--yes"]).expect(4);
    assert!(refused.err.contains("docs"), "{refused:#?}");
    assert_eq!(
        bench.json(&["source", "list"])["sources"].as_array().unwrap().len(),
        3,
        "nothing was removed"
    );
}
