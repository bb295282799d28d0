//! Removing one snapshot by hand.

use backstay_engine::backup::snapshots_of;
use backstay_journal::{Counters, NewRun, RunEnd};
use backstay_model::{ErrorKind, RunKind, Verdict};
use backstay_vault::maintain::forget::forget;
use serde_json::json;

use super::{
    Command, Guard,
    backup::{failed_end, named},
    keep::watching,
};
use crate::{
    ApiError, App, Context, Result, names,
    types::{Nothing, SnapshotRef, SnapshotRemoveRequest, Topic},
};

/// Removes one snapshot; its content stays in the vault until the next prune.
pub struct SnapshotRemove;

impl Command for SnapshotRemove {
    const NAME: &'static str = "snapshot.remove";
    const CHANGES: &'static [Topic] = &[Topic::Snapshots, Topic::Vaults, Topic::Runs, Topic::Audit];
    const GUARD: Guard = Guard::Deletes;
    type Request = SnapshotRemoveRequest;
    type Reply = Nothing;
    fn run(app: &App, context: &Context<'_>, request: SnapshotRemoveRequest) -> Result<Nothing> {
        let at = SnapshotRef {
            snapshot: request.snapshot,
            vault: request.vault,
        };
        let found = names::snapshot(app, context, &at)?;
        if !request.last {
            keep_one(app, &found)?;
        }
        let owner = app.own()?;
        let (id, record) = (found.snapshot.id.to_hex(), &found.record);
        let source = app.journal().sources().get(&found.snapshot.label).ok();
        let new = NewRun {
            kind: RunKind::Forget,
            source: source.map(|source| named(&source.id, &source.name)),
            vault: Some(named(&record.id, &record.name)),
            snapshot: Some(id.clone()),
            plan: None,
        };
        let run = app.journal().runs().begin(&owner, &new, app.now())?;
        let done = forget(&found.vault, &[found.snapshot.id], &watching(context)).map_err(ApiError::from);
        let end = match &done {
            Ok(done) => RunEnd {
                finished: app.now(),
                verdict: Verdict::Complete,
                reason: None,
                counters: Counters {
                    items: done.removed.len() as u64,
                    ..Counters::default()
                },
                snapshot: None,
            },
            Err(error) => failed_end(app, error),
        };
        app.journal().runs().finish(&run.id, &end)?;
        let detail = json!({ "run": run.id, "vault": record.name, "snapshot": id, "last": request.last, "verdict": end.verdict });
        app.audit("snapshot.remove", &id, detail)?;
        done.map(|_| Nothing {})
    }
}

/// Refuses to remove the only snapshot that shows a source whole.
fn keep_one(app: &App, found: &names::Found) -> Result<()> {
    let wanted = names::row(app, &found.record.name, &found.snapshot);
    if wanted.safety || wanted.verdict != Some(Verdict::Complete) {
        return Ok(());
    }
    let all = found.vault.snapshots()?;
    let others = snapshots_of(&all, &found.snapshot.label)
        .filter(|other| other.id != found.snapshot.id)
        .any(|other| names::row(app, &found.record.name, other).verdict == Some(Verdict::Complete));
    if others {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorKind::Refused,
        format!(
            "it is the last complete snapshot of {:?} in the vault {:?}; nothing was removed",
            wanted.source, found.record.name
        ),
    )
    .hint("Confirm that the last one may go, or back up first."))
}
