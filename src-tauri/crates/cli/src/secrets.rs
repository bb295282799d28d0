//! Where remembered keys are kept on this machine: the keychain, or an encrypted file where the environment names its key.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use backstay_api::secrets::{Backend, FileConfig, KeySource, Preference, Prompt, create_key_file};

use crate::{
    errors::{CliError, Result},
    output::somebody_is_there,
};

/// Variable that chooses the place: `auto` (default), `keychain`, `file`, `none`.
pub const PLACE: &str = "BACKSTAY_SECRETS";
/// Variable that names the key file of the encrypted file; the key file is made when there is none yet.
pub const KEY_FILE: &str = "BACKSTAY_SECRETS_KEY_FILE";
/// Variable that holds the passphrase of the encrypted file.
pub const PASSPHRASE: &str = "BACKSTAY_SECRETS_PASSPHRASE";

/// Whether somebody decided that nothing is remembered.
#[must_use]
pub fn nowhere() -> bool {
    matches!(std::env::var(PLACE).as_deref(), Ok("none"))
}

/// What the environment says about the place for secrets.
///
/// # Errors
/// When it makes no sense, or a key file cannot be made.
pub fn preference(home: &Path) -> Result<Preference> {
    let backend = match std::env::var(PLACE).as_deref() {
        Err(_) | Ok("" | "auto") => Backend::Auto,
        Ok("keychain") => Backend::Keychain,
        // Without a file the place `file` is no place: nothing is remembered.
        Ok("file" | "none") => Backend::File,
        Ok(other) => {
            return Err(CliError::Usage {
                message: format!("{PLACE} is {other:?}"),
                hint: "It must be auto, keychain, file or none.".to_owned(),
            });
        }
    };
    let path = home.join("secrets.age");
    let key = if nowhere() { None } else { key(&path)? };
    // A window that asks for the keychain's password is of use only where somebody sits.
    let prompt = if somebody_is_there() { Prompt::Allowed } else { Prompt::Never };
    Ok(Preference {
        backend,
        file: key.map(|key| FileConfig { path, key }),
        prompt,
    })
}

fn key(secrets: &Path) -> Result<Option<KeySource>> {
    let set = |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    if let Some(file) = set(KEY_FILE) {
        let file = PathBuf::from(file);
        // A new key for an old file would open nothing: only a first use makes one.
        if !file.exists() && !secrets.exists() {
            create_key_file(&file).map_err(|error| CliError::Api(error.into()))?;
        }
        return Ok(Some(KeySource::KeyFile(file)));
    }
    Ok(set(PASSPHRASE).map(|_| KeySource::PassphraseEnv(PASSPHRASE.to_owned())))
}
