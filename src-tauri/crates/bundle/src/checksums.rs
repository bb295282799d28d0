//! `checksums`: one line for each file of the bundle, as `sha256sum -c` reads it.

use std::io::{BufRead, Read};

use sha2::{Digest, Sha256};

use crate::{BundleError, CHECKSUMS, Result};

/// Longest line: digits, two blanks, the longest path.
const MAX_LINE: u64 = 64 + 2 + (16 << 10) + 1;

/// One line.
pub(crate) fn line(sha256: &[u8; 32], name: &str) -> String {
    format!("{}  {name}\n", hex::encode(sha256))
}

/// Reads lines, giving each name and hash to `found`; gives the SHA-256 of the whole, which is the bundle's identity.
pub(crate) fn read(content: impl BufRead, mut found: impl FnMut(&str, [u8; 32]) -> Result<()>) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut content = content;
    let mut number = 0;
    let mut text = Vec::new();
    loop {
        text.clear();
        number += 1;
        let bad = |reason| BundleError::BadLine {
            file: CHECKSUMS.to_owned(),
            line: number,
            reason,
        };
        let read = content.by_ref().take(MAX_LINE).read_until(b'\n', &mut text);
        if read.map_err(|_| bad("it cannot be read"))? == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&text);
        let line = std::str::from_utf8(&text).map_err(|_| bad("it is not UTF-8"))?;
        let line = line.strip_suffix('\n').ok_or_else(|| bad("it has no end"))?;
        let (digits, name) = line.split_at_checked(64).ok_or_else(|| bad("it is too short"))?;
        let name = name.strip_prefix("  ").ok_or_else(|| bad("two blanks are missing"))?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| bad("it does not begin with a SHA-256"))?;
        found(name, hash)?;
    }
}
