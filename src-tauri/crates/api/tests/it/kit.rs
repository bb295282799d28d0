//! Recovery kits: words that open the vault, a page with them, confirmation, and nothing left behind.

use std::{fs, path::Path, process::Command};

use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, put};

fn words(kit: &Value) -> Vec<String> {
    let words = kit["words"].as_array().unwrap();
    words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn keys(bench: &Bench) -> usize {
    bench.ok("vault.keys", json!({"name": "disk"}))["keys"]
        .as_array()
        .unwrap()
        .len()
}

/// The words asked for.
fn asked(kit: &Value) -> Vec<String> {
    let words = words(kit);
    let numbers = kit["ask"].as_array().unwrap();
    numbers
        .iter()
        .map(|n| words[n.as_u64().unwrap() as usize - 1].clone())
        .collect()
}

/// Whether stock restic opens the vault with these words; `None` where there is no restic.
fn restic_opens(bench: &Bench, words: &[String]) -> Option<bool> {
    let ran = Command::new("restic")
        .args(["--no-cache", "-r"])
        .arg(bench.path("disk"))
        .args(["cat", "config"])
        .env("RESTIC_PASSWORD", words.join(" "))
        .output();
    match ran {
        Ok(output) => Some(output.status.success()),
        Err(_) => {
            println!("skipped: there is no restic");
            None
        }
    }
}

#[test]
fn words_open_the_vault_once_they_are_confirmed_and_earlier_ones_no_longer() {
    let bench = Bench::ready();
    put(&bench.source(), "1", "1");
    bench.backup(&[]);
    let first = bench.ok("kit.begin", json!({"name": "disk"}));
    assert_eq!(
        (words(&first).len(), first["ask"].as_array().unwrap().len(), keys(&bench)),
        (12, 3, 2)
    );
    assert_ne!(restic_opens(&bench, &words(&first)), Some(false));
    let wrong = bench.ok(
        "kit.confirm",
        json!({"kit": first["kit"], "words": ["abandon", "abandon", "abandon"]}),
    );
    assert_eq!(wrong["confirmed"], false);
    let none = json!([]);
    assert_eq!(
        bench.ok("kit.confirm", json!({"kit": first["kit"], "words": none}))["confirmed"],
        false
    );
    let health = |bench: &Bench| bench.ok("overview", json!({}))["vaults"][0]["kit"].clone();
    assert_eq!(health(&bench)["confirmed"], Value::Null);
    // As people type: capitals and spaces do not matter.
    let typed: Vec<String> = asked(&first)
        .iter()
        .map(|word| format!(" {} ", word.to_uppercase()))
        .collect();
    assert_eq!(
        bench.ok("kit.confirm", json!({"kit": first["kit"], "words": typed}))["confirmed"],
        true
    );
    assert!(health(&bench)["confirmed"].is_string() && health(&bench)["outdated"] == false);

    let second = bench.ok("kit.begin", json!({"name": "disk"}));
    assert_ne!(words(&second), words(&first));
    assert_eq!(keys(&bench), 3, "the earlier words open it until the new ones are confirmed");
    bench.ok("kit.confirm", json!({"kit": second["kit"], "words": asked(&second)}));
    assert_eq!(keys(&bench), 2);
    assert_ne!(restic_opens(&bench, &words(&first)), Some(true));
    assert_ne!(restic_opens(&bench, &words(&second)), Some(false));

    // Somebody removed the key by hand: the page at home is worth nothing any more.
    let list = bench.ok("vault.keys", json!({"name": "disk"}));
    let kits = list["keys"].as_array().unwrap().iter();
    let kit = kits
        .clone()
        .find(|key| key["user"].as_str().unwrap().starts_with("recovery-kit-"))
        .unwrap();
    bench.ok("vault.keyRemove", json!({"name": "disk", "key": kit["id"]}));
    assert_eq!(health(&bench)["outdated"], true);
}

#[test]
fn the_page_has_the_words_and_lies_privately() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::ready();
    let kit = bench.ok("kit.begin", json!({"name": "disk"}));
    let page = bench.path("kit.html");
    bench.ok("kit.write", json!({"kit": kit["kit"], "path": page}));
    assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    let html = fs::read_to_string(&page).unwrap();
    for word in words(&kit) {
        assert!(html.contains(&format!("<li>{word}</li>")), "{word}");
    }
    assert!(
        html.contains("<svg") && !html.contains("<script") && !html.contains("http-equiv"),
        "a code to scan, nothing that loads"
    );
    assert!(html.contains("restic") && html.contains("backstay vault add"));
    let printed = bench.ok("kit.write", json!({"kit": kit["kit"]}));
    let printed = Path::new(printed["path"].as_str().unwrap()).to_owned();
    assert_eq!(fs::metadata(&printed).unwrap().permissions().mode() & 0o777, 0o600);
    bench.ok("kit.cancel", json!({"kit": kit["kit"]}));
    assert!(!printed.exists(), "what was only printed is gone");
    assert!(page.exists(), "what the person kept stays theirs");
    assert_eq!(keys(&bench), 1);
    let error = bench.err("kit.write", json!({"kit": kit["kit"]}));
    assert_eq!(error.code, ErrorKind::NotFound, "{error:?}");
}

#[test]
fn the_words_stand_nowhere_but_on_the_page() {
    let bench = Bench::ready();
    let kit = bench.ok("kit.begin", json!({"name": "disk"}));
    let text = words(&kit).join(" ");
    bench.ok("kit.confirm", json!({"kit": kit["kit"], "words": asked(&kit)}));
    let mut looked = 0;
    let mut folders = vec![bench.dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            looked += 1;
            let content = fs::read(&path).unwrap();
            let found = content.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert!(looked > 3);
    assert!(
        !bench
            .ok("audit.list", json!({"after": 0, "limit": 100}))
            .to_string()
            .contains(&words(&kit)[0..3].join(" "))
    );
}

#[test]
fn a_kit_that_was_left_lying_is_removed() {
    let bench = Bench::ready();
    bench.ok("kit.begin", json!({"name": "disk"}));
    assert_eq!(keys(&bench), 2);
    let next = bench.ok("kit.begin", json!({"name": "disk"}));
    assert_eq!(keys(&bench), 2, "the one begun before is given up");
    // As after a crash: the journal says that another process began it.
    let db = bench.path("home/state.db");
    let sql = "UPDATE kits SET pid = 0, boot = 'another boot'";
    assert!(
        Command::new("sqlite3")
            .arg(&db)
            .arg(sql)
            .status()
            .map_or(true, |status| status.success())
    );
    bench.ok("kit.cancel", json!({"kit": next["kit"]}));
    assert_eq!(keys(&bench), 1);
    let error = bench.err("kit.confirm", json!({"kit": next["kit"], "words": asked(&next)}));
    assert_eq!(error.code, ErrorKind::NotFound);
}
