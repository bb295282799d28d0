//! A ZIP writer that writes whatever it is told, however wrong.

use std::io::Write;

use backstay_bundle::{CHECKSUMS, METADATA};
use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};

/// One entry, with everything about it that can be a lie.
#[derive(Clone)]
pub struct Raw {
    pub name: Vec<u8>,
    /// Name in the entry's own header, if another.
    pub local_name: Option<Vec<u8>>,
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub external: u32,
    pub extra: Vec<u8>,
    pub crc: Option<u32>,
    pub size: Option<u32>,
    pub packed_size: Option<u32>,
    /// Where it says it is, if elsewhere.
    pub at: Option<u32>,
    /// Not among the checksums.
    pub unlisted: bool,
    /// A wrong SHA-256 among the checksums.
    pub wrong_sum: bool,
}

pub fn raw(name: &str, content: &[u8]) -> Raw {
    Raw {
        name: name.as_bytes().to_vec(),
        local_name: None,
        content: content.to_vec(),
        method: 8,
        flags: 0,
        external: 0o100_644 << 16,
        extra: Vec::new(),
        crc: None,
        size: None,
        packed_size: None,
        at: None,
        unlisted: false,
        wrong_sum: false,
    }
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

/// An archive of these entries and nothing else.
pub fn archive(entries: &[Raw]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for e in entries {
        let packed = if e.method == 8 {
            deflate(&e.content)
        } else {
            e.content.clone()
        };
        let crc = e.crc.unwrap_or_else(|| crc32fast::hash(&e.content));
        let size = e.size.unwrap_or(u32::try_from(e.content.len()).unwrap());
        let packed_size = e.packed_size.unwrap_or(u32::try_from(packed.len()).unwrap());
        let at = e.at.unwrap_or(u32::try_from(out.len()).unwrap());
        let mut shared = Vec::new();
        for two in [20, e.flags, e.method, 0, 33] {
            shared.extend(u16::to_le_bytes(two));
        }
        for four in [crc, packed_size, size] {
            shared.extend(four.to_le_bytes());
        }
        let local_name = e.local_name.as_ref().unwrap_or(&e.name);
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(&shared);
        out.extend(u16::try_from(local_name.len()).unwrap().to_le_bytes());
        out.extend(0_u16.to_le_bytes());
        out.extend(local_name);
        out.extend(&packed);
        list.extend(0x0201_4b50_u32.to_le_bytes());
        list.extend((3_u16 << 8 | 20).to_le_bytes());
        list.extend(&shared);
        list.extend(u16::try_from(e.name.len()).unwrap().to_le_bytes());
        list.extend(u16::try_from(e.extra.len()).unwrap().to_le_bytes());
        list.extend([0; 6]);
        list.extend(e.external.to_le_bytes());
        list.extend(at.to_le_bytes());
        list.extend(&e.name);
        list.extend(&e.extra);
    }
    let (at, size, count) = (out.len(), list.len(), u16::try_from(entries.len()).unwrap());
    out.extend(list);
    end(&mut out, count, size, at, 0);
    out
}

pub fn end(out: &mut Vec<u8>, count: u16, size: usize, at: usize, comment: u16) {
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(size).unwrap().to_le_bytes());
    out.extend(u32::try_from(at).unwrap().to_le_bytes());
    out.extend(comment.to_le_bytes());
}

/// These entries, with metadata and checksums as a bundle has them.
pub fn bundle(entries: &[Raw]) -> Vec<u8> {
    let mut all = entries.to_vec();
    if !all.iter().any(|e| e.name == METADATA.as_bytes()) {
        all.push(raw(METADATA, &serde_json::to_vec(&crate::support::meta()).unwrap()));
    }
    if !all.iter().any(|e| e.name == CHECKSUMS.as_bytes()) {
        let mut sums = String::new();
        for e in all.iter().filter(|e| !e.unlisted && !e.name.ends_with(b"/")) {
            let mut hash = Sha256::digest(&e.content);
            if e.wrong_sum {
                hash[0] ^= 1;
            }
            sums.push_str(&format!("{}  {}\n", hex::encode(hash), String::from_utf8_lossy(&e.name)));
        }
        all.push(raw(CHECKSUMS, sums.as_bytes()));
    }
    archive(&all)
}
