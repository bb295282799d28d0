//! Reading back after a restore: the target is read again and compared with what was to be there.

use backstay_model::{FileKind, PlanStep, Stage, StepAction, Subject};
use backstay_source::Source;

use super::{PlanFile, subject_name};
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

/// Reads every written item of the plan at `target` again. `new_id` tells the id an item got, if another.
///
/// # Errors
/// When the plan, the backup or the target as a whole cannot be read, or the job is cancelled.
pub fn read_back(
    plan: &PlanFile,
    backup: &State,
    target: &dyn Source,
    new_id: &dyn Fn(&Subject) -> Result<Option<String>>,
    job: &Job<'_>,
) -> Result<ReadBack> {
    let meter = Meter::new(job.reporter);
    meter.stage(Stage::Verifying, Some(plan.header.counts.writes()), None);
    let live = State::live(target, job.cancel)?;
    let mut found = ReadBack::default();
    for step in plan.steps()? {
        let step = step?;
        job.cancel.check()?;
        if !matches!(
            step.action,
            StepAction::Create | StepAction::Update | StepAction::KeepBoth | StepAction::Delete
        ) {
            continue;
        }
        let problem = match &step.subject {
            Subject::Record { collection, id } => record_problem(&live, &step, collection, id, new_id)?,
            Subject::File { path } => file_problem(&live, backup, &step, path, new_id)?,
        };
        found.note(&step.subject, problem);
        meter.add(1, step.bytes, &subject_name(&step.subject));
    }
    Ok(found)
}

fn record_problem(
    live: &State,
    step: &PlanStep,
    collection: &str,
    id: &str,
    new_id: &dyn Fn(&Subject) -> Result<Option<String>>,
) -> Result<Option<&'static str>> {
    if step.action == StepAction::KeepBoth {
        // The copy differs from the backup in its id, so that only its presence can be told.
        let there = match new_id(&step.subject)? {
            Some(id) => live.record(collection, &id)?.is_some(),
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
    new_id: &dyn Fn(&Subject) -> Result<Option<String>>,
) -> Result<Option<&'static str>> {
    let Some(files) = &live.files else {
        return Ok(Some("the target has no files"));
    };
    let place = match step.action {
        StepAction::KeepBoth => match new_id(&step.subject)? {
            Some(beside) => beside,
            None => return Ok(Some("the copy is not there")),
        },
        _ => path.to_owned(),
    };
    let found = files.stat(&place)?;
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
    Ok(match (&found.kind, &wanted.kind) {
        (FileKind::File, FileKind::File) if files.hash(&place)? != stored.hash(path)? => {
            Some("has other content than the backup")
        }
        (a, b) if a != b => Some("is something else than in the backup"),
        _ => None,
    })
}
