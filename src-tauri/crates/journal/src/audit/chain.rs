//! The bytes an entry's seal is made of (the rule is in the parent module).

use sha2::{Digest, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What the first entry names as the hash before it.
pub(crate) const GENESIS: Hash = [0; 32];

/// Keeps these hashes apart from every other use of SHA-256; the number goes up if the rule ever changes.
const DOMAIN: &[u8] = b"backstay-audit-v1\n";

/// What an entry's seal covers.
pub(crate) struct Content<'a> {
    pub seq: u64,
    pub at: i64,
    pub actor: &'a str,
    pub program: &'a str,
    pub action: &'a str,
    pub object: &'a str,
    pub detail: &'a str,
}

impl Content<'_> {
    /// The entry's hash, after the entry with hash `prev`.
    pub(crate) fn seal(&self, prev: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(DOMAIN);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.at.to_be_bytes());
        for text in [self.actor, self.program, self.action, self.object, self.detail] {
            // Lengths first: no text can run into the next one.
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.update(prev);
        hasher.finalize().into()
    }
}
