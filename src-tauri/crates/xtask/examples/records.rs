//! Backstay on the benchmark's records: an export of NDJSON as a source, through the engine into a vault.
//!
//! The connectors take records from services; this one takes them from a file, so that every program measured reads the same.
#![allow(clippy::print_stdout)] // figures are all it is for

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use backstay_engine::backup::{BackupInput, backup};
use backstay_engine::{Clock, Depth, Job, Silent, State, diff_states, snapshot};
use backstay_model::{
    Capabilities, Change, Collection, CollectionKind, ErrorKind, RawJson, Record, Schema, SnapshotMeta, TargetSpec,
};
use backstay_source::{
    Cancel, Connector, FeedMode, FileView, FileWriter, OptionSpec, Outcome, Probe, RecordView, RecordWriter, Secrets, Sink,
    Source, SourceConfig, SourceError,
};
use backstay_vault::maintain::check::{self, CheckOptions};
use backstay_vault::maintain::report;
use backstay_vault::{CreateOptions, LocalPlace, Snapshot, Unlock, Vault};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

const COLLECTION: &str = "records";
const PASSWORD: &str = "measured";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["init", repository] => {
            Vault::create(place(repository), PASSWORD, &CreateOptions::default())?;
            Ok(())
        }
        ["backup", repository, file] => back_up(&open(repository)?, Path::new(file)),
        ["restore", repository, file] => restore(&open(repository)?, Path::new(file)),
        ["check", repository] => check(&open(repository)?),
        ["read", repository] => read(&open(repository)?),
        _ => bail!("usage: records init|check|read REPOSITORY, or backup|restore REPOSITORY FILE"),
    }
}

fn place(repository: &str) -> Arc<LocalPlace> {
    Arc::new(LocalPlace::new(repository))
}

fn open(repository: &str) -> Result<Vault> {
    Ok(Vault::open(place(repository), &Unlock::Password(PASSWORD.to_owned()))?)
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

fn back_up(vault: &Vault, file: &Path) -> Result<()> {
    let connector: Arc<dyn Connector> = Arc::new(Export);
    let input = BackupInput {
        source: &ExportFile(file.to_owned()),
        connector: &connector,
        source_id: "bench",
        source_name: "bench",
        vault,
        tags: &[],
        audit_head: None,
    };
    let job = Job {
        cancel: &Cancel::default(),
        clock: &SystemClock,
        reporter: &Silent,
    };
    let done = backup(&input, &job)?;
    ensure!(done.meta.gaps.is_empty(), "the backup has gaps: {:?}", done.meta.gaps);
    Ok(())
}

fn state(vault: &Vault, snapshot: &Snapshot) -> Result<State> {
    let connector = |_: &str| Some(Arc::new(Export) as Arc<dyn Connector>);
    Ok(snapshot::open_snapshot(&vault.reader()?, snapshot, &connector)?)
}

fn restore(vault: &Vault, file: &Path) -> Result<()> {
    let snapshots = vault.snapshots()?;
    let state = state(vault, snapshots.good.last().context("no snapshot")?)?;
    let stored = state.stored.as_ref().and_then(|runs| runs.reader(COLLECTION));
    let mut lines = stored.context("no records in the snapshot")?.lines()?;
    let mut out = File::create(file)?;
    while let Some(piece) = lines.next_piece()? {
        out.write_all(&piece)?;
    }
    Ok(())
}

fn check(vault: &Vault) -> Result<()> {
    let options = CheckOptions {
        depth: report::Depth::ReadAll,
        paths_per_snapshot: 10,
        now: Utc::now(),
    };
    let report = check::check(vault, &options, &())?;
    ensure!(report.is_sound(), "{report:?}");
    Ok(())
}

/// Times of what a person does: a page in the middle, a record by id, a comparison of the last two snapshots.
fn read(vault: &Vault) -> Result<()> {
    let snapshots = vault.snapshots()?;
    let [.., before, after] = &snapshots.good[..] else {
        bail!("two snapshots are needed")
    };
    let (before, after) = (state(vault, before)?, state(vault, after)?);
    let view = after.view(COLLECTION)?;
    let count = view.count(COLLECTION)?;
    let mut id = String::new();
    for number in 0..20 {
        let started = Instant::now();
        let page = view.page(COLLECTION, count / 21 * (number + 1), 100)?;
        println!(
            "page of {} records: {:.1} ms",
            page.len(),
            started.elapsed().as_secs_f64() * 1e3
        );
        id = page.last().context("an empty page")?.id.clone();
        let started = Instant::now();
        ensure!(view.get(COLLECTION, &id)?.is_some(), "{id} is on a page and not found");
        println!("record by id: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    }
    let started = Instant::now();
    let found = diff_states(
        &before,
        &after,
        Some(COLLECTION),
        Depth::Items,
        &Cancel::default(),
        &mut |_| Ok(()),
    )?;
    println!(
        "compare, {:?}: {:.2} s (last id read: {id})",
        found[0].counts,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The kind of source that reads an export.
struct Export;

impl Connector for Export {
    fn kind(&self) -> &'static str {
        "export"
    }
    fn title(&self) -> &'static str {
        "Export"
    }
    fn summary(&self) -> &'static str {
        "Records in a file of NDJSON."
    }
    fn options(&self) -> &'static [OptionSpec] {
        &[]
    }
    fn version(&self) -> u32 {
        1
    }
    fn open(&self, _: &SourceConfig, _: &dyn Secrets) -> Result<Arc<dyn Source>, SourceError> {
        Err(unsupported())
    }
    fn stored_records(&self, _: Arc<dyn FileView>, _: &SnapshotMeta) -> Result<Option<Box<dyn RecordView>>, SourceError> {
        Ok(None)
    }
}

struct ExportFile(PathBuf);

/// Bytes read at once.
const BLOCK: usize = 512 << 10;

/// A file in blocks of whole lines.
struct Blocks {
    file: File,
    /// The beginning of a line whose end is not read yet.
    rest: BytesMut,
}

impl Blocks {
    fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        loop {
            let have = self.rest.len();
            self.rest.resize(have + BLOCK, 0);
            let read = self.file.read(&mut self.rest[have..])?;
            self.rest.truncate(have + read);
            if read == 0 {
                let last = self.rest.split().freeze();
                return Ok((!last.is_empty()).then_some(last));
            }
            if let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') {
                let after = BytesMut::from(&self.rest[end + 1..]);
                self.rest.truncate(end + 1);
                return Ok(Some(std::mem::replace(&mut self.rest, after).freeze()));
            }
        }
    }
}

/// Size, time of change and inode of the export.
fn cursor_of(file: &File) -> std::io::Result<RawJson> {
    let about = file.metadata()?;
    let cursor = format!("[{},{},{},{}]", about.len(), about.mtime(), about.mtime_nsec(), about.ino());
    Ok(RawJson::trusted(Bytes::from(cursor)))
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Source for ExportFile {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            records: true,
            ..Capabilities::default()
        }
    }

    fn probe(&self, _: &Cancel) -> Result<Probe, SourceError> {
        Ok(Probe::default())
    }

    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome, SourceError> {
        let io = |error| SourceError::io(self.0.display().to_string(), error);
        let file = File::open(&self.0).map_err(io)?;
        let outcome = Outcome {
            cursor: Some(cursor_of(&file).map_err(io)?),
            ..Outcome::default()
        };
        let about = Collection {
            name: COLLECTION.to_owned(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: None,
        };
        // A source that can tell that nothing changed says so; this one does by what every peer goes by.
        if cursor == outcome.cursor.as_ref() {
            sink.begin_collection(&about, FeedMode::Delta)?;
            sink.end_collection(COLLECTION)?;
            return Ok(outcome);
        }
        sink.begin_collection(&about, FeedMode::Full)?;
        let mut blocks = Blocks {
            file,
            rest: BytesMut::new(),
        };
        while let Some(block) = blocks.next().map_err(io)? {
            let mut batch = Vec::with_capacity(BLOCK / 512);
            for line in block.split_inclusive(|byte| *byte == b'\n') {
                let line: Line<'_> = serde_json::from_slice(line)
                    .map_err(|error| SourceError::new(ErrorKind::Damaged, "the export", error.to_string()))?;
                let data = RawJson::trusted(block.slice_ref(line.data.get().as_bytes()));
                batch.push(Change::Upsert(Record::new(line.id, data)));
            }
            sink.records(COLLECTION, batch)?;
        }
        sink.end_collection(COLLECTION)?;
        Ok(outcome)
    }

    fn live_records(&self, _: &Cancel) -> Result<Option<Box<dyn RecordView>>, SourceError> {
        Ok(None)
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>, SourceError> {
        Ok(None)
    }
    fn at(&self, _: &TargetSpec) -> Result<Arc<dyn Source>, SourceError> {
        Err(unsupported())
    }
    fn record_writer(&self, _: &dyn RecordView, _: &Cancel) -> Result<Box<dyn RecordWriter>, SourceError> {
        Err(unsupported())
    }
    fn file_writer(&self, _: &Cancel) -> Result<Box<dyn FileWriter>, SourceError> {
        Err(unsupported())
    }
}

fn unsupported() -> SourceError {
    SourceError::new(ErrorKind::Unsupported, "an export", "is only read")
}
