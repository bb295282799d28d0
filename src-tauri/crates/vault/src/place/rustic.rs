//! Lets rustic_core work on any [`Place`].

use std::sync::Arc;

use bytes::Bytes;
use rustic_core::{
    BytesList, ErrorKind as RusticKind, FileType, Id as RusticId, ReadBackend, RepositoryBackends, RusticError, RusticResult,
    WriteBackend,
};

use super::{FileKind, Place, PlaceError};
use crate::Id;

/// A place as rustic_core wants it.
#[derive(Debug)]
pub(crate) struct PlaceBackend {
    place: Arc<dyn Place>,
}

impl PlaceBackend {
    /// The backends of a rustic repository on `place`.
    pub(crate) fn backends(place: Arc<dyn Place>) -> RepositoryBackends {
        RepositoryBackends::new(Arc::new(Self { place }), None)
    }
}

fn kind(kind: FileType) -> FileKind {
    match kind {
        FileType::Config => FileKind::Config,
        FileType::Index => FileKind::Index,
        FileType::Key => FileKind::Key,
        FileType::Snapshot => FileKind::Snapshot,
        FileType::Pack => FileKind::Pack,
    }
}

fn ours(tpe: FileType, id: &RusticId) -> Id {
    // rustic gives the configuration an id of its own, which names nothing.
    if tpe == FileType::Config {
        return Id::CONFIG;
    }
    // rustic's id shows its bytes only as text.
    id.to_hex().as_str().parse().unwrap_or_default()
}

fn fail(error: PlaceError) -> Box<RusticError> {
    RusticError::with_source(RusticKind::Backend, "the place failed", error)
}

impl ReadBackend for PlaceBackend {
    fn location(&self) -> String {
        self.place.location()
    }

    fn list_with_size(&self, tpe: FileType) -> RusticResult<Vec<(RusticId, u32)>> {
        let files = self.place.list(kind(tpe)).map_err(fail)?;
        // A file beyond 4 GiB does not exist in this format.
        Ok(files
            .iter()
            .map(|(id, size)| (RusticId::new(id.0), u32::try_from(*size).unwrap_or(u32::MAX)))
            .collect())
    }

    fn read_full(&self, tpe: FileType, id: &RusticId) -> RusticResult<Bytes> {
        self.place.read(kind(tpe), &ours(tpe, id)).map_err(fail)
    }

    fn read_partial(&self, tpe: FileType, id: &RusticId, _: bool, offset: u32, length: u32) -> RusticResult<Bytes> {
        let mut buffer = Vec::new();
        self.place
            .read_range(kind(tpe), &ours(tpe, id), u64::from(offset), length as usize, &mut buffer)
            .map_err(fail)?;
        Ok(Bytes::from(buffer))
    }

    fn warmup_path(&self, tpe: FileType, id: &RusticId) -> String {
        format!("{}/{}", tpe.dirname(), id.to_hex().as_str())
    }
}

impl WriteBackend for PlaceBackend {
    fn create(&self) -> RusticResult<()> {
        self.place.create().map_err(fail)
    }

    fn write_bytes(&self, tpe: FileType, id: &RusticId, _: bool, content: BytesList) -> RusticResult<()> {
        let (kind, id) = (kind(tpe), ours(tpe, id));
        match content.slice() {
            [one] => self.place.write(kind, &id, one).map_err(fail),
            many => self.place.write(kind, &id, &many.concat()).map_err(fail),
        }
    }

    fn remove(&self, tpe: FileType, id: &RusticId, _: bool) -> RusticResult<()> {
        self.place.remove(kind(tpe), &ours(tpe, id)).map_err(fail)
    }
}
