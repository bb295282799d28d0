//! Which paths of which snapshots a lost blob hurts.
//!
//! Each tree is judged once ("is anything below it lost?"), so that only hurt subtrees are walked again to name the paths.

use super::report::LostPath;
use super::table::{Marks, Table};
use super::walk::Trees;
use crate::Id;
use crate::node::{Node, decode_tree};
use crate::pack::BlobKind;

/// Judges trees against a set of lost blobs.
pub(crate) struct Losses<'a, T> {
    table: &'a Table,
    trees: &'a T,
    /// Whether no copy of this blob, by its first row, can be read.
    lost: &'a dyn Fn(usize) -> bool,
    judged: Marks,
    hurt: Marks,
}

/// A tree whose judgement is under way.
struct Open {
    first: usize,
    below: Vec<Id>,
    hurt: bool,
}

impl<'a, T: Trees> Losses<'a, T> {
    pub(crate) fn new(table: &'a Table, trees: &'a T, lost: &'a dyn Fn(usize) -> bool) -> Self {
        Self {
            table,
            trees,
            lost,
            judged: Marks::new(table),
            hurt: Marks::new(table),
        }
    }

    /// A tree's entries; `None` when it cannot be read.
    pub(crate) fn listing(&self, tree: &Id) -> Option<Vec<Node>> {
        let first = self.table.find(BlobKind::Tree, tree).filter(|first| !(self.lost)(*first))?;
        decode_tree(&self.trees.tree(first).ok()?)
    }

    /// The first lost blob of a file.
    pub(crate) fn lost_content(&self, node: &Node) -> Option<Id> {
        let lost = |id: &&Id| self.table.find(BlobKind::Data, id).is_none_or(|first| (self.lost)(first));
        node.content.iter().find(lost).copied()
    }

    /// Whether anything at or below a tree is lost.
    pub(crate) fn is_hurt(&mut self, root: Id) -> bool {
        let mut open: Vec<Open> = Vec::new();
        let mut answer = self.enter(root, &mut open);
        loop {
            match (answer, open.last_mut()) {
                (Some(hurt), None) => return hurt,
                (Some(hurt), Some(parent)) => parent.hurt |= hurt,
                (None, _) => {}
            }
            answer = match open.last_mut().and_then(|top| top.below.pop()) {
                Some(next) => self.enter(next, &mut open),
                None => open.pop().map(|done| self.judge(done.first, done.hurt)),
            };
        }
    }

    fn judge(&mut self, first: usize, hurt: bool) -> bool {
        self.judged.set(first);
        if hurt {
            self.hurt.set(first);
        }
        hurt
    }

    /// The judgement of a tree if it is known; else the tree is opened.
    fn enter(&mut self, tree: Id, open: &mut Vec<Open>) -> Option<bool> {
        let Some(first) = self.table.find(BlobKind::Tree, &tree) else {
            return Some(true);
        };
        if self.judged.has(first) {
            return Some(self.hurt.has(first));
        }
        let Some(entries) = self.listing(&tree) else {
            return Some(self.judge(first, true));
        };
        let hurt = entries
            .iter()
            .any(|e| self.lost_content(e).is_some() || (e.is_directory() && e.subtree.is_none()));
        let below = entries.iter().filter_map(|e| e.subtree).collect();
        open.push(Open { first, below, hurt });
        None
    }

    /// Calls `each` for every hurt path below a root, directory by directory.
    pub(crate) fn paths(&mut self, root: Id, each: &mut dyn FnMut(LostPath)) {
        let mut stack = vec![(String::new(), root)];
        while let Some((path, tree)) = stack.pop() {
            if !self.is_hurt(tree) {
                continue;
            }
            let Some(entries) = self.listing(&tree) else {
                each(LostPath {
                    path,
                    blob: tree,
                    directory: true,
                });
                continue;
            };
            let before = stack.len();
            for entry in entries {
                let name = entry.escaped_name();
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                if let Some(blob) = self.lost_content(&entry) {
                    each(LostPath {
                        path,
                        blob,
                        directory: false,
                    });
                } else if let Some(subtree) = entry.subtree {
                    stack.push((path, subtree));
                } else if entry.is_directory() {
                    each(LostPath {
                        path,
                        blob: tree,
                        directory: true,
                    });
                }
            }
            stack[before..].reverse();
        }
    }
}
