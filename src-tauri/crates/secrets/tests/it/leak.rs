//! No text that a person or a log may see holds a secret.

use std::fs;

use backstay_secrets::{FileStore, KeySource, MemoryStore, SecretName, SecretStore, create_key_file};

use crate::{VALUE, name, secret};

fn clean(text: &str) {
    assert!(!text.contains(VALUE), "leaked: {text}");
    assert!(!text.contains(&hex(VALUE)), "leaked as hexadecimal: {text}");
    assert!(
        !text.contains(&format!("{:?}", VALUE.as_bytes())),
        "leaked as numbers: {text}"
    );
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn values_do_not_show() {
    let value = secret(VALUE);
    clean(&format!("{value} {value:?} {value:#?} {:?}", Some(&value)));
    let store = MemoryStore::default();
    store.set(&name("a"), &value).unwrap();
    assert_eq!(store.get(&name("a")).unwrap().expose_text(), Some(VALUE));
    clean(&format!("{store:?} {}", store.describe()));
    clean(&format!("{:?}", KeySource::Passphrase(value)));
}

#[test]
fn stores_and_errors_do_not_show_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets.age");
    let key = dir.path().join("key");
    create_key_file(&key).unwrap();
    let store = FileStore::open(&path, &KeySource::KeyFile(key.clone())).unwrap();
    store.set(&name("a"), &secret(VALUE)).unwrap();
    clean(&format!("{store:?} {}", store.describe()));
    let mut errors = Vec::new();
    errors.push(FileStore::open(&path, &KeySource::Passphrase(secret(VALUE))).unwrap_err());
    errors.push(FileStore::open(&path, &KeySource::PassphraseCommand(format!("printf {VALUE}; exit 1"))).unwrap_err());
    errors.push(store.get(&name("b")).unwrap_err());
    // A passphrase where a name or a key belongs, as people do.
    errors.push(FileStore::open(&path, &KeySource::PassphraseEnv("NOT_SET".to_owned())).unwrap_err());
    fs::write(&key, format!("AGE-SECRET-KEY-1{VALUE}")).unwrap();
    errors.push(FileStore::open(&path, &KeySource::KeyFile(key)).unwrap_err());
    fs::write(&path, VALUE).unwrap();
    errors.push(store.get(&name("a")).unwrap_err());
    for error in errors {
        clean(&format!("{error} {error:?} {:?}", std::error::Error::source(&error)));
    }
}

#[test]
fn names_are_plain() {
    assert!(SecretName::new("a b").is_err());
    assert!(serde_json::from_str::<SecretName>("\"a/b\"").is_ok());
    assert!(serde_json::from_str::<SecretName>("\"a//b\"").is_err());
}
