//! Measures writing and reading against restic on the same data: `bench_vault [MEGABYTES] [FILES] [FOLDER]`.
//!
//! Every step runs in a process of its own, so that its processor time and peak memory can be told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backstay_vault::writer::Verify;
use backstay_vault::{Chunking, CreateOptions, FileAttrs, LocalPlace, MasterKey, SnapshotDraft, Unlock, Vault, WriterOptions};
use chrono::{DateTime, Utc};

const PASSWORD: &str = "bench";

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|a| a == "step") {
        return step(&args[2], Path::new(&args[3]));
    }
    let number = |n: usize, default: u64| args.get(n).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (megabytes, files) = (number(1, 1024), number(2, 100_000));
    let folder = args
        .get(3)
        .map_or_else(|| std::env::temp_dir().join("backstay-bench"), PathBuf::from);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("many")).unwrap();
    generate(&folder.join("big"), megabytes << 20);
    let mut words = Words::new(7);
    for n in 0..files {
        let dir = folder.join("many").join(format!("{:03}", n / 1000));
        fs::create_dir_all(&dir).unwrap();
        words.state = (n + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        fs::write(dir.join(format!("{n:06}.json")), words.text(1024)).unwrap();
    }
    let vault = Vault::create(
        Arc::new(LocalPlace::new(folder.join("ours"))),
        PASSWORD,
        &CreateOptions::default(),
    )
    .unwrap();
    fs::write(folder.join("key"), vault.master_key().to_secret_text().as_bytes()).unwrap();
    restic(&folder, &["init"]);
    println!("{megabytes} MiB in one file, {files} files of 1 KiB; wall s / CPU s / peak MiB");
    for (ours, theirs) in [
        ("big", &["backup", "big"][..]),
        ("big-again", &["backup", "big"]),
        ("big-restore", &["restore", "latest", "--target", "restic-big"]),
        ("many", &["backup", "many"]),
        ("many-again", &["backup", "many"]),
        ("many-restore", &["restore", "latest", "--target", "restic-many"]),
    ] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["step", ours]).arg(&folder);
        let ours_text = measured(&mut command);
        let theirs_text = measured(&mut restic_command(&folder, theirs));
        println!("{ours:14} ours {ours_text:24} restic {theirs_text}");
        for done in ["ours-out", "restic-big", "restic-many"] {
            let _ = fs::remove_dir_all(folder.join(done));
        }
    }
    let size = |name: &str| {
        Command::new("du")
            .args(["-sm", name])
            .current_dir(&folder)
            .output()
            .unwrap()
            .stdout
    };
    println!(
        "stored: {}{}",
        String::from_utf8_lossy(&size("ours")),
        String::from_utf8_lossy(&size("restic"))
    );
    restic_check(&folder);
}

fn restic_check(folder: &Path) {
    let mut check = restic_command(folder, &["check", "--read-data"]);
    let output = check.env("RESTIC_REPOSITORY", folder.join("ours")).output().unwrap();
    println!(
        "restic check of ours: {}",
        if output.status.success() { "clean" } else { "ERRORS" }
    );
}

fn restic_command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("restic");
    command.args(["--no-cache", "-q"]).args(args).current_dir(folder);
    command
        .env("RESTIC_PASSWORD", PASSWORD)
        .env("RESTIC_REPOSITORY", folder.join("restic"));
    command
}

fn restic(folder: &Path, args: &[&str]) {
    assert!(
        restic_command(folder, args)
            .args(["--repository-version", "2"])
            .status()
            .unwrap()
            .success()
    );
}

/// Runs a command; gives wall time, processor time and peak memory.
fn measured(command: &mut Command) -> String {
    let (cpu, start) = (children_cpu(), Instant::now());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_memory(&child.id().to_string()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(status.success());
    format!(
        "{:.2} / {:.2} / {}",
        start.elapsed().as_secs_f64(),
        children_cpu() - cpu,
        peak >> 10
    )
}

/// Processor time of ended children in seconds.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[13].parse::<f64>().unwrap() + fields[14].parse::<f64>().unwrap()) / 100.0
}

fn peak_memory(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn open(folder: &Path) -> Vault {
    let key = MasterKey::from_secret_text(&fs::read_to_string(folder.join("key")).unwrap()).unwrap();
    Vault::open(Arc::new(LocalPlace::new(folder.join("ours"))), &Unlock::MasterKey(key)).unwrap()
}

fn attrs(path: &Path) -> (FileAttrs, u64) {
    let meta = fs::metadata(path).unwrap();
    let modified: DateTime<Utc> = meta.modified().unwrap().into();
    (
        FileAttrs {
            mode: Some(0o644),
            modified: Some(modified),
            ..FileAttrs::default()
        },
        meta.len(),
    )
}

fn all_files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    let mut dirs: Vec<PathBuf> = fs::read_dir(folder.join("many"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    dirs.sort();
    for dir in dirs {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            files.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), path));
        }
    }
    files
}

fn step(name: &str, folder: &Path) {
    let vault = open(folder);
    let mut options = WriterOptions::default();
    if std::env::var_os("BENCH_HEADER_ONLY").is_some() {
        options.verify = Verify::Header;
    }
    match name {
        "big" => {
            let writer = vault.writer(options).unwrap();
            let path = folder.join("big");
            let (attrs, size) = attrs(&path);
            let mut file = File::open(&path).unwrap();
            writer
                .put_file("big", &attrs, size, &mut file, Chunking::ContentDefined)
                .unwrap();
            writer.commit(SnapshotDraft::new(Utc::now())).unwrap();
        }
        "many" => {
            let writer = vault.writer(options).unwrap();
            for (name, path) in all_files(folder) {
                let (attrs, size) = attrs(&path);
                let mut file = File::open(&path).unwrap();
                writer
                    .put_file(&name, &attrs, size, &mut file, Chunking::ContentDefined)
                    .unwrap();
            }
            writer.commit(SnapshotDraft::new(Utc::now())).unwrap();
        }
        "big-again" => {
            let writer = vault.writer(options).unwrap();
            let last = vault.snapshots().unwrap().resolve("latest").unwrap().clone();
            let node = vault.reader().unwrap().find(&last, "big").unwrap().unwrap();
            writer.reuse("big", &node).unwrap();
            writer.commit(SnapshotDraft::new(Utc::now())).unwrap();
        }
        "many-again" => {
            let writer = vault.writer(options).unwrap();
            let last = vault.snapshots().unwrap().resolve("latest").unwrap().clone();
            let reader = vault.reader().unwrap();
            for dir in reader.list(&reader.find(&last, "many").unwrap().unwrap()).unwrap() {
                for node in reader.list(&dir).unwrap() {
                    let path = format!("many/{}/{}", dir.display_name(), node.display_name());
                    let (attrs, size) = attrs(&folder.join(&path));
                    assert!(node.attrs.modified == attrs.modified && node.size == size);
                    writer.reuse(&path, &node).unwrap();
                }
            }
            writer.commit(SnapshotDraft::new(Utc::now())).unwrap();
        }
        _ => restore(&vault, &folder.join("ours-out")),
    }
}

fn restore(vault: &Vault, target: &Path) {
    let last = vault.snapshots().unwrap().resolve("latest").unwrap().clone();
    let reader = vault.reader().unwrap();
    fs::create_dir_all(target).unwrap();
    for entry in reader.walk(&last, "").unwrap() {
        let path = target.join(std::str::from_utf8(&entry.path).unwrap());
        if entry.node.is_directory() {
            fs::create_dir_all(path).unwrap();
        } else {
            let mut stream = reader.open(&entry.node).unwrap();
            let mut file = File::create(path).unwrap();
            while let Some(piece) = stream.next_piece().unwrap() {
                file.write_all(&piece).unwrap();
            }
        }
    }
}

/// Pseudo-words with Zipf-like frequencies; compresses about 3:1.
struct Words {
    state: u64,
    words: Vec<String>,
}

impl Words {
    fn new(seed: u64) -> Self {
        let mut words = Self {
            state: 0x1234_5678_9abc_def1,
            words: Vec::new(),
        };
        for _ in 0..4000 {
            let length = 3 + words.next() % 8;
            let word = (0..length).map(|_| char::from(b'a' + (words.next() % 26) as u8)).collect();
            words.words.push(word);
        }
        words.state ^= seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        words
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn text(&mut self, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length + 16);
        while out.len() < length {
            let uniform = (self.next() % 1_000_000) as f64 / 1_000_000.0;
            let rank = (self.words.len() as f64).powf(uniform) as usize - 1;
            out.extend_from_slice(self.words[rank.min(self.words.len() - 1)].as_bytes());
            out.push(if self.next().is_multiple_of(12) { b'\n' } else { b' ' });
        }
        out.truncate(length);
        out
    }
}

fn generate(path: &Path, length: u64) {
    let mut file = File::create(path).unwrap();
    let mut words = Words::new(1);
    let mut left = length;
    while left > 0 {
        let piece = words.text(usize::try_from(left.min(1 << 20)).unwrap());
        file.write_all(&piece).unwrap();
        left -= piece.len() as u64;
    }
    let mut check = [0; 1];
    File::open(path).unwrap().read_exact(&mut check).unwrap();
}
