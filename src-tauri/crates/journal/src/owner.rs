//! One process at a time runs the jobs of a home directory. The system releases the lock when that process dies, however it dies.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::home::Home;
use crate::process::Process;
use crate::{JournalError, Result};

/// The lock. Holds nothing itself: on Windows a locked file cannot be read by others.
const LOCK: &str = "owner.lock";
/// Who holds it, for people.
const INFO: &str = "owner.json";
/// How often a waiting process looks again.
const POLL: Duration = Duration::from_millis(50);

/// Proof that this process runs the jobs of a home directory; the right ends when this is dropped or the process dies.
#[derive(Debug)]
pub struct Owner {
    id: String,
    process: Process,
    home: Home,
    _lock: File,
}

/// Who runs the jobs, for people: a moment after it took or lost the right this may be out of date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The process, if it could be read.
    pub process: Option<Process>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// Answer of [`Owner::try_own`].
#[derive(Debug)]
pub enum Ownership {
    /// This process runs the jobs now.
    Owned(Owner),
    /// Another does.
    HeldBy(Holder),
}

impl Owner {
    /// Takes the right to run jobs if nobody has it.
    ///
    /// # Errors
    /// [`JournalError::ReadOnly`], [`JournalError::Full`], [`JournalError::Home`] when the lock file cannot be used.
    pub fn try_own(home: &Home, program: &str, now: DateTime<Utc>) -> Result<Ownership> {
        let lock = home.open_private(LOCK)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Ownership::HeldBy(read_holder(home, INFO))),
            Err(TryLockError::Error(source)) => {
                return Err(JournalError::Home {
                    path: home.path().join(LOCK),
                    source,
                });
            }
        }
        let process = Process::this(program);
        write_holder(
            home,
            INFO,
            &Holder {
                process: Some(process.clone()),
                since: Some(now),
            },
        )?;
        let id = Uuid::new_v4().to_string();
        Ok(Ownership::Owned(Self {
            id,
            process,
            home: home.clone(),
            _lock: lock,
        }))
    }

    /// Takes the right, waiting up to `patience` for whoever has it.
    ///
    /// # Errors
    /// [`JournalError::Owned`] when the other has it still; else as [`Owner::try_own`].
    pub fn wait(home: &Home, program: &str, now: DateTime<Utc>, patience: Duration) -> Result<Self> {
        let start = Instant::now();
        loop {
            match Self::try_own(home, program, now)? {
                Ownership::Owned(owner) => return Ok(owner),
                Ownership::HeldBy(holder) if start.elapsed() >= patience => {
                    return Err(JournalError::Owned {
                        home: home.path().to_owned(),
                        holder,
                    });
                }
                Ownership::HeldBy(_) => std::thread::sleep(POLL.min(patience)),
            }
        }
    }

    /// Who runs the jobs at this moment, if anyone.
    ///
    /// # Errors
    /// As [`Owner::try_own`].
    pub fn holder(home: &Home) -> Result<Option<Holder>> {
        if !fs::exists(home.path().join(LOCK)).unwrap_or(true) {
            return Ok(None);
        }
        let lock = home.open_private(LOCK)?;
        // Shared: two who merely look do not take each other for a holder.
        match lock.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(home, INFO))),
            Err(TryLockError::Error(source)) => Err(JournalError::Home {
                path: home.path().join(LOCK),
                source,
            }),
        }
    }

    /// Tells this ownership from every other, also from later ones of a process with the same number.
    pub(crate) fn token(&self) -> &str {
        &self.id
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// The home directory owned.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.process {
            Some(process) => write!(f, "{} (process {})", process.program, process.pid)?,
            None => f.write_str("another process")?,
        }
        if let Some(since) = self.since {
            write!(f, " since {}", since.format("%Y-%m-%d %H:%M:%S UTC"))?;
        }
        Ok(())
    }
}

/// What the holder wrote about itself; empty while it is just taking over.
pub(crate) fn read_holder(home: &Home, info: &str) -> Holder {
    let text = fs::read(home.path().join(info)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or(Holder {
        process: None,
        since: None,
    })
}

/// Replaces the note about the holder in one step, so that no reader sees half of it.
pub(crate) fn write_holder(home: &Home, info: &str, holder: &Holder) -> Result<()> {
    let path = home.path().join(info);
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::StorageFull => JournalError::Full { path: path.clone() },
        _ => JournalError::Home {
            path: path.clone(),
            source,
        },
    };
    let text = serde_json::to_vec(holder).map_err(|error| failed(error.into()))?;
    let mut file = tempfile::NamedTempFile::new_in(home.path()).map_err(failed)?;
    file.write_all(&text).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}
