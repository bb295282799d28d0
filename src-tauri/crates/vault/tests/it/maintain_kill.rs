//! Killed at any moment, forget, prune and repair leave every remaining snapshot as it was.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use backstay_vault::maintain::forget::forget;
use backstay_vault::maintain::prune::{PruneOptions, prune};
use backstay_vault::maintain::repair::{RepairOptions, repair};
use backstay_vault::maintain::report::Depth;
use backstay_vault::place::{MemoryPlace, PlaceResult, Stray};
use backstay_vault::{FileKind, Id, LocalPlace, Place, PlaceError, Unlock, Vault, WriterOptions};
use bytes::Bytes;
use chrono::Utc;

use crate::maintain_support::*;

const ALL: PruneOptions = PruneOptions {
    max_unused_percent: 0.0,
    merge_small: true,
};

/// Does nothing any more once its budget of changes is spent, as if the process had died; or waits before each change.
#[derive(Debug)]
struct Dying {
    inner: Arc<dyn Place>,
    changes: AtomicI64,
    wait: Duration,
}

impl Dying {
    fn change(&self) -> PlaceResult<()> {
        std::thread::sleep(self.wait);
        if self.changes.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        Err(PlaceError::Unreachable {
            place: self.location(),
            source: std::io::ErrorKind::NotConnected.into(),
        })
    }
}

impl Place for Dying {
    fn location(&self) -> String {
        self.inner.location()
    }
    fn create(&self) -> PlaceResult<()> {
        self.inner.create()
    }
    fn list(&self, kind: FileKind) -> PlaceResult<Vec<(Id, u64)>> {
        self.inner.list(kind)
    }
    fn read(&self, kind: FileKind, id: &Id) -> PlaceResult<Bytes> {
        self.inner.read(kind, id)
    }
    fn read_range(&self, kind: FileKind, id: &Id, offset: u64, length: usize, buffer: &mut Vec<u8>) -> PlaceResult<()> {
        self.inner.read_range(kind, id, offset, length, buffer)
    }
    fn size(&self, kind: FileKind, id: &Id) -> PlaceResult<Option<u64>> {
        self.inner.size(kind, id)
    }
    fn write(&self, kind: FileKind, id: &Id, content: &[u8]) -> PlaceResult<()> {
        self.change()?;
        self.inner.write(kind, id, content)
    }
    fn remove(&self, kind: FileKind, id: &Id) -> PlaceResult<()> {
        self.change()?;
        self.inner.remove(kind, id)
    }
    fn strays(&self) -> PlaceResult<Vec<Stray>> {
        self.inner.strays()
    }
    fn remove_stray(&self, path: &str) -> PlaceResult<()> {
        self.change()?;
        self.inner.remove_stray(path)
    }
    fn set_aside(&self, kind: FileKind, id: &Id, folder: &str) -> PlaceResult<bool> {
        self.change()?;
        self.inner.set_aside(kind, id, folder)
    }
}

/// Copies a vault in memory.
fn copy_of(place: &dyn Place) -> Arc<MemoryPlace> {
    let copy = MemoryPlace::default();
    for kind in FileKind::ALL {
        for (id, _) in place.list(kind).unwrap() {
            copy.write(kind, &id, &place.read(kind, &id).unwrap()).unwrap();
        }
    }
    Arc::new(copy)
}

/// Some snapshots of changing files in small packs, the older half to be forgotten.
fn history(vault: &Vault, count: u32) -> Vec<(Id, Files)> {
    let options = || WriterOptions {
        pack_size: 40_000,
        threads: Some(1),
        ..WriterOptions::default()
    };
    let mut content = Files::new();
    let mut all = Vec::new();
    for round in 0..count {
        for n in 0..6 {
            content.insert(
                format!("d{n}/f{}", (round * 5 + n) % 20),
                noise(u64::from(round * 100 + n), 9_000),
            );
        }
        all.push((save_with(vault, &content, time(round), options()).id, content.clone()));
    }
    all
}

fn assert_intact(vault: &Vault, snapshots: &[(Id, Files)], what: &str) {
    let report = checked(vault, Depth::ReadAll);
    assert!(report.is_sound(), "{what}: {:?}", report.problems);
    for (id, files) in snapshots {
        assert_eq!(load(vault, id).unwrap(), *files, "{what}");
    }
}

/// Runs `job` on copies of `vault`, dying before its first, second, third, … change.
fn die_at_every_change(vault: &Vault, keep: &[(Id, Files)], mut job: impl FnMut(&Vault) -> bool, sound: bool) -> i64 {
    for budget in 0.. {
        let memory = copy_of(&**vault.place());
        let dying = Arc::new(Dying {
            inner: memory.clone(),
            changes: AtomicI64::new(budget),
            wait: Duration::ZERO,
        });
        let unlock = Unlock::MasterKey(vault.master_key().clone());
        let finished = job(&Vault::open(dying, &unlock).unwrap());
        // The dead process's lock: on another machine it would have expired.
        let after = Vault::open(memory.clone(), &unlock).unwrap();
        ids(&after, FileKind::Lock)
            .iter()
            .for_each(|id| memory.remove(FileKind::Lock, id).unwrap());
        if sound {
            assert_intact(&after, keep, &format!("died before change {budget}"));
        } else {
            keep.iter()
                .for_each(|(id, files)| assert_eq!(load(&after, id).unwrap(), *files, "before change {budget}"));
        }
        // Asked again, the job ends well and leaves nothing behind.
        assert!(job(&after), "again after change {budget}");
        assert_intact(&after, keep, &format!("again after change {budget}"));
        if finished {
            return budget;
        }
    }
    0
}

#[test]
fn a_prune_may_die_before_any_change() {
    let (_, vault) = in_memory();
    let all = history(&vault, 6);
    let (gone, keep) = all.split_at(3);
    let gone: Vec<Id> = gone.iter().map(|(id, _)| *id).collect();
    forget(&vault, &gone, &()).unwrap();
    let changes = die_at_every_change(&vault, keep, |vault| prune(vault, ALL, None, &()).is_ok(), true);
    assert!(changes > 6, "{changes}");
}

#[test]
fn a_forget_may_die_before_any_change() {
    let (_, vault) = in_memory();
    let all = history(&vault, 5);
    let (gone, keep) = all.split_at(3);
    let gone: Vec<Id> = gone.iter().map(|(id, _)| *id).collect();
    let changes = die_at_every_change(&vault, keep, |vault| forget(vault, &gone, &()).is_ok(), true);
    assert!(changes >= 4, "{changes}");
}

#[test]
fn a_repair_may_die_before_any_change() {
    let (place, vault) = in_memory();
    let all = history(&vault, 4);
    // A pack that only the last snapshot needs has a broken blob and a broken header, and one index file is cut. If it is
    // the one that names this pack, all of the pack is lost; the other snapshots lose nothing in any case.
    let last = vault
        .reader()
        .unwrap()
        .find(&vault.snapshot(&all[3].0).unwrap(), "d0/f15")
        .unwrap()
        .unwrap();
    let index = vault.index().unwrap();
    let located = index.first(backstay_vault::pack::BlobKind::Data, &last.content[0]).unwrap();
    place.tamper(FileKind::Pack, &index.packs()[located.pack as usize].id, |mut c| {
        c[located.blob.offset as usize + 50] ^= 1;
        let header = c.len() - 20;
        c[header] ^= 1;
        Some(c)
    });
    place.tamper(FileKind::Index, &ids(&vault, FileKind::Index)[0], |mut c| {
        c.truncate(30);
        Some(c)
    });
    let vault = open(place);
    let keep: Vec<(Id, Files)> = all
        .into_iter()
        .filter(|(id, files)| load(&vault, id).is_ok_and(|f| f == *files))
        .collect();
    assert_eq!(keep.len(), 3, "the last one lost a file");
    let options = RepairOptions {
        depth: Depth::ReadAll,
        replace_snapshots: true,
        paths_per_snapshot: 9,
        now: Utc::now(),
    };
    let changes = die_at_every_change(&vault, &keep, |vault| repair(vault, options, None, &()).is_ok(), false);
    assert!(changes > 6, "{changes}");
}

const CHILD: &str = "BACKSTAY_TEST_KILL";

/// The process that is killed: forgets or prunes slowly. Does nothing unless the test below started it.
#[test]
fn child_at_work() {
    let Ok(job) = std::env::var(CHILD) else { return };
    let (path, rest) = job.split_once('|').unwrap();
    let inner = Arc::new(LocalPlace::new(path));
    let place = Arc::new(Dying {
        inner,
        changes: AtomicI64::new(i64::MAX),
        wait: Duration::from_millis(3),
    });
    let vault = Vault::open(place, &Unlock::Password(PASSWORD.to_owned())).unwrap();
    println!("child ready");
    if rest.is_empty() {
        prune(&vault, ALL, None, &()).unwrap();
    } else {
        let gone: Vec<Id> = rest.split(',').map(|id| id.parse().unwrap()).collect();
        forget(&vault, &gone, &()).unwrap();
    }
    println!("child done");
}

/// Runs the child and kills it after a while; whether it was killed before it was done.
fn kill_after(job: &str, wait: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "maintain_kill::child_at_work",
            "--nocapture",
            "--test-threads",
            "1",
        ])
        .env(CHILD, job)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().contains("child ready")),
        "the child came to work"
    );
    std::thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
    !lines.any(|line| line.is_ok_and(|line| line.contains("child done")))
}

#[test]
fn killed_processes_leave_every_snapshot_intact() {
    let scratch = Scratch::new();
    let mut all = history(&scratch.vault, 8);
    let path = scratch.path().display().to_string();
    let (mut killed, mut random, mut round) = (0, 99u64, 8);
    while killed < 50 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let wait = Duration::from_micros((random >> 33) % 60_000);
        let doomed: Vec<String> = all.iter().take(2).map(|(id, _)| id.to_hex()).collect();
        let job = if round % 2 == 0 {
            format!("{path}|{}", doomed.join(","))
        } else {
            format!("{path}|")
        };
        killed += usize::from(kill_after(&job, wait));
        let vault = scratch.reopen();
        vault.unlock().unwrap();
        let present: BTreeSet<Id> = vault.snapshots().unwrap().good.iter().map(|s| s.id).collect();
        assert!(
            all.iter().skip(2).all(|(id, _)| present.contains(id)),
            "only what was to go is gone"
        );
        all.retain(|(id, _)| present.contains(id));
        assert_intact(&vault, &all, &format!("after {killed} kills"));
        round += 1;
        // New snapshots on whatever the killed process left.
        if all.len() < 6 {
            let mut content = all.last().unwrap().1.clone();
            content.insert(format!("d{}/f{}", round % 6, round % 20), noise(random, 15_000));
            let options = WriterOptions {
                pack_size: 40_000,
                threads: Some(1),
                ..WriterOptions::default()
            };
            all.push((save_with(&vault, &content, time(round), options).id, content));
        }
    }
    prune(&scratch.reopen(), ALL, None, &()).unwrap();
    assert_intact(&scratch.reopen(), &all, "in the end");
    assert_sound(&scratch);
}
