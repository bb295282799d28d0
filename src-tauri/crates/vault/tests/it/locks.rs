//! Guard C: locks are written and honoured, with the real restic on the other side.

use std::sync::Arc;

use backstay_model::ErrorKind;
use backstay_vault::host::Machine;
use backstay_vault::lock::{LockInfo, LockKind};
use backstay_vault::place::{FileKind, Place as _};
use backstay_vault::{Chunking, Host, VaultError};
use chrono::{TimeDelta, Utc};

use crate::support::{Scratch, attrs, content_at, draft, noise, small_packs};

/// restic refuses, because of a lock.
fn restic_is_locked_out(s: &Scratch, args: &[&str]) -> bool {
    let output = s.restic(args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || text.contains("lock"), "{args:?}: {text}");
    !output.status.success()
}

#[test]
fn guard_c_restic_waits_for_us() {
    let s = Scratch::new();
    s.vault.writer(small_packs()).unwrap().commit(draft(0)).unwrap();
    let writer = s.vault.writer(small_packs()).unwrap();
    assert!(restic_is_locked_out(&s, &["prune"]), "a prune in the middle of a backup");
    assert!(!restic_is_locked_out(&s, &["snapshots"]), "reading is allowed");
    let list = s.restic_ok(&["list", "locks"]);
    assert_eq!(list.lines().count(), 1, "{list}");
    let our_lock = s.restic_ok(&["cat", "lock", list.trim()]);
    let seen: LockInfo = serde_json::from_str(&our_lock).unwrap();
    assert_eq!(
        (seen.exclusive, seen.pid, &seen.hostname),
        (false, std::process::id(), &s.vault.host().hostname)
    );
    writer.commit(draft(1)).unwrap();
    assert!(!restic_is_locked_out(&s, &["prune"]));

    let exclusive = s.vault.lock_exclusive().unwrap();
    assert!(restic_is_locked_out(&s, &["backup", "/etc/hostname"]));
    assert_eq!(exclusive.kind(), LockKind::Exclusive);
    drop(exclusive);
    assert!(!restic_is_locked_out(&s, &["backup", "/etc/hostname"]));
    assert_eq!(s.files(FileKind::Lock).len(), 0);
}

/// Puts a lock there as another program would.
fn foreign_lock(s: &Scratch, change: impl FnOnce(&mut LockInfo)) -> LockInfo {
    let host = Host::current();
    let mut info = LockInfo {
        time: Utc::now(),
        exclusive: true,
        hostname: "elsewhere".into(),
        username: "somebody".into(),
        pid: 1,
        uid: host.uid,
        gid: host.gid,
        machine: None,
    };
    change(&mut info);
    s.vault.plant_lock(&info).unwrap();
    info
}

#[test]
fn guard_c_we_wait_for_others() {
    let s = Scratch::new();
    let theirs = foreign_lock(&s, |_| {});
    let error = s.vault.writer(small_packs()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    let VaultError::Locked { holder } = &error else {
        panic!("{error}")
    };
    assert_eq!(**holder, theirs);
    let text = error.to_string();
    assert!(
        text.contains("somebody@elsewhere") && text.contains("process 1") && text.contains("exclusive"),
        "{text}"
    );
    assert!(s.vault.lock_exclusive().is_err());
    assert_eq!(s.files(FileKind::Lock).len(), 1, "ours was taken back");
    // It is fresh and from elsewhere: nobody knows whether its holder is alive.
    assert!(s.vault.unlock().unwrap().is_empty());
    s.restic_ok(&["unlock", "--remove-all"]);

    foreign_lock(&s, |lock| lock.exclusive = false);
    s.vault.writer(small_packs()).unwrap().commit(draft(0)).unwrap();
    assert!(matches!(s.vault.lock_exclusive(), Err(VaultError::Locked { .. })));
}

/// A process id that was somebody's and is nobody's now.
fn ended() -> u32 {
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn locks_left_behind_are_removed_on_request() {
    let s = Scratch::new();
    let here = Host::current();
    let ended = ended();
    foreign_lock(&s, |lock| (lock.hostname, lock.pid) = (here.hostname.clone(), ended));
    foreign_lock(&s, |lock| lock.time = Utc::now() - TimeDelta::minutes(31));
    let alive = foreign_lock(&s, |lock| (lock.hostname, lock.pid) = (here.hostname.clone(), here.pid));
    let recent = foreign_lock(&s, |lock| lock.time = Utc::now() - TimeDelta::minutes(29));
    std::fs::write(s.place().path(FileKind::Lock, &backstay_vault::Id([5; 32])), b"").unwrap();
    assert_eq!(s.vault.unlock().unwrap().len(), 3);
    let left: Vec<LockInfo> = s.vault.locks().unwrap().into_iter().map(|l| l.info.unwrap()).collect();
    assert!(left.len() == 2 && left.contains(&alive) && left.contains(&recent));
}

/// Without being asked only those go whose holder has ended for certain; whatever may live is respected.
#[test]
fn locks_of_dead_holders_stop_nobody() {
    let here = Host::current();
    let ended = ended();
    let ours = Machine::this();
    assert!(ours.is_some(), "this system tells which computer it is");
    let other_boot = ours.clone().map(|m| Machine {
        boot: "earlier".to_owned(),
        ..m
    });
    let other_machine = ours.clone().map(|m| Machine {
        id: "namesake".to_owned(),
        ..m
    });
    let minutes = TimeDelta::minutes;
    let name = here.hostname.as_str();
    for (case, host, pid, machine, age, dead) in [
        ("killed here", name, ended, &ours, minutes(0), true),
        (
            "killed here, and the clock was set back",
            name,
            ended,
            &ours,
            minutes(-900),
            true,
        ),
        ("lives here", name, here.pid, &ours, minutes(0), false),
        ("lives here and slept", name, here.pid, &ours, minutes(900), false),
        (
            "before a restart, its process id taken by another",
            name,
            here.pid,
            &other_boot,
            minutes(1),
            true,
        ),
        ("a computer of the same name", name, ended, &other_machine, minutes(20), false),
        (
            "a computer of the same name, long ago",
            name,
            ended,
            &other_machine,
            minutes(31),
            true,
        ),
        ("another program, just now", name, ended, &None, minutes(1), false),
        ("another program, not renewed", name, ended, &None, minutes(7), true),
        ("another program that lives", name, here.pid, &None, minutes(7), false),
        ("elsewhere", "elsewhere", ended, &ours, minutes(29), false),
        ("elsewhere, expired", "elsewhere", ended, &ours, minutes(31), true),
    ] {
        let s = Scratch::new();
        foreign_lock(&s, |lock| {
            (lock.hostname, lock.pid, lock.machine) = (host.to_owned(), pid, machine.clone());
            lock.time = Utc::now() - age;
        });
        let got = s.vault.lock_exclusive();
        assert_eq!(got.is_ok(), dead, "{case}");
        drop(got);
        assert_eq!(s.files(FileKind::Lock).len(), usize::from(!dead), "{case}");
    }
}

#[test]
fn two_backups_at_once_both_succeed() {
    let s = Scratch::new();
    let (one, two) = (s.reopen(), s.reopen());
    let (a, b) = (one.writer(small_packs()).unwrap(), two.writer(small_packs()).unwrap());
    let (data_a, data_b) = (noise(1, 900_000), noise(2, 900_000));
    a.put_bytes("f", &attrs(), &data_a, Chunking::Fixed(8192)).unwrap();
    b.put_bytes("f", &attrs(), &data_b, Chunking::Fixed(8192)).unwrap();
    b.put_bytes("same", &attrs(), &data_a, Chunking::Fixed(8192)).unwrap();
    s.restic_ok(&["backup", "/etc/hostname"]);
    let a = a.commit(draft(0)).unwrap().snapshot;
    let b = b.commit(draft(1)).unwrap().snapshot;
    assert!(content_at(&s.vault, &a, "f") == data_a);
    assert!(content_at(&s.vault, &b, "f") == data_b && content_at(&s.vault, &b, "same") == data_a);
    assert_eq!(s.vault.snapshots().unwrap().good.len(), 3);
    s.check();
}

#[test]
fn guard_c_a_prune_in_spite_of_the_lock_never_leaves_a_broken_snapshot() {
    let s = Scratch::new();
    let old = noise(1, 700_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("dir/old", &attrs(), &old, Chunking::Fixed(8192)).unwrap();
    let first = writer.commit(draft(0)).unwrap().snapshot;
    let dir = s.vault.reader().unwrap().find(&first, "dir").unwrap().unwrap();
    let file = s.vault.reader().unwrap().find(&first, "dir/old").unwrap().unwrap();

    for (case, forget) in [
        ("new", false),
        ("known", true),
        ("file", true),
        ("tree", true),
        ("lock only", false),
    ] {
        let s2 = Scratch::new();
        std::fs::remove_dir_all(s2.path()).unwrap();
        assert!(
            std::process::Command::new("cp")
                .arg("-r")
                .args([s.path(), s2.path()])
                .status()
                .unwrap()
                .success()
        );
        let vault = s.on(Arc::new(s2.place()));
        let writer = vault.writer(small_packs()).unwrap();
        let stored = match case {
            "new" => writer
                .put_bytes("f", &attrs(), &noise(2, 700_000), Chunking::Fixed(8192))
                .map(drop),
            "known" => writer.put_bytes("f", &attrs(), &old, Chunking::Fixed(8192)).map(drop),
            "file" => writer.reuse("f", &file).map(drop),
            "tree" => writer.reuse("d", &dir).map(drop),
            _ => Ok(()),
        };
        stored.unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        // A computer that slept for an hour; someone else cleaned up meanwhile.
        s2.restic_ok(&["unlock", "--remove-all"]);
        if forget {
            s2.restic_ok(&["forget", &first.id.to_hex()]);
        }
        s2.restic_ok(&["prune", "--max-unused", "0"]);
        let ended = writer.commit(draft(1));
        // Without `--read-data`: restic tries for a minute to read a pack that is missing.
        let restic = crate::support::restic(&s2.path(), &["check"]);
        assert!(restic.status.success(), "{case}: {}", String::from_utf8_lossy(&restic.stderr));
        match ended {
            Ok(_) => assert_eq!(case, "lock only"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Changed, "{case}: {error}");
            }
        }
    }
}

#[test]
fn a_lost_lock_and_someone_at_work_end_the_run() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("f", &attrs(), b"content", Chunking::Whole).unwrap();
    s.restic_ok(&["unlock", "--remove-all"]);
    foreign_lock(&s, |_| {});
    let error = writer.commit(draft(0)).unwrap_err();
    assert!(matches!(error, VaultError::Locked { .. }), "{error}");
    assert_eq!(s.files(FileKind::Snapshot).len(), 0);
}

#[test]
fn a_lock_is_renewed_until_someone_takes_it_away() {
    let s = Scratch::new();
    let guard = s.vault.lock_shared().unwrap();
    let before = s.files(FileKind::Lock);
    guard.renew().unwrap();
    let after = s.files(FileKind::Lock);
    assert!(after.len() == 1 && after != before);
    assert!(guard.is_held().unwrap());
    let id = s.place().list(FileKind::Lock).unwrap()[0].0;
    s.place().remove(FileKind::Lock, &id).unwrap();
    assert!(!guard.is_held().unwrap());
    assert!(matches!(guard.renew(), Err(VaultError::LockLost)));
    drop(guard);
    assert_eq!(s.files(FileKind::Lock).len(), 0);
}
