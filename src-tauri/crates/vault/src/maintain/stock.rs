//! Takes stock of a vault: all its snapshots, index files and packs, with what is wrong with them.

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use super::access::Access;
use super::report::Flaw;
use super::table::{BlobRow, Table, TableBuilder};
use crate::index::{IndexJson, PackJson};
use crate::pack::read_header;
use crate::place::FileKind;
use crate::{Damage, Id, Result, VaultError, file};

/// Whether the headers of packs that no index file names are read, so that their blobs are in the table too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Headers {
    /// They are read; a header that cannot be read leaves its pack without rows.
    Read,
    /// Such packs count as empty.
    PassOver,
}

/// What a walk needs of a snapshot file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Head {
    pub(crate) time: DateTime<FixedOffset>,
    pub(crate) tree: Id,
    /// The snapshot it was rewritten from.
    #[serde(default)]
    pub(crate) original: Option<Id>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Head {
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.tags.iter().flatten().any(|t| t == tag)
    }
}

/// An index file that could be read.
#[derive(Debug, Clone)]
pub(crate) struct IndexFile {
    pub(crate) id: Id,
    pub(crate) blobs: usize,
    /// Rows of the packs it names.
    pub(crate) packs: Vec<u32>,
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct Stock {
    /// By time.
    pub(crate) snapshots: Vec<(Id, Head)>,
    pub(crate) bad_snapshots: Vec<(Id, Flaw)>,
    pub(crate) indexes: Vec<IndexFile>,
    pub(crate) bad_indexes: Vec<(Id, Flaw)>,
    pub(crate) table: Table,
}

impl Access {
    /// Takes stock. In this order (snapshots, index, packs) a backup that ends meanwhile cannot make it look broken:
    /// whatever a snapshot needs was indexed before it, and stored before that.
    ///
    /// # Errors
    /// When the place fails as a whole; single files that cannot be read are listed.
    pub(crate) fn stock(&self, headers: Headers) -> Result<Stock> {
        let (mut snapshots, bad_snapshots) = self.parse_all::<Head, _>(FileKind::Snapshot, |head| head)?;
        snapshots.sort_by_key(|(id, head)| (head.time, *id));
        let mut table = TableBuilder::default();
        let (indexes, bad_indexes) = self.parse_all::<IndexJson, _>(FileKind::Index, |json| enter(&mut table, &json))?;
        let mut packs = self.place.list(FileKind::Pack)?;
        packs.sort_unstable();
        for (pack, size) in packs {
            let (row, indexed) = table.found(pack, size);
            if indexed || headers == Headers::PassOver {
                continue;
            }
            match read_header(self.place.as_ref(), &self.key, &pack, size) {
                Ok(blobs) => blobs.into_iter().for_each(|blob| table.blob(BlobRow { blob, pack: row })),
                Err(e) if ends_all(&e) => return Err(e),
                Err(_) => {}
            }
        }
        let indexes = indexes
            .into_iter()
            .map(|(id, (blobs, packs))| IndexFile { id, blobs, packs })
            .collect();
        Ok(Stock {
            snapshots,
            bad_snapshots,
            indexes,
            bad_indexes,
            table: table.finish(),
        })
    }

    /// Reads every file of a kind, one at a time.
    #[allow(clippy::type_complexity, reason = "the two lists of a partition")]
    fn parse_all<J: serde::de::DeserializeOwned, T>(
        &self,
        kind: FileKind,
        mut take: impl FnMut(J) -> T,
    ) -> Result<(Vec<(Id, T)>, Vec<(Id, Flaw)>)> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let mut files = self.place.list(kind)?;
        files.sort_unstable();
        for (id, _) in files {
            match self.parse::<J>(kind, &id) {
                Ok(json) => good.push((id, take(json))),
                // Removed since it was listed, by a forget or prune that ended meanwhile.
                Err(VaultError::Place(e)) if e.is_not_found() => {}
                Err(e) if ends_all(&e) => return Err(e),
                Err(e) => bad.push((id, Flaw::of(&e))),
            }
        }
        Ok((good, bad))
    }

    fn parse<J: serde::de::DeserializeOwned>(&self, kind: FileKind, id: &Id) -> Result<J> {
        let json = file::read(self.place.as_ref(), &self.key, kind, id)?;
        let structure = |_| VaultError::FileDamaged {
            kind,
            id: *id,
            damage: Damage::Structure,
        };
        serde_json::from_slice(&json).map_err(structure)
    }
}

/// Whether an error says that the place is gone, rather than one file.
pub(crate) fn ends_all(error: &VaultError) -> bool {
    use crate::place::PlaceError::{Full, Unreachable};
    matches!(error, VaultError::Place(Full { .. } | Unreachable { .. }))
}

/// Enters an index file's packs; the number of its blobs and the rows of its packs.
fn enter(table: &mut TableBuilder, json: &IndexJson) -> (usize, Vec<u32>) {
    let mut packs = Vec::new();
    let mut entered = 0;
    // Packs that rustic marked for removal are still there; what snapshots need of them is kept.
    for PackJson { id, blobs } in json.packs.iter().chain(&json.packs_to_delete) {
        let row = table.indexed(*id);
        packs.push(row);
        entered += blobs.len();
        blobs.iter().for_each(|blob| {
            table.blob(BlobRow {
                blob: blob.into(),
                pack: row,
            });
        });
    }
    (entered, packs)
}
