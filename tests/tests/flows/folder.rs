//! Folders: backed up, listed, compared, and brought back with the conflict policies.

use std::fs;

use crate::{
    bench::Bench,
    data::{self, tree},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench
}

#[test]
fn everything_comes_back_elsewhere() {
    let bench = bench();
    let to = bench.text("copy");
    let reply = bench.long(&["restore", "docs@latest", "--to", &to]);
    assert_eq!(
        (&reply["verdict"], &reply["readBack"]["score"]),
        (&"complete".into(), &100.0.into()),
        "{reply:#}"
    );
    assert_eq!(tree(&bench.path("copy")), tree(&bench.path("docs")));
}

#[test]
fn files_are_listed_read_and_searched() {
    let bench = bench();
    let names = |reply: &serde_json::Value| {
        reply["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let top = bench.json(&["ls", "docs@latest", "files"]);
    assert!(names(&top).iter().any(|name| name == "Übergröße 市.txt"), "{top:#}");
    let found = bench.json(&["ls", "docs@latest", "files", "--search", "BEACH"]);
    assert_eq!(names(&found), ["photos/2026/beach.jpg"], "{found:#}");
    assert_eq!(
        bench.ok(&["cat", "docs@latest", "files/notes.txt"]).out,
        "remember the milk\n"
    );
    assert_eq!(bench.ok(&["cat", "docs@latest", "notes.txt"]).out, "remember the milk\n");
    bench.ok(&[
        "cat",
        "docs@latest",
        "photos/2026/beach.jpg",
        "--output",
        &bench.text("out.jpg"),
    ]);
    assert_eq!(
        fs::read(bench.path("out.jpg")).unwrap(),
        fs::read(bench.path("docs/photos/2026/beach.jpg")).unwrap()
    );
    // What lies there is not overwritten.
    bench
        .run(&["cat", "docs@latest", "notes.txt", "--output", &bench.text("out.jpg")])
        .expect(4);
}

#[test]
fn a_changed_file_is_left_alone_overwritten_or_kept_twice_as_asked() {
    let bench = bench();
    let file = bench.path("docs/notes.txt");
    fs::write(&file, "newer, and precious\n").unwrap();
    fs::remove_file(bench.path("docs/photos/2026/beach.jpg")).unwrap();
    let restore = |policy: &str| bench.long(&["restore", "docs@latest", "--in-place", "--on-conflict", policy, "--yes"]);

    restore("skip");
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer, and precious\n");
    assert!(
        bench.path("docs/photos/2026/beach.jpg").exists(),
        "what was missing came back"
    );

    let both = restore("both");
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer, and precious\n");
    assert_eq!(both["plan"]["counts"]["keepBoth"], 1, "{both:#}");
    let twins = tree(&bench.path("docs"))
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().starts_with("notes"))
        .count();
    assert_eq!(twins, 2, "{:?}", tree(&bench.path("docs")));

    let reply = restore("remote");
    assert_eq!(fs::read_to_string(&file).unwrap(), "remember the milk\n");
    bench.long(&["undo", reply["run"].as_str().unwrap(), "--yes"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer, and precious\n");
}

#[test]
fn history_and_diff_follow_a_file() {
    let bench = bench();
    fs::write(bench.path("docs/notes.txt"), "second version\n").unwrap();
    bench.back_up("docs");
    let history = bench.json(&["history", "docs", "files", "notes.txt"]);
    assert_eq!(history["versions"].as_array().unwrap().len(), 2, "{history:#}");
    let all = bench.json(&["snapshots", "--source", "docs"]);
    let id = |n: usize| all["snapshots"][n]["id"].as_str().unwrap().to_owned();
    let diff = bench.json(&["diff", &id(0), &id(1), "files"]);
    assert_eq!(diff["changes"][0]["id"], "notes.txt", "{diff:#}");
    assert_eq!(diff["collections"][0]["counts"]["changed"], 1, "{diff:#}");
    let none = bench.json(&["diff", &id(1), "live", "--summary"]);
    assert!(
        none["collections"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["counts"]["changed"] == 0),
        "{none:#}"
    );
}

#[test]
fn excluded_files_stay_out() {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.ok(&[
        "source",
        "add",
        "folder",
        "docs",
        "--path",
        &bench.text("docs"),
        "--exclude",
        "*.jpg",
    ]);
    bench.back_up("docs");
    let found = bench.json(&["ls", "docs@latest", "files", "--search", "beach"]);
    assert!(found.get("files").is_none(), "{found:#}");
    bench.ok(&["cat", "docs@latest", "notes.txt"]);
}
