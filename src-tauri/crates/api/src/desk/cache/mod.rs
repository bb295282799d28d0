//! What stays open between calls: the window asks for little things often, and none of them may pay for the keychain, a key
//! file or an index again.
//!
//! Snapshots never change, so an opened one is good for as long as it is there. Everything is bounded, and forgotten when a
//! vault is removed, its keys change, or the window is locked.

mod listings;
mod view;

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use backstay_engine::{State, browse::Store};
use backstay_journal::Vault as VaultRecord;
use backstay_vault::{Id, MasterKey, Reader, Snapshots, Unlock, Vault, VaultError, place::FileKind};

use crate::{App, Result, vaults};

pub(crate) use listings::{Listings, OpenListing};
pub(crate) use view::{View, is_live, with_view};

/// States that nobody reads at the moment and that stay open. One of a database takes up to 12 MiB.
const IDLE: usize = 4;
/// Bytes listings may take when the settings cannot be read.
const LISTINGS_LIMIT: u64 = 1 << 30;

/// What stays open between calls.
#[derive(Default)]
pub(crate) struct Opened {
    vaults: Mutex<HashMap<String, Held>>,
    idle: Mutex<VecDeque<Idle>>,
    listings: Listings,
    store: OnceLock<Store>,
    session: OnceLock<MasterKey>,
}

/// A vault that was opened.
struct Held {
    vault: Vault,
    reader: Option<Reader>,
    snapshots: Option<(Vec<Id>, Arc<Snapshots>)>,
}

/// A state of a snapshot that nobody reads at the moment.
struct Idle {
    snapshot: Id,
    reader: Reader,
    state: State,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one assignment: a panic elsewhere leaves something whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Opened {
    /// The vault as it was opened before, if it still lies there; its configuration is read again to be sure.
    pub(crate) fn vault(&self, record: &VaultRecord) -> Result<Option<Vault>> {
        let held = lock(&self.vaults).get(&record.repository_id).map(|held| held.vault.clone());
        let Some(held) = held else { return Ok(None) };
        let there = Vault::open(vaults::place(&record.place)?, &Unlock::MasterKey(held.master_key().clone()));
        match there {
            Ok(there) if there.id() == held.id() && there.place().location() == held.place().location() => Ok(Some(held)),
            // Whatever is wrong, opening it anew says it better.
            _ => {
                self.forget_vault(&record.repository_id);
                Ok(None)
            }
        }
    }

    /// Keeps a vault open for the calls that follow.
    pub(crate) fn keep(&self, vault: &Vault) {
        lock(&self.vaults).entry(vault.id().to_hex()).or_insert_with(|| Held {
            vault: vault.clone(),
            reader: None,
            snapshots: None,
        });
    }

    /// Forgets a vault and what was opened in it.
    pub(crate) fn forget_vault(&self, repository: &str) {
        lock(&self.vaults).remove(repository);
        lock(&self.idle).retain(|idle| idle.reader.vault().id().to_hex() != repository);
    }

    /// Forgets everything, keys first of all.
    pub(crate) fn forget(&self) {
        lock(&self.vaults).clear();
        lock(&self.idle).clear();
        self.listings.forget();
    }

    /// Forgets what was read in a vault, but not the vault itself: files of it vanished.
    fn forget_readers(&self, vault: &Vault) {
        let id = vault.id();
        if let Some(held) = lock(&self.vaults).get_mut(&id.to_hex()) {
            held.reader = None;
            held.snapshots = None;
        }
        lock(&self.idle).retain(|idle| idle.reader.vault().id() != id);
    }

    /// A reader of the vault, with the blobs read last; a new one when the index changed.
    pub(crate) fn reader(&self, vault: &Vault) -> Result<Reader> {
        let index = vault.index()?;
        let name = vault.id().to_hex();
        let known = lock(&self.vaults).get(&name).and_then(|held| held.reader.clone());
        if let Some(reader) = known.filter(|reader| Arc::ptr_eq(&reader.index(), &index)) {
            return Ok(reader);
        }
        let reader = vault.reader()?;
        if let Some(held) = lock(&self.vaults).get_mut(&name) {
            held.reader = Some(reader.clone());
        }
        Ok(reader)
    }

    /// All snapshots of a vault, read again only when files came or went.
    pub(crate) fn snapshots(&self, vault: &Vault) -> Result<Arc<Snapshots>> {
        let listed = vault.place().list(FileKind::Snapshot).map_err(VaultError::from)?;
        let mut ids: Vec<Id> = listed.into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        let name = vault.id().to_hex();
        if let Some((known, all)) = lock(&self.vaults).get(&name).and_then(|held| held.snapshots.clone())
            && known == ids
        {
            return Ok(all);
        }
        let all = Arc::new(vault.snapshots()?);
        // A damaged file may be mended under the same name.
        if all.damaged.is_empty()
            && let Some(held) = lock(&self.vaults).get_mut(&name)
        {
            held.snapshots = Some((ids, all.clone()));
        }
        Ok(all)
    }

    fn take_idle(&self, snapshot: Id) -> Option<Idle> {
        let mut idle = lock(&self.idle);
        let at = idle.iter().position(|idle| idle.snapshot == snapshot)?;
        idle.remove(at)
    }

    fn give_back(&self, one: Idle) {
        // Only what can still be asked for: the vault may have been forgotten meanwhile.
        let known = lock(&self.vaults).contains_key(&one.reader.vault().id().to_hex());
        if !known {
            return;
        }
        let mut idle = lock(&self.idle);
        idle.push_front(one);
        idle.truncate(IDLE);
    }

    /// Tables that are open.
    pub(crate) fn listings(&self) -> &Listings {
        &self.listings
    }

    /// Where the files of tables lie.
    pub(crate) fn store(&self, app: &App) -> &Store {
        let limit = app.settings().map_or(LISTINGS_LIMIT, |settings| settings.cache_limit);
        let store = self.store.get_or_init(|| Store::new(listings_dir(app.home()), limit));
        store.set_limit(limit);
        store
    }

    /// Seals what only this process can read again.
    pub(crate) fn session_key(&self) -> &MasterKey {
        self.session.get_or_init(MasterKey::random)
    }
}

/// Where the files of tables lie in a home.
pub(crate) fn listings_dir(home: &Path) -> std::path::PathBuf {
    home.join("cache").join("listings")
}
