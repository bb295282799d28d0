//! The bytes of a file, unpacked where they are compressed, counted, and stoppable at any of them.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    rc::Rc,
};

use backstay_source::Sink;
use flate2::bufread::MultiGzDecoder;

use super::error::ForeignError;

/// Bytes read at once.
const BUFFER: usize = 256 << 10;
/// Bytes at the end of a line that are remembered: more than a marker has.
const TAIL: usize = 64;

/// Whether a file that begins like this is compressed (RFC 1952, 2.3.1).
pub(super) fn is_packed(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

/// A text that is read once from its beginning to its end.
pub(super) struct Input<'a> {
    inner: Box<dyn BufRead + 'a>,
    /// Number of the line, from 1.
    line: u64,
    /// Bytes of the line that were consumed.
    column: u64,
    tail: Vec<u8>,
    packed: bool,
    /// The compressed data ended in the middle.
    cut: Rc<Cell<bool>>,
}

impl<'a> Input<'a> {
    /// Opens the file at `path`; what is read of it is told to `sink`, and its flag is looked at.
    pub(super) fn open(path: &Path, sink: &'a dyn Sink) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut counted = BufReader::with_capacity(
            BUFFER,
            Counted {
                name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                inner: file,
                sink,
            },
        );
        let packed = is_packed(counted.fill_buf()?);
        Ok(match packed {
            false => Self::new(Box::new(counted), false),
            true => {
                let unpacked = Stoppable {
                    inner: MultiGzDecoder::new(counted),
                    sink,
                };
                Self::new(Box::new(BufReader::with_capacity(BUFFER, unpacked)), true)
            }
        })
    }

    /// Reads from anything.
    pub(super) fn new(inner: Box<dyn BufRead + 'a>, packed: bool) -> Self {
        Self {
            inner,
            line: 1,
            column: 0,
            tail: Vec::with_capacity(2 * TAIL),
            packed,
            cut: Rc::default(),
        }
    }

    /// What lies ahead; nothing at the end.
    pub(super) fn ahead(&mut self) -> Result<&[u8], ForeignError> {
        if self.cut.get() {
            return Ok(&[]);
        }
        let packed = self.packed;
        let cut = self.cut.clone();
        match self.inner.fill_buf() {
            Ok(bytes) => Ok(bytes),
            // What was unpacked before is good; the end is missing.
            Err(error) if packed && error.kind() == io::ErrorKind::UnexpectedEof => {
                cut.set(true);
                Ok(&[])
            }
            Err(error) if packed && matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                Err(ForeignError::Packed {
                    reason: error.to_string(),
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ForeignError> {
        Ok(self.ahead()?.first().copied())
    }

    /// Goes on by `count` bytes of what lies ahead, none of which ends a line.
    pub(super) fn skip(&mut self, count: usize) {
        if let Ok(bytes) = self.inner.fill_buf() {
            let taken = &bytes[..count.min(bytes.len())];
            self.tail.extend_from_slice(&taken[taken.len().saturating_sub(TAIL)..]);
            let over = self.tail.len().saturating_sub(TAIL);
            self.tail.drain(..over);
        }
        self.column += count as u64;
        self.inner.consume(count);
    }

    /// Goes past the end of a line.
    pub(super) fn next_line(&mut self) {
        self.inner.consume(1);
        self.line += 1;
        self.column = 0;
        self.tail.clear();
    }

    /// Goes to the end of the line, which is left standing.
    pub(super) fn rest_of_line(&mut self) -> Result<(), ForeignError> {
        loop {
            let bytes = self.ahead()?;
            if bytes.is_empty() {
                return Ok(());
            }
            match memchr::memchr(b'\n', bytes) {
                Some(end) => {
                    self.skip(end);
                    return Ok(());
                }
                None => {
                    let all = bytes.len();
                    self.skip(all);
                }
            }
        }
    }

    /// Goes past blanks, and past ends of lines too where `lines`.
    pub(super) fn blanks(&mut self, lines: bool) -> Result<(), ForeignError> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r') => self.skip(1),
                Some(b'\n') if lines => self.next_line(),
                _ => return Ok(()),
            }
        }
    }

    /// The number of the line, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The byte of the line that comes next, from 1.
    pub(super) fn byte(&self) -> u64 {
        self.column + 1
    }

    /// Whether what was read of the line ends with `text` (of at most 64 bytes).
    pub(super) fn ends_with(&self, text: &[u8]) -> bool {
        let tail = self.tail.trim_ascii_end();
        tail.ends_with(text)
    }

    /// Whether compressed data ended in the middle.
    pub(super) fn was_cut(&self) -> bool {
        self.cut.get()
    }
}

/// Tells what was read of the file.
struct Counted<'a> {
    inner: File,
    sink: &'a dyn Sink,
    name: String,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.sink.cancel().check().map_err(io::Error::other)?;
        let read = self.inner.read(buffer)?;
        self.sink.seen(read as u64, &self.name);
        Ok(read)
    }
}

/// A few compressed bytes can stand for very many: the flag is looked at while they are unpacked too.
struct Stoppable<'a, R> {
    inner: R,
    sink: &'a dyn Sink,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.sink.cancel().check().map_err(io::Error::other)?;
        self.inner.read(buffer)
    }
}
