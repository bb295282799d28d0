//! What a job is called, and how far it is, in words.

use backstay_api::types::JobView;
use serde_json::Value;

use crate::texts::Texts;

/// What a job does, as far as the shell cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Backup,
    Restore,
    Undo,
    Other,
}

/// What a job does.
pub(crate) fn job_kind(job: &JobView) -> Kind {
    match job.command.as_str() {
        "backup" => Kind::Backup,
        "restore.run" | "restore.resume" => Kind::Restore,
        "restore.undo" => Kind::Undo,
        "plan.run" if task(job) == "backup" => Kind::Backup,
        _ => Kind::Other,
    }
}

/// What of a plan a job does; its backup unless it says otherwise.
fn task(job: &JobView) -> &str {
    job.request.get("task").and_then(Value::as_str).unwrap_or("backup")
}

/// Whether the clock started a job, and not a person.
pub(crate) fn by_the_clock(job: &JobView) -> bool {
    job.command == "plan.run" && job.request.get("slot").is_some_and(|slot| !slot.is_null())
}

/// What a person calls a job.
pub(crate) fn job_title(job: &JobView, texts: &Texts) -> String {
    let of = |field: &str| job.request.get(field).and_then(Value::as_str).unwrap_or_default();
    let named = |key: &str, name: &str| texts.text(key, &[("name", name)]);
    match job.command.as_str() {
        "backup" => match one_source(&job.request) {
            Some(name) => named("job.backup", name),
            None => texts.text("job.backupAll", &[]),
        },
        "restore.run" | "restore.resume" => texts.text("job.restore", &[]),
        "restore.undo" => texts.text("job.undo", &[]),
        "vault.verify" => named("job.check", of("vault")),
        "vault.repair" => named("job.repair", of("vault")),
        "vault.prune" => named("job.clean", of("vault")),
        "snapshot.forget" => named("job.clean", of("source")),
        "bundle.export" | "file.save" => texts.text("job.export", &[]),
        "plan.run" => {
            let task = texts.text(&format!("task.{}", task(job)), &[]);
            texts.text("job.plan", &[("name", of("plan")), ("task", &task)])
        }
        "drill.run" => named("job.drill", of("source")),
        "bundle.import" => texts.text("job.import", &[]),
        other => named("job.other", other),
    }
}

fn one_source(request: &Value) -> Option<&str> {
    match request.get("sources")?.as_array()?.as_slice() {
        [name] => name.as_str(),
        _ => None,
    }
}

/// How far a job is, in one line. Shares only where the whole is known.
pub(crate) fn progress(job: &JobView, texts: &Texts) -> String {
    let what = job_title(job, texts);
    let what = ("what", what.as_str());
    if job.cancelling {
        return texts.text("tray.cancelling", &[what]);
    }
    let Some(progress) = &job.progress else {
        return texts.text("job.working", &[what]);
    };
    let share = progress
        .bytes_total
        .filter(|total| *total > 0)
        .map(|total| progress.bytes.min(total).saturating_mul(100) / total)
        .or_else(|| {
            let total = progress.items_total.filter(|total| *total > 0)?;
            Some(progress.items.min(total).saturating_mul(100) / total)
        });
    match (share, job.seconds_left) {
        (Some(percent), Some(seconds)) => {
            let (percent, left) = (percent.to_string(), left(seconds, texts));
            texts.text("job.left", &[what, ("percent", &percent), ("left", &left)])
        }
        (Some(percent), None) => texts.text("job.share", &[what, ("percent", &percent.to_string())]),
        (None, _) if progress.items > 0 => texts.text("job.count", &[what, ("n", &progress.items.to_string())]),
        _ => texts.text("job.working", &[what]),
    }
}

/// A rough time: nobody plans by the seconds of an estimate.
fn left(seconds: f64, texts: &Texts) -> String {
    let (key, n) = match seconds.max(1.0).ceil() {
        s if s < 60.0 => ("left.seconds", s),
        s if s < 3600.0 => ("left.minutes", (s / 60.0).ceil()),
        s => ("left.hours", (s / 3600.0).ceil()),
    };
    texts.text(key, &[("n", &format!("{n:.0}"))])
}
