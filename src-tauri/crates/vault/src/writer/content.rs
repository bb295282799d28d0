//! Reads a file, cuts it into blobs and stores them.

use std::io::{self, Read};

use fastcdc::v2020::{Normalization, cut_gear, get_gear_with_seed, select_masks};

use super::options::Chunking;
use super::pipeline::Pipeline;
use super::session::Session;
use crate::pack::BlobKind;
use crate::{Id, Result, VaultError};

/// Sizes of content-defined chunks.
const MIN: usize = 256 << 10;
const AVERAGE: usize = 1 << 20;
const MAX: usize = 4 << 20;
/// How much is read at once. More falls out of the processor's caches before it is hashed: measured at 10 % of all.
const READ: usize = 1 << 20;
/// Largest file that is stored as one blob: it is held in memory whole.
pub(super) const WHOLE: u64 = 512 << 20;

/// Stores what `reader` delivers, which must be `size` bytes; gives the blobs.
pub(super) fn store(
    session: &Session,
    pipeline: &Pipeline,
    path: &[u8],
    size: u64,
    reader: &mut dyn Read,
    chunking: Chunking,
) -> Result<Vec<Id>> {
    let mut source = Source {
        session,
        path,
        size,
        delivered: 0,
        reader,
        buffer: pipeline.spare().take(),
        ended: false,
    };
    let stored = source.store(pipeline, chunking);
    pipeline.spare().give(source.buffer);
    stored
}

/// A file being read.
struct Source<'a> {
    session: &'a Session,
    path: &'a [u8],
    size: u64,
    delivered: u64,
    reader: &'a mut dyn Read,
    buffer: Vec<u8>,
    ended: bool,
}

impl Source<'_> {
    fn store(&mut self, pipeline: &Pipeline, chunking: Chunking) -> Result<Vec<Id>> {
        let whole = usize::try_from(self.size).ok().filter(|_| self.size <= WHOLE);
        match (chunking, whole) {
            (Chunking::ContentDefined, Some(size)) if size <= MIN => self.store_whole(pipeline, size),
            (Chunking::Fixed(block), Some(size)) if size <= block as usize => self.store_whole(pipeline, size),
            (Chunking::Whole, Some(size)) => self.store_whole(pipeline, size),
            (Chunking::Whole, None) => Err(VaultError::TooLargeForOneBlob {
                path: self.display_path(),
                size: self.size,
                limit: WHOLE,
            }),
            (Chunking::Fixed(block), _) => self.store_fixed(pipeline, (block as usize).max(512)),
            (Chunking::ContentDefined, _) => self.store_chunks(pipeline),
        }
    }

    fn store_whole(&mut self, pipeline: &Pipeline, size: usize) -> Result<Vec<Id>> {
        // One byte more, to notice a file that has grown.
        self.fill(size + 1)?;
        self.check_end()?;
        if size == 0 {
            Ok(Vec::new())
        } else {
            Ok(vec![pipeline.store_slice(BlobKind::Data, &self.buffer)?])
        }
    }

    fn store_fixed(&mut self, pipeline: &Pipeline, block: usize) -> Result<Vec<Id>> {
        let at_once = READ.div_ceil(block) * block;
        let mut ids = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0) / block + 1);
        while !self.ended {
            self.session.check()?;
            self.buffer.clear();
            self.fill(at_once)?;
            for piece in self.buffer.chunks(block) {
                ids.push(pipeline.store_slice(BlobKind::Data, piece)?);
            }
        }
        self.check_end()?;
        Ok(ids)
    }

    fn store_chunks(&mut self, pipeline: &Pipeline) -> Result<Vec<Id>> {
        let (gear, gear_shifted) = get_gear_with_seed(self.session.vault.config().chunker_seed());
        let (strict, loose) = select_masks(AVERAGE, Normalization::Level1);
        let mut ids = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0) / AVERAGE + 1);
        loop {
            self.session.check()?;
            self.fill(MAX + READ)?;
            let mut at = 0;
            while self.buffer.len() - at >= MAX || (self.ended && at < self.buffer.len()) {
                let rest = &self.buffer[at..];
                let masks = (strict, loose, strict << 1, loose << 1);
                let (_, length) = cut_gear(
                    rest,
                    MIN,
                    AVERAGE,
                    MAX,
                    masks.0,
                    masks.1,
                    masks.2,
                    masks.3,
                    &gear,
                    &gear_shifted,
                );
                ids.push(pipeline.store_slice(BlobKind::Data, &rest[..length])?);
                at += length;
            }
            self.buffer.drain(..at);
            if self.ended {
                break;
            }
        }
        self.check_end()?;
        Ok(ids)
    }

    /// Reads until the buffer holds `wanted` bytes or the file ends, however little each read delivers. Never reads
    /// more than one byte beyond the promised size.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        let mut filled = self.buffer.len();
        let allowed = usize::try_from((self.size + 1).saturating_sub(self.delivered)).unwrap_or(usize::MAX);
        let wanted = wanted.min(filled.saturating_add(allowed));
        self.buffer.resize(wanted.max(filled), 0);
        let mut failed = None;
        while filled < wanted {
            match self.reader.read(&mut self.buffer[filled..wanted]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => {
                    filled += read.min(wanted - filled);
                    self.delivered += read as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    failed = Some(e);
                    break;
                }
            }
        }
        self.buffer.truncate(filled);
        self.ended |= self.delivered > self.size;
        match failed {
            Some(source) => Err(VaultError::Source {
                path: self.display_path(),
                source,
            }),
            None => Ok(()),
        }
    }

    /// Refuses when the file did not have the size promised.
    fn check_end(&self) -> Result<()> {
        if self.delivered == self.size {
            return Ok(());
        }
        let path = self.display_path();
        Err(VaultError::SizeChanged {
            path,
            promised: self.size,
            delivered: self.delivered,
        })
    }

    fn display_path(&self) -> String {
        String::from_utf8_lossy(self.path).into_owned()
    }
}
