//! The side of a scripted source that a restore sees.

use std::{
    cmp::Ordering as Order,
    io::Read,
    sync::{Arc, atomic::Ordering},
};

use backstay_model::{AssetRef, Collection, ErrorKind, Record};
use backstay_source::{Expect, Planned, RecordView, RecordWriter, Result, Weighed, WriteStep, Written};

use super::{Fault, Script, scripted};

/// A live view that loses attachments.
pub(super) struct ScriptedView {
    pub inner: Box<dyn RecordView>,
    pub script: Arc<Script>,
}

impl RecordView for ScriptedView {
    fn collections(&self) -> Result<Vec<Collection>> {
        self.inner.collections()
    }
    fn has(&self, collection: &str) -> Result<bool> {
        self.inner.has(collection)
    }
    fn count(&self, collection: &str) -> Result<u64> {
        self.inner.count(collection)
    }
    fn get(&self, collection: &str, id: &str) -> Result<Option<Record>> {
        self.inner.get(collection, id)
    }
    fn get_many(&self, collection: &str, ids: &[&str]) -> Result<Vec<Option<Record>>> {
        self.inner.get_many(collection, ids)
    }
    fn page(&self, collection: &str, offset: u64, limit: u64) -> Result<Vec<Record>> {
        self.inner.page(collection, offset, limit)
    }
    fn scan<'a>(&'a self, collection: &str, after: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<Record>> + 'a>> {
        self.inner.scan(collection, after)
    }
    fn open_asset(&self, collection: &str, record: &Record, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send>)> {
        let number = self.script.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let lost = self.script.fire(|f| match f {
            Fault::LoseAsset(n) if *n == number => Some(()),
            _ => None,
        });
        match lost {
            Some(()) => Err(scripted(ErrorKind::NotFound, &asset.name)),
            None => self.inner.open_asset(collection, record, asset),
        }
    }
    fn weigh(&self, collection: &str, backup: &Record, live: Option<&Record>) -> Result<Weighed> {
        self.inner.weigh(collection, backup, live)
    }
    fn differs(&self, collection: &str, backup: &Record, live: &Record) -> Result<Option<String>> {
        self.inner.differs(collection, backup, live)
    }
    fn compare_ids(&self, collection: &str, a: &str, b: &str) -> Order {
        self.inner.compare_ids(collection, a, b)
    }
}

/// A writer that fails at some record.
pub(super) struct ScriptedWriter {
    pub inner: Box<dyn RecordWriter>,
    pub script: Arc<Script>,
}

impl ScriptedWriter {
    fn fault(&self) -> Option<ErrorKind> {
        let number = self.script.writes.fetch_add(1, Ordering::Relaxed) + 1;
        self.script.fire(|f| match f {
            Fault::FailAtWrite(n, kind) if *n == number => Some(*kind),
            _ => None,
        })
    }
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unreachable | ErrorKind::Cancelled)
}

impl RecordWriter for ScriptedWriter {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        match self.fault() {
            None => self.inner.write(collection, step, expect),
            Some(kind) => {
                if is_end(kind) {
                    let _ = self.inner.write(collection, step, expect);
                }
                Err(scripted(kind, collection))
            }
        }
    }

    fn undoes(&mut self) {
        self.inner.undoes();
    }

    fn write_many(&mut self, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        let mut results = Vec::with_capacity(steps.len());
        for one in steps.chunks(1) {
            let fault = self.fault();
            if fault.is_none_or(is_end) {
                results.extend(self.inner.write_many(one, content));
            }
            if let Some(kind) = fault {
                if is_end(kind) {
                    results.pop();
                }
                results.push(Err(scripted(kind, one[0].collection)));
            }
            if matches!(results.last(), Some(Err(error)) if is_end(error.kind)) {
                break;
            }
        }
        results
    }

    fn commit(&mut self) -> Result<()> {
        self.inner.commit()
    }
}
