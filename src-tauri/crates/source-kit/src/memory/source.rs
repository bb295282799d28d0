//! The memory source as a source.

use std::{collections::BTreeSet, io::Read, sync::Arc};

use backstay_model::{Capabilities, Change, FileKind, RawJson, Record, TargetSpec};
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
                None => give_all(&now, collection, sink)?,
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

fn give_all(now: &Taken, collection: &TakenCollection, sink: &dyn Sink) -> Result<()> {
    let name = &collection.collection.name;
    sink.begin_collection(&collection.collection, FeedMode::Full)?;
    let mut records = collection.records.values().peekable();
    while records.peek().is_some() {
        sink.cancel().check()?;
        let batch: Result<Vec<_>> = records.by_ref().take(BATCH).map(|r| upsert(now, r, sink)).collect();
        sink.records(name, batch?)?;
    }
    sink.end_collection(name)
}

fn give_touched(now: &Taken, collection: &TakenCollection, ids: &BTreeSet<&str>, sink: &dyn Sink) -> Result<()> {
    let name = &collection.collection.name;
    sink.begin_collection(&collection.collection, FeedMode::Delta)?;
    let change = |id: &&str| match collection.records.get(*id) {
        Some(record) => upsert(now, record, sink),
        None => Ok(Change::Delete((*id).to_owned())),
    };
    let batch: Result<Vec<_>> = ids.iter().map(change).collect();
    sink.records(name, batch?)?;
    sink.end_collection(name)
}

fn upsert(now: &Taken, record: &Record, sink: &dyn Sink) -> Result<Change> {
    let mut record = record.clone();
    for asset in &mut record.assets {
        let content = asset.sha256.as_ref().and_then(|hash| now.assets.get(hash));
        if let Some(content) = content {
            let bytes = content.bytes().map_err(|e| SourceError::io(&asset.name, e))?;
            asset.sha256 = Some(sink.asset(&asset.name, bytes.len() as u64, &mut &bytes[..])?);
        }
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
