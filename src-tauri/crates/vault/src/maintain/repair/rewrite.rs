//! Writes snapshots anew without what they lost.
//!
//! Fields of snapshots and directories that this program does not know are kept.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::Steps;
use super::super::access::{Access, TreeReader};
use super::super::check::Inspection;
use super::super::loss::Losses;
use super::super::packer::{NewPack, Packer};
use super::super::report::SnapshotLoss;
use super::super::retention::TAG_PARTIAL;
use super::super::walk::Trees as _;
use super::{RepairPlan, RepairStep, TAG_REPAIRED};
use crate::node::{TREE_END, TREE_START, decode_tree, encode_node};
use crate::pack::BlobKind;
use crate::place::FileKind;
use crate::{Damage, Id, Result, VaultError, file};

/// Lost paths named in the description of a rewritten snapshot.
const NAMED: usize = 100;

/// A snapshot to be written once its directories are.
pub(super) struct NewSnapshot<'a> {
    access: &'a Access,
    json: Map<String, Value>,
    pub(super) original: Id,
    pub(super) id: Id,
}

impl NewSnapshot<'_> {
    pub(super) fn save(&mut self) -> Result<()> {
        let failed = |e: serde_json::Error| VaultError::Engine {
            what: "writing a snapshot",
            message: e.to_string(),
        };
        let json = serde_json::to_vec(&self.json).map_err(failed)?;
        let access = self.access;
        self.id = file::write(access.place.as_ref(), &access.key, access.version, FileKind::Snapshot, &json)?;
        Ok(())
    }
}

/// Rewrites trees, each once.
pub(super) struct Rewriter<'a> {
    access: &'a Access,
    found: &'a Inspection,
    trees: TreeReader<'a>,
    packer: Packer<'a>,
    new: HashMap<Id, Id>,
    empty: Option<Id>,
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(access: &'a Access, found: &'a Inspection) -> Result<Self> {
        let trees = TreeReader::new(access, &found.stock.table)?;
        let packer = Packer::new(access, BlobKind::Tree);
        Ok(Self {
            access,
            found,
            trees,
            packer,
            new: HashMap::new(),
            empty: None,
        })
    }

    /// Writes the directories of all snapshots the plan rewrites; the snapshots are for the caller to save later.
    pub(super) fn rewrite(&mut self, plan: &RepairPlan, steps: &Steps<'_>) -> Result<Vec<NewSnapshot<'a>>> {
        let mut done = Vec::new();
        for step in &plan.steps {
            let RepairStep::RewriteSnapshot { snapshot, .. } = step else {
                continue;
            };
            if !steps.go_on() {
                return Err(VaultError::Cancelled);
            }
            let head = self
                .found
                .stock
                .snapshots
                .iter()
                .find(|(id, _)| id == snapshot)
                .map(|(_, head)| head);
            let loss = plan.losses.iter().find(|loss| loss.snapshot == *snapshot);
            if let (Some(head), Some(loss)) = (head, loss) {
                let tree = self.tree(head.tree)?;
                done.push(self.snapshot(snapshot, tree, loss)?);
            }
        }
        Ok(done)
    }

    /// The packs written.
    pub(super) fn finish(self) -> Result<Vec<NewPack>> {
        self.packer.finish()
    }

    fn snapshot(&self, id: &Id, tree: Id, loss: &SnapshotLoss) -> Result<NewSnapshot<'a>> {
        let json = file::read(self.access.place.as_ref(), &self.access.key, FileKind::Snapshot, id)?;
        let damaged = |_| VaultError::FileDamaged {
            kind: FileKind::Snapshot,
            id: *id,
            damage: Damage::Structure,
        };
        let mut json: Map<String, Value> = serde_json::from_slice(&json).map_err(damaged)?;
        json.insert("tree".to_owned(), tree.to_hex().into());
        json.entry("original").or_insert_with(|| id.to_hex().into());
        let mut tags = json.get("tags").and_then(Value::as_array).cloned().unwrap_or_default();
        for tag in [TAG_REPAIRED, TAG_PARTIAL] {
            if !tags.iter().any(|t| t == tag) {
                tags.push(tag.into());
            }
        }
        json.insert("tags".to_owned(), tags.into());
        json.insert("description".to_owned(), describe(loss).into());
        Ok(NewSnapshot {
            access: self.access,
            json,
            original: *id,
            id: Id::default(),
        })
    }

    /// The new id of a hurt tree. Children come before their parents, without recursion: paths may be deep.
    fn tree(&mut self, root: Id) -> Result<Id> {
        let found = self.found;
        let lost = |first| found.is_lost(first);
        let trees = TreeReader::new(self.access, &found.stock.table)?;
        let mut losses = Losses::new(&found.stock.table, &trees, &lost);
        let mut stack = vec![(root, false)];
        while let Some((tree, children_done)) = stack.pop() {
            if self.new.contains_key(&tree) {
                continue;
            }
            if !losses.is_hurt(tree) {
                self.new.insert(tree, tree);
                continue;
            }
            let Some(entries) = losses.listing(&tree) else {
                let empty = self.empty_tree()?;
                self.new.insert(tree, empty);
                continue;
            };
            if children_done {
                let new = self.edit(tree, &losses)?;
                self.new.insert(tree, new);
            } else {
                stack.push((tree, true));
                stack.extend(entries.iter().filter_map(|e| e.subtree).map(|subtree| (subtree, false)));
            }
        }
        Ok(self.new.get(&root).copied().unwrap_or(root))
    }

    fn empty_tree(&mut self) -> Result<Id> {
        if let Some(empty) = self.empty {
            return Ok(empty);
        }
        let empty = self.packer.add(&[TREE_START, TREE_END].concat())?;
        self.empty = Some(empty);
        Ok(empty)
    }

    /// Writes a tree without its lost files, with the new ids of its subtrees.
    fn edit(&mut self, tree: Id, losses: &Losses<'_, TreeReader<'_>>) -> Result<Id> {
        let damaged = || VaultError::TreeDamaged {
            id: tree,
            damage: Damage::Structure,
        };
        let first = self
            .found
            .stock
            .table
            .find(BlobKind::Tree, &tree)
            .ok_or(VaultError::BlobMissing { id: tree })?;
        let json = self.trees.tree(first).map_err(|_| damaged())?;
        let mut text = TREE_START.to_vec();
        let mut some = false;
        for mut node in decode_tree(&json).ok_or_else(damaged)? {
            if losses.lost_content(&node).is_some() {
                continue;
            }
            if node.is_directory() {
                node.subtree = Some(match node.subtree {
                    Some(subtree) => self.new.get(&subtree).copied().unwrap_or(subtree),
                    None => self.empty_tree()?,
                });
            }
            if some {
                text.push(b',');
            }
            some = true;
            encode_node(&mut text, &node);
        }
        text.extend_from_slice(TREE_END);
        self.packer.add(&text)
    }
}

/// What is missing, in words.
fn describe(loss: &SnapshotLoss) -> String {
    let mut text = format!("Repaired; {} lost:", loss.count);
    for path in loss.paths.iter().take(NAMED) {
        text.push('\n');
        text.push_str(&path.path);
    }
    if loss.count > NAMED.min(loss.paths.len()) as u64 {
        text.push_str("\n…");
    }
    text
}
