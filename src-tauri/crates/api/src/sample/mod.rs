//! The sample workspace: what was made for it is noted, so that all of it can be found, changed and removed again.

mod making;

use std::path::{Path, PathBuf};

use backstay_model::ErrorKind;
use backstay_secrets::Secret;
use serde::{Deserialize, Serialize};

pub(crate) use making::{change, create, remove, state};

use crate::{ApiError, App, Result};

/// Name of the note in the state directory.
const NOTE: &str = "sample.json";
/// Name of the file with the vault's password, where there is no keychain.
const PASSWORD: &str = "vault-password.txt";

/// What was made for the sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Note {
    /// Folder of its files.
    pub path: PathBuf,
    /// Ids of its sources.
    pub sources: Vec<String>,
    /// Id of its vault.
    pub vault: Option<String>,
    /// Language of its content.
    pub language: String,
    /// What was changed by `sample.change`, in words.
    pub changes: Vec<String>,
    /// The vault's password lies in a file: no keychain could take it.
    pub password: Option<bool>,
}

fn place(app: &App) -> PathBuf {
    app.home().join(NOTE)
}

/// The note, if there is a sample.
pub(crate) fn note(app: &App) -> Option<Note> {
    let text = std::fs::read(place(app)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Keeps the note.
fn put(app: &App, note: &Note) -> Result<()> {
    let failed = |error| ApiError::from(backstay_source::SourceError::io(NOTE, error));
    let text = serde_json::to_vec_pretty(note).map_err(|error| ApiError::new(ErrorKind::Internal, error.to_string()))?;
    let mut file = tempfile::NamedTempFile::new_in(app.home()).map_err(failed)?;
    std::io::Write::write_all(&mut file, &text).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(place(app)).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Ids of the sample's sources.
pub(crate) fn sources(app: &App) -> Vec<String> {
    note(app).map(|note| note.sources).unwrap_or_default()
}

/// Writes the vault's password beside the sample (0600).
fn keep(path: &Path, password: &Secret) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path)?;
    std::io::Write::write_all(&mut file, password.expose_text().unwrap_or_default().as_bytes())?;
    file.persist(path.join(PASSWORD)).map_err(|error| error.error)?;
    Ok(())
}

/// The password of the sample's vault, where it lies in a file.
pub(crate) fn password(app: &App, vault: &str) -> Option<Secret> {
    let note = note(app).filter(|note| note.vault.as_deref() == Some(vault) && note.password == Some(true))?;
    let text = std::fs::read_to_string(note.path.join(PASSWORD)).ok()?;
    Some(Secret::from_text(text.trim().to_owned()))
}
