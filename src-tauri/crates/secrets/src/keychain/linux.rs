//! The keychain of Linux desktops: whatever answers as Secret Service on the session bus (GNOME Keyring, KWallet, …).

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::Arc;

use keyring_core::Entry;
use keyring_core::api::CredentialStore;
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};

use super::Prompt;
use crate::{Result, SecretsError};

pub(super) const NAME: &str = "the system's keychain (Secret Service)";

/// Connects, and finds out first what the store would report too late or not precisely: no default collection, a locked one.
pub(super) fn connect(prompt: Prompt) -> Result<Arc<CredentialStore>> {
    default_collection(prompt)?;
    let store = zbus_secret_service_keyring_store::Store::new().map_err(|error| match error {
        keyring_core::Error::PlatformFailure(source) | keyring_core::Error::NoStorageAccess(source) => failure(source.as_ref()),
        other => SecretsError::NoKeychain {
            detail: other.to_string(),
        },
    })?;
    Ok(store)
}

/// With [`Prompt::Never`], refuses a locked keychain: reading from it would open a window and wait.
pub(super) fn refuse_locked(prompt: Prompt) -> Result<()> {
    if prompt == Prompt::Never {
        default_collection(prompt)
    } else {
        Ok(())
    }
}

fn default_collection(prompt: Prompt) -> Result<()> {
    // Plain: nothing secret is asked over this connection.
    let service = SecretService::connect(EncryptionType::Plain).map_err(|error| match error {
        Error::Locked | Error::Prompt => SecretsError::Locked,
        other => SecretsError::NoKeychain {
            detail: other.to_string(),
        },
    })?;
    let collection = service.get_default_collection().map_err(|error| match error {
        Error::NoResult => SecretsError::NoKeychain {
            detail: "it has no default keyring".to_owned(),
        },
        other => failure(&other),
    })?;
    let locked = collection.is_locked().map_err(|error| failure(&error))?;
    if locked && prompt == Prompt::Never {
        Err(SecretsError::Locked)
    } else {
        Ok(())
    }
}

/// The item of a name; its label is what a person sees in the keychain's own program.
pub(super) fn entry(store: &Arc<CredentialStore>, service: &str, name: &str) -> keyring_core::Result<Entry> {
    let label = format!("{service}: {name}");
    store.build(service, name, Some(&HashMap::from([("label", label.as_str())])))
}

/// Sorts what the Secret Service said.
pub(super) fn failure(source: &(dyn StdError + Send + Sync + 'static)) -> SecretsError {
    let detail = source.to_string();
    match source.downcast_ref::<Error>() {
        // A prompt that nobody could answer ends as dismissed, too.
        Some(Error::Locked | Error::Prompt | Error::PromptDisconnected) => SecretsError::Locked,
        Some(Error::NoResult | Error::Unavailable) => SecretsError::NoKeychain { detail },
        _ if detail.contains("AccessDenied") => SecretsError::Denied { detail },
        _ if detail.contains("IsLocked") => SecretsError::Locked,
        _ => SecretsError::Keychain { detail },
    }
}
