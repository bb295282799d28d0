//! The lines of a file of couchbackup: a header, lists of documents, marks of interruptions, and lines that were cut by those.

use backstay_source::Sink;
use serde::Deserialize;

use super::{
    error::{Flaw, ForeignError},
    input::Input,
    scan::{self, Layout, Scanned, flaw},
};

/// What a resumed backup writes first; where the interrupted one left a line without an end, this is glued to it.
const MARKER: &[u8] = br#"{"marker":"@cloudant/couchbackup:resume"}"#;
/// Bytes of a header or marker at most.
const SHORT: usize = 4 << 10;

/// The first line of files since version 2.10 (2.9.10 wrote it first).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Header {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `full` or `shallow`.
    pub mode: String,
    /// Attachments are in it.
    #[serde(default)]
    pub attachments: bool,
}

impl Header {
    /// Understands a first line; `None` when it is something else.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let header: Self = serde_json::from_slice(line).ok()?;
        header.name.ends_with("couchbackup").then_some(header)
    }
}

/// What was seen beside documents.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The header.
    pub header: Option<Header>,
    /// Lines that break off in a file without a header: nobody can say from them alone whether what was lost came again.
    pub doubtful: Vec<u64>,
    /// The file ends in the middle of this line.
    pub cut: Option<u64>,
    /// The compressed data ends in the middle.
    pub packed_cut: bool,
    /// The backup was interrupted and resumed.
    pub resumed: bool,
}

/// Reads all lines; each document goes to `take`. Documents of lines that break off are given too, as far as they are whole.
///
/// # Errors
/// When a line is damaged and nothing says that the backup went on properly, or `take` fails.
pub(super) fn read(
    input: &mut Input<'_>,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<Seen, ForeignError> {
    let mut seen = Seen::default();
    // A damaged line that only a marker right after it would excuse.
    let mut pending = None;
    loop {
        input.blanks(false)?;
        let first = input.line() == 1;
        let read = match input.peek()? {
            None => break,
            Some(b'\n') => {
                input.next_line();
                continue;
            }
            Some(b'[') => list(input, sink, take),
            Some(b'{') => short(input).and_then(|line| {
                let reason = if input.peek()?.is_none() { Flaw::Ends } else { Flaw::NoJson };
                note(&line, first, (input.line(), reason), &mut seen)
            }),
            Some(_) => Err(flaw(input, Flaw::NoJson)),
        };
        match (read, pending.take()) {
            (Ok(Line::Marker), _) | (Ok(_), None) => {}
            (Ok(_) | Err(_), Some(before)) => return Err(before),
            (Err(error @ ForeignError::BrokenLine { .. }), None) => pending = broken(input, error, &mut seen)?,
            (Err(error), None) => return Err(error),
        }
    }
    seen.packed_cut = input.was_cut();
    pending.map_or(Ok(seen), Err)
}

/// What a good line is.
enum Line {
    Documents,
    Header,
    Marker,
}

/// Decides about a damaged line; gives the error back where it is one unless a marker follows.
fn broken(input: &mut Input<'_>, error: ForeignError, seen: &mut Seen) -> Result<Option<ForeignError>, ForeignError> {
    let line = input.line();
    input.rest_of_line()?;
    let ends = matches!(error, ForeignError::BrokenLine { reason: Flaw::Ends, .. });
    let at_end = ends && input.peek()?.is_none();
    let full = seen.header.as_ref().is_none_or(|header| header.mode == "full");
    if full && input.ends_with(MARKER) {
        seen.resumed = true;
    } else if at_end {
        seen.cut = Some(line);
    } else if seen.header.is_none() {
        seen.doubtful.push(line);
    } else if full {
        return Ok(Some(error));
    } else {
        return Err(error);
    }
    Ok(None)
}

fn note(line: &[u8], first: bool, (number, reason): (u64, Flaw), seen: &mut Seen) -> Result<Line, ForeignError> {
    if line == MARKER {
        seen.resumed = true;
        return Ok(Line::Marker);
    }
    match Header::parse(line) {
        Some(header) if first => {
            seen.header = Some(header);
            Ok(Line::Header)
        }
        _ if serde_json::from_slice::<serde_json::Value>(line).is_ok() => Err(ForeignError::StrangeLine { line: number }),
        _ => Err(ForeignError::BrokenLine {
            line: number,
            byte: 1,
            reason,
        }),
    }
}

/// A line that is no list, as far as it is short.
fn short(input: &mut Input<'_>) -> Result<Vec<u8>, ForeignError> {
    let mut line = Vec::new();
    loop {
        let bytes = input.ahead()?;
        let end = memchr::memchr(b'\n', bytes);
        let count = end.unwrap_or(bytes.len()).min(SHORT - line.len());
        line.extend_from_slice(&bytes[..count]);
        let over = line.len() == SHORT;
        input.skip(count);
        if over {
            return Err(ForeignError::StrangeLine { line: input.line() });
        }
        if end.is_some() || count == 0 {
            return Ok(line.trim_ascii().to_vec());
        }
    }
}

/// A list of documents that fills a line.
fn list(
    input: &mut Input<'_>,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<Line, ForeignError> {
    let layout = Layout {
        lines: true,
        wrapped: false,
    };
    elements(input, layout, sink, take)?;
    input.blanks(false)?;
    match input.peek()? {
        None | Some(b'\n') => Ok(Line::Documents),
        // The backup was interrupted between the end of the list and the end of the line.
        Some(b'{') => {
            let reason = flaw(input, Flaw::Follows);
            let rest = short(input)?;
            if rest == MARKER { Ok(Line::Marker) } else { Err(reason) }
        }
        Some(_) => Err(flaw(input, Flaw::Follows)),
    }
}

/// The objects of a list that lies ahead.
///
/// # Errors
/// When it is none, or `take` fails.
pub(super) fn elements(
    input: &mut Input<'_>,
    layout: Layout,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<(), ForeignError> {
    let lines = !layout.lines;
    input.skip(1);
    let mut count = 0_u64;
    loop {
        input.blanks(lines)?;
        match input.peek()? {
            Some(b'{') => take(scan::value(input, layout, sink)?)?,
            Some(b']') if count == 0 => {}
            None | Some(b'\n') => return Err(flaw(input, Flaw::Ends)),
            Some(_) => return Err(flaw(input, Flaw::NoJson)),
        }
        count += 1;
        input.blanks(lines)?;
        match input.peek()? {
            Some(b',') => input.skip(1),
            Some(b']') => {
                input.skip(1);
                return Ok(());
            }
            None | Some(b'\n') => return Err(flaw(input, Flaw::Ends)),
            Some(_) => return Err(flaw(input, Flaw::NoJson)),
        }
    }
}
