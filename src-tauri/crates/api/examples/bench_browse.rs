//! How long the window waits for tables of a million records: opening, jumping, sorting, searching. Figures for docs/PERFORMANCE.md.
//!
//! `cargo run --release -p backstay-api --example bench_browse [ROWS]`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::{sync::Arc, time::Instant};

use backstay_api::{
    App, AppOptions, COMMANDS, Cancel, Connector, Context, OptionSpec, Passwords, Result, Secret, Silent,
    secrets::{Backend, FileConfig, KeySource, Preference},
};
use backstay_model::{Capabilities, Change, Collection, CollectionKind, RawJson, Record, Schema, SnapshotMeta, TargetSpec};
use backstay_source::{
    FeedMode, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Secrets, Sink, Source, SourceConfig,
};
use serde_json::{Value, json};

/// Always the same password.
struct Fixed;

impl Passwords for Fixed {
    fn given(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn ask(&self, _: &str) -> Result<Option<Secret>> {
        Ok(Some(Secret::from_text("a password for measuring".to_owned())))
    }
    fn choose(&self, vault: &str) -> Result<Option<Secret>> {
        self.ask(vault)
    }
}

/// A service with records that are made up as they are asked for.
struct MadeUp(u64);

impl Connector for MadeUp {
    fn kind(&self) -> &'static str {
        "made"
    }
    fn title(&self) -> &'static str {
        "Made up"
    }
    fn summary(&self) -> &'static str {
        "Records that are made up"
    }
    fn options(&self) -> &'static [OptionSpec] {
        &[]
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, _: &SourceConfig, _: &dyn Secrets) -> backstay_source::Result<Arc<dyn Source>> {
        Ok(Arc::new(Self(self.0)))
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
}

fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn title(n: u64) -> String {
    let word = |shift: u64| WORDS[usize::try_from(scattered(n) >> shift).unwrap() % WORDS.len()];
    format!("{} {} {n}", word(20), word(30))
}

const WORDS: [&str; 8] = [
    "invoice",
    "garden",
    "Bücher",
    "meeting",
    "travel",
    "recipe",
    "Österreich",
    "draft",
];

impl Source for MadeUp {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            records: true,
            ..Capabilities::default()
        }
    }
    fn probe(&self, _: &Cancel) -> backstay_source::Result<Probe> {
        Ok(Probe::default())
    }
    fn changes(&self, _: Option<&RawJson>, sink: &dyn Sink) -> backstay_source::Result<Outcome> {
        let collection = Collection {
            name: "notes".to_owned(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: None,
        };
        sink.begin_collection(&collection, FeedMode::Full)?;
        let mut batch = Vec::new();
        for n in 0..self.0 {
            let size = scattered(n) >> 44;
            let text = format!(
                r#"{{"title":"{}","size":{size},"done":{},"body":"the quick brown fox {n} jumps over the lazy dog"}}"#,
                title(n),
                n % 2 == 0
            );
            let record = Record::new(format!("{:016x}", scattered(n)), RawJson::parse(text.as_bytes()).unwrap());
            batch.push(Change::Upsert(record));
            if batch.len() == 1000 {
                sink.records("notes", std::mem::take(&mut batch))?;
            }
        }
        sink.records("notes", batch)?;
        sink.end_collection("notes")?;
        Ok(Outcome::default())
    }
    fn live_records(&self, _: &Cancel) -> backstay_source::Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn live_files(&self, _: &Cancel) -> backstay_source::Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, _: &TargetSpec) -> backstay_source::Result<Arc<dyn Source>> {
        Ok(Arc::new(Self(self.0)))
    }
    fn record_writer(&self, _: &dyn RecordView, _: &Cancel) -> backstay_source::Result<Box<dyn RecordWriter>> {
        panic!("nothing is written")
    }
    fn file_writer(&self, _: &Cancel) -> backstay_source::Result<Box<dyn FileWriter>> {
        panic!("nothing is written")
    }
}

struct Bench {
    app: App,
    dir: tempfile::TempDir,
}

impl Bench {
    fn call(&self, name: &str, request: Value) -> Value {
        let context = Context {
            cancel: &Cancel::default(),
            reporter: &Silent,
            passwords: &Fixed,
        };
        let entry = COMMANDS.iter().find(|entry| entry.name == name).unwrap();
        (entry.call)(&self.app, &context, request).unwrap_or_else(|error| panic!("{name}: {error:?}"))
    }

    /// Calls, prints how long it took in milliseconds, and gives the reply.
    fn timed(&self, what: &str, name: &str, request: Value) -> Value {
        let begin = Instant::now();
        let reply = self.call(name, request);
        println!("{:>9.1} ms  {what}", begin.elapsed().as_secs_f64() * 1000.0);
        reply
    }

    fn jumps(&self, what: &str, table: &Value) {
        let total = table["total"].as_u64().unwrap();
        let mut times: Vec<f64> = (0..60)
            .map(|n| {
                let offset = scattered(n + 7) % total.max(201).saturating_sub(200).max(1);
                let begin = Instant::now();
                let reply = self.call(
                    "listing.rows",
                    json!({"listing": table["listing"], "offset": offset, "limit": 200}),
                );
                assert_eq!(reply["rows"].as_array().unwrap().len() as u64, 200.min(total));
                begin.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            "{:>9.1} ms  {what}: page of 200 after a jump, median; {:.1} ms the slowest of 60",
            times[30], times[59]
        );
    }
}

fn main() {
    let rows: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let mut connectors = backstay_registry::connectors();
    connectors.push(Arc::new(MadeUp(rows)));
    let home = dir.path().join("home");
    let secrets = Preference {
        backend: Backend::File,
        file: Some(FileConfig {
            path: home.join("secrets.age"),
            key: KeySource::Passphrase(Secret::from_text("opens the file of secrets".to_owned())),
        }),
        ..Preference::default()
    };
    let app = App::open(AppOptions {
        home,
        connectors,
        program: "bench",
        actor: "bench".to_owned(),
        secrets,
    });
    let bench = Bench { app: app.unwrap(), dir };
    let path = bench.dir.path().join("notes.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
         CREATE TABLE notes (id TEXT PRIMARY KEY, title TEXT, size INTEGER, done INTEGER, body TEXT);
         CREATE TABLE plain (n INTEGER PRIMARY KEY, title TEXT, size INTEGER, body TEXT); BEGIN",
    )
    .unwrap();
    for n in 0..rows {
        let size = i64::try_from(scattered(n) >> 44).unwrap();
        let body = format!("the quick brown fox {n} jumps over the lazy dog, and then some more words to make it 150 bytes long");
        let id = format!("{:016x}", scattered(n));
        db.execute(
            "INSERT INTO notes VALUES (?1,?2,?3,?4,?5)",
            rusqlite::params![id, title(n), size, n % 2 == 0, body],
        )
        .unwrap();
        // Rows with gaps between their numbers.
        db.execute(
            "INSERT INTO plain VALUES (?1,?2,?3,?4)",
            rusqlite::params![i64::try_from(n * 3 + n % 2).unwrap(), title(n), size, body],
        )
        .unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    drop(db);
    println!(
        "{rows} rows, database of {} MB",
        std::fs::metadata(&path).unwrap().len() / 1_000_000
    );
    bench.call(
        "vault.create",
        json!({"name": "disk", "path": bench.dir.path().join("disk"), "remember": true}),
    );
    bench.call(
        "source.add",
        json!({"kind": "sqlite", "name": "database", "options": {"path": path}}),
    );
    bench.call("source.add", json!({"kind": "made", "name": "records", "options": {}}));
    for source in ["database", "records"] {
        let request = json!({"sources": [source], "all": false, "vaults": [], "tags": []});
        bench.timed(&format!("first backup of {source}"), "backup", request);
    }
    for (source, table) in [("records", "notes"), ("database", "notes"), ("database", "plain")] {
        println!("-- {table} of {source}");
        bench.app.forget_opened();
        let at = json!({"snapshot": format!("{source}@latest")});
        let open = |more: Value| {
            let mut request = json!({"at": at, "collection": table});
            request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            request
        };
        let plain = bench.timed("first opening of the table", "listing.open", open(json!({})));
        bench.timed(
            "first page",
            "listing.rows",
            json!({"listing": plain["listing"], "offset": 0, "limit": 200}),
        );
        let last = json!({"listing": plain["listing"], "offset": rows - 200, "limit": 200});
        bench.timed("last page, cold", "listing.rows", last);
        bench.jumps("own order", &plain);
        let row = bench.call(
            "listing.rows",
            json!({"listing": plain["listing"], "offset": rows * 2 / 3, "limit": 1}),
        );
        bench.timed(
            "finding a record's row",
            "listing.locate",
            json!({"listing": plain["listing"], "id": row["rows"][0]["id"]}),
        );
        bench.app.forget_opened();
        bench.timed("opening it again, everything forgotten", "listing.open", open(json!({})));
        let sorted = bench.timed("sorting by a text", "listing.open", open(json!({"sort": {"field": "title"}})));
        bench.jumps("sorted by a text", &sorted);
        bench.timed(
            "finding a record's row when sorted",
            "listing.locate",
            json!({"listing": sorted["listing"], "id": row["rows"][0]["id"]}),
        );
        bench.timed(
            "sorting by a number",
            "listing.open",
            open(json!({"sort": {"field": "size", "descending": true}})),
        );
        let filter = json!({"filters": [{"field": "size", "kind": "less", "value": "1000"}]});
        bench.timed("filtering", "listing.open", open(filter));
        bench.timed("searching a word", "listing.open", open(json!({"search": "ÖSTERREICH"})));
        bench.timed(
            "opening the sorted table again",
            "listing.open",
            open(json!({"sort": {"field": "title"}})),
        );
    }
    let search = json!({"text": "fox 777777 jumps", "earlier": true, "limit": 50});
    bench.timed("searching all sources", "search", search);
    let size: u64 = std::fs::read_dir(bench.dir.path().join("home/cache/listings"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    println!("{} MB of listings", size / 1_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    println!("{peak}");
}
