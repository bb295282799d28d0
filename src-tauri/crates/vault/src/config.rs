//! The configuration of a repository: its version, identity and chunking seed.

use serde::{Deserialize, Serialize};

use crate::place::{FileKind, Place, PlaceError};
use crate::{Damage, Id, MasterKey, Result, VaultError, file, polynomial};

/// What the configuration file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Format version: 1 (no compression) or 2.
    pub version: u32,
    /// Identity of the repository.
    pub id: Id,
    /// Polynomial of restic's chunker, hexadecimal; seeds ours too, so that chunk borders tell nothing to outsiders.
    #[serde(default)]
    pub chunker_polynomial: String,
}

/// Version of the repositories made here: with compression.
const VERSION: u32 = 2;

impl Config {
    /// Writes the configuration of a new repository. It is what makes one.
    pub(crate) fn create(place: &dyn Place, key: &MasterKey) -> Result<()> {
        let config = Self {
            version: VERSION,
            id: Id(rand::random()),
            chunker_polynomial: format!("{:x}", polynomial::random()),
        };
        let failed = |e: serde_json::Error| VaultError::Engine {
            what: "writing the configuration",
            message: e.to_string(),
        };
        let json = serde_json::to_vec(&config).map_err(failed)?;
        let mut buffer = vec![0; crate::key::OVERHEAD / 2];
        buffer.extend_from_slice(&json);
        key.seal(&mut buffer, 0)?;
        Ok(place.write(FileKind::Config, &Id::CONFIG, &buffer)?)
    }

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
