//! Multipart bodies: written as CouchDB writes them, and read piece by piece so that large attachments never lie in memory.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::arriving::Arriving;
use super::reply::{Gone, Sender};
use crate::error::ApiError;
use crate::json;
use crate::store::attachment::{Attachment, AttachmentWriter, Expected};
use crate::store::incoming::{Incoming, IncomingAttachment, SizeLimits};
use crate::store::rev::Rev;

/// A new separator.
pub(crate) fn boundary() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Writes parts.
pub(crate) struct PartWriter {
    out: Sender,
}

impl PartWriter {
    pub(crate) fn new(out: Sender) -> Self {
        Self { out }
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.out.buffer.push_str(text);
    }

    pub(crate) async fn end(&mut self) -> Result<(), Gone> {
        self.out.flush().await
    }

    /// A document, then its attachments as they are stored. Without attachments: the bare document.
    pub(crate) async fn related(&mut self, boundary: &str, doc: &str, attachments: &[Attachment]) -> Result<(), Gone> {
        if attachments.is_empty() {
            self.push(doc);
            return self.out.flush_if_full().await;
        }
        self.push(&format!("--{boundary}\r\nContent-Type: application/json\r\n\r\n"));
        self.push(doc);
        for one in attachments {
            let name = one.name.replace('\\', "\\\\").replace('"', "\\\"");
            self.push(&format!(
                "\r\n--{boundary}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                one.content_type,
                one.blob.len(),
            ));
            self.push(if one.gzip { "Content-Encoding: gzip\r\n\r\n" } else { "\r\n" });
            match one.blob.whole() {
                Ok(bytes) => self.out.copy(bytes).await?,
                Err(_) => return Err(Gone),
            }
        }
        self.push(&format!("\r\n--{boundary}--"));
        self.out.flush_if_full().await
    }

    /// The leaves of one document (`GET …?open_revs`).
    pub(crate) async fn mixed(&mut self, outer: &str, parts: &[Result<(String, Vec<Attachment>), Rev>]) -> Result<(), Gone> {
        let inner = boundary();
        self.push(&format!("--{outer}"));
        for part in parts {
            match part {
                Ok((doc, attachments)) => {
                    if attachments.is_empty() {
                        self.push("\r\nContent-Type: application/json\r\n\r\n");
                    } else {
                        self.push(&format!("\r\nContent-Type: multipart/related; boundary=\"{inner}\"\r\n\r\n"));
                    }
                    self.related(&inner, doc, attachments).await?;
                }
                Err(rev) => {
                    let rev = json::string(&rev.to_string());
                    self.push(&format!(
                        "\r\nContent-Type: application/json; error=\"true\"\r\n\r\n{{\"missing\":{rev}}}"
                    ));
                }
            }
            self.push(&format!("\r\n--{outer}"));
        }
        self.push("--");
        Ok(())
    }
}

/// Reads a body up to separators.
struct PartReader {
    body: Arriving,
    buffer: BytesMut,
    /// `\r\n--boundary`.
    mark: Vec<u8>,
    ended: bool,
}

enum Piece {
    Data(Bytes),
    /// The part is over.
    End,
}

fn early() -> ApiError {
    ApiError::bad_request("expected more data")
}

impl PartReader {
    async fn more(&mut self) -> Result<(), ApiError> {
        if self.ended {
            return Err(early());
        }
        match self.body.next().await? {
            None => {
                self.ended = true;
                Err(early())
            }
            Some(data) => {
                self.buffer.extend_from_slice(&data);
                Ok(())
            }
        }
    }

    /// The next piece of the part that runs.
    async fn piece(&mut self) -> Result<Piece, ApiError> {
        loop {
            if let Some(at) = find(&self.buffer, &self.mark) {
                if at > 0 {
                    return Ok(Piece::Data(self.buffer.split_to(at).freeze()));
                }
                let _ = self.buffer.split_to(self.mark.len());
                return Ok(Piece::End);
            }
            // What may be the beginning of a separator stays.
            let safe = self.buffer.len().saturating_sub(self.mark.len());
            if safe > 0 {
                return Ok(Piece::Data(self.buffer.split_to(safe).freeze()));
            }
            self.more().await?;
        }
    }

    /// The headers of the next part; nothing after the last.
    async fn headers(&mut self) -> Result<Option<String>, ApiError> {
        loop {
            if self.buffer.starts_with(b"--") {
                return Ok(None);
            }
            if self.buffer.starts_with(b"\r\n\r\n") {
                let _ = self.buffer.split_to(4);
                return Ok(Some(String::new()));
            }
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.split_to(at + 4);
                return Ok(Some(String::from_utf8_lossy(&head).into_owned()));
            }
            if self.buffer.len() > 64 << 10 {
                return Err(ApiError::bad_request("The headers of a part are too long"));
            }
            self.more().await?;
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The separator a content type names.
pub(crate) fn boundary_of(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|one| one.trim().split_once('='));
    let value = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?.1;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Reads a document with its attachments behind it (`PUT` as `multipart/related`).
pub(crate) async fn read_related(body: Arriving, boundary: &str, limits: SizeLimits) -> Result<Incoming, ApiError> {
    let mut reader = PartReader {
        body,
        // The first separator has no line break before it.
        buffer: BytesMut::from(&b"\r\n"[..]),
        mark: format!("\r\n--{boundary}").into_bytes(),
        ended: false,
    };
    while !matches!(reader.piece().await?, Piece::End) {}
    reader.headers().await?.ok_or_else(early)?;
    let mut text = Vec::new();
    while let Piece::Data(data) = reader.piece().await? {
        text.extend_from_slice(&data);
        if text.len() as u64 > limits.document.saturating_mul(2) + (1 << 20) {
            return Err(ApiError::too_large("too_large", "the request entity is too large"));
        }
    }
    let text = String::from_utf8(text).map_err(|_| ApiError::invalid_json())?;
    let mut doc = Incoming::parse(&text, limits)?;
    let awaited: Vec<usize> = (0..doc.attachments.len())
        .filter(|at| matches!(doc.attachments[*at], IncomingAttachment::Follows(..)))
        .collect();
    let mut awaited = awaited.into_iter();
    while let Some(headers) = reader.headers().await? {
        let next = match part_name(&headers) {
            Some(name) => doc
                .attachments
                .iter()
                .position(|one| matches!(one, IncomingAttachment::Follows(..)) && **one.name() == *name),
            None => awaited.next(),
        };
        let next = next.ok_or_else(|| ApiError::bad_request("A part belongs to no attachment"))?;
        let IncomingAttachment::Follows(expected, length) = doc.attachments[next].clone() else {
            return Err(ApiError::bad_request("A part belongs to no attachment"));
        };
        doc.attachments[next] = IncomingAttachment::Stored(read_part(&mut reader, expected, length, limits).await?);
    }
    let missing = doc
        .attachments
        .iter()
        .any(|one| matches!(one, IncomingAttachment::Follows(..)));
    if missing {
        return Err(ApiError::bad_request("attachment shorter than expected"));
    }
    Ok(doc)
}

async fn read_part(
    reader: &mut PartReader,
    expected: Expected,
    length: Option<u64>,
    limits: SizeLimits,
) -> Result<Attachment, ApiError> {
    let mut writer = AttachmentWriter::new(expected, limits.attachment);
    let mut received = 0;
    while let Piece::Data(data) = reader.piece().await? {
        received += data.len() as u64;
        writer.push(&data)?;
    }
    match length {
        Some(length) if received > length => Err(ApiError::bad_request("attachment longer than expected")),
        Some(length) if received < length => Err(ApiError::bad_request("attachment shorter than expected")),
        _ => writer.finish(),
    }
}

/// The attachment a part says it is.
fn part_name(headers: &str) -> Option<Arc<str>> {
    let line = headers
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let (_, rest) = line.split_once("filename=")?;
    let rest = rest.trim().strip_prefix('"')?;
    let mut name = String::new();
    let mut chars = rest.chars();
    while let Some(next) = chars.next() {
        match next {
            '"' => return Some(name.into()),
            '\\' => name.extend(chars.next()),
            other => name.push(other),
        }
    }
    None
}
