//! The suite holds for the in-memory source, and notices sources that misbehave.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_model::{ErrorKind, RawJson, Record, TargetSpec};
use backstay_source::{Result, Source};
use backstay_source_kit::{Fault, Harness, MemorySource, ScriptedSource, Seed, suite};
use parking_lot::Mutex;
use serde_json::json;
use sha2::{Digest as _, Sha256};

type Make = fn() -> MemorySource;
type Spoil = fn(MemorySource) -> Arc<dyn Source>;

/// Memory sources, perhaps spoilt.
struct Memory {
    make: Make,
    spoil: Spoil,
    current: Mutex<MemorySource>,
    places: AtomicU64,
}

impl Memory {
    fn new(make: Make, spoil: Spoil) -> Self {
        Self {
            make,
            spoil,
            current: Mutex::new(make()),
            places: AtomicU64::new(0),
        }
    }
}

impl Harness for Memory {
    fn create(&self) -> Result<Arc<dyn Source>> {
        let source = (self.make)();
        *self.current.lock() = source.clone();
        Ok((self.spoil)(source))
    }

    fn seed(&self, seed: &Seed) -> Result<()> {
        let source = self.current.lock().clone();
        let before = source.now();
        for (name, records) in &seed.collections {
            source.collection(name);
            let old = before.collections.get(name);
            let wanted: BTreeSet<_> = records.iter().map(|r| r.id.as_str()).collect();
            for id in old
                .iter()
                .flat_map(|c| c.records.keys())
                .filter(|id| !wanted.contains(id.as_str()))
            {
                source.delete(name, id);
            }
            for record in records {
                let data = RawJson::from_value(&json!({"title": record.title, "amount": record.amount})).unwrap();
                let same = |before: &Record| {
                    let wanted = record.attachments.iter().map(|(name, bytes)| (name.clone(), hash_of(bytes)));
                    let held = before
                        .assets
                        .iter()
                        .map(|a| (a.name.clone(), a.sha256.clone().unwrap_or_default()));
                    before.data == data && wanted.eq(held)
                };
                if !old.and_then(|c| c.records.get(&record.id)).is_some_and(same) {
                    source.put(name, &record.id, data);
                    for (attachment, content) in &record.attachments {
                        source.attach(name, &record.id, attachment, content.clone());
                    }
                }
            }
        }
        for path in before.paths().iter().filter(|p| !seed.files.contains_key(**p)) {
            if seed.files.keys().all(|f| !f.starts_with(&format!("{path}/"))) {
                source.remove_file(path);
            }
        }
        for (path, content) in &seed.files {
            if before.bytes(path).unwrap().is_none_or(|b| b != content) {
                source.file(path, content.clone());
            }
        }
        Ok(())
    }

    fn new_place(&self) -> Option<TargetSpec> {
        let n = self.places.fetch_add(1, Ordering::Relaxed);
        Some(TargetSpec::New(format!("place {n}")))
    }

    fn destroy(&self) {}
}

fn hash_of(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

fn as_is(source: MemorySource) -> Arc<dyn Source> {
    Arc::new(source)
}

#[test]
fn holds_for_the_memory_source_in_all_shapes() {
    for (make, left_out) in [
        (MemorySource::default as Make, 4),
        (MemorySource::with_feed, 2),
        (MemorySource::with_keeping, 4),
        (MemorySource::with_transactions, 4),
    ] {
        let report = suite::run(&Memory::new(make, as_is)).unwrap_or_else(|e| panic!("{e} ({:?})", e.error));
        assert_eq!(report.left_out.len(), left_out, "{:?}", report.left_out);
        assert!(report.held.len() >= 20);
    }
}

#[test]
fn notices_sources_that_misbehave() {
    let cases: [(Spoil, &str); 6] = [
        (
            |s| Arc::new(ScriptedSource::new(Arc::new(s), vec![Fault::LoseAsset(2)])),
            "attachments: the live view opens",
        ),
        (
            |s| Arc::new(ScriptedSource::new(Arc::new(s), vec![Fault::FailAtAsset(2, ErrorKind::Io)])),
            "records: a run gives",
        ),
        (
            |s| {
                Arc::new(ScriptedSource::new(
                    Arc::new(s),
                    vec![Fault::FailAtWrite(3, ErrorKind::Refused)],
                ))
            },
            "attachments: a record that is written",
        ),
        (
            |s| {
                Arc::new(ScriptedSource::new(
                    Arc::new(s),
                    vec![Fault::FailAtRecord(700, ErrorKind::Io)],
                ))
            },
            "records: a run gives",
        ),
        (
            |s| Arc::new(ScriptedSource::new(Arc::new(s), vec![Fault::Overstate(9, 1)])),
            "records: a run gives",
        ),
        (
            |s| Arc::new(ScriptedSource::new(Arc::new(s), vec![Fault::Truncate(9, 1)])),
            "records: a run gives",
        ),
    ];
    for (spoil, check) in cases {
        let failure = suite::run(&Memory::new(MemorySource::default, spoil)).unwrap_err();
        assert!(failure.check.starts_with(check), "{failure}");
    }
}
