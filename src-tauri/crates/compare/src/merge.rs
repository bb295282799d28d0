//! Three-way merge by field.

use serde_json::{Map, Value};

use crate::pointer::Pointer;
use crate::{MAX_DEPTH, equal};

/// A field both sides changed, each to something else. `None` means that the field (or record) does not exist there.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldConflict {
    /// Where: a JSON Pointer; empty for the whole record.
    pub field: String,
    /// What both came from.
    pub base: Option<Value>,
    /// What is here.
    pub local: Option<Value>,
    /// What is there.
    pub remote: Option<Value>,
}

/// Which side of a conflict wins.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// Back to what both came from.
    Base,
    /// What is here.
    Local,
    /// What is there.
    Remote,
    /// Something else, written by a person.
    Other(Value),
}

/// The result of a three-way merge.
#[derive(Debug, Clone, PartialEq)]
pub enum Merge {
    /// No field was changed on both sides to something else. `None`: the record is gone.
    Clean(Option<Value>),
    /// Some were; a decision is needed for each.
    Conflicts(Vec<FieldConflict>),
}

/// Merges two changed versions of a value that existed on all three sides.
///
/// A side that did not change a field leaves it to the other; the same change on both sides is one change. Objects are
/// merged key by key, arrays and scalars as a whole. A field changed on one side and deleted on the other is always a
/// conflict, and so are two different values put under a key that `base` does not have.
#[must_use]
pub fn merge3(base: &Value, local: &Value, remote: &Value) -> Merge {
    merge_records(Some(base), Some(local), Some(remote))
}

/// As [`merge3`], for records that may not exist on a side. An edit here against a deletion there is a conflict of the
/// whole record.
#[must_use]
pub fn merge_records(base: Option<&Value>, local: Option<&Value>, remote: Option<&Value>) -> Merge {
    merge_with(base, local, remote, |_| None)
}

/// As [`merge_records`], with a decision for each conflict: `decide` is asked once per conflicting field. Where it
/// answers `None` the conflict stays.
pub fn merge_with(
    base: Option<&Value>,
    local: Option<&Value>,
    remote: Option<&Value>,
    mut decide: impl FnMut(&FieldConflict) -> Option<Choice>,
) -> Merge {
    let mut walk = Walk {
        at: Pointer::default(),
        conflicts: Vec::new(),
        decide: &mut decide,
    };
    let merged = walk.value(base, local, remote, 0);
    if walk.conflicts.is_empty() {
        Merge::Clean(merged)
    } else {
        Merge::Conflicts(walk.conflicts)
    }
}

struct Walk<'d> {
    at: Pointer,
    conflicts: Vec<FieldConflict>,
    decide: &'d mut dyn FnMut(&FieldConflict) -> Option<Choice>,
}

impl Walk<'_> {
    fn value(&mut self, base: Option<&Value>, local: Option<&Value>, remote: Option<&Value>, depth: usize) -> Option<Value> {
        if same(local, remote) || same(remote, base) {
            return local.cloned();
        }
        if same(local, base) {
            return remote.cloned();
        }
        match (base, local, remote) {
            (Some(Value::Object(base)), Some(Value::Object(local)), Some(Value::Object(remote))) if depth < MAX_DEPTH => {
                Some(Value::Object(self.object(base, local, remote, depth)))
            }
            _ => self.conflict(base, local, remote),
        }
    }

    /// Keys keep the order of `local`; what only `remote` has comes after.
    fn object(
        &mut self,
        base: &Map<String, Value>,
        local: &Map<String, Value>,
        remote: &Map<String, Value>,
        depth: usize,
    ) -> Map<String, Value> {
        let mut merged = Map::new();
        for key in local.keys().chain(remote.keys().filter(|key| !local.contains_key(*key))) {
            let mark = self.at.down_key(key);
            let value = self.value(base.get(key), local.get(key), remote.get(key), depth + 1);
            self.at.up(mark);
            if let Some(value) = value {
                merged.insert(key.clone(), value);
            }
        }
        merged
    }

    fn conflict(&mut self, base: Option<&Value>, local: Option<&Value>, remote: Option<&Value>) -> Option<Value> {
        let conflict = FieldConflict {
            field: self.at.as_str().to_owned(),
            base: base.cloned(),
            local: local.cloned(),
            remote: remote.cloned(),
        };
        match (self.decide)(&conflict) {
            Some(Choice::Base) => conflict.base,
            Some(Choice::Local) => conflict.local,
            Some(Choice::Remote) => conflict.remote,
            Some(Choice::Other(value)) => Some(value),
            None => {
                self.conflicts.push(conflict);
                None
            }
        }
    }
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    }
}
