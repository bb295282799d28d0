//! Compares two states of a collection without reading records: shared runs are skipped, the rest is compared by hash.

use std::cmp::Ordering;

use backstay_model::ChangeKind;

use crate::merged::Merged;
use crate::{CollectionReader, Result, ShortHash};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Id of the record.
    pub id: String,
    /// What happened from the earlier to the later state.
    pub change: ChangeKind,
}

/// The differences between two states, in order of ids.
pub struct Differences {
    /// The oldest runs, as far as both states have the same.
    shared: Merged,
    /// The other runs of the earlier and of the later state. Only ids in these can differ.
    before: Merged,
    after: Merged,
    ended: bool,
}

impl CollectionReader {
    /// What changed from this state to `later`.
    ///
    /// # Errors
    /// When keys cannot be read or are damaged. Later failures end the stream with an error.
    pub fn diff(&self, later: &Self) -> Result<Differences> {
        let (before, after) = (self.run_list(), later.run_list());
        let pairs = before.iter().zip(after);
        let same = pairs
            .take_while(|(a, b)| a.reference.seal == b.reference.seal && a.reference.name == b.reference.name)
            .count();
        let mut differences = Differences {
            shared: Merged::open(&before[..same], "", false)?,
            before: Merged::open(&before[same..], "", false)?,
            after: Merged::open(&after[same..], "", false)?,
            ended: false,
        };
        differences.before.step()?;
        differences.after.step()?;
        Ok(differences)
    }
}

impl Differences {
    fn step(&mut self) -> Result<Option<Difference>> {
        loop {
            let (in_before, in_after) = match (self.before.id(), self.after.id()) {
                (None, None) => return Ok(None),
                (Some(_), None) => (true, false),
                (None, Some(_)) => (false, true),
                (Some(before), Some(after)) => {
                    let order = before.cmp(after);
                    (order != Ordering::Greater, order != Ordering::Less)
                }
            };
            let Some(id) = (if in_before { self.before.id() } else { self.after.id() }) else {
                return Ok(None);
            };
            // An id that only one side's own runs mention stands in the shared runs for the other side.
            let shared = if in_before && in_after {
                None
            } else {
                live_at(&mut self.shared, id)?
            };
            let before = if in_before { live(&self.before) } else { shared };
            let after = if in_after { live(&self.after) } else { shared };
            let change = match (before, after) {
                (None, Some(_)) => Some(ChangeKind::Added),
                (Some(_), None) => Some(ChangeKind::Removed),
                (Some(before), Some(after)) if before != after => Some(ChangeKind::Changed),
                _ => None,
            };
            let found = change.map(|change| Difference {
                id: id.to_owned(),
                change,
            });
            if in_before {
                self.before.step()?;
            }
            if in_after {
                self.after.step()?;
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }
}

/// Hash of the record a cursor stands on, if it is one.
fn live(cursor: &Merged) -> Option<ShortHash> {
    cursor.is_live().then(|| cursor.hash())
}

fn live_at(cursor: &mut Merged, id: &str) -> Result<Option<ShortHash>> {
    cursor.seek(id)?;
    Ok(if cursor.id() == Some(id) { live(cursor) } else { None })
}

impl Iterator for Differences {
    type Item = Result<Difference>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}
