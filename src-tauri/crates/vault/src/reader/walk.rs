//! Walks a directory and everything below it.

use std::vec::IntoIter;

use super::Reader;
use crate::{Node, Result, VaultError};

/// What a walk comes by.
#[derive(Debug)]
pub struct WalkEntry {
    /// Path from the snapshot's root, without a slash before or behind.
    pub path: Vec<u8>,
    /// The node. A directory comes before what is in it.
    pub node: Node,
    /// Why what is in this directory cannot be listed.
    pub error: Option<VaultError>,
}

/// Depth first, sorted bytewise in each directory. In memory are the listings of the directories on the way.
#[derive(Debug)]
pub struct Walk {
    reader: Reader,
    open: Vec<(Vec<u8>, IntoIter<Node>)>,
    /// A start that is not a directory, or one that cannot be listed.
    first: Option<WalkEntry>,
    /// Whether the directory that came last was entered.
    entered: bool,
}

impl Walk {
    pub(super) fn new(reader: Reader, path: Vec<u8>, node: &Node) -> Self {
        let mut walk = Self {
            reader,
            open: Vec::new(),
            first: None,
            entered: false,
        };
        if node.is_directory() {
            if let Err(error) = walk.enter(path.clone(), node) {
                walk.first = Some(WalkEntry {
                    path,
                    node: node.clone(),
                    error: Some(error),
                });
            }
        } else {
            walk.first = Some(WalkEntry {
                path,
                node: node.clone(),
                error: None,
            });
        }
        walk
    }

    /// Passes over what is in the directory that came last.
    pub fn skip_directory(&mut self) {
        if std::mem::take(&mut self.entered) {
            self.open.pop();
        }
    }

    fn enter(&mut self, path: Vec<u8>, node: &Node) -> Result<()> {
        let nodes = self.reader.list(node)?;
        self.open.push((path, nodes.into_iter()));
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = WalkEntry;

    fn next(&mut self) -> Option<WalkEntry> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let (base, nodes) = self.open.last_mut()?;
            let Some(node) = nodes.next() else {
                self.open.pop();
                continue;
            };
            let mut path = base.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&node.name);
            let error = if node.is_directory() {
                self.enter(path.clone(), &node).err()
            } else {
                None
            };
            self.entered = node.is_directory() && error.is_none();
            return Some(WalkEntry { path, node, error });
        }
    }
}
