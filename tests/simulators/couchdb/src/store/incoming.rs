//! Documents as clients send them: the members CouchDB gives a meaning, and the rest as text.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::attachment::{Attachment, AttachmentWriter, Expected};
use super::id::check_doc_id;
use super::rev::{Rev, parse_id};
use crate::error::ApiError;
use crate::json::{self, Members};

/// Sizes that are refused beyond.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SizeLimits {
    pub(crate) document: u64,
    pub(crate) attachment: u64,
}

/// An attachment in a document that comes in.
#[derive(Debug, Clone)]
pub(crate) enum IncomingAttachment {
    /// Named only: the previous revision has it.
    Stub { name: Arc<str>, revpos: Option<u64> },
    /// Its bytes come in a part of their own.
    Follows(Expected, Option<u64>),
    /// It came with the document.
    Stored(Attachment),
    /// The previous revision's, which keeps its generation.
    Kept(Attachment),
}

impl IncomingAttachment {
    pub(crate) fn name(&self) -> &Arc<str> {
        match self {
            Self::Stub { name, .. } => name,
            Self::Follows(expected, _) => &expected.name,
            Self::Stored(attachment) | Self::Kept(attachment) => &attachment.name,
        }
    }
}

/// A document that comes in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) id: String,
    /// The revision it says it is (or stands on), with its ancestors, newest first.
    pub(crate) start: u64,
    pub(crate) ids: Vec<Arc<str>>,
    pub(crate) deleted: bool,
    pub(crate) members: String,
    pub(crate) attachments: Vec<IncomingAttachment>,
}

impl Incoming {
    /// The newest revision it names.
    pub(crate) fn rev(&self) -> Option<Rev> {
        self.ids.first().map(|id| Rev {
            pos: self.start,
            id: Arc::clone(id),
        })
    }

    pub(crate) fn set_rev(&mut self, rev: Option<Rev>) {
        (self.start, self.ids) = rev.map_or((0, Vec::new()), |rev| (rev.pos, vec![rev.id]));
    }

    /// Reads a document and checks it against the limits.
    pub(crate) fn parse(text: &str, limits: SizeLimits) -> Result<Self, ApiError> {
        let members =
            serde_json::from_str::<Members<'_>>(text).map_err(|_| ApiError::bad_request("Document must be a JSON object"))?;
        let mut doc = Self {
            members: String::with_capacity(text.len()),
            ..Self::default()
        };
        let mut revisions = None;
        for (name, value) in &members.0 {
            if name.starts_with('_') {
                doc.special(name, value.get(), limits, &mut revisions)?;
            } else {
                if !doc.members.is_empty() {
                    doc.members.push(',');
                }
                json::push_string(&mut doc.members, name);
                doc.members.push(':');
                json::push_compact(&mut doc.members, value.get());
            }
        }
        if let Some((start, ids)) = revisions {
            (doc.start, doc.ids) = (start, ids);
        }
        if doc.members.len() as u64 + 2 > limits.document {
            return Err(ApiError::too_large("document_too_large", doc.id));
        }
        Ok(doc)
    }

    fn special(
        &mut self,
        name: &str,
        value: &str,
        limits: SizeLimits,
        revisions: &mut Option<(u64, Vec<Arc<str>>)>,
    ) -> Result<(), ApiError> {
        match name {
            "_id" => {
                self.id = serde_json::from_str(value).map_err(|_| ApiError::illegal_id("Document id must be a string"))?;
                check_doc_id(&self.id)
            }
            "_rev" => {
                let text: String = serde_json::from_str(value).map_err(|_| ApiError::bad_request("Invalid rev format"))?;
                self.set_rev(Some(Rev::parse(&text)?));
                Ok(())
            }
            "_revisions" => {
                *revisions = Some(parse_revisions(value)?);
                Ok(())
            }
            "_deleted" => match value {
                "true" | "false" => {
                    self.deleted = value == "true";
                    Ok(())
                }
                _ => Err(ApiError::doc_validation("Bad special document member: _deleted")),
            },
            "_attachments" => {
                let all: Members<'_> = serde_json::from_str(value)
                    .map_err(|_| ApiError::doc_validation("Bad special document member: _attachments"))?;
                for (name, value) in &all.0 {
                    self.attachments.push(attachment(name, value.get(), limits)?);
                }
                Ok(())
            }
            "_revs_info" | "_local_seq" | "_conflicts" | "_deleted_conflicts" => Ok(()),
            "_access"
            | "_replication_state"
            | "_replication_state_time"
            | "_replication_state_reason"
            | "_replication_id"
            | "_replication_stats" => {
                if !self.members.is_empty() {
                    self.members.push(',');
                }
                json::push_string(&mut self.members, name);
                self.members.push(':');
                json::push_compact(&mut self.members, value);
                Ok(())
            }
            _ => Err(ApiError::doc_validation(format!("Bad special document member: {name}"))),
        }
    }

    /// Refuses attachment names the server keeps for itself.
    pub(crate) fn check_attachment_names(&self) -> Result<(), ApiError> {
        self.attachments.iter().try_for_each(|one| check_attachment_name(one.name()))
    }
}

/// Refuses an attachment name the server keeps for itself.
pub(crate) fn check_attachment_name(name: &str) -> Result<(), ApiError> {
    if name.starts_with('_') {
        return Err(ApiError::bad_request(format!(
            "Attachment name '{name}' starts with prohibited character '_'"
        )));
    }
    Ok(())
}

fn parse_revisions(value: &str) -> Result<(u64, Vec<Arc<str>>), ApiError> {
    let members: Members<'_> =
        serde_json::from_str(value).map_err(|_| ApiError::doc_validation("_revisions isn't an object."))?;
    let start: u64 = members
        .read("start")
        .ok_or_else(|| ApiError::doc_validation("_revisions.start isn't an integer."))?;
    let texts: Vec<serde_json::Value> = members
        .read("ids")
        .ok_or_else(|| ApiError::doc_validation("_revisions.ids isn't a array."))?;
    let mut ids = Vec::with_capacity(texts.len());
    for text in &texts {
        let text = text
            .as_str()
            .ok_or_else(|| ApiError::doc_validation("RevId isn't a string"))?;
        ids.push(parse_id(text).ok_or_else(|| ApiError::doc_validation("RevId isn't a valid hexadecimal"))?);
    }
    ids.truncate(usize::try_from(start).unwrap_or(usize::MAX));
    Ok((start, ids))
}

fn attachment(name: &str, value: &str, limits: SizeLimits) -> Result<IncomingAttachment, ApiError> {
    let members: Members<'_> =
        serde_json::from_str(value).map_err(|_| ApiError::doc_validation("Bad special document member: _attachments"))?;
    let name: Arc<str> = name.into();
    if members.read::<bool>("stub") == Some(true) {
        let revpos = members.read("revpos");
        return Ok(IncomingAttachment::Stub { name, revpos });
    }
    let content_type: String = members
        .read("content_type")
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    let mut expected = Expected {
        name: Arc::clone(&name),
        content_type: content_type.into(),
        revpos: members.read("revpos").unwrap_or(0),
        md5: None,
        gzip: false,
        length: None,
    };
    if members.read::<bool>("follows") == Some(true) {
        let length: Option<u64> = members.read("length");
        expected.gzip = members.read::<String>("encoding").as_deref() == Some("gzip");
        expected.length = length;
        expected.md5 = members
            .read::<String>("digest")
            .and_then(|text| STANDARD.decode(text.strip_prefix("md5-")?).ok())
            .and_then(|raw| raw.try_into().ok());
        let comes = if expected.gzip {
            members.read("encoded_length").or(length)
        } else {
            length
        };
        return Ok(IncomingAttachment::Follows(expected, comes));
    }
    let bad = || ApiError::bad_request(format!("Invalid attachment data for {name}"));
    let data: std::borrow::Cow<'_, str> = serde_json::from_str(members.get("data").ok_or_else(bad)?).map_err(|_| bad())?;
    let bytes = STANDARD.decode(data.as_bytes()).map_err(|_| bad())?;
    let mut writer = AttachmentWriter::new(expected, limits.attachment);
    writer.push(&bytes)?;
    Ok(IncomingAttachment::Stored(writer.finish()?))
}
