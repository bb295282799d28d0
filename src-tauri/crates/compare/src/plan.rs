//! The restore planner for one record: a pure function of its three sides.

use backstay_model::{AssetRef, ChangeKind, ContentHash, FieldChange, RawJson, Record, StepAction};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::rule::{Reason, Rules, Times, allowed, differing, surplus};
use crate::{diff_fields, equal};

/// One side of a record.
#[derive(Debug, Clone, Copy)]
pub struct RecordSide<'a> {
    /// Hash of its content.
    pub hash: ContentHash,
    /// When it changed last, if the service says so.
    pub changed: Option<DateTime<Utc>>,
    /// Its data. Without it the hash alone decides and no fields are compared.
    pub data: Option<&'a RawJson>,
    /// Its attachments.
    pub assets: &'a [AssetRef],
}

impl<'a> From<&'a Record> for RecordSide<'a> {
    fn from(record: &'a Record) -> Self {
        Self {
            hash: record.hash,
            changed: record.changed,
            data: Some(&record.data),
            assets: &record.assets,
        }
    }
}

/// A record on its three sides; `None` where it does not exist.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecordSides<'a> {
    /// In the newest backup: tells whether the live side was changed since. (For an undo: what the restore wrote.)
    pub base: Option<RecordSide<'a>>,
    /// At the target, now.
    pub live: Option<RecordSide<'a>>,
    /// In the snapshot to restore from.
    pub backup: Option<RecordSide<'a>>,
}

/// What a restore does with one record or file.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The step.
    pub action: StepAction,
    /// Live value against the backup's, field by field, without the computed ones; attachments as the one field `assets`
    /// (no pointer into the data, so without `/`). Empty for a creation or deletion: there the whole record is the
    /// difference.
    pub fields: Vec<FieldChange>,
    /// Why; `None` when the step does plainly what was asked for.
    pub reason: Option<Reason>,
    /// Fields of the backup that are not written because the target computes them.
    pub left_out: Vec<String>,
}

/// Plans one record.
///
/// | live | against the backup | since the newest backup | step |
/// |---|---|---|---|
/// | missing | | | create |
/// | there | same content | | same |
/// | there | differs | unchanged | update: the newest backup holds what is overwritten |
/// | there | differs | changed, or not in it | by [`Rules::policy`] |
/// | there | not in the backup | | left, or removed by [`Rules::surplus`] |
///
/// What the target cannot do becomes *impossible*. Data that cannot be parsed (nested too deeply) is compared by hash.
#[must_use]
pub fn plan_record(sides: &RecordSides<'_>, rules: &Rules<'_>) -> Outcome {
    match (sides.live, sides.backup) {
        (None, None) => plain(StepAction::Same, None),
        (None, Some(backup)) => {
            let (action, reason) = allowed(StepAction::Create, None, rules);
            let left_out = if rules.computed.is_empty() {
                Vec::new()
            } else {
                computed_in(parsed(backup).as_ref(), rules)
            };
            Outcome {
                left_out,
                ..plain(action, reason)
            }
        }
        (Some(live), None) => {
            let moved = sides.base.is_none_or(|base| base.hash != live.hash);
            let (action, reason) = surplus(moved, rules);
            plain(action, reason)
        }
        (Some(live), Some(backup)) if live.hash == backup.hash => plain(StepAction::Same, None),
        (Some(live), Some(backup)) => other_hash(sides.base, live, backup, rules),
    }
}

/// Both sides are there and their bytes differ.
fn other_hash(base: Option<RecordSide<'_>>, live: RecordSide<'_>, backup: RecordSide<'_>, rules: &Rules<'_>) -> Outcome {
    let (mut live_data, mut backup_data) = (parsed(live), parsed(backup));
    let left_out = computed_in(backup_data.as_ref(), rules);
    let spelled_same = both(live_data.as_ref(), backup_data.as_ref(), equal);
    drop_computed(&mut live_data, rules);
    drop_computed(&mut backup_data, rules);
    let mut fields = match (&live_data, &backup_data) {
        (Some(live), Some(backup)) => diff_fields(live, backup),
        _ => Vec::new(),
    };
    fields.extend(other_assets(live.assets, backup.assets));
    if fields.is_empty() && live_data.is_some() && backup_data.is_some() {
        let reason = if spelled_same {
            Reason::SameContent
        } else {
            Reason::OnlyComputed
        };
        return Outcome {
            left_out,
            ..plain(StepAction::Same, Some(reason))
        };
    }
    let moved = base.is_none_or(|base| base.hash != live.hash && !same_content(base, live, live_data.as_ref(), rules));
    let times = Times {
        live: live.changed,
        backup: backup.changed,
    };
    let (action, reason) = differing(moved, times, rules);
    Outcome {
        action,
        fields,
        reason,
        left_out,
    }
}

/// Whether base and live have the same content although their hashes differ. `live_data` is without computed fields
/// already. Where data is missing the hash has decided.
fn same_content(base: RecordSide<'_>, live: RecordSide<'_>, live_data: Option<&Value>, rules: &Rules<'_>) -> bool {
    let mut base_data = parsed(base);
    drop_computed(&mut base_data, rules);
    same_assets(base.assets, live.assets) && both(base_data.as_ref(), live_data, equal)
}

/// Whether both list the same attachments, as far as both know them: a live source often cannot tell a hash without reading all of
/// the content.
fn same_assets(a: &[AssetRef], b: &[AssetRef]) -> bool {
    fn agree<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.zip(b).is_none_or(|(a, b)| a == b)
    }
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            a.name == b.name
                && agree(a.sha256.as_ref(), b.sha256.as_ref())
                && agree(a.size.as_ref(), b.size.as_ref())
                && agree(a.media_type.as_ref(), b.media_type.as_ref())
        })
}

/// The attachments, if they differ.
fn other_assets(live: &[AssetRef], backup: &[AssetRef]) -> Option<FieldChange> {
    let listed = |assets: &[AssetRef]| serde_json::to_value(assets).ok();
    (!same_assets(live, backup)).then(|| FieldChange {
        field: "assets".to_owned(),
        change: ChangeKind::Changed,
        before: listed(live),
        after: listed(backup),
    })
}

fn both(a: Option<&Value>, b: Option<&Value>, holds: impl Fn(&Value, &Value) -> bool) -> bool {
    matches!((a, b), (Some(a), Some(b)) if holds(a, b))
}

fn parsed(side: RecordSide<'_>) -> Option<Value> {
    side.data.and_then(|data| data.value().ok())
}

fn computed_in(data: Option<&Value>, rules: &Rules<'_>) -> Vec<String> {
    let Some(Value::Object(map)) = data else { return Vec::new() };
    rules
        .computed
        .iter()
        .filter(|name| map.contains_key(*name))
        .cloned()
        .collect()
}

fn drop_computed(data: &mut Option<Value>, rules: &Rules<'_>) {
    let Some(Value::Object(map)) = data else { return };
    for name in rules.computed {
        // Keeps the order of the other keys, and so the order of the differences.
        map.shift_remove(name);
    }
}

pub(crate) fn plain(action: StepAction, reason: Option<Reason>) -> Outcome {
    Outcome {
        action,
        fields: Vec::new(),
        reason,
        left_out: Vec::new(),
    }
}
