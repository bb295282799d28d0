//! What a file is, told by its beginning.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use super::{input::is_packed, lines::Header};

/// Bytes that are looked at.
const HEAD: u64 = 64 << 10;
/// Members of a server's answer that may stand before the documents.
const BEFORE: [&str; 6] = ["total_rows", "offset", "update_seq", "docs", "rows", "new_edits"];

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A backup of couchbackup.
    CouchBackup,
    /// Documents one after the other.
    Lines,
    /// A list of documents, or a server's answer with one.
    List,
}

/// Looks at the file at `path`.
pub(super) fn recognise(path: &Path) -> Option<Kind> {
    if !path.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let mut first = [0; 2];
    let packed = file.read_exact(&mut first).is_ok() && is_packed(&first);
    let file = BufReader::new(File::open(path).ok()?);
    let mut head = Vec::new();
    // Compressed data that breaks off is a damaged file of its kind all the same.
    let read = match packed {
        true => MultiGzDecoder::new(file).take(HEAD).read_to_end(&mut head),
        false => file.take(HEAD).read_to_end(&mut head),
    };
    if read.is_err() && head.is_empty() {
        return None;
    }
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let lines = [".ndjson", ".jsonl"].iter().any(|ending| name.ends_with(ending));
    of_head(&head, (head.len() as u64) < HEAD, lines)
}

/// `whole`: nothing follows. `lines`: the file's name says that it has documents one a line.
fn of_head(head: &[u8], whole: bool, lines: bool) -> Option<Kind> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match head.first()? {
        b'{' => of_object(head, whole, lines),
        b'[' => of_list(head),
        _ => None,
    }
}

fn of_object(head: &[u8], whole: bool, lines: bool) -> Option<Kind> {
    let mut rest = head.splitn(2, |byte| *byte == b'\n');
    let line = rest.next()?;
    let after = rest.next().map(<[u8]>::trim_ascii_start);
    if Header::parse(line).is_some() {
        return Some(Kind::CouchBackup);
    }
    let first: Option<Value> = serde_json::from_slice(line).ok();
    let Some(Value::Object(first)) = first else {
        let key = head[1..].trim_ascii_start();
        let begins = |name: &str| {
            key.strip_prefix(b"\"")
                .is_some_and(|key| key.starts_with(format!("{name}\"").as_bytes()))
        };
        return if lines || (after.is_none() && !whole && begins("_id")) {
            Some(Kind::Lines)
        } else {
            BEFORE.iter().any(|name| begins(name)).then_some(Kind::List)
        };
    };
    let alone = after.is_none_or(<[u8]>::is_empty);
    if !lines
        && alone
        && ["docs", "rows"]
            .iter()
            .any(|name| first.get(*name).is_some_and(Value::is_array))
    {
        return Some(Kind::List);
    }
    let another = after.is_some_and(|after| {
        let line = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let cut = line.len() == after.len() && !whole;
        line.starts_with(b"{") && (cut || serde_json::from_slice::<Value>(line).is_ok())
    });
    (lines || first.contains_key("_id") || another).then_some(Kind::Lines)
}

/// couchbackup writes a list on one line without blanks, and `_id` first. One that breaks off before the end of its line was
/// interrupted.
fn of_list(head: &[u8]) -> Option<Kind> {
    let inside = head[1..].trim_ascii_start();
    if head.starts_with(b"[{\"_id\":") {
        let line_end = memchr::memchr(b'\n', head).unwrap_or(head.len());
        let line = head[..line_end].trim_ascii_end();
        let list = line.ends_with(b",") || line.ends_with(b"[") || line.ends_with(b"}");
        let next = head[line_end..].trim_ascii_start();
        let goes_on = list && (next.starts_with(b"{\"_id\"") || next.starts_with(b",") || next.starts_with(b"]"));
        return Some(if goes_on { Kind::List } else { Kind::CouchBackup });
    }
    (inside.starts_with(b"{") || inside.starts_with(b"]")).then_some(Kind::List)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        of_head(text.as_bytes(), true, false)
    }

    #[test]
    fn kinds_are_told_by_what_is_in_them() {
        use Kind::{CouchBackup, Lines, List};
        for (text, wanted) in [
            (
                "{\"name\":\"@cloudant/couchbackup\",\"version\":\"2.11.12\",\"mode\":\"full\"}\n[{}]\n",
                Some(CouchBackup),
            ),
            ("[{\"_id\":\"a\",\"_rev\":\"1-a\"}]\n[{\"_id\":\"b\"}]\n", Some(CouchBackup)),
            ("[{\"_id\":\"a\",\"text\":\"cut\n[{\"_id\":\"b\"}]\n", Some(CouchBackup)),
            ("[{\"_id\":\"a\"},\n{\"_id\":\"b\"}]", Some(List)),
            ("[\n  {\"_id\": \"a\"}\n]", Some(List)),
            ("{\"docs\":[{\"_id\":\"a\"}]}", Some(List)),
            ("{\n  \"total_rows\": 3,\n  \"rows\": [", Some(List)),
            ("{\"total_rows\":3,\"offset\":0,\"rows\":[\n{\"id\":\"a\"}", Some(List)),
            ("{\"_id\":\"a\"}", Some(Lines)),
            ("{\"a\":1}\n{\"a\":2}\n", Some(Lines)),
            ("{\"a\":1}", None),
            ("{\"a\":1}\nno", None),
            ("{\n \"name\": \"x\"\n}", None),
            ("[1,2]", None),
            ("", None),
            ("SQLite format 3", None),
        ] {
            assert_eq!(kind(text), wanted, "{text}");
        }
        assert_eq!(of_head(b"{\"a\":1}", true, true), Some(Lines), "the name says it");
    }
}
