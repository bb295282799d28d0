//! What the folder connector costs by itself: makes a tree of 100,000 files of 1 KiB (or goes through the folder given as
//! argument) and reports time, processor time and peak memory of a first run, of an unchanged run, of a live walk, and of a
//! restore of all into a second folder (given as second argument, or scratch).
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use backstay_folder::{FolderConfig, FolderSource};
use backstay_model::{Change, Collection, FileEntry, FileKind, Gap, WorkspaceMeta};
use backstay_source::{Cancel, Expect, FeedMode, FileHint, Result, Sink, Source as _, SourceError, Stored};

/// Counts; reads content when asked to.
#[derive(Default)]
struct Count {
    read: bool,
    files: AtomicU64,
    bytes: AtomicU64,
    gaps: AtomicU64,
    cancel: Cancel,
}

impl Sink for Count {
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
        self.files.fetch_add(1, Ordering::Relaxed);
        if entry.kind == FileKind::File && self.read {
            let mut reader = open()?;
            let mut buffer = [0; 64 * 1024];
            loop {
                let n = reader.read(&mut buffer).map_err(|e| SourceError::io(&entry.path, e))?;
                if n == 0 {
                    break;
                }
                self.bytes.fetch_add(n as u64, Ordering::Relaxed);
            }
        }
        Ok(Stored::Read)
    }
    fn leave_directory(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn keep(&self, _: &str) -> Result<bool> {
        Ok(false)
    }
    fn asset(&self, _: &str, _: u64, _: &mut (dyn Read + Send)) -> Result<String> {
        Ok(String::new())
    }
    fn workspace(&self, _: WorkspaceMeta) {}
    fn gap(&self, _: Gap) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
    }
    fn total(&self, _: Option<u64>, _: Option<u64>) {}
    fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}

/// User and system time of this process in seconds, and its peak memory in MiB.
fn used() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let kib: f64 = peak.trim().trim_end_matches(" kB").trim().parse().unwrap();
    (ticks / 100.0, kib / 1024.0)
}

fn report(name: &str, work: impl FnOnce() -> String) {
    let (before, start) = (used().0, Instant::now());
    let what = work();
    let (after, peak) = used();
    println!(
        "{name:<10} {:>6.2} s wall {:>6.2} s cpu {peak:>6.1} MiB peak  {what}",
        start.elapsed().as_secs_f64(),
        after - before
    );
}

fn make(root: &Path, files: usize) {
    for n in 0..files {
        if n % 100 == 0 {
            fs::create_dir_all(root.join(format!("d{:04}", n / 100))).unwrap();
        }
        let content: Vec<u8> = (0..1024).map(|i| ((n * 31 + i * 7) % 251) as u8).collect();
        fs::write(root.join(format!("d{:04}/f{n:06}.bin", n / 100)), content).unwrap();
    }
}

fn main() {
    let given = std::env::args().nth(1).map(PathBuf::from);
    let scratch = given.is_none().then(|| tempfile::tempdir().unwrap());
    let root = given.unwrap_or_else(|| scratch.as_ref().unwrap().path().to_owned());
    if scratch.is_some() {
        make(&root, 100_000);
    }
    let source = FolderSource::new(FolderConfig::elsewhere(root)).unwrap();
    for read in [true, true, false, false] {
        report(if read { "first" } else { "unchanged" }, || {
            let sink = Count {
                read,
                ..Count::default()
            };
            source.changes(None, &sink).unwrap();
            let of = |n: &AtomicU64| n.load(Ordering::Relaxed);
            format!(
                "{} entries, {} bytes, {} gaps",
                of(&sink.files),
                of(&sink.bytes),
                of(&sink.gaps)
            )
        });
    }
    report("live walk", || {
        let view = source.live_files(&Cancel::default()).unwrap().unwrap();
        format!("{} entries", view.walk(None).unwrap().count())
    });
    let into = std::env::args().nth(2).map(PathBuf::from);
    let scratch = into.is_none().then(|| tempfile::tempdir().unwrap());
    let into = into.unwrap_or_else(|| scratch.as_ref().unwrap().path().to_owned());
    report("restore", || restore(&source, into));
}

fn restore(source: &FolderSource, into: PathBuf) -> String {
    let view = source.live_files(&Cancel::default()).unwrap().unwrap();
    let target = FolderSource::new(FolderConfig::elsewhere(into)).unwrap();
    let mut writer = target.file_writer(&Cancel::default()).unwrap();
    let mut files = 0;
    for entry in view.walk(None).unwrap() {
        let entry = entry.unwrap();
        // What a vault would give; reading the folder again would cost more than writing.
        let mut content = std::io::repeat(7).take(entry.size);
        writer.put(&entry, &mut content, Expect::Absent).unwrap();
        files += 1;
    }
    writer.finish().unwrap();
    format!("{files} entries")
}
