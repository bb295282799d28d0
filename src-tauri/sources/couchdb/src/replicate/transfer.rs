//! Moves the revisions the target lacks: what it lacks is asked for, read from the source in parts, and written while the next part
//! is read.

use std::collections::BTreeMap;

use backstay_model::{ErrorKind, Gap, RawJson};
use backstay_source::SourceError;
use crossbeam_channel::{Receiver, Sender, bounded};

use super::{
    attached::{self, Attached},
    filter::Filter,
};
use crate::{
    client::{ChangeRow, Database, Leaf, Wanted},
    error::{CouchError, Refusal, Result},
};

/// Documents read at once.
const READ: usize = 200;
/// Documents and bytes written at once.
const WRITE: usize = 500;
const WRITE_BYTES: usize = 4 << 20;
/// Parts that wait between reading and writing.
const WAITING: usize = 2;

/// What a batch came to.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) checked: u64,
    pub(super) missing: u64,
    pub(super) read: u64,
    pub(super) written: u64,
    pub(super) bytes: u64,
    pub(super) gaps: Vec<Gap>,
}

/// A revision on its way.
struct Carried {
    id: String,
    rev: String,
    document: RawJson,
    attached: Vec<Attached>,
}

/// The two ends of a batch.
pub(super) struct Transfer<'a> {
    pub(super) from: &'a Database,
    pub(super) to: &'a Database,
    pub(super) filter: &'a Filter,
    /// The target takes documents with attachments as streams.
    pub(super) streams: bool,
}

impl Transfer<'_> {
    /// Brings the target up to what these changes say.
    ///
    /// # Errors
    /// When an end cannot be reached, read or written as a whole. A document that fails alone is a gap.
    pub(super) fn batch(&self, rows: &[ChangeRow]) -> Result<Moved> {
        let mut moved = Moved::default();
        let mut revisions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in rows.iter().filter(|row| self.filter.takes_row(row)) {
            let known = revisions.entry(&row.id).or_default();
            known.extend(row.revs.iter().map(String::as_str));
            known.sort_unstable();
            known.dedup();
        }
        moved.checked = revisions.values().map(|revs| revs.len() as u64).sum();
        let missing = self.to.revs_diff(&revisions)?;
        let wanted: Vec<Wanted<'_>> = missing
            .iter()
            .filter(|(_, missing)| !missing.missing.is_empty())
            .map(|(id, missing)| Wanted {
                id,
                revs: &missing.missing,
            })
            .collect();
        moved.missing = wanted.iter().map(|wanted| wanted.revs.len() as u64).sum();
        let (sender, receiver) = bounded(WAITING);
        std::thread::scope(|scope| {
            let wanted = &wanted;
            // The sender goes with the thread: its end tells the writer that nothing more comes.
            let reading = scope.spawn(move || self.read(wanted, &sender));
            let written = self.write(&receiver, &mut moved);
            // The reader ends at its next part when nobody takes it any more.
            drop(receiver);
            let read = reading.join().unwrap_or_else(|_| {
                Err(CouchError::Taker(SourceError::new(
                    ErrorKind::Internal,
                    "the replication",
                    "was stopped by a fault in another thread",
                )))
            });
            written?;
            let read = read?;
            moved.gaps.extend(read.gaps);
            moved.read += read.read;
            moved.bytes += read.bytes;
            Ok(moved)
        })
    }

    /// Reads the wanted revisions and hands them over in parts.
    fn read(&self, wanted: &[Wanted<'_>], out: &Sender<Vec<Carried>>) -> Result<Moved> {
        let mut moved = Moved::default();
        for part in wanted.chunks(READ) {
            let mut carried = Vec::with_capacity(part.len());
            let mut bytes = 0;
            self.from.fetch(part, &mut |fetched| {
                let leaves = match fetched.leaves {
                    Ok(leaves) => leaves,
                    Err(error) => {
                        moved.gaps.push(gap(self.from, &fetched.id, error));
                        return Ok(());
                    }
                };
                for leaf in leaves {
                    match leaf {
                        Leaf::Doc(document) if !self.filter.takes(document.as_bytes()) => {}
                        Leaf::Doc(document) => {
                            moved.read += 1;
                            moved.bytes += document.as_bytes().len() as u64;
                            bytes += document.as_bytes().len();
                            carried.push(attached::understand(&fetched.id, document)?.into());
                        }
                        Leaf::Missing { rev, reason } => moved.gaps.extend(self.lost(&fetched.id, rev.as_deref(), &reason)?),
                    }
                }
                if bytes >= WRITE_BYTES {
                    bytes = 0;
                    hand_over(out, std::mem::take(&mut carried))?;
                }
                Ok(())
            })?;
            hand_over(out, carried).map_err(CouchError::Taker)?;
        }
        Ok(moved)
    }

    /// A revision the source told of and does not give: replaced meanwhile, then a later change brings what replaced it; or lost.
    fn lost(&self, id: &str, rev: Option<&str>, reason: &str) -> backstay_source::Result<Option<Gap>> {
        let mut still = false;
        self.from
            .fetch(&[Wanted { id, revs: &[] }], &mut |fetched| {
                for leaf in fetched.leaves.unwrap_or_default() {
                    if let (Leaf::Missing { rev: Some(missing), .. }, Some(rev)) = (&leaf, rev) {
                        still |= missing == rev;
                    }
                }
                Ok(())
            })
            .map_err(SourceError::from)?;
        Ok(still.then(|| Gap {
            subject: self.from.part(id),
            kind: ErrorKind::Damaged,
            message: format!("the source does not give its revision {}: {reason}", rev.unwrap_or("?")),
        }))
    }

    fn write(&self, parts: &Receiver<Vec<Carried>>, moved: &mut Moved) -> Result<()> {
        for part in parts {
            let (mut plain, mut bytes) = (Vec::with_capacity(part.len()), 0);
            for carried in part {
                if !carried.attached.is_empty() {
                    self.write_attached(&carried, moved)?;
                    continue;
                }
                bytes += carried.document.as_bytes().len();
                plain.push(carried);
                if plain.len() == WRITE || bytes >= WRITE_BYTES {
                    bytes = 0;
                    self.write_plain(&std::mem::take(&mut plain), moved)?;
                }
            }
            self.write_plain(&plain, moved)?;
        }
        Ok(())
    }

    fn write_plain(&self, carried: &[Carried], moved: &mut Moved) -> Result<()> {
        let documents: Vec<RawJson> = carried.iter().map(|one| one.document.clone()).collect();
        match self.to.bulk_docs(&documents, false) {
            Ok(answers) => {
                let refused: Vec<_> = answers
                    .into_iter()
                    .filter_map(|answer| Some((answer.id.unwrap_or_default(), answer.error?)))
                    .collect();
                moved.written += (carried.len() - refused.len().min(carried.len())) as u64;
                moved
                    .gaps
                    .extend(refused.into_iter().map(|(id, error)| gap(self.to, &id, error)));
                Ok(())
            }
            // The whole request is larger than the server takes: in halves, until it is one document.
            Err(error) if error.refusal() == Some(Refusal::TooLarge) => match carried {
                [] => Ok(()),
                [one] => {
                    moved.gaps.push(gap(self.to, &one.id, error));
                    Ok(())
                }
                several => {
                    let (left, right) = several.split_at(several.len() / 2);
                    self.write_plain(left, moved)?;
                    self.write_plain(right, moved)
                }
            },
            Err(error) => Err(error),
        }
    }

    fn write_attached(&self, carried: &Carried, moved: &mut Moved) -> Result<()> {
        let bytes = carried
            .attached
            .iter()
            .map(|one| one.stub.length.unwrap_or_default())
            .sum::<u64>();
        let written = attached::write(self, &carried.id, &carried.rev, &carried.document, &carried.attached);
        match written {
            Ok(()) => {
                moved.written += 1;
                moved.bytes += bytes;
                Ok(())
            }
            Err(error) if is_fatal(&error) => Err(error),
            Err(error) => {
                moved.gaps.push(gap(self.to, &carried.id, error));
                Ok(())
            }
        }
    }
}

impl From<attached::Understood> for Carried {
    fn from(understood: attached::Understood) -> Self {
        Self {
            id: understood.id,
            rev: understood.rev,
            document: understood.document,
            attached: understood.attached,
        }
    }
}

/// Errors that are not of one document.
fn is_fatal(error: &CouchError) -> bool {
    match error.refusal() {
        Some(refusal) => matches!(
            refusal,
            Refusal::Unauthorized | Refusal::NoDatabase | Refusal::Full | Refusal::Busy
        ),
        None => matches!(error, CouchError::Http(_)),
    }
}

fn hand_over(out: &Sender<Vec<Carried>>, part: Vec<Carried>) -> backstay_source::Result<()> {
    if part.is_empty() {
        return Ok(());
    }
    // The writer ended with an error of its own, which is the one that is told.
    out.send(part)
        .map_err(|_| SourceError::new(ErrorKind::Io, "the target", "takes nothing more"))
}

fn gap(database: &Database, id: &str, error: CouchError) -> Gap {
    let error = SourceError::from(error);
    Gap {
        subject: database.part(id),
        kind: error.kind,
        message: error.message,
    }
}
