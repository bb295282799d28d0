//! Walks the trees of snapshots, each tree once, and marks every blob that is needed.

use std::collections::HashSet;

use serde::Deserialize;

use super::report::Flaw;
use super::table::{Marks, Table};
use crate::Id;
use crate::pack::BlobKind;

/// What maintenance needs to know of a directory.
#[derive(Debug, Deserialize)]
pub(crate) struct Listing {
    #[serde(default)]
    pub(crate) nodes: Option<Vec<Entry>>,
}

/// What maintenance needs to know of a directory's entry.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) content: Option<Vec<Id>>,
    #[serde(default)]
    pub(crate) subtree: Option<Id>,
}

/// Something in the way of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// No index knows the blob.
    Missing { blob: Id, kind: BlobKind },
    /// No copy of a tree can be read; the flaw of the last one.
    Unreadable { tree: Id, flaw: Flaw },
    /// A tree was read, but is no directory.
    NotUnderstood { tree: Id },
    /// A file's stated size is not that of its content.
    FileSize {
        tree: Id,
        name: String,
        stated: u64,
        stored: u64,
    },
}

/// Reads tree blobs, by their first row in the table.
pub(crate) trait Trees {
    /// The JSON of a tree.
    fn tree(&self, first: usize) -> Result<Vec<u8>, Flaw>;
}

/// The state of a walk over any number of snapshots.
#[derive(Debug)]
pub(crate) struct Walk<'a, T> {
    table: &'a Table,
    trees: &'a T,
    /// Blobs some snapshot needs.
    pub(crate) used: Marks,
    /// Trees read.
    pub(crate) read: u64,
    missing: HashSet<(BlobKind, Id)>,
}

impl<'a, T: Trees> Walk<'a, T> {
    pub(crate) fn new(table: &'a Table, trees: &'a T) -> Self {
        Self {
            table,
            trees,
            used: Marks::new(table),
            read: 0,
            missing: HashSet::new(),
        }
    }

    /// Marks everything below `root`; each obstacle is told once. `go_on` is asked before each tree.
    ///
    /// Whether the walk came to its end.
    pub(crate) fn mark(&mut self, root: Id, obstacle: &mut dyn FnMut(Obstacle), go_on: &dyn Fn() -> bool) -> bool {
        let mut stack = vec![root];
        while let Some(tree) = stack.pop() {
            if !go_on() {
                return false;
            }
            let Some(first) = self.need(BlobKind::Tree, tree, obstacle) else {
                continue;
            };
            if !self.used.set(first) {
                continue;
            }
            match self.trees.tree(first) {
                Err(flaw) => obstacle(Obstacle::Unreadable { tree, flaw }),
                Ok(json) => match serde_json::from_slice::<Listing>(&json) {
                    Err(_) => obstacle(Obstacle::NotUnderstood { tree }),
                    Ok(listing) => {
                        self.read += 1;
                        self.entries(tree, listing, &mut stack, obstacle);
                    }
                },
            }
        }
        true
    }

    fn entries(&mut self, tree: Id, listing: Listing, stack: &mut Vec<Id>, obstacle: &mut dyn FnMut(Obstacle)) {
        for entry in listing.nodes.unwrap_or_default() {
            match (entry.kind.as_str(), entry.subtree) {
                ("dir", Some(subtree)) => stack.push(subtree),
                ("dir", None) => obstacle(Obstacle::NotUnderstood { tree }),
                _ => {}
            }
            let mut stored = Some(0u64);
            let content = entry.content.unwrap_or_default();
            for blob in &content {
                match self.need(BlobKind::Data, *blob, obstacle) {
                    Some(first) => {
                        self.used.set(first);
                        stored = stored.map(|n| n + u64::from(self.table.blobs[first].blob.plain_length()));
                    }
                    None => stored = None,
                }
            }
            if let Some(stored) = stored
                && entry.kind == "file"
                && stored != entry.size
            {
                obstacle(Obstacle::FileSize {
                    tree,
                    name: entry.name,
                    stated: entry.size,
                    stored,
                });
            }
        }
    }

    fn need(&mut self, kind: BlobKind, blob: Id, obstacle: &mut dyn FnMut(Obstacle)) -> Option<usize> {
        let found = self.table.find(kind, &blob);
        if found.is_none() && self.missing.insert((kind, blob)) {
            obstacle(Obstacle::Missing { blob, kind });
        }
        found
    }
}
