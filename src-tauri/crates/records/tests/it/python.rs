//! The reader written from FORMAT.md alone, on snapshots in plain directories.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use backstay_model::Record;
use backstay_records::{CollectionReader, DirStore, Mode, Options, RunStore, Tuning};

use crate::support::{Plain, Step, record, small, write};

fn run_reader(root: &Path) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reader/read_records.py");
    Command::new("python3").arg(script).arg(root).output().expect("python3 runs")
}

fn uuid(n: u64) -> String {
    let a = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        0x8000 | n & 0x3fff,
        a >> 16
    )
}

fn id(form: u64, n: u64) -> String {
    match form {
        0 => n.to_string(),
        1 => uuid(n),
        2 => uuid(n).replace('-', ""),
        3 => format!("ä{}\"\u{1}{n}", "y".repeat((n % 90) as usize)),
        _ => uuid(n).replace("-4", "-1"),
    }
}

fn options(form: u64) -> Options {
    let large = Tuning {
        shard_bytes: 20_000,
        part_entries: 300,
        rank_every: 50,
        ..Tuning::default()
    };
    if form.is_multiple_of(2) {
        Options {
            temporary: None,
            tuning: large,
        }
    } else {
        small(true, 1 << 20)
    }
}

fn open(root: &Path, path: &str) -> CollectionReader {
    let store: Arc<dyn RunStore> = Arc::new(DirStore::new(root));
    CollectionReader::open(&store, path).unwrap()
}

/// Six snapshots of a collection with ids of one form; returns the last directory and state.
fn history(dir: &Path, form: u64) -> (PathBuf, Plain) {
    let mut plain = Plain::new();
    let mut last: Option<(PathBuf, String)> = None;
    for round in 0..6_u64 {
        let root = dir.join(format!("{form}-{round}"));
        let sink = match &last {
            Some((before, _)) => DirStore::after(&root, before),
            None => DirStore::new(&root),
        };
        let edits: Vec<Record> = (0..700)
            .filter(|n| round == 0 || (n * 7 + round) % 23 == 0)
            .map(|n| record(&id(form, n), n + round, ((n + round) % 7) as u8))
            .collect();
        let gone: Vec<String> = (0..700)
            .filter(|n| round > 0 && (n + round) % 37 == 0)
            .map(|n| id(form, n))
            .collect();
        let mut steps: Vec<Step<'_>> = edits.iter().map(Step::Put).collect();
        steps.extend(gone.iter().map(|id| Step::Delete(id)));
        plain.extend(edits.iter().map(|record| (record.id.clone(), record.clone())));
        plain.retain(|id, _| !gone.contains(id));
        let previous = last.as_ref().map(|(before, path)| open(before, path));
        let outcome = write(&sink, previous.as_ref(), "Odd / näme", Mode::Delta, options(form), &steps);
        last = Some((root, outcome.path));
    }
    (last.unwrap().0, plain)
}

#[test]
fn a_script_written_from_the_format_document_reads_every_record() {
    let dir = tempfile::tempdir().unwrap();
    for form in 0..5 {
        let (root, plain) = history(dir.path(), form);
        let output = run_reader(&root);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut records = Vec::new();
        for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line: serde_json::Value = serde_json::from_slice(line).unwrap();
            assert_eq!(line["collection"], "Odd / näme");
            records.push(line["record"].clone());
        }
        assert_eq!(records.len(), plain.len());
        for (found, record) in records.iter().zip(plain.values()) {
            assert_eq!(found["id"], *record.id);
            assert_eq!(found["data"], record.data.value().unwrap());
            assert_eq!(found.get("rev").and_then(|rev| rev.as_str()), record.rev.as_deref());
            assert_eq!(found.get("assets").is_some(), !record.assets.is_empty());
        }
    }
}

#[test]
fn the_script_finds_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (root, _) = history(dir.path(), 1);
    let store = DirStore::new(&root);
    let databases = root.join("databases");
    let slug = store
        .list("databases")
        .unwrap()
        .into_iter()
        .find(|name| !name.ends_with(".json"))
        .unwrap();
    let run = store.list(&format!("databases/{slug}")).unwrap().pop().unwrap();
    for file in [
        format!("{slug}.json"),
        format!("{slug}/{run}/run.json"),
        format!("{slug}/{run}/keys/000000"),
        format!("{slug}/{run}/0000/0000.ndjson"),
    ] {
        let path = databases.join(&file);
        let content = std::fs::read(&path).unwrap();
        let mut damaged = content.clone();
        damaged[content.len() / 2] ^= 4;
        std::fs::write(&path, damaged).unwrap();
        assert!(!run_reader(&root).status.success(), "{file}");
        std::fs::write(&path, content).unwrap();
    }
    assert!(run_reader(&root).status.success());
}
