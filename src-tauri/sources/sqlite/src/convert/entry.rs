//! Files and folders as [`FileEntry`].

use std::{fs::Metadata, path::Path};

use backstay_model::{FileEntry, FileKind, FileMeta};
use chrono::{DateTime, Utc};

use crate::{
    client::Print,
    error::{Error, Result},
};

/// The entry of a database file: its size is the image's, its time the source's.
///
/// # Errors
/// When the file is gone.
pub fn file_entry(rel: &str, path: &Path, size: u64, print: &Print) -> Result<FileEntry> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path.display().to_string(), e))?;
    let modified = DateTime::<Utc>::from_timestamp_nanos(print.modified());
    Ok(FileEntry {
        path: rel.to_owned(),
        kind: FileKind::File,
        size,
        meta: FileMeta {
            modified: Some(modified),
            attributes_changed: Some(DateTime::from_timestamp_nanos(print.main.changed)),
            inode: print.main.inode,
            device: print.main.device,
            links: 1,
            ..rights(&meta)
        },
    })
}

/// The entry of a file that is no database, as it lies there.
///
/// # Errors
/// When the file is gone.
pub fn raw_entry(rel: &str, path: &Path) -> Result<FileEntry> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path.display().to_string(), e))?;
    Ok(FileEntry {
        path: rel.to_owned(),
        kind: FileKind::File,
        size: meta.len(),
        meta: FileMeta {
            modified: meta.modified().ok().map(DateTime::from),
            links: 1,
            ..rights(&meta)
        },
    })
}

/// The entry of a folder. It has no times: those of a database's folder move with every journal.
///
/// # Errors
/// When the folder is gone.
pub fn directory_entry(rel: &str, path: &Path) -> Result<FileEntry> {
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path.display().to_string(), e))?;
    Ok(FileEntry {
        path: rel.to_owned(),
        kind: FileKind::Directory,
        size: 0,
        meta: FileMeta {
            links: 1,
            ..rights(&meta)
        },
    })
}

#[cfg(unix)]
fn rights(meta: &Metadata) -> FileMeta {
    use std::os::unix::fs::MetadataExt;
    FileMeta {
        mode: Some(meta.mode() & 0o7777),
        uid: Some(meta.uid()),
        gid: Some(meta.gid()),
        ..FileMeta::default()
    }
}

#[cfg(not(unix))]
fn rights(_: &Metadata) -> FileMeta {
    FileMeta::default()
}
