//! One backup run: source → vault, one snapshot, one verdict.

pub(crate) mod assets;
pub(crate) mod previous;
pub(crate) mod runs;
pub(crate) mod sink;

use std::sync::Arc;

use backstay_model::{FORMAT_VERSION, Gap, SnapshotMeta, Stage, Verdict};
use backstay_source::{Connector, Source};
use backstay_vault::{Chunking, FileAttrs, Snapshot, SnapshotDraft, Vault, WriterOptions, writer::WriteStats};

use crate::{
    EngineError, Job, Meter, Result,
    snapshot::{METADATA, TAG, TAG_PARTIAL},
};
use previous::Previous;
pub use previous::snapshots_of;
use runs::RunsInto;
use sink::{Found, VaultSink};

/// Everything a backup needs.
pub struct BackupInput<'a> {
    /// What is protected.
    pub source: &'a dyn Source,
    /// Its kind.
    pub connector: &'a Arc<dyn Connector>,
    /// Its stable id: snapshots carry it as their label.
    pub source_id: &'a str,
    /// Its name.
    pub source_name: &'a str,
    /// Where it goes.
    pub vault: &'a Vault,
    /// Further tags.
    pub tags: &'a [String],
    /// Head of the audit chain.
    pub audit_head: Option<String>,
}

/// A backup that ended with a snapshot.
#[derive(Debug)]
pub struct BackupDone {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// What it says about itself; *complete* or *partial*.
    pub meta: SnapshotMeta,
    /// Numbers of the vault.
    pub stats: WriteStats,
    /// Files taken over unread.
    pub unchanged_files: u64,
}

/// Backs up one source into one vault.
///
/// # Errors
/// When nothing usable could be read, the vault failed, or the job was cancelled: no snapshot is written then.
pub fn backup(input: &BackupInput<'_>, job: &Job<'_>) -> Result<BackupDone> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Preparing, None, None);
    let started = job.clock.now();
    let snapshots = input.vault.snapshots()?;
    let reader = input.vault.reader()?;
    let previous = Previous::find(&snapshots, input.source_id, &reader, input.connector);
    let writer = input.vault.writer(WriterOptions {
        cancel: Some(job.cancel.flag()),
        ..WriterOptions::default()
    })?;
    meter.stage(Stage::Reading, None, None);
    let attrs = FileAttrs {
        mode: Some(0o600),
        modified: Some(started),
        ..FileAttrs::default()
    };
    let runs = RunsInto {
        writer: &writer,
        previous: previous.as_ref(),
        attrs: &attrs,
    };
    let sink = VaultSink::new(&runs, job, &meter);
    let cursor = previous.as_ref().and_then(|previous| previous.meta.cursor.clone());
    let outcome = input.source.changes(cursor.as_ref(), &sink)?;
    job.cancel.check()?;
    meter.stage(Stage::Finishing, None, None);
    let found = sink.finish()?;
    if found.files == 0 && found.collections.is_empty() && !found.gaps.is_empty() {
        return Err(EngineError::NothingRead { gaps: found.gaps });
    }
    let unchanged_files = found.unchanged_files;
    // Changes of a collection that broke off are told again only from where the previous run ended.
    let next = if found.broke_off { cursor } else { outcome.cursor };
    let mut meta = describe(input, found, started, job.clock.now());
    meta.cursor = next;
    meta.api_version = outcome.api_version;
    let json = serde_json::to_vec_pretty(&meta).map_err(|error| EngineError::Unwritable { what: METADATA, error })?;
    writer.put_bytes(METADATA, &attrs, &json, Chunking::Whole)?;
    let mut draft = draft(input, &meta);
    draft.parent = previous.as_ref().map(|previous| previous.snapshot.id);
    // Every path the writer missed is in the metadata by name: the sink sees to that.
    draft.gaps = writer.gaps();
    let written = writer.commit(draft)?;
    Ok(BackupDone {
        snapshot: written.snapshot,
        meta,
        stats: written.stats,
        unchanged_files,
    })
}

/// The snapshot of a run, as lists show it.
fn draft(input: &BackupInput<'_>, meta: &SnapshotMeta) -> SnapshotDraft {
    let mut draft = SnapshotDraft::new(meta.started);
    draft.paths = vec![format!("/{}", input.source_name)];
    draft.label = input.source_id.to_owned();
    draft.description = Some(format!("{} {}", meta.source_kind, meta.source_name));
    draft.tags = vec![TAG.to_owned()];
    draft.tags.extend(input.tags.iter().cloned());
    if meta.verdict == Verdict::Partial {
        draft.tags.push(TAG_PARTIAL.to_owned());
    }
    draft
}

fn describe(
    input: &BackupInput<'_>,
    found: Found,
    started: chrono::DateTime<chrono::Utc>,
    finished: chrono::DateTime<chrono::Utc>,
) -> SnapshotMeta {
    let gaps: Vec<Gap> = found.gaps;
    SnapshotMeta {
        format_version: FORMAT_VERSION,
        program: concat!("backstay ", env!("CARGO_PKG_VERSION")).to_owned(),
        source_id: input.source_id.to_owned(),
        source_name: input.source_name.to_owned(),
        source_kind: input.connector.kind().to_owned(),
        connector_version: input.connector.version(),
        api_version: None,
        started,
        finished,
        verdict: if gaps.is_empty() {
            Verdict::Complete
        } else {
            Verdict::Partial
        },
        gaps,
        collections: found.collections,
        files: found.files,
        file_bytes: found.file_bytes,
        assets: found.assets,
        workspaces: found.workspaces,
        cursor: None,
        audit_head: input.audit_head.clone(),
        extra: std::collections::BTreeMap::new(),
    }
}
