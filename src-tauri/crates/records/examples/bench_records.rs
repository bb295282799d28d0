//! Measures collections of 1.5 million records: first backup, 1 % scattered, unchanged, page, get, compare, size of the keys.
//!
//! `cargo run --release -p backstay-records --example bench_records [-- RECORDS]`. CPU seconds are of the whole process without
//! making the test data; sizes are after zstd level 3 of each file, as a vault stores them. Reads unpack the whole file every
//! time (a vault without a cache).
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backstay_model::{Collection, CollectionKind, ErrorKind, RawJson, Record, Schema};
use backstay_records::{CollectionReader, CollectionWriter, Mode, Options, RunSink, RunStore, StoreError};
use bytes::Bytes;

/// Files in memory; compressed on request, then unpacked whole at every read.
#[derive(Default)]
struct Packed {
    files: Mutex<BTreeMap<String, Bytes>>,
    packed: Mutex<BTreeMap<String, (u64, Bytes)>>,
    kept: Mutex<u64>,
    previous: Option<Arc<Packed>>,
    forget: bool,
}

impl Packed {
    fn after(previous: &Arc<Self>) -> Self {
        Self {
            previous: Some(Arc::clone(previous)),
            ..Self::default()
        }
    }

    /// Compresses what was put: bytes of records, keys and the rest.
    fn pack(&self) -> [u64; 3] {
        let mut sizes = [0; 3];
        for (path, content) in std::mem::take(&mut *self.files.lock().unwrap()) {
            let packed = zstd::bulk::compress(&content, 3).unwrap();
            let class = if path.ends_with(".ndjson") {
                0
            } else if path.contains("/keys/") {
                1
            } else {
                2
            };
            sizes[class] += packed.len() as u64;
            self.packed
                .lock()
                .unwrap()
                .insert(path, (content.len() as u64, Bytes::from(packed)));
        }
        sizes
    }

    fn find(&self, path: &str) -> Result<(u64, Bytes), StoreError> {
        if let Some(found) = self.packed.lock().unwrap().get(path) {
            return Ok(found.clone());
        }
        let previous = self
            .previous
            .as_ref()
            .ok_or_else(|| StoreError::new(path, ErrorKind::NotFound, "missing"))?;
        previous.find(path)
    }
}

impl RunStore for Packed {
    fn read_at(&self, path: &str, offset: u64, len: usize) -> Result<Bytes, StoreError> {
        let (size, packed) = self.find(path)?;
        let content = zstd::bulk::decompress(&packed, size as usize).unwrap();
        Ok(Bytes::from(content).slice(offset as usize..offset as usize + len))
    }
    fn list(&self, _dir: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
    fn size(&self, path: &str) -> Result<u64, StoreError> {
        Ok(self.find(path)?.0)
    }
}

impl RunSink for Packed {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        if !self.forget {
            self.files.lock().unwrap().insert(path.to_owned(), content);
        }
        Ok(())
    }
    fn keep(&self, _from: &str, _to: &str) -> Result<(), StoreError> {
        *self.kept.lock().unwrap() += 1;
        Ok(())
    }
}

/// Numbers that look random and are always the same.
fn mix(mut n: u64) -> u64 {
    n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

struct Rows {
    words: Vec<String>,
    text: Vec<u8>,
}

impl Rows {
    fn new() -> Self {
        let syllables = [
            "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "an", "er", "in", "ol", "ut", "sch",
        ];
        let word = |n: u64| {
            (0..1 + mix(n) % 4)
                .map(|i| syllables[(mix(n * 7 + i) % 16) as usize])
                .collect()
        };
        Self {
            words: (0..20_000).map(word).collect(),
            text: Vec::new(),
        }
    }

    /// Row `n` in its `version`-th form: about 700 bytes of words with a Zipf-like frequency.
    fn row(&mut self, n: u64, version: u64) -> Record {
        let (a, b) = (mix(n), mix(n ^ 0x5555));
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            0x8000 | b >> 50,
            b & 0xffff_ffff_ffff
        );
        self.text.clear();
        self.text
            .extend_from_slice(format!("{{\"number\":{n},\"version\":{version},\"state\":{},\"body\":\"", a % 5).as_bytes());
        let mut at = mix(n ^ version << 40);
        while self.text.len() < 620 + (b % 60) as usize {
            at = mix(at);
            let spread = (at & 0xffff) as f64 / 65536.0;
            let word = ((20_000_f64.powf(spread)) as usize).min(19_999);
            self.text.extend_from_slice(self.words[word].as_bytes());
            self.text.push(b' ');
        }
        self.text.extend_from_slice(b"\"}");
        Record::new(id, RawJson::trusted(Bytes::copy_from_slice(&self.text)))
    }
}

/// User and system time of this process.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    Duration::from_millis(10 * fields.get(11..13).map_or(0, |times| times.iter().sum()))
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, f64) {
    let (wall, before) = (Instant::now(), cpu());
    let result = work();
    let used = (cpu() - before).as_secs_f64();
    println!("{what:<44} {used:6.2} CPU-s  {:6.2} s", wall.elapsed().as_secs_f64());
    (result, used)
}

fn collection() -> Collection {
    Collection {
        name: "rows".into(),
        title: None,
        kind: CollectionKind::Table,
        schema: Schema::default(),
        records: None,
        raw: None,
    }
}

fn back_up(
    sink: &Packed,
    previous: Option<&CollectionReader>,
    mode: Mode,
    rows: impl Iterator<Item = Record>,
) -> backstay_records::Outcome {
    let mut writer = CollectionWriter::new(collection(), previous, mode, sink, Options::default()).unwrap();
    rows.for_each(|row| writer.push(row).unwrap());
    writer.finish().unwrap()
}

fn open(store: &Arc<Packed>) -> CollectionReader {
    let store: Arc<dyn RunStore> = Arc::<Packed>::clone(store);
    CollectionReader::open(&store, "databases/rows.json").unwrap()
}

/// Slowest and mean time of some reads.
fn reads(what: &str, count: u64, mut read: impl FnMut(u64)) {
    let mut times: Vec<f64> = (0..count)
        .map(|i| {
            let begin = Instant::now();
            read(i);
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    println!(
        "{what:<44} {mean:6.2} ms mean, {:6.2} ms 99 %, {:6.2} ms slowest",
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
}

/// The test data and what making them costs.
struct Bench {
    count: u64,
    rows: Rows,
    gib: f64,
    /// CPU seconds of making all rows, and the share of hashing in it.
    making: f64,
    hashing: f64,
}

impl Bench {
    fn new(count: u64) -> Self {
        let mut rows = Rows::new();
        let (bytes, making) = timed("making the rows, hashes included", || {
            (0..count).map(|n| rows.row(n, 0).data.as_bytes().len() as u64).sum::<u64>()
        });
        let row = rows.row(0, 0);
        let ((), hashing) = timed("hashing alone", || {
            (0..count).for_each(|_| assert_eq!(Record::new(String::new(), row.data.clone()).hash, row.hash));
        });
        let gib = bytes as f64 / f64::from(1 << 30);
        println!("{count} rows, {gib:.2} GiB of JSON");
        Self {
            count,
            rows,
            gib,
            making,
            hashing,
        }
    }

    fn net(&self, used: f64) {
        println!(
            "{:<44} {:6.2} CPU-s per GiB, hashing included",
            "",
            (used - self.making + self.hashing) / self.gib
        );
    }

    /// Backs up all rows, in the order of `order`, in their version of this round.
    fn full(&mut self, what: &str, sink: &Packed, previous: Option<&CollectionReader>, order: &[u64], round: u64) {
        let rows = &mut self.rows;
        let version = |n: u64| if round > 0 && is_changed(n, round) { round } else { 0 };
        let (outcome, used) = timed(what, || {
            back_up(sink, previous, Mode::Full, order.iter().map(|n| rows.row(*n, version(*n))))
        });
        self.net(used);
        println!("{:<44} {:?}", "", outcome.summary.changes);
    }

    /// Backs up the rows changed in this round.
    fn delta(&mut self, sink: &Packed, previous: &CollectionReader, round: u64) -> backstay_records::Outcome {
        let (rows, count) = (&mut self.rows, self.count);
        let changed = (0..count).filter(|n| is_changed(*n, round)).map(|n| rows.row(n, round));
        back_up(sink, Some(previous), Mode::Delta, changed)
    }
}

/// Whether a row is among the 1 % that change in a round.
fn is_changed(n: u64, round: u64) -> bool {
    n % 100 == round * 17 % 100
}

fn sum(sizes: [u64; 3]) -> f64 {
    sizes.iter().sum::<u64>() as f64
}

/// First backups in random and in sorted order; returns the stored one and its size.
fn first_backups(bench: &mut Bench) -> (Arc<Packed>, f64) {
    let mut order: Vec<u64> = (0..bench.count).collect();
    // A sink that keeps nothing shows what the writer itself needs.
    let nothing = || Packed {
        forget: true,
        ..Packed::default()
    };
    bench.full("first backup, ids in random order", &nothing(), None, &order, 0);
    println!("{:<44} {:6} MiB peak", "", peak_mib());
    let first = Arc::new(Packed::default());
    bench.full("the same, kept in memory", &first, None, &order, 0);
    let base = first.pack();
    let [records, keys, rest] = base;
    println!(
        "stored: records {records} keys {keys} rest {rest}: keys are {:.1} % of it",
        keys as f64 * 100.0 / sum(base)
    );
    println!("{:<44} {:6.2} bytes per key", "", keys as f64 / bench.count as f64);
    order.sort_by_cached_key(|n| bench.rows.row(*n, 0).id);
    bench.full("first backup, ids in order", &nothing(), None, &order, 0);
    (first, sum(base))
}

/// Backups of small changes; returns the snapshots after one and after eleven more.
fn changes(bench: &mut Bench, first: &Arc<Packed>, base: f64) -> (Arc<Packed>, Arc<Packed>) {
    let order: Vec<u64> = (0..bench.count).collect();
    let old = open(first);
    let second = Arc::new(Packed::after(first));
    bench.full("1 % scattered, everything read", &second, Some(&old), &order, 1);
    println!("{:<44} {:.2} % of the first stored", "", sum(second.pack()) * 100.0 / base);
    timed("1 % scattered, from a change feed", || {
        bench.delta(&Packed::after(first), &old, 1)
    });
    bench.full("unchanged, everything read", &Packed::after(first), Some(&old), &order, 0);
    let (mut last, mut stored) = (Arc::clone(&second), 0.0);
    for round in 2..12 {
        let next = Arc::new(Packed::after(&last));
        let outcome = bench.delta(&next, &open(&last), round);
        stored += sum(next.pack());
        println!("1 % more: {} runs, {} merged", outcome.runs, outcome.merged);
        last = next;
    }
    println!("ten more backups stored {:.2} % of the first each", stored * 10.0 / base);
    (second, last)
}

fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_500_000);
    let mut bench = Bench::new(count);
    let (first, base) = first_backups(&mut bench);
    let (second, last) = changes(&mut bench, &first, base);
    for (name, store) in [("one run", &first), ("two runs", &second), ("after twelve backups", &last)] {
        let reader = open(store);
        reads(&format!("page of 100, {name}"), 300, |i| {
            assert!(!reader.page(mix(i) % count, 100).unwrap().is_empty());
        });
        reads(&format!("get, {name}"), 300, |i| {
            let row = bench.rows.row(mix(i) % count, 0);
            assert!(reader.get(&row.id).unwrap().is_some());
        });
    }
    let (found, _) = timed("compare, 1 % changed", || open(&first).diff(&open(&second)).unwrap().count());
    println!("{:<44} {found} differences", "");
    let (found, _) = timed("compare over twelve backups", || {
        open(&first).diff(&open(&last)).unwrap().count()
    });
    println!("{:<44} {found} differences", "");
    timed("check everything", || open(&second).verify().unwrap());
    timed("read everything", || {
        open(&second).scan("").unwrap().for_each(|record| drop(record.unwrap()));
    });
}
