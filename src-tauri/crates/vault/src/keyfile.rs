//! Key files: the master key, sealed with a key derived from a password by scrypt.
//!
//! One damaged key file does not keep the others from being tried.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::host::Host;
use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, VaultError};

/// Most memory a key file may ask for in bytes; a forged one could ask for all there is.
const MOST_MEMORY: u64 = 1 << 30;

/// How much work it is to try a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyCost {
    /// N = 2^16, r = 8, p = 1: 64 MiB and about a sixth of a second.
    ///
    /// restic measures the machine it runs on, keeps within 60 MiB, and so arrives at N = 2^15 at most: whoever guesses
    /// passwords pays twice as much here, in work and in memory. One step more would make every job open with 128 MiB,
    /// more than all the rest of it takes. Key files made with other figures are opened as they are.
    #[default]
    Standard,
    /// Next to nothing, for tests.
    #[cfg(any(test, feature = "testing"))]
    Cheap,
}

/// What is known about a key without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its id.
    pub id: Id,
    /// Computer it was made on.
    pub hostname: String,
    /// Who made it.
    pub username: String,
    /// When.
    pub created: Option<DateTime<Utc>>,
    /// Whether the vault was opened with it.
    pub current: bool,
}

/// A key file as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyFile {
    #[serde(default)]
    pub(crate) created: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) username: String,
    #[serde(default)]
    pub(crate) hostname: String,
    kdf: String,
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
    salt: String,
    data: String,
}

/// What came of trying a password on all key files.
pub(crate) enum Tried {
    Opened(MasterKey, Id),
    Refused { damaged: Vec<Id> },
}

impl KeyFile {
    /// Seals `key` with `password`.
    pub(crate) fn seal(key: &MasterKey, password: &str, cost: KeyCost, host: &Host, now: DateTime<Utc>) -> Result<Self> {
        let log_n = match cost {
            KeyCost::Standard => 16,
            #[cfg(any(test, feature = "testing"))]
            KeyCost::Cheap => 4,
        };
        let mut salt = [0; 64];
        rand::rng().fill_bytes(&mut salt);
        let (r, p) = (8, 1);
        let failed = |what| VaultError::Engine {
            what: "deriving a key",
            message: what,
        };
        let outer = derive(password, &salt, log_n, r, p).ok_or_else(|| failed("parameters refused".to_owned()))?;
        let json = Zeroizing::new(serde_json::to_vec(&key.to_json()).map_err(|e| failed(e.to_string()))?);
        Ok(Self {
            created: Some(now),
            username: host.username.clone(),
            hostname: host.hostname.clone(),
            kdf: "scrypt".to_owned(),
            n: 1 << log_n,
            r,
            p,
            salt: BASE64.encode(salt),
            data: BASE64.encode(outer.sealed(&json)?),
        })
    }

    /// Writes the file and gives its id.
    pub(crate) fn save(&self, place: &dyn Place) -> Result<Id> {
        let structure = |e: serde_json::Error| VaultError::Engine {
            what: "writing a key",
            message: e.to_string(),
        };
        let json = serde_json::to_vec(self).map_err(structure)?;
        let id = Id(Sha256::digest(&json).into());
        place.write(FileKind::Key, &id, &json)?;
        Ok(id)
    }

    /// Reads a key file.
    pub(crate) fn load(place: &dyn Place, id: Id) -> Result<Self> {
        let damaged = |damage| VaultError::FileDamaged {
            kind: FileKind::Key,
            id,
            damage,
        };
        let json = place.read(FileKind::Key, &id)?;
        if Sha256::digest(&json)[..] != id.0 {
            return Err(damaged(Damage::Hash));
        }
        serde_json::from_slice(&json).map_err(|_| damaged(Damage::Structure))
    }

    /// Opens it: `Ok(None)` when the password does not fit.
    pub(crate) fn open(&self, password: &str) -> Result<Option<MasterKey>, Damage> {
        let log_n = u8::try_from(self.n.trailing_zeros()).map_err(|_| Damage::Structure)?;
        let memory = self.n.saturating_mul(u64::from(self.r)).saturating_mul(128);
        if self.kdf != "scrypt" || !self.n.is_power_of_two() || memory > MOST_MEMORY || self.p > 64 {
            return Err(Damage::Structure);
        }
        let salt = BASE64.decode(&self.salt).map_err(|_| Damage::Structure)?;
        let mut data = Zeroizing::new(BASE64.decode(&self.data).map_err(|_| Damage::Structure)?);
        let outer = derive(password, &salt, log_n, self.r, self.p).ok_or(Damage::Structure)?;
        match outer.open(&mut data) {
            Ok(json) => MasterKey::from_json_text(json).map(Some).ok_or(Damage::Structure),
            Err(Damage::Seal) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn derive(password: &str, salt: &[u8], log_n: u8, r: u32, p: u32) -> Option<MasterKey> {
    let params = scrypt::Params::new(log_n, r, p).ok()?;
    let mut bytes = Zeroizing::new([0; 64]);
    scrypt::scrypt(password.as_bytes(), salt, &params, bytes.as_mut()).ok()?;
    Some(MasterKey::from_bytes(&bytes))
}

/// Tries `password` on every key file; damaged ones are passed over.
pub(crate) fn try_password(place: &dyn Place, password: &str) -> Result<Tried> {
    let mut damaged = Vec::new();
    for (id, _) in place.list(FileKind::Key)? {
        let opened = match KeyFile::load(place, id) {
            Ok(file) => file.open(password),
            Err(VaultError::FileDamaged { damage, .. }) => Err(damage),
            Err(VaultError::Place(e)) if e.is_not_found() => continue,
            Err(e) => return Err(e),
        };
        match opened {
            Ok(Some(key)) => return Ok(Tried::Opened(key, id)),
            Ok(None) => {}
            Err(_) => damaged.push(id),
        }
    }
    Ok(Tried::Refused { damaged })
}
