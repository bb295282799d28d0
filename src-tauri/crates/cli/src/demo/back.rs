//! The second half of the demo: bringing things back, and proving that they are.

use std::{fs, io::Write, path::Path, process::Command};

use backstay_api::{
    Context, Silent, commands,
    types::{
        CatRequest, DiffReply, HistoryRequest, Nothing, PlanReply, RestoreReply, RestoreRequest, RestoreSource, SnapshotRef,
        UndoRequest,
    },
};
use backstay_model::{ChangeKind, ConflictPolicy, RecordChange, Selection, TargetSpec, Verdict};
use sha2::{Digest, Sha256};

use super::{
    failed,
    sample::{self, Facts},
    stage::Stage,
    steps::{CHANGED, DELETED, backup},
    story::Story,
};
use crate::{errors::Result, print, session::Session};

fn latest() -> SnapshotRef {
    SnapshotRef {
        snapshot: "planner@latest".to_owned(),
        vault: None,
    }
}

/// Writes the app's main database, as it is in a snapshot, to `to`.
///
/// # Errors
/// When it cannot be read.
pub fn extract(session: &Session<'_>, snapshot: &str, to: &Path) -> Result<()> {
    let at = SnapshotRef {
        snapshot: snapshot.to_owned(),
        vault: None,
    };
    let shown = session.quick::<commands::Show>(at.clone())?;
    let workspaces = shown.metadata.map(|meta| meta.workspaces).unwrap_or_default();
    let state = workspaces.iter().find(|w| w.path.contains("state")).map(|w| w.path.clone());
    let path = state.ok_or_else(|| failed("looking into the snapshot")("it names no state database"))?;
    let mut file = fs::File::create(to).map_err(failed("writing the copy"))?;
    let context = Context {
        cancel: session.cancel,
        reporter: &Silent,
        passwords: &session.passwords,
    };
    commands::cat(&session.app, &context, &CatRequest { at, path }, &mut file)?;
    file.flush().map_err(failed("writing the copy"))
}

fn records(differences: &DiffReply) -> impl Iterator<Item = &RecordChange> {
    differences.changes.iter().filter(|change| change.collection != "files")
}

fn digest(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(failed("reading the sample"))?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn plan(session: &Session<'_>, only: Vec<String>, target: TargetSpec) -> Result<PlanReply> {
    session.quick::<commands::Plan>(RestoreRequest {
        from: RestoreSource::Snapshot(latest()),
        selection: Selection {
            only,
            ..Selection::default()
        },
        target,
        // The mistakes are newer than the backup: the backup shall win.
        policy: ConflictPolicy::Remote,
        decisions: Vec::new(),
        options: std::collections::BTreeMap::new(),
    })
}

fn perform(session: &Session<'_>, plan: &PlanReply) -> Result<RestoreReply> {
    session.long::<commands::RunPlan>(commands::RunPlanRequest { path: plan.path.clone() })
}

/// Preview, restore of the selected rows, undo.
///
/// # Errors
/// When a step cannot be done at all.
pub fn selected(stage: &Stage<'_>, story: &mut Story<'_>, differences: &DiffReply) -> Result<()> {
    let session = stage.session()?;
    let all: Vec<String> = records(differences).map(|c| format!("{}/{}", c.collection, c.id)).collect();
    // One mistake is left as it is, to show that only what was chosen is touched.
    let (left, chosen) = all
        .split_first()
        .map(|(left, chosen)| (left.as_str(), chosen))
        .unwrap_or_default();
    let shown = chosen.first().map_or("", String::as_str);
    let command = format!("backstay restore planner@latest --only {shown},… --in-place --on-conflict remote");
    let damaged = sample::fingerprint(&stage.data()).map_err(failed("reading the sample"))?;

    story.step(
        "Preview: what a restore of all but one of these rows would do",
        Some(&format!("{command} --dry-run")),
    )?;
    let planned = preview(stage, story, &session, chosen)?;
    story.step("Restore these rows in the living database", Some(&format!("{command} --yes")))?;
    let report = perform(&session, &planned)?;
    story.said(&print::restore::report(&report))?;
    let back = &report.read_back;
    let score = format!("{} of {} rows read back equal, {:.0} %", back.equal, back.checked, back.score);
    let equal = report.verdict == Verdict::Complete && back.equal == chosen.len() as u64;
    story.proof("the rows are back", equal, score)?;
    let facts = Facts::read(&stage.state()).map_err(failed("reading the sample"))?;
    let wrong = renamed(stage)?;
    let evidence = format!("{} places, {wrong} still renamed ({left})", facts.places);
    let only = facts.fit() && facts.places.unsigned_abs() == sample::PLACES && wrong == 1;
    story.proof("nothing else was touched", only, evidence)?;

    let command = format!("backstay undo {}", print::short_run(&report.run));
    story.step("Undo the restore", Some(&command))?;
    let (run, policy) = (report.run, ConflictPolicy::Skip);
    let undone = session.long::<commands::Undo>(UndoRequest { run, policy })?;
    story.said(&print::restore::undone(&undone))?;
    let now = sample::fingerprint(&stage.data()).map_err(failed("reading the sample"))?;
    let evidence = format!("all rows of {} tables compared, {} renamed again", now.len(), renamed(stage)?);
    let as_before = undone.verdict == Verdict::Complete && now == damaged;
    story.proof("every row is as it was before the restore", as_before, evidence)
}

fn preview(stage: &Stage<'_>, story: &mut Story<'_>, session: &Session<'_>, chosen: &[String]) -> Result<PlanReply> {
    let bytes = digest(&stage.state())?;
    let planned = plan(session, chosen.to_vec(), TargetSpec::InPlace)?;
    story.said(&print::restore::plan(&planned))?;
    let counts = planned.plan.counts;
    let evidence = format!("{} to create, {} to change", counts.create, counts.update);
    let exactly = (counts.create, counts.update) == (DELETED, CHANGED - 1);
    story.proof("the plan has exactly the chosen rows", exactly, evidence)?;
    let same = digest(&stage.state())? == bytes;
    let evidence = format!("sha256 {} before and after", print::short(&bytes));
    story.proof("the preview changed nothing", same, evidence)?;
    Ok(planned)
}

fn renamed(stage: &Stage<'_>) -> Result<u64> {
    let db = sample::open(&stage.state()).map_err(failed("reading the sample"))?;
    let count = db.query_row("SELECT count(*) FROM places WHERE name = 'renamed by mistake'", [], |row| {
        row.get::<_, i64>(0)
    });
    Ok(count.map_err(failed("reading the sample"))?.unsigned_abs())
}

/// The whole source into a new place.
///
/// # Errors
/// When it cannot be done at all.
pub fn everything(stage: &Stage<'_>, story: &mut Story<'_>, before: &[(String, String)]) -> Result<()> {
    let session = stage.session()?;
    let to = stage.elsewhere();
    let command = format!("backstay restore planner@latest --to {}", to.display());
    story.step("Restore everything into a new place", Some(&command))?;
    let live = sample::fingerprint(&stage.data()).map_err(failed("reading the sample"))?;
    let planned = plan(&session, Vec::new(), TargetSpec::New(to.display().to_string()))?;
    let report = perform(&session, &planned)?;
    story.said(&print::restore::report(&report))?;
    let evidence = format!("{} of {} read back equal", report.read_back.equal, report.read_back.checked);
    story.proof("the restore is complete", report.verdict == Verdict::Complete, evidence)?;
    let restored = sample::fingerprint(&to).map_err(failed("reading the restored databases"))?;
    let evidence = format!("{} tables, all rows and values compared", restored.len());
    story.proof(
        "it equals the app's databases at the time of the backup",
        restored == before && !restored.is_empty(),
        evidence,
    )?;
    let facts = Facts::read(&sample::state_file(&to)).map_err(failed("reading the restored databases"))?;
    story.proof(
        "the restored database is whole",
        facts.fit(),
        format!("{} places, {} visits", facts.places, facts.visits),
    )?;
    let now = sample::fingerprint(&stage.data()).map_err(failed("reading the sample"))?;
    story.proof(
        "the living databases were not touched",
        now == live,
        format!("{} tables compared", now.len()),
    )
}

/// One more backup, and the versions of one row.
///
/// # Errors
/// When it cannot be done at all.
pub fn history(stage: &Stage<'_>, story: &mut Story<'_>, differences: &DiffReply) -> Result<()> {
    let Some(row) = records(differences).find(|change| change.change == ChangeKind::Changed) else {
        return Ok(());
    };
    let session = stage.session()?;
    story.step(
        "All versions of one row",
        Some(&format!("backstay history planner {} {}", row.collection, row.id)),
    )?;
    session.long::<commands::Backup>(backup())?;
    let (source, collection, id) = ("planner".to_owned(), row.collection.clone(), row.id.clone());
    let reply = session.long::<commands::History>(HistoryRequest {
        source,
        collection,
        id,
        vault: None,
    })?;
    story.said(&print::browse::history(&reply))?;
    let held: Vec<u64> = reply.versions.iter().map(|version| version.snapshots).collect();
    story.proof(
        "two versions: right in three snapshots, wrong in the fourth",
        held == [3, 1],
        format!("{held:?}"),
    )
}

/// What does not depend on this program's word: the stock restic program, and the audit trail.
///
/// # Errors
/// When it cannot be done at all.
pub fn outside(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    story.step("The audit trail of all this", Some("backstay audit verify"))?;
    let audit = stage.session()?.quick::<commands::AuditVerify>(Nothing {})?;
    story.said(&print::runs::audit_verified(&audit))?;
    story.proof(
        "the trail is whole",
        audit.intact && audit.entries > 0,
        format!("{} entries", audit.entries),
    )?;

    let vault = stage.vault();
    story.step(
        "Without Backstay: the stock restic program reads the vault",
        Some(&format!("restic -r {} check --read-data", vault.display())),
    )?;
    let mut restic = Command::new("restic");
    restic.arg("-r").arg(&vault).args(["--no-cache", "check", "--read-data"]);
    let ran = restic.env("RESTIC_PASSWORD_FILE", stage.dir.join("password")).output();
    let Ok(ran) = ran else {
        return story.said("restic is not installed here, so this was not tried.");
    };
    let text = String::from_utf8_lossy(&ran.stdout);
    let last = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("said nothing")
        .to_owned();
    story.proof("restic finds no error", ran.status.success(), last)
}
