//! The master key: seals and opens everything in a vault.

use std::fmt;
use std::sync::Arc;

use aes256ctr_poly1305aes::aead::AeadInPlace;
use aes256ctr_poly1305aes::{Aes256CtrPoly1305Aes, Key, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{Damage, VaultError};

/// Bytes a seal adds: a nonce before and a tag behind, 16 bytes each.
pub(crate) const OVERHEAD: usize = 32;
const NONCE: usize = 16;

/// The key everything in a vault is encrypted with (AES-256-CTR and Poly1305-AES, as restic does it).
///
/// Whoever has it can read and write the vault. Cloning is cheap; the memory is wiped with the last clone.
#[derive(Clone)]
pub struct MasterKey(Arc<Inner>);

struct Inner {
    bytes: Zeroizing<[u8; 64]>,
    cipher: Aes256CtrPoly1305Aes,
}

/// The form restic and rustic write it in.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyJson {
    pub(crate) mac: MacJson,
    pub(crate) encrypt: String,
}

/// The part of [`KeyJson`] for the seal.
#[derive(Serialize, Deserialize)]
pub(crate) struct MacJson {
    pub(crate) k: String,
    pub(crate) r: String,
}

impl Drop for KeyJson {
    fn drop(&mut self) {
        self.encrypt.zeroize();
        self.mac.k.zeroize();
        self.mac.r.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A new random key.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        rand::rng().fill_bytes(bytes.as_mut());
        Self::from_bytes(&bytes)
    }

    pub(crate) fn from_bytes(bytes: &[u8; 64]) -> Self {
        let cipher = Aes256CtrPoly1305Aes::new(Key::from_slice(bytes));
        Self(Arc::new(Inner {
            bytes: Zeroizing::new(*bytes),
            cipher,
        }))
    }

    /// The key as text, to be kept in a keychain. It is the JSON that `rustic --key` and restic's key files hold.
    #[must_use]
    pub fn to_secret_text(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string(&self.to_json()).unwrap_or_default())
    }

    /// Reads what [`Self::to_secret_text`] wrote.
    ///
    /// # Errors
    /// [`VaultError::NotAMasterKey`].
    pub fn from_secret_text(text: &str) -> Result<Self, VaultError> {
        Self::from_json_text(text.as_bytes()).ok_or(VaultError::NotAMasterKey)
    }

    pub(crate) fn from_json_text(text: &[u8]) -> Option<Self> {
        let json: KeyJson = serde_json::from_slice(text).ok()?;
        let mut bytes = Zeroizing::new([0; 64]);
        for (part, at) in [(&json.encrypt, 0..32), (&json.mac.k, 32..48), (&json.mac.r, 48..64)] {
            let part = Zeroizing::new(BASE64.decode(part).ok()?);
            if part.len() != at.len() {
                return None;
            }
            bytes[at].copy_from_slice(&part);
        }
        Some(Self::from_bytes(&bytes))
    }

    pub(crate) fn to_json(&self) -> KeyJson {
        let bytes = &self.0.bytes;
        KeyJson {
            mac: MacJson {
                k: BASE64.encode(&bytes[32..48]),
                r: BASE64.encode(&bytes[48..64]),
            },
            encrypt: BASE64.encode(&bytes[..32]),
        }
    }

    /// Seals in place: the first and last 16 bytes of `sealed` are room for nonce and tag.
    pub(crate) fn seal_slice(&self, sealed: &mut [u8]) -> Result<(), VaultError> {
        let failed = |_| VaultError::Engine {
            what: "encrypting",
            message: "more data than the cipher takes".into(),
        };
        let mut nonce = Nonce::default();
        rand::rng().fill_bytes(&mut nonce);
        let (room, rest) = sealed.split_at_mut(NONCE);
        let (body, tag) = rest.split_at_mut(rest.len() - (OVERHEAD - NONCE));
        room.copy_from_slice(&nonce);
        tag.copy_from_slice(&self.0.cipher.encrypt_in_place_detached(&nonce, &[], body).map_err(failed)?);
        Ok(())
    }

    /// Seals `buffer[start..]` in place; its first 16 bytes are room for the nonce, the tag is appended.
    pub(crate) fn seal(&self, buffer: &mut Vec<u8>, start: usize) -> Result<(), VaultError> {
        buffer.resize(buffer.len() + OVERHEAD - NONCE, 0);
        self.seal_slice(&mut buffer[start..])
    }

    /// A key made from this one for another purpose: it opens nothing of the vault, and nothing it seals fits into one.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        for (half, part) in bytes.chunks_exact_mut(32).zip(0_u8..) {
            let mut hasher = Sha256::new();
            hasher.update(self.0.bytes.as_slice());
            hasher.update([part]);
            hasher.update(purpose.as_bytes());
            half.copy_from_slice(&hasher.finalize());
        }
        Self::from_bytes(&bytes)
    }

    /// Opens what [`Self::sealed`] made, in place, and gives the part that holds the data.
    ///
    /// # Errors
    /// When it is damaged, or sealed with another key.
    pub fn unsealed<'a>(&self, sealed: &'a mut [u8]) -> Result<&'a [u8], Damage> {
        self.open(sealed).map(|data| &*data)
    }

    /// Seals a copy of `data`.
    ///
    /// # Errors
    /// When there is more of it than the cipher takes.
    pub fn sealed(&self, data: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut buffer = Vec::with_capacity(data.len() + OVERHEAD);
        buffer.resize(NONCE, 0);
        buffer.extend_from_slice(data);
        self.seal(&mut buffer, 0)?;
        Ok(buffer)
    }

    /// Opens what [`Self::seal`] made, in place, and gives the part that holds the data.
    pub(crate) fn open<'a>(&self, sealed: &'a mut [u8]) -> Result<&'a mut [u8], Damage> {
        if sealed.len() < OVERHEAD {
            return Err(Damage::Truncated);
        }
        let (nonce, rest) = sealed.split_at_mut(NONCE);
        let (body, tag) = rest.split_at_mut(rest.len() - (OVERHEAD - NONCE));
        let (nonce, tag) = (Nonce::from_slice(nonce), Tag::from_slice(tag));
        self.0
            .cipher
            .decrypt_in_place_detached(nonce, &[], body, tag)
            .map_err(|_| Damage::Seal)?;
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let key = MasterKey::random();
        let text = key.to_secret_text();
        let again = MasterKey::from_secret_text(&text).unwrap();
        let sealed = key.sealed(b"hello").unwrap();
        assert_eq!(again.open(&mut sealed.clone()).unwrap(), b"hello");
        for at in 0..sealed.len() {
            let mut wrong = sealed.clone();
            wrong[at] ^= 0x40;
            assert_eq!(key.open(&mut wrong).unwrap_err(), Damage::Seal, "byte {at}");
        }
        assert_eq!(key.open(&mut sealed[..31].to_vec()).unwrap_err(), Damage::Truncated);
        assert_eq!(MasterKey::random().open(&mut sealed.clone()).unwrap_err(), Damage::Seal);
        assert!(!format!("{key:?}").contains(&text[20..40]));
        let made = key.derived("a list");
        assert_eq!(key.derived("a list").unsealed(&mut made.sealed(b"x").unwrap()).unwrap(), b"x");
        assert!(key.unsealed(&mut made.sealed(b"x").unwrap()).is_err());
        assert!(key.derived("b").unsealed(&mut made.sealed(b"x").unwrap()).is_err());
        assert!(MasterKey::from_secret_text("{}").is_err());
    }
}
