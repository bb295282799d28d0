//! Bringing back into a place of the same kind: plan, writing and reading back are those of a real restore.

use std::{collections::HashMap, fs, path::Path, sync::Arc};

use backstay_journal::{Home, Journal, NewRestore, NewRun, Owner};
use backstay_model::{
    CollectionKind, ConflictPolicy, ErrorKind, FileKind, Gap, PlanHeader, RunKind, Selection, StepAction, TargetSpec,
};
use backstay_source::{Connector, Secrets, Source, SourceConfig};
use backstay_vault::Snapshot;

use super::{DrillError, pick::Picks, rows::compare_rows, scratch::Scratch, tally::Tally};
use crate::{
    Job, Result, State,
    restore::{
        PLAN_VERSION, PerformInput, PlanFile, PlanInput, PlanWriter, ReadBackInput, make_plan, perform, read_back, subject_name,
    },
};

/// A place on this computer needs no secrets.
struct NoSecrets;

impl Secrets for NoSecrets {
    fn get(&self, _: &str, _: &str) -> backstay_source::Result<Option<String>> {
        Ok(None)
    }
}

/// Whether a source of this kind is a path, so that a new one is simply another path.
pub(super) fn is_path(connector: &dyn Connector) -> bool {
    connector.options().iter().any(|option| option.name == "path" && option.path)
}

/// A restore in a scratch place.
pub(super) struct Restored {
    target: Arc<dyn Source>,
    plan: PlanFile,
    journal: Journal,
    run: String,
    gaps: Vec<Gap>,
    /// The right to write the journal.
    _owner: Owner,
}

/// What was brought back.
#[derive(Debug, Default)]
pub(super) struct Volume {
    pub bytes: u64,
    pub files: u64,
    pub records: u64,
}

impl Volume {
    pub(super) fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.files += other.files;
        self.records += other.records;
    }
}

impl Restored {
    /// Plans and writes.
    ///
    /// # Errors
    /// When the snapshot cannot be read or the place not be written as a whole, or the job is cancelled.
    pub(super) fn make(
        connector: &Arc<dyn Connector>,
        snapshot: &Snapshot,
        backup: &State,
        picks: &Picks,
        scratch: &Scratch,
        job: &Job<'_>,
    ) -> Result<Self> {
        let target = target(connector, backup, &scratch.folder("place")?)?;
        let home = Home::create(scratch.folder("home")?)?;
        let journal = Journal::open(&home)?;
        let now = job.clock.now();
        let owner = Owner::wait(&home, "drill", now, std::time::Duration::ZERO)?;
        let plan = planned(&*target, snapshot, backup, picks, &scratch.folder("plans")?, job)?;
        let new = NewRun {
            kind: RunKind::Restore,
            source: None,
            vault: None,
            snapshot: None,
            plan: None,
        };
        let run = journal.runs().begin(&owner, &new, now)?.id;
        let begin = NewRestore {
            plan_path: plan.path.display().to_string(),
            plan_hash: plan.checksum()?,
            steps: plan.header.counts.writes(),
            undoes: None,
        };
        journal.restores().begin(&run, &begin)?;
        let input = PerformInput {
            plan: &plan,
            backup,
            target: &*target,
            journal: &journal,
            run: &run,
            resumed: false,
        };
        let gaps = perform(&input, job)?.gaps;
        Ok(Self {
            target,
            plan,
            journal,
            run,
            gaps,
            _owner: owner,
        })
    }

    /// Reads everything back and compares it with the backup.
    ///
    /// # Errors
    /// When the place cannot be read as a whole, or the job is cancelled.
    pub(super) fn compare(self, backup: &State, rows: bool, tally: &mut Tally, job: &Job<'_>) -> Result<Volume> {
        let input = ReadBackInput {
            plan: &self.plan,
            backup,
            target: &*self.target,
            journal: &self.journal,
            run: &self.run,
        };
        let back = read_back(&input, job)?;
        // What could not be written is among what is not there when it is read back.
        let hopeless = self.gaps.iter().filter(|gap| gap.kind == ErrorKind::Unsupported).count();
        tally.many(back.checked, back.equal, hopeless as u64);
        self.gaps.into_iter().for_each(|gap| tally.list(gap));
        for (subject, message) in back.differences {
            tally.list(Gap {
                subject,
                kind: ErrorKind::Damaged,
                message,
            });
        }
        impossible(&self.plan, tally)?;
        let live = State::live(&*self.target, job.cancel)?;
        let mut volume = volume(&live, job)?;
        if rows {
            compare_rows(backup, &live, tally, job)?;
        }
        volume.records = records(&live)?;
        Ok(volume)
    }
}

/// The plan of the restore. Its place is new, so that nothing can stand against it.
fn planned(
    target: &dyn Source,
    snapshot: &Snapshot,
    backup: &State,
    picks: &Picks,
    folder: &Path,
    job: &Job<'_>,
) -> Result<PlanFile> {
    let mut out = PlanWriter::new(folder)?;
    let totals = make_plan(
        &PlanInput {
            backup,
            base: None,
            live: &State::live(target, job.cancel)?,
            can: &target.capabilities(),
            picked: &picks.restored,
            policy: ConflictPolicy::Skip,
            decided: &HashMap::new(),
        },
        job,
        &mut out,
    )?;
    out.finish(PlanHeader {
        version: PLAN_VERSION,
        plan_id: "drill".to_owned(),
        created: job.clock.now(),
        vault: String::new(),
        snapshot: snapshot.id.to_hex(),
        bundle: None,
        source: backup.meta.as_ref().map(|meta| meta.source_name.clone()).unwrap_or_default(),
        selection: Selection::default(),
        target: TargetSpec::New("a scratch place".to_owned()),
        policy: ConflictPolicy::Skip,
        options: std::collections::BTreeMap::new(),
        counts: totals.counts,
        bytes: totals.bytes,
    })
}

/// What the plan says cannot be brought back.
fn impossible(plan: &PlanFile, tally: &mut Tally) -> Result<()> {
    if plan.header.counts.create == plan.header.counts.writes() && plan.header.counts.impossible == 0 {
        return Ok(());
    }
    for step in plan.steps()? {
        let step = step?;
        if step.action != StepAction::Create {
            tally.missing(Gap {
                subject: subject_name(&step.subject),
                kind: ErrorKind::Unsupported,
                message: step.reason.unwrap_or_else(|| "cannot be brought back".to_owned()),
            });
        }
    }
    Ok(())
}

/// The source at the scratch place. The connector takes what is one file for one file only where it sees one.
fn target(connector: &Arc<dyn Connector>, backup: &State, place: &Path) -> Result<Arc<dyn Source>> {
    let one = single_file(backup)?;
    let path = one.as_ref().map_or_else(|| place.to_owned(), |name| place.join(name));
    let failed = |error| DrillError::Scratch {
        path: path.clone(),
        error,
    };
    if one.is_some() {
        fs::File::create_new(&path).map_err(failed)?;
    }
    let text = path.display().to_string();
    let config = SourceConfig {
        id: "drill".to_owned(),
        name: "a restore drill".to_owned(),
        options: serde_json::json!({ "path": text }),
    };
    // Another place, so that no rule of the settings' defaults leaves anything out.
    let target = connector.open(&config, &NoSecrets)?.at(&TargetSpec::New(text))?;
    if one.is_some() {
        fs::remove_file(&path).map_err(failed)?;
    }
    Ok(target)
}

/// Name of the file that is all the backup has.
fn single_file(backup: &State) -> Result<Option<String>> {
    let Some(files) = &backup.files else { return Ok(None) };
    let top = files.children("")?;
    match &top[..] {
        [only] if only.kind == FileKind::File && !only.path.contains(['%', '\\']) => Ok(Some(only.path.clone())),
        _ => Ok(None),
    }
}

/// Files and bytes in the place.
fn volume(live: &State, job: &Job<'_>) -> Result<Volume> {
    let mut volume = Volume::default();
    let Some(files) = &live.files else { return Ok(volume) };
    for entry in files.walk(None)? {
        job.cancel.check()?;
        let entry = entry?;
        volume.files += u64::from(entry.kind == FileKind::File);
        volume.bytes += entry.size;
    }
    Ok(volume)
}

/// Records in the place.
fn records(live: &State) -> Result<u64> {
    let Some(view) = &live.derived else { return Ok(0) };
    let mut records = 0;
    for about in view.collections()? {
        if about.kind == CollectionKind::Table {
            records += view.count(&about.name)?;
        }
    }
    Ok(records)
}
