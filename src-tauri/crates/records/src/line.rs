//! One record as one line of a shard.

use backstay_model::{AssetRef, ContentHash, RawJson, Record};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{Fault, ShortHash};

/// Start of a line.
const ID: &[u8] = b"{\"id\":";
/// Start of the last member.
const DATA: &[u8] = b",\"data\":";
/// End of a line.
const END: &[u8] = b"}\n";
/// Start of the check value.
const CHECK: &[u8] = b",\"check\":\"";
/// Hexadecimal digits of the check value.
const CHECK_DIGITS: usize = 16;

/// Appends the line of `record`. Serialising to memory cannot fail, so the results of writing are not looked at.
pub(crate) fn write(out: &mut Vec<u8>, record: &Record) {
    let start = out.len();
    put(out, ID, &record.id);
    if let Some(rev) = &record.rev {
        put(out, b",\"rev\":", rev);
    }
    if let Some(changed) = &record.changed {
        put(out, b",\"changed\":", changed);
    }
    if !record.assets.is_empty() {
        put(out, b",\"assets\":", &record.assets);
    }
    if record.canonical {
        put(out, b",\"hash\":", &record.hash.to_string());
    }
    if has_more(record) {
        let check = check(&out[start..], record.data.as_bytes());
        out.extend_from_slice(CHECK);
        out.extend_from_slice(check.as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(DATA);
    out.extend_from_slice(record.data.as_bytes());
    out.extend_from_slice(END);
}

fn put<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, name: &[u8], value: &T) {
    out.extend_from_slice(name);
    let _ = serde_json::to_writer(out, value);
}

/// Whether the line holds something its key's hash does not cover.
fn has_more(record: &Record) -> bool {
    record.canonical || record.rev.is_some() || record.changed.is_some() || !record.assets.is_empty()
}

/// First 8 bytes of the SHA-256 of what stands before the check value and of the data, in hexadecimal digits.
fn check(before: &[u8], data: &[u8]) -> String {
    let digest = Sha256::new().chain_update(before).chain_update(data).finalize();
    hex::encode(&digest[..CHECK_DIGITS / 2])
}

/// The members of a line that has more than id and data.
#[derive(Deserialize)]
struct Members<'a> {
    id: String,
    rev: Option<String>,
    changed: Option<DateTime<Utc>>,
    #[serde(default)]
    assets: Vec<AssetRef>,
    hash: Option<String>,
    check: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Checks that `line` is one whole line and that of `id`, without looking into its content.
pub(crate) fn check_frame(line: &[u8], id: &str) -> Result<(), Fault> {
    if !line.ends_with(END) || line[..line.len() - 1].contains(&b'\n') {
        return Err(Fault::Line);
    }
    let rest = without_id(line, id).ok_or(Fault::WrongId)?;
    if rest.starts_with(b",") { Ok(()) } else { Err(Fault::Line) }
}

/// What follows the id, if the line begins with this one.
fn without_id<'l>(line: &'l [u8], id: &str) -> Option<&'l [u8]> {
    let rest = line.strip_prefix(ID)?;
    if id.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        return rest.strip_prefix(b"\"")?.strip_prefix(id.as_bytes())?.strip_prefix(b"\"");
    }
    let mut quoted = Vec::with_capacity(id.len() + 16);
    put(&mut quoted, b"", id);
    rest.strip_prefix(quoted.as_slice())
}

/// Reads the line of the record that its key calls `id` with `hash`, and checks it against both.
pub(crate) fn read(line: &Bytes, id: &str, hash: ShortHash) -> Result<Record, Fault> {
    if !line.ends_with(END) {
        return Err(Fault::Line);
    }
    let rest = without_id(line, id).ok_or(Fault::WrongId)?;
    if rest.starts_with(DATA) {
        let data_at = line.len() - rest.len() + DATA.len();
        if data_at + END.len() > line.len() {
            return Err(Fault::Line);
        }
        let data = line.slice(data_at..line.len() - END.len());
        let full = ContentHash::of(&data);
        if ShortHash::of(full) != hash || data.contains(&b'\n') {
            return Err(Fault::Hash);
        }
        let (id, data) = (id.to_owned(), RawJson::trusted(data));
        return Ok(Record {
            id,
            rev: None,
            changed: None,
            assets: Vec::new(),
            data,
            hash: full,
            canonical: false,
        });
    }
    read_more(line, id, hash)
}

fn read_more(line: &Bytes, id: &str, hash: ShortHash) -> Result<Record, Fault> {
    let members: Members<'_> = serde_json::from_slice(line).map_err(|_| Fault::Line)?;
    if members.id != id {
        return Err(Fault::WrongId);
    }
    let data_at = (line.len() - END.len())
        .checked_sub(members.data.get().len())
        .ok_or(Fault::Line)?;
    let data = line.slice(data_at..line.len() - END.len());
    let tail = CHECK.len() + CHECK_DIGITS + 1 + DATA.len();
    let before = data_at.checked_sub(tail).ok_or(Fault::Line)?;
    if data != members.data.get().as_bytes() || !line[before..].starts_with(CHECK) || data.contains(&b'\n') {
        return Err(Fault::Line);
    }
    if check(&line[..before], &data) != members.check {
        return Err(Fault::Check);
    }
    let full = match &members.hash {
        Some(text) => parse_hash(text).ok_or(Fault::Hash)?,
        None => ContentHash::of(&data),
    };
    if ShortHash::of(full) != hash {
        return Err(Fault::Hash);
    }
    Ok(Record {
        id: members.id,
        rev: members.rev,
        changed: members.changed,
        assets: members.assets,
        data: RawJson::trusted(data),
        hash: full,
        canonical: members.hash.is_some(),
    })
}

/// The members that say what a line's record is, wherever it stands.
#[derive(Deserialize)]
struct Own<'a> {
    id: String,
    hash: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Reads a line (line break included) that comes without a key, as in a collection exported as one NDJSON. Its form and its check
/// value are verified; that its content is the right one, only whoever has a checksum of the whole can tell.
///
/// # Errors
/// What is wrong with it.
pub fn parse_line(line: &Bytes) -> Result<Record, Fault> {
    let own: Own<'_> = serde_json::from_slice(line).map_err(|_| Fault::Line)?;
    if own.id.is_empty() || own.id.len() > crate::MAX_ID {
        return Err(Fault::Id);
    }
    let hash = match &own.hash {
        Some(text) => parse_hash(text).ok_or(Fault::Hash)?,
        None => ContentHash::of(own.data.get().as_bytes()),
    };
    read(line, &own.id, ShortHash::of(hash))
}

fn parse_hash(text: &str) -> Option<ContentHash> {
    let mut hash = [0; 16];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(ContentHash(hash))
}
