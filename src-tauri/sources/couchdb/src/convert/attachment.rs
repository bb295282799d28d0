//! Attachments as a document names them.

use std::borrow::Cow;

use backstay_model::AssetRef;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ConvertError, members};

/// An attachment of a leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Bytes of its content.
    pub length: Option<u64>,
    /// What the server calls its content (`md5-…`): the digest of the content *as the server keeps it*, compressed for instance.
    pub digest: Option<String>,
    /// Generation of the document in which it came.
    pub revpos: Option<u64>,
    /// The content stands in the document (base64), as in files of other programs.
    pub inline: bool,
    /// Where the content is kept, in a leaf of a stored record; without SHA-256 it is missing from the backup.
    pub asset: Option<AssetRef>,
}

impl Attachment {
    /// The reference of a record to it, before its content was fetched.
    pub(crate) fn reference(&self) -> AssetRef {
        AssetRef {
            name: self.name.clone(),
            sha256: None,
            size: self.length,
            media_type: self.media_type.clone(),
        }
    }
}

/// The spellings of CouchDB, and of couchbackup's files (`contentType`).
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default, alias = "contentType")]
    content_type: Option<Cow<'a, str>>,
    #[serde(default)]
    length: Option<u64>,
    #[serde(borrow, default)]
    digest: Option<Cow<'a, str>>,
    #[serde(default)]
    revpos: Option<u64>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// The attachments that the value of `_attachments` names, by name.
pub(super) fn parse(text: &str) -> Result<Vec<Attachment>, ConvertError> {
    let bad = |_| ConvertError::bad("_attachments", text);
    let mut found = Vec::new();
    for (name, value) in members(text.as_bytes()).map_err(bad)? {
        let wire: Wire<'_> = serde_json::from_str(value.get()).map_err(|_| ConvertError::bad("_attachments", value.get()))?;
        found.push(Attachment {
            name: name.into_owned(),
            media_type: wire.content_type.map(Cow::into_owned),
            length: wire.length,
            digest: wire.digest.map(Cow::into_owned),
            revpos: wire.revpos,
            inline: wire.data.is_some(),
            asset: None,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}
