//! The sample workspace: what was made for it, so that all of it can be found, changed and removed again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::App;

/// Name of the note in the state directory.
const NOTE: &str = "sample.json";

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
}

/// The note, if there is a sample.
pub(crate) fn note(app: &App) -> Option<Note> {
    let text = std::fs::read(app.home().join(NOTE)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Ids of the sample's sources.
pub(crate) fn sources(app: &App) -> Vec<String> {
    note(app).map(|note| note.sources).unwrap_or_default()
}
