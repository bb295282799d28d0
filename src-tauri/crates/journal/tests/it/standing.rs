//! How sources stand, what their backups held, recovery kits; and that the answers do not slow down with the history.

use std::time::Instant;

use backstay_journal::{Holdings, JournalError, NewKit, NewRun, NewVault};
use backstay_model::{ErrorKind, Gap, RunKind, Verdict};

use crate::{Place, at, end, named};

fn into(source: &str, vault: &str) -> NewRun {
    NewRun {
        kind: RunKind::Backup,
        source: named(source, source),
        vault: named(vault, vault),
        snapshot: None,
        plan: None,
    }
}

#[test]
fn each_vault_counts_and_the_newest_does_not_hide_the_others() {
    let place = Place::make();
    let owner = place.own();
    let runs = place.journal.runs();
    let gap = Gap {
        subject: "x".to_owned(),
        kind: ErrorKind::Io,
        message: "is missing".to_owned(),
    };
    let mut ids = Vec::new();
    let story = [
        ("a", Verdict::Complete),
        ("b", Verdict::Complete),
        ("b", Verdict::Failed),
        ("a", Verdict::Partial),
        ("c", Verdict::Cancelled),
    ];
    for (second, (vault, verdict)) in (0..).zip(story) {
        let run = runs.begin(&owner, &into("s", vault), at(second)).unwrap().id;
        if verdict == Verdict::Partial {
            runs.add_gaps(&run, &[gap.clone(), gap.clone()]).unwrap();
        }
        let mut how = end(verdict, second + 1);
        how.counters.changes.removed = 7;
        runs.finish(&run, &how).unwrap();
        ids.push(run);
    }
    let holds = Holdings {
        collections: 3,
        records: Some(7),
        files: 2,
        bytes: 1 << 40,
        workspaces: 1,
    };
    runs.note_holdings(&ids[3], &holds).unwrap();
    let open = runs.begin(&owner, &into("s", "a"), at(9)).unwrap().id;
    runs.begin(&owner, &into("other", "a"), at(9)).unwrap();

    let standing = runs.standing("s", &["a", "b"]).unwrap();
    assert_eq!(standing.newest.unwrap().run, open);
    assert_eq!(standing.good.as_ref().unwrap().changes.removed, 7);
    let ended: Vec<_> = standing.ended.iter().map(|row| (row.run.as_str(), row.verdict)).collect();
    assert_eq!(
        ended,
        [
            (ids[3].as_str(), Some(Verdict::Partial)),
            (ids[2].as_str(), Some(Verdict::Failed))
        ]
    );
    assert_eq!(standing.good.unwrap().run, ids[1]);
    let saved = standing.saved.unwrap();
    assert_eq!((&saved.run, saved.holdings, saved.gaps), (&ids[3], Some(holds), 2));
    let elsewhere = runs.standing("s", &["new"]).unwrap();
    assert_eq!(
        elsewhere.ended[0].run, ids[4],
        "the newest at all, where none of these vaults has one"
    );
    assert_eq!(runs.standing("nobody", &["a"]).unwrap(), Default::default());

    let since: Vec<_> = runs
        .backups_since(at(2), Some("s"))
        .unwrap()
        .into_iter()
        .map(|row| row.run)
        .collect();
    assert_eq!(since, [&ids[2], &ids[3], &ids[4], &open].map(Clone::clone));
    assert_eq!(runs.backups_since(at(9), None).unwrap().len(), 2);
}

#[test]
fn ten_thousand_runs_of_three_hundred_sources_are_told_quickly() {
    let place = Place::make();
    let owner = place.own();
    let runs = place.journal.runs();
    let sources: Vec<String> = (0..300).map(|n| format!("source-{n}")).collect();
    place.bulk(&sources, 10_000);
    drop(owner);
    let best = (0..3)
        .map(|_| {
            let start = Instant::now();
            for source in &sources {
                let standing = runs.standing(source, &["v"]).unwrap();
                assert!(standing.good.is_some() && standing.ended.len() == 1);
            }
            assert_eq!(runs.backups_since(at(0), None).unwrap().len(), 10_000);
            start.elapsed()
        })
        .min()
        .unwrap();
    println!("300 sources, 10,000 runs: {best:?}");
    assert!(best.as_millis() < 500, "{best:?}");
}

#[test]
fn kits_and_sizes_belong_to_their_vault() {
    let place = Place::make();
    let vaults = place.journal.vaults();
    let new = NewVault {
        name: "disk".to_owned(),
        place: "/mnt/disk".to_owned(),
        repository_id: "ab".repeat(32),
    };
    let vault = vaults.add(&new, at(0)).unwrap();
    assert_eq!(vaults.used("disk").unwrap(), None);
    vaults.set_used("disk", 1 << 50).unwrap();
    assert_eq!(vaults.used(&vault.id).unwrap(), Some(1 << 50));

    let kits = place.journal.kits();
    let kit = |key: &str, second| {
        let new = NewKit {
            vault: vault.id.clone(),
            key: key.to_owned(),
        };
        kits.begin(&new, "test 1.0", at(second)).unwrap()
    };
    let (old, new) = (kit("k1", 1), kit("k2", 2));
    assert!(!new.process.is_gone());
    kits.confirm(&old.id, at(3)).unwrap();
    assert_eq!(kits.unconfirmed().unwrap(), std::slice::from_ref(&new));
    kits.confirm(&new.id, at(4)).unwrap();
    kits.remove(&old.id).unwrap();
    kits.remove(&old.id).unwrap();
    let left = kits.of(&vault.id).unwrap();
    assert_eq!((left.len(), left[0].confirmed), (1, Some(at(4))));
    assert!(matches!(kits.confirm(&old.id, at(5)), Err(JournalError::NotFound { .. })));
    vaults.remove("disk").unwrap();
    assert!(kits.of(&vault.id).unwrap().is_empty());
}

#[test]
fn the_share_a_check_read() {
    let place = Place::make();
    let owner = place.own();
    let run = place.begin(&owner, RunKind::Check, 0);
    let runs = place.journal.runs();
    assert_eq!(runs.share(&run).unwrap(), None);
    runs.note_share(&run, 12.5).unwrap();
    assert_eq!(runs.share(&run).unwrap(), Some(12.5));
}
