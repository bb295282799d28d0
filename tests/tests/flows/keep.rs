//! Retention, prune, verify.

use crate::{
    bench::Bench,
    data::{self, execute},
};

fn bench(backups: u32) -> Bench {
    let bench = Bench::with_vault();
    let file = bench.path("app.db");
    drop(data::tasks(&file, "delete", 100));
    bench.add_sqlite("app", &file);
    for n in 0..backups {
        execute(
            &file,
            &format!(
                "CREATE TABLE bulk{n} AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, hex(randomblob(40)) AS x FROM n"
            ),
        );
        if n > 0 {
            execute(&file, &format!("DROP TABLE bulk{}; VACUUM", n - 1));
        }
        bench.back_up("app");
    }
    // A table that went is an alarm, and nothing is removed before it is answered.
    if backups > 1 {
        bench.run(&["forget", "app", "--keep-last", "1", "--yes"]).expect(4);
        bench.intended();
    }
    bench
}

fn count(bench: &Bench) -> usize {
    bench.json(&["snapshots", "--source", "app"])["snapshots"]
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn a_preview_says_what_goes_and_what_it_frees_and_then_it_goes() {
    let bench = bench(4);
    let preview = bench.long(&["forget", "app", "--keep-last", "1", "--dry-run"]);
    assert_eq!(
        (&preview["removed"], &preview["dryRun"]),
        (&3.into(), &true.into()),
        "{preview:#}"
    );
    let frees = preview["frees"].as_u64().unwrap();
    assert!(frees > 100_000, "{preview:#}");
    assert_eq!(count(&bench), 4);

    let refused = bench.run(&["forget", "app", "--keep-last", "1"]).expect(4);
    assert!(refused.err.contains("--yes"), "{refused:#?}");
    assert_eq!(count(&bench), 4);

    let before = bench.json(&["vault", "info", "safe"])["bytes"].as_u64().unwrap();
    let done = bench.long(&["forget", "app", "--keep-last", "1", "--prune", "--yes"]);
    assert_eq!(done["removed"], 3, "{done:#}");
    let after = bench.json(&["vault", "info", "safe"])["bytes"].as_u64().unwrap();
    let freed = before - after;
    assert!(
        freed as f64 > frees as f64 * 0.8,
        "{frees} were promised, {freed} came free: {done:#}"
    );
    assert_eq!(count(&bench), 1);
    bench.ok(&["verify", "safe", "--read-data"]);
    bench.restic(&["check", "--read-data"]).expect(0);
}

#[test]
fn prune_frees_what_forget_left() {
    let bench = bench(3);
    bench.ok(&["forget", "app", "--keep-last", "1", "--yes"]);
    let would = bench.long(&["prune", "safe", "--dry-run"]);
    assert!(
        would["freedBytes"].as_u64().unwrap() > 50_000 && would["dryRun"] == true,
        "{would:#}"
    );
    let done = bench.long(&["prune", "safe"]);
    assert_eq!(
        done["freedBytes"], would["freedBytes"],
        "the preview is what happens: {done:#}"
    );
    assert_eq!(bench.long(&["prune", "safe"])["freedBytes"], 0);
    bench.ok(&["verify", "safe", "--read-data"]);
}

#[test]
fn tags_presets_and_missing_rules() {
    let bench = bench(1);
    bench.ok(&["backup", "app", "--tag", "release"]);
    bench.back_up("app");
    let kept = bench.long(&["forget", "app", "--keep-tag", "release", "--dry-run"]);
    assert_eq!(kept["removed"], 1, "the newest always stays: {kept:#}");
    let preset = bench.long(&["forget", "app", "--preset", "30d-12w-12m", "--dry-run"]);
    assert_eq!(preset["removed"], 2, "one a day stays: {preset:#}");
    let old = bench.long(&["forget", "app", "--older-than", "1d", "--dry-run"]);
    assert_eq!(old["removed"], 0, "{old:#}");
    bench.run(&["forget", "app", "--yes"]).expect(2);
    assert_eq!(count(&bench), 3);
}

#[test]
fn verify_counts_what_it_read() {
    let bench = bench(2);
    let structure = bench.long(&["verify", "safe"]);
    assert_eq!(
        (&structure["verdict"], &structure["packsRead"]),
        (&"complete".into(), &0.into()),
        "{structure:#}"
    );
    let all = bench.long(&["verify", "safe", "--read-data"]);
    assert_eq!(all["packsRead"], all["packs"], "{all:#}");
    let some = bench.long(&["verify", "safe", "--read-data=50"]);
    let read = some["packsRead"].as_u64().unwrap();
    assert!(read > 0 && read <= all["packs"].as_u64().unwrap(), "{some:#}");
    bench.run(&["verify", "safe", "--read-data=0"]).expect(2);
}
