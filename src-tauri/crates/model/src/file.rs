//! Files as sources and snapshots know them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One file, directory or link below the `files/` part of a source or snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub struct FileEntry {
    /// Path with `/` between its parts, relative to the source, never empty, without `.` and `..`. A name that is not
    /// UTF-8 carries its odd bytes as `%XX`, and `%` itself as `%25` (see [`FileEntry::escape`]).
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes of a file's content; 0 otherwise.
    pub size: u64,
    /// Times, mode and identity.
    pub meta: FileMeta,
}

/// What a [`FileEntry`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link and the text it holds (escaped like a path).
    Symlink(String),
    /// Anything else (socket, pipe, device): named as a gap, never stored.
    Other,
}

/// Times, mode and identity of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(optional_fields = nullable)]
pub struct FileMeta {
    /// Time of the last change of content.
    pub modified: Option<DateTime<Utc>>,
    /// Time of the last change of content or attributes (Unix).
    pub attributes_changed: Option<DateTime<Utc>>,
    /// Permission bits (Unix).
    pub mode: Option<u32>,
    /// Owner (Unix).
    pub uid: Option<u32>,
    /// Group (Unix).
    pub gid: Option<u32>,
    /// Inode; together with `device` tells hard links of one file.
    pub inode: u64,
    /// Device of the inode.
    pub device: u64,
    /// Number of hard links.
    pub links: u64,
    /// The file has holes: it occupies less than its size.
    pub sparse: bool,
}

impl FileEntry {
    /// Turns a file name of any bytes into text that can be turned back.
    #[must_use]
    pub fn escape(name: &[u8]) -> String {
        let mut out = String::with_capacity(name.len());
        for chunk in name.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c == '%' { out.push_str("%25") } else { out.push(c) }
            }
            for byte in chunk.invalid() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    }

    /// Turns text made by [`FileEntry::escape`] back into bytes. A `%` without two hexadecimal digits stands for itself.
    #[must_use]
    pub fn unescape(text: &str) -> Vec<u8> {
        let bytes = text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let code = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
            let byte = code
                .and_then(|c| std::str::from_utf8(c).ok())
                .and_then(|c| u8::from_str_radix(c, 16).ok());
            match byte {
                Some(byte) => {
                    out.push(byte);
                    at += 3;
                }
                None => {
                    out.push(bytes[at]);
                    at += 1;
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::FileEntry;

    #[test]
    fn odd_names_survive() {
        for name in [
            &b"plain"[..],
            b"caf\xc3\xa9",
            b"\xff\xfe x",
            b"100%",
            b"%41",
            b"a\nb",
            b"\xf0\x28\x8c\x28",
        ] {
            let text = FileEntry::escape(name);
            assert_eq!(FileEntry::unescape(&text), name, "{text}");
        }
        assert_eq!(FileEntry::escape("é%".as_bytes()), "é%25");
    }
}
