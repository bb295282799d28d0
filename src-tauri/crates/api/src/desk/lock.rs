//! The app lock: a passphrase for opening the window, deleting and restoring. (being written)

use backstay_model::ErrorKind;

use super::CallOptions;
use crate::{
    ApiError, App, CommandEntry, Result,
    types::{LockOpenRequest, LockSetRequest, LockState},
};

/// The lock of one opened Backstay.
pub(super) struct Lock;

impl Lock {
    pub(super) fn open(_: &App) -> Result<Self> {
        Ok(Self)
    }

    pub(super) fn state(&self, _: &App) -> Result<LockState> {
        Ok(LockState::default())
    }

    pub(super) fn set(&self, _: &App, _: &LockSetRequest) -> Result<LockState> {
        Err(ApiError::new(ErrorKind::Unsupported, "lock.set"))
    }

    pub(super) fn unlock(&self, app: &App, _: &LockOpenRequest) -> Result<LockState> {
        self.state(app)
    }

    pub(super) fn close(&self, app: &App) -> Result<LockState> {
        self.state(app)
    }

    /// Fails when the command may not run now.
    pub(super) fn admit(&self, _: &App, _: &CommandEntry, _: &CallOptions) -> Result<()> {
        Ok(())
    }

    /// Fails while the window is locked.
    pub(super) fn admit_open(&self, _: &App) -> Result<()> {
        Ok(())
    }
}
