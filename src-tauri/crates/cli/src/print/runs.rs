//! Backups, runs and the audit trail as text.

use backstay_api::types::{AuditReply, AuditVerifyReply, BackupReply, BackupReport, RunDetail, RunRow, RunsReply};
use backstay_model::ChangeCounts;

use super::{bytes, code, count, counted, cut, facts, gaps, run_kind, short, short_run, table, time, verdict};

/// How backups ended.
#[must_use]
pub fn backup(reply: &BackupReply) -> String {
    reply.runs.iter().map(report).collect()
}

/// How one backup ended.
#[must_use]
pub fn report(run: &BackupReport) -> String {
    let snapshot = run
        .snapshot
        .as_deref()
        .map_or_else(|| "no snapshot".to_owned(), |id| format!("snapshot {}", short(id)));
    let mut text = format!(
        "{} → {}: {}, {snapshot}, {:.1} s\n",
        run.source,
        run.vault,
        verdict(run.verdict),
        run.seconds
    );
    if run.snapshot.is_some() {
        let kept = match run.unchanged_files {
            0 => String::new(),
            n => format!(" ({} unchanged, not read)", count(n)),
        };
        text.push_str(&format!(
            "  {}, {}{kept}; {} read, {} added to the vault\n",
            counted(run.files, "file", "files"),
            bytes(run.file_bytes),
            bytes(run.read_bytes),
            bytes(run.stored_bytes)
        ));
    }
    for c in &run.collections {
        let ChangeCounts {
            added, changed, removed, ..
        } = c.changes;
        text.push_str(&format!(
            "  {}: {}, +{added} ~{changed} -{removed}\n",
            c.name,
            counted(c.records, "record", "records")
        ));
    }
    text.push_str(&gaps(&run.gaps));
    text.push_str(&super::holds::tripped(&run.held));
    if let Some(error) = &run.error {
        text.push_str(&format!("  Error: {}\n", error.message));
        text.extend(error.hint.iter().map(|hint| format!("  Hint: {hint}\n")));
    }
    text
}

/// A list of runs, or one in detail.
#[must_use]
pub fn runs(reply: &RunsReply) -> String {
    if let Some(detail) = &reply.detail {
        return run_detail(detail);
    }
    if reply.runs.is_empty() {
        return "No run yet.\n".to_owned();
    }
    let rows = reply.runs.iter().map(|run| {
        let subject = [run.source.as_deref(), run.vault.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/");
        [
            short_run(&run.id),
            time(run.started),
            run_kind(run.kind).to_owned(),
            state(run),
            subject,
        ]
    });
    table(["RUN", "STARTED", "KIND", "VERDICT", "SOURCE/VAULT"], &[], rows)
}

fn state(run: &RunRow) -> String {
    let word = run
        .verdict
        .map_or(if run.finished.is_some() { "ended" } else { "running" }, verdict);
    match (run.can_undo, run.can_resume) {
        (_, true) => format!("{word}, can resume"),
        (true, _) => format!("{word}, can undo"),
        _ => word.to_owned(),
    }
}

fn run_detail(detail: &RunDetail) -> String {
    let run = &detail.run;
    let mut rows = vec![
        ("Run", run.id.clone()),
        ("Kind", run_kind(run.kind).to_owned()),
        ("Verdict", state(run)),
    ];
    rows.extend(run.source.iter().map(|name| ("Source", name.clone())));
    rows.extend(run.vault.iter().map(|name| ("Vault", name.clone())));
    rows.extend(run.plan.iter().map(|name| ("Plan", name.clone())));
    rows.extend(run.snapshot.iter().map(|id| ("Snapshot", id.clone())));
    rows.push(("Started", time(run.started)));
    rows.extend(run.finished.map(|end| ("Finished", time(end))));
    rows.push((
        "Done",
        format!("{}, {}", counted(detail.items, "item", "items"), bytes(detail.bytes)),
    ));
    rows.push(("Stored", bytes(detail.stored_bytes)));
    if let Some((kind, message)) = &run.reason {
        rows.push(("Reason", format!("{message} ({})", code(*kind))));
    }
    let mut text = facts(&rows);
    text.push_str(&gaps(&detail.gaps));
    text.extend(detail.events.iter().map(|(at, what)| format!("  {}  {what}\n", time(*at))));
    text
}

/// A page of the audit trail.
#[must_use]
pub fn audit(reply: &AuditReply, newest_first: bool) -> String {
    if reply.entries.is_empty() {
        return "No entry.\n".to_owned();
    }
    let rows = reply.entries.iter().map(|e| {
        let what = if e.object.is_empty() {
            e.action.clone()
        } else {
            format!("{} {}", e.action, cut(&e.object, 60))
        };
        [e.seq.to_string(), time(e.time), e.actor.clone(), what]
    });
    let mut text = table(["NO", "TIME", "WHO", "WHAT"], &[0], rows);
    let last = reply.entries.last().map_or(0, |e| e.seq);
    if newest_first {
        text.extend(reply.next.map(|next| format!("More with --before {next}\n")));
    } else if last < reply.total {
        text.push_str(&format!("{last} of {}; more with --after {last}\n", count(reply.total)));
    }
    text
}

/// Whether the audit trail is whole.
#[must_use]
pub fn audit_verified(reply: &AuditVerifyReply) -> String {
    let state = if reply.intact { "intact" } else { "NOT INTACT" };
    let mut text = format!(
        "The audit trail is {state}: {}, head {}\n",
        counted(reply.entries, "entry", "entries"),
        short(&reply.head)
    );
    text.push_str(&format!(
        "Heads kept in snapshots and confirmed: {}\n",
        count(reply.confirmed_by_snapshots)
    ));
    text.extend(reply.problems.iter().map(|problem| format!("  {problem}\n")));
    text
}
