//! Restore plans: what a restore would do, computed without writing. The same plan is what runs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ErrorKind, FieldChange};

/// What to restore.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// `COLLECTION`, `COLLECTION/ID` or a path below `files/`; empty means everything.
    #[ts(as = "Option<_>", optional)]
    pub only: Vec<String>,
    /// Left out of that, in the same words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub except: Vec<String>,
    /// Records of which only some fields are brought back; everything else in them stays as it is live.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub fields: Vec<FieldPick>,
    /// Records chosen by what they are like, in addition to `only`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub matching: Vec<RecordMatch>,
}

/// Records of one collection that are like something. With both a prefix and a selector, both must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct RecordMatch {
    /// The collection's name.
    pub collection: String,
    /// What the id begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// A question in the language of the kind of source (CouchDB: a Mango selector).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

/// Some fields of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldPick {
    /// `COLLECTION/ID`.
    pub record: String,
    /// JSON Pointers (RFC 6901) into the record's data, as in [`FieldChange::field`].
    pub fields: Vec<String>,
}

/// Where to restore to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum TargetSpec {
    /// A new place (a path, for sources that are files): nothing that exists is touched.
    New(String),
    /// Where it came from, in place.
    InPlace,
    /// Another source that is set up here, with its own credentials.
    Source(SourcePlace),
}

/// A place in another source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct SourcePlace {
    /// The source's name.
    pub source: String,
    /// A new place in it, in the words of its kind; absent: where things of the same name are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What to do with a record that exists on both sides with different content, and was changed since the backup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum ConflictPolicy {
    /// Leave what is live and name it.
    #[default]
    Skip,
    /// The live side wins: like `skip`, but counted as decided.
    Local,
    /// The backup wins.
    Remote,
    /// The side changed last wins; without times on both sides it stays a conflict.
    Newest,
    /// Keep both: the backup's version is added beside the live one.
    Both,
    /// Ask for each.
    Ask,
}

/// What a step does to its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum StepAction {
    /// Not there: will be created.
    Create,
    /// There with other content: will be changed to the backup's.
    Update,
    /// There already, the same.
    Same,
    /// There with other content: left as it is, by policy.
    Skip,
    /// There with other content, and a decision is needed before the plan can run.
    Conflict,
    /// The backup's version is added beside the live one.
    KeepBoth,
    /// Will be removed (only ever by an undo).
    Delete,
    /// Cannot be brought back; the reason says why.
    Impossible,
}

/// What a step is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// A record of a collection.
    Record {
        /// The collection's name.
        collection: String,
        /// The record's id.
        id: String,
    },
    /// A file, directory or link below `files/`.
    File {
        /// Its path.
        path: String,
    },
}

/// First line of a plan file; the steps follow, one a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanHeader {
    /// Layout version of the plan file.
    pub version: u32,
    /// Id of the plan.
    pub plan_id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Vault (name) it restores from; empty for a bundle.
    pub vault: String,
    /// Full id of the snapshot; `bundle:` and the path for a bundle.
    pub snapshot: String,
    /// SHA-256 of the bundle's list of checksums, hexadecimal: a bundle that was changed since is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Name of the source.
    pub source: String,
    /// What was selected.
    pub selection: Selection,
    /// Where it goes.
    pub target: TargetSpec,
    /// Conflict policy it was made with.
    pub policy: ConflictPolicy,
    /// How the target is to be written, by names of the kind's restore options; never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub options: BTreeMap<String, String>,
    /// Numbers.
    pub counts: PlanCounts,
    /// Bytes that would be written.
    pub bytes: u64,
}

/// Steps of a plan by action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
pub struct PlanCounts {
    /// [`StepAction::Create`]
    pub create: u64,
    /// [`StepAction::Update`]
    pub update: u64,
    /// [`StepAction::Same`]
    pub same: u64,
    /// [`StepAction::Skip`]
    pub skip: u64,
    /// [`StepAction::Conflict`]
    pub conflict: u64,
    /// [`StepAction::KeepBoth`]
    pub keep_both: u64,
    /// [`StepAction::Delete`]
    pub delete: u64,
    /// [`StepAction::Impossible`]
    pub impossible: u64,
}

impl PlanCounts {
    /// Counts one step.
    pub fn add(&mut self, action: StepAction) {
        let slot = match action {
            StepAction::Create => &mut self.create,
            StepAction::Update => &mut self.update,
            StepAction::Same => &mut self.same,
            StepAction::Skip => &mut self.skip,
            StepAction::Conflict => &mut self.conflict,
            StepAction::KeepBoth => &mut self.keep_both,
            StepAction::Delete => &mut self.delete,
            StepAction::Impossible => &mut self.impossible,
        };
        *slot += 1;
    }

    /// Steps that write.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.create + self.update + self.keep_both + self.delete
    }
}

/// One step of a restore plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct PlanStep {
    /// Number in the plan, from 0. Steps run in this order.
    pub index: u64,
    /// What it is about.
    pub subject: Subject,
    /// What will happen.
    pub action: StepAction,
    /// Hash of the live content the plan was made against, hexadecimal; `None` when nothing was there. Performing
    /// refuses the step when the live side has another one by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<String>,
    /// Hash of the content to restore, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// Only these fields (JSON Pointers) are written, everything else in the record stays as it is live; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub only: Vec<String>,
    /// Live value against result, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub fields: Vec<FieldChange>,
    /// Fields that cannot be brought back (computed by the source).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub left_out: Vec<String>,
    /// Why it is skipped, conflicting or impossible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person should know about how it comes back, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub notes: Vec<String>,
    /// Bytes of content it writes.
    #[serde(default)]
    pub bytes: u64,
}

/// How far a step got, as the restore journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    /// Not begun.
    Pending,
    /// About to be written; after a crash nobody knows whether it was.
    Intent,
    /// Written.
    Done {
        /// Id it got, if the target gave a new one.
        new_id: Option<String>,
    },
    /// Left out on purpose (same, skipped).
    Skipped,
    /// Failed.
    Failed {
        /// Why, as a code.
        kind: ErrorKind,
        /// Why, in a sentence.
        message: String,
    },
}
