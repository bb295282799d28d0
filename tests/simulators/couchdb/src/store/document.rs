//! A document: its revision tree and the bodies that hang on it.

use std::sync::Arc;

use super::attachment::Attachment;
use super::rev::Rev;
use super::tree::RevTree;

/// What one revision says.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// The members of the document without those that begin with `_`, as JSON text without the braces.
    pub(crate) members: Box<str>,
    pub(crate) attachments: Vec<Attachment>,
}

/// One document with all its revisions.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: Arc<str>,
    pub(crate) tree: RevTree,
    /// Its newest place in the changes feed.
    pub(crate) seq: u64,
}

impl Document {
    /// The revision the document shows.
    pub(crate) fn winner(&self) -> Option<usize> {
        self.tree.winner()
    }

    pub(crate) fn winning_rev(&self) -> Option<&Rev> {
        self.winner().map(|index| &self.tree.node(index).rev)
    }
}
