//! Files of other programs on the command line: looked into, listed, kept in a vault, written again; and a kill in between.

use std::{
    fs,
    io::Write as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::bench::Bench;

const HEADER: &str = "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\",\"attachments\":true}\n";
const LINE: &str = concat!(
    r#"[{"_id":"a","_rev":"2-b","_revisions":{"start":2,"ids":["b","r"]},"n":1.50},"#,
    r#"{"_id":"a","_rev":"2-a","_revisions":{"start":2,"ids":["a","r"]},"_attachments":{"f.txt":{"contentType":"text/plain","revpos":2,"digest":"md5-XUFAKrxLKna5cZ2REBfFkg==","data":"aGVsbG8="}}},"#,
    r#"{"_id":"_design/d","_rev":"1-d","_revisions":{"start":1,"ids":["d"]},"views":{}}]"#,
    "\n"
);

fn fixture(name: &str) -> String {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/sources/couchdb/tests/fixtures/couchbackup");
    all.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_couchbackup_file_stands_wherever_a_snapshot_does() {
    let bench = Bench::with_vault();
    let file = fixture("animaldb_expected.json.gz");
    let about = bench.ok(&["import", &file, "--check"]);
    assert!(
        about.out.contains("couchbackup file") && about.out.contains("animaldb_expected: 12"),
        "{about:#?}"
    );
    assert!(about.out.contains("2.9.10"), "{about:#?}");
    assert_eq!(bench.json(&["ls", &file])["collections"][0]["name"], "animaldb_expected");
    assert_eq!(
        bench.json(&["get", &file, "animaldb_expected", "zebra"])["record"]["data"]["class"],
        "mammal"
    );
    let kept = bench.long(&["import", &file]);
    assert_eq!(kept["verdict"], "complete", "{kept:#}");
    // A file in the working directory needs no path.
    fs::write(bench.path("shop.txt"), format!("{HEADER}{LINE}")).unwrap();
    assert_eq!(bench.json(&["get", "shop.txt", "shop", "a"])["record"]["rev"], "2-b");
}

#[test]
fn broken_files_are_refused_and_cut_ones_are_partial() {
    let bench = Bench::with_vault();
    let refused = bench.run(&["import", &fixture("animaldb_corrupted.json")]).expect(8);
    for said in ["line 2", "Nothing of the file was taken", "Hint:", "--resume"] {
        assert!(refused.err.contains(said), "{said}: {refused:#?}");
    }
    bench
        .run(&["import", &fixture("animaldb_corrupted.json"), "--check"])
        .expect(8);
    fs::write(bench.path("cut.txt"), format!("{HEADER}{LINE}[{{\"_id\":\"b\",\"x")).unwrap();
    let partial = bench.run(&["import", "cut.txt"]).expect(3);
    assert!(
        partial.out.contains("PARTIAL") && partial.out.contains("line 3"),
        "{partial:#?}"
    );
}

#[test]
fn snapshots_are_written_for_couchbackup_and_as_lines() {
    let bench = Bench::with_vault();
    fs::write(bench.path("shop.txt"), format!("{HEADER}{LINE}")).unwrap();
    let kept = bench.long(&["import", "shop.txt"]);
    let snapshot = kept["snapshot"].as_str().unwrap();
    bench.ok(&["export", snapshot, "out.txt", "--format", "couchbackup", "--attachments"]);
    let lines: Vec<String> = fs::read_to_string(bench.path("out.txt"))
        .unwrap()
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(lines[0], HEADER.trim_end());
    assert!(lines[1].contains("\"data\":\"aGVsbG8=\""), "{lines:?}");
    let partial = bench
        .run(&["export", snapshot, "plain.txt", "--format", "couchbackup"])
        .expect(3);
    assert!(partial.out.contains("f.txt"), "{partial:#?}");
    bench.ok(&[
        "export",
        snapshot,
        "lines.ndjson.gz",
        "--format",
        "ndjson",
        "--without-attachments",
    ]);
    assert_eq!(bench.json(&["get", "lines.ndjson.gz", "lines", "a"])["record"]["rev"], "2-b");
    let usage = bench.run(&["export", snapshot, "x.zip", "--attachments"]).expect(2);
    assert!(usage.err.contains("a bundle always has its attachments"), "{usage:#?}");
    // Once more from the file itself, which stands for the snapshot.
    bench.ok(&["export", "out.txt", "again.txt", "--format", "couchbackup", "--attachments"]);
    assert_eq!(
        fs::read(bench.path("again.txt")).unwrap(),
        fs::read(bench.path("out.txt")).unwrap()
    );
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_that_is_taken_for_whole() {
    let bench = Bench::new();
    let mut out = std::io::BufWriter::new(fs::File::create(bench.path("large.ndjson")).unwrap());
    for n in 0..300_000 {
        writeln!(out, "{{\"_id\":\"{n}\",\"text\":\"{n} and some more of it\"}}").unwrap();
    }
    drop(out);
    let converted = bench.path("home/cache/converted");
    let entries = || fs::read_dir(&converted).map_or(0, |entries| entries.flatten().count());
    let mut child = bench.start(&["ls", "large.ndjson"]);
    let begun = Instant::now();
    while entries() == 0 && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left: Vec<_> = fs::read_dir(&converted)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left.len(), 1, "killed in the middle");
    assert!(left[0].to_string_lossy().ends_with(".partial"), "{left:?}");
    assert_eq!(bench.json(&["ls", "large.ndjson"])["collections"][0]["records"], 300_000);
    let now: Vec<_> = fs::read_dir(&converted)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(now.len(), 1, "what was left went: {now:?}");
    assert!(now[0].to_string_lossy().ends_with(".zip"), "{now:?}");
}
