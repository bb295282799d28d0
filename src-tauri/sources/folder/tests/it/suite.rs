//! The behaviour every connector must show, shown by folders.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use backstay_model::TargetSpec;
use backstay_source::{Result, Source};
use backstay_source_kit::{Harness, Seed, suite};
use parking_lot::Mutex;
use serde_json::json;

use crate::kit::{Scratch, open};

#[derive(Default)]
struct Folders {
    current: Mutex<Option<Scratch>>,
    places: AtomicU64,
}

impl Harness for Folders {
    fn create(&self) -> Result<Arc<dyn Source>> {
        let scratch = Scratch::new();
        let source = open(&scratch.root(), json!({}));
        *self.current.lock() = Some(scratch);
        source
    }

    fn seed(&self, seed: &Seed) -> Result<()> {
        let current = self.current.lock();
        let scratch = current.as_ref().unwrap();
        for (path, content) in &seed.files {
            let full = scratch.root().join(path);
            if fs::read(&full).ok().as_ref() != Some(content) {
                scratch.file(path, content);
            }
        }
        let gone = crate::kit::walked(&*crate::kit::live(&*scratch.plain()), None);
        for path in gone.iter().filter(|p| !seed.files.contains_key(*p)) {
            // Directories that are still needed stay.
            let full = scratch.root().join(path);
            if full.is_file() {
                fs::remove_file(full).unwrap();
            }
        }
        Ok(())
    }

    fn new_place(&self) -> Option<TargetSpec> {
        let n = self.places.fetch_add(1, Ordering::Relaxed);
        let current = self.current.lock();
        let place = current.as_ref()?.beside(&format!("place {n}"));
        Some(TargetSpec::New(place.to_str()?.to_owned()))
    }

    fn destroy(&self) {
        *self.current.lock() = None;
    }
}

#[test]
fn folders_behave() {
    let report = suite::run(&Folders::default()).unwrap_or_else(|e| panic!("{e} ({:?})", e.error));
    assert_eq!(report.held.len(), 11, "{:?}", report.held);
    assert!(
        report
            .left_out
            .iter()
            .all(|(_, why)| why.contains("records") || why.contains("feed"))
    );
}
