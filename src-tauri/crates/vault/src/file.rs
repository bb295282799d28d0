//! Single encrypted files of a repository: configuration, snapshots, indexes, locks.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, VaultError};

/// First byte of a compressed file; JSON begins with a bracket or brace.
const COMPRESSED: u8 = 2;
/// No file of this kind is larger once decompressed (an index file of 50,000 blobs has about 12 MiB).
const LARGEST: u64 = 1 << 30;

/// SHA-256 of bytes, as an id.
pub(crate) fn hash(bytes: &[u8]) -> Id {
    Id(Sha256::digest(bytes).into())
}

/// Reads, checks, decrypts and decompresses a file.
pub(crate) fn read(place: &dyn Place, key: &MasterKey, kind: FileKind, id: &Id) -> Result<Vec<u8>> {
    let content = place.read(kind, id)?;
    let damaged = |damage| VaultError::FileDamaged { kind, id: *id, damage };
    if kind != FileKind::Config && hash(&content) != *id {
        return Err(damaged(if content.len() < crate::key::OVERHEAD {
            Damage::Truncated
        } else {
            Damage::Hash
        }));
    }
    decode(key, content.into()).map_err(damaged)
}

fn decode(key: &MasterKey, mut sealed: Vec<u8>) -> std::result::Result<Vec<u8>, Damage> {
    let data = key.open(&mut sealed)?;
    match data.first() {
        Some(b'[' | b'{') => Ok(data.to_vec()),
        Some(&COMPRESSED) => {
            let mut plain = Vec::new();
            let decoder = zstd::stream::read::Decoder::with_buffer(&data[1..]).map_err(|_| Damage::Compression)?;
            decoder
                .take(LARGEST)
                .read_to_end(&mut plain)
                .map_err(|_| Damage::Compression)?;
            Ok(plain)
        }
        _ => Err(Damage::Structure),
    }
}

/// Writes `json` as a file of `kind` and gives its id. Repositories of version 1 know no compression.
pub(crate) fn write(place: &dyn Place, key: &MasterKey, version: u32, kind: FileKind, json: &[u8]) -> Result<Id> {
    let mut buffer = vec![0; crate::key::OVERHEAD / 2];
    if version < 2 {
        buffer.extend_from_slice(json);
    } else {
        let failed = |e: std::io::Error| VaultError::Engine {
            what: "compressing",
            message: e.to_string(),
        };
        buffer.push(COMPRESSED);
        buffer.extend(zstd::bulk::compress(json, 3).map_err(failed)?);
    }
    key.seal(&mut buffer, 0)?;
    let id = hash(&buffer);
    place.write(kind, &id, &buffer)?;
    Ok(id)
}
