//! Guards D and E: damaged vaults give typed errors, never wrong bytes, and damaged indexes are gone around.

use std::fs;
use std::path::Path;

use backstay_model::ErrorKind;
use backstay_vault::index::IndexWarning;
use backstay_vault::place::{FileKind, Place as _};
use backstay_vault::{Chunking, Snapshot, VaultError};

use crate::support::{Scratch, attrs, content_at, draft, noise, small_packs, words};

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn prepared() -> (Scratch, Snapshot, Vec<u8>) {
    let s = Scratch::new();
    let data = noise(7, 600_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("dir/f", &attrs(), &data, Chunking::Fixed(16 << 10)).unwrap();
    writer.put_bytes("dir/g", &attrs(), b"small", Chunking::Whole).unwrap();
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    (s, snapshot, data)
}

#[test]
fn guard_e_broken_index_files_block_nothing() {
    for garbage in [&b""[..], b"x", &[0; 32], &noise(3, 5000)] {
        let (s, snapshot, data) = prepared();
        let index = s.files(FileKind::Index);
        // One index file more, which stays good.
        let writer = s.vault.writer(small_packs()).unwrap();
        writer.put_bytes("second", &attrs(), b"second", Chunking::Whole).unwrap();
        let second = writer.commit(draft(1)).unwrap().snapshot;
        overwrite(&index[0], garbage);

        let vault = s.reopen();
        let reader = vault.reader().unwrap();
        assert!(
            matches!(reader.warnings()[..], [IndexWarning::IndexDamaged { .. }]),
            "{:?}",
            reader.warnings()
        );
        assert!(content_at(&vault, &snapshot, "dir/f") == data);
        assert_eq!(content_at(&vault, &second, "second"), b"second");
        // Writing works, and nothing is stored twice.
        let writer = vault.writer(small_packs()).unwrap();
        writer.put_bytes("dir/f", &attrs(), &data, Chunking::Fixed(16 << 10)).unwrap();
        let third = writer.commit(draft(2)).unwrap();
        assert_eq!(third.stats.data_blobs, 0);
        assert!(content_at(&vault, &third.snapshot, "dir/f") == data);
    }
}

#[test]
fn guard_e_a_lost_index_is_made_up_for_by_pack_headers() {
    let (s, snapshot, data) = prepared();
    for path in s.files(FileKind::Index) {
        fs::remove_file(path).unwrap();
    }
    let vault = s.reopen();
    assert!(content_at(&vault, &snapshot, "dir/f") == data);
    let reader = vault.reader().unwrap();
    let walked: Vec<_> = reader.walk(&snapshot, "").unwrap().map(|e| e.error.is_none()).collect();
    assert_eq!(walked, [true; 3]);
}

#[test]
fn guard_e_leftover_temporary_files_block_nothing() {
    let (s, snapshot, data) = prepared();
    for name in [".backstay-tmp-abc", "0123-tmp-77", "README", "tmp"] {
        for folder in ["", "index", "snapshots", "keys", "locks", "data/00", "data"] {
            fs::write(s.path().join(folder).join(name), b"half a file").unwrap();
        }
    }
    let vault = backstay_vault::Vault::open(
        std::sync::Arc::new(s.place()),
        &backstay_vault::Unlock::Password(crate::support::PASSWORD.into()),
    )
    .unwrap();
    assert!(vault.reader().unwrap().warnings().is_empty());
    assert!(content_at(&vault, &snapshot, "dir/f") == data);
    assert_eq!(vault.keys().unwrap().1, []);
    let writer = vault.writer(small_packs()).unwrap();
    writer.put_bytes("n", &attrs(), &noise(1, 100_000), Chunking::Whole).unwrap();
    writer.commit(draft(1)).unwrap();
    assert_eq!(vault.snapshots().unwrap().good.len(), 2);
    // The two forms of ours and restic's, in the six places where files lie.
    assert_eq!(s.place().leftovers().unwrap().len(), 12);
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Harm {
    Flipped,
    Cut,
    Missing,
}

#[test]
fn guard_d_damaged_packs_are_typed_errors() {
    for harm in [Harm::Flipped, Harm::Cut, Harm::Missing] {
        let (s, snapshot, data) = prepared();
        let node = s.vault.reader().unwrap().find(&snapshot, "dir/f").unwrap().unwrap();
        do_harm(&s, &node, harm);
        let vault = s.reopen();
        let reader = vault.reader().unwrap();
        let mut piece = vec![0; 100];
        let error = reader.read_at(&node, 10 * (16 << 10), &mut piece).unwrap_err();
        match error {
            VaultError::BlobMissing { id } => assert!(harm == Harm::Missing && id == node.content[10]),
            VaultError::BlobDamaged { id, .. } => assert!(harm != Harm::Missing && id == node.content[10]),
            other => panic!("{harm:?}: {other}"),
        }
        // What comes before it is read, in order, and then the error.
        let mut stream = reader.open(&node).unwrap();
        let mut out = Vec::new();
        let error = loop {
            match stream.next_piece() {
                Ok(Some(piece)) => out.extend_from_slice(&piece),
                Ok(None) => panic!("a damaged file looked whole"),
                Err(e) => break e,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Damaged);
        assert!(data.starts_with(&out) && out.len() <= 10 * (16 << 10));
    }
}

#[test]
fn a_backup_does_not_rely_on_packs_that_are_not_whole() {
    for harm in [Harm::Cut, Harm::Missing] {
        let (s, snapshot, data) = prepared();
        let reader = s.vault.reader().unwrap();
        let node = reader.find(&snapshot, "dir/f").unwrap().unwrap();
        let dir = reader.find(&snapshot, "dir").unwrap().unwrap();
        do_harm(&s, &node, harm);
        let writer = s.reopen().writer(small_packs()).unwrap();
        assert!(matches!(writer.reuse("dir/f", &node), Err(VaultError::BlobMissing { .. })));
        assert!(matches!(writer.reuse("d", &dir), Err(VaultError::BlobMissing { .. })));
        writer.put_bytes("dir/f", &attrs(), &data, Chunking::Fixed(16 << 10)).unwrap();
        let healed = writer.commit(draft(5)).unwrap();
        assert!(healed.stats.data_blobs > 0);
        assert!(content_at(&s.reopen(), &healed.snapshot, "dir/f") == data);
        assert!(
            content_at(&s.reopen(), &snapshot, "dir/f") == data,
            "and the old snapshot is whole again"
        );
    }
}

/// Harms the pack that holds the eleventh block of a file, from that block on.
fn do_harm(s: &Scratch, node: &backstay_vault::Node, harm: Harm) {
    let index = s.vault.reader().unwrap().index();
    let located = index.first(backstay_vault::pack::BlobKind::Data, &node.content[10]).unwrap();
    let path = s.place().path(FileKind::Pack, &index.packs()[located.pack as usize].id);
    let mut bytes = fs::read(&path).unwrap();
    match harm {
        Harm::Flipped => {
            bytes[located.blob.offset as usize + 40] ^= 1;
            overwrite(&path, &bytes);
        }
        Harm::Cut => overwrite(&path, &bytes[..located.blob.offset as usize + 8]),
        Harm::Missing => fs::remove_file(&path).unwrap(),
    }
}

#[test]
fn any_flipped_bit_and_any_cut_is_noticed_or_harmless() {
    let s = Scratch::new();
    let data = words(7, 60_000);
    let writer = s.vault.writer(small_packs()).unwrap();
    writer.put_bytes("dir/f", &attrs(), &data, Chunking::Fixed(16 << 10)).unwrap();
    let snapshot = writer.commit(draft(0)).unwrap().snapshot;
    let (mut noticed, mut harmless) = (0, 0);
    for kind in [
        FileKind::Config,
        FileKind::Key,
        FileKind::Snapshot,
        FileKind::Index,
        FileKind::Pack,
    ] {
        for (id, size) in s.place().list(kind).unwrap() {
            let path = s.place().path(kind, &id);
            let good = fs::read(&path).unwrap();
            for n in 0..50u64 {
                let at = (n * size / 50) as usize;
                let mut bad = good.clone();
                if n % 5 == 4 {
                    bad.truncate(at);
                } else {
                    bad[at] ^= 1 << (n % 8);
                }
                overwrite(&path, &bad);
                match read_all(&s, &snapshot) {
                    Ok(read) => {
                        assert!(read == data, "{kind} byte {at}: wrong bytes");
                        harmless += 1;
                    }
                    Err(error) => {
                        let kinds = [ErrorKind::Damaged, ErrorKind::NotFound, ErrorKind::Auth];
                        assert!(kinds.contains(&error.kind()), "{kind} byte {at}: {error}");
                        noticed += 1;
                    }
                }
            }
            overwrite(&path, &good);
        }
    }
    assert!(noticed > 150 && harmless > 50, "{noticed} noticed, {harmless} harmless");
    assert!(read_all(&s, &snapshot).unwrap() == data);
}

fn read_all(s: &Scratch, snapshot: &Snapshot) -> Result<Vec<u8>, VaultError> {
    let unlock = backstay_vault::Unlock::Password(crate::support::PASSWORD.into());
    let vault = backstay_vault::Vault::open(std::sync::Arc::new(s.place()), &unlock)?;
    let snapshots = vault.snapshots()?;
    let snapshot = snapshots.resolve(&snapshot.id.to_hex())?;
    let reader = vault.reader()?;
    let missing = || VaultError::PathNotFound { path: "dir/f".into() };
    let node = reader.find(snapshot, "dir/f")?.ok_or_else(missing)?;
    let mut stream = reader.open(&node)?;
    let mut out = Vec::new();
    while let Some(piece) = stream.next_piece()? {
        out.extend_from_slice(&piece);
    }
    Ok(out)
}
