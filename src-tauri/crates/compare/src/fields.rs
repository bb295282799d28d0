//! Two values field by field.

use backstay_model::{ChangeKind, FieldChange};
use serde_json::{Map, Value};

use crate::arrays::{Pair, align};
use crate::pointer::Pointer;
use crate::{MAX_DEPTH, equal};

/// What differs between `before` and `after`, in the order of `before`'s keys, then of the keys only `after` has.
///
/// A changed scalar, or a value whose type changed, is one [`FieldChange`]; objects and arrays are walked down to
/// [`MAX_DEPTH`]. Elements of arrays are aligned first (by their `id`, if they are objects that all have one; else by
/// content), so that an element put in at the front is one addition and not a change of all that follow. The index in a
/// pointer is the position in `after`, and for removed elements the position in `before`. A moved element is a removal
/// and an addition ([`moves`](crate::moves()) tells which belong together).
///
/// Empty exactly when [`equal`] holds.
#[must_use]
pub fn diff_fields(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut walk = Walk::default();
    walk.value(before, after, 0);
    walk.found
}

#[derive(Default)]
struct Walk {
    at: Pointer,
    found: Vec<FieldChange>,
}

impl Walk {
    fn value(&mut self, before: &Value, after: &Value, depth: usize) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) if depth < MAX_DEPTH => self.object(before, after, depth),
            (Value::Array(before), Value::Array(after)) if depth < MAX_DEPTH => self.array(before, after, depth),
            _ if equal(before, after) => {}
            _ => self.note(ChangeKind::Changed, Some(before), Some(after)),
        }
    }

    fn object(&mut self, before: &Map<String, Value>, after: &Map<String, Value>, depth: usize) {
        for (key, old) in before {
            let mark = self.at.down_key(key);
            match after.get(key) {
                Some(new) => self.value(old, new, depth + 1),
                None => self.note(ChangeKind::Removed, Some(old), None),
            }
            self.at.up(mark);
        }
        for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            let mark = self.at.down_key(key);
            self.note(ChangeKind::Added, None, Some(new));
            self.at.up(mark);
        }
    }

    fn array(&mut self, before: &[Value], after: &[Value], depth: usize) {
        for pair in align(before, after) {
            match pair {
                Pair::Both(old, new) => {
                    let mark = self.at.down_index(new);
                    self.value(&before[old], &after[new], depth + 1);
                    self.at.up(mark);
                }
                Pair::Removed(old) => {
                    let mark = self.at.down_index(old);
                    self.note(ChangeKind::Removed, Some(&before[old]), None);
                    self.at.up(mark);
                }
                Pair::Added(new) => {
                    let mark = self.at.down_index(new);
                    self.note(ChangeKind::Added, None, Some(&after[new]));
                    self.at.up(mark);
                }
            }
        }
    }

    fn note(&mut self, change: ChangeKind, before: Option<&Value>, after: Option<&Value>) {
        let field = self.at.as_str().to_owned();
        self.found.push(FieldChange {
            field,
            change,
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}
