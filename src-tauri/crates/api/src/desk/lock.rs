//! The app lock: a passphrase for opening the window, deleting and restoring.
//!
//! It keeps people at an open computer away from the window. It is no encryption: who can read the state directory and the
//! keychain of the person needs no window.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use backstay_model::ErrorKind;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CallOptions;
use crate::{
    ApiError, App, CommandEntry, Guard, Result, settings,
    types::{LockOpenRequest, LockSetRequest, LockState},
};

const FILE: &str = "lock.json";
/// Wrong tries that cost nothing: typing errors.
const FREE_TRIES: u32 = 3;
/// Longest wait between two tries.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(5);

/// What is kept of the passphrase: an Argon2id hash with its salt, in the PHC text form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    hash: String,
}

/// The lock of one opened Backstay.
pub(super) struct Lock {
    file: PathBuf,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    hash: Option<String>,
    locked: bool,
    wrong: u32,
    wait_until: Option<DateTime<Utc>>,
}

impl Lock {
    /// Reads whether a passphrase is set; the window then starts locked, if that is what the lock protects.
    pub(super) fn open(app: &App) -> Result<Self> {
        let file = app.home().join(FILE);
        let hash = settings::read::<Kept>(&file)?.map(|kept| kept.hash);
        let locked = hash.is_some() && app.settings()?.lock.opening;
        Ok(Self {
            file,
            state: Mutex::new(Inner {
                hash,
                locked,
                ..Inner::default()
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> LockState {
        let inner = self.inner();
        LockState {
            set: inner.hash.is_some(),
            locked: inner.locked,
            wait_until: inner.wait_until,
        }
    }

    /// Sets, changes or removes the passphrase.
    pub(super) fn set(&self, app: &App, request: &LockSetRequest) -> Result<LockState> {
        let mut inner = self.inner();
        if inner.hash.is_some() {
            let current = request.current.as_deref().unwrap_or_default();
            check(&mut inner, current, app.now())?;
        }
        let action = match (&request.new, inner.hash.is_some()) {
            (Some(new), had) => {
                if new.is_empty() {
                    return Err(ApiError::new(
                        ErrorKind::Usage,
                        "an empty passphrase locks nothing; nothing was changed",
                    ));
                }
                let hash = hash(new)?;
                let dir = self.file.parent().unwrap_or(&self.file);
                settings::write(dir, FILE, &Kept { hash: hash.clone() })?;
                inner.hash = Some(hash);
                if had { "lock.change" } else { "lock.set" }
            }
            (None, true) => {
                std::fs::remove_file(&self.file)
                    .map_err(|error| ApiError::from(backstay_source::SourceError::io(self.file.display().to_string(), error)))?;
                inner.hash = None;
                "lock.remove"
            }
            (None, false) => return Err(ApiError::new(ErrorKind::Usage, "no passphrase is set")),
        };
        inner.locked = false;
        drop(inner);
        app.audit(action, "app lock", json!({}))?;
        Ok(self.state())
    }

    /// Opens the window's lock.
    pub(super) fn unlock(&self, app: &App, request: &LockOpenRequest) -> Result<LockState> {
        let mut inner = self.inner();
        if let Err(error) = check(&mut inner, &request.passphrase, app.now()) {
            drop(inner);
            app.audit("lock.refused", "app lock", json!({}))?;
            return Err(error);
        }
        inner.locked = false;
        drop(inner);
        Ok(self.state())
    }

    /// Locks the window, if the lock protects it.
    pub(super) fn close(&self, app: &App) -> Result<LockState> {
        let opening = app.settings()?.lock.opening;
        let mut inner = self.inner();
        inner.locked = inner.hash.is_some() && opening;
        drop(inner);
        Ok(self.state())
    }

    /// Fails while the window is locked.
    pub(super) fn admit_open(&self) -> Result<()> {
        if self.inner().locked {
            return Err(ApiError::new(ErrorKind::AppLocked, "Backstay is locked; nothing was changed"));
        }
        Ok(())
    }

    /// Fails when the command may not run now, or needs the passphrase again.
    pub(super) fn admit(&self, app: &App, entry: &CommandEntry, options: &CallOptions) -> Result<()> {
        if entry.guard == Guard::Free {
            return Ok(());
        }
        self.admit_open()?;
        let scope = app.settings()?.lock;
        let again = match entry.guard {
            Guard::Free | Guard::Open => false,
            Guard::Deletes => scope.deleting,
            Guard::Restores => scope.restoring,
        };
        if again { self.admit_again(app, options) } else { Ok(()) }
    }

    /// Fails when a passphrase is set and does not come with the call.
    pub(super) fn admit_again(&self, app: &App, options: &CallOptions) -> Result<()> {
        let mut inner = self.inner();
        if inner.hash.is_none() {
            return Ok(());
        }
        let Some(passphrase) = &options.passphrase else {
            return Err(ApiError::new(
                ErrorKind::AppLocked,
                "this needs the passphrase of the app lock; nothing was changed",
            ));
        };
        check(&mut inner, passphrase.expose_text().unwrap_or_default(), app.now())
    }
}

fn hash(passphrase: &str) -> Result<String> {
    Argon2::default()
        .hash_password(passphrase.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| ApiError::new(ErrorKind::Internal, format!("the passphrase could not be hashed: {error}")))
}

/// Compares a passphrase with the one set; wrong ones make the next try wait.
fn check(inner: &mut Inner, passphrase: &str, now: DateTime<Utc>) -> Result<()> {
    let Some(hash) = &inner.hash else { return Ok(()) };
    // A clock set back must not lock anybody out for longer than the longest wait.
    if inner
        .wait_until
        .is_some_and(|until| until > now && until - now <= LONGEST_WAIT)
    {
        return Err(ApiError::new(ErrorKind::AppLocked, "too many wrong tries; wait a little"));
    }
    let parsed = PasswordHash::new(hash)
        .map_err(|error| ApiError::new(ErrorKind::Damaged, format!("the app lock's file is damaged: {error}")))?;
    if Argon2::default().verify_password(passphrase.as_bytes(), &parsed).is_ok() {
        inner.wrong = 0;
        inner.wait_until = None;
        return Ok(());
    }
    inner.wrong += 1;
    inner.wait_until = (inner.wrong >= FREE_TRIES).then(|| {
        let seconds = 5_i64 << (inner.wrong - FREE_TRIES).min(10);
        now + TimeDelta::seconds(seconds).min(LONGEST_WAIT)
    });
    Err(ApiError::new(ErrorKind::Auth, "this is not the passphrase of the app lock"))
}
