//! Writing records into files of other programs, a document at a time.

use std::io::{self, Write};

use backstay_model::ErrorKind;
use backstay_source::{Cancel, ForeignFormat, RecordView, Result, SourceError};
use base64::{engine::general_purpose::STANDARD, write::EncoderWriter};

use super::{COUCHBACKUP, error::ForeignError};
use crate::convert::{Attachment, ConvertError, Document, Leaf, Meta, Part};

/// Leaves on one line, as couchbackup has them unless told otherwise.
const BATCH: usize = 500;
/// The version of couchbackup whose files these are like. Its restore knows no other way to ask whether a file is of its kind.
const HEADER: &str = r#"{"name":"@cloudant/couchbackup","version":"2.11.12","mode":"full","attachments":"#;

/// Writes the documents and design documents of `collections`; gives the number of records written.
///
/// # Errors
/// When they cannot be read, the format cannot hold them, or `out` fails.
pub(super) fn write(
    format: &ForeignFormat,
    records: &dyn RecordView,
    collections: &[String],
    out: &mut dyn Write,
    cancel: &Cancel,
) -> Result<u64> {
    let mut writing = Writing {
        format,
        records,
        out,
        on_line: 0,
        has_rev: None,
    };
    let couchbackup = format.name == COUCHBACKUP.name;
    if couchbackup {
        writing.put(format!("{HEADER}{}}}\n", format.attachments).as_bytes())?;
    }
    let mut count = 0;
    for collection in collections {
        if !matches!(Part::split(collection).1, Part::Documents | Part::Design) {
            continue;
        }
        for record in records.scan(collection, None)? {
            cancel.check()?;
            let record = record?;
            let document = Document::of(&record).map_err(|error| unreadable(collection, &record.id, &error))?;
            if couchbackup {
                for leaf in document.leaves() {
                    writing.batched(collection, &record, leaf)?;
                }
            } else if document.winner().deleted {
                continue;
            } else {
                writing.line(collection, &record, document.winner())?;
            }
            count += 1;
        }
    }
    writing.end_line()?;
    Ok(count)
}

fn unreadable(collection: &str, id: &str, error: &ConvertError) -> SourceError {
    SourceError::new(error.kind(), format!("{collection}/{id}"), error.to_string())
}

struct Writing<'a> {
    format: &'a ForeignFormat,
    records: &'a dyn RecordView,
    out: &'a mut dyn Write,
    on_line: usize,
    has_rev: Option<bool>,
}

/// What cannot be written to the file.
fn unwritten(error: io::Error) -> SourceError {
    SourceError::io("the file", error)
}

impl Writing<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(unwritten)
    }

    /// Adds a leaf to the list on the line.
    fn batched(&mut self, collection: &str, record: &backstay_model::Record, leaf: &Leaf) -> Result<()> {
        let has = leaf.rev.is_some();
        // couchbackup's restore asks the first document of a request, for all of them.
        if *self.has_rev.get_or_insert(has) != has {
            let id = leaf.id.clone();
            return Err(ForeignError::Mixed { id, has }.about("the file"));
        }
        self.put(if self.on_line == 0 { b"[" } else { b"," })?;
        let history = leaf.history();
        let meta = Meta {
            id: Some(&leaf.id),
            rev: leaf.rev.as_ref(),
            revisions: history.as_deref(),
            deleted: leaf.deleted,
            attachments: None,
        };
        self.document(collection, record, leaf, &meta)?;
        self.on_line += 1;
        if self.on_line == BATCH {
            self.end_line()?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        if std::mem::take(&mut self.on_line) > 0 {
            self.put(b"]\n")?;
        }
        Ok(())
    }

    /// Writes a document on a line of its own.
    fn line(&mut self, collection: &str, record: &backstay_model::Record, leaf: &Leaf) -> Result<()> {
        let meta = Meta {
            id: Some(&leaf.id),
            rev: leaf.rev.as_ref(),
            ..Meta::default()
        };
        self.document(collection, record, leaf, &meta)?;
        self.put(b"\n")
    }

    fn document(&mut self, collection: &str, record: &backstay_model::Record, leaf: &Leaf, meta: &Meta<'_>) -> Result<()> {
        let text = leaf.compose(meta).map_err(|error| unreadable(collection, &leaf.id, &error))?;
        let text = text.as_bytes();
        if !self.format.attachments || leaf.attachments.is_empty() {
            return self.put(text);
        }
        // Everything but the bracket at the end: the attachments come before it, as a stream.
        self.put(&text[..text.len() - 1])?;
        let mut separator: &[u8] = br#","_attachments":{"#;
        let mut any = false;
        for attachment in &leaf.attachments {
            if self.attachment(collection, record, attachment, separator)? {
                separator = b",";
                any = true;
            }
        }
        self.put(if any { b"}}" } else { b"}" })
    }

    /// Writes an attachment with its content. One that is missing is left out: who opens it for this writer knows that and tells it.
    fn attachment(
        &mut self,
        collection: &str,
        record: &backstay_model::Record,
        attachment: &Attachment,
        separator: &[u8],
    ) -> Result<bool> {
        let Some(asset) = attachment.asset.as_ref().filter(|asset| asset.sha256.is_some()) else {
            return Ok(false);
        };
        let (_, mut content) = match self.records.open_asset(collection, record, asset) {
            Ok(opened) => opened,
            Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Damaged) => return Ok(false),
            Err(error) => return Err(error),
        };
        let couchbackup = self.format.name == COUCHBACKUP.name;
        let media_type = if couchbackup { "contentType" } else { "content_type" };
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut about = format!("{}:{{", quoted(&attachment.name));
        let kind = attachment.media_type.as_deref().unwrap_or("application/octet-stream");
        about.push_str(&format!("\"{media_type}\":{},", quoted(kind)));
        if let Some(revpos) = attachment.revpos {
            about.push_str(&format!("\"revpos\":{revpos},"));
        }
        if let Some(digest) = &attachment.digest {
            about.push_str(&format!("\"digest\":{},", quoted(digest)));
        }
        about.push_str("\"data\":\"");
        self.put(separator)?;
        self.put(about.as_bytes())?;
        let subject = format!("{collection}/{}/{}", record.id, attachment.name);
        let mut encoder = EncoderWriter::new(&mut *self.out, &STANDARD);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = io::Read::read(&mut content, &mut buffer).map_err(|error| SourceError::io(subject.as_str(), error))?;
            if read == 0 {
                break;
            }
            encoder.write_all(&buffer[..read]).map_err(unwritten)?;
        }
        encoder.finish().map_err(unwritten)?;
        drop(encoder);
        self.put(b"\"}")?;
        Ok(true)
    }
}
