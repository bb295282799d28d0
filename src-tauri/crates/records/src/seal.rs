//! Sealed JSON files: one object whose last member is the SHA-256 of everything before it.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{Fault, RecordsError, Result, RunStore};

/// Text between the sealed part and the seal.
const MEMBER: &[u8] = b",\"seal\":\"";
/// Text after the seal.
const END: &[u8] = b"\"}\n";
/// Length of a seal: SHA-256 in hexadecimal digits.
const DIGITS: usize = 64;
/// Largest description or run index that is read, in bytes (a run of 4 TiB has an index of 60 MiB).
const MAX_FILE: u64 = 256 << 20;

/// Writes `value` (which must become a JSON object with at least one member) with its seal; also returns the seal.
pub(crate) fn write<T: Serialize>(value: &T) -> serde_json::Result<(Bytes, String)> {
    let mut text = serde_json::to_vec(value)?;
    text.pop();
    let seal = hex::encode(Sha256::digest(&text));
    text.extend_from_slice(MEMBER);
    text.extend_from_slice(seal.as_bytes());
    text.extend_from_slice(END);
    Ok((Bytes::from(text), seal))
}

/// Reads a sealed file and checks it; also returns its seal.
pub(crate) fn read<T: DeserializeOwned>(store: &dyn RunStore, path: &str) -> Result<(T, String)> {
    let damaged = |offset: usize, fault| RecordsError::damaged(path, offset as u64, fault);
    let size = store.size(path)?;
    if size > MAX_FILE {
        return Err(damaged(0, Fault::Long));
    }
    let text = store.read_at(path, 0, usize::try_from(size).map_err(|_| damaged(0, Fault::Long))?)?;
    let tail = MEMBER.len() + DIGITS + END.len();
    let at = text.len().checked_sub(tail).ok_or_else(|| damaged(0, Fault::Short))?;
    let seal = text[at..].strip_prefix(MEMBER).and_then(|rest| rest.strip_suffix(END));
    let seal = seal.ok_or_else(|| damaged(at, Fault::Seal))?;
    if hex::encode(Sha256::digest(&text[..at])).as_bytes() != seal {
        return Err(damaged(at, Fault::Seal));
    }
    let value = serde_json::from_slice(&text).map_err(|_| damaged(0, Fault::Json))?;
    Ok((value, String::from_utf8_lossy(seal).into_owned()))
}
