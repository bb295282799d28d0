//! What is taken and what is left out: gitignore patterns, in the syntax and with the meaning git gives them.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use crate::{config::FolderConfig, error::FolderError};

/// The compiled patterns of a source.
#[derive(Debug)]
pub(crate) struct Rules {
    exclude: Gitignore,
    include: Gitignore,
}

/// What the rules say about one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Left out, with everything below.
    Leave,
    /// Not wanted itself, but something below may be (a directory, with includes).
    Pass,
    /// Wanted.
    Take,
}

impl Rules {
    /// Compiles the patterns of the settings; the exclude-file is not read.
    ///
    /// # Errors
    /// For a pattern that is none.
    pub(crate) fn of_settings(config: &FolderConfig) -> Result<Self, FolderError> {
        Self::with_lines(config, "")
    }

    /// Compiles the patterns of the settings and of the exclude-file, whose lines come first.
    ///
    /// # Errors
    /// When the exclude-file cannot be read, or for a pattern that is none.
    pub(crate) fn load(config: &FolderConfig) -> Result<Self, FolderError> {
        let Some(file) = &config.exclude_file else {
            return Self::of_settings(config);
        };
        let lines = std::fs::read_to_string(file).map_err(|source| FolderError::ExcludeFile {
            path: file.display().to_string(),
            source,
        })?;
        Self::with_lines(config, &lines)
    }

    fn with_lines(config: &FolderConfig, lines: &str) -> Result<Self, FolderError> {
        let mut exclude = GitignoreBuilder::new("");
        for line in lines.lines() {
            add(&mut exclude, line)?;
        }
        for pattern in &config.exclude {
            add_option(&mut exclude, pattern)?;
        }
        let mut include = GitignoreBuilder::new("");
        for pattern in &config.include {
            add_option(&mut include, pattern)?;
        }
        Ok(Self {
            exclude: build(&exclude)?,
            include: build(&include)?,
        })
    }

    /// Whether there are includes, so that only some things are wanted.
    pub(crate) fn selective(&self) -> bool {
        !self.include.is_empty()
    }

    /// Whether everything is taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.exclude.is_empty() && self.include.is_empty()
    }

    /// Decides about one path (raw bytes, relative to the folder). `parent_taken`: the directory above is wanted as a whole.
    pub(crate) fn decide(&self, path: &[u8], is_dir: bool, parent_taken: bool) -> Ruling {
        let path = Path::new(OsStr::from_bytes(path));
        if self.exclude.matched(path, is_dir).is_ignore() {
            return Ruling::Leave;
        }
        if !self.selective() {
            return Ruling::Take;
        }
        match self.include.matched(path, is_dir) {
            Match::Ignore(_) => Ruling::Take,
            Match::None if parent_taken => Ruling::Take,
            _ if is_dir => Ruling::Pass,
            _ => Ruling::Leave,
        }
    }
}

/// A pattern given as an option must mean something: git would silently skip an empty one or one that looks like a comment.
fn add_option(builder: &mut GitignoreBuilder, pattern: &str) -> Result<(), FolderError> {
    if pattern.trim().is_empty() || pattern.starts_with('#') {
        return Err(FolderError::BadPattern {
            pattern: pattern.to_owned(),
            reason: "it is empty or a comment; a name that begins with # is written \\#".to_owned(),
        });
    }
    add(builder, pattern)
}

fn add(builder: &mut GitignoreBuilder, pattern: &str) -> Result<(), FolderError> {
    let bad = |error: ignore::Error| FolderError::BadPattern {
        pattern: pattern.to_owned(),
        reason: error.to_string(),
    };
    builder.add_line(None, pattern).map(|_| ()).map_err(bad)
}

fn build(builder: &GitignoreBuilder) -> Result<Gitignore, FolderError> {
    builder.build().map_err(|error| FolderError::BadPattern {
        pattern: "the set of patterns".to_owned(),
        reason: error.to_string(),
    })
}
