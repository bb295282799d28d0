//! Forget and prune: what is freed, what stays, and what is refused.

use backstay_model::ErrorKind;
use backstay_vault::maintain::forget::{forget, preview_forget};
use backstay_vault::maintain::prune::{PruneOptions, plan_prune, prune};
use backstay_vault::maintain::report::{Depth, Problem};
use backstay_vault::{FileKind, Id, VaultError, WriterOptions};

use crate::maintain_support::*;

const ALL: PruneOptions = PruneOptions {
    max_unused_percent: 0.0,
    merge_small: false,
};

#[test]
fn frees_exactly_what_it_announced_and_keeps_the_rest() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    // Blobs of both snapshots lie mixed in the packs: shared ones, and some only the first needs.
    let mut first = Files::new();
    for n in 0..40 {
        first.insert(format!("dir{}/file{n}", n % 4), noise(n, 100_000));
    }
    let old = save(vault, &first, time(1));
    let mut second = first.clone();
    for n in (0..40).step_by(3) {
        second.insert(format!("dir{}/file{n}", n % 4), noise(1000 + n, 50_000));
    }
    let new = save(vault, &second, time(2));
    let preview = preview_forget(vault, &[old.id, Id::default()], ALL, &()).unwrap();
    assert_eq!((preview.snapshots.as_slice(), preview.remaining), ([old.id].as_slice(), 1));
    assert!(preview.bytes > 1_300_000 && preview.bytes < 1_500_000, "{preview:?}");
    assert_eq!(plan_prune(vault, ALL, &()).unwrap().freed_bytes, 0, "nothing is unneeded yet");

    let forgotten = forget(vault, &[old.id, Id::default()], &()).unwrap();
    assert_eq!((forgotten.removed, forgotten.absent), (vec![old.id], vec![Id::default()]));
    assert_eq!(forget(vault, &[old.id], &()).unwrap().absent, [old.id], "again does nothing");
    let plan = plan_prune(vault, ALL, &()).unwrap();
    assert_eq!(plan, preview.prune);
    assert!(!plan.repack.is_empty(), "{plan:?}");
    let before = bytes(vault, FileKind::Pack);
    assert_eq!(plan.bytes, before);
    let done = prune(vault, ALL, Some(&plan), &()).unwrap();
    assert_eq!(done, plan, "what was shown is what was done");
    assert_eq!(before - bytes(vault, FileKind::Pack), plan.freed_bytes);
    assert_eq!(preview.freed_bytes, plan.freed_bytes);
    // What remains is what the snapshot needs, and the packs' own frames.
    assert!(plan.freed_bytes >= preview.bytes, "{plan:?}");
    assert_eq!(load(&scratch.reopen(), &new.id).unwrap(), second);
    assert_sound(&scratch);
    assert!(
        plan_prune(&scratch.reopen(), ALL, &()).unwrap().is_empty(),
        "a second prune has nothing to do"
    );
}

#[test]
fn some_unused_bytes_may_stay_so_that_little_is_copied() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    let mut content = Files::new();
    for n in 0..100 {
        content.insert(format!("f{n}"), noise(n, 50_000));
    }
    let old = save(vault, &content, time(1));
    content.remove("f7");
    content.remove("f70");
    save(vault, &content, time(2));
    forget(vault, &[old.id], &()).unwrap();
    let lax = plan_prune(
        vault,
        PruneOptions {
            max_unused_percent: 5.0,
            merge_small: false,
        },
        &(),
    )
    .unwrap();
    assert!(
        lax.repack.iter().all(|p| !big(vault, p)),
        "2 % unused are left alone: {lax:?}"
    );
    assert!(lax.left_unused_bytes > 100_000 && lax.left_unused_bytes < 110_000, "{lax:?}");
    let strict = plan_prune(
        vault,
        PruneOptions {
            max_unused_percent: 1.0,
            merge_small: false,
        },
        &(),
    )
    .unwrap();
    assert!(strict.repack.iter().any(|p| big(vault, p)), "{strict:?}");
    let never = plan_prune(
        vault,
        PruneOptions {
            max_unused_percent: 100.0,
            merge_small: false,
        },
        &(),
    )
    .unwrap();
    assert!(never.repack.is_empty(), "{never:?}");
}

fn big(vault: &backstay_vault::Vault, pack: &Id) -> bool {
    vault.place().size(FileKind::Pack, pack).unwrap().unwrap() > 1_000_000
}

#[test]
fn many_small_packs_become_few() {
    let scratch = Scratch::new();
    let mut last = Files::new();
    for n in 0..70 {
        last.insert(format!("f{n}"), noise(n, 2_000));
        save(&scratch.vault, &last, time(n as u32));
    }
    assert!(ids(&scratch.vault, FileKind::Pack).len() >= 140);
    assert!(plan_prune(&scratch.vault, ALL, &()).unwrap().is_empty());
    let plan = prune(&scratch.vault, PruneOptions::default(), None, &()).unwrap();
    assert_eq!(plan.new_packs, 2, "{plan:?}");
    assert_eq!(ids(&scratch.vault, FileKind::Pack).len(), 2);
    assert_eq!(ids(&scratch.vault, FileKind::Index).len(), 1);
    assert_eq!(scratch.reopen().snapshots().unwrap().good.len(), 70);
    assert_sound(&scratch);
}

#[test]
fn what_an_interrupted_run_left_goes() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    let keep = save(vault, &files(&[("a", noise(1, 10_000))]), time(1));
    let gone = save(vault, &files(&[("b", noise(2, 10_000))]), time(2));
    // A run killed before its index was written.
    vault.place().remove(FileKind::Snapshot, &gone.id).unwrap();
    let index = ids(vault, FileKind::Index);
    for id in index {
        let content = vault.place().read(FileKind::Index, &id).unwrap();
        vault.place().remove(FileKind::Index, &id).unwrap();
        if load(&scratch.reopen(), &keep.id).is_err() || !checked(&scratch.reopen(), Depth::Structural).is_sound() {
            vault.place().write(FileKind::Index, &id, &content).unwrap();
        }
    }
    let report = checked(&scratch.reopen(), Depth::ReadAll);
    assert!(report.is_sound() && !report.is_clean(), "{report:?}");
    let unreferenced = report
        .problems
        .iter()
        .filter(|p| matches!(p, Problem::PackUnreferenced { .. }))
        .count();
    assert_eq!(unreferenced, 2, "{report:?}");
    let plan = prune(&scratch.reopen(), ALL, None, &()).unwrap();
    assert_eq!(plan.unreferenced.len(), 2);
    assert!(checked(&scratch.reopen(), Depth::ReadAll).is_clean());
    assert_sound(&scratch);
}

#[test]
fn an_emptied_vault_is_pruned_to_nothing() {
    let scratch = Scratch::new();
    let one = save(&scratch.vault, &files(&[("a", noise(1, 10_000))]), time(1));
    forget(&scratch.vault, &[one.id], &()).unwrap();
    prune(&scratch.vault, ALL, None, &()).unwrap();
    assert_eq!(
        bytes(&scratch.vault, FileKind::Pack) + bytes(&scratch.vault, FileKind::Index),
        0
    );
    let again = save(&scratch.reopen(), &files(&[("a", noise(1, 10_000))]), time(2));
    assert_eq!(load(&scratch.reopen(), &again.id).unwrap().len(), 1);
    assert_sound(&scratch);
}

#[test]
fn refuses_and_changes_nothing_when_anything_needed_is_damaged() {
    // Which file is hurt, and how.
    let hurts: [(&str, FileKind); 4] = [
        ("tree", FileKind::Pack),
        ("index", FileKind::Index),
        ("snapshot", FileKind::Snapshot),
        ("gone", FileKind::Pack),
    ];
    for (what, kind) in hurts {
        let (place, vault) = in_memory();
        let old = save(&vault, &files(&[("a/b", noise(1, 30_000)), ("c", noise(2, 30_000))]), time(1));
        save(&vault, &files(&[("a/b", noise(1, 30_000))]), time(2));
        forget(&vault, &[old.id], &()).unwrap();
        for id in ids(&vault, kind) {
            place.tamper(kind, &id, |mut content| {
                let middle = content.len() / 4;
                content[middle] ^= 1;
                (what != "gone").then_some(content)
            });
        }
        let everything = || FileKind::ALL.map(|kind| ids(&vault, kind));
        let before = everything();
        let error = prune(&open(place.clone()), ALL, None, &()).unwrap_err();
        assert!(matches!(error, VaultError::Unsound { .. }), "{what}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert_eq!(everything(), before, "{what}");
    }
}

#[test]
fn a_damaged_data_blob_is_not_copied_and_nothing_goes() {
    let (place, vault) = in_memory();
    let old = save(&vault, &files(&[("a", noise(1, 300_000)), ("b", noise(2, 300_000))]), time(1));
    save(&vault, &files(&[("a", noise(1, 300_000))]), time(2));
    forget(&vault, &[old.id], &()).unwrap();
    for (id, size) in vault.place().list(FileKind::Pack).unwrap() {
        if size > 500_000 {
            // Both blobs, so that the one that stays is among them whatever the order.
            place.tamper(FileKind::Pack, &id, |mut content| {
                (0..6).for_each(|n| content[n * 100_000 + 50_000] ^= 8);
                Some(content)
            });
        }
    }
    let before = ids(&vault, FileKind::Pack);
    let error = prune(&open(place.clone()), ALL, None, &()).unwrap_err();
    assert!(matches!(error, VaultError::BlobDamaged { .. }), "{error:?}");
    assert!(before.iter().all(|id| ids(&vault, FileKind::Pack).contains(id)));
}

#[test]
fn a_plan_that_no_longer_holds_is_refused() {
    let (_, vault) = in_memory();
    let old = save(&vault, &files(&[("a", noise(1, 30_000))]), time(1));
    save(&vault, &files(&[("b", noise(2, 30_000))]), time(2));
    let plan = plan_prune(&vault, ALL, &()).unwrap();
    forget(&vault, &[old.id], &()).unwrap();
    let error = prune(&vault, ALL, Some(&plan), &()).unwrap_err();
    assert!(matches!(error, VaultError::PlanOutdated), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Changed);
}

#[test]
fn a_writer_at_work_keeps_a_prune_away() {
    let (_, vault) = in_memory();
    let old = save(&vault, &files(&[("a", noise(1, 30_000))]), time(1));
    let writer = vault.writer(WriterOptions::default()).unwrap();
    assert!(matches!(
        prune(&vault, ALL, None, &()).unwrap_err(),
        VaultError::Locked { .. }
    ));
    // Forgetting is possible meanwhile.
    forget(&vault, &[old.id], &()).unwrap();
    drop(writer);
    prune(&vault, ALL, None, &()).unwrap();
}

#[test]
fn restic_and_we_prune_after_each_other() {
    let scratch = Scratch::new();
    let data = scratch.folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    for n in 0..30 {
        std::fs::write(data.join(format!("f{n}")), noise(n, 40_000)).unwrap();
    }
    restic(&scratch.path(), &["backup", data.to_str().unwrap()]);
    for n in 0..15 {
        std::fs::write(data.join(format!("f{n}")), noise(500 + n, 40_000)).unwrap();
    }
    restic(&scratch.path(), &["backup", data.to_str().unwrap()]);
    let all = scratch.reopen().snapshots().unwrap().good;
    forget(&scratch.vault, &[all[0].id], &()).unwrap();
    let plan = prune(&scratch.reopen(), ALL, None, &()).unwrap();
    assert!(plan.freed_bytes > 500_000, "{plan:?}");
    assert_sound(&scratch);
    let text = restic(&scratch.path(), &["prune", "--dry-run", "--max-unused", "0"]);
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("total prune: 0 blobs / 0 B"), "{text}");
    restic(&scratch.path(), &["prune", "--max-unused", "0"]);
    assert!(plan_prune(&scratch.reopen(), ALL, &()).unwrap().is_empty());
}
