//! Reads the elements of one array of a JSON object as they come, each as its own bytes, so that memory is bounded by the largest
//! of them and one that is broken or too large does not take the others with it.
//!
//! Only what is needed to tell where a value ends is understood here (strings and brackets); whether a value is JSON is told by who
//! parses it. Own code: streaming parsers to be had give values and not their bytes.

use std::io::{self, Read};

use bytes::Bytes;
use memchr::memchr2;

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Bytes of everything beside the array.
const MOST_REST: usize = 4 << 20;
/// Bytes that are kept of an element that is too large.
const BEGINNING: usize = 4 * 1024;

/// One element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// Its bytes.
    Value(Bytes),
    /// It has more bytes than may be held; its beginning.
    TooLarge(Bytes),
}

/// Why no more elements come.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Reading failed.
    Read(io::Error),
    /// The text ended in the middle.
    Cut,
    /// The text is no JSON from here on.
    Bad(String),
    /// An object stands where none can: what a server says when it fails in the middle of an answer.
    Said(Bytes),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the object.
    Start,
    /// In the object, before a member; a comma may come first.
    Members {
        first: bool,
    },
    /// In the array.
    Items {
        first: bool,
    },
    End,
}

/// The elements of the member `array` of an object.
pub(crate) struct Elements<R> {
    read: R,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    array: &'static str,
    /// Largest element in bytes.
    limit: usize,
    state: State,
    seen: bool,
    rest: Vec<(String, Bytes)>,
    rest_size: usize,
}

impl<R: Read> Elements<R> {
    /// The elements of `array`, none of which may have more than `limit` bytes.
    pub(crate) fn new(read: R, array: &'static str, limit: usize) -> Self {
        Self {
            read,
            buffer: vec![0; PIECE],
            at: 0,
            filled: 0,
            array,
            limit,
            state: State::Start,
            seen: false,
            rest: Vec::new(),
            rest_size: 0,
        }
    }

    /// The next element; `None` when the whole object was read to its end.
    pub(crate) fn next(&mut self) -> Result<Option<Element>, Broken> {
        loop {
            match self.state {
                State::Start => {
                    self.expect(b'{')?;
                    self.state = State::Members { first: true };
                }
                State::Members { first } => self.member(first)?,
                State::Items { first } => {
                    if let Some(element) = self.item(first)? {
                        return Ok(Some(element));
                    }
                }
                State::End => return Ok(None),
            }
        }
    }

    /// The JSON of another member of the object, once everything was read.
    pub(crate) fn rest(&self, name: &str) -> Option<&Bytes> {
        self.rest.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Whether the array was there at all.
    pub(crate) fn seen(&self) -> bool {
        self.seen
    }

    fn member(&mut self, first: bool) -> Result<(), Broken> {
        match self.skip_space()? {
            b'}' => {
                self.at += 1;
                self.state = State::End;
                return self.nothing_more();
            }
            b',' if !first => {
                self.at += 1;
                self.skip_space()?;
            }
            _ if first => {}
            _ => return Err(self.unexpected()),
        }
        let name = self.value(MOST_REST)?;
        let Element::Value(name) = name else {
            return Err(self.unexpected());
        };
        let name: String = serde_json::from_slice(&name).map_err(|error| Broken::Bad(error.to_string()))?;
        self.expect(b':')?;
        if name == self.array && !self.seen {
            self.seen = true;
            self.expect(b'[')?;
            self.state = State::Items { first: true };
            return Ok(());
        }
        match self.value(MOST_REST.saturating_sub(self.rest_size))? {
            Element::Value(value) => {
                self.rest_size += value.len();
                self.rest.push((name, value));
            }
            Element::TooLarge(_) => return Err(Broken::Bad(format!("the member {name} is too large"))),
        }
        self.state = State::Members { first: false };
        Ok(())
    }

    fn item(&mut self, first: bool) -> Result<Option<Element>, Broken> {
        match self.skip_space()? {
            b']' => {
                self.at += 1;
                self.state = State::Members { first: false };
                return Ok(None);
            }
            b',' if !first => {
                self.at += 1;
                self.skip_space()?;
            }
            _ if first => {}
            _ => return Err(self.unexpected()),
        }
        self.state = State::Items { first: false };
        self.value(self.limit).map(Some)
    }

    /// After the end only white space may come; a server that fails late adds an object.
    fn nothing_more(&mut self) -> Result<(), Broken> {
        match self.skip_space() {
            Err(Broken::Cut) => Ok(()),
            Err(other) => Err(other),
            Ok(_) => Err(self.unexpected()),
        }
    }

    fn unexpected(&mut self) -> Broken {
        if self.buffer[self.at] == b'{'
            && let Ok(Element::Value(said)) = self.value(MOST_REST)
        {
            return Broken::Said(said);
        }
        let end = self.filled.min(self.at + 20);
        let at = String::from_utf8_lossy(self.buffer.get(self.at..end).unwrap_or_default()).into_owned();
        Broken::Bad(format!("\"{at}\" cannot stand where it does"))
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.skip_space()? == byte {
            self.at += 1;
            return Ok(());
        }
        Err(self.unexpected())
    }

    /// Goes to the next byte that is no white space, and gives it.
    fn skip_space(&mut self) -> Result<u8, Broken> {
        loop {
            while self.at < self.filled {
                let byte = self.buffer[self.at];
                if !byte.is_ascii_whitespace() {
                    return Ok(byte);
                }
                self.at += 1;
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), Broken> {
        loop {
            match self.read.read(&mut self.buffer) {
                Ok(0) => return Err(Broken::Cut),
                Ok(got) => {
                    self.at = 0;
                    self.filled = got;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Broken::Read(error)),
            }
        }
    }

    /// Takes the value that begins here.
    fn value(&mut self, limit: usize) -> Result<Element, Broken> {
        let mut kept = Kept {
            bytes: Vec::new(),
            limit,
            over: false,
        };
        let mut walk = Walk::default();
        loop {
            let from = self.at;
            let end = walk.go(&self.buffer[from..self.filled]);
            let to = end.map_or(self.filled, |length| from + length);
            kept.add(&self.buffer[from..to]);
            self.at = to;
            if end.is_some() {
                return Ok(kept.done());
            }
            self.fill()?;
        }
    }
}

struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    over: bool,
}

impl Kept {
    fn add(&mut self, more: &[u8]) {
        if self.over {
            return;
        }
        if self.bytes.len() + more.len() > self.limit {
            self.over = true;
            let room = BEGINNING.saturating_sub(self.bytes.len()).min(more.len());
            self.bytes.extend_from_slice(&more[..room]);
            self.bytes.truncate(BEGINNING);
            self.bytes.shrink_to_fit();
            return;
        }
        self.bytes.extend_from_slice(more);
    }

    fn done(self) -> Element {
        if self.over {
            Element::TooLarge(self.bytes.into())
        } else {
            Element::Value(self.bytes.into())
        }
    }
}

/// Where in a value a walk is.
#[derive(Default)]
struct Walk {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Walk {
    /// Walks on; the number of bytes up to the value's end, when that is among them.
    fn go(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                at = self.string(bytes, at)?;
                if self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match bytes[at] {
                // A bare number or word ends where another value begins, which is not JSON but what a failing server sends.
                b'"' | b'{' | b'[' if self.depth == 0 && self.begun => return Some(at),
                b'"' => {
                    self.in_string = true;
                    self.begun = true;
                }
                b'{' | b'[' => {
                    self.depth += 1;
                    self.begun = true;
                }
                // What closes the value around a bare number, word, or nothing at all, is not of it.
                b'}' | b']' | b',' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                byte if self.depth == 0 && self.begun && (byte.is_ascii_whitespace() || byte == b':') => return Some(at),
                _ => self.begun = true,
            }
            at += 1;
        }
        None
    }

    /// Walks to the end of the string that goes on at `at`; the place behind it.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if self.escaped {
                self.escaped = false;
                at += 1;
            }
            let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
            at = found + 1;
            if bytes[found] == b'"' {
                self.in_string = false;
                return Some(at);
            }
            self.escaped = true;
            if at >= bytes.len() {
                return None;
            }
        }
    }
}
