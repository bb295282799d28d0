//! Saving a file of a state on this computer: beside its place first, then renamed, so that a half one is never seen.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
};

use backstay_source::Cancel;
use tempfile::NamedTempFile;

use super::{
    BrowseError,
    content::{Content, read_error},
};
use crate::Result;

/// Writes the file to `to`, keeping its time of change; gives the number of bytes. What lies there stays unless `overwrite`
/// is set; a folder stays always.
///
/// # Errors
/// When something is in the way, the content cannot be read to its end, or the place cannot be written.
pub fn save(content: Content, path: &str, to: &Path, overwrite: bool, cancel: &Cancel) -> Result<u64> {
    let failed = |error| BrowseError::Save {
        path: to.to_owned(),
        error,
    };
    match fs::symlink_metadata(to) {
        Ok(found) if found.is_dir() => return Err(BrowseError::FolderInTheWay { path: to.to_owned() }.into()),
        Ok(_) if !overwrite => return Err(BrowseError::Occupied { path: to.to_owned() }.into()),
        _ => {}
    }
    let folder = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = beside(folder).map_err(failed)?;
    let Content {
        mut bytes,
        size,
        modified,
    } = content;
    let mut buffer = vec![0; 256 << 10];
    let mut written = 0;
    loop {
        cancel.check()?;
        let read = bytes.read(&mut buffer).map_err(|error| read_error(path, error))?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read]).map_err(failed)?;
        written += read as u64;
    }
    if written != size {
        let short = std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "it ends too early");
        return Err(read_error(path, short));
    }
    if let Some(modified) = modified {
        // A place that cannot keep times still gets the file.
        let _ = file.as_file().set_modified(modified.into());
    }
    file.as_file().sync_all().map_err(failed)?;
    put_in_place(file, to, overwrite)?;
    #[cfg(unix)]
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(written)
}

/// A temporary file in `folder`.
fn beside(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".backstay-save-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any file a person saves: the system takes away what its settings say.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn put_in_place(file: NamedTempFile, to: &Path, overwrite: bool) -> Result<(), BrowseError> {
    let failed = |error| BrowseError::Save {
        path: to.to_owned(),
        error,
    };
    if overwrite {
        file.persist(to).map_err(|error| failed(error.error))?;
        return Ok(());
    }
    let Err(refused) = file.persist_noclobber(to) else {
        return Ok(());
    };
    // Some file systems cannot rename without replacing.
    let unable = refused.error.kind() != std::io::ErrorKind::AlreadyExists;
    if unable && fs::symlink_metadata(to).is_err() {
        refused.file.persist(to).map_err(|error| failed(error.error))?;
        return Ok(());
    }
    Err(BrowseError::Occupied { path: to.to_owned() })
}

#[cfg(test)]
mod tests {
    use backstay_model::ErrorKind;

    use super::*;

    fn content(bytes: &'static [u8], size: u64) -> Content {
        Content {
            bytes: Box::new(bytes),
            size,
            modified: chrono::DateTime::from_timestamp(1_700_000_000, 0),
        }
    }

    #[test]
    fn a_file_is_saved_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("saved.txt");
        let cancel = Cancel::default();
        assert_eq!(save(content(b"hello", 5), "x", &to, false, &cancel).unwrap(), 5);
        assert_eq!(fs::read(&to).unwrap(), b"hello");
        let age = fs::metadata(&to).unwrap().modified().unwrap();
        assert_eq!(age.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 1_700_000_000);
        let refused = save(content(b"other", 5), "x", &to, false, &cancel).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Refused);
        let short = save(content(b"oth", 5), "x", &to, true, &cancel).unwrap_err();
        assert_ne!(short.kind(), ErrorKind::Refused);
        cancel.cancel();
        let stopped = save(content(b"other", 5), "x", &to, true, &cancel).unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Cancelled);
        assert_eq!(fs::read(&to).unwrap(), b"hello", "what was there stays");
        let folder = save(content(b"other", 5), "x", dir.path(), true, &Cancel::default()).unwrap_err();
        assert_eq!(folder.kind(), ErrorKind::Refused);
        assert_eq!(save(content(b"other", 5), "x", &to, true, &Cancel::default()).unwrap(), 5);
        assert_eq!(fs::read(&to).unwrap(), b"other");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        let nowhere = save(content(b"x", 1), "x", &dir.path().join("no/where"), false, &Cancel::default()).unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::NotFound, "{nowhere:?}");
    }
}
