//! Reading an image's bytes: with the header of a plain file, hashed on the way, and proven to be of one moment at the end.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use backstay_source::SourceError;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::image::{Bytes, Image};
use crate::{
    client::{Print, RawFile, canonical},
    error::Fact,
};

/// The outcome of a stream, known when its last byte was read.
#[derive(Debug, Default)]
pub struct Outcome {
    /// SHA-256 of all bytes, if they were read in order.
    pub sha256: Option<[u8; 32]>,
    /// The source was written to in the middle: the bytes are of no single moment.
    pub moved: bool,
}

enum Inner {
    InPlace(RawFile),
    Copied(File),
}

/// The bytes of an image.
pub struct Stream {
    inner: Inner,
    path: PathBuf,
    print: Print,
    /// The first bytes, with the header rewritten.
    head: Vec<u8>,
    size: u64,
    at: u64,
    /// `None` once something was jumped over.
    hasher: Option<Sha256>,
    outcome: Arc<Mutex<Outcome>>,
}

impl Stream {
    pub(super) fn new(image: &Image, path: &Path) -> io::Result<Self> {
        let inner = match &image.bytes {
            Bytes::InPlace => Inner::InPlace(RawFile::open(path)?),
            Bytes::Named(_) => return Err(io::ErrorKind::InvalidInput.into()),
            Bytes::Copied(file) => Inner::Copied(file.try_clone()?),
        };
        let mut stream = Self {
            inner,
            path: path.to_owned(),
            print: image.print.clone(),
            head: Vec::new(),
            size: image.size,
            at: 0,
            hasher: Some(Sha256::new()),
            outcome: Arc::default(),
        };
        let mut head = vec![0; 512];
        stream.seek_inner(0)?;
        stream.fill(&mut head)?;
        canonical(&mut head);
        stream.head = head;
        Ok(stream)
    }

    /// What comes of it, to be looked at after the last byte.
    pub fn outcome(&self) -> Arc<Mutex<Outcome>> {
        self.outcome.clone()
    }

    /// Goes on reading at `at`. From then on nothing is hashed.
    pub fn jump(&mut self, at: u64) -> io::Result<()> {
        if at != self.at {
            self.at = at.min(self.size);
            self.hasher = None;
            self.seek_inner(self.at.max(self.head.len() as u64))?;
        }
        Ok(())
    }

    fn seek_inner(&mut self, at: u64) -> io::Result<()> {
        match &mut self.inner {
            Inner::InPlace(file) => file.seek(SeekFrom::Start(at)).map(drop),
            Inner::Copied(file) => file.seek(SeekFrom::Start(at)).map(drop),
        }
    }

    /// Fills `out`; a file that ends before has changed.
    fn fill(&mut self, out: &mut [u8]) -> io::Result<()> {
        let mut n = 0;
        while n < out.len() {
            let got = match &mut self.inner {
                Inner::InPlace(file) => file.read(&mut out[n..])?,
                Inner::Copied(file) => file.read(&mut out[n..])?,
            };
            if got == 0 {
                return Err(self.moved());
            }
            n += got;
        }
        Ok(())
    }

    fn moved(&self) -> io::Error {
        self.outcome.lock().moved = true;
        io::Error::other(SourceError::from(Fact::KeptChanging.at(&self.path)))
    }

    /// All bytes were read: are they of one moment?
    fn close(&mut self) -> io::Result<()> {
        if matches!(self.inner, Inner::InPlace(_)) && !Print::take(&self.path).is_ok_and(|(now, _)| now.same_as(&self.print)) {
            return Err(self.moved());
        }
        self.outcome.lock().sha256 = self.hasher.take().map(|h| h.finalize().into());
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let mut room = left.min(buf.len());
        if room == 0 {
            return Ok(0);
        }
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        if let Some(head) = self.head.get(at..).filter(|h| !h.is_empty()) {
            let from_head = room.min(head.len());
            buf[..from_head].copy_from_slice(&head[..from_head]);
            // A large buffer is filled in one go, so that page borders stay where they are.
            let rest = &mut buf[from_head..room];
            if rest.is_empty() {
                room = from_head;
            } else {
                self.fill(rest)?;
            }
        } else {
            self.fill(&mut buf[..room])?;
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buf[..room]);
        }
        self.at += room as u64;
        if self.at == self.size {
            self.close()?;
        }
        Ok(room)
    }
}
