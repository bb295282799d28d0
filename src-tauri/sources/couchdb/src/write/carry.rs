//! Documents as they are sent: with revisions and histories, and with their attachments, within the document or as streams after it.

use std::io::{self, Read};

use backstay_model::{AssetRef, ErrorKind, RawJson, Record};
use backstay_source::{RecordView, Result, SourceError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    decide::{Way, rank_of},
    meet::is_missing,
};
use crate::{
    client::{Database, Part},
    convert::{Attachment, Leaf, Meta, Rev, Revisions, members},
    error::Result as CouchResult,
};

/// Bytes of attachments that are put into a document; what is more goes as a stream.
pub(super) const WITHIN: u64 = 1 << 20;
/// Bytes of attachments that are put into a document where the target takes no streams.
const WITHIN_AT_MOST: u64 = 64 << 20;

/// Where a record's attachments come from.
#[derive(Clone, Copy)]
pub(super) struct Content<'a> {
    /// The view the record comes from.
    pub view: &'a dyn RecordView,
    /// The collection as that view calls it.
    pub collection: &'a str,
    /// The record.
    pub record: &'a Record,
}

impl<'a> Content<'a> {
    fn open(&self, asset: &AssetRef) -> Result<(u64, Box<dyn Read + Send + 'a>)> {
        self.view.open_asset(self.collection, self.record, asset)
    }

    fn subject(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.collection, self.record.id)
    }

    /// The whole content of a small attachment.
    fn read(&self, asset: &AssetRef) -> Result<Vec<u8>> {
        let (size, reader) = self.open(asset)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(WITHIN_AT_MOST)).unwrap_or(0));
        let read = reader.take(WITHIN_AT_MOST + 1).read_to_end(&mut bytes);
        read.map_err(|error| SourceError::io(self.subject(&asset.name), error))?;
        if bytes.len() as u64 != size || asset.size.is_some_and(|wanted| wanted != size) {
            let problem = "has another size in the backup than it should have";
            return Err(SourceError::new(ErrorKind::Damaged, self.subject(&asset.name), problem));
        }
        Ok(bytes)
    }
}

/// One document, ready to be sent.
#[derive(Debug)]
pub(super) struct Carried {
    /// The document.
    pub doc: RawJson,
    /// Its revision and what it comes after; of an edit only what it comes after.
    pub path: Vec<String>,
    /// Attachments that follow as streams, in order.
    pub streams: Vec<Stream>,
}

/// An attachment that follows its document.
#[derive(Debug)]
pub(super) struct Stream {
    name: String,
    media_type: String,
    length: u64,
    asset: AssetRef,
}

/// What is sent, and on top of what.
pub(super) struct Carry<'a> {
    /// The leaf of the backup.
    pub leaf: &'a Leaf,
    /// How it is written.
    pub way: &'a Way,
    /// The id it gets, when that is another one.
    pub id: &'a str,
    /// The leaf it edits, whose attachments need not be sent again.
    pub parent: Option<&'a Leaf>,
    /// Attachments may follow as streams.
    pub streams: bool,
}

/// A tombstone for the leaf `rev`.
pub(super) fn tombstone(id: &str, rev: &str) -> RawJson {
    let text = json!({ "_id": id, "_rev": rev, "_deleted": true }).to_string();
    RawJson::trusted(text.into_bytes().into())
}

impl Carry<'_> {
    /// Makes the document.
    ///
    /// # Errors
    /// When an attachment cannot be read, or is too large for a target that takes no streams.
    pub(super) fn pack(&self, content: Content<'_>) -> Result<Carried> {
        if *self.way == Way::Same && self.leaf.attachments.is_empty() && self.leaf.revisions.is_some() {
            return Ok(Carried {
                doc: self.leaf.text.clone(),
                path: super::tree::Branch::of(self.leaf).path,
                streams: Vec::new(),
            });
        }
        let (attachments, streams) = self.attachments(content)?;
        let attachments = attachments.map(|all| all.to_string());
        let (own, path) = match self.way {
            Way::Same => {
                let history = self.leaf.history().map(std::borrow::Cow::into_owned);
                (history, super::tree::Branch::of(self.leaf).path)
            }
            Way::Edit(_) => (None, self.edited()),
            Way::Graft { onto, generation } => {
                let path = self.grafted(onto, *generation, attachments.as_deref());
                (history(&path), path)
            }
        };
        let edited = match self.way {
            Way::Edit(Some(of)) => of.parse().ok(),
            _ => own.as_ref().and_then(|own| own.revs().next()),
        };
        let meta = Meta {
            id: Some(self.id),
            rev: edited.as_ref(),
            revisions: own.as_ref(),
            deleted: self.leaf.deleted,
            attachments: attachments.as_deref(),
        };
        let damaged =
            |error: crate::convert::ConvertError| SourceError::new(error.kind(), content.subject(""), error.to_string());
        Ok(Carried {
            doc: self.leaf.compose(&meta).map_err(damaged)?,
            path,
            streams,
        })
    }

    /// What an edit comes after.
    fn edited(&self) -> Vec<String> {
        self.parent
            .map(|parent| super::tree::Branch::of(parent).path)
            .unwrap_or_default()
    }

    /// The path of a revision that is named here: by what it says and what it comes after, so that the same one has the same name when a
    /// restore is repeated.
    fn grafted(&self, onto: &[String], generation: u64, attachments: Option<&str>) -> Vec<String> {
        let below = onto.first().map_or(0, |rev| rank_of(rev));
        let name = |generation: u64| {
            let mut hash = Sha256::new();
            for part in [onto.first().map_or("", String::as_str), attachments.unwrap_or_default()] {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
            hash.update(self.leaf.text.as_bytes());
            hash.update(generation.to_le_bytes());
            format!("{generation}-{}", hex::encode(&hash.finalize()[..16]))
        };
        // What came before the first one is not known, and not made up.
        let first = if onto.is_empty() { generation } else { below + 1 };
        let named = (first..=generation).rev().map(name);
        named.chain(onto.iter().cloned()).collect()
    }

    /// The value of `_attachments`, and what follows as streams.
    fn attachments(&self, content: Content<'_>) -> Result<(Option<Value>, Vec<Stream>)> {
        let kept = |one: &&Attachment| self.stub(one).is_some();
        let sent = || self.leaf.attachments.iter().filter(|one| !kept(one) && !is_missing(one));
        if self.leaf.attachments.is_empty() {
            return Ok((None, Vec::new()));
        }
        let total: u64 = sent().filter_map(|one| one.asset.as_ref()?.size.or(one.length)).sum();
        let streams = total > WITHIN && self.streams;
        if !streams && total > WITHIN_AT_MOST {
            let problem = format!("has {} MB of attachments, and the server takes no streams", total >> 20);
            return Err(SourceError::new(
                ErrorKind::Limit,
                content.subject("").trim_end_matches('/'),
                problem,
            ));
        }
        let (mut all, mut follow) = (Map::new(), Vec::new());
        for one in &self.leaf.attachments {
            let value = match (self.stub(one), &one.asset) {
                (Some(stub), _) => stub,
                (None, Some(asset)) if asset.sha256.is_some() => {
                    let media_type = one
                        .media_type
                        .clone()
                        .unwrap_or_else(|| "application/octet-stream".to_owned());
                    let length = asset.size.or(one.length).unwrap_or(0);
                    let mut value = json!({ "content_type": media_type });
                    if streams {
                        value["follows"] = Value::Bool(true);
                        value["length"] = json!(length);
                        follow.push(Stream {
                            name: one.name.clone(),
                            media_type,
                            length,
                            asset: asset.clone(),
                        });
                    } else {
                        value["data"] = Value::String(STANDARD.encode(content.read(asset)?));
                    }
                    self.revpos(one, &mut value);
                    value
                }
                _ if one.inline => self.inline(one)?,
                _ => continue,
            };
            all.insert(one.name.clone(), value);
        }
        Ok(((!all.is_empty()).then_some(Value::Object(all)), follow))
    }

    /// In which generation an attachment came is part of a revision that comes back as it was.
    fn revpos(&self, one: &Attachment, value: &mut Value) {
        if let (Way::Same, Some(revpos)) = (self.way, one.revpos) {
            value["revpos"] = json!(revpos);
        }
    }

    /// What stands for an attachment the edited leaf has too.
    fn stub(&self, one: &Attachment) -> Option<Value> {
        let (Way::Edit(_), Some(parent)) = (self.way, self.parent) else {
            return None;
        };
        let there = parent.attachments.iter().find(|there| there.name == one.name)?;
        let same = there.digest.is_some() && there.digest == one.digest && there.media_type == one.media_type;
        same.then(|| {
            let mut stub = json!({
                "stub": true, "content_type": there.media_type, "digest": there.digest, "length": there.length,
            });
            if let Some(revpos) = there.revpos {
                stub["revpos"] = json!(revpos);
            }
            stub
        })
    }

    /// An attachment whose content stands in the document.
    fn inline(&self, one: &Attachment) -> Result<Value> {
        let damaged = || SourceError::new(ErrorKind::Damaged, one.name.clone(), "has content that cannot be read");
        let top = members(self.leaf.text.as_bytes()).map_err(|_| damaged())?;
        let all = top.iter().find(|(name, _)| name == "_attachments").ok_or_else(damaged)?;
        let all: Value = serde_json::from_str(all.1.get()).map_err(|_| damaged())?;
        let data = all.get(&one.name).and_then(|own| own.get("data")).ok_or_else(damaged)?;
        let mut value = json!({ "content_type": one.media_type, "data": data });
        self.revpos(one, &mut value);
        Ok(value)
    }
}

fn history(path: &[String]) -> Option<Revisions> {
    let revs: Option<Vec<Rev>> = path.iter().map(|rev| rev.parse().ok()).collect();
    Revisions::of(&revs?)
}

/// Writes a document whose attachments follow as streams; gives the revision the server says it has.
///
/// # Errors
/// Why an attachment cannot be read, or the server refused.
pub(super) fn stream(
    database: &Database,
    id: &str,
    carried: &Carried,
    content: Content<'_>,
    new_edits: bool,
) -> CouchResult<String> {
    let parts = carried.streams.iter().map(|stream| Part {
        name: &stream.name,
        media_type: &stream.media_type,
        length: stream.length,
        open: Box::new(move || {
            let (_, reader) = content.open(&stream.asset).map_err(io::Error::other)?;
            Ok(reader as Box<dyn Read>)
        }),
    });
    database.put_with(id, &carried.doc, parts.collect(), new_edits)
}
