//! The first 100 bytes of a database file (<https://sqlite.org/fileformat2.html#the_database_header>).

use std::{
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use super::RawFile;
use crate::error::{Error, Fact, Result};

/// Size of the header.
pub const SIZE: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of a page: a power of two from 512 to 65536.
    pub page_size: u32,
    /// The file is in WAL mode.
    pub wal: bool,
    /// Grows with each transaction (in WAL mode, not with each).
    pub change_counter: u32,
    /// Pages of the database, if the field can be trusted.
    pub pages: Option<u32>,
    /// Grows with each change of the schema.
    pub schema_cookie: u32,
    /// `PRAGMA user_version`.
    pub user_version: i32,
    /// `PRAGMA application_id`.
    pub application_id: i32,
}

fn word(bytes: &[u8; SIZE], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Header {
    /// Reads the fields of a header that begins with the magic text.
    pub fn parse(bytes: &[u8; SIZE]) -> std::result::Result<Self, Fact> {
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            n if n >= 512 && n.is_power_of_two() => u32::from(n),
            n => {
                return Err(Fact::BadHeader {
                    detail: format!("page size {n}"),
                });
            }
        };
        if bytes[18] > 2 || bytes[19] > 2 || bytes[18] == 0 || bytes[19] == 0 {
            return Err(Fact::BadHeader {
                detail: format!("format versions {} and {}", bytes[18], bytes[19]),
            });
        }
        let counter = word(bytes, 24);
        let pages = word(bytes, 28);
        let signed = |at| i32::from_be_bytes(word(bytes, at).to_be_bytes());
        Ok(Self {
            page_size,
            wal: bytes[19] == 2,
            change_counter: counter,
            pages: (pages > 0 && word(bytes, 92) == counter).then_some(pages),
            schema_cookie: word(bytes, 40),
            user_version: signed(60),
            application_id: signed(68),
        })
    }

    /// Size the file must have at least, if the header tells.
    pub fn expected_size(&self) -> Option<u64> {
        self.pages.map(|n| u64::from(n) * u64::from(self.page_size))
    }
}

/// Makes the header of a database that was in WAL mode that of a plain file: without the WAL flag, and with the fields that
/// depend on when the log was last folded in set to fixed values, so that equal content has equal bytes.
pub fn canonical(bytes: &mut [u8]) {
    if bytes.len() < SIZE || bytes[19] != 2 {
        return;
    }
    bytes[18] = 1;
    bytes[19] = 1;
    bytes[24..28].copy_from_slice(&1u32.to_be_bytes());
    bytes[92..96].copy_from_slice(&1u32.to_be_bytes());
    bytes[96..100].copy_from_slice(&3_007_000u32.to_be_bytes());
}

/// Says what the file is: a database with this header, or why not. `alone` means that no log or journal can add to it, so
/// that it must be as long as its header says.
///
/// # Errors
/// The fact that keeps it from being a database.
pub fn classify(path: &Path, file: &mut RawFile, alone: bool) -> Result<Header> {
    let io = |e| Error::io(path.display().to_string(), e);
    let size = file.metadata().map_err(io)?.len();
    if size == 0 {
        return Err(Fact::Empty.at(path));
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut start = Vec::with_capacity(4096);
    file.take(4096).read_to_end(&mut start).map_err(io)?;
    if !start.starts_with(MAGIC) {
        let fact = if looks_random(&start) {
            Fact::Encrypted
        } else {
            Fact::NotSqlite
        };
        return Err(fact.at(path));
    }
    let Some(bytes) = start.first_chunk::<SIZE>() else {
        return Err(Fact::Truncated {
            expected: 512,
            actual: size,
        }
        .at(path));
    };
    let header = Header::parse(bytes).map_err(|fact| fact.at(path))?;
    if let Some(expected) = header.expected_size().filter(|expected| alone && size < *expected) {
        return Err(Fact::Truncated { expected, actual: size }.at(path));
    }
    Ok(header)
}

/// Whether bytes have the spread of encrypted data: more than 7 bits of entropy per byte for 4 KiB, which text, page headers
/// and zeros never have. Shorter starts are judged less.
fn looks_random(bytes: &[u8]) -> bool {
    if bytes.len() < 512 {
        return false;
    }
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    let entropy: f64 = counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| {
            let p = f64::from(*n) / total;
            -p * p.log2()
        })
        .sum();
    entropy > 7.0
}
