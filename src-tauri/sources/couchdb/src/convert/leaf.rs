//! One leaf revision of a document: what CouchDB says about it, taken from the JSON, which stays as it came.

use std::{borrow::Cow, fmt, marker::PhantomData};

use backstay_model::RawJson;
use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Attachment, ConvertError, Rev, Revisions, attachment};

/// Members of an object in their order, the values as they came.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// What CouchDB says about a document and is no content of it. The last four are only given when asked for.
const ABOUT: [&str; 10] = [
    "_id",
    "_rev",
    "_revisions",
    "_deleted",
    "_attachments",
    "_conflicts",
    "_deleted_conflicts",
    "_revs_info",
    "_local_seq",
    "_attachments_follow",
];

/// One leaf revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// The document's id.
    pub id: String,
    /// The revision; `None` in documents that never were in a database.
    pub rev: Option<Rev>,
    /// What led to it; `None` when it was not given.
    pub revisions: Option<Revisions>,
    /// A tombstone.
    pub deleted: bool,
    /// Its attachments by name.
    pub attachments: Vec<Attachment>,
    /// The whole document as it came, without what only the server can know (`_conflicts`, `_revs_info`, …).
    pub text: RawJson,
}

/// What [`Leaf::compose`] says about a document in place of what its text says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Meta<'a> {
    /// `_id`; `None`: none is written.
    pub id: Option<&'a str>,
    /// `_rev`
    pub rev: Option<&'a Rev>,
    /// `_revisions`
    pub revisions: Option<&'a Revisions>,
    /// `_deleted`
    pub deleted: bool,
    /// The JSON of `_attachments`.
    pub attachments: Option<&'a str>,
}

impl Leaf {
    /// Takes a document as a server gave it.
    ///
    /// # Errors
    /// When it is no document.
    pub(crate) fn parse(text: RawJson) -> Result<Self, ConvertError> {
        let bytes = text.bytes();
        let found = members(&bytes)?;
        let mut leaf = Self {
            id: String::new(),
            rev: None,
            revisions: None,
            deleted: false,
            attachments: Vec::new(),
            text,
        };
        let mut computed = false;
        let mut id = None;
        for (name, value) in &found {
            if !name.starts_with('_') {
                continue;
            }
            let value = value.get();
            match &**name {
                "_id" => id = Some(string("_id", value)?),
                "_rev" => leaf.rev = Some(string("_rev", value)?.parse()?),
                "_revisions" => leaf.revisions = Some(Revisions::parse(value)?),
                "_deleted" => leaf.deleted = value == "true",
                "_attachments" => leaf.attachments = attachment::parse(value)?,
                other => computed |= ABOUT.contains(&other),
            }
        }
        leaf.id = id
            .filter(|id| !id.is_empty())
            .ok_or(ConvertError::Missing { member: "_id" })?;
        if computed {
            leaf.text = written(found.iter().filter(|(name, _)| !ABOUT[5..].contains(&&**name)));
        }
        Ok(leaf)
    }

    /// The document's own members in their order: everything but what CouchDB says about it.
    ///
    /// # Errors
    /// When the text is damaged.
    pub(crate) fn body(&self) -> Result<Members<'_>, ConvertError> {
        let mut found = members(self.text.as_bytes())?;
        found.retain(|(name, _)| !ABOUT.contains(&&**name));
        Ok(found)
    }

    /// The document's own members with other facts about it before them.
    ///
    /// # Errors
    /// When the text is damaged.
    pub(crate) fn compose(&self, meta: &Meta<'_>) -> Result<RawJson, ConvertError> {
        let mut out = Vec::with_capacity(self.text.as_bytes().len() + 64);
        out.push(b'{');
        if let Some(id) = meta.id {
            member(&mut out, "_id", |out| quoted(out, id));
        }
        if let Some(rev) = meta.rev {
            member(&mut out, "_rev", |out| quoted(out, &rev.to_string()));
        }
        if let Some(revisions) = meta.revisions {
            member(&mut out, "_revisions", |out| {
                out.extend_from_slice(format!("{{\"start\":{},\"ids\":", revisions.start).as_bytes());
                list(out, &revisions.ids, |out, name| quoted(out, name));
                out.push(b'}');
            });
        }
        if meta.deleted {
            member(&mut out, "_deleted", |out| out.extend_from_slice(b"true"));
        }
        for (name, value) in self.body()? {
            member(&mut out, &name, |out| out.extend_from_slice(value.get().as_bytes()));
        }
        if let Some(attachments) = meta.attachments {
            member(&mut out, "_attachments", |out| out.extend_from_slice(attachments.as_bytes()));
        }
        out.push(b'}');
        Ok(RawJson::trusted(Bytes::from(out)))
    }

    /// The history, which is the leaf alone where none was given.
    pub(crate) fn history(&self) -> Option<Cow<'_, Revisions>> {
        match (&self.revisions, &self.rev) {
            (Some(revisions), _) => Some(Cow::Borrowed(revisions)),
            (None, Some(rev)) => Some(Cow::Owned(Revisions::only(rev))),
            (None, None) => None,
        }
    }
}

fn string(member: &'static str, json: &str) -> Result<String, ConvertError> {
    serde_json::from_str(json).map_err(|_| ConvertError::bad(member, json))
}

/// An object of these members.
pub(super) fn written<'a, 'b: 'a>(found: impl Iterator<Item = &'a (Cow<'b, str>, &'b RawValue)>) -> RawJson {
    let mut out = vec![b'{'];
    for (name, value) in found {
        member(&mut out, name, |out| out.extend_from_slice(value.get().as_bytes()));
    }
    out.push(b'}');
    RawJson::trusted(Bytes::from(out))
}

/// Adds a member to an object that is being written.
pub(super) fn member(out: &mut Vec<u8>, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    quoted(out, name);
    out.push(b':');
    value(out);
}

pub(super) fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn quoted(out: &mut Vec<u8>, text: &str) {
    let plain = text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\');
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// The members of a JSON object, read at their first level only.
///
/// # Errors
/// When `text` is no JSON object.
pub(crate) fn members(text: &[u8]) -> Result<Members<'_>, ConvertError> {
    let object: Object<'_> = serde_json::from_slice(text).map_err(|error| ConvertError::NoObject {
        reason: error.to_string(),
    })?;
    Ok(object.0)
}

struct Object<'a>(Members<'a>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<'a>(PhantomData<&'a ()>);
        impl<'de> Visitor<'de> for All<'de> {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut found = Vec::with_capacity(16);
                while let Some(Name(name)) = map.next_key()? {
                    found.push((name, map.next_value()?));
                }
                Ok(Object(found))
            }
        }
        deserializer.deserialize_map(All(PhantomData))
    }
}
