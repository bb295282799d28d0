//! Search over everything that was ever saved.

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, put},
    shelf::{at, shelf},
};

fn search(bench: &Bench, text: &str, more: Value) -> Value {
    let mut request = json!({"text": text, "earlier": true, "limit": 100});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.ok("search", request)
}

fn found(reply: &Value) -> Vec<(String, String, bool)> {
    let hits = reply["hits"].as_array().unwrap();
    let mut all: Vec<_> = hits
        .iter()
        .map(|hit| {
            let fate = hit["fate"].as_str().unwrap_or("-").to_owned();
            (hit["id"].as_str().unwrap().to_owned(), fate, hit["now"].as_bool().unwrap())
        })
        .collect();
    all.sort();
    all
}

fn hit(id: &str, fate: &str, now: bool) -> (String, String, bool) {
    (id.to_owned(), fate.to_owned(), now)
}

#[test]
fn what_was_ever_saved_is_found_once_with_what_became_of_it() {
    let bench = Bench::ready();
    let source = bench.source();
    put(&source, "stays", r#"{"title":"Dentist","body":"call the DÉNTIST today"}"#);
    put(&source, "edited", r#"{"title":"List","body":"déntist, milk"}"#);
    put(&source, "removed", r#"{"title":"Old","body":"the déntist moved"}"#);
    put(&source, "other", r#"{"title":"Nothing"}"#);
    source.file("letters/Déntist.txt", &b"x"[..]);
    source.file("letters/keep déntist.txt", &b"x"[..]);
    let first = bench.backup(&[]);
    put(&source, "edited", r#"{"title":"List","body":"milk"}"#);
    put(&source, "stays", r#"{"title":"Dentist","body":"call the déntist tomorrow"}"#);
    let second = bench.backup(&[]);
    source.delete("c", "removed");
    source.remove_file("letters/Déntist.txt");
    put(&source, "other", r#"{"title":"Still nothing"}"#);
    let third = bench.backup(&[]);
    let all = search(&bench, "déntist", json!({}));
    assert_eq!(
        found(&all),
        [
            hit("edited", "changed", false),
            hit("letters/Déntist.txt", "removed", false),
            hit("letters/keep déntist.txt", "-", true),
            hit("removed", "removed", false),
            hit("stays", "-", true),
        ]
    );
    assert_eq!(
        (&all["snapshots"], &all["problems"], &all["more"]),
        (&json!(3), &json!([]), &json!(false))
    );
    let of = |id: &str| {
        all["hits"]
            .as_array()
            .unwrap()
            .iter()
            .find(|hit| hit["id"] == id)
            .unwrap()
            .clone()
    };
    assert_eq!(of("removed")["snapshot"], second, "where it was seen last");
    assert_eq!(of("edited")["snapshot"], first);
    assert_eq!(of("stays")["snapshot"], third);
    assert_eq!(
        (&of("removed")["title"], &of("removed")["excerpt"]),
        (&json!("Old"), &json!("the déntist moved"))
    );
    assert_eq!(of("letters/Déntist.txt")["collection"], "files");
    let times: Vec<&str> = all["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["time"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");

    let now = search(&bench, "DÉNTIST", json!({"earlier": false}));
    assert_eq!(
        found(&now),
        [hit("letters/keep déntist.txt", "-", true), hit("stays", "-", true)]
    );
    assert_eq!(now["snapshots"], 1);
    let gone = search(&bench, "déntist", json!({"onlyGone": true}));
    assert_eq!(
        found(&gone),
        [hit("letters/Déntist.txt", "removed", false), hit("removed", "removed", false)]
    );
    let two = search(&bench, "déntist", json!({"limit": 2}));
    assert_eq!((two["hits"].as_array().unwrap().len(), &two["more"]), (2, &json!(true)));
    assert_eq!(search(&bench, "unheard of", json!({}))["hits"], json!([]));
    assert_eq!(
        bench.err("search", json!({"text": "  ", "earlier": true, "limit": 5})).code,
        ErrorKind::Usage
    );
    assert_eq!(
        bench
            .err(
                "search",
                json!({"text": "x", "source": "nobody", "earlier": true, "limit": 5})
            )
            .code,
        ErrorKind::NotFound
    );
    bench.cancel.cancel();
    assert_eq!(
        bench.err("search", json!({"text": "x", "earlier": true, "limit": 5})).code,
        ErrorKind::Cancelled
    );
}

#[test]
fn rows_of_databases_are_found_in_earlier_points_in_time() {
    let bench = shelf("sqlite");
    let db = rusqlite::Connection::open(bench.path("source")).unwrap();
    db.execute_batch(
        "CREATE TABLE tasks (id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO tasks VALUES (1, 'paint the fence'), (2, 'fence off the garden'), (3, 'sleep');",
    )
    .unwrap();
    let first = bench.backup(&[]);
    let same = bench.backup(&[]);
    assert_ne!(first, same);
    db.execute_batch("DELETE FROM tasks WHERE id = 2; UPDATE tasks SET name = 'paint the gate' WHERE id = 1")
        .unwrap();
    bench.backup(&[]);
    let all = search(&bench, "FENCE", json!({}));
    assert_eq!(found(&all), [hit("1", "changed", false), hit("2", "removed", false)]);
    assert!(
        all["hits"].as_array().unwrap().iter().all(|hit| hit["snapshot"] == same),
        "seen last in the second: {all:#}"
    );
    assert_eq!(all["hits"][0]["collection"], "tasks");
}

#[test]
fn two_vaults_with_the_same_backups_give_one_hit_and_a_lost_one_is_named() {
    let bench = Bench::ready();
    bench.vault("second");
    let source = bench.source();
    put(&source, "a", r#"{"t":"treasure"}"#);
    put(&source, "b", r#"{"t":"treasure too"}"#);
    bench.backup(&["disk", "second"]);
    source.delete("c", "b");
    bench.backup(&["disk", "second"]);
    let all = search(&bench, "treasure", json!({}));
    assert_eq!(found(&all), [hit("a", "-", true), hit("b", "removed", false)]);
    std::fs::rename(bench.path("second"), bench.path("unplugged")).unwrap();
    let half = search(&bench, "treasure", json!({}));
    assert_eq!(found(&half), found(&all));
    assert_eq!(half["problems"].as_array().unwrap().len(), 1, "{half:#}");
    assert!(half["problems"][0].as_str().unwrap().contains("second"));
    std::fs::rename(bench.path("disk"), bench.path("unplugged too")).unwrap();
    assert_ne!(
        bench
            .err("search", json!({"text": "treasure", "earlier": true, "limit": 5}))
            .code,
        ErrorKind::Internal
    );
}

#[test]
fn files_have_facts_to_show() {
    let bench = Bench::ready();
    bench.source().file("a/b.txt", &b"hello"[..]);
    let snapshot = bench.backup(&[]);
    let got = bench.ok(
        "record.get",
        json!({"at": at(&snapshot), "collection": "files", "id": "a/b.txt"}),
    );
    assert_eq!(got["record"]["data"]["size"], 5, "{got:#}");
    assert_eq!(got["record"]["data"]["kind"], "file");
    let none = bench.err(
        "record.get",
        json!({"at": at(&snapshot), "collection": "files", "id": "a/c.txt"}),
    );
    assert_eq!(none.code, ErrorKind::NotFound);
}
