//! Reading back after a restore: the target is read again and compared with what was to be there.

use std::collections::HashMap;

use backstay_journal::{Journal, RecordedStep};
use backstay_model::{FileKind, PlanStep, Stage, StepAction, StepState, Subject};
use backstay_source::Source;

use super::{PlanFile, results::fields_there, subject_name};
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
/// verified content of the vault was being written; where none was noted, with the backup itself.
///
/// # Errors
/// When the plan, the backup or the target as a whole cannot be read, or the job is cancelled.
pub fn read_back(input: &ReadBackInput<'_>, job: &Job<'_>) -> Result<ReadBack> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Verifying, Some(input.plan.header.counts.writes()), None);
    let live = State::live(input.target, job.cancel)?;
    let mut found = ReadBack::default();
    let mut batch = Vec::with_capacity(BATCH);
    for step in input.plan.steps()? {
        let step = step?;
        if !matches!(
            step.action,
            StepAction::Create | StepAction::Update | StepAction::KeepBoth | StepAction::Delete
        ) {
            continue;
        }
        batch.push(step);
        if batch.len() == BATCH {
            check(input, &live, &batch, job, &meter, &mut found)?;
            batch.clear();
        }
    }
    check(input, &live, &batch, job, &meter, &mut found)?;
    Ok(found)
}

/// Steps whose records are read from the journal together.
const BATCH: usize = 500;

fn check(
    input: &ReadBackInput<'_>,
    live: &State,
    batch: &[PlanStep],
    job: &Job<'_>,
    meter: &Meter<'_>,
    found: &mut ReadBack,
) -> Result<()> {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Ok(());
    };
    let recorded = input.journal.restores().recorded(input.run, first.index..last.index + 1)?;
    let recorded: HashMap<u64, RecordedStep> = recorded.into_iter().map(|step| (step.index, step)).collect();
    for step in batch {
        job.cancel.check()?;
        let noted = recorded.get(&step.index);
        let new_id = noted.and_then(|noted| match &noted.state {
            StepState::Done { new_id } => new_id.as_deref(),
            _ => None,
        });
        let problem = match &step.subject {
            Subject::Record { collection, id } if !step.only.is_empty() => {
                let (now, stored) = (live.record(collection, id)?, input.backup.record(collection, id)?);
                let same = fields_there(now.as_ref(), stored.as_ref(), &step.only);
                (!same).then_some("has other values in the chosen fields than the backup")
            }
            Subject::Record { collection, id } => record_problem(live, step, collection, id, new_id)?,
            Subject::File { path } => {
                let after = noted.and_then(|noted| noted.after.as_deref());
                file_problem(live, input.backup, step, path, new_id, after)?
            }
        };
        found.note(&step.subject, problem);
        meter.add(1, step.bytes, &subject_name(&step.subject));
    }
    Ok(())
}

fn record_problem(
    live: &State,
    step: &PlanStep,
    collection: &str,
    id: &str,
    new_id: Option<&str>,
) -> Result<Option<&'static str>> {
    if step.action == StepAction::KeepBoth {
        // The copy differs from the backup in its id, so that only its presence can be told.
        let there = match new_id {
            Some(id) => live.record(collection, id)?.is_some(),
            None => false,
        };
        return Ok((!there).then_some("the copy is not there"));
    }
    let now = live.record(collection, id)?.map(|record| record.hash.to_string());
    Ok(match (step.action, now) {
        (StepAction::Delete, None) => None,
        (StepAction::Delete, Some(_)) => Some("is still there"),
        (_, None) => Some("is not there"),
        (_, now) if now == step.backup => None,
        _ => Some("has other content than the backup"),
    })
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
