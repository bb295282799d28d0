//! Opening and creating vaults, their keys, snapshots and locks.

use std::sync::Arc;

use chrono::Utc;
use parking_lot::Mutex;

use crate::config::Config;
use crate::host::Host;
use crate::index::Index;
use crate::keyfile::{KeyCost, KeyFile, KeyInfo, Tried, try_password};
use crate::lock::{FoundLock, LockGuard, LockKind, LockSpace};
use crate::place::{FileKind, Place, PlaceError};
use crate::reader::{Reader, ReaderOptions};
use crate::snapshot::{Snapshot, Snapshots};
use crate::writer::{Writer, WriterOptions};
use crate::{Id, MasterKey, Result, VaultError};

/// How to open a vault.
#[derive(Debug, Clone)]
pub enum Unlock {
    /// By password: costs a sixth of a second and 64 MiB by design.
    Password(String),
    /// By the master key, as kept in a keychain: costs nothing.
    MasterKey(MasterKey),
}

/// How to create a vault.
#[derive(Debug, Clone)]
pub struct CreateOptions {
    /// Named in the key.
    pub host: Host,
    /// Work to try a password.
    pub cost: KeyCost,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self {
            host: Host::current(),
            cost: KeyCost::Standard,
        }
    }
}

/// An open vault. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Vault(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Arc<dyn Place>,
    key: MasterKey,
    key_id: Option<Id>,
    config: Config,
    host: Host,
    /// The index as read last; index files are few and tell by their names whether it is still right.
    index: Mutex<Option<Arc<Index>>>,
}

impl Vault {
    /// Creates an empty vault that `password` opens.
    ///
    /// # Errors
    /// When there is one already, or the place cannot be written.
    pub fn create(place: Arc<dyn Place>, password: &str, options: &CreateOptions) -> Result<Self> {
        // A folder that is not there yet is no obstacle.
        match Self::exists(&*place) {
            Ok(false) | Err(VaultError::Place(PlaceError::Unreachable { .. })) => {}
            Ok(true) => return Err(VaultError::AlreadyExists { place: place.location() }),
            Err(e) => return Err(e),
        }
        place.create()?;
        let key = MasterKey::random();
        let key_id = KeyFile::seal(&key, password, options.cost, &options.host, Utc::now())?.save(&*place)?;
        // The configuration comes last: only with it there is a repository.
        Config::create(&*place, &key)?;
        Self::assemble(place, key, Some(key_id), options.host.clone())
    }

    /// Whether there is a vault at the place: it has a configuration file.
    ///
    /// # Errors
    /// When the place cannot be looked at.
    pub fn exists(place: &dyn Place) -> Result<bool> {
        Ok(place.size(FileKind::Config, &Id::CONFIG)?.is_some())
    }

    /// Opens a vault.
    ///
    /// # Errors
    /// No repository, wrong password or key, unsupported version and damage are told apart.
    pub fn open(place: Arc<dyn Place>, unlock: &Unlock) -> Result<Self> {
        if !Self::exists(&*place)? {
            return Err(VaultError::NoRepository { place: place.location() });
        }
        match unlock {
            Unlock::Password(password) => match try_password(&*place, password)? {
                Tried::Opened(key, id) => Self::assemble(place, key, Some(id), Host::current()),
                Tried::Refused { damaged } if damaged.is_empty() => Err(VaultError::WrongPassword),
                Tried::Refused { damaged } => Err(VaultError::KeysDamaged { damaged }),
            },
            Unlock::MasterKey(key) => match Self::assemble(place, key.clone(), None, Host::current()) {
                Err(VaultError::ConfigDamaged {
                    damage: crate::Damage::Seal,
                }) => Err(VaultError::WrongMasterKey),
                other => other,
            },
        }
    }

    fn assemble(place: Arc<dyn Place>, key: MasterKey, key_id: Option<Id>, host: Host) -> Result<Self> {
        let config = Config::load(&*place, &key)?;
        Ok(Self(Arc::new(Inner {
            place,
            key,
            key_id,
            config,
            host,
            index: Mutex::default(),
        })))
    }

    /// Where it lies.
    #[must_use]
    pub fn place(&self) -> &Arc<dyn Place> {
        &self.0.place
    }

    /// The master key, to be kept in a keychain.
    #[must_use]
    pub fn master_key(&self) -> &MasterKey {
        &self.0.key
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.config.id
    }

    /// Who works on it.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    /// All keys, oldest first, and the key files that are damaged.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn keys(&self) -> Result<(Vec<KeyInfo>, Vec<Id>)> {
        let (mut good, mut damaged) = (Vec::new(), Vec::new());
        for (id, _) in self.0.place.list(FileKind::Key)? {
            match KeyFile::load(&*self.0.place, id) {
                Ok(file) => good.push(KeyInfo {
                    id,
                    hostname: file.hostname,
                    username: file.username,
                    created: file.created,
                    current: self.0.key_id == Some(id),
                }),
                Err(VaultError::FileDamaged { .. }) => damaged.push(id),
                Err(VaultError::Place(e)) if e.is_not_found() => {}
                Err(e) => return Err(e),
            }
        }
        good.sort_by_key(|k| (k.created, k.id));
        Ok((good, damaged))
    }

    /// Adds a password that opens the vault.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub fn add_key(&self, password: &str, options: &CreateOptions) -> Result<Id> {
        KeyFile::seal(&self.0.key, password, options.cost, &options.host, Utc::now())?.save(&*self.0.place)
    }

    /// Removes a key; `even_in_use` allows the one this vault was opened with.
    ///
    /// # Errors
    /// When it does not exist, is the last intact one, or is in use.
    pub fn remove_key(&self, id: &Id, even_in_use: bool) -> Result<()> {
        let (good, damaged) = self.keys()?;
        if !good.iter().any(|k| k.id == *id) && !damaged.contains(id) {
            return Err(VaultError::KeyNotFound { id: *id });
        }
        if !good.iter().any(|k| k.id != *id) {
            return Err(VaultError::LastKey { id: *id });
        }
        if self.0.key_id == Some(*id) && !even_in_use {
            return Err(VaultError::KeyInUse { id: *id });
        }
        Ok(self.0.place.remove(FileKind::Key, id)?)
    }

    /// Replaces the password `old` by `new`: adds the new key, tries it, and only then removes the one `old` opens.
    ///
    /// # Errors
    /// When `old` does not open the vault, or the place cannot be written; the old password then stays.
    pub fn change_password(&self, old: &str, new: &str, options: &CreateOptions) -> Result<Id> {
        let old_id = match try_password(&*self.0.place, old)? {
            Tried::Opened(_, id) => id,
            Tried::Refused { damaged } if damaged.is_empty() => return Err(VaultError::WrongPassword),
            Tried::Refused { damaged } => return Err(VaultError::KeysDamaged { damaged }),
        };
        let new_id = self.add_key(new, options)?;
        let damaged = |damage| VaultError::FileDamaged {
            kind: FileKind::Key,
            id: new_id,
            damage,
        };
        if KeyFile::load(&*self.0.place, new_id)?.open(new).map_err(damaged)?.is_none() {
            return Err(damaged(crate::Damage::Seal));
        }
        self.0.place.remove(FileKind::Key, &old_id)?;
        Ok(new_id)
    }

    /// All snapshots, the damaged ones beside the good ones.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn snapshots(&self) -> Result<Snapshots> {
        Snapshots::load(&*self.0.place, &self.0.key)
    }

    /// One snapshot by its full id, without reading the others.
    ///
    /// # Errors
    /// When it does not exist or is damaged.
    pub fn snapshot(&self, id: &Id) -> Result<Snapshot> {
        match Snapshot::load(&*self.0.place, &self.0.key, *id) {
            Err(VaultError::Place(e)) if e.is_not_found() => Err(VaultError::SnapshotNotFound { name: id.to_hex() }),
            other => other,
        }
    }

    /// The index, read again only if index files were added or removed since.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn index(&self) -> Result<Arc<Index>> {
        let mut cached = self.0.index.lock();
        if let Some(index) = &*cached
            && index.is_current(&*self.0.place)?
        {
            return Ok(index.clone());
        }
        let index = Arc::new(Index::load(&*self.0.place, &self.0.key)?);
        *cached = Some(index.clone());
        Ok(index)
    }

    /// Reads snapshots and files.
    ///
    /// # Errors
    /// When the index cannot be read at all; damaged parts of it are warnings of the reader.
    pub fn reader(&self) -> Result<Reader> {
        self.reader_with(&ReaderOptions::default())
    }

    /// Reads snapshots and files, with options.
    ///
    /// # Errors
    /// As [`Self::reader`].
    pub fn reader_with(&self, options: &ReaderOptions) -> Result<Reader> {
        Reader::new(self.clone(), self.index()?, options)
    }

    /// Begins a new snapshot, under a shared lock.
    ///
    /// # Errors
    /// When an exclusive lock stands in the way, or the place cannot be read or written.
    pub fn writer(&self, options: WriterOptions) -> Result<Writer> {
        Writer::start(self.clone(), options)
    }

    pub(crate) fn lock_space(&self) -> LockSpace {
        let Inner {
            place,
            key,
            config,
            host,
            ..
        } = &*self.0;
        LockSpace {
            place: place.clone(),
            key: key.clone(),
            version: config.version,
            host: host.clone(),
        }
    }

    /// Takes the lock of those who add.
    ///
    /// # Errors
    /// [`VaultError::Locked`] when someone holds an exclusive one.
    pub fn lock_shared(&self) -> Result<LockGuard> {
        self.lock_space().acquire(LockKind::Shared)
    }

    /// Takes the lock of those who remove.
    ///
    /// # Errors
    /// [`VaultError::Locked`] when anyone holds any lock.
    pub fn lock_exclusive(&self) -> Result<LockGuard> {
        self.lock_space().acquire(LockKind::Exclusive)
    }

    /// All locks.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn locks(&self) -> Result<Vec<FoundLock>> {
        self.lock_space().list()
    }

    /// Removes locks whose holder is gone, and such that cannot be read.
    ///
    /// # Errors
    /// When the place cannot be read or written.
    pub fn unlock(&self) -> Result<Vec<FoundLock>> {
        self.lock_space().remove_stale(Utc::now())
    }

    /// Puts a lock of someone else there.
    ///
    /// # Errors
    /// When the place cannot be written.
    #[cfg(any(test, feature = "testing"))]
    pub fn plant_lock(&self, info: &crate::lock::LockInfo) -> Result<Id> {
        let failed = |e: serde_json::Error| VaultError::Engine {
            what: "writing a lock",
            message: e.to_string(),
        };
        let json = serde_json::to_vec(info).map_err(failed)?;
        crate::file::write(&*self.0.place, &self.0.key, self.0.config.version, FileKind::Lock, &json)
    }
}
