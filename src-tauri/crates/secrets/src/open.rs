//! Choosing the place for secrets.

use std::path::PathBuf;

use crate::file::{FileStore, KeySource};
use crate::keychain::{Keychain, Prompt};
use crate::{Result, SecretStore, SecretsError};

/// Which place to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Backend {
    /// The keychain if one answers, else the encrypted file if it is set up.
    #[default]
    Auto,
    /// The keychain only.
    Keychain,
    /// The encrypted file only.
    File,
}

/// The encrypted file and what opens it.
#[derive(Debug, Clone)]
pub struct FileConfig {
    /// The file (`secrets.age` in the home directory).
    pub path: PathBuf,
    /// Where its key comes from.
    pub key: KeySource,
}

/// What the person or the settings say about the place for secrets.
#[derive(Debug, Clone, Default)]
pub struct Preference {
    /// Which place.
    pub backend: Backend,
    /// The encrypted file, if it is set up.
    pub file: Option<FileConfig>,
    /// Whether the keychain may ask for its password in a window.
    pub prompt: Prompt,
}

/// Opens the place for secrets.
///
/// A keychain that is there but locked is an error even if a file is set up: else a value would be kept now here, now
/// there, depending on the moment.
///
/// # Errors
/// [`SecretsError::NoPlace`] says both ways out; [`SecretsError::Locked`], [`SecretsError::Denied`],
/// [`SecretsError::NoKeychain`]; those of [`FileStore::open`].
pub fn open(preference: &Preference) -> Result<Box<dyn SecretStore>> {
    let file = || preference.file.as_ref().map(|file| FileStore::open(&file.path, &file.key));
    match preference.backend {
        Backend::Keychain => Ok(Box::new(Keychain::open(preference.prompt)?)),
        Backend::File => match file() {
            Some(store) => Ok(Box::new(store?)),
            None => Err(SecretsError::NoPlace {
                detail: "it was not asked for".to_owned(),
            }),
        },
        Backend::Auto => match Keychain::open(preference.prompt) {
            Ok(keychain) => Ok(Box::new(keychain)),
            Err(SecretsError::NoKeychain { detail }) => match file() {
                Some(store) => Ok(Box::new(store?)),
                None => Err(SecretsError::NoPlace { detail }),
            },
            Err(error) => Err(error),
        },
    }
}
