//! Bits that flip and bytes that go missing: never a panic, never wrong content.

use std::{fs, io::Read, path::Path};

use backstay_bundle::{Bundle, Format, Limits, Manifest};
use proptest::prelude::*;

use crate::support;

const FILES: &[(&str, &[u8])] = &[
    ("a.txt", b"first file with some text that packs well well well well well"),
    ("d/", b""),
    ("d/b.bin", &[7; 3000]),
    ("d/caf\u{e9}", b"odd name"),
];

/// Everything a bundle says, or that it was refused.
fn content(path: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let bundle = Bundle::open(path, &Limits::default()).ok()?;
    let list = Manifest::open(&bundle, None).ok()??;
    let mut out = Vec::new();
    for found in list.from("") {
        let found = found.ok()?;
        let mut bytes = Vec::new();
        if let Some(place) = &found.place {
            bundle.content(place, None).ok()?.read_to_end(&mut bytes).ok()?;
        }
        out.push((format!("{:?}", found.entry), bytes));
    }
    Some(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_mutated_archive_is_refused_or_says_the_same(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.zip");
        support::write(&path, Format::Zip, FILES);
        let right = content(&path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        if let Some(at) = cut {
            bytes.remove(at.index(bytes.len()));
        }
        fs::write(&path, &bytes).unwrap();
        if let Some(found) = content(&path) {
            prop_assert_eq!(found, right);
        }
    }
}
