//! What was read from a file, as records: the leaves of a document are brought together, wherever in the file they stand.

use std::collections::{BTreeMap, HashSet};

use backstay_model::{Change, Collection, CollectionKind, ErrorKind, Gap, RawJson, Record, Schema};
use backstay_source::{FeedMode, Sink};
use bytes::Bytes;

use super::{
    error::ForeignError,
    lines::Seen,
    piece::{Piece, piece},
    scan::Scanned,
    sorter::{Bounds, Sorter},
};
use crate::convert::{Document, Leaf, Part, Rev, local_record};

/// Records handed over at a time, at most.
const BATCH: usize = 500;
/// Bytes of records handed over at a time, about.
const BATCH_BYTES: usize = 8 << 20;
/// Bytes all leaves of one document may have together.
const MAX_GROUP: usize = 192 << 20;
/// Attachments that are missing and are named; all are counted.
const NAMED: u64 = 10_000;

/// Takes documents in any order.
pub(super) struct Collector<'a> {
    sink: &'a dyn Sink,
    database: String,
    sorter: Sorter,
    made: u64,
}

impl<'a> Collector<'a> {
    pub(super) fn new(sink: &'a dyn Sink, database: String, bounds: Bounds) -> Self {
        Self {
            sink,
            database,
            sorter: Sorter::new(bounds),
            made: 0,
        }
    }

    /// Takes one leaf of a document.
    ///
    /// # Errors
    /// When it is no document, or cannot be kept.
    pub(super) fn take(&mut self, scanned: &Scanned) -> Result<(), ForeignError> {
        let piece = piece(scanned)?;
        self.made += u64::from(piece.made);
        self.sorter.push(&piece.id, &piece.to_bytes())
    }

    /// Gives all documents to the sink as records, and names what is missing.
    ///
    /// # Errors
    /// When the sink fails, or temporary files cannot be read.
    pub(super) fn finish(self, seen: &Seen, left_out: &str) -> Result<(), ForeignError> {
        if self.made > 0 {
            self.sink.note(&format!(
                "{} documents of the file have no id; each got one made from its content, so that it comes only once",
                self.made
            ));
        }
        let mut giving = Giving {
            sink: self.sink,
            database: &self.database,
            left_out,
            doubtful: seen.doubtful.iter().map(|line| (*line, Doubt::default())).collect(),
            batches: BTreeMap::new(),
            missing: 0,
        };
        giving.begin(Part::Documents)?;
        let mut sorted = self.sorter.finish()?;
        let mut group: Vec<Piece> = Vec::new();
        let mut size = 0;
        while let Some((id, bytes)) = sorted.next_value()? {
            let piece = Piece::from_bytes(&id, &bytes).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidData))?;
            if group.first().is_some_and(|first| first.id != piece.id) {
                giving.document(std::mem::take(&mut group))?;
                size = 0;
            }
            size += piece.text.len();
            if size > MAX_GROUP {
                return Err(ForeignError::TooLarge {
                    line: piece.line,
                    limit: MAX_GROUP,
                });
            }
            group.push(piece);
        }
        giving.document(group)?;
        giving.end(seen)
    }
}

/// Whether what stood in a broken line came again.
#[derive(Default)]
struct Doubt {
    documents: u64,
    again: u64,
}

#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    bytes: usize,
}

struct Giving<'a> {
    sink: &'a dyn Sink,
    database: &'a str,
    left_out: &'a str,
    doubtful: BTreeMap<u64, Doubt>,
    batches: BTreeMap<Part, Batch>,
    missing: u64,
}

impl Giving<'_> {
    fn begin(&mut self, part: Part) -> Result<(), ForeignError> {
        if self.batches.contains_key(&part) {
            return Ok(());
        }
        let collection = Collection {
            name: part.collection(self.database),
            title: None,
            kind: match part {
                Part::Local => CollectionKind::Aside,
                Part::Documents | Part::Design | Part::Settings => CollectionKind::Table,
            },
            schema: Schema::default(),
            records: None,
            raw: None,
        };
        self.sink.begin_collection(&collection, FeedMode::Full)?;
        self.batches.insert(part, Batch::default());
        Ok(())
    }

    fn gap(&self, kind: ErrorKind, subject: String, message: impl Into<String>) {
        self.sink.gap(Gap {
            subject,
            kind,
            message: message.into(),
        });
    }

    /// Gives the record of one document, all of whose leaves are in `group`.
    fn document(&mut self, group: Vec<Piece>) -> Result<(), ForeignError> {
        let Some(first) = group.first() else { return Ok(()) };
        self.sink.cancel().check()?;
        let (id, line) = (first.id.clone(), first.line);
        let part = Part::of_id(&id);
        let subject = format!("{}/{id}", part.collection(self.database));
        self.doubt(&group);
        if group.iter().any(|piece| piece.others) {
            self.gap(
                ErrorKind::NotFound,
                subject.clone(),
                "is in conflict; the file has only the version that the server showed",
            );
        }
        let bad = |error: crate::convert::ConvertError| ForeignError::BadDocument {
            line,
            reason: error.to_string(),
        };
        let record = if part == Part::Local {
            let text = group.into_iter().next_back().map(|piece| piece.text).unwrap_or_default();
            local_record(RawJson::trusted(Bytes::from(text))).map_err(bad)?
        } else {
            let leaves: Result<Vec<Leaf>, _> = group.into_iter().map(Piece::leaf).collect();
            let document = Document::new(self.distinct(leaves.map_err(bad)?, &subject)).map_err(bad)?;
            self.missing(&document, &subject);
            document.record()
        };
        self.give(part, record)
    }

    fn doubt(&mut self, group: &[Piece]) {
        if self.doubtful.is_empty() {
            return;
        }
        let again = group.iter().any(|piece| !self.doubtful.contains_key(&piece.line));
        for piece in group {
            if let Some(doubt) = self.doubtful.get_mut(&piece.line) {
                doubt.documents += 1;
                doubt.again += u64::from(again);
            }
        }
    }

    /// The leaves, each once. A resumed backup has some twice, and revisions that were leaves when it began and no longer are.
    fn distinct(&self, leaves: Vec<Leaf>, subject: &str) -> Vec<Leaf> {
        if leaves.len() == 1 {
            return leaves;
        }
        let before: HashSet<Rev> = leaves
            .iter()
            .filter_map(|leaf| leaf.revisions.as_ref())
            .flat_map(|revisions| revisions.revs().skip(1))
            .collect();
        let known = |leaf: &Leaf| {
            let kept = |attachment: &crate::convert::Attachment| attachment.asset.as_ref().is_some_and(|a| a.sha256.is_some());
            leaf.attachments.iter().filter(|attachment| kept(attachment)).count()
        };
        let mut kept: Vec<Leaf> = Vec::with_capacity(leaves.len());
        let mut lost = false;
        for leaf in leaves {
            if leaf.rev.as_ref().is_some_and(|rev| before.contains(rev)) {
                continue;
            }
            match kept.iter_mut().find(|other| other.rev == leaf.rev) {
                None => kept.push(leaf),
                Some(other) => {
                    lost |= leaf.rev.is_none() && other.text != leaf.text;
                    if known(&leaf) >= known(other) {
                        *other = leaf;
                    }
                }
            }
        }
        if kept.len() > 1 && kept.iter().any(|leaf| leaf.rev.is_none()) {
            lost = true;
            kept.retain(|leaf| leaf.rev.is_some());
        }
        if lost {
            self.gap(
                ErrorKind::Damaged,
                subject.to_owned(),
                "stands in the file several times without revision and with other content; the last one was taken",
            );
        }
        kept
    }

    fn missing(&mut self, document: &Document, subject: &str) {
        for (_, attachment) in document.attachments() {
            if attachment.asset.as_ref().is_some_and(|asset| asset.sha256.is_some()) {
                continue;
            }
            self.missing += 1;
            if self.missing <= NAMED {
                self.gap(ErrorKind::NotFound, format!("{subject}/{}", attachment.name), self.left_out);
            }
        }
    }

    fn give(&mut self, part: Part, record: Record) -> Result<(), ForeignError> {
        self.begin(part)?;
        let batch = self.batches.entry(part).or_default();
        batch.bytes += record.data.as_bytes().len();
        batch.changes.push(Change::Upsert(record));
        if batch.changes.len() >= BATCH || batch.bytes >= BATCH_BYTES {
            batch.bytes = 0;
            let changes = std::mem::take(&mut batch.changes);
            self.sink.records(&part.collection(self.database), changes)?;
        }
        Ok(())
    }

    fn end(mut self, seen: &Seen) -> Result<(), ForeignError> {
        for (part, batch) in std::mem::take(&mut self.batches) {
            let name = part.collection(self.database);
            self.sink.records(&name, batch.changes)?;
            self.sink.end_collection(&name)?;
        }
        if self.missing > NAMED {
            let more = self.missing - NAMED;
            self.gap(
                ErrorKind::NotFound,
                format!("{} further attachments of {}", more, self.database),
                self.left_out,
            );
        }
        self.broken_lines(seen);
        Ok(())
    }

    /// Names what the file lost, where it says so itself.
    fn broken_lines(&self, seen: &Seen) {
        for (line, doubt) in &self.doubtful {
            // What is known of the line came again: the backup was resumed there, as every interrupted one is.
            if doubt.documents == 0 || doubt.again < doubt.documents {
                self.gap(
                    ErrorKind::Damaged,
                    format!("line {line} of the file"),
                    "breaks off, and what stood in it does not come again; documents from there are missing",
                );
            }
        }
        if let Some(line) = seen.cut {
            self.gap(
                ErrorKind::Interrupted,
                format!("line {line} of the file"),
                "is where the file ends, in the middle: the backup was interrupted or the file is not whole; all that should follow is missing",
            );
        } else if seen.packed_cut {
            self.gap(
                ErrorKind::Interrupted,
                "the end of the file".to_owned(),
                "is missing: the compressed data ends in the middle; all that should follow is missing",
            );
        }
    }
}
