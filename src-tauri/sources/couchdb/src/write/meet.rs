//! A record of a backup meets the document at the target: what is wanted, what is there, and what follows from both.

use backstay_model::Record;

use super::{
    decide::{self, Decision, Note, Wanted, Way, What},
    look::Live,
    options::WriteOptions,
    tree::Branch,
};
use crate::convert::{Attachment, ConvertError, Document, Leaf, same_attachments, same_body};

/// A record and what is to be done with it.
#[derive(Debug)]
pub(crate) struct Meeting {
    /// Leaves to bring back, the winner first.
    pub leaves: Vec<Leaf>,
    /// How.
    pub decision: Decision,
    /// An attachment that the record names, has no content for, and cannot take from what is there: some fields of another version were
    /// put into a live document, and this was one of them.
    pub unfounded: Option<String>,
}

/// See [`Meeting::unfounded`].
fn unfounded(leaf: &Leaf, there: &Leaf) -> Option<String> {
    let kept = |one: &Attachment| {
        there
            .attachments
            .iter()
            .any(|kept| kept.name == one.name && kept.digest == one.digest)
    };
    let lost = leaf.attachments.iter().find(|one| is_missing(one) && !kept(one));
    lost.map(|lost| lost.name.clone())
}

/// Whether an attachment's content is neither in the backup nor in the document itself.
pub(crate) fn is_missing(attachment: &Attachment) -> bool {
    !attachment.inline && attachment.asset.as_ref().is_none_or(|asset| asset.sha256.is_none())
}

/// Names of attachments that are missing from the backup.
pub(crate) fn missing(leaf: &Leaf) -> impl Iterator<Item = &str> {
    leaf.attachments
        .iter()
        .filter(|one| is_missing(one))
        .map(|one| one.name.as_str())
}

/// Whether a document says what the backup's leaf says; what is missing from the backup may be there or not.
///
/// # Errors
/// When a side is no document.
pub(crate) fn holds(leaf: &Leaf, there: &Leaf) -> Result<bool, ConvertError> {
    if !same_body(leaf, there)? {
        return Ok(false);
    }
    if missing(leaf).next().is_none() {
        return Ok(same_attachments(leaf, there));
    }
    let without = |of: &Leaf| Leaf {
        attachments: of
            .attachments
            .iter()
            .filter(|one| !missing(leaf).any(|name| name == one.name))
            .cloned()
            .collect(),
        ..of.clone()
    };
    Ok(same_attachments(&without(leaf), &without(there)))
}

/// [`holds`], and the attachments are surely the same: by their digests. Two servers may digest one content differently, so that this may be
/// no where nothing is different; it is never yes where something is.
///
/// # Errors
/// When a side is no document.
pub(crate) fn surely_holds(leaf: &Leaf, there: &Leaf) -> Result<bool, ConvertError> {
    let same = |one: &Attachment| {
        let found = there.attachments.iter().find(|found| found.name == one.name);
        found.is_some_and(|found| one.digest.is_some() && one.digest == found.digest)
    };
    Ok(holds(leaf, there)? && leaf.attachments.iter().filter(|one| !is_missing(one)).all(same))
}

impl Meeting {
    /// Decides what becomes of `record` where `live` is. `undoing`: it shall be exactly as given.
    ///
    /// # Errors
    /// When the record is no document.
    pub(crate) fn of(record: &Record, live: &Live, options: WriteOptions, undoing: bool) -> Result<Self, ConvertError> {
        let mut leaves = Document::of(record)?.into_leaves();
        leaves.sort_by(|a, b| {
            let (a, b) = (Branch::of(a), Branch::of(b));
            a.order().cmp(&b.order())
        });
        if !undoing && !options.tombstones {
            leaves.retain(|leaf| !leaf.deleted);
        }
        let mut wanted: Vec<Wanted> = leaves
            .iter()
            .map(|leaf| Wanted {
                branch: Branch::of(leaf),
                altered: false,
                incomplete: missing(leaf).next().is_some(),
            })
            .collect();
        let mut lost = None;
        if let (Some(first), Some(leaf), Some(there)) = (wanted.first_mut(), leaves.first(), live.winner()) {
            first.altered = leaf.rev == there.rev && !holds(leaf, there)?;
            lost = first.altered.then(|| unfounded(leaf, there)).flatten();
        }
        let mut decision = match undoing {
            true => decide::undo(&wanted, &live.tree),
            false => decide::decide(options.revisions, &wanted, &live.tree),
        };
        if let Some(first) = decision.writes.first()
            && let (What::Leaf(0), Way::Edit(Some(of))) = (first.what, &first.way)
            && let Some(there) = live.leaf(of)
            && surely_holds(&leaves[0], there)?
        {
            // Written already, under another revision.
            decision.writes.remove(0);
            decision.notes.retain(|note| !matches!(note, Note::OnTop { .. }));
        }
        Ok(Self {
            leaves,
            decision,
            unfounded: lost,
        })
    }
}
