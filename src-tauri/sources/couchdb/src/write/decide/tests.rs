//! The decision against a small model of what a server does with revisions.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::write::tree::tests::{branch, tree};

fn wanted(leaves: &[&str]) -> Vec<Wanted> {
    leaves
        .iter()
        .map(|leaf| Wanted {
            branch: branch(leaf),
            altered: false,
            incomplete: false,
        })
        .collect()
}

/// A decision in short: what is written how, then the notes.
fn told(decision: &Decision) -> String {
    let mut parts: Vec<String> = decision
        .writes
        .iter()
        .map(|write| {
            let what = match write.what {
                What::Leaf(at) => at.to_string(),
                What::Tombstone => "x".to_owned(),
            };
            match &write.way {
                Way::Same => format!("{what}=same"),
                Way::Edit(None) => format!("{what}=edit"),
                Way::Edit(Some(of)) => format!("{what}=on {of}"),
                Way::Graft { onto, generation } => format!("{what}={generation} after {}", onto[0]),
            }
        })
        .collect();
    parts.extend(decision.notes.iter().map(|note| format!("{note:?}")));
    parts.extend(decision.refusal.iter().map(|why| format!("{why:?}")));
    parts.join("; ")
}

#[test]
fn auto_by_the_table() {
    let auto = |backup: &[&str], there: &[&str]| told(&decide(Revisions::Auto, &wanted(backup), &tree(there)));
    assert_eq!(auto(&["2-b 1-a"], &[]), "0=same");
    assert_eq!(auto(&["2-b 1-a"], &["2-b 1-a"]), "");
    assert_eq!(
        auto(&["2-b 1-a", "2-a 1-a"], &["2-b 1-a"]),
        "0=same; Conflicts(1)".replace("0=", "1=")
    );
    assert_eq!(auto(&["3-c 2-b 1-a"], &["2-b 1-a"]), "0=same");
    assert_eq!(
        auto(&["2-b 1-a"], &["3-c 2-b 1-a"]),
        r#"0=on 3-c; OnTop { generation: 4, of: "3-c" }"#
    );
    assert_eq!(
        auto(&["2-b 1-a"], &["2-c 1-a"]),
        r#"0=on 2-c; OnTop { generation: 3, of: "2-c" }"#
    );
    assert_eq!(
        auto(&["5-b 4-x"], &["2-c 1-a"]),
        r#"0=on 2-c; OnTop { generation: 3, of: "2-c" }"#
    );
    assert_eq!(
        auto(&["2-b 1-a"], &["!3-d 2-b 1-a"]),
        "0=edit; OverDeletion { generation: 4 }"
    );
    assert_eq!(auto(&["2-b 1-a"], &["!2-d 1-a"]), "0=same");
    assert_eq!(auto(&["3-c 2-d 1-a"], &["!2-d 1-a"]), "0=same");
    // The winner there is a conflict that was kept, ours was ended.
    assert_eq!(
        auto(&["3-c 2-b 1-a"], &["!4-d 3-c 2-b 1-a", "2-k 1-a"]),
        r#"0=on 2-k; OnTop { generation: 3, of: "2-k" }"#
    );
}

#[test]
fn conflicts_come_back_where_they_were_not_settled() {
    let auto = |backup: &[&str], there: &[&str]| told(&decide(Revisions::Auto, &wanted(backup), &tree(there)));
    assert_eq!(auto(&["2-b 1-a", "2-a 1-a"], &[]), "0=same; 1=same; Conflicts(1)");
    assert_eq!(auto(&["2-b 1-a", "2-a 1-a"], &["2-b 1-a", "!3-d 2-a 1-a"]), "Settled(1)");
    assert_eq!(
        auto(&["2-b 1-a", "2-a 1-a"], &["!3-c 2-b 1-a", "!3-d 2-a 1-a"]),
        "0=5 after 3-d; 1=4 after 3-d; OverDeletion { generation: 5 }; Conflicts(1)",
        "everything is gone: both come back, and the winner stays the winner"
    );
    assert_eq!(
        auto(&["9-b 8-a", "9-a 8-x"], &["2-c 1-z"]),
        r#"0=10 after 2-c; 1=same; OnTop { generation: 10, of: "2-c" }; Conflicts(1)"#,
        "a conflict of a higher generation must not win"
    );
}

#[test]
fn same_and_new_do_what_they_say() {
    let same = |backup: &[&str], there: &[&str]| told(&decide(Revisions::Same, &wanted(backup), &tree(there)));
    let new = |backup: &[&str], there: &[&str]| told(&decide(Revisions::New, &wanted(backup), &tree(there)));
    assert_eq!(same(&["2-b 1-a"], &["3-c 2-b 1-a"]), r#"Superseded { by: "3-c" }"#);
    assert_eq!(same(&["2-b 1-a"], &["!3-c 2-b 1-a"]), "EndedByDeletion");
    assert_eq!(same(&["2-b 1-a"], &["2-c 1-a"]), r#"0=same; Loses { to: "2-c" }"#);
    assert_eq!(same(&["2-d 1-a"], &["2-c 1-a"]), "0=same");
    assert_eq!(same(&["2-d 1-a"], &["2-d 1-a"]), "");
    assert_eq!(new(&["2-b 1-a", "2-a 1-a"], &[]), "0=edit; LeftOut(1)");
    assert_eq!(new(&["2-b 1-a"], &["2-b 1-a"]), "");
    assert_eq!(new(&["3-b 2-a"], &["2-a"]), r#"0=on 2-a; OnTop { generation: 3, of: "2-a" }"#);
    assert_eq!(new(&["3-b 2-a"], &["!2-a"]), "0=edit; OverDeletion { generation: 3 }");
}

#[test]
fn deletions_and_records_without_revisions() {
    let auto = |backup: &[&str], there: &[&str]| told(&decide(Revisions::Auto, &wanted(backup), &tree(there)));
    assert_eq!(auto(&["!3-d 2-b"], &[]), "0=same");
    assert_eq!(auto(&["!3-d 2-b"], &["2-b"]), "0=same; Deletes");
    assert_eq!(auto(&["!3-d 2-b"], &["4-e 3-x 2-b"]), "0=same; x=on 4-e; Deletes");
    assert_eq!(told(&decide(Revisions::Auto, &[], &tree(&["2-b"]))), "Deletion");
    let bare = [Wanted {
        branch: Branch {
            path: Vec::new(),
            deleted: false,
        },
        altered: false,
        incomplete: false,
    }];
    assert_eq!(told(&decide(Revisions::Auto, &bare, &tree(&[]))), "0=edit");
    assert_eq!(told(&decide(Revisions::Same, &bare, &tree(&[]))), "NoRevision");
    let altered = [Wanted {
        branch: branch("2-b 1-a"),
        altered: true,
        incomplete: false,
    }];
    for how in [Revisions::Auto, Revisions::Same, Revisions::New] {
        let told = told(&decide(how, &altered, &tree(&["2-b 1-a"])));
        assert_eq!(told, r#"0=on 2-b; OnTop { generation: 3, of: "2-b" }"#);
    }
}

#[test]
fn undo_takes_back_exactly() {
    let undo = |before: &[&str], there: &[&str]| told(&undo(&wanted(before), &tree(there)));
    assert_eq!(undo(&["3-c 2-b"], &["4-r 3-c 2-b"]), "0=on 4-r");
    assert_eq!(
        undo(&["3-c 2-b"], &["3-c 2-b", "3-a 2-b"]),
        "x=on 3-a",
        "a conflict that was added goes"
    );
    assert_eq!(undo(&["3-c 2-b"], &["3-d 2-b", "3-c 2-b"]), "x=on 3-d");
    assert_eq!(
        undo(&["3-c 2-b", "3-a 2-b"], &["4-r 3-c 2-b", "!4-x 3-a 2-b"]),
        "0=6 after 4-r; 1=5 after 4-x; Conflicts(1)",
        "a conflict comes back over its deletion, and the winner stays the winner"
    );
    assert_eq!(undo(&["3-c 2-b"], &["!4-x 3-c 2-b"]), "0=4 after 4-x".replace("0=4", "0=5"));
    assert_eq!(undo(&[], &["3-c 2-b", "2-x"]), "x=on 3-c; x=on 2-x");
    assert_eq!(undo(&["3-c 2-b"], &["2-b"]), "0=same");
}

/// A server's document: what each living leaf says.
#[derive(Debug, Clone)]
struct Model {
    tree: Tree,
    says: BTreeMap<String, String>,
    named: u32,
}

impl Model {
    fn new(tree: Tree) -> Self {
        let says = tree
            .leaves()
            .iter()
            .map(|leaf| (leaf.rev().to_owned(), format!("live {}", leaf.rev())));
        Self {
            says: says.collect(),
            tree,
            named: 0,
        }
    }

    fn put(&mut self, branch: &Branch, says: &str) {
        self.says.insert(branch.rev().to_owned(), says.to_owned());
        self.tree = self.tree.with(branch);
    }

    /// What a server does with each write; an edit of what is no leaf is refused.
    fn write(&mut self, decision: &Decision, wanted: &[Wanted]) {
        for write in &decision.writes {
            let (says, deleted, own) = match write.what {
                What::Leaf(at) => {
                    let leaf = &wanted[at].branch;
                    (format!("backup {}", leaf.rev()), leaf.deleted, leaf.path.clone())
                }
                What::Tombstone => (String::new(), true, Vec::new()),
            };
            self.named += 1;
            let onto = match &write.way {
                Way::Same => {
                    self.put(&Branch { path: own, deleted }, &says);
                    continue;
                }
                Way::Edit(Some(of)) => self.tree.leaf(of).expect("edits are of leaves").path.clone(),
                Way::Edit(None) => {
                    assert!(!self.tree.lives(), "an edit of nothing where something lives");
                    self.tree.winner().map(|winner| winner.path.clone()).unwrap_or_default()
                }
                Way::Graft { onto, .. } => onto.clone(),
            };
            let next = onto.first().map_or(0, |rev| rank(rev).0) + 1;
            let generation = match &write.way {
                Way::Graft { generation, .. } => *generation,
                _ => next,
            };
            assert!(generation >= next);
            let fill = (next..generation).rev().map(|g| format!("{g}-f{}", self.named));
            // Servers choose ids no one can foresee: the greatest and the smallest by turns.
            let id = if self.named.is_multiple_of(2) { "zz" } else { "00" };
            let path = [format!("{generation}-{id}{}", self.named)]
                .into_iter()
                .chain(fill)
                .chain(onto);
            let path = path.collect();
            self.put(&Branch { path, deleted }, &says);
        }
    }

    fn living(&self) -> Vec<&str> {
        self.tree.living().map(|leaf| self.says[leaf.rev()].as_str()).collect()
    }
}

/// A tree grown by edits, deletions and conflicts, as a list of steps: which leaf or inner revision goes on, and whether into a deletion.
fn grown(steps: &[(u8, bool)]) -> (Tree, Vec<Branch>) {
    let mut all: Vec<Branch> = Vec::new();
    let mut tree = Tree::default();
    for (number, (from, deleted)) in steps.iter().enumerate() {
        let parent = if all.is_empty() {
            None
        } else {
            all.get(usize::from(*from) % (all.len() + 1))
        };
        let path = parent.map(|parent| parent.path.clone()).unwrap_or_default();
        let generation = path.first().map_or(0, |rev| rank(rev).0) + 1;
        let id = format!("{generation}-{:02x}", (number * 37 + usize::from(*from)) % 256 * 100 + number);
        let grown = Branch {
            path: [id].into_iter().chain(path).collect(),
            deleted: *deleted,
        };
        tree = tree.with(&grown);
        all.push(grown);
    }
    (tree, all)
}

/// What a document was at one moment, and what it became by going on from there.
fn then_and_now() -> impl Strategy<Value = (Vec<Wanted>, Tree)> {
    let step = || prop::collection::vec((any::<u8>(), prop::bool::weighted(0.25)), 0..10);
    (step(), step(), any::<u8>()).prop_map(|(then, since, other)| {
        let (before, _) = grown(&then);
        let mut all = then.clone();
        all.extend(since);
        // Sometimes another replica, which saw only a part of it.
        let skip = if other.is_multiple_of(3) {
            usize::from(other) % (all.len() + 1)
        } else {
            0
        };
        let (now, every) = grown(&all);
        let seen = every[skip.min(every.len())..].iter();
        let now = if skip == 0 {
            now
        } else {
            seen.fold(Tree::default(), |tree, leaf| tree.with(leaf))
        };
        let wanted = before.living().map(|leaf| Wanted {
            branch: leaf.clone(),
            altered: false,
            incomplete: other % 5 == 1,
        });
        (wanted.collect(), now)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn after_auto_the_backup_is_shown_and_nothing_that_lived_is_lost((wanted, now) in then_and_now()) {
        if wanted.is_empty() {
            return Ok(());
        }
        let mut model = Model::new(now.clone());
        model.write(&decide(Revisions::Auto, &wanted, &now), &wanted);
        let rev = wanted[0].branch.rev();
        let shown = model.living()[0].to_owned();
        prop_assert!(shown == format!("backup {rev}") || shown == format!("live {rev}"), "{shown} of {:?}", model);
        // Only the winner that was there may have been written over, and what the backup's branches go on from.
        for (at, leaf) in now.living().enumerate() {
            let says = format!("live {}", leaf.rev());
            let followed = wanted.iter().any(|wanted| wanted.branch.passes(leaf.rev()));
            prop_assert!(at == 0 || followed || model.living().contains(&says.as_str()), "{says} of {:?}", model);
        }
        // No conflict that neither side had.
        let most = now.living().count().max(1) + wanted.len() - 1;
        prop_assert!(model.living().len() <= most);
    }

    #[test]
    fn after_undo_it_is_exactly_as_it_was((wanted, now) in then_and_now()) {
        let mut model = Model::new(now.clone());
        model.write(&undo(&wanted, &now), &wanted);
        let mut lives: Vec<_> = model.living().iter().map(|says| says.rsplit_once(' ').unwrap().1.to_owned()).collect();
        let mut wants: Vec<_> = wanted.iter().map(|leaf| leaf.branch.rev().to_owned()).collect();
        prop_assert_eq!(lives.first(), wants.first());
        lives.sort();
        wants.sort();
        prop_assert_eq!(lives, wants, "{:?}", model);
    }

    #[test]
    fn writing_the_same_twice_changes_nothing((wanted, now) in then_and_now()) {
        if wanted.is_empty() {
            return Ok(());
        }
        let mut model = Model::new(now.clone());
        let whole = |leaf: &Wanted| Wanted { incomplete: false, ..leaf.clone() };
        let wanted: Vec<Wanted> = wanted.iter().map(whole).collect();
        let first = decide(Revisions::Same, &wanted, &now);
        model.write(&first, &wanted);
        let again = decide(Revisions::Same, &wanted, &model.tree);
        prop_assert!(again.writes.is_empty());
        prop_assert!(first.writes.iter().all(|write| write.way == Way::Same));
    }
}
