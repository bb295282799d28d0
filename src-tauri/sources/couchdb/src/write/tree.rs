//! What is known of a document's revision tree: its leaves with the paths that lead to them. Enough to tell what a write will do to it
//! before it is sent.

use backstay_model::ContentHash;

use crate::convert::{Leaf, hash_of_revs};

/// Generation and id of a revision (`3-8f2a…`), in the order in which servers compare them. What is no revision comes first.
pub(crate) fn rank(rev: &str) -> (u64, &str) {
    match rev.split_once('-') {
        Some((generation, id)) => (generation.parse().unwrap_or(0), id),
        None => (0, rev),
    }
}

/// A leaf revision and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    /// The leaf, its parent, and so on, as far as the server remembers. Never empty.
    pub path: Vec<String>,
    /// It is a tombstone.
    pub deleted: bool,
}

impl Branch {
    /// The branch a document stands at; without a path when it has no revision.
    pub(crate) fn of(leaf: &Leaf) -> Self {
        let history = leaf.history();
        Self {
            path: history
                .map(|history| history.revs().map(|rev| rev.to_string()).collect())
                .unwrap_or_default(),
            deleted: leaf.deleted,
        }
    }

    /// The leaf.
    pub(crate) fn rev(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Whether `rev` is the leaf or before it.
    pub(crate) fn passes(&self, rev: &str) -> bool {
        self.path.iter().any(|known| known == rev)
    }

    /// The order of leaves: living ones first, then the highest generation, then the highest id. The first is the winner.
    pub(crate) fn order(&self) -> impl Ord + '_ {
        let (generation, id) = rank(self.rev());
        (self.deleted, std::cmp::Reverse((generation, id)))
    }
}

/// A document's revision tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    /// In the order of leaves.
    leaves: Vec<Branch>,
}

impl Tree {
    /// A tree with these leaves.
    pub(crate) fn new(mut leaves: Vec<Branch>) -> Self {
        leaves.sort_by(|a, b| a.order().cmp(&b.order()));
        leaves.dedup_by(|a, b| a.rev() == b.rev());
        Self { leaves }
    }

    /// The leaf the server shows, be it a tombstone.
    pub(crate) fn winner(&self) -> Option<&Branch> {
        self.leaves.first()
    }

    /// Leaves that are no tombstones, the winner first.
    pub(crate) fn living(&self) -> impl Iterator<Item = &Branch> {
        self.leaves.iter().filter(|leaf| !leaf.deleted)
    }

    /// All leaves, the winner first.
    pub(crate) fn leaves(&self) -> &[Branch] {
        &self.leaves
    }

    /// Whether there is something a reader would see.
    pub(crate) fn lives(&self) -> bool {
        self.living().next().is_some()
    }

    /// Whether it has the revision anywhere.
    pub(crate) fn knows(&self, rev: &str) -> bool {
        self.leaves.iter().any(|leaf| leaf.passes(rev))
    }

    /// The leaf with this revision.
    pub(crate) fn leaf(&self, rev: &str) -> Option<&Branch> {
        self.leaves.iter().find(|leaf| leaf.rev() == rev)
    }

    /// The tree after a revision was added the way replication adds it: one that is known changes nothing, one that goes on from a leaf
    /// takes its place, any other becomes a leaf beside the others.
    pub(crate) fn with(&self, branch: &Branch) -> Self {
        if self.knows(branch.rev()) {
            return self.clone();
        }
        let mut leaves: Vec<_> = self
            .leaves
            .iter()
            .filter(|leaf| !branch.passes(leaf.rev()))
            .cloned()
            .collect();
        leaves.push(branch.clone());
        Self::new(leaves)
    }

    /// What counts as the document's content hash: its leaf revisions, as the changes feed tells them with `style=all_docs`.
    pub(crate) fn hash(&self) -> ContentHash {
        let revs: Vec<_> = self.leaves.iter().map(Branch::rev).collect();
        hash_of_revs(&revs)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A branch from its revisions, newest first; `!` before them makes a tombstone.
    pub(crate) fn branch(text: &str) -> Branch {
        let (deleted, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        Branch {
            path: text.split(' ').map(str::to_owned).collect(),
            deleted,
        }
    }

    pub(crate) fn tree(leaves: &[&str]) -> Tree {
        Tree::new(leaves.iter().map(|leaf| branch(leaf)).collect())
    }

    fn winner(tree: &Tree) -> &str {
        tree.winner().map_or("", Branch::rev)
    }

    #[test]
    fn the_winner_lives_then_is_longest_then_greatest() {
        assert_eq!(winner(&tree(&["2-b 1-a", "2-c 1-a", "!9-z"])), "2-c");
        assert_eq!(winner(&tree(&["10-a", "9-b"])), "10-a", "generations are numbers");
        assert_eq!(winner(&tree(&["!2-b 1-a", "!3-a 2-a"])), "3-a");
        assert_eq!(winner(&Tree::default()), "");
    }

    #[test]
    fn a_revision_extends_joins_or_changes_nothing() {
        let start = tree(&["2-b 1-a"]);
        assert_eq!(start.with(&branch("1-a")), start, "an older one is known");
        assert_eq!(start.with(&branch("3-c 2-b 1-a")), tree(&["3-c 2-b 1-a"]));
        assert_eq!(start.with(&branch("2-x 1-a")), tree(&["2-b 1-a", "2-x 1-a"]));
        assert_eq!(start.with(&branch("!3-d 2-b 1-a")), tree(&["!3-d 2-b 1-a"]));
        assert_eq!(start.with(&branch("5-z")).leaves().len(), 2, "a cut path joins nothing");
    }

    #[test]
    fn the_hash_is_that_of_the_sorted_leaf_revisions() {
        let hash = tree(&["2-b 1-a", "!3-a 2-c"]).hash();
        assert_eq!(hash, ContentHash::of(b"2-b\n3-a"));
    }
}
