//! A Backstay in a scratch folder, with sources in memory, called by name with JSON.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use backstay_api::{
    ApiError, App, AppOptions, COMMANDS, Cancel, Connector, Context, OptionSpec, Passwords, Secret, Silent,
    secrets::{Backend, FileConfig, KeySource, Preference},
};
use backstay_model::{ErrorKind, SnapshotMeta};
use backstay_source::{FileView, RecordView, Secrets, Source, SourceConfig, SourceError};
use backstay_source_kit::MemorySource;
use serde_json::{Value, json};

pub const PASSWORD: &str = "correct horse battery staple";
pub const TOKEN: &str = "tok-5f1c9a-secret";

/// Sources in memory, by the `path` in their settings.
#[derive(Default)]
pub struct InMemory(Mutex<BTreeMap<String, MemorySource>>);

impl InMemory {
    pub fn at(&self, path: &str) -> MemorySource {
        self.0.lock().unwrap().entry(path.to_owned()).or_default().clone()
    }
}

const fn option(name: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        value: "TEXT",
        help: "something",
        required: false,
        multiple: false,
        flag: false,
        secret: false,
        path: false,
        choices: &[],
    }
}

const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        required: true,
        path: true,
        ..option("path")
    },
    OptionSpec {
        multiple: true,
        ..option("exclude")
    },
    OptionSpec {
        flag: true,
        ..option("deep")
    },
    OptionSpec {
        secret: true,
        multiple: true,
        ..option("token")
    },
];

impl Connector for InMemory {
    fn kind(&self) -> &'static str {
        "memory"
    }
    fn title(&self) -> &'static str {
        "Memory"
    }
    fn summary(&self) -> &'static str {
        "Things a test made up"
    }
    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, config: &SourceConfig, _: &dyn Secrets) -> backstay_source::Result<Arc<dyn Source>> {
        let missing = || SourceError::new(ErrorKind::Usage, "the source", "has no path");
        Ok(Arc::new(self.at(config.text("path").ok_or_else(missing)?)))
    }
    fn offers(&self, path: &std::path::Path) -> Option<serde_json::Map<String, Value>> {
        let memo = path.extension().is_some_and(|ending| ending == "memo");
        memo.then(|| serde_json::Map::from_iter([("path".to_owned(), json!(path))]))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

/// Always the same password.
pub struct Fixed(pub &'static str);

impl Passwords for Fixed {
    fn given(&self, _: &str) -> backstay_api::Result<Option<Secret>> {
        Ok(None)
    }
    fn ask(&self, _: &str) -> backstay_api::Result<Option<Secret>> {
        Ok(Some(Secret::from_text(self.0.to_owned())))
    }
    fn choose(&self, _: &str) -> backstay_api::Result<Option<Secret>> {
        Ok(Some(Secret::from_text(self.0.to_owned())))
    }
}

/// A Backstay in `dir` with these sources.
pub fn options(dir: &std::path::Path, memory: &Arc<InMemory>) -> AppOptions {
    AppOptions {
        home: dir.join("home"),
        connectors: vec![memory.clone()],
        program: "test",
        actor: "tester".to_owned(),
        secrets: Preference {
            backend: Backend::File,
            file: Some(FileConfig {
                path: dir.join("home/secrets.age"),
                key: KeySource::Passphrase(Secret::from_text("opens the file of secrets".to_owned())),
            }),
            ..Preference::default()
        },
    }
}

pub struct Bench {
    pub app: App,
    pub memory: Arc<InMemory>,
    pub cancel: Cancel,
    pub dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let memory = Arc::new(InMemory::default());
        let app = App::open(options(dir.path(), &memory)).unwrap();
        Self {
            app,
            memory,
            cancel: Cancel::default(),
            dir,
        }
    }

    /// With the vault `disk` and the source `notes`.
    pub fn ready() -> Self {
        let bench = Self::new();
        bench.vault("disk");
        bench.ok(
            "source.add",
            json!({"kind": "memory", "name": "notes", "options": {"path": "notes"}}),
        );
        bench
    }

    pub fn vault(&self, name: &str) {
        self.ok(
            "vault.create",
            json!({"name": name, "path": self.path(name), "remember": true}),
        );
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn source(&self) -> MemorySource {
        self.memory.at("notes")
    }

    pub fn call(&self, name: &str, request: Value) -> Result<Value, ApiError> {
        let context = Context {
            cancel: &self.cancel,
            reporter: &Silent,
            passwords: &Fixed(PASSWORD),
        };
        let entry = COMMANDS.iter().find(|entry| entry.name == name).expect(name);
        (entry.call)(&self.app, &context, request)
    }

    pub fn ok(&self, name: &str, request: Value) -> Value {
        self.call(name, request).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    pub fn err(&self, name: &str, request: Value) -> ApiError {
        match self.call(name, request) {
            Ok(reply) => panic!("{name} succeeded: {reply:#}"),
            Err(error) => error,
        }
    }

    /// Says of everything that went at the source that it was intended; there must have been an alarm.
    pub fn intended(&self) {
        let holds = self.ok("hold.list", json!({}));
        let holds = holds["holds"].as_array().unwrap();
        assert!(!holds.is_empty(), "no guard tripped");
        for hold in holds {
            let trip = hold["trip"].as_object().unwrap().values().next().unwrap();
            let number = trip.get("gone").filter(|gone| gone.is_u64()).or(trip.get("before"));
            self.ok("hold.release", json!({"hold": hold["id"], "confirm": number}));
        }
    }

    /// Backs up and gives the snapshot's id.
    pub fn backup(&self, vaults: &[&str]) -> String {
        let request = json!({"sources": ["notes"], "all": false, "vaults": vaults, "tags": []});
        let reply = self.ok("backup", request);
        assert_eq!(reply["verdict"], "complete", "{reply:#}");
        reply["runs"][0]["snapshot"].as_str().unwrap().to_owned()
    }

    /// Plans a restore in place and gives the plan.
    pub fn plan(&self, snapshot: &str, only: &[&str], policy: &str) -> Value {
        let request = json!({
            "from": {"snapshot": {"snapshot": snapshot}},
            "selection": {"only": only},
            "target": "inPlace",
            "policy": policy,
        });
        self.ok("restore.plan", request)
    }
}

pub fn put(source: &MemorySource, id: &str, text: &str) {
    source.put("c", id, backstay_model::RawJson::parse(text.as_bytes()).unwrap());
}
