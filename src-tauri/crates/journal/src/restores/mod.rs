//! The journal of a restore: which plan runs, how far each step got, how to take it all back.
//!
//! A step's intent is on the disk before the step writes, its result after. A step that was never recorded is pending, so a
//! plan of a million steps costs nothing to begin. After a crash a step in the state *intent* may or may not have been written: the engine
//! looks at the live side, compares with the hashes kept here, and decides.

mod life;
mod steps;

use backstay_model::{StepAction, StepState, Subject};
use serde::{Deserialize, Serialize};

use crate::Journal;
use crate::runs::Run;

/// The restore journals of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Restores<'a>(pub(crate) &'a Journal);

/// A restore to begin, in a run that was begun for it.
#[derive(Debug, Clone)]
pub struct NewRestore {
    /// Where the plan's file is.
    pub plan_path: String,
    /// Hash of the plan's file: only the very same plan may be resumed.
    pub plan_hash: String,
    /// Number of its steps.
    pub steps: u64,
    /// The run this one takes back, for an undo.
    pub undoes: Option<String>,
}

/// The snapshot that holds what a restore was about to overwrite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoRef {
    /// Id of the vault.
    pub vault: String,
    /// Id of the snapshot.
    pub snapshot: String,
}

/// A restore and its run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Restore {
    /// Its run.
    pub run: Run,
    /// Where the plan's file is.
    pub plan_path: String,
    /// Hash of the plan's file.
    pub plan_hash: String,
    /// Number of its steps.
    pub steps: u64,
    /// How often it was begun or resumed.
    pub attempts: u64,
    /// How to take it back, once the touched things are saved.
    pub undo: Option<UndoRef>,
    /// The run this one takes back.
    pub undoes: Option<String>,
    /// The run that took this one back.
    pub undone_by: Option<String>,
}

/// A step about to be written, or left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepIntent {
    /// Its number in the plan.
    pub index: u64,
    /// What it is about.
    pub subject: Subject,
    /// What it does.
    pub action: StepAction,
    /// Hash of the live content before it; `None` when nothing is there.
    pub before: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// Its number in the plan.
    pub index: u64,
    /// `Done`, `Failed` or `Skipped`.
    pub state: StepState,
    /// Hash of what was written, so that later edits by people are noticed and kept.
    pub after: Option<String>,
}

/// A step as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedStep {
    /// Its number in the plan.
    pub index: u64,
    /// What it is about.
    pub subject: Subject,
    /// What it does.
    pub action: StepAction,
    /// How far it got.
    pub state: StepState,
    /// Hash of the live content before it.
    pub before: Option<String>,
    /// Hash of what was written.
    pub after: Option<String>,
}

/// The states a recorded step can be in, to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepPhase {
    /// About to be written when last heard of.
    Intent,
    /// Written.
    Done,
    /// Left out on purpose.
    Skipped,
    /// Failed.
    Failed,
}

/// Which recorded steps to list.
#[derive(Debug, Clone, Default)]
pub struct StepFilter {
    /// In these states; empty means all.
    pub phases: Vec<StepPhase>,
}

/// Steps of a restore by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepCounts {
    /// Not begun.
    pub pending: u64,
    /// About to be written when last heard of.
    pub intent: u64,
    /// Written.
    pub done: u64,
    /// Left out on purpose.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
}

impl StepPhase {
    /// The number it is stored as.
    fn code(self) -> i64 {
        match self {
            Self::Intent => 1,
            Self::Done => 2,
            Self::Skipped => 3,
            Self::Failed => 4,
        }
    }
}
