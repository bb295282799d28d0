//! How a document of a backup meets a document that is there: which revisions are written, and on top of which.
//!
//! Writing a revision *as it is* (the way replication does) is the best there is where it helps: nothing is doubled, and doing it twice
//! does no harm. Where the document went on since the backup it does not help: the server takes the older revision and goes on showing the
//! newer one. Then the backup's content has to become a new revision on top of what is there. With `auto`:
//!
//! | at the target | what is written |
//! |---|---|
//! | never was there | the same revisions |
//! | the same revision is the winner | revisions in conflict the target does not know |
//! | the winner is an ancestor of the backup's | the same revisions: the branch goes on |
//! | the winner is a later edit of the backup's | a new revision on top of the winner |
//! | the winner is one of the backup's conflicts | the same revisions: both had it |
//! | the winner is on another branch | a new revision on top of the winner, so that no conflict is made |
//! | deleted as a whole, the deletion ends the backup's branch | a new revision on top of the deletion |
//! | deleted as a whole, on another branch or before the backup's revision | the same revisions: a living leaf wins |
//!
//! Revisions in conflict come back with the same revision where the target never had them, and on top of their own deletions where the
//! whole document is gone; those that were settled in a document that lives on stay settled. Where the winner would not win (a conflict
//! with a higher generation comes back beside it), it gets the next generation after that.

use std::fmt;

use super::tree::{Branch, Tree, rank};

/// Which revisions a restore writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Revisions {
    /// By the table above.
    #[default]
    Auto,
    /// Those of the backup, always.
    Same,
    /// New ones, always.
    New,
}

/// A leaf of the backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its revision and history; without a path it comes from something that knows no revisions.
    pub branch: Branch,
    /// Its content is no longer what its revision says: some fields of another version were put into it.
    pub altered: bool,
    /// Something that belongs to it is missing from the backup, so that it must not be written under its own revision.
    pub incomplete: bool,
}

impl Wanted {
    /// How it is written where it can come back as it was: under a revision of the same generation when it is not whole.
    fn as_it_was(&self) -> Way {
        match self.branch.path.split_first() {
            Some((own, before)) if self.incomplete => Way::Graft {
                onto: before.to_vec(),
                generation: rank(own).0,
            },
            _ => Way::Same,
        }
    }
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The leaf of the backup with this number.
    Leaf(usize),
    /// A tombstone.
    Tombstone,
}

/// How it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// With its own revision and history (`new_edits=false`).
    Same,
    /// As an edit of this leaf; without one, of a document that is not there or is deleted as a whole. The server names the revision, and
    /// refuses when the leaf is none any more.
    Edit(Option<String>),
    /// As a revision of this generation that is named here, after this path (`new_edits=false`): where a server would not take an edit.
    Graft {
        /// What it comes after, newest first.
        onto: Vec<String>,
        /// Its generation, higher than that of what it comes after.
        generation: u64,
    },
}

/// One revision to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    /// What.
    pub what: What,
    /// How.
    pub way: Way,
}

/// What a person should know about how a document comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// As a new revision on top of a living one.
    OnTop {
        /// Generation of the new one.
        generation: u64,
        /// What it comes after.
        of: String,
    },
    /// As a new revision on top of a deletion.
    OverDeletion {
        /// Generation of the new one.
        generation: u64,
    },
    /// Revisions in conflict come back.
    Conflicts(usize),
    /// Revisions in conflict that are settled at the target.
    Settled(usize),
    /// Revisions in conflict that a restore with new revisions leaves out.
    LeftOut(usize),
    /// The target's winner stays the winner.
    Loses {
        /// The target's winner.
        to: String,
    },
    /// The document is deleted.
    Deletes,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let revisions = |n: usize| if n == 1 { "revision" } else { "revisions" };
        match self {
            Self::OnTop { generation, of } => write!(f, "Comes back as revision {generation} on top of {}.", short(of)),
            Self::OverDeletion { generation } => {
                write!(f, "Was deleted; comes back as revision {generation} on top of the deletion.")
            }
            Self::Conflicts(1) => f.write_str("1 conflicting revision comes back too."),
            Self::Conflicts(n) => write!(f, "{n} conflicting revisions come back too."),
            Self::Settled(1) => f.write_str("1 conflicting revision was settled since and stays settled."),
            Self::Settled(n) => write!(f, "{n} conflicting revisions were settled since and stay settled."),
            Self::LeftOut(n) => write!(
                f,
                "{n} conflicting {} of the backup stay out: new revisions are made of winners only.",
                revisions(*n)
            ),
            Self::Loses { to } => write!(
                f,
                "The live revision {} stays the winner; this one comes back as a conflict.",
                short(to)
            ),
            Self::Deletes => f.write_str("Is deleted, as it was in the backup."),
        }
    }
}

/// A revision as people can tell it apart.
pub(crate) fn short(rev: &str) -> String {
    match rev.char_indices().nth(10) {
        Some((at, _)) => format!("{}…", &rev[..at]),
        None => rev.to_owned(),
    }
}

/// Why a document cannot come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// With the same revision it would stay hidden below a later one.
    Superseded {
        /// The winner.
        by: String,
    },
    /// With the same revision it would stay hidden below its deletion.
    EndedByDeletion,
    /// It has no revision to be the same.
    NoRevision,
    /// It is deleted in the backup, and deletions were not asked for.
    Deletion,
    /// An attachment is missing from the backup, and a revision is either whole or none.
    Incomplete,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded { by } => write!(
                f,
                "With the same revisions it stays below the live revision {}, which is a later one. Restore it with revisions=auto.",
                short(by)
            ),
            Self::EndedByDeletion => f.write_str(
                "With the same revisions it stays deleted: its deletion is a later revision. Restore it with revisions=auto.",
            ),
            Self::NoRevision => f.write_str("It has no revision that could be kept. Restore it with revisions=auto."),
            Self::Deletion => f.write_str("It is deleted in the backup. Deletions are written with the option tombstones."),
            Self::Incomplete => f.write_str(
                "An attachment is missing from the backup, so that it cannot come back as the same revision. Restore it with revisions=auto.",
            ),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Revisions to write, the winner's first. Empty: everything is there.
    pub writes: Vec<Write>,
    /// What to know about it.
    pub notes: Vec<Note>,
    /// Why it cannot be.
    pub refusal: Option<Refusal>,
}

impl Decision {
    fn refused(why: Refusal) -> Self {
        Self {
            refusal: Some(why),
            ..Self::default()
        }
    }
}

/// The generation of a revision.
pub(crate) fn rank_of(rev: &str) -> u64 {
    rank(rev).0
}

/// Decides how the leaves of a backup (in the order of leaves) meet `tree`.
pub(crate) fn decide(revisions: Revisions, wanted: &[Wanted], tree: &Tree) -> Decision {
    let Some(first) = wanted.first() else {
        return Decision::refused(Refusal::Deletion);
    };
    let nameless = first.branch.path.is_empty();
    match revisions {
        _ if first.altered => edit(wanted, tree),
        Revisions::Same if nameless => Decision::refused(Refusal::NoRevision),
        Revisions::Same if unknown(wanted, tree).any(|at| wanted[at].incomplete) => Decision::refused(Refusal::Incomplete),
        Revisions::Same => same(wanted, tree),
        _ if first.branch.deleted => deletion(wanted, tree),
        Revisions::New => edit(wanted, tree),
        Revisions::Auto if nameless => edit(wanted, tree),
        Revisions::Auto => auto(wanted, tree),
    }
}

/// Numbers of the leaves the tree does not know.
fn unknown<'a>(wanted: &'a [Wanted], tree: &'a Tree) -> impl Iterator<Item = usize> + 'a {
    let new = |leaf: &Wanted| !leaf.branch.path.is_empty() && !tree.knows(leaf.branch.rev());
    wanted.iter().enumerate().filter(move |(_, leaf)| new(leaf)).map(|(at, _)| at)
}

fn as_they_are(leaves: impl Iterator<Item = usize>, wanted: &[Wanted]) -> Vec<Write> {
    leaves
        .map(|leaf| Write {
            what: What::Leaf(leaf),
            way: wanted[leaf].as_it_was(),
        })
        .collect()
}

fn merged(wanted: &[Wanted], tree: &Tree) -> Tree {
    wanted.iter().fold(tree.clone(), |tree, leaf| tree.with(&leaf.branch))
}

fn conflicts(writes: &[Write]) -> Option<Note> {
    let count = writes.iter().filter(|write| matches!(write.what, What::Leaf(1..))).count();
    (count > 0).then_some(Note::Conflicts(count))
}

fn same(wanted: &[Wanted], tree: &Tree) -> Decision {
    let first = &wanted[0].branch;
    let after = merged(wanted, tree);
    let shown = after.winner().map_or("", Branch::rev).to_owned();
    let writes = as_they_are(unknown(wanted, tree), wanted);
    if tree.knows(first.rev()) && shown != first.rev() && !first.deleted {
        return Decision::refused(match after.lives() {
            true => Refusal::Superseded { by: shown },
            false => Refusal::EndedByDeletion,
        });
    }
    let mut notes = Vec::new();
    if shown != first.rev() {
        notes.push(Note::Loses { to: shown });
    }
    notes.extend(conflicts(&writes));
    Decision {
        writes,
        notes,
        refusal: None,
    }
}

/// A deletion that was asked for: what lives is deleted too.
fn deletion(wanted: &[Wanted], tree: &Tree) -> Decision {
    let mut writes = as_they_are(unknown(wanted, tree), wanted);
    let after = merged(wanted, tree);
    writes.extend(after.living().map(|leaf| Write {
        what: What::Tombstone,
        way: Way::Edit(Some(leaf.rev().to_owned())),
    }));
    Decision {
        writes,
        notes: if tree.lives() { vec![Note::Deletes] } else { Vec::new() },
        refusal: None,
    }
}

/// The backup's winner as a new revision, whatever is there.
fn edit(wanted: &[Wanted], tree: &Tree) -> Decision {
    let mut decision = Decision::default();
    let here = tree.winner().filter(|winner| !winner.deleted);
    if !wanted[0].altered && here.is_some_and(|winner| winner.rev() == wanted[0].branch.rev()) {
        return decision;
    }
    decision.writes.push(Write {
        what: What::Leaf(0),
        way: Way::Edit(here.map(|winner| winner.rev().to_owned())),
    });
    decision.notes.extend(on_top(tree));
    let left = unknown(wanted, tree).filter(|at| *at > 0).count();
    if left > 0 {
        decision.notes.push(Note::LeftOut(left));
    }
    decision
}

/// The note for a new revision on top of what the tree shows.
fn on_top(tree: &Tree) -> Option<Note> {
    let winner = tree.winner()?;
    let generation = rank(winner.rev()).0 + 1;
    Some(match winner.deleted {
        true => Note::OverDeletion { generation },
        false => Note::OnTop {
            generation,
            of: winner.rev().to_owned(),
        },
    })
}

fn auto(wanted: &[Wanted], tree: &Tree) -> Decision {
    let first = &wanted[0].branch;
    let goes_on = match tree.winner() {
        Some(winner) if !winner.deleted => {
            // A conflict the backup had too is none that would be made.
            let ours = || wanted.iter().any(|leaf| leaf.branch.rev() == winner.rev());
            first.passes(winner.rev()) || (!tree.knows(first.rev()) && ours())
        }
        _ => !tree.knows(first.rev()),
    };
    let mut placing = Placing::new(wanted, tree);
    if goes_on {
        placing.place(0, (!tree.knows(first.rev())).then(|| wanted[0].as_it_was()));
    } else {
        let here = tree.winner().filter(|winner| !winner.deleted);
        placing.place(0, Some(Way::Edit(here.map(|winner| winner.rev().to_owned()))));
        placing.notes.extend(on_top(tree));
    }
    let mut settled = 0;
    for (at, one) in wanted.iter().enumerate().skip(1) {
        let leaf = &one.branch;
        if !tree.knows(leaf.rev()) {
            placing.place(at, Some(one.as_it_was()));
        } else if leaf.deleted || tree.living().any(|living| living.passes(leaf.rev())) {
            placing.place(at, None);
        } else if tree.lives() {
            settled += 1;
        } else {
            placing.graft(at);
        }
    }
    let mut decision = placing.finish();
    if settled > 0 {
        decision.notes.push(Note::Settled(settled));
    }
    decision
}

/// Decides how a document becomes exactly what it was: `wanted` holds its living leaves then. What was added since is deleted, what was
/// overwritten returns on top, what was deleted returns on top of its deletion.
pub(crate) fn undo(wanted: &[Wanted], tree: &Tree) -> Decision {
    let mut placing = Placing::new(wanted, tree);
    let mut open: Vec<usize> = Vec::new();
    for (at, leaf) in wanted.iter().enumerate() {
        match tree.leaf(leaf.branch.rev()) {
            Some(there) if there.deleted == leaf.branch.deleted && !leaf.altered => placing.place(at, None),
            _ => open.push(at),
        }
    }
    for living in tree.living() {
        if wanted.iter().any(|leaf| leaf.branch.rev() == living.rev() && !leaf.altered) {
            continue;
        }
        let of = |at: &usize| living.passes(wanted[*at].branch.rev());
        if let Some(found) = open.iter().position(of) {
            let at = open.remove(found);
            placing.place(at, Some(Way::Edit(Some(living.rev().to_owned()))));
            continue;
        }
        // A leaf that comes back with its history takes the place of what it came from.
        let followed = |at: &usize| !tree.knows(wanted[*at].branch.rev()) && wanted[*at].branch.passes(living.rev());
        if !open.iter().any(followed) {
            placing.entomb(living.rev());
        }
    }
    for at in open {
        let known = tree.knows(wanted[at].branch.rev());
        match known {
            false => placing.place(at, Some(wanted[at].as_it_was())),
            true => placing.graft(at),
        }
    }
    placing.finish()
}

/// Decides how all that lives of a document is deleted.
pub(crate) fn delete(tree: &Tree) -> Decision {
    undo(&[], tree)
}

/// Leaves with the places they get.
struct Placing<'a> {
    wanted: &'a [Wanted],
    tree: &'a Tree,
    /// By leaf: where it goes; `Some(None)`: it is there.
    places: Vec<Option<Option<Way>>>,
    tombstones: Vec<String>,
    notes: Vec<Note>,
}

impl<'a> Placing<'a> {
    fn new(wanted: &'a [Wanted], tree: &'a Tree) -> Self {
        Self {
            wanted,
            tree,
            places: vec![None; wanted.len()],
            tombstones: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn place(&mut self, leaf: usize, way: Option<Way>) {
        self.places[leaf] = Some(way);
    }

    fn entomb(&mut self, rev: &str) {
        self.tombstones.push(rev.to_owned());
    }

    /// Puts a leaf that was ended on top of what ended it.
    fn graft(&mut self, leaf: usize) {
        let ended = |end: &&Branch| end.passes(self.wanted[leaf].branch.rev());
        let Some(end) = self.tree.leaves().iter().find(ended) else {
            return;
        };
        let way = Way::Graft {
            onto: end.path.clone(),
            generation: rank(end.rev()).0 + 1,
        };
        self.place(leaf, Some(way));
    }

    /// The generation a placed leaf gets, and its id where that is known.
    fn stands(&self, leaf: usize) -> Option<(u64, Option<&str>)> {
        let own = rank(self.wanted[leaf].branch.rev());
        Some(match self.places[leaf].as_ref()? {
            None | Some(Way::Same) => (own.0, Some(own.1)),
            Some(Way::Edit(None)) => (self.tree.winner().map_or(0, |winner| rank(winner.rev()).0) + 1, None),
            Some(Way::Edit(Some(of))) => (rank(of).0 + 1, None),
            Some(Way::Graft { generation, .. }) => (*generation, None),
        })
    }

    /// Living leaves beside the first one, when everything is written.
    fn rivals(&self) -> impl Iterator<Item = (u64, Option<&str>)> {
        let placed = (1..self.wanted.len()).filter(|at| !self.wanted[*at].branch.deleted);
        let replaced = |rev: &str| {
            let by = |(at, place): (usize, &Option<Option<Way>>)| match place {
                Some(None) => self.wanted[at].branch.rev() == rev,
                Some(Some(Way::Edit(Some(of)))) => of == rev,
                Some(Some(Way::Same)) => self.wanted[at].branch.passes(rev),
                Some(Some(Way::Graft { onto, .. })) => onto.first().is_some_and(|first| first == rev),
                Some(Some(Way::Edit(None))) | None => false,
            };
            self.places.iter().enumerate().any(by) || self.tombstones.iter().any(|gone| gone == rev)
        };
        let staying = self.tree.living().map(Branch::rev).filter(move |rev| !replaced(rev));
        placed.filter_map(|at| self.stands(at)).chain(staying.map(|rev| {
            let (generation, id) = rank(rev);
            (generation, Some(id))
        }))
    }

    /// Sees to it that the first leaf wins.
    fn crown(&mut self) {
        if self.wanted.first().is_none_or(|first| first.branch.deleted) {
            return;
        }
        let Some(stands) = self.stands(0) else { return };
        let beaten = |rival: &(u64, Option<&str>)| match (rival.1, stands.1) {
            _ if rival.0 != stands.0 => rival.0 < stands.0,
            (Some(rival), Some(own)) => rival < own,
            // Both ids are the server's to choose.
            _ => false,
        };
        if self.rivals().all(|rival| beaten(&rival)) {
            return;
        }
        let highest = self.rivals().map(|rival| rival.0).max().unwrap_or(0);
        let generation = highest.max(stands.0) + 1;
        let onto = match self.places[0].as_ref() {
            Some(Some(Way::Edit(of))) => {
                let end = of.as_deref().map_or(self.tree.winner(), |of| self.tree.leaf(of));
                end.map(|end| end.path.clone()).unwrap_or_default()
            }
            Some(Some(Way::Graft { onto, .. })) => onto.clone(),
            _ => self.wanted[0].branch.path.clone(),
        };
        for note in &mut self.notes {
            if let Note::OnTop { generation: told, .. } | Note::OverDeletion { generation: told } = note {
                *told = generation;
            }
        }
        self.place(0, Some(Way::Graft { onto, generation }));
    }

    fn finish(mut self) -> Decision {
        self.crown();
        let mut writes = Vec::new();
        for (at, place) in self.places.into_iter().enumerate() {
            if let Some(Some(way)) = place {
                writes.push(Write {
                    what: What::Leaf(at),
                    way,
                });
            }
        }
        self.notes.extend(conflicts(&writes));
        writes.extend(self.tombstones.into_iter().map(|rev| Write {
            what: What::Tombstone,
            way: Way::Edit(Some(rev)),
        }));
        Decision {
            writes,
            notes: self.notes,
            refusal: None,
        }
    }
}

#[cfg(test)]
mod tests;
