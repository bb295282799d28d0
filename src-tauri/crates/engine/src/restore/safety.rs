//! Rollback protection: before anything is overwritten or removed, it is saved into the vault.

use std::{collections::BTreeMap, io::Read};

use backstay_model::{
    Collection, CollectionKind, CollectionSummary, ErrorKind, FORMAT_VERSION, FileKind, PlanStep, Record, Schema, SnapshotMeta,
    Stage, StepAction, Subject, Verdict,
};
use backstay_records::{CollectionWriter, Mode};
use backstay_source::{RecordView, SourceError};
use backstay_vault::{Chunking, FileAttrs, Snapshot, SnapshotDraft, Vault, WriterOptions};
use chrono::{DateTime, Utc};

use super::{PlanFile, subject_name};
use crate::{
    EngineError, Job, Meter, Result, State,
    backup::{
        assets::Assets,
        runs::{RunsInto, records_error},
        sink::{in_files, source_error},
    },
    snapshot::{METADATA, TAG, TAG_UNDO, files::unescape},
};

/// What a safety copy is made from.
pub struct SafetyInput<'a> {
    /// The plan about to run.
    pub plan: &'a PlanFile,
    /// The target as it is.
    pub live: &'a State,
    /// Where the copy goes.
    pub vault: &'a Vault,
    /// The source's stable id.
    pub source_id: &'a str,
    /// The source's name.
    pub source_name: &'a str,
    /// The source's kind.
    pub source_kind: &'a str,
    /// Version of the connector's conventions.
    pub connector_version: u32,
    /// The run it protects.
    pub run: &'a str,
}

/// Saves everything the plan would overwrite or remove, with the content of its attachments. `None` when it does neither.
///
/// # Errors
/// When something cannot be read or stored: the restore must not begin then.
pub fn save_touched(input: &SafetyInput<'_>, job: &Job<'_>) -> Result<Option<Snapshot>> {
    let counts = &input.plan.header.counts;
    if counts.update + counts.delete == 0 {
        return Ok(None);
    }
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Saving, Some(counts.update + counts.delete), None);
    let started = job.clock.now();
    let writer = input.vault.writer(WriterOptions {
        cancel: Some(job.cancel.flag()),
        ..WriterOptions::default()
    })?;
    let attrs = FileAttrs {
        mode: Some(0o600),
        modified: Some(started),
        ..FileAttrs::default()
    };
    let runs = RunsInto {
        writer: &writer,
        previous: None,
        attrs: &attrs,
    };
    let mut saver = Saver {
        input,
        job,
        runs: &runs,
        assets: Assets::new(&writer, &attrs, None),
        open: None,
        waiting: Vec::new(),
        waiting_bytes: 0,
        collections: Vec::new(),
        files: 0,
        file_bytes: 0,
    };
    for step in input.plan.steps()? {
        let step = step?;
        job.cancel.check()?;
        if matches!(step.action, StepAction::Update | StepAction::Delete) {
            meter.add(1, step.bytes, &subject_name(&step.subject));
            saver.step(step)?;
        }
    }
    saver.close()?;
    let assets = saver.assets.count()?;
    let meta = SnapshotMeta {
        assets,
        ..describe(input, saver, started, job.clock.now())
    };
    let json = serde_json::to_vec_pretty(&meta).map_err(|error| EngineError::Unwritable { what: METADATA, error })?;
    writer.put_bytes(METADATA, &attrs, &json, Chunking::Whole)?;
    let mut draft = SnapshotDraft::new(started);
    draft.paths = vec![format!("/{}", input.source_name)];
    draft.label = input.source_id.to_owned();
    draft.description = Some(format!("before restore {}", input.run));
    draft.tags = vec![TAG.to_owned(), TAG_UNDO.to_owned(), format!("run-{}", input.run)];
    Ok(Some(writer.commit(draft)?.snapshot))
}

/// What the safety copy says about itself.
fn describe(input: &SafetyInput<'_>, saver: Saver<'_>, started: DateTime<Utc>, finished: DateTime<Utc>) -> SnapshotMeta {
    SnapshotMeta {
        format_version: FORMAT_VERSION,
        program: concat!("backstay ", env!("CARGO_PKG_VERSION")).to_owned(),
        source_id: input.source_id.to_owned(),
        source_name: input.source_name.to_owned(),
        source_kind: input.source_kind.to_owned(),
        connector_version: input.connector_version,
        api_version: None,
        started,
        finished,
        verdict: Verdict::Complete,
        gaps: Vec::new(),
        collections: saver.collections,
        files: saver.files,
        file_bytes: saver.file_bytes,
        assets: 0,
        workspaces: Vec::new(),
        cursor: None,
        audit_head: None,
        extra: BTreeMap::new(),
    }
}

struct Saver<'a> {
    input: &'a SafetyInput<'a>,
    job: &'a Job<'a>,
    runs: &'a RunsInto<'a>,
    assets: Assets<'a>,
    /// Plans go collection by collection, so that one is open at a time.
    open: Option<(Collection, CollectionWriter<'a>)>,
    /// Ids of its records that are read together.
    waiting: Vec<String>,
    waiting_bytes: u64,
    collections: Vec<CollectionSummary>,
    files: u64,
    file_bytes: u64,
}

/// Records read together.
const BATCH: usize = 500;
/// Bytes of them, taken from what replaces them.
const BATCH_BYTES: u64 = 8 << 20;

impl Saver<'_> {
    fn step(&mut self, step: PlanStep) -> Result<()> {
        let (collection, id) = match step.subject {
            Subject::Record { collection, id } => (collection, id),
            Subject::File { path } => return self.file(&path),
        };
        if self.open.as_ref().is_none_or(|(open, _)| open.name != collection) {
            self.close()?;
            let about = self.about(&collection)?;
            let writer = self.runs.begin(&about, Mode::Full)?;
            self.open = Some((about, writer));
        }
        self.waiting.push(id);
        self.waiting_bytes += step.bytes;
        if self.waiting.len() >= BATCH || self.waiting_bytes >= BATCH_BYTES {
            self.save()?;
        }
        Ok(())
    }

    /// The collection as the target describes it. A place that goes by another name does not list it.
    fn about(&self, name: &str) -> Result<Collection> {
        match self.input.live.collection(name) {
            Err(EngineError::NoCollection { .. }) => Ok(Collection {
                name: name.to_owned(),
                title: None,
                kind: CollectionKind::Table,
                schema: Schema::default(),
                records: None,
                raw: None,
            }),
            other => other,
        }
    }

    /// Saves the records that wait. One that is gone in the meantime is left out: its step will notice and refuse.
    fn save(&mut self) -> Result<()> {
        let ids = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let Some((about, writer)) = &mut self.open else {
            return Ok(());
        };
        let Some(view) = self.input.live.records_of(&about.name)? else {
            return Ok(());
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for mut record in view.get_many(&about.name, &ids)?.into_iter().flatten() {
            attachments(&self.assets, view, &about.name, &mut record, self.job)?;
            writer.push(record).map_err(|error| records_error(&about.name, error))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        self.save()?;
        if let Some((about, writer)) = self.open.take() {
            let summary = self.runs.finish(&about.name, writer)?;
            // Nothing of it was there any more.
            if summary.records > 0 {
                self.collections.push(summary);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<()> {
        let Some(files) = &self.input.live.files else { return Ok(()) };
        let Some(entry) = files.stat(path)? else { return Ok(()) };
        let attrs = FileAttrs::from(&entry.meta);
        let failed = |error| EngineError::Source(source_error(path, error));
        match &entry.kind {
            FileKind::File => {
                let mut content = files.open(path)?;
                let size = content.seek(std::io::SeekFrom::End(0)).map_err(EngineError::Temp)?;
                content.seek(std::io::SeekFrom::Start(0)).map_err(EngineError::Temp)?;
                let reader: &mut dyn Read = &mut content;
                self.runs
                    .writer
                    .put_file(in_files(path), &attrs, size, reader, Chunking::ContentDefined)
                    .map_err(failed)?;
                self.files += 1;
                self.file_bytes += size;
            }
            FileKind::Symlink(target) => {
                self.runs
                    .writer
                    .put_symlink(in_files(path), &attrs, unescape(target))
                    .map_err(failed)?;
            }
            FileKind::Directory => self.runs.writer.put_dir(in_files(path), &attrs).map_err(failed)?,
            FileKind::Other => {}
        }
        Ok(())
    }
}

/// Saves the content of a record's attachments and notes where it is: what cannot be read now could not be brought back later.
fn attachments(assets: &Assets<'_>, view: &dyn RecordView, collection: &str, record: &mut Record, job: &Job<'_>) -> Result<()> {
    let listed = record.assets.clone();
    for (at, asset) in listed.iter().enumerate() {
        let subject = format!("{collection}/{}: {}", record.id, asset.name);
        let unsaved = |error: SourceError| match error.kind {
            ErrorKind::Cancelled | ErrorKind::Full => error,
            kind => {
                let message = format!("cannot be saved before the restore, so nothing was restored: {error}");
                SourceError::new(kind, subject.clone(), message).caused_by(error)
            }
        };
        let (size, mut content) = view.open_asset(collection, record, asset).map_err(unsaved)?;
        let stored = assets.put(&asset.name, size, &mut content, &mut || job.cancel.check());
        let saved = &mut record.assets[at];
        saved.sha256 = Some(stored.map_err(unsaved)?);
        saved.size = Some(size);
    }
    Ok(())
}
