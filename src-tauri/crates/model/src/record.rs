//! Records: the addressable items of a collection.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::RawJson;

/// One addressable item of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
#[ts(rename = "SavedRecord")]
pub struct Record {
    /// Stable id, unique in its collection. Any text except the empty one.
    pub id: String,
    /// The service's revision, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// When the service says the record changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<DateTime<Utc>>,
    /// Binary content that belongs to the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<_>", optional)]
    pub assets: Vec<AssetRef>,
    /// The record as the service gave it.
    pub data: RawJson,
    /// Hash of what counts as content. By default of `data`; a connector whose service answers with fields that move
    /// on every read (request ids, signed links) gives the hash of the canonical form instead.
    #[serde(skip)]
    pub hash: ContentHash,
    /// `hash` is of a canonical form and not simply of `data`; set by [`Record::with_canonical_hash`]. Storage then keeps
    /// the hash beside the data, because a reader cannot compute it.
    #[serde(skip)]
    pub canonical: bool,
}

impl Record {
    /// A record without revision, time and assets whose content is its JSON.
    #[must_use]
    pub fn new(id: impl Into<String>, data: RawJson) -> Self {
        let hash = ContentHash::of(data.as_bytes());
        Self {
            id: id.into(),
            rev: None,
            changed: None,
            assets: Vec::new(),
            data,
            hash,
            canonical: false,
        }
    }

    /// The same record with the hash of its canonical form in place of the hash of its data.
    #[must_use]
    pub fn with_canonical_hash(self, hash: ContentHash) -> Self {
        Self {
            hash,
            canonical: true,
            ..self
        }
    }
}

/// A binary file a record refers to; its content lies under `assets/` in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "camelCase")]
#[ts(optional_fields = nullable)]
pub struct AssetRef {
    /// Name as the service shows it.
    pub name: String,
    /// SHA-256 of the content, hexadecimal; `None` when it could not be fetched (the run is then partial).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Size in bytes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Media type, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// What happened to one record since the last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The record exists with this content (new, changed, or merely seen again).
    Upsert(Record),
    /// The record with this id no longer exists.
    Delete(String),
}

/// The first 128 bits of the SHA-256 of a record's content.
///
/// Tells whether a record changed; it is not a seal against forgery (the vault's authenticated encryption is).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ContentHash(pub [u8; 16]);

impl ContentHash {
    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        Self(hash)
    }
}

/// Makes a [`ContentHash`] piece by piece, for content that is streamed.
#[derive(Debug, Clone, Default)]
pub struct ContentHasher(Sha256);

impl ContentHasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of everything added: the same as [`ContentHash::of`] of it in one piece.
    #[must_use]
    pub fn finish(self) -> ContentHash {
        let digest = self.0.finalize();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        ContentHash(hash)
    }
}

impl std::io::Write for ContentHasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::str::FromStr for ContentHash {
    type Err = hex::FromHexError;

    /// Reads what [`fmt::Display`] writes: 32 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut hash = [0; 16];
        hex::decode_to_slice(text, &mut hash)?;
        Ok(Self(hash))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
