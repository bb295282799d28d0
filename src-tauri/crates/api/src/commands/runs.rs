//! What happened: runs and the audit trail.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use backstay_engine::snapshot::read_meta;
use backstay_journal::{AuditFault, AuditFilter, JournalError, Run, RunFilter, RunStatus};
use backstay_model::{ErrorKind, RunKind, Verdict};
use backstay_source::SourceError;

use super::Command;
use crate::{
    ApiError, App, Context, Result, names,
    types::{
        AuditBreak, AuditBreakKind, AuditReply, AuditRequest, AuditRow, AuditVerifyReply, Nothing, PathRequest, RunDetail,
        RunRow, RunsReply, RunsRequest, WrittenReply,
    },
    vaults,
};

/// Lists runs, or shows one.
pub struct Runs;
/// Pages through the audit trail.
pub struct Audit;
/// Checks the audit trail, also against the heads stored in snapshots.
pub struct AuditVerify;
/// Writes the whole audit trail into a file.
pub struct AuditExport;

/// Gaps and events shown of one run.
const SHOWN: usize = 10_000;

pub(super) fn row(app: &App, run: &Run) -> RunRow {
    let restore = matches!(run.kind, RunKind::Restore | RunKind::Undo | RunKind::Settle)
        .then(|| app.journal().restores().get(&run.id).ok())
        .flatten();
    let wrote = |id: &str| app.journal().restores().counts(id).is_ok_and(|counts| counts.done > 0);
    let doubtful = |id: &str| app.journal().restores().counts(id).is_ok_and(|counts| counts.intent > 0);
    let can_undo = restore
        .as_ref()
        .is_some_and(|r| r.undone_by.is_none() && run.verdict.is_some() && wrote(&run.id));
    let interrupted = run.status() != RunStatus::Running && !matches!(run.verdict, Some(Verdict::Complete));
    RunRow {
        id: run.id.clone(),
        kind: run.kind,
        source: run.source.as_ref().map(|s| s.name.clone()),
        vault: run.vault.as_ref().map(|v| v.name.clone()),
        snapshot: run.snapshot.clone(),
        started: run.started,
        finished: run.finished,
        verdict: run.verdict,
        reason: run.reason.as_ref().map(|r| (r.kind, r.message.clone())),
        gaps: (run.gaps > 0).then_some(run.gaps),
        stored: (run.counters.stored_bytes > 0).then_some(run.counters.stored_bytes),
        plan: run.plan.as_ref().map(|plan| plan.name.clone()),
        can_undo,
        // Of a settled conflict only what became of it can be found out: its content is not kept.
        can_resume: interrupted
            && (run.kind != RunKind::Settle || doubtful(&run.id))
            && restore.is_some_and(|r| r.undone_by.is_none()),
    }
}

impl Command for Runs {
    const NAME: &'static str = "run.list";
    type Request = RunsRequest;
    type Reply = RunsReply;
    fn run(app: &App, _: &Context<'_>, request: RunsRequest) -> Result<RunsReply> {
        if let Some(id) = &request.id {
            let run = app.journal().runs().get(id)?;
            let gaps = app.journal().runs().gaps(&run.id, None, SHOWN)?.rows;
            let events = app.journal().runs().events(&run.id, None, SHOWN)?.rows;
            let shown = row(app, &run);
            let detail = RunDetail {
                run: shown.clone(),
                items: run.counters.items,
                bytes: run.counters.bytes,
                stored_bytes: run.counters.stored_bytes,
                gaps,
                events: events.into_iter().map(|event| (event.at, event.message)).collect(),
            };
            return Ok(RunsReply {
                runs: vec![shown],
                detail: Some(detail),
            });
        }
        let source = request
            .source
            .as_deref()
            .map(|name| app.journal().sources().get(name))
            .transpose()?;
        let plan = match &request.plan {
            Some(name) => Some(app.journal().plans().get(name)?.id),
            None => None,
        };
        let filter = RunFilter {
            plan,
            source: source.map(|s| s.id),
            kinds: request.kind.into_iter().collect(),
            verdicts: request.verdict.into_iter().collect(),
            ..RunFilter::default()
        };
        let limit = if request.limit == 0 {
            50
        } else {
            usize::try_from(request.limit).unwrap_or(usize::MAX)
        };
        let runs = app.journal().runs().list(&filter, None, limit)?.rows;
        Ok(RunsReply {
            runs: runs.iter().map(|run| row(app, run)).collect(),
            detail: None,
        })
    }
}

impl Command for Audit {
    const NAME: &'static str = "audit.list";
    type Request = AuditRequest;
    type Reply = AuditReply;
    fn run(app: &App, _: &Context<'_>, request: AuditRequest) -> Result<AuditReply> {
        let limit = if request.limit == 0 {
            100
        } else {
            usize::try_from(request.limit).unwrap_or(usize::MAX)
        };
        let page = match asked(&request) {
            Some(filter) => app.journal().audit().filtered(&filter, request.before, limit)?,
            None => app
                .journal()
                .audit()
                .oldest((request.after > 0).then_some(request.after), limit)?,
        };
        let next = page.next.filter(|_| asked(&request).is_some());
        let rows = page.rows;
        let entries = rows.into_iter().map(|row| AuditRow {
            seq: row.seq,
            time: row.time,
            actor: row.actor,
            program: row.program,
            action: row.action,
            object: row.object,
            detail: row.detail.value().unwrap_or(serde_json::Value::Null),
            previous: row.prev,
            hash: row.hash,
        });
        Ok(AuditReply {
            entries: entries.collect(),
            total: app.journal().audit().head()?.seq,
            next,
        })
    }
}

/// What is asked of entries; `None` when all are wanted in order.
fn asked(request: &AuditRequest) -> Option<AuditFilter> {
    let filter = AuditFilter {
        text: request.text.clone(),
        action: request.action.clone(),
        object: request.object.clone(),
        actor: request.actor.clone(),
        since: request.since,
        until: request.until,
    };
    let texts = [&filter.text, &filter.action, &filter.object, &filter.actor];
    let any = texts.iter().any(|text| text.is_some()) || filter.since.is_some() || filter.until.is_some();
    (any || request.before.is_some()).then_some(filter)
}

impl Command for AuditVerify {
    const NAME: &'static str = "audit.verify";
    type Request = Nothing;
    type Reply = AuditVerifyReply;
    fn run(app: &App, context: &Context<'_>, _: Nothing) -> Result<AuditVerifyReply> {
        let mut problems = Vec::new();
        let mut known = Vec::new();
        for record in app.journal().vaults().list()? {
            // Vaults out of reach cannot testify; the chain itself is checked all the same.
            let heads = vaults::open(app, context, &record).and_then(|vault| heads(app, &vault));
            match heads {
                Ok(found) => known.extend(found),
                Err(error) => problems.push(format!("vault {} was not asked: {}", record.name, error.message)),
            }
        }
        let confirmed = known.len() as u64;
        let (broken, head) = match app.journal().audit().verify_against(&known) {
            Ok(head) => (None, head),
            Err(JournalError::Audit(fault)) => {
                problems.insert(0, fault.to_string());
                (Some(broken_at(&fault)), app.journal().audit().head()?)
            }
            Err(error) => return Err(error.into()),
        };
        Ok(AuditVerifyReply {
            intact: broken.is_none(),
            entries: head.seq,
            head: head.hash,
            confirmed_by_snapshots: if broken.is_none() { confirmed } else { 0 },
            broken,
            problems,
        })
    }
}

/// A fault of the chain as the window tells it: one kind, one entry.
fn broken_at(fault: &AuditFault) -> AuditBreak {
    let (kind, entry) = match *fault {
        AuditFault::Changed { seq } => (AuditBreakKind::Changed, seq),
        AuditFault::OutOfOrder { expected, .. } => (AuditBreakKind::Missing, expected),
        AuditFault::Unlinked { seq } => (AuditBreakKind::Unlinked, seq),
        AuditFault::Cut { last, .. } => (AuditBreakKind::Cut, last + 1),
        AuditFault::Rewritten { seq } => (AuditBreakKind::Rewritten, seq),
        AuditFault::Unreadable { after } => (AuditBreakKind::Unreadable, after + 1),
    };
    AuditBreak { kind, entry }
}

/// The heads this Backstay noted in its snapshots.
fn heads(app: &App, vault: &backstay_vault::Vault) -> Result<Vec<backstay_journal::AuditHead>> {
    let reader = vault.reader()?;
    let sources = app.journal().sources().list()?;
    // Snapshots from before a source was adopted here carry heads of another chain.
    let ours = |label: &str, time| sources.iter().any(|source| source.id == label && source.created <= time);
    let all = vault.snapshots()?;
    let mine = all.good.iter().filter(|s| ours(&s.label, s.time) && !names::is_safety(s));
    let metas = mine.filter_map(|snapshot| read_meta(&reader, snapshot).ok());
    Ok(metas.filter_map(|meta| meta.audit_head?.parse().ok()).collect())
}

impl Command for AuditExport {
    const NAME: &'static str = "audit.export";
    type Request = PathRequest;
    type Reply = WrittenReply;
    fn run(app: &App, _: &Context<'_>, request: PathRequest) -> Result<WrittenReply> {
        let to = std::path::absolute(&request.path)
            .map_err(|error| ApiError::new(ErrorKind::Usage, format!("{:?} is not a path: {error}", request.path)))?;
        let failed = |error| ApiError::from(SourceError::io(to.display().to_string(), error));
        let mut file = tempfile::NamedTempFile::new_in(to.parent().unwrap_or(Path::new("/"))).map_err(failed)?;
        let mut out = BufWriter::new(&mut file);
        audit_export(app, &mut out)?;
        out.flush().map_err(failed)?;
        drop(out);
        file.as_file().sync_all().map_err(failed)?;
        // A dialog asked already whether the file may be replaced.
        file.persist(&to).map_err(|error| failed(error.error))?;
        Ok(WrittenReply {
            path: to.display().to_string(),
        })
    }
}

/// Writes the whole audit trail as NDJSON.
///
/// # Errors
/// When it cannot be read, or `out` fails.
pub fn audit_export(app: &App, out: &mut dyn Write) -> Result<()> {
    app.journal().audit().export(out)?;
    Ok(())
}
