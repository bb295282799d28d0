//! A small vault in memory, and everything a reader can get out of it, told as facts that can be compared.

use std::{collections::BTreeMap, fmt::Display, io::Read, sync::Arc};

use backstay_engine::{
    Clock, Depth, EngineError, Job, Silent, State,
    backup::{BackupInput, backup},
    diff_states,
    snapshot::open_snapshot,
};
use backstay_model::{ErrorKind, FileKind as Kind, RawJson};
use backstay_source::{Cancel, Connector, Source, SourceConfig, SourceError};
use backstay_source_kit::{MemorySource, NoSecrets};
use backstay_vault::{
    CreateOptions, Id, KeyCost, Reader, Snapshot, Unlock, Vault, VaultError,
    maintain::{
        check::{CheckOptions, check},
        report::{CheckReport, Depth as CheckDepth},
    },
    pack::BlobKind,
    place::{FileKind, MemoryPlace, Place as _},
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{data, dice::Dice};

pub const PASSWORD: &str = "a password for tests";

/// A clock that stands where it is put.
pub struct At(pub DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

pub fn noon(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::days(day)
}

pub fn connector(kind: &str) -> Option<Arc<dyn Connector>> {
    backstay_registry::connectors().into_iter().find(|c| c.kind() == kind)
}

/// What a reader got: facts, and what it was refused.
#[derive(Default)]
pub struct Got {
    /// `place: what is there` for every item of every snapshot.
    pub facts: BTreeMap<String, String>,
    pub refused: Vec<(ErrorKind, String)>,
}

impl Got {
    fn fact(&mut self, name: String, what: impl Into<String>) {
        if let Some(first) = self.facts.insert(name, what.into()) {
            panic!("came twice: {first}");
        }
    }

    fn refuse(&mut self, kind: ErrorKind, what: impl Display) {
        self.refused.push((kind, what.to_string()));
    }

    fn no_engine(&mut self, error: &EngineError) {
        self.refuse(error.kind(), error);
    }

    fn no_source(&mut self, error: &SourceError) {
        self.refuse(error.kind, error);
    }

    fn no_vault(&mut self, error: &VaultError) {
        self.refuse(error.kind(), error);
    }
}

/// A vault in memory with some snapshots.
pub struct World {
    pub place: Arc<MemoryPlace>,
    key: backstay_vault::MasterKey,
    pub whole: BTreeMap<String, String>,
}

pub fn back_up(vault: &Vault, source: &dyn Source, kind: &str, at: DateTime<Utc>) -> Snapshot {
    let connector = connector(kind).unwrap();
    let input = BackupInput {
        source,
        connector: &connector,
        source_id: "0198c2f4",
        source_name: "things",
        vault,
        tags: &[],
        audit_head: None,
    };
    let job = Job {
        cancel: &Cancel::default(),
        clock: &At(at),
        reporter: &Silent,
    };
    backup(&input, &job).unwrap().snapshot
}

pub fn empty_vault() -> (Arc<MemoryPlace>, Vault) {
    let place = Arc::new(MemoryPlace::default());
    let options = CreateOptions {
        cost: KeyCost::Cheap,
        ..CreateOptions::default()
    };
    let vault = Vault::create(place.clone(), PASSWORD, &options).unwrap();
    (place, vault)
}

impl World {
    /// Records with attachments, and files, in three snapshots.
    pub fn of_records_and_files() -> Self {
        let (place, vault) = empty_vault();
        let mut dice = Dice::from(7);
        let source = MemorySource::default();
        for n in 0..60 {
            let json = format!(r#"{{"n": {n}, "text": "{}"}}"#, "words ".repeat(1 + n % 9));
            source.put("tasks", &format!("t{n:03}"), RawJson::parse(json.as_bytes()).unwrap());
        }
        source.put("ünï", "1", RawJson::parse(b"{}").unwrap());
        source.attach("tasks", "t003", "photo.jpg", dice.bytes(3000));
        for n in 0..8 {
            let size = 200 + 700 * n;
            source.file(&format!("docs/d{}/f{n}", n % 3), dice.bytes(size));
        }
        back_up(&vault, &source, "folder", noon(0));
        source.put("tasks", "t007", RawJson::parse(b"{\"n\": 12345678901234567890}").unwrap());
        source.delete("tasks", "t011");
        source.file("docs/d1/new", dice.bytes(900));
        back_up(&vault, &source, "folder", noon(1));
        source.put("tasks", "t050x", RawJson::parse(b"{\"n\": null}").unwrap());
        source.remove_file("docs/d1/new");
        back_up(&vault, &source, "folder", noon(2));
        Self::looked_at(place, &vault)
    }

    /// A database whose rows are read out of the stored file, in two snapshots.
    pub fn of_a_database() -> Self {
        let (place, vault) = empty_vault();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app.db");
        drop(data::tasks(&file, "delete", 40));
        let config = SourceConfig {
            id: "0198c2f4".to_owned(),
            name: "things".to_owned(),
            options: serde_json::json!({ "path": file }),
        };
        let source = connector("sqlite").unwrap().open(&config, &NoSecrets).unwrap();
        back_up(&vault, &*source, "sqlite", noon(0));
        data::execute(
            &file,
            "UPDATE tasks SET title = 'changed' WHERE id < 5; DELETE FROM tags WHERE task = 9",
        );
        back_up(&vault, &*source, "sqlite", noon(1));
        Self::looked_at(place, &vault)
    }

    fn looked_at(place: Arc<MemoryPlace>, vault: &Vault) -> Self {
        let mut world = Self {
            place,
            key: vault.master_key().clone(),
            whole: BTreeMap::new(),
        };
        let got = world.read(false);
        assert!(got.refused.is_empty(), "{:?}", got.refused);
        assert!(got.facts.len() > 100, "{} facts", got.facts.len());
        world.whole = got.facts;
        world
    }

    pub fn open(&self, by_password: bool) -> Result<Vault, VaultError> {
        let unlock = if by_password {
            Unlock::Password(PASSWORD.to_owned())
        } else {
            Unlock::MasterKey(self.key.clone())
        };
        Vault::open(self.place.clone(), &unlock)
    }

    /// Files of a class: data and tree packs are told apart.
    pub fn files(&self, class: &str) -> Vec<Id> {
        let vault = self.open(false).unwrap();
        let index = vault.index().unwrap();
        let tree_packs: Vec<Id> = (0..index.len())
            .filter_map(|n| index.row(n))
            .filter(|at| at.blob.kind == BlobKind::Tree)
            .map(|at| index.packs()[at.pack as usize].id)
            .collect();
        let all = self.place.list(kind_of(class)).unwrap().into_iter().map(|(id, _)| id);
        all.filter(|id| match class {
            "tree packs" => tree_packs.contains(id),
            "data packs" => !tree_packs.contains(id),
            _ => true,
        })
        .collect()
    }

    /// Reads everything there is, the way the commands do: list, open, walk, read, compare.
    pub fn read(&self, by_password: bool) -> Got {
        let mut got = Got::default();
        if let Err(error) = self.read_into(by_password, &mut got) {
            got.no_vault(&error);
        }
        got
    }

    fn read_into(&self, by_password: bool, got: &mut Got) -> Result<(), VaultError> {
        let vault = self.open(by_password)?;
        let snapshots = vault.snapshots()?;
        for (id, damage) in &snapshots.damaged {
            got.refuse(ErrorKind::Damaged, format!("snapshot {id:?}: {damage}"));
        }
        let reader = vault.reader()?;
        let mut before: Option<(i64, State)> = None;
        for snapshot in &snapshots.good {
            let day = (snapshot.time - noon(0)).num_days();
            let name = day.to_string();
            got.fact(
                name.clone(),
                format!("{:?} {:?} {:?}", snapshot.tags, snapshot.label, snapshot.paths),
            );
            raw_files(&reader, snapshot, &name, got);
            let state = match open_snapshot(&reader, snapshot, &connector) {
                Ok(state) => state,
                Err(error) => {
                    got.no_engine(&error);
                    continue;
                }
            };
            records(&state, &name, got);
            // Neighbours only: with one missing between them, there is nothing to hold the answer against.
            if let Some((earlier, before)) = before.as_ref().filter(|(earlier, _)| earlier + 1 == day) {
                differences(before, &state, &format!("{earlier}-{name}"), got);
            }
            before = Some((day, state));
        }
        Ok(())
    }

    pub fn check(&self) -> Result<CheckReport, VaultError> {
        struct Unwatched;
        impl backstay_vault::maintain::Watch for Unwatched {}
        let options = CheckOptions {
            depth: CheckDepth::ReadAll,
            paths_per_snapshot: 5,
            now: noon(3),
        };
        check(&self.open(false)?, &options, &Unwatched)
    }
}

/// Every file of the tree, ours and the person's.
fn raw_files(reader: &Reader, snapshot: &Snapshot, name: &str, got: &mut Got) {
    let walk = match reader.walk(snapshot, "") {
        Ok(walk) => walk,
        Err(error) => return got.no_vault(&error),
    };
    for found in walk {
        let path = format!("{name}/{}", String::from_utf8_lossy(&found.path));
        if let Some(error) = &found.error {
            got.no_vault(error);
            continue;
        }
        if found.node.model_kind() != Kind::File {
            got.fact(path, "not a file");
            continue;
        }
        let mut bytes = Vec::new();
        match reader.open(&found.node).map(|mut file| file.read_to_end(&mut bytes)) {
            Ok(Ok(_)) => got.fact(path, format!("{} bytes {}", bytes.len(), digest(&bytes))),
            // What came before the error is part of the truth or nothing; it counts as nothing.
            Ok(Err(error)) => got.refuse(ErrorKind::Damaged, format!("{path}: {error}")),
            Err(error) => got.no_vault(&error),
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    format!("{:x?}", sha2::Sha256::digest(bytes))
}

/// Every record: in order, by id, and by number.
fn records(state: &State, name: &str, got: &mut Got) {
    let collections = match state.collections() {
        Ok(collections) => collections,
        Err(error) => return got.no_engine(&error),
    };
    for collection in collections {
        let collection = collection.name;
        let view = match state.view(&collection) {
            Ok(view) => view,
            Err(error) => {
                got.no_engine(&error);
                continue;
            }
        };
        match view.scan(&collection, None) {
            Ok(scan) => {
                for record in scan {
                    match record {
                        Ok(record) => {
                            let data = String::from_utf8_lossy(record.data.as_bytes()).into_owned();
                            got.fact(
                                format!("{name}#{collection}/{}", record.id),
                                format!("{data} {:?}", record.assets),
                            );
                        }
                        Err(error) => {
                            got.no_source(&error);
                            break;
                        }
                    }
                }
            }
            Err(error) => got.no_source(&error),
        }
        match view.count(&collection) {
            Ok(count) => got.fact(format!("{name}#{collection} count"), count.to_string()),
            Err(error) => got.no_source(&error),
        }
        match view.page(&collection, 3, 2) {
            Ok(page) => {
                let ids: Vec<String> = page
                    .iter()
                    .map(|r| format!("{} {}", r.id, String::from_utf8_lossy(r.data.as_bytes())))
                    .collect();
                got.fact(format!("{name}#{collection} page"), format!("{ids:?}"));
            }
            Err(error) => got.no_source(&error),
        }
        for id in ["t007", "7", "t011"] {
            match view.get(&collection, id) {
                Ok(record) => got.fact(
                    format!("{name}#{collection} get {id}"),
                    format!("{:?}", record.map(|r| r.data)),
                ),
                Err(error) => got.no_source(&error),
            }
        }
    }
}

fn differences(before: &State, after: &State, name: &str, got: &mut Got) {
    let mut found = Vec::new();
    let cancel = Cancel::default();
    let counts = diff_states(before, after, None, Depth::Fields, &cancel, &mut |change| {
        found.push(format!("{change:?}"));
        Ok(())
    });
    match counts {
        Ok(counts) => got.fact(format!("{name} diff"), format!("{counts:?} {found:?}")),
        Err(error) => got.no_engine(&error),
    }
}

/// The class of files as the vault names it.
pub fn kind_of(class: &str) -> FileKind {
    match class {
        "config" => FileKind::Config,
        "keys" => FileKind::Key,
        "locks" => FileKind::Lock,
        "snapshots" => FileKind::Snapshot,
        "index" => FileKind::Index,
        _ => FileKind::Pack,
    }
}
