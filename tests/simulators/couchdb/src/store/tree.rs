//! The revision tree of a document: merging, leaves, the winner, stemming, purging.
//!
//! A revision is told by generation and text alone; the same revision under two different parents (which no edit makes, a digest
//! covers its parent) keeps the parent it came with first.

use std::sync::Arc;

use super::document::Body;
use super::rev::Rev;

/// One revision of a tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) rev: Rev,
    pub(crate) parent: Option<usize>,
    children: u32,
    pub(crate) deleted: bool,
    /// Nothing for ancestors that came as names alone, and after compaction.
    pub(crate) body: Option<Arc<Body>>,
}

/// All revisions of one document that are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct RevTree {
    nodes: Vec<Node>,
}

/// A revision that comes in: its path, newest first, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) start: u64,
    pub(crate) ids: Vec<Arc<str>>,
    pub(crate) deleted: bool,
    pub(crate) body: Arc<Body>,
}

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merged {
    /// The revision is a new leaf on top of a leaf, or the first of its document.
    NewLeaf,
    /// The revision began a branch.
    NewBranch,
    /// Only ancestors or a missing body came.
    Filled,
    /// Everything was there already.
    Same,
}

impl RevTree {
    pub(crate) fn node(&self, index: usize) -> &Node {
        &self.nodes[index]
    }

    /// Where a revision is.
    pub(crate) fn find(&self, rev: &Rev) -> Option<usize> {
        self.find_parts(rev.pos, &rev.id)
    }

    fn find_parts(&self, pos: u64, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.rev.pos == pos && &*node.rev.id == id)
    }

    pub(crate) fn is_leaf(&self, index: usize) -> bool {
        self.nodes[index].children == 0
    }

    /// The leaves as CouchDB orders them: live ones first, then by generation and text, highest first.
    pub(crate) fn leaves(&self) -> Vec<usize> {
        let mut leaves: Vec<usize> = (0..self.nodes.len()).filter(|index| self.is_leaf(*index)).collect();
        if leaves.len() > 1 {
            leaves.sort_by(|a, b| self.rank(*b).cmp(&self.rank(*a)));
        }
        leaves
    }

    fn rank(&self, index: usize) -> (bool, &Rev) {
        let node = &self.nodes[index];
        (!node.deleted, &node.rev)
    }

    /// The leaf the document shows.
    pub(crate) fn winner(&self) -> Option<usize> {
        (0..self.nodes.len())
            .filter(|index| self.is_leaf(*index))
            .max_by(|a, b| self.rank(*a).cmp(&self.rank(*b)))
    }

    /// Whether every leaf is deleted. A tree without a revision is.
    pub(crate) fn is_deleted(&self) -> bool {
        self.winner().is_none_or(|winner| self.nodes[winner].deleted)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A revision and its known ancestors, newest first.
    pub(crate) fn path(&self, index: usize) -> impl Iterator<Item = &Node> {
        std::iter::successors(Some(&self.nodes[index]), |node| node.parent.map(|parent| &self.nodes[parent]))
    }

    /// Leaves that descend from `index`, itself included.
    pub(crate) fn leaves_above(&self, index: usize) -> Vec<usize> {
        let rev = &self.nodes[index].rev;
        let mut leaves = self.leaves();
        leaves.retain(|leaf| self.path(*leaf).any(|node| node.rev == *rev));
        leaves
    }

    /// Takes a revision in, then forgets ancestors beyond `limit` generations.
    pub(crate) fn merge(&mut self, path: &Path, limit: usize) -> Merged {
        let before = self.nodes.len();
        let outcome = match self.meeting_point(path) {
            None => {
                let outcome = if before == 0 { Merged::NewLeaf } else { Merged::NewBranch };
                self.grow(path, path.ids.len(), None);
                outcome
            }
            Some((newer, met)) => {
                self.extend_down(path, newer, met);
                self.grow_on(path, newer, met)
            }
        };
        self.stem(limit);
        match outcome {
            Merged::Same if self.nodes.len() != before => Merged::Filled,
            other => other,
        }
    }

    /// The newest revision of the path that is known, and how many newer ones the path has.
    fn meeting_point(&self, path: &Path) -> Option<(usize, usize)> {
        path.ids.iter().enumerate().find_map(|(newer, id)| {
            let pos = path.start.checked_sub(newer as u64)?;
            self.find_parts(pos, id).map(|index| (newer, index))
        })
    }

    fn grow_on(&mut self, path: &Path, newer: usize, met: usize) -> Merged {
        if newer == 0 {
            let node = &mut self.nodes[met];
            if node.body.is_some() {
                return Merged::Same;
            }
            node.body = Some(Arc::clone(&path.body));
            node.deleted = path.deleted;
            return Merged::Filled;
        }
        let outcome = if self.is_leaf(met) {
            Merged::NewLeaf
        } else {
            Merged::NewBranch
        };
        self.grow(path, newer, Some(met));
        outcome
    }

    /// Adds the newest `count` revisions of a path on top of `parent`.
    fn grow(&mut self, path: &Path, count: usize, mut parent: Option<usize>) {
        for at in (0..count).rev() {
            if let Some(parent) = parent {
                self.nodes[parent].children += 1;
            }
            let tip = at == 0;
            self.nodes.push(Node {
                rev: Rev {
                    pos: path.start.saturating_sub(at as u64),
                    id: Arc::clone(&path.ids[at]),
                },
                parent,
                children: 0,
                deleted: tip && path.deleted,
                body: tip.then(|| Arc::clone(&path.body)),
            });
            parent = Some(self.nodes.len() - 1);
        }
    }

    /// Adds the ancestors of `met` that the path knows and the tree does not.
    fn extend_down(&mut self, path: &Path, newer: usize, met: usize) {
        let mut current = met;
        for (at, id) in path.ids.iter().enumerate().skip(newer + 1) {
            let pos = path.start.saturating_sub(at as u64);
            let parent = match self.nodes[current].parent {
                Some(parent) if self.nodes[parent].rev.pos == pos && self.nodes[parent].rev.id == *id => parent,
                Some(_) => return,
                None => {
                    let parent = self.find_parts(pos, id).unwrap_or_else(|| {
                        self.nodes.push(Node {
                            rev: Rev { pos, id: Arc::clone(id) },
                            parent: None,
                            children: 0,
                            deleted: false,
                            body: None,
                        });
                        self.nodes.len() - 1
                    });
                    self.nodes[parent].children += 1;
                    self.nodes[current].parent = Some(parent);
                    parent
                }
            };
            current = parent;
        }
    }

    /// Keeps `limit` generations of every leaf.
    fn stem(&mut self, limit: usize) {
        if self.nodes.len() <= limit {
            return;
        }
        let mut keep = vec![false; self.nodes.len()];
        for leaf in self.leaves() {
            let mut at = Some(leaf);
            for _ in 0..limit {
                let Some(index) = at else { break };
                keep[index] = true;
                at = self.nodes[index].parent;
            }
        }
        self.retain(&keep);
    }

    /// Drops the nodes that are not kept and counts children anew.
    fn retain(&mut self, keep: &[bool]) {
        if keep.iter().all(|kept| *kept) {
            return;
        }
        let mut moved = vec![None; self.nodes.len()];
        let mut next = 0;
        for (index, kept) in keep.iter().enumerate() {
            if *kept {
                moved[index] = Some(next);
                next += 1;
            }
        }
        let mut index = 0;
        self.nodes.retain(|_| {
            index += 1;
            keep[index - 1]
        });
        for node in &mut self.nodes {
            node.parent = node.parent.and_then(|parent| moved[parent]);
            node.children = 0;
        }
        for index in 0..self.nodes.len() {
            if let Some(parent) = self.nodes[index].parent {
                self.nodes[parent].children += 1;
            }
        }
    }

    /// Forgets leaves with everything only they stand on. Revisions that are no leaves stay. Tells what went.
    pub(crate) fn purge(&mut self, revs: &[Rev]) -> Vec<Rev> {
        let mut gone = Vec::new();
        for rev in revs {
            if let Some(index) = self.find(rev)
                && self.is_leaf(index)
                && !gone.contains(rev)
            {
                gone.push(rev.clone());
            }
        }
        let mut keep = vec![false; self.nodes.len()];
        for leaf in self.leaves() {
            if gone.contains(&self.nodes[leaf].rev) {
                continue;
            }
            let mut at = Some(leaf);
            while let Some(index) = at {
                keep[index] = true;
                at = self.nodes[index].parent;
            }
        }
        self.retain(&keep);
        gone
    }

    /// Forgets the bodies of revisions that are no leaves.
    pub(crate) fn compact(&mut self) {
        for node in &mut self.nodes {
            if node.children > 0 {
                node.body = None;
            }
        }
    }
}
