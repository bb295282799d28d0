//! Restore drills from the command line: one that brings everything back, one that must fail on a damaged vault.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    bench::Bench,
    data::{self, tree},
};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    drop(data::tasks(&bench.path("app.db"), "wal", 100));
    bench.add_sqlite("app", &bench.path("app.db"));
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench
}

#[test]
fn everything_comes_back_and_the_time_is_known() {
    let bench = bench();
    bench.run(&["drill", "app"]).expect(5);
    bench.back_up("app");
    bench.back_up("docs");
    let before = tree(&bench.path("docs"));
    for name in ["app", "docs"] {
        let done = bench.long(&["drill", name]);
        assert_eq!(
            (&done["verdict"], &done["differing"]),
            (&"complete".into(), &0.into()),
            "{done:#}"
        );
        assert!(
            done["compared"].as_u64().unwrap() > 0 && done["seconds"].as_f64().unwrap() > 0.0,
            "{done:#}"
        );
    }
    let one = bench.ok(&["drill", "app", "--one-each"]).out;
    assert!(one.contains("one record of each collection back in"), "{one}");
    let listed = bench.json(&["drill", "--list", "app"]);
    let verdicts: Vec<&str> = listed["drills"]
        .as_array()
        .unwrap()
        .iter()
        .map(|drill| drill["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(
        verdicts,
        ["complete", "complete", "failed"],
        "without a backup nothing comes back: {listed:#}"
    );
    assert!(bench.ok(&["drill", "--list", "app"]).out.contains("everything"));
    assert_eq!(tree(&bench.path("docs")), before, "the source was not touched");
    let runs = bench.json(&["runs", "--kind", "drill"]);
    assert_eq!(runs["runs"].as_array().unwrap().len(), 4);
    let status = bench.json(&["status"]);
    assert!(status["figures"]["sources"][0]["rtoSeconds"].as_f64().is_some(), "{status:#}");
    let scratch = bench.path("home/scratch");
    assert!(
        !scratch.exists() || tree(&scratch).is_empty(),
        "nothing is left behind: {:?}",
        tree(&scratch)
    );
}

#[test]
fn a_damaged_vault_fails_the_drill_and_raises_the_alarm() {
    let bench = bench();
    bench.back_up("docs");
    bench.ok(&["drill", "docs"]);
    let packs = tree(&bench.path("vault/data"));
    let biggest = packs
        .into_iter()
        .map(|(path, _)| bench.path("vault/data").join(path))
        .filter(|path| path.is_file())
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .unwrap();
    let good = fs::read(&biggest).unwrap();
    let mut bytes = good.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::set_permissions(&biggest, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&biggest, bytes).unwrap();
    let ran = bench.run(&["drill", "docs", "--json"]);
    assert!([1, 8].contains(&ran.code), "{ran:#?}");
    let done = ran.result();
    assert_eq!(done["verdict"], "failed", "{done:#}");
    let text = bench.run(&["drill", "docs"]).out;
    assert!(
        text.contains("FAILED") && text.contains("backstay verify safe --read-data"),
        "{text}"
    );
    let named = done["differences"].to_string() + &done["reason"].to_string();
    assert!(
        named.contains("beach.jpg") || named.contains("pack"),
        "what is lost is named: {done:#}"
    );
    let status = bench.run(&["status", "--json"]).expect(1).json();
    let alarms = status["alerts"].as_array().unwrap();
    assert_eq!(alarms.len(), 1, "one cause, one alarm: {status:#}");
    assert_eq!(alarms[0]["message"]["event"], "drillFailed");
    assert_eq!(alarms[0]["count"], 2);
    // Whole again: the alarm is taken back.
    fs::write(&biggest, good).unwrap();
    bench.ok(&["drill", "docs"]);
    assert!(bench.json(&["status"])["alerts"].as_array().unwrap().is_empty());
}
