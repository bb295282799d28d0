//! Random histories of saving, forgetting, pruning, damage and repair, against a plain copy of what each snapshot holds.

use backstay_vault::maintain::forget::forget;
use backstay_vault::maintain::prune::{PruneOptions, prune};
use backstay_vault::maintain::repair::{RepairOptions, repair};
use backstay_vault::maintain::report::Depth;
use backstay_vault::{FileKind, Id, Vault, WriterOptions};
use chrono::Utc;
use proptest::prelude::*;

use crate::maintain_support::*;

#[derive(Debug, Clone)]
enum Act {
    /// Puts files, removes some, and saves.
    Save {
        puts: Vec<(u8, u16)>,
        removes: Vec<u8>,
    },
    /// Forgets one of the snapshots.
    Forget(prop::sample::Index),
    Prune {
        max_unused_percent: u8,
        merge_small: bool,
    },
    /// Damages one file of a kind at some byte, or cuts it there; then repairs.
    Damage {
        pack: bool,
        which: prop::sample::Index,
        at: prop::sample::Index,
        cut: bool,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (prop::collection::vec((0u8..20, 0u16..3_000), 0..6), prop::collection::vec(0u8..20, 0..3))
            .prop_map(|(puts, removes)| Act::Save { puts, removes }),
        2 => any::<prop::sample::Index>().prop_map(Act::Forget),
        2 => (0u8..=100, any::<bool>()).prop_map(|(max_unused_percent, merge_small)| Act::Prune { max_unused_percent, merge_small }),
        1 => (any::<bool>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(pack, which, at, cut)| Act::Damage { pack, which, at, cut }),
    ]
}

fn path(name: u8) -> String {
    format!("d{}/e{}/f{name}", name % 3, name % 2)
}

/// Whether every file read is one of the model's with the same bytes; how many are missing.
fn missing(read: &Files, model: &Files) -> usize {
    for (path, content) in read {
        assert_eq!(model.get(path), Some(content), "{path}");
    }
    model.len() - read.len()
}

fn damage_and_repair(vault: &Vault, place: &backstay_vault::place::MemoryPlace, act: &Act, all: &mut Vec<(Id, Files)>) {
    let Act::Damage { pack, which, at, cut } = act else { return };
    let kind = if *pack { FileKind::Pack } else { FileKind::Index };
    let files = ids(vault, kind);
    if files.is_empty() {
        return;
    }
    place.tamper(kind, which.get(&files), |mut content| {
        let at = at.index(content.len());
        if *cut {
            content.truncate(at);
        } else {
            content[at] ^= 0x20;
        }
        Some(content)
    });
    let options = RepairOptions {
        depth: Depth::ReadAll,
        replace_snapshots: true,
        paths_per_snapshot: 99,
        now: Utc::now(),
    };
    let done = repair(vault, options, None, &()).unwrap();
    assert!(
        *pack || done.plan.losses.is_empty(),
        "a lost index loses nothing: {:?}",
        done.plan.losses
    );
    for (old, new) in done.rewritten {
        let lost = done.plan.losses.iter().find(|l| l.snapshot == old).unwrap();
        let entry = all.iter_mut().find(|(id, _)| *id == old).unwrap();
        let read = load(vault, &new).unwrap();
        let gone = missing(&read, &entry.1);
        // A directory that an earlier repair left empty may be lost once more.
        assert!(gone > 0 || lost.paths.iter().all(|p| p.directory), "{lost:?}");
        assert!(
            lost.paths.iter().all(|p| p.directory || !read.contains_key(&p.path)),
            "{lost:?}"
        );
        *entry = (new, read);
    }
    // A snapshot whose root is lost cannot be listed; this place cannot set files aside, so that it stays.
    let hopeless: Vec<Id> = all.iter().map(|(id, _)| *id).filter(|id| load(vault, id).is_err()).collect();
    assert!(hopeless.iter().all(|id| {
        done.plan
            .losses
            .iter()
            .any(|l| l.snapshot == *id && l.paths[0].path.is_empty())
    }));
    forget(vault, &hopeless, &()).unwrap();
    all.retain(|(id, _)| !hopeless.contains(id));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn everything_stays_readable_after_each_step(acts in prop::collection::vec(act(), 1..25), pack_size in 2_000usize..20_000) {
        let (place, vault) = in_memory();
        let mut all: Vec<(Id, Files)> = Vec::new();
        let mut now = Files::new();
        for (step, act) in acts.iter().enumerate() {
            match act {
                Act::Save { puts, removes } => {
                    removes.iter().for_each(|name| { now.remove(&path(*name)); });
                    puts.iter().for_each(|(name, length)| {
                        now.insert(path(*name), noise(u64::from(*length) % 50, (*length).into()));
                    });
                    let options = WriterOptions { pack_size, threads: Some(1), ..WriterOptions::default() };
                    all.push((save_with(&vault, &now, time(step as u32), options).id, now.clone()));
                }
                Act::Forget(_) if all.is_empty() => {}
                Act::Forget(which) => {
                    let (id, _) = all.remove(which.index(all.len()));
                    prop_assert_eq!(forget(&vault, &[id], &()).unwrap().removed, [id]);
                }
                Act::Prune { max_unused_percent, merge_small } => {
                    let options = PruneOptions { max_unused_percent: (*max_unused_percent).into(), merge_small: *merge_small };
                    let before = bytes(&vault, FileKind::Pack);
                    let plan = prune(&vault, options, None, &()).unwrap();
                    prop_assert_eq!(before - plan.freed_bytes, bytes(&vault, FileKind::Pack));
                }
                Act::Damage { .. } => damage_and_repair(&vault, &place, act, &mut all),
            }
            for (id, files) in &all {
                prop_assert_eq!(&load(&vault, id).unwrap(), files, "step {}", step);
            }
            let report = checked(&vault, Depth::ReadAll);
            prop_assert!(report.is_sound(), "step {}: {:?}", step, report.problems);
        }
    }
}
