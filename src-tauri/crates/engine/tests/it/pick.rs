//! What `--only` means: names with `/`, ids with `/`, folders of both, and what is not there.

use backstay_engine::{
    EngineError, State,
    restore::{Ids, Picked, pick},
};
use backstay_model::{ErrorKind, Selection};

use crate::bench::{Bench, json};

fn filled() -> (Bench, State) {
    let bench = Bench::new();
    bench.source.put("team", "x", json("1"));
    bench.source.put("team", "tasks/1", json("2"));
    bench.source.put("team/tasks", "1", json("3"));
    bench.source.put("team/tasks", "a/b", json("4"));
    bench.source.put("team/notes", "1", json("5"));
    bench.source.put("work/a", "1", json("6"));
    bench.source.put("work/b", "1", json("7"));
    bench.source.file("docs/a/one.txt", &b"1"[..]);
    bench.source.file("docs/a/two.txt", &b"2"[..]);
    bench.source.file("docs/ab.txt", &b"3"[..]);
    bench.source.file("team.txt", &b"4"[..]);
    let done = bench.backup();
    let state = bench.open(&done.snapshot);
    (bench, state)
}

fn picked(state: &State, only: &[&str]) -> backstay_engine::Result<Picked> {
    let only = only.iter().map(|&o| o.to_owned()).collect();
    pick(
        state,
        &Selection {
            only,
            ..Selection::default()
        },
    )
}

fn ids(ids: &[&str]) -> Ids {
    Ids::Some(ids.iter().map(|&i| i.to_owned()).collect())
}

#[test]
fn nothing_selected_is_everything_as_it_is_stored() {
    let (_bench, state) = filled();
    let all = picked(&state, &[]).unwrap();
    assert_eq!(all.collections.len(), 5);
    assert!(all.collections.values().all(|ids| *ids == Ids::All));
    assert_eq!(all.files, Some(Vec::new()));
}

#[test]
fn the_longest_collection_name_counts() {
    let (_bench, state) = filled();
    let one = |wanted: &str| picked(&state, &[wanted]).unwrap().collections;
    assert_eq!(one("team")["team"], Ids::All);
    assert_eq!(
        one("team").len(),
        1,
        "a collection of that name comes before a folder of them"
    );
    assert_eq!(one("team/x")["team"], ids(&["x"]));
    assert_eq!(one("team/tasks")["team/tasks"], Ids::All);
    assert_eq!(one("team/tasks/1")["team/tasks"], ids(&["1"]));
    assert_eq!(one("team/tasks/a/b")["team/tasks"], ids(&["a/b"]));
    assert_eq!(one("work").keys().collect::<Vec<_>>(), ["work/a", "work/b"]);
}

#[test]
fn what_is_picked_twice_is_restored_once() {
    let (_bench, state) = filled();
    let both = picked(&state, &["team/x", "team/x", "team/tasks/1"]).unwrap();
    assert_eq!(both.collections["team"], ids(&["x"]));
    assert_eq!(picked(&state, &["team/x", "team"]).unwrap().collections["team"], Ids::All);
    assert_eq!(picked(&state, &["team", "team/x"]).unwrap().collections["team"], Ids::All);
    let files = |only: &[&str]| picked(&state, only).unwrap().files.unwrap();
    assert_eq!(files(&["docs/a/one.txt", "docs/a/one.txt"]), ["docs/a/one.txt"]);
    assert_eq!(files(&["docs/a", "docs/a/one.txt"]), ["docs/a"]);
    assert_eq!(
        files(&["docs/a/one.txt", "docs/ab.txt", "docs/a/"]),
        ["docs/ab.txt", "docs/a"]
    );
    assert_eq!(files(&["docs/a/one.txt", "files"]), [""; 0]);
    assert_eq!(files(&["files", "docs/a/one.txt"]), [""; 0]);
    assert_eq!(files(&["files/team.txt"]), ["team.txt"]);
}

#[test]
fn what_is_not_there_is_named() {
    let (_bench, state) = filled();
    let error = |only: &str| picked(&state, &["team", only]).unwrap_err();
    assert!(matches!(error("nope"), EngineError::NothingSelected { wanted, known } if wanted == "nope" && known.len() == 5));
    assert!(matches!(error("team/tasks/9"), EngineError::NoRecord { collection, id } if collection == "team/tasks" && id == "9"));
    assert!(matches!(error("docs/none"), EngineError::NothingSelected { .. }));
    assert!(matches!(error("files/none"), EngineError::NothingSelected { .. }));
    for only in ["nope", "team/tasks/9", "docs/none"] {
        assert_eq!(error(only).kind(), ErrorKind::NotFound);
    }
}
