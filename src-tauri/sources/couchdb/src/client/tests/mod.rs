//! The client against the stand-in, PouchDB Server, and texts that are broken on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attachments;
mod changes;
mod elements;
mod fetch;
mod log_in;
mod pouch;
mod refusals;
mod seq;
mod settings;
mod writes;

use std::time::Duration;

use backstay_couchdb_standin::{Config, Standin};
use backstay_model::RawJson;
use backstay_source_http::{Hidden, Patience, Rate, Settings};

use super::{CreateOptions, Database, Server};
use crate::config::{Chosen, CouchConfig, Login};

/// Settings for the server at `url`.
fn config(url: &str, login: Login) -> CouchConfig {
    CouchConfig {
        url: url.to_owned(),
        chosen: Chosen::default(),
        login,
        ca: None,
        deleted: false,
        local: true,
        rate: Rate::default(),
    }
}

/// Pauses of some milliseconds.
fn quick() -> Settings {
    Settings {
        silence: Duration::from_secs(5),
        patience: Patience {
            first: Duration::from_millis(2),
            longest: Duration::from_millis(20),
            dead: Duration::from_millis(400),
            busy: Duration::from_secs(3),
            failures: 2,
        },
        ..Settings::default()
    }
}

fn admin() -> Login {
    Login::Basic {
        user: "admin".to_owned(),
        password: Hidden::new("password"),
    }
}

fn standin() -> Standin {
    Standin::start(Config::default()).unwrap()
}

fn server(standin: &Standin) -> Server {
    Server::with_settings(&config(&standin.url(), admin()), quick()).unwrap()
}

/// An empty database `db`.
fn database(standin: &Standin) -> Database {
    let database = server(standin).database("db");
    database.create(CreateOptions::default()).unwrap();
    database
}

fn raw(text: &str) -> RawJson {
    RawJson::parse(text.as_bytes()).unwrap()
}

/// Stores revisions as they are.
fn store(database: &Database, documents: &[&str]) {
    let documents: Vec<_> = documents.iter().map(|text| raw(text)).collect();
    let refused = database.bulk_docs(&documents, false).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
}

/// A document `id` with the leaves `1-a` and `1-b`.
fn conflict(database: &Database, id: &str) {
    let leaf =
        |rev: &str| format!(r#"{{"_id":"{id}","_rev":"1-{rev}","from":"{rev}","_revisions":{{"start":1,"ids":["{rev}"]}}}}"#);
    store(database, &[&leaf("a"), &leaf("b")]);
}
