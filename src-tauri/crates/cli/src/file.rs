//! Files the command line itself writes: never over something that exists, never half.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use crate::errors::{CliError, Result};

/// Refuses a path where something lies already, before work is done for nothing.
///
/// # Errors
/// [`CliError::Exists`].
pub fn must_not_exist(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(CliError::Exists { path: path.to_owned() }),
        Err(_) => Ok(()),
    }
}

/// A file that appears at `path` only when it is whole and [`NewFile::finish`] was called. Readable by its owner only.
#[derive(Debug)]
pub struct NewFile<'a> {
    path: &'a Path,
    content: NamedTempFile,
}

impl<'a> NewFile<'a> {
    /// Begins a file beside its final place.
    ///
    /// # Errors
    /// When something lies there already, or the directory cannot be written.
    pub fn create(path: &'a Path) -> Result<Self> {
        must_not_exist(path)?;
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let content = NamedTempFile::new_in(parent).map_err(|error| failed(path, error))?;
        Ok(Self { path, content })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// When it cannot be made durable, or something lies there by now.
    pub fn finish(self) -> Result<()> {
        self.content.as_file().sync_all().map_err(|error| failed(self.path, error))?;
        match self.content.persist_noclobber(self.path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(CliError::Exists {
                path: self.path.to_owned(),
            }),
            Err(error) => Err(failed(self.path, error.error)),
        }
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.content.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.content.flush()
    }
}

/// Writes a whole new file.
///
/// # Errors
/// See [`NewFile`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).map_err(|error| failed(path, error))?;
    file.finish()
}

/// The full form of a path somebody typed; a URL stays as it is.
#[must_use]
pub fn absolute(path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    std::path::absolute(Path::new(path)).map_or_else(|_| path.to_owned(), |full| full.to_string_lossy().into_owned())
}

fn failed(path: &Path, error: io::Error) -> CliError {
    CliError::File {
        path: path.to_owned(),
        verb: "written",
        error,
    }
}

/// Copies a file to a place where nothing lies yet.
///
/// # Errors
/// When `from` cannot be read; see [`NewFile`].
pub fn copy_new(from: &Path, to: &Path) -> Result<()> {
    let unreadable = |error| CliError::File {
        path: from.to_owned(),
        verb: "read",
        error,
    };
    let mut source = fs::File::open(from).map_err(unreadable)?;
    let mut file = NewFile::create(to)?;
    io::copy(&mut source, &mut file).map_err(|error| failed(to, error))?;
    file.finish()
}
