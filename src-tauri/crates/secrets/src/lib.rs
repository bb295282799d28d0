//! Where passwords, tokens and master keys are kept: the system's keychain, or an encrypted file on servers.
//!
//! Everything else holds names ([`SecretName`]) only. Values ([`Secret`]) are wiped from memory when dropped, never shown,
//! never serialised, and stand in no error.

mod choose;
mod error;
mod file;
mod keychain;
mod memory;
mod name;
mod open;
mod secret;
mod store;

pub use choose::{ChooseError, KEY_FILE, PASSPHRASE, PLACE};
pub use error::SecretsError;
pub use file::{FileStore, KeySource, create_key_file};
pub use keychain::{Keychain, Prompt};
pub use memory::MemoryStore;
pub use name::SecretName;
pub use open::{Backend, FileConfig, Preference, open};
pub use secret::Secret;
pub use store::SecretStore;

/// Result of everything here.
pub type Result<T, E = SecretsError> = std::result::Result<T, E>;
