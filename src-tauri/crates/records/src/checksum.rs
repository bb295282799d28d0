//! The collection checksum: independent of order, so that it is kept up to date from the changes alone.

use sha2::{Digest, Sha256};

use crate::ShortHash;

/// Sum modulo 2^128 over all live records of the first 16 bytes (big endian) of `SHA-256(short hash ‖ id)`.
///
/// Two collections with equal checksums hold the same records, except by accident with a chance of 2^-56 per record (the
/// short hash). It guards against faults; the vault's authenticated encryption guards against people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Checksum(u128);

fn term(id: &str, hash: ShortHash) -> u128 {
    let mut digest = Sha256::new();
    digest.update(hash.to_bytes());
    digest.update(id.as_bytes());
    let digest = digest.finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(first)
}

impl Checksum {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        (text.len() == 32)
            .then(|| u128::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }

    pub(crate) fn add(&mut self, id: &str, hash: ShortHash) {
        self.0 = self.0.wrapping_add(term(id, hash));
    }

    pub(crate) fn remove(&mut self, id: &str, hash: ShortHash) {
        self.0 = self.0.wrapping_sub(term(id, hash));
    }

    pub(crate) fn text(self) -> String {
        format!("{:032x}", self.0)
    }
}
