//! Checks: every damage is found and named, and what it hurts.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use backstay_model::{ErrorKind, Progress};
use backstay_vault::maintain::Watch;
use backstay_vault::maintain::check::{CheckOptions, check};
use backstay_vault::maintain::forget::forget;
use backstay_vault::maintain::prune::{PruneOptions, plan_prune, prune};
use backstay_vault::maintain::report::{CheckReport, Depth, Problem};
use backstay_vault::pack::BlobKind;
use backstay_vault::place::{Fault, FaultyPlace, MemoryPlace, Op};
use backstay_vault::{Damage, FileKind, Id, Unlock, Vault, VaultError};
use chrono::Utc;

use crate::maintain_support::*;

#[test]
fn a_sound_vault_is_clean_at_every_depth() {
    let scratch = Scratch::new();
    let mut content = Files::new();
    for n in 0..300 {
        content.insert(format!("d{}/f{n}", n % 7), noise(n, (n as usize * 331) % 9000));
    }
    content.insert("big".into(), noise(9, 6_000_000));
    save(&scratch.vault, &content, time(1));
    for depth in [
        Depth::Structural,
        Depth::Sample {
            percent: 1.0,
            seed: None,
        },
        Depth::ReadAll,
    ] {
        let report = checked(&scratch.vault, depth);
        assert!(report.is_clean(), "{:?}", report.problems);
        assert_eq!((report.snapshots, report.trees), (1, 8));
        match report.depth {
            Depth::Structural => assert_eq!(report.packs_read, 0),
            Depth::Sample { seed, .. } => assert_eq!((report.packs_read, seed.is_some()), (1, true)),
            Depth::ReadAll => {
                assert_eq!(
                    (report.packs_read, report.bytes_read),
                    (report.packs, bytes(&scratch.vault, FileKind::Pack))
                );
            }
        }
    }
}

#[test]
fn what_restic_wrote_is_clean() {
    let scratch = Scratch::new();
    let data = scratch.folder.path().join("data");
    std::fs::create_dir_all(data.join("empty")).unwrap();
    std::fs::write(data.join("zero"), "").unwrap();
    std::fs::write(data.join("big"), noise(1, 9_000_000)).unwrap();
    std::os::unix::fs::symlink("zero", data.join("link")).unwrap();
    restic(&scratch.path(), &["backup", data.to_str().unwrap()]);
    let report = checked(&scratch.reopen(), Depth::ReadAll);
    assert!(report.is_clean() && report.packs_read > 0, "{:?}", report.problems);
}

#[test]
fn a_sample_reads_its_share_and_the_seed_repeats_it() {
    let (place, vault) = in_memory();
    let options = || backstay_vault::WriterOptions {
        pack_size: 60_000,
        threads: Some(1),
        ..Default::default()
    };
    let content: Files = (0..100).map(|n| (format!("f{n}"), noise(n, 50_000))).collect();
    save_with(&vault, &content, time(1), options());
    let report = checked(
        &vault,
        Depth::Sample {
            percent: 30.0,
            seed: Some(1),
        },
    );
    assert!(report.packs >= 10, "{}", report.packs);
    assert_eq!(report.packs_read, (report.packs * 30).div_ceil(100));
    // One damaged pack: found by some seeds only, and by the same ones each time.
    let victim = vault
        .place()
        .list(FileKind::Pack)
        .unwrap()
        .into_iter()
        .max_by_key(|(id, size)| (*size, *id))
        .unwrap()
        .0;
    flip(&place, FileKind::Pack, &victim, 100 * 8);
    let finds = |seed| {
        !checked(
            &vault,
            Depth::Sample {
                percent: 30.0,
                seed: Some(seed),
            },
        )
        .is_sound()
    };
    let found: Vec<bool> = (0..40).map(finds).collect();
    assert_eq!(found, (0..40).map(finds).collect::<Vec<_>>());
    let count = found.iter().filter(|f| **f).count();
    assert!((3..=28).contains(&count), "about a third of 40: {count}");
    let all: u64 = (0..3)
        .map(|_| {
            checked(
                &vault,
                Depth::Sample {
                    percent: 100.0,
                    seed: None,
                },
            )
            .packs_read
        })
        .sum();
    assert_eq!(all, report.packs * 3);
}

fn flip(place: &MemoryPlace, kind: FileKind, id: &Id, bit: usize) {
    place.tamper(kind, id, |mut content| {
        content[bit / 8] ^= 1 << (bit % 8);
        Some(content)
    });
}

#[test]
fn lost_blobs_name_the_snapshots_and_paths_they_hurt() {
    let (place, vault) = in_memory();
    let shared = noise(1, 40_000);
    let first = files(&[
        ("a/ü \u{1}b/one", shared.clone()),
        ("a/two", noise(2, 40_000)),
        ("c/copy", shared.clone()),
    ]);
    let second = files(&[("a/two", noise(2, 40_000)), ("z", shared)]);
    let third = files(&[("a/two", noise(2, 40_000))]);
    let snapshots: Vec<Id> = [&first, &second, &third]
        .iter()
        .zip(1..)
        .map(|(f, n)| save(&vault, f, time(n)).id)
        .collect();
    let blob = vault
        .reader()
        .unwrap()
        .find(&vault.snapshot(&snapshots[1]).unwrap(), "z")
        .unwrap()
        .unwrap()
        .content[0];
    let index = vault.index().unwrap();
    let located = index.first(BlobKind::Data, &blob).unwrap();
    let pack = index.packs()[located.pack as usize].id;
    flip(&place, FileKind::Pack, &pack, (located.blob.offset as usize + 99) * 8);
    assert!(checked(&vault, Depth::Structural).is_clean(), "content is not read");
    let report = checked(&vault, Depth::ReadAll);
    let named = |snapshot: &Id| -> Vec<String> {
        let loss = report.losses.iter().find(|l| l.snapshot == *snapshot);
        loss.map(|l| l.paths.iter().map(|p| p.path.clone()).collect())
            .unwrap_or_default()
    };
    assert_eq!(named(&snapshots[0]), ["a/ü \u{1}b/one", "c/copy"]);
    assert_eq!(named(&snapshots[1]), ["z"]);
    assert_eq!(named(&snapshots[2]), [""; 0]);
    let blobs: BTreeSet<Id> = report.losses.iter().flat_map(|l| &l.paths).map(|p| p.blob).collect();
    assert_eq!(blobs, [blob].into());
    let kinds: Vec<&Problem> = report.problems.iter().collect();
    assert!(
        matches!(kinds[..], [Problem::PackDamaged { .. }, Problem::BlobDamaged { blob: b, .. }] if *b == blob),
        "{kinds:?}"
    );
    // A good copy elsewhere heals the loss: only the damage is told.
    let capped = check(
        &vault,
        &CheckOptions {
            depth: Depth::ReadAll,
            paths_per_snapshot: 1,
            now: Utc::now(),
        },
        &(),
    )
    .unwrap();
    assert_eq!((capped.losses[0].count, capped.losses[0].paths.len()), (2, 1));
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<CheckReport>(&json).unwrap(), report);
}

/// Stops a job after some questions, and keeps the last progress.
struct Impatient(AtomicU64, AtomicBool);
impl Watch for Impatient {
    fn progress(&self, progress: &Progress) {
        self.1.fetch_or(progress.items > 0, Ordering::Relaxed);
    }
    fn cancelled(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) < 2
    }
}

#[test]
fn a_check_reports_progress_and_can_be_stopped() {
    let (_, vault) = in_memory();
    save(&vault, &(0..50).map(|n| (format!("d{n}/f"), noise(n, 10))).collect(), time(1));
    let options = CheckOptions {
        depth: Depth::ReadAll,
        paths_per_snapshot: 1,
        now: Utc::now(),
    };
    for patience in [1, 2, 5, 30] {
        let watch = Impatient(AtomicU64::new(patience), AtomicBool::default());
        assert!(
            matches!(check(&vault, &options, &watch), Err(VaultError::Cancelled)),
            "{patience}"
        );
    }
    let watch = Impatient(AtomicU64::new(10_000), AtomicBool::default());
    assert!(check(&vault, &options, &watch).unwrap().is_clean());
    assert!(watch.1.into_inner());
}

/// A vault in memory whose files can be put back as they were.
fn small() -> (std::sync::Arc<MemoryPlace>, Vault, Vec<(Id, Files)>) {
    let (place, vault) = in_memory();
    let options = || backstay_vault::WriterOptions {
        pack_size: 30_000,
        threads: Some(1),
        ..Default::default()
    };
    let mut content: Files = (0..6).map(|n| (format!("d{}/f{n}", n % 2), noise(n, 9_000))).collect();
    content.insert("text".into(), b"compressible ".repeat(800));
    let first = save_with(&vault, &content, time(1), options());
    let mut second = content.clone();
    second.insert("d0/new".into(), noise(50, 20_000));
    second.remove("d1/f1");
    let id = save_with(&vault, &second, time(2), options()).id;
    let list = vec![(first.id, content), (id, second)];
    (place, vault, list)
}

/// What a check and all reading say of a damaged vault. Wrong bytes fail the test at once.
fn verdict(place: &std::sync::Arc<MemoryPlace>, snapshots: &[(Id, Files)], what: &str) -> (bool, bool) {
    let unlock = Unlock::Password(PASSWORD.to_owned());
    let Ok(vault) = Vault::open(place.clone(), &unlock) else {
        return (true, false);
    };
    let options = CheckOptions {
        depth: Depth::ReadAll,
        paths_per_snapshot: 9,
        now: Utc::now(),
    };
    let report = check(&vault, &options, &());
    let detected = !report.as_ref().is_ok_and(CheckReport::is_sound);
    let mut identical = true;
    for (id, files) in snapshots {
        match load(&vault, id) {
            Ok(read) => assert_eq!(read, *files, "{what}: wrong bytes"),
            Err(_) => identical = false,
        }
    }
    if let Ok(report) = report {
        // What cannot be read is named as lost, or its snapshot as damaged; what can be read is not.
        for (id, files) in snapshots {
            if load(&vault, id).is_ok_and(|read| read == *files) {
                assert!(
                    !report.losses.iter().any(|l| l.snapshot == *id),
                    "{what}: {:?}",
                    report.losses
                );
            } else {
                let told = report.losses.iter().any(|l| l.snapshot == *id)
                    || report
                        .problems
                        .iter()
                        .any(|p| matches!(p, Problem::SnapshotDamaged { snapshot, .. } if snapshot == id));
                assert!(
                    told || !vault.snapshots().unwrap().good.iter().any(|s| s.id == *id),
                    "{what}: {report:?}"
                );
            }
        }
    }
    (detected, identical)
}

#[test]
fn every_flipped_bit_and_every_cut_is_detected() {
    let (place, vault, snapshots) = small();
    let mut tried = 0;
    let mut random = 12_345u64;
    let mut next = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    assert_eq!(verdict(&place, &snapshots, "untouched"), (false, true));
    for kind in [
        FileKind::Config,
        FileKind::Key,
        FileKind::Snapshot,
        FileKind::Index,
        FileKind::Pack,
    ] {
        let listed = vault.place().list(kind).unwrap();
        let each = 110usize.div_ceil(listed.len());
        for (id, size) in listed {
            let original = vault.place().read(kind, &id).unwrap().to_vec();
            for round in 0..each {
                let mut wrong = original.clone();
                let what = match round % 4 {
                    0 => {
                        let cut = next(size as usize);
                        wrong.truncate(cut);
                        format!("{kind} cut to {cut} of {size}")
                    }
                    _ => {
                        let bit = next(size as usize * 8);
                        wrong[bit / 8] ^= 1 << (bit % 8);
                        format!("{kind} bit {bit} of {}", size * 8)
                    }
                };
                place.tamper(kind, &id, |_| Some(wrong));
                let (detected, identical) = verdict(&place, &snapshots, &what);
                assert!(detected, "{what}: not detected (content identical: {identical})");
                place.tamper(kind, &id, |_| Some(original.clone()));
                tried += 1;
            }
            place.tamper(kind, &id, |_| None);
            assert!(
                verdict(&place, &snapshots, "gone").0 || kind == FileKind::Snapshot,
                "{kind} {id} removed"
            );
            place.tamper(kind, &id, |_| Some(original.clone()));
        }
    }
    assert!(tried >= 500, "{tried}");
    assert_eq!(verdict(&place, &snapshots, "put back"), (false, true));
}

#[test]
fn the_flaw_is_told_apart() {
    let (place, vault, _) = small();
    let pack = ids(&vault, FileKind::Pack)[0];
    place.tamper(FileKind::Pack, &pack, |mut c| {
        c.truncate(c.len() - 1);
        Some(c)
    });
    let report = checked(&open(place.clone()), Depth::Structural);
    assert!(
        report.problems.iter().any(|p| matches!(p, Problem::PackSize { .. })),
        "{:?}",
        report.problems
    );
    let index = ids(&vault, FileKind::Index)[0];
    place.tamper(FileKind::Index, &index, |_| Some(Vec::new()));
    let report = checked(&open(place), Depth::Structural);
    let flaw = report.problems.iter().find_map(|p| match p {
        Problem::IndexDamaged { flaw, .. } => Some(flaw.clone()),
        _ => None,
    });
    assert_eq!(flaw, Some(backstay_vault::maintain::report::Flaw::Damaged(Damage::Truncated)));
}

#[test]
fn where_nothing_can_be_written_a_check_goes_without_a_lock_and_a_full_disk_can_be_cleared() {
    let (place, vault) = in_memory();
    let snapshot = save(&vault, &files(&[("a", noise(1, 5_000))]), time(1)).id;
    for fault in [Fault::Denied, Fault::Full] {
        let faulty = FaultyPlace::new(place.clone());
        let vault = open(faulty.clone());
        let fired = faulty.from_nth(1, Op::Write, None, fault);
        assert!(checked(&vault, Depth::ReadAll).is_clean());
        assert!(fired.get(), "the lock was tried");
        assert!(plan_prune(&vault, PruneOptions::default(), &()).unwrap().is_empty());
        assert!(
            prune(&vault, PruneOptions::default(), None, &()).is_err(),
            "never without a lock"
        );
    }
    let faulty = FaultyPlace::new(place);
    let vault = open(faulty.clone());
    faulty.from_nth(1, Op::Write, None, Fault::Full);
    assert_eq!(forget(&vault, &[snapshot], &()).unwrap().removed, [snapshot]);
    // A place that is gone is no reason to report anything but that.
    faulty.from_nth(1, Op::List, None, Fault::Unreachable);
    let options = CheckOptions {
        depth: Depth::ReadAll,
        paths_per_snapshot: 1,
        now: Utc::now(),
    };
    assert_eq!(check(&vault, &options, &()).unwrap_err().kind(), ErrorKind::Unreachable);
}

#[test]
fn a_disk_that_fails_in_places_is_told_file_by_file() {
    let (place, vault) = in_memory();
    save(&vault, &files(&[("a", noise(1, 50_000)), ("b/c", noise(2, 50_000))]), time(1));
    for kind in [
        FileKind::Snapshot,
        FileKind::Index,
        FileKind::Pack,
        FileKind::Key,
        FileKind::Config,
    ] {
        let faulty = FaultyPlace::new(place.clone());
        let vault = open(faulty.clone());
        let fired = faulty.from_nth(1, Op::Read, Some(kind), Fault::Io);
        let report = checked(&vault, Depth::ReadAll);
        assert!(fired.get() && !report.is_sound(), "{kind}: {report:?}");
    }
}
