//! What the environment says: where the state lies, where secrets are kept, which language, whether there is a screen.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use backstay_api::secrets::{Backend, FileConfig, KeySource, Preference, Prompt, SecretsError, create_key_file};

/// The name under which instances find each other, and which the desktop knows the app by.
const IDENTIFIER: &str = "app.backstay.Backstay";
/// Variable that chooses the place for secrets: `auto` (default), `keychain`, `file`, `none`. As for the command line.
const PLACE: &str = "BACKSTAY_SECRETS";
const KEY_FILE: &str = "BACKSTAY_SECRETS_KEY_FILE";
const PASSPHRASE: &str = "BACKSTAY_SECRETS_PASSPHRASE";

/// What is wrong with the environment.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// A variable has a value that means nothing.
    #[error("{variable} is {value:?}; it must be auto, keychain, file or none")]
    Place {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// The system names no place for the state.
    #[error("this system names no directory for application data; set BACKSTAY_HOME")]
    NoHome,
    /// The key file of the encrypted file for secrets could not be made.
    #[error(transparent)]
    KeyFile(#[from] SecretsError),
}

/// What the app needs to know of the world around it.
pub struct Surroundings {
    /// State directory.
    pub home: PathBuf,
    /// Where secrets are kept.
    pub secrets: Preference,
    /// Who is working, for the audit trail.
    pub actor: String,
    /// Language of the desktop, as a tag (`de_DE.UTF-8`).
    pub language: String,
    /// There is a screen.
    pub display: bool,
    /// The desktop's name (`GNOME`), where it says so.
    pub desktop: String,
    /// Name that instances with the same state directory share.
    pub instance: String,
}

impl Surroundings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn read() -> Result<Self, EnvironmentError> {
        let named = set("BACKSTAY_HOME").map(PathBuf::from);
        let instance = match &named {
            // Two state directories are two Backstays, as for the command line.
            Some(home) => format!("{IDENTIFIER}.home{:x}", fingerprint(home)),
            None => IDENTIFIER.to_owned(),
        };
        let home = named
            .or_else(|| dirs::data_local_dir().map(|dir| dir.join("backstay")))
            .ok_or(EnvironmentError::NoHome)?;
        Ok(Self {
            secrets: preference(&home)?,
            home,
            actor: whoami::username().unwrap_or_else(|_| "unknown".to_owned()),
            language: language(),
            display: has_display(),
            desktop: env::var("XDG_CURRENT_DESKTOP").unwrap_or_default(),
            instance,
        })
    }
}

fn set(name: &str) -> Option<std::ffi::OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn fingerprint(home: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::path::absolute(home)
        .unwrap_or_else(|_| home.to_owned())
        .hash(&mut hasher);
    hasher.finish()
}

fn language() -> String {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
}

fn has_display() -> bool {
    !cfg!(target_os = "linux") || set("DISPLAY").is_some() || set("WAYLAND_DISPLAY").is_some()
}

fn preference(home: &Path) -> Result<Preference, EnvironmentError> {
    let place = env::var(PLACE).unwrap_or_default();
    let backend = match place.as_str() {
        "" | "auto" => Backend::Auto,
        "keychain" => Backend::Keychain,
        "file" | "none" => Backend::File,
        _ => {
            return Err(EnvironmentError::Place {
                variable: PLACE,
                value: place,
            });
        }
    };
    let path = home.join("secrets.age");
    let key = match set(KEY_FILE).map(PathBuf::from) {
        _ if place == "none" => None,
        Some(file) => {
            // A new key for an old file would open nothing: only a first use makes one.
            if !file.exists() && !path.exists() {
                create_key_file(&file)?;
            }
            Some(KeySource::KeyFile(file))
        }
        None => set(PASSPHRASE).map(|_| KeySource::PassphraseEnv(PASSPHRASE.to_owned())),
    };
    Ok(Preference {
        backend,
        file: key.map(|key| FileConfig { path, key }),
        prompt: Prompt::Allowed,
    })
}
