//! Directories as restic's JSON, field by field in its order.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

use super::quote::{json_string, quote};
use super::{Node, NodeKind};

/// Before the first node of a directory.
pub(crate) const TREE_START: &[u8] = b"{\"nodes\":[";
/// Behind the last.
pub(crate) const TREE_END: &[u8] = b"]}\n";

/// Go's bits for file types and special permissions.
const GO_DIRECTORY: u32 = 1 << 31;
const GO_SYMLINK: u32 = 1 << 27;
const GO_DEVICE: u32 = 1 << 26;
const GO_PIPE: u32 = 1 << 25;
const GO_SOCKET: u32 = 1 << 24;
const GO_CHARACTER: u32 = 1 << 21;
/// Unix's set-user, set-group and sticky bits, and Go's.
pub(super) const SPECIAL_BITS: [(u32, u32); 3] = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];

/// The mode as Go counts it.
fn go_mode(node: &Node) -> u32 {
    let (usual, kind) = match &node.kind {
        NodeKind::File => (0o644, 0),
        NodeKind::Directory => (0o755, GO_DIRECTORY),
        NodeKind::Symlink { .. } => (0o777, GO_SYMLINK),
        NodeKind::Special { kind, .. } => match kind.as_str() {
            "dev" => (0o600, GO_DEVICE),
            "chardev" => (0o600, GO_DEVICE | GO_CHARACTER),
            "fifo" => (0o600, GO_PIPE),
            "socket" => (0o600, GO_SOCKET),
            _ => (0o600, 0),
        },
    };
    let mode = node.attrs.mode.unwrap_or(usual);
    let special = SPECIAL_BITS
        .iter()
        .filter(|(unix, _)| mode & unix != 0)
        .fold(0, |all, (_, go)| all | go);
    kind | special | (mode & 0o777)
}

/// A time as Go writes it; its zero time when there is none.
fn time(out: &mut Vec<u8>, name: &str, time: Option<DateTime<Utc>>) {
    // Years beyond four digits cannot be written in this format.
    let Some(t) = time.filter(|t| (0..=9999).contains(&t.year())) else {
        let _ = write!(out, ",\"{name}\":\"0001-01-01T00:00:00Z\"");
        return;
    };
    let (y, mo, d, h, mi, s) = (t.year(), t.month(), t.day(), t.hour(), t.minute(), t.second());
    let _ = write!(out, ",\"{name}\":\"{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}");
    let nanos = t.nanosecond() % 1_000_000_000;
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
    out.extend_from_slice(b"Z\"");
}

fn number(out: &mut Vec<u8>, name: &str, number: u64) {
    if number != 0 {
        let _ = write!(out, ",\"{name}\":{number}");
    }
}

fn text(out: &mut Vec<u8>, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = write!(out, ",\"{name}\":");
        json_string(out, value);
    }
}

/// Appends a node as one JSON object. Writing into memory cannot fail.
pub(crate) fn encode_node(out: &mut Vec<u8>, node: &Node) {
    out.extend_from_slice(b"{\"name\":");
    json_string(out, &quote(&node.name));
    let kind = match &node.kind {
        NodeKind::File => "file",
        NodeKind::Directory => "dir",
        NodeKind::Symlink { .. } => "symlink",
        NodeKind::Special { kind, .. } => kind,
    };
    text(out, "type", kind);
    let attrs = &node.attrs;
    number(out, "mode", u64::from(go_mode(node)));
    time(out, "mtime", attrs.modified);
    time(out, "atime", attrs.accessed.or(attrs.modified));
    time(out, "ctime", attrs.changed.or(attrs.modified));
    let _ = write!(out, ",\"uid\":{},\"gid\":{}", attrs.uid, attrs.gid);
    text(out, "user", &attrs.user);
    text(out, "group", &attrs.group);
    number(out, "inode", attrs.inode);
    number(out, "device_id", attrs.device);
    number(out, "size", node.size);
    number(out, "links", attrs.links);
    if let NodeKind::Symlink { target } = &node.kind {
        text(out, "linktarget", &String::from_utf8_lossy(target));
        if std::str::from_utf8(target).is_err() {
            text(out, "linktarget_raw", &BASE64.encode(target));
        }
    }
    xattrs(out, &attrs.xattrs);
    if let NodeKind::Special { device, .. } = &node.kind {
        number(out, "device", *device);
    }
    content(out, node);
    if let Some(subtree) = node.subtree {
        text(out, "subtree", &subtree.to_hex());
    }
    for (name, json) in &node.extra {
        out.push(b',');
        json_string(out, name);
        out.push(b':');
        out.extend_from_slice(json.as_bytes());
    }
    out.push(b'}');
}

fn xattrs(out: &mut Vec<u8>, xattrs: &[(String, Vec<u8>)]) {
    for (n, (name, value)) in xattrs.iter().enumerate() {
        out.extend_from_slice(if n == 0 {
            b",\"extended_attributes\":[{\"name\":"
        } else {
            b",{\"name\":"
        });
        json_string(out, name);
        let _ = write!(out, ",\"value\":\"{}\"}}", BASE64.encode(value));
    }
    if !xattrs.is_empty() {
        out.push(b']');
    }
}

fn content(out: &mut Vec<u8>, node: &Node) {
    if !node.is_file() {
        out.extend_from_slice(b",\"content\":null");
        return;
    }
    out.extend_from_slice(b",\"content\":[");
    out.reserve(node.content.len() * 67);
    for (n, id) in node.content.iter().enumerate() {
        out.extend_from_slice(if n == 0 { b"\"" } else { b",\"" });
        let mut digits = [0; 64];
        let _ = hex::encode_to_slice(id.0, &mut digits);
        out.extend_from_slice(&digits);
        out.push(b'"');
    }
    out.push(b']');
}
