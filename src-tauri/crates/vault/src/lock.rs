//! Locks as restic writes and honours them: a shared one for whoever adds, an exclusive one for whoever removes.

use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::host::{Host, Machine, process_lives};
use crate::place::{FileKind, Place};
use crate::{Id, MasterKey, Result, VaultError, file};

/// How often a held lock is written anew.
const REFRESH: Duration = Duration::from_secs(5 * 60);
/// After this many minutes without being written anew a lock counts as left behind, by restic's rule.
const STALE_MINUTES: i64 = 30;
/// Restic renews its locks every five minutes. One that is older and whose process cannot be found here is nobody's, also
/// if another computer happens to have the same name.
const RENEWED_MINUTES: i64 = 6;

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockInfo {
    /// When it was written or renewed last.
    pub time: DateTime<Utc>,
    /// Nobody else may work meanwhile.
    pub exclusive: bool,
    /// Computer of the holder.
    #[serde(default)]
    pub hostname: String,
    /// User.
    #[serde(default)]
    pub username: String,
    /// Process.
    #[serde(default)]
    pub pid: u32,
    /// User id.
    #[serde(default)]
    pub uid: u32,
    /// Group id.
    #[serde(default)]
    pub gid: u32,
    /// Which computer, beyond its name; only locks of ours have it, and restic does not mind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.exclusive { "exclusive" } else { "shared" };
        let time = self.time.format("%Y-%m-%d %H:%M:%S UTC");
        write!(
            f,
            "{}@{} (process {}, {kind}, since {time})",
            self.username, self.hostname, self.pid
        )
    }
}

impl LockInfo {
    /// Whether its holder is gone: not renewed for 30 minutes, or its process on this computer has ended.
    #[must_use]
    pub fn is_stale(&self, now: DateTime<Utc>, host: &Host) -> bool {
        now - self.time > TimeDelta::minutes(STALE_MINUTES) || (self.hostname == host.hostname && !process_lives(self.pid))
    }

    /// Whether its holder has ended for certain, so that the lock may be removed without asking anybody: a program that was
    /// killed must not stop the next one. Stricter than [`Self::is_stale`]: computers of one name share no process ids, and
    /// a holder on this computer that lives is never gone, however long it slept.
    #[must_use]
    pub fn is_dead(&self, now: DateTime<Utc>, host: &Host) -> bool {
        let age = now - self.time;
        if self.hostname != host.hostname {
            return age > TimeDelta::minutes(STALE_MINUTES);
        }
        match (&self.machine, Machine::this()) {
            (Some(theirs), Some(ours)) if theirs.id == ours.id => theirs.boot != ours.boot || !process_lives(self.pid),
            (None, _) if !process_lives(self.pid) => age > TimeDelta::minutes(RENEWED_MINUTES),
            _ => age > TimeDelta::minutes(STALE_MINUTES),
        }
    }
}

/// Which lock is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Others may add at the same time.
    Shared,
    /// Nobody else may work.
    Exclusive,
}

/// A lock as found at the place.
#[derive(Debug)]
pub struct FoundLock {
    /// Its file.
    pub id: Id,
    /// What it says, or why it cannot be read.
    pub info: Result<LockInfo>,
}

impl fmt::Display for FoundLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.info {
            Ok(info) => info.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}

/// What locking needs of a vault.
#[derive(Debug, Clone)]
pub(crate) struct LockSpace {
    pub(crate) place: Arc<dyn Place>,
    pub(crate) key: MasterKey,
    pub(crate) version: u32,
    pub(crate) host: Host,
}

/// A lock that is held, renewed in the background, and given back when this value is dropped.
#[derive(Debug)]
pub struct LockGuard {
    space: LockSpace,
    kind: LockKind,
    held: Arc<Mutex<Held>>,
    stop: Option<Sender<()>>,
    renewer: Option<JoinHandle<()>>,
}

/// The lock file at this moment.
#[derive(Debug)]
struct Held {
    id: Id,
    renewed: DateTime<Utc>,
}

impl LockSpace {
    /// All locks at the place. Ones that vanish meanwhile are left out.
    pub(crate) fn list(&self) -> Result<Vec<FoundLock>> {
        let mut found = Vec::new();
        for (id, _) in self.place.list(FileKind::Lock)? {
            let info = match file::read(&*self.place, &self.key, FileKind::Lock, &id) {
                Ok(json) => serde_json::from_slice(&json).map_err(|_| VaultError::LockDamaged {
                    id,
                    damage: crate::Damage::Structure,
                }),
                Err(VaultError::FileDamaged { damage, .. }) => Err(VaultError::LockDamaged { id, damage }),
                Err(VaultError::Place(e)) if e.is_not_found() => continue,
                Err(e) => return Err(e),
            };
            found.push(FoundLock { id, info });
        }
        Ok(found)
    }

    /// Refuses when a lock other than `mine` stands in the way. One that cannot be read may forbid anything; one whose
    /// holder has ended forbids nothing and goes.
    fn check_others(&self, kind: LockKind, mine: Option<Id>) -> Result<()> {
        let now = Utc::now();
        for lock in self.list()? {
            if Some(lock.id) == mine {
                continue;
            }
            let info = lock.info?;
            if info.is_dead(now, &self.host) {
                tracing::info!("removing the lock that {info} left behind");
                // On a disk that cannot be written it stays, and does no harm.
                let _ = self.place.remove(FileKind::Lock, &lock.id);
                continue;
            }
            if info.exclusive || kind == LockKind::Exclusive {
                return Err(VaultError::Locked { holder: Box::new(info) });
            }
        }
        Ok(())
    }

    fn write(&self, kind: LockKind, now: DateTime<Utc>) -> Result<Id> {
        let Host {
            hostname,
            username,
            uid,
            gid,
            pid,
        } = self.host.clone();
        let info = LockInfo {
            time: now,
            exclusive: kind == LockKind::Exclusive,
            hostname,
            username,
            pid,
            uid,
            gid,
            machine: Machine::this(),
        };
        let json = serde_json::to_vec(&info).map_err(|e| VaultError::Engine {
            what: "writing a lock",
            message: e.to_string(),
        })?;
        file::write(&*self.place, &self.key, self.version, FileKind::Lock, &json)
    }

    /// Takes a lock. Places show at once what was written, so looking again after writing is enough: of two that come
    /// at the same moment, at least one sees the other.
    pub(crate) fn acquire(&self, kind: LockKind) -> Result<LockGuard> {
        self.check_others(kind, None)?;
        let now = Utc::now();
        let id = self.write(kind, now)?;
        if let Err(e) = self.check_others(kind, Some(id)) {
            // What stands in the way matters more than a lock file that stays behind until it is stale.
            let _ = self.place.remove(FileKind::Lock, &id);
            return Err(e);
        }
        let held = Arc::new(Mutex::new(Held { id, renewed: now }));
        let (stop, stopped) = bounded::<()>(0);
        let (space, shared) = (self.clone(), held.clone());
        let renewer = std::thread::Builder::new().name("vault-lock".to_owned()).spawn(move || {
            while stopped.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                if let Err(e) = space.renew(kind, &shared) {
                    tracing::warn!("the lock could not be renewed: {e}");
                }
            }
        });
        let renewer = renewer.map_err(|e| VaultError::Engine {
            what: "starting a thread",
            message: e.to_string(),
        })?;
        Ok(LockGuard {
            space: self.clone(),
            kind,
            held,
            stop: Some(stop),
            renewer: Some(renewer),
        })
    }

    /// Writes the lock anew, then removes the old file. A lock that someone removed stays removed: who removed it may
    /// be at work on the promise that nobody else is.
    fn renew(&self, kind: LockKind, held: &Mutex<Held>) -> Result<()> {
        let mut held = held.lock();
        let now = Utc::now();
        if self.place.size(FileKind::Lock, &held.id)?.is_none() {
            return Err(VaultError::LockLost);
        }
        let new = self.write(kind, now)?;
        let old = std::mem::replace(&mut *held, Held { id: new, renewed: now });
        self.place.remove(FileKind::Lock, &old.id)?;
        Ok(())
    }

    /// Removes locks whose holder is gone, and ones that cannot be read. Gives what was removed.
    pub(crate) fn remove_stale(&self, now: DateTime<Utc>) -> Result<Vec<FoundLock>> {
        let mut removed = Vec::new();
        for lock in self.list()? {
            let stale = match &lock.info {
                Ok(info) => info.is_stale(now, &self.host) || info.is_dead(now, &self.host),
                Err(_) => true,
            };
            if stale {
                self.place.remove(FileKind::Lock, &lock.id)?;
                removed.push(lock);
            }
        }
        Ok(removed)
    }
}

impl LockGuard {
    /// Which lock it is.
    #[must_use]
    pub fn kind(&self) -> LockKind {
        self.kind
    }

    /// Writes the lock anew now, as happens every five minutes.
    ///
    /// # Errors
    /// [`VaultError::LockLost`] when someone removed it, or the place fails.
    pub fn renew(&self) -> Result<()> {
        self.space.renew(self.kind, &self.held)
    }

    /// Whether it has protected the vault all the time until now: still there, and renewed often enough that nobody
    /// could take it for left behind (a computer that slept could not renew it).
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn is_held(&self) -> Result<bool> {
        let held = self.held.lock();
        let fresh = Utc::now() - held.renewed < TimeDelta::minutes(STALE_MINUTES);
        Ok(fresh && self.space.place.size(FileKind::Lock, &held.id)?.is_some())
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(renewer) = self.renewer.take() {
            let _ = renewer.join();
        }
        let id = self.held.lock().id;
        if let Err(e) = self.space.place.remove(FileKind::Lock, &id) {
            tracing::warn!("the lock could not be removed: {e}");
        }
    }
}
