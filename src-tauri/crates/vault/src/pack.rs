//! Pack files: sealed blobs one after another, then a sealed header that lists them, then its length.

use crate::key::OVERHEAD;
use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, VaultError};

/// Bytes of the length at the very end.
const LENGTH: usize = 4;
/// Bytes of a header entry without and with an uncompressed length.
const PLAIN: usize = 37;
const COMPRESSED: usize = 41;
/// How much of the end is read at first: enough for 96 entries, about the number of 16 MiB packs of 1 MiB chunks.
const FIRST_READ: usize = 4096;

/// What a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BlobKind {
    /// A piece of a file.
    Data,
    /// A directory.
    Tree,
}

/// One blob in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackBlob {
    /// SHA-256 of its content.
    pub id: Id,
    /// What it is.
    pub kind: BlobKind,
    /// First byte in the pack.
    pub offset: u32,
    /// Sealed length in bytes.
    pub length: u32,
    /// Length of the content if it is compressed, else 0.
    pub raw_length: u32,
}

impl PackBlob {
    /// Length of the content.
    #[must_use]
    pub fn plain_length(&self) -> u32 {
        if self.raw_length > 0 {
            self.raw_length
        } else {
            self.length.saturating_sub(OVERHEAD as u32)
        }
    }

    fn header_length(&self) -> usize {
        if self.raw_length > 0 { COMPRESSED } else { PLAIN }
    }
}

/// Size of a pack with these blobs.
#[must_use]
pub fn pack_size<'a>(blobs: impl IntoIterator<Item = &'a PackBlob>) -> u64 {
    let blobs = blobs.into_iter().map(|b| u64::from(b.length) + b.header_length() as u64);
    blobs.sum::<u64>() + (OVERHEAD + LENGTH) as u64
}

/// Appends header and length to `pack`, which holds the blobs already.
pub(crate) fn append_header(key: &MasterKey, pack: &mut Vec<u8>, blobs: &[PackBlob]) -> Result<()> {
    let start = pack.len();
    pack.resize(start + OVERHEAD / 2, 0);
    for blob in blobs {
        let kind = u8::from(blob.kind == BlobKind::Tree) + if blob.raw_length > 0 { 2 } else { 0 };
        pack.push(kind);
        pack.extend_from_slice(&blob.length.to_le_bytes());
        if blob.raw_length > 0 {
            pack.extend_from_slice(&blob.raw_length.to_le_bytes());
        }
        pack.extend_from_slice(&blob.id.0);
    }
    key.seal(pack, start)?;
    let length = u32::try_from(pack.len() - start).unwrap_or(u32::MAX);
    pack.extend_from_slice(&length.to_le_bytes());
    Ok(())
}

/// Reads the header of the pack `id` of `size` bytes.
///
/// # Errors
/// [`VaultError::FileDamaged`] when it cannot be opened or does not describe a pack of this size.
pub fn read_header(place: &dyn Place, key: &MasterKey, id: &Id, size: u64) -> Result<Vec<PackBlob>> {
    let damaged = |damage| VaultError::FileDamaged {
        kind: FileKind::Pack,
        id: *id,
        damage,
    };
    let mut end = Vec::new();
    let first = FIRST_READ.min(usize::try_from(size).unwrap_or(FIRST_READ));
    if first < OVERHEAD + LENGTH {
        return Err(damaged(Damage::Truncated));
    }
    place.read_range(FileKind::Pack, id, size - first as u64, first, &mut end)?;
    let length = end.last_chunk::<LENGTH>().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
    if length < OVERHEAD || (length + LENGTH) as u64 > size {
        return Err(damaged(Damage::Structure));
    }
    let sealed = if length + LENGTH <= end.len() {
        let header = end.len() - LENGTH;
        &mut end[header - length..header]
    } else {
        place.read_range(FileKind::Pack, id, size - (length + LENGTH) as u64, length, &mut end)?;
        &mut end[..]
    };
    let blobs = parse(key.open(sealed).map_err(damaged)?).ok_or_else(|| damaged(Damage::Structure))?;
    if pack_size(&blobs) == size {
        Ok(blobs)
    } else {
        Err(damaged(Damage::Truncated))
    }
}

fn parse(mut header: &[u8]) -> Option<Vec<PackBlob>> {
    let mut blobs = Vec::with_capacity(header.len() / PLAIN);
    let mut offset = 0u32;
    while let Some((kind, rest)) = header.split_first() {
        let (length, rest) = number(rest)?;
        let (raw_length, rest) = if *kind >= 2 { number(rest)? } else { (0, rest) };
        let (id, rest) = rest.split_first_chunk::<32>()?;
        let kind = match kind {
            0 | 2 => BlobKind::Data,
            1 | 3 => BlobKind::Tree,
            _ => return None,
        };
        blobs.push(PackBlob {
            id: Id(*id),
            kind,
            offset,
            length,
            raw_length,
        });
        offset = offset.checked_add(length)?;
        header = rest;
    }
    Some(blobs)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}
