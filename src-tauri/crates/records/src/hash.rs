//! The part of a content hash that keys carry.

use std::fmt;

use backstay_model::ContentHash;

/// Bytes of a content hash kept in keys.
///
/// Seven: random bytes do not compress, so each costs 0.4 % of a typical collection. Two versions of one record are taken
/// for the same with a chance of 2^-56: a million changes a day miss one in 200 million years. Hashes are only ever
/// compared between versions of the same record, so the number of records does not enter (no birthday bound).
pub(crate) const SHORT: usize = 7;

/// The first 56 bits of a [`ContentHash`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ShortHash(u64);

impl ShortHash {
    /// Shortens a content hash.
    #[must_use]
    pub fn of(hash: ContentHash) -> Self {
        let mut bytes = [0; 8];
        bytes[1..].copy_from_slice(&hash.0[..SHORT]);
        Self(u64::from_be_bytes(bytes))
    }

    pub(crate) fn from_bytes(short: &[u8]) -> Self {
        Self(short.iter().take(SHORT).fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub(crate) fn to_bytes(self) -> [u8; SHORT] {
        let mut short = [0; SHORT];
        short.copy_from_slice(&self.0.to_be_bytes()[1..]);
        short
    }

    /// The hash with these [`ShortHash::bits`].
    pub(crate) fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As a number below 2^56, the first byte being the highest.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for ShortHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.to_bytes()))
    }
}
