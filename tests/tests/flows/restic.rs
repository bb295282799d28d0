//! The stock restic program and we, on the same vault.

use std::fs;

use crate::{
    bench::{Bench, PASSWORD},
    data::{self, fingerprint, tree},
};

#[test]
fn restic_opens_lists_checks_and_restores_what_we_wrote() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    drop(data::tasks(&bench.path("app.db"), "wal", 300));
    bench.add_folder("docs", &bench.path("docs"));
    bench.add_sqlite("app", &bench.path("app.db"));
    let docs = bench.back_up("docs");
    let app = bench.back_up("app");
    bench.back_up("app");

    let listed: serde_json::Value = serde_json::from_str(&bench.restic(&["snapshots", "--json"]).expect(0).out).unwrap();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert!(
        ids.len() == 3 && ids.contains(&docs.as_str()) && ids.contains(&app.as_str()),
        "{listed:#}"
    );
    bench.restic(&["check", "--read-data"]).expect(0);

    bench.restic(&["restore", &docs, "--target", &bench.text("r1")]).expect(0);
    assert_eq!(tree(&bench.path("r1/files")), tree(&bench.path("docs")));
    bench.restic(&["restore", &app, "--target", &bench.text("r2")]).expect(0);
    let metadata: serde_json::Value = serde_json::from_slice(&fs::read(bench.path("r2/metadata.json")).unwrap()).unwrap();
    let path = metadata["workspaces"][0]["path"].as_str().unwrap();
    assert_eq!(
        fingerprint(&bench.path("r2/files").join(path)),
        fingerprint(&bench.path("app.db"))
    );
}

#[test]
fn we_list_and_read_what_restic_wrote() {
    let bench = Bench::new();
    data::folder(&bench.path("docs"));
    bench.restic(&["init"]).expect(0);
    bench.restic(&["backup", &bench.text("docs"), "--tag", "nightly"]).expect(0);
    bench
        .given(PASSWORD, &["vault", "add", "old", "--path", &bench.text("vault")])
        .expect(0);
    let all = bench.json(&["snapshots"]);
    let row = &all["snapshots"][0];
    assert!(
        row["source"].as_str().unwrap().contains("docs") && row["tags"][0] == "nightly",
        "{all:#}"
    );
    let shown = bench.ok(&["show", "latest"]);
    assert!(shown.out.contains("another program"), "{shown:#?}");
    let check = bench.long(&["verify", "old", "--read-data"]);
    assert_eq!(check["verdict"], "complete", "{check:#}");
    let found = bench.json(&["ls", "latest", "files", "--search", "notes.txt"]);
    let path = found["files"][0]["path"]
        .as_str()
        .unwrap_or_else(|| panic!("{found:#}"))
        .to_owned();
    assert_eq!(bench.ok(&["cat", "latest", &path]).out, "remember the milk\n");
    // And both go on writing into it.
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench.restic(&["backup", &bench.text("docs")]).expect(0);
    bench.restic(&["check", "--read-data"]).expect(0);
    assert_eq!(bench.json(&["snapshots"])["snapshots"].as_array().unwrap().len(), 3);
}
