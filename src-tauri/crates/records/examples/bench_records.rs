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

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_500_000);
    let mut rows = Rows::new();
    let (bytes, making) = timed("making the rows, hashes included", || {
        (0..count).map(|n| rows.row(n, 0).data.as_bytes().len() as u64).sum::<u64>()
    });
    let (_, hashing) = {
        let row = rows.row(0, 0);
        timed("hashing alone", || {
            (0..count).for_each(|_| assert_eq!(Record::new(String::new(), row.data.clone()).hash, row.hash));
        })
    };
    let gib = bytes as f64 / f64::from(1 << 30);
    println!("{count} rows, {gib:.2} GiB of JSON");
    let net = |used: f64| {
        println!(
            "{:<44} {:6.2} CPU-s per GiB, hashing included",
            "",
            (used - making + hashing) / gib
        );
    };

    // Memory, with a sink that keeps nothing.
    let nothing = Packed {
        forget: true,
        ..Packed::default()
    };
    let (_, used) = timed("first backup, ids in random order", || {
        back_up(&nothing, None, Mode::Full, (0..count).map(|n| rows.row(n, 0)))
    });
    net(used);
    println!("{:<44} {:6} MiB peak", "", peak_mib());

    let first = Arc::new(Packed::default());
    timed("the same, kept in memory", || {
        back_up(&first, None, Mode::Full, (0..count).map(|n| rows.row(n, 0)))
    });
    let base = first.pack();
    println!(
        "stored: records {} keys {} rest {}: keys are {:.1} % of it",
        base[0],
        base[1],
        base[2],
        base[1] as f64 * 100.0 / base.iter().sum::<u64>() as f64
    );
    println!("{:<44} {:6.2} bytes per key", "", base[1] as f64 / count as f64);

    let mut order: Vec<u64> = (0..count).collect();
    order.sort_by_cached_key(|n| rows.row(*n, 0).id);
    let sorted = Packed {
        forget: true,
        ..Packed::default()
    };
    let (_, used) = timed("first backup, ids in order", || {
        back_up(&sorted, None, Mode::Full, order.iter().map(|n| rows.row(*n, 0)))
    });
    net(used);
    drop(order);

    let old = open(&first);
    let changed = |n: u64, round: u64| if n % 100 == round * 17 % 100 { round } else { 0 };
    let second = Arc::new(Packed::after(&first));
    let (outcome, used) = timed("1 % scattered, everything read", || {
        back_up(
            &second,
            Some(&old),
            Mode::Full,
            (0..count).map(|n| rows.row(n, changed(n, 1))),
        )
    });
    net(used);
    let sizes = second.pack();
    println!(
        "stored: {} = {:.2} % of the first; {:?}",
        sizes.iter().sum::<u64>(),
        sizes.iter().sum::<u64>() as f64 * 100.0 / base.iter().sum::<u64>() as f64,
        outcome.summary.changes
    );
    let delta = Arc::new(Packed::after(&first));
    timed("1 % scattered, from a change feed", || {
        back_up(
            &delta,
            Some(&old),
            Mode::Delta,
            (0..count).filter(|n| changed(*n, 1) > 0).map(|n| rows.row(n, 1)),
        )
    });
    let (_, used) = timed("unchanged, everything read", || {
        back_up(
            &Packed::after(&first),
            Some(&old),
            Mode::Full,
            (0..count).map(|n| rows.row(n, 0)),
        )
    });
    net(used);

    let (mut last, mut stored) = (Arc::clone(&second), 0);
    for round in 2..12 {
        let next = Arc::new(Packed::after(&last));
        let reader = open(&last);
        let outcome = back_up(
            &next,
            Some(&reader),
            Mode::Delta,
            (0..count).filter(|n| changed(*n, round) > 0).map(|n| rows.row(n, round)),
        );
        stored += next.pack().iter().sum::<u64>();
        println!("1 % more: {} runs, {} merged", outcome.runs, outcome.merged);
        last = next;
    }
    println!(
        "ten more runs stored {:.2} % of the first backup each",
        stored as f64 * 10.0 / base.iter().sum::<u64>() as f64
    );

    for (name, store) in [("one run", &first), ("two runs", &second), ("after twelve backups", &last)] {
        let reader = open(store);
        reads(&format!("page of 100, {name}"), 300, |i| {
            assert!(!reader.page(mix(i) % count, 100).unwrap().is_empty());
        });
        reads(&format!("get, {name}"), 300, |i| {
            let row = rows.row(mix(i) % count, 0);
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
