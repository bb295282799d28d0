//! What a writer promises: nothing that looks complete but is not, any order, any thread, nothing stored twice.

use std::fs;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use backstay_model::ErrorKind;
use backstay_vault::place::FileKind;
use backstay_vault::{Chunking, FileAttrs, VaultError, WriterOptions};

use crate::support::{Scratch, Slow, attrs, content, content_at, draft, noise, small_packs, words};

#[test]
fn guard_a_a_failing_source_leaves_no_snapshot() {
    let s = Scratch::new();
    let data = words(1, 3_000_000);
    for fails_at in [0, 1000, 2_500_000] {
        let writer = s.vault.writer(small_packs()).unwrap();
        writer.put_bytes("good", &attrs(), b"good", Chunking::Whole).unwrap();
        let mut broken = Slow {
            fails_at: Some(fails_at),
            ..Slow::new(&data, 100_000)
        };
        let size = data.len() as u64;
        let error = writer
            .put_file("dir/bad", &attrs(), size, &mut broken, Chunking::ContentDefined)
            .unwrap_err();
        assert!(
            matches!(&error, VaultError::Source { path, .. } if path == "dir/bad"),
            "{error}"
        );
        assert!(error.to_string().contains("hung up"));
        assert_eq!(writer.gaps(), [b"dir/bad".to_vec()]);
        let veto = writer.commit(draft(0)).unwrap_err();
        assert!(
            matches!(&veto, VaultError::Vetoed { path, missing: 1 } if path == "dir/bad"),
            "{veto}"
        );
        assert_eq!(veto.kind(), ErrorKind::Refused);
    }
    assert_eq!(s.files(FileKind::Snapshot).len(), 0);
    assert_eq!(s.files(FileKind::Lock).len(), 0);
    s.check();
}

#[test]
fn guard_a_a_gap_is_accepted_by_name_only() {
    let s = Scratch::new();
    let data = words(1, 100_000);
    for (gaps, saved) in [
        (vec![], false),
        (vec![&b"other"[..]], false),
        (vec![&b"bad"[..], b"more"], true),
    ] {
        let writer = s.vault.writer(small_packs()).unwrap();
        writer.put_bytes("good", &attrs(), b"good", Chunking::Whole).unwrap();
        let mut broken = Slow {
            fails_at: Some(50_000),
            ..Slow::new(&data, 1000)
        };
        writer
            .put_file("bad", &attrs(), 100_000, &mut broken, Chunking::ContentDefined)
            .unwrap_err();
        let mut draft = draft(0);
        draft.gaps = gaps.iter().map(|g| g.to_vec()).collect();
        match writer.commit(draft) {
            Ok(written) => {
                assert!(saved);
                let reader = s.vault.reader().unwrap();
                assert!(reader.find(&written.snapshot, "bad").unwrap().is_none());
                assert!(reader.find(&written.snapshot, "good").unwrap().is_some());
            }
            Err(e) => assert!(!saved, "{e}"),
        }
    }
    // A file that failed at first and was stored later is no gap.
    let writer = s.vault.writer(small_packs()).unwrap();
    let mut broken = Slow {
        fails_at: Some(5),
        ..Slow::new(&data, 1000)
    };
    writer
        .put_file("f", &attrs(), 100_000, &mut broken, Chunking::Whole)
        .unwrap_err();
    writer.put_bytes("f", &attrs(), &data, Chunking::Whole).unwrap();
    let snapshot = writer.commit(draft(1)).unwrap().snapshot;
    assert!(content_at(&s.vault, &snapshot, "f") == data);
    s.check();
}

#[test]
fn guard_b_a_size_that_is_not_kept_is_an_error() {
    let s = Scratch::new();
    let data = words(1, 600_000);
    for chunking in [Chunking::Whole, Chunking::Fixed(4096), Chunking::ContentDefined] {
        for promised in [0, 1, 599_999, 600_001, 10_000_000] {
            let writer = s.vault.writer(small_packs()).unwrap();
            let error = writer
                .put_file("f", &attrs(), promised, &mut &data[..], chunking)
                .unwrap_err();
            let expected = 600_000.min(promised + 1);
            let VaultError::SizeChanged {
                promised: p, delivered, ..
            } = error
            else {
                panic!("{error}")
            };
            assert_eq!((p, delivered), (promised, expected), "{chunking:?}");
            assert_eq!(
                error_kind(writer.commit(draft(0))),
                ErrorKind::Refused,
                "{chunking:?} {promised}"
            );
        }
    }
}

fn error_kind<T>(result: Result<T, VaultError>) -> ErrorKind {
    result.err().expect("an error").kind()
}

#[test]
fn guard_a_cancelling_leaves_no_snapshot() {
    let s = Scratch::new();
    let cancel = Arc::new(AtomicBool::new(false));
    let options = || WriterOptions {
        cancel: Some(cancel.clone()),
        ..small_packs()
    };
    let writer = s.vault.writer(options()).unwrap();
    let data = words(1, 10_000_000);
    let mut reader = CancelAt {
        data: &data,
        at: 2_000_000,
        cancel: cancel.clone(),
    };
    let error = writer
        .put_file("f", &attrs(), data.len() as u64, &mut reader, Chunking::ContentDefined)
        .unwrap_err();
    assert!(matches!(error, VaultError::Cancelled), "{error}");
    assert!(reader.data.len() > 1_000_000, "it did not read on to the end");
    assert_eq!(
        error_kind(writer.put_bytes("g", &attrs(), b"", Chunking::Whole)),
        ErrorKind::Cancelled
    );
    assert_eq!(error_kind(writer.commit(draft(0))), ErrorKind::Cancelled);
    assert_eq!(s.files(FileKind::Snapshot).len(), 0);
}

struct CancelAt<'a> {
    data: &'a [u8],
    at: usize,
    cancel: Arc<AtomicBool>,
}

impl std::io::Read for CancelAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.data.read(buffer)?;
        if self.data.len() < 10_000_000 - self.at {
            self.cancel.store(true, Ordering::SeqCst);
        }
        Ok(read)
    }
}

#[test]
fn guard_f_short_reads_give_the_same_blobs_at_no_cost() {
    let s = Scratch::new();
    let data = words(3, 6_000_000);
    let writer = s.vault.writer(WriterOptions::default()).unwrap();
    for (n, chunking) in [Chunking::ContentDefined, Chunking::Fixed(16 << 10), Chunking::Whole]
        .into_iter()
        .enumerate()
    {
        let size = data.len() as u64;
        let start = Instant::now();
        let whole = writer
            .put_file(format!("whole{n}"), &attrs(), size, &mut &data[..], chunking)
            .unwrap();
        let quick = start.elapsed();
        for step in [1, 7, 64, 4095] {
            let start = Instant::now();
            let mut slow = Slow::new(&data, step);
            let node = writer
                .put_file(format!("{step}-{n}"), &attrs(), size, &mut slow, chunking)
                .unwrap();
            assert_eq!(node.content, whole.content, "{chunking:?} in steps of {step}");
            let limit = quick * 6 + std::time::Duration::from_millis(if step == 1 { 1500 } else { 300 });
            assert!(
                start.elapsed() < limit,
                "steps of {step} took {:?} instead of {quick:?}",
                start.elapsed()
            );
        }
    }
    let written = writer.commit(draft(0)).unwrap();
    assert!(
        written.stats.bytes_new < 19_000_000,
        "stored once for each chunking: {:?}",
        written.stats
    );
}

#[test]
fn guard_g_many_small_files_are_fast() {
    let s = Scratch::new();
    let writer = s.vault.writer(WriterOptions::default()).unwrap();
    let start = Instant::now();
    for n in 0..20_000 {
        let text = format!("{{\"id\":{n},\"text\":\"some text that is short\"}}");
        let path = format!("d{}/f{n}", n % 20);
        writer
            .put_bytes(path, &attrs(), text.as_bytes(), Chunking::ContentDefined)
            .unwrap();
    }
    let written = writer.commit(draft(0)).unwrap();
    // A set-up of only half a millisecond for each would take all of this.
    assert!(start.elapsed().as_secs_f64() < 10.0, "{:?}", start.elapsed());
    assert_eq!((written.stats.files, written.stats.data_blobs), (20_000, 20_000));
    assert!(written.stats.packs <= 4, "{:?}", written.stats);
    assert_eq!(
        content_at(&s.vault, &written.snapshot, "d7/f4007"),
        b"{\"id\":4007,\"text\":\"some text that is short\"}"
    );
    s.check();
}

#[test]
fn paths_come_in_any_order_and_once() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    for path in ["b/2", "a/x/y/z", "b/10", "a/x/y.txt", "c", "b/1", "a.b/c"] {
        writer.put_bytes(path, &attrs(), path.as_bytes(), Chunking::Whole).unwrap();
    }
    writer
        .put_dir(
            "a/x",
            &FileAttrs {
                mode: Some(0o700),
                ..attrs()
            },
        )
        .unwrap();
    let put = |path: &str| writer.put_bytes(path, &attrs(), b"", Chunking::Whole).unwrap_err();
    assert!(matches!(put("c"), VaultError::DuplicatePath { .. }));
    assert!(matches!(put("a/x"), VaultError::DuplicatePath { .. }));
    assert!(matches!(put("c/below-a-file"), VaultError::DuplicatePath { .. }));
    assert!(matches!(
        writer.put_dir("a/x", &attrs()),
        Err(VaultError::DuplicatePath { .. })
    ));
    for bad in ["", "/", "a//b", "/a", "a/", "../a", "a/./b", "a\0b"] {
        let error = writer.put_bytes(bad, &attrs(), b"", Chunking::Whole).unwrap_err();
        assert!(matches!(error, VaultError::BadPath { .. }), "{bad:?}: {error}");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
    writer.finish_dir("a").unwrap();
    assert!(matches!(put("a/x/later"), VaultError::DirectoryFinished { .. }));
    assert!(matches!(writer.finish_dir("nowhere"), Err(VaultError::NotADirectory { .. })));
    writer.put_bytes("a.b/d", &attrs(), b"a.b/d", Chunking::Whole).unwrap();
    let mut draft = draft(0);
    draft.gaps = writer.gaps();
    let snapshot = writer.commit(draft).unwrap().snapshot;
    let reader = s.vault.reader().unwrap();
    let walked: Vec<String> = reader
        .walk(&snapshot, "")
        .unwrap()
        .map(|e| String::from_utf8(e.path).unwrap())
        .collect();
    let expected = [
        "a",
        "a/x",
        "a/x/y",
        "a/x/y/z",
        "a/x/y.txt",
        "a.b",
        "a.b/c",
        "a.b/d",
        "b",
        "b/1",
        "b/10",
        "b/2",
        "c",
    ];
    assert_eq!(walked, expected);
    assert_eq!(reader.find(&snapshot, "a/x").unwrap().unwrap().attrs.mode, Some(0o700));
    for path in expected {
        let node = reader.find(&snapshot, path).unwrap().unwrap();
        if node.is_file() {
            assert_eq!(content(&reader, &node), path.as_bytes());
        }
    }
    s.check();
}

#[test]
fn a_directory_of_many_entries_works() {
    let s = Scratch::new();
    let writer = s.vault.writer(WriterOptions::default()).unwrap();
    for n in (0..25_000).rev() {
        writer
            .put_bytes(format!("wide/{n}"), &attrs(), b"same", Chunking::Whole)
            .unwrap();
    }
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let reader = s.vault.reader().unwrap();
    let wide = reader.list(&reader.find(&snapshot, "wide").unwrap().unwrap()).unwrap();
    assert_eq!(wide.len(), 25_000);
    assert!(wide.is_sorted_by(|a, b| a.name < b.name));
    assert_eq!(
        s.restic_ok(&["ls", "latest", "/wide"])
            .lines()
            .filter(|l| l.starts_with("/wide/"))
            .count(),
        25_000
    );
}

#[test]
fn several_threads_write_at_once() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    let shared = words(99, 900_000);
    std::thread::scope(|scope| {
        for thread in 0..8u64 {
            let (writer, shared) = (&writer, &shared);
            scope.spawn(move || {
                for n in 0..20 {
                    let data = words(thread * 1000 + n, 10_000 + 9_000 * n as usize);
                    writer
                        .put_bytes(format!("t{thread}/{n}"), &attrs(), &data, Chunking::ContentDefined)
                        .unwrap();
                    writer
                        .put_bytes(format!("same/{thread}-{n}"), &attrs(), shared, Chunking::Fixed(16384))
                        .unwrap();
                }
                writer.finish_dir(format!("t{thread}")).unwrap();
            });
        }
    });
    let written = writer.commit(draft(0)).unwrap();
    for (thread, n) in [(0, 0), (3, 7), (7, 19)] {
        let data = words(thread * 1000 + n, 10_000 + 9_000 * n as usize);
        assert!(content_at(&s.vault, &written.snapshot, &format!("t{thread}/{n}")) == data);
        assert!(content_at(&s.vault, &written.snapshot, &format!("same/{thread}-{n}")) == shared);
    }
    let distinct: u64 = 8 * (0..20).map(|n| 10_000 + 9_000 * n).sum::<u64>();
    assert!(
        written.stats.bytes_new < distinct + 1_800_000,
        "what all have in common is stored once: {distinct} {:?}",
        written.stats
    );
    s.check();
}

#[test]
fn unchanged_content_is_not_stored_again() {
    let s = Scratch::new();
    let data = noise(1, 5_000_000);
    let save = |n| {
        let writer = s.reopen().writer(small_packs()).unwrap();
        writer.put_bytes("dir/f", &attrs(), &data, Chunking::ContentDefined).unwrap();
        writer.commit(draft(n)).unwrap()
    };
    let first = save(0);
    let second = save(1);
    assert!(first.stats.bytes_stored > 5_000_000);
    assert_eq!((second.stats.bytes_stored, second.stats.packs), (0, 0));
    assert_eq!(first.snapshot.tree, second.snapshot.tree);

    // Inserted bytes move everything behind them; content-defined chunks do not mind.
    let changed = [&data[..1_000_000], b"inserted", &data[1_000_000..]].concat();
    let writer = s.vault.writer(small_packs()).unwrap();
    writer
        .put_bytes("dir/f", &attrs(), &changed, Chunking::ContentDefined)
        .unwrap();
    let third = writer.commit(draft(2)).unwrap();
    assert!(third.stats.bytes_new < 4_500_000, "{:?}", third.stats);

    // Taken over: nothing is read.
    let vault = s.reopen();
    let reader = vault.reader().unwrap();
    let dir = reader.find(&third.snapshot, "dir").unwrap().unwrap();
    let file = reader.find_below(&dir, "f").unwrap().unwrap();
    let writer = vault.writer(small_packs()).unwrap();
    assert_eq!(writer.reuse("dir", &dir).unwrap().name, b"dir");
    assert_eq!(writer.reuse("renamed", &file).unwrap().name, b"renamed");
    assert!(matches!(
        writer.reuse("dir/more", &file),
        Err(VaultError::DirectoryFinished { .. })
    ));
    let fourth = writer.commit(draft(3)).unwrap();
    assert_eq!(
        (fourth.stats.data_blobs, fourth.stats.files_reused, fourth.stats.dirs_reused),
        (0, 1, 1)
    );
    assert!(content_at(&vault, &fourth.snapshot, "renamed") == changed);
    assert!(content_at(&vault, &fourth.snapshot, "dir/f") == changed);
    s.check();
}

#[test]
fn what_a_broken_run_stored_is_found_again() {
    let s = Scratch::new();
    let data = noise(1, 3_000_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("f", &attrs(), &data, Chunking::Fixed(16384)).unwrap();
    writer.abort();
    assert!(!s.files(FileKind::Index).is_empty());
    let writer = s.reopen().writer(small_packs()).unwrap();
    writer.put_bytes("f", &attrs(), &data, Chunking::Fixed(16384)).unwrap();
    let written = writer.commit(draft(0)).unwrap();
    assert!(written.stats.bytes_stored < 700_000, "{:?}", written.stats);
    s.check();

    // A run that was killed wrote no index at its end, but one every 30 packs.
    let data = noise(2, 20_000_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("f", &attrs(), &data, Chunking::Fixed(300 << 10)).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(800));
    let before = s.files(FileKind::Index).len();
    assert!(before >= 4, "{before}");
    // What a killed process leaves: its lock, and everything else as it is.
    let killed = s.dir.path().join("killed");
    assert!(
        std::process::Command::new("cp")
            .arg("-r")
            .arg(s.path())
            .arg(&killed)
            .status()
            .unwrap()
            .success()
    );
    writer.abort();
    fs::remove_dir_all(s.path()).unwrap();
    fs::rename(&killed, s.path()).unwrap();
    let writer = s.reopen().writer(small_packs()).unwrap();
    writer.put_bytes("f", &attrs(), &data, Chunking::Fixed(300 << 10)).unwrap();
    let written = writer.commit(draft(1)).unwrap();
    assert!(written.stats.bytes_stored < 10_000_000, "{:?}", written.stats);
    assert!(content_at(&s.vault, &written.snapshot, "f") == data);
}

#[test]
fn a_file_too_large_for_one_blob_is_refused_before_it_is_read() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    let error = writer
        .put_file("f", &attrs(), 1 << 40, &mut std::io::empty(), Chunking::Whole)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    let big = noise(4, 9_000_000);
    writer.put_bytes("g", &attrs(), &big, Chunking::Whole).unwrap();
    let mut draft = draft(0);
    draft.gaps = writer.gaps();
    let snapshot = writer.commit(draft).unwrap().snapshot;
    let mut read = Vec::new();
    let reader = s.vault.reader().unwrap();
    reader
        .open(&reader.find(&snapshot, "g").unwrap().unwrap())
        .unwrap()
        .read_to_end(&mut read)
        .unwrap();
    assert!(read == big);
}
