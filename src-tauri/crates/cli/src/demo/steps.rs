//! The steps of the demo, in order.

use std::{fs, time::Duration};

use backstay_api::{
    commands,
    types::{BackupRequest, DiffReply, DiffRequest, LsRequest, Named, Nothing, SnapshotRef, VaultCreateRequest, VerifyRequest},
};
use backstay_model::{ChangeKind, Verdict};
use serde_json::{Map, Value};

use super::{
    back,
    child::Writer,
    failed,
    sample::{self, Facts},
    stage::Stage,
    story::Story,
};
use crate::{
    errors::{CliError, Result},
    print,
};

/// Places whose name is changed by mistake.
pub(super) const CHANGED: u64 = 5;
/// Places that are deleted by mistake.
pub(super) const DELETED: u64 = 3;

/// Tells the whole story.
///
/// # Errors
/// When a step cannot be done at all; proofs that fail are counted in the story instead.
pub fn tell(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    set_up(stage, story)?;
    back_up_busy(stage, story)?;
    let before = back_up_quiet(stage, story)?;
    verify(stage, story)?;
    damage(stage, story)?;
    let differences = compare(stage, story)?;
    back::selected(stage, story, &differences)?;
    back::everything(stage, story, &before)?;
    back::history(stage, story, &differences)?;
    back::outside(stage, story)?;
    Ok(())
}

fn set_up(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    let session = stage.session()?;
    story.step(
        "A sample workspace: the databases of a small app, as LiveStore lays them out",
        None,
    )?;
    let facts = Facts::read(&stage.state()).map_err(failed("reading the sample"))?;
    story.proof(
        "the sample is whole",
        facts.fit(),
        format!("{} places, {} in its folder", facts.places, print::bytes(size(stage)?)),
    )?;

    let vault = stage.vault();
    story.step(
        "Create a vault, where backups are kept",
        Some(&format!("backstay vault create safe --path {}", vault.display())),
    )?;
    let request = VaultCreateRequest {
        name: "safe".to_owned(),
        path: vault.display().to_string(),
        remember: false,
    };
    let row = session.quick::<commands::VaultCreate>(request)?;
    let keys = fs::read_dir(vault.join("keys"))
        .map_err(failed("looking into the vault"))?
        .count();
    story.proof(
        "it is there, with one key",
        keys == 1,
        format!("repository {}", print::short(&row.repository_id)),
    )?;

    let data = stage.data().display().to_string();
    story.step(
        "Add the app's folder as a source",
        Some(&format!("backstay source add sqlite planner --path {data}")),
    )?;
    let options: Map<String, Value> = [("path".to_owned(), Value::from(data))].into_iter().collect();
    let request = backstay_api::types::SourceAddRequest {
        kind: "sqlite".to_owned(),
        name: "planner".to_owned(),
        options,
        force: false,
        adopt: false,
    };
    session.quick::<commands::SourceAdd>(request)?;
    let probe = session.quick::<commands::SourceProbe>(Named {
        name: "planner".to_owned(),
    })?;
    let listed = session.quick::<commands::Sources>(Nothing {})?.sources.len();
    story.said(&print::setup::probe(&probe))?;
    story.proof(
        "it can be read",
        !probe.probe.found.is_empty() && listed == 1,
        probe.probe.found.join("; "),
    )
}

/// Bytes of all files of the sample.
fn size(stage: &Stage<'_>) -> Result<u64> {
    let dir = stage.data().join("trip-planner");
    let entries = fs::read_dir(dir).map_err(failed("looking into the sample"))?;
    Ok(entries
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum())
}

fn visits(stage: &Stage<'_>) -> Result<i64> {
    let db = sample::open(&stage.state()).map_err(failed("reading the sample"))?;
    db.query_row("SELECT visits FROM totals", [], |row| row.get(0))
        .map_err(failed("reading the sample"))
}

fn back_up_busy(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    let session = stage.session()?;
    story.step(
        "Back it up while another process keeps writing to it",
        Some("backstay backup planner"),
    )?;
    let mut writer = Writer::start(&stage.state())?;
    while visits(stage)? < 20 && writer.runs() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let at_start = visits(stage)?;
    let reply = session.long::<commands::Backup>(backup())?;
    let at_end = visits(stage)?;
    let (pid, alive) = (writer.pid(), writer.runs());
    writer.stop()?;
    story.said(&print::runs::backup(&reply))?;
    let wrote = format!(
        "process {pid} made {at_start} transactions before and {} during the backup",
        at_end - at_start
    );
    story.proof(
        "the other process kept writing",
        alive && at_end > at_start && at_start >= 20,
        wrote,
    )?;
    story.proof(
        "the backup is complete",
        reply.verdict == Verdict::Complete,
        print::verdict(reply.verdict),
    )?;
    let copy = stage.dir.join("copy-from-vault.db");
    back::extract(&session, "planner@latest", &copy)?;
    let facts = Facts::read(&copy).map_err(failed("reading the copy"))?;
    let within = (at_start..=at_end).contains(&facts.visits);
    let money = format!(
        "{} visits in the table and {} counted, {} cents of {}",
        facts.visits,
        facts.counted,
        facts.cents,
        sample::CENTS
    );
    story.proof("the copy in the vault shows one moment of it", facts.fit() && within, money)
}

pub(super) fn backup() -> BackupRequest {
    BackupRequest {
        sources: vec!["planner".to_owned()],
        ..BackupRequest::default()
    }
}

type Fingerprint = Vec<(String, String)>;

/// Two backups of the app at rest: the first takes what the writer left, the second finds nothing new.
fn back_up_quiet(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<Fingerprint> {
    let session = stage.session()?;
    story.step(
        "Back it up again, and once more when nothing changed",
        Some("backstay backup planner"),
    )?;
    session.long::<commands::Backup>(backup())?;
    let again = session.long::<commands::Backup>(backup())?;
    story.said(&print::runs::backup(&again))?;
    let (stored, all) = (again.runs.iter().map(|run| run.stored_bytes).sum::<u64>(), size(stage)?);
    let evidence = format!("{} stored for {} of databases", print::bytes(stored), print::bytes(all));
    story.proof(
        "what did not change is not stored again",
        again.verdict == Verdict::Complete && stored < all / 50,
        evidence,
    )?;
    sample::fingerprint(&stage.data()).map_err(failed("reading the sample"))
}

fn verify(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    story.step(
        "Verify the vault, reading every byte",
        Some("backstay verify safe --read-data"),
    )?;
    let request = VerifyRequest {
        vault: "safe".to_owned(),
        read_data: Some(100.0),
    };
    let reply = stage.session()?.long::<commands::Verify>(request)?;
    story.said(&print::keep::verify(&reply))?;
    let whole = reply.verdict == Verdict::Complete && reply.packs_read == reply.packs && reply.packs > 0;
    let evidence = format!(
        "{} of {} packs, {}",
        reply.packs_read,
        reply.packs,
        print::bytes(reply.bytes_read)
    );
    story.proof("everything was read and nothing is damaged", whole, evidence)
}

fn damage(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<()> {
    story.step(
        &format!("A bad day: {CHANGED} places are renamed and {DELETED} deleted by mistake"),
        None,
    )?;
    let wrong = failed("changing the sample");
    let mut db = sample::open(&stage.state()).map_err(&wrong)?;
    let change = db.transaction().map_err(&wrong)?;
    for n in 0..CHANGED {
        let renamed = change.execute(
            "UPDATE places SET name = 'renamed by mistake' WHERE id = ?1",
            [sample::place_id(n * 10 + 1)],
        );
        renamed.map_err(&wrong)?;
    }
    for n in 0..DELETED {
        // Places nobody refers to: ids not divisible by seven.
        change
            .execute("DELETE FROM places WHERE id = ?1", [sample::place_id(n * 70 + 1002)])
            .map_err(&wrong)?;
    }
    change.commit().map_err(&wrong)?;
    let facts = Facts::read(&stage.state()).map_err(&wrong)?;
    let left = sample::PLACES - DELETED;
    story.proof(
        "the rows are gone from the living database",
        facts.places.unsigned_abs() == left,
        format!("{} places left", facts.places),
    )
}

fn compare(stage: &Stage<'_>, story: &mut Story<'_>) -> Result<DiffReply> {
    story.step(
        "What changed since the last backup, field by field",
        Some("backstay diff planner@latest live"),
    )?;
    let at = |name: &str| SnapshotRef {
        snapshot: name.to_owned(),
        vault: None,
    };
    let session = stage.session()?;
    let request = DiffRequest {
        before: at("planner@latest"),
        after: at("live"),
        collection: None,
        summary: false,
        limit: 1000,
    };
    let reply = session.long::<commands::Diff>(request)?;
    let records: Vec<_> = reply.changes.iter().filter(|change| change.collection != "files").collect();
    story.said(&records.iter().copied().map(print::browse::change).collect::<String>())?;
    let of = |kind| records.iter().filter(|change| change.change == kind).count() as u64;
    let found = (of(ChangeKind::Changed), of(ChangeKind::Removed), of(ChangeKind::Added));
    let evidence = format!("{} changed, {} removed, {} added", found.0, found.1, found.2);
    story.proof("exactly these rows are found", found == (CHANGED, DELETED, 0), evidence)?;
    let fields: Vec<_> = records
        .iter()
        .flat_map(|change| &change.fields)
        .filter(|f| f.change == ChangeKind::Changed)
        .collect();
    let named = fields
        .iter()
        .all(|f| f.field == "/name" && f.after.as_ref().is_some_and(|v| v == "renamed by mistake"));
    story.proof(
        "and in them the one field that changed",
        named && fields.len() as u64 == CHANGED,
        format!("{} × name", fields.len()),
    )?;
    if records.is_empty() {
        return Err(CliError::Demo {
            step: "comparing".to_owned(),
            reason: "no difference was found to restore".to_owned(),
        });
    }
    let ls = LsRequest {
        at: at("planner@latest"),
        collection: Some(records[0].collection.clone()),
        offset: 0,
        limit: 1,
        search: None,
    };
    let total = session.quick::<commands::Ls>(ls)?.total;
    story.proof(
        "the backup still has every place",
        total == Some(sample::PLACES),
        format!("{} in the snapshot", total.unwrap_or(0)),
    )?;
    Ok(reply)
}
