//! Documents as such: one a line, a list of them, or the answer of a server that lists them (`docs`, `rows`).

use backstay_source::Sink;

use super::{
    error::{Flaw, ForeignError},
    input::Input,
    lines::elements,
    piece::unwrapped,
    scan::{self, Layout, Scanned, flaw},
};

/// Reads documents that stand one after the other.
///
/// # Errors
/// When something else stands there, or `take` fails.
pub(super) fn read(
    input: &mut Input<'_>,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<(), ForeignError> {
    mark(input)?;
    loop {
        input.blanks(true)?;
        match input.peek()? {
            None => return whole(input),
            Some(b'{') => take(scan::value(input, Layout::default(), sink)?)?,
            Some(_) => return Err(flaw(input, Flaw::NoJson)),
        }
    }
}

/// Reads a list of documents, or an object that has one under `docs` or `rows`.
///
/// # Errors
/// As [`read`].
pub(super) fn read_list(
    input: &mut Input<'_>,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<(), ForeignError> {
    mark(input)?;
    input.blanks(true)?;
    match input.peek()? {
        Some(b'[') => elements(input, Layout::default(), sink, take)?,
        Some(b'{') => answer(input, sink, take)?,
        _ => return Err(flaw(input, Flaw::NoJson)),
    }
    input.blanks(true)?;
    match input.peek()? {
        None => whole(input),
        Some(_) => Err(flaw(input, Flaw::Follows)),
    }
}

/// Some programs begin every text with a mark of its encoding (U+FEFF).
fn mark(input: &mut Input<'_>) -> Result<(), ForeignError> {
    if input.ahead()?.starts_with(b"\xef\xbb\xbf") {
        input.skip(3);
    }
    Ok(())
}

fn whole(input: &Input<'_>) -> Result<(), ForeignError> {
    if input.was_cut() {
        return Err(ForeignError::Packed {
            reason: "the compressed data ends in the middle".to_owned(),
        });
    }
    Ok(())
}

fn answer(
    input: &mut Input<'_>,
    sink: &dyn Sink,
    take: &mut dyn FnMut(Scanned) -> Result<(), ForeignError>,
) -> Result<(), ForeignError> {
    let line = input.line();
    let mut found = false;
    input.skip(1);
    loop {
        input.blanks(true)?;
        if input.peek()? == Some(b'}') {
            input.skip(1);
            return if found {
                Ok(())
            } else {
                Err(ForeignError::NoDocuments { line })
            };
        }
        let name = scan::text(input)?;
        input.blanks(true)?;
        if input.peek()? != Some(b':') {
            return Err(flaw(input, Flaw::NoJson));
        }
        input.skip(1);
        input.blanks(true)?;
        match (name.as_str(), input.peek()?) {
            ("docs", Some(b'[')) => {
                elements(input, Layout::default(), sink, take)?;
                found = true;
            }
            ("rows", Some(b'[')) => {
                let layout = Layout {
                    lines: false,
                    wrapped: true,
                };
                elements(input, layout, sink, &mut |row| unwrapped(row)?.map_or(Ok(()), &mut *take))?;
                found = true;
            }
            (_, Some(b'{' | b'[')) => {
                scan::value(input, Layout::default(), sink)?;
            }
            (_, Some(b'"')) => {
                scan::text(input)?;
            }
            _ => scan::word(input)?,
        }
        input.blanks(true)?;
        match input.peek()? {
            Some(b',') => input.skip(1),
            Some(b'}') => {}
            _ => return Err(flaw(input, Flaw::NoJson)),
        }
    }
}
