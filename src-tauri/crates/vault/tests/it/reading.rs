//! Reading at any offset, walking, streaming.

use std::fs;
use std::io::Read as _;

use backstay_vault::place::{Fault, FaultyPlace, FileKind, MemoryPlace, Op, Place as _};
use backstay_vault::{Chunking, ReaderOptions, VaultError};

use crate::support::{Scratch, attrs, draft, noise, small_packs, words};

#[test]
fn any_piece_of_a_file_reads_right() {
    let s = Scratch::new();
    let data = words(1, 3_333_333);
    let writer = s.vault.writer(small_packs()).unwrap();
    for (name, chunking) in [
        ("cdc", Chunking::ContentDefined),
        ("fixed", Chunking::Fixed(10_000)),
        ("whole", Chunking::Whole),
    ] {
        writer.put_bytes(name, &attrs(), &data, chunking).unwrap();
    }
    writer.put_bytes("empty", &attrs(), b"", Chunking::Whole).unwrap();
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let reader = s.vault.reader_with(&ReaderOptions { cache_bytes: 1 << 20 }).unwrap();
    for name in ["cdc", "fixed", "whole"] {
        let node = reader.find(&snapshot, name).unwrap().unwrap();
        let file = reader.file(&node).unwrap();
        assert_eq!(file.len(), 3_333_333);
        let random = noise(9, 16 * 80);
        for pair in random.chunks(16) {
            let offset = u64::from_le_bytes(pair[..8].try_into().unwrap()) % 3_400_000;
            let length = u64::from_le_bytes(pair[8..].try_into().unwrap()) as usize % 50_000;
            let mut piece = vec![0xee; length];
            let read = file.read_at(offset, &mut piece).unwrap();
            let from = (offset as usize).min(data.len());
            assert!(
                piece[..read] == data[from..(from + length).min(data.len())],
                "{name} {offset} {length}"
            );
        }
        for (offset, length, expected) in [
            (0, 10, 10),
            (3_333_333, 10, 0),
            (3_333_332, 10, 1),
            (u64::MAX, 5, 0),
            (5, 0, 0),
        ] {
            assert_eq!(reader.read_at(&node, offset, &mut vec![0; length]).unwrap(), expected);
        }
        let mut all = Vec::new();
        reader.open(&node).unwrap().read_to_end(&mut all).unwrap();
        assert!(all == data);
        let mut some = vec![0; 12_345];
        reader.open(&node).unwrap().read_exact(&mut some).unwrap();
        assert!(some == data[..12_345], "a stream may be dropped half read");
    }
    let empty = reader.find(&snapshot, "empty").unwrap().unwrap();
    assert!(reader.file(&empty).unwrap().is_empty());
    assert_eq!(reader.open(&empty).unwrap().read(&mut [0; 5]).unwrap(), 0);
    let root = reader.root(&snapshot);
    assert!(matches!(reader.open(&root), Err(VaultError::NotAFile { .. })));
    assert!(matches!(reader.list(&empty), Err(VaultError::NotADirectory { .. })));
}

#[test]
fn walking_goes_below_a_path_and_around_damage() {
    let s = Scratch::new();
    let writer = s.vault.writer(small_packs()).unwrap();
    for path in ["a/1", "a/b/2", "a/b/c/3", "d/4"] {
        writer.put_bytes(path, &attrs(), b"x", Chunking::Whole).unwrap();
    }
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let reader = s.vault.reader().unwrap();
    let paths = |below: &str| -> Vec<String> {
        reader
            .walk(&snapshot, below)
            .unwrap()
            .map(|e| String::from_utf8(e.path).unwrap())
            .collect()
    };
    assert_eq!(paths(""), ["a", "a/1", "a/b", "a/b/2", "a/b/c", "a/b/c/3", "d", "d/4"]);
    assert_eq!(paths("/a/b/"), ["a/b/2", "a/b/c", "a/b/c/3"]);
    assert_eq!(paths("d/4"), ["d/4"]);
    assert!(matches!(reader.walk(&snapshot, "zz"), Err(VaultError::PathNotFound { .. })));
    assert!(reader.find(&snapshot, "a/1/below").unwrap().is_none());
    let mut walk = reader.walk(&snapshot, "").unwrap();
    let mut seen = Vec::new();
    while let Some(entry) = walk.next() {
        if entry.path == b"a/b" {
            walk.skip_directory();
        }
        seen.push(entry.path);
    }
    assert_eq!(seen, [&b"a"[..], b"a/1", b"a/b", b"d", b"d/4"]);

    // One listing is lost: it is named, and the rest is walked.
    let b = reader.find(&snapshot, "a/b").unwrap().unwrap();
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("elsewhere", &attrs(), b"y", Chunking::Whole).unwrap();
    let mut lost = b.clone();
    lost.subtree = Some(backstay_vault::Id([3; 32]));
    assert!(matches!(writer.reuse("lost", &lost), Err(VaultError::BlobMissing { .. })));
    drop(writer);
    let located = reader
        .index()
        .first(backstay_vault::pack::BlobKind::Tree, &b.subtree.unwrap())
        .unwrap();
    let pack = reader.index().packs()[located.pack as usize].id;
    let path = s.place().path(FileKind::Pack, &pack);
    let mut bytes = fs::read(&path).unwrap();
    bytes[located.blob.offset as usize + 20] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let fresh = s.reopen().reader().unwrap();
    let entries: Vec<_> = fresh.walk(&snapshot, "").unwrap().collect();
    let bad: Vec<_> = entries.iter().filter(|e| e.error.is_some()).map(|e| e.path.clone()).collect();
    assert_eq!(bad, [b"a/b".to_vec()]);
    assert_eq!(entries.last().unwrap().path, b"d/4");
}

#[test]
fn a_reader_notices_what_others_write_and_move() {
    let s = Scratch::new();
    let save = |name: &str, seed, n| {
        let writer = s.vault.writer(small_packs()).unwrap();
        writer
            .put_bytes(name, &attrs(), &noise(seed, 200_000), Chunking::Fixed(8192))
            .unwrap();
        writer.commit(draft(n)).unwrap().snapshot
    };
    let first = save("one", 1, 0);
    let reader = s.reopen().reader_with(&ReaderOptions { cache_bytes: 1 }).unwrap();
    let second = save("two", 2, 1);
    let two = reader.find(&second, "two").unwrap().unwrap();
    assert!(
        crate::support::content(&reader, &two) == noise(2, 200_000),
        "written after the reader was opened"
    );
    // restic moves everything into other packs.
    s.restic_ok(&["forget", &first.id.to_hex()]);
    s.restic_ok(&["prune", "--max-unused", "0", "--repack-small"]);
    assert!(
        crate::support::content(&reader, &two) == noise(2, 200_000),
        "moved after the reader was opened"
    );
    assert_eq!(s.place().list(FileKind::Snapshot).unwrap().len(), 1);
}

#[test]
fn large_blobs_are_remembered_too() {
    let place = std::sync::Arc::new(MemoryPlace::default());
    let vault = backstay_vault::Vault::create(place.clone(), "x", &crate::support::cheap()).unwrap();
    let writer = vault.writer(small_packs()).unwrap();
    let data = words(3, 4 << 20);
    writer.put_bytes("shard", &attrs(), &data, Chunking::Whole).unwrap();
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let reader = vault.reader().unwrap();
    let node = reader.find(&snapshot, "shard").unwrap().unwrap();
    let mut piece = vec![0; 100];
    reader.read_at(&node, 5, &mut piece).unwrap();
    for (id, _) in place.list(FileKind::Pack).unwrap() {
        place.remove(FileKind::Pack, &id).unwrap();
    }
    assert_eq!(reader.read_at(&node, 3_000_000, &mut piece).unwrap(), 100);
    assert!(piece == data[3_000_000..3_000_100]);
    let fresh = vault.reader().unwrap();
    assert!(
        fresh.read_at(&node, 3_000_000, &mut piece).is_err(),
        "nothing is left to read from"
    );
}

#[test]
fn guard_d_a_stream_reads_only_a_little_ahead() {
    let inner = std::sync::Arc::new(MemoryPlace::default());
    let vault = backstay_vault::Vault::create(inner.clone(), "x", &crate::support::cheap()).unwrap();
    // One worker, so that the blobs lie in order.
    let options = backstay_vault::WriterOptions {
        threads: Some(1),
        ..Default::default()
    };
    let writer = vault.writer(options).unwrap();
    let data = noise(3, 40 << 20);
    writer.put_bytes("f", &attrs(), &data, Chunking::Fixed(1 << 20)).unwrap();
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let place = FaultyPlace::new(inner);
    let unlock = backstay_vault::Unlock::MasterKey(vault.master_key().clone());
    let reader = backstay_vault::Vault::open(place.clone(), &unlock).unwrap().reader().unwrap();
    let node = reader.find(&snapshot, "f").unwrap().unwrap();
    // One reading fetches 4 MiB at most: the third would go beyond 8 of the 40.
    let third = place.from_nth(3, Op::Read, Some(FileKind::Pack), Fault::Io);
    let mut stream = reader.open(&node).unwrap();
    assert_eq!(stream.next_piece().unwrap().unwrap().len(), 1 << 20);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(!third.get(), "it read on although nobody asked");
    // Asked for, it comes, and fails as it must; a piece that failed is tried once more by itself.
    let mut pieces = 1;
    let error = loop {
        match stream.next_piece() {
            Ok(Some(_)) => pieces += 1,
            Ok(None) => panic!("the end came early"),
            Err(e) => break e,
        }
    };
    assert!(third.get() && (4..=8).contains(&pieces), "{pieces}: {error}");
}

#[test]
fn bytes_of_a_file_come_whole_wherever_blobs_end() {
    let s = Scratch::new();
    let data = words(7, 300_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer
        .put_bytes("blocks", &attrs(), &data, Chunking::Fixed(64 << 10))
        .unwrap();
    let one = writer.put_whole("one", &attrs(), data.clone().into()).unwrap();
    assert_eq!((one.size, one.content.len()), (data.len() as u64, 1));
    let empty = writer.put_whole("empty", &attrs(), Default::default()).unwrap();
    assert_eq!((empty.size, empty.content.len()), (0, 0));
    assert!(
        writer.put_whole("one", &attrs(), data.clone().into()).is_err(),
        "given before"
    );
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let reader = s.reopen().reader().unwrap();
    for name in ["blocks", "one"] {
        let file = reader.file(&reader.find(&snapshot, name).unwrap().unwrap()).unwrap();
        for offset in [0, 1, 65_535, 65_536, 200_000, 299_999, 300_000, 300_001, 1 << 40] {
            for length in [0, 1, 100, 60_000, 65_536, 70_000, 300_000, 400_000] {
                let from = (offset as usize).min(data.len());
                let to = (from + length).min(data.len());
                assert!(
                    file.bytes_at(offset, length).unwrap() == data[from..to],
                    "{name} {offset} {length}"
                );
            }
        }
    }
}
