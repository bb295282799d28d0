//! Reads the index files of a vault, and goes around the damaged ones.

use std::collections::HashSet;

use super::json::{IndexJson, PackJson};
use super::{Index, IndexWarning};
use crate::pack::{PackBlob, read_header};
use crate::place::{FileKind, Place};
use crate::{Damage, Id, MasterKey, Result, VaultError, file};

impl Index {
    /// Reads all index files. A damaged one is passed over with a warning; the packs it may have described are then
    /// found by their own headers.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn load(place: &dyn Place, key: &MasterKey) -> Result<Self> {
        let mut index = Self::default();
        for (id, _) in place.list(FileKind::Index)? {
            index.load_file(place, key, id)?;
        }
        if !index.warnings.is_empty() {
            index.add_unlisted(place, key)?;
        }
        index.sort();
        Ok(index)
    }

    /// Adds one file. A file that vanished since the listing was replaced by another one; the caller lists again.
    fn load_file(&mut self, place: &dyn Place, key: &MasterKey, id: Id) -> Result<()> {
        let json = match file::read(place, key, FileKind::Index, &id) {
            Ok(json) => json,
            Err(VaultError::FileDamaged { damage, .. }) => {
                self.warnings.push(IndexWarning::IndexDamaged { id, damage });
                return Ok(());
            }
            Err(VaultError::Place(e)) if e.is_not_found() => return Ok(()),
            Err(e) => return Err(e),
        };
        let Ok(json) = serde_json::from_slice::<IndexJson>(&json) else {
            self.warnings.push(IndexWarning::IndexDamaged {
                id,
                damage: Damage::Structure,
            });
            return Ok(());
        };
        self.files.insert(id);
        for (packs, retired) in [(&json.packs, false), (&json.packs_to_delete, true)] {
            for PackJson { id, blobs } in packs {
                let blobs: Vec<PackBlob> = blobs.iter().map(PackBlob::from).collect();
                self.add_pack(*id, &blobs, retired);
            }
        }
        Ok(())
    }

    /// Adds packs that no index file lists, by reading their headers. They may be leftovers of a broken run: their
    /// blobs are good all the same.
    fn add_unlisted(&mut self, place: &dyn Place, key: &MasterKey) -> Result<()> {
        for (id, size) in place.list(FileKind::Pack)? {
            if self.pack_numbers.contains_key(&id) {
                continue;
            }
            match read_header(place, key, &id, size) {
                Ok(blobs) => self.add_pack(id, &blobs, false),
                Err(VaultError::FileDamaged { damage, .. }) => {
                    self.warnings.push(IndexWarning::PackDamaged { id, damage });
                }
                Err(VaultError::Place(e)) if e.is_not_found() => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Whether the index files at the place are still the ones this was read from.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn is_current(&self, place: &dyn Place) -> Result<bool> {
        let now: HashSet<Id> = place.list(FileKind::Index)?.into_iter().map(|(id, _)| id).collect();
        let damaged = self.warnings.iter().filter_map(|w| match w {
            IndexWarning::IndexDamaged { id, .. } => Some(*id),
            IndexWarning::PackDamaged { .. } => None,
        });
        let known: HashSet<Id> = self.files.iter().copied().chain(damaged).collect();
        Ok(now == known)
    }

    /// Reads everything again, and the headers of all packs that no index file lists, for when a blob is not found.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn load_with_headers(place: &dyn Place, key: &MasterKey) -> Result<Self> {
        let mut index = Self::default();
        for (id, _) in place.list(FileKind::Index)? {
            index.load_file(place, key, id)?;
        }
        index.add_unlisted(place, key)?;
        index.sort();
        Ok(index)
    }
}
