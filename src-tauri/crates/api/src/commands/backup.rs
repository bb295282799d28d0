//! Backups: every source into every vault it goes to, each a run of its own.

use std::sync::{Arc, Mutex};

use backstay_engine::{
    Job, Reporter, backup,
    guard::{GuardRules, Trip},
};
use backstay_journal::{
    Counters, Event, EventLevel, Holdings, Named, NewRun, Owner, PlanRef, Reason, Run, RunEnd, Source as SourceRecord,
    Vault as VaultRecord,
};
use backstay_model::{ChangeCounts, CollectionKind, ErrorKind, Gap, Progress, RunKind, SnapshotMeta, Verdict};
use backstay_vault::Vault;
use serde_json::json;

use super::Command;
use crate::{
    ApiError, App, Context, Result,
    plans::guards,
    types::{BackupReply, BackupReport, BackupRequest, Topic},
    vaults,
};

/// Backs up sources.
pub struct Backup;

/// Databases whose tables are counted; each has to be opened for it.
const FEW: usize = 50;

/// Passes everything on to the caller's audience and keeps what belongs into the run's record.
pub(super) struct Recording<'a> {
    inner: &'a dyn Reporter,
    notes: Mutex<Vec<String>>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(inner: &'a dyn Reporter) -> Self {
        Self {
            inner,
            notes: Mutex::default(),
        }
    }

    /// The notes, as events of the run.
    pub(super) fn into_events(self, at: chrono::DateTime<chrono::Utc>) -> Vec<Event> {
        let notes = self.notes.into_inner().unwrap_or_default();
        notes
            .into_iter()
            .map(|message| Event {
                at,
                level: EventLevel::Info,
                message,
            })
            .collect()
    }
}

impl Reporter for Recording<'_> {
    fn progress(&self, progress: &Progress) {
        self.inner.progress(progress);
    }
    fn gap(&self, gap: &Gap) {
        self.inner.gap(gap);
    }
    fn note(&self, text: &str) {
        self.inner.note(text);
        if let Ok(mut notes) = self.notes.lock() {
            notes.push(text.to_owned());
        }
    }
}

/// How a run that failed ends.
pub(crate) fn failed_end(app: &App, error: &ApiError) -> RunEnd {
    let verdict = if error.code == ErrorKind::Cancelled {
        Verdict::Cancelled
    } else {
        Verdict::Failed
    };
    RunEnd {
        finished: app.now(),
        verdict,
        reason: Some(Reason {
            kind: error.code,
            message: error.message.clone(),
        }),
        counters: Counters::default(),
        snapshot: None,
    }
}

pub(crate) fn named(id: &str, name: &str) -> Named {
    Named {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

/// What stands around one backup.
pub(crate) struct Around<'a> {
    /// The plan and slot it belongs to.
    pub plan: Option<PlanRef>,
    /// When an alarm is raised about what vanished.
    pub guards: GuardRules,
    /// Tags of the snapshot.
    pub tags: &'a [String],
}

impl Command for Backup {
    const NAME: &'static str = "backup";
    const CHANGES: &'static [Topic] = &[
        Topic::Sources,
        Topic::Vaults,
        Topic::Snapshots,
        Topic::Runs,
        Topic::Audit,
        Topic::Plans,
        Topic::Holds,
    ];
    type Request = BackupRequest;
    type Reply = BackupReply;
    fn run(app: &App, context: &Context<'_>, request: BackupRequest) -> Result<BackupReply> {
        let sources = sources(app, &request)?;
        let mut jobs = Vec::new();
        for source in sources {
            let vaults = destinations(app, &source, &request)?;
            jobs.extend(vaults.into_iter().map(|vault| (source.clone(), vault)));
        }
        let owner = app.own()?;
        let mut runs: Vec<BackupReport> = Vec::new();
        for (source, vault) in jobs {
            // Once cancelled, what has not begun is not begun.
            if context.cancel.is_cancelled() && !runs.is_empty() {
                break;
            }
            let around = Around {
                plan: None,
                guards: guards::rules_of(app, &source.id)?,
                tags: &request.tags,
            };
            runs.push(one(app, context, &owner, &source, &vault, &around)?);
        }
        Ok(BackupReply {
            verdict: worst(&runs),
            runs,
        })
    }
}

pub(crate) fn worst(runs: &[BackupReport]) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Complete => 0,
        Verdict::Partial => 1,
        Verdict::Failed => 2,
        Verdict::Cancelled => 3,
    };
    runs.iter()
        .map(|run| run.verdict)
        .max_by_key(rank)
        .unwrap_or(Verdict::Complete)
}

fn sources(app: &App, request: &BackupRequest) -> Result<Vec<SourceRecord>> {
    if request.all {
        let all = app.journal().sources().list()?;
        if all.is_empty() {
            return Err(
                ApiError::new(ErrorKind::NotFound, "no source is set up, so nothing was backed up")
                    .hint("Add one with `backstay source add`."),
            );
        }
        return Ok(all);
    }
    if request.sources.is_empty() {
        return Err(ApiError::new(ErrorKind::Usage, "name at least one source")
            .hint("`backstay source list` lists them; `--all` takes all."));
    }
    request
        .sources
        .iter()
        .map(|name| Ok(app.journal().sources().get(name)?))
        .collect()
}

fn destinations(app: &App, source: &SourceRecord, request: &BackupRequest) -> Result<Vec<VaultRecord>> {
    let found = if request.vaults.is_empty() {
        app.journal().vaults().destinations(&source.id)?
    } else {
        request
            .vaults
            .iter()
            .map(|name| app.journal().vaults().get(name))
            .collect::<Result<_, _>>()?
    };
    if found.is_empty() {
        return Err(ApiError::new(
            ErrorKind::NotFound,
            format!("{:?} has no vault to go to, so nothing was backed up", source.name),
        )
        .hint("Create one with `backstay vault create NAME --path DIR`."));
    }
    Ok(found)
}

/// Backs up one source into one vault, as a run with a record.
pub(crate) fn one(
    app: &App,
    context: &Context<'_>,
    owner: &Owner,
    source: &SourceRecord,
    record: &VaultRecord,
    around: &Around<'_>,
) -> Result<BackupReport> {
    let new = NewRun {
        plan: around.plan.clone(),
        kind: RunKind::Backup,
        source: Some(named(&source.id, &source.name)),
        vault: Some(named(&record.id, &record.name)),
        snapshot: None,
    };
    let run = app.journal().runs().begin(owner, &new, app.now())?;
    let recording = Recording::new(context.reporter);
    let done = work(app, context, &recording, source, record, around);
    let finished = app.now();
    let mut report = begun(&run, source, record, finished);
    let end = match done {
        Ok(saved) => {
            app.journal().runs().note_holdings(&run.id, &saved.holdings)?;
            for trip in &saved.trips {
                report.held.extend(guards::hold(app, source, record, &run.id, &saved, trip)?);
            }
            complete(&mut report, saved.done, finished)
        }
        Err(error) => {
            let end = failed_end(app, &error.error);
            report.verdict = end.verdict;
            report.gaps = error.gaps.into_vec();
            report.error = Some(error.error);
            end
        }
    };
    let runs = app.journal().runs();
    runs.add_gaps(&run.id, &report.gaps)?;
    runs.add_events(&run.id, &recording.into_events(finished))?;
    runs.finish(&run.id, &end)?;
    app.audit(
        "backup",
        &source.name,
        json!({ "run": run.id, "vault": record.name, "verdict": end.verdict, "snapshot": end.snapshot }),
    )?;
    Ok(report)
}

/// The report of a run of which nothing is known yet but its times.
fn begun(run: &Run, source: &SourceRecord, record: &VaultRecord, finished: chrono::DateTime<chrono::Utc>) -> BackupReport {
    BackupReport {
        run: run.id.clone(),
        source: source.name.clone(),
        vault: record.name.clone(),
        verdict: Verdict::Failed,
        snapshot: None,
        started: run.started,
        seconds: (finished - run.started).as_seconds_f64(),
        gaps: Vec::new(),
        error: None,
        files: 0,
        file_bytes: 0,
        collections: Vec::new(),
        read_bytes: 0,
        stored_bytes: 0,
        unchanged_files: 0,
        held: Vec::new(),
    }
}

fn complete(report: &mut BackupReport, done: backup::BackupDone, finished: chrono::DateTime<chrono::Utc>) -> RunEnd {
    let meta = done.meta;
    let changes = meta.collections.iter().fold(ChangeCounts::default(), |sum, c| ChangeCounts {
        added: sum.added + c.changes.added,
        changed: sum.changed + c.changes.changed,
        removed: sum.removed + c.changes.removed,
        unchanged: sum.unchanged + c.changes.unchanged,
    });
    let records: u64 = meta.collections.iter().map(|c| c.records).sum();
    report.verdict = meta.verdict;
    report.snapshot = Some(done.snapshot.id.to_hex());
    report.gaps = meta.gaps;
    report.files = meta.files;
    report.file_bytes = meta.file_bytes;
    report.read_bytes = done.stats.bytes_read;
    report.stored_bytes = done.stats.bytes_stored;
    report.unchanged_files = done.unchanged_files;
    report.collections = meta.collections;
    RunEnd {
        finished,
        verdict: meta.verdict,
        reason: None,
        counters: Counters {
            items: report.files + records,
            bytes: report.read_bytes,
            stored_bytes: report.stored_bytes,
            changes,
        },
        snapshot: report.snapshot.clone(),
    }
}

/// A backup that left a snapshot.
pub(crate) struct Saved {
    /// What it did.
    pub done: backup::BackupDone,
    /// What the snapshot holds.
    pub holdings: Holdings,
    /// Guards that tripped.
    pub trips: Vec<Trip>,
    /// The snapshot it was compared with.
    pub before: Option<String>,
}

/// Why a backup failed, and what was missing by name.
struct Failure {
    error: ApiError,
    gaps: Box<[Gap]>,
}

impl<E: Into<ApiError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            gaps: Box::default(),
        }
    }
}

/// What the snapshot holds. Tables inside stored databases are counted at the source, whose schema was just read, and only
/// where there are few databases.
fn holdings(source: &dyn backstay_source::Source, meta: &SnapshotMeta, context: &Context<'_>) -> Holdings {
    let stored = meta.collections.len() as u64;
    let tables = || {
        let live = source.live_records(context.cancel).ok()??;
        let all = live.collections().ok()?;
        Some(
            all.iter()
                .filter(|collection| collection.kind == CollectionKind::Table)
                .count() as u64,
        )
    };
    let derived = (stored == 0 && (1..=FEW).contains(&meta.workspaces.len()))
        .then(tables)
        .flatten();
    Holdings {
        collections: derived.unwrap_or(stored),
        records: derived.is_none().then(|| meta.collections.iter().map(|c| c.records).sum()),
        files: meta.files,
        bytes: meta.file_bytes,
        workspaces: meta.workspaces.len() as u64,
    }
}

/// Notes that a vault has grown; one never counted before is counted.
fn grown(app: &App, record: &VaultRecord, vault: &Vault, by: u64) -> Result<()> {
    match app.journal().vaults().used(&record.id)? {
        Some(used) => app.journal().vaults().set_used(&record.id, used + by)?,
        None => {
            vaults::count_used(app, record, vault)?;
        }
    }
    Ok(())
}

fn work(
    app: &App,
    context: &Context<'_>,
    reporter: &dyn Reporter,
    source: &SourceRecord,
    record: &VaultRecord,
    around: &Around<'_>,
) -> Result<Saved, Failure> {
    let vault: Vault = vaults::open(app, context, record)?;
    let connector: Arc<_> = app.connector(&source.kind)?;
    let opened = app.open_source(source)?;
    let head = app.journal().audit().head()?;
    let input = backup::BackupInput {
        source: &*opened,
        connector: &connector,
        source_id: &source.id,
        source_name: &source.name,
        vault: &vault,
        tags: around.tags,
        audit_head: Some(head.to_string()),
    };
    let job = Job {
        cancel: context.cancel,
        clock: app.clock(),
        reporter,
    };
    match backup::backup(&input, &job) {
        Ok(done) => {
            app.journal().vaults().seen(&record.id, app.now())?;
            // A size that could not be counted makes no backup fail; the next check counts again.
            let _ = grown(app, record, &vault, done.stats.bytes_stored);
            let holdings = holdings(&*opened, &done.meta, context);
            let (trips, before) = guards::judge(app, &vault, &done.snapshot, &around.guards, &job);
            Ok(Saved {
                done,
                holdings,
                trips,
                before,
            })
        }
        Err(backstay_engine::EngineError::NothingRead { gaps }) => {
            let error = backstay_engine::EngineError::NothingRead { gaps: gaps.clone() }.into();
            Err(Failure {
                error,
                gaps: gaps.into(),
            })
        }
        Err(error) => Err(error.into()),
    }
}
