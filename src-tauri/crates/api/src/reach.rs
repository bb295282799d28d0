//! A look at where a vault lies, in a thread of its own: a dead mount may block whoever touches it for minutes, and the window
//! must not wait with it.

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};

use backstay_journal::{Kit, Vault as VaultRecord};
use backstay_model::ErrorKind;
use backstay_secrets::SecretStore;
use backstay_vault::{FileKind, Id, MasterKey, Unlock, Vault, VaultError};

use crate::{ApiError, Result, vaults};

/// How long all looks together may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a look saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The repository is there.
    pub reachable: bool,
    /// Its key is in the secret store.
    pub remembered: bool,
    /// That key opens it.
    pub open: bool,
    /// What is wrong.
    pub problem: Option<ApiError>,
    /// Bytes free on its disk.
    pub free: Option<u64>,
    /// Bytes of its disk.
    pub total: Option<u64>,
    /// Snapshots in it.
    pub snapshots: Option<u64>,
    /// Key files there are; `None` when they could not be listed.
    pub keys: Option<HashSet<String>>,
}

/// Places somebody looks at, and since when. Where a look takes longer than all looks may, nobody else is sent.
static LOOKS: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());

fn looks() -> std::sync::MutexGuard<'static, Vec<(String, Instant)>> {
    LOOKS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forget(begun: &(String, Instant)) {
    let mut looks = looks();
    if let Some(at) = looks.iter().position(|look| look == begun) {
        looks.swap_remove(at);
    }
}

/// Looks at all vaults at once. `store` is asked once for each vault's key; without one no vault opens.
pub(crate) fn look(records: &[VaultRecord], store: Option<&Arc<dyn SecretStore>>) -> Vec<Seen> {
    let end = Instant::now() + PATIENCE;
    let looks: Vec<_> = records.iter().map(|record| send(record, store.cloned())).collect();
    let seen = looks.into_iter().zip(records).map(|(look, record)| match look {
        Some(look) => wait(&look, record, end),
        None => silent(record),
    });
    seen.collect()
}

/// Sends a thread to a place; `None` when one is still stuck there or the system gives none.
fn send(record: &VaultRecord, store: Option<Arc<dyn SecretStore>>) -> Option<Receiver<Seen>> {
    let begun = (record.place.clone(), Instant::now());
    {
        let mut looks = looks();
        let stuck = |(place, since): &(String, Instant)| *place == record.place && since.elapsed() >= PATIENCE;
        if looks.iter().any(stuck) {
            return None;
        }
        looks.push(begun.clone());
    }
    let (out, seen) = channel();
    let (of, mine) = (record.clone(), begun.clone());
    let spawned = std::thread::Builder::new().name("look".to_owned()).spawn(move || {
        tell(&of, store.as_deref(), &out);
        forget(&mine);
    });
    if spawned.is_err() {
        forget(&begun);
        return None;
    }
    Some(seen)
}

/// The last thing a look told before the time was over.
fn wait(look: &Receiver<Seen>, record: &VaultRecord, end: Instant) -> Seen {
    let mut last = None;
    loop {
        match look.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(seen) => last = Some(seen),
            Err(RecvTimeoutError::Disconnected) => return last.unwrap_or_else(|| silent(record)),
            Err(RecvTimeoutError::Timeout) => {
                return last.unwrap_or_else(|| silent(record));
            }
        }
    }
}

fn silent(record: &VaultRecord) -> Seen {
    let message = format!("the vault {:?} does not answer at {}", record.name, record.place);
    let mut problem = ApiError::new(ErrorKind::Unreachable, message).hint("Is the disk attached and the network up?");
    problem.retry = true;
    Seen {
        problem: Some(problem),
        ..Seen::default()
    }
}

/// Tells what it sees twice: the place, then with the key. The keychain may wait for a person.
fn tell(record: &VaultRecord, store: Option<&dyn SecretStore>, out: &Sender<Seen>) {
    let first = || {
        place(record).unwrap_or_else(|error| Seen {
            problem: Some(error),
            ..Seen::default()
        })
    };
    let seen = first();
    let reachable = seen.reachable;
    // Nobody listens any more: the answer came too late.
    if out.send(seen).is_err() {
        return;
    }
    let mut seen = first();
    let key = store.and_then(|store| vaults::key_in(store, &record.repository_id).ok().flatten());
    seen.remembered = key.is_some();
    if let (true, Some(key)) = (reachable, key) {
        match opens(record, key) {
            Ok(()) => seen.open = true,
            Err(error) => seen.problem = Some(error),
        }
    }
    let _ = out.send(seen);
}

fn place(record: &VaultRecord) -> Result<Seen> {
    let place = vaults::place(&record.place)?;
    if !Vault::exists(&*place)? {
        return Err(VaultError::NoRepository {
            place: record.place.clone(),
        }
        .into());
    }
    let path = Path::new(record.place.strip_prefix("file://").unwrap_or(&record.place));
    let keys = place.list(FileKind::Key).ok();
    Ok(Seen {
        reachable: true,
        free: fs4::available_space(path).ok(),
        total: fs4::total_space(path).ok(),
        snapshots: place.list(FileKind::Snapshot).ok().map(|list| list.len() as u64),
        keys: keys.map(|keys| keys.into_iter().map(|(id, _)| id.to_hex()).collect()),
        ..Seen::default()
    })
}

fn opens(record: &VaultRecord, key: MasterKey) -> Result<()> {
    vaults::checked(record, Vault::open(vaults::place(&record.place)?, &Unlock::MasterKey(key))?).map(drop)
}

/// Whether the kit's key is certainly no longer in the vault.
pub(crate) fn is_outdated(kit: &Kit, seen: &Seen) -> bool {
    let known = kit.key.parse::<Id>().is_ok();
    known && seen.keys.as_ref().is_some_and(|keys| !keys.contains(&kit.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(place: &Path) -> VaultRecord {
        VaultRecord {
            id: "v".to_owned(),
            name: "disk".to_owned(),
            place: place.display().to_string(),
            repository_id: "ab".repeat(32),
            created: chrono::DateTime::UNIX_EPOCH,
            last_seen: None,
            default: true,
        }
    }

    #[test]
    fn a_place_that_is_gone_is_out_of_reach() {
        let dir = tempfile::tempdir().unwrap();
        let seen = look(&[record(&dir.path().join("gone"))], None).remove(0);
        assert!(!seen.reachable && !seen.open);
        assert!(seen.problem.is_some());
    }

    #[test]
    fn several_looks_at_once_see_the_same() {
        // The window's pages and the tray ask at the same moment.
        let dir = tempfile::tempdir().unwrap();
        let vaults = [record(dir.path())];
        let ask = || look(&vaults, None).remove(0).problem.map(|problem| problem.code);
        let begin = std::sync::Barrier::new(8);
        let seen: Vec<_> = std::thread::scope(|scope| {
            let asked = || {
                begin.wait();
                (0..50).map(|_| ask()).collect::<Vec<_>>()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(asked)).collect();
            all.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(seen, vec![Some(ErrorKind::NotFound); 400], "the place is there and empty");
    }

    #[cfg(unix)]
    #[test]
    fn a_place_that_never_answers_is_told_in_time_and_left_alone() {
        // Reading a pipe nobody writes to blocks for ever, as a dead mount does.
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("dead");
        std::fs::create_dir(&place).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(place.join("config"))
            .status()
            .unwrap();
        assert!(made.success());
        struct Never;
        impl SecretStore for Never {
            fn get(&self, _: &backstay_secrets::SecretName) -> backstay_secrets::Result<backstay_secrets::Secret> {
                Ok(backstay_secrets::Secret::from_text(
                    MasterKey::random().to_secret_text().to_string(),
                ))
            }
            fn set(&self, _: &backstay_secrets::SecretName, _: &backstay_secrets::Secret) -> backstay_secrets::Result<()> {
                Ok(())
            }
            fn delete(&self, _: &backstay_secrets::SecretName) -> backstay_secrets::Result<()> {
                Ok(())
            }
            fn describe(&self) -> String {
                "never".to_owned()
            }
        }
        let store: Arc<dyn SecretStore> = Arc::new(Never);
        let vaults = [record(&place)];
        let start = Instant::now();
        let seen = look(&vaults, Some(&store)).remove(0);
        assert!(
            start.elapsed() < PATIENCE * 2 && start.elapsed() >= PATIENCE,
            "the fault fired: {:?}",
            start.elapsed()
        );
        assert!(!seen.open);
        let start = Instant::now();
        let again = look(&vaults, Some(&store)).remove(0);
        assert!(start.elapsed() < PATIENCE / 2, "nobody is sent to it twice");
        assert_eq!(again.problem.map(|problem| problem.code), Some(ErrorKind::Unreachable));
    }
}
