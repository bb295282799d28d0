//! What lies directly in a folder, as people expect to see it.

use backstay_model::{FileEntry, FileKind};
use backstay_source::FileView;

use super::order::natural_key;
use crate::{EngineError, Result};

/// The entries of a folder: folders first, then by name, numbers inside names by their value. The empty path is the top.
///
/// # Errors
/// [`EngineError::NoFile`] when there is no such folder; when it cannot be read.
pub fn folder(files: &dyn FileView, path: &str) -> Result<Vec<FileEntry>> {
    if !path.is_empty() {
        let found = files.stat(path)?.filter(|entry| entry.kind == FileKind::Directory);
        if found.is_none() {
            return Err(EngineError::NoFile { path: path.to_owned() });
        }
    }
    let mut entries = files.children(path)?;
    entries.sort_by_cached_key(|entry| (entry.kind != FileKind::Directory, natural_key(&file_name(&entry.path))));
    Ok(entries)
}

/// The last part of a path for people: escapes resolved, odd bytes replaced.
#[must_use]
pub fn file_name(path: &str) -> String {
    let last = path.rsplit_once('/').map_or(path, |(_, name)| name);
    String::from_utf8_lossy(&FileEntry::unescape(last)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_are_for_people() {
        assert_eq!(file_name("a/b/100%25.txt"), "100%.txt");
        assert_eq!(file_name("%FFx"), "\u{fffd}x");
    }
}
