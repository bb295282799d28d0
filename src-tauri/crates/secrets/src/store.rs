//! What every place for secrets can do.

use crate::{Result, Secret, SecretName};

/// A place for secrets. All calls block: from async code use a thread for blocking work.
pub trait SecretStore: Send + Sync {
    /// The value of a secret.
    ///
    /// # Errors
    /// [`crate::SecretsError::NotFound`]; what the place itself can fail with.
    fn get(&self, name: &SecretName) -> Result<Secret>;

    /// Keeps a value, replacing an earlier one. When this returns, it is kept.
    ///
    /// # Errors
    /// What the place itself can fail with; the earlier value is kept then.
    fn set(&self, name: &SecretName, value: &Secret) -> Result<()>;

    /// Forgets a value.
    ///
    /// # Errors
    /// [`crate::SecretsError::NotFound`]; what the place itself can fail with.
    fn delete(&self, name: &SecretName) -> Result<()>;

    /// The place, for people.
    fn describe(&self) -> String;
}
