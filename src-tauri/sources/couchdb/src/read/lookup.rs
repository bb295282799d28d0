//! Documents by their ids, with all their leaves, from whatever server.

use std::collections::HashMap;

use backstay_model::Record;
use backstay_source::{Result, SourceError};

use super::judge::{Judged, judge};
use crate::{
    client::{Database, Wanted},
    convert::Leaf,
};

/// Ids a server is asked about in the changes feed at once: with more, CouchDB goes through the whole feed
/// (`changes_doc_ids_optimization_threshold`).
const FEW: usize = 100;

/// What is still asked for: an id, its revisions, and what came so far.
type Asked = (String, Vec<String>, Vec<Leaf>);

/// The records of these documents by id. Those that are not there, or only as a tombstone nobody wants, are left out.
///
/// # Errors
/// When the database, or one of the documents, cannot be read.
pub(super) fn documents(database: &Database, ids: &[&str], tombstones: bool) -> Result<HashMap<String, Record>> {
    let mut found = HashMap::with_capacity(ids.len());
    let mut asked: Vec<Asked> = Vec::with_capacity(ids.len());
    if ids.len() < 2 || database.features()?.bulk_leaves.there {
        asked.extend(ids.iter().map(|id| ((*id).to_owned(), Vec::new(), Vec::new())));
    } else {
        // Without their revisions, such a server would have to be asked for one document after the other.
        for ids in ids.chunks(FEW) {
            let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            asked.extend(database.leaves(&ids)?.into_iter().map(|row| (row.id, row.revs, Vec::new())));
        }
    }
    for last in [false, true] {
        if last {
            // As they are now.
            asked.iter_mut().for_each(|(_, revs, _)| revs.clear());
        }
        asked = ask(database, asked, last, tombstones, &mut found)?;
    }
    Ok(found)
}

/// Asks once; gives what has to be asked for again.
fn ask(
    database: &Database,
    asked: Vec<Asked>,
    last: bool,
    tombstones: bool,
    found: &mut HashMap<String, Record>,
) -> Result<Vec<Asked>> {
    let wants: Vec<(String, Vec<String>)> = asked.iter().map(|(id, revs, _)| (id.clone(), revs.clone())).collect();
    let wanted: Vec<Wanted<'_>> = wants.iter().map(|(id, revs)| Wanted { id, revs }).collect();
    let mut open: Vec<Option<Asked>> = asked.into_iter().map(Some).collect();
    let mut again = Vec::new();
    database.fetch(&wanted, &mut |fetched| {
        let Some((id, revs, before)) = open.get_mut(fetched.index).and_then(Option::take) else {
            return Ok(());
        };
        match judge(&id, &revs, before, fetched.leaves, last) {
            Judged::Whole { document, .. } => {
                let document = if tombstones {
                    Some(document)
                } else {
                    document.without_tombstones()
                };
                if let Some(document) = document {
                    found.insert(id, document.record());
                }
            }
            Judged::Ask(leaves) => again.push((id, revs, leaves)),
            Judged::Gone => {}
            Judged::Broken { kind, reason } => return Err(SourceError::new(kind, database.part(&id), reason)),
        }
        Ok(())
    })?;
    Ok(again)
}
