//! Revisions with attachments: streamed from one end to the other, or, where the target takes no streams, within the document.

use std::{collections::BTreeMap, io::Read as _};

use backstay_model::{ErrorKind, RawJson};
use backstay_source::SourceError;
use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::transfer::Transfer;
use crate::{
    client::{Part, Stub},
    error::{CouchError, Result},
};

/// Bytes of attachments that are put into a document; what is more goes as a stream.
const WITHIN: u64 = 256 << 10;
/// Bytes of attachments that are put into a document where the target takes no streams.
const WITHIN_AT_MOST: u64 = 64 << 20;

/// An attachment of a revision.
pub(super) struct Attached {
    pub(super) name: String,
    pub(super) stub: Stub,
}

/// A revision, with what is needed to carry it.
pub(super) struct Understood {
    pub(super) id: String,
    pub(super) rev: String,
    pub(super) document: RawJson,
    pub(super) attached: Vec<Attached>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_rev", default)]
    rev: String,
    #[serde(rename = "_attachments", default)]
    attachments: BTreeMap<String, Stub>,
}

/// Looks at a document without keeping more of it than its bytes.
///
/// # Errors
/// When it is no document.
pub(super) fn understand(id: &str, document: RawJson) -> backstay_source::Result<Understood> {
    let head: Head = serde_json::from_slice(document.as_bytes())
        .map_err(|error| SourceError::new(ErrorKind::Damaged, id, format!("is no document: {error}")))?;
    let attached = head.attachments.into_iter().map(|(name, stub)| Attached { name, stub });
    Ok(Understood {
        id: id.to_owned(),
        rev: head.rev,
        attached: attached.collect(),
        document,
    })
}

/// Writes a revision with its attachments under its own revision.
///
/// # Errors
/// When an attachment cannot be read, or the target refuses.
pub(super) fn write(transfer: &Transfer<'_>, id: &str, rev: &str, document: &RawJson, attached: &[Attached]) -> Result<()> {
    let total: u64 = attached.iter().map(|one| one.stub.length.unwrap_or_default()).sum();
    if total <= WITHIN || (!transfer.streams && total <= WITHIN_AT_MOST) {
        let whole = with_contents(transfer, id, rev, document, attached)?;
        let answers = transfer.to.bulk_docs(&[whole], false)?;
        return match answers.into_iter().find_map(|answer| answer.error) {
            Some(error) => Err(error),
            None => Ok(()),
        };
    }
    if !transfer.streams {
        return Err(CouchError::TooLarge {
            subject: format!(
                "what is attached to {}, for a server that takes no streams,",
                transfer.to.part(id)
            ),
            limit: WITHIN_AT_MOST,
        });
    }
    let parts = attached.iter().map(|one| {
        let media_type = one.stub.content_type.as_deref().unwrap_or("application/octet-stream");
        Part {
            name: &one.name,
            media_type,
            length: one.stub.length.unwrap_or_default(),
            open: Box::new(move || {
                let opened = transfer.from.attachment(id, Some(rev), &one.name, &one.stub);
                let reader = opened.map_err(|error| std::io::Error::other(SourceError::from(error)))?;
                Ok(Box::new(reader) as Box<dyn std::io::Read>)
            }),
        }
    });
    let document = changed(document, |name, stub| {
        let known = attached.iter().find(|one| one.name == name);
        let length = known.and_then(|one| one.stub.length).unwrap_or_default();
        json!({ "follows": true, "content_type": stub.get("content_type"), "length": length, "revpos": stub.get("revpos") })
    })?;
    transfer.to.put_with(id, &document, parts.collect(), false).map(drop)
}

fn with_contents(transfer: &Transfer<'_>, id: &str, rev: &str, document: &RawJson, attached: &[Attached]) -> Result<RawJson> {
    let mut contents = BTreeMap::new();
    for one in attached {
        let mut bytes = Vec::new();
        let reader = transfer.from.attachment(id, Some(rev), &one.name, &one.stub)?;
        let read = reader.take(WITHIN_AT_MOST + 1).read_to_end(&mut bytes);
        read.map_err(|error| CouchError::Taker(SourceError::io(transfer.from.part(&format!("{id}/{}", one.name)), error)))?;
        contents.insert(one.name.as_str(), base64::engine::general_purpose::STANDARD.encode(bytes));
    }
    changed(
        document,
        |name, stub| json!({ "content_type": stub.get("content_type"), "revpos": stub.get("revpos"), "data": contents.get(name) }),
    )
}

/// The document with other words about its attachments; everything else stays as it came, in its order.
fn changed(document: &RawJson, mut say: impl FnMut(&str, &Value) -> Value) -> Result<RawJson> {
    let bad = |error: serde_json::Error| CouchError::BadAnswer {
        subject: "a document".to_owned(),
        reason: error.to_string(),
    };
    let mut value = document.value().map_err(bad)?;
    if let Some(Value::Object(all)) = value.get_mut("_attachments") {
        for (name, stub) in all.iter_mut() {
            *stub = say(name, stub);
        }
        // Contents follow in the order of names, in which they are given.
        all.sort_keys();
    }
    RawJson::from_value(&value).map_err(bad)
}
