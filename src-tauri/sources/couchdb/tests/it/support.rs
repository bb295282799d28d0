//! What tests share: settings and secrets of a source, and plain requests past everything of ours.

use std::collections::BTreeMap;

use backstay_source::{Result, Secrets, SourceConfig};
use backstay_source_http::{Client, Method, NoAuth, Request, Settings};
use serde_json::{Value, json};

/// Secrets a test gives.
#[derive(Default)]
pub struct Given(pub BTreeMap<String, String>);

impl Secrets for Given {
    fn get(&self, _: &str, name: &str) -> Result<Option<String>> {
        Ok(self.0.get(name).cloned())
    }
}

/// A source at this address, with further settings.
pub fn config(url: &str, more: &Value) -> SourceConfig {
    let mut options = json!({ "url": url });
    for (name, value) in more.as_object().into_iter().flatten() {
        options[name] = value.clone();
    }
    SourceConfig {
        id: "source".to_owned(),
        name: "test".to_owned(),
        options,
    }
}

/// A client without rules of CouchDB in it.
pub struct Http(Client);

impl Http {
    /// At this address, as nobody in particular.
    pub fn at(url: &str) -> Self {
        Self(Client::new(url, Settings::default(), std::sync::Arc::new(NoAuth)).unwrap())
    }

    /// The answer as JSON; a refusal is a failure of the test.
    pub fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let mut request = Request::new(Method::from_bytes(method.as_bytes()).unwrap(), parts);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            request = request.query(name, value);
        }
        if let Some(body) = body {
            request = request.json(&body).unwrap();
        }
        let (_, bytes) = self
            .0
            .read(request, 1 << 30)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    pub fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None)
    }

    pub fn put(&self, path: &str, body: Value) -> Value {
        self.ask("PUT", path, Some(body))
    }

    pub fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, Some(body))
    }

    /// Makes a database.
    pub fn make(&self, name: &str) {
        self.ask("PUT", name, None);
    }

    /// The bytes of an attachment.
    pub fn bytes(&self, parts: &[&str]) -> Vec<u8> {
        let (_, bytes) = self.0.read(Request::get(parts), 1 << 30).unwrap();
        bytes.to_vec()
    }

    /// Leaf revisions of every document, deleted ones too.
    pub fn leaves(&self, database: &str) -> BTreeMap<String, Vec<String>> {
        let answer = self.get(&format!("{database}/_changes?style=all_docs"));
        let rows = answer["results"].as_array().unwrap();
        rows.iter()
            .map(|row| {
                let revs = row["changes"].as_array().unwrap().iter();
                let mut revs: Vec<String> = revs.map(|change| change["rev"].as_str().unwrap().to_owned()).collect();
                revs.sort();
                (row["id"].as_str().unwrap().to_owned(), revs)
            })
            .collect()
    }
}
