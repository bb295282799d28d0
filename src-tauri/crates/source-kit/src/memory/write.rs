//! Writing into a memory source, at once or together.

use std::{io::Read, sync::Arc};

use backstay_model::{ContentHash, ErrorKind, FileEntry, FileKind, Record};
use backstay_source::{
    Cancel, Expect, FileView as _, FileWriter, Planned, RecordView, RecordWriter, Result, SourceError, WriteStep, Written,
};

use super::{MemorySource, insert};
use crate::{Content, Taken, TakenFile, path_order};

/// Writes records and files.
#[derive(Debug)]
pub(super) struct MemoryWriter {
    source: MemorySource,
    cancel: Cancel,
    /// With transactions: the state to be, and the version it began with.
    draft: Option<(Taken, u64)>,
    /// Records touched, for the feed.
    touched: Vec<(String, String)>,
}

impl MemoryWriter {
    pub(super) fn new(source: MemorySource, cancel: Cancel) -> Self {
        let draft = source.capabilities.transactions.then(|| {
            let state = source.state.lock();
            (Taken::clone(&state.now), state.version)
        });
        Self {
            source,
            cancel,
            draft,
            touched: Vec::new(),
        }
    }

    fn on<T>(&mut self, work: impl FnOnce(&mut Taken) -> Result<T>) -> Result<T> {
        self.cancel.check()?;
        if let Some((draft, _)) = &mut self.draft {
            return work(draft);
        }
        let mut state = self.source.state.lock();
        let done = work(Arc::make_mut(&mut state.now))?;
        state.version += 1;
        state.log.append(&mut self.touched);
        Ok(done)
    }
}

impl RecordWriter for MemoryWriter {
    fn write(&mut self, collection: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
        let id = match step {
            WriteStep::Create(record) | WriteStep::Update(record) | WriteStep::KeepBoth(record) => record.id.clone(),
            WriteStep::Delete(id) => id.clone(),
        };
        let written = self.on(|now| write_record(now, collection, &id, step, expect))?;
        let touched = written.new_id.clone().unwrap_or(id);
        if self.draft.is_some() {
            self.touched.push((collection.to_owned(), touched));
        } else {
            self.source.touched(collection, &touched);
        }
        Ok(written)
    }

    fn write_many(&mut self, steps: &[Planned<'_>], content: &dyn RecordView) -> Vec<Result<Written>> {
        let mut results = Vec::with_capacity(steps.len());
        for planned in steps {
            let written = self
                .take_assets(planned, content)
                .and_then(|()| self.write(planned.collection, planned.step, planned.expect));
            let stop = matches!(&written, Err(error) if matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Cancelled));
            results.push(written);
            if stop {
                break;
            }
        }
        results
    }

    fn commit(&mut self) -> Result<()> {
        self.cancel.check()?;
        let Some((draft, version)) = self.draft.take() else {
            return Ok(());
        };
        let mut state = self.source.state.lock();
        if state.version != version {
            return Err(SourceError::new(
                ErrorKind::Changed,
                "the source",
                "changed during the transaction",
            ));
        }
        state.version += 1;
        state.now = Arc::new(draft);
        state.log.append(&mut self.touched);
        self.draft = Some((Taken::clone(&state.now), state.version));
        Ok(())
    }
}

impl MemoryWriter {
    /// Takes the content of a record's attachments, as far as it is not here.
    fn take_assets(&mut self, planned: &Planned<'_>, content: &dyn RecordView) -> Result<()> {
        let (WriteStep::Create(record) | WriteStep::Update(record) | WriteStep::KeepBoth(record)) = planned.step else {
            return Ok(());
        };
        for asset in &record.assets {
            let Some(hash) = asset.sha256.clone() else { continue };
            if self.on(|now| Ok(now.assets.contains_key(&hash)))? {
                continue;
            }
            let (size, mut reader) = content.open_asset(planned.collection, record, asset)?;
            let failed = |e: std::io::Error| match e.downcast::<SourceError>() {
                Ok(own) => own,
                Err(e) => SourceError::io(&asset.name, e),
            };
            let (kept, _) = Content::keep(&mut reader, size).map_err(failed)?;
            self.on(|now| {
                now.assets.insert(hash, kept);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A path beside `path` at which nothing lies.
    fn free_path(&self, path: &str) -> String {
        let state = self.source.state.lock();
        let now = self.draft.as_ref().map_or(&*state.now, |(draft, _)| draft);
        let mut beside = format!("{path} (restored)");
        let mut n = 1_u64;
        while now.file(&beside).is_some() {
            n += 1;
            beside = format!("{path} (restored {n})");
        }
        beside
    }
}

fn write_record(now: &mut Taken, collection: &str, id: &str, step: &WriteStep, expect: Expect) -> Result<Written> {
    let live = now
        .collections
        .get(collection)
        .and_then(|c| c.records.get(id))
        .map(|r| r.hash);
    check(id, live, expect)?;
    let put = |now: &mut Taken, record: &Record| {
        insert(now, collection, record.clone());
        Some(record.hash)
    };
    Ok(match step {
        WriteStep::Create(record) | WriteStep::Update(record) => Written {
            new_id: None,
            hash: put(now, record),
        },
        WriteStep::KeepBoth(record) => {
            let new_id = free_id(now, collection, id);
            let copy = Record {
                id: new_id.clone(),
                ..record.clone()
            };
            Written {
                new_id: Some(new_id),
                hash: put(now, &copy),
            }
        }
        WriteStep::Delete(id) => {
            if let Some(collection) = now.collections.get_mut(collection) {
                collection.records.remove(id);
            }
            Written::default()
        }
    })
}

fn free_id(now: &Taken, collection: &str, id: &str) -> String {
    let taken = |id: &String| now.collections.get(collection).is_some_and(|c| c.records.contains_key(id));
    let mut n = 1_u64;
    loop {
        let candidate = format!("{id} (restored {n})");
        if !taken(&candidate) {
            return candidate;
        }
        n += 1;
    }
}

fn check(subject: &str, live: Option<ContentHash>, expect: Expect) -> Result<()> {
    let as_expected = match expect {
        Expect::Absent => live.is_none(),
        Expect::Content(hash) => live == Some(hash),
    };
    if as_expected {
        return Ok(());
    }
    Err(SourceError::new(
        ErrorKind::Changed,
        subject,
        "is not what the plan was made against",
    ))
}

fn safe(path: &str) -> Result<()> {
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(SourceError::new(ErrorKind::Refused, path, "is not a path inside the source"));
    }
    Ok(())
}

fn live_hash(now: &Taken, path: &str) -> Result<Option<ContentHash>> {
    now.file(path).map(|_| now.hash(path)).transpose()
}

impl FileWriter for MemoryWriter {
    fn put(&mut self, entry: &FileEntry, content: &mut dyn Read, expect: Expect) -> Result<Written> {
        safe(&entry.path)?;
        let (content, got) = match entry.kind {
            FileKind::File => Content::keep(content, entry.size).map_err(|e| SourceError::io(&entry.path, e))?,
            _ => (Content::empty(), 0),
        };
        if got != entry.size {
            return Err(SourceError::new(
                ErrorKind::Damaged,
                &entry.path,
                "has another length than announced",
            ));
        }
        self.on(|now| {
            check(&entry.path, live_hash(now, &entry.path)?, expect)?;
            let entry = entry.clone();
            now.files.insert(
                path_order(&entry.path),
                TakenFile {
                    entry: entry.clone(),
                    content,
                },
            );
            Ok(Written {
                new_id: None,
                hash: live_hash(now, &entry.path)?,
            })
        })
    }

    fn put_beside(&mut self, entry: &FileEntry, content: &mut dyn Read) -> Result<Written> {
        let beside = FileEntry {
            path: self.free_path(&entry.path),
            ..entry.clone()
        };
        let written = self.put(&beside, content, Expect::Absent)?;
        Ok(Written {
            new_id: Some(beside.path),
            ..written
        })
    }

    fn remove(&mut self, path: &str, expect: Expect) -> Result<Written> {
        safe(path)?;
        self.on(|now| {
            check(path, live_hash(now, path)?, expect)?;
            now.files.remove(&path_order(path));
            Ok(Written::default())
        })
    }

    fn finish(&mut self) -> Result<()> {
        self.commit()
    }
}
