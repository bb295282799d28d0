//! Measures reading: a first run over many documents, one with nothing new, one after 1 % changed. Prints documents a second, requests,
//! bytes and memory.
//!
//! `cargo run --release -p backstay-couchdb --example measure [DOCUMENTS [ATTACHMENT_MIB]]` starts a stand-in of CouchDB as a process
//! of its own (this program again), so that memory is that of the reader alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read, Write as _},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use backstay_couchdb::CouchDb;
use backstay_couchdb_standin::{Config, Load, Standin};
use backstay_model::{Change, Collection, ContentHash, FileEntry, Gap, RawJson, Record, WorkspaceMeta};
use backstay_source::{Cancel, Connector as _, FeedMode, FileHint, Result, Secrets, Sink, SourceConfig, Stored};
use serde_json::json;

struct Password;

impl Secrets for Password {
    fn get(&self, _: &str, name: &str) -> Result<Option<String>> {
        Ok((name == "password").then(|| "password".to_owned()))
    }
}

/// Counts what it is given; remembers the hashes of what it has, as an engine does.
#[derive(Default)]
struct Counting {
    cancel: Cancel,
    given: AtomicU64,
    bytes: AtomicU64,
    kept: AtomicU64,
    gaps: AtomicU64,
    known: Mutex<BTreeMap<(String, String), ContentHash>>,
}

impl Counting {
    fn tell(&self, what: &str, begun: Instant, worked_before: f64, standin: &mut Other) {
        let seconds = begun.elapsed().as_secs_f64();
        let (requests, sent) = standin.counts();
        let given = self.given.swap(0, Ordering::Relaxed);
        println!(
            "{what}: {seconds:.2} s, {:.2} s of processor time, {given} records given ({:.0}/s), {} kept, {} MiB of content, {requests} requests, {:.1} MiB received, {} gaps, peak {} MiB",
            worked() - worked_before,
            given as f64 / seconds,
            self.kept.swap(0, Ordering::Relaxed),
            self.bytes.swap(0, Ordering::Relaxed) >> 20,
            sent as f64 / f64::from(1 << 20),
            self.gaps.swap(0, Ordering::Relaxed),
            peak() >> 10,
        );
    }
}

/// Seconds of processor time this process has used, in hundredths: the clock's step in `/proc` on Linux.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Peak memory of this process in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or(0)
}

impl Sink for Counting {
    fn begin_collection(&self, _: &Collection, _: FeedMode) -> Result<()> {
        Ok(())
    }
    fn records(&self, collection: &str, batch: Vec<Change>) -> Result<()> {
        let mut known = self.known.lock().unwrap();
        for change in batch {
            self.given.fetch_add(1, Ordering::Relaxed);
            match change {
                Change::Upsert(record) => {
                    self.bytes.fetch_add(record.data.as_bytes().len() as u64, Ordering::Relaxed);
                    known.insert((collection.to_owned(), record.id), record.hash);
                }
                Change::Delete(id) => {
                    known.remove(&(collection.to_owned(), id));
                }
            }
        }
        Ok(())
    }
    fn end_collection(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn file(&self, _: &FileEntry, _: FileHint, _: &mut dyn FnMut() -> Result<Box<dyn Read + Send>>) -> Result<Stored> {
        Ok(Stored::Read)
    }
    fn leave_directory(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn keep(&self, _: &str) -> Result<bool> {
        Ok(false)
    }
    fn asset(&self, _: &str, _: u64, content: &mut (dyn Read + Send)) -> Result<String> {
        let mut buffer = vec![0; 1 << 20];
        loop {
            match content
                .read(&mut buffer)
                .map_err(|error| backstay_source::SourceError::io("content", error))?
            {
                0 => return Ok("0".repeat(64)),
                got => self.bytes.fetch_add(got as u64, Ordering::Relaxed),
            };
        }
    }
    fn keep_record(&self, collection: &str, id: &str, hash: ContentHash) -> Result<bool> {
        let same = self.known.lock().unwrap().get(&(collection.to_owned(), id.to_owned())) == Some(&hash);
        self.kept.fetch_add(u64::from(same), Ordering::Relaxed);
        Ok(same)
    }
    fn had(&self, collection: &str, id: &str) -> Result<bool> {
        Ok(self
            .known
            .lock()
            .unwrap()
            .contains_key(&(collection.to_owned(), id.to_owned())))
    }
    fn previous(&self, _: &str, _: &str) -> Result<Option<Record>> {
        Ok(None)
    }
    fn workspace(&self, _: WorkspaceMeta) {}
    fn gap(&self, gap: Gap) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
        eprintln!("{} {}", gap.subject, gap.message);
    }
    fn total(&self, _: Option<u64>, _: Option<u64>) {}
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

/// The stand-in in a process of its own, spoken to in lines.
struct Other {
    child: std::process::Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Other {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    fn ask(&mut self, line: &str) -> String {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim().to_owned()
    }

    /// Requests, and bytes that went out, since this was asked last.
    fn counts(&mut self) -> (u64, u64) {
        let answer = self.ask("counts");
        let (requests, sent) = answer.split_once(' ').unwrap();
        (requests.parse().unwrap(), sent.parse().unwrap())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve() {
    let standin = Standin::start(Config::default()).unwrap();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        match words.next() {
            Some("url") => println!("{}", standin.url()),
            Some("counts") => {
                let total = standin.total();
                standin.reset_counters();
                println!("{} {}", total.requests, total.sent);
            }
            Some("load") => {
                let mut number = || words.next().unwrap().parse::<u64>().unwrap();
                let (first, documents, round) = (number(), number(), number());
                let load = Load {
                    first,
                    round,
                    ..Load::new("measured", documents)
                };
                standin.load(&load).unwrap();
                println!("loaded");
            }
            _ => println!("?"),
        }
    }
}

/// Stores an attachment of so many MiB.
fn attach(url: &str, mebibytes: u64) {
    use backstay_source_http::{Client, NoAuth, Request, Settings, header};
    let client = Client::new(url, Settings::default(), std::sync::Arc::new(NoAuth)).unwrap();
    let length = mebibytes << 20;
    let media = "application/octet-stream".parse().unwrap();
    let request = Request::put(["measured", "large", "content"])
        .header(header::AUTHORIZATION, "Basic YWRtaW46cGFzc3dvcmQ=".parse().unwrap())
        .stream_once(media, Some(length), std::io::repeat(7).take(length));
    client.read(request, 1 << 20).unwrap();
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("serve") {
        return serve();
    }
    let documents: u64 = first.map_or(100_000, |text| text.parse().unwrap());
    let mut other = Other::start();
    let url = other.ask("url");
    other.ask(&format!("load 0 {documents} 0"));
    let config = SourceConfig {
        id: "measure".to_owned(),
        name: "measure".to_owned(),
        options: json!({ "url": url, "user": "admin", "database": ["measured"] }),
    };
    let source = CouchDb.open(&config, &Password).unwrap();
    let sink = Counting::default();
    let run = |what: &str, cursor: Option<&RawJson>, other: &mut Other| {
        other.counts();
        let (begun, before) = (Instant::now(), worked());
        let outcome = source.changes(cursor, &sink).unwrap();
        sink.tell(what, begun, before, other);
        outcome.cursor
    };
    let cursor = run("first run", None, &mut other);
    let cursor = run("nothing new", cursor.as_ref(), &mut other);
    other.ask(&format!("load 0 {} 1", documents / 100));
    let cursor = run("1 % changed", cursor.as_ref(), &mut other);
    run("everything, all known", None, &mut other);
    if let Some(mebibytes) = arguments.next() {
        attach(&url, mebibytes.parse().unwrap());
        run("a large attachment", cursor.as_ref(), &mut other);
    }
}
