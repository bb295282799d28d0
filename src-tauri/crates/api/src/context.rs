//! What a caller gives along with a request: a way to cancel, an audience, and passwords.

use backstay_engine::Reporter;
use backstay_secrets::Secret;
use backstay_source::Cancel;

use crate::Result;

/// Where a caller's passwords come from: files, commands, the environment, a prompt, a dialog.
pub trait Passwords: Sync {
    /// The password the caller gave for this job (file, command, environment); looked at before the keychain.
    ///
    /// # Errors
    /// When the file or command fails.
    fn given(&self, vault: &str) -> Result<Option<Secret>>;

    /// Asks a person for the vault's password, when nothing else has it. `None` when nobody is there.
    ///
    /// # Errors
    /// When asking fails.
    fn ask(&self, vault: &str) -> Result<Option<Secret>>;

    /// A new password, chosen by the caller or a person (who types it twice). `None` when nobody is there.
    ///
    /// # Errors
    /// When asking fails.
    fn choose(&self, vault: &str) -> Result<Option<Secret>>;
}

/// Has no passwords: only remembered keys open vaults.
#[derive(Debug, Default)]
pub struct NoPasswords;

impl Passwords for NoPasswords {
    fn given(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn ask(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
    fn choose(&self, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }
}

/// Surroundings of one call.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Set from outside to stop the job.
    pub cancel: &'a Cancel,
    /// Hears how it goes.
    pub reporter: &'a dyn Reporter,
    /// Gives passwords.
    pub passwords: &'a dyn Passwords,
}
