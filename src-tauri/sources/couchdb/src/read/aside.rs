//! What is beside the documents of a database: `_local` documents and settings.

use std::cell::Cell;

use backstay_model::{Change, ErrorKind, Gap, RawJson, Record};
use backstay_source::{FeedMode, Sink};

use super::{database::collection, failure::Failure};
use crate::{
    client::{Database, DocQuery, DocRow, DocRows, Limit},
    convert::{self, Part},
    error::{CouchError, Refusal, Result},
};

/// `_local` documents asked for at once.
const PAGE: u64 = 500;
/// The record with the limits of a database.
const LIMITS: &str = "limits";

/// Whether the server does not list `_local` documents, or has no such setting.
pub(super) fn is_unknown(error: &CouchError) -> bool {
    matches!(
        error.refusal(),
        Some(Refusal::Missing | Refusal::Unknown | Refusal::BadRequest | Refusal::BadName | Refusal::Deleted)
    )
}

/// Takes the `_local` documents, where the server lists them. `begun` says whether their collection was begun.
pub(super) fn local(database: &Database, sink: &dyn Sink, begun: &Cell<bool>) -> std::result::Result<(), Failure> {
    let mut page = match local_page(database, None) {
        Ok(page) => page,
        Err(error) if is_unknown(&error) => return Ok(()),
        Err(error) => return hidden(database, sink, begun, error),
    };
    let about = collection(database.name(), Part::Local, None);
    sink.begin_collection(&about, FeedMode::Full)?;
    begun.set(true);
    loop {
        sink.cancel().check()?;
        let last = page.last().map(|row| row.id.clone());
        let full = page.len() as u64 >= PAGE;
        let mut records = Vec::with_capacity(page.len());
        for row in page {
            match local_record(database, &row) {
                Ok(Some(record)) => records.push(record),
                Ok(None) => {}
                Err(error) => match error.kind() {
                    ErrorKind::Unreachable | ErrorKind::Cancelled => return Err(error.into()),
                    kind => sink.gap(Gap {
                        subject: database.part(&row.id),
                        kind,
                        message: error.to_string(),
                    }),
                },
            }
        }
        give(sink, &about.name, records)?;
        match last.filter(|_| full) {
            Some(last) => page = local_page(database, Some(&last))?,
            None => break,
        }
    }
    Ok(sink.end_collection(&about.name)?)
}

/// Some `_local` documents, in the server's order.
pub(super) fn local_page(database: &Database, after: Option<&str>) -> Result<Vec<DocRow>> {
    let mut tries = 0;
    loop {
        let rows = database.local_docs(DocRows {
            after,
            limit: Some(PAGE),
            documents: true,
            ..DocRows::default()
        });
        match rows.and_then(Iterator::collect) {
            Err(error) if error.is_temporary() && !error.was_tried() && tries < 3 => tries += 1,
            // A server that does not know the limit gives the same again.
            Ok(rows) => {
                let rows: Vec<DocRow> = rows;
                return Ok(rows
                    .into_iter()
                    .filter(|row| after.is_none_or(|after| row.id.as_str() > after))
                    .collect());
            }
            Err(error) => return Err(error),
        }
    }
}

/// The record of a `_local` document; `None` when it vanished.
pub(super) fn local_record(database: &Database, row: &DocRow) -> Result<Option<Record>> {
    let text = match &row.doc {
        Some(doc) => Some(doc.clone()),
        None => database.get(&row.id, DocQuery::default())?,
    };
    text.map(convert::local_record)
        .transpose()
        .map_err(|error| CouchError::BadAnswer {
            subject: database.part(&row.id),
            reason: error.to_string(),
        })
}

/// Takes `_security` and the limits. What may not be seen is a gap by its name.
pub(super) fn settings(database: &Database, sink: &dyn Sink, begun: &Cell<bool>) -> std::result::Result<(), Failure> {
    let about = collection(database.name(), Part::Settings, None);
    sink.begin_collection(&about, FeedMode::Full)?;
    begun.set(true);
    let mut found = Vec::new();
    for (name, seen) in all_settings(database) {
        match seen {
            Ok(Some(record)) => found.push(record),
            Ok(None) => {}
            Err(error) => match error.kind() {
                ErrorKind::Unreachable | ErrorKind::Cancelled | ErrorKind::NotFound => return Err(error.into()),
                kind => {
                    sink.gap(Gap {
                        subject: database.part(name),
                        kind,
                        message: error.to_string(),
                    });
                    // What was known of it stays.
                    if let Some(before) = sink.previous(&about.name, name)? {
                        found.push(before);
                    }
                }
            },
        }
    }
    give(sink, &about.name, found)?;
    Ok(sink.end_collection(&about.name)?)
}

/// The settings of a database by name; `None` where the server has no such thing.
pub(super) fn all_settings(database: &Database) -> [(&'static str, Result<Option<Record>>); 2] {
    let security = match database.security() {
        Ok(security) => Ok(Some(convert::setting_record("_security", security))),
        Err(error) if is_unknown(&error) => Ok(None),
        Err(error) => Err(error),
    };
    [("_security", security), (LIMITS, limits(database))]
}

fn limits(database: &Database) -> Result<Option<Record>> {
    let mut text = Vec::from(*b"{");
    for limit in [Limit::Revisions, Limit::Purges, Limit::AutoPurge] {
        let Some(value) = database.limit(limit)? else { continue };
        if text.len() > 1 {
            text.push(b',');
        }
        text.extend_from_slice(format!("\"{}\":", limit.name()).as_bytes());
        text.extend_from_slice(value.as_bytes());
    }
    if text.len() == 1 {
        return Ok(None);
    }
    text.push(b'}');
    Ok(Some(convert::setting_record(LIMITS, RawJson::trusted(text.into()))))
}

/// Gives the records that are not in the snapshot before.
fn give(sink: &dyn Sink, collection: &str, records: Vec<Record>) -> std::result::Result<(), Failure> {
    let mut changed = Vec::new();
    for record in records {
        if !sink.keep_record(collection, &record.id, record.hash)? {
            changed.push(Change::Upsert(record));
        }
    }
    if !changed.is_empty() {
        sink.records(collection, changed)?;
    }
    Ok(())
}

/// `_local` documents that may not be seen stay as they were: their collection is begun and not ended.
fn hidden(database: &Database, sink: &dyn Sink, begun: &Cell<bool>, error: CouchError) -> std::result::Result<(), Failure> {
    if error.kind() != ErrorKind::Auth {
        return Err(error.into());
    }
    let about = collection(database.name(), Part::Local, None);
    sink.gap(Gap {
        subject: about.name.clone(),
        kind: ErrorKind::Auth,
        message: error.to_string(),
    });
    sink.begin_collection(&about, FeedMode::Full)?;
    begun.set(true);
    Ok(())
}
