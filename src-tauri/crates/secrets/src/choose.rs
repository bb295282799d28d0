//! Choosing the place for secrets by variables, in the same words for every program.
//!
//! The caller reads its environment; this only understands it.

use std::{ffi::OsString, path::Path};

use crate::file::{KeySource, create_key_file};
use crate::{Backend, FileConfig, Preference, Prompt, SecretsError};

/// Variable that chooses the place: `auto` (default), `keychain`, `file`, `none`.
pub const PLACE: &str = "BACKSTAY_SECRETS";
/// Variable that names the key file of the encrypted file; the key file is made when there is none yet.
pub const KEY_FILE: &str = "BACKSTAY_SECRETS_KEY_FILE";
/// Variable that holds the passphrase of the encrypted file.
pub const PASSPHRASE: &str = "BACKSTAY_SECRETS_PASSPHRASE";
/// Name of the encrypted file in the state directory.
const FILE: &str = "secrets.age";

/// What is wrong with the variables.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// [`PLACE`] has a value that means nothing.
    #[error("{PLACE} is {value:?}; it must be auto, keychain, file or none")]
    Place {
        /// Its value.
        value: String,
    },
    /// The key file could not be made.
    #[error(transparent)]
    KeyFile(#[from] SecretsError),
}

impl Preference {
    /// What the variables say; `read` gives the value of one. `home` is the state directory.
    ///
    /// # Errors
    /// [`ChooseError`].
    pub fn from_variables(home: &Path, prompt: Prompt, read: impl Fn(&str) -> Option<OsString>) -> Result<Self, ChooseError> {
        let set = |name: &str| read(name).filter(|value| !value.is_empty());
        let place = set(PLACE).map(|value| value.to_string_lossy().into_owned());
        let backend = match place.as_deref() {
            None | Some("auto") => Backend::Auto,
            Some("keychain") => Backend::Keychain,
            // Without a file the place `file` is no place: nothing is remembered.
            Some("file" | "none") => Backend::File,
            Some(other) => return Err(ChooseError::Place { value: other.to_owned() }),
        };
        let path = home.join(FILE);
        let key = match set(KEY_FILE).map(std::path::PathBuf::from) {
            _ if place.as_deref() == Some("none") => None,
            Some(file) => {
                // A new key for an old file would open nothing: only a first use makes one.
                if !file.exists() && !path.exists() {
                    create_key_file(&file)?;
                }
                Some(KeySource::KeyFile(file))
            }
            None => set(PASSPHRASE).map(|_| KeySource::PassphraseEnv(PASSPHRASE.to_owned())),
        };
        Ok(Self {
            backend,
            file: key.map(|key| FileConfig { path, key }),
            prompt,
        })
    }
}

impl Preference {
    /// The variables by which another process chooses the same place. A passphrase is none of them: it would stand in a file.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let place = match self.backend {
            Backend::Auto => "auto",
            Backend::Keychain => "keychain",
            Backend::File => "file",
        };
        let mut all = vec![(PLACE.to_owned(), place.to_owned())];
        if let Some(KeySource::KeyFile(path)) = self.file.as_ref().map(|file| &file.key) {
            all.push((KEY_FILE.to_owned(), path.display().to_string()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(home: &Path, given: &[(&str, &str)]) -> Result<Preference, ChooseError> {
        Preference::from_variables(home, Prompt::Never, |name| {
            given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_words_mean_their_places() {
        let home = tempfile::tempdir().unwrap();
        for (word, backend) in [
            ("", Backend::Auto),
            ("auto", Backend::Auto),
            ("keychain", Backend::Keychain),
            ("none", Backend::File),
        ] {
            assert_eq!(chosen(home.path(), &[(PLACE, word)]).unwrap().backend, backend, "{word}");
        }
        assert!(matches!(chosen(home.path(), &[(PLACE, "cloud")]), Err(ChooseError::Place { value }) if value == "cloud"));
    }

    #[test]
    fn a_key_file_is_made_once_and_never_for_an_old_file() {
        let home = tempfile::tempdir().unwrap();
        let key = home.path().join("key");
        let given = [(PLACE, "file"), (KEY_FILE, key.to_str().unwrap())];
        assert!(chosen(home.path(), &given).unwrap().file.is_some());
        assert!(key.exists());
        std::fs::remove_file(&key).unwrap();
        std::fs::write(home.path().join(FILE), b"sealed with the key that is gone").unwrap();
        chosen(home.path(), &given).unwrap();
        assert!(!key.exists());
        let nowhere = chosen(home.path(), &[(PLACE, "none"), given[1]]).unwrap();
        assert!(nowhere.file.is_none());
    }
}
