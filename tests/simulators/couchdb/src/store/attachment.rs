//! Attachments: stored once, compressed where the type says that pays, told by the digest of what is stored.

use std::io::{self, Read, Write};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};

use super::blob::{Blob, BlobWriter};
use crate::error::ApiError;

/// A stored attachment.
#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    pub(crate) name: Arc<str>,
    pub(crate) content_type: Arc<str>,
    /// The generation it was added in.
    pub(crate) revpos: u64,
    /// Of the bytes as stored.
    pub(crate) md5: [u8; 16],
    /// Bytes before compression.
    pub(crate) length: u64,
    pub(crate) gzip: bool,
    /// Bytes as stored.
    pub(crate) blob: Blob,
}

impl Attachment {
    /// The digest in base64, as it stands in documents after `md5-`.
    pub(crate) fn digest(&self) -> String {
        STANDARD.encode(self.md5)
    }

    /// The bytes a person put in.
    pub(crate) fn decoded(&self) -> io::Result<Box<dyn Read + Send>> {
        let stored = self.blob.whole()?;
        Ok(if self.gzip { Box::new(GzDecoder::new(stored)) } else { stored })
    }
}

/// What is known of an attachment before its bytes come.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) name: Arc<str>,
    pub(crate) content_type: Arc<str>,
    pub(crate) revpos: u64,
    /// The digest the bytes must have.
    pub(crate) md5: Option<[u8; 16]>,
    /// The bytes come compressed, and stay so.
    pub(crate) gzip: bool,
    /// Length before compression, where the client says it.
    pub(crate) length: Option<u64>,
}

/// Takes the bytes of one attachment in.
pub(crate) struct AttachmentWriter {
    expected: Expected,
    limit: u64,
    received: u64,
    received_md5: Md5,
    stored_md5: Md5,
    blob: BlobWriter,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl AttachmentWriter {
    /// Begins one; more than `limit` bytes are refused.
    pub(crate) fn new(expected: Expected, limit: u64) -> Self {
        let compress = !expected.gzip && compressible(&expected.content_type);
        Self {
            encoder: compress.then(|| GzEncoder::new(Vec::new(), Compression::new(8))),
            expected,
            limit,
            received: 0,
            received_md5: Md5::new(),
            stored_md5: Md5::new(),
            blob: BlobWriter::default(),
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        self.received += bytes.len() as u64;
        if self.received > self.limit {
            return Err(ApiError::too_large("attachment_too_large", self.expected.name.to_string()));
        }
        self.received_md5.update(bytes);
        match &mut self.encoder {
            None => {
                self.stored_md5.update(bytes);
                self.blob.push(bytes).map_err(|error| disk(&error))
            }
            Some(encoder) => {
                encoder.write_all(bytes).map_err(|error| disk(&error))?;
                let ready = std::mem::take(encoder.get_mut());
                self.stored_md5.update(&ready);
                self.blob.push(&ready).map_err(|error| disk(&error))
            }
        }
    }

    pub(crate) fn finish(mut self) -> Result<Attachment, ApiError> {
        let received_md5: [u8; 16] = self.received_md5.finalize().into();
        if self.expected.md5.is_some_and(|wanted| wanted != received_md5) {
            return Err(ApiError::new(400, "content_md5_mismatch", "Possible message corruption."));
        }
        let compressed = self.encoder.is_some();
        if let Some(encoder) = self.encoder.take() {
            let rest = encoder.finish().map_err(|error| disk(&error))?;
            self.stored_md5.update(&rest);
            self.blob.push(&rest).map_err(|error| disk(&error))?;
        }
        Ok(Attachment {
            name: self.expected.name,
            content_type: self.expected.content_type,
            revpos: self.expected.revpos,
            md5: self.stored_md5.finalize().into(),
            length: self.expected.length.filter(|_| self.expected.gzip).unwrap_or(self.received),
            gzip: compressed || self.expected.gzip,
            blob: self.blob.finish(),
        })
    }
}

fn disk(error: &io::Error) -> ApiError {
    ApiError::new(500, "internal_server_error", format!("attachment: {error}"))
}

/// `[attachments] compressible_types` of CouchDB's default configuration.
fn compressible(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/javascript" | "application/json" | "application/xml"
        )
}
