//! One pass over a collection: which records fit, in which order. Reading and choosing run side by side.

use std::sync::mpsc::{Receiver, sync_channel};

use backstay_model::Record;
use backstay_source::RecordView;

use super::{
    BrowseError,
    listing::ListingInput,
    order::sort_key,
    query::Asked,
    row::{Row, members},
    sheaf::SheafWriter,
    sort::Sorter,
};
use crate::{EngineError, Result};

/// Records handed over at a time.
const BATCH: usize = 256;
/// Batches that wait.
const WAITING: usize = 4;

/// Reads all records and writes those that fit: as rows, or their ids alone. Gives the number of all records.
///
/// # Errors
/// When records cannot be read, files cannot be written, or the job is cancelled.
pub(super) fn select<'k>(
    view: &dyn RecordView,
    input: &ListingInput<'_>,
    writer: SheafWriter<'k>,
    rows: bool,
) -> Result<(SheafWriter<'k>, u64)> {
    let (give, take) = sync_channel::<Vec<Record>>(WAITING);
    std::thread::scope(|scope| {
        let chooser = scope.spawn(|| choose(input, &take_all(take), writer, rows));
        let read = || -> Result<u64> {
            let mut count = 0;
            let mut batch = Vec::with_capacity(BATCH);
            for record in view.scan(input.collection, None)? {
                batch.push(record?);
                count += 1;
                if batch.len() == BATCH {
                    input.cancel.check()?;
                    if give.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
                        // The other side failed and says why.
                        return Ok(count);
                    }
                }
            }
            input.cancel.check()?;
            let _ = give.send(batch);
            Ok(count)
        };
        let read = read();
        drop(give);
        let chosen = chooser.join().map_err(|_| gone())?;
        let count = read?;
        Ok((chosen?, count))
    })
}

/// A receiver as something that can be borrowed by one thread.
fn take_all(take: Receiver<Vec<Record>>) -> impl Fn() -> Option<Vec<Record>> {
    move || take.recv().ok()
}

fn gone() -> EngineError {
    BrowseError::Cache {
        path: std::path::PathBuf::new(),
        error: std::io::Error::other("the thread that sorts ended"),
    }
    .into()
}

fn choose<'k>(
    input: &ListingInput<'_>,
    next: &dyn Fn() -> Option<Vec<Record>>,
    mut writer: SheafWriter<'k>,
    rows: bool,
) -> Result<SheafWriter<'k>> {
    let asked = Asked::new(input.query);
    let sort = input.query.sort.as_ref();
    let descending = sort.is_some_and(|sort| sort.descending);
    let mut sorter = Sorter::new(input.store.dir(), input.key, descending, input.store.limit());
    while let Some(batch) = next() {
        for record in batch {
            if !asked.is_found(&record) {
                continue;
            }
            let Some(members) = members(&record) else {
                return Err(bad(&record));
            };
            if !asked.holds(&members) {
                continue;
            }
            let key = sort.map(|sort| sort_key(members.get(&sort.field)));
            let item = match rows {
                true => {
                    serde_json::to_vec(&Row::from_members(&record, members, &[])).map_err(|error| EngineError::BadRecord {
                        id: record.id.clone(),
                        error,
                    })?
                }
                false => record.id.clone().into_bytes(),
            };
            match key {
                Some(key) => sorter.push(key, record.id, item)?,
                None => writer.push(&record.id, &item)?,
            }
        }
    }
    sorter.finish(|name, item| {
        input.cancel.check()?;
        Ok::<_, EngineError>(writer.push(name, item)?)
    })?;
    Ok(writer)
}

fn bad(record: &Record) -> EngineError {
    match record.data.value() {
        Err(error) => EngineError::BadRecord {
            id: record.id.clone(),
            error,
        },
        Ok(_) => EngineError::NoRecord {
            collection: String::new(),
            id: record.id.clone(),
        },
    }
}
