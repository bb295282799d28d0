//! The decision both planners share: what a restore does with one thing, given the three sides.

use std::fmt;

use backstay_model::{Capabilities, ConflictPolicy, StepAction};
use chrono::{DateTime, Utc};

/// What the person chose and what the target can do.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What to do with what was changed since the newest backup.
    pub policy: ConflictPolicy,
    /// What to do with what is live but not in the backup.
    pub surplus: Surplus,
    /// What the target can do (`create`, `update`, `delete` are looked at).
    pub can: &'a Capabilities,
    /// Names of the fields (top level of a record's data) that the target computes: skipped and named.
    pub computed: &'a [String],
}

/// What to do with what is live but not in the backup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Surplus {
    /// Leave it: a restore deletes nothing.
    #[default]
    Keep,
    /// Remove it: an undo takes away what the restore created.
    Remove,
}

/// Why a step does not simply do what the person asked for, or does it although both sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Other bytes, same content: key order or spelling of numbers.
    SameContent,
    /// Differs only in fields the source computes itself.
    OnlyComputed,
    /// Changed since the newest backup; the policy keeps what is live.
    KeptLive,
    /// Changed since the newest backup; the policy prefers the backup.
    ReplacedByBackup,
    /// Changed since the newest backup; the backup's version is newer.
    BackupNewer,
    /// Changed since the newest backup; the live version is newer.
    LiveNewer,
    /// Changed since the newest backup; both versions are kept.
    BothKept,
    /// Changed since the newest backup; waits for a decision.
    NeedsDecision,
    /// Changed since the newest backup, and which side is newer is not known.
    TimesUnknown,
    /// Live, but not in the backup; a restore deletes nothing.
    NotInBackup,
    /// The target cannot create it.
    CannotCreate,
    /// The target cannot change it.
    CannotUpdate,
    /// The target cannot delete it.
    CannotDelete,
    /// A directory, device, pipe or socket of that name is in the way, and a restore removes none.
    InTheWay,
    /// The backup names it but has no content for it (it could not be read then).
    NotStored,
    /// The person decided to leave it.
    Decided,
    /// All fields chosen are computed by the source.
    FieldComputed,
    /// A field chosen is part of the record's id.
    FieldIsKey,
    /// Fields were chosen of a record that is not live.
    NoRecordForField,
    /// A field chosen has no place in the live record.
    NoPlaceForField,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameContent => "the content is the same, only written differently",
            Self::OnlyComputed => "differs only in fields the source computes itself",
            Self::KeptLive => "changed since the newest backup; the live version is kept",
            Self::ReplacedByBackup => "changed since the newest backup; the backup's version replaces it",
            Self::BackupNewer => "changed on both sides; the backup's version is newer",
            Self::LiveNewer => "changed on both sides; the live version is newer",
            Self::BothKept => "changed since the newest backup; both versions are kept",
            Self::NeedsDecision => "changed since the newest backup; decide which version to keep",
            Self::TimesUnknown => "changed since the newest backup; which version is newer is not known, so decide",
            Self::NotInBackup => "not in the backup; a restore deletes nothing",
            Self::CannotCreate => "the target cannot create it",
            Self::CannotUpdate => "the target cannot change it",
            Self::CannotDelete => "the target cannot delete it",
            Self::InTheWay => "a directory or special file of that name is in the way; a restore removes none",
            Self::NotStored => "the backup has no content for it",
            Self::Decided => "left as it is, as decided",
            Self::FieldComputed => "the source calculates this field itself, so it cannot be written",
            Self::FieldIsKey => "the field is part of the record's id and cannot be changed; bring back the whole record",
            Self::NoRecordForField => "the record is not there; bring back the whole record instead of a field",
            Self::NoPlaceForField => {
                "the live record has another shape, in which the field has no place; bring back the whole record"
            }
        })
    }
}

/// When each side changed last, if known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) live: Option<DateTime<Utc>>,
    pub(crate) backup: Option<DateTime<Utc>>,
}

/// What happens to something that differs between live and backup. `moved`: the live side changed since the newest backup.
pub(crate) fn differing(moved: bool, times: Times, rules: &Rules<'_>) -> (StepAction, Option<Reason>) {
    use StepAction::{Conflict, Skip, Update};
    if !moved {
        // The newest backup holds the live version: nothing is lost by putting back an older one.
        return allowed(Update, None, rules);
    }
    let (action, reason) = match rules.policy {
        ConflictPolicy::Skip | ConflictPolicy::Local => (Skip, Reason::KeptLive),
        ConflictPolicy::Remote => (Update, Reason::ReplacedByBackup),
        ConflictPolicy::Both => (StepAction::KeepBoth, Reason::BothKept),
        ConflictPolicy::Ask => (Conflict, Reason::NeedsDecision),
        ConflictPolicy::Newest => match (times.live, times.backup) {
            (Some(live), Some(backup)) if backup > live => (Update, Reason::BackupNewer),
            (Some(live), Some(backup)) if backup < live => (Skip, Reason::LiveNewer),
            _ => (Conflict, Reason::TimesUnknown),
        },
    };
    allowed(action, Some(reason), rules)
}

/// What happens to something that is live but not in the backup. `moved`: it is not what the newest backup (for an undo:
/// the restore) left there.
pub(crate) fn surplus(moved: bool, rules: &Rules<'_>) -> (StepAction, Option<Reason>) {
    use StepAction::{Conflict, Delete, Skip};
    match (rules.surplus, rules.policy) {
        (Surplus::Keep, _) => (Skip, Some(Reason::NotInBackup)),
        (Surplus::Remove, _) if !moved => allowed(Delete, None, rules),
        (Surplus::Remove, ConflictPolicy::Remote) => allowed(Delete, Some(Reason::ReplacedByBackup), rules),
        // The backup says when something was changed, never when it was absent.
        (Surplus::Remove, ConflictPolicy::Newest) => allowed(Conflict, Some(Reason::TimesUnknown), rules),
        (Surplus::Remove, ConflictPolicy::Ask) => allowed(Conflict, Some(Reason::NeedsDecision), rules),
        (Surplus::Remove, ConflictPolicy::Skip | ConflictPolicy::Local | ConflictPolicy::Both) => (Skip, Some(Reason::KeptLive)),
    }
}

/// Turns a step the target cannot do into an impossible one. A conflict stays one: keeping the live side is always possible.
pub(crate) fn allowed(action: StepAction, reason: Option<Reason>, rules: &Rules<'_>) -> (StepAction, Option<Reason>) {
    let missing = match action {
        StepAction::Create | StepAction::KeepBoth => (!rules.can.create).then_some(Reason::CannotCreate),
        StepAction::Update => (!rules.can.update).then_some(Reason::CannotUpdate),
        StepAction::Delete => (!rules.can.delete).then_some(Reason::CannotDelete),
        StepAction::Same | StepAction::Skip | StepAction::Conflict | StepAction::Impossible => None,
    };
    match missing {
        Some(reason) => (StepAction::Impossible, Some(reason)),
        None => (action, reason),
    }
}
