//! Two collections in one order, key by key: what guards count and drills compare.

use std::cmp::Ordering;

use backstay_model::ContentHash;
use backstay_source::{Cancel, RecordView};

use crate::Result;

/// Keys between two looks at the cancel button.
const BETWEEN_LOOKS: u64 = 4096;

/// A collection of a view.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Where its records are.
    pub view: &'a dyn RecordView,
    /// What it is called there.
    pub name: &'a str,
}

/// An id, and the hash it has on each side that has it.
pub(crate) struct Met<'a> {
    pub id: &'a str,
    pub left: Option<ContentHash>,
    pub right: Option<ContentHash>,
}

/// Walks both sides in the order of the left one, which both must have, until `found` wants no more.
///
/// # Errors
/// When a side cannot be read, `found` fails, or the job is cancelled.
pub(crate) fn side_by_side(
    left: Side<'_>,
    right: Side<'_>,
    cancel: &Cancel,
    found: &mut dyn FnMut(&Met<'_>) -> Result<bool>,
) -> Result<()> {
    let (mut lefts, mut rights) = (left.view.keys(left.name)?, right.view.keys(right.name)?);
    let (mut a, mut b) = (lefts.next().transpose()?, rights.next().transpose()?);
    for seen in 1_u64.. {
        if seen.is_multiple_of(BETWEEN_LOOKS) {
            cancel.check()?;
        }
        let order = match (&a, &b) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => left.view.compare_ids(left.name, a, b),
        };
        let (on_left, on_right) = (
            a.as_ref().filter(|_| order != Ordering::Greater),
            b.as_ref().filter(|_| order != Ordering::Less),
        );
        let Some((id, _)) = on_left.or(on_right) else { break };
        let met = Met {
            id,
            left: on_left.map(|(_, hash)| *hash),
            right: on_right.map(|(_, hash)| *hash),
        };
        if !found(&met)? {
            break;
        }
        if order != Ordering::Greater {
            a = lefts.next().transpose()?;
        }
        if order != Ordering::Less {
            b = rights.next().transpose()?;
        }
    }
    Ok(())
}
