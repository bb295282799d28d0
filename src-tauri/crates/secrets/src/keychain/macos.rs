//! The login keychain of macOS.

use std::error::Error as StdError;
use std::sync::Arc;

use keyring_core::Entry;
use keyring_core::api::CredentialStore;

use super::Prompt;
use crate::{Result, SecretsError};

pub(super) const NAME: &str = "the login keychain";

pub(super) fn connect(_prompt: Prompt) -> Result<Arc<CredentialStore>> {
    let store = apple_native_keyring_store::keychain::Store::new();
    Ok(store.map_err(|error| SecretsError::NoKeychain {
        detail: error.to_string(),
    })?)
}

/// macOS decides itself whether it may ask.
#[expect(clippy::unnecessary_wraps, reason = "the same shape on every system")]
pub(super) fn refuse_locked(_prompt: Prompt) -> Result<()> {
    Ok(())
}

pub(super) fn entry(store: &Arc<CredentialStore>, service: &str, name: &str) -> keyring_core::Result<Entry> {
    store.build(service, name, None)
}

pub(super) fn failure(source: &(dyn StdError + Send + Sync + 'static)) -> SecretsError {
    SecretsError::Denied {
        detail: source.to_string(),
    }
}
