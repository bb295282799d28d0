//! Servers, documents in them, and a sink that answers as the engine's does.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    sync::Arc,
};

use backstay_couchdb::CouchDb;
use backstay_couchdb_standin::{Config, Standin};
use backstay_model::{Change, Collection, ContentHash, FileEntry, Gap, RawJson, Record, WorkspaceMeta};
use backstay_source::{
    Cancel, Connector as _, FeedMode, FileHint, RecordView, Result, Secrets, Sink, Source, SourceConfig, Stored,
};
use backstay_source_http::{Client, Method, NoAuth, Request, Settings};
use backstay_source_kit::{DirSink, Taken};
use parking_lot::Mutex;
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
    /// Records taken over unread.
    pub kept: usize,
    /// Attachments that were read.
    pub read: Vec<String>,
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
    let sink = TestSink::after(before.map(|ran| ran.taken.clone()), cancel);
    let outcome = source.changes(before.and_then(|ran| ran.cursor.as_ref()), &sink)?;
    let ran = sink.finish(outcome.cursor);
    assert_eq!(ran.taken.breaches, Vec::<String>::new());
    Ok(ran)
}

/// A sink that takes over what the run before had, as the engine's does.
pub struct TestSink {
    inner: DirSink,
    before: Option<Arc<Taken>>,
    kept: Mutex<Vec<(String, String)>>,
    assets: Mutex<BTreeSet<String>>,
    read: Mutex<Vec<String>>,
}

impl TestSink {
    pub fn after(before: Option<Taken>, cancel: &Cancel) -> Self {
        let before = before.map(Arc::new);
        let inner = match &before {
            Some(before) => DirSink::after(Arc::clone(before)),
            None => DirSink::new(),
        };
        Self {
            inner: inner.with_cancel(cancel.clone()),
            before,
            kept: Mutex::default(),
            assets: Mutex::default(),
            read: Mutex::default(),
        }
    }

    fn old(&self, collection: &str, id: &str) -> Option<&Record> {
        self.before.as_ref()?.collections.get(collection)?.records.get(id)
    }

    pub fn finish(self, cursor: Option<RawJson>) -> Ran {
        let before = self.before.clone();
        let kept = self.kept.into_inner();
        let mut taken = self.inner.finish();
        for (collection, id) in &kept {
            let old = &before.as_ref().unwrap().collections[collection].records[id];
            let records = &mut taken.collections.get_mut(collection).unwrap().records;
            if records.insert(id.clone(), old.clone()).is_some() {
                taken.breaches.push(format!("{collection}/{id}: kept and given"));
            }
        }
        if let Some(before) = before {
            for (sha256, content) in &before.assets {
                taken.assets.entry(sha256.clone()).or_insert_with(|| content.clone());
            }
        }
        Ran {
            taken,
            cursor,
            kept: kept.len(),
            read: self.read.into_inner(),
        }
    }
}

impl Sink for TestSink {
    fn begin_collection(&self, collection: &Collection, mode: FeedMode) -> Result<()> {
        self.inner.begin_collection(collection, mode)
    }
    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()> {
        self.inner.records(collection, batch)
    }
    fn end_collection(&self, collection: &str) -> Result<()> {
        self.inner.end_collection(collection)
    }
    fn file(&self, entry: &FileEntry, hint: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        self.inner.file(entry, hint, open)
    }
    fn leave_directory(&self, path: &str) -> Result<()> {
        self.inner.leave_directory(path)
    }
    fn keep(&self, path: &str) -> Result<bool> {
        self.inner.keep(path)
    }
    fn asset(&self, name: &str, size: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        let sha256 = self.inner.asset(name, size, content)?;
        self.read.lock().push(name.to_owned());
        self.assets.lock().insert(sha256.clone());
        Ok(sha256)
    }
    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        self.cancel().check()?;
        let same = self.old(collection, id).is_some_and(|old| old.hash == hash);
        if same {
            self.kept.lock().push((collection.to_owned(), id.to_owned()));
        }
        Ok(same)
    }
    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        Ok(self.old(collection, id).is_some())
    }
    fn previous(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        Ok(self.old(collection, id).cloned())
    }
    fn keep_asset(&self, sha256: &str) -> Result<bool> {
        let before = self.before.as_ref().is_some_and(|before| before.assets.contains_key(sha256));
        Ok(before || self.assets.lock().contains(sha256))
    }
    fn workspace(&self, meta: WorkspaceMeta) {
        self.inner.workspace(meta);
    }
    fn gap(&self, gap: Gap) {
        self.inner.gap(gap);
    }
    fn total(&self, items: Option<u64>, bytes: Option<u64>) {
        self.inner.total(items, bytes);
    }
    fn cancel(&self) -> &Cancel {
        self.inner.cancel()
    }
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
