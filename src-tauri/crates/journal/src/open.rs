//! Opening the state database, and the two ways into it: one transaction to write, one to read.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::alerts::Alerts;
use crate::audit::Audit;
use crate::channels::Channels;
use crate::drills::Drills;
use crate::holds::Holds;
use crate::home::Home;
use crate::kits::Kits;
use crate::outbox::Outbox;
use crate::pins::Pins;
use crate::plans::Plans;
use crate::replications::Replications;
use crate::restores::Restores;
use crate::runs::Runs;
use crate::slots::Slots;
use crate::sources::Sources;
use crate::tasks::Tasks;
use crate::vaults::Vaults;
use crate::watch::Watch;
use crate::{JournalError, Result, schema};

/// How long to wait for another process's transaction; ours last milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Up to this size every opening checks the whole file (some milliseconds); larger ones are checked on demand.
const CHECK_ALWAYS: u64 = 4 << 20;

/// The open state database. Shared by threads; several processes may have it open.
#[derive(Debug)]
pub struct Journal {
    db: Mutex<Connection>,
    path: PathBuf,
}

/// Version of the state database, for `backstay --version` and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion(pub i64);

impl Journal {
    /// Opens the state database of `home`, making it if missing and bringing an older one up to date (a copy
    /// `state.db.before-vN` stays beside it).
    ///
    /// # Errors
    /// [`JournalError::Newer`], [`JournalError::NotOurs`] (neither touches anything), [`JournalError::Damaged`],
    /// [`JournalError::Migration`], [`JournalError::ReadOnly`], [`JournalError::Full`], [`JournalError::Busy`].
    pub fn open(home: &Home) -> Result<Self> {
        Self::open_patient(home, PATIENCE)
    }

    /// As [`Journal::open`], waiting up to `patience` for other processes at every transaction.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_patient(home: &Home, patience: Duration) -> Result<Self> {
        Self::open_steps(home, patience, schema::steps())
    }

    pub(crate) fn open_steps(home: &Home, patience: Duration, steps: &[&str]) -> Result<Self> {
        let path = home.database();
        let open = || -> Result<Connection> {
            let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
            schema::refuse_foreign(&path, known)?;
            // Made here and not by SQLite, so that it is private from its first moment; its log files take the same mode.
            let size = home
                .open_private("state.db")?
                .metadata()
                .map(|meta| meta.len())
                .unwrap_or(u64::MAX);
            // Two programs started at once on a new or older database: the second waits here and finds the work done.
            let _making = make_alone(home, patience)?;
            let mut db = connect(&path, patience)?;
            let found = schema::version(&db)?;
            if found > known {
                return Err(JournalError::Newer {
                    path: path.clone(),
                    found,
                    known,
                });
            }
            if found < known {
                schema::migrate(&mut db, home, steps)?;
                home.sync()?;
            } else if size <= CHECK_ALWAYS {
                schema::check(&db, &path)?;
            }
            Ok(db)
        };
        let db = open().map_err(|error| error.at(&path))?;
        Ok(Self {
            db: Mutex::new(db),
            path,
        })
    }

    /// Checks the whole database file (time proportional to its size). Small ones are checked at every opening.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] with the first thing found.
    pub fn check(&self) -> Result<()> {
        schema::check(&self.db.lock(), &self.path).map_err(|error| error.at(&self.path))
    }

    /// Version of the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn version(&self) -> Result<SchemaVersion> {
        schema::version(&self.db.lock())
            .map(SchemaVersion)
            .map_err(|error| error.at(&self.path))
    }

    /// The sources.
    #[must_use]
    pub fn sources(&self) -> Sources<'_> {
        Sources(self)
    }

    /// The vaults, and which of them sources go to.
    #[must_use]
    pub fn vaults(&self) -> Vaults<'_> {
        Vaults(self)
    }

    /// The runs.
    #[must_use]
    pub fn runs(&self) -> Runs<'_> {
        Runs(self)
    }

    /// The journals of restores.
    #[must_use]
    pub fn restores(&self) -> Restores<'_> {
        Restores(self)
    }

    /// The recovery kits.
    #[must_use]
    pub fn kits(&self) -> Kits<'_> {
        Kits(self)
    }

    /// The plans.
    #[must_use]
    pub fn plans(&self) -> Plans<'_> {
        Plans(self)
    }

    /// What the scheduler remembers.
    #[must_use]
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks(self)
    }

    /// What became of every slot.
    #[must_use]
    pub fn slots(&self) -> Slots<'_> {
        Slots(self)
    }

    /// Guards that tripped.
    #[must_use]
    pub fn holds(&self) -> Holds<'_> {
        Holds(self)
    }

    /// Pinned snapshots.
    #[must_use]
    pub fn pins(&self) -> Pins<'_> {
        Pins(self)
    }

    /// Restore drills.
    #[must_use]
    pub fn drills(&self) -> Drills<'_> {
        Drills(self)
    }

    /// Ways to tell people.
    #[must_use]
    pub fn channels(&self) -> Channels<'_> {
        Channels(self)
    }

    /// What people were told.
    #[must_use]
    pub fn alerts(&self) -> Alerts<'_> {
        Alerts(self)
    }

    /// Messages on their way.
    #[must_use]
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(self)
    }

    /// Whether Backstay itself is there.
    #[must_use]
    pub fn watch(&self) -> Watch<'_> {
        Watch(self)
    }

    /// Replications that go on.
    #[must_use]
    pub fn replications(&self) -> Replications<'_> {
        Replications(self)
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }

    /// Does `work` in one transaction: all of it is on the disk when this returns `Ok`, nothing of it otherwise.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.write_when(work, |_| true)
    }

    /// As `write`; nothing of it is kept either when `work` says `false`.
    pub(crate) fn write_if(&self, work: impl FnOnce(&Transaction<'_>) -> Result<bool>) -> Result<bool> {
        self.write_when(work, |kept| *kept)
    }

    fn write_when<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>, keep: impl FnOnce(&T) -> bool) -> Result<T> {
        let mut db = self.db.lock();
        // Immediate: a transaction that reads first and is then refused to write could not be repeated by SQLite's waiting.
        let done = (|| {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            if keep(&value) {
                tx.commit()?;
            }
            Ok(value)
        })();
        done.map_err(|error: JournalError| error.at(&self.path))
    }

    /// Reads in one transaction: one moment, whatever others write meanwhile.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut db = self.db.lock();
        let done = db.transaction().map_err(JournalError::from).and_then(|tx| work(&tx));
        done.map_err(|error| error.at(&self.path))
    }

    #[cfg(test)]
    pub(crate) fn db(&self) -> &Mutex<Connection> {
        &self.db
    }
}

/// Holds the lock under which the database is made and migrated; the system releases it when the process dies.
fn make_alone(home: &Home, patience: Duration) -> Result<File> {
    const NAME: &str = "state.lock";
    let lock = home.open_private(NAME)?;
    let start = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::Error(source)) => {
                return Err(JournalError::Home {
                    path: home.path().join(NAME),
                    source,
                });
            }
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => {
                return Err(JournalError::Busy { path: home.database() });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Opens the file with the settings every connection needs.
fn connect(path: &std::path::Path, patience: Duration) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(patience)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    debug_assert!(mode == "wal" || mode == "memory", "journal mode is {mode}");
    // FULL: a step's intent must be on the disk before the step writes outside, an audit entry before what it tells of.
    db.pragma_update(None, "synchronous", "full")?;
    // On macOS a plain fsync does not reach the disk.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}
