//! The files of a bundle as a [`FileView`].

use std::{io, sync::Arc};

use backstay_bundle::{Bundle, BundleError, Manifest};
use backstay_model::{ContentHash, ContentHasher, ErrorKind, FileEntry};
use backstay_source::{Connector, FileView, ReadSeek, Result, SourceError};

/// Files of an opened bundle. Content is verified whole before a byte of it is given out.
pub(super) struct BundleFiles {
    bundle: Arc<Bundle>,
    list: Arc<Manifest>,
    connector: Option<Arc<dyn Connector>>,
}

impl BundleFiles {
    pub(super) fn new(bundle: Arc<Bundle>, list: Arc<Manifest>, connector: Option<Arc<dyn Connector>>) -> Self {
        Self { bundle, list, connector }
    }
}

/// An error of a bundle as one of a view.
pub(super) fn of_bundle(subject: &str, error: BundleError) -> SourceError {
    let made = SourceError::new(error.kind(), subject, format!("cannot be read from the bundle: {error}"));
    match error.hint() {
        Some(hint) => made.hint(hint).caused_by(error),
        None => made.caused_by(error),
    }
}

fn covers(directory: &str, path: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| directory.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

impl FileView for BundleFiles {
    fn walk<'a>(&'a self, below: Option<&str>) -> Result<Box<dyn Iterator<Item = Result<FileEntry>> + 'a>> {
        let base = below.unwrap_or_default().to_owned();
        let entries = self.list.from(&base).map(|found| match found {
            Ok(found) => Ok(found.entry),
            Err(error) => Err(of_bundle("the list of files", error)),
        });
        Ok(Box::new(entries.take_while(move |entry| match entry {
            Ok(entry) => covers(&base, &entry.path),
            Err(_) => true,
        })))
    }

    fn stat(&self, path: &str) -> Result<Option<FileEntry>> {
        let found = self.list.find(path).map_err(|error| of_bundle(path, error))?;
        Ok(found.map(|found| found.entry))
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadSeek>> {
        let found = self.list.find(path).map_err(|error| of_bundle(path, error))?;
        let place = found.and_then(|found| found.place);
        let place = place.ok_or_else(|| SourceError::new(ErrorKind::NotFound, path, "is not a file in this bundle"))?;
        let content = self.bundle.content(&place, None).map_err(|error| of_bundle(path, error))?;
        Ok(Box::new(content))
    }

    fn hash(&self, path: &str) -> Result<ContentHash> {
        let mut content = self.open(path)?;
        match &self.connector {
            Some(connector) => connector.file_hash(&mut content),
            None => {
                let mut hasher = ContentHasher::default();
                io::copy(&mut content, &mut hasher).map_err(|error| SourceError::io(path, error))?;
                Ok(hasher.finish())
            }
        }
    }
}
