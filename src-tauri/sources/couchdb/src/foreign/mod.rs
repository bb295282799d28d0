//! Files of other programs: backups of `couchbackup`, documents one a line, lists of documents.
//!
//! A file is read once from its beginning to its end (`input`), a document at a time (`scan`); the contents of attachments go straight
//! to the sink. The leaves of a document may stand anywhere in a file: an external sort brings them together (`sorter`, `collect`).

mod collect;
mod documents;
mod error;
mod input;
mod lines;
mod name;
mod piece;
mod recognise;
mod scan;
mod sorter;
mod write;

use std::{io::Write, path::Path};

use backstay_source::{Cancel, ForeignFiles, ForeignFormat, RecordView, Result, Sink};

use collect::Collector;
use error::ForeignError;
use input::Input;
use lines::Seen;
use recognise::Kind;
use sorter::Bounds;

/// The formats CouchDB data is exchanged in.
pub(crate) struct Files;

/// A backup of `@cloudant/couchbackup` without attachments.
pub(super) const COUCHBACKUP: ForeignFormat = ForeignFormat {
    name: "couchbackup",
    title: "couchbackup file",
    extension: "txt",
    writes: true,
    attachments: false,
};
/// The same with attachments in it.
pub(super) const COUCHBACKUP_FULL: ForeignFormat = ForeignFormat {
    attachments: true,
    ..COUCHBACKUP
};
/// Documents, one a line.
pub(super) const NDJSON: ForeignFormat = ForeignFormat {
    name: "ndjson",
    title: "documents, one a line",
    extension: "ndjson",
    writes: true,
    attachments: false,
};
/// The same with attachments in it.
pub(super) const NDJSON_FULL: ForeignFormat = ForeignFormat {
    attachments: true,
    ..NDJSON
};
/// A list of documents, or the answer of `_all_docs`.
pub(super) const JSON: ForeignFormat = ForeignFormat {
    name: "json",
    title: "list of documents",
    extension: "json",
    writes: false,
    attachments: true,
};

static FORMATS: [ForeignFormat; 5] = [COUCHBACKUP, COUCHBACKUP_FULL, NDJSON, NDJSON_FULL, JSON];

impl ForeignFiles for Files {
    fn formats(&self) -> &'static [ForeignFormat] {
        &FORMATS
    }

    fn recognise(&self, path: &Path) -> Option<&'static ForeignFormat> {
        let name = match recognise::recognise(path)? {
            Kind::CouchBackup => COUCHBACKUP.name,
            Kind::Lines => NDJSON.name,
            Kind::List => JSON.name,
        };
        FORMATS.iter().find(|format| format.name == name)
    }

    fn read(&self, path: &Path, format: &ForeignFormat, sink: &dyn Sink) -> Result<()> {
        read(path, format, sink, Bounds::default()).map_err(|error| error.about(&path.display().to_string()))
    }

    fn write(
        &self,
        format: &ForeignFormat,
        records: &dyn RecordView,
        collections: &[String],
        out: &mut dyn Write,
        cancel: &Cancel,
    ) -> Result<u64> {
        write::write(format, records, collections, out, cancel)
    }
}

fn read(path: &Path, format: &ForeignFormat, sink: &dyn Sink, bounds: Bounds) -> Result<(), ForeignError> {
    sink.total(None, Some(std::fs::metadata(path)?.len()));
    let mut input = Input::open(path, sink)?;
    let mut collector = Collector::new(sink, name::database(path), bounds);
    let mut take = |scanned: scan::Scanned| collector.take(&scanned);
    let (seen, left_out) = if format.name == COUCHBACKUP.name {
        let seen = lines::read(&mut input, sink, &mut take)?;
        told(&seen, sink);
        (seen, "couchbackup left it out: it was run without --attachments")
    } else {
        match format.name {
            name if name == NDJSON.name => documents::read(&mut input, sink, &mut take)?,
            _ => documents::read_list(&mut input, sink, &mut take)?,
        }
        (Seen::default(), "the file names it and does not hold its content")
    };
    drop(input);
    collector.finish(&seen, left_out)
}

fn told(seen: &Seen, sink: &dyn Sink) {
    match &seen.header {
        Some(header) => {
            let with = if header.attachments { "with" } else { "without" };
            sink.note(&format!(
                "written by {} {}, {}, {with} attachments",
                header.name, header.version, header.mode
            ));
        }
        None => sink.note("written by a couchbackup before 2.10, which says nothing about itself"),
    }
    if seen.resumed {
        sink.note("the backup was interrupted and resumed");
    }
}
