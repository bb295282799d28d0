//! Index files as JSON.

use serde::{Deserialize, Serialize};

use crate::pack::{BlobKind, PackBlob};
use crate::{Id, VaultError};

#[derive(Deserialize)]
pub(crate) struct IndexJson {
    #[serde(default)]
    pub(crate) packs: Vec<PackJson>,
    /// rustic's addition; restic passes over it.
    #[serde(default)]
    pub(crate) packs_to_delete: Vec<PackJson>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PackJson {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) blobs: Vec<BlobJson>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct BlobJson {
    id: Id,
    #[serde(rename = "type")]
    kind: KindJson,
    offset: u32,
    length: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    uncompressed_length: u32,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum KindJson {
    Data,
    Tree,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<&BlobJson> for PackBlob {
    fn from(json: &BlobJson) -> Self {
        let kind = match json.kind {
            KindJson::Data => BlobKind::Data,
            KindJson::Tree => BlobKind::Tree,
        };
        Self {
            id: json.id,
            kind,
            offset: json.offset,
            length: json.length,
            raw_length: json.uncompressed_length,
        }
    }
}

impl From<&PackBlob> for BlobJson {
    fn from(blob: &PackBlob) -> Self {
        let kind = match blob.kind {
            BlobKind::Data => KindJson::Data,
            BlobKind::Tree => KindJson::Tree,
        };
        Self {
            id: blob.id,
            kind,
            offset: blob.offset,
            length: blob.length,
            uncompressed_length: blob.raw_length,
        }
    }
}

/// Collects packs for one index file.
#[derive(Default, Serialize)]
pub(crate) struct IndexWriter {
    packs: Vec<PackJson>,
}

impl IndexWriter {
    /// Adds a pack.
    pub(crate) fn add(&mut self, id: Id, blobs: &[PackBlob]) {
        self.packs.push(PackJson {
            id,
            blobs: blobs.iter().map(BlobJson::from).collect(),
        });
    }

    /// Takes out the packs that `is_there` does not know; gives them.
    pub(crate) fn take_missing(&mut self, mut is_there: impl FnMut(&Id) -> bool) -> Vec<Id> {
        let missing: Vec<Id> = self.packs.iter().map(|p| p.id).filter(|id| !is_there(id)).collect();
        self.packs.retain(|p| !missing.contains(&p.id));
        missing
    }

    /// Number of packs in it.
    pub(crate) fn packs(&self) -> usize {
        self.packs.len()
    }

    /// Number of blobs in it.
    pub(crate) fn blobs(&self) -> usize {
        self.packs.iter().map(|p| p.blobs.len()).sum()
    }

    /// The file's content.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, VaultError> {
        serde_json::to_vec(self).map_err(|e| VaultError::Engine {
            what: "writing the index",
            message: e.to_string(),
        })
    }
}
