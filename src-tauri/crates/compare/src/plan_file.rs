//! The restore planner for one file, directory or link: by kind, content and permissions.

use backstay_model::{ChangeKind, FieldChange, FileEntry, FileKind, StepAction};
use serde_json::Value;

use crate::plan::{Outcome, plain};
use crate::rule::{Reason, Rules, Times, allowed, differing, surplus};

/// One side of a file.
#[derive(Debug, Clone, Copy)]
pub struct FileSide<'a> {
    /// What it is, its size, times and mode.
    pub entry: &'a FileEntry,
    /// Identity of a regular file's content: any text that is the same exactly for the same content (a hash, the vault's
    /// list of blobs). `None`: not known; such a file counts as different from every other.
    pub content: Option<&'a str>,
}

/// A file on its three sides; `None` where it does not exist.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileSides<'a> {
    /// In the newest backup. (For an undo: what the restore wrote.)
    pub base: Option<FileSide<'a>>,
    /// At the target, now.
    pub live: Option<FileSide<'a>>,
    /// In the snapshot to restore from.
    pub backup: Option<FileSide<'a>>,
}

/// Plans one file by the table of [`plan_record`](crate::plan_record()).
///
/// A file is the same when its kind, content (a link: its target) and, where both sides know them, permission bits and owner are.
/// Its times are not content: touching a file makes no conflict, and the time is set back only along with the content.
/// A directory or special file is never removed to make room for something else.
#[must_use]
pub fn plan_file(sides: &FileSides<'_>, rules: &Rules<'_>) -> Outcome {
    let moved = |live: &FileSide<'_>| sides.base.is_none_or(|base| !differences(&base, live).is_empty());
    match (sides.live, sides.backup) {
        (None, None) => plain(StepAction::Same, None),
        (_, Some(backup)) if backup.entry.kind == FileKind::Other => plain(StepAction::Impossible, Some(Reason::NotStored)),
        (None, Some(_)) => {
            let (action, reason) = allowed(StepAction::Create, None, rules);
            plain(action, reason)
        }
        (Some(live), None) => {
            let (action, reason) = surplus(moved(&live), rules);
            plain(action, reason)
        }
        (Some(live), Some(backup)) => {
            let fields = differences(&live, &backup);
            if fields.is_empty() {
                return plain(StepAction::Same, None);
            }
            let times = Times {
                live: live.entry.meta.modified,
                backup: backup.entry.meta.modified,
            };
            let (mut action, mut reason) = differing(moved(&live), times, rules);
            let keeps_room = matches!(live.entry.kind, FileKind::Directory | FileKind::Other);
            if action == StepAction::Update && keeps_room && live.entry.kind != backup.entry.kind {
                (action, reason) = (StepAction::Impossible, Some(Reason::InTheWay));
            }
            Outcome {
                action,
                fields,
                reason,
                left_out: Vec::new(),
            }
        }
    }
}

/// What differs, as fields: `/kind`, `/target`, `/size`, `/content`, `/mode`, `/uid`, `/gid`.
fn differences(before: &FileSide<'_>, after: &FileSide<'_>) -> Vec<FieldChange> {
    let (old, new) = (before.entry, after.entry);
    let mut found = Vec::new();
    match (&old.kind, &new.kind) {
        (FileKind::File, FileKind::File) => {
            let same = before.content.is_some() && before.content == after.content;
            if !same {
                if old.size != new.size {
                    found.push(changed("/size", old.size.into(), new.size.into()));
                }
                found.push(changed("/content", before.content.into(), after.content.into()));
            }
        }
        (FileKind::Symlink(old), FileKind::Symlink(new)) if old != new => {
            found.push(changed("/target", old.as_str().into(), new.as_str().into()));
        }
        (old, new) if std::mem::discriminant(old) != std::mem::discriminant(new) => {
            found.push(changed("/kind", kind_name(old).into(), kind_name(new).into()));
        }
        _ => {}
    }
    // The mode of a link means nothing.
    if !matches!(new.kind, FileKind::Symlink(_)) {
        known("/mode", old.meta.mode, new.meta.mode, &mut found);
    }
    known("/uid", old.meta.uid, new.meta.uid, &mut found);
    known("/gid", old.meta.gid, new.meta.gid, &mut found);
    found
}

/// Notes a number that both sides know and that differs. A side that does not know it (another system, a bundle) changes nothing.
fn known(field: &str, before: Option<u32>, after: Option<u32>, found: &mut Vec<FieldChange>) {
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        found.push(changed(field, before.into(), after.into()));
    }
}

fn changed(field: &str, before: Value, after: Value) -> FieldChange {
    FieldChange {
        field: field.to_owned(),
        change: ChangeKind::Changed,
        before: Some(before),
        after: Some(after),
    }
}

fn kind_name(kind: &FileKind) -> &'static str {
    match kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
        FileKind::Symlink(_) => "symlink",
        FileKind::Other => "other",
    }
}
