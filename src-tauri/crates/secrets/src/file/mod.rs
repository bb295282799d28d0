//! The encrypted file for servers: `secrets.age`, opened by the stock `age` program too.
//!
//! A change reads, changes and rewrites the whole file under a lock; the new file replaces the old one in one step. So at
//! every moment, also after a crash, the file is the state before a change or after it.

mod content;
mod key;
mod sealed;

use std::path::{Path, PathBuf};

use parking_lot::Mutex;

pub use key::{KeySource, create_key_file};

use crate::{Result, Secret, SecretName, SecretStore, SecretsError};
use content::Secrets;
use key::Key;
use sealed::Sealed;

/// Secrets in an encrypted file.
pub struct FileStore {
    file: Sealed,
    state: Mutex<State>,
}

/// The key, and what was read last, so that a passphrase's key derivation is paid once per change of the file.
struct State {
    key: Key,
    sealed: Vec<u8>,
    secrets: Secrets,
}

impl FileStore {
    /// Opens the file, which need not exist yet.
    ///
    /// # Errors
    /// [`SecretsError::WrongPassphrase`], [`SecretsError::Damaged`], [`SecretsError::NoPassphrase`], [`SecretsError::NoKey`],
    /// [`SecretsError::Exposed`], [`SecretsError::Io`].
    pub fn open(path: impl Into<PathBuf>, key: &KeySource) -> Result<Self> {
        let file = Sealed::new(path.into());
        let mut state = State {
            key: Key::resolve(key)?,
            sealed: Vec::new(),
            secrets: Secrets::new(),
        };
        refresh(&file, &mut state)?;
        Ok(Self {
            file,
            state: Mutex::new(state),
        })
    }

    /// Encrypts the file with another key. The old one opens it no longer.
    ///
    /// # Errors
    /// As [`FileStore::open`]; the file is as before then.
    pub fn rekey(&self, key: &KeySource) -> Result<()> {
        let new = Key::resolve(key)?;
        let mut state = self.state.lock();
        let _alone = self.file.lock()?;
        refresh(&self.file, &mut state)?;
        let sealed = encrypt(&self.file, &new, &state.secrets)?;
        self.file.replace(&sealed)?;
        state.sealed = sealed;
        state.key = new;
        Ok(())
    }

    /// Names of all secrets in the file, sorted.
    ///
    /// # Errors
    /// As [`FileStore::open`].
    pub fn names(&self) -> Result<Vec<SecretName>> {
        let mut state = self.state.lock();
        refresh(&self.file, &mut state)?;
        Ok(state.secrets.keys().cloned().collect())
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Changes the secrets and writes the file, alone.
    fn change<T>(&self, change: impl FnOnce(&mut Secrets) -> Result<T>) -> Result<T> {
        let mut state = self.state.lock();
        let _alone = self.file.lock()?;
        refresh(&self.file, &mut state)?;
        let mut secrets = state.secrets.clone();
        let value = change(&mut secrets)?;
        let sealed = encrypt(&self.file, &state.key, &secrets)?;
        self.file.replace(&sealed)?;
        state.sealed = sealed;
        state.secrets = secrets;
        Ok(value)
    }
}

impl SecretStore for FileStore {
    fn get(&self, name: &SecretName) -> Result<Secret> {
        let mut state = self.state.lock();
        refresh(&self.file, &mut state)?;
        state
            .secrets
            .get(name)
            .cloned()
            .ok_or_else(|| SecretsError::NotFound { name: name.clone() })
    }

    fn set(&self, name: &SecretName, value: &Secret) -> Result<()> {
        self.change(|secrets| {
            secrets.insert(name.clone(), value.clone());
            Ok(())
        })
    }

    fn delete(&self, name: &SecretName) -> Result<()> {
        self.change(|secrets| {
            let gone = secrets.remove(name);
            gone.map(drop).ok_or_else(|| SecretsError::NotFound { name: name.clone() })
        })
    }

    fn describe(&self) -> String {
        format!("the encrypted file {}", self.file.path().display())
    }
}

impl std::fmt::Debug for FileStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.file.path())
            .finish_non_exhaustive()
    }
}

/// Reads the file again if another process changed it.
fn refresh(file: &Sealed, state: &mut State) -> Result<()> {
    let Some(sealed) = file.read()? else {
        state.sealed.clear();
        state.secrets.clear();
        return Ok(());
    };
    // An empty file is none that we wrote; it must not pass for one without secrets.
    if sealed == state.sealed && !sealed.is_empty() {
        return Ok(());
    }
    let damaged = |detail: &str| SecretsError::Damaged {
        place: file.path().display().to_string(),
        detail: detail.to_owned(),
    };
    let plain = state.key.decrypt(&sealed).map_err(|error| match error {
        // The head does not open: another passphrase or key (or just there a bit turned, which looks the same).
        age::DecryptError::NoMatchingKeys | age::DecryptError::KeyDecryptionFailed | age::DecryptError::DecryptionFailed => {
            SecretsError::WrongPassphrase {
                path: file.path().to_owned(),
            }
        }
        age::DecryptError::ExcessiveWork { .. } => damaged("its passphrase would take too much work to check"),
        _ => damaged("it does not decrypt"),
    })?;
    state.secrets = content::read(&plain).map_err(|unreadable| damaged(unreadable.detail()))?;
    state.sealed = sealed;
    Ok(())
}

fn encrypt(file: &Sealed, key: &Key, secrets: &Secrets) -> Result<Vec<u8>> {
    let sealed = key.encrypt(&content::write(secrets));
    sealed.map_err(|error| SecretsError::Io {
        path: file.path().to_owned(),
        source: std::io::Error::other(error.to_string()),
    })
}
