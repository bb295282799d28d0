//! A damaged previous snapshot is passed over: the next backup is right and merely costs more.

use backstay_model::Verdict;
use backstay_source_kit::MemorySource;
use backstay_vault::{FileKind, Place as _};

use crate::{
    backup::fill,
    bench::{Bench, Dump, json},
};

#[test]
fn a_damaged_snapshot_file_is_passed_over() {
    let bench = Bench::new();
    fill(&bench.source);
    let first = bench.backup();
    bench.source.put("notes", "n0001", json("1"));
    let second = bench.backup();
    bench.place.tamper(FileKind::Snapshot, &second.snapshot.id, |mut content| {
        content[20] ^= 1;
        Some(content)
    });
    let third = bench.backup();
    assert_eq!(third.snapshot.parent, Some(first.snapshot.id));
    assert_eq!(third.meta.verdict, Verdict::Complete);
    assert_eq!(Dump::of(&bench.open(&third.snapshot)), Dump::of(&bench.live()));
}

/// Damages every pack that only the second backup wrote, one at a time.
fn damaged_packs(source: fn() -> MemorySource, how: fn(Vec<u8>) -> Option<Vec<u8>>) {
    let mut broken = 0;
    for pack in 0.. {
        let bench = Bench::with(source());
        fill(&bench.source);
        bench.backup();
        let old = bench.place.list(FileKind::Pack).unwrap();
        for n in 0..300 {
            bench
                .source
                .put("notes", &format!("n{n:04}"), json(&format!("\"changed {n}\"")));
        }
        bench.source.file("docs/new/file.txt", &b"new"[..]);
        bench.backup();
        let mut packs = bench.place.list(FileKind::Pack).unwrap();
        packs.retain(|pack| !old.contains(pack));
        packs.sort();
        let Some((id, _)) = packs.get(pack) else { break };
        broken += 1;
        bench.place.tamper(FileKind::Pack, id, how);
        bench.source.put("notes", "late", json("1"));
        let third = bench.backup();
        assert_eq!(third.meta.verdict, Verdict::Complete);
        assert_eq!(Dump::of(&bench.open(&third.snapshot)), Dump::of(&bench.live()), "pack {pack}");
    }
    assert!(broken >= 2, "{broken} packs were damaged");
}

#[test]
fn lost_packs_of_the_previous_snapshot_do_not_stop_the_next() {
    damaged_packs(MemorySource::default, |_| None);
    damaged_packs(MemorySource::with_feed, |_| None);
}
