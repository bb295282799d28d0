//! One collection as it lies in a bundle: a description, and one sorted NDJSON.

use std::sync::atomic::AtomicBool;

use backstay_bundle::{Bundle, BundleError};
use backstay_model::{Collection, CollectionSummary, Record};
use backstay_records::{CollectionWriter, Fault, Mode, Options, RecordsError, parse_line, slug};
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use super::spill::Spill;
use crate::{EngineError, Meter, Result};

/// The content of `databases/<slug>.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    /// Layout version.
    pub format: u32,
    /// Name, title, kind, schema, raw.
    pub collection: Collection,
    /// Number of records.
    pub records: u64,
    /// Checksum over them.
    pub checksum: String,
}

/// Version of the layout.
pub(super) const FORMAT: u32 = 1;

/// Path of a collection's description.
pub(super) fn description_path(slug: &str) -> String {
    format!("databases/{slug}.json")
}

/// Path of a collection's records.
pub(super) fn records_path(slug: &str) -> String {
    format!("databases/{slug}.ndjson")
}

pub(super) fn unreadable(error: RecordsError) -> EngineError {
    EngineError::Records(error)
}

/// Reads the description of a collection that the metadata names.
pub(super) fn describe(bundle: &Bundle, summary: &CollectionSummary) -> Result<Described> {
    let file = description_path(&summary.slug);
    if summary.slug != slug(&summary.name) {
        return Err(broken(&file, 1, "it is not called as its collection is"));
    }
    let json = bundle.bytes(&file)?;
    let described: Described = serde_json::from_slice(&json).map_err(|error| BundleError::BadJson {
        file: file.clone(),
        error,
    })?;
    if described.format > FORMAT {
        return Err(BundleError::Newer {
            found: described.format.into(),
            known: FORMAT,
        }
        .into());
    }
    let fits = described.collection.name == summary.name
        && described.records == summary.records
        && described.checksum == summary.checksum;
    if fits {
        Ok(described)
    } else {
        Err(broken(&file, 1, "it says something else than the metadata"))
    }
}

pub(super) fn broken(file: &str, line: u64, reason: &'static str) -> EngineError {
    BundleError::BadLine {
        file: file.to_owned(),
        line,
        reason,
    }
    .into()
}

/// Reads the records of a collection into `into`, and compares their number and checksum with the description.
pub(super) fn index(bundle: &Bundle, described: &Described, into: &Spill, stop: &AtomicBool, meter: &Meter<'_>) -> Result<()> {
    let name = &described.collection.name;
    let file = records_path(&slug(name));
    let writer = CollectionWriter::new(described.collection.clone(), None, Mode::Full, into, Options::default());
    let mut reading = Reading {
        writer: writer.map_err(unreadable)?,
        file: &file,
        limit: usize::try_from(bundle.limits().line_bytes).unwrap_or(usize::MAX),
        rest: BytesMut::new(),
        number: 0,
        last: String::new(),
        failure: None,
    };
    let streamed = bundle.stream(&file, Some(stop), &mut |bytes| {
        let lines = reading.number;
        let added = reading.add(bytes);
        meter.add(reading.number - lines, bytes.len() as u64, name);
        added.map_err(|error| {
            reading.failure = Some(error);
            BundleError::Cancelled
        })
    });
    if let Some(failure) = reading.failure.take() {
        return Err(failure);
    }
    streamed?;
    if !reading.rest.is_empty() {
        return Err(broken(&file, reading.number + 1, "it has no end"));
    }
    let done = reading.writer.finish().map_err(unreadable)?.summary;
    if done.records != described.records || done.checksum != described.checksum {
        return Err(broken(&file, reading.number, "its records are not those of the description"));
    }
    Ok(())
}

/// Lines being put together from pieces.
struct Reading<'a> {
    writer: CollectionWriter<'a>,
    file: &'a str,
    limit: usize,
    rest: BytesMut,
    number: u64,
    last: String,
    failure: Option<EngineError>,
}

impl Reading<'_> {
    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        let mut bytes = bytes;
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end + 1);
            bytes = rest;
            let line = if self.rest.is_empty() {
                Bytes::copy_from_slice(line)
            } else {
                self.rest.extend_from_slice(line);
                self.rest.split().freeze()
            };
            self.line(&line)?;
        }
        if self.rest.len() + bytes.len() > self.limit {
            return Err(broken(self.file, self.number + 1, "it is too long"));
        }
        self.rest.extend_from_slice(bytes);
        Ok(())
    }

    fn line(&mut self, line: &Bytes) -> Result<()> {
        self.number += 1;
        let record: Record = parse_line(line).map_err(|fault| broken(self.file, self.number, said(fault)))?;
        if self.number > 1 && record.id <= self.last {
            return Err(broken(self.file, self.number, "its id is not in order"));
        }
        record.id.clone_into(&mut self.last);
        self.writer.push(record).map_err(unreadable)
    }
}

fn said(fault: Fault) -> &'static str {
    match fault {
        Fault::Hash => "the record does not match its hash",
        Fault::Check => "the record's fields do not match their check value",
        Fault::Id => "its id is not valid",
        _ => "it is not a record",
    }
}
