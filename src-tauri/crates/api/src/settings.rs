//! The file in which Backstay keeps its own settings. Nothing in it is a secret.

use std::{fs, io::Write as _, path::Path, sync::Mutex};

use backstay_model::ErrorKind;
use serde::{Serialize, de::DeserializeOwned};

use crate::{ApiError, Result, types::Settings};

/// Name of the settings file in the state directory.
const FILE: &str = "settings.json";
/// Least and greatest size of everything, in percent: below, texts cannot be read; above, nothing fits.
const ZOOM: std::ops::RangeInclusive<u32> = 80..=200;
/// Least size of the caches in bytes: a listing of a million rows must fit.
const CACHE_LEAST: u64 = 64 << 20;

/// Settings as they are now.
#[derive(Debug, Default)]
pub(crate) struct SettingsFile(Mutex<Option<Settings>>);

impl SettingsFile {
    /// The settings; those that were never set have their default value.
    ///
    /// # Errors
    /// When the file is damaged. It is left as it is: a person may want to look at it.
    pub(crate) fn get(&self, home: &Path) -> Result<Settings> {
        let mut known = self.0.lock().map_err(|_| broken())?;
        if let Some(settings) = &*known {
            return Ok(settings.clone());
        }
        let settings: Settings = read(&home.join(FILE))?.unwrap_or_default();
        *known = Some(settings.clone());
        Ok(settings)
    }

    /// Keeps new settings.
    ///
    /// # Errors
    /// When a value is out of range, or the file cannot be written; the old settings then still count.
    pub(crate) fn set(&self, home: &Path, settings: Settings) -> Result<Settings> {
        let bad = |what: &str| Err(ApiError::new(ErrorKind::Usage, format!("{what}; nothing was changed")));
        if !ZOOM.contains(&settings.zoom) {
            return bad("the size must be between 80 and 200 percent");
        }
        if settings.cache_limit < CACHE_LEAST {
            return bad("the caches need 64 MiB at least");
        }
        let mut known = self.0.lock().map_err(|_| broken())?;
        write(home, FILE, &settings)?;
        *known = Some(settings.clone());
        Ok(settings)
    }
}

fn broken() -> ApiError {
    ApiError::new(ErrorKind::Internal, "the settings are broken; start Backstay again")
}

/// Reads a small JSON file of the state directory; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is not what it should be.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, &error)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        ApiError::new(
            ErrorKind::Damaged,
            format!("{} cannot be understood: {error}", path.display()),
        )
        .hint("Move the file away to start with the defaults; backups and vaults are not affected.")
    })
}

/// Writes a small JSON file whole or not at all, readable for its owner alone.
///
/// # Errors
/// When it cannot be written; what was there is then untouched.
pub(crate) fn write<T: Serialize>(dir: &Path, name: &str, value: &T) -> Result<()> {
    let path = dir.join(name);
    let io = |error: std::io::Error| failed(&path, &error);
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
    let text = serde_json::to_vec_pretty(value).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    file.write_all(&text).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(&path).map_err(|error| io(error.error))?;
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> ApiError {
    backstay_source::SourceError::io(path.display().to_string(), std::io::Error::from(error.kind())).into()
}
