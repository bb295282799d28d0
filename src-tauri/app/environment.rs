//! What the environment says: where the state lies, where secrets are kept, which language, whether there is a screen.

use std::{
    env,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use backstay_api::secrets::{ChooseError, Preference, Prompt};

/// The name under which instances find each other, and which the desktop knows the app by.
const IDENTIFIER: &str = "app.backstay.Backstay";
/// What is wrong with the environment.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The system names no place for the state.
    #[error("this system names no directory for application data; set BACKSTAY_HOME")]
    NoHome,
    /// The place for secrets is named by a word that means nothing, or its key file could not be made.
    #[error(transparent)]
    Secrets(#[from] ChooseError),
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
            secrets: Preference::from_variables(&home, Prompt::Allowed, |name| env::var_os(name))?,
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
