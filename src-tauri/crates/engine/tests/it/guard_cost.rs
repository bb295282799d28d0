//! What guards cost: time and memory follow the change, not the size. `BACKSTAY_SOAK=1` takes a million records.

use std::{sync::Arc, time::Instant};

use backstay_engine::{
    Silent,
    backup::BackupInput,
    guard::{GuardRules, SnapshotView, Trip, gone, judge},
};
use backstay_model::{Capabilities, Change, Collection, CollectionKind, RawJson, Record, Schema, TargetSpec};
use backstay_source::{Cancel, FeedMode, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source};
use backstay_source_kit::MemorySource;

use crate::{bench::Bench, disk::Disk};

/// A service with many records that are made up as they are given.
struct Service {
    records: u64,
    /// Every hundredth record is deleted, every other hundredth changed.
    later: bool,
    inner: MemorySource,
}

impl Service {
    fn change(&self, n: u64) -> Option<Change> {
        let id = format!("{n:08}");
        match n % 100 {
            7 if self.later => Some(Change::Delete(id)),
            _ if self.later && n % 100 != 8 => None,
            _ => {
                let text = format!(
                    r#"{{"title":"Record {n}","version":{},"text":"made up to be of a usual length, more or less"}}"#,
                    u8::from(self.later)
                );
                Some(Change::Upsert(Record::new(id, RawJson::parse(text.as_bytes()).unwrap())))
            }
        }
    }
}

impl Source for Service {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        self.inner.probe(cancel)
    }
    fn changes(&self, _: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let collection = Collection {
            name: "records".to_owned(),
            title: None,
            kind: CollectionKind::Table,
            schema: Schema::default(),
            records: None,
            raw: None,
        };
        let mode = if self.later { FeedMode::Delta } else { FeedMode::Full };
        sink.begin_collection(&collection, mode)?;
        let mut batch = Vec::new();
        for n in 0..self.records {
            batch.extend(self.change(n));
            if batch.len() == 500 {
                sink.records("records", std::mem::take(&mut batch))?;
            }
        }
        sink.records("records", batch)?;
        sink.end_collection("records")?;
        Ok(Outcome {
            cursor: Some(RawJson::from_value(&1).unwrap()),
            api_version: None,
        })
    }
    fn live_records(&self, _: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        Ok(None)
    }
    fn live_files(&self, _: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        Ok(None)
    }
    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        self.inner.at(target)
    }
    fn record_writer(&self, schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        self.inner.record_writer(schema, cancel)
    }
    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        self.inner.file_writer(cancel)
    }
}

/// Resident memory now and at its highest, in KiB.
pub fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
            .unwrap_or(0)
    };
    (field("VmRSS:"), field("VmHWM:"))
}

#[test]
fn one_percent_of_many_records() {
    let records: u64 = if std::env::var_os("BACKSTAY_SOAK").is_some() {
        1_000_000
    } else {
        40_000
    };
    let bench = Bench::new();
    let backup = |later| {
        let source = Service {
            records,
            later,
            inner: MemorySource::default(),
        };
        let input = BackupInput {
            source: &source,
            connector: &bench.connector,
            source_id: "s-1",
            source_name: "Service",
            vault: &bench.vault,
            tags: &[],
            audit_head: None,
        };
        let job = backstay_engine::Job {
            reporter: &Silent,
            ..bench.job()
        };
        backstay_engine::backup::backup(&input, &job).unwrap().snapshot
    };
    backup(false);
    let now = backup(true);
    let reader = bench.vault.reader().unwrap();
    let connector = |kind: &str| (kind == "memory").then(|| bench.connector.clone());
    // The highest resident memory starts again from here.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (start, _) = memory();
    let begun = Instant::now();
    let before = SnapshotView::before(&reader, &bench.vault.snapshots().unwrap(), &now, &connector).unwrap();
    let now = SnapshotView::open(&reader, &now, &connector).unwrap();
    let rules = GuardRules {
        count: Some(records / 100),
        ..GuardRules::default()
    };
    let trips = judge(&rules, &before, &now, &bench.job()).unwrap();
    let judged = begun.elapsed();
    assert!(
        matches!(&trips[..], [Trip::MassDeletion { gone, .. }] if *gone == records / 100),
        "{trips:?}"
    );
    let begun = Instant::now();
    let page = gone(&before, &now, "records", Some(records / 200), 100, &bench.job()).unwrap();
    let paged = begun.elapsed();
    assert_eq!(page.items.len(), 100);
    let (_, highest) = memory();
    let more = highest.saturating_sub(start) >> 10;
    println!(
        "{records} records, 1 % deleted, 1 % changed: judged in {judged:?}, a page from the middle in {paged:?}, {more} MiB more"
    );
    assert!(more < 100, "{more} MiB");
    // Reading all of them would take far longer; the limit only catches that.
    assert!(judged.as_secs() < 10, "{judged:?}");
}

#[test]
fn one_percent_of_many_rows() {
    let rows: u64 = if std::env::var_os("BACKSTAY_SOAK").is_some() {
        1_000_000
    } else {
        20_000
    };
    let disk = Disk::new();
    let make = format!(
        "create table rows(id integer primary key, title text, text text);
         with recursive n(i) as (select 0 union all select i + 1 from n where i < {rows} - 1)
            insert into rows select i, 'Record ' || i, 'made up to be of a usual length, more or less' from n;"
    );
    disk.sql("data/many.db", &make);
    disk.sql("data/still.db", &make);
    disk.backup("sqlite", "data");
    disk.sql(
        "data/many.db",
        "delete from rows where id % 100 = 7; update rows set text = 'changed' where id % 100 = 8;",
    );
    let now = disk.backup("sqlite", "data").snapshot;
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (start, _) = memory();
    let begun = Instant::now();
    let (before, now) = (disk.before(&now).unwrap(), disk.view(&now));
    let rules = GuardRules {
        count: Some(rows / 100),
        ..GuardRules::default()
    };
    let trips = judge(&rules, &before, &now, &disk.job()).unwrap();
    let judged = begun.elapsed();
    assert!(
        matches!(&trips[..], [Trip::MassDeletion { gone, collection, .. }] if *gone == rows / 100 && collection == "many/rows"),
        "{trips:?}"
    );
    let more = memory().1.saturating_sub(start) >> 10;
    println!("{rows} rows of a database, 1 % deleted, 1 % changed: judged in {judged:?}, {more} MiB more");
    assert!(more < 150, "{more} MiB");
}
