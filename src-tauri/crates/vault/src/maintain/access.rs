//! Reads single blobs for maintenance: straight from a named copy, so that each copy can be judged by itself.

use std::sync::Arc;

use parking_lot::Mutex;

use super::report::Flaw;
use super::table::Table;
use super::walk::Trees;
use crate::lock::LockSpace;
use crate::pack::PackBlob;
use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, Vault, VaultError, file};

/// Place and key, as all maintenance needs them.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) place: Arc<dyn Place>,
    pub(crate) key: MasterKey,
    /// Version of the repository.
    pub(crate) version: u32,
    pub(crate) locks: LockSpace,
}

/// Opens blobs one after another with the same decompressor.
pub(crate) struct Opener {
    key: MasterKey,
    zstd: zstd::bulk::Decompressor<'static>,
}

impl Opener {
    pub(crate) fn new(key: &MasterKey) -> Result<Self> {
        let failed = |e: std::io::Error| VaultError::Engine {
            what: "preparing decompression",
            message: e.to_string(),
        };
        Ok(Self {
            key: key.clone(),
            zstd: zstd::bulk::Decompressor::new().map_err(failed)?,
        })
    }

    /// Decrypts in place, decompresses and hashes a sealed blob; `plain` holds the content of a compressed one.
    pub(crate) fn open<'a>(
        &mut self,
        blob: &PackBlob,
        sealed: &'a mut [u8],
        plain: &'a mut Vec<u8>,
    ) -> std::result::Result<&'a [u8], Damage> {
        let opened: &'a [u8] = self.key.open(sealed)?;
        let content = if blob.raw_length == 0 {
            opened
        } else {
            plain.clear();
            plain.reserve(blob.raw_length as usize);
            let length = self
                .zstd
                .decompress_to_buffer(opened, plain)
                .map_err(|_| Damage::Compression)?;
            if length != blob.raw_length as usize {
                return Err(Damage::Compression);
            }
            plain.as_slice()
        };
        if file::hash(content) == blob.id {
            Ok(content)
        } else {
            Err(Damage::Hash)
        }
    }
}

impl Access {
    pub(crate) fn new(vault: &Vault) -> Self {
        let locks = vault.lock_space();
        Self {
            place: vault.place().clone(),
            key: vault.master_key().clone(),
            version: vault.config().version,
            locks,
        }
    }

    /// Reads and opens one copy of a blob.
    pub(crate) fn blob(&self, pack: &Id, blob: &PackBlob, opener: &mut Opener) -> std::result::Result<Vec<u8>, Flaw> {
        let mut sealed = Vec::new();
        let read = self
            .place
            .read_range(FileKind::Pack, pack, blob.offset.into(), blob.length as usize, &mut sealed);
        read.map_err(|e| Flaw::of(&e.into()))?;
        let mut plain = Vec::new();
        let content = opener.open(blob, &mut sealed, &mut plain).map_err(Flaw::Damaged)?;
        Ok(content.to_vec())
    }
}

/// Reads trees from whichever copy is good, and remembers which copies were not.
pub(crate) struct TreeReader<'a> {
    access: &'a Access,
    table: &'a Table,
    opener: Mutex<Opener>,
    bad: Mutex<Vec<(usize, Flaw)>>,
}

impl<'a> TreeReader<'a> {
    pub(crate) fn new(access: &'a Access, table: &'a Table) -> Result<Self> {
        let opener = Mutex::new(Opener::new(&access.key)?);
        Ok(Self {
            access,
            table,
            opener,
            bad: Mutex::default(),
        })
    }

    /// Rows of tree copies that could not be read, each as often as it was tried.
    pub(crate) fn take_bad(&self) -> Vec<(usize, Flaw)> {
        std::mem::take(&mut self.bad.lock())
    }
}

impl Trees for TreeReader<'_> {
    fn tree(&self, first: usize) -> std::result::Result<Vec<u8>, Flaw> {
        let mut last = Flaw::Absent;
        for row in self.table.copies(first) {
            let blob = &self.table.blobs[row];
            let pack = &self.table.packs[blob.pack as usize];
            if pack.found.is_none() {
                continue;
            }
            match self.access.blob(&pack.id, &blob.blob, &mut self.opener.lock()) {
                Ok(json) => return Ok(json),
                Err(flaw) => {
                    self.bad.lock().push((row, flaw.clone()));
                    last = flaw;
                }
            }
        }
        Err(last)
    }
}
