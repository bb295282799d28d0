//! The settings of a folder source.

use std::path::{Path, PathBuf};

use backstay_source::{OptionSpec, SourceConfig};

use crate::error::FolderError;

const TEXT: OptionSpec = OptionSpec::TEXT;

/// The options of the connector; the command line and the window are built from them.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "path",
        value: "DIR",
        help: "The folder to protect, as a full path.",
        required: true,
        path: true,
        ..TEXT
    },
    OptionSpec {
        name: "exclude",
        value: "PATTERN",
        help: "Leave out what matches, as in a .gitignore file (*.tmp, /build/, !keep.tmp).",
        multiple: true,
        ..TEXT
    },
    OptionSpec {
        name: "include",
        value: "PATTERN",
        help: "Take only what matches (same syntax); with several, what matches any of them.",
        multiple: true,
        ..TEXT
    },
    OptionSpec {
        name: "exclude-file",
        value: "FILE",
        help: "A file with exclude patterns, one a line, as a full path.",
        path: true,
        ..TEXT
    },
    OptionSpec {
        name: "one-file-system",
        help: "Do not go into other disks mounted below the folder.",
        flag: true,
        ..TEXT
    },
    OptionSpec {
        name: "exclude-caches",
        help: "Leave out the content of directories marked as caches by a CACHEDIR.TAG file.",
        flag: true,
        ..TEXT
    },
    OptionSpec {
        name: "skip-special",
        help: "Leave out sockets, pipes and devices by rule, instead of naming each as missing.",
        flag: true,
        ..TEXT
    },
];

/// The settings, checked for sense.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderConfig {
    /// The folder.
    pub root: PathBuf,
    /// Gitignore patterns of what to leave out.
    pub exclude: Vec<String>,
    /// Gitignore patterns of what to take; empty means everything.
    pub include: Vec<String>,
    /// A file with more exclude patterns.
    pub exclude_file: Option<PathBuf>,
    /// Stay on the disk of the folder.
    pub one_file_system: bool,
    /// Honour CACHEDIR.TAG.
    pub exclude_caches: bool,
    /// Leave out sockets, pipes and devices without a gap.
    pub skip_special: bool,
}

impl FolderConfig {
    /// Reads the settings of a source.
    ///
    /// # Errors
    /// When the path is missing or relative.
    pub fn from_source(config: &SourceConfig) -> Result<Self, FolderError> {
        let root = config.text("path").filter(|p| !p.is_empty()).ok_or(FolderError::NoPath)?;
        let owned = |name| config.texts(name).into_iter().map(str::to_owned).collect();
        Ok(Self {
            root: full(root)?,
            exclude: owned("exclude"),
            include: owned("include"),
            exclude_file: config.text("exclude-file").map(full).transpose()?,
            one_file_system: config.flag("one-file-system"),
            exclude_caches: config.flag("exclude-caches"),
            skip_special: config.flag("skip-special"),
        })
    }

    /// Another folder, without any rules.
    #[must_use]
    pub fn elsewhere(root: PathBuf) -> Self {
        Self { root, ..Self::default() }
    }
}

/// A relative path would mean another folder in each place the program is started from.
fn full(path: &str) -> Result<PathBuf, FolderError> {
    if Path::new(path).is_absolute() {
        return Ok(PathBuf::from(path));
    }
    Err(FolderError::RelativePath { path: path.to_owned() })
}
