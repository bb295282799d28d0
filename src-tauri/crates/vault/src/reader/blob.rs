//! Fetches single blobs: from the cache, from any intact copy, and at last from packs no index lists.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use super::Reader;
use crate::index::{Index, Located};
use crate::pack::{BlobKind, PackBlob};
use crate::place::{FileKind, PlaceError};
use crate::{Damage, Id, MasterKey, Result, VaultError, file};

thread_local! {
    /// Setting up a decompressor costs as much as decompressing some kilobytes.
    static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Decrypts, decompresses and verifies a sealed blob. Its bytes are overwritten.
pub(crate) fn decode_blob(key: &MasterKey, blob: &PackBlob, sealed: &mut [u8]) -> std::result::Result<Vec<u8>, Damage> {
    let data = key.open(sealed)?;
    let plain = if blob.raw_length == 0 {
        data.to_vec()
    } else {
        decompress(data, blob.raw_length as usize).ok_or(Damage::Compression)?
    };
    if file::hash(&plain) == blob.id {
        Ok(plain)
    } else {
        Err(Damage::Hash)
    }
}

/// Decompresses what must have exactly `length` bytes.
fn decompress(data: &[u8], length: usize) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = zstd::bulk::Decompressor::new().ok();
        }
        let mut plain = Vec::with_capacity(length);
        let written = slot.as_mut()?.decompress_to_buffer(data, &mut plain).ok()?;
        (written == length).then_some(plain)
    })
}

impl Reader {
    /// Content of a blob.
    ///
    /// # Errors
    /// When no intact copy can be found.
    pub fn blob(&self, kind: BlobKind, id: &Id) -> Result<Bytes> {
        if let Some(blob) = self.0.cache.get(&(kind, *id)) {
            return Ok(blob);
        }
        let blob = Bytes::from(self.fetch(kind, id)?);
        self.0.cache.insert((kind, *id), blob.clone());
        Ok(blob)
    }

    /// Content of a blob, not through the cache.
    pub(super) fn fetch(&self, kind: BlobKind, id: &Id) -> Result<Vec<u8>> {
        let index = self.index();
        match self.fetch_by(&index, kind, id) {
            Err(e @ (VaultError::BlobMissing { .. } | VaultError::BlobDamaged { .. } | VaultError::Place(_))) => {
                // Another program may have moved it to another pack since, or lost an index file.
                let Some(fresh) = self.refresh(&index)? else { return Err(e) };
                self.fetch_by(&fresh, kind, id)
            }
            other => other,
        }
    }

    fn fetch_by(&self, index: &Index, kind: BlobKind, id: &Id) -> Result<Vec<u8>> {
        let mut failed = VaultError::BlobMissing { id: *id };
        for located in index.find(kind, id) {
            match self.fetch_copy(index, &located) {
                Ok(plain) => return Ok(plain),
                Err(e) => failed = e,
            }
        }
        Err(failed)
    }

    fn fetch_copy(&self, index: &Index, located: &Located) -> Result<Vec<u8>> {
        let pack = index.packs()[located.pack as usize].id;
        let blob = &located.blob;
        let mut sealed = Vec::new();
        let (offset, length) = (u64::from(blob.offset), blob.length as usize);
        match self
            .vault()
            .place()
            .read_range(FileKind::Pack, &pack, offset, length, &mut sealed)
        {
            Ok(()) => {}
            Err(PlaceError::TooShort { .. }) => return Err(damaged(blob, pack, Damage::Truncated)),
            Err(PlaceError::NotFound { .. }) => return Err(VaultError::BlobMissing { id: blob.id }),
            Err(e) => return Err(e.into()),
        }
        decode_blob(self.vault().master_key(), blob, &mut sealed).map_err(|damage| damaged(blob, pack, damage))
    }

    /// Where a blob lies; looks further if the index does not know.
    pub(super) fn locate(&self, kind: BlobKind, id: &Id) -> Result<(Arc<Index>, Located)> {
        let index = self.index();
        if let Some(located) = index.first(kind, id) {
            return Ok((index, located));
        }
        let missing = || VaultError::BlobMissing { id: *id };
        let fresh = self.refresh(&index)?.ok_or_else(missing)?;
        let located = fresh.first(kind, id).ok_or_else(missing)?;
        Ok((fresh, located))
    }

    /// Reads the index again, with the headers of packs no index lists: once, unless index files changed since.
    /// `None` when there is nothing newer than `used`.
    fn refresh(&self, used: &Arc<Index>) -> Result<Option<Arc<Index>>> {
        let mut refreshed = self.0.refreshed.lock();
        let current = self.index();
        if !Arc::ptr_eq(&current, used) {
            return Ok(Some(current));
        }
        let place = &**self.vault().place();
        if *refreshed && current.is_current(place)? {
            return Ok(None);
        }
        *refreshed = true;
        let fresh = Arc::new(Index::load_with_headers(place, self.vault().master_key())?);
        *self.0.index.write() = fresh.clone();
        Ok(Some(fresh))
    }
}

fn damaged(blob: &PackBlob, pack: Id, damage: Damage) -> VaultError {
    VaultError::BlobDamaged {
        id: blob.id,
        pack,
        damage,
    }
}
