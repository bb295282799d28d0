//! A real GNOME Keyring on a private session bus, in a home directory of its own.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use backstay_secrets::{
    Backend, FileConfig, KeySource, Keychain, Preference, Prompt, Secret, SecretStore, SecretsError, create_key_file, open,
};

use crate::{VALUE, case, child, name, secret};

const UNLOCK: &str = "printf test-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
const START: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null";

fn installed() -> bool {
    let have = |program: &str| {
        Command::new("which")
            .arg(program)
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let all = cfg!(target_os = "linux") && have("gnome-keyring-daemon") && have("dbus-run-session");
    if !all {
        eprintln!("SKIPPED: gnome-keyring-daemon or dbus-run-session is not installed");
    }
    all
}

/// Ends the keyring of the session by its number; one started by the bus would live on.
const STOP: &str = "pid=$(dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
    org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets 2>/dev/null | awk '/uint32/ {print $2}'); \
    [ -z \"$pid\" ] || kill \"$pid\"";

/// Runs a case of [`inside`] in a session prepared by `setup`, with `home` as home directory.
fn session(home: &Path, setup: &str, case: &str) {
    let exe = std::env::current_exe().unwrap();
    let test = "\"$0\" --exact keychain::inside --nocapture --test-threads=1";
    let script = format!("{setup}; {test}; status=$?; {STOP}; exit $status");
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "sh", "-c", &script])
        .arg(exe)
        .env("BACKSTAY_TEST_CASE", case);
    isolate(&mut command, home);
    // A file, not a pipe: a keyring that lives a moment longer would hold a pipe open, and the test with it.
    let out = File::create(home.join("out.txt")).unwrap();
    command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out);
    let status = command.status().unwrap();
    let text = fs::read_to_string(home.join("out.txt")).unwrap();
    assert!(status.success() && text.contains("CASE DONE"), "{case}: {text}");
}

fn isolate(command: &mut Command, home: &Path) {
    let runtime = home.join("run");
    fs::create_dir_all(&runtime).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    command
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"));
    command
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_RUNTIME_DIR", runtime);
    for variable in [
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "GNOME_KEYRING_CONTROL",
        "SSH_AUTH_SOCK",
    ] {
        command.env_remove(variable);
    }
}

/// The body of the cases; does nothing when the tests are run as usual.
#[test]
fn inside() {
    match case().as_deref() {
        Some("use") => use_it(),
        Some("prepare") => Keychain::open(Prompt::Never)
            .unwrap()
            .set(&name("vault/x/password"), &secret(VALUE))
            .unwrap(),
        Some("locked") => locked(),
        Some("auto") => {
            let store = open(&Preference::default()).unwrap();
            assert!(store.describe().contains("keychain"), "{}", store.describe());
        }
        Some("unanswered") => unanswered(),
        Some("none") => none(),
        _ => return,
    }
    println!("CASE DONE");
}

fn use_it() {
    let store = Keychain::open(Prompt::Never).unwrap();
    let password = name("vault/0193e0a1/password");
    assert!(matches!(store.get(&password), Err(SecretsError::NotFound { .. })));
    assert!(matches!(store.delete(&password), Err(SecretsError::NotFound { .. })));
    store.set(&password, &secret("first")).unwrap();
    let start = Instant::now();
    store.set(&password, &secret(VALUE)).unwrap();
    assert_eq!(store.get(&password).unwrap().expose_text(), Some(VALUE), "replaced");
    println!("set and get: {:?}", start.elapsed());

    let key = name("vault/0193e0a1/master-key");
    let bytes: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    store.set(&key, &Secret::new(bytes.clone())).unwrap();
    assert_eq!(store.get(&key).unwrap().expose(), bytes, "any bytes");

    // Another program finds the very same item.
    if let Ok(out) = Command::new("secret-tool")
        .args(["lookup", "service", "Backstay", "username", password.as_str()])
        .output()
    {
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim_end(), VALUE);
    }
    store.delete(&password).unwrap();
    assert!(matches!(store.get(&password), Err(SecretsError::NotFound { .. })));
    // A second connection sees what the first did.
    assert_eq!(Keychain::open(Prompt::Never).unwrap().get(&key).unwrap().expose(), bytes);
}

fn locked() {
    let start = Instant::now();
    let error = Keychain::open(Prompt::Never).unwrap_err();
    assert!(matches!(error, SecretsError::Locked), "{error}");
    assert_eq!(error.kind(), backstay_model::ErrorKind::Locked);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    // A locked keychain is no reason to keep secrets elsewhere.
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    create_key_file(&key).unwrap();
    let file = FileConfig {
        path: dir.path().join("secrets.age"),
        key: KeySource::KeyFile(key),
    };
    let error = open(&Preference {
        file: Some(file),
        ..Preference::default()
    })
    .map(drop)
    .unwrap_err();
    assert!(matches!(error, SecretsError::Locked), "{error}");
    assert!(!dir.path().join("secrets.age").exists());
}

/// The keychain may ask, but there is no screen to ask on.
fn unanswered() {
    let start = Instant::now();
    let store = Keychain::open(Prompt::Allowed).unwrap();
    let error = store.get(&name("vault/x/password")).unwrap_err();
    assert!(matches!(error, SecretsError::Locked), "{error}");
    let error = store.set(&name("vault/y/password"), &secret(VALUE)).unwrap_err();
    assert!(matches!(error, SecretsError::Locked), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

fn none() {
    let error = Keychain::open(Prompt::Never).unwrap_err();
    assert!(matches!(error, SecretsError::NoKeychain { .. }), "{error}");
    let error = open(&Preference::default()).map(drop).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, SecretsError::NoPlace { .. }), "{text}");
    assert!(
        text.contains("keychain") && text.contains("key file"),
        "says both ways out: {text}"
    );

    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    create_key_file(&key).unwrap();
    let file = FileConfig {
        path: dir.path().join("secrets.age"),
        key: KeySource::KeyFile(key),
    };
    let store = open(&Preference {
        backend: Backend::Auto,
        file: Some(file),
        ..Preference::default()
    })
    .unwrap();
    store.set(&name("a/b"), &secret(VALUE)).unwrap();
    assert!(store.describe().contains("secrets.age"));
    let error = open(&Preference {
        backend: Backend::Keychain,
        ..Preference::default()
    })
    .map(drop)
    .unwrap_err();
    assert!(matches!(error, SecretsError::NoKeychain { .. }), "{error}");
}

#[test]
fn keeps_and_gives_back() {
    if installed() {
        let home = tempfile::tempdir().unwrap();
        session(home.path(), UNLOCK, "use");
        session(home.path(), UNLOCK, "auto");
    }
}

#[test]
fn a_locked_keychain_is_said_at_once() {
    if installed() {
        let home = tempfile::tempdir().unwrap();
        session(home.path(), UNLOCK, "prepare");
        session(home.path(), START, "locked");
        session(home.path(), START, "unanswered");
    }
}

#[test]
fn without_a_keychain_the_file_is_used() {
    let home = tempfile::tempdir().unwrap();
    let mut command = child("keychain::inside", "none");
    isolate(&mut command, home.path());
    let out = command.output().unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.status.success() && text.contains("CASE DONE"), "{text}");
}
