//! The configuration of a repository: its version, identity and chunking seed.

use serde::Deserialize;

use crate::place::{FileKind, Place, PlaceError};
use crate::{Damage, Id, MasterKey, Result, VaultError, file};

/// What the configuration file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Format version: 1 (no compression) or 2.
    pub version: u32,
    /// Identity of the repository.
    pub id: Id,
    /// Polynomial of restic's chunker, hexadecimal; seeds ours too, so that chunk borders tell nothing to outsiders.
    #[serde(default)]
    pub chunker_polynomial: String,
}

impl Config {
    /// Reads it with the master key.
    pub(crate) fn load(place: &dyn Place, key: &MasterKey) -> Result<Self> {
        let json = match file::read(place, key, FileKind::Config, &Id::CONFIG) {
            Ok(json) => json,
            Err(VaultError::Place(PlaceError::NotFound { .. })) => {
                return Err(VaultError::NoRepository { place: place.location() });
            }
            Err(VaultError::FileDamaged { damage, .. }) => return Err(VaultError::ConfigDamaged { damage }),
            Err(e) => return Err(e),
        };
        let config: Self = serde_json::from_slice(&json).map_err(|_| VaultError::ConfigDamaged {
            damage: Damage::Structure,
        })?;
        match config.version {
            1 | 2 => Ok(config),
            version => Err(VaultError::UnsupportedVersion { version }),
        }
    }

    /// Seed for content-defined chunking.
    pub(crate) fn chunker_seed(&self) -> u64 {
        let digest = file::hash(format!("backstay chunker {} {}", self.id, self.chunker_polynomial).as_bytes());
        u64::from_le_bytes(digest.0[..8].try_into().unwrap_or_default())
    }
}
