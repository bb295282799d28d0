//! Which element of one array corresponds to which of another.

use std::collections::HashSet;

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::equal::fingerprint;

/// Longer arrays (after their common ends are taken off) are compared position by position.
const MAX_ALIGNED: usize = 100_000;

/// One line of an alignment. Indices grow within each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    /// The same element in both (`before`, `after`); its content may differ.
    Both(usize, usize),
    /// Only in `before`.
    Removed(usize),
    /// Only in `after`.
    Added(usize),
}

/// Aligns two arrays.
pub(crate) fn align(before: &[Value], after: &[Value]) -> Vec<Pair> {
    let named = names(before).zip(names(after));
    let pair_leftovers = named.is_none();
    let (old, new) = named.unwrap_or_else(|| {
        (
            before.iter().map(fingerprint).collect(),
            after.iter().map(fingerprint).collect(),
        )
    });
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..]
        .iter()
        .rev()
        .zip(new[start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    pairs.extend((0..start).map(|i| Pair::Both(i, i)));
    let (old_mid, new_mid) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    if old_mid.len().max(new_mid.len()) > MAX_ALIGNED {
        replace(start, old_mid.len(), start, new_mid.len(), true, &mut pairs);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, old_mid, new_mid) {
            take(op, start, pair_leftovers, &mut pairs);
        }
    }
    pairs.extend((0..end).rev().map(|i| Pair::Both(old.len() - 1 - i, new.len() - 1 - i)));
    pairs
}

fn take(op: DiffOp, start: usize, pair_leftovers: bool, pairs: &mut Vec<Pair>) {
    match op {
        DiffOp::Equal {
            old_index,
            new_index,
            len,
        } => {
            pairs.extend((0..len).map(|i| Pair::Both(start + old_index + i, start + new_index + i)));
        }
        DiffOp::Delete { old_index, old_len, .. } => pairs.extend((0..old_len).map(|i| Pair::Removed(start + old_index + i))),
        DiffOp::Insert { new_index, new_len, .. } => pairs.extend((0..new_len).map(|i| Pair::Added(start + new_index + i))),
        DiffOp::Replace {
            old_index,
            old_len,
            new_index,
            new_len,
        } => {
            replace(start + old_index, old_len, start + new_index, new_len, pair_leftovers, pairs);
        }
    }
}

/// Elements that stand in the same place with other content are changed elements, unless their ids say otherwise.
fn replace(old: usize, old_len: usize, new: usize, new_len: usize, pair: bool, pairs: &mut Vec<Pair>) {
    let paired = if pair { old_len.min(new_len) } else { 0 };
    pairs.extend((0..paired).map(|i| Pair::Both(old + i, new + i)));
    pairs.extend((paired..old_len).map(|i| Pair::Removed(old + i)));
    pairs.extend((paired..new_len).map(|i| Pair::Added(new + i)));
}

/// Fingerprints of the elements' ids, if each element is an object with an `id` of its own.
fn names(items: &[Value]) -> Option<Vec<u64>> {
    let mut seen = HashSet::with_capacity(items.len());
    items
        .iter()
        .map(|item| {
            let id = item.get("id").filter(|id| id.is_string() || id.is_number())?;
            let name = fingerprint(id);
            seen.insert(name).then_some(name)
        })
        .collect()
}
