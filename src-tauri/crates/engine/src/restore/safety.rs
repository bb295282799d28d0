//! Rollback protection: before anything is overwritten or removed, it is saved into the vault.

use std::{collections::BTreeMap, io::Read};

use backstay_model::{
    Collection, CollectionSummary, FORMAT_VERSION, FileKind, PlanStep, SnapshotMeta, Stage, StepAction, Subject, Verdict,
};
use backstay_records::{CollectionWriter, Mode};
use backstay_vault::{Chunking, FileAttrs, Snapshot, SnapshotDraft, Vault, WriterOptions};
use chrono::{DateTime, Utc};

use super::{PlanFile, subject_name};
use crate::{
    EngineError, Job, Meter, Result, State,
    backup::{
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

/// Saves everything the plan would overwrite or remove. `None` when it does neither.
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
        runs: &runs,
        open: None,
        collections: Vec::new(),
        files: 0,
        file_bytes: 0,
    };
    for step in input.plan.steps()? {
        let step = step?;
        job.cancel.check()?;
        if matches!(step.action, StepAction::Update | StepAction::Delete) {
            saver.step(&step)?;
            meter.add(1, step.bytes, &subject_name(&step.subject));
        }
    }
    saver.close()?;
    let meta = describe(input, saver, started, job.clock.now());
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
    runs: &'a RunsInto<'a>,
    /// Plans go collection by collection, so that one is open at a time.
    open: Option<(Collection, CollectionWriter<'a>)>,
    collections: Vec<CollectionSummary>,
    files: u64,
    file_bytes: u64,
}

impl Saver<'_> {
    fn step(&mut self, step: &PlanStep) -> Result<()> {
        match &step.subject {
            Subject::Record { collection, id } => self.record(collection, id),
            Subject::File { path } => self.file(path),
        }
    }

    fn record(&mut self, collection: &str, id: &str) -> Result<()> {
        // Gone in the meantime: the step itself will notice and refuse.
        let Some(record) = self.input.live.record(collection, id)? else {
            return Ok(());
        };
        if self.open.as_ref().is_none_or(|(open, _)| open.name != collection) {
            self.close()?;
            let about = self.input.live.collection(collection)?;
            let writer = self.runs.begin(&about, Mode::Full)?;
            self.open = Some((about, writer));
        }
        if let Some((_, writer)) = &mut self.open {
            writer.push(record).map_err(|error| records_error(collection, error))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        if let Some((about, writer)) = self.open.take() {
            let summary = self.runs.finish(&about.name, writer)?;
            self.collections.push(summary);
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
