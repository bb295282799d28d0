//! The encrypted file: keys and passphrases, wrong ones, damage, permissions, several writers, crashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use backstay_model::ErrorKind;
use backstay_secrets::{FileStore, KeySource, Secret, SecretStore, SecretsError, create_key_file};

use crate::{VALUE, case, child, name, secret};

struct Place {
    dir: tempfile::TempDir,
    key: KeySource,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.txt");
        create_key_file(&path).unwrap();
        Self {
            dir,
            key: KeySource::KeyFile(path),
        }
    }
    fn path(&self) -> PathBuf {
        self.dir.path().join("secrets.age")
    }
    fn open(&self) -> Result<FileStore, SecretsError> {
        FileStore::open(self.path(), &self.key)
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

fn private(dir: &Path, file: &str, content: &str) -> PathBuf {
    let path = dir.join(file);
    fs::write(&path, content).unwrap();
    #[cfg(unix)]
    chmod(&path, 0o600);
    path
}

#[test]
fn keeps_and_gives_back() {
    let place = Place::new();
    let store = place.open().unwrap();
    assert!(!place.path().exists(), "opening writes nothing");
    let (a, b) = (name("vault/1/password"), name("source/2/token"));
    assert!(matches!(store.get(&a), Err(SecretsError::NotFound { .. })));
    assert!(matches!(store.delete(&a), Err(SecretsError::NotFound { .. })));
    store.set(&a, &secret("first")).unwrap();
    store.set(&a, &secret(VALUE)).unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    store.set(&b, &Secret::new(bytes.clone())).unwrap();
    drop(store);
    let store = place.open().unwrap();
    assert_eq!(store.get(&a).unwrap().expose_text(), Some(VALUE));
    assert_eq!(store.get(&b).unwrap().expose(), bytes);
    assert_eq!(store.names().unwrap(), [b.clone(), a.clone()]);
    store.delete(&b).unwrap();
    assert!(matches!(place.open().unwrap().get(&b), Err(SecretsError::NotFound { .. })));
    let text = fs::read(place.path()).unwrap();
    assert!(!text.windows(VALUE.len()).any(|window| window == VALUE.as_bytes()));
    assert!(text.starts_with(b"age-encryption.org/v1"), "the stock age program opens it");
}

#[test]
fn the_stock_age_program_opens_it() {
    let place = Place::new();
    place.open().unwrap().set(&name("vault/1/password"), &secret(VALUE)).unwrap();
    let KeySource::KeyFile(key) = &place.key else { panic!() };
    let Ok(out) = std::process::Command::new("age")
        .arg("--decrypt")
        .arg("-i")
        .arg(key)
        .arg(place.path())
        .output()
    else {
        return eprintln!("SKIPPED: the age program is not installed");
    };
    let plain: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let expected = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, VALUE);
    assert_eq!(plain["secrets"]["vault/1/password"], serde_json::json!(expected));
}

#[test]
fn a_change_of_another_store_is_seen() {
    let place = Place::new();
    let (one, two) = (place.open().unwrap(), place.open().unwrap());
    one.set(&name("a"), &secret("1")).unwrap();
    assert_eq!(two.get(&name("a")).unwrap().expose_text(), Some("1"));
    two.set(&name("b"), &secret("2")).unwrap();
    assert_eq!(one.names().unwrap().len(), 2);
    fs::remove_file(place.path()).unwrap();
    assert!(matches!(one.get(&name("a")), Err(SecretsError::NotFound { .. })));
}

#[test]
fn passphrases_from_everywhere_and_a_wrong_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets.age");
    let given = KeySource::Passphrase(secret(VALUE));
    FileStore::open(&path, &given)
        .unwrap()
        .set(&name("a"), &secret("kept"))
        .unwrap();
    let before = fs::read(&path).unwrap();
    let file = private(dir.path(), "pass", &format!("{VALUE}\r\n"));
    for key in [
        KeySource::PassphraseFile(file),
        KeySource::PassphraseCommand(format!("echo {VALUE}")),
    ] {
        let store = FileStore::open(&path, &key).unwrap();
        assert_eq!(store.get(&name("a")).unwrap().expose_text(), Some("kept"), "{key:?}");
    }
    let mut reader = child("file::environment_reader", path.to_str().unwrap());
    let out = reader.env("BACKSTAY_TEST_PASSPHRASE", VALUE).output().unwrap();
    assert!(
        String::from_utf8_lossy(&out.stdout).contains("READ kept"),
        "{}",
        String::from_utf8_lossy(&out.stdout)
    );
    let wrong = FileStore::open(&path, &KeySource::Passphrase(secret("guess"))).unwrap_err();
    assert!(matches!(wrong, SecretsError::WrongPassphrase { .. }), "{wrong}");
    assert_eq!(wrong.kind(), ErrorKind::Auth);
    let other = Place::new();
    let wrong = FileStore::open(&path, &other.key).unwrap_err();
    assert!(matches!(wrong, SecretsError::WrongPassphrase { .. }), "{wrong}");
    assert_eq!(fs::read(&path).unwrap(), before, "a wrong key changes nothing");
}

/// Started by the test above, with the passphrase in its environment.
#[test]
fn environment_reader() {
    let Some(path) = case().filter(|case| case.ends_with(".age")) else {
        return;
    };
    let store = FileStore::open(path, &KeySource::PassphraseEnv("BACKSTAY_TEST_PASSPHRASE".to_owned())).unwrap();
    println!("READ {}", store.get(&name("a")).unwrap().expose_text().unwrap());
}

#[test]
fn missing_or_useless_keys_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets.age");
    let fails = |key: KeySource| FileStore::open(&path, &key).unwrap_err();
    let none = |key: KeySource| {
        let error = fails(key);
        assert!(matches!(error, SecretsError::NoPassphrase { .. }), "{error}");
    };
    none(KeySource::PassphraseEnv("BACKSTAY_TEST_NOT_SET".to_owned()));
    none(KeySource::PassphraseCommand(format!("echo {VALUE}; exit 3")));
    none(KeySource::PassphraseCommand("true".to_owned()));
    none(KeySource::PassphraseFile(private(dir.path(), "empty", "\n")));
    none(KeySource::Passphrase(Secret::new(vec![0xff, 0xfe])));
    let error = fails(KeySource::PassphraseFile(dir.path().join("gone")));
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = fails(KeySource::KeyFile(private(dir.path(), "nokey", "AGE-SECRET-KEY-1NOTAKEY\n")));
    assert!(matches!(error, SecretsError::NoKey { .. }), "{error}");
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn files_are_private_and_others_are_refused() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.set(&name("a"), &secret(VALUE)).unwrap();
    let KeySource::KeyFile(key) = &place.key else { panic!() };
    assert_eq!((mode(&place.path()), mode(key)), (0o600, 0o600));
    // Someone opened it up: the next change closes it again.
    chmod(&place.path(), 0o644);
    store.set(&name("b"), &secret(VALUE)).unwrap();
    assert_eq!(mode(&place.path()), 0o600);
    chmod(key, 0o640);
    let error = place.open().unwrap_err();
    assert!(matches!(error, SecretsError::Exposed { mode: 0o640, .. }), "{error}");
    assert!(error.to_string().contains("chmod 600"), "{error}");
    let existing = create_key_file(key).unwrap_err();
    assert!(
        matches!(existing, SecretsError::Io { .. }),
        "a key is never written over: {existing}"
    );
}

#[test]
fn every_damage_is_noticed() {
    let place = Place::new();
    place.open().unwrap().set(&name("a"), &secret(VALUE)).unwrap();
    let good = fs::read(place.path()).unwrap();
    let open_with = |bytes: &[u8]| {
        fs::write(place.path(), bytes).unwrap();
        place.open()
    };
    let mut wrong = 0;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        let error = open_with(&bad).expect_err(&format!("byte {at} of {}", good.len()));
        match error {
            SecretsError::Damaged { .. } => {}
            SecretsError::WrongPassphrase { .. } => wrong += 1,
            other => panic!("byte {at}: {other}"),
        }
        assert_eq!(fs::read(place.path()).unwrap(), bad, "left as it is");
    }
    assert!(wrong < good.len() / 2, "most damage is told from a wrong key");
    for length in 0..good.len() {
        assert!(open_with(&good[..length]).is_err(), "cut to {length}");
    }
    assert!(open_with(&good).is_ok());
}

#[test]
fn a_change_on_a_damaged_file_is_refused() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.set(&name("a"), &secret(VALUE)).unwrap();
    fs::write(place.path(), b"not age at all").unwrap();
    let error = store.set(&name("b"), &secret(VALUE)).unwrap_err();
    assert!(matches!(error, SecretsError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(place.path()).unwrap(), b"not age at all");
}

#[test]
fn many_writers_lose_nothing() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = place.open().unwrap();
            scope.spawn(move || {
                for number in 0..8 {
                    store.set(&name(&format!("t{thread}/{number}")), &secret(VALUE)).unwrap();
                }
            });
        }
    });
    assert_eq!(place.open().unwrap().names().unwrap().len(), 32);
}

/// Started by the test below: writes for ever.
#[test]
fn writer() {
    let Some(dir) = case().filter(|case| case.starts_with('/')) else {
        return;
    };
    let dir = PathBuf::from(dir);
    let store = FileStore::open(dir.join("secrets.age"), &KeySource::KeyFile(dir.join("key.txt"))).unwrap();
    for round in 0_u64.. {
        store.set(&name("round"), &secret(&round.to_string())).unwrap();
        fs::write(dir.join("acknowledged"), round.to_string()).unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_a_whole_file() {
    let place = Place::new();
    let mut highest = 0;
    for kill in 0..12_u64 {
        let mut process = child("file::writer", place.dir.path().to_str().unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(60 + kill * 7));
        process.kill().unwrap();
        process.wait().unwrap();
        let acknowledged = fs::read_to_string(place.dir.path().join("acknowledged")).unwrap_or_default();
        let store = place.open().unwrap();
        let Ok(round) = store.get(&name("round")) else {
            assert_eq!(acknowledged, "");
            continue;
        };
        let round: u64 = round.expose_text().unwrap().parse().unwrap();
        // A write that was killed before it was acknowledged may stand or not; nothing older may come back.
        assert!(
            acknowledged.parse().is_ok_and(|seen: u64| round >= seen) || acknowledged.is_empty(),
            "{round} {acknowledged}"
        );
        highest = highest.max(round);
        store.set(&name("after"), &secret(VALUE)).unwrap();
        let _ = fs::remove_file(place.dir.path().join("acknowledged"));
    }
    assert!(highest > 0, "the writers were killed while writing");
    let left = fs::read_dir(place.dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left.count(), 0, "unfinished files are tidied away");
}

#[test]
fn another_key_replaces_the_first() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.set(&name("a"), &secret(VALUE)).unwrap();
    let passphrase = KeySource::Passphrase(secret("new one"));
    store.rekey(&passphrase).unwrap();
    assert!(matches!(place.open(), Err(SecretsError::WrongPassphrase { .. })));
    let again = FileStore::open(place.path(), &passphrase).unwrap();
    assert_eq!(again.get(&name("a")).unwrap().expose_text(), Some(VALUE));
    store.set(&name("b"), &secret("under the new key")).unwrap();
    assert_eq!(again.get(&name("b")).unwrap().expose_text(), Some("under the new key"));
}
