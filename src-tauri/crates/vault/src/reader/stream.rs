//! Reads whole files from front to end: neighbouring blobs in one go, and ahead of whoever consumes them.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use crossbeam_channel::{Receiver, bounded};

use super::{Reader, decode_blob};
use crate::index::Located;
use crate::pack::BlobKind;
use crate::place::FileKind;
use crate::{Id, Node, Result, VaultError};

/// Most sealed bytes read in one go.
const RANGE: u64 = 4 << 20;
/// Files larger than this are read ahead by a thread of their own.
const READ_AHEAD: u64 = 2 << 20;
/// How many blobs are decoded ahead.
const AHEAD: usize = 2;

/// The content of a file, piece by piece or through [`Read`]. Errors that come out of [`Read`] carry the
/// [`VaultError`] within.
pub struct FileStream {
    pieces: Pieces,
    current: Bytes,
}

enum Pieces {
    Ended,
    Inline(Ranges),
    /// The end is sent too, so that a thread that died is not taken for it.
    Ahead(Receiver<Result<Option<Bytes>>>),
}

impl std::fmt::Debug for FileStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileStream")
    }
}

impl Reader {
    /// The content of a file from front to end, with at most some megabytes in memory.
    ///
    /// # Errors
    /// When `node` is no file. Missing and damaged blobs come up while reading.
    pub fn open(&self, node: &Node) -> Result<FileStream> {
        if !node.is_file() {
            return Err(VaultError::NotAFile {
                name: node.display_name(),
            });
        }
        let mut ranges = Ranges {
            reader: self.clone(),
            content: node.content.clone(),
            next: 0,
            sealed: Vec::new(),
            blobs: Vec::new(),
            at: 0,
        };
        if node.size <= READ_AHEAD || node.content.len() < 2 {
            return Ok(FileStream {
                pieces: Pieces::Inline(ranges),
                current: Bytes::new(),
            });
        }
        let (send, receive) = bounded(AHEAD);
        let worker = std::thread::Builder::new().name("vault-read".to_owned()).spawn(move || {
            // Goes on until the end, an error, or nobody listens any more.
            loop {
                let piece = ranges.next_piece();
                let more = matches!(piece, Ok(Some(_)));
                if send.send(piece).is_err() || !more {
                    break;
                }
            }
        });
        worker.map_err(|e| VaultError::Engine {
            what: "starting a thread",
            message: e.to_string(),
        })?;
        Ok(FileStream {
            pieces: Pieces::Ahead(receive),
            current: Bytes::new(),
        })
    }
}

impl FileStream {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When a blob is missing or damaged; nothing comes behind that.
    pub fn next_piece(&mut self) -> Result<Option<Bytes>> {
        if self.current.has_remaining() {
            return Ok(Some(std::mem::take(&mut self.current)));
        }
        match &mut self.pieces {
            Pieces::Inline(ranges) => ranges.next_piece(),
            Pieces::Ahead(receive) => match receive.recv() {
                Ok(Ok(None)) => {
                    self.pieces = Pieces::Ended;
                    Ok(None)
                }
                Ok(piece) => piece,
                Err(_) => Err(VaultError::Engine {
                    what: "reading",
                    message: "the thread has ended".to_owned(),
                }),
            },
            Pieces::Ended => Ok(None),
        }
    }
}

impl Read for FileStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.current.has_remaining() {
            match self.next_piece().map_err(io::Error::other)? {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let take = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..take]);
        Ok(take)
    }
}

/// Goes through the blobs of a file, reading neighbours in one pack together.
struct Ranges {
    reader: Reader,
    content: Arc<[Id]>,
    /// First blob that is not yet read.
    next: usize,
    /// Sealed bytes of `blobs`.
    sealed: Vec<u8>,
    /// Blobs read and not yet given out.
    blobs: Vec<Located>,
    at: usize,
}

impl Ranges {
    fn next_piece(&mut self) -> Result<Option<Bytes>> {
        if self.at == self.blobs.len() && !self.read_range()? {
            return Ok(None);
        }
        let located = self.blobs[self.at];
        let start = (located.blob.offset - self.blobs[0].blob.offset) as usize;
        self.at += 1;
        let sealed = self
            .sealed
            .get_mut(start..start + located.blob.length as usize)
            .unwrap_or_default();
        match decode_blob(self.reader.vault().master_key(), &located.blob, sealed) {
            Ok(plain) => Ok(Some(plain.into())),
            // This copy is damaged or could not be read: another one may be good, and if not, it says what is wrong.
            Err(_) => self
                .reader
                .fetch(BlobKind::Data, &located.blob.id)
                .map(|plain| Some(plain.into())),
        }
    }

    /// Reads the next run of neighbours; `false` at the end of the file.
    fn read_range(&mut self) -> Result<bool> {
        self.blobs.clear();
        self.at = 0;
        let Some(first) = self.content.get(self.next) else {
            return Ok(false);
        };
        let (index, first) = self.reader.locate(BlobKind::Data, first)?;
        let begin = u64::from(first.blob.offset);
        let mut end = begin + u64::from(first.blob.length);
        self.blobs.push(first);
        self.next += 1;
        while let Some(id) = self.content.get(self.next) {
            let neighbour = index.rows(BlobKind::Data, id).filter_map(|row| index.row(row));
            let neighbour = neighbour
                .into_iter()
                .find(|l| l.pack == first.pack && u64::from(l.blob.offset) == end);
            match neighbour {
                Some(l) if end + u64::from(l.blob.length) - begin <= RANGE => {
                    end += u64::from(l.blob.length);
                    self.blobs.push(l);
                    self.next += 1;
                }
                _ => break,
            }
        }
        let pack = index.packs()[first.pack as usize].id;
        let length = usize::try_from(end - begin).unwrap_or(usize::MAX);
        let place = self.reader.vault().place();
        if place
            .read_range(FileKind::Pack, &pack, begin, length, &mut self.sealed)
            .is_err()
        {
            // Blob by blob then, from other copies where there are any; that gives a precise error.
            self.sealed.clear();
        }
        Ok(true)
    }
}
