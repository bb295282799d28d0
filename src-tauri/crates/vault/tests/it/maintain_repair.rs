//! Repairs: whatever can be healed is, with restic as the judge; what is lost is named.

use backstay_model::ErrorKind;
use backstay_vault::maintain::check::{CheckOptions, check};
use backstay_vault::maintain::repair::{RepairOptions, RepairStep, plan_repair, repair};
use backstay_vault::maintain::report::{Depth, Problem};
use backstay_vault::{FileKind, Id, LocalPlace, Vault, VaultError};
use chrono::Utc;

use crate::maintain_support::*;

fn options(replace_snapshots: bool) -> RepairOptions {
    RepairOptions {
        depth: Depth::ReadAll,
        replace_snapshots,
        paths_per_snapshot: 100,
        now: Utc::now(),
    }
}

fn check_options() -> CheckOptions {
    CheckOptions {
        depth: Depth::Structural,
        paths_per_snapshot: 1,
        now: Utc::now(),
    }
}

fn tamper(place: &LocalPlace, kind: FileKind, id: &Id, change: impl FnOnce(&mut Vec<u8>)) {
    let path = place.path(kind, id);
    let mut content = std::fs::read(&path).unwrap();
    change(&mut content);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, content).unwrap();
}

fn content() -> Files {
    let mut content = Files::new();
    for n in 0..12 {
        content.insert(format!("dir{}/sub/file{n}", n % 3), noise(n, 150_000));
    }
    content.insert("top".into(), b"small".to_vec());
    content
}

/// A vault of two snapshots, the first and second state of the same files.
fn two() -> (Scratch, [Id; 2], [Files; 2]) {
    let scratch = Scratch::new();
    let first = content();
    let mut second = first.clone();
    second.insert("dir1/sub/file4".into(), noise(77, 200_000));
    second.insert("new".into(), noise(78, 1_000));
    let snapshots = [
        save(&scratch.vault, &first, time(1)).id,
        save(&scratch.vault, &second, time(2)).id,
    ];
    (scratch, snapshots, [first, second])
}

fn data_packs(vault: &Vault) -> Vec<Id> {
    let index = vault.index().unwrap();
    let mut packs: Vec<(u64, Id)> = index.packs().iter().map(|p| (p.size, p.id)).collect();
    packs.sort_unstable();
    packs
        .into_iter()
        .rev()
        .filter(|(size, _)| *size > 100_000)
        .map(|(_, id)| id)
        .collect()
}

/// Plans without changing anything, repairs, and leaves nothing to do.
fn mend(scratch: &Scratch, replace: bool) -> backstay_vault::maintain::repair::Repaired {
    let vault = scratch.reopen();
    let everything = || FileKind::ALL.map(|kind| ids(&vault, kind));
    let before = everything();
    let plan = plan_repair(&vault, options(replace), &()).unwrap();
    assert_eq!(everything(), before, "planning writes nothing");
    assert!(!plan.is_empty(), "{:?}", plan.check);
    let done = repair(&vault, options(replace), Some(&plan), &()).unwrap();
    assert_eq!(done.plan.steps, plan.steps);
    done
}

fn assert_healed(scratch: &Scratch, snapshots: &[Id; 2], files: &[Files; 2]) {
    for (id, files) in snapshots.iter().zip(files) {
        assert_eq!(load(&scratch.reopen(), id).unwrap(), *files);
    }
    assert_sound(scratch);
    let plan = plan_repair(&scratch.reopen(), options(true), &()).unwrap();
    assert!(plan.is_empty(), "nothing is left to do: {:?}", plan.steps);
}

#[test]
fn index_files_cut_emptied_or_filled_with_rubbish_are_rebuilt() {
    for how in 0..4 {
        let (scratch, snapshots, files) = two();
        for id in ids(&scratch.vault, FileKind::Index) {
            match how {
                0 => tamper(&scratch.local(), FileKind::Index, &id, |c| c.truncate(c.len() / 2)),
                1 => tamper(&scratch.local(), FileKind::Index, &id, Vec::clear),
                2 => tamper(&scratch.local(), FileKind::Index, &id, |c| *c = noise(5, 3_000)),
                _ => std::fs::remove_file(scratch.local().path(FileKind::Index, &id)).unwrap(),
            }
        }
        assert!(!checked(&scratch.reopen(), Depth::Structural).is_sound());
        let done = mend(&scratch, false);
        assert!(done.plan.losses.is_empty(), "{:?}", done.plan.losses);
        let folder = done.folder.map(|folder| scratch.path().join(folder));
        assert_eq!(
            folder.is_some_and(|f| f.read_dir().unwrap().count() == 2),
            how < 3,
            "set aside, not deleted"
        );
        assert_healed(&scratch, &snapshots, &files);
    }
}

#[test]
fn a_damaged_pack_header_costs_nothing() {
    let (scratch, snapshots, files) = two();
    for pack in ids(&scratch.vault, FileKind::Pack) {
        tamper(&scratch.local(), FileKind::Pack, &pack, |c| {
            *c.iter_mut().rev().nth(20).unwrap() ^= 4;
        });
    }
    let done = mend(&scratch, false);
    assert!(
        done.plan
            .steps
            .iter()
            .all(|s| matches!(s, RepairStep::SalvagePack { lost: 0, .. })),
        "{:?}",
        done.plan.steps
    );
    assert_healed(&scratch, &snapshots, &files);
}

#[test]
fn good_blobs_of_a_damaged_pack_are_saved_and_the_lost_file_is_named() {
    for how in 0..2 {
        let (scratch, snapshots, states) = two();
        let pack = data_packs(&scratch.vault)[0];
        tamper(&scratch.local(), FileKind::Pack, &pack, |c| {
            if how == 0 {
                c[1000] ^= 1;
            } else {
                c.truncate(c.len() - 50_000);
            }
        });
        let report = checked(&scratch.reopen(), Depth::ReadAll);
        assert!(!report.is_sound());
        let lost: Vec<String> = report.losses[0].paths.iter().map(|p| p.path.clone()).collect();
        assert_eq!(report.losses.len(), 2, "both snapshots hold the file: {:?}", report.losses);
        assert!((1..=1 + how).contains(&lost.len()), "{lost:?}");
        let done = mend(&scratch, true);
        assert_eq!(done.rewritten.len(), 2);
        let all = scratch.reopen().snapshots().unwrap().good;
        assert_eq!(all.len(), 2);
        for (snapshot, state) in all.iter().zip(&states) {
            assert!(snapshot.tags.contains(&"repaired".to_owned()) && snapshot.tags.contains(&"partial".to_owned()));
            assert!(snapshot.description.as_ref().unwrap().contains(&lost[0]), "{snapshot:?}");
            assert!(snapshots.contains(&snapshot.original.unwrap()));
            let mut expected = state.clone();
            assert!(lost.iter().all(|path| expected.remove(path).is_some()));
            assert_eq!(load(&scratch.reopen(), &snapshot.id).unwrap(), expected);
        }
        assert_sound(&scratch);
        assert!(plan_repair(&scratch.reopen(), options(true), &()).unwrap().is_empty());
    }
}

#[test]
fn originals_stay_unless_told() {
    let (scratch, snapshots, states) = two();
    let pack = data_packs(&scratch.vault)[0];
    tamper(&scratch.local(), FileKind::Pack, &pack, |c| c[1000] ^= 1);
    mend(&scratch, false);
    let all = scratch.reopen().snapshots().unwrap().good;
    assert_eq!(all.len(), 4);
    assert!(snapshots.iter().all(|id| all.iter().any(|s| s.id == *id)));
    let again = plan_repair(&scratch.reopen(), options(false), &()).unwrap();
    assert!(
        again.is_empty() && !again.check.is_sound(),
        "once is enough: {:?}",
        again.steps
    );
    // What is left of the originals still reads.
    let vault = scratch.reopen();
    let snapshot = vault.snapshot(&snapshots[1]).unwrap();
    let node = vault.reader().unwrap().find(&snapshot, "new").unwrap().unwrap();
    let mut read = vec![0; 1_000];
    vault.reader().unwrap().read_at(&node, 0, &mut read).unwrap();
    assert_eq!(read, states[1]["new"]);
}

#[test]
fn a_missing_pack_leaves_the_index_and_what_it_held_is_named() {
    let (scratch, _, states) = two();
    let packs = data_packs(&scratch.vault);
    std::fs::remove_file(scratch.local().path(FileKind::Pack, packs.last().unwrap())).unwrap();
    let report = checked(&scratch.reopen(), Depth::Structural);
    assert!(
        report.problems.iter().any(|p| matches!(p, Problem::PackMissing { .. })),
        "{report:?}"
    );
    let lost: u64 = report.losses.iter().map(|l| l.count).sum();
    assert!(lost > 0);
    mend(&scratch, true);
    let kept: usize = scratch
        .reopen()
        .snapshots()
        .unwrap()
        .good
        .iter()
        .map(|s| load(&scratch.reopen(), &s.id).unwrap().len())
        .sum();
    assert_eq!(kept as u64, states[0].len() as u64 + states[1].len() as u64 - lost);
    assert_sound(&scratch);
}

#[test]
fn lost_directories_become_empty_and_lost_roots_are_told() {
    let (scratch, snapshots, _) = two();
    let vault = scratch.reopen();
    let root = |id| vault.snapshot(id).unwrap().tree;
    let index = vault.index().unwrap();
    let blob = |tree: &Id| index.first(backstay_vault::pack::BlobKind::Tree, tree).unwrap();
    // One directory of the first snapshot, and the root of the second.
    let node = vault
        .reader()
        .unwrap()
        .find(&vault.snapshot(&snapshots[0]).unwrap(), "dir1/sub")
        .unwrap()
        .unwrap();
    for located in [blob(&node.subtree.unwrap()), blob(&root(&snapshots[1]))] {
        let pack = index.packs()[located.pack as usize].id;
        tamper(&scratch.local(), FileKind::Pack, &pack, |c| {
            c[located.blob.offset as usize + 20] ^= 1;
        });
    }
    let report = checked(&scratch.reopen(), Depth::Structural);
    let first = &report.losses.iter().find(|l| l.snapshot == snapshots[0]).unwrap().paths;
    assert_eq!(
        first.iter().map(|p| (p.path.as_str(), p.directory)).collect::<Vec<_>>(),
        [("dir1/sub", true)]
    );
    let done = mend(&scratch, true);
    assert!(done.plan.steps.contains(&RepairStep::LoseSnapshot { snapshot: snapshots[1] }));
    let all = scratch.reopen().snapshots().unwrap().good;
    assert_eq!(all.len(), 1);
    let left = load(&scratch.reopen(), &all[0].id).unwrap();
    assert_eq!(left.len(), content().len() - 4);
    let vault = scratch.reopen();
    let empty = vault.reader().unwrap().find(&all[0], "dir1/sub").unwrap().unwrap();
    assert!(vault.reader().unwrap().list(&empty).unwrap().is_empty());
    assert_sound(&scratch);
}

#[test]
fn damaged_snapshots_keys_temporary_files_and_locks_are_cleared() {
    let (scratch, snapshots, files) = two();
    let place = scratch.local();
    let second = scratch.vault.add_key(
        "other",
        &backstay_vault::CreateOptions {
            cost: backstay_vault::KeyCost::Cheap,
            ..Default::default()
        },
    );
    tamper(&place, FileKind::Key, &second.unwrap(), |c| c.truncate(10));
    let third = save(&scratch.vault, &Files::new(), time(3)).id;
    tamper(&place, FileKind::Snapshot, &third, |c| c[30] ^= 1);
    std::fs::write(scratch.path().join("index/.backstay-tmp-0123456789ab"), "half").unwrap();
    std::fs::write(scratch.path().join(format!("data/00/{}-tmp-123", Id::default())), "half").unwrap();
    std::fs::write(scratch.path().join(format!("locks/{}", Id::default())), "").unwrap();
    let refused = check(&scratch.reopen(), &check_options(), &()).unwrap_err();
    assert_eq!(
        refused.kind(),
        ErrorKind::Locked,
        "a lock that cannot be read may forbid anything"
    );
    let report = plan_repair(&scratch.reopen(), options(false), &()).unwrap().check;
    let strays = report
        .problems
        .iter()
        .filter(|p| matches!(p, Problem::StrayFile { bytes: 4, .. }))
        .count();
    assert_eq!(strays, 2, "{:?}", report.problems);
    let done = mend(&scratch, false);
    assert_eq!(done.plan.steps.len(), 5, "{:?}", done.plan.steps);
    assert_healed(&scratch, &snapshots, &files);
    assert!(checked(&scratch.reopen(), Depth::ReadAll).is_clean());
}

#[test]
fn the_last_key_is_never_set_aside() {
    let (scratch, ..) = two();
    let vault = scratch.reopen();
    let key = ids(&vault, FileKind::Key)[0];
    tamper(&scratch.local(), FileKind::Key, &key, |c| c.truncate(10));
    let plan = plan_repair(&vault, options(true), &()).unwrap();
    assert!(plan.is_empty() && !plan.check.is_sound(), "{:?}", plan.steps);
}

#[test]
fn somebody_at_work_and_a_plan_outdated_are_refused() {
    let (scratch, ..) = two();
    let lock = scratch.vault.lock_exclusive().unwrap();
    assert_eq!(
        plan_repair(&scratch.vault, options(true), &()).unwrap_err().kind(),
        ErrorKind::Locked
    );
    drop(lock);
    let plan = plan_repair(&scratch.vault, options(true), &()).unwrap();
    let index = ids(&scratch.vault, FileKind::Index)[0];
    tamper(&scratch.local(), FileKind::Index, &index, Vec::clear);
    let error = repair(&scratch.reopen(), options(true), Some(&plan), &()).unwrap_err();
    assert!(matches!(error, VaultError::PlanOutdated), "{error:?}");
}

#[test]
fn originals_may_be_set_aside_later() {
    let (scratch, ..) = two();
    let pack = data_packs(&scratch.vault)[0];
    tamper(&scratch.local(), FileKind::Pack, &pack, |c| c[1000] ^= 1);
    mend(&scratch, false);
    let done = mend(&scratch, true);
    assert!(done.rewritten.is_empty());
    assert_eq!(scratch.reopen().snapshots().unwrap().good.len(), 2);
    assert_sound(&scratch);
}
