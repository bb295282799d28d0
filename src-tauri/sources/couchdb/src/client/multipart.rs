//! Writing a document with its attachments as one stream (multipart/related, RFC 2387), so that attachments of any size pass through
//! little memory.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use backstay_model::RawJson;
use backstay_source_http::{HeaderValue, Reopen, Request};

use super::{Database, document, server::SLOW};
use crate::error::Result;

/// One attachment of a document that is written.
pub(crate) struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// Its length in bytes, exactly.
    pub length: u64,
    /// Opens its content from the beginning; called for every try.
    pub open: Reopen<'a>,
}

/// Boundaries differ, so that one in a content that was written this way before is no boundary again.
static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Database {
    /// Writes a document with attachments. `document` has a stub for each part, in the same order, with `"follows":true`, `length` and
    /// `content_type`. Gives the new revision ([`Database::put`]).
    ///
    /// # Errors
    /// As [`Database::put`], or when a part cannot be read.
    pub(crate) fn put_with(&self, id: &str, document: &RawJson, parts: Vec<Part<'_>>, new_edits: bool) -> Result<String> {
        let boundary = boundary();
        let heads = heads(&boundary, document, &parts);
        let end = format!("\r\n--{boundary}--");
        let length = heads.iter().map(|head| head.len() as u64).sum::<u64>()
            + parts.iter().map(|part| part.length).sum::<u64>()
            + end.len() as u64;
        let media_type = HeaderValue::from_str(&format!("multipart/related; boundary=\"{boundary}\""));
        let media_type = media_type.unwrap_or_else(|_| HeaderValue::from_static("multipart/related"));
        let mut request = Request::put(document::path(self.name(), id)).silence(SLOW);
        request = if new_edits {
            request.repeated_only_if_refused()
        } else {
            request.query("new_edits", "false")
        };
        let whole = Rc::new(Whole {
            heads,
            parts: parts.into_iter().map(|part| RefCell::new((part.length, part.open))).collect(),
            end: end.into_bytes(),
        });
        let request = request.stream(media_type, Some(length), move || {
            Ok(Box::new(Reading {
                whole: whole.clone(),
                segment: 0,
                at: 0,
                content: None,
            }))
        });
        self.written(request, id)
    }
}

fn boundary() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let seed = format!("{} {} {number}", now.as_nanos(), std::process::id());
    let digest = <sha2::Sha256 as sha2::Digest>::digest(seed.as_bytes());
    hex::encode(&digest[..16])
}

/// What stands before each content: the document and the head of the first one, then the heads of the others.
fn heads(boundary: &str, document: &RawJson, parts: &[Part<'_>]) -> Vec<Vec<u8>> {
    let mut first = format!("--{boundary}\r\nContent-Type: application/json\r\n\r\n").into_bytes();
    first.extend_from_slice(document.as_bytes());
    let rest = parts.iter().map(|part| {
        let name = part.name.replace(['\r', '\n', '"', '\\'], "_");
        let kind = part.media_type.replace(['\r', '\n'], " ");
        format!(
            "\r\n--{boundary}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            part.length
        )
        .into_bytes()
    });
    let mut heads: Vec<Vec<u8>> = rest.collect();
    match heads.first_mut() {
        Some(head) => {
            first.append(head);
            *head = first;
        }
        None => heads.push(first),
    }
    heads
}

/// All that is sent.
struct Whole<'a> {
    heads: Vec<Vec<u8>>,
    parts: Vec<RefCell<(u64, Reopen<'a>)>>,
    end: Vec<u8>,
}

/// Reads what is sent, opening one content at a time. Segments are the first head, a content, a head, a content, …, the end.
struct Reading<'a> {
    whole: Rc<Whole<'a>>,
    segment: usize,
    /// Bytes read of the segment, when it is text.
    at: usize,
    content: Option<(u64, Box<dyn Read + 'a>)>,
}

impl Reading<'_> {
    fn text(&mut self, buffer: &mut [u8]) -> usize {
        let whole = &self.whole;
        let text = match whole.heads.get(self.segment / 2) {
            Some(head) if self.segment.is_multiple_of(2) => head,
            _ => &whole.end,
        };
        let rest = &text[self.at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        count
    }

    /// A content must have the length it was said to have: the server would take what comes behind it for the rest.
    fn content(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let other = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "an attachment has another length than it was said to have",
            )
        };
        if self.content.is_none() {
            // A document without attachments has a head and no content.
            let Some(part) = self.whole.parts.get(self.segment / 2) else {
                return Ok(0);
            };
            let mut part = part.borrow_mut();
            let (length, open) = &mut *part;
            self.content = Some((*length, open()?));
        }
        let Some((left, content)) = &mut self.content else {
            return Ok(0);
        };
        let got = content.read(buffer)?;
        if got == 0 && *left > 0 {
            return Err(other());
        }
        *left = left.checked_sub(got as u64).ok_or_else(other)?;
        Ok(got)
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The end is the text behind the last content.
        let last = self.whole.heads.len() * 2;
        while !buffer.is_empty() && self.segment <= last {
            let is_content = self.segment % 2 == 1;
            let got = if is_content {
                self.content(buffer)?
            } else {
                self.text(buffer)
            };
            if got > 0 {
                return Ok(got);
            }
            self.segment += 1;
            self.at = 0;
            self.content = None;
        }
        Ok(0)
    }
}
