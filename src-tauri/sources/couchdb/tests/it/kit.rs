//! Servers, documents in them, and a sink that answers as the engine's does.

use std::{collections::BTreeMap, sync::Arc};

use backstay_couchdb::CouchDb;
use backstay_couchdb_standin::{Config, Standin};
use backstay_model::{ContentHash, RawJson, Record};
use backstay_source::{Cancel, Connector as _, FeedMode, RecordView, Result, Secrets, Source, SourceConfig};
use backstay_source_http::{Client, Method, NoAuth, Request, Settings};
use backstay_source_kit::{DirSink, Taken};
use serde_json::{Value, json};

/// A keychain with the administrator's password.
pub struct Password(pub &'static str);

impl Secrets for Password {
    fn get(&self, _: &str, name: &str) -> Result<Option<String>> {
        Ok((name == "password" && !self.0.is_empty()).then(|| self.0.to_owned()))
    }
}

/// A source with these settings beside the address.
pub fn open(url: &str, password: &'static str, options: Value) -> Arc<dyn Source> {
    try_open(url, password, options).unwrap()
}

pub fn try_open(url: &str, password: &'static str, options: Value) -> Result<Arc<dyn Source>> {
    let mut all = json!({ "url": url });
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    let config = SourceConfig {
        id: "test".to_owned(),
        name: "test".to_owned(),
        options: all,
    };
    CouchDb.open(&config, &Password(password))
}

/// A server, asked as an administrator.
#[derive(Clone)]
pub struct Server {
    http: Client,
    authorization: Option<String>,
}

impl Server {
    pub fn new(url: &str, login: Option<(&str, &str)>) -> Self {
        use base64::Engine as _;
        let authorization = login.map(|(user, password)| {
            let text = format!("{user}:{password}");
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
        });
        Self {
            http: Client::new(url, Settings::default(), Arc::new(NoAuth)).unwrap(),
            authorization,
        }
    }

    pub fn try_ask(
        &self,
        method: &str,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> std::result::Result<Value, String> {
        let mut request = Request::new(Method::from_bytes(method.as_bytes()).unwrap(), path);
        for (name, value) in query {
            request = request.query(name, *value);
        }
        if let Some(text) = &self.authorization {
            request = request.header(backstay_source_http::header::AUTHORIZATION, text.parse().unwrap());
        }
        if let Some(body) = body {
            request = request.json(body).unwrap();
        }
        self.http.json(request, 1 << 30).map_err(|error| format!("{error}"))
    }

    pub fn ask(&self, method: &str, path: &[&str], body: Option<&Value>) -> Value {
        self.try_ask(method, path, &[], body)
            .unwrap_or_else(|error| panic!("{method} {path:?}: {error}"))
    }

    pub fn make(&self, database: &str) {
        self.ask("PUT", &[database], None);
    }

    /// Stores documents with the revisions they say, and gives what was refused.
    pub fn exactly(&self, database: &str, docs: &Value) {
        let body = json!({ "new_edits": false, "docs": docs });
        let answer = self.ask("POST", &[database, "_bulk_docs"], Some(&body));
        let refused: Vec<&Value> = answer
            .as_array()
            .into_iter()
            .flatten()
            .filter(|row| row.get("error").is_some())
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
    }

    /// Stores new revisions; gives them.
    pub fn put_all(&self, database: &str, docs: &Value) -> Vec<String> {
        let answer = self.ask("POST", &[database, "_bulk_docs"], Some(&json!({ "docs": docs })));
        let rows = answer.as_array().unwrap();
        rows.iter()
            .map(|row| row["rev"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned())
            .collect()
    }

    pub fn put(&self, database: &str, mut doc: Value) -> String {
        let id = doc["_id"].as_str().unwrap().to_owned();
        let path: Vec<&str> = std::iter::once(database).chain(id.splitn(2, '/')).collect();
        if doc.get("_rev").is_none()
            && let Ok(old) = self.try_ask("GET", &path, &[], None)
        {
            doc["_rev"] = old["_rev"].clone();
        }
        let answer = self.ask("PUT", &path, Some(&doc));
        answer["rev"].as_str().unwrap().to_owned()
    }

    /// Stores an attachment of so many bytes.
    pub fn stream(&self, path: &[&str], length: u64) {
        use std::io::Read as _;
        let media = "application/octet-stream".parse().unwrap();
        let request = Request::put(path).header(
            backstay_source_http::header::AUTHORIZATION,
            self.authorization.as_deref().unwrap().parse().unwrap(),
        );
        let request = request.stream_once(media, Some(length), std::io::repeat(7).take(length));
        self.http.read(request, 1 << 20).unwrap();
    }

    pub fn delete(&self, database: &str, id: &str) -> String {
        let old = self.ask("GET", &[database, id], None);
        let answer = self.try_ask("DELETE", &[database, id], &[("rev", old["_rev"].as_str().unwrap())], None);
        answer.unwrap()["rev"].as_str().unwrap().to_owned()
    }
}

/// A stand-in with the usual administrator.
pub fn couch() -> (Standin, Server) {
    let standin = Standin::start(Config::default()).unwrap();
    let server = Server::new(&standin.url(), Some(("admin", "password")));
    (standin, server)
}

/// The stand-in as a source.
pub fn source(standin: &Standin, options: Value) -> Arc<dyn Source> {
    let mut all = json!({ "user": "admin" });
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    open(&standin.url(), "password", all)
}

/// A document of some revision with what led to it.
pub fn revision(id: &str, revs: &[&str], body: Value) -> Value {
    let (generation, _) = revs[0].split_once('-').unwrap();
    let ids: Vec<&str> = revs.iter().map(|rev| rev.split_once('-').unwrap().1).collect();
    let mut doc =
        json!({ "_id": id, "_rev": revs[0], "_revisions": { "start": generation.parse::<u64>().unwrap(), "ids": ids } });
    for (name, value) in body.as_object().unwrap() {
        doc[name] = value.clone();
    }
    doc
}

/// What a run gave and what it cost.
pub struct Ran {
    pub taken: Taken,
    pub cursor: Option<RawJson>,
}

impl Ran {
    pub fn ids(&self, collection: &str) -> Vec<&str> {
        self.taken.collections[collection]
            .records
            .keys()
            .map(String::as_str)
            .collect()
    }

    pub fn record(&self, collection: &str, id: &str) -> &Record {
        let records = &self.taken.collections[collection].records;
        records
            .get(id)
            .unwrap_or_else(|| panic!("{collection}/{id} is not there: {:?}", records.keys()))
    }

    pub fn data(&self, collection: &str, id: &str) -> Value {
        self.record(collection, id).data.value().unwrap()
    }

    pub fn given(&self, collection: &str) -> u64 {
        self.taken.collections[collection].given
    }

    pub fn mode(&self, collection: &str) -> FeedMode {
        self.taken.collections[collection].mode
    }

    pub fn gaps(&self) -> Vec<String> {
        self.taken.gaps.iter().map(|gap| gap.subject.clone()).collect()
    }

    /// Records taken over unread.
    pub fn kept(&self) -> usize {
        self.taken.records_kept.len()
    }

    /// Names of attachments that were read.
    pub fn read(&self) -> &[String] {
        &self.taken.assets_read
    }

    pub fn no_gaps(self) -> Self {
        assert_eq!(self.taken.gaps, []);
        self
    }
}

/// A run after another one (or none).
pub fn run(source: &Arc<dyn Source>, before: Option<&Ran>) -> Ran {
    try_run(source, before, &Cancel::default()).unwrap()
}

pub fn try_run(source: &Arc<dyn Source>, before: Option<&Ran>, cancel: &Cancel) -> Result<Ran> {
    let sink = match before {
        Some(ran) => DirSink::after(Arc::new(ran.taken.clone())),
        None => DirSink::new(),
    };
    let sink = sink.with_cancel(cancel.clone());
    let cursor = source.changes(before.and_then(|ran| ran.cursor.as_ref()), &sink)?.cursor;
    let taken = sink.finish();
    assert_eq!(taken.breaches, Vec::<String>::new());
    Ok(Ran { taken, cursor })
}

/// Ids and hashes of the live records.
pub fn live_keys(source: &Arc<dyn Source>, collection: &str) -> BTreeMap<String, ContentHash> {
    let view = source.live_records(&Cancel::default()).unwrap().unwrap();
    let keys = view.keys(collection).unwrap().collect::<Result<Vec<_>>>().unwrap();
    assert!(keys.windows(2).all(|pair| pair[0].0 < pair[1].0), "keys are in order");
    keys.into_iter().collect()
}

/// That a run gave what the live view shows, in all collections.
pub fn is_live(source: &Arc<dyn Source>, ran: &Ran) {
    for (name, collection) in &ran.taken.collections {
        let taken: BTreeMap<String, ContentHash> = collection
            .records
            .values()
            .map(|record| (record.id.clone(), record.hash))
            .collect();
        assert_eq!(taken, live_keys(source, name), "{name}");
    }
}

pub fn view(source: &Arc<dyn Source>) -> Box<dyn RecordView> {
    source.live_records(&Cancel::default()).unwrap().unwrap()
}
