//! Finds the removals and additions that together are a move inside an array.

use std::collections::HashMap;

use backstay_model::{ChangeKind, FieldChange};

use crate::equal;
use crate::equal::fingerprint;

/// An element that left one position of an array and appeared unchanged at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Index of the removal in the list of changes.
    pub removed: usize,
    /// Index of the addition in the list of changes.
    pub added: usize,
}

/// Which of `changes` (as [`diff_fields`](crate::diff_fields) gives them) belong together as moves within one array.
///
/// Renamed object keys are not moves: there the name is part of the meaning.
#[must_use]
pub fn moves(changes: &[FieldChange]) -> Vec<Move> {
    let mut gone: HashMap<(&str, u64), Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate().rev() {
        if let (ChangeKind::Removed, Some(array), Some(value)) = (change.change, array_of(&change.field), &change.before) {
            gone.entry((array, fingerprint(value))).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (added, change) in changes.iter().enumerate() {
        let (ChangeKind::Added, Some(array), Some(value)) = (change.change, array_of(&change.field), &change.after) else {
            continue;
        };
        let Some(candidates) = gone.get_mut(&(array, fingerprint(value))) else {
            continue;
        };
        let same = candidates.pop_if(|at| changes[*at].before.as_ref().is_some_and(|before| equal(before, value)));
        found.extend(same.map(|removed| Move { removed, added }));
    }
    found
}

/// The pointer of the array an element's pointer leads into. An object with keys of digits looks the same; its entries are
/// then called moved when they only changed their key.
fn array_of(field: &str) -> Option<&str> {
    let (array, index) = field.rsplit_once('/')?;
    (!index.is_empty() && index.bytes().all(|b| b.is_ascii_digit())).then_some(array)
}
