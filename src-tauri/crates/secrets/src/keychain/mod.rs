//! The system's keychain: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

#[cfg_attr(all(unix, not(target_os = "macos")), path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};

use crate::{Result, Secret, SecretName, SecretStore, SecretsError};

/// Under this name a person finds the items in the keychain's own program.
const SERVICE: &str = "Backstay";
/// How long reaching the keychain may take; it takes milliseconds where there is one.
const REACH: Duration = Duration::from_secs(5);
/// How long an answer may take when nobody is asked.
const ANSWER: Duration = Duration::from_secs(15);
/// How long an answer may take when a person may have to type the keychain's password.
const PERSON: Duration = Duration::from_secs(120);

/// Whether the keychain may ask a person for its password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prompt {
    /// It may show a window and wait for a person (desktop).
    Allowed,
    /// A locked keychain is an error at once (service, script).
    #[default]
    Never,
}

/// The system's keychain.
pub struct Keychain {
    store: Arc<CredentialStore>,
    prompt: Prompt,
}

impl Keychain {
    /// Reaches the keychain, within some seconds.
    ///
    /// # Errors
    /// [`SecretsError::NoKeychain`], [`SecretsError::Locked`] (only with [`Prompt::Never`]), [`SecretsError::NoAnswer`].
    pub fn open(prompt: Prompt) -> Result<Self> {
        let store = within(REACH, move || system::connect(prompt))??;
        Ok(Self { store, prompt })
    }

    /// Does `work` on the item of that name, on a thread of its own: the keychain's answer may never come.
    fn ask<T, W>(&self, name: &SecretName, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Entry) -> std::result::Result<T, Error> + Send + 'static,
    {
        let (store, prompt, name) = (Arc::clone(&self.store), self.prompt, name.clone());
        let patience = if prompt == Prompt::Allowed { PERSON } else { ANSWER };
        within(patience, move || {
            system::refuse_locked(prompt)?;
            let entry = system::entry(&store, SERVICE, name.as_str());
            entry.and_then(|entry| work(&entry)).map_err(|error| classify(error, &name))
        })?
    }
}

impl SecretStore for Keychain {
    fn get(&self, name: &SecretName) -> Result<Secret> {
        self.ask(name, |entry| entry.get_secret().map(Secret::new))
    }

    fn set(&self, name: &SecretName, value: &Secret) -> Result<()> {
        let value = value.clone();
        self.ask(name, move |entry| entry.set_secret(value.expose()))
    }

    fn delete(&self, name: &SecretName) -> Result<()> {
        self.ask(name, Entry::delete_credential)
    }

    fn describe(&self) -> String {
        system::NAME.to_owned()
    }
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain")
            .field("prompt", &self.prompt)
            .finish_non_exhaustive()
    }
}

/// Runs `work` on its own thread and waits so long for it. A thread that never ends is left behind: the calls it hangs in
/// cannot be cancelled, and there are few of them.
fn within<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (answer, answered) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
        // Nobody waits any more: the answer is dropped, and with it a secret is wiped.
        let _ = answer.send(work());
    });
    spawned.map_err(|error| SecretsError::Keychain {
        detail: error.to_string(),
    })?;
    answered.recv_timeout(patience).map_err(|_| SecretsError::NoAnswer {
        seconds: patience.as_secs(),
    })
}

/// Sorts the keychain's errors. Their `Debug` form may hold raw values, so only texts known to be free of them are kept.
fn classify(error: Error, name: &SecretName) -> SecretsError {
    match error {
        Error::NoEntry => SecretsError::NotFound { name: name.clone() },
        Error::TooLong(..) => SecretsError::TooLong { name: name.clone() },
        Error::NoStorageAccess(source) | Error::PlatformFailure(source) => system::failure(source.as_ref()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => damaged(format!("the value of {name} is unreadable")),
        Error::BadStoreFormat(_) => damaged("it is not laid out as expected".to_owned()),
        Error::Ambiguous(entries) => damaged(format!("it holds {} values named {name}", entries.len())),
        other => SecretsError::Keychain {
            detail: other.to_string(),
        },
    }
}

fn damaged(detail: String) -> SecretsError {
    SecretsError::Damaged {
        place: system::NAME.to_owned(),
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keychain_that_never_answers_is_left() {
        let late = within(Duration::from_millis(20), || thread::sleep(Duration::from_secs(5)));
        assert!(matches!(late, Err(SecretsError::NoAnswer { .. })));
        assert_eq!(within(Duration::from_secs(5), || 7).unwrap(), 7);
    }

    #[test]
    fn raw_values_in_the_keychains_errors_are_dropped() {
        let name = SecretName::new("a/b").unwrap();
        let value = b"hunter2".to_vec();
        for error in [
            Error::BadEncoding(value.clone()),
            Error::BadDataFormat(value.clone(), Box::new(std::io::Error::other("hunter2"))),
            Error::BadStoreFormat("hunter2".to_owned()),
        ] {
            let shown = classify(error, &name);
            let text = format!("{shown} {shown:?}");
            assert!(!text.contains("hunter2") && !text.contains(&format!("{value:?}")), "{text}");
            assert!(matches!(shown, SecretsError::Damaged { .. }));
        }
    }
}
