//! Where a restored file goes.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use crate::{
    config::Config,
    error::{Error, Fact, Result},
    read::unescaped,
};

/// The path of the file called `rel` in a source or target with these settings.
///
/// # Errors
/// When the name leads outside.
pub fn of(config: &Config, rel: &str) -> Result<PathBuf> {
    let inside = unescaped(rel);
    // Before and after unescaping: an empty part would vanish in the path, an escaped one appear only there.
    let named = rel.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if !named || !inside.components().all(|c| matches!(c, Component::Normal(_))) {
        let why = "leads out of the source".to_owned();
        return Err(Fact::Refused { why }.on(rel));
    }
    if config.single() {
        let one = config.single_name();
        if rel == one {
            return Ok(config.path.clone());
        }
        let why = format!("does not belong here: the target is the one file {one}");
        return Err(Fact::Unsupported { why }.on(rel));
    }
    Ok(config.path.join(inside))
}

/// The folder a file lies in.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes what happened to the names in `folder` last.
///
/// # Errors
/// When the folder cannot be synced.
pub fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| Error::io(folder.display().to_string(), e))?;
    Ok(())
}

/// Removes a file that need not be there.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::io(path.display().to_string(), e)),
    }
}
