//! A CouchDB server for flows: the stand-in (or PouchDB Server), and what a test says to it past everything of ours.

use std::time::{Duration, Instant};

use backstay_couchdb_standin::{Config, Standin};
use backstay_test_services::PouchServer;
use serde_json::{Value, json};

use crate::bench::{Bench, Ran};

/// Name and password of the administrator.
pub const ADMIN: (&str, &str) = ("admin", "password");

enum Server {
    Standin(Box<Standin>),
    Pouch(PouchServer),
}

/// A running server.
pub struct Couch {
    server: Server,
    http: reqwest::blocking::Client,
}

impl Couch {
    pub fn start() -> Self {
        let standin = Standin::start(Config::default()).unwrap();
        Self::on(Server::Standin(Box::new(standin)))
    }

    pub fn pouch() -> Self {
        Self::on(Server::Pouch(PouchServer::start().unwrap()))
    }

    fn on(server: Server) -> Self {
        // The client wants a provider of cryptography even where none is used; a second test finds it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            server,
            http: reqwest::blocking::Client::new(),
        }
    }

    pub fn standin(&self) -> &Standin {
        match &self.server {
            Server::Standin(standin) => standin,
            Server::Pouch(_) => panic!("this is no stand-in"),
        }
    }

    pub fn url(&self) -> String {
        match &self.server {
            Server::Standin(standin) => standin.url(),
            Server::Pouch(pouch) => pouch.url(),
        }
    }

    /// Asks the server; gives status and answer.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}/{path}", self.url()));
        if matches!(self.server, Server::Standin(_)) {
            request = request.basic_auth(ADMIN.0, Some(ADMIN.1));
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let answer = request.send().unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    #[track_caller]
    pub fn ok(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    pub fn get(&self, path: &str) -> Option<Value> {
        let (status, answer) = self.ask("GET", path, None);
        (status == 200).then_some(answer)
    }

    pub fn database(&self, name: &str) {
        self.ok("PUT", name, None);
    }

    /// Puts a document over whatever is there; gives its revision.
    #[track_caller]
    pub fn put(&self, database: &str, id: &str, mut doc: Value) -> String {
        if let Some(live) = self.get(&format!("{database}/{id}")) {
            doc["_rev"] = live["_rev"].clone();
        }
        let answer = self.ok("PUT", &format!("{database}/{id}"), Some(&doc));
        answer["rev"].as_str().unwrap().to_owned()
    }

    /// Puts a revision as a replicator would: beside what is there.
    #[track_caller]
    pub fn graft(&self, database: &str, doc: &Value) {
        let answer = self.ok(
            "POST",
            &format!("{database}/_bulk_docs"),
            Some(&json!({"new_edits": false, "docs": [doc]})),
        );
        assert_eq!(answer, json!([]), "refused");
    }

    #[track_caller]
    pub fn delete(&self, database: &str, id: &str) {
        let rev = self.get(&format!("{database}/{id}")).unwrap()["_rev"]
            .as_str()
            .unwrap()
            .to_owned();
        self.ok("DELETE", &format!("{database}/{id}?rev={rev}"), None);
    }

    pub fn attach(&self, database: &str, id: &str, name: &str, content: &[u8]) {
        let rev = self.get(&format!("{database}/{id}")).unwrap()["_rev"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut request = self
            .http
            .put(format!("{}/{database}/{id}/{name}?rev={rev}", self.url()))
            .header("Content-Type", "application/octet-stream")
            .body(content.to_vec());
        if matches!(self.server, Server::Standin(_)) {
            request = request.basic_auth(ADMIN.0, Some(ADMIN.1));
        }
        assert!(request.send().unwrap().status().is_success());
    }

    pub fn attachment(&self, database: &str, id: &str, name: &str) -> Option<Vec<u8>> {
        let mut request = self.http.get(format!("{}/{database}/{id}/{name}", self.url()));
        if matches!(self.server, Server::Standin(_)) {
            request = request.basic_auth(ADMIN.0, Some(ADMIN.1));
        }
        let answer = request.send().unwrap();
        answer.status().is_success().then(|| answer.bytes().unwrap().to_vec())
    }

    /// All leaf revisions of every document that is no design document, by id: the truth of a database.
    pub fn leaves(&self, database: &str) -> Vec<(String, Vec<String>)> {
        let feed = self.ok("GET", &format!("{database}/_changes?style=all_docs"), None);
        let mut all: Vec<(String, Vec<String>)> = feed["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let mut revs: Vec<String> = row["changes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|change| change["rev"].as_str().unwrap().to_owned())
                    .collect();
                revs.sort();
                (row["id"].as_str().unwrap().to_owned(), revs)
            })
            .collect();
        all.sort();
        all
    }
}

impl Bench {
    /// Adds a server as a source, its password from a file.
    #[track_caller]
    pub fn add_couch(&self, name: &str, couch: &Couch, more: &[&str]) -> Ran {
        let url = couch.url();
        let mut args = vec!["source", "add", "couchdb", name, "--url", &url];
        let secret = format!("password={}", self.text("couch-password"));
        if matches!(couch.server, Server::Standin(_)) {
            std::fs::write(self.path("couch-password"), format!("{}\n", ADMIN.1)).unwrap();
            args.extend(["--user", ADMIN.0, "--secret-file", &secret]);
        }
        args.extend(more);
        self.run(&args)
    }
}

/// Waits for what is to come within some seconds.
#[track_caller]
pub fn until(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < Duration::from_secs(40), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
