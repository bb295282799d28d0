//! The second language: nothing English is left, and dates and numbers are written its way.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use crate::bench::{Desk, lay_out, top};

/// Texts of the English catalogue that read differently in German, without those that hold a variable.
fn english() -> BTreeSet<String> {
    let read = |language: &str, file: &str| -> Value {
        let path = top().join(format!("ui/src/i18n/{language}/{file}"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let mut texts = BTreeSet::new();
    for file in fs::read_dir(top().join("ui/src/i18n/en")).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        collect(&read("en", &name), &read("de", &name), &mut texts);
    }
    texts
}

fn collect(english: &Value, german: &Value, texts: &mut BTreeSet<String>) {
    match (english, german) {
        (Value::Object(english), german) => {
            for (key, text) in english {
                collect(text, &german[key], texts);
            }
        }
        (Value::String(text), Value::String(other)) if text != other && !text.contains("{{") => {
            texts.insert(text.clone());
        }
        _ => {}
    }
}

/// Words that stand in English sentences and in no German one.
const TELLTALE: [&str; 14] = [
    "the", "of", "and", "with", "is", "are", "not", "from", "your", "you", "nothing", "which", "this", "for",
];
/// What may be English: names of programs, and what connectors and the keychain say of themselves (the engine speaks English).
const ALLOWED: [&str; 15] = [
    "backstay ",
    "Backstay",
    "BACKSTAY_",
    "MIT",
    "Live",
    "SQLite and LiveStore",
    "Folder",
    "Any folder of files",
    "One SQLite database",
    "The folder to protect",
    "Databases of a CouchDB",
    "the encrypted file",
    // Messages, as every channel gets them, and what the system said of itself.
    "No older backup is removed until you answer.",
    ": held by a guard",
    "There is no system bus to ask about power and network.",
];
/// German for "Thu", and English for something else; what an entry of the audit trail is about, as the engine names it.
const BOTH: [&str; 2] = ["Do", "settings"];

#[test]
fn no_english_is_left_on_any_page() {
    let desk = Desk::new();
    let tour = lay_out(&desk);
    let window = desk.window(&[]);
    let mut settings = window.call("settings.get", &json!({}));
    settings["language"] = json!("de");
    window.call("settings.set", &settings);
    window.see("Überblick");
    let english = english();
    assert!(english.len() > 500, "the catalogue was read");
    let mut left = BTreeSet::new();
    let mut all = String::new();
    for route in tour.routes() {
        window.look_at(&route);
        let text = window.text();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let telltale = || {
                let words = line.split(|sign: char| !sign.is_alphanumeric()).map(str::to_lowercase);
                words.into_iter().any(|word| TELLTALE.contains(&word.as_str()))
            };
            let allowed = BOTH.contains(&line) || ALLOWED.iter().any(|allowed| line.contains(allowed));
            if !allowed && (english.contains(line) || telltale()) {
                left.insert(format!("{}: {line}", route.split('?').next().unwrap()));
            }
        }
        all.push_str(&text);
    }
    let left: Vec<String> = left.into_iter().collect();
    assert!(left.is_empty(), "English on German pages:\n{}", left.join("\n"));
    assert!(all.contains("12.344"), "numbers are German");
    assert!(!all.contains("12,344"), "no number is English");
    assert!(
        all.contains(" Uhr") || all.contains(". November") || all.contains(". Nov"),
        "dates are German"
    );
}
