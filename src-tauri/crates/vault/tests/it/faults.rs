//! Places that fail while a backup runs: nothing is saved that is not whole, what was saved before stays, and the next
//! run works. Each fault is shown to have struck.

use std::sync::Arc;

use backstay_model::ErrorKind;
use backstay_vault::place::{Fault, FaultyPlace, FileKind, MemoryPlace, Op, Place};
use backstay_vault::writer::Verify;
use backstay_vault::{Chunking, Snapshot, Unlock, Vault, VaultError, WriterOptions};

use crate::support::{PASSWORD, Scratch, attrs, cheap, content_at, draft, noise, small_packs};

/// A vault in memory (thousands of writes to a disk take their time), with one snapshot.
struct Prepared {
    place: Arc<MemoryPlace>,
    vault: Vault,
    snapshot: Snapshot,
    data: Vec<u8>,
}

impl Prepared {
    fn new() -> Self {
        let place = Arc::new(MemoryPlace::default());
        let vault = Vault::create(place.clone(), PASSWORD, &cheap()).unwrap();
        let data = noise(7, 400_000);
        let writer = vault.writer(small_packs()).unwrap();
        writer.put_bytes("old", &attrs(), &data, Chunking::Fixed(32 << 10)).unwrap();
        let snapshot = writer.commit(draft(0)).unwrap().snapshot;
        Self {
            place,
            vault,
            snapshot,
            data,
        }
    }

    fn faulty(&self) -> Arc<FaultyPlace> {
        FaultyPlace::new(self.place.clone())
    }

    /// The vault as another process would open it, through `place`.
    fn on(&self, place: Arc<dyn Place>) -> Vault {
        Vault::open(place, &Unlock::MasterKey(self.vault.master_key().clone())).unwrap()
    }

    fn reopen(&self) -> Vault {
        self.on(self.place.clone())
    }

    fn count(&self, kind: FileKind) -> usize {
        self.place.list(kind).unwrap().len()
    }

    /// Backs up 1.5 MB; it makes several packs of content, one of directories, one index and one snapshot.
    fn back_up(&self, place: Arc<FaultyPlace>) -> Result<Snapshot, VaultError> {
        let options = WriterOptions {
            verify: Verify::Whole,
            ..small_packs()
        };
        let writer = self.on(place).writer(options)?;
        for n in 0..3 {
            writer.put_bytes(
                format!("new/{n}"),
                &attrs(),
                &noise(100 + n, 500_000),
                Chunking::Fixed(32 << 10),
            )?;
        }
        writer.commit(draft(1)).map(|written| written.snapshot)
    }

    fn is_whole(&self, snapshot: &Snapshot) -> bool {
        let vault = self.reopen();
        (0..3).all(|n| content_at(&vault, snapshot, &format!("new/{n}")) == noise(100 + n, 500_000))
    }
}

#[test]
fn every_write_that_fails_ends_the_run_without_a_snapshot() {
    let mut struck = 0;
    for fault in [Fault::Full, Fault::Denied, Fault::Io, Fault::Unreachable] {
        for n in 1.. {
            let p = Prepared::new();
            let place = p.faulty();
            let fired = place.on_nth(n, Op::Write, None, fault);
            let ended = p.back_up(place.clone());
            if !fired.get() {
                ended.unwrap();
                assert!(n > 6, "lock, packs, index and snapshot are written one by one: {n}");
                break;
            }
            struck += 1;
            let error = ended.expect_err("a failed write");
            let expected = match fault {
                Fault::Full => ErrorKind::Full,
                Fault::Denied => ErrorKind::Auth,
                Fault::Io => ErrorKind::Io,
                _ => ErrorKind::Unreachable,
            };
            assert_eq!(error.kind(), expected, "{error}");
            assert_eq!((p.count(FileKind::Snapshot), p.count(FileKind::Lock)), (1, 0));
            assert!(content_at(&p.reopen(), &p.snapshot, "old") == p.data);
            place.heal();
            let saved = p.back_up(place).unwrap();
            assert!(p.is_whole(&saved));
        }
    }
    assert!(struck >= 24, "{struck}");
}

#[test]
fn a_pack_that_was_not_stored_as_written_ends_the_run() {
    for fault in [
        Fault::CutTo(0),
        Fault::CutTo(500),
        Fault::Flip(17),
        Fault::Flip(200_000),
        Fault::Vanish,
    ] {
        for n in 1..=4 {
            let p = Prepared::new();
            let place = p.faulty();
            let fired = place.on_nth(n, Op::Write, Some(FileKind::Pack), fault);
            let error = p.back_up(place).unwrap_err();
            assert!(fired.get(), "{fault:?} {n}");
            let VaultError::Poisoned(inner) = &error else {
                panic!("{error}")
            };
            if fault == Fault::Vanish {
                assert!(matches!(**inner, VaultError::PacksVanished { .. }), "{fault:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::Changed);
            } else {
                assert!(matches!(**inner, VaultError::WriteNotFaithful { .. }), "{fault:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::Damaged);
            }
            assert_eq!(p.count(FileKind::Snapshot), 1);
            // The bad pack is in no index: the next run stores its content again and is whole.
            assert!(content_at(&p.reopen(), &p.snapshot, "old") == p.data);
            let saved = p.back_up(p.faulty()).unwrap();
            assert!(p.is_whole(&saved));
        }
    }
}

#[test]
fn a_full_disk_leaves_a_vault_that_restic_finds_in_order() {
    for n in [2, 4, 6, 8] {
        let s = Scratch::new();
        let place = FaultyPlace::new(Arc::new(s.place()));
        let fired = place.from_nth(n, Op::Write, None, Fault::Full);
        let ended = s.on(place).writer(small_packs()).and_then(|writer| {
            writer.put_bytes("f", &attrs(), &noise(n, 1_500_000), Chunking::Fixed(300 << 10))?;
            writer.commit(draft(1))
        });
        assert_eq!((ended.is_err(), fired.get()), (true, true), "{n}");
        let check = s.restic_ok(&["check"]);
        assert!(check.contains("no errors were found"), "{check}");
    }
}

#[test]
fn a_pack_that_vanishes_before_the_end_ends_the_run() {
    let s = Scratch::new();
    let vault = s.reopen();
    let writer = vault.writer(small_packs()).unwrap();
    let before = s.files(FileKind::Pack);
    writer
        .put_bytes("new", &attrs(), &noise(3, 900_000), Chunking::Fixed(32 << 10))
        .unwrap();
    let mut new = Vec::new();
    while new.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
        new = s
            .files(FileKind::Pack)
            .into_iter()
            .filter(|path| !before.contains(path))
            .collect();
    }
    std::fs::remove_file(&new[0]).unwrap();
    let error = writer.commit(draft(1)).unwrap_err();
    // It may have gone while it was being verified, or after that.
    assert!(matches!(error.kind(), ErrorKind::Changed | ErrorKind::Damaged), "{error}");
    assert_eq!(s.files(FileKind::Snapshot).len(), 0);
}

#[test]
fn reads_that_fail_are_errors_and_never_wrong_bytes() {
    let p = Prepared::new();
    let (snapshot, data) = (&p.snapshot, &p.data);
    for (fault, kind) in [
        (Fault::Io, ErrorKind::Io),
        (Fault::Unreachable, ErrorKind::Unreachable),
        (Fault::Vanish, ErrorKind::Damaged),
        (Fault::CutTo(9), ErrorKind::Damaged),
        (Fault::Flip(5), ErrorKind::Damaged),
    ] {
        let place = p.faulty();
        let vault = p.on(place.clone());
        let reader = vault.reader().unwrap();
        let node = reader.find(snapshot, "old").unwrap().unwrap();
        let fired = place.from_nth(1, Op::Read, Some(FileKind::Pack), fault);
        let mut buffer = vec![0; 1000];
        let error = reader.read_at(&node, 100_000, &mut buffer).unwrap_err();
        assert!(fired.get());
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        let mut out = Vec::new();
        let error = std::io::Read::read_to_end(&mut reader.open(&node).unwrap(), &mut out).unwrap_err();
        let inner = error
            .get_ref()
            .and_then(|e| e.downcast_ref::<VaultError>())
            .expect("the error within");
        assert_eq!(inner.kind(), kind, "{fault:?}: {inner}");
        assert!(data.starts_with(&out));
        // What comes and goes is forgotten when it is over.
        place.heal();
        assert!(content_at(&vault, snapshot, "old") == *data);
        assert_eq!(reader.read_at(&node, 100_000, &mut buffer).unwrap(), 1000);
    }
}

#[test]
fn one_failed_read_is_made_up_for() {
    let p = Prepared::new();
    let (snapshot, data) = (&p.snapshot, &p.data);
    for n in 1..6 {
        let place = p.faulty();
        let vault = p.on(place.clone());
        let fired = place.on_nth(n, Op::Read, Some(FileKind::Pack), Fault::Flip(3));
        let reader = vault.reader().unwrap();
        let read = reader
            .find(snapshot, "old")
            .map(|node| crate::support::content(&reader, &node.unwrap()));
        assert!(fired.get() || n > 2, "{n}");
        assert!(read.unwrap() == *data);
    }
}
