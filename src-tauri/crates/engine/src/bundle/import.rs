//! Keeping a bundle in a vault: its content becomes a snapshot, one more point in time of its source.

use std::{io::Read, sync::Arc};

use backstay_model::{Change, FileKind, RawJson, SnapshotMeta, Stage, Verdict};
use backstay_source::{Connector, FeedMode, FileHint, FileView, RecordView, Sink, SourceError};
use backstay_vault::{Chunking, FileAttrs, Snapshot, SnapshotDraft, Vault, WriterOptions, writer::WriteStats};
use serde_json::json;

use super::{Bundle, OpenedBundle, files::of_bundle};
use crate::{
    EngineError, Job, Meter, Result,
    backup::{
        previous::Previous,
        runs::RunsInto,
        sink::{Found, VaultSink, source_error},
    },
    snapshot::{METADATA, TAG, TAG_PARTIAL},
};

/// Tag of a snapshot that came from a bundle.
pub const TAG_IMPORTED: &str = "imported";
/// Records handed over at a time.
const BATCH: usize = 512;
/// Bytes at the beginning of a database file that tell the size of its pages.
const PAGE_SIZE_AT: usize = 16;
/// Smallest block databases are cut into, as their connector does it.
const BLOCK: u32 = 32 << 10;

/// Everything an import needs.
pub struct ImportInput<'a> {
    /// The bundle.
    pub opened: &'a OpenedBundle,
    /// Its kind.
    pub connector: &'a Arc<dyn Connector>,
    /// Stable id of the source it becomes a point in time of.
    pub source_id: &'a str,
    /// That source's name.
    pub source_name: &'a str,
    /// Where it goes.
    pub vault: &'a Vault,
}

/// An import that ended with a snapshot.
#[derive(Debug)]
pub struct ImportDone {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What it says about itself.
    pub meta: SnapshotMeta,
    /// Numbers of the vault.
    pub stats: WriteStats,
}

/// Writes the content of a bundle as a snapshot. Its time, verdict and gaps stay what they were.
///
/// # Errors
/// When the bundle is damaged, the vault fails, or the job is cancelled: no snapshot is written then.
pub fn import(input: &ImportInput<'_>, job: &Job<'_>) -> Result<ImportDone> {
    let meter = Meter::new(job.reporter);
    let bundle = input.opened.bundle();
    let meta = bundle.meta();
    meter.stage(Stage::Preparing, None, None);
    let snapshots = input.vault.snapshots()?;
    let reader = input.vault.reader()?;
    // Files are always read: equal sizes and times say nothing about content that may come from anywhere.
    let previous = Previous::find(&snapshots, input.source_id, &reader, input.connector)
        .map(|previous| Previous { files: None, ..previous });
    let writer = input.vault.writer(WriterOptions {
        cancel: Some(job.cancel.flag()),
        ..WriterOptions::default()
    })?;
    let items = meta.files + meta.assets + meta.collections.iter().map(|c| c.records).sum::<u64>();
    meter.stage(Stage::Reading, Some(items), None);
    let attrs = FileAttrs {
        mode: Some(0o600),
        modified: Some(meta.started),
        ..FileAttrs::default()
    };
    let runs = RunsInto {
        writer: &writer,
        previous: previous.as_ref(),
        attrs: &attrs,
    };
    let sink = VaultSink::new(&runs, job, &meter);
    feed(input.opened, &sink)?;
    feed_readable(bundle, &runs, job)?;
    job.cancel.check()?;
    meter.stage(Stage::Finishing, None, None);
    let meta = about(input, sink.finish()?)?;
    let json = serde_json::to_vec_pretty(&meta).map_err(|error| EngineError::Unwritable { what: METADATA, error })?;
    writer.put_bytes(METADATA, &attrs, &json, Chunking::Whole)?;
    let mut draft = draft(&meta);
    draft.gaps = writer.gaps();
    let written = writer.commit(draft)?;
    Ok(ImportDone {
        snapshot: written.snapshot,
        meta,
        stats: written.stats,
    })
}

/// Everything a connector would give.
fn feed(opened: &OpenedBundle, sink: &VaultSink<'_>) -> Result<()> {
    let meta = opened.bundle().meta();
    let state = opened.state(&|_| None)?;
    if let Some(records) = &state.stored {
        feed_records(records, sink)?;
    }
    if let Some(files) = &state.files {
        feed_files(&**files, meta, sink)?;
    }
    feed_assets(opened, sink)?;
    for workspace in &meta.workspaces {
        sink.workspace(workspace.clone());
    }
    for gap in &meta.gaps {
        sink.gap(gap.clone());
    }
    Ok(())
}

/// Pages for people, which lie in the snapshot as in the bundle.
fn feed_readable(bundle: &Bundle, into: &RunsInto<'_>, job: &Job<'_>) -> Result<()> {
    for entry in ["pages/", "blocks/"].iter().flat_map(|top| bundle.below(top)) {
        job.cancel.check()?;
        let mut content = bundle.content(entry.name, Some(&job.cancel.flag()))?;
        let put = into
            .writer
            .put_file(entry.name, into.attrs, entry.size, &mut content, Chunking::ContentDefined);
        put.map_err(|error| EngineError::Source(source_error(entry.name, error)))?;
    }
    Ok(())
}

/// What the snapshot says about itself: what the bundle said, with the numbers of what was written.
fn about(input: &ImportInput<'_>, found: Found) -> Result<SnapshotMeta> {
    let meta = input.opened.bundle().meta();
    Ok(SnapshotMeta {
        source_id: input.source_id.to_owned(),
        source_name: input.source_name.to_owned(),
        verdict: if found.gaps.is_empty() {
            meta.verdict
        } else {
            Verdict::Partial
        },
        gaps: found.gaps,
        collections: found.collections,
        files: found.files,
        file_bytes: found.file_bytes,
        assets: found.assets,
        workspaces: found.workspaces,
        extra: extra(input.opened)?,
        ..meta.clone()
    })
}

fn draft(meta: &SnapshotMeta) -> SnapshotDraft {
    let mut draft = SnapshotDraft::new(meta.started);
    draft.paths = vec![format!("/{}", meta.source_name)];
    draft.label.clone_from(&meta.source_id);
    draft.description = Some(format!("{} {}", meta.source_kind, meta.source_name));
    draft.tags = vec![TAG.to_owned(), TAG_IMPORTED.to_owned()];
    if meta.verdict == Verdict::Partial {
        draft.tags.push(TAG_PARTIAL.to_owned());
    }
    draft
}

/// What the snapshot says about where it came from, in place of what the bundle said about itself.
fn extra(opened: &OpenedBundle) -> Result<std::collections::BTreeMap<String, RawJson>> {
    let bundle = opened.bundle();
    let mut extra = bundle.meta().extra.clone();
    extra.remove("bundle");
    let facts = bundle.facts();
    let from = json!({ "identity": opened.identity(), "snapshot": facts.snapshot, "selection": facts.selection, "sourceId": bundle.meta().source_id });
    let from = RawJson::from_value(&from).map_err(|error| EngineError::Unwritable { what: METADATA, error })?;
    extra.insert("imported".to_owned(), from);
    Ok(extra)
}

fn feed_records(records: &dyn RecordView, sink: &VaultSink<'_>) -> Result<()> {
    for mut collection in records.collections()? {
        collection.records = None;
        sink.begin_collection(&collection, FeedMode::Full)?;
        let mut batch = Vec::with_capacity(BATCH);
        for record in records.scan(&collection.name, None)? {
            batch.push(Change::Upsert(record?));
            if batch.len() == BATCH {
                sink.records(&collection.name, std::mem::take(&mut batch))?;
            }
        }
        sink.records(&collection.name, batch)?;
        sink.end_collection(&collection.name)?;
    }
    Ok(())
}

fn feed_files(files: &dyn FileView, meta: &SnapshotMeta, sink: &VaultSink<'_>) -> Result<()> {
    let mut above: Vec<String> = Vec::new();
    for entry in files.walk(None)? {
        let entry = entry?;
        while above.last().is_some_and(|above| !is_below(&entry.path, above)) {
            leave(&mut above, sink)?;
        }
        let hint = if meta.workspaces.iter().any(|workspace| workspace.path == entry.path) {
            page_hint(files, &entry.path)?
        } else {
            FileHint::Plain
        };
        sink.file(&entry, hint, &mut || match entry.kind {
            FileKind::File => Ok(Box::new(files.open(&entry.path)?)),
            _ => Ok(Box::new(std::io::empty())),
        })?;
        if entry.kind == FileKind::Directory {
            above.push(entry.path);
        }
    }
    while !above.is_empty() {
        leave(&mut above, sink)?;
    }
    Ok(())
}

fn leave(above: &mut Vec<String>, sink: &VaultSink<'_>) -> Result<()> {
    match above.pop() {
        Some(directory) => Ok(sink.leave_directory(&directory)?),
        None => Ok(()),
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Databases are cut into blocks at the borders of their pages, so that what a vault holds of them already is not stored again.
fn page_hint(files: &dyn FileView, path: &str) -> Result<FileHint> {
    let mut head = Vec::new();
    let content = files.open(path)?;
    let read = content.take(PAGE_SIZE_AT as u64 + 2).read_to_end(&mut head);
    read.map_err(|error| SourceError::io(path, error))?;
    let page = head
        .get(PAGE_SIZE_AT..)
        .and_then(|two| <[u8; 2]>::try_from(two).ok())
        .map_or(0, |two| u32::from(u16::from_be_bytes(two)));
    // 1 stands for 65,536 (SQLite file format, section 1.3.2).
    Ok(FileHint::Pages(BLOCK.max(if page == 1 { 1 << 16 } else { page })))
}

fn feed_assets(opened: &OpenedBundle, sink: &VaultSink<'_>) -> Result<()> {
    let bundle = opened.bundle();
    for entry in bundle.below("assets/") {
        let name = entry.name.rsplit('/').next().unwrap_or(entry.name);
        let mut content = bundle
            .content(entry.name, Some(&sink.cancel().flag()))
            .map_err(|error| of_bundle(entry.name, error))?;
        let hash = sink.asset(name, entry.size, &mut content)?;
        if !name.starts_with(&hash) {
            let message = "is called by the hash of other content";
            return Err(SourceError::new(backstay_model::ErrorKind::Damaged, entry.name, message).into());
        }
    }
    Ok(())
}
