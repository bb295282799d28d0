//! For tests: servers, and backups of their databases in memory.

use std::{
    collections::{BTreeMap, HashMap},
    io::{Cursor, Read},
    time::Duration,
};

use backstay_couchdb_standin::{Config, Standin};
use backstay_model::{AssetRef, Collection, CollectionKind, ContentHash, ErrorKind, RawJson, Record, Schema};
use backstay_source::{Expect, Planned, RecordView, RecordWriter as _, Result, SourceError, WriteStep, Written};
use backstay_source_http::{Patience, Rate, Settings};
use backstay_test_services::PouchServer;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    client::{ChangesQuery, Database, Server, Stub},
    config::{Chosen, CouchConfig, Login},
    convert::{Document, Leaf, Names, Part},
    write::{Live, Scales, WriteOptions, Writer, decide::Revisions, look},
};

/// One of the servers everything is tried on.
pub(crate) enum Couch {
    Standin(Standin),
    Pouch(PouchServer),
}

impl Couch {
    pub(crate) fn standin() -> Self {
        Self::Standin(Standin::start(Config::default()).unwrap())
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::standin(), Self::Pouch(PouchServer::start().unwrap())]
    }

    pub(crate) fn fake(&self) -> &Standin {
        match self {
            Self::Standin(standin) => standin,
            Self::Pouch(_) => panic!("the stand-in is asked for"),
        }
    }

    pub(crate) fn server(&self) -> Server {
        match self {
            Self::Standin(standin) => server(&standin.url(), Some(("admin", "password"))),
            Self::Pouch(pouch) => server(&pouch.url(), None),
        }
    }
}

/// A client without much patience.
pub(crate) fn server(url: &str, login: Option<(&str, &str)>) -> Server {
    let config = CouchConfig {
        url: url.to_owned(),
        chosen: Chosen::default(),
        login: match login {
            None => Login::None,
            Some((user, password)) => Login::Basic {
                user: user.to_owned(),
                password: password.to_owned().into(),
            },
        },
        ca: None,
        deleted: false,
        local: true,
        rate: Rate::default(),
    };
    let settings = Settings {
        patience: Patience {
            first: Duration::from_millis(5),
            longest: Duration::from_millis(50),
            dead: Duration::from_secs(1),
            busy: Duration::from_secs(5),
            failures: 1,
        },
        ..Settings::default()
    };
    Server::with_settings(&config, settings).unwrap()
}

pub(crate) fn raw(value: &Value) -> RawJson {
    RawJson::from_value(value).unwrap()
}

/// Makes a database with these documents, under the revisions they say when they say some.
pub(crate) fn fill(server: &Server, name: &str, docs: &[Value]) -> Database {
    let database = server.database(name);
    if !database.exists().unwrap() {
        database.create(Default::default()).unwrap();
    }
    put(&database, docs);
    database
}

/// Stores documents; gives the revisions of those that had none.
pub(crate) fn put(database: &Database, docs: &[Value]) -> Vec<String> {
    let (exact, fresh): (Vec<&Value>, Vec<&Value>) = docs.iter().partition(|doc| doc.get("_revisions").is_some());
    let all = |docs: &[&Value]| docs.iter().map(|doc| raw(doc)).collect::<Vec<_>>();
    for answer in database.bulk_docs(&all(&exact), false).unwrap() {
        assert!(answer.error.is_none(), "{answer:?}");
    }
    let answers = database.bulk_docs(&all(&fresh), true).unwrap();
    answers
        .into_iter()
        .map(|answer| answer.rev.unwrap_or_else(|| panic!("{:?}", answer.error)))
        .collect()
}

/// A document of some revision, given with what led to it.
#[allow(clippy::needless_pass_by_value)] // made in place
pub(crate) fn at(id: &str, revs: &[&str], body: Value) -> Value {
    let (generation, _) = revs[0].split_once('-').unwrap();
    let ids: Vec<&str> = revs.iter().map(|rev| rev.split_once('-').unwrap().1).collect();
    let mut doc = json!({
        "_id": id, "_rev": revs[0], "_revisions": { "start": generation.parse::<u64>().unwrap(), "ids": ids }
    });
    for (name, value) in body.as_object().unwrap() {
        doc[name] = value.clone();
    }
    doc
}

pub(crate) fn live(database: &Database, id: &str) -> Live {
    look(database, &[id]).unwrap().pop().unwrap().unwrap()
}

/// What a reader of the database sees of a document: the value of `n` in each living leaf, the winner first.
pub(crate) fn says(database: &Database, id: &str) -> Vec<Value> {
    let live = live(database, id);
    let value = |leaf: &Leaf| leaf.text.value().unwrap()["n"].clone();
    live.tree
        .living()
        .map(|branch| value(live.leaf(branch.rev()).unwrap()))
        .collect()
}

/// A record of the live view.
pub(crate) fn record(database: &Database, id: &str) -> Option<Record> {
    let live = live(database, id);
    (!live.leaves.is_empty())
        .then(|| Document::new(live.leaves).unwrap().without_tombstones())?
        .map(|document| document.record())
}

/// A backup in memory.
#[derive(Default)]
pub(crate) struct Backup {
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) contents: HashMap<String, Vec<u8>>,
    pub(crate) collections: Vec<Collection>,
}

impl Backup {
    /// Everything of a database that lives.
    pub(crate) fn of(database: &Database) -> Self {
        let mut backup = Self::default();
        let query = ChangesQuery {
            leaves: true,
            ..ChangesQuery::default()
        };
        let ids: Vec<String> = database.changes(&query).unwrap().map(|row| row.unwrap().id).collect();
        for id in ids {
            backup.add(database, &id);
        }
        backup.collections.push(Collection {
            name: database.name().to_owned(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: database.info().unwrap().raw,
        });
        backup
    }

    fn add(&mut self, database: &Database, id: &str) {
        let live = live(database, id);
        let Some(document) = Document::new(live.leaves).unwrap().without_tombstones() else {
            return;
        };
        let mut record = document.record();
        for ((leaf, attachment), asset) in document.attachments().zip(&mut record.assets) {
            let rev = leaf.rev.as_ref().unwrap().to_string();
            let mut content = Vec::new();
            let mut reader = database
                .attachment(id, Some(&rev), &attachment.name, &Stub::default())
                .unwrap();
            reader.read_to_end(&mut content).unwrap();
            *asset = self.keep(&attachment.name, attachment.media_type.clone(), content);
        }
        self.records.insert(id.to_owned(), record);
    }

    fn keep(&mut self, name: &str, media_type: Option<String>, content: Vec<u8>) -> AssetRef {
        let sha256 = hex::encode(Sha256::digest(&content));
        let size = Some(content.len() as u64);
        self.contents.insert(sha256.clone(), content);
        AssetRef {
            name: name.to_owned(),
            sha256: Some(sha256),
            size,
            media_type,
        }
    }

    pub(crate) fn record(&self, id: &str) -> Record {
        self.records[id].clone()
    }
}

fn none<T>() -> Result<T> {
    Err(SourceError::new(ErrorKind::NotFound, "the backup", "does not have it"))
}

impl RecordView for Backup {
    fn collections(&self) -> Result<Vec<Collection>> {
        Ok(self.collections.clone())
    }
    fn count(&self, _: &str) -> Result<u64> {
        Ok(self.records.len() as u64)
    }
    fn get(&self, _: &str, id: &str) -> Result<Option<Record>> {
        Ok(self.records.get(id).cloned())
    }
    fn page(&self, _: &str, _: u64, _: u64) -> Result<Vec<Record>> {
        none()
    }
    fn scan<'a>(&'a self, _: &str, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        none()
    }
    fn open_asset(&self, _: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        assert!(record.assets.contains(asset), "an attachment of another record");
        match asset.sha256.as_ref().and_then(|sha256| self.contents.get(sha256)) {
            Some(content) => Ok((content.len() as u64, Box::new(Cursor::new(content.clone())))),
            None => none(),
        }
    }
}

pub(crate) const AUTO: WriteOptions = WriteOptions {
    revisions: Revisions::Auto,
    tombstones: false,
};
pub(crate) const SAME: WriteOptions = WriteOptions {
    revisions: Revisions::Same,
    tombstones: false,
};
pub(crate) const NEW: WriteOptions = WriteOptions {
    revisions: Revisions::New,
    tombstones: false,
};

/// A step of a plan.
pub(crate) struct Step {
    pub(crate) write: WriteStep,
    pub(crate) expect: Expect,
}

/// What a plan would say about these records of a backup, and the database as it is.
pub(crate) fn plan(database: &Database, backup: &Backup, ids: &[&str]) -> Vec<Step> {
    let there = database.exists().unwrap();
    let step = |id: &&str| {
        let live = if there { record(database, id) } else { None };
        match live {
            None => Step {
                write: WriteStep::Create(backup.record(id)),
                expect: Expect::Absent,
            },
            Some(live) => Step {
                write: WriteStep::Update(backup.record(id)),
                expect: Expect::Content(live.hash),
            },
        }
    };
    ids.iter().map(step).collect()
}

pub(crate) fn all(backup: &Backup) -> Vec<&str> {
    backup.records.keys().map(String::as_str).collect()
}

/// Performs steps with a writer of their own.
pub(crate) fn perform(
    to: &Database,
    options: WriteOptions,
    backup: &Backup,
    steps: &[Step],
    undoing: bool,
) -> Vec<Result<Written>> {
    let mut writer = Writer::open(to.server(), &Names::One(to.name().to_owned()), options, backup).unwrap();
    if undoing {
        writer.undoes();
    }
    let collection = backup.collections.first().map_or("db", |collection| collection.name.as_str());
    let planned: Vec<Planned<'_>> = steps
        .iter()
        .map(|step| Planned {
            collection,
            step: &step.write,
            expect: step.expect,
        })
        .collect();
    let results = writer.write_many(&planned, backup);
    writer.commit().unwrap();
    results
}

/// Restores by a plan; everything must succeed, and what is said to be there must be there.
pub(crate) fn restore(to: &Database, options: WriteOptions, backup: &Backup, ids: &[&str]) -> Vec<Written> {
    let steps = plan(to, backup, ids);
    let results = perform(to, options, backup, &steps, false);
    assert_eq!(results.len(), ids.len());
    let written: Vec<Written> = results.into_iter().map(|result| result.unwrap()).collect();
    let scales = Scales::new(to, options);
    for (id, written) in ids.iter().zip(&written) {
        let there = record(to, id);
        assert_eq!(written.hash, there.as_ref().map(|record| record.hash), "{id}");
        let there = there.unwrap();
        assert_eq!(
            scales.differs(Part::Documents, &backup.records[*id], &there).unwrap(),
            None,
            "{id}"
        );
    }
    written
}

/// The position of the newest change: the same when nothing was written.
pub(crate) fn position(database: &Database) -> String {
    format!("{:?}", database.info().unwrap().update_seq)
}

/// The kind of the error of each step; `None` where it succeeded.
pub(crate) fn kinds(results: &[Result<Written>]) -> Vec<Option<ErrorKind>> {
    results
        .iter()
        .map(|result| result.as_ref().err().map(|error| error.kind))
        .collect()
}

pub(crate) fn hash(database: &Database, id: &str) -> ContentHash {
    live(database, id).tree.hash()
}
