//! Writing and removing the files so that nothing stays half done.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Edited, Init, Places, ServiceError, UnitFile, stamp, tasks};

/// A file of ours as it lies there, and as it should lie there.
pub(super) struct Step {
    path: PathBuf,
    before: Option<Vec<u8>>,
    wanted: Vec<u8>,
    mode: u32,
}

/// What was changed, so that it can be changed back.
#[derive(Default)]
pub(super) struct Written {
    files: Vec<(PathBuf, Option<Vec<u8>>, u32)>,
    /// Outermost first.
    folders: Vec<PathBuf>,
}

impl Written {
    /// Whether anything was.
    pub(super) fn changed(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether none of the files was there before.
    pub(super) fn is_new(&self) -> bool {
        self.files.iter().all(|(_, before, _)| before.is_none())
    }

    /// Puts everything back; the error then says so.
    pub(super) fn taken_back(self, cause: ServiceError) -> ServiceError {
        let mut left = None;
        for (path, before, mode) in self.files.into_iter().rev() {
            let back = match before {
                Some(bytes) => write(&path, &bytes, mode),
                None => fs::remove_file(&path),
            };
            if back.is_err() {
                left = Some(path);
            }
        }
        for folder in self.folders.iter().rev() {
            // Somebody may have put something of theirs into it meanwhile.
            let _ = fs::remove_dir(folder);
        }
        match left {
            Some(left) => ServiceError::HalfInstalled {
                cause: Box::new(cause),
                left,
            },
            None => cause,
        }
    }
}

/// Looks at what is there.
pub(super) fn plan(init: Init, files: &[UnitFile], places: &Places, edited: Edited) -> Result<Vec<Step>, ServiceError> {
    let mut steps = Vec::new();
    for file in files {
        let path = places.units.join(&file.path);
        let wanted = bytes(init, &file.content);
        let before = read(&path)?;
        let theirs = before
            .as_ref()
            .is_some_and(|before| *before != wanted && !is_ours(init, before));
        if theirs && edited == Edited::Keep {
            return Err(ServiceError::Edited { path });
        }
        steps.push(Step {
            path,
            before,
            wanted,
            mode: file.mode,
        });
    }
    Ok(steps)
}

/// Writes what differs. On an error everything is as it was.
pub(super) fn perform(steps: &[Step], places: &Places) -> Result<Written, ServiceError> {
    let mut written = Written::default();
    if let Err((path, source)) = folders(&places.units, &mut written.folders) {
        return Err(written.taken_back(ServiceError::Write { path, source }));
    }
    for step in steps {
        if step.before.as_ref() == Some(&step.wanted) {
            continue;
        }
        if let Err(source) = write(&step.path, &step.wanted, step.mode) {
            let path = step.path.clone();
            return Err(written.taken_back(ServiceError::Write { path, source }));
        }
        written.files.push((step.path.clone(), step.before.clone(), step.mode));
    }
    Ok(written)
}

/// The files of these names that are there, with whether they are as we wrote them.
pub(super) fn found(init: Init, names: &[PathBuf], places: &Places) -> Result<Vec<(PathBuf, bool)>, ServiceError> {
    let mut found = Vec::new();
    for name in names {
        let path = places.units.join(name);
        if let Some(bytes) = read(&path)? {
            let ours = is_ours(init, &bytes);
            found.push((path, ours));
        }
    }
    Ok(found)
}

/// Removes files; one that is gone already is fine.
pub(super) fn remove(paths: &[PathBuf]) -> Result<(), ServiceError> {
    for path in paths {
        match fs::remove_file(path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                let path = path.clone();
                return Err(ServiceError::Remove { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_ours(init: Init, bytes: &[u8]) -> bool {
    let text = match init {
        Init::TaskScheduler => tasks::decoded(bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    };
    text.is_some_and(|text| stamp::is_untouched(&text))
}

fn bytes(init: Init, content: &str) -> Vec<u8> {
    match init {
        Init::TaskScheduler => tasks::encoded(content),
        _ => content.as_bytes().to_vec(),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, ServiceError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ServiceError::Read {
            path: path.to_path_buf(),
            source,
        }),
    }
}

/// Makes a folder and those above it, and notes which were made.
fn folders(folder: &Path, made: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        folders(above, made)?;
    }
    fs::create_dir(folder).map_err(|source| (folder.to_path_buf(), source))?;
    made.push(folder.to_path_buf());
    Ok(())
}

/// Whole or not at all: systemd may read the folder at any moment.
fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".backstay-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    allow(file.as_file(), mode)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(unix)]
fn allow(file: &fs::File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn allow(_file: &fs::File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(folder: &Path) -> Places {
        Places {
            units: folder.join("made/units"),
            search: None,
            tell_system: false,
        }
    }

    #[test]
    fn a_write_that_fails_takes_the_earlier_ones_back() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let step = |path: &str| Step {
            path: places.units.join(path),
            before: None,
            wanted: b"new".to_vec(),
            mode: 0o644,
        };
        let error = perform(&[step("first"), step("no/such/folder")], &places).err().unwrap();
        assert!(
            matches!(&error, ServiceError::Write { path, .. } if path.ends_with("no/such/folder")),
            "{error}"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "the folders made are gone too"
        );
    }

    #[test]
    fn what_cannot_be_put_back_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let written = Written {
            files: vec![(places.units.join("gone/a"), Some(b"old".to_vec()), 0o644)],
            folders: Vec::new(),
        };
        let error = written.taken_back(ServiceError::UserMissing);
        assert!(matches!(error, ServiceError::HalfInstalled { .. }), "{error}");
    }
}
