//! The memory source as a source.

use std::{collections::BTreeSet, io::Read, sync::Arc};

use backstay_model::{Capabilities, Change, FileKind, Gap, RawJson, Record, TargetSpec};
use backstay_source::{
    Cancel, FeedMode, FileHint, FileView, FileWriter, Outcome, Probe, RecordView, RecordWriter, Result, Sink, Source, SourceError,
};

use super::{MemorySource, view::Frozen, write::MemoryWriter};
use crate::{Taken, TakenCollection};

/// Records given at a time.
const BATCH: usize = 500;

impl Source for MemorySource {
    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    fn probe(&self, cancel: &Cancel) -> Result<Probe> {
        cancel.check()?;
        Ok(Probe {
            found: self.now().collections.keys().cloned().collect(),
            ..Probe::default()
        })
    }

    fn changes(&self, cursor: Option<&RawJson>, sink: &dyn Sink) -> Result<Outcome> {
        let (now, log) = {
            let state = self.state.lock();
            (Arc::clone(&state.now), state.log.clone())
        };
        let since = cursor
            .filter(|_| self.capabilities.change_feed)
            .and_then(|c| c.value().ok()?.as_u64());
        let since = since.map(|n| usize::try_from(n).unwrap_or(usize::MAX).min(log.len()));
        for (name, collection) in &now.collections {
            match since {
                None => give_all(&now, collection, self.keeps, sink)?,
                Some(since) => {
                    let touched = log[since..].iter().filter(|(c, _)| c == name).map(|(_, id)| id.as_str());
                    give_touched(&now, collection, &touched.collect(), sink)?;
                }
            }
        }
        give_files(&now, sink)?;
        let cursor = self.capabilities.change_feed.then(|| RawJson::from_value(&log.len()));
        Ok(Outcome {
            cursor: cursor.and_then(std::result::Result::ok),
            api_version: Some("memory".to_owned()),
        })
    }

    fn live_records(&self, cancel: &Cancel) -> Result<Option<Box<dyn RecordView>>> {
        cancel.check()?;
        Ok(self
            .capabilities
            .records
            .then(|| Box::new(Frozen(self.now())) as Box<dyn RecordView>))
    }

    fn live_files(&self, cancel: &Cancel) -> Result<Option<Arc<dyn FileView>>> {
        cancel.check()?;
        Ok(self
            .capabilities
            .files
            .then(|| Arc::new(Frozen(self.now())) as Arc<dyn FileView>))
    }

    fn at(&self, target: &TargetSpec) -> Result<Arc<dyn Source>> {
        let TargetSpec::New(place) = target else {
            return Ok(Arc::new(self.clone()));
        };
        let fresh = || Self::new(self.capabilities.clone());
        Ok(Arc::new(
            self.places.lock().entry(place.clone()).or_insert_with(fresh).clone(),
        ))
    }

    fn record_writer(&self, _schema: &dyn RecordView, cancel: &Cancel) -> Result<Box<dyn RecordWriter>> {
        Ok(Box::new(MemoryWriter::new(self.clone(), cancel.clone())))
    }

    fn file_writer(&self, cancel: &Cancel) -> Result<Box<dyn FileWriter>> {
        Ok(Box::new(MemoryWriter::new(self.clone(), cancel.clone())))
    }
}

fn give_all(now: &Taken, collection: &TakenCollection, keeps: bool, sink: &dyn Sink) -> Result<()> {
    let name = &collection.collection.name;
    sink.begin_collection(&collection.collection, FeedMode::Full)?;
    let mut batch = Vec::new();
    for record in collection.records.values() {
        if keeps && sink.keep_record(name, &record.id, record.hash)? {
            continue;
        }
        batch.push(upsert(now, name, record, sink)?);
        if batch.len() == BATCH {
            sink.cancel().check()?;
            sink.records(name, std::mem::take(&mut batch))?;
        }
    }
    if !batch.is_empty() {
        sink.cancel().check()?;
        sink.records(name, batch)?;
    }
    sink.end_collection(name)
}

fn give_touched(now: &Taken, collection: &TakenCollection, ids: &BTreeSet<&str>, sink: &dyn Sink) -> Result<()> {
    let name = &collection.collection.name;
    sink.begin_collection(&collection.collection, FeedMode::Delta)?;
    let change = |id: &&str| match collection.records.get(*id) {
        Some(record) => upsert(now, name, record, sink).map(Some),
        // What never was there needs no deletion.
        None => Ok(sink.had(name, id)?.then(|| Change::Delete((*id).to_owned()))),
    };
    let batch: Result<Vec<_>> = ids.iter().filter_map(|id| change(id).transpose()).collect();
    sink.records(name, batch?)?;
    sink.end_collection(name)
}

/// A record whose attachments the sink has. Content the sink knows already is not read again.
fn upsert(now: &Taken, name: &str, record: &Record, sink: &dyn Sink) -> Result<Change> {
    let mut record = record.clone();
    for at in 0..record.assets.len() {
        let asset = record.assets[at].clone();
        let Some(hash) = &asset.sha256 else { continue };
        if sink.keep_asset(hash)? {
            continue;
        }
        let subject = format!("{name}/{}: {}", record.id, asset.name);
        record.assets[at].sha256 = match now.open_asset(name, &record, &asset) {
            Ok((size, mut content)) => Some(sink.asset(&asset.name, size, &mut *content)?),
            Err(error) => {
                sink.gap(Gap {
                    subject,
                    kind: error.kind,
                    message: error.message,
                });
                None
            }
        };
    }
    Ok(Change::Upsert(record))
}

fn give_files(now: &Taken, sink: &dyn Sink) -> Result<()> {
    let mut open: Vec<&str> = Vec::new();
    for file in now.files() {
        let path = &file.entry.path;
        while let Some(directory) = open.last()
            && !path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
        {
            sink.leave_directory(directory)?;
            open.pop();
        }
        sink.file(&file.entry, FileHint::Plain, &mut || {
            let reader = file.content.open().map_err(|e| SourceError::io(path, e))?;
            Ok(Box::new(reader) as Box<dyn Read + Send>)
        })?;
        if file.entry.kind == FileKind::Directory {
            open.push(path);
        }
    }
    for directory in open.iter().rev() {
        sink.leave_directory(directory)?;
    }
    Ok(())
}
