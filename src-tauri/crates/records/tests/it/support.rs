//! Collections, records and small sizes for the tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use backstay_model::{AssetRef, Collection, CollectionKind, ContentHash, RawJson, Record, Schema};
use backstay_records::{CollectionReader, CollectionWriter, MemStore, Mode, Options, Outcome, RunSink, RunStore, Tuning};

pub type Plain = BTreeMap<String, Record>;

pub fn collection(name: &str) -> Collection {
    Collection {
        name: name.into(),
        title: None,
        kind: CollectionKind::Table,
        schema: Schema::default(),
        records: None,
        raw: None,
    }
}

/// A record whose optional parts depend on `flavour`.
pub fn record(id: &str, value: u64, flavour: u8) -> Record {
    let data = match flavour % 7 {
        0 => "{}".to_owned(),
        1 => format!("{{\"v\":{value}}}"),
        2 => format!(
            "{{\"text\":\"{}\",\"v\":{value}}}",
            "lorem ipsum ".repeat((value % 40) as usize)
        ),
        other => format!("{{\"n\":{value}.5{other},\"s\":\"ä\\n\\u0000{value}\",\"list\":[1,2,{{}}]}}"),
    };
    let mut record = Record::new(id, RawJson::parse(data.as_bytes()).unwrap());
    if flavour % 7 == 4 {
        record.rev = Some(format!("{value}-\"x\""));
        record.changed = chrono::DateTime::from_timestamp(value as i64, 0);
    }
    if flavour % 7 == 5 {
        let sha256 = Some("ab".repeat(32));
        record.assets = vec![AssetRef {
            name: "a \"b\".png".into(),
            sha256,
            size: Some(value),
            media_type: None,
        }];
    }
    if flavour % 7 == 6 {
        record = record.with_canonical_hash(ContentHash::of(&value.to_be_bytes()));
    }
    record
}

/// Sizes so small that a few dozen records reach every path.
pub fn small(table: bool, sort_bytes: usize) -> Options {
    let table_records = if table { 1000 } else { 0 };
    Options {
        temporary: None,
        tuning: Tuning {
            shard_bytes: 400,
            part_entries: 5,
            rank_every: 4,
            sort_bytes,
            table_records,
        },
    }
}

pub enum Step<'r> {
    Put(&'r Record),
    /// Taken over if the previous snapshot holds it, else put.
    Keep(&'r Record),
    Delete(&'r str),
}

pub fn write(
    sink: &dyn RunSink,
    previous: Option<&CollectionReader>,
    name: &str,
    mode: Mode,
    options: Options,
    steps: &[Step<'_>],
) -> Outcome {
    let mut writer = CollectionWriter::new(collection(name), previous, mode, sink, options).unwrap();
    for step in steps {
        match step {
            Step::Put(record) => writer.push((*record).clone()).unwrap(),
            Step::Keep(record) => {
                if !writer.keep(&record.id, record.hash).unwrap() {
                    writer.push((*record).clone()).unwrap();
                }
            }
            Step::Delete(id) => writer.delete(id).unwrap(),
        }
    }
    writer.finish().unwrap()
}

pub fn open(store: &Arc<MemStore>, path: &str) -> CollectionReader {
    CollectionReader::open(&(Arc::clone(store) as Arc<dyn RunStore>), path).unwrap()
}
