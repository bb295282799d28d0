//! A row of the changes feed, as it waits in a sorted list.

use backstay_model::ContentHash;

use crate::{client::ChangeRow, convert::hash_of_revs};

/// What the feed says about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its id.
    pub id: String,
    /// Revisions of all leaves, deleted ones too; none: it is not known what they are.
    pub revs: Vec<String>,
    /// No leaf is live.
    pub deleted: bool,
}

impl Row {
    /// A document the feed does not name, to be read in any case.
    pub(super) fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            revs: Vec::new(),
            deleted: false,
        }
    }

    /// The part of a row that waits beside its id: a revision has no line break in it.
    pub(super) fn packed(row: &ChangeRow) -> Vec<u8> {
        let mut packed = vec![u8::from(row.deleted)];
        packed.extend_from_slice(row.revs.join("\n").as_bytes());
        packed
    }

    pub(super) fn unpack(id: &str, packed: &[u8]) -> Self {
        let (deleted, revs) = packed
            .split_first()
            .map_or((false, &[][..]), |(flag, revs)| (*flag == 1, revs));
        let revs = String::from_utf8_lossy(revs);
        Self {
            id: id.to_owned(),
            revs: revs.split('\n').filter(|rev| !rev.is_empty()).map(str::to_owned).collect(),
            deleted,
        }
    }

    /// One live leaf: what a document without conflicts has.
    pub(super) fn is_plain(&self) -> bool {
        !self.deleted && self.revs.len() < 2
    }

    /// The hash of its record.
    pub(super) fn hash(&self) -> ContentHash {
        hash_of_revs(&self.revs)
    }
}
