//! Fills new packs one after another, and rewrites the index around them.
//!
//! The order that keeps a vault readable at every moment: packs, then new index files, each read back; only then may
//! anything old go.

use std::collections::HashSet;

use super::access::Access;
use super::prune::is_full;
use super::stock::Stock;
use crate::index::IndexWriter;
use crate::key::OVERHEAD;
use crate::pack::{self, BlobKind, PackBlob};
use crate::place::FileKind;
use crate::{Damage, Id, Result, VaultError, file};

/// A pack just written, with its blobs.
pub(crate) type NewPack = (Id, Vec<PackBlob>);

/// Fills packs with blobs of one kind.
pub(crate) struct Packer<'a> {
    access: &'a Access,
    kind: BlobKind,
    buffer: Vec<u8>,
    blobs: Vec<PackBlob>,
    written: Vec<NewPack>,
}

impl<'a> Packer<'a> {
    pub(crate) fn new(access: &'a Access, kind: BlobKind) -> Self {
        Self {
            access,
            kind,
            buffer: Vec::new(),
            blobs: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Adds a blob as it was sealed elsewhere. It must have been opened and found good.
    pub(crate) fn add_sealed(&mut self, blob: &PackBlob, sealed: &[u8]) -> Result<()> {
        if is_full(self.buffer.len() as u64, blob) {
            self.flush()?;
        }
        let offset = u32::try_from(self.buffer.len()).unwrap_or(u32::MAX);
        self.buffer.extend_from_slice(sealed);
        self.blobs.push(PackBlob {
            offset,
            kind: self.kind,
            ..*blob
        });
        Ok(())
    }

    /// Compresses, seals and adds new content; its id.
    pub(crate) fn add(&mut self, content: &[u8]) -> Result<Id> {
        let id = file::hash(content);
        let failed = |e: std::io::Error| VaultError::Engine {
            what: "compressing",
            message: e.to_string(),
        };
        let small = if self.access.version < 2 {
            None
        } else {
            Some(zstd::bulk::compress(content, 3).map_err(failed)?)
        };
        let small = small.filter(|small| small.len() < content.len());
        let raw_length = small.as_ref().map_or(0, |_| u32::try_from(content.len()).unwrap_or(u32::MAX));
        let sealed = self.access.key.sealed(small.as_deref().unwrap_or(content))?;
        debug_assert_eq!(sealed.len(), small.as_deref().unwrap_or(content).len() + OVERHEAD);
        let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
        self.add_sealed(
            &PackBlob {
                id,
                kind: self.kind,
                offset: 0,
                length,
                raw_length,
            },
            &sealed,
        )?;
        Ok(id)
    }

    fn flush(&mut self) -> Result<()> {
        if self.blobs.is_empty() {
            return Ok(());
        }
        let blobs = std::mem::take(&mut self.blobs);
        pack::append_header(&self.access.key, &mut self.buffer, &blobs)?;
        let (id, size) = (file::hash(&self.buffer), self.buffer.len() as u64);
        let place = self.access.place.as_ref();
        place.write(FileKind::Pack, &id, &self.buffer)?;
        let unfaithful = |damage| VaultError::WriteNotFaithful { pack: id, damage };
        if place.size(FileKind::Pack, &id)? != Some(size) {
            return Err(unfaithful(Damage::Truncated));
        }
        if pack::read_header(place, &self.access.key, &id, size)? != blobs {
            return Err(unfaithful(Damage::Structure));
        }
        self.buffer.clear();
        self.written.push((id, blobs));
        Ok(())
    }

    /// Writes what is left; all packs written.
    pub(crate) fn finish(mut self) -> Result<Vec<NewPack>> {
        self.flush()?;
        Ok(self.written)
    }
}

/// Blobs in an index file at most; restic's own have up to 50,000.
const FULL: usize = 40_000;
/// An index file below this is small, and so many small ones are merged.
const SMALL: usize = 5_000;
const MANY: usize = 16;

/// A change of the index.
#[derive(Default)]
pub(crate) struct IndexChange {
    /// Packs (rows) that are no longer named.
    pub(crate) without: HashSet<u32>,
    /// Packs that are named from now on.
    pub(crate) added: Vec<NewPack>,
}

impl Access {
    /// Writes index files that name what the old ones name, with `change`; reads them back; and gives the old files,
    /// which now say nothing new and may go. Files that `change` does not concern stay, unless there are many small ones.
    pub(crate) fn write_index(&self, stock: &Stock, change: IndexChange) -> Result<Vec<Id>> {
        let concerned = |file: &&super::stock::IndexFile| file.packs.iter().any(|pack| change.without.contains(pack));
        let small = stock.indexes.iter().filter(|file| file.blobs < SMALL).count();
        let merge = small >= MANY;
        let old: Vec<_> = stock
            .indexes
            .iter()
            .filter(|file| concerned(file) || (merge && file.blobs < SMALL))
            .collect();
        let mut writer = IndexWriter::default();
        let mut written = Vec::new();
        let mut named = HashSet::new();
        for pack in old.iter().flat_map(|file| &file.packs) {
            if change.without.contains(pack) || !named.insert(*pack) {
                continue;
            }
            let blobs: Vec<PackBlob> = stock.table.blobs_of(*pack).copied().collect();
            writer.add(stock.table.packs[*pack as usize].id, &blobs);
            self.flush_index(&mut writer, FULL, &mut written)?;
        }
        for (pack, blobs) in change.added {
            writer.add(pack, &blobs);
            self.flush_index(&mut writer, FULL, &mut written)?;
        }
        self.flush_index(&mut writer, 1, &mut written)?;
        for (id, expected) in &written {
            let json = file::read(self.place.as_ref(), &self.key, FileKind::Index, id)?;
            if file::hash(&json) != *expected {
                return Err(VaultError::FileDamaged {
                    kind: FileKind::Index,
                    id: *id,
                    damage: Damage::Hash,
                });
            }
        }
        Ok(old.into_iter().map(|file| file.id).collect())
    }

    /// Writes an index file if it has `least` packs or blobs; remembers its id and the hash of its JSON.
    fn flush_index(&self, writer: &mut IndexWriter, least: usize, written: &mut Vec<(Id, Id)>) -> Result<()> {
        if writer.packs().max(writer.blobs()) < least {
            return Ok(());
        }
        let json = std::mem::take(writer).to_json()?;
        let id = file::write(self.place.as_ref(), &self.key, self.version, FileKind::Index, &json)?;
        written.push((id, file::hash(&json)));
        Ok(())
    }
}
