//! The sample workspace: the data of a small notes app, as LiveStore lays it out, and a folder of documents. Everything in it is
//! made up. It changes as a person would change it, so that there is a history to look at and something to undo.
//!
//! Knows nothing of vaults or sources; time is passed in.

mod app;
mod chance;
mod documents;
mod texts;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

/// What can go wrong while the sample is written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The database could not be written.
    #[error("the sample's database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A file could not be written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
}

/// Results of the sample.
pub type Result<T, E = SampleError> = std::result::Result<T, E>;

/// Language of the content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// By its tag (`de`, `de-AT`); anything but German is English.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("de") {
            Self::German
        } else {
            Self::English
        }
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

/// A sample in a folder.
#[derive(Debug, Clone)]
pub struct Sample {
    root: PathBuf,
    language: Language,
    today: DateTime<Utc>,
}

impl Sample {
    /// The sample below `root`; `today` is the day its dates lie around.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, language: Language, today: DateTime<Utc>) -> Self {
        Self {
            root: root.into(),
            language,
            today,
        }
    }

    /// Folder of the app's data, for a source of kind `sqlite`.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        self.root.join("notes-app")
    }

    /// Folder of documents, for a source of kind `folder`.
    #[must_use]
    pub fn documents(&self) -> PathBuf {
        self.root.join("documents")
    }

    /// The app's database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.workspace().join("workspace-1").join("state-482039@6.db")
    }

    /// Writes everything. The folder must be empty or missing.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn make(&self) -> Result<()> {
        app::make(self)?;
        documents::make(self)
    }

    /// A day's work: tasks are done and added, a note grows, a document is written. `day` counts from 1.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn work(&self, day: u32) -> Result<()> {
        app::work(self, day)?;
        documents::work(self, day)
    }

    /// Mishaps that a person will want to undo, in words.
    ///
    /// # Errors
    /// When something cannot be written.
    pub fn mishap(&self) -> Result<Vec<String>> {
        let mut told = app::mishap(self)?;
        told.extend(documents::mishap(self)?);
        Ok(told)
    }
}

pub(crate) fn folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| SampleError::File {
        path: path.to_owned(),
        error,
    })
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, content).map_err(|error| SampleError::File {
        path: path.to_owned(),
        error,
    })
}
