//! The behaviour every connector must show, on a stand-in of CouchDB and on PouchDB Server.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::Arc,
};

use backstay_couchdb_standin::{Config, Standin};
use backstay_model::TargetSpec;
use backstay_source::{Result, Source};
use backstay_source_kit::{Harness, Seed, suite};
use backstay_test_services::PouchServer;
use serde_json::{Value, json};

use crate::kit::{Server, open};

/// A server of either kind, emptied for every check.
struct Databases {
    url: String,
    server: Server,
    password: &'static str,
    options: Value,
    places: Cell<u32>,
    /// Names of databases to remove.
    made: RefCell<Vec<String>>,
}

impl Databases {
    fn ids(&self, database: &str) -> BTreeMap<String, Value> {
        let rows = self
            .server
            .try_ask("GET", &[database, "_all_docs"], &[("include_docs", "true")], None)
            .unwrap();
        let rows = rows["rows"].as_array().unwrap().clone();
        rows.into_iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row["doc"].clone()))
            .collect()
    }
}

impl Harness for Databases {
    fn create(&self) -> Result<Arc<dyn Source>> {
        Ok(open(&self.url, self.password, self.options.clone()))
    }

    fn seed(&self, seed: &Seed) -> Result<()> {
        for (database, records) in &seed.collections {
            if !self.made.borrow().contains(database) {
                self.server.make(database);
                self.made.borrow_mut().push(database.clone());
            }
            let mut there = self.ids(database);
            let mut docs = Vec::new();
            for record in records {
                let mut doc = json!({ "_id": record.id, "title": record.title, "amount": record.amount });
                let old = there.remove(&record.id);
                let attached = |name: &String, content: &[u8]| {
                    old.as_ref()
                        .is_some_and(|old| old["_attachments"][name]["digest"] == digest(content))
                };
                if let Some(old) = &old {
                    let stubs = old["_attachments"].as_object().map_or(0, serde_json::Map::len);
                    let same = stubs == record.attachments.len()
                        && record.attachments.iter().all(|(name, content)| attached(name, content));
                    if same && old["title"] == doc["title"] && old["amount"] == doc["amount"] {
                        continue;
                    }
                    doc["_rev"] = old["_rev"].clone();
                }
                for (name, content) in &record.attachments {
                    doc["_attachments"][name] = match &old {
                        Some(old) if attached(name, content) => old["_attachments"][name].clone(),
                        _ => json!({ "content_type": "application/octet-stream", "data": base64(content) }),
                    };
                }
                docs.push(doc);
            }
            docs.extend(
                there
                    .into_values()
                    .map(|old| json!({ "_id": old["_id"], "_rev": old["_rev"], "_deleted": true })),
            );
            self.server.put_all(database, &json!(docs));
        }
        Ok(())
    }

    fn new_place(&self) -> Option<TargetSpec> {
        self.places.set(self.places.get() + 1);
        let place = format!("place{}-", self.places.get());
        self.made
            .borrow_mut()
            .extend(["items", "things"].map(|name| format!("{place}{name}")));
        Some(TargetSpec::New(format!("{place}*")))
    }

    fn conflict(&self, collection: &str, id: &str, title: &str) -> Result<bool> {
        let old = self.server.ask("GET", &[collection, id], None);
        let (generation, _) = old["_rev"].as_str().unwrap().split_once('-').unwrap();
        let rev = format!("{generation}-{}", "0".repeat(32));
        let revisions = json!({ "start": generation.parse::<u64>().unwrap(), "ids": ["0".repeat(32)] });
        let doc = json!({ "_id": id, "_rev": rev, "_revisions": revisions, "title": title, "amount": 0 });
        self.server.exactly(collection, &json!([doc]));
        Ok(true)
    }

    fn destroy(&self) {
        for database in self.made.take() {
            // A place nobody restored to was never made.
            let _ = self.server.try_ask("DELETE", &[&database], &[], None);
        }
    }
}

fn base64(content: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(content)
}

/// What a server calls a content it does not compress.
fn digest(content: &[u8]) -> String {
    use md5::{Digest as _, Md5};
    format!("md5-{}", base64(&Md5::digest(content)))
}

fn behaves(databases: &Databases) {
    let report = suite::run(databases).unwrap_or_else(|failure| panic!("{failure}: {:?}", failure.error));
    println!("{report:?}");
    assert!(report.held.len() >= 12, "{report:?}");
}

#[test]
fn couchdb_behaves_as_every_source_must() {
    let standin = Standin::start(Config::default()).unwrap();
    behaves(&Databases {
        url: standin.url(),
        server: Server::new(&standin.url(), Some(("admin", "password"))),
        password: "password",
        options: json!({ "user": "admin" }),
        places: Cell::default(),
        made: RefCell::default(),
    });
}

#[test]
fn pouchdb_server_behaves_as_every_source_must() {
    let pouch = PouchServer::start().unwrap();
    behaves(&Databases {
        url: pouch.url(),
        server: Server::new(&pouch.url(), None),
        password: "",
        options: json!({}),
        places: Cell::default(),
        made: RefCell::default(),
    });
}
