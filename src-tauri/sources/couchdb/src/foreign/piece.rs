//! One leaf of a document on its way from a file to a record: its JSON as CouchDB would give it, and where its attachments are.

use std::borrow::Cow;

use backstay_model::{AssetRef, ContentHash, RawJson};
use bytes::Bytes;
use serde_json::value::RawValue;

use super::{
    error::{Flaw, ForeignError},
    scan::{Content, Scanned},
};
use crate::convert::{ConvertError, Leaf, members};

/// Hexadecimal digits of an id that is made from content.
const MADE_DIGITS: usize = 32;

/// One leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The document's id.
    pub id: String,
    /// Line of the file.
    pub line: u64,
    /// The file has no id for it; this one is made from its content.
    pub made: bool,
    /// The file says that there are versions of it which it does not hold.
    pub others: bool,
    /// Its attachments by name.
    pub assets: Vec<AssetRef>,
    /// Its JSON, attachments as stubs.
    pub text: Vec<u8>,
}

type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

fn add(out: &mut Vec<u8>, name: &str, value: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(serde_json::Value::from(name).to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(value.as_bytes());
}

fn find<'a>(members: &Members<'a>, name: &str) -> Option<&'a str> {
    members
        .iter()
        .rev()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.get())
}

/// What was read as a JSON object, with its members.
fn parsed(scanned: &Scanned) -> Result<Members<'_>, ForeignError> {
    members(&scanned.text).map_err(|_| ForeignError::BrokenLine {
        line: scanned.line,
        byte: 1,
        reason: Flaw::NoJson,
    })
}

/// Takes the document out of a row of `_all_docs`; `None` when the row is of no document.
///
/// # Errors
/// When the answer was asked for without documents.
pub(super) fn unwrapped(scanned: Scanned) -> Result<Option<Scanned>, ForeignError> {
    let members = parsed(&scanned)?;
    let text = match find(&members, "doc") {
        Some("null") => return Ok(None),
        Some(text) => text.as_bytes().to_vec(),
        None if find(&members, "error").is_some() => return Ok(None),
        None => return Err(ForeignError::NoDocuments { line: scanned.line }),
    };
    Ok(Some(Scanned { text, ..scanned }))
}

/// Understands a document.
///
/// # Errors
/// When it is none.
pub(super) fn piece(scanned: &Scanned) -> Result<Piece, ForeignError> {
    let bad = |error: ConvertError| ForeignError::BadDocument {
        line: scanned.line,
        reason: error.to_string(),
    };
    let found = parsed(scanned)?;
    let mut assets = Vec::new();
    let mut out = Vec::with_capacity(scanned.text.len() + 48);
    out.push(b'{');
    let made = find(&found, "_id").is_none().then(|| made_id(scanned)).transpose()?;
    if let Some(id) = &made {
        add(&mut out, "_id", &serde_json::Value::from(id.as_str()).to_string());
    }
    for (name, value) in &found {
        match &**name {
            "_attachments" => {
                let stubs = stubs(value.get(), &scanned.contents, &mut assets).map_err(bad)?;
                if let Some(stubs) = stubs {
                    add(&mut out, name, &stubs);
                }
            }
            _ => add(&mut out, name, value.get()),
        }
    }
    out.push(b'}');
    let out = Bytes::from(out);
    let leaf = Leaf::parse(RawJson::trusted(out.clone())).map_err(bad)?;
    assets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Piece {
        id: leaf.id,
        line: scanned.line,
        made: made.is_some(),
        others: find(&found, "_conflicts").is_some_and(|list| !matches!(list, "[]" | "null")),
        assets,
        text: out.to_vec(),
    })
}

/// An id for a document without one: the same for the same content, so that it comes only once however often it is restored.
fn made_id(scanned: &Scanned) -> Result<String, ForeignError> {
    let value: serde_json::Value = serde_json::from_slice(&scanned.text).map_err(|_| ForeignError::BrokenLine {
        line: scanned.line,
        byte: 1,
        reason: Flaw::NoJson,
    })?;
    let contents: Vec<&str> = scanned.contents.iter().map(|content| content.sha256.as_str()).collect();
    let text = format!("{value}\n{}", contents.join("\n"));
    let mut id = ContentHash::of(text.as_bytes()).to_string();
    id.truncate(MADE_DIGITS);
    Ok(id)
}

/// The value of `_attachments` as CouchDB gives it without contents; `None` when there is none in it.
fn stubs(text: &str, contents: &[Content], assets: &mut Vec<AssetRef>) -> Result<Option<String>, ConvertError> {
    let bad = |_| ConvertError::bad("_attachments", text);
    let mut out = vec![b'{'];
    for (name, value) in members(text.as_bytes()).map_err(bad)? {
        let about = members(value.get().as_bytes()).map_err(bad)?;
        let (stub, asset) = stub(&name, &about, contents)?;
        add(&mut out, &name, &stub);
        assets.push(asset);
    }
    out.push(b'}');
    Ok((out.len() > 2).then(|| String::from_utf8_lossy(&out).into_owned()))
}

fn stub(name: &str, about: &Members<'_>, contents: &[Content]) -> Result<(String, AssetRef), ConvertError> {
    let media_type = find(about, "content_type").or_else(|| find(about, "contentType"));
    let content = match find(about, "data") {
        None => None,
        Some(number) => {
            let at = number.parse::<usize>().ok();
            Some(
                at.and_then(|at| contents.get(at))
                    .ok_or_else(|| ConvertError::bad("data", number))?,
            )
        }
    };
    let length = content.map(|content| content.size.to_string());
    let length = length.as_deref().or_else(|| find(about, "length"));
    let mut out = vec![b'{'];
    add(&mut out, "content_type", media_type.unwrap_or("\"application/octet-stream\""));
    for (name, value) in [
        ("revpos", find(about, "revpos")),
        ("digest", find(about, "digest")),
        ("length", length),
    ] {
        if let Some(value) = value {
            add(&mut out, name, value);
        }
    }
    add(&mut out, "stub", "true");
    out.push(b'}');
    let asset = AssetRef {
        name: name.to_owned(),
        sha256: content.map(|content| content.sha256.clone()),
        size: length.and_then(|length| length.parse().ok()),
        media_type: media_type.and_then(|json| serde_json::from_str(json).ok()),
    };
    Ok((String::from_utf8_lossy(&out).into_owned(), asset))
}

/// A number is not stored as text, flags are one byte: the rest of a stored piece begins after this.
const FIXED: usize = 8 + 1 + 4;

impl Piece {
    /// The piece, without its id, as bytes for the sorter.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let assets = match self.assets.as_slice() {
            [] => Vec::new(),
            some => serde_json::to_vec(some).unwrap_or_default(),
        };
        let mut out = Vec::with_capacity(FIXED + assets.len() + self.text.len());
        out.extend_from_slice(&self.line.to_le_bytes());
        out.push(u8::from(self.made) | u8::from(self.others) << 1);
        out.extend_from_slice(&u32::try_from(assets.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&assets);
        out.extend_from_slice(&self.text);
        out
    }

    /// What [`Piece::to_bytes`] made; `None` when it is not that.
    pub(super) fn from_bytes(id: &[u8], bytes: &[u8]) -> Option<Self> {
        let (fixed, rest) = bytes.split_at_checked(FIXED)?;
        let assets_len = u32::from_le_bytes(fixed[9..].try_into().ok()?);
        let (assets, text) = rest.split_at_checked(usize::try_from(assets_len).ok()?)?;
        Some(Self {
            id: String::from_utf8(id.to_vec()).ok()?,
            line: u64::from_le_bytes(fixed[..8].try_into().ok()?),
            made: fixed[8] & 1 != 0,
            others: fixed[8] & 2 != 0,
            assets: if assets.is_empty() {
                Vec::new()
            } else {
                serde_json::from_slice(assets).ok()?
            },
            text: text.to_vec(),
        })
    }

    /// The leaf, which knows where its attachments are.
    ///
    /// # Errors
    /// When it is no document.
    pub(super) fn leaf(self) -> Result<Leaf, ConvertError> {
        let mut leaf = Leaf::parse(RawJson::trusted(Bytes::from(self.text)))?;
        for (attachment, asset) in leaf.attachments.iter_mut().zip(self.assets) {
            attachment.asset = Some(asset);
        }
        Ok(leaf)
    }
}
