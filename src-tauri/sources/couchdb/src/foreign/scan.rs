//! One JSON value at a time out of a text of any size. The content of attachments, which can be far larger than memory, goes straight
//! to the sink; everything else of a value is kept as it came.

use std::io::{self, Read, Seek, SeekFrom};

use backstay_source::Sink;
use base64::{
    alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    read::DecoderReader,
};

use super::{
    error::{Flaw, ForeignError},
    input::Input,
};

/// Bytes a document may have without its attachments. CouchDB takes 8 MB unless told otherwise.
pub(super) const MAX_DOCUMENT: usize = 64 << 20;
/// Values within values.
const MAX_DEPTH: usize = 1000;
/// Content of attachments up to this size waits in memory until its size is known.
const IN_MEMORY: usize = 4 << 20;

/// Padding is optional, as JavaScript programs have it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How a text is laid out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// A line ends every value.
    pub lines: bool,
    /// The document is the member `doc` of the value.
    pub wrapped: bool,
}

/// A value that was read.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// Line in which it began.
    pub line: u64,
    /// Its JSON, the content of each attachment replaced by its number in `contents`. Line breaks between tokens are left out.
    pub text: Vec<u8>,
    /// What was taken out.
    pub contents: Vec<Content>,
}

/// The content of an attachment, given to the sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// Reads the object or list that lies ahead.
///
/// # Errors
/// [`ForeignError::BrokenLine`] when it is no JSON; what else went wrong.
pub(super) fn value(input: &mut Input<'_>, layout: Layout, sink: &dyn Sink) -> Result<Scanned, ForeignError> {
    let mut scan = Scan {
        done: Scanned {
            line: input.line(),
            ..Scanned::default()
        },
        input,
        layout,
        sink,
        open: Vec::new(),
        keys: Default::default(),
        key_next: false,
        content_next: false,
    };
    scan.run()?;
    Ok(scan.done)
}

struct Scan<'i, 'a> {
    input: &'i mut Input<'a>,
    layout: Layout,
    sink: &'i dyn Sink,
    done: Scanned,
    /// What was opened and not closed: `{` and `[`.
    open: Vec<u8>,
    /// The names of the members one is in, from the outermost.
    keys: [String; 4],
    key_next: bool,
    content_next: bool,
}

/// A flaw at the place where `input` is.
pub(super) fn flaw(input: &Input<'_>, reason: Flaw) -> ForeignError {
    ForeignError::BrokenLine {
        line: input.line(),
        byte: input.byte(),
        reason,
    }
}

impl Scan<'_, '_> {
    fn flaw(&self, reason: Flaw) -> ForeignError {
        flaw(self.input, reason)
    }

    fn run(&mut self) -> Result<(), ForeignError> {
        loop {
            self.plain()?;
            let Some(byte) = self.input.peek()? else {
                return Err(self.flaw(Flaw::Ends));
            };
            if self.content_next && !matches!(byte, b'"' | b'\n' | b'\r') {
                return Err(self.flaw(Flaw::NoText));
            }
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    self.open.push(byte);
                    if self.open.len() > MAX_DEPTH {
                        return Err(self.flaw(Flaw::Deep));
                    }
                    self.key_next = byte == b'{';
                    self.take(1)?;
                }
                b'}' | b']' => {
                    let opened = if byte == b'}' { b'{' } else { b'[' };
                    if self.open.pop() != Some(opened) {
                        return Err(self.flaw(Flaw::NoJson));
                    }
                    self.take(1)?;
                    if self.open.is_empty() {
                        return Ok(());
                    }
                }
                b',' => {
                    self.key_next = self.open.last() == Some(&b'{');
                    self.take(1)?;
                }
                b':' => {
                    self.take(1)?;
                    self.content_next = self.at_content();
                }
                b'\r' => self.input.skip(1),
                b'\n' if self.layout.lines => return Err(self.flaw(Flaw::Ends)),
                b'\n' => self.input.next_line(),
                _ => return Err(self.flaw(Flaw::NoJson)),
            }
        }
    }

    /// Takes what is neither text nor structure: numbers, words, blanks.
    fn plain(&mut self) -> Result<(), ForeignError> {
        loop {
            let blank_only = self.content_next;
            let bytes = self.input.ahead()?;
            let structure = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'\n' | b'\r');
            let stop = |byte: &u8| structure(byte) || (blank_only && !matches!(byte, b' ' | b'\t'));
            let end = bytes.iter().position(stop);
            let count = end.unwrap_or(bytes.len());
            if count > 0 {
                self.take(count)?;
            }
            if end.is_some() || count == 0 {
                return Ok(());
            }
        }
    }

    /// Takes `count` bytes of what lies ahead.
    fn take(&mut self, count: usize) -> Result<(), ForeignError> {
        if self.done.text.len() + count > MAX_DOCUMENT {
            return Err(ForeignError::TooLarge {
                line: self.done.line,
                limit: MAX_DOCUMENT,
            });
        }
        let bytes = self.input.ahead()?;
        self.done.text.extend_from_slice(&bytes[..count.min(bytes.len())]);
        self.input.skip(count);
        Ok(())
    }

    /// Whether the member whose value comes is the content of an attachment.
    fn at_content(&self) -> bool {
        let top = usize::from(self.layout.wrapped);
        let named = |at: usize, name: &str| self.keys.get(at).is_some_and(|key| key == name);
        self.open.len() == top + 3
            && self.open.iter().all(|open| *open == b'{')
            && (top == 0 || named(0, "doc"))
            && named(top, "_attachments")
            && self.last_key() == "data"
    }

    fn last_key(&self) -> &str {
        self.open
            .len()
            .checked_sub(1)
            .and_then(|at| self.keys.get(at))
            .map_or("", String::as_str)
    }

    fn string(&mut self) -> Result<(), ForeignError> {
        if std::mem::take(&mut self.content_next) {
            return self.content();
        }
        let start = self.done.text.len();
        self.take(1)?;
        loop {
            let bytes = self.input.ahead()?;
            if bytes.is_empty() {
                return Err(self.flaw(Flaw::Ends));
            }
            let Some(at) = memchr::memchr3(b'"', b'\\', b'\n', bytes) else {
                let all = bytes.len();
                self.take(all)?;
                continue;
            };
            let byte = bytes[at];
            self.take(at)?;
            match byte {
                b'"' => {
                    self.take(1)?;
                    break;
                }
                b'\\' => {
                    self.take(1)?;
                    match self.input.peek()? {
                        None | Some(b'\n') => return Err(self.flaw(Flaw::Ends)),
                        Some(_) => self.take(1)?,
                    }
                }
                _ => return Err(self.flaw(Flaw::Ends)),
            }
        }
        let is_key = std::mem::take(&mut self.key_next);
        if is_key && let Some(key) = self.open.len().checked_sub(1).and_then(|at| self.keys.get_mut(at)) {
            *key = serde_json::from_slice(&self.done.text[start..]).unwrap_or_default();
        }
        Ok(())
    }

    /// Gives the content of an attachment to the sink.
    fn content(&mut self) -> Result<(), ForeignError> {
        let name = self.keys[usize::from(self.layout.wrapped) + 1].clone();
        self.input.skip(1);
        let mut spool = tempfile::spooled_tempfile(IN_MEMORY);
        let mut text = Text {
            input: self.input,
            trouble: None,
        };
        let decoded = io::copy(&mut DecoderReader::new(&mut text, &BASE64), &mut spool);
        let trouble = text.trouble.take();
        let size = match (decoded, trouble) {
            (_, Some(trouble)) => return Err(trouble),
            (Err(error), None) if error.kind() == io::ErrorKind::InvalidData => return Err(self.flaw(Flaw::NoBase64)),
            (Err(error), None) => return Err(error.into()),
            (Ok(size), None) => size,
        };
        if self.input.peek()? != Some(b'"') {
            return Err(self.flaw(Flaw::Ends));
        }
        self.input.skip(1);
        spool.seek(SeekFrom::Start(0))?;
        let sha256 = self.sink.asset(&name, size, &mut spool)?;
        let number = self.done.contents.len();
        self.done.contents.push(Content { sha256, size });
        self.done.text.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    }
}

/// The text between quotes, which are left standing. Base64 needs no escapes; `\/` is how some programs write a slash.
struct Text<'i, 'a> {
    input: &'i mut Input<'a>,
    trouble: Option<ForeignError>,
}

impl Text<'_, '_> {
    fn some(&mut self, buffer: &mut [u8]) -> Result<usize, ForeignError> {
        let bytes = self.input.ahead()?;
        let bytes = &bytes[..bytes.len().min(buffer.len())];
        let end = memchr::memchr3(b'"', b'\\', b'\n', bytes).unwrap_or(bytes.len());
        if end > 0 {
            buffer[..end].copy_from_slice(&bytes[..end]);
            self.input.skip(end);
            return Ok(end);
        }
        match bytes.first() {
            Some(b'\\') => {
                self.input.skip(1);
                match self.input.peek()? {
                    Some(b'/') => {
                        buffer[0] = b'/';
                        self.input.skip(1);
                        Ok(1)
                    }
                    _ => Err(flaw(self.input, Flaw::NoBase64)),
                }
            }
            Some(b'"') => Ok(0),
            _ => Err(flaw(self.input, Flaw::Ends)),
        }
    }
}

impl Read for Text<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.some(buffer).map_err(|trouble| {
            self.trouble = Some(trouble);
            io::Error::other("stopped")
        })
    }
}

/// Reads the text in quotes that lies ahead.
///
/// # Errors
/// When there is none.
pub(super) fn text(input: &mut Input<'_>) -> Result<String, ForeignError> {
    if input.peek()? != Some(b'"') {
        return Err(flaw(input, Flaw::NoJson));
    }
    let mut quoted = vec![b'"'];
    input.skip(1);
    loop {
        let Some(byte) = input.peek()? else {
            return Err(flaw(input, Flaw::Ends));
        };
        if byte == b'\n' || quoted.len() > MAX_DOCUMENT {
            return Err(flaw(input, Flaw::Ends));
        }
        let escaped = quoted.last() == Some(&b'\\') && quoted.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1;
        quoted.push(byte);
        input.skip(1);
        if byte == b'"' && !escaped {
            return serde_json::from_slice(&quoted).map_err(|_| flaw(input, Flaw::NoJson));
        }
    }
}

/// Goes past a number or word.
///
/// # Errors
/// When the file cannot be read, or something else lies there.
pub(super) fn word(input: &mut Input<'_>) -> Result<(), ForeignError> {
    let mut any = false;
    while let Some(byte) = input.peek()? {
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
            break;
        }
        any = true;
        input.skip(1);
    }
    if any { Ok(()) } else { Err(flaw(input, Flaw::NoJson)) }
}
