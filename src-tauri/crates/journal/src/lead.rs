//! One process at a time watches the clock for a home directory: the app in the tray or the agent, whoever came first. The other
//! stands by and takes over when the first one ends, however it ends.

use std::fs::{File, TryLockError};

use chrono::{DateTime, Utc};

use crate::home::Home;
use crate::owner::{Holder, read_holder, write_holder};
use crate::process::Process;
use crate::{JournalError, Result};

/// The lock.
const LOCK: &str = "scheduler.lock";
/// Who holds it, for people.
const INFO: &str = "scheduler.json";

/// Proof that this process runs the plans of a home directory; the right ends when this is dropped or the process dies.
#[derive(Debug)]
pub struct Lead {
    _lock: File,
}

/// Answer of [`Lead::take`].
#[derive(Debug)]
pub enum Leading {
    /// This process runs the plans now.
    Here(Lead),
    /// Another does.
    Elsewhere(Holder),
}

impl Lead {
    /// Takes the right to run the plans if nobody has it.
    ///
    /// # Errors
    /// [`JournalError::ReadOnly`], [`JournalError::Full`], [`JournalError::Home`] when the lock file cannot be used.
    pub fn take(home: &Home, program: &str, now: DateTime<Utc>) -> Result<Leading> {
        let lock = home.open_private(LOCK)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Leading::Elsewhere(read_holder(home, INFO))),
            Err(TryLockError::Error(source)) => return Err(failed(home, source)),
        }
        let holder = Holder {
            process: Some(Process::this(program)),
            since: Some(now),
        };
        write_holder(home, INFO, &holder)?;
        Ok(Leading::Here(Self { _lock: lock }))
    }

    /// Who runs the plans at this moment, if anyone.
    ///
    /// # Errors
    /// As [`Lead::take`].
    pub fn holder(home: &Home) -> Result<Option<Holder>> {
        if !std::fs::exists(home.path().join(LOCK)).unwrap_or(true) {
            return Ok(None);
        }
        let lock = home.open_private(LOCK)?;
        // Shared: two who merely look do not take each other for a holder.
        match lock.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_holder(home, INFO))),
            Err(TryLockError::Error(source)) => Err(failed(home, source)),
        }
    }
}

fn failed(home: &Home, source: std::io::Error) -> JournalError {
    JournalError::Home {
        path: home.path().join(LOCK),
        source,
    }
}
