//! What stays open between calls: a password typed once serves for the session, and is forgotten when it should be.

use std::sync::atomic::{AtomicUsize, Ordering};

use backstay_api::{COMMANDS, Context, Passwords, Result, Secret, Silent};
use backstay_model::ErrorKind;
use serde_json::{Value, json};

use crate::{
    bench::{Bench, PASSWORD, put},
    shelf::at,
};

/// A person who types the password as often as they still want to.
struct Patience(AtomicUsize);

impl Passwords for Patience {
    fn given(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn ask(&self, _: &str) -> Result<Option<Secret>> {
        let left = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        Ok(left.is_ok().then(|| Secret::from_text(PASSWORD.to_owned())))
    }
    fn choose(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
}

fn call(bench: &Bench, person: &Patience, name: &str, request: Value) -> Result<Value> {
    let context = Context {
        cancel: &bench.cancel,
        reporter: &Silent,
        passwords: person,
    };
    let entry = COMMANDS.iter().find(|entry| entry.name == name).unwrap();
    (entry.call)(&bench.app, &context, request)
}

/// A vault whose password nobody remembers, with one snapshot.
fn forgetful() -> (Bench, String) {
    let bench = Bench::new();
    bench.ok(
        "vault.create",
        json!({"name": "disk", "path": bench.path("disk"), "remember": false}),
    );
    bench.ok(
        "source.add",
        json!({"kind": "memory", "name": "notes", "options": {"path": "notes"}}),
    );
    put(&bench.source(), "1", r#"{"t":"x"}"#);
    let snapshot = bench.backup(&[]);
    bench.app.forget_opened();
    (bench, snapshot)
}

#[test]
fn a_password_typed_once_serves_until_everything_is_forgotten() {
    let (bench, snapshot) = forgetful();
    let once = Patience(AtomicUsize::new(1));
    for _ in 0..5 {
        let open = call(&bench, &once, "listing.open", json!({"at": at(&snapshot), "collection": "c"})).unwrap();
        call(
            &bench,
            &once,
            "listing.rows",
            json!({"listing": open["listing"], "offset": 0, "limit": 5}),
        )
        .unwrap();
        call(&bench, &once, "snapshot.list", json!({})).unwrap();
    }
    bench.app.forget_opened();
    let asked = call(&bench, &once, "snapshot.list", json!({})).unwrap_err();
    assert_eq!(asked.code, ErrorKind::Auth, "{asked:?}");
}

#[test]
fn a_changed_key_or_a_removed_vault_is_forgotten_at_once() {
    let (bench, snapshot) = forgetful();
    bench.ok("snapshot.show", at(&snapshot));
    let nobody = Patience(AtomicUsize::new(0));
    call(&bench, &nobody, "snapshot.show", at(&snapshot)).unwrap();
    bench.ok("vault.password", json!({"name": "disk"}));
    assert_eq!(
        call(&bench, &nobody, "snapshot.show", at(&snapshot)).unwrap_err().code,
        ErrorKind::Auth
    );
    bench.ok("snapshot.show", at(&snapshot));
    bench.ok("vault.remove", json!({"name": "disk"}));
    assert_eq!(bench.err("snapshot.show", at(&snapshot)).code, ErrorKind::NotFound);
}

#[test]
fn a_vault_that_goes_away_or_is_replaced_is_noticed() {
    let (bench, snapshot) = forgetful();
    bench.ok("snapshot.show", at(&snapshot));
    std::fs::rename(bench.path("disk"), bench.path("elsewhere")).unwrap();
    let gone = bench.err("snapshot.show", at(&snapshot));
    assert!(matches!(gone.code, ErrorKind::NotFound | ErrorKind::Unreachable), "{gone:?}");
    bench.ok(
        "vault.create",
        json!({"name": "other", "path": bench.path("disk"), "remember": false}),
    );
    let other = bench.err("snapshot.show", json!({"snapshot": snapshot, "vault": "disk"}));
    assert_eq!(other.code, ErrorKind::Refused, "{other:?}");
    std::fs::remove_dir_all(bench.path("disk")).unwrap();
    std::fs::rename(bench.path("elsewhere"), bench.path("disk")).unwrap();
    bench.ok("snapshot.show", json!({"snapshot": snapshot, "vault": "disk"}));
}

#[test]
fn a_new_snapshot_is_seen_at_once() {
    let bench = Bench::ready();
    for n in 0..4 {
        put(&bench.source(), "1", &format!(r#"{{"n":{n}}}"#));
        let id = bench.backup(&[]);
        let open = bench.ok("listing.open", json!({"at": at("notes@latest"), "collection": "c"}));
        let rows = bench.ok("listing.rows", json!({"listing": open["listing"], "offset": 0, "limit": 1}));
        assert_eq!(rows["rows"][0]["values"]["n"], n);
        let listed = bench.ok("snapshot.list", json!({}));
        assert_eq!(listed["snapshots"].as_array().unwrap().last().unwrap()["id"], id);
    }
}
