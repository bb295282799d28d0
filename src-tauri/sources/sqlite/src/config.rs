//! The settings of a SQLite source.

use std::{path::PathBuf, time::Duration};

use backstay_model::FileEntry;
use backstay_source::{OptionSpec, SourceConfig};
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::error::{Fact, Result};

/// The settings as command line and window show them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        required: true,
        path: true,
        ..option(
            "path",
            "PATH",
            "A database file, or a folder in which databases are looked for",
        )
    },
    OptionSpec {
        multiple: true,
        ..option(
            "exclude",
            "GLOB",
            "Leave out databases whose path below the folder matches (**/cache/*.db)",
        )
    },
    option(
        "integrity",
        "quick|full",
        "How thoroughly each changed database is checked: quick (every page and row; default) or full (indexes too)",
    ),
    option(
        "user-id",
        "ID",
        "Whose workspaces these are; kept in the metadata of each backup",
    ),
    OptionSpec {
        path: true,
        ..option(
            "temp-dir",
            "FOLDER",
            "Where copies of busy databases are made (default: the system's)",
        )
    },
    option("wait", "SECONDS", "How long to wait for a locked database (default: 30)"),
];

const fn option(name: &'static str, value: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        value,
        help,
        ..OptionSpec::TEXT
    }
}

/// How thoroughly a copy is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// `PRAGMA quick_check`: every page and row, not whether indexes agree with their tables.
    Quick,
    /// `PRAGMA integrity_check`: everything but foreign keys.
    Full,
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// File or folder.
    pub path: PathBuf,
    /// Name the one file has in snapshots, when it was restored under another.
    pub known_as: Option<String>,
    /// The source is known to be a folder, whatever lies at the path.
    pub folder: bool,
    /// What to leave out.
    pub exclude: GlobSet,
    /// How thoroughly to check.
    pub integrity: Integrity,
    /// Whose workspaces.
    pub user_id: Option<String>,
    /// Where copies of busy databases go.
    pub temp: PathBuf,
    /// How long to wait for a lock.
    pub wait: Duration,
}

impl Config {
    /// Reads the settings, without looking at what they point to.
    ///
    /// # Errors
    /// [`Fact::Setting`].
    pub fn read(config: &SourceConfig) -> Result<Self> {
        let wrong = |why: String| Fact::Setting { why }.on(config.name.clone());
        let path = config.text("path").filter(|p| !p.is_empty());
        let path = PathBuf::from(path.ok_or_else(|| wrong("needs the setting `path`".into()))?);
        let mut globs = GlobSetBuilder::new();
        for glob in config.texts("exclude") {
            let parsed = Glob::new(glob).map_err(|e| wrong(format!("has an `exclude` that is no pattern: {e}")))?;
            globs.add(parsed);
        }
        let exclude = globs.build().map_err(|e| wrong(format!("has too large an `exclude`: {e}")))?;
        let integrity = match config.text("integrity") {
            None | Some("quick") => Integrity::Quick,
            Some("full") => Integrity::Full,
            Some(other) => return Err(wrong(format!("has `integrity` {other:?}: it must be quick or full"))),
        };
        let seconds = match config.options.get("wait") {
            None | Some(serde_json::Value::Null) => 30,
            Some(value) => value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
                .parse::<u64>()
                .map_err(|_| wrong(format!("has `wait` {value}: it must be a number of seconds")))?,
        };
        Ok(Self {
            path,
            known_as: None,
            folder: false,
            exclude,
            integrity,
            user_id: config.text("user-id").map(str::to_owned),
            temp: config.text("temp-dir").map_or_else(std::env::temp_dir, PathBuf::from),
            wait: Duration::from_secs(seconds),
        })
    }

    /// Whether the source is one file: it is there as one, or nothing is there and the path ends like a file's.
    pub fn single(&self) -> bool {
        if self.folder {
            return false;
        }
        match std::fs::metadata(&self.path) {
            Ok(meta) => !meta.is_dir(),
            Err(_) => self.known_as.is_some() || self.path.extension().is_some(),
        }
    }

    /// What the one file is called in snapshots.
    pub fn single_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        self.known_as
            .clone()
            .unwrap_or_else(|| FileEntry::escape(name.as_encoded_bytes()))
    }

    /// The settings of another place that takes what this source has. For one file, the place is that file when it ends like a
    /// file or is one, else the folder it goes into; for a folder it is a folder.
    pub fn elsewhere(&self, path: PathBuf) -> Self {
        if !self.single() {
            return Self {
                path,
                folder: true,
                ..self.clone()
            };
        }
        let name = self.single_name();
        let is_file = !path.is_dir() && (path.is_file() || path.extension().is_some());
        let file = self.path.file_name().unwrap_or_default();
        Self {
            path: if is_file { path } else { path.join(file) },
            known_as: Some(name),
            ..self.clone()
        }
    }
}
