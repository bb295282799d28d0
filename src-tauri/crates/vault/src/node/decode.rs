//! Reads directories from restic's JSON, as restic, rustic and this program write it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Datelike as _, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encode::SPECIAL_BITS;
use super::quote::unquote;
use super::{FileAttrs, Node, NodeKind};
use crate::Id;

/// Reads a tree blob. `None` when it is not one.
pub(crate) fn decode_tree(json: &[u8]) -> Option<Vec<Node>> {
    #[derive(Deserialize)]
    struct Tree {
        nodes: Option<Vec<Node>>,
    }
    let tree: Tree = serde_json::from_slice(json).ok()?;
    let mut nodes = tree.nodes.unwrap_or_default();
    // Sorted by every writer known; everything here relies on it.
    if !nodes.is_sorted_by(|a, b| a.name <= b.name) {
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Some(nodes)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NodeVisitor)
    }
}

/// The fields that need each other.
#[derive(Default)]
struct Parts {
    kind: String,
    mode: Option<u32>,
    link: Vec<u8>,
    link_raw: Option<Vec<u8>>,
    device: u64,
    content: Option<Vec<Id>>,
}

#[derive(Deserialize)]
struct XattrJson {
    name: String,
    value: Option<String>,
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of a directory")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Node, M::Error> {
        let mut parts = Parts::default();
        let mut node = Node {
            name: Vec::new(),
            kind: NodeKind::File,
            attrs: FileAttrs::default(),
            size: 0,
            content: [].into(),
            subtree: None,
            extra: Vec::new(),
        };
        while let Some(field) = map.next_key::<String>()? {
            if !read_attribute(&mut map, &field, &mut node.attrs)? {
                read_field(&mut map, &field, &mut node, &mut parts)?;
            }
        }
        // A name with a slash would leave its directory when restored.
        if node.name.is_empty() || parts.kind.is_empty() || node.name.contains(&b'/') {
            return Err(M::Error::custom("a node without a proper name or type"));
        }
        node.content = parts.content.unwrap_or_default().into();
        node.attrs.mode = parts.mode.map(unix_mode);
        node.kind = match parts.kind.as_str() {
            "file" => NodeKind::File,
            "dir" => NodeKind::Directory,
            "symlink" => NodeKind::Symlink {
                target: parts.link_raw.unwrap_or(parts.link),
            },
            _ => NodeKind::Special {
                kind: parts.kind,
                device: parts.device,
            },
        };
        Ok(node)
    }
}

/// Reads one of the plain attributes; `false` when `field` is none.
fn read_attribute<'de, M: MapAccess<'de>>(map: &mut M, field: &str, attrs: &mut FileAttrs) -> Result<bool, M::Error> {
    match field {
        "mtime" => attrs.modified = time(map.next_value()?),
        "atime" => attrs.accessed = time(map.next_value()?),
        "ctime" => attrs.changed = time(map.next_value()?),
        "uid" => attrs.uid = map.next_value::<Option<u32>>()?.unwrap_or_default(),
        "gid" => attrs.gid = map.next_value::<Option<u32>>()?.unwrap_or_default(),
        "user" => attrs.user = map.next_value()?,
        "group" => attrs.group = map.next_value()?,
        "inode" => attrs.inode = map.next_value()?,
        "device_id" => attrs.device = map.next_value()?,
        "links" => attrs.links = map.next_value()?,
        "extended_attributes" => {
            let list = map.next_value::<Option<Vec<XattrJson>>>()?.unwrap_or_default();
            let value = |text: Option<String>| text.and_then(|v| BASE64.decode(v).ok()).unwrap_or_default();
            attrs.xattrs = list.into_iter().map(|x| (x.name, value(x.value))).collect();
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Reads one of the other fields.
fn read_field<'de, M: MapAccess<'de>>(map: &mut M, field: &str, node: &mut Node, parts: &mut Parts) -> Result<(), M::Error> {
    match field {
        "name" => {
            let text: String = map.next_value()?;
            node.name = unquote(&text).ok_or_else(|| M::Error::custom("a name that is not quoted right"))?;
        }
        "type" => parts.kind = map.next_value()?,
        "mode" => parts.mode = map.next_value()?,
        "size" => node.size = map.next_value()?,
        "linktarget" => parts.link = map.next_value::<String>()?.into_bytes(),
        "linktarget_raw" => parts.link_raw = map.next_value::<Option<String>>()?.and_then(|t| BASE64.decode(t).ok()),
        "device" => parts.device = map.next_value()?,
        "content" => parts.content = map.next_value()?,
        "subtree" => node.subtree = map.next_value()?,
        "error" => {
            map.next_value::<IgnoredAny>()?;
        }
        _ => {
            let json: Box<RawValue> = map.next_value()?;
            node.extra.push((field.to_owned(), json.get().into()));
        }
    }
    Ok(())
}

/// A time of Go; its zero time means none.
fn time(text: Option<String>) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(&text?).ok()?.with_timezone(&Utc);
    (time.year() > 1).then_some(time)
}

/// Permission bits as Unix counts them.
fn unix_mode(go: u32) -> u32 {
    SPECIAL_BITS
        .iter()
        .filter(|(_, bit)| go & bit != 0)
        .fold(go & 0o777, |mode, (unix, _)| mode | unix)
}
