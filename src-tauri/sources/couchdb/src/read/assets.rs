//! Attachments: each content is read once, and not at all when the snapshot before has it.

use std::{
    collections::HashMap,
    io::{self, Read, Seek as _},
};

use backstay_model::{ErrorKind, Gap, Record};
use backstay_source::{Sink, SourceError};
use parking_lot::Mutex;

use super::failure::Failure;
use crate::{
    client::{Database, Stub},
    convert::{Attachment, Document, Leaf},
    error::{CouchError, Refusal},
};

/// Contents remembered in a run.
const REMEMBERED: usize = 100_000;

/// What a server calls a content (its digest and length), and its SHA-256.
type Contents = HashMap<(String, u64), String>;

/// Contents this run has stored.
#[derive(Default)]
pub(super) struct Stored(Mutex<Contents>);

/// What came of the attachments of a document.
pub(super) enum Filled {
    /// All are stored.
    Whole,
    /// Some are missing and named.
    Missing,
    /// The revision is not there any more: the document changed.
    Moved,
}

/// Where attachments come from and go to.
pub(super) struct Assets<'a> {
    pub database: &'a Database,
    pub sink: &'a dyn Sink,
    pub stored: &'a Stored,
    /// The collection of the document.
    pub collection: &'a str,
}

fn key(attachment: &Attachment) -> Option<(String, u64)> {
    Some((attachment.digest.clone()?, attachment.length?))
}

impl Assets<'_> {
    /// Stores the attachments of `document` and notes in its record where. `last`: an attachment that is not there is missing, and no
    /// sign of a change.
    pub(super) fn fill(&self, document: &Document, record: &mut Record, last: bool) -> Result<Filled, Failure> {
        let before = self.before(document)?;
        let mut whole = true;
        for (slot, (leaf, attachment)) in record.assets.iter_mut().zip(document.attachments()) {
            self.sink.cancel().check()?;
            if let Some(sha256) = self.known(attachment, &before)? {
                slot.sha256 = Some(sha256);
                continue;
            }
            match self.fetch(document.id(), leaf, attachment)? {
                Fetched::Stored(sha256, size) => {
                    slot.sha256 = Some(sha256);
                    slot.size = Some(size);
                }
                Fetched::NotThere(_) if !last => return Ok(Filled::Moved),
                Fetched::NotThere(error) | Fetched::Failed(error) => {
                    whole = false;
                    self.sink.gap(Gap {
                        subject: format!("{}: {}", self.database.part(document.id()), attachment.name),
                        kind: error.kind,
                        message: error.to_string(),
                    });
                }
            }
        }
        Ok(if whole { Filled::Whole } else { Filled::Missing })
    }

    /// Contents the snapshot before has of this document.
    fn before(&self, document: &Document) -> Result<Contents, Failure> {
        let Some(record) = self.sink.previous(self.collection, document.id())? else {
            return Ok(Contents::new());
        };
        let Ok(before) = Document::of(&record) else {
            return Ok(Contents::new());
        };
        let known = before.attachments().filter_map(|(_, attachment)| {
            let sha256 = attachment.asset.as_ref()?.sha256.clone()?;
            Some((key(attachment)?, sha256))
        });
        Ok(known.collect())
    }

    fn known(&self, attachment: &Attachment, before: &Contents) -> Result<Option<String>, Failure> {
        let Some(key) = key(attachment) else { return Ok(None) };
        let now = self.stored.0.lock().get(&key).cloned();
        for sha256 in now.into_iter().chain(before.get(&key).cloned()) {
            if self.sink.keep_asset(&sha256)? {
                return Ok(Some(sha256));
            }
        }
        Ok(None)
    }

    fn fetch(&self, id: &str, leaf: &Leaf, attachment: &Attachment) -> Result<Fetched, Failure> {
        let rev = leaf.rev.as_ref().map(ToString::to_string);
        let stub = Stub {
            content_type: attachment.media_type.clone(),
            length: attachment.length,
            digest: attachment.digest.clone(),
            revpos: attachment.revpos,
            encoding: None,
        };
        let mut content = match self.database.attachment(id, rev.as_deref(), &attachment.name, &stub) {
            Ok(content) => content,
            Err(error) => return judged(error),
        };
        let subject = format!("{}: {}", self.database.part(id), attachment.name);
        let told = attachment.length.or(content.length);
        let (size, mut spool);
        let content: &mut (dyn Read + Send) = match told {
            Some(told) => {
                size = told;
                &mut content
            }
            None => match spooled(&mut content) {
                Ok((length, file)) => {
                    (size, spool) = (length, file);
                    &mut spool
                }
                Err(error) => return stopped(SourceError::io(&subject, error)),
            },
        };
        let mut exact = Exact {
            content,
            subject,
            size,
            got: 0,
            failed: None,
        };
        match (self.sink.asset(&attachment.name, size, &mut exact), exact.failed) {
            (Ok(sha256), None) => {
                self.remember(attachment, &sha256);
                Ok(Fetched::Stored(sha256, size))
            }
            (_, Some(error)) => stopped(error),
            (Err(error), None) => Err(Failure::Run(error)),
        }
    }

    fn remember(&self, attachment: &Attachment, sha256: &str) {
        let Some(key) = key(attachment) else { return };
        let mut stored = self.stored.0.lock();
        if stored.len() >= REMEMBERED {
            // Forgetting costs a second reading, no more.
            stored.clear();
        }
        stored.insert(key, sha256.to_owned());
    }
}

enum Fetched {
    Stored(String, u64),
    NotThere(SourceError),
    Failed(SourceError),
}

/// Whether an error is of this attachment alone.
fn judged(error: CouchError) -> Result<Fetched, Failure> {
    match &error {
        CouchError::Http(http) if http.kind() == ErrorKind::Unreachable => Err(error.into()),
        CouchError::Taker(_) => Err(error.into()),
        _ if error.kind() == ErrorKind::Cancelled => Err(error.into()),
        _ => match error.refusal() {
            Some(Refusal::Unauthorized | Refusal::NoDatabase) => Err(error.into()),
            Some(Refusal::Missing | Refusal::Deleted | Refusal::Unknown) => Ok(Fetched::NotThere(error.into())),
            _ => Ok(Fetched::Failed(error.into())),
        },
    }
}

/// An attachment that broke off although it was taken up again is missing; if the server is gone, the next request tells.
fn stopped(error: SourceError) -> Result<Fetched, Failure> {
    match error.kind {
        ErrorKind::Cancelled => Err(Failure::Run(error)),
        _ => Ok(Fetched::Failed(error)),
    }
}

/// Content whose length nobody told.
fn spooled(content: &mut dyn Read) -> io::Result<(u64, std::fs::File)> {
    let mut file = tempfile::tempfile()?;
    let length = io::copy(content, &mut file)?;
    file.rewind()?;
    Ok((length, file))
}

/// Gives exactly the announced number of bytes or fails, and remembers why: the sink's own failures are told apart by that.
struct Exact<'a> {
    content: &'a mut (dyn Read + Send),
    subject: String,
    size: u64,
    got: u64,
    failed: Option<SourceError>,
}

impl Exact<'_> {
    fn fail(&mut self, error: SourceError) -> io::Error {
        let again = SourceError::new(error.kind, error.subject.clone(), error.message.clone());
        self.failed = Some(error);
        io::Error::other(again)
    }

    fn other_length(&mut self) -> io::Error {
        let has = if self.got > self.size { "more" } else { "less" };
        let message = format!("has {has} than the {} bytes its document says", self.size);
        let error = SourceError::new(ErrorKind::Changed, self.subject.clone(), message);
        self.fail(error)
    }
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.content.read(buffer) {
            Ok(got) => {
                self.got += got as u64;
                if self.got > self.size || (got == 0 && self.got < self.size) {
                    return Err(self.other_length());
                }
                // A sink that read all it was promised may not read on: the digest is compared at the end.
                if got > 0 && self.got == self.size {
                    let mut more = [0; 1];
                    match self.content.read(&mut more) {
                        Ok(0) => {}
                        Ok(_) => {
                            self.got += 1;
                            return Err(self.other_length());
                        }
                        Err(error) => {
                            let error = SourceError::io(&self.subject, error);
                            return Err(self.fail(error));
                        }
                    }
                }
                Ok(got)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let error = SourceError::io(&self.subject, error);
                Err(self.fail(error))
            }
        }
    }
}
