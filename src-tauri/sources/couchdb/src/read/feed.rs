//! The changes feed of a database, read to its end.

use backstay_source::Cancel;

use crate::{
    client::{ChangeRow, ChangesEnd, ChangesQuery, Database, Seq},
    error::{CouchError, Result},
};

/// Rows asked for at once.
const PAGE: u64 = 10_000;
/// How often a page is asked for again that breaks off, or leads nowhere.
const FRUITLESS: u32 = 4;

/// Gives every row behind `since` to `each`, until the server has no more; gives the last position. Rows may come twice: a page that
/// breaks off is asked for again as a whole.
///
/// # Errors
/// When the feed cannot be read, or `each` fails.
pub(super) fn to_the_end(
    database: &Database,
    since: &Seq,
    cancel: &Cancel,
    each: &mut dyn FnMut(ChangeRow) -> Result<()>,
) -> Result<Seq> {
    let mut at = since.clone();
    let mut fruitless = 0;
    loop {
        cancel.check().map_err(CouchError::Taker)?;
        let (rows, end) = match page(database, &at, each) {
            Ok(page) => page,
            Err(error) if error.is_temporary() && !error.was_tried() && fruitless < FRUITLESS => {
                fruitless += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        let ended = match end.pending {
            Some(pending) => pending == 0,
            None => rows < PAGE,
        };
        if ended || rows == 0 {
            return Ok(end.last_seq);
        }
        fruitless = if end.last_seq == at { fruitless + 1 } else { 0 };
        if fruitless > FRUITLESS {
            return Err(CouchError::Stopped {
                subject: database.part("_changes"),
                reason: "it says again and again that more is to come, and gives the same".to_owned(),
            });
        }
        at = end.last_seq;
    }
}

fn page(database: &Database, since: &Seq, each: &mut dyn FnMut(ChangeRow) -> Result<()>) -> Result<(u64, ChangesEnd)> {
    let query = ChangesQuery {
        since: Some(since),
        limit: Some(PAGE),
        leaves: true,
        // Only the last position of a page is needed, and making one costs a cluster more than the row.
        seq_interval: Some(PAGE),
        ..ChangesQuery::default()
    };
    let mut changes = database.changes(&query)?;
    let mut rows = 0;
    for row in &mut changes {
        rows += 1;
        each(row?)?;
    }
    let end = changes.end().cloned().ok_or_else(|| CouchError::Stopped {
        subject: database.part("_changes"),
        reason: "it has no end".to_owned(),
    })?;
    Ok((rows, end))
}
