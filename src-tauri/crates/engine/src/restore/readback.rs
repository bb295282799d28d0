//! Reading back after a restore: the target is read again and compared with what was to be there.

use std::collections::HashMap;

use backstay_journal::{Journal, RecordedStep};
use backstay_model::{ErrorKind, FileKind, PlanStep, Record, Stage, StepAction, StepState, Subject};
use backstay_source::{RecordView, Source};

use super::{
    PlanFile,
    perform::{collection_of, id_of},
    results::fields_there,
    subject_name,
};
use crate::{Job, Meter, Result, State};

/// Differences listed by name; all are counted.
const LISTED: usize = 100;

/// What reading back found.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct ReadBack {
    /// Items read again.
    pub checked: u64,
    /// Items that are as the plan wanted them.
    pub equal: u64,
    /// The first differences: subject and what is different.
    pub differences: Vec<(String, String)>,
}

impl ReadBack {
    /// Share of equal items in percent; 100 when nothing was to be checked.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn score(&self) -> f64 {
        if self.checked == 0 {
            100.0
        } else {
            self.equal as f64 * 100.0 / self.checked as f64
        }
    }

    fn note(&mut self, subject: &Subject, problem: Option<&str>) {
        self.checked += 1;
        match problem {
            None => self.equal += 1,
            Some(problem) if self.differences.len() < LISTED => {
                self.differences.push((subject_name(subject), problem.to_owned()));
            }
            Some(_) => {}
        }
    }
}

/// What is read back.
pub struct ReadBackInput<'a> {
    /// The plan that ran.
    pub plan: &'a PlanFile,
    /// The snapshot it restored from.
    pub backup: &'a State,
    /// The target.
    pub target: &'a dyn Source,
    /// Where its steps were recorded.
    pub journal: &'a Journal,
    /// The run that did it.
    pub run: &'a str,
}

/// Reads every written item of the plan at the target again. Content is compared with the hash that was noted while the
/// verified content of the vault was being written; where none was noted, with the backup itself. Of a record the target says how it
/// differs from the backup.
///
/// # Errors
/// When the plan, the backup or the target as a whole cannot be read, or the job is cancelled.
pub fn read_back(input: &ReadBackInput<'_>, job: &Job<'_>) -> Result<ReadBack> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Verifying, Some(input.plan.header.counts.writes()), None);
    let live = State::live(input.target, job.cancel)?;
    let mut back = Back {
        input,
        live: &live,
        job,
        meter: &meter,
        found: ReadBack::default(),
    };
    let mut batch: Vec<PlanStep> = Vec::with_capacity(BATCH);
    let mut bytes = 0;
    for step in input.plan.steps()? {
        let step = step?;
        if !matches!(
            step.action,
            StepAction::Create | StepAction::Update | StepAction::KeepBoth | StepAction::Delete
        ) {
            continue;
        }
        let full = batch.len() == BATCH || bytes + step.bytes > BATCH_BYTES;
        if batch
            .last()
            .is_some_and(|last| full || collection_of(last) != collection_of(&step))
        {
            back.check(&batch)?;
            batch.clear();
            bytes = 0;
        }
        bytes += step.bytes;
        batch.push(step);
    }
    back.check(&batch)?;
    Ok(back.found)
}

/// Steps whose records are read together.
const BATCH: usize = 1000;
/// Bytes of them, as the plan knows them.
const BATCH_BYTES: u64 = 16 << 20;

struct Back<'a> {
    input: &'a ReadBackInput<'a>,
    live: &'a State,
    job: &'a Job<'a>,
    meter: &'a Meter<'a>,
    found: ReadBack,
}

/// A step and the id under which it should be found.
struct Wanted<'a> {
    step: &'a PlanStep,
    noted: Option<&'a RecordedStep>,
    new_id: Option<&'a str>,
}

impl Back<'_> {
    /// Checks a batch of files, or of records of one collection.
    fn check(&mut self, batch: &[PlanStep]) -> Result<()> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(());
        };
        self.job.cancel.check()?;
        let recorded = self.input.journal.restores();
        let recorded = recorded.recorded(self.input.run, first.index..last.index + 1)?;
        let recorded: HashMap<u64, RecordedStep> = recorded.into_iter().map(|step| (step.index, step)).collect();
        let wanted: Vec<Wanted<'_>> = batch
            .iter()
            .map(|step| {
                let noted = recorded.get(&step.index);
                let new_id = noted.and_then(|noted| match &noted.state {
                    StepState::Done { new_id } => new_id.as_deref(),
                    _ => None,
                });
                Wanted { step, noted, new_id }
            })
            .collect();
        match collection_of(first) {
            Some(collection) => self.records(collection, &wanted),
            None => wanted.iter().try_for_each(|wanted| self.file(wanted)),
        }
    }

    fn note(&mut self, step: &PlanStep, problem: Option<&str>) {
        self.found.note(&step.subject, problem);
        self.meter.add(1, step.bytes, &subject_name(&step.subject));
    }

    fn records(&mut self, collection: &str, wanted: &[Wanted<'_>]) -> Result<()> {
        let view = self.live.records_of(collection)?;
        let mut there = vec![None; wanted.len()];
        if let Some(view) = view {
            // A copy lies under its new id; one that was not made is nowhere.
            let placed = wanted.iter().enumerate();
            let (at, ids): (Vec<_>, Vec<_>) = placed.filter_map(|(at, wanted)| Some((at, place(wanted)?))).unzip();
            for (at, found) in at.into_iter().zip(view.get_many(collection, &ids)?) {
                there[at] = found;
            }
        }
        let stored = self.stored(collection, wanted)?;
        for ((wanted, now), stored) in wanted.iter().zip(&there).zip(&stored) {
            self.job.cancel.check()?;
            let problem = record_problem(view, collection, wanted.step, now.as_ref(), stored.as_ref())?;
            self.note(wanted.step, problem.as_deref());
        }
        Ok(())
    }

    /// What the backup has of the records that are to be compared with it.
    fn stored(&self, collection: &str, wanted: &[Wanted<'_>]) -> Result<Vec<Option<Record>>> {
        let mut stored = vec![None; wanted.len()];
        let compared = |step: &PlanStep| matches!(step.action, StepAction::Create | StepAction::Update);
        let Some(view) = self.input.backup.records_of(collection)? else {
            return Ok(stored);
        };
        let at: Vec<usize> = (0..wanted.len()).filter(|at| compared(wanted[*at].step)).collect();
        let ids: Vec<&str> = at.iter().filter_map(|at| id_of(wanted[*at].step)).collect();
        match view.get_many(collection, &ids) {
            Ok(found) => at.into_iter().zip(found).for_each(|(at, found)| stored[at] = found),
            // One that is damaged does not keep the others from being compared.
            Err(_) => {
                for (at, id) in at.into_iter().zip(ids) {
                    stored[at] = match view.get(collection, id) {
                        Err(error) if error.kind == ErrorKind::Damaged => None,
                        other => other?,
                    };
                }
            }
        }
        Ok(stored)
    }

    fn file(&mut self, wanted: &Wanted<'_>) -> Result<()> {
        self.job.cancel.check()?;
        let Subject::File { path } = &wanted.step.subject else {
            return Ok(());
        };
        let after = wanted.noted.and_then(|noted| noted.after.as_deref());
        let problem = file_problem(self.live, self.input.backup, wanted.step, path, wanted.new_id, after)?;
        self.note(wanted.step, problem);
        Ok(())
    }
}

/// The id under which a step's record should be found.
fn place<'a>(wanted: &Wanted<'a>) -> Option<&'a str> {
    match wanted.step.action {
        StepAction::KeepBoth => wanted.new_id,
        _ => id_of(wanted.step),
    }
}

fn record_problem(
    view: Option<&dyn RecordView>,
    collection: &str,
    step: &PlanStep,
    now: Option<&Record>,
    stored: Option<&Record>,
) -> Result<Option<String>> {
    let is = |problem: &str| Ok(Some(problem.to_owned()));
    match (step.action, now, stored) {
        (StepAction::Delete, None, _) => Ok(None),
        (StepAction::Delete, Some(_), _) => is("is still there"),
        // A copy differs from the backup in its id, so that only its presence can be told.
        (StepAction::KeepBoth, Some(_), _) => Ok(None),
        (StepAction::KeepBoth, None, _) => is("the copy is not there"),
        (_, now, stored) if !step.only.is_empty() => {
            let same = fields_there(now, stored, &step.only);
            Ok((!same).then(|| "has other values in the chosen fields than the backup".to_owned()))
        }
        (_, None, _) => is("is not there"),
        (_, Some(_), None) => is("cannot be compared: the backup's record cannot be read"),
        (_, Some(now), Some(stored)) => match view {
            Some(view) => Ok(view.differs(collection, stored, now)?),
            None => is("is not there"),
        },
    }
}

fn file_problem(
    live: &State,
    backup: &State,
    step: &PlanStep,
    path: &str,
    new_id: Option<&str>,
    after: Option<&str>,
) -> Result<Option<&'static str>> {
    let Some(files) = &live.files else {
        return Ok(Some("the target has no files"));
    };
    let place = match (step.action, new_id) {
        (StepAction::KeepBoth, None) => return Ok(Some("the copy is not there")),
        (StepAction::KeepBoth, Some(beside)) => beside,
        _ => path,
    };
    let found = files.stat(place)?;
    if step.action == StepAction::Delete {
        return Ok(found.map(|_| "is still there"));
    }
    let wanted = match &backup.files {
        Some(stored) => stored.stat(path)?.zip(Some(stored)),
        None => None,
    };
    let (Some(found), Some((wanted, stored))) = (found, wanted) else {
        return Ok(Some("is not there"));
    };
    if std::mem::discriminant(&found.kind) != std::mem::discriminant(&wanted.kind) {
        return Ok(Some("is something else than in the backup"));
    }
    let expected = match after {
        Some(after) if wanted.kind == FileKind::File => after.to_owned(),
        _ => stored.identity(&wanted)?.to_string(),
    };
    let same = files
        .identity(&backstay_model::FileEntry {
            path: place.to_owned(),
            ..found
        })?
        .to_string()
        == expected;
    Ok((!same).then_some("has other content than the backup"))
}
