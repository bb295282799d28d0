//! A document with all its leaf revisions, and the record it is in a backup.

use std::cmp::Ordering;

use backstay_model::{AssetRef, ContentHash, RawJson, Record};
use bytes::Bytes;

use super::{
    Attachment, ConvertError, Leaf,
    leaf::{list, member, members, written},
};

const CONFLICTS: &str = "_conflicts";
const DELETED_CONFLICTS: &str = "_deleted_conflicts";

/// A document: its leaf revisions in CouchDB's order, the winner first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    leaves: Vec<Leaf>,
    /// `None`: leaves without revisions, the record's hash is that of its data.
    hash: Option<ContentHash>,
}

/// The hash of a record whose leaves, deleted ones too, have these revisions; in any order.
pub(crate) fn hash_of_revs<S: AsRef<str>>(revs: &[S]) -> ContentHash {
    match revs {
        [one] => ContentHash::of(one.as_ref().as_bytes()),
        several => {
            let mut sorted: Vec<&str> = several.iter().map(AsRef::as_ref).collect();
            sorted.sort_unstable();
            sorted.dedup();
            ContentHash::of(sorted.join("\n").as_bytes())
        }
    }
}

/// Live ones before tombstones, later generations before earlier ones, then by the revision's text.
fn order(a: &Leaf, b: &Leaf) -> Ordering {
    a.deleted.cmp(&b.deleted).then_with(|| b.rev.cmp(&a.rev))
}

impl Document {
    /// Puts leaves of one document together, all of them, in any order.
    ///
    /// # Errors
    /// When there are none, or they are of several documents.
    pub(crate) fn new(mut leaves: Vec<Leaf>) -> Result<Self, ConvertError> {
        let first = leaves.first().ok_or(ConvertError::NoLeaf)?;
        if let Some(other) = leaves.iter().find(|leaf| leaf.id != first.id) {
            return Err(ConvertError::OtherDocument { other: other.id.clone() });
        }
        if leaves.len() > 1 {
            leaves.sort_by(order);
            leaves.dedup_by(|a, b| a.rev == b.rev);
        }
        let revs: Option<Vec<String>> = leaves.iter().map(|leaf| leaf.rev.as_ref().map(ToString::to_string)).collect();
        Ok(Self {
            hash: revs.map(|revs| hash_of_revs(&revs)),
            leaves,
        })
    }

    /// The same document without its tombstones, whose revisions still count in the hash; `None` when nothing else is there.
    pub(crate) fn without_tombstones(mut self) -> Option<Self> {
        self.leaves.retain(|leaf| !leaf.deleted);
        (!self.leaves.is_empty()).then_some(self)
    }

    /// The leaves, the winner first.
    pub(crate) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The leaves, the winner first.
    pub(crate) fn into_leaves(self) -> Vec<Leaf> {
        self.leaves
    }

    /// The leaf that CouchDB shows.
    pub(crate) fn winner(&self) -> &Leaf {
        &self.leaves[0]
    }

    /// The document's id.
    pub(crate) fn id(&self) -> &str {
        &self.winner().id
    }

    /// The attachments of all leaves, in the order of a record's assets.
    pub(crate) fn attachments(&self) -> impl Iterator<Item = (&Leaf, &Attachment)> {
        self.leaves
            .iter()
            .flat_map(|leaf| leaf.attachments.iter().map(move |attachment| (leaf, attachment)))
    }

    /// The record; its assets in the order of [`Document::attachments`], those that are not known yet without their SHA-256.
    pub(crate) fn record(&self) -> Record {
        let assets: Vec<AssetRef> = self
            .attachments()
            .map(|(_, attachment)| attachment.asset.clone().unwrap_or_else(|| attachment.reference()))
            .collect();
        let winner = self.winner();
        let data = match self.leaves.len() {
            1 => winner.text.clone(),
            _ => self.together(),
        };
        let record = match self.hash {
            // Made here and not by `Record::new`, which hashes data whose hash nobody asks for.
            Some(hash) => Record {
                id: winner.id.clone(),
                rev: None,
                changed: None,
                assets: Vec::new(),
                data,
                hash,
                canonical: true,
            },
            None => Record::new(winner.id.clone(), data),
        };
        Record {
            rev: winner.rev.as_ref().map(ToString::to_string),
            assets,
            ..record
        }
    }

    /// The winner's JSON with the other leaves in it.
    fn together(&self) -> RawJson {
        let winner = self.winner().text.as_bytes().trim_ascii_end();
        let mut out = Vec::with_capacity(self.leaves.iter().map(|leaf| leaf.text.as_bytes().len() + 8).sum::<usize>() + 64);
        // The text is an object: it was read as one.
        out.extend_from_slice(winner.strip_suffix(b"}").unwrap_or(winner).trim_ascii_end());
        for (name, deleted) in [(CONFLICTS, false), (DELETED_CONFLICTS, true)] {
            let others: Vec<&Leaf> = self.leaves[1..].iter().filter(|leaf| leaf.deleted == deleted).collect();
            if !others.is_empty() {
                member(&mut out, name, |out| {
                    list(out, others, |out, leaf| out.extend_from_slice(leaf.text.as_bytes()));
                });
            }
        }
        out.push(b'}');
        RawJson::trusted(Bytes::from(out))
    }

    /// Takes a record apart again. Attachments know where their content is kept.
    ///
    /// # Errors
    /// When the record's data is no document.
    pub(crate) fn of(record: &Record) -> Result<Self, ConvertError> {
        let bytes = record.data.bytes();
        let found = members(&bytes)?;
        let others = found
            .iter()
            .filter(|(name, _)| name == CONFLICTS || name == DELETED_CONFLICTS);
        let mut leaves = Vec::with_capacity(1);
        if others.clone().next().is_some() {
            let own = written(
                found
                    .iter()
                    .filter(|(name, _)| name != CONFLICTS && name != DELETED_CONFLICTS),
            );
            leaves.push(Leaf::parse(own)?);
        } else {
            leaves.push(Leaf::parse(record.data.clone())?);
        }
        for (_, list) in others {
            let texts: Vec<&serde_json::value::RawValue> =
                serde_json::from_str(list.get()).map_err(|_| ConvertError::bad(CONFLICTS, list.get()))?;
            // Revisions in place of documents are what servers say when asked for conflicts: no leaves of this backup.
            for text in texts.iter().filter(|text| text.get().starts_with('{')) {
                leaves.push(Leaf::parse(RawJson::trusted(Bytes::copy_from_slice(text.get().as_bytes())))?);
            }
        }
        let mut assets = record.assets.iter();
        for attachment in leaves.iter_mut().flat_map(|leaf| &mut leaf.attachments) {
            attachment.asset = assets.next().cloned();
        }
        Ok(Self {
            leaves,
            hash: record.canonical.then_some(record.hash),
        })
    }
}
