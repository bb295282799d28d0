//! The behaviour every connector must show.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use backstay_model::TargetSpec;
use backstay_source::{Result, Source};
use backstay_source_kit::{Harness, Seed, suite};

use crate::kit::{database, settle, source};

/// A folder with one database, which holds the records of a seed as tables.
#[derive(Default)]
struct Folder {
    dir: RefCell<Option<tempfile::TempDir>>,
    places: Cell<u32>,
}

impl Folder {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.borrow().as_ref().unwrap().path().join(name)
    }
}

impl Harness for Folder {
    fn create(&self) -> Result<Arc<dyn Source>> {
        *self.dir.borrow_mut() = Some(tempfile::tempdir().unwrap());
        std::fs::create_dir(self.path("data")).unwrap();
        Ok(source(&self.path("data")))
    }

    fn seed(&self, seed: &Seed) -> Result<()> {
        let mut conn = database(&self.path("data/sub/a.db"), "PRAGMA synchronous=OFF");
        let transaction = conn.transaction().unwrap();
        for (table, records) in &seed.collections {
            let create =
                format!("DROP TABLE IF EXISTS {table}; CREATE TABLE {table}(id TEXT PRIMARY KEY, title TEXT, amount INT);");
            transaction.execute_batch(&create).unwrap();
            let mut insert = transaction
                .prepare(&format!("INSERT INTO {table} VALUES (?1, ?2, ?3)"))
                .unwrap();
            for record in records {
                insert.execute((&record.id, &record.title, record.amount)).unwrap();
            }
        }
        transaction.commit().unwrap();
        settle();
        Ok(())
    }

    fn new_place(&self) -> Option<TargetSpec> {
        self.places.set(self.places.get() + 1);
        let place = self.path(&format!("place {}", self.places.get()));
        Some(TargetSpec::New(place.to_str().unwrap().into()))
    }

    fn destroy(&self) {
        self.dir.borrow_mut().take();
    }
}

#[test]
fn behaves_as_every_connector_must() {
    let report = suite::run(&Folder::default()).unwrap();
    println!("{report:?}");
    assert!(report.held.len() > 15, "{report:?}");
}
