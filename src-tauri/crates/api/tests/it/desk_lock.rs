//! The app lock and the settings, through the desk as the window uses it.

use std::sync::Arc;

use backstay_api::{
    Secret,
    desk::{CallOptions, Desk, Listener},
    types::{JobView, Topic},
};
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::bench::{Bench, options};

struct Deaf;
impl Listener for Deaf {
    fn job(&self, _: &JobView) {}
    fn stale(&self, _: &[Topic]) {}
}

fn desk(bench: &Bench) -> Desk {
    Desk::open(options(bench.dir.path(), &bench.memory), Arc::new(Deaf)).unwrap()
}

fn call(desk: &Desk, name: &str, request: Value) -> Result<Value, ErrorKind> {
    desk.call(name, request, &CallOptions::default()).map_err(|error| error.code)
}

fn with(desk: &Desk, name: &str, request: Value, passphrase: &str) -> Result<Value, ErrorKind> {
    let options = CallOptions {
        passphrase: Some(Secret::from_text(passphrase.to_owned())),
        ..CallOptions::default()
    };
    desk.call(name, request, &options).map_err(|error| error.code)
}

#[test]
fn a_locked_window_answers_nothing_but_what_it_needs_to_show_the_lock() {
    let bench = Bench::new();
    let first = desk(&bench);
    call(&first, "lock.set", json!({ "new": "correct horse" })).unwrap();
    assert!(call(&first, "source.list", json!({})).is_ok(), "setting it does not lock");
    drop(first);

    let desk = desk(&bench);
    assert_eq!(call(&desk, "lock.state", json!({})).unwrap()["locked"], json!(true));
    for entry in backstay_api::COMMANDS {
        let answer = desk.call(entry.name, json!({}), &CallOptions::default());
        let free = entry.guard == backstay_api::Guard::Free;
        assert_eq!(
            answer.is_err_and(|error| error.code == ErrorKind::AppLocked),
            !free,
            "{}",
            entry.name
        );
    }
    let job = json!({ "command": "backup", "request": { "all": true } });
    assert_eq!(call(&desk, "job.start", job), Err(ErrorKind::AppLocked));
    assert_eq!(
        call(&desk, "lock.open", json!({ "passphrase": "wrong" })),
        Err(ErrorKind::Auth)
    );
    assert!(call(&desk, "source.list", json!({})).is_err());
    call(&desk, "lock.open", json!({ "passphrase": "correct horse" })).unwrap();
    assert!(call(&desk, "source.list", json!({})).is_ok());
    call(&desk, "lock.close", json!({})).unwrap();
    assert_eq!(call(&desk, "source.list", json!({})), Err(ErrorKind::AppLocked));
}

#[test]
fn deleting_asks_for_the_passphrase_again_and_settings_cannot_be_used_to_get_around_it() {
    let bench = Bench::new();
    let desk = desk(&bench);
    call(&desk, "lock.set", json!({ "new": "correct horse" })).unwrap();
    let remove = json!({ "name": "nothing" });
    assert_eq!(call(&desk, "source.remove", remove.clone()), Err(ErrorKind::AppLocked));
    assert_eq!(with(&desk, "source.remove", remove.clone(), "no"), Err(ErrorKind::Auth));
    assert_eq!(
        with(&desk, "source.remove", remove, "correct horse"),
        Err(ErrorKind::NotFound)
    );

    let mut settings = call(&desk, "settings.get", json!({})).unwrap();
    settings["zoom"] = json!(150);
    call(&desk, "settings.set", settings.clone()).unwrap();
    settings["lock"]["deleting"] = json!(false);
    assert_eq!(call(&desk, "settings.set", settings.clone()), Err(ErrorKind::AppLocked));
    with(&desk, "settings.set", settings.clone(), "correct horse").unwrap();
    settings["lockAfter"] = json!(0);
    assert_eq!(
        call(&desk, "settings.set", settings),
        Err(ErrorKind::AppLocked),
        "0 means never"
    );
    assert_eq!(call(&desk, "lock.set", json!({ "new": "other" })), Err(ErrorKind::Auth));
}

#[test]
fn wrong_tries_wait_and_the_passphrase_is_nowhere_on_disk() {
    let bench = Bench::new();
    let desk = desk(&bench);
    call(&desk, "lock.set", json!({ "new": "correct horse" })).unwrap();
    call(&desk, "lock.close", json!({})).unwrap();
    for _ in 0..3 {
        assert_eq!(
            call(&desk, "lock.open", json!({ "passphrase": "wrong" })),
            Err(ErrorKind::Auth)
        );
    }
    assert_eq!(
        call(&desk, "lock.open", json!({ "passphrase": "correct horse" })),
        Err(ErrorKind::AppLocked),
        "not before the wait is over, even with the right one"
    );
    let state = call(&desk, "lock.state", json!({})).unwrap();
    assert!(state["waitUntil"].is_string(), "{state}");
    for entry in std::fs::read_dir(bench.path("home")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains("correct horse"), "{path:?}");
        }
    }
}

#[test]
fn settings_move_to_another_machine_without_secrets() {
    let bench = Bench::ready();
    let file = bench.path("exported.json");
    {
        let desk = desk(&bench);
        let mut settings = call(&desk, "settings.get", json!({})).unwrap();
        settings["scheme"] = json!("dark");
        call(&desk, "settings.set", settings.clone()).unwrap();
        settings["zoom"] = json!(1000);
        assert_eq!(call(&desk, "settings.set", settings), Err(ErrorKind::Usage));
        call(&desk, "settings.export", json!({ "path": file })).unwrap();
    }
    let other = Bench::new();
    let desk = desk(&other);
    let shown = call(&desk, "settings.import", json!({ "path": file, "dryRun": true })).unwrap();
    assert_eq!(shown["sources"], json!(["notes"]), "{shown}");
    assert_eq!(call(&desk, "source.list", json!({})).unwrap()["sources"], json!([]));
    call(&desk, "settings.import", json!({ "path": file, "dryRun": false })).unwrap();
    let again = call(&desk, "settings.import", json!({ "path": file, "dryRun": false })).unwrap();
    assert_eq!((&again["sources"], &again["vaults"]), (&json!([]), &json!([])));
    assert_eq!(call(&desk, "settings.get", json!({})).unwrap()["scheme"], json!("dark"));
    assert_eq!(
        call(&desk, "vault.list", json!({})).unwrap()["vaults"][0]["name"],
        json!("disk")
    );

    std::fs::write(&file, b"{\"backstaySettings\": 99}").unwrap();
    assert_eq!(
        call(&desk, "settings.import", json!({ "path": file, "dryRun": true })),
        Err(ErrorKind::Unsupported)
    );
}

#[test]
fn a_wrong_password_says_which_vault_it_is_of() {
    let bench = Bench::new();
    bench.ok(
        "vault.create",
        json!({"name": "disk", "path": bench.path("disk"), "remember": false}),
    );
    let desk = desk(&bench);
    let with = |password: &str| CallOptions {
        password: Some(Secret::from_text(password.to_owned())),
        ..CallOptions::default()
    };
    let none = desk
        .call("vault.keys", json!({"name": "disk"}), &CallOptions::default())
        .unwrap_err();
    let wrong = desk
        .call("vault.keys", json!({"name": "disk"}), &with("not this"))
        .unwrap_err();
    for error in [none, wrong] {
        assert_eq!(
            (error.code, error.vault.as_deref()),
            (ErrorKind::Auth, Some("disk")),
            "{error:?}"
        );
    }
    desk.call("vault.keys", json!({"name": "disk"}), &with(crate::bench::PASSWORD))
        .unwrap();
}
