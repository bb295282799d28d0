//! Forget and prune that are killed: what was to be kept is kept, what was to go is gone or whole.

use std::{fs, path::PathBuf, time::Duration};

use super::{Killer, Ledger, at_last, backup::stir};
use crate::{bench::Bench, data::tree, dice::rounds};

#[test]
fn forget_and_prune() {
    let bench = Bench::with_vault();
    let docs = bench.path("docs");
    let mut killer = Killer::new("forget_and_prune", Duration::from_millis(60));
    bench.add_folder_of(&docs, &mut killer);
    let mut kept: Vec<(String, Vec<(PathBuf, String)>)> = Vec::new();
    let mut ledger: Ledger<()> = Ledger::default();
    let mut kinds = (0, 0);
    let wanted = rounds(70);
    while killer.go_on(wanted) {
        stir(&docs, &mut killer.dice);
        kept.push((bench.back_up("docs"), tree(&docs)));
        let split = killer.dice.below(2) == 0;
        let begun = if split {
            bench.ok(&["forget", "docs", "--keep-last", "3", "--yes"]);
            killer.strike(&bench, &["prune", "safe"]);
            ledger.sound(&bench, "prune", killer.killed.is_multiple_of(10))
        } else {
            killer.strike(&bench, &["forget", "docs", "--keep-last", "3", "--prune", "--yes"]);
            ledger.sound(&bench, "forget", killer.killed.is_multiple_of(10))
        };
        kinds.0 += usize::from(begun && split);
        kinds.1 += usize::from(begun && !split);
        let cut = kept.len().saturating_sub(3);
        ledger.known = kept[cut..].iter().map(|(id, _)| (id.clone(), ())).collect();
        // What should go may be there still; then it must be one we know, and sound() has found it whole.
        for id in ledger.listed(&bench) {
            assert!(kept.iter().any(|(known, _)| *known == id), "{id} is nobody's snapshot");
        }
        if killer.killed.is_multiple_of(7) {
            bench.ok(&["forget", "docs", "--keep-last", "3", "--prune", "--yes"]);
            assert!(ledger.listed(&bench).is_empty(), "done to the end, it is done");
            kept.drain(..cut);
            let (id, whole) = &kept[killer.dice.below(kept.len())];
            let to = bench.path("look");
            bench.ok(&["restore", id, "--to", to.to_str().unwrap()]);
            assert_eq!(&tree(&to), whole, "{id}");
            fs::remove_dir_all(&to).unwrap();
        }
    }
    at_last(&bench);
    println!("keep: {} kills, of prune {}, of forget {}", killer.killed, kinds.0, kinds.1);
    assert!(kinds.0 > wanted / 8 && kinds.1 > wanted / 8, "both were hit: {kinds:?}");
}

impl Bench {
    /// A folder with content, added as the source `docs`.
    fn add_folder_of(&self, docs: &std::path::Path, killer: &mut Killer) {
        for _ in 0..6 {
            stir(docs, &mut killer.dice);
        }
        self.add_folder("docs", docs);
    }
}
