//! The audit log: who did what when. Entries are only added, and each seals the one before it.
//!
//! # The seal
//! An entry's hash is the SHA-256 over, in this order, numbers big-endian:
//! 1. the 18 bytes `backstay-audit-v1\n`
//! 2. its number (8 bytes, from 1), its time (8 bytes, signed, microseconds since 1970 UTC)
//! 3. actor, program, action, object, detail: for each the length in bytes (8 bytes), then the UTF-8 bytes. The detail is
//!    JSON as in the export: compact, keys in their order
//! 4. the hash of the entry before (32 bytes; zeros before the first)
//!
//! Changing, removing, adding or moving an entry breaks the chain there. Cutting entries off the end does not: heads
//! stored elsewhere (in snapshots) tell, through [`Audit::verify_against`].

mod chain;
mod export;
mod filter;
mod verify;

use std::fmt;

use backstay_model::RawJson;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::codec::{count, json, micros, number, time};
use crate::runs::Page;
use crate::{Journal, JournalError, Result};

pub use filter::AuditFilter;

pub(crate) use chain::{GENESIS, Hash};

/// The audit log of a [`Journal`].
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a>(pub(crate) &'a Journal);

/// An entry to add.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// When.
    pub time: DateTime<Utc>,
    /// The user of the operating system.
    pub actor: String,
    /// Program and version.
    pub program: String,
    /// What was done: `source.add`, `restore.run`.
    pub action: String,
    /// To what, by name.
    pub object: String,
    /// More, as JSON without secrets.
    pub detail: serde_json::Value,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// Its number, from 1.
    pub seq: u64,
    /// When, to the microsecond.
    pub time: DateTime<Utc>,
    /// The user of the operating system.
    pub actor: String,
    /// Program and version.
    pub program: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// More.
    pub detail: RawJson,
    /// Hash of the entry before, hexadecimal.
    pub prev: String,
    /// Hash of this entry, hexadecimal.
    pub hash: String,
}

/// The end of the log: how long it is, and the hash that seals all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditHead {
    /// Number of the last entry; 0 when there is none.
    pub seq: u64,
    /// Its hash, hexadecimal (64 digits).
    pub hash: String,
}

/// A head that was stored elsewhere. Its text form is `SEQ:HASH`.
pub type KnownHead = AuditHead;

/// Where the log stops fitting together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// The entry's content does not fit its hash.
    Changed {
        /// Its number.
        seq: u64,
    },
    /// An entry is missing, or one stands where it does not belong.
    OutOfOrder {
        /// Number expected.
        expected: u64,
        /// Number found.
        found: u64,
    },
    /// The entry does not seal the one before it.
    Unlinked {
        /// Its number.
        seq: u64,
    },
    /// Entries were cut off the end.
    Cut {
        /// Number of the last entry there is.
        last: u64,
        /// Number of an entry known to have existed.
        known: u64,
    },
    /// The whole log was rewritten: an entry has another hash than is known of it.
    Rewritten {
        /// Its number.
        seq: u64,
    },
    /// The entry cannot be read at all.
    Unreadable {
        /// Number of the entry before it.
        after: u64,
    },
}

const COLUMNS: &str = "seq, at, actor, program, action, object, detail, prev, hash";

impl Audit<'_> {
    /// Adds an entry. When this returns, it is on the disk.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add(&self, entry: &AuditEntry) -> Result<AuditHead> {
        self.0.write(|tx| {
            let (last, prev) = last(tx)?;
            let seq = last + 1;
            let detail = entry.detail.to_string();
            let content = chain::Content {
                seq,
                at: micros(entry.time),
                actor: &entry.actor,
                program: &entry.program,
                action: &entry.action,
                object: &entry.object,
                detail: &detail,
            };
            let hash = content.seal(&prev);
            tx.prepare_cached(&format!(
                "INSERT INTO audit ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                number(seq),
                content.at,
                content.actor,
                content.program,
                content.action,
                content.object,
                content.detail,
                prev,
                hash
            ])?;
            Ok(AuditHead {
                seq,
                hash: hex::encode(hash),
            })
        })
    }

    /// The end of the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn head(&self) -> Result<AuditHead> {
        self.0.read(|tx| {
            let (seq, hash) = last(tx)?;
            Ok(AuditHead {
                seq,
                hash: hex::encode(hash),
            })
        })
    }

    /// Entries from the newest down, from `from` (a page's `next`) on.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest(&self, from: Option<u64>, limit: usize) -> Result<Page<AuditRow>> {
        self.page("seq < ?1", "DESC", from.unwrap_or(i64::MAX.unsigned_abs()), limit)
    }

    /// Entries from the oldest up, after number `from`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn oldest(&self, from: Option<u64>, limit: usize) -> Result<Page<AuditRow>> {
        self.page("seq > ?1", "ASC", from.unwrap_or(0), limit)
    }

    fn page(&self, condition: &str, order: &str, from: u64, limit: usize) -> Result<Page<AuditRow>> {
        self.0.read(|tx| {
            let mut rows = tx.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM audit WHERE {condition} ORDER BY seq {order} LIMIT ?2"
            ))?;
            let found = rows.query_map((number(from), number(limit as u64).saturating_add(1)), audit_row)?;
            Ok(Page::cut(found.collect::<rusqlite::Result<_>>()?, limit, |row: &AuditRow| {
                row.seq
            }))
        })
    }
}

/// Number and hash of the last entry.
fn last(tx: &Transaction<'_>) -> Result<(u64, Hash)> {
    let mut rows = tx.prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?;
    let found = rows.query_row([], |row| Ok((count(row, 0)?, row.get(1)?))).optional()?;
    Ok(found.unwrap_or((0, GENESIS)))
}

fn audit_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let (prev, hash): (Hash, Hash) = (row.get("prev")?, row.get("hash")?);
    Ok(AuditRow {
        seq: count(row, "seq")?,
        time: time(row, "at")?,
        actor: row.get("actor")?,
        program: row.get("program")?,
        action: row.get("action")?,
        object: row.get("object")?,
        detail: json(row, "detail")?,
        prev: hex::encode(prev),
        hash: hex::encode(hash),
    })
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl std::str::FromStr for AuditHead {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text.split_once(':').and_then(|(seq, hash)| {
            let known = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
            Some(Self {
                seq: seq.parse().ok()?,
                hash: hash.to_ascii_lowercase(),
            })
            .filter(|_| known)
        });
        parsed.ok_or_else(|| JournalError::AuditHead { text: text.to_owned() })
    }
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq } => write!(f, "entry {seq} was changed"),
            Self::OutOfOrder { expected, found } => write!(f, "entry {expected} is missing, entry {found} follows"),
            Self::Unlinked { seq } => write!(f, "entry {seq} does not follow from the one before it"),
            Self::Cut { last, known } => write!(f, "it ends at entry {last}, but entry {known} is known to have existed"),
            Self::Rewritten { seq } => write!(f, "entry {seq} is not the one known from elsewhere"),
            Self::Unreadable { after } => write!(f, "the entry after {after} cannot be read"),
        }
    }
}
