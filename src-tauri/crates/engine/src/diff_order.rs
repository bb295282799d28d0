//! Comparing records in runs, which lie by the bytes of their ids, with records in an order of their own (rows of a database by
//! their numbers): the keys of the latter are sorted first, in temporary files where they are many.

use backstay_model::ChangeKind;
use backstay_source::{Cancel, Print, RecordView};
use backstay_vault::MasterKey;

use crate::{EngineError, Result, RunsView, browse::Sorter, diff::Found};

/// Keys between two looks at the cancel button.
const BETWEEN_LOOKS: u64 = 4096;

/// Walks both sides in the order of the runs. `found` gets the change that leads from the runs to the other side, or `None` for
/// equal records.
pub(crate) fn merge_unlike(runs: &RunsView, other: &dyn RecordView, name: &str, cancel: &Cancel, found: Found<'_>) -> Result<()> {
    let dir = std::env::temp_dir();
    let key = MasterKey::random();
    let mut sorter = Sorter::new(&dir, &key, false, u64::MAX);
    for (count, entry) in (1_u64..).zip(other.prints(name)?) {
        if count.is_multiple_of(BETWEEN_LOOKS) {
            cancel.check()?;
        }
        let Print { id, hash, .. } = entry?;
        sorter.push(Some(id.clone().into_bytes()), id, hash.to_le_bytes().to_vec())?;
    }
    let mut stored = runs.prints(name)?;
    let mut next: Option<Print> = stored.next().transpose()?;
    let mut seen = 0;
    sorter.finish(|id, hash| -> Result<()> {
        seen += 1;
        if seen % BETWEEN_LOOKS == 0 {
            cancel.check()?;
        }
        while let Some(before) = next.take_if(|before| before.id.as_bytes() < id.as_bytes()) {
            found(Some(ChangeKind::Removed), &before.id)?;
            next = stored.next().transpose()?;
        }
        match next.take_if(|before| before.id == id) {
            Some(before) => {
                found((before.hash.to_le_bytes() != *hash).then_some(ChangeKind::Changed), id)?;
                next = stored.next().transpose()?;
                Ok(())
            }
            None => found(Some(ChangeKind::Added), id),
        }
    })?;
    while let Some(before) = next {
        cancel.check()?;
        found(Some(ChangeKind::Removed), &before.id)?;
        next = stored.next().transpose()?;
    }
    Ok::<_, EngineError>(())
}
