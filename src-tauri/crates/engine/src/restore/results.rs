//! Results of single steps: what a write did, what an interrupted attempt may have done, what went as planned.

use std::{str::FromStr, sync::Arc};

use backstay_journal::StepResult;
use backstay_model::{ContentHash, ErrorKind, FileKind, PlanStep, Record, StepAction, StepState, Subject};
use backstay_source::{Expect, FileView, SourceError, Written};

use super::{fields, perform::subject_name};
use crate::{EngineError, Result};

/// Whether a record has the chosen fields of the stored one.
pub(super) fn fields_there(live: Option<&Record>, stored: Option<&Record>, only: &[String]) -> bool {
    let value = |record: Option<&Record>| record.and_then(|record| record.data.value().ok());
    match (value(live), value(stored)) {
        (Some(live), Some(stored)) => fields::agree(&live, &stored, only),
        _ => false,
    }
}

/// A step whose record is no longer as the plan saw it.
pub(super) fn moved(step: &PlanStep) -> StepResult {
    let message = "was changed since the plan was made, so it was not written";
    StepResult {
        index: step.index,
        state: StepState::Failed {
            kind: ErrorKind::Changed,
            message: message.to_owned(),
        },
        after: None,
    }
}

/// A step that was found done.
pub(super) fn done(step: &PlanStep, after: Option<String>) -> StepResult {
    StepResult {
        index: step.index,
        state: StepState::Done { new_id: None },
        after,
    }
}

/// A step that may or may not have added something under a new id: doing it again could make a double.
pub(super) fn in_doubt(step: &PlanStep) -> StepResult {
    let message = "the restore was interrupted here; it may have been added already, so it was not added again";
    let state = StepState::Failed {
        kind: ErrorKind::Interrupted,
        message: message.to_owned(),
    };
    StepResult {
        index: step.index,
        state,
        after: None,
    }
}

/// After an interruption: whether the file is at its place already.
pub(super) fn file_there(
    live: Option<&Arc<dyn FileView>>,
    source: Option<&Arc<dyn FileView>>,
    step: &PlanStep,
    path: &str,
) -> Result<Option<StepResult>> {
    let found = match live {
        Some(live) => live.stat(path)?,
        None => None,
    };
    match (step.action, found, live, source) {
        (StepAction::Delete, None, ..) => Ok(Some(done(step, None))),
        (StepAction::KeepBoth, ..) => Ok(Some(in_doubt(step))),
        // Times and mode of a directory are simply set again.
        (StepAction::Create | StepAction::Update, Some(found), Some(live), Some(source)) if found.kind != FileKind::Directory => {
            let Some(wanted) = source.stat(path)? else { return Ok(None) };
            let same = match (&found.kind, &wanted.kind) {
                (FileKind::File, FileKind::File) => live.hash(path)? == source.hash(path)?,
                (a, b) => a == b,
            };
            let after = live.identity(&found)?.to_string();
            Ok(same.then(|| done(step, Some(after))))
        }
        _ => Ok(None),
    }
}

/// Whether a directory lies where a step puts something.
pub(super) fn is_directory(live: Option<&Arc<dyn FileView>>, step: &PlanStep) -> Result<bool> {
    let (Some(live), Subject::File { path }) = (live, &step.subject) else {
        return Ok(false);
    };
    Ok(live.stat(path)?.is_some_and(|found| found.kind == FileKind::Directory))
}

/// What the plan saw at the target.
pub(super) fn expect(step: &PlanStep) -> Result<Expect> {
    match (&step.live, step.action) {
        (Some(hash), _) => {
            let bad = |_| {
                EngineError::Source(SourceError::new(
                    ErrorKind::Damaged,
                    subject_name(&step.subject),
                    "has a damaged hash in the plan",
                ))
            };
            Ok(Expect::Content(ContentHash::from_str(hash).map_err(bad)?))
        }
        (None, _) => Ok(Expect::Absent),
    }
}

/// The result of one write. Errors that concern the whole target end the restore; others only the step.
pub(super) fn one_result(step: &PlanStep, written: backstay_source::Result<Written>) -> Result<StepResult> {
    match written {
        Ok(written) => Ok(StepResult {
            index: step.index,
            state: StepState::Done { new_id: written.new_id },
            after: written.hash.map(|hash| hash.to_string()),
        }),
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::Cancelled | ErrorKind::Full | ErrorKind::Unreachable | ErrorKind::Locked
            ) =>
        {
            Err(error.into())
        }
        Err(error) => Ok(StepResult {
            index: step.index,
            state: failure(&error),
            after: None,
        }),
    }
}

pub(super) fn failure(error: &SourceError) -> StepState {
    StepState::Failed {
        kind: error.kind,
        message: error.message.clone(),
    }
}

/// The result of a step that went exactly as planned.
pub(super) fn as_planned(step: &PlanStep) -> StepResult {
    let after = if step.action == StepAction::Delete {
        None
    } else {
        step.backup.clone()
    };
    StepResult {
        index: step.index,
        state: StepState::Done { new_id: None },
        after,
    }
}
