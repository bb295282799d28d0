//! Collections of a backup: sorted runs written into the vault, older runs taken over from the previous snapshot.

use backstay_model::{ChangeCounts, Collection, CollectionSummary, ErrorKind};
use backstay_records::{CollectionWriter, Mode, Options, RecordsError, RunSink, StoreError};
use backstay_source::{Result, SourceError};
use backstay_vault::{FileAttrs, VaultError, Writer};
use bytes::Bytes;

use super::previous::Previous;

/// The place in a vault that runs are written to.
pub(crate) struct RunsInto<'a> {
    pub writer: &'a Writer,
    pub previous: Option<&'a Previous>,
    pub attrs: &'a FileAttrs,
}

/// What went wrong with a collection, as the connector sees it.
pub(crate) fn records_error(collection: &str, error: RecordsError) -> SourceError {
    SourceError::new(error.kind(), collection, format!("cannot be stored: {error}")).caused_by(error)
}

impl RunsInto<'_> {
    /// Begins the next state of a collection.
    pub(crate) fn begin<'a>(&'a self, collection: &Collection, mode: Mode) -> Result<CollectionWriter<'a>> {
        let before = self.previous.and_then(|previous| previous.runs.reader(&collection.name));
        CollectionWriter::new(collection.clone(), before, mode, self, Options::default())
            .map_err(|error| records_error(&collection.name, error))
    }

    /// Writes the rest of a collection.
    pub(crate) fn finish(&self, name: &str, writer: CollectionWriter<'_>) -> Result<CollectionSummary> {
        Ok(writer.finish().map_err(|error| records_error(name, error))?.summary)
    }

    /// Takes a whole collection over from the previous snapshot. `None` when it had none of that name.
    pub(crate) fn keep_collection(&self, name: &str) -> Result<Option<CollectionSummary>> {
        let Some(previous) = self.previous else { return Ok(None) };
        let Some(summary) = previous.meta.collections.iter().find(|c| c.name == name) else {
            return Ok(None);
        };
        let base = format!("databases/{}", summary.slug);
        for path in [format!("{base}.json"), base] {
            if previous
                .reader
                .find_below(&previous.root, &path)
                .map_err(|error| stored(name, error))?
                .is_some()
            {
                self.keep(&path, &path).map_err(|error| records_error(name, error.into()))?;
            }
        }
        let changes = ChangeCounts {
            unchanged: summary.records,
            ..ChangeCounts::default()
        };
        Ok(Some(CollectionSummary {
            changes,
            ..summary.clone()
        }))
    }
}

fn stored(name: &str, error: VaultError) -> SourceError {
    SourceError::new(error.kind(), name, format!("cannot be taken over: {error}")).caused_by(error)
}

impl RunSink for RunsInto<'_> {
    fn put(&self, path: &str, content: Bytes) -> Result<(), StoreError> {
        let put = self.writer.put_whole(path, self.attrs, content);
        put.map(|_| ()).map_err(|error| StoreError::new(path, error.kind(), error))
    }

    fn keep(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let failed = |error: VaultError| StoreError::new(from, error.kind(), error);
        let missing = || StoreError::new(from, ErrorKind::NotFound, "the previous snapshot does not have it");
        let previous = self.previous.ok_or_else(missing)?;
        let node = previous
            .reader
            .find_below(&previous.root, from)
            .map_err(failed)?
            .ok_or_else(missing)?;
        self.writer.reuse(to, &node).map(|_| ()).map_err(failed)
    }
}
