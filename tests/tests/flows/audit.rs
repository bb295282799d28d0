//! The audit trail: who did what, and that nobody changed it since.

use std::fs;

use crate::{bench::Bench, data};

fn bench() -> Bench {
    let bench = Bench::with_vault();
    data::folder(&bench.path("docs"));
    bench.add_folder("docs", &bench.path("docs"));
    bench.back_up("docs");
    bench.ok(&["restore", "docs@latest", "--to", &bench.text("copy")]);
    bench
}

#[test]
fn every_act_is_in_the_trail_and_heads_are_kept_in_snapshots() {
    let bench = bench();
    let list = bench.json(&["audit", "list"]);
    let actions: Vec<&str> = list["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    for action in ["vault.create", "source.add", "backup", "restore"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    let verified = bench.json(&["audit", "verify"]);
    assert_eq!(
        (&verified["intact"], &verified["confirmedBySnapshots"]),
        (&true.into(), &1.into()),
        "{verified:#}"
    );
    bench.ok(&["audit", "export", &bench.text("trail.ndjson")]);
    let exported = fs::read_to_string(bench.path("trail.ndjson")).unwrap();
    assert_eq!(exported.lines().count(), actions.len());
    assert_eq!(bench.ok(&["audit", "export"]).out, exported);
}

#[test]
fn tampering_is_found() {
    for (what, sql) in [
        ("changed", "UPDATE audit SET object = 'something else' WHERE seq = 2"),
        ("cut out", "DELETE FROM audit WHERE seq = 2"),
        // With the entry whose hash lies in the snapshot.
        ("cut off", "DELETE FROM audit WHERE seq >= 2"),
    ] {
        let bench = bench();
        let state = fs::read_dir(bench.path("home")).unwrap().map(|entry| entry.unwrap().path());
        let state = state
            .into_iter()
            .find(|path| path.extension().is_some_and(|e| e == "db" || e == "sqlite"))
            .unwrap();
        let db = rusqlite::Connection::open(&state).unwrap();
        // Someone who wants to hide something removes the guards first.
        let mut guards = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        let guards: Vec<String> = guards.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for guard in guards {
            db.execute_batch(&format!("DROP TRIGGER \"{guard}\"")).unwrap();
        }
        assert!(db.execute(sql, []).unwrap() > 0, "{what}");
        let ran = bench.run(&["audit", "verify", "--json"]).expect(8);
        assert_eq!(ran.json()["intact"], false, "{what}: {ran:#?}");
    }
}
