//! A clock that was set back between runs: nothing is lost, overwritten or taken for newer than it is.

use std::{
    fs,
    process::{Command, Stdio},
};

use backstay_model::RawJson;
use backstay_source_kit::MemorySource;

use crate::{
    bench::{Bench, Ran},
    bits::{back_up, empty_vault, noon},
    data::tree,
    full::run,
};

/// The engine takes the time as it comes: the next backup builds on the newest it finds and changes none of them.
#[test]
fn in_the_engine() {
    let (_place, vault) = empty_vault();
    let source = MemorySource::default();
    for n in 0..50 {
        source.put("tasks", &format!("t{n}"), RawJson::parse(b"{\"n\": 1}").unwrap());
    }
    let mut made = Vec::new();
    for day in [10, 3, 3, -400, 11] {
        source.put(
            "tasks",
            "t7",
            RawJson::parse(format!("{{\"day\": {day}}}").as_bytes()).unwrap(),
        );
        made.push((day, back_up(&vault, &source, "folder", noon(day))));
    }
    let listed = vault.snapshots().unwrap();
    assert_eq!((listed.good.len(), listed.damaged.len()), (5, 0));
    let reader = vault.reader().unwrap();
    for (day, snapshot) in &made {
        let state = backstay_engine::snapshot::open_snapshot(&reader, snapshot, &crate::bits::connector).unwrap();
        let record = state.record("tasks", "t7").unwrap().unwrap();
        assert_eq!(record.data.as_bytes(), format!("{{\"day\": {day}}}").as_bytes(), "day {day}");
        assert_eq!(state.view("tasks").unwrap().count("tasks").unwrap(), 50);
    }
}

/// A call that believes in another time, relative to now.
pub fn at(bench: &Bench, when: &str, args: &[&str]) -> Ran {
    let ours = bench.command(args);
    let mut command = Command::new("faketime");
    command
        .args(["-f", when])
        .arg(ours.get_program())
        .args(args)
        .current_dir(bench.path(""))
        .env_clear()
        .envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null());
    run(&mut command)
}

/// Whether [`at`] works here.
pub fn can_be_set() -> bool {
    let there = Command::new("faketime").arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED in part: Debian's faketime is not installed");
    }
    there
}

#[test]
fn in_the_program() {
    if !can_be_set() {
        return;
    }
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    fs::create_dir_all(&docs).unwrap();
    bench.add_folder("docs", &docs);
    let mut made = Vec::new();
    // A year ahead, then right, then two years back, then right again.
    for (n, when) in ["+366d", "+0d", "-730d", "+0d"].into_iter().enumerate() {
        fs::write(docs.join("when"), format!("run {n}")).unwrap();
        fs::write(docs.join(format!("f{n}")), format!("only since {n}")).unwrap();
        let ran = at(&bench, when, &["backup", "docs", "--json"]).expect(0);
        let reply = ran.result();
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        assert!(reply["runs"][0]["seconds"].as_f64().unwrap() >= 0.0, "{reply:#}");
        made.push((reply["runs"][0]["snapshot"].as_str().unwrap().to_owned(), tree(&docs)));
    }
    let listed = bench.json(&["snapshots"]);
    let years: Vec<i64> = listed["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["time"].as_str().unwrap()[..4].parse().unwrap())
        .collect();
    assert_eq!(years.len(), 4, "{listed:#}");
    assert!(
        years.iter().max().unwrap() - years.iter().min().unwrap() >= 2,
        "the clock was set: {years:?}"
    );
    for (id, whole) in &made {
        let to = bench.path("copy");
        bench.ok(&["restore", id, "--to", to.to_str().unwrap()]);
        assert_eq!(&tree(&to), whole, "{id}");
        fs::remove_dir_all(to).unwrap();
    }
    bench.ok(&["audit", "verify"]);
    bench.ok(&["verify", "safe", "--read-data"]);
    // Retention with a clock far behind removes nothing that is young by the vault's own times.
    let would = at(
        &bench,
        "-730d",
        &["forget", "docs", "--older-than", "30d", "--dry-run", "--json"],
    )
    .expect(0);
    assert_eq!(would.result()["removed"], 0, "{would:#?}");
    // The newest complete one always stays, and the newest is told by time.
    bench.ok(&["forget", "docs", "--keep-last", "1", "--prune", "--yes"]);
    let left = bench.json(&["snapshots"]);
    let left = left["snapshots"].as_array().unwrap();
    assert!(left.iter().any(|s| s["id"] == made[0].0.as_str()), "the newest by time");
    bench.ok(&["verify", "safe", "--read-data"]);
}
