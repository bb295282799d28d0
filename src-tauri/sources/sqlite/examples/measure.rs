//! What backing up and reading a database costs: `measure FILE [TABLE]` prints CPU seconds, wall time and peak memory.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::{
    fs::File,
    io::Read,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use backstay_model::{Change, Collection, ContentHash, FileEntry, Gap, WorkspaceMeta};
use backstay_source::{Cancel, Connector, FeedMode, FileHint, FileView, ReadSeek, Result, Secrets, Sink, SourceConfig, Stored};
use backstay_sqlite::Sqlite;

/// Reads everything and keeps nothing.
#[derive(Default)]
struct Drain(Cancel);

impl Sink for Drain {
    fn begin_collection(&self, _: &Collection, _: FeedMode) -> Result<()> {
        Ok(())
    }
    fn records(&self, _: &str, _: Vec<Change>) -> Result<()> {
        Ok(())
    }
    fn end_collection(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn file(&self, entry: &FileEntry, _: FileHint, open: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        let (mut reader, mut buf, mut n) = (open()?, vec![0; 1 << 20], 0);
        loop {
            match reader.read(&mut buf).unwrap() {
                0 => break,
                got => n += got as u64,
            }
        }
        assert_eq!(n, entry.size);
        Ok(Stored::Read)
    }
    fn leave_directory(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn keep(&self, _: &str) -> Result<bool> {
        Ok(true)
    }
    fn asset(&self, _: &str, _: u64, _: &mut (dyn Read + Send)) -> Result<String> {
        Ok(String::new())
    }
    fn workspace(&self, _: WorkspaceMeta) {}
    fn gap(&self, gap: Gap) {
        println!("gap: {gap:?}");
    }
    fn total(&self, _: Option<u64>, _: Option<u64>) {}
    fn cancel(&self) -> &Cancel {
        &self.0
    }
}

/// The file as if a vault had it.
struct One(PathBuf, FileEntry);

impl FileView for One {
    fn walk<'a>(&'a self, _: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        Ok(Box::new(std::iter::once(Ok(self.1.clone()))))
    }
    fn stat(&self, _: &str) -> Result<Option<FileEntry>> {
        Ok(Some(self.1.clone()))
    }
    fn open(&self, _: &str) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(File::open(&self.0).unwrap()))
    }
    fn hash(&self, _: &str) -> Result<ContentHash> {
        Ok(ContentHash::default())
    }
}

struct NoSecrets;
impl Secrets for NoSecrets {
    fn get(&self, _: &str, _: &str) -> Result<Option<String>> {
        Ok(None)
    }
}

fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap().to_owned()
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (c, w) = (cpu(), Instant::now());
    let out = run();
    println!(
        "{what}: {:.2} CPU s, {:.3} s; {}",
        (cpu() - c).as_secs_f64(),
        w.elapsed().as_secs_f64(),
        peak()
    );
    out
}

fn main() {
    let mut args = std::env::args().skip(1);
    let path = PathBuf::from(args.next().unwrap());
    let config = SourceConfig {
        id: "m".into(),
        name: "m".into(),
        options: serde_json::json!({"path": path}),
    };
    let source = Sqlite.open(&config, &NoSecrets).unwrap();
    let sink = Drain::default();
    let outcome = timed("first backup", || source.changes(None, &sink)).unwrap();
    timed("unchanged", || source.changes(outcome.cursor.as_ref(), &sink)).unwrap();
    let Some(table) = args.next() else { return };
    let files = source.live_files(&Cancel::default()).unwrap().unwrap();
    let entry = files.walk(None).unwrap().next().unwrap().unwrap();
    let stored = || {
        let meta = serde_json::json!({"formatVersion": 1, "program": "", "sourceId": "", "sourceName": "", "sourceKind": "sqlite",
            "connectorVersion": 1, "started": "2026-01-01T00:00:00Z", "finished": "2026-01-01T00:00:00Z", "verdict": "complete"});
        let meta = serde_json::from_value(meta).unwrap();
        Sqlite
            .stored_records(Arc::new(One(path.clone(), entry.clone())), &meta)
            .unwrap()
            .unwrap()
    };
    let view = timed("open the stored rows", stored);
    let n = timed("count", || view.count(&table)).unwrap();
    let last = n.saturating_sub(150);
    timed("first far page", || view.page(&table, last, 100)).unwrap();
    timed("second far page", || view.page(&table, last / 2, 100)).unwrap();
    let id = view.page(&table, last / 3, 1).unwrap()[0].id.clone();
    timed("get", || view.get(&table, &id)).unwrap();
    timed("scan", || {
        view.scan(&table, None)
            .unwrap()
            .map(|r| r.unwrap().data.as_bytes().len())
            .sum::<usize>()
    });
    let live = source.live_records(&Cancel::default()).unwrap().unwrap();
    timed("live keys", || live.keys(&table).unwrap().count());
}
