//! Attachments: read as streams that go on where a connection broke, compared with the digest their document tells.

use std::io::{self, Read};

use backstay_source_http::{BodyReader, HeaderValue, HttpError, Request, header};
use flate2::read::MultiGzDecoder;
use md5::{Digest as _, Md5};
use serde::Deserialize;

use super::{Database, document};
use crate::error::{CouchError, Result};

/// How often a stream that breaks off is taken up again without anything new in it.
const FRUITLESS: u32 = 5;

/// What a document says about an attachment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Stub {
    /// Media type.
    pub content_type: Option<String>,
    /// Length in bytes, not compressed.
    pub length: Option<u64>,
    /// `md5-…`: of the content, or of its compressed form where the server stores it so.
    pub digest: Option<String>,
    /// Generation of the revision it came with.
    pub revpos: Option<u64>,
    /// How the server stores it (`gzip`), where that was asked for.
    pub encoding: Option<String>,
}

/// The content of an attachment, not compressed. At its end the digest is compared; what differs is an error in place of the end.
pub(crate) struct AttachmentReader {
    form: Form,
    /// Length in bytes, when the server told it.
    pub length: Option<u64>,
    /// Media type, when the server told it.
    pub media_type: Option<String>,
    plain: Md5,
    expected: Option<String>,
    subject: String,
    ended: bool,
}

enum Form {
    Plain(Box<Raw>),
    Gzip(Box<MultiGzDecoder<Raw>>),
}

/// The bytes as they are sent, from as many answers as it takes.
struct Raw {
    database: Database,
    path: Vec<String>,
    rev: Option<String>,
    body: Option<BodyReader>,
    encoding: Option<String>,
    at: u64,
    fruitless: u32,
    digest: Md5,
}

impl Database {
    /// An attachment of a revision (of the winner without one). `stub` is what the document says about it: its digest is compared when
    /// there is one.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub(crate) fn attachment(&self, id: &str, rev: Option<&str>, name: &str, stub: &Stub) -> Result<AttachmentReader> {
        let subject = self.part(&format!("{id}/{name}"));
        let mut path: Vec<String> = document::path(self.name(), id).into_iter().map(str::to_owned).collect();
        // A slash in the name is one in the path: the server puts the parts together again.
        path.extend(name.split('/').map(str::to_owned));
        let mut raw = Raw {
            database: self.clone(),
            path,
            rev: rev.map(str::to_owned),
            body: None,
            encoding: None,
            at: 0,
            fruitless: 0,
            digest: Md5::new(),
        };
        let answer = raw.open().map_err(|error| CouchError::about(&subject, error))?;
        let media_type = answer.header("content-type").map(str::to_owned);
        raw.encoding = encoding(&answer);
        let length = answer.length();
        raw.body = Some(answer.into_reader());
        let gzip = match raw.encoding.as_deref() {
            None => false,
            Some("gzip" | "x-gzip") => true,
            Some(other) => {
                return Err(CouchError::BadAnswer {
                    subject,
                    reason: format!("it is encoded as {other}"),
                });
            }
        };
        Ok(AttachmentReader {
            length: if gzip { stub.length } else { length.or(stub.length) },
            form: if gzip {
                Form::Gzip(Box::new(MultiGzDecoder::new(raw)))
            } else {
                Form::Plain(Box::new(raw))
            },
            media_type,
            plain: Md5::new(),
            expected: stub.digest.clone(),
            subject,
            ended: false,
        })
    }

    /// Puts an attachment on top of the leaf `rev` of a document (on none: makes the document); gives the new revision. For servers without
    /// multipart/related.
    ///
    /// # Errors
    /// As [`Database::put`], or when `open` fails.
    pub(crate) fn put_attachment<'a>(
        &self,
        id: &str,
        rev: Option<&str>,
        name: &str,
        media_type: &str,
        length: u64,
        open: impl FnMut() -> io::Result<Box<dyn Read + 'a>> + 'a,
    ) -> Result<String> {
        let mut path: Vec<&str> = document::path(self.name(), id);
        path.extend(name.split('/'));
        let mut request = Request::put(path).repeated_only_if_refused();
        if let Some(rev) = rev {
            request = request.query("rev", rev);
        }
        let media_type = HeaderValue::from_str(media_type);
        let media_type = media_type.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
        self.written(request.stream(media_type, Some(length), open), id)
    }
}

fn encoding(answer: &backstay_source_http::Response) -> Option<String> {
    answer
        .header("content-encoding")
        .map(|encoding| encoding.trim().to_ascii_lowercase())
        .filter(|encoding| encoding != "identity" && !encoding.is_empty())
}

impl Raw {
    /// Asks for the rest, from the beginning where the server gives no parts.
    fn open(&self) -> std::result::Result<backstay_source_http::Response, HttpError> {
        // Compressed as the server has it: fewer bytes, and the digest is of these.
        let mut request = Request::get(&self.path).header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        request = request.header(header::ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(rev) = &self.rev {
            request = request.query("rev", rev);
        }
        if self.at > 0
            && self.encoding.is_none()
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", self.at))
        {
            request = request.header(header::RANGE, range);
        }
        self.database.server.http.open(request)
    }

    fn take_up(&mut self) -> std::result::Result<(), HttpError> {
        let answer = self.open()?;
        let other = || HttpError::Sending {
            place: self.database.server.place().to_owned(),
            error: io::Error::other("the server sends it in another form than before"),
        };
        if encoding(&answer) != self.encoding {
            return Err(other());
        }
        let begins = format!("bytes {}-", self.at);
        let rest = match answer.status() {
            206 if answer.header("content-range").is_some_and(|range| range.starts_with(&begins)) => 0,
            206 => return Err(other()),
            _ => self.at,
        };
        let mut body = answer.into_reader();
        let skipped = io::copy(&mut body.by_ref().take(rest), &mut io::sink());
        let skipped = skipped.map_err(|error| HttpError::from_io(self.database.server.place(), error))?;
        if skipped < rest {
            return Err(other());
        }
        self.body = Some(body);
        Ok(())
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let error = match self.body.as_mut().map(|body| body.read(buffer)) {
                Some(Ok(got)) => {
                    self.at += got as u64;
                    self.digest.update(&buffer[..got]);
                    if got > 0 {
                        self.fruitless = 0;
                    }
                    return Ok(got);
                }
                Some(Err(error)) => HttpError::from_io(self.database.server.place(), error),
                None => return Ok(0),
            };
            let again = matches!(
                error,
                HttpError::Cut { .. } | HttpError::Silent { .. } | HttpError::Unreachable { .. }
            );
            if !again || self.fruitless >= FRUITLESS {
                return Err(error.into_io());
            }
            self.fruitless += 1;
            if let Err(error) = self.take_up() {
                let again = matches!(error, HttpError::Cut { .. } | HttpError::Silent { .. });
                if !again || self.fruitless >= FRUITLESS {
                    return Err(error.into_io());
                }
            }
        }
    }
}

impl AttachmentReader {
    /// At the end: the bytes as they were sent, or those they stand for, are what the document says.
    fn compare(&mut self) -> io::Result<()> {
        use base64::Engine as _;
        let Some(expected) = self.expected.take() else { return Ok(()) };
        let Some(wanted) = expected.strip_prefix("md5-") else {
            return Ok(());
        };
        let raw = match &mut self.form {
            Form::Plain(raw) => raw,
            Form::Gzip(decoder) => decoder.get_mut(),
        };
        let text = |digest: Md5| base64::engine::general_purpose::STANDARD.encode(digest.finalize());
        let sent = text(std::mem::take(&mut raw.digest));
        let plain = text(std::mem::take(&mut self.plain));
        if wanted == sent || wanted == plain {
            return Ok(());
        }
        let error = CouchError::Digest {
            subject: self.subject.clone(),
            found: format!("md5-{plain}"),
            expected,
        };
        Err(io::Error::other(backstay_source::SourceError::from(error)))
    }
}

impl Read for AttachmentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let got = match &mut self.form {
            Form::Plain(raw) => raw.read(buffer)?,
            Form::Gzip(decoder) => decoder.read(buffer)?,
        };
        if got == 0 {
            self.ended = true;
            self.compare()?;
        }
        if matches!(self.form, Form::Gzip(_)) {
            self.plain.update(&buffer[..got]);
        }
        Ok(got)
    }
}
